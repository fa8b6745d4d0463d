//! Rows, random and odd ones, are read back equal.

use super::views::summary;
use super::{Place, at, each, header, put, sorted, spelled};
use crate::sandbox::{KINDS, Sandbox};
use daybook::domain::hash::Digest;
use daybook::domain::quantile::Quantiles;
use daybook::domain::record::{Record, Scalar, Version};
use daybook::domain::row::{Row, Summary};
use daybook::domain::stats::{FieldStats, Gathering, Values};
use daybook::domain::texts::Texts;
use daybook::domain::time::{Instant, from_millis};
use daybook::domain::trace::Trace;
use daybook::edge::store::{Header, Table};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Keys of all kinds; no two alike also under other rules of comparison than equality of bytes.
const ODD: [&str; 14] = [
    "a",
    "A",
    "a ",
    "é",
    "e\u{301}",
    "a\"b",
    "a'b",
    "a\\b",
    "a/b",
    "$a",
    "a.b",
    "%",
    "\u{1F6B2}",
    "*",
];

/// A record that is known by its number.
pub fn record(n: i64) -> Row {
    let seen = at("2026-11-21T10:00:00.000Z").after(chrono::Duration::milliseconds(n));
    Row::Record(Record {
        id: format!("id-{n}"),
        time: Some(seen),
        version: Version { updated: None, instant: seen, hash: Digest::of(&n.to_be_bytes()) },
        first_seen: seen,
        last_seen: seen,
        values: vec![("n".into(), Scalar::Number(n as f64))],
    })
}

pub fn numbers(values: &[(f64, i64)], quantiles: Quantiles, trace: Option<u32>) -> Values {
    let mut gathering = Gathering::new(quantiles, trace.map(Trace::new));
    values.iter().for_each(|(value, ms)| {
        gathering.add(*value, *ms, *ms);
    });
    Values::Numbers(Box::new(gathering.finish().unwrap()))
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e9..1e9,
        (-1000i32..1000).prop_map(f64::from),
        Just(0.0),
        Just(-0.0),
        Just(0.1),
        Just(5e-324),
        Just(-1e140),
        Just(1e140),
    ]
}

fn stats() -> impl Strategy<Value = FieldStats> {
    let readings = vec((value(), 0i64..3_600_000), 1..20);
    let steps = prop_oneof![Just(None), Just(Some(60)), Just(Some(600)), Just(Some(3600))];
    let grid = vec((-100_000i32..100_000, 0i64..3_600_000), 1..20);
    let sketched = (readings, steps.clone())
        .prop_map(|(readings, step)| numbers(&readings, Quantiles::sketch(), step));
    let gridded = (grid, steps, prop_oneof![Just(1.0), Just(0.1), Just(0.25)]).prop_map(
        |(readings, trace, step)| {
            let exact = |(key, ms): &(i32, i64)| (f64::from(*key) * step, *ms);
            let readings: Vec<_> = readings.iter().map(exact).collect();
            numbers(&readings, Quantiles::grid(step), trace)
        },
    );
    let texts = vec((".{0,30}", 1u64..1_000_000_000), 1..300).prop_map(|pairs| {
        let mut texts = Texts::default();
        pairs.iter().for_each(|(text, times)| {
            texts.add(text, *times);
        });
        Values::Texts(texts.into())
    });
    let values = prop_oneof![3 => sketched, 3 => gridded, 1 => texts];
    (option::of(".{1,10}"), values)
        .prop_map(|(unit, values)| FieldStats { unit: unit.map(Into::into), values })
}

fn key() -> impl Strategy<Value = String> {
    let any = "\\PC{1,50}".prop_filter("too long", |key| key.len() <= 200);
    prop_oneof![any, Just("x".repeat(200)), proptest::sample::select(&ODD[..]).prop_map(Into::into)]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,12}"
}

fn summaries() -> impl Strategy<Value = Vec<Row>> {
    let fields = btree_map(name(), stats(), 1..4);
    btree_map(key(), fields, 1..6).prop_map(|all| {
        let row = |(series, fields): (String, std::collections::BTreeMap<_, _>)| {
            Row::Summary(Summary { series, fields: fields.into_iter().collect() })
        };
        all.into_iter().map(row).collect()
    })
}

fn instant() -> impl Strategy<Value = Instant> {
    (-2_000_000_000_000i64..4_000_000_000_000).prop_map(from_millis)
}

fn records() -> impl Strategy<Value = Vec<Row>> {
    let scalar = prop_oneof![value().prop_map(Scalar::Number), ".{0,60}".prop_map(Scalar::Text)];
    let values = btree_map(name(), scalar, 0..5);
    let instants = (option::of(instant()), option::of(instant()), instant(), instant(), instant());
    let body = (instants, any::<[u8; 8]>(), values);
    btree_map(key(), body, 1..8).prop_map(|all| {
        let rows = all.into_iter().map(|(id, (instants, seed, values))| {
            let (time, updated, instant, first_seen, last_seen) = instants;
            let version = Version { updated, instant, hash: Digest::of(&seed) };
            let values = values.into_iter().collect();
            Row::Record(Record { id, time, version, first_seen, last_seen, values })
        });
        rows.collect()
    })
}

