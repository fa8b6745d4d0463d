//! HTTP as the world speaks it: answers that browsers and curl read and that have one meaning
//! are read; what is refused is told as what it is.

use super::get;
use crate::server::{Answer, Server};
use daybook::domain::fresh::Holds;
use daybook::domain::request::{Request, Response};
use daybook::domain::retry::{Failure, Unreachable};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

const BODY: &str = r#"[{"id":"a","v":1},{"id":"b","v":2}]"#;
const READ: &str = "read";

/// An answer with these lines in its head, and the end of the connection.
fn raw(lines: &[u8], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}\r\nConnection: close\r\n", body.len());
    [b"HTTP/1.1 200 OK\r\n", length.as_bytes(), lines, b"\r\n", body].concat()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// What became of it, without the address: `read` and remarks, or the failure and its hint.
fn told(found: Result<Response, Failure>) -> String {
    match found {
        Ok(response) => {
            assert_eq!(String::from_utf8_lossy(&response.body), BODY);
            [&[READ.to_string()], &response.warnings[..]].concat().join("; ")
        }
        Err(failure) => {
            let text = failure.explain();
            text.split_once(": ").unwrap().1.to_string()
        }
    }
}

#[track_caller]
fn check(answer: Answer, expected: &str) {
    let server = Server::start();
    server.on("/a", answer);
    assert_eq!(told(get(&Request::new(server.url("/a")))), expected);
}

#[track_caller]
fn check_raw(answer: impl AsRef<[u8]>, expected: &str) {
    check(Answer::raw(answer.as_ref()), expected);
}

#[test]
fn an_untidy_head_is_read_as_browsers_read_it() {
    let lines: [&[u8]; 12] = [
        b"Server : foo\r\n",
        b"X Foo: bar\r\n",
        b"X-A: one\r\n two\r\n",
        b"X-A: one\r\n\ttwo\r\n",
        b"X-Nom: \xe9t\xe9\r\n",
        // A warning of PHP, a page that begins too early, the colours of a terminal.
        b"PHP Warning: cannot load 'mcrypt.so' in Unknown on line 0, PHP Startup\r\n",
        b"<!DOCTYPE html>\r\n",
        b"garbage line\r\n",
        b": no name\r\n",
        b"X-Empty:\r\n",
        // Firewalls send these to see who asks.
        b"Set-Cookie: a=dmo\x01OZ; path=/\r\n",
        b"Set-Cookie: a=1; domain=\x7fwwom\x7f\r\n",
    ];
    for line in lines {
        check_raw(raw(line, BODY.as_bytes()), READ);
    }
    let tidy = String::from_utf8(raw(b"Content-Type: application/json\r\n", BODY.as_bytes()));
    let tidy = tidy.unwrap();
    check_raw(tidy.replace("\r\n", "\n"), READ);
    check_raw(tidy.replace(" OK", ""), READ);
    check_raw(tidy.replace(" OK", " "), READ);
    check_raw(format!("\r\n{tidy}"), READ);
    check_raw(format!("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n{tidy}"), READ);
    let many: String = (0..300).map(|number| format!("X-{number}: {number}\r\n")).collect();
    check_raw(raw(many.as_bytes(), BODY.as_bytes()), READ);
}

#[test]
fn a_header_behind_an_untidy_one_still_counts() {
    let server = Server::start();
    let lines = b"X Foo: bar\r\nETag : \"x\"\r\nCache-Control: public,\r\n  max-age=60\r\n";
    server.on("/a", Answer::raw(raw(lines, b"1")));
    let response = get(&Request::new(server.url("/a"))).unwrap();
    assert_eq!(response.validators.unwrap().etag.as_deref(), Some("\"x\""));
    assert_eq!(response.holds, Holds::For(std::time::Duration::from_secs(60)));
}

#[test]
fn what_is_not_http_is_not_called_a_missing_connection() {
    let icy = format!("ICY 200 OK\r\n\r\n{BODY}");
    check_raw(icy, "what came is not HTTP: invalid HTTP version parsed");
    check_raw("HTTP/1.1 abc OK\r\n\r\n", "what came is not HTTP: invalid HTTP status-code parsed");
    let endless = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    check_raw(endless, "what came is not HTTP: message head is too large");
    let server = Server::start();
    server.on("/a", Answer::raw("<html>no head</html>\r\n\r\n"));
    let failure = get(&Request::new(server.url("/a"))).unwrap_err();
    let cause = |failure| match failure {
        Failure::Unreachable { cause, .. } => Some(cause),
        _ => None,
    };
    assert!(matches!(cause(failure), Some(Unreachable::NotHttp(_))));
}

