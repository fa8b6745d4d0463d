//! Lines of journals: the view of SQLite says what the programs read, and few bytes hold it.

use super::views::{database, found};
use crate::crash::scene::{Scene, at};
use crate::declared::declared;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::server::{Answer, Server};
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Ledger;
use daybook::domain::name::SourceName;
use daybook::domain::record::Scalar;
use daybook::domain::time::iso;
use daybook::edge::store::{self, Table};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Lines = BTreeMap<String, (String, Map<String, Value>)>;

/// What programs read, but for addresses, which no view has.
fn read(url: &str) -> Lines {
    let store = store::open(url, Gate::open()).unwrap();
    let source = SourceName::parse("daybook").unwrap();
    let mut commits = Vec::new();
    for day in store.days(&source).unwrap() {
        let ledger = Ledger::new(store.ledger(&source, day).unwrap());
        commits.extend(ledger.live(None).map(|entry| entry.commit.clone()));
    }
    let mut lines = Lines::new();
    let each = &mut |stored: store::Stored| {
        let record = stored.row.unwrap().record().unwrap();
        let values = record.values.into_iter().filter(|(key, _)| key != "url");
        let values = values.map(|(key, value)| match value {
            Scalar::Number(value) => (key, json!(value)),
            Scalar::Text(text) => (key, json!(text)),
        });
        lines.insert(record.id, (iso(record.time.unwrap()), values.collect()));
    };
    store.rows(Table::Records, &commits, each).unwrap();
    lines
}

fn shown(url: &str) -> Lines {
    let db = rusqlite::Connection::open(url.trim_start_matches("sqlite:")).unwrap();
    let mut all = db.prepare("SELECT id, time, body FROM journals").unwrap();
    let row = |row: &rusqlite::Row| -> rusqlite::Result<(String, (String, String))> {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
    };
    let rows = all.query_map([], row).unwrap().map(Result::unwrap);
    let read = |(id, (time, body)): (String, (String, String))| {
        let body: Value = serde_json::from_str(&body).unwrap();
        let values = body["values"].as_object().unwrap().clone().into_iter();
        let float = |value: Value| value.as_f64().map_or(value, |value| json!(value));
        (id, (time, values.map(|(key, value)| (key, float(value))).collect()))
    };
    rows.map(read).collect()
}

#[test]
fn the_view_of_journals_says_what_programs_read() {
    let scene = Scene::before_fetch();
    let home = scene.home.copy(Kind::Sqlite);
    let silent = std::fs::read_to_string(home.path("sources/bikes-baywheels.toml")).unwrap();
    let line = silent.lines().find(|line| line.starts_with("url")).unwrap().to_string();
    home.source("nobody", &silent.replace(&line, "url = \"http://127.0.0.1:1/\""));
    for minute in ["10:06", "10:07", "11:08"] {
        home.run("fetcher", &["--now", &at(minute)]);
    }
    home.run("summarizer", &["--now", &at("12:10")]);
    home.run("summarizer", &["--now", &at("13:10")]);
    let (read, shown) = (read(home.store()), shown(home.store()));
    let said = |word: &str| read.values().filter(|(_, v)| v.values().any(|v| v == word)).count();
    for word in ["landed", "failed", "committed", "started", "ended"] {
        assert!(said(word) > 0, "{word}");
    }
    assert!(read.values().any(|(_, values)| values.contains_key("took")));
    assert_eq!(shown.len(), read.len());
    for (id, line) in &read {
        assert_eq!(shown.get(id), Some(line), "{id}");
    }
}

const ITEMS: &str = "[records]\nat = \"items[*]\"\nid = \"id\"\n[fields.v]\npath = \"v\"\n";

/// What the view shows of what landed: of each its `took`, `wire` and `tries`, in order.
fn efforts(home: &Sandbox, kind: Kind) -> Vec<[Option<f64>; 3]> {
    let of = |values: &Value| {
        ["took", "wire", "tries"].map(|key| values.get(key).and_then(Value::as_f64))
    };
    if kind == Kind::Sqlite {
        let lines = shown(home.store()).into_values();
        let landed = lines.filter(|(_, values)| values["event"] == "landed");
        return landed.map(|(_, values)| of(&Value::Object(values))).collect();
    }
    let lines = found(home.store(), "journals").into_iter();
    let mut values: Vec<Value> = lines
        .map(|line| serde_json::to_value(line.get_document("values").unwrap()).unwrap())
        .collect();
    values.retain(|values| values["event"] == "landed");
    values.sort_by_key(|values| values["slot"].to_string());
    values.iter().map(of).collect()
}

/// A view of journals as a program of before might have made it.
fn spoil(home: &Sandbox, kind: Kind) {
    match kind {
        Kind::Sqlite => {
            let path = home.store().trim_start_matches("sqlite:");
            let db = rusqlite::Connection::open(path).unwrap();
            db.execute_batch("DROP VIEW journals; CREATE VIEW journals AS SELECT 1 AS one")
                .unwrap();
        }
        Kind::Server => database(home.store(), |database| async move {
            let change = mongodb::bson::doc! {
                "collMod": "journals", "viewOn": "ledger", "pipeline": [],
            };
            database.run_command(change).await.unwrap();
        }),
    }
}

/// The first answer comes at the second try, in gzip; the second one is not modified.
#[test]
fn what_a_fetch_took_is_shown_where_it_is_not_as_a_rule() {
    for kind in KINDS {
        let (home, server) = (Sandbox::new(kind), Server::start());
        home.settings("");
        let settings = std::fs::read_to_string(home.path("daybook.toml")).unwrap();
        let settings = settings.replace("retries = 0", "retries = 1");
        std::fs::write(home.path("daybook.toml"), settings).unwrap();
        home.source("list", &declared("json", &server.url("/list"), "10m", ITEMS));
        let items =
            format!("{{\"items\":[{{\"id\":\"a\",\"v\":1}}],\"x\":\"{}\"}}", "x".repeat(999));
        let packed = || Answer::ok(items.clone()).gzip().tagged("\"a\"");
        server.on("/list", Answer::status(503).header("Retry-After", "0")).on("/list", packed());
        for minute in ["10:00", "10:20"] {
            home.run("fetcher", &["--now", &at(minute)]).exits(0);
        }
        home.run("summarizer", &["--now", &at("12:10")]).exits(0);
        let known = efforts(&home, kind);
        let [[Some(_), Some(wire), Some(2.0)], [Some(_), Some(0.0), None]] = known[..] else {
            panic!("{kind:?}: {known:?}")
        };
        assert!(wire > 20.0 && wire < 200.0, "{wire}");
        spoil(&home, kind);
        home.run("summarizer", &["--now", &at("13:10")]).exits(0);
        assert_eq!(efforts(&home, kind), known);
    }
}
