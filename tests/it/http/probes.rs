//! Hostile answers, one line each: what of them is read, and what is said of the others. All end by
//! themselves, within their caps.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::{SHORT, get};
use crate::server::{Answer, Server};
use daybook::domain::request::Request;

const BODY: &str = "{\"id\":1}";

fn told(request: &Request) -> String {
    match get(request) {
        Ok(response) => {
            let body = String::from_utf8_lossy(&response.body).into_owned();
            format!("{} {body}", response.status)
        }
        Err(failure) => failure.to_string().split_once(": ").map(|(_, why)| why.into()).unwrap(),
    }
}

#[track_caller]
fn check(answer: Answer, expected: &str) {
    let server = Server::start();
    server.on("/a", answer);
    let found = told(&Request::new(server.url("/a")));
    assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
}

fn raw(head: &str, body: &str) -> Answer {
    Answer::raw(format!("HTTP/1.1 {head}\r\n\r\n{body}"))
}

#[test]
fn statuses_of_all_kinds_have_their_words() {
    let of = |status: u16| Answer::ok("x").with_status(status);
    for (status, expected) in [
        (204, "answered 204 no content"),
        (205, "answered 205"),
        (300, "answered 300 multiple choices"),
        (305, "answered 305"),
        (401, "answered 401 unauthorized"),
        (404, "answered 404 not found"),
        (503, "answered 503 service unavailable"),
        (999, "answered 999"),
        (206, "206 x"),
    ] {
        check(of(status), expected);
    }
    check(of(206).header("Content-Range", "bytes 0-0/9"), "answered 206 partial content");
}

#[test]
fn lengths_and_chunks_that_lie_are_refused() {
    let length = |length: &str| raw(&format!("200 OK\r\nContent-Length: {length}"), BODY);
    check(length("500"), "the body was cut after 8 bytes, 500 bytes were announced");
    check(length("-5"), "what came is not HTTP");
    check(length("99999999999999999999999"), "what came is not HTTP");
    check(length("10\r\nContent-Length: 8"), "what came is not HTTP");
    let chunked = |body: &str| raw("200 OK\r\nTransfer-Encoding: chunked", body);
    let framing = "the body does not keep to the framing that its head announced";
    check(chunked("zz\r\n{}\r\n0\r\n\r\n"), framing);
    check(chunked("ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), framing);
    check(chunked(&format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(200_000))), framing);
    check(chunked("-2\r\n{}\r\n0\r\n\r\n"), framing);
    check(chunked("2\r\n{}\r\n0\r\nX: y\r\n\r\n"), "200 {}");
}

#[test]
fn heads_that_are_none_are_refused() {
    let not_http = "what came is not HTTP";
    check(Answer::raw(BODY), not_http);
    check(Answer::raw("hello\r\n"), not_http);
    check(raw(&format!("200 {}", "K".repeat(1_000_000)), BODY), not_http);
    check(raw(&format!("200 OK\r\nX-Big: {}", "a".repeat(1_000_000)), BODY), not_http);
    let many: String = (0..5_000).map(|n| format!("\r\nX-{n}: y")).collect();
    check(raw(&format!("200 OK{many}"), BODY), not_http);
    check(Answer::raw(""), "the server closed the connection without an answer");
}

#[test]
fn redirects_lead_only_to_the_web_and_not_inside() {
    let to = |place: &str| Answer::redirect(302, place);
    check(to("file:///etc/passwd"), "redirected to `file:///etc/passwd`, which is not a web");
    check(to("ftp://127.0.0.1/x"), "redirected to `ftp://127.0.0.1/x`, which is not a web");
    check(to("javascript:alert(1)"), "redirected to `javascript:alert(1)`, which is not a web");
    check(to("/a"), "the address leads back to itself");
    check(to("http://127.0.0.1:1/"), "the connection was refused");
}

/// What has no end: the answer to everything, until the door hangs up.
fn endless(head: &'static [u8], again: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1_024]);
        let _ = stream.write_all(head);
        let many = again.repeat(1_000);
        while stream.write_all(&many).is_ok() {}
    });
    let mut request = Request::new(url);
    request.caps.wire_bytes = 64 << 10;
    request.caps.timeout = SHORT * 20;
    let found = told(&request);
    server.join().unwrap();
    found
}

#[test]
fn what_has_no_end_is_left_at_its_cap() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let found = endless(chunked, b"10\r\n0123456789abcdef\r\n");
    assert_eq!(found, "the body as sent is over the cap of 64 KiB");
    let found = endless(chunked, b"1\r\n \r\n");
    assert_eq!(found, "the body as sent is over the cap of 64 KiB");
    let found = endless(b"HTTP/1.1 200 OK\r\nX: y", b"yyyyyyyyyyyyyyyy");
    assert!(found.starts_with("what came is not HTTP"), "{found}");
    let found = endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n");
    assert!(found.starts_with("what came is not HTTP"), "{found}");
    let trailers = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n";
    let found = endless(trailers, b"X: y\r\n");
    assert!(found.starts_with("the body"), "{found}");
}

#[test]
fn what_a_server_says_is_fit_to_be_shown() {
    let server = Server::start();
    let odd = "http://e.org/\u{202e}\u{9b}2J";
    server.on("/way", Answer::redirect(302, &odd.replace("http:", "x:")));
    server.on("/coded", Answer::ok("x").header("Content-Encoding", "br, \u{202e}\u{9b}"));
    server.on("/sunset", Answer::ok("x").header("Sunset", "\u{202e}\u{9b}s3cr%65t"));
    for path in ["/way", "/coded", "/sunset"] {
        let mut request = Request::new(server.url(path));
        request.secrets.push("s3cret".into());
        let shown = match get(&request) {
            Ok(response) => format!("{:?} {}", response.warnings, response.warnings.concat()),
            Err(failure) => failure.explain(),
        };
        assert!(!shown.contains(['\u{202e}', '\u{9b}']), "{path}: {shown:?}");
        assert!(!shown.contains("s3cr%65t"), "{path}: {shown:?}");
    }
}
