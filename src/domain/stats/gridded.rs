//! Numbers that lie on a grid of which doubles hold each point exactly: whole numbers, halves,
//! fives. A value is one count more at its point; the count, the sum, the squares and the ends
//! follow from all counts at last. Those sums are whole numbers of steps, and so small that the
//! plain way would make no rounding: both ways give the same bits.

use super::plain::Plain;
use crate::domain::quantile::{Dense, Quantiles, WIDTH};
use crate::domain::sum::Sum;
use crate::domain::trace::{Bin, Trace};

/// Furthest point of a grid from zero, in steps.
const FURTHEST: u32 = 1 << 22;

/// Points for which there is room at once, from a multiple of it on: counts of a cache line.
const ROOM: i32 = 32;

/// A step is at most so many times a power of two, which lies between these.
const PARTS: f64 = 4_096.0;
const UNITS: (f64, f64) = (1e-18, 1e18);

#[derive(Clone, Debug)]
pub(super) struct Gridded {
    step: f64,
    /// Start of the window, in epoch milliseconds; instants are told from it.
    start: i64,
    /// The point of the first count.
    base: i32,
    /// From the least to the greatest point, and some room on both sides.
    counts: Vec<u16>,
    /// Points, each with the first instant at which it was reached.
    min: (i32, i32),
    max: (i32, i32),
    /// Instants, each with its point.
    first: (i32, i32),
    last: (i32, i32),
    presence: u64,
    trace: Option<Bins>,
}

/// A trace in steps of the grid.
#[derive(Clone, Debug)]
struct Bins {
    step: u32,
    bins: Box<[Steps]>,
}

/// One bin: count, sum, least and greatest point.
#[derive(Clone, Copy, Debug)]
struct Steps {
    sum: i64,
    count: u32,
    min: i32,
    max: i32,
}

impl Gridded {
    /// None where doubles do not hold each point of the grid.
    pub fn new(step: f64, trace: Option<u32>) -> Option<Gridded> {
        parts(step)?;
        let none = Steps { sum: 0, count: 0, min: i32::MAX, max: i32::MIN };
        let bins = |step| Bins { step, bins: vec![none; Trace::places(step)].into() };
        Some(Gridded {
            step,
            start: 0,
            base: 0,
            counts: Vec::new(),
            min: (i32::MAX, i32::MAX),
            max: (i32::MIN, i32::MAX),
            first: (i32::MAX, i32::MAX),
            last: (i32::MIN, i32::MIN),
            presence: 0,
            trace: trace.map(bins),
        })
    }

    /// Takes one value; whether that takes room that was not held before. None, and nothing is
    /// taken, where it is for the plain way.
    pub fn add(&mut self, value: f64, ms: i64, offset_ms: i64) -> Option<bool> {
        let point = (value / self.step) as i32;
        let is_on_grid = f64::from(point) * self.step == value;
        let start = ms.checked_sub(offset_ms)?;
        let at = i32::try_from(offset_ms).ok()?;
        let is_known = start == self.start || self.counts.is_empty();
        if !is_on_grid || point.unsigned_abs() > FURTHEST || !is_known {
            return None;
        }
        let is_new = point < self.min.0 || point > self.max.0;
        match self.counts.get_mut(place(point, self.base)) {
            Some(count) => *count = count.checked_add(1)?,
            None => {
                self.widen(point, point)?;
                *self.counts.get_mut(place(point, self.base))? += 1;
            }
        }
        self.start = start;
        self.reach((point, at), (point, at));
        self.first = self.first.min((at, point));
        self.last = self.last.max((at, point));
        self.presence |= 1 << (at / 60_000).clamp(0, 59);
        if let Some(Bins { step, bins }) = &mut self.trace {
            let place = at.max(0) as usize / (*step as usize * 1_000);
            let last = bins.len() - 1;
            bins[place.min(last)].absorb(&Steps {
                sum: i64::from(point),
                count: 1,
                min: point,
                max: point,
            });
        }
        Some(is_new)
    }

    /// Takes a least and a greatest point, with the first instant of each.
    fn reach(&mut self, min: (i32, i32), max: (i32, i32)) {
        self.min = self.min.min(min);
        if max.0 > self.max.0 || max.0 == self.max.0 && max.1 < self.max.1 {
            self.max = max;
        }
    }

    /// Holds room for points beside those that were reached; none where all of them would be wider
    /// than [`Dense`] is.
    fn widen(&mut self, low: i32, high: i32) -> Option<()> {
        let held = self.held();
        let (low, high) = match held.is_empty() {
            true => (low, high),
            false => (self.min.0.min(low), self.max.0.max(high)),
        };
        if i64::from(high) - i64::from(low) >= WIDTH {
            return None;
        }
        let (mut first, mut end) = (low & !(ROOM - 1), (high | (ROOM - 1)) + 1);
        if i64::from(end) - i64::from(first) > WIDTH {
            (first, end) = (low, high + 1);
        }
        let mut counts = vec![0; (end - first) as usize];
        let from = place(self.min.0, first);
        if let Some(same) = counts.get_mut(from..from + held.len()) {
            same.copy_from_slice(held);
        }
        (self.base, self.counts) = (first, counts);
        Some(())
    }

