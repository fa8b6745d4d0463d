//! The ledger: numbered entries per source and UTC day. What a live entry names counts, nothing
//! else does. These rules are pure; stores only keep entries and refuse a number twice.

mod aged;
mod entry;

pub use entry::{Entry, Kind, Unread};

use super::positions::Missing;
use super::time::Window;
use std::collections::BTreeMap;

/// All entries of one source and day, in order of their numbers: of journals, those of one home,
/// or of several side by side, of which each has numbers of its own.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Of one home's ledger of journals: what the live entries of the others leave missing.
    elsewhere: BTreeMap<String, Missing>,
}

/// What a commit may count of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// Positions that no live entry has counted, under a numbering that fits.
    Wanted(Missing),
    /// Partly counted under another numbering of items: only a recount may touch it.
    Renumbered(Missing),
    /// A journal that counts in the ledger of another home.
    Elsewhere,
    /// The hour has expired: nothing is read.
    Expired,
}

impl Ledger {
    pub fn new(mut entries: Vec<Entry>) -> Ledger {
        entries.sort_by_key(|entry| entry.number);
        Ledger { entries, elsewhere: BTreeMap::new() }
    }

    /// Of journals, those of one home: whoever adds to a ledger adds to its own. A journal counts
    /// in one of them only, whatever copies of it there are.
    pub fn kept_by(home: &str, entries: Vec<Entry>) -> Ledger {
        let is_own = |entry: &Entry| entry.keeper.is_empty() || entry.keeper == home;
        let (own, others) = entries.into_iter().partition(is_own);
        let others = Ledger::new(others);
        let found = others.found(None).into_iter().filter(|(_, missing)| *missing != Missing::All);
        let elsewhere = found.map(|(id, missing)| (id.to_string(), missing)).collect();
        Ledger { elsewhere, ..Ledger::new(own) }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number that the next entry takes.
    pub fn next_number(&self) -> u64 {
        self.entries.last().map_or(1, |entry| entry.number + 1)
    }

    /// Number of the last entry of this hour, 0 when it has none.
    pub fn last_of(&self, hour: Window) -> u64 {
        self.entries.iter().filter(|e| e.hour == hour).map(|e| e.number).max().unwrap_or(0)
    }

    /// Number of the last entry that replaced this hour, 0 when none did.
    pub fn last_replacing(&self, hour: Window) -> u64 {
        let of_hour = self.entries.iter().filter(|e| e.hour == hour && e.kind.replaces());
        of_hour.map(|e| e.number).max().unwrap_or(0)
    }

    /// The entry of a batch, live or void: a batch never gets a second one.
    pub fn of_batch(&self, batch: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.batch == batch)
    }

    /// Whether an entry counts: no later entry replaced its hour.
    pub fn is_live(&self, entry: &Entry) -> bool {
        let beside = |other: &&Entry| other.hour == entry.hour && other.keeper == entry.keeper;
        let mut later = self.entries.iter().filter(beside).filter(|e| e.kind.replaces());
        later.all(|other| other.number <= entry.number)
    }

    /// The live entries, of one hour or of all.
    pub fn live(&self, hour: Option<Window>) -> impl Iterator<Item = &Entry> {
        let wanted = move |entry: &&Entry| hour.is_none_or(|hour| entry.hour == hour);
        self.entries.iter().filter(wanted).filter(|entry| self.is_live(entry))
    }

    /// What may still be counted of a snapshot, under a numbering of items.
    pub fn left(&self, hour: Window, id: &str, numbering: &str) -> Left {
        let mut left = Missing::All;
        let mut same = true;
        for entry in self.live(Some(hour)) {
            if entry.kind == Kind::Expiry {
                return Left::Expired;
            }
            if let Some(missing) = entry.snapshots.get(id) {
                left = left.and(missing);
                same &= entry.numbering == numbering || *missing == Missing::All;
            }
        }
        match left {
            _ if self.is_elsewhere(id, &left) => Left::Elsewhere,
            Missing::Some(_) if !same => Left::Renumbered(left),
            _ => Left::Wanted(left),
        }
    }

    /// Whether a journal, of which so much is missing here, counts in the ledger of another home,
    /// and no less of it.
    pub fn is_elsewhere(&self, id: &str, missing: &Missing) -> bool {
        self.elsewhere.get(id).is_some_and(|other| other.and(missing) == *other)
    }

    /// Journals of an hour that count here, and no less of them in the ledger of another home.
    pub fn doubled(&self, hour: Window) -> Vec<&str> {
        let mut found = self.found(Some(hour));
        found.retain(|id, missing| *missing != Missing::All && self.is_elsewhere(id, missing));
        found.into_keys().collect()
    }

    /// Per snapshot id, what no ledger has counted.
    pub fn outstanding(&self, hour: Window) -> BTreeMap<&str, Missing> {
        let mut found = self.found(Some(hour));
        for (id, missing) in &self.elsewhere {
            let known = found.entry(id).or_insert(Missing::All);
            *known = known.and(missing);
        }
        found
    }

    /// Per snapshot id of the live entries, of one hour or of all, what none of them has counted.
    pub fn found(&self, hour: Option<Window>) -> BTreeMap<&str, Missing> {
        let mut found: BTreeMap<&str, Missing> = BTreeMap::new();
        for (id, missing) in self.live(hour).flat_map(|entry| &entry.snapshots) {
            let known = found.entry(id).or_insert(Missing::All);
            *known = known.and(missing);
        }
        found
    }
}

#[cfg(test)]
pub(super) mod tests;
