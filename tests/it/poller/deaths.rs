//! That a source is asked is remembered before it is asked: where that fails nobody is, and after
//! a death a request is made once more, not in every minute.

use super::{BODY, Bench, at};
use crate::server::{Answer, Hold};
use chrono::DateTime;
use std::os::unix::fs::PermissionsExt;

/// Runs the fetcher until so many requests have come in all, and kills it.
fn killed_at(bench: &Bench, minute: u32, requests: usize) {
    let mut command = bench.home.command("fetcher", &["--now", &at(minute)]);
    let mut child = command.spawn().unwrap();
    bench.server.wait_for(requests);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// How many seconds after the start of a minute the only source is held by what a run that was
/// killed remembered last; below zero where it is not.
fn seconds_held(bench: &Bench, minute: u32) -> f64 {
    let log = std::fs::read_to_string(bench.home.path("data/.state/fetch.log")).unwrap_or_default();
    let until = log.lines().last().and_then(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        Some(DateTime::parse_from_rfc3339(line["hold_until"].as_str()?).unwrap())
    });
    let start = DateTime::parse_from_rfc3339(&at(minute)).unwrap();
    until.map_or(-1.0, |until| (until - start).as_seconds_f64())
}

#[test]
fn after_a_death_a_source_is_asked_once_more_and_not_in_every_minute() {
    let (bench, hold) = (Bench::new("pace = \"0ms\""), Hold::default());
    bench.server.on("/a", Answer::ok(BODY).held(&hold));
    bench.source("a", "/a", "1d", "");
    killed_at(&bench, 0, 1);
    killed_at(&bench, 1, 2);
    (2..20).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(bench.asked("/a"), 2);
    hold.release();
}

#[test]
fn deaths_that_go_on_slow_a_minute_source_down_and_one_answer_mends_it() {
    let (bench, hold) = (Bench::new("pace = \"0ms\""), Hold::default());
    bench.server.on("/a", Answer::ok(BODY).held(&hold));
    bench.source("a", "/a", "1m", "");
    let mut asked = 0;
    for minute in 0..8 {
        let held = seconds_held(&bench, minute);
        if (0.0..2.0).contains(&held) {
            continue; // the clock runs on while the program starts: it may be asked or not
        }
        if held > 0.0 {
            bench.fetch(minute).exits(0).is_silent();
        } else {
            asked += 1;
            killed_at(&bench, minute, asked);
        }
    }
    assert!((4..=5).contains(&asked), "{asked}");
    hold.release();
    (90..93).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(bench.asked("/a"), asked + 3);
}

#[test]
fn a_loop_goes_on_after_a_death_with_what_was_left() {
    let (bench, hold) = (Bench::new("pace = \"0ms\"\nper_host = 1"), Hold::default());
    bench.server.on("/c", Answer::ok(BODY).held(&hold));
    bench.looped("x", "1d", &["a", "b", "c", "d"], "");
    killed_at(&bench, 0, 3);
    hold.release();
    (1..9).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    let asked = ["/a", "/b", "/c", "/d"].map(|path| bench.asked(path));
    assert_eq!(asked, [2, 2, 2, 1]);
}

#[test]
fn where_it_cannot_be_remembered_nobody_is_asked() {
    let bench = Bench::new("pace = \"0ms\"");
    bench.server.on("/a", Answer::ok(BODY));
    bench.source("a", "/a", "1h", "");
    let path = bench.home.path("data/.state/fetch.log");
    std::fs::create_dir_all(path.join("in-the-way")).unwrap();
    for minute in 0..5 {
        let words = "nothing is fetched, for it could not be remembered that it was: cannot";
        bench.fetch(minute).exits(2).says(words);
    }
    assert_eq!(bench.server.seen().len(), 0);
    std::fs::remove_dir_all(path).unwrap();
    (5..9).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(bench.asked("/a"), 1);
}

#[test]
fn an_answer_that_cannot_be_kept_is_not_asked_for_each_minute_and_harms_no_other() {
    let bench = Bench::new("pace = \"0ms\"");
    for name in ["a", "b"] {
        bench.server.on(&format!("/{name}"), Answer::ok(BODY));
        bench.source(name, &format!("/{name}"), "1d", "");
    }
    std::fs::create_dir_all(bench.home.path("data")).unwrap();
    std::fs::write(bench.home.path("data/a"), "in the way").unwrap();
    bench.fetch(0).exits(1).says("a: failed (").says("data/a");
    (1..16).for_each(|minute| drop(bench.fetch(minute)));
    assert!((4..=6).contains(&bench.asked("/a")), "{}", bench.asked("/a"));
    assert_eq!((bench.asked("/b"), bench.landed("b")), (1, 1));
    std::fs::remove_file(bench.home.path("data/a")).unwrap();
    bench.fetch(120).exits(0).is_silent();
    let asked = bench.asked("/a");
    assert_eq!(bench.landed("a"), asked, "what was promised lands; its slot was not served");
}

#[test]
fn what_is_remembered_is_for_its_owner_alone() {
    let bench = Bench::new("pace = \"0ms\"");
    bench.server.on("/a", Answer::ok(BODY));
    bench.source("a", "/a", "1h", "");
    bench.fetch(0).exits(0);
    for file in ["fetch.json", "last/a.json"] {
        let path = bench.home.path(&format!("data/.state/{file}"));
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
