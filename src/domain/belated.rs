//! Answers that came after their slot was over: those of a slot that was made up for, and the
//! rest of a round that took longer than its slot. A journal knows the slot, a name does not.

use super::document::Doc;
use super::journal::{claimed, lines};
use super::record::Record;
use super::snapshot::SnapshotId;
use super::time::{Instant, parse_iso};
use std::collections::{BTreeMap, BTreeSet};

/// The starts of the slots that each of them serves: equal answers of one second are one.
pub type Belated = BTreeMap<SnapshotId, BTreeSet<Instant>>;

/// Which answers are wanted, by the slots for which they were asked.
pub type Wanted<'a> = &'a dyn Fn(&SnapshotId, Instant) -> bool;

/// What landed by a journal's lines, each with the start of its slot.
pub fn in_journal(journal: &[u8], wanted: Wanted) -> Vec<(SnapshotId, Instant)> {
    let of = |line: Doc| by(|key| line.get(key).as_text().ok(), wanted);
    lines(journal).flatten().flat_map(of).collect()
}

/// The same by a record of the built-in source.
pub fn in_record(record: &Record, wanted: Wanted) -> Vec<(SnapshotId, Instant)> {
    by(|key| record.text(key), wanted)
}

fn by<'a>(text: impl Fn(&str) -> Option<&'a str>, wanted: Wanted) -> Vec<(SnapshotId, Instant)> {
    let is_landed = text("event") == Some("landed") && text("tier") == Some("fetcher");
    let slot = text("slot").filter(|_| is_landed).and_then(parse_iso);
    let Some((slot, names)) = slot.zip(text("snapshots")) else { return Vec::new() };
    claimed(names).filter(|id| wanted(id, slot)).map(|id| (id, slot)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_landing_tells_the_slot_of_its_answers() {
        let line = |event: &str| {
            format!(
                "{{\"event\":\"{event}\",\"tier\":\"fetcher\",\"slot\":\"2026-11-22T02:00:00Z\",\
                 \"snapshots\":\"velib_2026-11-22T09-41-00Z_a3f9c1_5f0c11ab.json\"}}\n"
            )
        };
        let of = |event: &str, late: bool| {
            let is_late = |id: &SnapshotId, slot: Instant| id.instant() > slot;
            in_journal(line(event).as_bytes(), &|id, slot| is_late(id, slot) == late)
        };
        let [(_, slot)] = &of("landed", true)[..] else { panic!("one is late") };
        assert_eq!(Some(*slot), parse_iso("2026-11-22T02:00:00Z"));
        assert_eq!(of("landed", false), []);
        assert_eq!(of("outcome", true), []);
    }
}
