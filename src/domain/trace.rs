//! Traces: bins inside the hour, so that a report can draw a day at a finer step than the hour.

use super::sum::Sum;

const HOUR_S: u32 = 3600;

/// One bin: count, sum, minimum and maximum of the values that fell into it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bin {
    pub count: u64,
    sum: Sum,
    pub min: f64,
    pub max: f64,
}

impl Bin {
    const EMPTY: Bin = Bin { count: 0, sum: Sum::ZERO, min: f64::INFINITY, max: f64::NEG_INFINITY };

    pub fn new(count: u64, sum: f64, min: f64, max: f64) -> Bin {
        Bin { count, sum: Sum::of(sum), min, max }
    }

    pub fn of(count: u64, sum: Sum, (min, max): (f64, f64)) -> Bin {
        Bin { count, sum, min, max }
    }

    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    /// The mean; rounding never takes it beyond the values.
    pub fn mean(&self) -> f64 {
        (self.sum() / self.count as f64).max(self.min).min(self.max)
    }

    fn absorb(&mut self, other: &Bin) {
        self.count += other.count;
        self.sum.absorb(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// The bins of one hour at a step in seconds that divides the hour.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    step: u32,
    bins: Box<[Bin]>,
}

impl Trace {
    /// An empty trace; the step is held between 1 s and an hour.
    pub fn new(step: u32) -> Trace {
        let step = step.clamp(1, HOUR_S);
        Trace { step, bins: vec![Bin::EMPTY; Trace::places(step)].into() }
    }

    /// How many bins an hour has at a step.
    pub fn places(step: u32) -> usize {
        HOUR_S.div_ceil(step.clamp(1, HOUR_S)) as usize
    }

    /// Whether a step divides the hour into whole bins.
    pub fn divides(step: u32) -> bool {
        step > 0 && HOUR_S.is_multiple_of(step)
    }

    /// How many bins there are, with values or without.
    pub fn room(&self) -> usize {
        self.bins.len()
    }

    /// Step in seconds.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// The bins that hold values, by their place in the hour.
    pub fn bins(&self) -> impl Iterator<Item = (usize, &Bin)> {
        self.bins.iter().enumerate().filter(|(_, bin)| bin.count > 0)
    }

    pub fn add(&mut self, value: f64, offset_ms: i64) {
        self.put(
            offset_ms.max(0) as usize / (self.step as usize * 1000),
            &Bin::new(1, value, value, value),
        );
    }

    /// Adds a bin's content; a place outside the hour goes to the last bin.
    pub fn put(&mut self, place: usize, bin: &Bin) {
        let place = place.min(self.bins.len().saturating_sub(1));
        if let Some(known) = self.bins.get_mut(place) {
            known.absorb(bin);
        }
    }

    /// The same step, without what was binned.
    pub fn bare(&self) -> Trace {
        Trace { step: self.step, bins: Box::default() }
    }

    /// Joins a trace of the same step.
    pub fn absorb(&mut self, other: &Trace) {
        self.bins.iter_mut().zip(&other.bins).for_each(|(mine, theirs)| mine.absorb(theirs));
    }

    /// Rounds the sums to doubles, as they are stored.
    pub fn finish(mut self) -> Trace {
        self.bins.iter_mut().for_each(|bin| bin.sum = Sum::of(bin.sum()));
        self
    }

    /// Joins two traces; `None` when their steps differ.
    pub fn merge(&self, other: &Trace) -> Option<Trace> {
        let mut merged = self.clone();
        merged.absorb(other);
        (self.step == other.step).then(|| merged.finish())
    }
}
