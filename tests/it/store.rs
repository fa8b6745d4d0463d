//! One suite of conformance for all stores: what is written is read back equal, a number is
//! given once, and everything is there after opening again. Over SQLite and a real MongoDB.

mod aging;
mod journals;
mod ledger;
mod opening;
mod rows;
mod series;
mod sides;
pub mod views;

use crate::sandbox::{KINDS, Sandbox, mongodb_url};
use daybook::domain::gate::Gate;
use daybook::domain::ledger::{Entry, Kind as EntryKind};
use daybook::domain::name::SourceName;
use daybook::domain::row::{Checksum, Kept, Row};
use daybook::domain::time::{Instant, Window, parse_iso};
use daybook::edge::store::{self, Header, Table, Writer};

/// A fresh store of one kind.
struct Place(Sandbox);

impl Place {
    fn url(&self) -> &str {
        self.0.store()
    }

    fn open(&self) -> Box<dyn Writer> {
        store::open(self.url(), Gate::open()).unwrap()
    }
}

/// Runs a test over each kind of store.
fn each(test: impl Fn(&Place)) {
    for kind in KINDS {
        eprintln!("over {kind:?}");
        test(&Place(Sandbox::new(kind)));
    }
}

fn name(text: &str) -> SourceName {
    SourceName::parse(text).unwrap()
}

fn at(text: &str) -> Instant {
    parse_iso(text).unwrap()
}

fn hour(text: &str) -> Window {
    Window::parse(text).unwrap()
}

const HOUR: &str = "2026-11-21T10";

fn header(source: &str, commit: &str) -> Header {
    Header {
        source: name(source),
        hour: hour(HOUR),
        batch: format!("batch-of-{commit}"),
        commit: commit.into(),
        written: at("2026-11-21T11:05:00.123Z"),
    }
}

/// Puts rows under a commit.
fn put(store: &dyn Writer, header: &Header, rows: &[Row]) -> store::Result<()> {
    store.put(header, &kept(rows, header.hour))
}

pub fn kept(rows: &[Row], hour: Window) -> Vec<Kept> {
    rows.iter().cloned().map(|row| Kept::of(row, hour)).collect()
}

/// Puts rows under a commit and names it by an entry of a number.
fn commit(store: &dyn Writer, number: u64, kind: EntryKind, header: &Header, rows: &[Row]) -> bool {
    put(store, header, rows).unwrap();
    store.append(&entry(number, kind, header, rows)).unwrap()
}

fn entry(number: u64, kind: EntryKind, header: &Header, rows: &[Row]) -> Entry {
    let (sum, rows) = (Checksum::Cells, kept(rows, header.hour));
    let digests = rows.iter().map(|row| sum.of(row, header.hour).unwrap());
    Entry {
        source: header.source.clone(),
        number,
        hour: header.hour,
        batch: header.batch.clone(),
        commit: header.commit.clone(),
        kind,
        rows: rows.len() as u64,
        checksum: sum.all(digests.collect()),
        declaration: "d".repeat(64),
        numbering: "n".repeat(16),
        home: "a home".into(),
        keeper: String::new(),
        snapshots: Default::default(),
        remarks: Vec::new(),
        barren: Vec::new(),
    }
}

/// The rows of commits, read back and spelled canonically, in order.
fn spelled(store: &dyn Writer, table: Table, commits: &[&str]) -> Vec<String> {
    let commits: Vec<String> = commits.iter().map(|commit| commit.to_string()).collect();
    let mut found = Vec::new();
    let each = &mut |stored: store::Stored| {
        assert!(commits.contains(&stored.commit));
        let row = stored.row.unwrap().row(hour(HOUR)).unwrap();
        assert_eq!(stored.key, row.key());
        found.push(row.doc().json());
    };
    store.rows(table, &commits, each).unwrap();
    found.sort();
    found
}

fn sorted(rows: &[Row]) -> Vec<String> {
    let mut all: Vec<String> = rows.iter().map(|row| row.doc().json()).collect();
    all.sort();
    all
}

#[test]
fn urls_that_cannot_be_trusted_are_refused() {
    let refused = |url: &str, words: &str| {
        let error = store::open(url, Gate::open()).err().expect(url).to_string();
        assert!(error.contains(words), "{url}: {error}");
    };
    let place = Place(Sandbox::within(&std::env::temp_dir(), &mongodb_url()));
    for (weak, safe) in [
        ("w=1", "only majority is safe"),
        ("w=0", "only majority is safe"),
        ("W=2", "only majority is safe"),
        ("journal=false", "only true is safe"),
        ("readConcernLevel=local", "only majority is safe"),
        ("readPreference=secondaryPreferred", "only primary is safe"),
    ] {
        refused(&format!("{}?{weak}", place.url()), safe);
    }
    let strong = "w=majority&journal=true&readConcernLevel=majority&readPreference=primary";
    store::open(&format!("{}?{strong}", place.url()), Gate::open()).unwrap();
    refused("cassandra://h/d", "sqlite:PATH, mongodb://HOST/DATABASE and postgres://HOST/DATABASE");
    refused("mongodb://", "hint: mongodb://HOST:27017/daybook");
    refused("sqlite:/proc/nowhere/d.sqlite", "is the path right");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "not a database, but a text of some length".repeat(9)).unwrap();
    refused(&format!("sqlite:{}", file.path().display()), "file is not a database");
}
