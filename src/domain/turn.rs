//! The turn of a source: which of its requests are due, and what the next run must know.
//!
//! A source has one request, or one for each item of its loop. The requests of one slot are a
//! *round*. A round that does not fit a run goes on in the next one, where it stopped; a new one
//! begins when all were asked that are not left alone after failures. Failures and pauses belong
//! to the request; what a host asks for all of us, to the source.
//!
//! That a source is asked is kept before it is asked, as a *try*, and taken back at the end. So
//! a run that dies makes its requests at most once more in their slot, and later and later when
//! the deaths go on.

use super::hash::Digest;
use super::limits::RETRY_AFTER_MAX;
use super::schedule::{Schedule, Slot};
use super::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a source between runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// Start of the slot of the last round that was begun.
    pub slot: Option<Instant>,
    /// Keys of items that this round has not asked yet.
    pub left: BTreeSet<String>,
    /// Runs in a row that began to ask and did not come to an end.
    pub tries: u32,
    /// Of all requests of the source together.
    pub trouble: Trouble,
    /// Of items whose last request failed.
    pub items: BTreeMap<String, Trouble>,
    /// Its publisher said that it is gone for good: the declaration under which it was asked.
    pub gone: Option<String>,
}

/// Failures in a row, and the pause after them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trouble {
    pub failures: u32,
    /// No request before this instant.
    pub hold_until: Option<Instant>,
}

/// What is due of a source now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    pub slot: Slot,
    /// Of a loop: the items of this round that were not asked yet, those left alone among them.
    pub left: BTreeSet<String>,
    /// Of a loop: the items to ask now, in their order.
    pub keys: Vec<String>,
    /// It should have been asked before: it need not wait for its second of the minute.
    pub is_late: bool,
}

/// How one request ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Answered,
    /// It waits so long; and all others of the source wait so long with it.
    Failed {
        hold: Option<Instant>,
        all: Option<Instant>,
    },
    /// Answered, but not kept: its slot is not served.
    Lost {
        hold: Option<Instant>,
    },
    /// It is gone for good, by its publisher's word.
    Gone,
    /// It is not asked before this instant; that is no failure, and its slot is not served.
    Waits {
        until: Instant,
    },
    /// It was not asked.
    Untouched,
}

impl Trouble {
    /// Whether to be left alone; a pause longer than any is of a clock that was wrong.
    pub fn is_held(&self, now: Instant) -> bool {
        let longest = chrono::Duration::from_std(RETRY_AFTER_MAX).unwrap_or_default();
        self.hold_until.is_some_and(|until| until > now && until - now <= longest)
    }

    fn once_more(&mut self, hold: Option<Instant>) {
        *self = Trouble { failures: self.failures.saturating_add(1), hold_until: hold };
    }
}

impl End {
    /// Until when the request is left alone.
    pub fn held(&self) -> Option<Instant> {
        match self {
            End::Failed { hold, all } => (*hold).max(*all),
            End::Lost { hold } => *hold,
            End::Waits { until } => Some(*until),
            End::Answered | End::Gone | End::Untouched => None,
        }
    }
}

impl State {
    /// Whether its publisher said that it is gone, when it was asked by this declaration.
    pub fn is_gone(&self, declaration: &Digest) -> bool {
        self.gone.as_deref() == Some(&*declaration.hex())
    }

    /// Holds all requests of a loop after so many rounds in a row that nobody answered.
    pub fn hold_all(&mut self, row: u32, until: Option<Instant>) {
        self.trouble = Trouble { failures: row, hold_until: self.trouble.hold_until.max(until) };
    }

    /// Until when all requests are left alone, if they are; `items` are those of a loop.
    pub fn held_until(&self, now: Instant, items: Option<&[&str]>) -> Option<Instant> {
        let hold = |trouble: &Trouble| trouble.hold_until.filter(|_| trouble.is_held(now));
        let each = items.unwrap_or_default().iter();
        let each: Option<Vec<Instant>> =
            each.map(|key| self.items.get(*key).and_then(hold)).collect();
        hold(&self.trouble).max(each.and_then(|each| each.into_iter().min()))
    }

    /// What is due now of a source with these items of a loop, if it has one; none if nothing is.
    pub fn turn(&self, schedule: &Schedule, now: Instant, items: Option<&[&str]>) -> Option<Turn> {
        if self.trouble.is_held(now) {
            return None;
        }
        let fresh = schedule.due(now, self.slot);
        match items {
            Some(items) => self.turn_of_loop(schedule, now, items, fresh),
            None => {
                let again = || (self.tries == 1).then(|| schedule.slot_at(now));
                let slot = fresh.or_else(again)?;
                let (left, keys) = (BTreeSet::new(), Vec::new());
                Some(Turn { slot, left, keys, is_late: self.is_late(schedule, slot) })
            }
        }
    }

