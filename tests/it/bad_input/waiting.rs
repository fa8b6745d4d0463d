//! What one run leaves for the next: hosts that ask for patience get it, across runs; stored
//! bodies that are gone are asked for again.

use super::{Bench, CLOSED, FETCH, GOOD};
use crate::server::Answer;

/// A rate limit is kept across runs: within it nobody is asked, after it the source is.
#[track_caller]
fn waits(retry_after: &str) {
    let bench = Bench::new();
    std::fs::remove_file(bench.home.path("sources/good.toml")).unwrap();
    bench.server.on("/bad", Answer::status(429).header("Retry-After", retry_after));
    let bench = bench.bad(Answer::ok(GOOD));
    let words = "answered 429 too many requests; left alone until 2026-11-21 10:50:00 UTC\n\
                 hint: ask this publisher less often";
    bench.fetch(FETCH).exits(2).says(words);
    for within in ["2026-11-21T10:01:00Z", "2026-11-21T10:30:00Z", "2026-11-21T10:49:30Z"] {
        bench.fetch(within).exits(0).is_silent();
    }
    assert_eq!(bench.server.seen().len(), 1, "nobody is asked before the time is over");
    bench.fetch("2026-11-21T10:51:00Z").exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 2);
    bench.summarize(CLOSED).exits(0).is_silent();
    assert_eq!(bench.told("fetcher", "bad").outcome, "landed");
    bench.is_settled();
}

#[test]
fn retry_after_in_seconds_is_kept_across_runs() {
    waits("3000");
}

#[test]
fn retry_after_as_a_date_is_kept_across_runs() {
    waits("Sat, 21 Nov 2026 10:50:00 GMT");
}

#[test]
fn a_failing_source_is_left_alone_for_a_while_and_then_asked_again() {
    let bench = Bench::new();
    bench.server.on("/bad", Answer::status(500));
    let bench = bench.bad(Answer::ok(GOOD));
    bench.fetch(FETCH).exits(1).says("bad: failed");
    bench.fetch("2026-11-21T10:00:20Z").exits(0).is_silent();
    bench.fetch("2026-11-21T10:02:00Z").exits(0).is_silent();
    let asked = bench.server.seen().into_iter().filter(|seen| seen.target == "/bad").count();
    assert_eq!(asked, 2, "not within the first half minute, but after it");
    bench.summarize(CLOSED).exits(0).is_silent();
    bench.is_settled();
}

#[test]
fn without_its_stored_body_a_request_is_unconditional() {
    let tagged = Answer::ok(GOOD).header("ETag", "\"v1\"");
    let bench = Bench::new();
    bench.server.on("/bad", tagged.clone()).on("/bad", Answer::status(304));
    let bench = bench.bad(tagged);
    bench.fetch(FETCH).exits(0);
    bench.fetch("2026-11-21T10:01:00Z").exits(0);
    for name in bench.home.files("data/.state/last") {
        if name.ends_with(".body") {
            std::fs::remove_file(bench.home.path(&format!("data/.state/last/{name}"))).unwrap();
        }
    }
    bench.fetch("2026-11-21T10:02:00Z").exits(0);
    let seen = bench.server.seen();
    let asked: Vec<Option<&str>> = seen
        .iter()
        .filter(|seen| seen.target == "/bad")
        .map(|seen| seen.header("if-none-match"))
        .collect();
    assert_eq!(asked, [None, Some("\"v1\""), None]);
    bench.summarize(CLOSED).exits(0).is_silent();
    bench.is_settled();
}

#[test]
fn a_run_that_is_killed_says_nothing_and_the_next_one_repairs() {
    let bench = Bench::new().bad(Answer::ok(GOOD));
    bench.home.run_hooked("fetcher", &["--now", FETCH], "kill:30").was_killed().is_silent();
    bench.fetch("2026-11-21T10:01:00Z").exits(0).is_silent();
    bench.summarize(CLOSED).exits(0).is_silent();
    bench.is_settled();
}
