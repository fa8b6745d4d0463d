//! Pings to a service that watches over runs: when, where, as whom; and that no run changes,
//! whatever becomes of them. The real programs, a publisher, and a service of checks.

use crate::declared::declared;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Hold, Seen, Server};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";
const GOOD: &str = "{\"items\":[{\"id\":\"a\",\"v\":1}]}";
const KEY: &str = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";

struct Watched {
    home: Sandbox,
    publisher: Server,
    checks: Server,
}

impl Watched {
    fn new() -> Watched {
        let watched = Watched {
            home: Sandbox::new(Kind::Sqlite),
            publisher: Server::start(),
            checks: Server::start(),
        };
        let url = watched.publisher.url("/list");
        watched.home.source("list", &declared("json", &url, "10m", ITEMS));
        watched.by(&watched.checks.url(&format!("/{KEY}")));
        watched
    }

    /// All programs are watched by the check at this address.
    fn by(&self, check: &str) {
        let names = ["fetcher", "summarizer", "analyzer"];
        let pings: String = names.map(|name| format!("{name} = \"{{secret:hc}}\"\n")).concat();
        self.home.settings(&format!("[ping]\n{pings}"));
        let secrets = self.home.path("secrets.toml");
        std::fs::write(&secrets, format!("hc = \"{check}\"\n")).unwrap();
        std::fs::set_permissions(secrets, PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// All pings are answered so.
    fn answers(&self, answer: Answer) -> &Watched {
        for word in ["", "/start", "/1", "/2"] {
            self.checks.on(&format!("/{KEY}{word}"), answer.clone());
        }
        self
    }

    fn fetch(&self, minute: u32) -> Ran {
        let (hour, minute) = (10 + minute / 60, minute % 60);
        self.home.run("fetcher", &["--now", &format!("2026-11-24T{hour}:{minute:02}:05Z")])
    }

    /// What came since `before` pings: `start`, or an exit code.
    fn pings(&self, before: usize) -> Vec<String> {
        let word = |seen: &Seen| {
            let path = seen.target.split('?').next().unwrap_or_default();
            let word = path.strip_prefix(&format!("/{KEY}")).unwrap().trim_start_matches('/');
            if word.is_empty() { "0".to_string() } else { word.to_string() }
        };
        self.checks.seen().iter().skip(before).map(word).collect()
    }
}

fn run_of(seen: &Seen) -> String {
    seen.target.split_once("?rid=").unwrap().1.to_string()
}

#[test]
fn a_run_tells_its_beginning_and_its_end_under_one_name() {
    let watched = Watched::new();
    watched.answers(Answer::ok("OK")).publisher.on("/list", Answer::ok(GOOD));
    watched.fetch(0).exits(0).is_silent();
    assert_eq!(watched.pings(0), ["start", "0"]);
    let [start, end] = &watched.checks.seen()[..] else { panic!("two pings") };
    assert_eq!((start.method.as_str(), end.method.as_str()), ("GET", "POST"));
    assert_eq!(run_of(start), run_of(end));
    let lengths: Vec<usize> = run_of(end).split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert!(end.body.is_empty(), "{}", end.body);
    watched.fetch(5).exits(0);
    assert_ne!(run_of(&watched.checks.seen()[3]), run_of(end));
}

#[test]
fn an_end_tells_the_exit_code_and_what_was_said() {
    let watched = Watched::new();
    watched.answers(Answer::ok("OK"));
    watched.publisher.on("/list", Answer::status(410).header("X", KEY));
    watched
        .home
        .source("down", &declared("json", &format!("{}/a", Server::refused()), "10m", ITEMS));
    watched.fetch(0).exits(2);
    assert_eq!(watched.pings(0), ["start", "2"]);
    let said = watched.checks.seen()[1].body.clone();
    assert!(said.contains("list") && said.contains("410") && said.contains("refused"), "{said}");
    // What was told before is not mailed again, and yet said here.
    watched.publisher.on("/list", Answer::ok(GOOD));
    std::fs::write(watched.home.path("sources/odd.toml"), "key = \"").unwrap();
    let ran = watched.home.run_again("fetcher", &["--now", "2026-11-24T10:45:05Z"]);
    let seen = watched.checks.seen();
    assert!(seen.last().unwrap().body.contains("odd.toml"), "{}\n{:?}", ran.about, seen.last());
    assert!(seen.iter().all(|seen| seen.body.len() <= 10_000));
}

#[test]
fn a_run_without_a_home_that_can_be_read_is_a_failure_too() {
    let watched = Watched::new();
    watched.answers(Answer::ok("OK"));
    watched.home.source("list", "title = 1");
    watched.home.run("fetcher", &["--now", "2026-11-24T10:00:05Z"]);
    let pings = watched.pings(0);
    assert!(pings.len() == 2 && pings[1] != "0", "{pings:?}");
}

#[test]
fn while_all_is_well_it_is_told_seldom_and_each_change_at_once() {
    let watched = Watched::new();
    watched.answers(Answer::ok("OK"));
    let (good, bad) = (Answer::ok(GOOD), Answer::status(410));
    watched.publisher.on("/list", good.clone()).on("/list", bad.clone()).on("/list", good);
    let mut seen = 0;
    let mut pinged = |minute: u32| {
        watched.fetch(minute);
        let new = watched.pings(seen);
        seen += new.len();
        new
    };
    assert_eq!(pinged(0), ["start", "0"]);
    for minute in 1..5 {
        assert!(pinged(minute).is_empty(), "{minute}");
    }
    assert_eq!(pinged(5), ["start", "0"]);
    // Its publisher fails within the next ten minutes.
    let words: Vec<(u32, Vec<String>)> = (6..17).map(|minute| (minute, pinged(minute))).collect();
    let failed = words.iter().position(|(_, new)| new.contains(&"2".to_string())).unwrap();
    let told: Vec<&String> = words[failed..].iter().flat_map(|(_, new)| new).collect();
    // The run after it has nothing due, and ends well.
    assert_eq!(words[failed + 1].1, ["0"], "{words:?}");
    assert!(told.len() <= 5, "{words:?}");
    let minutes = words.iter().filter(|(_, new)| !new.is_empty()).count();
    assert!(minutes <= 5, "{words:?}");
}

#[test]
fn whatever_becomes_of_a_ping_the_run_stays_as_it_is() {
    let elsewhere = Server::start();
    for (answer, pings, word) in [
        (Answer::status(500), 3, "answered 500"),
        (Answer::status(404), 2, "answered 404"),
        (Answer::status(429), 2, "answered 429"),
        (Answer::redirect(302, &elsewhere.url("/")), 2, "no redirect is followed"),
        (Answer::raw("rubbish"), 3, "did not arrive"),
    ] {
        let watched = Watched::new();
        watched.answers(answer).publisher.on("/list", Answer::ok(GOOD));
        let began = Instant::now();
        let run = ["--now", "2026-11-24T10:00:05Z", "--verbose"];
        watched.home.run("fetcher", &run).exits(0).says(word).says("the fetcher's ping");
        assert!(began.elapsed() < Duration::from_secs(10), "{word}");
        watched.fetch(1).exits(0);
        assert_eq!(watched.checks.seen().len(), pings, "{word}");
        assert_eq!(watched.home.files("data/list").len(), 1);
        let doctor = watched.home.run("fetcher", &["doctor", "--offline"]);
        doctor.says("the last ping of the fetcher did not arrive");
        // Nobody is mailed for it.
        watched.home.run_again("fetcher", &["--now", "2026-11-24T10:11:05Z"]).exits(0).is_silent();
    }
    assert!(elsewhere.seen().is_empty());
    let watched = Watched::new();
    watched.by(&format!("{}/{KEY}", Server::refused()));
    watched.publisher.on("/list", Answer::ok(GOOD));
    watched.fetch(0).exits(0).is_silent();
    watched.by("no address at all");
    watched
        .home
        .run("fetcher", &["--now", "2026-11-24T10:20:05Z", "-v"])
        .exits(0)
        .says("no web address");
    std::fs::remove_file(watched.home.path("secrets.toml")).unwrap();
    watched
        .home
        .run("fetcher", &["--now", "2026-11-24T10:40:05Z", "-v"])
        .exits(0)
        .says("is not there");
}

#[test]
fn a_service_that_hangs_costs_ten_seconds_after_the_work_and_no_lock() {
    let (watched, hold) = (Watched::new(), Hold::default());
    watched.answers(Answer::ok("OK").held(&hold)).publisher.on("/list", Answer::ok(GOOD));
    let began = Instant::now();
    let mut command = watched.home.command("fetcher", &["--now", "2026-11-24T10:00:05Z"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    crate::sandbox::wait_until("its answer", || watched.home.files("data/list").len() == 1);
    crate::sandbox::wait_until("its journal", || watched.home.files("data/daybook").len() == 1);
    // Meanwhile others go on.
    let other = watched.home.run("fetcher", &["sources"]).exits(0);
    assert!(!other.stderr.contains("at work"));
    let lock =
        daybook::edge::spool::Spool::new(watched.home.home(), daybook::domain::gate::Gate::open());
    crate::sandbox::wait_until("its lock", || lock.lock("fetcher", "").unwrap().is_some());
    let output = child.wait_with_output().unwrap();
    let took = began.elapsed();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(14), "{took:?}");
    hold.release();
}

#[test]
fn who_is_told_to_end_says_so_first() {
    let (watched, hold) = (Watched::new(), Hold::default());
    watched.answers(Answer::ok("OK")).publisher.on("/list", Answer::ok(GOOD).held(&hold));
    let mut command = watched.home.command("fetcher", &["--now", "2026-11-24T10:00:05Z"]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    watched.publisher.wait_for(1);
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let code = output.status.code().unwrap();
    assert_eq!(watched.pings(0), ["start".to_string(), code.to_string()]);
    hold.release();
}

#[test]
fn only_the_runs_of_cron_are_pinged() {
    let watched = Watched::new();
    watched.answers(Answer::ok("OK")).publisher.on("/list", Answer::ok(GOOD));
    watched.fetch(0).exits(0);
    let now = ["--now", "2026-11-25T00:15:05Z"];
    let of = |program: &str, arguments: &[&str]| {
        let before = watched.checks.seen().len();
        let ran = watched.home.run(program, &[&now[..], arguments].concat());
        (watched.pings(before), ran)
    };
    assert_eq!(of("summarizer", &["run", "--dry-run"]).0.len(), 0);
    assert_eq!(of("summarizer", &["run"]).0, ["start", "0"]);
    // There is no limit for what runs each hour.
    assert_eq!(of("summarizer", &[]).0, ["start", "0"]);
    assert_eq!(of("analyzer", &["report"]).0, ["start", "0"]);
    for (program, arguments) in [
        ("analyzer", &["report", "--date", "2026-11-24"][..]),
        ("analyzer", &["report", "--week"]),
        ("analyzer", &["status"]),
        ("summarizer", &["audit"]),
        ("fetcher", &["status"]),
        ("fetcher", &["check"]),
        ("fetcher", &["try", "list"]),
    ] {
        let (pings, ran) = of(program, arguments);
        assert!(pings.is_empty(), "{pings:?}\n{}", ran.about);
    }
}

/// The address of a check stands nowhere but where it was written.
#[test]
fn no_address_of_a_check_is_anywhere() {
    for literal in [false, true] {
        let watched = Watched::new();
        let check = watched.checks.url(&format!("/{KEY}"));
        if literal {
            let pings = format!("[ping]\nfetcher = \"{check}\"\nsummarizer = \"{check}\"");
            watched.home.settings(&pings);
        }
        let echo = Answer::status(500).header("X", KEY);
        watched.answers(echo);
        // A publisher that says it, too.
        let babble = format!("HTTP/1.1 500 {KEY}\r\nLocation: {check}\r\n\r\n");
        watched.publisher.on("/list", Answer::raw(babble));
        let mut said = String::new();
        for arguments in [
            &["--now", "2026-11-24T10:00:05Z", "-v"][..],
            &["--now", "2026-11-24T10:30:05Z", "-v"],
            &["--now", "2026-11-24T10:31:05Z", "doctor", "--offline"],
            &["--now", "2026-11-24T10:31:05Z", "status"],
            &["--now", "2026-11-24T10:31:05Z", "explain", "list"],
        ] {
            said += &watched.home.run("fetcher", arguments).about;
        }
        for at in ["2026-11-24T12:10:05Z", "2026-11-24T13:10:05Z"] {
            said += &watched.home.run("summarizer", &["--now", at, "run", "-v"]).about;
        }
        assert!(said.contains("did not arrive"));
        assert!(!said.contains(KEY), "{said}");
        for file in watched.home.files("") {
            let bytes = std::fs::read(watched.home.path(&file)).unwrap_or_default();
            let is_there = String::from_utf8_lossy(&bytes).contains(KEY);
            let wrote = ["daybook.toml", "secrets.toml"].contains(&file.as_str());
            assert!(wrote || !is_there, "{file}");
        }
        for seen in watched.checks.seen() {
            assert!(!seen.body.contains(KEY), "{}", seen.body);
        }
    }
}
