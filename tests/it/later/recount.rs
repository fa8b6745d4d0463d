//! Recount: hours counted again from the archive, under another declaration or into an empty
//! store; and hours that are left as they are.

use super::{ARCHIVE, Drifted, NO_NUMBER, held, settled, summarizer};
use crate::crash::scene::Scene;
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::served;
use crate::splits::seen;
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Kind::Expiry;
use daybook::domain::name::SourceName;
use daybook::domain::time::Window;
use daybook::edge::store;
use std::fs;

const DAY: [&str; 5] = ["recount", "--from", "2026-11-21", "--to", "2026-11-21"];

/// The arguments of a recount of the day.
fn day<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&DAY[..], more].concat()
}

fn rebuilt(kind: Kind) {
    let scene = Scene::before_summary();
    let home = scene.home.copy(kind);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    summarizer(&home, "13:10", &["run"]).exits(0);
    let before = [BIKES, QUAKES].map(|source| seen(&home, source));
    let again = over_an_empty_store(&home, kind);
    again.run("summarizer", &day(&["--now", "2026-11-21T13:20:00Z"])).exits(2).says("--adopt");
    let ran = summarizer(&again, "13:20", &day(&["--adopt"])).exits(1);
    assert!(ran.stdout.contains("bikes-baywheels             before        0          0"));
    assert!(ran.stdout.contains("after         2          4"), "{}", ran.stdout);
    assert_eq!([BIKES, QUAKES].map(|source| seen(&again, source)), before);
    assert_eq!(held(&again).len(), 2);
    settled(&again, &scene, &mut Recount::start());
}

/// The same home; its store is gone.
fn over_an_empty_store(home: &Sandbox, kind: Kind) -> Sandbox {
    let again = home.copy(kind);
    for name in again.files("").iter().filter(|name| name.starts_with("daybook.sqlite")) {
        fs::remove_file(again.path(name)).unwrap();
    }
    again
}

#[test]
fn an_archive_is_enough_for_an_empty_store_sqlite() {
    rebuilt(KINDS[0]);
}

#[test]
fn an_archive_is_enough_for_an_empty_store_server() {
    rebuilt(KINDS[1]);
}

/// A home that has never been: nothing but declarations, settings and the archive.
#[test]
fn an_archive_is_enough_for_a_new_home() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    summarizer(&home, "13:10", &["run"]).exits(0);
    let new = Sandbox::new(Kind::Sqlite);
    new.settings(ARCHIVE);
    for part in ["archive", "served", "sources"] {
        for name in home.files(part) {
            let to = new.path(&format!("{part}/{name}"));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(home.path(&format!("{part}/{name}")), to).unwrap();
        }
    }
    summarizer(&new, "13:20", &day(&[])).exits(1);
    assert_eq!([BIKES, QUAKES].map(|s| seen(&new, s)), [BIKES, QUAKES].map(|s| seen(&home, s)));
    assert_eq!(held(&new).len(), 2);
    // The texts that it was fetched under are declarations.
    let texts = new.files("archive/declarations");
    assert!(texts.iter().any(|text| {
        let text = fs::read(new.path(&format!("archive/declarations/{text}"))).unwrap();
        text == fs::read(new.path(&format!("sources/{BIKES}.toml"))).unwrap()
    }));
    settled(&new, &scene, &mut Recount::start());
}

/// A replay reads nothing of an hour that has expired; a recount reopens it.
#[test]
fn an_expired_hour_is_reopened_by_a_recount_only() {
    let drifted = Drifted::whole(NO_NUMBER);
    let home = drifted.mended(Kind::Sqlite, ARCHIVE);
    let store = store::open(home.store(), Gate::open()).unwrap();
    let hour = Window::parse("2026-11-21T10").unwrap();
    let source = SourceName::parse(BIKES).unwrap();
    let entries = store.ledger(&source, hour.day()).unwrap();
    let mut expiry = entries.iter().find(|entry| entry.hour == hour).unwrap().clone();
    expiry.number = entries.len() as u64 + 1;
    (expiry.kind, expiry.batch, expiry.commit) = (Expiry, "expiry".into(), "none".into());
    assert!(store.append(&expiry).unwrap());
    drop(store);
    let ran = summarizer(&home, "12:20", &["replay"]).exits(0).says("its hour has expired");
    ran.says("hint: summarizer recount --from 2026-11-21T10 --to 2026-11-21T11 bikes-baywheels");
    assert_eq!(held(&home).len(), 2);
    let hour = ["recount", BIKES, "--from", "2026-11-21T10", "--to", "2026-11-21T11"];
    summarizer(&home, "12:30", &hour).exits(0);
    assert_eq!(held(&home), [""; 0]);
    settled(&home, &drifted.scene, &mut Recount::start());
}

