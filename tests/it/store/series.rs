//! The rows of one series among those of others, in many commits: whatever their order, and whether
//! it is in all of them.

use super::views::{database, found as documents, summary};
use super::{Place, commit, each, entry, header, name, put};
use crate::sandbox::{Sandbox, mongodb_url};
use daybook::domain::ledger::{Entry, Kind};
use daybook::domain::positions::Missing;
use daybook::domain::row::Row;
use daybook::domain::time::Day;
use daybook::edge::store::{Reader, Stored, Table};

/// Series of a commit: stations come and go, so that one of them has many places.
fn series_of(number: usize) -> Vec<String> {
    let mut all: Vec<String> = (0..40)
        .filter(|station| {
            !(station * 7 + number).is_multiple_of(5) && (number < 20 || *station != 11)
        })
        .map(|station| format!("s{station:02}"))
        .collect();
    match number % 4 {
        // The last has few.
        _ if number == 39 => all.truncate(3),
        1 => all.reverse(),
        2 => all.rotate_left(number % 9),
        _ => {}
    }
    all
}

/// Gives rows of a store to somebody.
type Look<'a> = &'a dyn Fn(&dyn Reader, &mut dyn FnMut(Stored));

fn found(store: &dyn Reader, look: Look) -> Vec<String> {
    let mut rows = Vec::new();
    look(store, &mut |stored| {
        rows.push(format!("{} {} {:?}", stored.commit, stored.key, stored.row));
    });
    rows.sort();
    rows
}

#[test]
fn each_row_of_a_series_is_found_and_no_other() {
    each(|place| {
        let store = place.open();
        let commits: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
        for (number, commit) in commits.iter().enumerate() {
            let row = |series: &String| summary(series, number as f64);
            let rows: Vec<Row> = series_of(number).iter().map(row).collect();
            put(&*store, &header("bikes", commit), &rows).unwrap();
        }
        let other: Vec<Row> = vec![summary("s03", 7.0), summary("t", 8.0)];
        put(&*store, &header("others", "other"), &other).unwrap();
        let reader = store.as_reader();
        let asked: Vec<String> = commits.iter().skip(1).cloned().chain(["none".into()]).collect();
        for series in ["s00", "s03", "s11", "s39", "s40", "a", "t", ""] {
            let own = found(reader, &|store, take| store.series(&asked, series, take).unwrap());
            let all = found(reader, &|store, take| {
                store
                    .rows(Table::Summaries, &asked, &mut |stored| {
                        if stored.key == series {
                            take(stored);
                        }
                    })
                    .unwrap();
            });
            assert_eq!(own, all, "{series}");
            let expected = (1..40).filter(|n| series_of(*n).iter().any(|own| own == series));
            assert_eq!(own.len(), expected.count(), "{series}");
        }
    });
}

/// A station that is new has no row in most of a year: nothing is read for these.
#[test]
fn of_a_series_that_most_commits_have_not_no_other_rows_are_read() {
    let place = Place(Sandbox::within(&std::env::temp_dir(), &mongodb_url()));
    let store = place.open();
    let commits: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
    for (number, commit) in commits.iter().enumerate() {
        let series = (0..60).filter(|station| *station != 30 || number >= 38);
        let rows: Vec<Row> = series.map(|s| summary(&format!("s{s:02}"), 1.0)).collect();
        put(&*store, &header("bikes", commit), &rows).unwrap();
    }
    let profile = |level: i32| {
        database(place.url(), |database| async move {
            database.run_command(mongodb::bson::doc! { "profile": level }).await.unwrap();
        });
    };
    profile(2);
    let reader = store.as_reader();
    for (series, rows) in [("s30", 2), ("absent", 0), ("zz", 0)] {
        let own = found(reader, &|store, take| store.series(&commits, series, take).unwrap());
        assert_eq!(own.len(), rows, "{series}");
    }
    profile(0);
    let read = |asked: &mongodb::bson::Document| {
        let is_of_rows = asked.get_str("ns").is_ok_and(|ns| ns.ends_with(".summary_rows"));
        if is_of_rows { asked.get_i32("docsExamined").unwrap_or(0) } else { 0 }
    };
    let read: i32 = documents(place.url(), "system.profile").iter().map(read).sum();
    // Three searches by halves among 60 rows of 40 commits, and twice the last commit.
    assert!((1..3 * 40 * 7 + 300).contains(&read), "{read} of 2,400 rows");
}

#[test]
fn an_outline_is_an_entry_without_what_it_counted() {
    each(|place| {
        let store = place.open();
        let (first, rows) = (header("bikes", "c1"), vec![summary("a", 1.0)]);
        assert!(commit(&*store, 1, Kind::Adds, &first, &rows));
        let second = Entry {
            snapshots: [("x".to_string(), Missing::Nothing)].into(),
            barren: vec!["x".into()],
            ..entry(2, Kind::Recount, &header("bikes", "c2"), &rows)
        };
        assert!(store.append(&second).unwrap());
        let day: Day = "2026-11-21".parse().unwrap();
        let reader = store.as_reader();
        let whole = reader.entries(&name("bikes"), day).unwrap();
        let bare = |entry: Entry| Entry {
            snapshots: Default::default(),
            remarks: Vec::new(),
            barren: Vec::new(),
            ..entry
        };
        let bare: Vec<_> = whole.into_iter().map(|entry| entry.map(bare)).collect();
        assert_eq!(bare.len(), 2);
        assert_eq!(reader.outlines(&name("bikes"), day).unwrap(), bare);
    });
}
