//! What records say, in figures: all of them make one, in whatever order they come.

use crate::domain::digest::Period;
use crate::domain::hash::Digest;
use crate::domain::record::Record;
use crate::domain::row;
use crate::domain::time::{Instant, Window};
use std::collections::BTreeSet;
use std::ops::Range;

/// What some records say, in whatever order they come; not when they were seen.
#[derive(Clone, Default)]
pub(super) struct Told {
    sum: u128,
    count: u64,
    pub damaged: BTreeSet<Window>,
}

impl Told {
    /// Takes in a record, of each id one.
    pub fn enter(&mut self, record: &Record) {
        let said = row::said(record);
        let digest = Digest::of_parts(said.iter().map(String::as_str));
        let figure =
            digest.bytes().iter().take(16).fold(0, |all, byte| all << 8 | u128::from(*byte));
        self.sum = self.sum.wrapping_add(figure);
        self.count += 1;
    }

    /// Takes in what other records say.
    pub fn absorb(&mut self, other: Told) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
        self.damaged.extend(other.damaged);
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.damaged.is_empty()
    }

    pub fn short(&self) -> String {
        let damaged = self.damaged.iter().map(Window::to_string);
        let told = [format!("{} {:x}", self.count, self.sum)].into_iter().chain(damaged);
        short(&told.collect::<Vec<_>>())
    }
}

/// The times of the records that a report shows, and those of the period before.
pub(super) fn times(period: &Period) -> Range<Instant> {
    let own = period.times();
    period.before().map_or(own.start, |before| before.times().start.min(own.start))..own.end
}

/// Texts, in few digits.
pub(super) fn short(parts: &[String]) -> String {
    Digest::of_parts(parts.iter().map(String::as_str)).short(32)
}
