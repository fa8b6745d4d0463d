//! When a source is due: time cut into slots of its period, shifted by a splay of its own.
//!
//! Invariants: each instant lies in exactly one slot; the splay depends on the name only, so
//! that it stays when sources come and go. The splay moves slots by whole minutes, because
//! cron ticks on the minute; the seconds inside the minute are a wait, in `Slot::at`.

use std::time::Duration;

use super::limits::{MISSED_DAYS, MISSED_SLOTS};
use super::time::{Instant, from_millis};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Sources start over this many seconds of a minute, unless told otherwise.
pub const SPREAD: Duration = Duration::from_secs(20);

const MINUTE: u64 = 60;
const EVERY_SECONDS_MAX: u64 = 366 * 24 * 3_600;

/// What is done about slots in which nobody was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CatchUp {
    /// Each is made up for, the oldest first.
    All,
    /// The one that is now is asked, however late; those before are left out.
    #[default]
    Latest,
    /// None is asked later than in its first minutes.
    None,
}

impl CatchUp {
    pub const ALL: [(&'static str, CatchUp); 3] =
        [("all", CatchUp::All), ("latest", CatchUp::Latest), ("none", CatchUp::None)];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// How long after its start a slot is in time.
const IN_TIME: TimeDelta = TimeDelta::minutes(2);

/// A period and where its slots begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    every_seconds: i64,
    offset_seconds: i64,
    delay_seconds: i64,
    catch_up: CatchUp,
}

/// The half-open span from `start` to `end` in which a source is asked once, from `at` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub start: Instant,
    pub at: Instant,
    pub end: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    #[error("`every` of {0:?} is not between 1 minute and 366 days")]
    OutOfRange(Duration),
    #[error("`every` of {0:?} is not whole seconds")]
    Fraction(Duration),
}

impl Schedule {
    /// The schedule of the source `name`; it starts within `spread` (below a minute) of a slot.
    pub fn new(name: &str, every: Duration, spread: Duration) -> Result<Schedule, Error> {
        if every.subsec_nanos() != 0 {
            return Err(Error::Fraction(every));
        }
        if !(MINUTE..=EVERY_SECONDS_MAX).contains(&every.as_secs()) {
            return Err(Error::OutOfRange(every));
        }
        let (long, short) = hash(name);
        let offset = long % (every.as_secs() / MINUTE) * MINUTE;
        let delay = short % spread.as_secs().clamp(1, MINUTE);
        Ok(Schedule {
            every_seconds: every.as_secs() as i64,
            offset_seconds: offset as i64,
            delay_seconds: delay as i64,
            catch_up: CatchUp::Latest,
        })
    }

    /// The same, with what is done about missed slots.
    pub fn catching_up(self, catch_up: CatchUp) -> Schedule {
        Schedule { catch_up, ..self }
    }

    /// The slot that holds `now`.
    pub fn slot_at(&self, now: Instant) -> Slot {
        let since = now.timestamp() - self.offset_seconds;
        self.slot(since.div_euclid(self.every_seconds))
    }

    /// The slot to serve now, given when (at any instant of its slot) the last one was served.
    ///
    /// A source that never ran is due at once; a last run in the future is ignored, or a clock
    /// that was wrong once would silence the source until then.
    pub fn due(&self, now: Instant, last: Option<Instant>) -> Option<Slot> {
        let slot = self.slot_at(now);
        let served = last.is_some_and(|last| last <= now && last >= slot.start);
        match self.catch_up {
            CatchUp::All if !served => last.map_or(Some(slot), |last| self.missed(now, last, slot)),
            CatchUp::None => (!served && now - slot.start < IN_TIME).then_some(slot),
            _ => (!served).then_some(slot),
        }
    }

    /// The oldest slot behind the last one that was served, within bounds.
    fn missed(&self, now: Instant, last: Instant, latest: Slot) -> Option<Slot> {
        if last > now {
            return Some(latest);
        }
        let oldest = latest.start.before(missed_for(TimeDelta::seconds(self.every_seconds)));
        let next = self.slot_at(self.slot_at(last).end);
        Some(if next.start < oldest { self.slot_at(oldest) } else { next })
    }

