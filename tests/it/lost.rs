//! A store that is not the one that a home has fed: it is lost, it was emptied, its name leads to
//! another one or to a file of another program. Nobody makes, changes or prints anything then.

use crate::damage;
use crate::sandbox::{Kind, Sandbox};
use crate::store::views::{drop_all, made};
use std::fs;
use std::path::PathBuf;

const DAY: &str = "2026-11-24";
const LATER: &str = "2026-11-26T02:05:00Z";

fn all() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("summarizer", vec!["run"]),
        ("summarizer", vec!["replay"]),
        ("summarizer", vec!["recount", "--from", DAY, "--to", DAY]),
        ("summarizer", vec!["recount", "--from", DAY, "--to", DAY, "--dry-run"]),
        ("summarizer", vec!["forget", "bikes", "--yes"]),
        ("summarizer", vec!["status"]),
        ("summarizer", vec!["audit"]),
        ("analyzer", vec!["report", "--date", DAY]),
        ("analyzer", vec!["report"]),
        ("analyzer", vec!["export", "--from", DAY, "--to", DAY]),
    ]
}

/// A home whose report is printed, and of which something waits.
fn home(kind: Kind) -> Sandbox {
    let home = damage::home(kind);
    home.run("analyzer", &["--now", LATER, "report", "--date", DAY]).exits(0);
    damage::answer_more(&home);
    home
}

/// All programs refuse, and leave reports, answers and the store as they are.
#[track_caller]
fn all_refuse(home: &Sandbox, words: &str, store: impl Fn() -> String) {
    let path = home.path(&format!("reports/daybook_{DAY}.pdf"));
    let (report, before) = (fs::read(&path).unwrap(), store());
    let waiting = home.files("data/bikes");
    for (program, arguments) in all() {
        let ran = home.run(program, &[&["--now", LATER], &arguments[..]].concat());
        ran.exits(2).says(words);
        assert_eq!(store(), before, "{program} {arguments:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), report);
    assert_eq!(home.files("data/bikes"), waiting);
    assert!(!home.path("exports").exists());
}

/// The bytes of the file, and whether it is there.
fn file(path: PathBuf) -> impl Fn() -> String {
    move || format!("{:?}", fs::read(&path).map_err(|error| error.kind()))
}

#[test]
fn a_file_that_is_gone_or_of_somebody_else_is_left_alone() {
    let home = home(Kind::Sqlite);
    let (path, away) = (home.path("daybook.sqlite"), home.path("away.sqlite"));
    fs::rename(&path, &away).unwrap();
    for beside in ["daybook.sqlite-wal", "daybook.sqlite-shm"] {
        fs::remove_file(home.path(beside)).unwrap();
    }
    all_refuse(&home, "and this home has fed one\nhint: ", file(path.clone()));
    fs::write(&path, "").unwrap();
    all_refuse(&home, "there is no store at", file(path.clone()));
    fs::remove_file(&path).unwrap();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").unwrap();
    drop(foreign);
    all_refuse(&home, "there is no store at", file(path.clone()));
    let adopting = home.run("summarizer", &["--now", LATER, "run", "--adopt"]);
    adopting.exits(2).says("it holds the tables of another program");
    let other = damage::home(Kind::Sqlite);
    fs::copy(other.path("daybook.sqlite"), &path).unwrap();
    all_refuse(&home, "this home has fed another store than ", file(path.clone()));
    // Once it is back, all that waited counts.
    fs::rename(&away, &path).unwrap();
    home.run("summarizer", &["--now", LATER, "run"]).exits(0);
    home.run("summarizer", &["--now", LATER, "audit"]).exits(0);
    assert_eq!(home.files("data/bikes"), [""; 0]);
}

#[test]
fn a_file_whose_rows_were_all_deleted_is_another_store() {
    let home = home(Kind::Sqlite);
    let path = home.path("daybook.sqlite");
    let emptied = rusqlite::Connection::open(&path).unwrap();
    for table in ["store", "ledger", "sources", "commits", "summaries", "records", "declarations"] {
        emptied.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    emptied.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(emptied);
    all_refuse(&home, "holds something else than Daybook wrote", file(path));
}

#[test]
fn a_database_that_was_dropped_stays_absent() {
    let home = home(Kind::Server);
    let names = || format!("{:?}", made(home.store()));
    drop_all(home.store());
    all_refuse(&home, "there is no store at", names);
    assert_eq!(names(), "[]");
    // Whoever says so starts anew.
    home.run("summarizer", &["--now", LATER, "run", "--adopt"]).exits(0);
    home.run("summarizer", &["--now", LATER, "audit"]).exits(0);
    assert_eq!(home.files("data/bikes"), [""; 0]);
}

/// The ledger is gone, as after half a restore: what was printed of it stays.
#[test]
fn a_report_that_shows_data_is_not_replaced_by_an_empty_one() {
    let home = home(Kind::Sqlite);
    home.run("summarizer", &["--now", LATER, "run"]).exits(0);
    home.run("analyzer", &["--now", LATER, "report", "--date", DAY]).exits(0);
    let path = home.path(&format!("reports/daybook_{DAY}.pdf"));
    let good = fs::read(&path).unwrap();
    let store = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    store.execute("DELETE FROM ledger", []).unwrap();
    drop(store);
    let ran = home.run("analyzer", &["--now", LATER, "report", "--date", DAY]).exits(2);
    ran.says("has nothing of 2026-11-24 any more").says("hint: is the store whole?");
    assert_eq!(fs::read(&path).unwrap(), good);
    fs::remove_file(&path).unwrap();
    home.run("analyzer", &["--now", LATER, "report", "--date", DAY]).exits(0);
}

#[test]
fn a_day_without_data_is_printed_as_often_as_one_likes() {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let print = || home.run("analyzer", &["--now", LATER, "report", "--date", DAY]).exits(0);
    print();
    let samples = "[samples]\nat = \"[*]\"\nseries = \"id\"";
    home.source("bikes", &damage::declaration("bikes", samples));
    print();
    home.run("summarizer", &["--now", LATER, "run"]).exits(0);
    print();
}
