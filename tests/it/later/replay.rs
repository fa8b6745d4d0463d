//! Replay: what a declaration could not read is counted once it is mended, each item once.

use super::{Drifted, NO_LIST, NO_NUMBER, held, settled, summarizer};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind};

fn drift(kind: Kind, edit: [&str; 2]) {
    let drifted = Drifted::whole(edit);
    let home = drifted.mended(kind, "");
    let before = home.files("data/quarantine");
    summarizer(&home, "12:20", &["replay", "--dry-run", "-v"]).exits(0).says("4 snapshots");
    assert_eq!(home.files("data/quarantine"), before);
    summarizer(&home, "12:20", &["replay", "-v"]).exits(0).says("committed 4 snapshots");
    assert_eq!(held(&home), [""; 0]);
    assert_eq!(home.files("data/quarantine"), [""; 0]);
    // Once more does nothing.
    summarizer(&home, "12:30", &["replay"]).exits(0).is_silent();
    settled(&home, &drifted.scene, &mut Recount::start());
}

#[test]
fn a_mended_declaration_empties_the_quarantine_sqlite() {
    drift(KINDS[0], NO_LIST);
    drift(KINDS[0], NO_NUMBER);
}

#[test]
fn a_mended_declaration_empties_the_quarantine_server() {
    drift(KINDS[1], NO_LIST);
    drift(KINDS[1], NO_NUMBER);
}

#[test]
fn what_still_cannot_be_read_stays_with_a_fresh_reason() {
    let drifted = Drifted::torn(NO_NUMBER);
    let home = drifted.mended(Kind::Sqlite, "");
    let reason = |name: &str| {
        let path = format!("data/quarantine/{BIKES}/{name}.reason");
        std::fs::read_to_string(home.path(&path)).unwrap()
    };
    let odd = held(&home).remove(1);
    assert!(reason(&odd).contains("5 of 5 items are not counted"), "{}", reason(&odd));
    summarizer(&home, "12:20", &["replay", BIKES]).exits(1).says("could not be read");
    assert_eq!(held(&home).len(), 2);
    assert!(reason(&odd).contains("1 of 5 items is not counted"), "{}", reason(&odd));
    // Under the same declaration there is nothing more to be had.
    summarizer(&home, "12:30", &["replay"]).exits(1);
    summarizer(&home, "12:40", &["replay"]).exits(1);
    assert_eq!(held(&home).len(), 2);
    settled(&home, &drifted.scene, &mut Recount::start());
}

#[test]
fn partly_counted_under_another_numbering_asks_for_a_recount() {
    let drifted = Drifted::torn(NO_NUMBER);
    let home = drifted.mended(Kind::Sqlite, "");
    summarizer(&home, "12:20", &["replay"]).exits(1);
    // The odd one is partial now; without an aggregate its items are numbered otherwise.
    let other = drifted.right.replace("[aggregates.docks_in_town]", "[aggregates.all_docks]");
    home.source(BIKES, &other);
    let ran = summarizer(&home, "12:30", &["replay"]).exits(1);
    let ran = ran.says("under another numbering of items").says("hint: summarizer recount --from");
    assert!(ran.stderr.contains("2026-11-21T10 --to 2026-11-21T11 bikes-baywheels"));
    assert_eq!(held(&home).len(), 2);
    settled(&home, &drifted.scene, &mut Recount::start());
}

#[test]
fn only_declared_sources_are_replayed() {
    let drifted = Drifted::whole(NO_LIST);
    let home = drifted.mended(Kind::Sqlite, "");
    summarizer(&home, "12:20", &["replay", "bikes"]).exits(2).says("bikes is not declared");
    summarizer(&home, "12:20", &["replay", QUAKES]).exits(0).is_silent();
    std::fs::remove_file(home.path(&format!("sources/{BIKES}.toml"))).unwrap();
    summarizer(&home, "12:20", &["replay"]).exits(0).says("it is not declared any more");
    assert_eq!(held(&home).len(), 4);
}
