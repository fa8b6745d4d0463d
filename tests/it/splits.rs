//! Order does not matter: the same snapshots, arriving in any order, summarised in any split,
//! with copies that come back after they were counted, give the same statistics and records.

use crate::crash::cases::{Dice, check_all};
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::served;
use daybook::domain::gate::Gate;
use daybook::domain::hours::Hours;
use daybook::domain::name::SourceName;
use daybook::domain::row::{Row, Summary};
use daybook::domain::time::Window;
use daybook::edge::store;
use daybook::tier::view;
use serde_json::Value;
use std::path::PathBuf;

/// Cases per store, beside the three ways that people would think of.
const SHUFFLES: u64 = 20;

#[derive(Clone, Copy, Debug)]
enum Split {
    AtOnce,
    HourByHour,
    AllInBetween,
    /// Files arrive in an order, in parts, and come back, as this seed says.
    Shuffled(u64),
}

/// Float sums may differ by their rounding, within this part of their size.
const ROUNDING: f64 = 1e-12;

fn summarize(home: &Sandbox, now: &str, more: &[&str]) {
    let now = at(now);
    let ran = home.run("summarizer", &[&["run", "--now", &now], more].concat());
    // One snapshot of the scene is torn, and one has an odd item: "done in part".
    assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
}

fn waiting(home: &Sandbox) -> Vec<PathBuf> {
    let files = [BIKES, QUAKES].map(|source| {
        let files = home.files(&format!("data/{source}")).into_iter();
        files.map(|name| home.path(&format!("data/{source}/{name}"))).collect::<Vec<_>>()
    });
    files.concat()
}

fn carry_out(home: &Sandbox, split: Split) {
    match split {
        Split::AtOnce => {}
        Split::HourByHour => summarize(home, "11:10", &[]),
        Split::AllInBetween => {
            ["10:06", "10:30", "11:20"].iter().for_each(|now| summarize(home, now, &["--all"]));
        }
        Split::Shuffled(seed) => shuffle(home, &mut Dice(seed)),
    }
    summarize(home, "12:10", &[]);
    // The journals of these runs, too.
    summarize(home, "13:10", &[]);
}

/// All files are taken away, and arrive one by one; at times one arrives a second time.
fn shuffle(home: &Sandbox, dice: &mut Dice) {
    let mut files: Vec<(PathBuf, Vec<u8>)> = waiting(home)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    files.iter().for_each(|(path, _)| std::fs::remove_file(path).unwrap());
    for place in (1..files.len()).rev() {
        files.swap(place, dice.below(place + 1));
    }
    for place in 0..files.len() {
        let again = &files[dice.below(place + 1)];
        for (path, bytes) in [&files[place], again] {
            std::fs::write(path, bytes).unwrap();
        }
        match dice.below(5) {
            0 => summarize(home, "11:10", &[]),
            1 => summarize(home, "11:30", &["--all"]),
            2 => summarize(home, "12:30", &["--all"]),
            _ => {}
        }
    }
}

/// All that a reader sees of a source, as canonical JSON.
pub fn seen(home: &Sandbox, source: &str) -> Vec<Value> {
    let store = store::open(home.store(), Gate::open()).unwrap();
    let name = SourceName::parse(source).unwrap();
    let range = Window::parse("2026-11-21T00").unwrap()..Window::parse("2026-11-22T00").unwrap();
    let rows = if source == QUAKES {
        let winners = view::winners(store.as_reader(), &name, &range).unwrap();
        assert!(winners.damaged.is_empty());
        winners.records.into_values().map(Row::Record).collect()
    } else {
        let hours = view::hours(store.as_reader(), &name, &range).unwrap();
        assert!(hours.apart.is_empty() && hours.damaged.is_empty());
        summaries(hours)
    };
    rows.iter().map(|row| serde_json::from_str(&row.doc().json()).unwrap()).collect()
}

fn summaries(hours: Hours) -> Vec<Row> {
    let mut rows = Vec::new();
    for (series, fields) in hours.series {
        for (field, hours) in fields {
            rows.extend(hours.iter().map(|(hour, stats)| {
                let series = format!("{series} {hour}");
                Row::Summary(Summary { series, fields: vec![(field.clone(), stats.clone())] })
            }));
        }
    }
    rows
}

/// Equal, but for the rounding of numbers that are not whole.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Number(x), Value::Number(y)) if x.is_f64() || y.is_f64() => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= ROUNDING * x.abs().max(y.abs())
        }
        _ => a == b,
    }
}

fn check(kind: Kind, scene: &Scene, split: Split, whole: &[Vec<Value>], recount: &mut Recount) {
    let home = scene.home.copy(kind);
    carry_out(&home, split);
    for (source, whole) in [BIKES, QUAKES].into_iter().zip(whole) {
        let rows = seen(&home, source);
        assert_eq!(rows.len(), whole.len(), "{source}");
        for (row, expected) in rows.iter().zip(whole) {
            assert!(same(row, expected), "{source}\n{row:#}\n{expected:#}");
        }
    }
    let found = recount.differences(&served::folder(&home), home.store(), &scene.unreadable);
    assert_eq!(found, [""; 0]);
    assert_eq!(waiting(&home).len(), 0);
    home.run("summarizer", &["--now", &at("13:20"), "audit"]).exits(0);
}

fn splits(kind: Kind) {
    let scene = Scene::before_summary();
    let once = scene.home.copy(kind);
    carry_out(&once, Split::AtOnce);
    let whole = [BIKES, QUAKES].map(|source| seen(&once, source));
    assert!(whole.iter().all(|rows| rows.len() > 4));
    let mut cases = vec![Split::AtOnce, Split::HourByHour, Split::AllInBetween];
    cases.extend((1..=SHUFFLES).map(Split::Shuffled));
    check_all(&format!("splits, {kind:?}"), &cases, |split, recount| {
        check(kind, &scene, *split, &whole, recount);
    });
}

#[test]
fn any_split_in_any_order_gives_the_same_sqlite() {
    splits(KINDS[0]);
}

#[test]
fn any_split_in_any_order_gives_the_same_server() {
    splits(KINDS[1]);
}
