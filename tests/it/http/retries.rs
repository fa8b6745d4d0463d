//! Asking again: how often, when not, and who may cut it short.

use std::thread;
use std::time::{Duration, Instant};

use super::{LONG, bounds, client, fetch, run};
use crate::server::{Answer, Server};
use daybook::domain::request::Request;
use daybook::domain::retry::Failure;

fn status_of(result: Result<impl std::fmt::Debug, Failure>) -> u16 {
    match result {
        Err(Failure::Transient { status, .. } | Failure::Permanent { status, .. }) => status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_may_pass_is_asked_again() {
    let server = Server::start();
    server.on("/a", Answer::status(503)).on("/a", Answer::ok("abc").cut_after(1));
    server.on("/a", Answer::ok("whole"));
    assert_eq!(fetch(&Request::new(server.url("/a"))).unwrap().body, b"whole");
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn retries_are_bounded_and_the_last_failure_is_told() {
    let server = Server::start();
    server
        .on("/a", Answer::status(500))
        .on("/a", Answer::status(502))
        .on("/a", Answer::status(504));
    assert_eq!(status_of(fetch(&Request::new(server.url("/a")))), 504);
    assert_eq!(server.seen().len(), 3);
    let mut once = Request::new(server.url("/b"));
    server.on("/b", Answer::status(500));
    once.caps.retries = 0;
    assert_eq!(status_of(fetch(&once)), 500);
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn what_will_not_pass_is_asked_once() {
    let server = Server::start();
    server.on("/a", Answer::status(404)).on("/big", Answer::ok("xx"));
    assert_eq!(status_of(fetch(&Request::new(server.url("/a")))), 404);
    let mut big = Request::new(server.url("/big"));
    big.caps.wire_bytes = 1;
    assert!(matches!(fetch(&big), Err(Failure::Oversize { .. })));
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn retry_after_is_waited_for() {
    let server = Server::start();
    server.on("/a", Answer::status(429).header("Retry-After", "1")).on("/a", Answer::ok("now"));
    let started = Instant::now();
    assert_eq!(fetch(&Request::new(server.url("/a"))).unwrap().body, b"now");
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_wait_beyond_the_run_is_left_to_a_later_one() {
    let server = Server::start();
    server.on("/a", Answer::status(503).header("Retry-After", "3600"));
    let started = Instant::now();
    let failure = fetch(&Request::new(server.url("/a"))).unwrap_err();
    assert!(failure.retry_after().is_some());
    assert_eq!(server.seen().len(), 1);
    assert!(started.elapsed() < LONG / 2);
}

#[test]
fn a_stop_ends_a_wait() {
    let server = Server::start();
    server.on("/a", Answer::status(503).header("Retry-After", "20"));
    let (bounds, stopper) = bounds(LONG);
    let request = Request::new(server.url("/a"));
    let started = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for(1);
            stopper.send_replace(true);
        });
        assert!(run(client().fetch(&request, &bounds)).is_err());
    });
    assert_eq!(server.seen().len(), 1);
    assert!(started.elapsed() < LONG / 3);
}

#[test]
fn when_nobody_can_stop_the_run_it_goes_on() {
    let server = Server::start();
    server.on("/a", Answer::status(503)).on("/a", Answer::ok("fine"));
    let (bounds, stopper) = bounds(LONG);
    drop(stopper);
    let request = Request::new(server.url("/a"));
    assert_eq!(run(client().fetch(&request, &bounds)).unwrap().body, b"fine");
}
