//! What a report expects of its sources: slots that were made up for came late, and are not
//! missing.

use super::pages;
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};

const ITEMS: &str = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\n\
                     [[figures]]\nkind = \"line\"\nfield = \"v\"\n";
const DAY: &str = "2026-11-24";
const NEXT: &str = "2026-11-25";

struct Bench {
    home: Sandbox,
    server: Server,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { home: Sandbox::new(Kind::Sqlite), server: Server::start() };
        bench.home.settings("");
        bench
    }

    fn source(&self, name: &str, every: &str, more: &str) {
        let url = self.server.url(&format!("/{name}?from={{from}}&to={{to}}"));
        self.home.source(name, &declared("json", &url, every, &format!("{more}\n{ITEMS}")));
    }

    fn answers(&self, name: &str) {
        self.server.on(&format!("/{name}"), Answer::ok(r#"{"v":1}"#));
    }

    fn fetch(&self, day: &str, hours: impl IntoIterator<Item = u32>) {
        for hour in hours {
            self.home.run("fetcher", &["--now", &format!("{day}T{hour:02}:59:00Z"), "run"]);
        }
    }

    /// The text of the day's report, made at an hour of the next.
    fn report(&self, hour: u32) -> String {
        let now = |minute: u32| format!("{NEXT}T{hour:02}:{minute:02}:00Z");
        self.home.run("summarizer", &["--now", &now(5), "run"]).exits(0);
        let day = ["--now", &now(15), "report", "--date", DAY];
        self.home.run("analyzer", &day).exits(0);
        let path = self.home.path(&format!("reports/daybook_{DAY}.pdf"));
        if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
            let name = std::thread::current().name().unwrap_or("page").replace("::", "-");
            std::fs::copy(&path, std::path::Path::new(&folder).join(format!("{name}.pdf")))
                .unwrap();
        }
        let text = pages(&path).join("\n").replace(['\u{a0}', '\u{202f}'], " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn slots_that_were_made_up_for_came_late_and_are_not_missing() {
    // The answers that make up are equal and of one second: one snapshot, for eight slots.
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"\ncatch_up = \"all\"");
    bench.answers("w");
    bench.fetch(DAY, (0..2).chain(9..24));
    let text = bench.report(0);
    assert!(text.contains(" 17 17 100%"), "{text}");
    assert!(text.contains(" late") && !text.contains("missing or unusable"), "{text}");
}

#[test]
fn slots_that_are_made_up_for_on_the_next_day_are_of_their_own() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"\ncatch_up = \"all\"");
    bench.answers("w");
    bench.fetch(DAY, 0..20);
    bench.fetch(NEXT, 9..10);
    let text = bench.report(11);
    assert!(text.contains(" 20 20 100%"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn a_spent_quota_is_no_fault_and_who_waits_asks_nobody() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"\nquota = [{ requests = 4, per = \"day\" }]");
    bench.answers("w");
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("not asked: quota spent") && text.contains("100%"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
    // Asked, new, postponed.
    assert!(text.contains("Test 4 4 1 "), "{text}");
    assert!(text.contains("never “unchanged”, “nothing”, “failed”"), "{text}");
}

#[test]
fn a_quota_of_a_month_is_spent_on_its_last_day_too() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"\nquota = [{ requests = 4, per = \"month\" }]");
    bench.answers("w");
    bench.fetch("2026-11-20", 0..24);
    bench.home.run("summarizer", &["--now", "2026-11-21T00:05:00Z", "run"]).exits(0);
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("not asked: quota spent"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn a_day_that_begins_before_its_quota_does_not_begin_with_a_fault() {
    let bench = Bench::new();
    bench.home.settings("[report]\nzone = \"Europe/Paris\"\n");
    bench.source("w", "1h", "range = \"1h\"\nquota = [{ requests = 4, per = \"day\" }]");
    bench.answers("w");
    bench.fetch("2026-11-23", 0..24);
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("not asked: quota spent"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn who_is_gone_for_good_is_told_once_and_expected_no_more() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"");
    bench.server.on("/w", Answer::ok(r#"{"v":1}"#)).on("/w", Answer::ok(r#"{"v":2}"#));
    bench.server.on("/w", Answer::status(410));
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("gone for good (410), since 24 November 2026."), "{text}");
    assert!(text.contains("V, mean of 2 of 24 h"), "{text}");
    assert!(text.contains("66.7%") && text.contains("not asked"), "{text}");
}

#[test]
fn the_rest_of_a_loop_whose_quota_is_spent_is_not_missing() {
    let bench = Bench::new();
    let url = bench.server.url("/w?i={item}");
    let more = "items = [\"a\", \"b\", \"c\", \"d\"]\nquota = [{ requests = 10, per = \"day\" }]";
    let items = ITEMS.replace("$source", "$item");
    bench.home.source("w", &declared("json", &url, "1h", &format!("{more}\n{items}")));
    bench.answers("w");
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("100%") && text.contains("not asked: quota spent"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn who_was_asked_and_failed_is_missing_though_a_quota_was_spent_then() {
    let bench = Bench::new();
    bench.source("w", "6h", "range = \"6h\"\nquota = [{ requests = 2, per = \"day\" }]");
    bench.server.on("/w", Answer::status(503));
    bench.fetch(DAY, 7..24);
    let text = bench.report(0);
    assert!(text.contains("missing or unusable") && text.contains("0.0%"), "{text}");
}

#[test]
fn a_slot_that_the_answer_before_serves_is_not_missing() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"\nmax_fresh = \"1d\"");
    let holds = Answer::ok(r#"{"v":1}"#).header("Cache-Control", "max-age=12000");
    bench.server.on("/w", holds);
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("100%") && !text.contains("missing or unusable"), "{text}");
}

#[test]
fn a_set_whose_quota_is_spent_between_two_pages_is_not_missing() {
    let bench = Bench::new();
    let pages = "quota = [{ requests = 3, per = \"day\" }]\n[fetch.pages]\ntype = \"json_link\"\n\
                 next_url_path = \"next\"";
    let url = bench.server.url("/w");
    bench.home.source("w", &declared("json", &url, "1h", &format!("{pages}\n{ITEMS}")));
    bench
        .server
        .on("/w", Answer::ok(r#"{"v":1,"next":"/w2"}"#))
        .on("/w2", Answer::ok(r#"{"v":2}"#));
    bench.fetch(DAY, 0..24);
    let text = bench.report(0);
    assert!(text.contains("not asked: quota spent"), "{text}");
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn a_day_that_came_late_in_its_slot_is_not_called_missing() {
    let bench = Bench::new();
    bench.source("w", "1d", "range = \"1d\"");
    bench.server.on("/w", Answer::status(503)).on("/w", Answer::status(503));
    bench.answers("w");
    bench.fetch(DAY, 8..12);
    let text = bench.report(0);
    assert!(!text.contains("missing or unusable"), "{text}");
}

#[test]
fn who_was_gone_until_an_edit_was_not_missing_before_it() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"");
    bench.server.on("/w", Answer::ok(r#"{"v":1}"#)).on("/w", Answer::status(410));
    bench.answers("w");
    bench.fetch(DAY, 0..12);
    bench.source("w", "1h", "range = \"1h\"\n# edited");
    bench.fetch(DAY, 12..24);
    let text = bench.report(0);
    assert!(text.contains("not asked") && text.contains("92.9%"), "{text}");
}

#[test]
fn a_day_in_which_a_source_was_gone_stays_so_when_it_is_printed_again_after_an_edit() {
    let bench = Bench::new();
    bench.source("w", "1h", "range = \"1h\"");
    bench.server.on("/w", Answer::ok(r#"{"v":1}"#)).on("/w", Answer::status(410));
    bench.answers("w");
    bench.fetch(DAY, 0..12);
    let first = bench.report(0);
    bench.source("w", "1h", "range = \"1h\"\n# edited");
    bench.fetch(NEXT, 12..14);
    let text = bench.report(15);
    for text in [first, text.clone()] {
        assert!(text.contains("Test 1 1 50.0%"), "{text}");
    }
    assert!(
        text.contains("gone for good (410), on 24 November 2026; it was asked again"),
        "{text}"
    );
}

#[test]
fn an_hour_in_which_a_source_failed_is_not_called_unscheduled() {
    let bench = Bench::new();
    bench.source("w", "1d", "range = \"1d\"");
    bench.server.on("/w", Answer::status(500));
    bench.fetch(DAY, 8..9);
    let text = bench.report(0);
    assert!(text.contains("missing or unusable"), "{text}");
}
