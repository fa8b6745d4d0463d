//! What the dashboard says is what the data say: on days that are shorter or longer, over gaps,
//! where units change, where an answer that waits tells of yesterday, when all has been silent for
//! days, and when nothing can be read at all.

use super::board::Board;
use crate::declared::declared;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};
use daybook::domain::time::{Instant, from_millis, iso, parse_iso};
use serde_json::Value;
use std::collections::BTreeMap;

const HOUR: i64 = 3_600_000;

fn at(text: &str) -> Instant {
    parse_iso(text).unwrap()
}

fn items(unit: &str) -> String {
    format!(
        "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.v]\npath = \"v\"\nunit = \"{unit}\"\n\
         [[figures]]\nkind = \"line\"\nfield = \"v\"\n"
    )
}

fn home(zone: &str) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings(&format!("[report]\nzone = \"{zone}\"\n"));
    home
}

/// Fetches a value at the fifth second of each hour, from `/v` of a server of its own.
fn fetch(home: &Sandbox, server: &Server, hours: impl Iterator<Item = (Instant, f64)>) {
    let hours: Vec<(Instant, f64)> = hours.collect();
    for (_, value) in &hours {
        server.on("/v", Answer::ok(format!("{{\"v\":{value}}}")));
    }
    for (hour, _) in hours {
        home.run("fetcher", &["--now", &iso(from_millis(hour.millis() + 5_000))]).exits(0);
    }
}

fn json(board: &Board, path: &str) -> Value {
    serde_json::from_slice(&board.get(path).is(200).body).unwrap()
}

/// The values of a line by their seconds; none where it breaks.
fn line(told: &Value) -> BTreeMap<i64, Option<f64>> {
    let list = |key: &str| told[key].as_array().unwrap().clone();
    let times = list("times").into_iter().map(|time| time.as_f64().unwrap() as i64);
    times.zip(list("values").into_iter().map(|value| value.as_f64())).collect()
}

/// Two days in Paris, the second an hour shorter; each value tells its day and its hour there.
fn short_day(server: &Server) -> Sandbox {
    let home = home("Europe/Paris");
    home.source("meter", &declared("json", &server.url("/v"), "1h", &items("m")));
    let first = at("2026-03-27T23:00:00Z");
    let local = |hour: i64| match hour {
        0..24 => 2800 + hour,
        // On Sunday there was no two o'clock.
        24..26 => 2900 + hour - 24,
        _ => 2900 + hour - 23,
    };
    let hours = (0..47).filter(|hour| !(32..38).contains(hour));
    let hours = hours.map(|hour| (from_millis(first.millis() + hour * HOUR), local(hour) as f64));
    fetch(&home, server, hours);
    home
}

#[test]
fn the_clock_tells_the_time_on_a_day_of_23_hours() {
    let server = Server::start();
    let home = short_day(&server);
    let board = Board::start(&home, &["--now", "2026-03-30T06:00:00Z"]);
    let value = |day: &str, time: &str| {
        let told = json(&board, &format!("/api/v1/series?source=meter&day={day}&at={time}"));
        told["data"][0]["last"].as_f64()
    };
    assert_eq!(value("2026-03-28", "18:10"), Some(2818.0));
    assert_eq!(value("2026-03-29", "18:10"), Some(2918.0));
    assert_eq!(value("2026-03-29", "23:59"), Some(2923.0));
    assert_eq!(value("2026-03-29", "02:30"), None);
    // On the edge of two steps that which begins there.
    assert_eq!(value("2026-03-29", "18:00"), Some(2918.0));
    let asked = "/chart.json?source=meter&field=v&series=meter&range=24h&day=2026-03-29";
    let told = json(&board, &format!("{asked}&compare=day"));
    let (own, before) = (line(&told), line(&told["before"]));
    let pairs = own.iter().filter_map(|(at, value)| Some(((*value)?, (*before.get(at)?)?)));
    let apart: Vec<f64> = pairs.map(|(own, before)| own - before).collect();
    assert_eq!(apart, vec![100.0; 17], "the same time of the clock, a day apart");
    // Six hours are missing; the line does not run over them.
    assert_eq!(own.values().filter(|value| value.is_none()).count(), 1, "{own:?}");
    assert_eq!(own.len(), 18);
    let week = json(&board, &asked.replace("24h", "7d"));
    assert_eq!(week["from"].as_f64(), Some(at("2026-03-22T23:00:00Z").millis() as f64 / 1e3));
    let page = board.get("/en/topic/test?day=2026-03-29").is(200);
    assert!(!page.text().contains(">none is counted"), "all is counted, though it waits");
}

