//! A SQLite file that is no sound database any more: nothing is added to it, nothing leaves
//! `data/`, and people are told what to do.

use crate::damage;
use crate::refused::text_row;
use crate::sandbox::{Kind, Sandbox};
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::row::Kept;
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

/// More pages of each kind: rows that no entry names, with long bodies, some taken out again.
fn swell(store: &Path) {
    let db = rusqlite::Connection::open(store).unwrap();
    let sql = "INSERT INTO summaries VALUES (?1, ?2, 1, 1, 0, 0, 0, 0, 0, ?3)";
    let name = "INSERT INTO names (number, feed, name) VALUES (?1, 1, ?2)";
    for place in 0..120i64 {
        let series = 1000 + place;
        db.execute(name, (series, format!("s{place}"))).unwrap();
        let row = ((100 + place % 3) << 24 | place, series, vec![0x78; place as usize * 100]);
        db.execute(sql, row).unwrap();
    }
    db.execute("DELETE FROM summaries WHERE id >> 24 = 101", []).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Places to damage, each with its length: the head of the file, roots of tables and indexes,
/// heads and bodies of pages of each kind, and some by chance.
fn places(store: &Path, seed: u64) -> Vec<(u64, u64)> {
    let bytes = fs::read(store).unwrap();
    let size = bytes.len() as u64;
    let db = rusqlite::Connection::open(store).unwrap();
    let mut found = vec![(0, 16), (0, 100), (16, 4), (100, 40)];
    let mut roots = db.prepare("SELECT rootpage FROM sqlite_schema WHERE rootpage > 1").unwrap();
    let roots = roots.query_map([], |row| row.get::<_, u32>(0)).unwrap();
    found.extend(roots.map(|root| (u64::from(root.unwrap() - 1) * 4096, 12)));
    let mut seen = std::collections::BTreeMap::<u8, u64>::new();
    for (page, text) in (0u64..).zip(bytes.chunks(4096)).skip(1) {
        // 2 and 10 are pages of trees; what begins otherwise is overflow, or free.
        let count = seen.entry(text[0]).or_default();
        *count += 1;
        if *count <= 2 {
            found.extend([(page * 4096, 8), (page * 4096 + 2000, 200)]);
        }
    }
    assert!(seen.len() > 2, "{seen:?}");
    let free: u32 = db.query_row("PRAGMA freelist_count", [], |row| row.get(0)).unwrap();
    assert!(free > 2);
    let trunk = u32::from_be_bytes(bytes[32..36].try_into().unwrap());
    found.push((u64::from(trunk - 1) * 4096, 64));
    let mut chance = seed;
    let mut next = |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (chance >> 33) % below
    };
    found.extend((0..30).map(|_| (next(size), [64, 4096, 20_000][next(3) as usize])));
    found.iter().map(|(at, length)| (*at, *(length.min(&(size - at))))).collect()
}

/// Each is found out before anything is added, or hurts nothing that is added then.
#[test]
fn nothing_is_taken_out_of_data_into_a_malformed_store() {
    let whole = waiting();
    let store = whole.path("daybook.sqlite");
    swell(&store);
    let (seed, mut refused) = (11, 0);
    for (at, length) in places(&store, seed) {
        let home = whole.copy(Kind::Sqlite);
        let held = answers(&home);
        assert_eq!(held.len(), 2);
        let store = home.path("daybook.sqlite");
        let good = fs::read(&store).unwrap();
        scribble(&store, at, &vec![0xa5; length as usize]);
        let ran = home.run("summarizer", &["--now", NOW, "run", "--all"]);
        let audit = home.run("summarizer", &["--now", NOW, "audit"]);
        let place = format!("seed {seed}: {length} bytes at {at} (page {})", at / 4096 + 1);
        if ran.code == Some(2) {
            refused += 1;
            ran.says("is damaged: ").says("A damaged store");
            assert!(matches!(audit.code, Some(1 | 2)), "{place} {}", audit.about);
            audit.says("damaged");
        } else if answers(&home) != held {
            // All that was added now is there; of what was there, the audit names what is not.
            assert_eq!(answers(&home), [""; 0], "{place}");
            let told = format!("{}{}", audit.stdout, audit.stderr);
            for line in told.lines().filter(|line| !line.contains("-24T1")) {
                assert!(!line.starts_with("damaged: "), "{place}: {line}");
            }
            assert!(!told.contains("lost: ") && !told.contains("T12: "), "{place} {told}");
            continue;
        }
        assert_eq!(answers(&home), held, "{place}");
        // With the good file back, all is counted.
        fs::write(&store, good).unwrap();
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(home.path(&format!("daybook.sqlite{end}")));
        }
        home.run("summarizer", &["--now", NOW, "run", "--all"]).exits(0);
        assert_eq!(answers(&home), [""; 0], "{place}");
        home.run("summarizer", &["--now", NOW, "audit"]).exits(0);
    }
    assert!(refused > 30, "only {refused} were found out");
}

/// Rows that are gone again when their batch is to be emptied: it stays.
#[test]
fn what_cannot_be_read_back_is_not_taken_out_of_data() {
    let home = waiting();
    let held = answers(&home);
    let db = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    let trigger = "CREATE TRIGGER lose AFTER INSERT ON ledger BEGIN \
                   UPDATE summaries SET sum = sum + 7 WHERE id >> 24 IN \
                   (SELECT number FROM commits WHERE hour % 86400 = 43200); \
                   DELETE FROM records WHERE id >> 24 IN \
                   (SELECT number FROM commits WHERE hour % 86400 = 43200); END";
    db.execute_batch(trigger).unwrap();
    let ran = home.run("summarizer", &["--now", NOW, "run", "--all"]);
    assert_ne!(ran.code, Some(0), "{}", ran.about);
    ran.says("does not give back what it was given");
    assert_eq!(answers(&home), held);
}

#[test]
fn what_is_no_file_is_no_store_and_nobody_waits_for_it() {
    let home = damage::home(Kind::Sqlite);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.path("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    for (path, what) in [
        (home.path("pipe"), "it is a pipe"),
        (home.path("data"), "it is a folder"),
        ("/dev/null".into(), "it is a device"),
    ] {
        let url = format!("sqlite:{}", path.display());
        for (program, action) in
            [("summarizer", "status"), ("summarizer", "run"), ("analyzer", "report")]
        {
            home.run(program, &["--now", NOW, "--store", &url, action]).exits(2).says(what);
        }
    }
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
    let hour = header("c1").hour;
    let rows: Vec<Kept> =
        (0..400).map(|place| text_row(&format!("s{place}"), 30_000, hour)).collect();
    let store = store::open(&url, Gate::open()).unwrap();
    store.put(&header("c1"), &rows).unwrap();
    drop(store);
    let store = store::open(&url, Gate::open()).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    scribble(&path, 4096 * 8, &vec![0xa5; size as usize - 4096 * 8]);
    let mut read = 0;
    let found = store.rows(Table::Summaries, &["c1".into()], &mut |_| read += 1);
    assert!(matches!(found, Err(Error::Damaged { .. })), "{read} rows: {found:?}");
    let bikes = SourceName::parse("bikes").unwrap();
    let later = store.raise(&bikes, "h", parse_iso(NOW).unwrap());
    let put = store.put(&header("c2"), &rows[..1]);
    for refused in [later, put] {
        assert!(matches!(refused, Err(Error::Damaged { .. })), "{refused:?}");
    }
}
