//! What each host and each quota bears, across runs: breakers, patience that is asked for, quotas,
//! answers that hold, sources that are gone, addresses that have moved for good.

use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};

const ITEMS: &str = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n";
const BODY: &str = r#"{"v":1}"#;

struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    fn new() -> Bench {
        Bench::over(Kind::Sqlite)
    }

    fn over(kind: Kind) -> Bench {
        let bench = Bench { home: Sandbox::new(kind), server: Server::start() };
        bench.home.settings("");
        bench
    }

    fn source(&self, name: &str, path: &str, every: &str, more: &str) {
        let url = self.server.url(path);
        self.home.source(name, &declared("json", &url, every, &format!("{more}\n{ITEMS}")));
    }

    /// In this second of a day, by its minute.
    fn fetch_at(&self, minute: u32, second: u32) -> Ran {
        let (day, minute) = (10 + minute / 1_440, minute % 1_440);
        let now = format!("2026-11-{day:02}T{:02}:{:02}:{second:02}Z", minute / 60, minute % 60);
        self.home.run("fetcher", &["--now", &now, "--verbose"])
    }

    fn fetch(&self, minute: u32) -> Ran {
        self.fetch_at(minute, 5)
    }

    fn asked(&self, path: &str) -> usize {
        let seen = self.server.seen().into_iter();
        seen.filter(|seen| seen.target.split('?').next() == Some(path)).count()
    }
}

#[test]
fn a_host_that_fails_whoever_asks_is_left_alone_by_all_and_tried_by_one() {
    let bench = Bench::new();
    let text = "contact = \"t@example.org\"\n[fetcher]\nsplay = \"0s\"\nretries = 0\n\
                pace = \"0ms\"\nper_host = 1\nreserve = \"1MiB\"\n";
    std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        bench.source(name, &format!("/{name}"), "1m", "");
        bench.server.on(&format!("/{name}"), Answer::status(503));
    }
    bench.fetch(0).exits(2).says("is left alone after failures, the last");
    assert_eq!(bench.server.seen().len(), 5);
    bench.fetch_at(0, 20);
    assert_eq!(bench.server.seen().len(), 5, "all of them wait");
    bench.fetch(10);
    assert_eq!(bench.server.seen().len(), 6, "one looks whether it is there again");
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        bench.server.on(&format!("/{name}"), Answer::ok(BODY));
    }
    // Each script has one failure left, and each failure opens it for longer.
    (1..=8).for_each(|n| drop(bench.fetch(n * 90)));
    bench.fetch(900).exits(0);
    assert!(
        ["a", "f", "g"].iter().all(|name| !bench.home.files(&format!("data/{name}")).is_empty())
    );
}

#[test]
fn patience_that_a_host_asks_for_holds_all_of_its_sources() {
    let bench = Bench::new();
    bench.source("a", "/a", "1m", "");
    bench.source("b", "/b", "1m", "");
    bench
        .server
        .on("/a", Answer::status(429).header("Retry-After", "600"))
        .on("/a", Answer::ok(BODY));
    bench.server.on("/b", Answer::ok(BODY));
    bench.fetch(0);
    let before = bench.asked("/b");
    bench.fetch(5);
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (1, before));
    bench.fetch(12).exits(0);
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (2, before + 1));
}

#[test]
fn a_quota_is_shared_by_its_key_and_comes_back_with_its_span() {
    let bench = Bench::new();
    let quota = "quota = [{ requests = 3, per = \"hour\", key = \"k\" }]";
    bench.source("a", "/a", "1m", quota);
    bench.source("b", "/b", "1m", quota);
    bench.server.on("/a", Answer::ok(BODY)).on("/b", Answer::ok(BODY));
    bench.fetch(0).exits(0);
    bench.fetch(1).says("the quota k 3 a hour is spent; until 2026-11-10 01:00:00 UTC");
    bench.fetch(2);
    assert_eq!(bench.server.seen().len(), 3);
    bench.fetch(60).exits(0);
    assert_eq!(bench.server.seen().len(), 5);
}

