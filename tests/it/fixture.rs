//! The store of the recorded day as older versions left it: it is read as it is, brought to this
//! version once, and says the same before and after; killed at any step of that, too.

use crate::crash::cases::{check_all, each};
use crate::recording::DAY;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::store::views::database;
use daybook::domain::gate::Gate;
use daybook::edge::store::{self, Reader, Table};
use mongodb::bson::{Document, doc};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NOW: &str = "2026-11-22T02:10:00Z";

const OLDER: [u32; 4] = [1, 2, 3, 4];
const THIS: i64 = store::SCHEMA as i64;

/// The home and its store, as they were.
pub fn of_version(version: u32, kind: Kind) -> Sandbox {
    let home = Sandbox::new(kind);
    let name = if kind == Kind::Sqlite { "sqlite" } else { "mongodb" };
    let archive = Path::new(ROOT).join(format!("tests/fixtures/store-{version}/{name}.tar.xz"));
    let mut unpack = Command::new("tar");
    unpack.arg("-xJf").arg(archive).arg("-C").arg(home.home());
    assert!(unpack.status().unwrap().success());
    if kind == Kind::Server {
        let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
        let lines = fs::File::open(home.path("store.jsonl")).unwrap();
        let mut load = Command::new(python);
        load.arg(format!("{ROOT}/tests/load_store.py")).arg(home.store()).stdin(Stdio::from(lines));
        assert!(load.status().unwrap().success());
    }
    home
}

fn reader(home: &Sandbox) -> Box<dyn Reader> {
    store::reader(home.store(), Gate::open()).unwrap().unwrap()
}

/// All entries and all rows that they name, as canonical documents.
fn told(home: &Sandbox) -> BTreeSet<String> {
    let store = reader(home);
    let mut told: BTreeSet<String> = [store.id().unwrap()].into();
    for feed in store.feeds().unwrap() {
        for day in store.days(&feed.source).unwrap() {
            for entry in store.ledger(&feed.source, day).unwrap() {
                told.insert(entry.doc().json());
                for table in Table::BOTH {
                    let commit = [entry.commit.clone()];
                    store
                        .rows(table, &commit, &mut |stored| {
                            let row = stored.row.unwrap().row(entry.hour).unwrap();
                            told.insert(format!("{} {}", stored.commit, row.doc().json()));
                        })
                        .unwrap();
                }
            }
        }
    }
    told
}

fn audits(home: &Sandbox) {
    home.run("summarizer", &["--now", NOW, "audit"]).exits(0).says("the difference is zero");
}

/// The files of an export but for the package, which tells when it was made.
fn exported(home: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    let _ = fs::remove_dir_all(home.path("exports"));
    home.run("analyzer", &["--now", NOW, "export", "--from", DAY]).exits(0);
    let files = home.files("exports").into_iter();
    files.map(|name| (name.clone(), fs::read(home.path("exports").join(name)).unwrap())).collect()
}

fn version(home: &Sandbox) -> i64 {
    match home.store().strip_prefix("sqlite:") {
        Some(path) => {
            let sql = "SELECT coalesce(max(CAST(value AS INTEGER)), 1) FROM meta \
                       WHERE key = 'schema'";
            let database = rusqlite::Connection::open(path).unwrap();
            database.query_row(sql, [], |row| row.get(0)).unwrap()
        }
        None => database(home.store(), |database| async move {
            let store = database.collection::<Document>("store");
            let found = store.find_one(doc! { "_id": "schema" }).await.unwrap();
            found.map_or(1, |found| found.get_i32("value").unwrap().into())
        }),
    }
}

#[test]
fn a_store_of_an_older_version_is_read_and_then_brought_to_this_one() {
    OLDER.into_iter().for_each(is_read_and_brought);
}

