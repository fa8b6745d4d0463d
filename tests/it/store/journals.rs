//! Lines of journals: the view of SQLite says what the programs read, and few bytes hold it.

use crate::crash::scene::{Scene, at};
use crate::sandbox::Kind;
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
    assert_eq!(shown.len(), read.len());
    for (id, line) in &read {
        assert_eq!(shown.get(id), Some(line), "{id}");
    }
}
