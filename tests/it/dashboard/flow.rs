//! What waits and what is counted are one: at each step of a summarizer that dies there, on both
//! stores, a look sees every answer once.

use crate::crash::cases::{check_all, each};
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::gate::Gate;
use daybook::domain::hours::Hours;
use daybook::domain::name::SourceName;
use daybook::domain::time::{Window, parse_iso};
use daybook::edge::spool::Spool;
use daybook::edge::store::{self, Reader};
use daybook::tier::live::waiting::{Looker, Waiting};
use daybook::tier::live::whole::Whole;
use daybook::tier::view;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

fn day() -> Range<Window> {
    let hour = |text: &str| Window::parse(text).unwrap();
    hour("2026-11-21T00")..hour("2026-11-22T00")
}

fn name(text: &str) -> SourceName {
    SourceName::parse(text).unwrap()
}

fn reader(home: &Sandbox) -> Box<dyn Reader> {
    let found = store::reader(home.store(), Gate::open()).unwrap();
    found.unwrap_or_else(|| store::nothing(home.store(), Gate::open()).unwrap())
}

fn looked(home: &Sandbox) -> Arc<Waiting> {
    let spool = Spool::new(home.home(), Gate::open());
    Looker::new(spool).look(&*reader(home), &day()).unwrap()
}

/// All that can be read of the day, in words.
fn told(whole: &Whole) -> Vec<String> {
    let hours: Hours = view::hours(whole, &name(BIKES), &day()).unwrap();
    assert!(hours.damaged.is_empty());
    let mut told = Vec::new();
    for (series, fields) in &hours.series {
        for field in fields.keys() {
            for (hour, n) in hours.numbers(series, field) {
                let (min, max, last) = (n.min.value, n.max.value, n.last);
                told.push(format!(
                    "{series} {field} {hour} {} {:.6} {min} {max} {last:?}",
                    n.count, n.sum
                ));
            }
        }
    }
    let times = parse_iso("2026-11-01T00:00:00Z").unwrap()..parse_iso(&at("23:00")).unwrap();
    let all = BTreeSet::new();
    let quakes = view::records(whole, &name(QUAKES), &times, &day(), &|_| true, &all).unwrap();
    told.extend(
        quakes.records.values().map(|r| format!("{} {:?} {:?}", r.id, r.version, r.last_seen)),
    );
    told
}

/// The same, as a page sees it: looked at, then read, once more where the two do not fit.
fn seen(home: &Sandbox) -> Vec<String> {
    for _ in 0..3 {
        let whole = Whole::new(reader(home), looked(home));
        let told = told(&whole);
        if !whole.is_torn() {
            return told;
        }
    }
    panic!("nothing moves, and yet a look and a reading do not fit");
}

fn hooks(scene: &Scene, kind: Kind) -> Vec<String> {
    let home = scene.home.copy(kind);
    let path = home.path("steps");
    let hook = format!("list:{}", path.display());
    home.run_hooked("summarizer", &["--now", &at("12:10")], &hook);
    let steps = std::fs::read_to_string(path).unwrap().lines().count();
    let hooks = (1..=steps).map(|step| format!("kill:{step}")).collect();
    each(if kind == Kind::Server { 8 } else { 1 }, hooks)
}

fn at_each_step(kind: Kind) {
    let scene = Scene::before_summary();
    let before = seen(&scene.home);
    assert!(before.len() > 30, "{before:?}");
    check_all(&format!("a look at each step, {kind:?}"), &hooks(&scene, kind), |kill, _| {
        let home = scene.home.copy(kind);
        home.run_hooked("summarizer", &["--now", &at("12:10")], kill);
        assert_eq!(seen(&home), before, "{kill}");
        home.run("summarizer", &["--now", &at("12:20")]);
        assert!(looked(&home).of(&name(BIKES)).next().is_none());
        assert_eq!(seen(&home), before, "after {kill}");
    });
}

#[test]
fn every_answer_is_seen_once_at_each_step_of_the_summarizer_sqlite() {
    at_each_step(Kind::Sqlite);
}

#[test]
fn every_answer_is_seen_once_at_each_step_of_the_summarizer_server() {
    at_each_step(Kind::Server);
}

#[test]
fn what_is_committed_between_a_look_and_a_reading_is_noticed() {
    let scene = Scene::before_summary();
    let before = seen(&scene.home);
    let stale = looked(&scene.home);
    scene.home.run("summarizer", &["--now", &at("12:10")]);
    let whole = Whole::new(reader(&scene.home), stale);
    told(&whole);
    assert!(whole.is_torn(), "what waited is counted, and nobody noticed");
    assert_eq!(seen(&scene.home), before);
}

/// A look from before something landed sees less, and is whole all the same; one after it keeps
/// what it counted, and adds the new.
#[test]
fn what_lands_later_is_added_to_what_was_counted() {
    let scene = Scene::before_summary();
    let spool = Spool::new(scene.home.home(), Gate::open());
    let mut looker = Looker::new(spool);
    let store = reader(&scene.home);
    let first = looker.look(&*store, &day()).unwrap();
    scene.home.run("fetcher", &["--now", &at("12:05")]);
    let second = looker.look(&*store, &day()).unwrap();
    let bikes = name(BIKES);
    assert!(second.ids(&bikes).is_superset(&first.ids(&bikes)));
    assert_eq!(second.ids(&bikes).len(), first.ids(&bikes).len() + 1);
    let commits = |all: &Waiting| -> BTreeSet<String> {
        all.of(&bikes).map(|part| part.entry.commit.clone()).collect()
    };
    assert!(commits(&second).is_superset(&commits(&first)), "what was counted is counted again");
    let fresh = Looker::new(Spool::new(scene.home.home(), Gate::open())).look(&*store, &day());
    let (one, other) = (Whole::new(reader(&scene.home), second), Whole::new(store, fresh.unwrap()));
    assert_eq!(told(&one), told(&other));
}