/// Puts random rows under commits of their own into one store of each kind.
fn are_read_back(table: Table, rows: impl Strategy<Value = Vec<Row>>) {
    let places = KINDS.map(|kind| Place(Sandbox::new(kind)));
    let stores = [places[0].open(), places[1].open()];
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 120, ..Config::default() });
    let tried = runner.run(&rows, |rows| {
        number.set(number.get() + 1);
        let commit = format!("c{}", number.get());
        for store in &stores {
            put(&**store, &header("velib", &commit), &rows).unwrap();
            prop_assert_eq!(spelled(&**store, table, &[&commit]), sorted(&rows));
        }
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn random_summaries_are_read_back_equal() {
    are_read_back(Table::Summaries, summaries());
}

#[test]
fn random_records_are_read_back_equal() {
    are_read_back(Table::Records, records());
}

#[test]
fn odd_keys_stay_apart() {
    each(|place| {
        let store = place.open();
        let row = |key: &&str| match record(1) {
            Row::Record(record) => Row::Record(Record { id: key.to_string(), ..record }),
            other => other,
        };
        let rows: Vec<Row> = ODD.iter().map(row).collect();
        put(&*store, &header("velib", "c/1"), &rows).unwrap();
        put(&*store, &header("velib", "c"), &rows).unwrap();
        assert_eq!(spelled(&*place.open(), Table::Records, &["c/1"]), sorted(&rows));
        store.remove(&["c".into()], Instant::MAX).unwrap();
        assert_eq!(spelled(&*store, Table::Records, &["c/1", "c"]), sorted(&rows));
    });
}

#[test]
fn thousands_of_rows_are_read_one_by_one() {
    each(|place| {
        let store = place.open();
        let rows: Vec<Row> = (0..5_000).map(record).collect();
        let (first, second) = rows.split_at(2_500);
        put(&*store, &header("velib", "c1"), first).unwrap();
        put(&*store, &header("velib", "c2"), second).unwrap();
        assert_eq!(spelled(&*store, Table::Records, &["c1", "c2", "none"]), sorted(&rows));
    });
}

#[test]
fn the_oldest_hour_is_that_of_any_row_named_or_not() {
    each(|place| {
        let store = place.open();
        assert_eq!(store.oldest(&header("a", "c").source).unwrap(), None);
        let one = |source: &str, commit: &str, hour: &str, table| {
            let header = Header { hour: super::hour(hour), ..header(source, commit) };
            let row = match table {
                Table::Records => record(1),
                Table::Summaries => summary("s", 1.0),
            };
            put(&*store, &header, &[row]).unwrap();
        };
        one("b", "c1", "2020-01-01T00", Table::Summaries);
        for (commit, hour, table, oldest) in [
            ("c2", "2026-11-21T10", Table::Summaries, "2026-11-21T10"),
            ("c3", "2026-11-20T23", Table::Records, "2026-11-20T23"),
            ("c4", "2026-11-20T22", Table::Summaries, "2026-11-20T22"),
            ("c5", "2026-11-22T00", Table::Records, "2026-11-20T22"),
        ] {
            one("a", commit, hour, table);
            let source = header("a", commit).source;
            assert_eq!(place.open().oldest(&source).unwrap(), Some(super::hour(oldest)));
        }
        store.remove(&["c3".into(), "c4".into()], Instant::MAX).unwrap();
        let source = header("a", "c").source;
        assert_eq!(store.oldest(&source).unwrap(), Some(super::hour("2026-11-21T10")));
    });
}

#[test]
fn records_without_a_time_are_found_among_those_with_one() {
    each(|place| {
        let store = place.open();
        let header = header("velib", "c1");
        let all: Vec<Row> = (0..20)
            .map(|n| {
                let seen = at("2026-11-21T10:30:00Z");
                let mut record = Record {
                    id: format!("id-{n:02}"),
                    time: None,
                    version: Version { updated: None, instant: seen, hash: Digest::of(b"x") },
                    first_seen: seen,
                    last_seen: seen,
                    values: Vec::new(),
                };
                record.time = (n % 5 != 0).then(|| at("2026-11-21T10:00:00Z"));
                Row::Record(record)
            })
            .collect();
        put(&*store, &header, &all).unwrap();
        let mut found = Vec::new();
        store.timeless(&["c1".into(), "none".into()], &mut |row| found.push(row.key)).unwrap();
        found.sort();
        assert_eq!(found, ["id-00", "id-05", "id-10", "id-15"]);
    });
}
