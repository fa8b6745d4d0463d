//! Rows that nothing names go in the end, however old their hour; what counts stays, and so does
//! what a run may yet name.

use super::{settled, summarizer};
use crate::crash::scene::Scene;
use crate::recording::BIKES;
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use chrono::{Datelike, Duration};
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::time::{Instant, Window, iso, parse_iso};
use daybook::edge::store::{self, Header, Stored, Table};
use std::collections::BTreeSet;

/// A home whose hours are counted.
fn counted(scene: &Scene, kind: Kind) -> Sandbox {
    let home = scene.home.copy(kind);
    home.settings("[summarizer]\narchive = \"archive\"");
    summarizer(&home, "12:10", &["run"]);
    home
}

fn bikes() -> SourceName {
    SourceName::parse(BIKES).unwrap()
}

/// The commits that have rows of bikes, whatever names them.
fn commits(home: &Sandbox) -> BTreeSet<String> {
    let all = Window::of(Instant::MIN)..Window::of(Instant::MAX);
    let store = store::open(home.store(), Gate::open()).unwrap();
    let found = store.commits(&bikes(), all).unwrap().into_iter();
    found.map(|header| header.commit).collect()
}

const RECOUNT: [&str; 6] = ["recount", BIKES, "--from", "2026-11-21", "--to", "2026-11-21"];

/// The first run from ten days later on in which it is the turn of the day of these answers.
fn turn() -> Instant {
    let hours = |at: &Instant| at.millis().div_euclid(3_600_000);
    let first = parse_iso("2026-12-01T00:20:00Z").unwrap();
    let ordinal = i64::from(first.date_naive().num_days_from_ce() - 10);
    let mut runs = (0..167).map(|hour| first.after(Duration::hours(hour)));
    runs.find(|now| hours(now).rem_euclid(167) == ordinal.rem_euclid(167)).unwrap()
}

fn run(home: &Sandbox, now: Instant, step: Option<&str>) -> Ran {
    let (now, step) = (iso(now), step.unwrap_or("kill:99999"));
    home.run_hooked("summarizer", &["run", "--now", &now], step)
}

/// The numbers of the steps of a recount that begin so; one of each operation of two.
fn steps(home: &Sandbox, now: &str, of: &str) -> Vec<usize> {
    let list = home.path("list");
    let hook = format!("list:{}", list.display());
    let recount = [&RECOUNT[..], &["--now", now]].concat();
    home.run_hooked("summarizer", &recount, &hook);
    let steps = std::fs::read_to_string(&list).unwrap();
    let numbered = steps.lines().zip(1..).filter(|(step, _)| *step == of);
    numbered.map(|(_, number)| number).collect()
}

/// A recount of an old hour that died before its entry, or just after it: neither another try
/// nor a run of the hour ever comes.
fn a_dead_recount(kind: Kind) {
    let scene = Scene::before_summary();
    let began = iso(turn().before(Duration::days(3)));
    for of in ["store.append", "store.append!"] {
        let number = steps(&counted(&scene, kind), &began, of)[0];
        let home = counted(&scene, kind);
        let before = commits(&home);
        let recount = [&RECOUNT[..], &["--now", &began]].concat();
        home.run_hooked("summarizer", &recount, &format!("kill:{number}")).was_killed();
        let after = commits(&home);
        assert_eq!(after.len(), before.len() + 1, "{of}");
        // Not its turn, and in its turn.
        run(&home, turn().before(Duration::hours(1)), None).exits(0);
        assert_eq!(commits(&home), after, "{of}");
        run(&home, turn(), None).exits(0);
        let left = commits(&home);
        assert!(left.is_subset(&after) && left.len() == before.len(), "{of}: {left:?}");
        assert_eq!(left == before, of == "store.append");
        summarizer(&home, "14:20", &RECOUNT);
        settled(&home, &scene, &mut Recount::start());
    }
}

#[test]
fn what_a_dead_recount_of_an_old_hour_left_goes_sqlite() {
    a_dead_recount(KINDS[0]);
}

#[test]
fn what_a_dead_recount_of_an_old_hour_left_goes_server() {
    a_dead_recount(KINDS[1]);
}

/// Puts rows of a commit that nothing names into an hour.
fn put(home: &Sandbox, commit: &str, hour: Window, written: Instant) {
    let store = store::open(home.store(), Gate::open()).unwrap();
    let (batch, commit) = ("nobody's".to_string(), commit.to_string());
    let header = Header { source: bikes(), hour, batch, commit, written };
    let mut docs = Vec::new();
    let own: Vec<String> = commits(home).into_iter().collect();
    let read = &mut |stored: Stored| {
        docs.push(stored.row.unwrap());
    };
    store.rows(Table::Summaries, &own, read).unwrap();
    docs.truncate(1);
    assert_eq!(docs.len(), 1);
    store.put(&header, &docs).unwrap();
}

const LITTER: [&str; 5] = ["another", "first", "recent", "same", "young"];

/// A counted home, and rows that nothing names: before all entries there are, of a day without
/// any, and with one, and of late.
fn littered(scene: &Scene, kind: Kind) -> Sandbox {
    let home = counted(scene, kind);
    let (turn, day) = (turn(), Window::parse("2026-11-21T03").unwrap());
    let back = |hours: i64| turn.before(Duration::hours(hours));
    // Days of one turn are so many apart.
    let before = Window::of(day.start().before(Duration::days(167)));
    for (commit, hour, written) in [
        ("another", Window::of(back(5 * 24)), back(25)),
        ("first", before, back(25)),
        ("recent", Window::of(back(48)), back(2)),
        ("same", day, back(25)),
        ("young", day, back(23)),
    ] {
        put(&home, commit, hour, written);
    }
    home
}

/// Each goes in its turn, also when that is killed; what may yet be named stays.
fn unnamed(kind: Kind) {
    let scene = Scene::before_summary();
    let turn = turn();
    let home = littered(&scene, kind);
    let mut left = commits(&home);
    let named: BTreeSet<String> =
        left.iter().filter(|id| !LITTER.contains(&&***id)).cloned().collect();
    assert_eq!(left.len(), named.len() + LITTER.len());
    let list = home.path("list");
    let listed = littered(&scene, kind);
    run(&listed, turn, Some(&format!("list:{}", list.display()))).exits(0);
    let steps = std::fs::read_to_string(&list).unwrap();
    for step in ["store.remove", "store.remove!"] {
        let number = 1 + steps.lines().position(|name| name == step).unwrap();
        let killed = littered(&scene, kind);
        run(&killed, turn, Some(&format!("kill:{number}"))).was_killed();
        run(&killed, turn, None).exits(0);
        let litter = |home: &Sandbox| {
            commits(home).into_iter().filter(|id| LITTER.contains(&&**id)).collect::<Vec<_>>()
        };
        assert_eq!(litter(&killed), litter(&listed));
    }
    run(&home, turn, None).exits(0);
    ["first", "same"].iter().for_each(|commit| assert!(left.remove(*commit)));
    assert_eq!(commits(&home), left);
    run(&home, turn.after(Duration::hours(167)), None).exits(0);
    assert!(left.remove("young"));
    assert_eq!(commits(&home), left);
    for hour in 0..167 {
        run(&home, turn.after(Duration::hours(hour * 24)), None).exits(0);
        if commits(&home) == named {
            break;
        }
    }
    assert_eq!(commits(&home), named);
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn rows_that_nothing_names_go_in_their_turn_sqlite() {
    unnamed(KINDS[0]);
}

#[test]
fn rows_that_nothing_names_go_in_their_turn_server() {
    unnamed(KINDS[1]);
}
