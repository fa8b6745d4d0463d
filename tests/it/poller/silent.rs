//! Who does not answer has failed and is left alone for longer and longer; only who was not asked
//! is put off.

use super::{BODY, Bench};
use crate::server::{Answer, Hold};

/// A source of which nothing comes, or not all, within the time of the run.
#[track_caller]
fn fails(answer: Answer, hold: &Hold, words: &str) {
    let bench = Bench::new("deadline = \"2s\"");
    bench.server.on("/a", answer);
    bench.source("a", "/a", "1d", "");
    bench.fetch(0).exits(2).says("a: failed (").says(words);
    for minute in 1..5 {
        bench.fetch(minute).exits(0).is_silent();
    }
    assert_eq!(bench.asked("/a"), 1, "left alone");
    hold.release();
}

#[test]
fn a_day_is_not_lost_to_a_network_that_was_away() {
    let bench = Bench::new("retries = 0");
    bench.server.on("/a", Answer::status(503)).on("/a", Answer::ok(BODY));
    bench.server.on("/b", Answer::status(404)).on("/b", Answer::ok(BODY));
    bench.source("a", "/a", "1d", "");
    bench.source("b", "/b", "1d", "");
    bench.fetch(0).exits(2);
    let verbose = ["--now", "2026-11-24T10:03:05Z", "--verbose"];
    bench.home.run("fetcher", &verbose).exits(0).says("2 sources are left alone for a while");
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (1, 1));
    bench.fetch(16).exits(0);
    bench.fetch(40).exits(0);
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (2, 1), "what would fail again waits");
    assert_eq!((bench.landed("a"), bench.landed("b")), (1, 0));
}

#[test]
fn a_source_that_never_answers_fails() {
    let hold = Hold::default();
    fails(Answer::ok(BODY).held(&hold), &hold, "not done within 2 s, 0 bytes received");
}

#[test]
fn an_answer_that_never_ends_fails() {
    let hold = Hold::default();
    fails(Answer::ok(BODY).held_after(3, &hold), &hold, "not done within 2 s, 3 bytes received");
}

#[test]
fn a_failure_stays_one_when_no_time_is_left_to_ask_again() {
    let hold = Hold::default();
    let bench = Bench::new("deadline = \"3s\"\nretries = 5\npace = \"1m\"");
    bench.server.on("/a", Answer::status(503));
    bench.source("a", "/a", "1d", "");
    bench.fetch(0).exits(2).says("a: failed (").says("answered 503");
    bench.fetch(1).exits(0).is_silent();
    assert_eq!(bench.asked("/a"), 1);
    hold.release();
}

#[test]
fn a_minute_source_that_never_answers_costs_fewer_and_fewer_runs() {
    let hold = Hold::default();
    let bench = Bench::new("deadline = \"1s\"");
    bench.server.on("/a", Answer::ok(BODY).held(&hold));
    bench.source("a", "/a", "1m", "");
    (0..16).for_each(|minute| drop(bench.fetch(minute)));
    assert!((4..=6).contains(&bench.asked("/a")), "{}", bench.asked("/a"));
    hold.release();
}

#[test]
fn whom_nobody_could_ask_is_put_off_and_then_comes_first() {
    let bench = Bench::new("deadline = \"1s\"\npace = \"1m\"");
    for name in ["a", "b", "c"] {
        bench.server.on(&format!("/{name}"), Answer::ok(BODY));
        bench.source(name, &format!("/{name}"), "1m", "");
    }
    bench.fetch(0).exits(1).says("deferred (").says("the time of the run was over");
    for minute in 1..6 {
        bench.fetch(minute).exits(1);
    }
    let asked = ["/a", "/b", "/c"].map(|path| bench.asked(path));
    assert_eq!(asked.iter().sum::<usize>(), 6);
    assert!(asked.iter().all(|asked| *asked >= 1), "one at a time, and each once: {asked:?}");
}
