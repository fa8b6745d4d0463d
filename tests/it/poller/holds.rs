//! What hosts ask for lengthens our own pauses and never shortens them; an old body never passes
//! for a new version.

use super::{BODY, Bench};
use crate::server::Answer;

/// Requests of a minute source in the first quarter of an hour.
fn asked(busy: Answer) -> usize {
    let bench = Bench::new("pace = \"0ms\"");
    bench.server.on("/a", busy);
    bench.source("a", "/a", "1m", "");
    (0..15).for_each(|minute| drop(bench.fetch(minute)));
    bench.asked("/a")
}

#[test]
fn a_host_cannot_switch_our_pauses_off() {
    let busy = |later: &str| Answer::status(503).header("Retry-After", later);
    let soon = "Tue, 24 Nov 2026 10:00:06 GMT";
    for later in ["0", "5", "0.0", "Thu, 01 Jan 1970 00:00:00 GMT", soon] {
        let times = asked(busy(later));
        assert!((4..=6).contains(&times), "{later}: {times}");
    }
    let times = asked(Answer::status(429).header("Retry-After", "0"));
    assert!((4..=6).contains(&times), "{times}");
}

/// The bodies that landed, in order.
fn bodies(bench: &Bench) -> Vec<String> {
    let files = bench.home.files("data/a").into_iter();
    let read = |name| std::fs::read_to_string(bench.home.path(&format!("data/a/{name}"))).unwrap();
    files.map(read).collect()
}

#[test]
fn a_304_of_another_version_is_not_believed() {
    let bench = Bench::new("pace = \"0ms\"");
    let other = || Answer::status(304).header("ETag", "\"b\"");
    bench.server.on("/a", Answer::ok("{\"v\":1}").header("ETag", "\"a\""));
    bench.server.on("/a", other()).on("/a", Answer::ok("{\"v\":2}").header("ETag", "\"b\""));
    bench.server.on("/a", other());
    bench.source("a", "/a", "1m", "");
    (0..4).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    let (old, new) = ("{\"v\":1}", "{\"v\":2}");
    assert_eq!(bodies(&bench), [old, new, new, new]);
    let sent: Vec<Option<String>> =
        bench.server.seen().iter().map(|s| s.header("if-none-match").map(Into::into)).collect();
    let tag = |tag: &str| Some(tag.to_string());
    assert_eq!(sent, [None, tag("\"a\""), None, tag("\"b\""), tag("\"b\"")]);
}

#[test]
fn a_304_that_names_no_version_or_ours_weakly_is_believed() {
    for unchanged in [Answer::status(304), Answer::status(304).header("ETag", "W/\"a\"")] {
        let bench = Bench::new("pace = \"0ms\"");
        bench.server.on("/a", Answer::ok(BODY).header("ETag", "\"a\"")).on("/a", unchanged);
        bench.source("a", "/a", "1m", "");
        (0..3).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
        assert_eq!((bodies(&bench), bench.server.seen().len()), (vec![BODY.to_string(); 3], 3));
    }
}

#[test]
fn what_was_known_before_loops_had_states_of_their_own_is_still_read() {
    let bench = Bench::new("pace = \"0ms\"");
    bench.server.on("/a", Answer::ok(BODY));
    bench.source("a", "/a", "1m", "");
    std::fs::create_dir_all(bench.home.path("data/.state")).unwrap();
    let held = r#"{"a":{"slot":"2026-11-24T10:00:00.000Z",
                   "hold_until":"2026-11-24T10:03:00.000Z","failures":2}}"#;
    std::fs::write(bench.home.path("data/.state/fetch.json"), held).unwrap();
    (0..3).for_each(|minute| drop(bench.fetch(minute).exits(0).is_silent()));
    assert_eq!(bench.asked("/a"), 0);
    bench.fetch(3).exits(0).is_silent();
    assert_eq!(bench.asked("/a"), 1);
}
