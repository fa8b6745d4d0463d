//! Journals: whatever bytes a dead run left, its whole lines are read, and what good lines claim is
//! claimed whatever stands between them or after the last one.
#![no_main]

use daybook::domain::journal::{landings, lines};
use daybook::domain::snapshot::SnapshotId;
use libfuzzer_sys::fuzz_target;
use std::fmt::Debug;

const FIRST: &str = "a_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json";
const LAST: &str = "b_2026-11-22T02-42-00Z_p1of1_a3f9c1_5f0c11ab.json";

fn good(id: &str) -> String {
    format!("{{\"id\":\"fetcher-x/1\",\"event\":\"landed\",\"snapshots\":\"{id}\"}}\n")
}

/// What a journal claims, in order, and its whole lines' length.
fn claims(text: &[u8]) -> Option<(Vec<SnapshotId>, usize)> {
    let found = landings(text);
    Some((found.sets.concat(), found.whole))
}

fn same<T: PartialEq + Debug>(a: Option<T>, b: Option<T>) {
    if let (Some(a), Some(b)) = (a, b) {
        assert_eq!(a, b);
    }
}

fuzz_target!(|text: &[u8]| {
    let _ = lines(text).count();
    let found = claims(text);
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    for id in found.iter().flat_map(|(ids, _)| ids) {
        assert_eq!(SnapshotId::parse(&id.to_string()).as_ref(), Some(id));
    }
    assert!(found.as_ref().is_none_or(|(_, length)| *length == whole));
    // A torn tail claims nothing.
    same(claims(&text[..whole]), found);
    let between = [good(FIRST).as_bytes(), text, b"\n", good(LAST).as_bytes()].concat();
    if let Some((ids, length)) = claims(&between) {
        let named = |id: &str| ids.iter().any(|known| known.to_string() == id);
        assert!(named(FIRST) && named(LAST), "{ids:?}");
        assert_eq!(length, between.len());
    }
});
