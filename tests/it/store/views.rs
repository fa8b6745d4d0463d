//! The views that stores give to people say what `tier::view` says; and what `tier::view` says
//! when rows are missing, or an entry became void.

use super::{HOUR, Place, at, commit, each, entry, header, hour, name, put, rows};
use crate::postgres;
use crate::sandbox::is_mongodb;
use daybook::domain::hash::Digest;
use daybook::domain::ledger::Kind;
use daybook::domain::quantile::Quantiles;
use daybook::domain::record::{Record, Scalar, Version};
use daybook::domain::row::{Row, Summary};
use daybook::domain::stats::FieldStats;
use daybook::domain::time::{Window, iso};
use daybook::tier::view;
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeSet;
use std::ops::Range;

const NEXT: &str = "2026-11-21T11";

fn day() -> Range<Window> {
    hour("2026-11-21T00")..hour("2026-11-22T00")
}

pub fn summary(series: &str, value: f64) -> Row {
    let values = rows::numbers(&[(value, 60_000)], Quantiles::grid(1.0), Some(600));
    let fields = vec![("bikes".into(), FieldStats { unit: None, values })];
    Row::Summary(Summary { series: series.into(), fields })
}

/// A version of a record: when updated, when fetched, which content; what it says.
fn version(id: &str, updated: Option<&str>, instant: &str, hash: u8, says: f64) -> Row {
    let instant = at(instant);
    let version = Version { updated: updated.map(at), instant, hash: Digest::of(&[hash]) };
    let values = vec![("n".into(), Scalar::Number(says))];
    let (first_seen, last_seen) = (instant, instant);
    Row::Record(Record { id: id.into(), time: None, version, first_seen, last_seen, values })
}

/// Runs something on a database of the real server.
pub fn database<F: Future>(url: &str, act: impl FnOnce(mongodb::Database) -> F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = mongodb::Client::with_uri_str(url).await.unwrap();
        act(client.default_database().unwrap()).await
    })
}

/// What there is in a store behind a server.
pub fn made(url: &str) -> Vec<String> {
    if url.starts_with("postgres:") {
        let tables = "SELECT relname FROM pg_class WHERE relnamespace = \
                      to_regnamespace(current_setting('search_path'))::oid";
        return postgres::rows(url, tables)
            .into_iter()
            .map(|row| row[0].clone().unwrap())
            .collect();
    }
    database(url, |database| async move { database.list_collection_names().await.unwrap() })
}

/// Takes it all away.
pub fn drop_all(url: &str) {
    match url.split_once("?schema=") {
        Some((_, schema)) => drop(postgres::rows(url, &format!("DROP SCHEMA {schema} CASCADE"))),
        None => database(url, |database| async move { database.drop().await.unwrap() }),
    }
}

/// All documents of a collection or view.
pub fn found(url: &str, collection: &'static str) -> Vec<Document> {
    database(url, |database| async move {
        let mut cursor = database.collection::<Document>(collection).find(doc! {}).await.unwrap();
        let mut found = Vec::new();
        while cursor.advance().await.unwrap() {
            found.push(cursor.deserialize_current().unwrap());
        }
        found
    })
}