    /// The slots that start in the half-open span, in order: what was to be expected there.
    pub fn slots(&self, from: Instant, to: Instant) -> impl Iterator<Item = Slot> {
        let schedule = *self;
        let mut slot = Some(self.slot_at(from));
        if slot.is_some_and(|slot| slot.start < from) {
            slot = slot.and_then(|slot| schedule.next(slot));
        }
        std::iter::successors(slot, move |slot| schedule.next(*slot))
            .take_while(move |slot| slot.start < to)
    }

    /// None at the end of time, where instants no longer advance.
    fn next(&self, slot: Slot) -> Option<Slot> {
        Some(self.slot_at(slot.end)).filter(|next| next.start > slot.start)
    }

    fn slot(&self, number: i64) -> Slot {
        let start = number * self.every_seconds + self.offset_seconds;
        Slot {
            start: instant(start),
            at: instant(start + self.delay_seconds),
            end: instant(start + self.every_seconds),
        }
    }
}

/// For how long a slot that was missed is still made up for, of a source of this period.
pub fn missed_for(every: TimeDelta) -> TimeDelta {
    let reach = i32::try_from(MISSED_SLOTS).ok().and_then(|slots| every.checked_mul(slots));
    let most = TimeDelta::days(MISSED_DAYS);
    reach.map_or(most, |reach| reach.min(most))
}

impl Slot {
    /// How long after `now` the source is to be asked; zero when that is past.
    pub fn delay(&self, now: Instant) -> Duration {
        (self.at - now).max(TimeDelta::zero()).to_std().unwrap_or_default()
    }
}

/// Two independent stable numbers; the standard hasher may change with the compiler.
fn hash(name: &str) -> (u64, u64) {
    let digest = Sha256::digest(name.as_bytes());
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, b| sum << 8 | u64::from(*b));
    (number(&digest[..8]), number(&digest[8..16]))
}

