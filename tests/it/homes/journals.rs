//! Journals belong to a home, and count in one ledger of a store only: whoever meets a copy of
//! another home's, in the archive that they share or in its own `data/`, leaves it there.

use super::{DAYS, feeding, is_clean, journal_numbers, lands};
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::store::views::drop_all;
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Ledger;
use daybook::domain::name::SourceName;
use daybook::edge::store::{self, Table};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const RECOUNT: [&str; 5] = ["recount", "--from", "2026-11-24", "--to", "2026-11-25"];
const LAST: &str = "2026-11-25T12:10:00Z";

/// The lines of journals that count, none of them twice.
fn once(home: &Sandbox) -> usize {
    let store = store::reader(home.store(), Gate::open()).unwrap().unwrap();
    let source = SourceName::journals();
    let (mut lines, mut ids) = (0, BTreeSet::new());
    for day in store.days(&source).unwrap() {
        let ledger = Ledger::new(store.ledger(&source, day).unwrap());
        let commits: Vec<String> = ledger.live(None).map(|entry| entry.commit.clone()).collect();
        let enter = &mut |stored: store::Stored| {
            lines += 1;
            ids.insert(stored.key);
        };
        store.rows(Table::Records, &commits, enter).unwrap();
    }
    assert_eq!(lines, ids.len());
    lines
}

fn archives(home: &Sandbox, folder: &str) {
    home.settings(&format!("[summarizer]\narchive = \"{folder}\""));
}

#[track_caller]
fn recounts(home: &Sandbox) {
    home.run("summarizer", &[&["--now", LAST], &RECOUNT[..]].concat()).exits(0);
}

fn audited(home: &Sandbox) -> crate::sandbox::Ran {
    home.run("summarizer", &["--now", LAST, "audit"])
}

/// A home that archives, with its journals summarised; what it lost is its name.
fn nameless(kind: Kind, archive: &str) -> Sandbox {
    let home = Sandbox::new(kind);
    feeding(&home, "bikes");
    archives(&home, archive);
    lands(&home, "bikes", &[1, 2], DAYS[0]);
    is_clean(&home, DAYS[0]);
    is_clean(&home, DAYS[1]);
    fs::remove_file(home.path("data/.state/home.json")).unwrap();
    home
}

/// A home that lost its name takes up the journals it had sealed: nothing of the old name's goes.
#[test]
fn a_home_without_its_name_has_a_new_ledger_of_journals() {
    let home = Sandbox::new(Kind::Sqlite);
    feeding(&home, "bikes");
    lands(&home, "bikes", &[1, 2], DAYS[0]);
    is_clean(&home, DAYS[0]);
    // Killed once its journals are committed, before they are emptied.
    let copy = home.copy(Kind::Sqlite);
    let hook = format!("list:{}", copy.path("steps").display());
    let run = ["--now", DAYS[1], "run"];
    copy.run_hooked("summarizer", &run, &hook).exits(0);
    let steps = fs::read_to_string(copy.path("steps")).unwrap();
    let steps: Vec<&str> = steps.lines().collect();
    let last = steps.iter().rposition(|step| *step == "store.append!").unwrap() + 1;
    home.run_hooked("summarizer", &run, &format!("kill:{last}")).was_killed();
    assert_eq!(home.files("data/.batches/daybook").len(), 3);
    fs::remove_file(home.path("data/.state/home.json")).unwrap();
    lands(&home, "bikes", &[7], DAYS[2]);
    home.run("summarizer", &["--now", DAYS[2], "run"]).exits(1).says("is fed by another home");
    home.run("summarizer", &["--now", DAYS[2], "run", "--adopt"]).exits(0);
    is_clean(&home, DAYS[3]);
    let numbers = journal_numbers(&home);
    let homes: BTreeSet<&String> = numbers.keys().map(|(home, _)| home).collect();
    assert_eq!(homes.len(), 2, "{numbers:?}");
    once(&home);
}

