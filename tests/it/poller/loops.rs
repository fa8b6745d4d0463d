//! Loops: a failing item is left alone by itself, and a loop that does not fit a run goes on where
//! it stopped.

use super::Bench;
use crate::server::{Answer, Hold};

/// The dead item is asked less and less, the good ones in each slot.
#[track_caller]
fn one_is_dead(answer: Answer, more: &str) -> usize {
    let bench = Bench::new("pace = \"0ms\"\ndeadline = \"5s\"");
    bench.looped("x", "5m", &["good1", "good2"], "");
    bench.server.on("/bad", answer);
    let url = format!("http://{}/{{item}}", bench.server.addr());
    let more = format!("items = [\"good1\", \"bad\", \"good2\"]\n{more}");
    bench.source_at("x", &url, "5m", &more);
    for minute in 0..60 {
        let ran = bench.fetch(minute);
        assert!(ran.code.is_some(), "{}", ran.about);
    }
    for good in ["/good1", "/good2"] {
        assert!((12..=13).contains(&bench.asked(good)), "{good}: {}", bench.asked(good));
    }
    assert_eq!(bench.landed("x"), bench.asked("/good1") + bench.asked("/good2"));
    bench.asked("/bad")
}

#[test]
fn one_dead_item_does_not_silence_its_loop() {
    let asked = one_is_dead(Answer::status(404), "");
    assert!((3..=6).contains(&asked), "{asked}");
}

#[test]
fn nor_does_one_that_is_told_to_come_back_later() {
    let answer = Answer::status(503).header("Retry-After", "3000");
    assert_eq!(one_is_dead(answer, ""), 2);
}

#[test]
fn nor_one_that_hangs() {
    let hold = Hold::default();
    let answer = Answer::ok("{}").held(&hold);
    let asked = one_is_dead(answer, "timeout = \"1s\"");
    assert!((4..=8).contains(&asked), "{asked}");
    hold.release();
}

#[test]
fn one_item_that_fails_again_and_again_holds_no_other() {
    let bench = Bench::new("pace = \"0ms\"\nretries = 0");
    bench.server.on("/a", Answer::ok("{}")).on("/c", Answer::ok("{}"));
    bench.server.on("/b", Answer::status(503));
    bench.looped("x", "6h", &["a", "b", "c"], "");
    (0..13 * 12).for_each(|five| drop(bench.fetch(five * 5)));
    let asked = ["/a", "/b", "/c"].map(|path| bench.asked(path));
    assert_eq!((asked[0], asked[2]), (4, 4), "each slot: {asked:?}");
    assert!((4..=12).contains(&asked[1]), "{asked:?}");
}

#[test]
fn a_host_that_limits_the_rate_is_left_alone_whole_and_the_loop_goes_on_after_it() {
    let bench = Bench::new("pace = \"0ms\"\nper_host = 1");
    let busy = Answer::status(429).header("Retry-After", "180");
    bench.server.on("/b", busy).on("/b", Answer::ok("{}"));
    bench.looped("x", "1d", &["a", "b", "c", "d"], "");
    bench.fetch(0).exits(1).says("1 of 4 requests failed, 2 follow in the next runs, the first: b");
    (1..3).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(bench.server.seen().len(), 2, "nobody is asked before the time is over");
    bench.fetch(4).exits(0).is_silent();
    (5..9).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(["/a", "/b", "/c", "/d"].map(|path| bench.asked(path)), [1, 1, 1, 1]);
    assert_eq!(bench.landed("x"), 3);
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("k{n:03}")).collect()
}

fn each(bench: &Bench, keys: &[String]) -> Vec<usize> {
    keys.iter().map(|key| bench.asked(&format!("/{key}"))).collect()
}

#[test]
fn a_loop_that_does_not_fit_a_run_goes_on_where_it_stopped() {
    let bench = Bench::new("pace = \"50ms\"\ndeadline = \"1s\"");
    let keys = keys(45);
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    bench.looped("x", "1d", &names, "");
    bench.fetch(0).exits(0).is_silent();
    let first = each(&bench, &keys);
    assert!(first[0] == 1 && first[44] == 0, "{first:?}");
    let said = bench.home.run("fetcher", &["--now", &super::at(1), "-v"]).exits(0);
    said.says("requests are answered").says("follow in the next runs");
    (2..9).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(each(&bench, &keys), [1; 45], "each once in its slot");
    assert_eq!(bench.landed("x"), 45);
}

#[test]
fn a_loop_longer_than_its_period_reaches_all_its_items_and_starves_nobody() {
    let bench = Bench::new("pace = \"50ms\"\ndeadline = \"1s\"");
    let keys = keys(45);
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    bench.looped("a", "1m", &names, "");
    bench.server.on("/single", Answer::ok("{}"));
    bench.source("z", "/single", "1m", "");
    (0..12).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    let asked = each(&bench, &keys);
    let (least, most) = (asked.iter().min().unwrap(), asked.iter().max().unwrap());
    assert!(*least >= 2 && most - least <= 1, "{asked:?}");
    assert_eq!(bench.asked("/single"), 12);
}

#[test]
fn items_that_come_and_go_in_a_round_harm_nothing() {
    let bench = Bench::new("pace = \"1m\"\ndeadline = \"1s\"");
    bench.looped("x", "1d", &["a", "b", "c"], "");
    bench.fetch(0).exits(0).is_silent();
    bench.looped("x", "1d", &["d", "a", "c"], "");
    (1..5).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(["/a", "/b", "/c", "/d"].map(|path| bench.asked(path)), [1, 0, 1, 0]);
}