fn mended(kind: Kind) {
    let drifted = Drifted::torn(NO_NUMBER);
    let home = drifted.mended(kind, ARCHIVE);
    let files = home.files("");
    let ran = summarizer(&home, "12:20", &day(&["--dry-run"])).exits(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let words = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    assert_eq!(words(lines[1])[..4], [BIKES, "before", "2", "4"]);
    assert_eq!(words(lines[1])[5], "4", "{}", ran.stdout);
    assert_eq!([&words(lines[2])[..3], &words(lines[2])[4..]].concat(), ["after", "2", "4", "2"]);
    let same = |name: &String| !name.starts_with("daybook.sqlite");
    let now: Vec<String> = home.files("").into_iter().filter(same).collect();
    assert_eq!(now, files.into_iter().filter(same).collect::<Vec<_>>());
    let dry = ran.stdout;
    let ran = summarizer(&home, "12:20", &day(&[])).exits(1).says("could not be read");
    assert_eq!(ran.stdout, dry);
    assert_eq!(held(&home).len(), 2);
    // Once more changes nothing, and a replay has nothing to add.
    summarizer(&home, "12:30", &day(&[BIKES])).exits(1);
    summarizer(&home, "12:40", &["replay"]).exits(1);
    assert_eq!(held(&home).len(), 2);
    settled(&home, &drifted.scene, &mut Recount::start());
}

#[test]
fn a_mended_declaration_counts_hours_anew_sqlite() {
    mended(KINDS[0]);
}

#[test]
fn a_mended_declaration_counts_hours_anew_server() {
    mended(KINDS[1]);
}

/// Under the declaration of before less can be read: what is not goes back to quarantine, and
/// a replay under the right one counts it again.
#[test]
fn counted_back_under_a_worse_declaration() {
    let drifted = Drifted::torn(NO_NUMBER);
    let home = drifted.mended(Kind::Sqlite, ARCHIVE);
    summarizer(&home, "12:20", &["replay"]).exits(1);
    assert_eq!(held(&home).len(), 2);
    let [from, to] = NO_NUMBER;
    home.source(BIKES, &drifted.right.replace(from, to));
    summarizer(&home, "12:30", &day(&[BIKES])).exits(1);
    assert_eq!(held(&home).len(), 4);
    home.source(BIKES, &drifted.right);
    summarizer(&home, "12:40", &["replay"]).exits(1);
    assert_eq!(held(&home).len(), 2);
    settled(&home, &drifted.scene, &mut Recount::start());
}

#[test]
fn an_hour_of_which_a_snapshot_is_nowhere_stays() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    let before = seen(&home, QUAKES);
    let folder = home.path(&format!("archive/{QUAKES}/2026/11/21"));
    let names = home.files(&format!("archive/{QUAKES}/2026/11/21"));
    let lost = |name: &String| name.contains("T10-05") || name.contains("T11-15");
    let [gone, damaged] = [0, 1].map(|n| names.iter().filter(|n| lost(n)).nth(n).unwrap());
    fs::remove_file(folder.join(gone)).unwrap();
    fs::remove_file(folder.join(damaged)).unwrap();
    fs::write(folder.join(damaged), "{}").unwrap();
    let ran = summarizer(&home, "12:20", &day(&[QUAKES])).exits(2);
    let ran = ran.says("hour 2026-11-21T10").says("1 of its 2 snapshots is nowhere whole");
    ran.says(gone).says(damaged).says("hint: only what an archive keeps");
    assert_eq!(seen(&home, QUAKES), before);
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn without_an_archive_nothing_is_recounted() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    summarizer(&home, "12:10", &["run"]).exits(1);
    summarizer(&home, "12:20", &day(&[])).exits(2).says("are nowhere whole");
    summarizer(&home, "12:20", &["recount", "--from", "2026-11-22", "--to", "2026-11-21"])
        .exits(2)
        .says("there is no hour");
    summarizer(&home, "12:20", &["recount", "--from", "x", "--to", "2026-11-21"]).exits(2);
    settled(&home, &scene, &mut Recount::start());
}

/// Snapshots that still wait are counted along, and not a second time by the next run.
#[test]
fn what_waits_is_counted_along() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    let waits = home.files(&format!("data/{QUAKES}")).remove(1);
    let path = home.path(&format!("data/{QUAKES}/{waits}"));
    fs::rename(&path, home.path("aside")).unwrap();
    home.run("summarizer", &["--now", "2026-11-21T12:10:00Z"]).exits(1);
    fs::rename(home.path("aside"), &path).unwrap();
    let hour = ["recount", "--from", "2026-11-21T10", "--to", "2026-11-21T11:00:00Z"];
    summarizer(&home, "12:20", &hour).exits(1);
    assert_eq!(served::visible(&home, QUAKES).len(), 1);
    settled(&home, &scene, &mut Recount::start());
}