/// Its old journals stand in the ledger of its old name: a recount from its archive leaves them
/// there, and so does a run that finds them in `data/`.
#[test]
fn what_counts_under_the_old_name_is_not_counted_under_the_new_one() {
    for kind in KINDS {
        let home = nameless(kind, "archive");
        let before = once(&home);
        home.run("summarizer", &["--now", DAYS[2], "run", "--adopt"]).exits(0);
        recounts(&home);
        put_back(&home.path("archive/daybook"), &home.path("data/daybook"));
        is_clean(&home, DAYS[3]);
        audited(&home).exits(0);
        assert!(once(&home) > before);
        assert_eq!(home.files("data/quarantine"), [""; 0]);
    }
}

fn put_back(archive: &Path, data: &Path) {
    for file in walkdir::WalkDir::new(archive).into_iter().map(Result::unwrap) {
        if file.file_type().is_file() {
            fs::copy(file.path(), data.join(file.file_name())).unwrap();
        }
    }
}

/// Two homes over one store, with one archive, and the journals of both summarised.
fn sharing(kind: Kind, archive: &Path) -> [Sandbox; 2] {
    let first = Sandbox::new(kind);
    let second = first.neighbour();
    for (home, source) in [(&first, "bikes"), (&second, "quakes")] {
        feeding(home, source);
        archives(home, &archive.display().to_string());
        lands(home, source, &[1, 2], DAYS[0]);
    }
    for now in DAYS {
        is_clean(&first, now);
        is_clean(&second, now);
    }
    [first, second]
}

/// Whichever home recounts, and whether the store still has them: all count, each once.
#[test]
fn two_homes_with_one_archive_count_their_journals_once() {
    for kind in KINDS {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = sharing(kind, folder.path());
        let (before, numbers) = (once(&first), journal_numbers(&first));
        for home in [&first, &second, &first] {
            recounts(home);
            audited(home).exits(0);
        }
        assert_eq!(once(&first), before);
        assert_eq!(journal_numbers(&first).len(), numbers.len());
    }
}

#[test]
fn a_lost_store_is_filled_from_an_archive_of_two_homes() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = sharing(Kind::Server, folder.path());
    let before = once(&first);
    drop_all(first.store());
    for home in [&first, &second] {
        home.run("summarizer", &[&["--now", LAST], &RECOUNT[..], &["--adopt"]].concat()).exits(0);
    }
    for home in [&first, &second] {
        audited(home).exits(0);
    }
    assert_eq!(once(&first), before);
}

/// As an older version left them: the audit tells, a recount gives up what is another home's.
#[test]
fn journals_that_count_twice_are_told_and_can_be_mended() {
    let home = Sandbox::new(Kind::Sqlite);
    feeding(&home, "bikes");
    archives(&home, "archive");
    lands(&home, "bikes", &[1, 2], DAYS[0]);
    is_clean(&home, DAYS[0]);
    is_clean(&home, DAYS[1]);
    let lines = once(&home);
    let store = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    store
        .execute_batch(
            "INSERT INTO ledger (source, keeper, day, number, entry)
             SELECT source, 'other', day, number, json_set(entry, '$.keeper', 'other',
                    '$.commit', json_extract(entry, '$.commit') || 'x')
             FROM ledger WHERE source = 'daybook';
             INSERT INTO sources (source, keeper, home, closed_through)
             SELECT source, 'other', 'other', closed_through FROM sources
             WHERE source = 'daybook';
             INSERT INTO commits (number, commit_id, feed, hour, batch, written_ms)
             SELECT number + 1000, commit_id || 'x', feed, hour, batch, written_ms FROM commits
             WHERE feed = (SELECT number FROM feeds WHERE source = 'daybook');
             INSERT INTO answers SELECT commit_number + 1000, place, after_ms, hash FROM answers
             WHERE commit_number + 1000 IN (SELECT number FROM commits);
             INSERT INTO runs SELECT id + (1000 << 24), run, began_ms, answer, lines FROM runs;",
        )
        .unwrap();
    drop(store);
    let hint = "hint: summarizer recount --from 2026-11-25T00 --to 2026-11-25T01 daybook";
    audited(&home).exits(1).says("journals count for more than one home").says(hint);
    recounts(&home);
    audited(&home).exits(0);
    assert_eq!(once(&home), lines);
}