#[test]
fn a_damaged_file_of_quotas_is_told_and_stops_only_who_has_one() {
    let bench = Bench::new();
    bench.source("a", "/a", "1m", "quota = [{ requests = 3, per = \"day\" }]");
    bench.source("b", "/b", "1m", "");
    bench.server.on("/a", Answer::ok(BODY)).on("/b", Answer::ok(BODY));
    bench.fetch(0).exits(0);
    let file = bench.home.path("data/.state/hosts.json");
    std::fs::write(&file, "{\"spent\":{\"a a day\":").unwrap();
    bench.fetch(1).exits(1).says("hosts.json is damaged").says("take that file away");
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (1, 2));
    std::fs::remove_file(file).unwrap();
    bench.fetch(10).exits(0);
    assert_eq!(bench.asked("/a"), 2);
}

#[test]
fn a_run_that_is_killed_has_spent_what_it_asked() {
    KINDS.into_iter().for_each(killed_it_has_spent);
}

fn killed_it_has_spent(kind: Kind) {
    let bench = || {
        let bench = Bench::over(kind);
        bench.source("a", "/a", "1m", "quota = [{ requests = 2, per = \"day\" }]");
        bench.server.on("/a", Answer::ok(BODY));
        bench
    };
    let first = bench();
    let list = first.home.path("steps");
    let now = ["--now", "2026-11-10T00:00:05Z"];
    first.home.run_hooked("fetcher", &now, &format!("list:{}", list.display())).exits(0);
    let steps = std::fs::read_to_string(list).unwrap().lines().count();
    for step in 1..=steps {
        let bench = bench();
        bench.home.run_hooked("fetcher", &now, &format!("kill:{step}")).was_killed();
        (1..6).for_each(|n| drop(bench.fetch(n * 30)));
        assert!(bench.asked("/a") <= 2, "after step {step}: {}", bench.asked("/a"));
    }
}

#[test]
fn a_quota_that_is_spent_for_weeks_is_looked_at_once_a_day() {
    let bench = Bench::new();
    bench.source("a", "/a", "10m", "quota = [{ requests = 1, per = \"month\" }]");
    bench.server.on("/a", Answer::ok(BODY));
    bench.fetch(0).exits(0);
    bench.fetch(10).exits(0);
    for minute in 11..30 {
        bench.fetch(minute).exits(0);
    }
    bench.fetch(24 * 60 + 11).exits(0);
    let told: usize = bench
        .home
        .files("data/daybook")
        .iter()
        .map(|name| {
            let text = std::fs::read_to_string(bench.home.path("data/daybook").join(name)).unwrap();
            text.matches("\"deferred\"").count()
        })
        .sum();
    assert_eq!((bench.asked("/a"), told), (1, 2));
    bench
        .home
        .run("fetcher", &["status", "--now", "2026-11-11T12:00:00Z"])
        .says("a 1 a month is spent until 2026-12-01");
}

#[test]
fn an_answer_that_holds_is_not_asked_for_again() {
    let bench = Bench::new();
    bench.source("a", "/a", "10m", "");
    bench.source("b", "/b", "10m", "max_fresh = \"0s\"");
    let answer = || Answer::ok(BODY).header("Cache-Control", "max-age=3000");
    bench.server.on("/a", answer()).on("/b", answer());
    bench.fetch(0).exits(0);
    let ran = bench.fetch(20).exits(0).says("by its publisher's word the answer before holds");
    assert!(
        ran.stderr.contains("a: nothing") || ran.stdout.contains("a: nothing"),
        "{}",
        ran.about
    );
    assert_eq!((bench.asked("/a"), bench.asked("/b")), (1, 2));
    bench.fetch(70).exits(0);
    assert_eq!(bench.asked("/a"), 2);
}