fn instant(seconds: i64) -> Instant {
    from_millis(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 24 * 3_600;

    fn schedule(name: &str, every: u64) -> Schedule {
        Schedule::new(name, Duration::from_secs(every), SPREAD).expect("a good period")
    }

    fn utc(text: &str) -> Instant {
        crate::domain::time::parse_iso(text).expect("an instant")
    }

    #[test]
    fn a_minute_source_is_due_on_each_tick() {
        let minutely = schedule("velib", 60);
        let tick = utc("2026-11-21T10:00:00Z");
        let slot = minutely.due(tick, None).expect("due");
        assert_eq!(slot.start, tick);
        assert_eq!(slot.end, utc("2026-11-21T10:01:00Z"));
        assert_eq!(minutely.due(tick.after(TimeDelta::seconds(40)), Some(slot.at)), None);
        assert!(minutely.due(slot.end, Some(slot.at)).is_some());
    }

    #[test]
    fn missed_slots_are_made_up_for_one_by_one_within_bounds() {
        let hourly = schedule("x", 3_600);
        let all = hourly.catching_up(CatchUp::All);
        let (last, now) = (utc("2026-11-21T10:30:00Z"), utc("2026-11-21T14:30:00Z"));
        let mut served = vec![hourly.slot_at(last)];
        while let Some(slot) = all.due(now, served.last().map(|slot| slot.start)) {
            served.push(slot);
        }
        assert_eq!(served.len(), 5);
        assert!(served.windows(2).all(|pair| pair[0].end == pair[1].start));
        let long = all.due(now, Some(utc("2020-01-01T00:00:00Z"))).expect("due");
        assert!(now - long.start <= TimeDelta::days(MISSED_DAYS) + TimeDelta::hours(2));
        assert_eq!(all.due(now, None), Some(hourly.slot_at(now)));
    }

    #[test]
    fn a_slot_that_is_late_is_left_out_where_none_is_made_up_for() {
        let hourly = schedule("x", 3_600);
        let none = hourly.catching_up(CatchUp::None);
        let slot = hourly.slot_at(utc("2026-11-21T10:30:00Z"));
        let after = |minutes| slot.start.after(TimeDelta::minutes(minutes));
        assert_eq!(none.due(after(1), None), Some(slot));
        assert_eq!(none.due(after(2), None), None);
        assert_eq!(none.due(after(1), Some(slot.start)), None);
    }

    #[test]
    fn a_daily_source_is_due_once_a_day_and_at_once_when_new() {
        let daily = schedule("bikes-baywheels-stations", DAY);
        let now = utc("2026-11-21T10:00:00Z");
        assert!(daily.due(now, None).is_some());
        let start = daily.slot_at(now).start;
        assert_eq!(daily.due(now, Some(start)), None);
        assert!(daily.due(now, Some(start.before(TimeDelta::seconds(1)))).is_some());
        assert_eq!(start.timestamp() % 60, 0);
    }

    #[test]
    fn a_last_run_in_the_future_is_ignored() {
        let minutely = schedule("velib", 60);
        let now = utc("2026-11-21T10:00:30Z");
        assert!(minutely.due(now, Some(utc("2027-01-01T00:00:00Z"))).is_some());
        assert!(minutely.due(now, Some(utc("2026-11-21T10:00:45Z"))).is_some());
    }

    #[test]
    fn the_splay_is_pinned() {
        let daily = schedule("earthquakes-usgs", DAY);
        let shown = (daily.offset_seconds / 60, daily.delay_seconds);
        expect_test::expect!["(1273, 19)"].assert_eq(&format!("{shown:?}"));
    }

    #[test]
    fn names_spread_over_the_period_and_the_minute() {
        let all: Vec<Schedule> = (0..600).map(|n| schedule(&format!("s{n}"), 3_600)).collect();
        let count = |minute: i64| all.iter().filter(|s| s.offset_seconds == minute * 60).count();
        assert!((0..60i64).all(|minute| (1..=30).contains(&count(minute))));
        let delays: std::collections::BTreeSet<i64> = all.iter().map(|s| s.delay_seconds).collect();
        assert!(delays.into_iter().eq(0..20));
    }

    #[test]
    fn bad_periods_are_refused() {
        let new = |every| Schedule::new("a", every, SPREAD);
        for every in [0, 59, EVERY_SECONDS_MAX + 1, u64::MAX] {
            let every = Duration::from_secs(every);
            assert_eq!(new(every), Err(Error::OutOfRange(every)));
        }
        let every = Duration::from_millis(90_500);
        assert_eq!(new(every), Err(Error::Fraction(every)));
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        let yearly = schedule("a", EVERY_SECONDS_MAX);
        for now in [Instant::MIN, Instant::MAX] {
            yearly.slot_at(now);
        }
        let end = Instant::MAX;
        assert!(yearly.slots(end, end).count() <= 1);
    }

    prop_compose! {
        fn instants()(ms in -2_000_000_000_000i64..9_000_000_000_000) -> Instant {
            from_millis(ms)
        }
    }

    prop_compose! {
        fn schedules()(name in "[a-z-]{1,20}", every in 60u64..3_000_000) -> Schedule {
            schedule(&name, every)
        }
    }

    proptest! {
        #[test]
        fn each_instant_lies_in_exactly_one_slot(s in schedules(), now in instants()) {
            let slot = s.slot_at(now);
            prop_assert!(slot.start <= now && now < slot.end);
            prop_assert_eq!((slot.end - slot.start).num_seconds(), s.every_seconds);
            prop_assert_eq!(s.slot_at(slot.start), slot);
            prop_assert_eq!(s.slot_at(slot.end).start, slot.end);
            let before = slot.start.before(TimeDelta::milliseconds(1));
            prop_assert_eq!(s.slot_at(before).end, slot.start);
        }

        #[test]
        fn a_start_waits_less_than_a_minute(s in schedules(), now in instants()) {
            let slot = s.slot_at(now);
            prop_assert!(slot.start <= slot.at && slot.at < slot.end);
            prop_assert!((slot.at - slot.start).num_seconds() < SPREAD.as_secs() as i64);
            prop_assert!(slot.delay(now) < SPREAD);
        }

        #[test]
        fn a_slot_is_due_until_served(s in schedules(), now in instants(), ago in 0i64..9_000_000) {
            let slot = s.slot_at(now);
            let last = now.before(TimeDelta::seconds(ago));
            prop_assert_eq!(s.due(now, Some(last)).is_none(), last >= slot.start);
            prop_assert_eq!(s.due(now, None), Some(slot));
        }

        #[test]
        fn slots_tile_a_span(s in schedules(), from in instants(), count in 0i64..50) {
            let to = from.after(TimeDelta::seconds(s.every_seconds * count));
            let slots: Vec<Slot> = s.slots(from, to).collect();
            prop_assert_eq!(slots.len() as i64, count);
            prop_assert!(slots.iter().all(|slot| from <= slot.start && slot.start < to));
            prop_assert!(slots.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}