#[test]
fn lengths_that_agree_are_one_and_others_are_refused() {
    let with = |lines: &str, body: &str| {
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{lines}\r\n{body}")
    };
    let length = format!("Content-Length: {}\r\n", BODY.len());
    check_raw(format!("HTTP/1.0 200 OK\r\n\r\n{BODY}"), READ);
    check_raw(with(&length.repeat(2), BODY), READ);
    check_raw(with("Content-Length: 35, 35\r\n", BODY), READ);
    let two = with(&format!("{length}Content-Length: 5\r\n"), BODY);
    check_raw(two, "what came is not HTTP: invalid content-length parsed");
    check_raw(
        with("Content-Length: 5O\r\n", BODY),
        "what came is not HTTP: invalid content-length parsed",
    );
    check_raw(
        with("Content-Length: 999\r\n", BODY),
        "the body was cut after 35 bytes, 999 bytes were announced",
    );
    let chunked = format!("{:x};ext=1\r\n{BODY}\r\n", BODY.len());
    let head = "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n";
    check_raw(with(head, &format!("{chunked}0\r\nX-Sum: 1\r\n\r\n")), READ);
    check_raw(with(&format!("Content-Length: 7\r\n{head}"), &format!("{chunked}0\r\n\r\n")), READ);
    check_raw(with(head, &format!("00{:X} \r\n{BODY}\r\n0\r\n\r\n", BODY.len())), READ);
    check_raw(with(head, &chunked), "the body was cut after 35 bytes");
    check_raw(
        with(head, BODY),
        "the body does not keep to the framing that its head announced: \
         invalid chunk size line: missing size digit",
    );
    check(Answer::ok(BODY).header("Transfer-Encoding", "identity"), READ);
    // A gzip for the transfer is one of the body, whoever undoes it.
    let wire = gzip(BODY.as_bytes());
    let coded = |lines: &[u8]| {
        let head = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", lines, b"\r\n"].concat();
        let size = format!("{:x}\r\n", wire.len());
        [&head, size.as_bytes(), &wire, b"\r\n0\r\n\r\n"].concat()
    };
    check_raw(coded(b"Transfer-Encoding: gzip, chunked\r\n"), READ);
    check_raw(coded(b"Content-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n"), READ);
}

#[test]
fn an_encoding_that_is_none_is_passed_over_and_told() {
    let said = |words: &str| Answer::ok(BODY).header("Content-Encoding", words);
    let remark = |word: &str| {
        format!("read; its encoding is said to be `{word}`, which is none: read without it")
    };
    for silent in ["", "identity", "aws-chunked", "chunked"] {
        check(said(silent), READ);
    }
    check(said("UTF-8"), &remark("utf-8"));
    check(said("none"), &remark("none"));
    check(said("application/json"), &remark("application/json"));
    check(Answer::ok(BODY).gzip().header("Content-Encoding", "aws-chunked"), READ);
    check(Answer::ok(BODY).gzip().header("Content-Encoding", "utf-8"), &remark("utf-8"));
    let offered = "but only gzip, br and zstd were offered";
    check(said("deflate"), &format!("the body is encoded as `deflate`, {offered}"));
    check(said("utf-8, xz"), &format!("the body is encoded as `utf-8, xz`, {offered}"));
    check(
        Answer::ok(BODY).gzip().gzip(),
        "the body is said to be encoded more than once, as `gzip, gzip`; one coding is undone",
    );
}

#[test]
fn a_gzip_is_whole_and_what_follows_it_is_declared() {
    let sent = |wire: &[u8]| Answer::ok(wire).header("Content-Encoding", "gzip");
    let whole = gzip(BODY.as_bytes());
    let two = [gzip(&BODY.as_bytes()[..10]), gzip(&BODY.as_bytes()[10..])].concat();
    check(sent(&whole), READ);
    check(sent(&two), READ);
    check(sent(BODY.as_bytes()), "the answer says gzip, but the body does not begin like one");
    check(sent(&whole[..30]), "the gzip of the body is cut or damaged");
    for (tail, padding) in [(&[0; 10][..], true), (b"\r\n", true), (b"junk", false)] {
        let server = Server::start();
        server.on("/a", sent(&[&whole, tail].concat()));
        let mut request = Request::new(server.url("/a"));
        let told_of = told(get(&request));
        let words = if padding { ", zeros or ends of lines" } else { " of something else" };
        let whole = format!("a whole gzip is followed by {} bytes{words}", tail.len());
        let hint = "\nhint: if that is padding, declare gzip_padding = true in [fetch]";
        assert_eq!(told_of, whole.clone() + if padding { hint } else { "" });
        request.gzip_padding = true;
        assert_eq!(told(get(&request)), if padding { READ } else { &whole });
    }
}

