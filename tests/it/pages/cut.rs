//! Sets that are cut, killed or never whole.

use super::{Bench, ITEMS, RECORDS, SUMS, at, page};
use crate::sandbox::{KINDS, Kind};
use crate::server::Answer;
use std::collections::BTreeSet;

/// Two pages, of which the second fails at first.
fn cut_once() -> Bench {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":2,"))
        .on("/list?page=2", Answer::status(503))
        .on("/list?page=2", page(2..4, "\"pages\":2,"));
    bench
}

#[test]
fn a_set_that_is_cut_goes_on_in_the_next_run() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":3,"))
        .on("/list?page=2", Answer::status(503))
        .on("/list?page=2", page(2..4, "\"pages\":3,"))
        .on("/list?page=3", page(4..5, "\"pages\":3,"));
    bench.fetch(0).exits(2).says("page 2, and those before it wait (1)");
    assert!(bench.landed().is_empty());
    bench.fetch(5).exits(0);
    assert_eq!(bench.asked(), ["?page=1", "?page=2", "?page=2", "?page=3"]);
    let landed = bench.landed();
    assert!(landed.len() == 3 && landed.iter().all(|name| name.contains("T10-00-0")), "{landed:?}");
    assert!(bench.home.files("data/.state/sets").is_empty());
    assert_eq!(bench.counted(RECORDS), "5");
}

#[test]
fn a_set_that_has_waited_too_long_is_given_up_and_begun_anew() {
    let bench = cut_once();
    bench.fetch(0).exits(2);
    bench.fetch(15).exits(0).says("1 pages of a set that was cut are given up");
    assert_eq!(bench.asked(), ["?page=1", "?page=2", "?page=1", "?page=2"]);
    assert_eq!(bench.landed().len(), 2);
}

#[test]
fn pages_of_a_set_that_is_not_whole_are_left_where_they_are() {
    let bench = Bench::new(Kind::Sqlite);
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    bench
        .on("/list?page=1", page(0..2, "\"pages\":2,"))
        .on("/list?page=2", page(2..4, "\"pages\":2,"));
    bench.fetch(0).exits(0);
    let second = bench.landed().into_iter().find(|name| name.contains("p2of2")).unwrap();
    let (from, aside) = (bench.home.path("data/list").join(&second), bench.home.path("aside"));
    std::fs::rename(&from, &aside).unwrap();
    let run = bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z", "--verbose"]);
    run.says("not all pages of its set are here");
    assert_eq!(bench.landed().len(), 1);
    std::fs::rename(&aside, &from).unwrap();
    assert_eq!(bench.counted(RECORDS), "4");
}

#[test]
fn killed_at_any_step_a_set_lands_whole_or_not_at_all() {
    for kind in KINDS {
        let home = |bench: &Bench| {
            bench.source("type = \"page_number\"\ntotal_path = \"pages\"", SUMS);
            bench
                .on("/list?page=1", page(0..3, "\"pages\":2,"))
                .on("/list?page=2", page(3..5, "\"pages\":2,"));
        };
        let bench = Bench::new(kind);
        home(&bench);
        let list = bench.home.path("steps");
        let hook = format!("list:{}", list.display());
        bench.home.run_hooked("fetcher", &["--now", &at(0)], &hook).exits(0);
        let steps = std::fs::read_to_string(list).unwrap().lines().count();
        let every = if kind == Kind::Server { 5 } else { 1 };
        for step in (1..=steps).step_by(every) {
            let bench = Bench::new(kind);
            home(&bench);
            bench
                .home
                .run_hooked("fetcher", &["--now", &at(0)], &format!("kill:{step}"))
                .was_killed();
            whole_or_none(&bench, step);
            bench.fetch(1);
            bench.fetch(10).exits(0);
            whole_or_none(&bench, step);
            bench.home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(0);
            bench.home.run("summarizer", &["audit"]).exits(0).says("difference is zero");
            assert!(bench.landed().is_empty(), "after step {step}");
        }
    }
}

/// Of each set that is in plain sight both pages are, but where a landing is not finished.
fn whole_or_none(bench: &Bench, step: usize) {
    if !bench.home.files("data/.tmp").iter().any(|name| name.ends_with("journal")) {
        let landed = bench.landed();
        let begun: BTreeSet<&str> = landed.iter().map(|name| &name[..25]).collect();
        assert_eq!(landed.len(), 2 * begun.len(), "after step {step}: {landed:?}");
    }
}

#[test]
fn after_a_set_of_before_the_slot_that_is_now_is_asked_too() {
    let bench = cut_once();
    let begins = (0..10).find(|minute| {
        let before = bench.asked().len();
        bench.fetch(*minute);
        bench.asked().len() > before && *minute > 0
    });
    // The slot begins at this minute of ten; the set was cut in the slot before.
    let begins = begins.unwrap();
    assert!(bench.home.files("data/list").len() >= 2, "at {begins}");
    bench.fetch(begins + 1).exits(0);
    let firsts = bench.asked().iter().filter(|asked| *asked == "?page=1").count();
    assert!(firsts <= 2);
}

#[test]
fn a_set_that_is_cut_by_the_end_of_its_run_goes_on_page_by_page() {
    let bench = Bench::new(Kind::Sqlite);
    let text = "contact = \"t@example.org\"\n[fetcher]\nsplay = \"0s\"\nreserve = \"1MiB\"\n\
                deadline = \"1s\"\npace = \"300ms\"\n";
    std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
    bench.source("type = \"page_number\"\ntotal_path = \"pages\"", ITEMS);
    for number in 1..=7 {
        bench.on(&format!("/list?page={number}"), page(number..number + 1, "\"pages\":7,"));
    }
    let runs = (0..9).take_while(|minute| {
        bench.fetch(*minute);
        bench.landed().is_empty()
    });
    assert!(runs.count() >= 1, "one run is too short for all of them");
    assert_eq!(bench.landed().len(), 7);
    let asked = bench.asked();
    let once: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(once.len(), asked.len(), "{asked:?}");
    assert_eq!(bench.counted(RECORDS), "7");
}