/// Lines `source id n first last` of the view `latest_records`, in order.
fn latest(place: &Place) -> BTreeSet<String> {
    if place.url().starts_with("postgres:") {
        let sql = "SELECT source, id, body->>'n', to_char(first_seen_at, \
                   'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), \
                   to_char(last_seen_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM latest_records";
        let line = |row: Vec<Option<String>>| {
            let cell = |at: usize| row[at].clone().unwrap();
            let n: f64 = cell(2).parse().unwrap();
            format!("{} {} {n:?} {} {}", cell(0), cell(1), cell(3), cell(4))
        };
        return postgres::rows(place.url(), sql).into_iter().map(line).collect();
    }
    let Some(path) = place.url().strip_prefix("sqlite:") else {
        let line = |row: Document| {
            let date = |key: &str| match row.get(key) {
                Some(Bson::DateTime(at)) => {
                    iso(daybook::domain::time::from_millis(at.timestamp_millis()))
                }
                other => panic!("{key} is {other:?}"),
            };
            let n = row.get_document("values").unwrap().get_f64("n").unwrap();
            let text = |key| row.get_str(key).unwrap();
            let (first, last) = (date("first_seen"), date("last_seen"));
            format!("{} {} {n:?} {first} {last}", text("source"), text("id"))
        };
        return found(place.url(), "latest_records").into_iter().map(line).collect();
    };
    let sql = "SELECT source, id, json_extract(body, '$.values.n'), first_seen, last_seen \
               FROM latest_records";
    lines(path, sql, |row| {
        let (source, id): (String, String) = (row.get(0)?, row.get(1)?);
        let (n, first, last): (f64, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(format!("{source} {id} {n:?} {first} {last}"))
    })
}

fn lines(
    path: &str,
    sql: &str,
    line: impl Fn(&rusqlite::Row) -> rusqlite::Result<String>,
) -> BTreeSet<String> {
    let database = rusqlite::Connection::open(path).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], line).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// The same lines from `tier::view`.
fn winners(place: &Place, source: &str) -> BTreeSet<String> {
    let winners = view::winners(place.open().as_reader(), &name(source), &day()).unwrap();
    assert!(winners.damaged.is_empty());
    let line = |record: &Record| {
        let n = record.number("n").unwrap();
        let (first, last) = (iso(record.first_seen), iso(record.last_seen));
        format!("{source} {} {n:?} {first} {last}", record.id)
    };
    winners.records.values().map(line).collect()
}

#[test]
fn the_views_give_the_winners() {
    each(|place| {
        let store = place.open();
        let of = |commit: &str, at: &str| {
            let mut header = header("quakes", commit);
            header.hour = hour(at);
            header
        };
        let (early, late) = ("2026-11-21T10:01:00.000Z", "2026-11-21T11:01:00.000Z");
        let first = [
            version("a", Some("2026-11-20T00:00:00Z"), early, 1, 1.0),
            version("b", None, early, 1, 1.0),
            version("c", Some("2026-11-20T00:00:00Z"), late, 1, 1.0),
            version("d", None, early, 1, 1.0),
        ];
        let second = [
            version("a", Some("2026-11-20T00:00:01Z"), late, 2, 2.0),
            version("b", None, late, 2, 2.0),
            version("c", Some("2026-11-20T00:00:00.001Z"), early, 2, 2.0),
            version("d", None, early, 2, 2.0),
        ];
        let void = [version("a", Some("2027-01-01T00:00:00Z"), late, 9, 9.0)];
        assert!(commit(&*store, 1, Kind::Adds, &of("void", HOUR), &void));
        assert!(commit(&*store, 2, Kind::Recount, &of("c1", HOUR), &first));
        assert!(commit(&*store, 3, Kind::Adds, &of("c2", NEXT), &second));
        put(&*store, &of("unnamed", NEXT), &void).unwrap();
        let expected = winners(place, "quakes");
        assert_eq!(latest(place), expected);
        // The greatest version by (updated, instant, hash); of both sightings the outer ones.
        let by_hash = if Digest::of(&[1]) > Digest::of(&[2]) { 1.0 } else { 2.0 };
        let line = |id, n: f64, last| format!("quakes {id} {n:?} {early} {last}");
        let lines = [line("a", 2.0, late), line("b", 2.0, late), line("c", 2.0, late)];
        let mut wanted: BTreeSet<String> = lines.into();
        wanted.insert(line("d", by_hash, early));
        assert_eq!(expected, wanted);
    });
}

