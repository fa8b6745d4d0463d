//! Time and pace: the request's, the run's, and the host's.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::{AGENT, LONG, SHORT, bounds, client, get, pace, run, soon};
use crate::server::{Answer, Hold, Server};
use daybook::domain::request::Request;
use daybook::domain::retry::{Failure, Lack, Stop, Unreachable};
use daybook::edge::http::{Client, Pace};

fn stopped_by(result: Result<impl std::fmt::Debug, Failure>) -> Stop {
    match result {
        Err(Failure::Stopped { by, .. }) => by,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_time_out_covers_the_whole_exchange() {
    let (server, hold) = (Server::start(), Hold::default());
    server.on("/silent", Answer::ok("abc").held(&hold));
    server.on("/slow", Answer::ok("x".repeat(5_000)).held_after(3_000, &hold));
    server.on("/away", Answer::redirect(302, "/slow"));
    for (path, expected) in [("/silent", 0), ("/slow", 3_000), ("/away", 3_000)] {
        let mut request = Request::new(server.url(path));
        request.caps.timeout = SHORT;
        match get(&request) {
            Err(Failure::Timeout { received, after, .. }) => {
                assert_eq!((received, after), (expected, SHORT), "{path}");
            }
            other => panic!("{other:?}"),
        }
    }
    hold.release();
}

/// A listener that accepts nobody, its short queue filled.
fn deaf() -> (tokio::net::TcpListener, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let fill = || TcpStream::connect_timeout(&addr, SHORT).ok();
    let queue = std::iter::from_fn(fill).take(20).collect();
    (listener, queue)
}

#[test]
fn a_connection_that_does_not_come_has_a_time_of_its_own() {
    let client = Client::new(AGENT, Pace { connect_timeout: SHORT, ..pace() });
    let result = run(async {
        let (listener, _queue) = deaf();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        client.get(&Request::new(url), soon()).await
    });
    let silent = Unreachable::Silent(SHORT);
    assert!(
        matches!(&result, Err(Failure::Unreachable { cause, .. }) if *cause == silent),
        "{result:?}"
    );
}

#[test]
fn the_deadline_of_the_run_comes_first() {
    let (server, hold) = (Server::start(), Hold::default());
    server.on("/a", Answer::ok("abc").held(&hold));
    let request = Request::new(server.url("/a"));
    let result = run(client().get(&request, Instant::now() + SHORT));
    assert_eq!(stopped_by(result), Stop::Deadline);
    assert_eq!(stopped_by(run(client().get(&request, Instant::now()))), Stop::Deadline);
    assert_eq!(server.seen().len(), 1);
    hold.release();
}

#[test]
fn a_stop_ends_what_is_under_way() {
    let (server, hold) = (Server::start(), Hold::default());
    server.on("/a", Answer::ok("abc").held_after(1, &hold));
    let (bounds, stopper) = bounds(LONG);
    let request = Request::new(server.url("/a"));
    thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for(1);
            stopper.send_replace(true);
        });
        assert_eq!(stopped_by(run(client().fetch(&request, &bounds))), Stop::Signal);
    });
    assert_eq!(stopped_by(run(client().fetch(&request, &bounds))), Stop::Signal);
    assert_eq!(server.seen().len(), 1);
    hold.release();
}

#[test]
fn a_host_serves_two_at_once_over_all_sources() {
    let (server, hold) = (Server::start(), Hold::default());
    let paths: Vec<String> = (0..6).map(|n| format!("/{n}")).collect();
    for path in &paths {
        server.on(path, Answer::ok("").held(&hold));
    }
    let client = client();
    let one = async |path: &String| {
        client.get(&Request::new(server.url(path)), soon()).await.unwrap();
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for(2);
            hold.release();
        });
        let p = &paths;
        run(async {
            tokio::join!(one(&p[0]), one(&p[1]), one(&p[2]), one(&p[3]), one(&p[4]), one(&p[5]))
        });
    });
    let most = server.seen().iter().map(|seen| seen.under_way).max();
    assert_eq!((server.seen().len(), most), (6, Some(2)));
}

