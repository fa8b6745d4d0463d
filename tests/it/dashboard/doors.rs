//! Pages and data over HTTP: every link leads somewhere, data are those of an export, who may not
//! come in does not, and nothing is written.

use super::board::{Board, day};
use crate::recording::{DAY, DAY_OVER};
use crate::sandbox::{Kind, Sandbox};
use regex_lite::Regex;
use std::collections::{BTreeSet, VecDeque};

const NOW: [&str; 2] = ["--now", DAY_OVER];

/// Where a link leads from a page.
fn joined(page: &str, link: &str) -> String {
    let base = url::Url::parse(&format!("http://board{page}")).unwrap();
    let to = base.join(&link.replace("&amp;", "&")).unwrap();
    let query = to.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{query}", to.path())
}

/// All pages and files that links lead to, from one page on; each is asked for once.
fn walked(board: &Board, from: &str, most: usize) -> BTreeSet<String> {
    let links = Regex::new("(?:href|src)=\"([^\"#]*)(?:#[^\"]*)?\"").unwrap();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut next = VecDeque::from([from.to_string()]);
    while let Some(page) = next.pop_front() {
        // Of those that differ in what they ask for only, a few.
        let path = page.split('?').next().unwrap().to_string();
        let alike = known.iter().filter(|other| other.split('?').next() == Some(&path)).count();
        if known.len() >= most || alike >= 4 || !known.insert(page.clone()) {
            continue;
        }
        let told = board.get(&page);
        assert_eq!(told.status, 200, "{page} {}", String::from_utf8_lossy(&told.body));
        assert!(told.header("content-security-policy").contains("default-src 'none'"), "{page}");
        if told.header("content-type").starts_with("text/html") {
            let found = links.captures_iter(told.text()).map(|found| found[1].to_string());
            let own = found.filter(|link| !link.contains("://") && !link.is_empty());
            next.extend(own.map(|link| joined(&page, &link)));
        }
    }
    known
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let home = day();
    let board = Board::start(&home, &NOW);
    let known = walked(&board, "/", 400);
    for page in ["/en/map", "/fr/health", "/en/sources", "/fr/reports", "/en/records"] {
        assert!(known.contains(page), "{page} is not reached: {known:?}");
    }
    for kind in ["/topic/", "/series/", "/records/", ".csv", ".svg", ".png", ".woff2", "day="] {
        assert!(known.iter().any(|page| page.contains(kind)), "nothing with {kind}");
    }
}

#[test]
fn nothing_is_written_and_nothing_but_reading_is_understood() {
    let home = day();
    let before = home.files("");
    let board = Board::start(&home, &NOW);
    walked(&board, "/fr/", 60);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let told = board.send(method, "/", &[]).is(405);
        assert_eq!(told.header("allow"), "GET, HEAD", "{method}");
    }
    assert!(board.end().success());
    // A reader of SQLite leaves two files beside the store while it is open.
    let own = |name: &&String| !name.ends_with("-wal") && !name.ends_with("-shm");
    let after = home.files("");
    let [before, after] = [&before, &after].map(|all| all.iter().filter(own).collect::<Vec<_>>());
    assert_eq!(before, after);
}

#[test]
fn data_are_those_of_an_export() {
    let home = day();
    home.run("analyzer", &["--now", DAY_OVER, "export", "--from", DAY]).exits(0);
    let board = Board::start(&home, &NOW);
    let exported =
        |name: &str| std::fs::read_to_string(home.path(&format!("exports/{name}"))).unwrap();
    for (source, file, table) in [
        ("bikes-oslo", "bikes-oslo_summaries.csv", "hours"),
        ("earthquakes-usgs", "earthquakes-usgs_records.csv", "records"),
    ] {
        let span = format!("source={source}&from={DAY}&to={DAY}");
        let whole = board.get(&format!("/api/v1/{table}.csv?{span}")).is(200);
        // An export has its rows by series, this one by hours.
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
            lines[1..].sort();
            lines
        };
        assert_eq!(sorted(whole.text()), sorted(&exported(file)), "{source}");
        assert!(whole.header("content-disposition").contains("attachment"));
        // Page by page it is the same.
        let (mut paged, mut cursor, mut pages) = (String::new(), String::new(), 0);
        loop {
            let told = board.get(&format!("/api/v1/{table}.csv?{span}&limit=700{cursor}")).is(200);
            let text = told.text();
            paged += if pages == 0 { text } else { text.split_once("\r\n").unwrap().1 };
            pages += 1;
            match told.header("x-next-cursor") {
                "" => break,
                next => cursor = format!("&cursor={next}"),
            }
        }
        assert!(pages > 1 || table == "records", "{source} had one page");
        assert_eq!(paged, whole.text(), "{source}");
    }
}

#[test]
fn one_series_is_the_same_by_itself_as_among_all() {
    let home = day();
    let board = Board::start(&home, &NOW);
    let span = format!("source=bikes-oslo&from={DAY}&to={DAY}");
    let all = board.get(&format!("/api/v1/hours.csv?{span}")).is(200);
    let keys: BTreeSet<&str> =
        all.text().lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert!(keys.len() > 200);
    for key in keys.into_iter().step_by(20) {
        let own = board.get(&format!("/api/v1/hours.csv?{span}&series={key}")).is(200);
        let among = all.text().lines().filter(|line| line.split(',').nth(1) == Some(key));
        let among: BTreeSet<&str> = among.collect();
        let own: BTreeSet<&str> = own.text().lines().skip(1).collect();
        assert_eq!(own, among, "{key}");
    }
}

