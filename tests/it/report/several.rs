//! Reports of several days: records that move from day to day, damage that one of the days has,
//! values that do not mix.

use super::pages;
use super::says::declaration;
use crate::sandbox::{Kind, Sandbox};
use std::fs;

const EVENTS: &str = r#"every = "1h"
[records]
at = "[*]"
id = "id"
time = { path = "t", unit = "iso" }
updated = { path = "u", unit = "iso" }
[fields]
size = { path = "size", unit = "m" }
[[figures]]
kind = "table"
field = "size"
"#;

/// Lands and counts an answer of a day, fetched at noon.
fn tell(home: &Sandbox, source: &str, day: &str, body: &str) {
    let folder = home.path(&format!("told-{day}"));
    fs::create_dir_all(folder.join(source)).unwrap();
    fs::write(folder.join(format!("{source}/{source}_{day}T12-00-00Z.json")), body).unwrap();
    let (late, folder) = (format!("{day}T23:59:00Z"), folder.display().to_string());
    let replay = ["--now", &late, "run", "--replay", &folder, "--onto", day];
    home.run("fetcher", &replay).exits(0);
    home.run("summarizer", &["--now", &format!("{day}T23:59:30Z"), "run", "--all"]).exits(0);
}

fn event(id: &str, time: &str, day: &str, size: f64) -> String {
    let updated = format!("{day}T11:00:00Z");
    format!(r#"{{"id":"{id}","t":"{time}:00Z","u":"{updated}","size":{size}}}"#)
}

/// What a report of five days says.
fn said(home: &Sandbox) -> String {
    let days = ["report", "--from", "2026-11-19", "--to", "2026-11-23"];
    home.run("analyzer", &[&["--now", "2026-11-24T01:00:00Z"][..], &days].concat()).exits(0);
    let text = pages(&home.path("reports/daybook_2026-11-19_2026-11-23.pdf")).join(" ");
    text.replace(['\u{a0}', '\u{202f}'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Three events of the 20th, of which the last is told anew for the 21st.
fn moving(rename: bool) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.source("odd", &declaration(EVENTS));
    let of = |id, clock, size| event(id, &format!("2026-11-20T{clock}"), "2026-11-20", size);
    let events = [of("a", "09:00", 1.5), of("b", "10:00", 2.5), of("m", "11:00", 7.5)];
    tell(&home, "odd", "2026-11-20", &format!("[{}]", events.join(",")));
    let source = if rename { "other" } else { "odd" };
    if rename {
        home.run("fetcher", &["--now", "2026-11-21T00:30:00Z", "rename", "odd", "other"]).exits(0);
    }
    let moved = event("m", "2026-11-21T11:00", "2026-11-21", 3.5);
    tell(&home, source, "2026-11-21", &format!("[{moved}]"));
    home
}

#[test]
fn a_record_that_moved_to_another_day_is_there_once_under_each_name() {
    for rename in [false, true] {
        let home = moving(rename);
        let said = said(&home);
        assert!(said.contains(": 3 in the period"), "{rename}: {said}");
        assert!(said.contains("3.5") && !said.contains("7.5"), "{rename}: {said}");
        // What it rests on is told alike by who looks for reports that are out of date.
        let again = ["--now", "2026-11-24T01:10:00Z", "-v", "report"];
        home.run("analyzer", &again).exits(0);
        home.run("analyzer", &again).exits(0).says("no report is missing, and none is out of date");
    }
}

#[test]
fn an_hour_that_one_day_shows_to_be_damaged_is_left_out_of_all() {
    let home = Sandbox::new(Kind::Sqlite);
    home.source("odd", &declaration(EVENTS));
    let early = event("a", "2026-11-19T10:00", "2026-11-20", 1.5);
    let late = event("b", "2026-11-20T10:00", "2026-11-20", 2.5);
    tell(&home, "odd", "2026-11-20", &format!("[{early},{late}]"));
    let other = event("c", "2026-11-21T10:00", "2026-11-21", 4.5);
    tell(&home, "odd", "2026-11-21", &format!("[{other}]"));
    let store = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    let damage = "UPDATE records SET body = '[' WHERE body LIKE '%2.5%'";
    assert_eq!(store.execute(damage, []).unwrap(), 1);
    let said = said(&home);
    assert!(said.contains("are not those that were committed"), "{said}");
    assert!(said.contains(": 1 in the period") && !said.contains("1.5"), "{said}");
}

const VALUES: &str = r#"every = "1h"
[samples]
at = "[*]"
series = "id"
[fields]
v = { path = "v", unit = "m", trace = "TRACE" }
[[figures]]
kind = "line"
field = "v"
"#;

/// Of an hour of which the declaration changed midway the later part is left apart, in a report
/// that draws the trace and in one that does not.
#[test]
fn values_of_other_traces_do_not_mix() {
    let home = Sandbox::new(Kind::Sqlite);
    for (day, trace) in [("2026-11-20", "10m"), ("2026-11-21", "5m")] {
        home.source("odd", &declaration(&VALUES.replace("TRACE", trace)));
        tell(&home, "odd", day, r#"[{"id":"a","v":17.5}]"#);
    }
    home.source("odd", &declaration(&VALUES.replace("TRACE", "15m")));
    let folder = home.path("told-more/odd");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("odd_2026-11-21T12-30-00Z.json"), r#"[{"id":"a","v":19.5}]"#).unwrap();
    let folder = home.path("told-more").display().to_string();
    let now = ["--now", "2026-11-21T23:59:40Z", "run"];
    home.run("fetcher", &[&now[..], &["--replay", &folder, "--onto", "2026-11-21"]].concat())
        .exits(0);
    home.run("summarizer", &[&now[..], &["--all"]].concat()).exits(0);
    let said = said(&home);
    assert!(said.contains("changed unit or grid and is shown in part"), "{said}");
}
