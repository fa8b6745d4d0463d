//! Opening: a reader makes nothing; programs of before fail on a store of this version; texts of
//! declarations are kept; records are found by their own time.

use super::{HOUR, at, commit, each, header, hour, name, put};

use crate::sandbox::{KINDS, Sandbox, is_mongodb};
use crate::store::views::{database, made};
use daybook::domain::gate::Gate;
use daybook::domain::hash::Digest;
use daybook::domain::ledger::Kind;
use daybook::domain::record::{Record, Scalar, Version};
use daybook::domain::row::Row;
use daybook::edge::store::{self, Which};
use daybook::tier::view;
use mongodb::bson::{Document, doc};
use std::collections::BTreeSet;

#[test]
fn a_reader_makes_nothing() {
    for kind in KINDS {
        let home = Sandbox::new(kind);
        assert!(store::reader(home.store(), Gate::open()).unwrap().is_none());
        match home.store().strip_prefix("sqlite:") {
            Some(path) => assert!(!std::path::Path::new(path).exists()),
            None => assert_eq!(made(home.store()), [""; 0]),
        }
        let nothing = store::nothing(home.store(), Gate::open()).unwrap();
        assert_eq!(nothing.address(), home.store());
        assert!(nothing.feeds().unwrap().is_empty());
    }
}

#[test]
fn what_programs_of_before_begin_with_fails() {
    if !is_mongodb() {
        // There are no older ones of it.
        return;
    }
    each(|place| {
        drop(place.open());
        let Some(path) = place.url().strip_prefix("sqlite:") else {
            let upsert = database(place.url(), |database| async move {
                let set = doc! { "$setOnInsert": { "value": "new" } };
                let meta = database.collection::<Document>("meta");
                meta.update_one(doc! { "_id": "id" }, set).upsert(true).await
            });
            assert!(upsert.unwrap_err().to_string().contains("is a view"));
            return;
        };
        let database = rusqlite::Connection::open(path).unwrap();
        let first = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) \
                     WITHOUT ROWID; \
                     INSERT INTO meta VALUES ('id', lower(hex(randomblob(8)))) \
                     ON CONFLICT DO NOTHING;";
        let failed = database.execute_batch(first).unwrap_err().to_string();
        assert!(failed.contains("because it is a view"), "{failed}");
    });
}

#[test]
fn a_declaration_is_kept_once_by_its_hash() {
    each(|place| {
        let store = place.open();
        assert_eq!(store.declaration("h").unwrap(), None);
        store.declare("h", "title = \"é\"\n").unwrap();
        store.declare("h", "another").unwrap();
        let kept = Some("title = \"é\"\n".to_string());
        assert_eq!(place.open().declaration("h").unwrap(), kept);
    });
}

/// A version of a record: its own time, when it was fetched, what it says.
fn version(id: &str, time: Option<&str>, instant: &str, says: f64) -> Row {
    let instant = at(instant);
    Row::Record(Record {
        id: id.into(),
        time: time.map(at),
        version: Version { updated: None, instant, hash: Digest::of(b"x") },
        first_seen: instant,
        last_seen: instant,
        values: vec![("n".into(), Scalar::Number(says))],
    })
}

