//! Nights as cron sees them: each run has its minute, no terminal, and is mailed where it says a
//! word. How many mails they make, and which.

use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox, wait_until};
use crate::server::{Answer, Hold, Server};
use daybook::domain::time::{Instant, from_millis, parse_iso, stamp};
use regex_lite::Regex;
use std::path::Path;
use std::process::Stdio;

const BODY: &str = r#"{"v":1}"#;
const ITEMS: &str = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n";

/// A mail: when, from which program, and its words.
struct Mail {
    at: String,
    program: &'static str,
    words: String,
}

/// A home, and the hosts of its sources, as cron finds them.
struct Night {
    home: Sandbox,
    mails: Vec<Mail>,
}

impl Night {
    fn new(more: &str) -> Night {
        let home = Sandbox::new(Kind::Sqlite);
        let text = format!(
            "contact = \"tests@example.org\"\n[fetcher]\nsplay = \"0s\"\npace = \"0ms\"\n\
             retries = 0\nreserve = \"1MiB\"\n{more}"
        );
        std::fs::write(home.path("daybook.toml"), text).unwrap();
        Night { home, mails: Vec::new() }
    }

    fn source(&self, name: &str, url: &str, every: &str) {
        self.home.source(name, &declared("json", url, every, ITEMS));
    }

    /// One minute of the crontab.
    fn minute(&mut self, at: &str) {
        let time = &at[11..16];
        self.run("fetcher", at);
        if time.ends_with(":05") {
            self.run("summarizer", at);
        }
        if time == "00:15" {
            self.run("analyzer", at);
        }
    }

    fn run(&mut self, program: &'static str, at: &str) {
        let ran = self.home.run_again(program, &["--now", at]);
        let words = format!("{}{}", ran.stdout, ran.stderr);
        if !words.is_empty() {
            self.mails.push(Mail { at: at[11..16].into(), program, words });
        }
    }

    /// All minutes from one time of a day to another, with what happens before some of them.
    fn passes(&mut self, from: &str, to: &str, happens: impl Fn(&str, &Sandbox)) {
        for at in minutes(from, to) {
            happens(&at[11..16], &self.home);
            self.minute(&at);
        }
    }

    /// The mails, without what differs from run to run.
    fn told(&self, hosts: &[(String, &str)]) -> String {
        let home = self.home.home().display().to_string();
        let mut out = String::new();
        for Mail { at, program, words } in &self.mails {
            let mut words = words.replace(&home, "/var/lib/daybook");
            for (host, name) in hosts {
                words = words.replace(host, name);
            }
            out += &format!("{at} {program}\n");
            words.lines().for_each(|line| out += &format!("    {}\n", steady(line)));
        }
        out
    }

    #[track_caller]
    fn counts(&self, mails: usize) -> String {
        let told = self.told(&[]);
        assert_eq!(self.mails.len(), mails, "\n{told}");
        told
    }
}

/// A line without how long something took, and without what chance adds to a pause. The page shows
/// both as they are printed.
fn steady(line: &str) -> String {
    let same = [
        (r"failed \([0-9.]+ s\)", "failed"),
        (r"within ([0-9]+ ms|1 s)", "within 1 s"),
        (r"asked again from \S+ \S+ UTC on", "asked again from the next minute on"),
    ];
    same.iter().fold(line.to_string(), |line, (found, put)| {
        Regex::new(found).unwrap().replace(&line, *put).into_owned()
    })
}

/// The instants of a crontab's minutes, three seconds after each.
fn minutes(from: &str, to: &str) -> impl Iterator<Item = String> {
    let at = |text: &str| parse_iso(text).unwrap().millis();
    let minutes = (at(from)..at(to)).step_by(60_000).map(|ms| from_millis(ms + 3_000));
    minutes.map(|at: Instant| {
        let text = stamp(at);
        format!("{}{}", &text[..10], text[10..].replace('-', ":"))
    })
}

fn day(time: &str) -> String {
    format!("2026-11-24T{time}:00Z")
}

fn host(server: &Server) -> String {
    format!("http://{}", server.addr())
}