#[test]
fn what_is_asked_wrongly_is_told_and_what_is_known_is_not_sent_again() {
    let home = day();
    let board = Board::start(&home, &NOW);
    for (path, status) in [
        ("/api/v1/hours", 400),
        ("/api/v1/hours?source=nobody", 404),
        ("/api/v1/hours?source=bikes-oslo&from=yesterday", 400),
        ("/api/v1/hours?source=bikes-oslo&from=2020-01-01&to=2026-11-21", 200),
        ("/api/v1/hours?source=bikes-oslo&limit=0", 400),
        ("/api/v1/hours?source=bikes-oslo&cursor=x", 404),
        ("/api/v1/series?source=bikes-oslo&cursor=-1", 400),
        ("/api/v1/sources?lang=de", 400),
        ("/api/v1/nothing", 404),
        ("/en/topic/nothing", 404),
        ("/en/?day=0", 400),
        ("/chart.json?source=bikes-oslo", 400),
        ("/chart.json?source=bikes-oslo&field=bikes&series=1&range=9y", 400),
        ("/figure/bikes-oslo.99.svg", 404),
        ("/figure/bikes-oslo.1.exe", 404),
        ("/reports/..%2f..%2fdaybook.toml", 404),
        ("/reports/../daybook.sqlite", 404),
        ("/assets/x/..%2F..%2FCargo.toml", 404),
        ("/%00", 404),
    ] {
        let told = board.get(path);
        assert_eq!(told.status, status, "{path}: {}", String::from_utf8_lossy(&told.body));
    }
    let told = board.get("/en/").is(200);
    let tag = told.header("etag").to_string();
    board.ask("/en/", &[("if-none-match", &tag)]).is(304);
    let packed = board.ask("/en/", &[("accept-encoding", "gzip")]).is(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() * 2 < told.body.len());
    board.ask("/en/", &[("if-none-match", packed.header("etag"))]).is(304);
}

#[test]
fn who_may_not_come_in_does_not() {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let board = Board::start(&home, &[]);
    board.ask("/", &[("host", "rebound.example.net")]).is(421);
    drop(board);
    let token = "a-token-of-the-test-1234";
    std::fs::write(home.path("token"), format!("{token}\n")).unwrap();
    let file = home.path("token");
    let board = Board::begin(&home, &["--token-file", file.to_str().unwrap()]);
    let told = board.get("/").is(401);
    assert!(told.header("www-authenticate").starts_with("Basic "));
    for path in ["/events", "/metrics", "/api/v1/sources", "/healthz", "/assets/x/theme.js"] {
        board.get(path).is(401);
    }
    board.ask("/", &[("authorization", "Bearer a-token-of-the-test-1235")]).is(401);
    let bearer = format!("Bearer {token}");
    let known = board.ask("/healthz", &[("authorization", &bearer)]);
    assert!(known.status == 200 || known.status == 503, "{known:?}");
    // Nobody is let in from elsewhere by mistake.
    let refused = home.run("analyzer", &["serve", "--listen", "0.0.0.0:0"]).exits(2);
    refused.says("--token-file").says("--public");
    std::fs::write(home.path("token"), "short").unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--token-file", file.to_str().unwrap()];
    home.run("analyzer", &arguments).exits(2).says("fewer than 16 signs");
}

#[test]
fn an_empty_home_says_what_comes_next() {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let board = Board::start(&home, &[]);
    let told = board.get("/en/").is(200);
    assert!(told.text().contains("Nothing has been collected yet"), "{}", told.text());
    assert!(told.text().contains("fetcher install"));
    board.get("/en/health").is(200);
    board.get("/en/reports").is(200);
    assert!(!home.path("daybook.sqlite").exists(), "a reader made a store");
}

/// Of samples and of measurements with times of their own.
#[test]
fn every_line_has_values_behind_it_over_every_range() {
    let home = day();
    let board = Board::start(&home, &NOW);
    let charts = Regex::new("data-chart=\"([^\"]*)\"").unwrap();
    let mut seen = 0;
    for topic in ["bikes", "electricity", "parking", "rivers", "space", "sea", "weather"] {
        let page = board.get(&format!("/en/topic/{topic}")).is(200);
        let found = charts.captures_iter(page.text());
        for chart in found.map(|found| joined(&format!("/en/topic/{topic}"), &found[1])) {
            for range in ["24h", "7d", "30d", "1y"] {
                let told = board.get(&format!("{chart}&range={range}")).is(200);
                let told: serde_json::Value = serde_json::from_str(told.text()).unwrap();
                let values = told["values"].as_array().unwrap();
                let count = values.iter().filter(|value| value.is_number()).count();
                assert!(count >= if range == "24h" { 2 } else { 1 }, "{chart} {range}: {told}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 40, "only {seen}");
}

#[test]
fn a_list_as_a_file_is_all_of_it() {
    let home = day();
    let board = Board::start(&home, &NOW);
    let all = board.get("/api/v1/series.csv?source=bikes-oslo").is(200);
    assert_eq!(all.text().lines().count(), 1 + 264);
    // Measurements are series, too.
    let kinds = board.get("/api/v1/series.csv?source=weather-synop").is(200);
    assert!(kinds.text().lines().count() > 10, "{}", kinds.text());
    for odd in ["/en/?day=9999-12-31", "/api/v1/series?source=bikes-oslo&day=-0001-01-01"] {
        board.get(odd).is(404);
    }
}