fn away(lines: &[u8]) -> Answer {
    let head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n";
    Answer::raw([&head[..], lines, b"\r\n"].concat())
}

#[track_caller]
fn check_way(location: &[u8], target: &str) {
    let server = Server::start();
    server.on("/a", away(&[b"Location: ", location, b"\r\n"].concat()));
    server.on(target.split('?').next().unwrap(), Answer::ok(BODY));
    assert_eq!(told(get(&Request::new(server.url("/a?q=1")))), READ, "{location:?}");
    assert_eq!(server.seen()[1].target, target);
}

#[test]
fn a_location_leads_where_a_browser_would_go() {
    check_way("/café".as_bytes(), "/caf%C3%A9");
    check_way(b"/caf\xe9", "/caf%E9");
    check_way("/x?q=Š&r=\u{20ac}".as_bytes(), "/x?q=%C5%A0&r=%E2%82%AC");
    check_way(b"/x?q=\xe9", "/x?q=%E9");
    check_way(b"/caf%E9", "/caf%E9");
    check_way(b"/a b?x=1 2", "/a%20b?x=1%202");
    check_way(b"b", "/b");
    check_way(b"?q=2", "/a?q=2");
    check_way(b"\\b", "/b");
    check_way(b"/b#caf\xe9", "/b");
    check_way(b"/b\r\nLocation: /b", "/b");
}

#[test]
fn a_location_may_leave_out_the_scheme() {
    let server = Server::start();
    server.on("/a", away(format!("Location: {}\r\n", &server.url("/b")[5..]).as_bytes()));
    server.on("/b", Answer::ok(BODY));
    assert_eq!(told(get(&Request::new(server.url("/a")))), READ);
}

#[test]
fn a_circle_is_told_as_one() {
    let circle = "the address leads back to itself";
    let cookie = "the address leads back to itself, and sets a cookie on the way, which Daybook \
                  does not keep\nhint: look for an address of the data that wants no cookie";
    for (lines, expected) in [
        (&b"Location: /a\r\nSet-Cookie: s=1; Path=/\r\n"[..], cookie),
        (b"Location: /a\r\n", circle),
        (b"Location:\r\n", circle),
        (b"Location: #top\r\n", circle),
        (b"Location: /b\r\nLocation: /c\r\n", "redirected to several addresses at once"),
        (b"", "redirected without an address that can be read"),
    ] {
        check(away(lines), expected);
    }
    let server = Server::start();
    server
        .on("/a", away(b"Location: /b\r\nSet-Cookie: s=1\r\n"))
        .on("/b", away(b"Location: a\r\n"));
    let mut request = Request::new(server.url("/a").replace("://", "://me:pw@"));
    assert_eq!(told(get(&request)), cookie);
    assert_eq!(server.seen().len(), 4);
    request.caps.redirects = 1;
    assert_eq!(told(get(&request)), "redirected more than 1 times");
}

/// A server may make something ready, and send who asks back to the same address meanwhile.
#[test]
fn an_address_may_lead_back_to_itself_once() {
    let server = Server::start();
    server.on("/a", Answer::redirect(302, "/a")).on("/a", Answer::ok(BODY));
    assert_eq!(told(get(&Request::new(server.url("/a")))), READ);
}

#[test]
fn a_status_beside_200_is_read_where_its_meaning_is_plain() {
    let with = |status| Answer::ok(BODY).with_status(status);
    let ranged = |range| with(206).header("Content-Range", range);
    check(with(201), "read; answered 201: created, though nothing was to be");
    check(with(203), "read; answered 203: changed on its way");
    check(ranged("bytes 0-34/35"), "read; answered 206: a part, though it is the whole");
    let part = "answered 206 partial content, though the whole was asked for";
    check(ranged("bytes 0-34/999"), part);
    check(ranged("bytes 0-34/*"), part);
    check(with(226), "answered 226 a difference to something that was not asked for");
    check(with(300).header("Location", "/b"), "answered 300 multiple choices");
    check(with(418), "answered 418");
}
