//! The statistics of one field of one series in one window, and their merge: a commutative
//! monoid, so the order of snapshots and batches does not matter.

mod gathering;
mod gridded;
mod plain;

pub use gathering::Gathering;

use super::quantile::Quantiles;
use super::texts::Texts;
use super::time::Instant;
use super::trace::Trace;
use std::cmp::Ordering;
use std::sync::Arc;

/// A value at an instant.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    pub at: Instant,
    pub value: f64,
}

/// The least or the greatest value, and the first instant at which it was reached: unknown in
/// the rows of earlier versions.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Extreme {
    pub value: f64,
    pub at: Option<Instant>,
}

/// Mergeable statistics of numbers. The count is above zero.
#[derive(Clone, PartialEq, Debug)]
pub struct Numbers {
    pub count: u64,
    /// Exact to 1e-12 of the sum of absolute values.
    pub sum: f64,
    pub min: Extreme,
    pub max: Extreme,
    /// Second moment: sum of squared deviations from the mean.
    pub m2: f64,
    pub first: Reading,
    pub last: Reading,
    /// Bit m is set when a value fell into minute m of the hour.
    pub presence: u64,
    pub quantiles: Quantiles,
    pub trace: Option<Trace>,
}

/// What a row holds of one field.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldStats {
    pub unit: Option<Arc<str>>,
    pub values: Values,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    Numbers(Box<Numbers>),
    Texts(Box<Texts>),
}

impl Numbers {
    /// The mean; rounding never takes it beyond the values.
    pub fn mean(&self) -> f64 {
        let (min, max) = self.ends();
        (self.sum / self.count as f64).max(min).min(max)
    }

    /// Standard deviation of the values themselves (divisor n); of equal values exactly zero.
    pub fn deviation(&self) -> f64 {
        (bounded(self.m2, self.count, self.ends()) / self.count as f64).sqrt()
    }

    /// The quantile by nearest rank, 0 ≤ q ≤ 1; never beyond the values. `None` once thinned.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.quantiles.at(q, self.ends())
    }

    /// Whether quantiles and trace are not kept any more.
    pub fn is_thinned(&self) -> bool {
        self.quantiles == Quantiles::Dropped
    }

    /// Drops quantiles and trace; all else stays.
    pub fn thin(&mut self) {
        self.quantiles = Quantiles::Dropped;
        self.trace = None;
    }

    /// The least and the greatest value.
    pub fn ends(&self) -> (f64, f64) {
        (self.min.value, self.max.value)
    }

    /// Joins two parts; `None` when quantiles or traces of different resolution or step would
    /// have to be mixed: the caller leaves them apart and says so. With a thinned part all of it
    /// is thinned.
    pub fn merge(&self, other: &Numbers) -> Option<Numbers> {
        let trace = match (&self.trace, &other.trace) {
            _ if self.is_thinned() || other.is_thinned() => None,
            (None, None) => None,
            (Some(a), Some(b)) => Some(a.merge(b)?),
            _ => return None,
        };
        let (n, m) = (self.count as f64, other.count as f64);
        let apart = other.mean() - self.mean();
        // Chan, Golub, LeVeque (1983), "Algorithms for computing the sample variance".
        let m2 = self.m2 + other.m2 + apart * apart * n * m / (n + m);
        let count = self.count + other.count;
        let (min, max) = (self.min.or_less(other.min), self.max.or_greater(other.max));
        Some(Numbers {
            count,
            sum: (self.sum + other.sum).clamp(f64::MIN, f64::MAX),
            min,
            max,
            m2: bounded(m2, count, (min.value, max.value)),
            first: least(self.first, other.first),
            last: greatest(self.last, other.last),
            presence: self.presence | other.presence,
            quantiles: self.quantiles.merge(&other.quantiles)?,
            trace,
        })
    }
}

impl Extreme {
    fn or_less(self, other: Extreme) -> Extreme {
        self.or(other, Ordering::Less)
    }

    fn or_greater(self, other: Extreme) -> Extreme {
        self.or(other, Ordering::Greater)
    }

    /// The one that is less, or greater. Of equals the earlier; where one of them does not know
    /// its instant, it may have been the earlier.
    fn or(self, other: Extreme, wanted: Ordering) -> Extreme {
        match other.value.partial_cmp(&self.value) {
            Some(Ordering::Equal) => {
                let both = self.at.zip(other.at);
                Extreme { at: both.map(|(a, b)| a.min(b)), ..self }
            }
            Some(order) if order == wanted => other,
            _ => self,
        }
    }
}

/// The second moment, held where it can be (Popoviciu 1935): half of the values at each end at
/// most. What rounding leaves of equal values is zero then.
fn bounded(m2: f64, count: u64, (min, max): (f64, f64)) -> f64 {
    let half = (max / 2.0 - min / 2.0).abs();
    m2.clamp(0.0, f64::MAX).min(count as f64 * half * half)
}

/// Earlier first; at one instant the lesser value, so that order does not matter.
fn least(a: Reading, b: Reading) -> Reading {
    if (b.at, b.value) < (a.at, a.value) { b } else { a }
}

fn greatest(a: Reading, b: Reading) -> Reading {
    if (b.at, b.value) > (a.at, a.value) { b } else { a }
}

impl FieldStats {
    /// Joins two parts of one field; `None` when their units or kinds differ.
    pub fn merge(&self, other: &FieldStats) -> Option<FieldStats> {
        let values = match (&self.values, &other.values) {
            (Values::Numbers(a), Values::Numbers(b)) => Values::Numbers(Box::new(a.merge(b)?)),
            (Values::Texts(a), Values::Texts(b)) => Values::Texts(a.merge(b).into()),
            _ => return None,
        };
        (self.unit == other.unit).then(|| FieldStats { unit: self.unit.clone(), values })
    }

    /// Fills in when an extreme was, where the row does not say it and its first value tells.
    pub fn recall(&mut self) {
        let Values::Numbers(n) = &mut self.values else { return };
        for extreme in [&mut n.min, &mut n.max] {
            let told = (extreme.value == n.first.value).then_some(n.first.at);
            extreme.at = extreme.at.or(told);
        }
    }

    /// Without the counts of its quantiles: for who asks for none.
    pub fn without_quantiles(mut self) -> FieldStats {
        if let Values::Numbers(numbers) = &mut self.values {
            numbers.quantiles = numbers.quantiles.bare();
        }
        self
    }

    pub fn numbers(&self) -> Option<&Numbers> {
        match &self.values {
            Values::Numbers(numbers) => Some(numbers),
            Values::Texts(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