/// What `docs/operations.md` shows of this night, and what cron mailed of it.
#[test]
fn an_api_that_is_down_a_broken_file_and_a_slow_api() {
    let (api, slow, hold) = (Server::start(), Server::start(), Hold::default());
    let mut night = Night::new("deadline = \"1s\"\n");
    for name in ["city-bikes", "city-parking", "air"] {
        night.source(name, &api.url(&format!("/{name}")), "1m");
    }
    night.source("tides", &slow.url("/tides"), "1m");
    slow.on("/tides", Answer::ok(BODY).held(&hold));
    let answers = |answer: fn() -> Answer| {
        api.on("/city-bikes", answer()).on("/city-parking", answer());
    };
    api.on("/air", Answer::ok(BODY));
    answers(|| Answer::ok(BODY));
    let broken = declared("json", &api.url("/air"), "1m", ITEMS).replace("every", "evry");
    // An answer that is there already is given once more.
    night.passes(&day("00:55"), &day("05:25"), |time, home| match time {
        "00:59" => {
            answers(|| Answer::status(503));
        }
        "02:00" => home.source("rivers", &broken),
        "04:59" => {
            answers(|| Answer::ok(BODY));
        }
        _ => {}
    });
    hold.release();
    let hosts =
        [(host(&api), "https://api.example.org"), (host(&slow), "https://slow.example.org")];
    let told = night.told(&hosts);
    let operations = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let shown = std::fs::read_to_string(operations).unwrap();
    let shown: String = shown.lines().map(|line| steady(line) + "\n").collect();
    assert!(shown.contains(&told), "docs/operations.md shows another night than\n{told}");
    night.counts(3);
}

/// A source at a path of a server, from 10:00 on; what happens in the given minutes.
fn nights_of(server: &Server, to: &str, happens: impl Fn(&str, &Sandbox)) -> Night {
    let mut night = Night::new("");
    night.source("good", &server.url("/good"), "1m");
    night.source("a", &server.url("/a"), "1m");
    server.on("/good", Answer::ok(BODY));
    night.passes(&day("10:00"), &day(to), happens);
    night
}

#[test]
fn broken_settings_are_one_mail_whatever_program_meets_them() {
    let server = Server::start();
    server.on("/a", Answer::ok(BODY));
    let night = nights_of(&server, "12:10", |time, home| {
        if time == "10:58" {
            std::fs::write(home.path("daybook.toml"), "contact = 3\n").unwrap();
        }
    });
    let told = night.counts(1);
    assert!(told.contains("10:58 fetcher\n"), "{told}");
    assert!(told.contains("contact is 3") && told.contains("fetcher check"), "{told}");
}

/// A new home often has one source: what it fed goes on, though its file has a fault.
#[test]
fn the_only_source_may_have_a_fault_and_what_waits_is_counted() {
    let server = Server::start();
    server.on("/a", Answer::ok(BODY));
    let mut night = Night::new("");
    night.source("a", &server.url("/a"), "1m");
    night.run("fetcher", &day("10:00"));
    night.home.source("a", "title = 1\n");
    for minute in ["10:01", "10:02"] {
        night.run("fetcher", &day(minute));
    }
    night.run("summarizer", &day("11:05"));
    night.run("analyzer", "2026-11-25T00:15:00Z");
    let told = night.counts(1);
    assert!(told.contains("10:01 fetcher") && told.contains("nobody is asked until"), "{told}");
    assert_eq!(night.home.files("data/a").len(), 0);
    assert!(night.home.path("reports/daybook_2026-11-24.pdf").exists());
    let at = day("11:06");
    night.home.run_again("fetcher", &["run", "--now", &at]).exits(2);
    let ran = night.home.run_again("fetcher", &["status", "--now", &at]).exits(1);
    ran.says("2026-11-24 11:00 UTC").says("wrong now:");
    let audit = night.home.run("summarizer", &["audit", "--now", &at]);
    assert!(audit.stdout.contains("the difference is zero"), "{}", audit.about);
}