#[test]
fn a_day_of_25_hours_stands_behind_the_next_one_once() {
    let server = Server::start();
    let home = home("Europe/Paris");
    let stepped = items("m").replace("unit = \"m\"\n", "unit = \"m\"\ntrace = \"10m\"\n");
    home.source("meter", &declared("json", &server.url("/v"), "10m", &stepped));
    // From Sunday 02:00 in summer to Monday 04:00, each ten minutes.
    let first = at("2026-10-25T00:00:00Z").millis();
    let all = (0..27 * 6)
        .filter(|step| *step < 24 || *step > 132)
        .map(|step| (from_millis(first + i64::from(step) * HOUR / 6), f64::from(step)));
    fetch(&home, &server, all);
    let board = Board::start(&home, &["--now", "2026-10-26T03:30:00Z"]);
    let asked = "/chart.json?source=meter&field=v&series=meter&range=24h&compare=day";
    let before = line(&json(&board, asked)["before"]);
    let times: Vec<i64> = before.keys().copied().collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    // Of the hour that there was twice, the first one.
    let two = at("2026-10-26T01:05:00Z").millis() / 1000;
    assert_eq!(before.get(&two), Some(&Some(0.0)), "{before:?}");
}

#[test]
fn values_of_another_unit_are_not_mixed_in() {
    let server = Server::start();
    let home = home("UTC");
    let hour = |hour: i64| from_millis(at("2026-11-24T00:00:00Z").millis() + hour * HOUR);
    home.source("meter", &declared("json", &server.url("/v"), "1h", &items("°C")));
    fetch(&home, &server, (-6..0).map(|h| (hour(h), 10.0)));
    home.run("summarizer", &["--now", "2026-11-24T00:00:03Z", "run", "--all"]).exits(0);
    let other = Server::start();
    home.source("meter", &declared("json", &other.url("/v"), "1h", &items("°F")));
    fetch(&home, &other, (0..4).map(|h| (hour(h), 50.0)));
    let board = Board::start(&home, &["--now", "2026-11-24T04:30:00Z"]);
    let told = json(&board, "/api/v1/series?source=meter");
    let row = &told["data"][0];
    assert_eq!((row["min"].as_f64(), row["max"].as_f64()), (Some(50.0), Some(50.0)), "{row}");
    // Of a day that was over before, the unit of then.
    for (range, day, wanted) in [
        ("24h", "2026-11-24", 50.0),
        ("7d", "2026-11-24", 50.0),
        ("1y", "2026-11-24", 50.0),
        ("24h", "2026-11-23", 10.0),
        ("7d", "2026-11-23", 10.0),
    ] {
        let of = "/chart.json?source=meter&field=v&series=meter";
        let told = json(&board, &format!("{of}&range={range}&day={day}"));
        let values: Vec<f64> = line(&told).into_values().flatten().collect();
        assert!(!values.is_empty(), "{range} of {day}");
        assert!(values.iter().all(|value| *value == wanted), "{range} of {day}: {values:?}");
    }
    // Of a table each row says its own.
    let rows = json(&board, "/api/v1/hours?source=meter&from=2026-11-23&to=2026-11-24");
    let units = rows["data"].as_array().unwrap().iter().map(|row| row["unit"].as_str().unwrap());
    let units: Vec<&str> = units.collect();
    assert_eq!((units.len(), units[0], units[9]), (10, "°C", "°F"));
    // The line of a series is a figure of its own, with its files.
    for (form, kind) in [("csv", "text/csv"), ("svg", "image/svg+xml"), ("png", "image/png")] {
        let file = format!("/figure/meter.0.{form}?day=2026-11-24&field=v&series=meter");
        let told = board.get(&file).is(200);
        assert!(told.header("content-type").starts_with(kind), "{form}");
        let page = board.get("/en/series/meter?field=v&series=meter").is(200);
        assert!(page.text().contains(&format!("figure/meter.0.{form}?")), "{form}");
    }
}

