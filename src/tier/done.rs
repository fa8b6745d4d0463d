//! What a run of the summarizer did, per source and for all; what a recount changed.

use super::commit::{Committed, Times};
use super::count::Counted;
use crate::domain::ledger::Ledger;
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::retention::Due;
use crate::domain::silence::Told;
use crate::domain::time::Window;
use anyhow::{Result, anyhow};
use std::collections::{BTreeMap, BTreeSet};

/// What became of one source.
#[derive(Debug, Default)]
pub struct Done {
    pub batches: u64,
    pub snapshots: u64,
    pub rows: u64,
    pub unread: u64,
    /// Names and snapshots that were left alone, with the reason.
    pub left: Vec<String>,
    /// What could not be done.
    pub failed: Vec<anyhow::Error>,
    /// Hours of which the rows went.
    pub expired: u64,
    /// Hours that keep their plain figures only.
    pub thinned: u64,
    /// What the answers that were counted do not say, or say in two ways.
    pub remarks: Vec<Told>,
    /// What a recount changed.
    pub change: Option<Change>,
    /// Another run holds the source's lock.
    pub busy: Option<String>,
    /// Batches that are counted, and wait for their archive.
    pub unarchived: u64,
    /// The hours of which something was counted.
    pub counted: BTreeSet<Window>,
}

/// What became of all.
pub type Summary = BTreeMap<SourceName, Done>;

/// The work on one source.
#[derive(Default)]
pub(super) struct Work {
    pub done: Done,
    /// The first hour that could not be committed.
    pub stuck: Option<Window>,
    pub touched: BTreeSet<Window>,
}

impl Work {
    /// An hour that expired or thinned, or stays as it is.
    pub fn aged(&mut self, hour: Window, due: Option<Due>) {
        match due {
            None => return,
            Some(Due::Expiry) => self.done.expired += 1,
            Some(Due::Thinning) => self.done.thinned += 1,
        }
        self.touched.insert(hour);
    }

    pub fn enter(&mut self, hour: Window, result: Result<Committed>) {
        self.touched.insert(hour);
        self.done.counted.insert(hour);
        if result.is_err() {
            self.stuck = Some(self.stuck.map_or(hour, |known| known.min(hour)));
        }
        self.done.enter(hour, result);
    }
}

/// What some hours amount to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    pub hours: u64,
    pub snapshots: u64,
    pub rows: u64,
    /// Snapshots with items that are not counted.
    pub unread: u64,
}

impl Figures {
    pub(super) fn of_hour(ledger: &Ledger, hour: Window) -> Figures {
        let found = ledger.found(Some(hour));
        Figures {
            hours: u64::from(!found.is_empty()),
            snapshots: found.len() as u64,
            rows: ledger.live(Some(hour)).map(|entry| entry.rows).sum(),
            unread: found.values().filter(|missing| **missing != Missing::Nothing).count() as u64,
        }
    }

    pub(super) fn of_counted(counted: &Counted) -> Figures {
        let unread = counted.missing.values().filter(|missing| **missing != Missing::Nothing);
        Figures {
            hours: 1,
            snapshots: counted.missing.len() as u64,
            rows: counted.rows.len() as u64,
            unread: unread.count() as u64,
        }
    }

    fn add(&mut self, other: Figures) {
        self.hours += other.hours;
        self.snapshots += other.snapshots;
        self.rows += other.rows;
        self.unread += other.unread;
    }
}

/// Before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    pub before: Figures,
    pub after: Figures,
}

impl Committed {
    pub(super) const NONE: Committed =
        Committed { times: Times::ZERO, snapshots: 0, rows: 0, unread: 0, unarchived: None };
}

impl Done {
    /// This, and what had been done before it was tried again.
    pub(super) fn after(mut self, first: &Done) -> Done {
        if self.change.is_some() {
            // A recount does all of it again.
            return self;
        }
        self.batches += first.batches;
        self.snapshots += first.snapshots;
        self.rows += first.rows;
        self.expired += first.expired;
        self.thinned += first.thinned;
        self.unread += first.unread;
        self.counted.extend(&first.counted);
        self
    }

    pub fn did_something(&self) -> bool {
        self.batches + self.expired + self.thinned > 0
    }

    pub(super) fn enter(&mut self, hour: Window, result: Result<Committed>) {
        match result {
            Ok(committed) => {
                self.batches += u64::from(committed.snapshots > 0);
                self.snapshots += committed.snapshots;
                self.rows += committed.rows;
                self.unread += committed.unread;
                self.unarchived += u64::from(committed.unarchived.is_some());
                let is_told =
                    |why: &String| self.failed.iter().any(|known| known.to_string().ends_with(why));
                let why = committed.unarchived.filter(|why| !is_told(why));
                self.failed.extend(why.map(|why| anyhow!("from hour {hour} on: {why}")));
            }
            Err(error) => self.failed.push(error.context(format!("hour {hour}"))),
        }
    }

    pub(super) fn recounted(&mut self, hour: Window, result: Result<Option<Change>>) {
        let change = match result {
            Ok(change) => change.unwrap_or_default(),
            Err(error) => return self.failed.push(error.context(format!("hour {hour}"))),
        };
        let Figures { snapshots, rows, unread, .. } = change.after;
        self.enter(hour, Ok(Committed { snapshots, rows, unread, ..Committed::NONE }));
        let sum = self.change.get_or_insert_default();
        sum.before.add(change.before);
        sum.after.add(change.after);
    }
}