#[test]
fn a_home_that_is_gone_is_one_mail_and_so_is_one_that_has_never_worked() {
    let mut night = Night::new("");
    std::fs::write(night.home.path("daybook.toml"), "contact = 3\n").unwrap();
    night.passes(&day("10:00"), &day("10:10"), |_, _| ());
    night.counts(1);
    assert!(!night.home.path("data").exists());
    std::fs::remove_dir_all(night.home.home()).unwrap();
    night.passes(&day("10:10"), &day("10:20"), |_, _| ());
    let told = night.counts(2);
    assert!(told.contains("10:10 fetcher\n    the home /var/lib/daybook is no folder"), "{told}");
}

#[test]
fn a_mended_file_that_breaks_anew_is_another_incident() {
    let server = Server::start();
    server.on("/a", Answer::ok(BODY));
    let night = nights_of(&server, "10:20", |time, home| match time {
        "10:02" | "10:12" => home.source("x", "title = 1\n"),
        "10:06" => home.source("x", "title = 2\n"),
        "10:09" => std::fs::remove_file(home.path("sources/x.toml")).unwrap(),
        _ => {}
    });
    night.counts(3);
}

#[test]
fn a_page_in_the_place_of_data_is_one_mail_of_the_fetcher_alone() {
    let server = Server::start();
    let page = "<!DOCTYPE html><html><head><title>Hotel  Wi-Fi:\nlog in</title>";
    server.on("/a", Answer::ok(BODY)).on("/a", Answer::ok(page));
    let night = nights_of(&server, "13:10", |_, _| ());
    let told = night.counts(1);
    assert!(told.contains("10:01 fetcher\n    a: failed: get "), "{told}");
    let words = "answered 200 with a page in HTML titled \"Hotel Wi-Fi: log in\", not json";
    assert!(told.contains(words), "{told}");
    let audit = night.home.run("summarizer", &["audit", "--now", &day("13:10")]).exits(0);
    assert!(audit.stdout.contains("the difference is zero"), "{}", audit.about);
    let kept = night.home.files("data/quarantine/a");
    assert!(kept.iter().any(|name| name.ends_with(".reason")), "{kept:?}");
}

/// Titles that many a host has: one page must not hide that of another host.
#[test]
fn pages_of_one_title_at_two_hosts_are_two_incidents() {
    for title in ["Maintenance tonight", "404 Not Found", ""] {
        let (one, other) = (Server::start(), Server::start());
        let page = format!("<!DOCTYPE html><html><head><title>{title}</title></head></html>");
        let mut night = Night::new("");
        night.source("a", &one.url("/a"), "1m");
        night.source("b", &other.url("/b"), "1m");
        night.source("c", &other.url("/c"), "1m");
        one.on("/a", Answer::ok(&*page));
        for path in ["/b", "/c"] {
            other
                .on(path, Answer::ok(BODY))
                .on(path, Answer::ok(BODY))
                .on(path, Answer::ok(&*page));
        }
        night.passes(&day("10:00"), &day("10:20"), |_, _| ());
        let told = night.counts(2);
        assert!(told.contains("    a: failed") && told.contains("    b: failed"), "{told}");
    }
}

/// A host that asks for patience is not asked by another of its sources: one incident.
#[test]
fn a_limit_of_rate_holds_all_of_its_host_and_is_told_once() {
    let server = Server::start();
    let mut night = Night::new("deadline = \"1s\"\n");
    night.source("a", &server.url("/a"), "1m");
    night.source("b", &server.url("/b"), "1m");
    server.on("/a", Answer::status(429).header("Retry-After", "7200"));
    server.on("/b", Answer::ok(BODY));
    night.passes(&day("10:00"), &day("10:20"), |_, _| ());
    let told = night.counts(1);
    assert!(told.contains("a: failed: get") && told.contains("left alone until"), "{told}");
    assert!(!told.contains("b: deferred"), "{told}");
    let asked = server.seen().iter().filter(|seen| seen.target == "/b").count();
    assert!(asked <= 1, "{asked}");
}

