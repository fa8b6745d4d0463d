//! The ledger: numbered entries per source and UTC day. What a live entry names counts, nothing
//! else does. These rules are pure; stores only keep entries and refuse a number twice.

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
mod tests {
    use super::*;
    use crate::domain::name::SourceName;
    use crate::domain::positions::Positions;

    pub(super) fn entry(
        number: u64,
        hour: &str,
        kind: Kind,
        snapshots: &[(&str, Missing)],
    ) -> Entry {
        Entry {
            source: SourceName::parse("velib").unwrap(),
            number,
            hour: Window::parse(hour).unwrap(),
            batch: format!("b{number}"),
            commit: format!("c{number}"),
            kind,
            rows: 1,
            checksum: String::new(),
            declaration: String::new(),
            numbering: "n".into(),
            home: "h".into(),
            keeper: String::new(),
            snapshots: snapshots.iter().map(|(id, m)| (id.to_string(), m.clone())).collect(),
            remarks: Vec::new(),
            barren: Vec::new(),
        }
    }

    pub(super) fn some(range: (u32, u32)) -> Missing {
        Missing::of(Positions::from_ranges([range]))
    }

    pub(super) const A: &str = "2026-11-22T02";
    const B: &str = "2026-11-22T03";

    #[test]
    fn a_replacing_entry_voids_its_hour_only() {
        let ledger = Ledger::new(vec![
            entry(3, A, Kind::Recount, &[]),
            entry(1, A, Kind::Adds, &[]),
            entry(2, B, Kind::Adds, &[]),
            entry(4, A, Kind::Adds, &[]),
        ]);
        let live: Vec<u64> = ledger.live(None).map(|e| e.number).collect();
        assert_eq!(live, [2, 3, 4]);
        assert_eq!(ledger.next_number(), 5);
        assert!(ledger.of_batch("b1").is_some());
    }

    #[test]
    fn an_entry_that_replaces_leaves_the_journals_of_other_homes() {
        let of = |keeper: &str, number, kind| Entry {
            keeper: keeper.into(),
            ..entry(number, A, kind, &[])
        };
        let all =
            vec![of("one", 1, Kind::Adds), of("one", 2, Kind::Recount), of("two", 1, Kind::Adds)];
        let live = |ledger: &Ledger| -> Vec<String> {
            ledger.live(None).map(|e| format!("{} {}", e.keeper, e.number)).collect()
        };
        assert_eq!(live(&Ledger::new(all.clone())), ["two 1", "one 2"]);
        let own = Ledger::kept_by("two", all);
        assert_eq!((live(&own), own.next_number()), (vec!["two 1".to_string()], 2));
    }

    #[test]
    fn a_journal_counts_for_one_home() {
        let hour = Window::parse(A).unwrap();
        let of = |keeper: &str, number, id: &str, missing| Entry {
            keeper: keeper.into(),
            ..entry(number, A, Kind::Adds, &[(id, missing)])
        };
        let all = vec![
            of("two", 1, "whole", Missing::Nothing),
            of("two", 2, "part", some((3, 3))),
            of("two", 3, "unread", Missing::All),
            of("one", 1, "twice", Missing::Nothing),
            of("two", 4, "twice", Missing::Nothing),
            of("one", 2, "more", Missing::Nothing),
            of("two", 5, "more", some((3, 3))),
        ];
        let one = Ledger::kept_by("one", all.clone());
        let left = ["whole", "part", "unread", "twice", "more"].map(|id| one.left(hour, id, "n"));
        let (wanted, elsewhere) = (Left::Wanted, || Left::Elsewhere);
        let nothing = || wanted(Missing::Nothing);
        assert_eq!(left, [elsewhere(), elsewhere(), wanted(Missing::All), elsewhere(), nothing()]);
        assert_eq!(one.doubled(hour), ["twice"]);
        assert_eq!(one.outstanding(hour)["part"], some((3, 3)));
        assert_eq!(Ledger::kept_by("two", all).doubled(hour), ["more", "twice"]);
    }

    #[test]
    fn what_is_left_is_what_no_live_entry_counted() {
        let hour = Window::parse(A).unwrap();
        let ledger = Ledger::new(vec![
            entry(1, A, Kind::Adds, &[("x", some((2, 9)))]),
            entry(2, A, Kind::Adds, &[("x", some((5, 20))), ("y", Missing::Nothing)]),
        ]);
        assert_eq!(ledger.left(hour, "x", "n"), Left::Wanted(some((5, 9))));
        assert_eq!(ledger.left(hour, "y", "n"), Left::Wanted(Missing::Nothing));
        assert_eq!(ledger.left(hour, "z", "n"), Left::Wanted(Missing::All));
        assert_eq!(ledger.left(hour, "x", "m"), Left::Renumbered(some((5, 9))));
    }

    #[test]
    fn an_expired_hour_reads_nothing_until_a_recount() {
        let hour = Window::parse(A).unwrap();
        let mut entries = vec![entry(1, A, Kind::Expiry, &[("x", Missing::Nothing)])];
        assert_eq!(Ledger::new(entries.clone()).left(hour, "new", "n"), Left::Expired);
        entries.push(entry(2, A, Kind::Recount, &[("x", Missing::Nothing)]));
        let wanted = Left::Wanted(Missing::All);
        assert_eq!(Ledger::new(entries).left(hour, "new", "n"), wanted);
    }
}