    /// The counts from the least to the greatest point.
    fn held(&self) -> &[u16] {
        let (from, to) = (place(self.min.0, self.base), place(self.max.0, self.base));
        self.counts.get(from..=to).unwrap_or_default()
    }

    /// Joins another of the same field and window; whether it fits, else nothing is joined.
    pub fn absorb(&mut self, other: &Gridded) -> bool {
        if other.counts.is_empty() {
            return true;
        }
        if self.counts.is_empty() {
            *self = other.clone();
            return true;
        }
        if self.start != other.start || self.sums(other).is_none() {
            return false;
        }
        self.reach(other.min, other.max);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.presence |= other.presence;
        if let (Some(mine), Some(theirs)) = (&mut self.trace, &other.trace) {
            let pairs = mine.bins.iter_mut().zip(&theirs.bins);
            pairs.for_each(|(mine, theirs)| mine.absorb(theirs));
        }
        true
    }

    /// Adds the counts of another, all or none.
    fn sums(&mut self, other: &Gridded) -> Option<()> {
        self.widen(other.min.0, other.max.0)?;
        let (from, theirs) = (place(other.min.0, self.base), other.held());
        let mine = self.counts.get_mut(from..from + theirs.len())?;
        let fits = mine.iter().zip(theirs).all(|(a, b)| a.checked_add(*b).is_some());
        fits.then(|| mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b))
    }

    /// The counts by their points, as quantiles are told.
    pub fn quantiles(&self) -> Quantiles {
        let counts = self.held().iter().map(|count| u64::from(*count)).collect();
        let base = if self.counts.is_empty() { 0 } else { self.min.0 };
        let counts = Dense::new(base.into(), counts);
        Quantiles::Grid { step: self.step, counts }
    }

    /// The same, as the plain way would hold it.
    pub fn plain(&self) -> Plain {
        let mut plain = Plain::new(self.quantiles(), self.trace.as_ref().map(|b| self.trace(b)));
        if self.counts.is_empty() {
            return plain;
        }
        let (mut count, mut sum, mut squares) = (0, 0, 0);
        for (point, times) in (self.min.0..).zip(self.held()).filter(|(_, times)| **times > 0) {
            let (point, times) = (i64::from(point), i64::from(*times));
            count += times as u64;
            sum += point * times;
            squares += i128::from(point * point * times);
        }
        let (parts, unit) = parts(self.step).unwrap_or((1, self.step));
        let ms = |at| self.start + i64::from(at);
        let value = |point| f64::from(point) * self.step;
        plain.count = count;
        plain.sum = Sum::whole(i128::from(sum) * parts, unit);
        plain.squares = Sum::whole(squares * parts * parts, unit * unit);
        plain.min = (value(self.min.0), ms(self.min.1));
        plain.max = (value(self.max.0), ms(self.max.1));
        plain.first = (ms(self.first.0), value(self.first.1));
        plain.last = (ms(self.last.0), value(self.last.1));
        plain.presence = self.presence;
        plain
    }

    fn trace(&self, Bins { step, bins }: &Bins) -> Trace {
        let mut trace = Trace::new(*step);
        let (parts, unit) = parts(self.step).unwrap_or((1, self.step));
        for (place, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
            let sum = Sum::whole(i128::from(bin.sum) * parts, unit);
            let ends = (f64::from(bin.min) * self.step, f64::from(bin.max) * self.step);
            trace.put(place, &Bin::of(bin.count.into(), sum, ends));
        }
        trace
    }
}

impl Steps {
    fn absorb(&mut self, other: &Steps) {
        self.sum += other.sum;
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// Where the count of a point stands, behind all others if before the first.
fn place(point: i32, base: i32) -> usize {
    point.wrapping_sub(base) as u32 as usize
}

/// A step as a whole number of parts, each a power of two; none where that are too many, or too
/// small or great ones.
fn parts(step: f64) -> Option<(i128, f64)> {
    let (mut parts, mut unit) = (step, 1.0);
    while parts.fract() != 0.0 && unit > UNITS.0 {
        (parts, unit) = (parts * 2.0, unit / 2.0);
    }
    while parts % 2.0 == 0.0 && unit < UNITS.1 {
        (parts, unit) = (parts / 2.0, unit * 2.0);
    }
    let fits = parts.fract() == 0.0 && (1.0..=PARTS).contains(&parts);
    (fits && UNITS.0 < unit && unit < UNITS.1).then_some((parts as i128, unit))
}