/// The store is away for two hours, and again the day after.
#[test]
fn an_outage_of_the_store_ends_with_the_first_run_that_has_it() {
    let server = Server::start();
    server.on("/a", Answer::ok(BODY));
    let mut night = Night::new("");
    night.source("a", &server.url("/a"), "1m");
    let (there, away) = (night.home.path("daybook.sqlite"), night.home.path("away.sqlite"));
    let status = |night: &Night, at: &str, exit: i32| {
        night.home.run_again("fetcher", &["status", "--now", at]).exits(exit).stdout
    };
    night.run("fetcher", &day("10:00"));
    night.run("summarizer", &day("11:05"));
    let at = |date: &str, time: &str| format!("2026-11-{date}T{time}:00Z");
    for date in ["25", "26"] {
        std::fs::rename(&there, &away).unwrap();
        for time in ["02:05", "03:05"] {
            night.run("fetcher", &at(date, time));
            night.run("summarizer", &at(date, time));
            night.run("analyzer", &at(date, time));
        }
        let shown = status(&night, &at(date, "03:10"), 1);
        assert!(shown.contains("wrong now:") && !shown.contains("nothing is wrong"), "{shown}");
        assert!(shown.contains("a  ") && shown.contains("?"), "{shown}");
        std::fs::rename(&away, &there).unwrap();
        // Who can read it does not say that it is gone.
        let shown = status(&night, &at(date, "03:20"), 0);
        assert!(!shown.contains("there is no store"), "{shown}");
        night.run("summarizer", &at(date, "04:05"));
        let shown = status(&night, &at(date, "04:10"), 0);
        assert!(shown.contains("nothing is wrong"), "{shown}");
        night.run("analyzer", &at(date, "04:15"));
    }
    let told = night.counts(2);
    assert!(told.contains("over, 2026-11-25 02:05 UTC to 2026-11-25 04:05 UTC"), "{told}");
    assert_eq!(told.matches("02:05 summarizer\n    there is no store at").count(), 2, "{told}");
}

#[test]
fn what_the_analyzer_could_not_write_is_over_with_its_next_report() {
    let server = Server::start();
    server.on("/a", Answer::ok(BODY));
    let mut night = Night::new("");
    night.source("a", &server.url("/a"), "1m");
    night.run("fetcher", &day("10:00"));
    night.run("summarizer", &day("11:05"));
    std::fs::write(night.home.path("reports"), "").unwrap();
    night.run("analyzer", "2026-11-25T00:15:00Z");
    std::fs::remove_file(night.home.path("reports")).unwrap();
    night.run("analyzer", "2026-11-25T00:20:00Z");
    night.counts(1);
    let at = "2026-11-25T00:25:00Z";
    let shown = night.home.run_again("fetcher", &["status", "--now", at]).exits(0).stdout;
    assert!(shown.contains("nothing is wrong"), "{shown}");
}

#[test]
fn items_that_cannot_be_read_are_over_with_an_hour_of_good_ones() {
    let server = Server::start();
    let quota = "{\"error\":\"quota exceeded\"}";
    server.on("/a", Answer::ok(quota)).on("/a", Answer::ok(BODY));
    let mut night = Night::new("");
    night.source("a", &server.url("/a"), "1m");
    for (time, summarizes, wrong) in [("10:00", "11:05", true), ("11:10", "12:05", false)] {
        night.run("fetcher", &day(time));
        night.run("summarizer", &day(summarizes));
        let now = day(summarizes);
        let shown = night.home.run_again("fetcher", &["status", "--now", &now]).stdout;
        assert_eq!(shown.contains("wrong now:"), wrong, "{shown}");
    }
    night.counts(1);
}

/// The first run of a home is a person's.
#[test]
fn a_run_by_hand_in_which_all_failed_is_wrong_for_status_too() {
    let night = Night::new("");
    night.source("a", &Server::refused(), "1m");
    night.home.run_again("fetcher", &["-v", "run", "--now", &day("10:00")]).exits(2);
    let ran = night.home.run_again("fetcher", &["status", "--now", &day("10:00")]).exits(1);
    assert!(!ran.stdout.contains("nothing is wrong"), "{}", ran.about);
    ran.says("wrong now:").says("1 failure in a row");
}

