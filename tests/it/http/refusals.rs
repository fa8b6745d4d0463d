//! What the server, the network or we refuse, and that the words keep secrets.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use super::{AGENT, client, get, pace, run, soon};
use crate::server::{Answer, Server};
use daybook::domain::request::Request;
use daybook::domain::retry::{Failure, RetryAfter, Unreachable};
use daybook::edge::http::{Client, Pace};

fn failure(url: String) -> Failure {
    get(&Request::new(url)).unwrap_err()
}

fn cause(url: String) -> Unreachable {
    match failure(url) {
        Failure::Unreachable { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_status_is_its_own_branch() {
    let server = Server::start();
    for status in [202, 204, 206, 302, 400, 401, 403, 404, 408, 410, 425, 429, 500, 503] {
        let answer = match status {
            206 => Answer::status(206).header("Content-Range", "bytes 0-9/20"),
            302 => Answer::redirect(302, "/500"),
            _ => Answer::status(status),
        };
        server.on(&format!("/{status}"), answer);
    }
    for status in [202, 302, 408, 425, 429, 500, 503] {
        let found = failure(server.url(&format!("/{status}")));
        assert!(matches!(found, Failure::Transient { retry_after: None, .. }), "{found:?}");
    }
    for status in [206, 400, 401, 403, 404, 410] {
        let found = failure(server.url(&format!("/{status}")));
        assert!(matches!(found, Failure::Permanent { challenge: false, .. }), "{found:?}");
    }
    let none = failure(server.url("/204"));
    assert!(matches!(none, Failure::NoContent { status: 204, .. }), "{none:?}");
}

/// As Hub'Eau and France Travail answer while there are more pages.
#[test]
fn a_page_of_several_is_read() {
    let server = Server::start();
    let page = || Answer::ok("{}").with_status(206);
    server.on("/a", page()).on("/b", page().header("Content-Range", "offres 0-149/523"));
    for path in ["/a", "/b"] {
        let read = get(&Request::new(server.url(path))).unwrap();
        assert_eq!((read.status, &*read.body), (206, &b"{}"[..]));
        assert!(read.is_part() && read.warnings.is_empty(), "{:?}", read.warnings);
    }
}

#[test]
fn retry_after_comes_in_both_forms() {
    let server = Server::start();
    let dated = "Sun, 06 Nov 1994 08:49:37 GMT";
    server.on("/1", Answer::status(429).header("Retry-After", "120"));
    server.on("/2", Answer::status(503).header("Retry-After", dated));
    let seconds = failure(server.url("/1")).retry_after();
    assert_eq!(seconds, Some(RetryAfter::After(Duration::from_secs(120))));
    let date = daybook::domain::time::from_millis(784_111_777_000);
    assert_eq!(failure(server.url("/2")).retry_after(), Some(RetryAfter::At(date)));
}

#[test]
fn a_challenge_for_browsers_is_named() {
    let server = Server::start();
    server.on("/a", Answer::status(403).header("cf-mitigated", "challenge"));
    let text = failure(server.url("/a")).explain();
    assert!(text.contains("403 forbidden") && text.contains("browser"), "{text}");
}

#[test]
fn nobody_there_is_said_as_such() {
    let url = Server::refused();
    assert_eq!(cause(url.clone()), Unreachable::Refused);
    let expected = format!(
        "get {url}/: the connection was refused\n\
         hint: nothing listens there; are host and port right?"
    );
    assert_eq!(failure(format!("{url}/")).explain(), expected);
}

#[test]
fn a_name_without_an_address_is_said_as_such() {
    // Too long for a name, so no resolver is asked.
    let name = format!("{}.invalid", "a".repeat(64));
    assert_eq!(cause(format!("http://{name}/")), Unreachable::Name(name));
}

#[test]
fn a_server_that_hangs_up_or_babbles() {
    let server = Server::start();
    server.on("/nothing", Answer::raw("")).on("/half", Answer::raw("HTTP/1.1 200 OK\r\nConte"));
    server.on("/babble", Answer::raw("220 smtp.e.org ESMTP ready\r\n\r\n"));
    assert_eq!(cause(server.url("/nothing")), Unreachable::HungUp);
    assert_eq!(cause(server.url("/half")), Unreachable::HungUp);
    let babble = cause(server.url("/babble")).to_string();
    assert!(babble.contains("not HTTP"), "{babble}");
}

#[test]
fn a_certificate_must_be_trusted_and_for_the_name() {
    let server = Server::start_tls();
    server.on("/a", Answer::ok("safe"));
    let request = Request::new(server.url("/a"));
    assert_eq!(get(&request).unwrap().body, b"safe");

    let stranger = Client::new(AGENT, Pace { authorities: Vec::new(), ..pace() });
    let text = run(stranger.get(&request, soon())).unwrap_err().explain();
    assert!(text.contains("issued by nobody this machine trusts"), "{text}");
    assert!(text.contains("hint: check this machine's clock"), "{text}");

    let by_number = server.url("/a").replace("localhost", "127.0.0.1");
    let text = failure(by_number).to_string();
    assert!(text.contains("is for another name"), "{text}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_certificate_that_signs_itself_is_said_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let config = crate::server::tls::signed_by_itself();
        crate::server::tls::accept(config, stream).write_all(b"never read")
    });
    let text = failure(url).explain();
    assert!(text.contains("its certificate is signed by itself"), "{text}");
    assert!(text.contains("hint: if it is the right one"), "{text}");
    assert!(server.join().unwrap().is_err());
}

#[test]
fn tls_to_a_plain_server_is_said_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let plain = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        stream
    });
    let found = cause(url);
    assert_eq!(found, Unreachable::Tls("the server does not speak it".into()));
    plain.join().unwrap();
}

