//! Names and values that would be more than text: on every page, in every answer, they are text.

use super::board::Board;
use crate::declared::ABOUT;
use crate::sandbox::{Kind, Sandbox};
use crate::server::{Answer, Server};
use regex_lite::Regex;
use serde_json::{Value, json};

const PAYLOADS: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "\u{202e}gnp.exe\u{2066}",
    "</title><svg/onload=alert(1)>",
];

fn quoted(text: &str) -> String {
    format!("{:?}", text.replace(['\u{202e}', '\u{2066}'], ""))
}

/// A home whose declarations, series, names and values are all hostile.
fn home(server: &Server) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let about = ABOUT
        .replace("\"values of a test\"", &quoted(PAYLOADS[0]))
        .replace("\"nobody\"", &quoted(PAYLOADS[1]))
        .replace("name = \"none\"", &format!("name = {}", quoted(PAYLOADS[5])));
    let head = |title: &str, path: &str| {
        format!(
            "title = {}\ntopic = \"test\"\n{about}caveat = {{ en = {}, fr = \"x\" }}\n[fetch]\n\
             url = \"{}\"\nevery = \"1m\"\nformat = \"json\"\n",
            quoted(title),
            quoted(PAYLOADS[3]),
            server.url(path)
        )
    };
    let item = |(place, payload): (usize, &&str)| {
        let (lat, lon) = (10 + place, place as f64 + 0.5);
        json!({ "id": payload, "name": payload, "v": place, "lat": lat, "lon": lon })
    };
    let items: Vec<Value> = PAYLOADS.iter().enumerate().map(item).collect();
    let body = json!({ "list": items }).to_string();
    for path in ["/samples", "/records"] {
        server.on(path, Answer::ok(body.clone()));
    }
    let samples = "[samples]\nat = \"list[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n\
                   unit = \"</b>\"\n[fields.name]\npath = \"name\"\nkind = \"text\"\n\
                   [aggregates.all]\nsum = \"v\"\n\
                   [[figures]]\nkind = \"line\"\nfield = \"all\"\n\
                   [[figures]]\nkind = \"table\"\nfield = \"v\"\n";
    let records = "[records]\nat = \"list[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n\
                   [fields.lat]\npath = \"lat\"\n[fields.lon]\npath = \"lon\"\n\
                   [fields.name]\npath = \"name\"\nkind = \"text\"\n\
                   [[figures]]\nkind = \"map\"\nfield = \"v\"\n\
                   [[figures]]\nkind = \"table\"\nfield = \"v\"\n";
    home.source("samples", &(head(PAYLOADS[0], "/samples") + samples));
    home.source("records", &(head(PAYLOADS[1], "/records") + records));
    for minute in 1..4 {
        home.run("fetcher", &["--now", &format!("2026-11-24T10:{minute:02}:05Z")]).exits(0);
    }
    home
}

/// Whether something of a payload stands in a page as more than text.
fn is_alive(page: &str) -> Option<&'static str> {
    let page = page.to_lowercase();
    let alive = ["<script>alert", "<img src=x", "<svg/onload", "href=\"javascript:"];
    alive.into_iter().find(|payload| page.contains(payload))
}

#[test]
fn hostile_names_and_values_are_text_everywhere() {
    let server = Server::start();
    let home = home(&server);
    let board = Board::start(&home, &["--now", "2026-11-24T10:05:00Z"]);
    let escaped: Vec<String> = PAYLOADS
        .iter()
        .map(|text| text.bytes().map(|byte| format!("%{byte:02X}")).collect())
        .collect();
    let mut paths: Vec<String> = [
        "",
        "topic/test",
        "topic/brief",
        "map",
        "records",
        "sources",
        "health",
        "reports",
        "series/samples",
        "records/records",
    ]
    .iter()
    .flat_map(|p| [format!("/en/{p}"), format!("/fr/{p}")])
    .collect();
    for payload in &escaped {
        paths.push(format!("/en/series/samples?series={payload}&q={payload}"));
        paths.push(format!("/en/series/samples?series={payload}&field=v"));
        paths.push(format!("/en/records/records?id={payload}"));
        paths.push(format!("/en/records/records?q={payload}&sort={payload}"));
        paths.push(format!("/en/topic/test?{payload}={payload}"));
    }
    let mut shown = 0;
    for path in &paths {
        let told = board.get(path);
        assert!(matches!(told.status, 200 | 404), "{path} {}", told.status);
        let alive = is_alive(told.text());
        assert_eq!(alive, None, "{path}");
        shown += usize::from(told.text().contains("alert(1)"));
    }
    assert!(shown > 10, "the payloads are nowhere to be seen: {shown}");
    let figures = Regex::new("figure/[^\"?]*[.]svg").unwrap();
    let page = board.get("/en/topic/test").is(200);
    let figures: Vec<&str> = figures.find_iter(page.text()).map(|found| found.as_str()).collect();
    assert!(!figures.is_empty(), "no figure is drawn");
    for figure in figures {
        let told = board.get(&format!("/{figure}")).is(200);
        assert_eq!(is_alive(told.text()), None, "{figure}");
        roxmltree::Document::parse(told.text()).unwrap();
    }
    let told: Value =
        serde_json::from_str(board.get("/api/v1/records?source=records").is(200).text()).unwrap();
    let ids: Vec<&str> =
        told["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), PAYLOADS.len());
    assert!(PAYLOADS.iter().all(|payload| ids.contains(payload)), "{ids:?}");
}
