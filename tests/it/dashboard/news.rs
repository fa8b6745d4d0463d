//! What is new comes by itself: events, how they go on after a break, how they end; a store that
//! is away.

use super::board::{Board, line};
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox, wait_until};
use crate::server::{Answer, Server};
use rustix::process::Signal;
use std::io::{BufReader, Read};
use std::net::TcpStream;

const ITEMS: &str = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n\
                     [[figures]]\nkind = \"line\"\nfield = \"v\"\n";

fn at(minute: u32) -> String {
    format!("2026-11-24T10:{minute:02}:05Z")
}

/// A home with one source that gives 41, then 42, ...
fn home(kind: Kind, server: &Server) -> Sandbox {
    let home = Sandbox::new(kind);
    home.settings("");
    for value in 41..60 {
        server.on("/v", Answer::ok(format!("{{\"v\":{value}}}")));
    }
    home.source("meter", &declared("json", &server.url("/v"), "1m", ITEMS));
    home.run("fetcher", &["--now", &at(1)]).exits(0);
    home.run("fetcher", &["--now", &at(2)]).exits(0);
    home
}

/// The id of the next event.
fn next(stream: &mut BufReader<TcpStream>) -> u64 {
    loop {
        // Chunks have lines of their own.
        if let Some(id) = line(stream).strip_prefix("id: ") {
            return id.parse().unwrap();
        }
    }
}

fn shows(board: &Board, value: &str) -> bool {
    board.get("/en/").text().contains(&format!("<span class=\"num\">{value}</span>"))
}

fn comes(kind: Kind) {
    let server = Server::start();
    let home = home(kind, &server);
    let board = Board::start(&home, &["--now", &at(3)]);
    assert!(shows(&board, "42"), "{}", board.get("/en/").text());
    let mut stream = board.events(None);
    let first = next(&mut stream);
    home.run("fetcher", &["--now", &at(4)]).exits(0);
    let mut last = next(&mut stream);
    while !shows(&board, "43") {
        last = next(&mut stream);
    }
    assert!(last > first);
    // Whoever heard the last one is told nothing twice; whoever did not is told at once.
    let mut late = board.events(Some(&first.to_string()));
    assert!(next(&mut late) >= last);
    let mut known = board.events(Some(&last.to_string()));
    loop {
        match &*line(&mut known) {
            ": as before" => break,
            // Meanwhile there was something new.
            other if other.strip_prefix("id: ").is_some_and(|id| id != last.to_string()) => break,
            other => assert!(!other.starts_with("id: "), "{other} is told twice"),
        }
    }
    // The same once it is summarised.
    home.run("summarizer", &["--now", "2026-11-24T11:05:00Z", "run"]).exits(0);
    wait_until("the page of what is counted", || {
        shows(&board, "43") && board.get("/api/v1/health").text().contains("\"waiting\":0")
    });
}

#[test]
fn an_answer_is_on_the_page_once_it_landed_sqlite() {
    comes(Kind::Sqlite);
}

#[test]
fn an_answer_is_on_the_page_once_it_landed_server() {
    comes(Kind::Server);
}

#[test]
fn streams_that_were_closed_are_not_kept() {
    let server = Server::start();
    let home = home(Kind::Sqlite, &server);
    let board = Board::start(&home, &["--now", &at(3)]);
    let streams: Vec<_> = (0..60).map(|_| board.events(None)).collect();
    wait_until("all streams", || board.gauge("daybook_event_streams") == 60.0);
    drop(streams);
    wait_until("no stream any more", || board.gauge("daybook_event_streams") == 0.0);
}

#[test]
fn open_streams_do_not_keep_the_program_from_its_end() {
    let server = Server::start();
    let home = home(Kind::Sqlite, &server);
    for signal in [Signal::TERM, Signal::INT] {
        let board = Board::start(&home, &["--now", &at(3)]);
        let mut streams: Vec<_> = (0..20).map(|_| board.events(None)).collect();
        assert!(streams.iter_mut().all(|stream| next(stream) > 0));
        let idle = board.connect();
        board.tell(signal);
        assert!(board.end().success());
        // Each was ended, and not cut.
        for mut stream in streams {
            let mut rest = String::new();
            stream.read_to_string(&mut rest).unwrap();
            assert!(rest.ends_with("0\r\n\r\n"), "{rest:?}");
        }
        drop(idle);
    }
}

#[test]
fn a_store_that_is_away_is_told_and_comes_back() {
    let server = Server::start();
    let home = home(Kind::Sqlite, &server);
    home.run("summarizer", &["--now", "2026-11-24T11:05:00Z", "run"]).exits(0);
    let board = Board::start(&home, &["--now", "2026-11-24T11:06:00Z"]);
    let (store, aside) = (home.path("daybook.sqlite"), home.path("aside.sqlite"));
    std::fs::rename(&store, &aside).unwrap();
    home.run("fetcher", &["--now", "2026-11-24T11:07:05Z"]).exits(0);
    wait_until("the store is told to be away", || board.get("/healthz").status == 503);
    let told = board.get("/en/").is(200);
    assert!(told.text().contains("The store cannot be read."), "{}", told.text());
    assert!(told.text().contains("42"), "what was shown stays");
    assert!(board.gauge("daybook_store_up") == 0.0);
    std::fs::rename(&aside, &store).unwrap();
    wait_until("the store is back", || board.get("/healthz").status == 200);
    assert!(!board.get("/en/").text().contains("The store cannot be read."));
}
