//! Our own turns at a host, where redirects lead: they are nobody's fault.

use super::{AGENT, LONG, SHORT, bounds, pace, run, soon};
use crate::server::{Answer, Server};
use daybook::domain::request::Request;
use daybook::domain::retry::{Detour, Failure, Stop};
use daybook::edge::http::{Bounds, Client, Pace};
use std::time::Duration;

const GAP: Duration = Duration::from_millis(100);
const MANY: usize = 8;

fn impatient(url: String) -> Request {
    let mut request = Request::new(url);
    request.caps.timeout = SHORT;
    request
}

/// Asks all at once; each comes to its end.
fn all(client: &Client, requests: &[Request]) {
    let asked = requests.iter().map(|request| async {
        let response = client.get(request, soon()).await.unwrap();
        assert_eq!(response.body, b"here");
        assert!(response.elapsed < SHORT, "{:?}", response.elapsed);
    });
    run(async {
        let mut asked: Vec<_> = asked.map(Box::pin).collect();
        std::future::poll_fn(|context| {
            asked.retain_mut(|asked| asked.as_mut().poll(context).is_pending());
            match asked.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
    });
}

#[test]
fn many_that_are_led_to_one_host_wait_for_their_turns_there_in_peace() {
    let server = Server::start_everywhere();
    let at = |last: usize| server.url("").replace("127.0.0.1", &format!("127.0.0.{last}"));
    server.on("/a", Answer::redirect(302, &format!("{}/b", at(99)))).on("/b", Answer::ok("here"));
    let client = Client::new(AGENT, Pace { gap: GAP, at_once: 1, ..pace() });
    let requests: Vec<_> = (1..=MANY).map(|k| impatient(format!("{}/a", at(k)))).collect();
    all(&client, &requests);
    assert_eq!(server.seen().len(), 2 * MANY);
}

#[test]
fn whoever_is_on_its_way_goes_before_whoever_begins() {
    for at_once in [1, 2, MANY] {
        let server = Server::start();
        server.on("/a", Answer::redirect(302, "/b")).on("/b", Answer::ok("here"));
        let client = Client::new(AGENT, Pace { gap: GAP / 4, at_once, ..pace() });
        let request = |k| impatient(server.url(&format!("/a?{k}")));
        let requests: Vec<_> = (0..MANY).map(request).collect();
        all(&client, &requests);
        let mut open = 0_i32;
        for seen in server.seen() {
            open += if seen.target.starts_with("/a") { 1 } else { -1 };
            assert!((0..=3).contains(&open), "{:?}", server.seen());
        }
        assert_eq!(open, 0);
    }
}

/// What comes of a redirect at one host, in a run of [`LONG`] that has so much left.
fn led(gap: Duration, left: Duration) -> Failure {
    let server = Server::start();
    server.on("/a", Answer::redirect(302, "/b")).on("/b", Answer::ok("here"));
    let client = Client::new(AGENT, Pace { gap, ..pace() });
    let (bounds, _stopper) = bounds(left);
    let bounds = Bounds { since: bounds.deadline - LONG, ..bounds };
    run(client.fetch(&Request::new(server.url("/a")), &bounds)).unwrap_err()
}

#[test]
fn a_pace_that_allows_no_second_request_in_a_run_is_told_where_a_redirect_needs_one() {
    let paced = led(LONG, SHORT);
    assert!(matches!(paced, Failure::Redirect { detour: Detour::Paced(_), .. }), "{paced:?}");
    let late = led(LONG / 3, SHORT);
    assert!(matches!(late, Failure::Stopped { by: Stop::Deadline, .. }), "{late:?}");
}