#[test]
fn the_view_of_summaries_holds_what_is_live() {
    each(|place| {
        let store = place.open();
        let mut later = header("velib", "later");
        later.hour = hour(NEXT);
        assert!(commit(&*store, 1, Kind::Adds, &header("velib", "void"), &[summary("a", 1.0)]));
        assert!(commit(&*store, 2, Kind::Adds, &later, &[summary("a", 2.0)]));
        assert!(commit(&*store, 3, Kind::Recount, &header("velib", "c"), &[summary("a", 3.0)]));
        assert!(commit(&*store, 4, Kind::Adds, &header("velib", "d"), &[summary("b", 4.0)]));
        put(&*store, &header("velib", "e"), &[summary("b", 5.0)]).unwrap();
        let live = match place.url().strip_prefix("sqlite:") {
            None if !is_mongodb() => {
                let sql = "SELECT to_char(hour, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), series, sum \
                           FROM statistics";
                let line = |row: Vec<Option<String>>| {
                    let cell = |at: usize| row[at].clone().unwrap();
                    format!("{} {} {:?}", cell(0), cell(1), cell(2).parse::<f64>().unwrap())
                };
                postgres::rows(place.url(), sql).into_iter().map(line).collect()
            }
            Some(path) => {
                let sql = "SELECT hour || ' ' || series || ' ' || \
                           json_extract(body, '$.fields.bikes.sum') FROM live_summaries";
                lines(path, sql, |row| row.get(0))
            }
            None => found(place.url(), "live_summaries").iter().map(live_line).collect(),
        };
        let lines = [format!("{HOUR} a 3.0"), format!("{NEXT} a 2.0"), format!("{HOUR} b 4.0")];
        let expected: BTreeSet<String> =
            lines.map(|line| line.replacen(' ', ":00:00.000Z ", 1)).into();
        assert_eq!(live, expected);
        let hours = view::hours(store.as_reader(), &name("velib"), &day()).unwrap();
        let mut seen = BTreeSet::new();
        for (series, fields) in &hours.series {
            for (hour, stats) in fields["bikes"].iter() {
                let sum = stats.numbers().unwrap().sum;
                seen.insert(format!("{} {series} {sum:?}", iso(hour.start())));
            }
        }
        assert_eq!(seen, expected);
    });
}

fn live_line(row: &Document) -> String {
    let hour = row.get_datetime("hour").unwrap().timestamp_millis();
    let bikes = row.get_document("fields").unwrap().get_document("bikes").unwrap();
    let (hour, sum) = (daybook::domain::time::from_millis(hour), bikes.get_f64("sum").unwrap());
    format!("{} {} {sum:?}", iso(hour), row.get_str("series").unwrap())
}

#[test]
fn an_hour_with_a_wrong_number_of_rows_is_shown_as_damaged() {
    each(|place| {
        let store = place.open();
        let mut later = header("velib", "later");
        later.hour = hour(NEXT);
        let rows = [summary("a", 1.0), summary("b", 1.0)];
        assert!(commit(&*store, 1, Kind::Adds, &header("velib", "c1"), &rows));
        assert!(commit(&*store, 2, Kind::Adds, &later, &rows));
        let lacking = entry(3, Kind::Adds, &header("velib", "c3"), &rows);
        put(&*store, &header("velib", "c3"), &rows[..1]).unwrap();
        let seen = |store: &dyn daybook::edge::store::Writer| {
            let hours = view::hours(store.as_reader(), &name("velib"), &day()).unwrap();
            let shown: Vec<Window> =
                hours.series["a"]["bikes"].iter().map(|(hour, _)| hour).collect();
            (shown, hours.damaged.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(seen(&*store), (vec![hour(HOUR), hour(NEXT)], vec![]));
        assert!(store.append(&lacking).unwrap());
        assert_eq!(seen(&*store), (vec![hour(NEXT)], vec![hour(HOUR)]));
        let recount = entry(4, Kind::Expiry, &header("velib", "none"), &[]);
        assert!(store.append(&recount).unwrap());
        assert_eq!(seen(&*store), (vec![hour(NEXT)], vec![]));
    });
}