#[test]
fn what_cannot_be_asked_is_refused_without_asking() {
    let server = Server::start();
    let why = |request: &Request| match get(request) {
        Err(Failure::Invalid { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(&Request::new("ftp://e.org/")).contains("`ftp` is neither"));
    assert!(why(&Request::new("no address")).contains("not a web address"));
    for (name, value) in [("a b", "1"), ("X-A", "1\r\nX-B: 2"), ("Range", "0-1"), ("Host", "e")] {
        let mut request = Request::new(server.url("/a"));
        request.headers.push((name.into(), value.into()));
        assert!(why(&request).contains(&format!("header `{name}`")));
    }
    let nameless = Client::new("bad\nagent", pace());
    let failure = run(nameless.get(&Request::new(server.url("/a")), soon())).unwrap_err();
    assert!(failure.to_string().contains("cannot make a connection"), "{failure}");
    assert!(server.seen().is_empty());
}

#[test]
fn no_text_holds_a_secret() {
    let server = Server::start();
    let away = format!("{}/h1dden?token=other", Server::refused());
    server.on("/h1dden/404", Answer::status(404)).on("/h1dden/cut", Answer::ok("abc").cut_after(1));
    server.on("/h1dden/away", Answer::redirect(302, &away));
    server.on("/h1dden/ftp", Answer::redirect(302, "ftp://u:h1dden@e.org/?k=s3cr3t"));
    server.on("/h1dden/babble", Answer::raw("h1dden s3cr3t\r\n\r\n"));
    server.on("/h1dden/ok", Answer::ok(""));
    let client = client();
    for path in ["404", "cut", "away", "ftp", "babble", "ok", "none"] {
        let url = server.url(&format!("/h1dden/{path}?appid=k3y")).replace("://", "://u:pw4u@");
        let mut request = Request::new(url);
        request.secrets.push("h1dden".into());
        request.credentials.push(("X-Api".into(), "s3cr3t".into()));
        let result = run(client.get(&request, soon()));
        let shown = match &result {
            Ok(response) => format!("{response:?} {}", response.final_url),
            Err(failure) => format!("{failure:?} {}", failure.explain()),
        };
        for secret in ["h1dden", "s3cr3t", "k3y", "pw4u", "other"] {
            assert!(!shown.contains(secret), "{path}: {shown}");
        }
    }
}
