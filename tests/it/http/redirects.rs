//! Redirects: how far, where to, and what goes along.

use super::{AGENT, SHORT, get, pace, run, soon};
use crate::server::{Answer, Seen, Server};
use daybook::domain::request::{Request, Validators};
use daybook::domain::retry::{Detour, Failure};
use daybook::edge::http::{Client, Pace};

fn with_secrets(url: String) -> Request {
    let mut request = Request::new(url);
    request.headers.push(("X-Common".into(), "yes".into()));
    request.credentials.push(("Authorization".into(), "Bearer s3cr3t".into()));
    request.validators = Some(Validators { etag: Some("\"x\"".into()), last_modified: None });
    request
}

fn detour(request: &Request) -> Detour {
    match get(request) {
        Err(Failure::Redirect { detour, .. }) => detour,
        other => panic!("{other:?}"),
    }
}

fn proof(seen: &Seen) -> Option<&str> {
    seen.header("authorization")
}

#[test]
fn redirects_are_followed_up_to_the_cap() {
    let server = Server::start();
    server.on("/1", Answer::redirect(301, "/2")).on("/2", Answer::redirect(308, "3?q=1#top"));
    server.on("/3", Answer::ok("here"));
    let mut request = Request::new(server.url("/1"));
    request.caps.redirects = 2;
    let response = get(&request).unwrap();
    assert_eq!((response.body.as_slice(), response.moved), (b"here".as_slice(), true));
    assert_eq!(response.final_url, server.url("/3?q=1"));
    request.caps.redirects = 1;
    assert_eq!(detour(&request), Detour::TooMany(1));
    request.caps.redirects = 0;
    assert_eq!(detour(&request), Detour::TooMany(0));
}

#[test]
fn a_loop_is_left_when_it_is_seen() {
    let server = Server::start();
    server.on("/a", Answer::redirect(302, "/a"));
    let request = Request::new(server.url("/a"));
    assert_eq!(detour(&request), Detour::Back { cookie: false });
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_passing_redirect_does_not_move_the_source() {
    let server = Server::start();
    server.on("/1", Answer::redirect(301, "/2")).on("/2", Answer::redirect(307, "/3"));
    server.on("/3", Answer::ok("here"));
    server.on("/4", Answer::redirect(302, "/5")).on("/5", Answer::redirect(301, "/3"));
    assert!(!get(&Request::new(server.url("/1"))).unwrap().moved);
    assert!(!get(&Request::new(server.url("/4"))).unwrap().moved);
}

#[test]
fn credentials_go_along_at_home() {
    let server = Server::start();
    server.on("/1", Answer::redirect(302, "/2")).on("/2", Answer::ok(""));
    get(&with_secrets(server.url("/1"))).unwrap();
    for seen in server.seen() {
        assert_eq!(proof(&seen), Some("Bearer s3cr3t"));
        assert_eq!(seen.header("if-none-match"), Some("\"x\""));
    }
}

#[test]
fn credentials_stay_behind_when_the_port_changes() {
    let (home, away) = (Server::start(), Server::start());
    home.on("/1", Answer::redirect(302, &away.url("/2"))).on("/3", Answer::ok("back"));
    away.on("/2", Answer::redirect(302, &home.url("/3")));
    get(&with_secrets(home.url("/1"))).unwrap();
    assert_eq!(proof(&home.seen()[0]), Some("Bearer s3cr3t"));
    let seen = away.only();
    assert_eq!((proof(&seen), seen.header("x-common")), (None, Some("yes")));
    assert_eq!(proof(&home.seen()[1]), None);
}

#[test]
fn credentials_stay_behind_when_the_host_changes() {
    let server = Server::start();
    let by_name = format!("http://localhost:{}/2", server.addr().port());
    server.on("/1", Answer::redirect(302, &by_name)).on("/2", Answer::ok(""));
    get(&with_secrets(server.url("/1"))).unwrap();
    let found: Vec<Option<String>> =
        server.seen().iter().map(|seen| proof(seen).map(String::from)).collect();
    assert_eq!(found, [Some("Bearer s3cr3t".into()), None]);
}

#[test]
fn credentials_stay_behind_when_the_scheme_changes() {
    let (home, away) = (Server::start(), Server::start_tls());
    home.on("/1", Answer::redirect(302, &away.url("/2")));
    away.on("/2", Answer::ok(""));
    get(&with_secrets(home.url("/1"))).unwrap();
    assert_eq!(proof(&away.only()), None);
}

#[test]
fn a_login_in_the_address_stays_at_home_too() {
    let (home, away) = (Server::start(), Server::start());
    home.on("/1", Answer::redirect(302, "/2")).on("/2", Answer::redirect(302, &away.url("/3")));
    away.on("/3", Answer::ok(""));
    let url = home.url("/1").replace("://", "://me:pa%20ss@");
    let response = get(&Request::new(url)).unwrap();
    let sent: Vec<bool> = home.seen().iter().map(|seen| proof(seen).is_some()).collect();
    assert_eq!(sent, [true, true]);
    assert_eq!(proof(&away.only()), None);
    assert_eq!(response.final_url, away.url("/3"));
}

#[test]
fn https_never_leads_to_http() {
    let (home, away) = (Server::start_tls(), Server::start());
    home.on("/1", Answer::redirect(302, &away.url("/2?token=s3cr3t")));
    let shown = away.url("/2?token=***");
    assert_eq!(detour(&Request::new(home.url("/1"))), Detour::Downgrade(shown));
    assert!(away.seen().is_empty());
}

#[test]
fn odd_ways_are_refused() {
    let server = Server::start();
    server.on("/ftp", Answer::redirect(302, "ftp://e.org/a"));
    server.on("/bare", Answer::status(302));
    let ftp = Detour::NotWeb("ftp://e.org/a".into());
    assert_eq!(detour(&Request::new(server.url("/ftp"))), ftp);
    assert_eq!(detour(&Request::new(server.url("/bare"))), Detour::Nowhere);
}

#[test]
fn a_redirect_gives_its_seat_back_before_it_takes_the_next() {
    let server = Server::start();
    server.on("/1", Answer::redirect(302, "/2")).on("/2", Answer::ok("here"));
    let client = Client::new(AGENT, Pace { at_once: 1, ..pace() });
    let mut request = Request::new(server.url("/1"));
    request.caps.timeout = SHORT * 5;
    assert_eq!(run(client.get(&request, soon())).unwrap().body, b"here");
}

#[test]
fn a_secret_that_a_redirect_repeats_goes_to_no_other_host() {
    let (server, away) = (Server::start(), Server::start());
    let elsewhere = |path: &str| away.url(path).replace("127.0.0.1", "localhost");
    let mut request = Request::new(server.url("/1?key=hush-hush-42"));
    request.secrets = vec!["hush-hush-42".into()];
    server.on("/1", Answer::redirect(302, &elsewhere("/2?key=hush%2Dhush-42")));
    away.on("/2", Answer::ok("x"));
    let failure = get(&request).expect_err("a secret");
    assert!(failure.to_string().contains("with a secret of this request"), "{failure}");
    assert!(away.seen().is_empty());
    // At home it is known.
    server.on("/3", Answer::redirect(302, "/4?key=hush-hush-42")).on("/4", Answer::ok("x"));
    request.url = server.url("/3");
    assert!(get(&request).is_ok());
}