#[test]
fn records_are_found_by_their_own_time_whenever_they_landed() {
    each(|place| {
        let store = place.open();
        let of = |commit: &str, at: &str| {
            let mut header = header("power", commit);
            header.hour = hour(at);
            header
        };
        let (noon, next) = ("2026-08-04T12:00:00Z", "2026-08-05T12:00:00Z");
        let (early, late, last) =
            ("2026-08-01T00:10:00Z", "2026-08-09T00:10:00Z", "2026-11-21T10:10:00Z");
        let forecast = [version("a", Some(noon), early, 1.0), version("b", Some(next), early, 1.0)];
        let void = [version("a", Some(noon), late, 7.0)];
        let measured = [version("a", Some(noon), late, 2.0), version("c", None, late, 1.0)];
        let moved = [version("d", Some(noon), early, 1.0)];
        let away = [version("d", Some(next), last, 2.0), version("e", Some(next), last, 3.0)];
        assert!(commit(&*store, 1, Kind::Adds, &of("c1", "2026-08-01T00"), &forecast));
        assert!(commit(&*store, 1, Kind::Adds, &of("c2", "2026-08-09T00"), &void));
        assert!(commit(&*store, 2, Kind::Recount, &of("c3", "2026-08-09T00"), &measured));
        assert!(commit(&*store, 2, Kind::Adds, &of("c4", "2026-08-01T01"), &moved));
        assert!(commit(&*store, 1, Kind::Adds, &of("c5", HOUR), &away));
        put(&*store, &of("unnamed", HOUR), &[version("a", Some(noon), last, 9.0)]).unwrap();
        let day = at("2026-08-04T00:00:00Z")..at("2026-08-05T00:00:00Z");
        let power = name("power");
        let holders = store.holders(&power, Which::Timed(&day)).unwrap();
        let named: Vec<&str> = holders.keys().map(String::as_str).collect();
        assert_eq!(named, ["c1", "c2", "c3", "c4", "c5", "unnamed"]);
        assert_eq!(holders["c5"], hour(HOUR));
        assert_eq!(store.counts(&power, &holders).unwrap()["c3"], 2);
        let mut versions = BTreeSet::new();
        let timed = Which::Timed(&day);
        store.versions(&power, timed, &mut |row| versions.extend([(row.commit, row.key)])).unwrap();
        assert_eq!(versions.len(), 6, "{versions:?}");
        // By their ids, whatever their times are.
        let ids = ["a", "e", "nobody"].map(String::from);
        let named = store.holders(&power, Which::Named(&ids)).unwrap();
        let named: Vec<&str> = named.keys().map(String::as_str).collect();
        assert_eq!(named, ["c1", "c2", "c3", "c5", "unnamed"]);
        let (mut keys, which) = (Vec::new(), Which::Named(&ids));
        store.versions(&power, which, &mut |row| keys.push(row.key)).unwrap();
        keys.sort();
        assert_eq!(keys, ["a", "a", "a", "a", "e"]);
        assert!(store.holders(&name("other"), Which::Named(&ids)).unwrap().is_empty());
        assert_eq!(store.end_times(&power).unwrap(), Some((at(noon), at(next))));
        assert_eq!(store.end_times(&name("other")).unwrap(), None);
        let none = hour("2026-08-04T00")..hour("2026-08-05T00");
        let sound = BTreeSet::new();
        let winners =
            view::records(store.as_reader(), &power, &day, &none, &|_| true, &sound).unwrap();
        assert!(winners.damaged.is_empty());
        let line = |r: &Record| format!("{} {:?} {:?}", r.id, r.number("n").unwrap(), r.last_seen);
        let lines: Vec<String> = winners.records.values().map(line).collect();
        // The unnamed version and the void one do not count; `d` has moved to another day.
        assert_eq!(
            lines,
            [
                format!("a 2.0 {}", "2026-08-09T00:10:00.000Z"),
                format!("d 2.0 {}", "2026-11-21T10:10:00.000Z"),
            ]
        );
        // A row that is gone is seen by the number of rows, even where its day asked for others.
        store.append(&super::entry(2, Kind::Adds, &of("c6", HOUR), &away)).unwrap();
        put(&*store, &of("c6", HOUR), &[version("a", Some(noon), last, 8.0)]).unwrap();
        let winners =
            view::records(store.as_reader(), &power, &day, &none, &|_| true, &sound).unwrap();
        assert_eq!(winners.damaged.into_iter().collect::<Vec<_>>(), [hour(HOUR)]);
        assert_eq!(winners.records["a"].number("n"), Some(2.0));
    });
}
