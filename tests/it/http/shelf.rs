//! Large answers wait outside of memory, and come back as they were sent.

use super::{AGENT, pace, run, soon};
use crate::server::{Answer, Server};
use daybook::domain::limits::ANSWER_IN_MEMORY;
use daybook::domain::request::{Request, Response};
use daybook::domain::retry::{Failure, Flaw, Lack, Part};
use daybook::edge::http::{Client, Pace, Shelf};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A client with little memory and a shelf, and how many files that has given.
fn shelved() -> (Client, Arc<AtomicUsize>) {
    let given = Arc::new(AtomicUsize::new(0));
    let count = given.clone();
    let shelf = Shelf::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        tempfile::tempfile()
    });
    (Client::new(AGENT, Pace { shelf: Some(shelf), memory: 1 << 20, ..pace() }), given)
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n ^ (n >> 7)) as u8).collect()
}

fn get(client: &Client, server: &Server, path: &str) -> Result<Response, Failure> {
    run(client.get(&Request::new(server.url(path)), soon()))
}

#[test]
fn a_large_answer_waits_aside_and_comes_back_the_same() {
    let limit = ANSWER_IN_MEMORY as usize;
    for length in [0, 1, limit - 1, limit, limit + 1, 2 * limit, 3 << 20] {
        let server = Server::start();
        server.on("/plain", Answer::ok(bytes(length)));
        server.on("/gzip", Answer::ok(bytes(length)).gzip());
        for path in ["/plain", "/gzip"] {
            let (client, given) = shelved();
            let mut response = get(&client, &server, path).unwrap();
            // What a gzip's end sets free does not go aside alone.
            let is_large = length >= limit && !(path == "/gzip" && length <= limit + 1);
            assert_eq!(response.aside.is_taken(), is_large, "{length} {path}");
            assert_eq!(given.load(Ordering::SeqCst), usize::from(is_large));
            assert_eq!(response.body.is_empty(), is_large || length == 0);
            response.take_up().unwrap();
            assert!(response.body == bytes(length), "{length} {path}");
            assert!(!response.aside.is_taken());
        }
    }
}

#[test]
fn large_answers_that_wait_take_no_memory_from_each_other() {
    let (server, (client, given)) = (Server::start(), shelved());
    server.on("/a", Answer::ok(bytes(3 << 20)));
    let waiting: Vec<Response> = (0..6).map(|_| get(&client, &server, "/a").unwrap()).collect();
    assert_eq!(given.load(Ordering::SeqCst), 6);
    for mut response in waiting {
        response.take_up().unwrap();
        assert!(response.body == bytes(3 << 20));
    }
}

#[test]
fn what_waits_aside_counts_for_the_caps_and_must_be_whole() {
    let (server, (client, _)) = (Server::start(), shelved());
    server.on("/a", Answer::ok(bytes(3 << 20)).gzip());
    let mut request = Request::new(server.url("/a"));
    request.caps.plain_bytes = (3 << 20) - 1;
    let over =
        |cap| Failure::Oversize { at: server.url("/a"), part: Part::Plain, cap, announced: None };
    assert_eq!(run(client.get(&request, soon())), Err(over((3 << 20) - 1)));
    request.caps.plain_bytes = 3 << 20;
    assert!(run(client.get(&request, soon())).is_ok());
    server.on("/cut", Answer::ok(bytes(2 << 20)).cut_after(1 << 20));
    match get(&client, &server, "/cut") {
        Err(Failure::BadBody { flaw: Flaw::Cut { received, .. }, .. }) => {
            assert_eq!(received, 1 << 20);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shelf_without_room_fails_this_answer_and_says_so() {
    let shelf = Shelf::new(|| Err(io::ErrorKind::StorageFull.into()));
    let client = Client::new(AGENT, Pace { shelf: Some(shelf), ..pace() });
    let server = Server::start();
    server.on("/large", Answer::ok(bytes(1 << 20)));
    server.on("/small", Answer::ok("small"));
    match get(&client, &server, "/large") {
        Err(Failure::Exhausted { lack: Lack::Other(why), .. }) => {
            assert!(why.starts_with("a large answer cannot wait in data/: "), "{why}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(get(&client, &server, "/small").unwrap().body, b"small");
}