#[test]
fn an_api_that_fails_now_and_then_is_one_mail() {
    let server = Server::start();
    for _ in 0..9 {
        server.on("/a", Answer::ok(BODY)).on("/a", Answer::status(500));
    }
    server.on("/a", Answer::ok(BODY));
    nights_of(&server, "11:30", |_, _| ()).counts(1);
}

/// As under `timeout 20 fetcher run`: the run is ended from outside each time.
#[test]
fn a_source_at_which_each_run_is_ended_from_outside_is_left_alone() {
    let (server, hold) = (Server::start(), Hold::default());
    let night = Night::new("deadline = \"4s\"\n");
    night.source("a", &server.url("/a"), "1m");
    server.on("/a", Answer::ok(BODY).held(&hold));
    let mut run = night.home.command("fetcher", &["--now", &day("10:00")]);
    let child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.wait_for(1);
    let asked = std::time::Instant::now();
    wait_until("its fair part of the run", || asked.elapsed().as_millis() > 900);
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let told = child.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(words.contains("a: failed (") && words.contains("not done within"), "{words}");
    let held = night.home.run_again("fetcher", &["--now", "2026-11-24T10:00:20Z"]);
    held.exits(0).is_silent();
    assert_eq!(server.seen().len(), 1);
    hold.release();
}

/// A host that never answers costs one mail, and a request now and then.
#[test]
fn a_loop_whose_host_never_answers_is_left_alone_as_one() {
    let (server, hold) = (Server::start(), Hold::default());
    let mut night = Night::new("deadline = \"1s\"\n");
    let keys: Vec<String> = (0..20).map(|number| format!("k{number}")).collect();
    for key in &keys {
        server.on(&format!("/{key}"), Answer::ok(BODY).held(&hold));
    }
    let url = format!("http://{}/{{item}}", server.addr());
    let items = format!("items = {keys:?}\n{ITEMS}");
    night.home.source("a", &declared("json", &url, "1m", &items));
    night.passes(&day("10:00"), &day("10:40"), |_, _| ());
    night.counts(1);
    let asked = server.seen().len();
    assert!(asked <= 2 * 8, "{asked} requests in 40 minutes");
    hold.release();
}

#[test]
fn a_lost_or_damaged_memory_costs_one_mail() {
    let server = Server::start();
    server.on("/a", Answer::status(404));
    for text in ["", "{", "[1]", "\0\0", "{\"fetcher/source/a/\":{\"since\":3}}"] {
        let night = nights_of(&server, "10:30", |time, home| {
            if time == "10:10" {
                std::fs::write(home.path("data/.state/told.json"), text).unwrap();
            }
        });
        night.counts(2);
    }
}

#[test]
fn who_watches_or_asks_for_all_is_told_each_time() {
    let mut night = Night::new("");
    night.source("a", &Server::refused(), "1m");
    night.passes(&day("10:00"), &day("10:02"), |_, _| ());
    night.counts(1);
    std::fs::remove_file(night.home.path("data/.state/fetch.json")).unwrap();
    let ran = night.home.run_again("fetcher", &["--now", &day("10:30")]);
    ran.exits(2).is_silent();
    std::fs::remove_file(night.home.path("data/.state/fetch.json")).unwrap();
    let ran = night.home.run_again("fetcher", &["-v", "--now", &day("10:31")]);
    ran.exits(2).says("the connection was refused");
}

#[test]
fn a_call_for_what_cannot_be_is_told_each_time_and_is_no_incident() {
    let night = Night::new("");
    night.source("a", &Server::refused(), "1m");
    let swapped = ["report", "--from", "2026-11-24", "--to", "2026-11-23"];
    let nobody = ["report", "--topics", "nope"];
    for (call, words) in [(&swapped[..], "--from is the first day"), (&nobody, "no topic nope")] {
        for _ in 0..2 {
            night.home.run_again("analyzer", call).exits(2).says(words);
        }
    }
    night.home.run_again("analyzer", &["status"]).exits(0).says("");
}
