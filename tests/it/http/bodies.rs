//! Bodies: whole and within their caps, or an error.

use super::{get, run};
use crate::server::{Answer, Hold, Server};
use daybook::domain::coding::{Coding, Spoilt};
use daybook::domain::request::{Request, Response};
use daybook::domain::retry::{Failure, Flaw, Part};

const TEXT: &str = "a body that matters, a body that matters, a body that matters";

fn ask(answer: Answer, wire_bytes: u64, plain_bytes: u64) -> Result<Response, Failure> {
    let server = Server::start();
    server.on("/a", answer.header("ETag", "\"x\""));
    let mut request = Request::new(server.url("/a"));
    request.caps.wire_bytes = wire_bytes;
    request.caps.plain_bytes = plain_bytes;
    get(&request)
}

fn flaw(answer: Answer) -> Flaw {
    match ask(answer, 1 << 20, 1 << 20) {
        Err(Failure::BadBody { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_over(answer: Answer, caps: (u64, u64), expected: (Part, Option<u64>)) {
    match ask(answer, caps.0, caps.1) {
        Err(Failure::Oversize { part, announced, .. }) => assert_eq!((part, announced), expected),
        other => panic!("{other:?}"),
    }
}

fn spoilt(coding: Coding) -> Flaw {
    Flaw::Coded(coding, Spoilt::Damaged)
}

/// What others coded: `tests/fixtures/codings/README.md` says who and how.
fn coded(file: &str) -> Answer {
    let path = format!("{}/tests/fixtures/codings/{file}", env!("CARGO_MANIFEST_DIR"));
    let coding = if file.ends_with(".br") { "br" } else { "zstd" };
    Answer::ok(std::fs::read(path).unwrap()).header("Content-Encoding", coding)
}

#[test]
fn brotli_and_zstd_are_asked_for_and_undone() {
    let plain: Vec<u8> = (0..100_000u32).map(|n| (n ^ (n >> 5)) as u8).collect();
    for file in ["plain.br", "quick.br", "plain.zst", "stream.zst", "unchecked.zst"] {
        for answer in [coded(file), coded(file).chunked(), coded(file).until_close()] {
            let response = ask(answer, 1 << 20, 100_000).unwrap();
            assert!(response.body == plain, "{file}");
            assert!(response.wire_bytes < 9_000, "{file}");
        }
        check_over(coded(file), (1 << 20, 99_999), (Part::Plain, None));
    }
}

#[test]
fn brotli_and_zstd_are_whole_within_their_bounds_and_all_there_is() {
    for (file, coding) in [("plain.br", Coding::Brotli), ("stream.zst", Coding::Zstd)] {
        let cut = coded(file).until_close().cut_after(800);
        assert_eq!(flaw(cut), spoilt(coding), "{file}");
        let trailing = Spoilt::Trailing { bytes: 5, padding: false };
        assert_eq!(flaw(coded(file).padded(b"<br/>")), Flaw::Coded(coding, trailing), "{file}");
    }
    assert_eq!(flaw(coded("beyond.br")), spoilt(Coding::Brotli));
    for bomb in ["zeros.br", "zeros.zst"] {
        check_over(coded(bomb), (1 << 20, 1_000_000), (Part::Plain, None));
    }
    let window = Spoilt::Needs("a window of 128 MiB, where 8 MiB are allowed".into());
    assert_eq!(flaw(coded("window.zst")), Flaw::Coded(Coding::Zstd, window));
    let dictionary = Spoilt::Needs("a dictionary, and there is none".into());
    assert_eq!(flaw(coded("dictionary.zst")), Flaw::Coded(Coding::Zstd, dictionary));
}

#[test]
fn gzip_is_asked_for_and_undone() {
    let wire = Answer::ok(TEXT).gzip();
    for answer in [wire.clone(), wire.clone().chunked(), wire.until_close()] {
        let response = ask(answer, 1 << 20, 1 << 20).unwrap();
        assert_eq!(response.body, TEXT.as_bytes());
        assert!(response.wire_bytes < TEXT.len() as u64);
    }
}

#[test]
fn every_framing_brings_the_same_bytes() {
    let plain = Answer::ok(TEXT);
    for answer in [plain.clone(), plain.clone().chunked(), plain.until_close()] {
        assert_eq!(ask(answer, 61, 61).unwrap().body, TEXT.as_bytes());
    }
}

#[test]
fn an_announced_excess_is_refused_before_it_is_read() {
    let hold = Hold::default();
    let answer = Answer::ok(TEXT).held_after(0, &hold);
    check_over(answer, (60, 100), (Part::Wire, Some(61)));
    let answer = Answer::ok(TEXT).held_after(0, &hold);
    check_over(answer, (100, 60), (Part::Plain, Some(61)));
    hold.release();
}

#[test]
fn an_excess_that_was_not_announced_stops_the_reading() {
    let hold = Hold::default();
    let answer = Answer::ok("x".repeat(9_000)).chunked().held_after(5_000, &hold);
    check_over(answer, (4_000, 1 << 20), (Part::Wire, None));
    hold.release();
}

#[test]
fn a_gzip_bomb_stops_at_the_plain_cap() {
    let bomb = Answer::ok(vec![b' '; 30_000_000]).gzip();
    check_over(bomb, (1 << 20, 1_000_000), (Part::Plain, None));
}

#[test]
fn a_body_that_was_cut_is_no_body() {
    let cut = |received, announced| Flaw::Cut { received, announced };
    assert_eq!(flaw(Answer::ok(TEXT).cut_after(20)), cut(20, Some(61)));
    assert_eq!(flaw(Answer::ok(TEXT).chunked().cut_after(20)), cut(20, None));
    assert_eq!(flaw(Answer::ok(TEXT).gzip().until_close().cut_after(20)), spoilt(Coding::Gzip));
}

#[test]
fn a_body_that_is_not_what_it_says_is_no_body() {
    let claimed = Answer::ok(TEXT).header("Content-Encoding", "gzip");
    assert_eq!(flaw(claimed), Flaw::Coded(Coding::Gzip, Spoilt::Other));
    let claimed = Answer::ok(TEXT).header("Content-Encoding", "zstd");
    assert_eq!(flaw(claimed), Flaw::Coded(Coding::Zstd, Spoilt::Other));
    let claimed = Answer::ok(TEXT).header("Content-Encoding", "br");
    assert_eq!(flaw(claimed), spoilt(Coding::Brotli));
    let deflate = Answer::ok(TEXT).header("Content-Encoding", "deflate");
    assert_eq!(flaw(deflate), Flaw::Encoding("deflate".into()));
}

#[test]
fn over_tls_the_end_must_be_said() {
    let server = Server::start_tls();
    server.on("/whole", Answer::ok(TEXT)).on("/open", Answer::ok(TEXT).until_close());
    assert_eq!(get(&Request::new(server.url("/whole"))).unwrap().body, TEXT.as_bytes());
    // Without a farewell of TLS, anybody on the way may have cut the body.
    let open = get(&Request::new(server.url("/open")));
    let cut = Flaw::Cut { received: 61, announced: None };
    assert!(matches!(&open, Err(Failure::BadBody { flaw, .. }) if *flaw == cut), "{open:?}");
}

#[test]
fn one_connection_serves_several_requests() {
    let server = Server::start();
    server.on("/a", Answer::ok("1")).on("/a", Answer::ok("2").gzip()).on("/a", Answer::ok("3"));
    let (client, request) = (super::client(), Request::new(server.url("/a")));
    let bodies: Vec<u8> = run(async {
        let mut bodies = Vec::new();
        for _ in 0..3 {
            bodies.extend(client.get(&request, super::soon()).await.unwrap().body);
        }
        bodies
    });
    assert_eq!(bodies, b"123");
}
