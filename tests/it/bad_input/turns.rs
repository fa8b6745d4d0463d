//! Whose turn it is: the journals, then who waits longest; who ended a run waits from then on.

use super::{Bench, CLOSED, FETCH, GOOD, LATER};
use crate::sandbox::Silence;
use crate::server::Answer;
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::time::parse_iso;
use daybook::edge::clock::Clock;
use daybook::edge::spool::Spool;
use daybook::edge::{config, store};
use daybook::tier::agenda::Agenda;
use daybook::tier::summarize::Summarizer;

/// The sources that a run tells of, in its order.
fn turns(bench: &Bench, now: &str) -> Vec<String> {
    let ran = bench.home.run("summarizer", &["run", "-v", "--now", now]);
    let lines = ran.stderr.lines().filter(|line| line.contains("counted in"));
    let mut names: Vec<String> =
        lines.map(|line| line.split(' ').next().unwrap().to_string()).collect();
    names.dedup();
    names
}

#[test]
fn the_journals_come_first_and_then_who_waits_longest() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let bench = bench.bad(Answer::ok(GOOD));
    bench.fetch("2026-11-21T10:01:00Z").exits(0);
    assert_eq!(turns(&bench, CLOSED), ["daybook", "good", "bad"]);
    bench.is_settled();
}

#[test]
fn who_ends_a_run_waits_behind_the_others() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(0);
    let killed = bench.home.run_hooked("summarizer", &["--now", CLOSED], "slay:bad_");
    killed.was_killed();
    assert_eq!(turns(&bench, LATER), ["daybook", "good", "bad"]);
    bench.is_settled();
}

#[test]
fn a_run_that_worked_long_enough_begins_nothing_more() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let spool = Spool::new(bench.home.home(), Gate::open());
    let writer = store::writer(bench.home.store(), Gate::open(), &|_| {}).unwrap();
    let (now, journals) = (parse_iso(CLOSED).unwrap(), config::journals().unwrap());
    let close_after = std::time::Duration::from_secs(120);
    let run = |patience| {
        let summarizer = Summarizer {
            spool: &spool,
            store: &*writer,
            clock: Clock::starting(now),
            agenda: Agenda { spool: &spool, now, close_after, all: false },
            adopt: false,
            journals: &journals,
            retentions: &Default::default(),
            yes: false,
            patience,
            trier: Default::default(),
            progress: &Silence,
        };
        let good = SourceName::parse("good").unwrap();
        let mut summary = summarizer.run(std::slice::from_ref(&good)).unwrap();
        summary.remove(&good).unwrap()
    };
    let late = run(chrono::Duration::seconds(-1));
    let said = format!("{:#}", late.failed[0]);
    assert!(said.contains("begins nothing more: the next goes on"), "{said}");
    assert_eq!((late.batches, bench.home.files("data/good").len()), (0, 1));
    assert_eq!(run(chrono::Duration::hours(1)).batches, 1);
    bench.is_settled();
}