#[test]
fn what_waits_and_tells_of_yesterday_is_on_its_page() {
    let server = Server::start();
    let home = home("UTC");
    let items = "[records]\nat = \"[*]\"\nid = \"id\"\ntime = { path = \"t\", unit = \"iso\" }\n\
                 [fields.mag]\npath = \"mag\"\n[[figures]]\nkind = \"table\"\nfield = \"mag\"\n";
    home.source("shakes", &declared("json", &server.url("/r"), "1h", items));
    let answer = |mag: f64| {
        let item = |id: u32, mag: f64| {
            format!("{{\"id\":\"q{id}\",\"t\":\"2026-11-23T0{id}:00:00Z\",\"mag\":{mag}}}")
        };
        Answer::ok(format!("[{},{},{}]", item(1, 3.5), item(2, mag), item(3, 4.25)))
    };
    server.on("/r", answer(5.5)).on("/r", answer(9.5));
    home.run("fetcher", &["--now", "2026-11-23T10:00:05Z"]).exits(0);
    home.run("summarizer", &["--now", "2026-11-23T12:00:00Z", "run"]).exits(0);
    home.run("fetcher", &["--now", "2026-11-24T10:00:05Z"]).exits(0);
    let board = Board::start(&home, &["--now", "2026-11-24T10:05:00Z"]);
    let seen = || {
        let page = board.get("/figure/shakes.1.csv?day=2026-11-23").is(200);
        let list = json(&board, "/api/v1/records?source=shakes&from=2026-11-23&to=2026-11-23");
        (page.text().to_string(), list["data"][1]["mag"].as_f64())
    };
    let (page, listed) = seen();
    assert!(page.contains("9.5") && !page.contains("5.5"), "{page}");
    assert_eq!(listed, Some(9.5));
    home.run("summarizer", &["--now", "2026-11-24T12:00:00Z", "run", "--all"]).exits(0);
    crate::sandbox::wait_until("the look at what is counted", || {
        board.get("/api/v1/health").text().contains("\"waiting\":0")
    });
    assert_eq!(seen(), (page, listed), "before and after it is counted");
}

#[test]
fn what_has_been_silent_for_days_is_not_on_time() {
    let server = Server::start();
    let home = home("UTC");
    home.source("meter", &declared("json", &server.url("/v"), "1h", &items("m")));
    fetch(&home, &server, [(at("2026-11-20T10:00:00Z"), 1.0)].into_iter());
    home.run("summarizer", &["--now", "2026-11-20T12:05:00Z", "run", "--all"]).exits(0);
    let board = Board::start(&home, &["--now", "2026-11-24T10:30:00Z"]);
    for path in ["/en/", "/en/?day=2026-11-20", "/en/?day=2026-11-24"] {
        let page = board.get(path).is(200);
        assert!(page.text().contains("1\u{a0}source is stale"), "{path}: {}", page.text());
        assert!(page.text().contains("20\u{a0}November 10:00"), "{path}");
    }
    let metrics = board.get("/metrics").is(200);
    assert!(
        metrics.text().contains("daybook_source_late{source=\"meter\"} 1"),
        "{}",
        metrics.text()
    );
}

#[test]
fn a_store_that_cannot_be_read_from_the_start_is_told() {
    let home = home("UTC");
    std::fs::write(home.path("daybook.sqlite"), "no store at all, ".repeat(1000)).unwrap();
    let board = Board::begin(&home, &["--now", "2026-11-24T10:30:00Z"]);
    crate::sandbox::wait_until("the reason", || {
        board.get("/healthz").text().contains("daybook.sqlite")
    });
    let page = board.get("/en/").is(503);
    assert!(page.text().contains("nothing can be shown yet"), "{}", page.text());
}

