//! A SQLite file that is no sound database any more: nothing is added to it, nothing leaves
//! `data/`, and people are told what to do.

use crate::damage;
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::document::Doc;
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::time::{Window, parse_iso};
use daybook::edge::store::{self, Error, Header, Table};
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

const NOW: &str = "2026-11-26T00:15:00Z";

/// Puts other bytes at some place, such as a dying disk would.
fn scribble(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
}

/// A home with a filled store, and one more answer of each source that waits.
fn waiting() -> Sandbox {
    let home = damage::home(Kind::Sqlite);
    damage::answer_more(&home);
    home
}

/// The answers that are not counted yet, wherever they are.
fn answers(home: &Sandbox) -> Vec<String> {
    let files = home.files("data").into_iter();
    let names = files.filter_map(|path| Some(path.rsplit_once('/')?.1.to_string()));
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json")).collect();
    names.retain(|name| name.contains("2026-11-24T12-25"));
    names.sort();
    names.dedup();
    names
}

#[test]
fn nothing_is_taken_out_of_data_into_a_malformed_store() {
    let size = fs::metadata(waiting().path("daybook.sqlite")).unwrap().len();
    let pages = size / 4096;
    // The header, the first page of a table, the list of tables, and every few pages of the rest.
    let mut places = vec![(0, 100), (100, 40), (4096, 4096)];
    places.extend((2..pages).step_by(3).map(|page| (page * 4096, 600)));
    let mut refused = 0;
    for (at, length) in places {
        let home = waiting();
        let held = answers(&home);
        assert_eq!(held.len(), 2);
        let store = home.path("daybook.sqlite");
        let good = fs::read(&store).unwrap();
        scribble(&store, at, &vec![0xa5; length]);
        let ran = home.run("summarizer", &["--now", NOW, "run", "--all"]);
        let counted = ran.code == Some(0);
        if !counted {
            refused += 1;
            let ran = ran.exits(2).says("is damaged: ").says("A damaged store");
            assert_eq!(answers(&home), held, "page {}: {}", at / 4096, ran.about);
            let audit = home.run("summarizer", &["--now", NOW, "audit"]);
            assert!(matches!(audit.code, Some(1 | 2)), "{}", audit.about);
            audit.says("damaged");
        }
        // With the good file back, all is counted.
        fs::write(&store, good).unwrap();
        for end in ["-wal", "-shm"] {
            fs::remove_file(home.path(&format!("daybook.sqlite{end}"))).unwrap();
        }
        if !counted {
            home.run("summarizer", &["--now", NOW, "run", "--all"]).exits(0);
            assert_eq!(answers(&home), [""; 0]);
            home.run("summarizer", &["--now", NOW, "audit"]).exits(0);
        }
    }
    assert!(refused > 5, "only {refused} were found out");
}

fn header(commit: &str) -> Header {
    Header {
        source: SourceName::parse("bikes").unwrap(),
        hour: Window::parse("2026-11-24T10").unwrap(),
        batch: "b".into(),
        commit: commit.into(),
        written: parse_iso(NOW).unwrap(),
    }
}

#[test]
fn once_found_malformed_in_a_run_nothing_more_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.sqlite");
    let url = format!("sqlite:{}", path.display());
    let rows: Vec<Doc> = (0..400)
        .map(|place| {
            let fields = Doc::map([("v", Doc::text("x".repeat(30_000)))]);
            Doc::map([("series", Doc::text(format!("s{place}"))), ("fields", fields)])
        })
        .collect();
    let store = store::open(&url, Gate::open()).unwrap();
    store.put(&header("c1"), Table::Summaries, &rows).unwrap();
    drop(store);
    let store = store::open(&url, Gate::open()).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    scribble(&path, 4096 * 8, &vec![0xa5; size as usize - 4096 * 8]);
    let mut read = 0;
    let found = store.rows(Table::Summaries, &["c1".into()], &mut |_| read += 1);
    assert!(matches!(found, Err(Error::Damaged { .. })), "{read} rows: {found:?}");
    let bikes = SourceName::parse("bikes").unwrap();
    let later = store.raise(&bikes, "h", parse_iso(NOW).unwrap());
    let put = store.put(&header("c2"), Table::Summaries, &rows[..1]);
    for refused in [later, put] {
        assert!(matches!(refused, Err(Error::Damaged { .. })), "{refused:?}");
    }
}
