//! What answers do not say is told: a field that the publisher renamed, a filter that lets
//! nothing through. Counted is not complete.

use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::process::Command;

const PARKING: &str = r#"
title = "Parking garages"
topic = "parking"
[about]
content = "Free places in each garage"
zone = "a town"
period = "1m"
access = "api"
token = "none"
attribution = "a town"
homepage = "https://example.org/"
licence = { name = "x", url = "https://example.org/", reuse = "unknown" }
[fetch]
url = "URL"
every = "1h"
format = "json"
[samples]
at = "garages[*]"
series = "id"
WHERE
[fields.free]
path = "free"
unit = "place"
resolution = 1
[fields.state]
path = "state"
kind = "text"
[aggregates.free_in_town]
sum = "free"
[aggregates.garages_low]
count = "free"
below = 60
unit = "garage"
[[figures]]
kind = "table"
field = "free"
"#;

fn parking(kind: Kind, server: &Server, filter: &str) -> Sandbox {
    let home = Sandbox::new(kind);
    home.settings("");
    let text = PARKING.replace("URL", &server.url("/parking")).replace("WHERE", filter);
    home.source("parking", &text);
    home
}

fn answer(field: &str) -> Answer {
    let garage =
        |id: &str, free: u32| format!(r#"{{"id":"{id}","{field}":{free},"state":"open"}}"#);
    Answer::ok(format!(r#"{{"garages":[{},{}]}}"#, garage("P1", 174), garage("P2", 42)))
}

/// One hour: its answer at five past, its summary five past the next.
fn hour(home: &Sandbox, hour: u32) -> Ran {
    let at = |hour: u32| format!("2026-11-25T{hour:02}:05:00Z");
    home.run("fetcher", &["--now", &at(hour), "run"]).exits(0);
    home.run("summarizer", &["--now", &at(hour + 1), "run"])
}

fn report(home: &Sandbox) -> String {
    let now = ["--now", "2026-11-26T00:15:00Z"];
    home.run("analyzer", &[&now[..], &["report", "--date", "2026-11-25"]].concat()).exits(0);
    let path = home.path("reports").join(home.files("reports").remove(0));
    let output = Command::new("pdftotext").args(["-layout"]).arg(path).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_renamed_field_is_told_at_once_and_a_fault_when_it_lasts() {
    for kind in KINDS {
        let server = Server::start();
        for field in ["free", "free_spaces", "free_spaces", "free_spaces", "free"] {
            server.on("/parking", answer(field));
        }
        let home = parking(kind, &server, "");
        hour(&home, 8).exits(0);
        let words = "no item has free, at free: has the publisher renamed it?";
        hour(&home, 9).exits(1).says(&format!("remark: {words} (1 of 1 answer)"));
        hour(&home, 10).exits(1).says("in 2 counted hours");
        hour(&home, 11).exits(1).says(&format!("fault: {words}")).says("since 2026-11-25T09");
        let status = ["--now", "2026-11-25T12:10:00Z", "status"];
        home.run("summarizer", &status).exits(1).says("parking: fault: no item has free");
        let text = report(&home);
        let told = "Fault. parking: in 3 of 4 answers no item has free (at free).";
        assert!(text.contains(told), "{text}");
        let dates = ["--from", "2026-11-25", "--to", "2026-11-25"];
        let now = ["--now", "2026-11-26T00:15:00Z", "export", "--format", "ndjson"];
        home.run("analyzer", &[&now[..], &dates].concat()).exits(0);
        let file = home.path("exports/parking_summaries.ndjson");
        let table = std::fs::read_to_string(file).unwrap();
        let low: Vec<&str> = table.lines().filter(|l| l.contains("garages_low")).collect();
        assert_eq!(low.len(), 1, "{table}");
        assert!(low[0].contains("T08:00") && low[0].contains("\"sum\":1"), "{table}");
        hour(&home, 12).exits(0);
        home.run("summarizer", &["--now", "2026-11-25T13:10:00Z", "status"]).exits(0);
    }
}

#[test]
fn a_filter_that_leaves_nothing_is_told_and_such_an_answer_is_not_complete() {
    let server = Server::start();
    server.on("/parking", answer("free"));
    let filter = "where = [{ path = \"state\", equals = \"offen\" }]";
    let home = parking(Kind::Sqlite, &server, filter);
    hour(&home, 9).exits(1).says("remark: there are elements, but skip, where and the time leave");
    home.run("summarizer", &["--now", "2026-11-25T10:10:00Z", "audit"]).exits(0);
    let text = report(&home);
    assert!(text.contains("there are elements, and none of them is taken"), "{text}");
    assert!(!text.contains("100 %") && !text.contains("100%"), "{text}");
    let home = parking(Kind::Sqlite, &server, &format!("may_be_empty = true\n{filter}"));
    hour(&home, 9).exits(0).is_silent();
}

#[test]
fn an_optional_field_may_be_absent() {
    let server = Server::start();
    server.on("/parking", answer("free"));
    let home = parking(Kind::Sqlite, &server, "");
    let text = PARKING.replace("URL", &server.url("/parking")).replace("WHERE", "");
    home.source("parking", &(text + "[fields.height]\npath = \"height\"\noptional = true\n"));
    hour(&home, 9).exits(0).is_silent();
}

#[test]
fn what_one_page_of_a_set_does_not_say_another_may() {
    const ITEMS: &str = "[fetch.pages]\ntype = \"json_link\"\nnext_url_path = \"next\"\n[records]\n\
                         at = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n[fields.pay]\n\
                         path = \"pay\"\n";
    let page = |id: u32, pay: &str, next: &str| {
        Answer::ok(format!(r#"{{{next}"items":[{{"id":"i{id}","v":1{pay}}}]}}"#))
    };
    let next = r#""next":"?p=2","#;
    for (pay, code) in [(",\"pay\":3", 0), ("", 1)] {
        let (home, server) = (Sandbox::new(Kind::Sqlite), Server::start());
        home.settings("");
        home.source("jobs", &declared("json", &server.url("/jobs"), "1h", ITEMS));
        server.on("/jobs", page(1, pay, next)).on("/jobs?p=2", page(2, "", ""));
        home.run("fetcher", &["--now", "2026-11-24T10:05:05Z"]).exits(0);
        let told = home.run("summarizer", &["--now", "2026-11-24T12:05:00Z"]).exits(code);
        if code == 1 {
            told.says("no item has pay, at pay").says("2 of 2 answers");
        }
    }
}
