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
use std::borrow::Cow;
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
    /// The declaration under which it was asked last.
    pub by: Option<Digest>,
    /// Its publisher said that it is gone for good.
    pub gone: Option<Gone>,
    /// From when to when it was gone before, the last ones: until somebody asked again.
    pub ended: Vec<(Instant, Instant)>,
}

/// By its publisher's word a source is gone for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// Under which it was asked: another one is asked again.
    pub declaration: Digest,
    /// When that was said; of states of before it is not known.
    pub at: Option<Instant>,
}

/// How many times in which it was gone are remembered.
const ENDED: usize = 9;

/// Failures in a row, and the pause after them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trouble {
    pub failures: u32,
    /// No request before this instant.
    pub hold_until: Option<Instant>,
    /// Its publisher asked for that: an edit does not end it.
    pub wished: bool,
    /// Of an item: it is gone for good, by its publisher's word.
    pub gone: bool,
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
    /// It waits so long, and all others of the source wait so long with it; perhaps since its
    /// publisher `wished` so.
    Failed {
        hold: Option<Instant>,
        all: Option<Instant>,
        wished: bool,
    },
    /// Answered, but not kept: its slot is not served.
    Lost {
        hold: Option<Instant>,
        wished: bool,
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
        self.gone || self.hold_until.is_some_and(|until| until > now && until - now <= longest)
    }

    fn once_more(&mut self, hold_until: Option<Instant>, wished: bool) {
        let failures = self.failures.saturating_add(1);
        *self = Trouble { failures, hold_until, wished, gone: false };
    }

    fn released(self) -> Trouble {
        let hold_until = self.hold_until.filter(|_| self.wished);
        Trouble { hold_until, gone: false, ..self }
    }
}

impl End {
    /// Until when the request is left alone.
    pub fn held(&self) -> Option<Instant> {
        match self {
            End::Failed { hold, all, .. } => (*hold).max(*all),
            End::Lost { hold, .. } => *hold,
            End::Waits { until } => Some(*until),
            End::Answered | End::Gone | End::Untouched => None,
        }
    }
}

impl State {
    /// Whether its publisher said that it is gone, when it was asked by this declaration.
    pub fn is_gone(&self, declaration: &Digest) -> bool {
        self.gone.as_ref().is_some_and(|gone| gone.declaration == *declaration)
    }

    /// Since when it is gone, if it is so for this declaration.
    pub fn gone_since(&self, declaration: &Digest) -> Option<Instant> {
        let gone = self.gone.as_ref().filter(|_| self.is_gone(declaration))?;
        gone.at.or(self.slot)
    }

    /// What of it counts for a declaration that was edited since: what was to be waited for under
    /// the one before is not waited for any more. What its host asked for is known of the host.
    pub fn under(&self, declaration: &Digest) -> Cow<'_, State> {
        if self.by.is_none_or(|before| before == *declaration) {
            return Cow::Borrowed(self);
        }
        let by = *declaration;
        let items = self.items.iter().map(|(key, item)| (key.clone(), item.released())).collect();
        let trouble = self.trouble.released();
        Cow::Owned(State { by: Some(by), trouble, items, ..self.clone() })
    }

    /// It is asked by this declaration now.
    pub fn asked_by(&mut self, declaration: &Digest, now: Instant) {
        if let Some(gone) = self.gone.take_if(|gone| gone.declaration != *declaration) {
            self.ended.extend(gone.at.map(|at| (at, now)));
            self.ended.drain(..self.ended.len().saturating_sub(ENDED));
        }
        self.by = Some(*declaration);
    }

    /// Holds all requests of a loop after so many rounds in a row that nobody answered.
    pub fn hold_all(&mut self, row: u32, until: Option<Instant>) {
        let hold_until = self.trouble.hold_until.max(until);
        self.trouble = Trouble { failures: row, hold_until, ..self.trouble };
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
            End::Gone => self.trouble.once_more(None, false),
            End::Failed { hold, all, wished } => self.trouble.once_more(hold.max(all), wished),
            End::Lost { hold, wished } => {
                self.slot = before.slot;
                self.trouble.once_more(hold, wished);
            }
            End::Waits { until } => {
                self.clone_from(before);
                (self.trouble.hold_until, self.trouble.wished) = (Some(until), false);
            }
            End::Untouched => self.clone_from(before),
        }
    }

    fn end_item(&mut self, key: &str, end: End) {
        let once_more = |items: &mut BTreeMap<String, Trouble>, hold, wished| {
            items.entry(key.to_string()).or_default().once_more(hold, wished);
        };
        match end {
            End::Answered => {
                self.left.remove(key);
                self.items.remove(key);
            }
            End::Failed { hold, all, wished } => {
                self.left.remove(key);
                once_more(&mut self.items, hold, wished);
                self.trouble.hold_until = self.trouble.hold_until.max(all);
                self.trouble.wished |= all.is_some();
            }
            End::Lost { hold, wished } => once_more(&mut self.items, hold, wished),
            End::Waits { until } => {
                let item = self.items.entry(key.to_string()).or_default();
                (item.hold_until, item.wished) = (Some(until), false);
            }
            End::Gone => {
                self.left.remove(key);
                once_more(&mut self.items, None, false);
                self.items.entry(key.to_string()).or_default().gone = true;
            }
            End::Untouched => {}
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
mod tests;
