//! Entries that replace an hour by less of what it had: its ids stay, and what is known of them.

use super::{Entry, Kind, Ledger};
use crate::domain::noted::{Notes, join};
use crate::domain::positions::Missing;
use crate::domain::time::Window;
use std::collections::{BTreeMap, BTreeSet};

impl Ledger {
    /// Whether an hour expired at some time, though a recount may have opened it again.
    pub fn has_expired(&self, hour: Window) -> bool {
        self.entries.iter().any(|entry| entry.hour == hour && entry.kind == Kind::Expiry)
    }

    /// Whether an hour expired and has rows all the same: first sightings of records.
    pub fn keeps_firsts(&self, hour: Window) -> bool {
        self.live(Some(hour)).any(|entry| entry.kind == Kind::Expiry && entry.rows > 0)
    }

    /// The next entry, which keeps of an hour what its live entries say of its snapshots; without
    /// batch, commit and rows. `None` where nothing is live.
    pub fn aged(&self, hour: Window, kind: Kind) -> Option<Entry> {
        let live: Vec<&Entry> = self.live(Some(hour)).collect();
        let last = *live.last()?;
        let mut notes = Notes::new();
        join(&mut notes, live.iter().flat_map(|entry| entry.remarks.iter().cloned()));
        let barren: BTreeSet<&String> = live.iter().flat_map(|entry| &entry.barren).collect();
        let found = self.found(Some(hour)).into_iter();
        Some(Entry {
            number: self.next_number(),
            batch: String::new(),
            commit: String::new(),
            kind,
            rows: 0,
            checksum: String::new(),
            numbering: numbering(&live),
            snapshots: found.map(|(id, missing)| (id.to_string(), missing)).collect(),
            remarks: notes.into_values().collect(),
            barren: barren.into_iter().cloned().collect(),
            ..last.clone()
        })
    }
}

/// The numbering of the items that are partly missing. Where they have several, none: only a
/// recount may count more of them.
fn numbering(live: &[&Entry]) -> String {
    let is_partial = |missing: &Missing| matches!(missing, Missing::Some(_));
    let mut by_id: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in live {
        for (id, _) in entry.snapshots.iter().filter(|(_, missing)| **missing != Missing::All) {
            by_id.entry(id).or_default().insert(&entry.numbering);
        }
    }
    let partial = live.iter().flat_map(|entry| &entry.snapshots).filter(|(_, m)| is_partial(m));
    let of_partial: BTreeSet<&str> =
        partial.filter_map(|(id, _)| by_id.get(id.as_str())).flatten().copied().collect();
    match of_partial.len() {
        0 => live.last().map_or_else(String::new, |entry| entry.numbering.clone()),
        1 => of_partial.into_iter().collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Left;
    use super::super::tests::{A, entry, some};
    use super::*;

    fn hour() -> Window {
        Window::parse(A).unwrap()
    }

    #[test]
    fn what_is_kept_of_an_hour_leaves_the_same_to_count() {
        let mut all = vec![
            entry(1, A, Kind::Adds, &[("x", some((2, 9))), ("y", Missing::Nothing)]),
            entry(2, A, Kind::Adds, &[("x", some((5, 20))), ("z", Missing::All)]),
        ];
        let before = Ledger::new(all.clone());
        let aged = before.aged(hour(), Kind::Thinning).unwrap();
        assert_eq!((aged.number, aged.rows), (3, 0));
        all.push(aged);
        let after = Ledger::new(all);
        for (id, numbering) in [("x", "n"), ("y", "n"), ("z", "n"), ("new", "n"), ("x", "m")] {
            let left = |ledger: &Ledger| ledger.left(hour(), id, numbering);
            assert_eq!(left(&after), left(&before), "{id} {numbering}");
        }
    }

    #[test]
    fn parts_of_two_numberings_ask_for_a_recount() {
        let other = |entry: Entry| Entry { numbering: "m".into(), ..entry };
        let mut all = vec![
            entry(1, A, Kind::Adds, &[("x", some((2, 9)))]),
            other(entry(2, A, Kind::Adds, &[("y", some((1, 1)))])),
        ];
        all.push(Ledger::new(all.clone()).aged(hour(), Kind::Thinning).unwrap());
        let left = Ledger::new(all).left(hour(), "x", "n");
        assert_eq!(left, Left::Renumbered(some((2, 9))));
    }
}