#[test]
fn all_hosts_together_serve_so_many_at_once() {
    let (server, hold) = (Server::start(), Hold::default());
    server.on("/a", Answer::ok("").held(&hold));
    let client = Client::new(AGENT, Pace { all_at_once: 3, ..pace() });
    let by_number = Request::new(server.url("/a"));
    let by_name = Request::new(server.url("/a").replace("127.0.0.1", "localhost"));
    let (one, two) = (
        async || client.get(&by_number, soon()).await.unwrap(),
        async || client.get(&by_name, soon()).await.unwrap(),
    );
    thread::scope(|scope| {
        scope.spawn(|| {
            server.wait_for(3);
            hold.release();
        });
        run(async { tokio::join!(one(), two(), one(), two(), one(), two()) });
    });
    let most = server.seen().iter().map(|seen| seen.under_way).max();
    assert_eq!((server.seen().len(), most), (6, Some(3)));
}

#[test]
fn answers_share_the_memory_and_one_can_always_go_on() {
    let server = Server::start();
    server.on("/a", Answer::ok(vec![b' '; 3 << 20]).gzip());
    let client = Client::new(AGENT, Pace { memory: 1 << 20, ..pace() });
    let mut request = Request::new(server.url("/a"));
    let first = run(client.get(&request, soon())).unwrap();
    assert!(first.room.is_taken() && first.body.len() == 3 << 20);
    request.caps.timeout = SHORT;
    let full = Failure::Exhausted { at: server.url("/a"), lack: Lack::Memory };
    assert_eq!(run(client.get(&request, soon())), Err(full), "the first is still held");
    drop(first);
    assert!(run(client.get(&request, soon())).is_ok());
}

/// Runs itself again where few descriptors are allowed.
#[test]
fn a_lack_of_descriptors_is_said_as_such() {
    const FEW: &str = "DAYBOOK_TEST_FEW_DESCRIPTORS";
    if std::env::var_os(FEW).is_none() {
        let name = "http::limits::a_lack_of_descriptors_is_said_as_such";
        let mut again = std::process::Command::new("sh");
        again.args(["-c", "ulimit -n 64; exec \"$0\" --exact \"$1\""]).env(FEW, "1");
        let output = again.arg(std::env::current_exe().unwrap()).arg(name).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let server = Server::start();
    server.on("/a", Answer::ok(""));
    let (client, request) = (client(), Request::new(server.url("/a")));
    let (missing, found) = run(async {
        let files: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
        let missing = client.get(&request, soon()).await;
        drop(files);
        (missing, client.get(&request, soon()).await)
    });
    let failure = missing.unwrap_err();
    assert!(matches!(failure, Failure::Exhausted { lack: Lack::Descriptors, .. }), "{failure:?}");
    assert!(failure.explain().contains("hint: raise the limit of open files"), "{failure:?}");
    assert!(found.is_ok(), "{found:?}");
}

#[test]
fn starts_at_a_host_keep_their_gap_redirects_included() {
    let server = Server::start();
    server.on("/a", Answer::redirect(302, "/b")).on("/b", Answer::ok("")).on("/c", Answer::ok(""));
    let gap = Duration::from_millis(60);
    let client = Client::new(AGENT, Pace { gap, ..pace() });
    let (a, c) = (Request::new(server.url("/a")), Request::new(server.url("/c")));
    let started = Instant::now();
    run(async {
        let (a, c) = tokio::join!(client.get(&a, soon()), client.get(&c, soon()));
        a.and(c).unwrap();
    });
    assert_eq!(server.seen().len(), 3);
    assert!(started.elapsed() >= gap * 2);
}

#[test]
fn a_turn_that_comes_too_late_is_not_waited_for() {
    let server = Server::start();
    server.on("/a", Answer::ok(""));
    let client = Client::new(AGENT, Pace { gap: LONG * 2, ..pace() });
    let request = Request::new(server.url("/a"));
    let started = Instant::now();
    run(client.get(&request, soon())).unwrap();
    assert_eq!(stopped_by(run(client.get(&request, soon()))), Stop::Deadline);
    assert!(started.elapsed() < LONG / 2);
}