#[test]
fn what_is_gone_is_not_asked_again_until_its_declaration_is_changed() {
    let bench = Bench::new();
    bench.source("a", "/a", "1m", "");
    bench.server.on("/a", Answer::status(410)).on("/a", Answer::ok(BODY));
    bench.fetch(0).exits(2).says("its publisher says that it is gone for good");
    bench.fetch(600).exits(0);
    assert_eq!(bench.asked("/a"), 1);
    bench.home.run("fetcher", &["status"]).says("gone");
    bench.source("a", "/a", "1m", "# still there?");
    bench.fetch(601).exits(0);
    assert_eq!(bench.asked("/a"), 2);
}

/// The address of a path at another host of the loopback.
fn at_host(bench: &Bench, last: u8, path: &str) -> String {
    bench.server.url(path).replace("127.0.0.1", &format!("127.0.0.{last}"))
}

#[test]
fn a_host_where_redirects_lead_has_a_pace_and_a_breaker_of_its_own() {
    let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start_everywhere() };
    bench.home.settings("");
    for k in 0..6 {
        bench.source(&format!("led{k}"), &format!("/led{k}"), "1m", "");
        let to = at_host(&bench, 9, &format!("/there{k}"));
        bench.server.on(&format!("/led{k}"), Answer::redirect(302, &to));
        bench.server.on(&format!("/there{k}"), Answer::status(503));
    }
    bench.source("plain", "/plain", "1m", "");
    bench.server.on("/plain", Answer::ok(BODY));
    bench.fetch(0).exits(1);
    let hosts = std::fs::read_to_string(bench.home.path("data/.state/hosts.json")).unwrap();
    assert!(hosts.contains("127.0.0.9"), "when it was asked is kept: {hosts}");
    let there = |bench: &Bench| (0..6).map(|k| bench.asked(&format!("/there{k}"))).sum::<usize>();
    let before = there(&bench);
    // Left alone for up to two minutes, as one that was under way when it opened failed, too.
    // Then one looks whether it is there again.
    bench.fetch(5).exits(1);
    assert_eq!((there(&bench), bench.asked("/plain")), (before + 1, 2));
}

#[test]
fn an_item_that_is_gone_is_left_alone_and_the_others_are_not() {
    let bench = Bench::new();
    let more = |text: &str| format!("items = [\"x\", \"y\"]\n{text}");
    bench.source("a", "/{item}", "10m", &more(""));
    bench.server.on("/x", Answer::ok(BODY)).on("/y", Answer::status(410));
    bench.fetch(0).exits(1).says("gone for good");
    bench.fetch(10).exits(0);
    bench.fetch(600).exits(0);
    assert_eq!((bench.asked("/x"), bench.asked("/y")), (3, 1));
    bench.source("a", "/{item}", "10m", &more("# again"));
    bench.fetch(610);
    assert_eq!((bench.asked("/x"), bench.asked("/y")), (4, 2));
}

#[test]
fn a_raised_quota_is_seen_at_once() {
    let bench = Bench::new();
    let quota = |n: u32| format!("quota = [{{ requests = {n}, per = \"day\" }}]");
    bench.source("a", "/a", "10m", &quota(1));
    bench.server.on("/a", Answer::ok(BODY));
    bench.fetch(0).exits(0);
    bench.fetch(20);
    let now = ["--now", "2026-11-10T00:30:00Z"];
    for command in [&["status"][..], &["explain", "a"]] {
        bench.home.run("fetcher", &[command, &now].concat()).says("11-11");
    }
    bench.source("a", "/a", "10m", &quota(3));
    bench.fetch(30).exits(0);
    assert_eq!(bench.asked("/a"), 2);
}

