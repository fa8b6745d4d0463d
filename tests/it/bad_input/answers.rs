//! Answers that are not what was asked for: they land raw, and wait in quarantine; and failures
//! of the exchange, of which nothing lands.

use super::{Bench, CLOSED, FETCH, LATER};
use crate::server::{Answer, Hold, Server};

/// An answer that lands and cannot be read, as only the summarizer can tell.
#[track_caller]
fn unreadable(answer: Answer, reason: &str) {
    let bench = Bench::new().bad(answer);
    bench.fetch(FETCH).exits(0).is_silent();
    let words = "bad: 1 of 1 snapshot has items that could not be read\n\
                 hint: data/quarantine/bad/ holds it, beside its reason";
    bench.summarize(CLOSED).exits(1).says(words);
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), told.status, told.error.as_str()), ("landed", 200.0, ""));
    is_kept(&bench, reason);
}

/// An answer that lands and is a failure, as its first signs tell.
#[track_caller]
fn unusable(answer: Answer, words: &str, reason: &str) {
    let bench = Bench::new().bad(answer);
    let words = format!("answered 200 with {words}, not json; the answer is kept, and will go to");
    bench.fetch(FETCH).exits(1).says("bad: failed (").says(&words);
    let again = bench.home.run_again("summarizer", &["--now", CLOSED]);
    again.exits(1).is_silent();
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), told.status), ("failed", 200.0));
    assert!(told.error.contains(&words), "{}", told.error);
    is_kept(&bench, reason);
}

#[track_caller]
fn is_kept(bench: &Bench, reason: &str) {
    let written = bench.quarantined("bad");
    assert!(written.contains(reason), "{written}");
    assert_eq!(bench.told("fetcher", "good").error, "");
    assert_eq!(bench.counted(), 1);
    bench.is_settled();
}

#[test]
fn an_empty_body() {
    unusable(Answer::ok(""), "an empty body", "\nnothing of it is counted\nthe answer is empty\n");
}

#[test]
fn truncated_json() {
    let reason = "it is not complete JSON: it ends too early, after 30 bytes";
    unreadable(Answer::ok(&super::GOOD[..30]), reason);
}

#[test]
fn something_else_than_json() {
    unusable(Answer::ok("bikes: 3"), "plain text", "it is not JSON: it begins with \"bikes\"");
}

#[test]
fn html_with_status_200() {
    let page = Answer::ok("<!doctype html><h1>Sorry</h1>").header("Content-Type", "text/html");
    unusable(page, "a page in HTML", "it is not JSON but looks like HTML or XML");
}

#[test]
fn jsonp() {
    let body = format!("/**/cb({});", super::GOOD);
    let words = "JSONP: JSON inside a call of cb(...)";
    unusable(Answer::ok(body), words, "it is not JSON but JSONP: JSON inside a call of cb(...)\n");
}

#[test]
fn a_single_value_where_a_list_is_due() {
    for body in ["null", "true", "404"] {
        unusable(Answer::ok(body), "a single value", "no list of items at data.stations[*]");
    }
}

#[test]
fn an_archive_that_nobody_declared() {
    let archive = include_bytes!("../../fixtures/containers/folder.zip");
    let told = "compressed bytes or letters of another coding";
    unusable(Answer::ok(archive), told, "\nhint: fetch.unpack = \"zip\" opens it\n");
}

#[test]
fn an_object_where_a_list_is_due() {
    let body = r#"{"data":{"stations":{"a":1}}}"#;
    unreadable(Answer::ok(body), "no list of items at data.stations[*]");
}

#[test]
fn a_path_that_is_not_there() {
    unreadable(Answer::ok(r#"{"datum":[]}"#), "no list of items at data.stations[*]");
}

#[test]
fn a_list_that_stands_twice() {
    let body = r#"{"data":{"stations":[],"stations":[{"id":"a","bikes":1}]}}"#;
    unreadable(Answer::ok(body), "the list of items stands twice in it");
}

#[test]
fn some_items_that_cannot_be_read_leave_the_others_counted() {
    let body = r#"{"data":{"stations":[{"id":"a","bikes":3},{"id":"b","bikes":"x"}]}}"#;
    unreadable(
        Answer::ok(body),
        "\n1 of 2 items is not counted, nor is any aggregate over them all\n\
         item 1: bikes: \"x\" cannot be read at bikes\n",
    );
}

/// An answer that an untidy server sends and a browser reads: it lands, with a remark or none.
#[track_caller]
fn lands(answer: Answer, more: &str, remark: &str) {
    let bench = Bench::new();
    bench.server.on("/bad", answer);
    let url = bench.server.url("/bad");
    let bench = bench.bad_at(&url, more);
    bench.fetch(FETCH).exits(0).is_silent();
    bench.summarize(CLOSED).exits(0);
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), told.error.as_str()), ("landed", remark));
    bench.is_settled();
}

#[test]
fn an_encoding_that_is_none_is_a_remark() {
    let remark = "warning: its encoding is said to be `utf-8`, which is none: read without it";
    lands(Answer::ok(super::GOOD).header("Content-Encoding", "UTF-8"), "", remark);
}

#[test]
fn padding_after_a_gzip_is_declared() {
    let padded = || Answer::ok(super::GOOD).gzip().padded(&[0; 10]);
    lands(padded(), "gzip_padding = true", "");
    let words = "a whole gzip is followed by 10 bytes, zeros or ends of lines\n\
                 hint: if that is padding, declare gzip_padding = true in [fetch]";
    fails(Bench::new().bad(padded()), 0.0, words);
}