fn is_read_and_brought(older: u32) {
    let mut exports = Vec::new();
    for kind in KINDS {
        let home = of_version(older, kind);
        let (before, shown) = (told(&home), exported(&home));
        assert!(before.len() > 3_000 && shown.len() > 8, "{} {}", before.len(), shown.len());
        audits(&home);
        home.run("analyzer", &["--now", NOW, "report", "--date", DAY]).exits(0);
        // The day of version 2 has a remark that is told.
        home.run("summarizer", &["status"]).exits(i32::from(older == 2));
        assert_eq!(version(&home), i64::from(older), "who reads changes nothing");
        let declared: BTreeSet<String> = entries(&home, &|entry| entry.declaration.clone());
        let words = format!("from version {older} to {THIS}");
        home.run("summarizer", &["--now", NOW, "-v", "run"]).exits(0).says(&words);
        assert_eq!(version(&home), THIS);
        numbers_are_whole(&home);
        let after = told(&home);
        assert!(before.is_subset(&after), "an entry or a row has changed");
        audits(&home);
        let same = |files: &BTreeMap<String, Vec<u8>>| -> Vec<(String, Vec<u8>)> {
            let tables = files.clone().into_iter().filter(|(name, _)| name != "datapackage.json");
            tables.collect()
        };
        assert!(same(&exported(&home)) == same(&shown), "an export has changed");
        let kept = reader(&home);
        let kept = declared.iter().filter(|hash| kept.declaration(hash).unwrap().is_some());
        assert_eq!(kept.count(), declared.len());
        home.run("summarizer", &["--now", NOW, "-v", "run"]).exits(0);
        let tables = shown.into_iter().filter(|(name, _)| name != "datapackage.json");
        exports.push(tables.collect::<Vec<_>>());
    }
    assert!(exports[0] == exports[1], "the stores differ");
}

/// With one home, the numbers of each source and day are 1, 2, 3..., the journals' too.
fn numbers_are_whole(home: &Sandbox) {
    let store = reader(home);
    for feed in store.feeds().unwrap() {
        for day in store.days(&feed.source).unwrap() {
            let entries = store.ledger(&feed.source, day).unwrap();
            let mut numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
            numbers.sort();
            assert_eq!(numbers, (1..=entries.len() as u64).collect::<Vec<_>>(), "{}", feed.source);
            let keeper = if feed.source.is_journals() { &*feed.home } else { "" };
            assert!(entries.iter().all(|entry| entry.keeper == keeper), "{}", feed.source);
        }
    }
}

fn entries(
    home: &Sandbox,
    of: &dyn Fn(&daybook::domain::ledger::Entry) -> String,
) -> BTreeSet<String> {
    let store = reader(home);
    let feeds = store.feeds().unwrap().into_iter();
    let days = feeds.flat_map(|f| {
        store.days(&f.source).unwrap().into_iter().map(move |d| (f.source.clone(), d))
    });
    days.flat_map(|(source, day)| store.ledger(&source, day).unwrap()).map(|e| of(&e)).collect()
}

/// The steps of a migration. Of those that are done for each commit only the first and the last so
/// many, unless all steps are asked for.
fn migrating(steps: &str, many: usize) -> Vec<String> {
    let all = std::env::var("DAYBOOK_STEPS").is_ok_and(|steps| steps == "all");
    let mut numbers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (step, number) in steps.lines().zip(1..).filter(|(s, _)| s.starts_with("store.migrate")) {
        numbers.entry(step).or_default().push(number);
    }
    let some = numbers.into_values().flat_map(|of_one| {
        let outer = |place: &usize| all || *place < many || *place + many >= of_one.len();
        (0..of_one.len()).filter(outer).map(|place| of_one[place]).collect::<Vec<_>>()
    });
    let mut some: Vec<usize> = some.collect();
    some.sort_unstable();
    some.into_iter().map(|number| format!("kill:{number}")).collect()
}