#[test]
fn an_edit_ends_a_pause_of_ours_and_none_that_was_asked_for() {
    for (answer, asked) in [
        (Answer::status(404), 2),
        (Answer::status(503).header("Retry-After", "7200"), 1),
        (Answer::status(429).header("Retry-After", "7200"), 1),
    ] {
        let bench = Bench::new();
        bench.source("a", "/a", "1m", "");
        bench.server.on("/a", answer).on("/a", Answer::ok(BODY));
        bench.fetch(0).exits(2);
        bench.source("a", "/a", "1m", "# edited");
        bench.fetch_at(0, 20);
        bench.fetch_at(1, 1);
        assert_eq!(bench.asked("/a"), asked);
    }
}

#[test]
fn status_and_explain_name_an_item_that_is_asked_before_its_next_slot() {
    let bench = Bench::new();
    bench.source("a", "/{item}", "1d", "items = [\"x\", \"y\"]");
    bench.server.on("/x", Answer::ok(BODY)).on("/y", Answer::status(503));
    bench.fetch(0).exits(1);
    let now = ["--now", "2026-11-10T00:01:00Z"];
    for command in [&["status"][..], &["explain", "a"]] {
        let ran = bench.home.run("fetcher", &[command, &now].concat());
        let next = ran.stdout.contains("11-10 00:") || ran.stdout.contains("11-10T00:");
        assert!(next, "{}", ran.about);
    }
}

#[test]
fn an_address_that_moved_for_good_is_told_and_taken_after_long() {
    let bench = Bench::new();
    bench.source("a", "/a", "6h", "");
    bench.server.on("/a", Answer::redirect(301, "/b")).on("/b", Answer::ok(BODY));
    for slot in 0..30 {
        bench.fetch(slot * 360).exits(0);
    }
    assert!((24..30).contains(&bench.asked("/a")), "{}", bench.asked("/a"));
    assert_eq!(bench.asked("/b"), 30);
    bench.home.run("fetcher", &["status"]).says("moved for good, to http://127.0.0.1");
    // The new place fails: back to the declared one.
    bench.server.on("/b", Answer::status(404));
    bench.fetch(30 * 360).exits(0);
    bench.fetch(31 * 360).exits(2);
    let before = bench.asked("/a");
    bench.fetch(32 * 360);
    assert_eq!(bench.asked("/a"), before + 1);
}

#[test]
fn a_host_may_have_a_pace_of_its_own_and_it_holds_over_runs() {
    let bench = Bench::new();
    let text = "contact = \"t@example.org\"\n[fetcher]\nsplay = \"0s\"\nretries = 0\n\
                pace = \"0ms\"\n\
                reserve = \"1MiB\"\n[fetcher.hosts.\"127.0.0.1\"]\npace = \"300ms\"\nat_once = 1\n";
    std::fs::write(bench.home.path("daybook.toml"), text).unwrap();
    bench.source("a", "/{item}", "1m", "items = [\"a\", \"b\", \"c\"]");
    for path in ["/a", "/b", "/c"] {
        bench.server.on(path, Answer::ok(BODY));
    }
    bench.fetch(0).exits(0);
    let at: Vec<_> = bench.server.seen().iter().map(|seen| seen.at).collect();
    assert!(at.windows(2).all(|pair| (pair[1] - pair[0]).as_millis() >= 200));
}

#[test]
fn an_answer_of_a_clock_that_was_wrong_holds_nothing() {
    let bench = Bench::new();
    bench.source("a", "/a", "10m", "");
    bench.server.on("/a", Answer::ok(BODY).header("Cache-Control", "max-age=86400"));
    bench.home.run("fetcher", &["--now", "2027-12-31T00:00:05Z"]).exits(0);
    bench.fetch(0).exits(0);
    assert_eq!(bench.asked("/a"), 2);
}

#[test]
fn an_answer_that_holds_into_its_slot_is_no_fault() {
    let bench = Bench::new();
    bench.source("a", "/a", "10m", "");
    bench.server.on("/a", Answer::ok(BODY).header("Cache-Control", "max-age=900"));
    (0..40).for_each(|minute| drop(bench.fetch(minute).exits(0)));
    assert!((2..=4).contains(&bench.asked("/a")), "{}", bench.asked("/a"));
}
