//! The HTTP door against a real server on the loopback.

mod bodies;
mod h2;
mod limits;
mod odd;
mod probes;
mod redirects;
mod refusals;
mod retries;
mod shelf;
mod turns;

use std::future::Future;
use std::time::{Duration, Instant};

use daybook::domain::fresh::Holds;
use daybook::domain::request::{Request, Response, Validators};
use daybook::domain::retry::{Failure, Policy};
use daybook::domain::time::from_millis;
use daybook::edge::http::{Bounds, Client, Pace};
use tokio::sync::watch;

use crate::server::{Answer, Server};

const AGENT: &str = "daybook/0.1 (+https://example.org; you@example.org)";
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(400);

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

fn pace() -> Pace {
    let policy = Policy { base: Duration::from_millis(2), ..Policy::default() };
    let authorities = crate::server::tls::AUTHORITY.to_vec();
    Pace { gap: Duration::ZERO, policy, authorities, ..Pace::default() }
}

fn client() -> Client {
    Client::new(AGENT, pace())
}

fn soon() -> Instant {
    Instant::now() + LONG
}

/// One attempt.
fn get(request: &Request) -> Result<Response, Failure> {
    let client = client();
    run(client.get(request, soon()))
}

/// The run's bounds, and the hand that can stop it.
fn bounds(left: Duration) -> (Bounds, watch::Sender<bool>) {
    let (stopper, stop) = watch::channel(false);
    let since = Instant::now();
    let now = from_millis(1_795_000_000_000);
    (Bounds { now, since, deadline: since + left, stop }, stopper)
}

/// As often as the request's caps allow.
fn fetch(request: &Request) -> Result<Response, Failure> {
    let client = client();
    let (bounds, _stopper) = bounds(LONG);
    run(client.fetch(request, &bounds))
}

#[test]
fn a_plain_get_brings_the_whole_answer() {
    let server = Server::start();
    let body = Answer::ok("{\"a\":1}").header("Content-Type", "application/json");
    server.on("/a", body.header("ETag", "\"x\"").header("Cache-Control", "max-age=60"));
    let mut request = Request::new(server.url("/a?b=c%20d#top"));
    request.headers.push(("Accept".into(), "application/json".into()));

    let response = get(&request).unwrap();
    assert_eq!((response.status, response.unchanged, response.moved), (200, false, false));
    assert_eq!(response.body, b"{\"a\":1}");
    assert_eq!(response.wire_bytes, 7);
    assert_eq!(response.content_type.as_deref(), Some("application/json"));
    assert_eq!(response.holds, Holds::For(Duration::from_secs(60)));
    assert_eq!(response.final_url, server.url("/a?b=c%20d"));
    assert!(response.warnings.is_empty());
    assert!(response.elapsed > Duration::ZERO);

    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/a?b=c%20d"));
    assert_eq!(seen.header("user-agent"), Some(AGENT));
    assert_eq!(seen.header("accept-encoding"), Some("gzip, br, zstd"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("if-none-match"), None);
}

#[test]
fn validators_go_back_byte_for_byte() {
    let server = Server::start();
    let odd = "W/\"a, b--\u{e9}\"";
    server.on("/a", Answer::ok("1").header("ETag", odd).header("Last-Modified", "whenever"));
    server.on("/a", Answer::status(304).header("ETag", "\"a, b--\u{e9}\""));
    let mut request = Request::new(server.url("/a"));
    request.validators = get(&request).unwrap().validators;
    let response = get(&request).unwrap();

    assert_eq!((response.status, response.unchanged), (304, true));
    assert!(response.body.is_empty());
    let refreshed = Validators {
        etag: Some("\"a, b--\u{e9}\"".into()),
        last_modified: Some("whenever".into()),
    };
    assert_eq!(response.validators, Some(refreshed));
    let second = &server.seen()[1];
    assert_eq!(second.header("if-none-match"), Some(odd));
    assert_eq!(second.header("if-modified-since"), Some("whenever"));
}

/// A server refuses a long header, and would do so at each later request.
#[test]
fn validators_that_are_too_long_are_not_kept() {
    let server = Server::start();
    let tag = |letters: usize| format!("\"{}\"", "a".repeat(letters - 2));
    server.on("/fits", Answer::ok("1").header("ETag", &tag(1_024)));
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    server.on("/tag", Answer::ok("1").header("ETag", &tag(1_025)).header("Last-Modified", date));
    server.on(
        "/both",
        Answer::ok("1").header("ETag", &tag(9_000)).header("Last-Modified", &tag(101)),
    );
    let kept = |path: &str| get(&Request::new(server.url(path))).unwrap().validators;
    assert_eq!(kept("/fits").unwrap().etag, Some(tag(1_024)));
    let dated = Validators { etag: None, last_modified: Some(date.into()) };
    assert_eq!(kept("/tag"), Some(dated));
    assert_eq!(kept("/both"), None);
}

/// A stored body that got the tag of another one would be believed for ever.
#[test]
fn a_304_for_another_version_is_a_failure() {
    let server = Server::start();
    let (older, newer) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT");
    server.on("/tag", Answer::ok("1").header("ETag", "\"a\""));
    server.on("/tag", Answer::status(304).header("ETag", "\"b\""));
    server.on("/date", Answer::ok("1").header("Last-Modified", older));
    server.on("/date", Answer::status(304).header("Last-Modified", newer));
    for path in ["/tag", "/date"] {
        let mut request = Request::new(server.url(path));
        request.validators = get(&request).unwrap().validators;
        let failure = get(&request).unwrap_err();
        assert!(matches!(failure, Failure::OtherVersion { .. }), "{failure:?}");
        assert_eq!(failure.status(), Some(304));
    }
}

#[test]
fn a_304_that_nobody_asked_for_is_a_failure() {
    let server = Server::start();
    server.on("/a", Answer::status(304));
    let mut request = Request::new(server.url("/a"));
    assert!(matches!(get(&request), Err(Failure::NothingStored { .. })));
    request.validators = Some(Validators::default());
    assert!(matches!(get(&request), Err(Failure::NothingStored { .. })));
}

#[test]
fn what_is_good_but_odd_is_told() {
    let server = Server::start();
    let answer = Answer::status(203).header("Deprecation", "@1688169599");
    server.on("/a", answer.header("Sunset", "Sun, 30 Jun 2027 23:59:59 GMT"));
    let warnings = get(&Request::new(server.url("/a"))).unwrap().warnings;
    let of = |word: &str| warnings.iter().any(|warning| warning.contains(word));
    assert!(of("203") && of("1688169599") && of("2027"), "{warnings:?}");
}

/// Runs the plain test again in a process whose environment names a proxy that is not there.
#[test]
fn a_proxy_of_the_environment_is_not_honoured() {
    let proxy = Server::refused();
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "http::a_plain_get_brings_the_whole_answer"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    {
        again.env(name, &proxy);
    }
    let output = again.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
