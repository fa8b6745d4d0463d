//! What is asked before hours go: who lives on, what hours take.

use super::rows::record;
use super::{HOUR, at, commit, each, header, hour, name};
use crate::recording::whole_day;
use crate::sandbox::KINDS;
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Kind as EntryKind;
use daybook::domain::name::SourceName;
use daybook::domain::row::Row;
use daybook::domain::time::{Instant, Window};
use daybook::edge::store::{self, Header};
use std::collections::BTreeSet;

/// A record as it was seen some hours later.
fn seen_later(n: i64, hours: i64) -> Row {
    let Row::Record(mut known) = record(n) else { panic!() };
    let seen = known.first_seen.after(chrono::Duration::hours(hours));
    (known.version.instant, known.first_seen, known.last_seen) = (seen, seen, seen);
    Row::Record(known)
}

#[test]
fn who_was_seen_later_is_told_by_the_hours_of_its_rows() {
    each(|place| {
        let store = place.open();
        let hours = [(0, 0..4), (1, 0..3), (2, 2..4), (50, 0..1)];
        for (number, (later, some)) in (1..).zip(hours) {
            let own =
                Window::of(at("2026-11-21T10:00:00.000Z").after(chrono::Duration::hours(later)));
            let header = Header { hour: own, ..header("quakes", &format!("commit-{later}")) };
            let rows: Vec<Row> = some.map(|n| seen_later(n, later)).collect();
            commit(&*store, number, EntryKind::Adds, &header, &rows);
        }
        let ids: Vec<String> = (0..6).map(|n| format!("id-{n}")).collect();
        let seen = |source: &str, ids: &[String], after: Window| -> Vec<String> {
            store.seen_after(&name(source), ids, after).unwrap().into_iter().collect()
        };
        let first = hour(HOUR);
        assert_eq!(seen("quakes", &ids, first), ["id-0", "id-1", "id-2", "id-3"]);
        assert_eq!(seen("quakes", &ids, first.next()), ["id-0", "id-2", "id-3"]);
        assert_eq!(seen("quakes", &ids, first.next().next()), ["id-0"]);
        assert_eq!(seen("quakes", &ids[1..], first.next().next()), [""; 0]);
        assert_eq!(seen("quakes", &[], first), [""; 0]);
        assert_eq!(seen("others", &ids, first), [""; 0]);
    });
}

#[test]
fn what_hours_take_is_about_what_the_store_takes() {
    for kind in KINDS {
        let home = whole_day(kind, "");
        let store = store::open(home.store(), Gate::open()).unwrap();
        let all = Window::of(Instant::MIN)..Window::of(Instant::MAX);
        let feeds = store.feeds().unwrap().into_iter();
        let sources: BTreeSet<SourceName> = feeds.map(|feed| feed.source).collect();
        let of = |source: &SourceName| store.weight(source, &all).unwrap();
        let told: u64 = sources.iter().map(of).sum();
        let ratio = told as f64 / store.size().unwrap() as f64;
        assert!((0.6..1.2).contains(&ratio), "{kind:?}: {told} told, {ratio} of the whole");
        let none = Window::of(Instant::MIN)..Window::of(Instant::MIN).next();
        assert_eq!(store.weight(sources.first().unwrap(), &none).unwrap(), 0);
    }
}