/// Killed at each step of it; then a reader finds all, and the next run goes on.
fn may_be_killed(older: u32, kind: Kind) {
    let home = of_version(older, kind);
    let before = told(&home);
    let path = home.path("steps");
    let hook = format!("list:{}", path.display());
    home.run_hooked("summarizer", &["--now", NOW, "run"], &hook).exits(0);
    let steps = fs::read_to_string(path).unwrap();
    // Of the oldest versions, whose last steps are those of the later ones, fewer.
    let is_oldest = older < 3;
    let hooks = migrating(&steps, if is_oldest { 1 } else { 2 });
    assert!(hooks.len() >= if older < 4 { 5 } else { 3 }, "{hooks:?}");
    let many = if kind == Kind::Server { 6 } else { 2 } * if is_oldest { 3 } else { 1 };
    let hooks = each(many, hooks);
    check_all(&format!("migration of {older}, {kind:?}"), &hooks, |hook, _| {
        let home = of_version(older, kind);
        home.run_hooked("summarizer", &["--now", NOW, "run"], hook).was_killed();
        audits(&home);
        home.run("summarizer", &["--now", NOW, "run"]).exits(0);
        assert_eq!(version(&home), THIS);
        assert!(before.is_subset(&told(&home)), "an entry or a row has changed");
        audits(&home);
    });
}

#[test]
fn a_migration_may_be_killed_anywhere_sqlite() {
    OLDER.into_iter().for_each(|older| may_be_killed(older, Kind::Sqlite));
}

#[test]
fn a_migration_may_be_killed_anywhere_server() {
    OLDER.into_iter().for_each(|older| may_be_killed(older, Kind::Server));
}

#[test]
fn a_store_of_a_newer_version_is_refused_before_anything_moves() {
    for kind in KINDS {
        let home = of_version(2, kind);
        home.run("summarizer", &["--now", NOW, "run"]).exits(0);
        let files = home.files("data");
        match home.store().strip_prefix("sqlite:") {
            Some(path) => {
                let newer = "UPDATE store SET value = ?1 WHERE key = 'schema'";
                let value = [(THIS + 1).to_string()];
                rusqlite::Connection::open(path).unwrap().execute(newer, value).unwrap();
            }
            None => database(home.store(), |database| async move {
                let store = database.collection::<Document>("store");
                let newer = doc! { "$set": { "value": THIS as i32 + 1 } };
                store.update_one(doc! { "_id": "schema" }, newer).await.unwrap();
            }),
        }
        let before = home.files("data/daybook");
        for (program, action) in [
            ("summarizer", "run"),
            ("summarizer", "audit"),
            ("summarizer", "status"),
            ("analyzer", "report"),
            ("analyzer", "export"),
        ] {
            let ran = home.run(program, &["--now", "2026-11-22T05:10:00Z", action]).exits(2);
            ran.says(&format!("it is of version {}, and this program knows {THIS}", THIS + 1));
        }
        let moved: Vec<&String> =
            files.iter().filter(|f| !home.path("data").join(f).exists()).collect();
        assert!(moved.is_empty() && home.files("data/daybook").len() >= before.len(), "{moved:?}");
    }
}

/// Runs that start at one moment after an update: none fails, none undoes what another did.
#[test]
fn of_six_that_bring_it_to_this_version_at_once_all_can() {
    for kind in KINDS {
        let home = of_version(2, kind);
        let before = told(&home);
        let start = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    start.wait();
                    store::open(home.store(), Gate::open()).unwrap();
                });
            }
        });
        assert_eq!(version(&home), THIS);
        assert_eq!(told(&home), before);
        audits(&home);
        if kind == Kind::Server {
            let mut views = database(home.store(), |database| async move {
                let views = doc! { "type": "view" };
                let mut found = database.list_collections().filter(views).await.unwrap();
                let mut names = Vec::new();
                while found.advance().await.unwrap() {
                    names.push(found.deserialize_current().unwrap().name);
                }
                names
            });
            views.sort();
            let names =
                ["journals", "latest_records", "live_summaries", "meta", "records", "summaries"];
            assert_eq!(views, names);
        }
    }
}