    fn turn_of_loop(
        &self,
        schedule: &Schedule,
        now: Instant,
        items: &[&str],
        fresh: Option<Slot>,
    ) -> Option<Turn> {
        let is_free = |key: &&str| !self.items.get(*key).is_some_and(|item| item.is_held(now));
        let all = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            items.iter().filter(|key| wanted(key)).map(|key| key.to_string()).collect()
        };
        let free = |left: &BTreeSet<String>| -> Vec<String> {
            let keys = items.iter().filter(|key| is_free(key) && left.contains(**key));
            keys.map(|key| key.to_string()).collect()
        };
        let left = all(&|key| self.left.contains(key));
        let keys = free(&left);
        // Items that wait after failures do not keep the others from their next slot.
        let goes_on = |key: &String| fresh.is_none() || !self.items.contains_key(key);
        if let Some(slot) = self.slot.filter(|slot| *slot <= now && keys.iter().any(goes_on)) {
            return Some(Turn { slot: schedule.slot_at(slot), left, keys, is_late: true });
        }
        let slot = fresh?;
        let left = all(&|_| true);
        let keys = free(&left);
        let is_late = self.is_late(schedule, slot);
        (!keys.is_empty()).then_some(Turn { slot, left, keys, is_late })
    }

    /// Whether a whole slot went by before this one without being served, or it never was.
    fn is_late(&self, schedule: &Schedule, slot: Slot) -> bool {
        let is_behind = |last| schedule.slot_at(last).end < slot.start;
        self.trouble.failures == 0 && self.slot.is_none_or(is_behind)
    }

    /// What is kept before the requests of a turn are made; `hold` tells the pause after so many
    /// deaths in a row, for the case that this run dies too.
    pub fn asking(&self, turn: &Turn, hold: impl FnOnce(u32) -> Option<Instant>) -> State {
        let mut next = self.begun(turn);
        next.tries = self.tries.saturating_add(1);
        if next.tries > 1 {
            next.trouble.hold_until = hold(next.tries - 1);
        }
        next
    }

    /// What holds once all requests of the turn have come to their ends, before the first has.
    pub fn begun(&self, turn: &Turn) -> State {
        let mut next = State { slot: Some(turn.slot.start), tries: 0, ..self.clone() };
        if !turn.keys.is_empty() {
            next.left.clone_from(&turn.left);
            if self.slot != next.slot {
                next.items.retain(|key, _| turn.left.contains(key));
            }
            next.trouble = Trouble::default();
        }
        next
    }

    /// Notes the end of a request, of an item or the only one; `before` is what held before the
    /// run.
    pub fn end(&mut self, key: Option<&str>, end: End, before: &State) {
        match key {
            None => self.end_only(end, before),
            Some(key) => self.end_item(key, end),
        }
    }

    fn end_only(&mut self, end: End, before: &State) {
        match end {
            End::Answered => self.trouble = Trouble::default(),
            End::Gone => self.trouble.once_more(None),
            End::Failed { hold, all } => self.trouble.once_more(hold.max(all)),
            End::Lost { hold } => {
                self.slot = before.slot;
                self.trouble.once_more(hold);
            }
            End::Waits { until } => {
                self.clone_from(before);
                self.trouble.hold_until = Some(until);
            }
            End::Untouched => self.clone_from(before),
        }
    }

    fn end_item(&mut self, key: &str, end: End) {
        let once_more = |items: &mut BTreeMap<String, Trouble>, hold| {
            items.entry(key.to_string()).or_default().once_more(hold);
        };
        match end {
            End::Answered => {
                self.left.remove(key);
                self.items.remove(key);
            }
            End::Failed { hold, all } => {
                self.left.remove(key);
                once_more(&mut self.items, hold);
                self.trouble.hold_until = self.trouble.hold_until.max(all);
            }
            End::Lost { hold } => once_more(&mut self.items, hold),
            End::Waits { until } => {
                self.items.entry(key.to_string()).or_default().hold_until = Some(until);
            }
            // Only a whole source is gone.
            End::Gone | End::Untouched => {}
        }
    }

    /// Failures in a row of a request.
    pub fn failures(&self, key: Option<&str>) -> u32 {
        match key {
            None => self.trouble.failures,
            Some(key) => self.items.get(key).map_or(0, |item| item.failures),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_iso;
    use std::time::Duration;

    fn at(minute: i64) -> Instant {
        let start = parse_iso("2026-11-24T10:00:00Z").expect("an instant");
        start.after(chrono::Duration::minutes(minute))
    }

    /// A source of every minute, whose slots begin on the minute.
    fn minutely() -> Schedule {
        Schedule::new("a", Duration::from_secs(60), Duration::ZERO).expect("a period")
    }

    fn daily() -> Schedule {
        Schedule::new("a", Duration::from_secs(86_400), Duration::ZERO).expect("a period")
    }

    fn hold(minute: i64) -> End {
        End::Failed { hold: Some(at(minute)), all: None }
    }

    /// One run of a loop: what it asks, each with its end; then what is known.
    fn run(state: &mut State, schedule: &Schedule, minute: i64, ends: &[(&str, End)]) {
        let items = ["a", "b", "c"];
        let turn = state.turn(schedule, at(minute), Some(&items)).expect("a turn");
        let keys: Vec<&str> = ends.iter().map(|(key, _)| *key).collect();
        assert_eq!(turn.keys, keys, "in minute {minute}");
        let mut next = state.begun(&turn);
        ends.iter().for_each(|(key, end)| next.end(Some(key), *end, state));
        *state = next;
    }

    fn rests(state: &State, schedule: &Schedule, minute: i64) {
        assert_eq!(state.turn(schedule, at(minute), Some(&["a", "b", "c"])), None);
    }

    #[test]
    fn a_round_goes_on_where_it_stopped_and_keeps_its_slot() {
        let (mut state, day) = (State::default(), daily());
        let (done, not) = (End::Answered, End::Untouched);
        run(&mut state, &day, 0, &[("a", done), ("b", not), ("c", not)]);
        let slot = state.slot;
        run(&mut state, &day, 1, &[("b", done), ("c", not)]);
        run(&mut state, &day, 2, &[("c", done)]);
        rests(&state, &day, 3);
        assert_eq!((state.slot, state.left.len()), (slot, 0));
    }

    #[test]
    fn a_round_that_is_longer_than_the_period_is_finished_before_the_next() {
        let (mut state, minute) = (State::default(), minutely());
        let (done, not) = (End::Answered, End::Untouched);
        run(&mut state, &minute, 0, &[("a", done), ("b", not), ("c", not)]);
        run(&mut state, &minute, 1, &[("b", done), ("c", not)]);
        run(&mut state, &minute, 2, &[("c", done)]);
        run(&mut state, &minute, 3, &[("a", done), ("b", done), ("c", done)]);
        assert_eq!(state.slot, Some(at(3)));
    }

    #[test]
    fn an_item_that_is_held_keeps_no_other_from_its_slot_and_is_asked_when_it_may_be() {
        let (mut state, minute) = (State::default(), minutely());
        let done = End::Answered;
        run(&mut state, &minute, 0, &[("a", done), ("b", hold(3)), ("c", done)]);
        rests(&state, &minute, 0);
        run(&mut state, &minute, 1, &[("a", done), ("c", done)]);
        run(&mut state, &minute, 2, &[("a", done), ("c", done)]);
        run(&mut state, &minute, 3, &[("a", done), ("b", hold(9)), ("c", done)]);
        assert_eq!(state.items["b"].failures, 2);
        let (mut state, day) = (State::default(), daily());
        state.items.insert("b".into(), Trouble { failures: 1, hold_until: Some(at(5)) });
        run(&mut state, &day, 0, &[("a", done), ("c", done)]);
        rests(&state, &day, 4);
        run(&mut state, &day, 5, &[("b", done)]);
        rests(&state, &day, 6);
        assert!(state.items.is_empty());
    }

    #[test]
    fn what_holds_all_holds_those_of_the_round_that_are_left() {
        let (mut state, day) = (State::default(), daily());
        let limit = End::Failed { hold: Some(at(9)), all: Some(at(3)) };
        let (done, not) = (End::Answered, End::Untouched);
        run(&mut state, &day, 0, &[("a", limit), ("b", done), ("c", not)]);
        rests(&state, &day, 2);
        run(&mut state, &day, 3, &[("c", done)]);
        rests(&state, &day, 9);
    }

    #[test]
    fn after_one_death_a_source_is_asked_once_more_in_its_slot() {
        let (day, pause) = (daily(), |times: u32| Some(at(i64::from(times) * 10)));
        let turn = |state: &State, minute| state.turn(&day, at(minute), None);
        let first = State::default();
        let dead = first.asking(&turn(&first, 0).expect("due"), pause);
        let twice = dead.asking(&turn(&dead, 1).expect("once more"), pause);
        assert_eq!((twice.tries, twice.trouble.hold_until), (2, Some(at(10))));
        assert!(turn(&twice, 2).is_none() && turn(&twice, 60).is_none());
        let tomorrow = turn(&twice, 1_440).expect("another slot");
        let mut next = twice.begun(&tomorrow);
        next.end(None, End::Answered, &twice);
        assert_eq!((next.tries, next.trouble), (0, Trouble::default()));
    }

    #[test]
    fn who_was_not_asked_is_as_before_and_late_in_the_end() {
        let minute = minutely();
        let before = State { slot: Some(at(0)), ..State::default() };
        let turn = before.turn(&minute, at(1), None).expect("due");
        assert!(!turn.is_late);
        let mut next = before.begun(&turn);
        next.end(None, End::Untouched, &before);
        assert_eq!(next, before);
        assert!(next.turn(&minute, at(2), None).expect("due").is_late);
        let failing = State { trouble: Trouble { failures: 1, hold_until: None }, ..before };
        assert!(!failing.turn(&minute, at(9), None).expect("due").is_late);
    }

    #[test]
    fn a_hold_by_a_clock_that_was_wrong_is_ignored() {
        let held = |minutes| Trouble { failures: 1, hold_until: Some(at(minutes)) };
        assert!(held(24 * 60).is_held(at(0)) && !held(24 * 60 + 1).is_held(at(0)));
        assert!(!held(5).is_held(at(5)));
    }
}
