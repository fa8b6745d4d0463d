//! What a report says of how the sources answered, from real fetches: the share that came is that
//! of what was asked, and a failure has its time and its reason.

use super::pages;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};

const GARAGES: &str = r#"
title = "Garages"
topic = "parking"
[about]
content = "Free places"
zone = "a town"
period = "1m"
access = "api"
token = "none"
attribution = "a town"
homepage = "https://example.org/"
licence = { name = "x", url = "https://example.org/", reuse = "unknown" }
[fetch]
url = "URL"
every = "EVERY"
format = "json"
[samples]
at = "garages[*]"
series = "id"
[fields]
free = { path = "free" }
"#;

fn home(server: &Server, path: &str, every: &str) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    home.source("garages", &GARAGES.replace("URL", &server.url(path)).replace("EVERY", every));
    home
}

fn good() -> Answer {
    Answer::ok(r#"{"garages":[{"id":"a","free":17},{"id":"b","free":42}]}"#)
}

fn fetch(home: &Sandbox, clock: &str) {
    fetch_on(home, "2026-11-25", clock);
}

fn fetch_on(home: &Sandbox, day: &str, clock: &str) {
    home.run("fetcher", &["--now", &format!("{day}T{clock}Z"), "run"]);
}

/// The text of the day's report, made in the night after it.
fn report(home: &Sandbox) -> String {
    home.run("summarizer", &["--now", "2026-11-26T00:05:00Z", "run"]);
    let day = ["--now", "2026-11-26T00:15:00Z", "report", "--date", "2026-11-25"];
    home.run("analyzer", &day).exits(0);
    let text = pages(&home.path("reports/daybook_2026-11-25.pdf")).join("\n");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn one_answer_of_a_source_of_each_minute_is_not_all_of_a_day() {
    let server = Server::start();
    server.on("/late", good());
    let home = home(&server, "/late", "1m");
    fetch(&home, "23:58:30");
    let text = report(&home);
    assert!(text.contains(" since 23:5"), "{text}");
    assert!(!text.contains("100% Inside") && !text.contains("all day"), "{text}");
}

#[test]
fn what_was_asked_before_the_first_answer_counts() {
    let server = Server::start();
    server.on("/slow", Answer::status(404)).on("/slow", Answer::status(404)).on("/slow", good());
    let home = home(&server, "/slow", "6h");
    for clock in ["00:30:00", "06:30:00", "12:30:00", "18:30:00"] {
        fetch(&home, clock);
    }
    let text = report(&home);
    assert!(text.contains("Garages 2 2 66.7%") && !text.contains("100%"), "{text}");
}

#[test]
fn who_failed_since_the_day_before_was_due_from_the_start_of_the_day() {
    let server = Server::start();
    let out = Answer::status(503).header("Retry-After", "23400");
    server.on("/out", out).on("/out", good());
    let home = home(&server, "/out", "1h");
    fetch_on(&home, "2026-11-24", "23:59:00");
    (0..24).for_each(|hour| fetch(&home, &format!("{hour:02}:59:00")));
    let text = report(&home);
    // It was left alone until six.
    assert!(text.contains("Garages 18 18 75.0% In"), "{text}");
    assert!(!text.contains("% since"), "{text}");
}

#[test]
fn an_answer_that_comes_after_midnight_is_that_of_its_slot() {
    let server = Server::start();
    server.on("/good", good());
    let home = home(&server, "/good", "1h");
    // Each slot is served nine minutes after it began; the day's last one in the next day.
    (0..24).for_each(|hour| fetch(&home, &format!("{hour:02}:09:00")));
    fetch_on(&home, "2026-11-26", "00:09:00");
    home.run("summarizer", &["--now", "2026-11-26T01:05:00Z", "run"]).exits(0);
    let day = ["--now", "2026-11-26T02:15:00Z", "report", "--date", "2026-11-25"];
    home.run("analyzer", &day).exits(0);
    let text = pages(&home.path("reports/daybook_2026-11-25.pdf")).join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Garages 24 24 100%"), "{text}");
}

#[test]
fn a_loop_is_complete_by_its_requests() {
    let server = Server::start();
    server.on("/all/a", good()).on("/all/b", good()).on("/all/c", Answer::status(500));
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let url = server.url("/all/{item}");
    let loop_of_three = GARAGES
        .replace("url = \"URL\"", &format!("url = \"{url}\"\nitems = [\"a\", \"b\", \"c\"]"))
        .replace("EVERY", "6h");
    home.source("garages", &loop_of_three);
    for clock in ["00:30:00", "06:30:00", "12:30:00", "18:30:00"] {
        fetch(&home, clock);
    }
    let text = report(&home);
    assert!(text.contains("Garages 8 8 66.7%"), "{text}");
}

#[test]
fn hours_of_html_are_not_complete() {
    let server = Server::start();
    let page = Answer::ok("<!DOCTYPE html><html><title>Please log in</title></html>");
    server.on("/page", good()).on("/page", page);
    let home = home(&server, "/page", "6h");
    for clock in ["00:30:00", "06:30:00", "12:30:00", "18:30:00"] {
        fetch(&home, clock);
    }
    let text = report(&home);
    assert!(!text.contains("100%"), "{text}");
    assert!(text.contains("Free: 17 (a) to 42 (b) at 00:30"), "{text}");
}

#[test]
fn a_failure_is_told_with_its_time_and_its_reason() {
    let server = Server::start();
    let path = format!("/{}", "a-very-long-path/".repeat(20));
    server.on(&path, Answer::status(404));
    let home = home(&server, &path, "6h");
    fetch(&home, "13:47:00");
    let text = report(&home);
    assert!(text.contains("the last failure was at 13:47: "), "{text}");
    assert!(text.contains("How the sources answered"), "{text}");
    assert!(text.contains("404"), "{text}");
    assert!(text.contains("No data for this day") && text.contains("No answer landed."), "{text}");
}

#[test]
fn a_report_goes_into_a_new_folder_by_its_bare_name() {
    let server = Server::start();
    server.on("/page", good());
    let home = home(&server, "/page", "6h");
    fetch(&home, "13:47:00");
    home.run("summarizer", &["--now", "2026-11-26T00:05:00Z", "run"]).exits(0);
    let day = ["--now", "2026-11-26T00:15:00Z", "report", "--date", "2026-11-25", "--out", "new"];
    let ran = home.command("analyzer", &day).current_dir(home.home()).status().unwrap();
    assert!(ran.success());
    assert!(home.path("new/daybook_2026-11-25.pdf").exists());
}
