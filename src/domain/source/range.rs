//! The range of a request: `{from}` and `{to}` of a slot.

use crate::domain::time::{Instant, from_millis};
use std::time::Duration;

/// How the ends of a range follow from a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// From the one to the other, before the ends are put on the grid.
    pub span: Duration,
    /// What the publisher's clock tells apart: ends lie on its grid, in UTC.
    pub granularity: Duration,
    /// Whether what happens at the very instant of an end belongs to it, as the publisher reads it.
    pub from_closed: bool,
    pub to_closed: bool,
    /// How late data may come: the range begins so much earlier.
    pub lag: Duration,
}

impl Range {
    /// One that is closed at both ends, to the second.
    pub fn of(span: Duration) -> Range {
        let (granularity, lag) = (Duration::from_secs(1), Duration::ZERO);
        Range { span, granularity, from_closed: true, to_closed: true, lag }
    }

    /// The ends for the slot that begins at this instant. Ranges of slots that follow each other
    /// have at least the instant between them in common, so nothing falls between two.
    pub fn ends(&self, slot: Instant) -> (Instant, Instant) {
        let begins = slot.millis().saturating_sub(millis(self.span));
        self.around(from_millis(begins.saturating_sub(millis(self.lag))), slot)
    }

    /// The ends for all that happens from the one instant on, and before the other.
    pub fn around(&self, from: Instant, to: Instant) -> (Instant, Instant) {
        let grid = millis(self.granularity).max(1);
        let down = from.millis().div_euclid(grid).saturating_mul(grid);
        let up = to.millis().saturating_add(grid - 1).div_euclid(grid).saturating_mul(grid);
        let from = if self.from_closed { down } else { down.saturating_sub(grid) };
        let to = if self.to_closed { up } else { up.saturating_add(grid) };
        (from_millis(from), from_millis(to))
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_iso;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        parse_iso(text).expect("an instant")
    }

    #[test]
    fn ends_lie_on_the_grid_and_open_ones_reach_beyond() {
        let slot = at("2026-11-24T10:07:00Z");
        let plain = Range::of(Duration::from_secs(3_600));
        assert_eq!(plain.ends(slot), (at("2026-11-24T09:07:00Z"), slot));
        let hours = Range { granularity: Duration::from_secs(3_600), ..plain };
        assert_eq!(hours.ends(slot), (at("2026-11-24T09:00:00Z"), at("2026-11-24T11:00:00Z")));
        let open = Range { from_closed: false, to_closed: false, ..hours };
        assert_eq!(open.ends(slot), (at("2026-11-24T08:00:00Z"), at("2026-11-24T12:00:00Z")));
        let late = Range { lag: Duration::from_secs(1_800), ..plain };
        assert_eq!(late.ends(slot).0, at("2026-11-24T08:37:00Z"));
    }

    proptest! {
        /// Whatever the grid of the publisher's clock and its ends: an event at any instant is in
        /// the range of some slot.
        #[test]
        fn no_instant_falls_between_two_ranges(
            every in 60i64..100_000, grid in 1u64..90_000, event in 0i64..5_000_000,
            from_closed: bool, to_closed: bool,
        ) {
            let span = Duration::from_secs(every as u64);
            let granularity = Duration::from_secs(grid);
            let range = Range { granularity, from_closed, to_closed, ..Range::of(span) };
            // The publisher sees instants on its grid.
            let seen = event.div_euclid(grid as i64) * grid as i64;
            let is_in = |slot: i64| {
                let (from, to) = range.ends(from_millis(slot * every * 1_000));
                let (from, to) = (from.millis() / 1_000, to.millis() / 1_000);
                let after = if from_closed { seen >= from } else { seen > from };
                let before = if to_closed { seen <= to } else { seen < to };
                after && before
            };
            let near = event / every;
            prop_assert!((near - 1..=near + 2).any(is_in));
        }
    }
}