#[test]
fn what_is_tiny_is_not_nothing_and_what_is_asked_oddly_is_told() {
    let server = Server::start();
    let home = home("UTC");
    home.source("meter", &declared("json", &server.url("/v"), "1h", &items("m")));
    let hour = |hour: i64| from_millis(at("2026-11-24T00:00:00Z").millis() + hour * HOUR);
    fetch(&home, &server, (0..3).map(|h| (hour(h), 2.5e-7 * (h + 1) as f64)));
    let board = Board::start(&home, &["--now", "2026-11-24T03:30:00Z"]);
    let page = board.get("/en/series/meter").is(200);
    let is_told = ["0.00000025", "0.00000075"].iter().all(|tiny| page.text().contains(tiny));
    assert!(is_told, "{}", page.text());
    assert!(!page.text().contains(">0.000<"), "{}", page.text());
    for (path, status) in [
        ("/api/v1/series?source=meter&fild=v", 400),
        ("/api/v1/series?source=meter&source=meter", 400),
        ("/api/v1/series?source=meter&field=x", 404),
        ("/api/v1/series?source=meter&sort=bogus", 400),
        ("/api/v1/series?source=meter&at=25:00", 400),
        ("/api/v1/series?source=meter&limit=0", 400),
        ("/api/v1/records?source=meter", 404),
        ("/api/v2/x", 404),
        ("/en/series/meter?field=x", 404),
        ("/fr/nowhere", 404),
    ] {
        let told = board.get(path);
        assert_eq!(told.status, status, "{path}: {}", String::from_utf8_lossy(&told.body));
        let kind = if path.starts_with("/api") { "application/json" } else { "text/html" };
        assert!(told.header("content-type").starts_with(kind), "{path}");
    }
    assert!(board.get("/fr/nowhere").text().contains("Il n’y a rien ici"));
    // A table without rows has its head.
    let empty = board.get("/api/v1/hours.csv?source=meter&from=2020-01-01&to=2020-01-02").is(200);
    assert!(empty.text().starts_with("hour,series,label,field,unit,count,sum"), "{}", empty.text());
    assert_eq!(empty.text().lines().count(), 1);
}

#[test]
fn a_fetcher_that_nobody_runs_is_told_and_what_is_due_stays_due() {
    let server = Server::start();
    let home = home("UTC");
    home.source("meter", &declared("json", &server.url("/v"), "1h", &items("m")));
    fetch(&home, &server, std::iter::once((at("2026-03-28T10:00:00Z"), 1.0)));
    let page = |now: &str| {
        let board = Board::start(&home, &["--now", now]);
        board.get("/en/health").is(200).text().to_string()
    };
    let soon = page("2026-03-28T10:20:00Z");
    assert!(!soon.contains("does not run") && !soon.contains("due now"), "{soon}");
    for now in ["2026-03-28T11:40:00Z", "2026-03-28T17:40:00Z"] {
        let later = page(now);
        assert!(later.contains("The fetcher does not run: 1\u{a0}source is due."), "{later}");
        assert!(later.contains("due now"), "{later}");
    }
}

/// What stands out is looked for in all numbers of a source, not only in those that a line draws.
#[test]
fn what_no_line_draws_stands_out_too() {
    let server = Server::start();
    let home = home("UTC");
    let fields = "[samples]\nat = \"@\"\nseries = \"$source\"\n[fields.still]\npath = \"v\"\n\
                  [fields.wind]\npath = \"w\"\n[[figures]]\nkind = \"line\"\nfield = \"still\"\n";
    home.source("grid", &declared("json", &server.url("/v"), "1h", fields));
    let start = at("2026-03-27T00:00:00Z").millis();
    for hour in 0..46 {
        let wind = if hour < 24 { 10 } else { 25 };
        server.on("/v", Answer::ok(format!("{{\"v\":5,\"w\":{wind}}}")));
    }
    for hour in 0..46 {
        let now = from_millis(start + hour * HOUR + 5_000);
        home.run("fetcher", &["--now", &iso(now)]).exits(0);
    }
    let board = Board::start(&home, &["--now", "2026-03-28T22:00:00Z"]);
    let told = json(&board, "/api/v1/findings");
    let rows = told["data"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{told}");
    assert_eq!((rows[0]["field"].as_str(), rows[0]["change"].as_f64()), (Some("wind"), Some(1.5)));
}
