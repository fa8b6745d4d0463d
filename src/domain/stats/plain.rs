//! Numbers of any kind, gathered one by one: each statistic is kept up with each of them.

use super::{Extreme, Numbers, Reading, bounded};
use crate::domain::quantile::Quantiles;
use crate::domain::sum::Sum;
use crate::domain::time::from_millis;
use crate::domain::trace::Trace;

/// Two second moments are the same that differ by so small a part.
const SAME: f64 = 1e-12;

/// What is known of the numbers so far.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub count: u64,
    pub sum: Sum,
    pub squares: Sum,
    pub min: (f64, i64),
    pub max: (f64, i64),
    pub first: (i64, f64),
    pub last: (i64, f64),
    pub presence: u64,
    pub quantiles: Quantiles,
    pub trace: Option<Trace>,
}

impl Plain {
    pub fn new(quantiles: Quantiles, trace: Option<Trace>) -> Plain {
        Plain {
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
    pub fn absorb(&mut self, other: Plain) {
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

    /// The second moment. Where the histogram tells the same, to the error of a sum, as it does of
    /// decimals on their grid, it is what that tells: it need not be kept then.
    fn moment(&self) -> f64 {
        let ends = (self.min.0, self.max.0);
        let summed = bounded(self.sum.deviations(self.squares, self.count), self.count, ends);
        // Sums of whole numbers are exact: there is nothing to tell apart.
        let decimal =
            matches!(&self.quantiles, Quantiles::Grid { step, .. } if step.fract() != 0.0);
        let told = if decimal && summed > 0.0 { self.quantiles.moment() } else { None };
        told.filter(|told| (told - summed).abs() <= SAME * summed).unwrap_or(summed)
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
            m2: self.moment(),
            first: reading(self.first),
            last: reading(self.last),
            presence: self.presence,
            quantiles: self.quantiles,
            trace: self.trace.map(Trace::finish),
        })
    }
}
