//! Tests of the rules of the ledger.

use super::*;
use crate::domain::name::SourceName;
use crate::domain::positions::Positions;

pub(in crate::domain) fn entry(
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

pub(in crate::domain) fn some(range: (u32, u32)) -> Missing {
    Missing::of(Positions::from_ranges([range]))
}

pub(in crate::domain) const A: &str = "2026-11-22T02";
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
    let of =
        |keeper: &str, number, kind| Entry { keeper: keeper.into(), ..entry(number, A, kind, &[]) };
    let all = vec![of("one", 1, Kind::Adds), of("one", 2, Kind::Recount), of("two", 1, Kind::Adds)];
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
