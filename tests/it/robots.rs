//! Pages for people are fetched only where the robots.txt of their host allows it.

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

const PAGE: &str =
    "<html><body><div class=\"job\" id=\"a\"><b class=\"v\">1</b></div></body></html>";
const ITEMS: &str = "[records]\nat = \".job\"\nid = \"@id\"\n[fields.v]\npath = \".v\"\n";

struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    fn new(more: &str, robots: Answer) -> Bench {
        let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start() };
        bench.home.settings("");
        let rest = format!("{more}\n{ITEMS}");
        bench.home.source("jobs", &declared("html", &bench.server.url("/jobs?p=1"), "10m", &rest));
        bench.server.on("/jobs", Answer::ok(PAGE)).on("/robots.txt", robots);
        bench
    }

    fn fetch(&self, minute: u32) -> Ran {
        let now = format!("2026-11-24T{:02}:{:02}:05Z", minute / 60, minute % 60);
        self.home.run("fetcher", &["--now", &now, "--verbose"])
    }

    fn asked(&self, path: &str) -> usize {
        let seen = self.server.seen().into_iter();
        seen.filter(|seen| seen.target.split('?').next() == Some(path)).count()
    }
}

fn rules(text: &str) -> Answer {
    Answer::ok(text)
}

#[test]
fn what_a_host_forbids_is_not_asked_and_its_word_is_kept_for_a_day() {
    let forbids = rules("User-agent: *\nAllow: /\n\nUser-agent: daybook\nDisallow: /jobs?p=\n");
    let bench = Bench::new("", forbids);
    bench.fetch(0).exits(2).says("robots.txt of its host does not allow it, in line 5");
    bench.fetch(20).exits(2);
    assert_eq!((bench.asked("/robots.txt"), bench.asked("/jobs")), (1, 0));
}

#[test]
fn what_a_host_allows_is_asked() {
    for allows in [rules("User-agent: *\nDisallow: /private\n"), Answer::status(404), rules("")] {
        let bench = Bench::new("", allows);
        bench.fetch(0).exits(0);
        bench.fetch(20).exits(0);
        assert_eq!((bench.asked("/robots.txt"), bench.asked("/jobs")), (1, 2));
    }
}

#[test]
fn a_host_that_cannot_say_allows_nothing_until_it_can() {
    let bench = Bench::new("", Answer::status(503));
    bench.server.on("/robots.txt", rules("User-agent: *\nAllow: /\n"));
    bench.fetch(0).exits(2).says("cannot be read now (").says("answered 503");
    assert_eq!(bench.asked("/jobs"), 0);
    bench.fetch(40).exits(0);
    assert_eq!(bench.asked("/jobs"), 1);
}

#[test]
fn a_publisher_that_permits_it_is_asked_all_the_same() {
    let bench = Bench::new("robots = false", rules("User-agent: *\nDisallow: /\n"));
    bench.fetch(0).exits(0);
    assert_eq!((bench.asked("/robots.txt"), bench.asked("/jobs")), (0, 1));
}

#[test]
fn where_a_redirect_leads_is_asked_for_too() {
    let bench = Bench::new("", rules("User-agent: *\nDisallow: /secret\n"));
    bench.server.on("/jobs", Answer::redirect(302, "/secret/jobs"));
    bench.server.on("/secret/jobs", Answer::ok(PAGE));
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(2).says("/secret/jobs").says("does not allow it, in line 2");
    assert_eq!(bench.asked("/secret/jobs"), 0);

    let away = Server::start();
    away.on("/robots.txt", rules("User-agent: *\nDisallow: /\n")).on("/jobs", Answer::ok(PAGE));
    let bench = Bench::new("", rules(""));
    bench.server.on("/jobs", Answer::redirect(301, &away.url("/jobs")));
    bench.fetch(0).exits(0);
    bench.fetch(20).exits(2).says("does not allow it, in line 2");
    let paths: Vec<String> = away.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(paths, ["/robots.txt"]);
}

#[test]
fn of_a_large_file_the_front_is_read() {
    let much = "# nothing to be said here, at length\n".repeat(40_000);
    assert!(much.len() > 1_200_000);
    for (front, code) in [("Disallow: /nothing\n", 0), ("Disallow: /jobs\n", 2)] {
        let bench = Bench::new("", rules(&format!("User-agent: *\n{front}{much}")));
        bench.fetch(0).exits(code);
        let bench = Bench::new("", rules(&format!("User-agent: *\n{front}{much}")).gzip());
        bench.fetch(0).exits(code);
    }
}

#[test]
fn a_robots_txt_that_cannot_be_read_for_a_while_costs_no_day() {
    let bench = Bench::new("", Answer::status(503));
    let rest = format!("\n{ITEMS}");
    bench.home.source("jobs", &declared("html", &bench.server.url("/jobs?p=1"), "1d", &rest));
    bench.server.on("/robots.txt", rules(""));
    bench.fetch(0).exits(2);
    bench.fetch(20).exits(0);
    assert_eq!(bench.asked("/jobs"), 1);
}

#[test]
fn the_robots_txt_of_where_a_redirect_leads_is_asked_before_who_begins_there() {
    let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start_everywhere() };
    let at = |last: u8, path: &str| {
        bench.server.url(path).replace("127.0.0.1", &format!("127.0.0.{last}"))
    };
    let text = "contact = \"t@example.org\"\n[fetcher]\nsplay = \"0s\"\nreserve = \"1MiB\"\n\
                pace = \"0ms\"\n[fetcher.hosts.\"127.0.0.9\"]\npace = \"100ms\"\nat_once = 1\n";
    std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
    bench.server.on("/led", Answer::redirect(302, &at(9, "/jobs"))).on("/jobs", Answer::ok(PAGE));
    bench.home.source("led", &declared("html", &at(8, "/led"), "10m", ITEMS));
    for k in 0..8 {
        let rest = format!("robots = false\n{ITEMS}");
        let url = at(9, &format!("/plain{k}"));
        bench.home.source(&format!("plain{k}"), &declared("html", &url, "10m", &rest));
        bench.server.on(&format!("/plain{k}"), Answer::ok(PAGE));
    }
    bench.fetch(0).exits(0);
    let there = bench
        .server
        .seen()
        .into_iter()
        .filter(|seen| seen.header("host").is_some_and(|host| host.starts_with("127.0.0.9")));
    let there: Vec<String> = there.map(|seen| seen.target).collect();
    let place = there.iter().position(|target| target == "/robots.txt").unwrap();
    assert!(place <= 4, "{there:?}");
    assert!(there.iter().position(|target| target == "/jobs").unwrap() <= place + 2, "{there:?}");
}
