//! The statistics of one field of one series in one window, and their merge: a commutative
//! monoid, so the order of snapshots and batches does not matter.

use super::quantile::Quantiles;
use super::sum::Sum;
use super::texts::Texts;
use super::time::{Instant, from_millis};
use super::trace::Trace;
use std::cmp::Ordering;

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
    pub unit: Option<String>,
    pub values: Values,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    Numbers(Box<Numbers>),
    Texts(Texts),
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

    /// The quantile by nearest rank, 0 ≤ q ≤ 1; never beyond the values.
    pub fn quantile(&self, q: f64) -> f64 {
        self.quantiles.at(q, self.ends())
    }

    /// The least and the greatest value.
    pub fn ends(&self) -> (f64, f64) {
        (self.min.value, self.max.value)
    }

    /// Joins two parts; `None` when quantiles or traces of different resolution or step would
    /// have to be mixed: the caller leaves them apart and says so.
    pub fn merge(&self, other: &Numbers) -> Option<Numbers> {
        let trace = match (&self.trace, &other.trace) {
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
            (Values::Texts(a), Values::Texts(b)) => Values::Texts(a.merge(b)),
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

    pub fn numbers(&self) -> Option<&Numbers> {
        match &self.values {
            Values::Numbers(numbers) => Some(numbers),
            Values::Texts(_) => None,
        }
    }
}

/// Collects numbers one by one; the hot side of [`Numbers`].
#[derive(Clone, Debug)]
pub struct Gathering {
    count: u64,
    sum: Sum,
    squares: Sum,
    min: (f64, i64),
    max: (f64, i64),
    first: (i64, f64),
    last: (i64, f64),
    presence: u64,
    quantiles: Quantiles,
    trace: Option<Trace>,
}

impl Gathering {
    pub fn new(quantiles: Quantiles, trace: Option<Trace>) -> Gathering {
        Gathering {
            count: 0,
            sum: Sum::ZERO,
            squares: Sum::ZERO,
            min: (f64::INFINITY, i64::MAX),
            max: (f64::NEG_INFINITY, i64::MAX),
            first: (i64::MAX, f64::INFINITY),
            last: (i64::MIN, f64::NEG_INFINITY),
            presence: 0,
            quantiles,
            trace,
        }
    }

    /// Takes one finite value, seen `offset_ms` after the start of the window, at `ms`; whether
    /// that takes room that was not held before.
    pub fn add(&mut self, value: f64, ms: i64, offset_ms: i64) -> bool {
        // Of two zeros that are equal none must be the lesser: −0 becomes 0.
        let value = value + 0.0;
        self.count += 1;
        self.sum.add(value);
        self.squares.add_square(value);
        self.reach((value, ms), (value, ms));
        if (ms, value) < self.first {
            self.first = (ms, value);
        }
        if (ms, value) > self.last {
            self.last = (ms, value);
        }
        self.presence |= 1 << (offset_ms / 60_000).clamp(0, 59);
        if let Some(trace) = &mut self.trace {
            trace.add(value, offset_ms);
        }
        self.quantiles.add(value, 1)
    }

    /// How many bins another holds that this one does not.
    pub fn bins_beyond(&self, other: &Gathering) -> usize {
        self.quantiles.bins_beyond(&other.quantiles)
    }

    /// Takes a least and a greatest value, with the first instant of each.
    fn reach(&mut self, min: (f64, i64), max: (f64, i64)) {
        if min.0 < self.min.0 || min.0 == self.min.0 && min.1 < self.min.1 {
            self.min = min;
        }
        if max.0 > self.max.0 || max.0 == self.max.0 && max.1 < self.max.1 {
            self.max = max;
        }
    }

    /// Joins what two workers gathered over the same field and window.
    pub fn absorb(&mut self, other: Gathering) {
        self.count += other.count;
        self.sum.absorb(other.sum);
        self.squares.absorb(other.squares);
        self.reach(other.min, other.max);
        self.first = if other.first < self.first { other.first } else { self.first };
        self.last = if other.last > self.last { other.last } else { self.last };
        self.presence |= other.presence;
        self.quantiles.absorb(&other.quantiles);
        if let (Some(mine), Some(theirs)) = (&mut self.trace, &other.trace) {
            mine.absorb(theirs);
        }
    }

    /// The statistics; `None` when no value came.
    pub fn finish(self) -> Option<Numbers> {
        let reading = |(ms, value)| Reading { at: from_millis(ms), value };
        let extreme = |(value, ms)| Extreme { value, at: Some(from_millis(ms)) };
        (self.count > 0).then(|| Numbers {
            count: self.count,
            sum: self.sum.value(),
            min: extreme(self.min),
            max: extreme(self.max),
            m2: bounded(
                self.sum.deviations(self.squares, self.count),
                self.count,
                (self.min.0, self.max.0),
            ),
            first: reading(self.first),
            last: reading(self.last),
            presence: self.presence,
            quantiles: self.quantiles,
            trace: self.trace.map(Trace::finish),
        })
    }
}

#[cfg(test)]
mod tests;