#[test]
fn an_address_that_wants_a_cookie() {
    let way = Answer::redirect(302, "/bad").header("Set-Cookie", "s=1; Path=/");
    let words = "the address leads back to itself, and sets a cookie on the way, which Daybook \
                 does not keep";
    fails(Bench::new().bad(way), 0.0, words);
}

/// A failure of which nothing lands: told at once, an outcome, and exit 1 beside a good one.
#[track_caller]
fn fails(bench: Bench, status: f64, words: &str) -> Bench {
    bench.fetch(FETCH).exits(1).says("bad: failed (").says(words);
    bench.summarize(CLOSED).exits(0).is_silent();
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), told.status), ("failed", status), "{told:?}");
    assert!(told.error.contains(words), "{told:?}");
    assert_eq!(bench.home.files("data/quarantine"), [""; 0]);
    assert_eq!(bench.counted(), 1);
    bench.is_settled();
    bench
}

#[test]
fn not_modified_without_a_stored_body() {
    let bench = Bench::new().bad(Answer::status(304));
    fails(bench, 304.0, "answered 304 not modified, but no stored body is at hand");
}

#[test]
fn a_server_in_trouble() {
    fails(Bench::new().bad(Answer::status(503)), 503.0, "answered 503 service unavailable");
    let words = "answered 404 not found\nhint: has the publisher moved it?";
    fails(Bench::new().bad(Answer::status(404)), 404.0, words);
}

#[test]
fn a_server_that_does_not_answer_in_time() {
    let hold = Hold::default();
    let bench = Bench::new().bad(Answer::ok(super::GOOD).held(&hold));
    let words = "not done within 1 s, 0 bytes received\n\
                 hint: allow this source more time, or ask for less";
    fails(bench, 0.0, words);
    hold.release();
}

#[test]
fn a_body_that_stops_midway() {
    let hold = Hold::default();
    let bench = Bench::new().bad(Answer::ok(super::GOOD).held_after(20, &hold));
    fails(bench, 0.0, "not done within 1 s, 20 bytes received");
    hold.release();
    let cut = Answer::ok(super::GOOD).cut_after(20);
    fails(Bench::new().bad(cut), 0.0, "the body was cut after 20 bytes, 65 bytes were announced");
}

#[test]
fn a_refused_connection() {
    let words = "the connection was refused\nhint: nothing listens there; are host and port right?";
    fails(Bench::new().bad_at(&Server::refused(), ""), 0.0, words);
}

#[test]
fn bodies_over_the_cap() {
    let large = || Answer::ok(vec![b' '; 70_000]);
    let hint = "\nhint: if that size is right, raise the cap";
    let announced =
        format!("the body as sent is over the cap of 64 KiB, 68 KiB were announced{hint}");
    fails(Bench::new().bad(large()), 0.0, &announced);
    let chunked = format!("the body as sent is over the cap of 64 KiB{hint}");
    fails(Bench::new().bad(large().chunked()), 0.0, &chunked);
    let bomb = Answer::ok(vec![b' '; 30 << 20]).gzip();
    let decoded = format!("the decoded body is over the cap of 64 KiB{hint}");
    fails(Bench::new().bad(bomb), 0.0, &decoded);
}

#[test]
fn a_redirect_loop() {
    let bench = Bench::new().bad(Answer::redirect(302, "/bad"));
    let bench = fails(bench, 0.0, "the address leads back to itself");
    let asked = bench.server.seen().iter().filter(|seen| seen.target == "/bad").count();
    assert_eq!(asked, 2);
}

#[test]
fn alone_a_failing_source_means_that_nothing_was_done() {
    let bench = Bench::new().bad(Answer::status(500));
    std::fs::remove_file(bench.home.path("sources/good.toml")).unwrap();
    bench.fetch(FETCH).exits(2).says("bad: failed").says("answered 500 internal server error");
    bench.audits();
}

#[test]
fn no_content_serves_the_slot_and_is_no_fault() {
    let bench = Bench::new().bad(Answer::status(204));
    bench.fetch(FETCH).exits(0).is_silent();
    bench.fetch("2026-11-21T10:00:30Z").exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 2, "one slot, one request to each");
    bench.fetch("2026-11-21T10:01:00Z").exits(0).is_silent();
    assert_eq!(bench.server.seen().len(), 4, "no failure, so no backoff");
    bench.summarize(CLOSED).exits(0).is_silent();
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), told.status, &*told.error), ("nothing", 204.0, ""));
    bench.is_settled();
}

#[test]
fn announcements_of_the_publisher_are_told() {
    let ending = Answer::ok(super::GOOD).header("Sunset", "Sat, 31 Dec 2026 23:59:59 GMT");
    let bench = Bench::new().bad(ending);
    let words = "warning: the publisher announces its end (sunset: Sat, 31 Dec 2026 23:59:59 GMT)";
    bench.home.run("fetcher", &["--now", FETCH, "--verbose"]).exits(0).says(words);
    bench.summarize(LATER).exits(0).is_silent();
    let told = bench.told("fetcher", "bad");
    assert_eq!((told.outcome.as_str(), &*told.error), ("landed", words));
    bench.is_settled();
}
