//! What a publisher withdraws is gone from store, exports, backups and, after its time, from raw
//! answers; what is counted stays as it is, and an error withdraws nothing.

use crate::france_travail::FranceTravail;
use crate::report::pages;
use crate::sandbox::{KINDS, Kind, Sandbox};
use std::collections::BTreeMap;
use std::path::Path;

/// A home that has all offers of a publisher, counted.
struct Bench {
    server: FranceTravail,
    home: Sandbox,
}

impl Bench {
    fn new(kind: Kind, settings: &str) -> Bench {
        let server = FranceTravail::start(&["--offers", "300"]);
        let home = Sandbox::new(kind);
        home.settings(settings);
        server.declare(&home, &[]);
        let bench = Bench { server, home };
        bench.fetch("01T00:05");
        bench.summarize("01T02:10");
        bench
    }

    fn fetch(&self, at: &str) {
        self.home.run("fetcher", &["--now", &format!("2026-11-{at}:20Z")]).exits(0);
    }

    fn summarize(&self, at: &str) {
        let now = format!("2026-11-{at}:00Z");
        self.home.run("summarizer", &["--now", &now]).exits(0);
        self.home.run("summarizer", &["--now", &now, "audit"]).exits(0).says("difference is zero");
    }

    /// The next walk does not see what is withdrawn, which is asked for by itself and goes.
    fn walk_and_confirm(&self) {
        self.fetch("01T12:10");
        self.summarize("01T14:10");
        self.fetch("01T14:20");
        self.summarize("01T15:10");
    }

    /// The employers of records, by their ids.
    fn employers(&self, now: &str) -> BTreeMap<String, String> {
        let out = self.home.path("out");
        let _ = std::fs::remove_dir_all(&out);
        let all = ["export", "--from", "2025-09-01", "--to", "2026-11-02", "--out"];
        let now = format!("2026-11-{now}:00Z");
        let more = [&*out.display().to_string(), "--now", &now];
        self.home.run("analyzer", &[&all[..], &more].concat()).exits(0);
        let mut read = csv::Reader::from_path(out.join("france-travail_records.csv")).unwrap();
        let place = |name: &str, read: &mut csv::Reader<std::fs::File>| {
            read.headers().unwrap().iter().position(|header| header == name).unwrap()
        };
        let (id, employer) = (place("id", &mut read), place("company", &mut read));
        read.records()
            .map(|row| row.unwrap())
            .map(|row| (row[id].to_string(), row[employer].to_string()))
            .collect()
    }

    /// An offer with an employer.
    fn one(&self, employers: &BTreeMap<String, String>) -> (String, String) {
        let (id, employer) = employers.iter().find(|(_, e)| !e.is_empty()).unwrap();
        (id.clone(), employer.clone())
    }
}

/// Files below a folder in which a text stands.
fn holders(folder: &Path, canary: &str) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = files.filter(|entry| entry.file_type().is_file());
    let has = |path: &Path| {
        std::fs::read(path).unwrap().windows(canary.len()).any(|bytes| bytes == canary.as_bytes())
    };
    files.filter(|e| has(e.path())).map(|e| e.path().display().to_string()).collect()
}

#[test]
fn an_offer_that_is_withdrawn_loses_what_its_licence_says() {
    for kind in KINDS {
        let bench = Bench::new(kind, "");
        let before = bench.employers("01T03:00");
        assert!(before.len() > 290);
        let (id, canary) = bench.one(&before);
        let table = bench.home.path("data/offers.csv").display().to_string();
        let past = ["backfill", "france-travail", "--now", "2026-11-01T04:00:00Z", "--output"];
        let more = [table.as_str(), "--rate-limit-delay", "0"];
        bench.home.run("fetcher", &[&past[..], &more].concat()).exits(0);
        let rows = std::fs::read_to_string(&table).unwrap();
        assert!(rows.contains(&canary));
        bench.server.vanish(&id);
        // The next walk does not see it, and it is asked for by itself.
        bench.fetch("01T12:10");
        bench.summarize("01T14:10");
        assert_eq!(bench.server.count("detail"), 0);
        bench.fetch("01T14:20");
        assert_eq!(bench.server.count("detail"), 1);
        bench.summarize("01T15:10");
        let after = bench.employers("01T16:00");
        assert_eq!(after[&id], "");
        let others = before.iter().filter(|(other, _)| **other != id);
        others.for_each(|(id, employer)| assert_eq!(after[id], *employer));
        let emptied = std::fs::read_to_string(&table).unwrap();
        assert!(emptied.contains(&id) && !emptied.contains(&canary));
        if kind == Kind::Sqlite {
            assert_eq!(holders(bench.home.home(), &canary), [""; 0]);
        }
        // All documents of a database stand in its copy as they are.
        let folder = crate::sandbox::temporary();
        let copy = folder.path().join("copy");
        let backup = ["--now", "2026-11-01T16:05:00Z", "backup", &copy.display().to_string()];
        bench.home.run("summarizer", &backup).exits(0);
        assert_eq!(holders(&copy, &canary), [""; 0]);
        let report = ["--now", "2026-11-02T02:30:00Z", "report", "--from", "2025-11-01", "--to"];
        bench.home.run("analyzer", &[&report[..], &["2026-11-01"]].concat()).exits(0);
        let printed = bench.home.files("reports");
        let text = pages(&bench.home.path("reports").join(&printed[0])).join(" ");
        assert!(text.contains("and 1 withdrawn") && !text.contains(&canary), "{text}");
        // Nothing is asked for again, and nothing comes back.
        bench.fetch("01T15:20");
        bench.summarize("01T17:10");
        assert_eq!(bench.server.count("detail"), 1);
    }
}

#[test]
fn an_error_withdraws_nothing() {
    let bench = Bench::new(Kind::Sqlite, "");
    let before = bench.employers("01T03:00");
    let (id, _) = bench.one(&before);
    bench.server.vanish(&id);
    bench.fetch("01T12:10");
    bench.summarize("01T14:10");
    // Its publisher is away.
    let declared = bench.home.path("sources/france-travail.toml");
    let text = std::fs::read_to_string(&declared).unwrap();
    let away = |line: &str| match line.starts_with("gone ") {
        true => "gone = { url = \"http://127.0.0.1:9/{id}\", status = 204 }\n".to_string(),
        false => format!("{line}\n"),
    };
    let away: String = text.lines().map(away).collect();
    std::fs::write(&declared, away).unwrap();
    bench.home.run("fetcher", &["--now", "2026-11-01T14:20:20Z"]);
    std::fs::write(&declared, text).unwrap();
    bench.summarize("01T15:10");
    let same = bench.employers("01T16:00");
    assert!(before.iter().all(|(id, employer)| same[id] == *employer));
    bench.fetch("01T15:20");
    bench.summarize("01T17:10");
    assert_eq!(bench.employers("01T18:00")[&id], "");
}

#[test]
fn raw_answers_go_after_their_time_and_a_backup_has_none_of_it() {
    let bench = Bench::new(Kind::Sqlite, "[summarizer]\narchive = \"archive\"\n");
    let (_, canary) = bench.one(&bench.employers("01T03:00"));
    assert!(!holders(&bench.home.path("archive"), &canary).is_empty());
    let past = ["backfill", "france-travail", "--now", "2026-11-01T00:00:00Z"];
    bench.home.run("fetcher", &[&past[..], &["--rate-limit-delay", "0"]].concat()).exits(0);
    assert!(!holders(&bench.home.path("data"), &canary).is_empty(), "its table has it");
    bench.summarize("01T03:10");
    let folder = crate::sandbox::temporary();
    let backup = |name: &str, now: &str| {
        let path = folder.path().join(name);
        let run = ["--verbose", "--now", now, "backup", &*path.display().to_string()];
        (bench.home.run("summarizer", &run).exits(0), path)
    };
    let (told, path) = backup("counted", "2026-11-01T04:00:00Z");
    told.says("not in the backup: france-travail: raw answers of it");
    assert_eq!(holders(&path, &canary), [""; 0]);
    // A home that is made of it says what it does not know.
    let again = crate::backup::empty(Kind::Sqlite);
    again.run("summarizer", &["restore", &path.display().to_string()]).exits(0);
    let report = ["--now", "2026-11-02T02:30:00Z", "report", "--from", "2025-11-01", "--to"];
    again.run("analyzer", &[&report[..], &["2026-11-01"]].concat()).exits(0);
    let text = pages(&again.path("reports").join(&again.files("reports")[0])).join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("is not known since a backup was restored"), "{text}");
    // What is not counted yet goes along: it would be lost. It is told for how long.
    bench.fetch("01T12:10");
    let (told, path) = backup("waiting", "2026-11-01T12:20:00Z");
    told.says("has answers of france-travail that are not counted yet").says("until 2026-12-11");
    assert!(!holders(&path, &canary).is_empty());
    bench.summarize("01T14:10");
    bench.home.run("summarizer", &["--now", "2026-12-12T01:10:00Z"]).exits(0);
    assert_eq!(holders(&bench.home.path("archive"), &canary), [""; 0]);
    // A journal tells of it, and nothing is missed by who looks further back.
    bench.home.run("summarizer", &["--now", "2026-12-12T04:10:00Z"]).exits(0);
    let audit = ["--now", "2026-12-12T04:20:00Z", "audit", "--days", "60"];
    bench.home.run("summarizer", &audit).exits(0).says("difference is zero");
    let db = rusqlite::Connection::open(bench.home.path("daybook.sqlite")).unwrap();
    let sql = "select count(*) from journals where body like '%\"removed\"%'";
    let told: i64 = db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(told, 1);
    let recount = ["--now", "2026-12-12T04:30:00Z", "recount", "--from", "2026-11-01"];
    let more = ["--to", "2026-11-02", "france-travail"];
    bench.home.run("summarizer", &[&recount[..], &more].concat()).says("france-travail");
    bench.home.run("summarizer", &audit).exits(0).says("difference is zero");
}

#[test]
fn what_a_backfill_has_on_its_way_to_a_table_goes_too() {
    let bench = Bench::new(Kind::Sqlite, "");
    let (id, canary) = bench.one(&bench.employers("01T03:00"));
    let table = bench.home.path("data/offers.csv").display().to_string();
    let past = ["backfill", "france-travail", "--now", "2026-11-01T04:00:00Z", "--output"];
    let past = [&past[..], &[&table, "--rate-limit-delay", "0"]].concat();
    // It is stopped when all pages have landed, before its table is made.
    let list = bench.home.path("steps");
    let other = bench.home.copy(Kind::Sqlite);
    other.run_hooked("fetcher", &past, &format!("list:{}", list.display())).exits(0);
    let steps = std::fs::read_to_string(list).unwrap().lines().count();
    let rows = || holders(&bench.home.path("data/.state/surveys"), &canary);
    for step in (1..steps).rev() {
        bench.home.run_hooked("fetcher", &past, &format!("kill:{step}"));
        if !rows().is_empty() && !Path::new(&table).exists() {
            break;
        }
        let _ = std::fs::remove_file(&table);
        std::fs::remove_dir_all(bench.home.path("data/.state/surveys")).unwrap();
    }
    assert!(!rows().is_empty());
    bench.server.vanish(&id);
    bench.walk_and_confirm();
    std::fs::remove_dir_all(bench.home.path("out")).unwrap();
    assert_eq!(holders(bench.home.home(), &canary), [""; 0]);
    bench.home.run("fetcher", &past).exits(0);
    let made = std::fs::read_to_string(&table).unwrap();
    let of = |what: &str| made.lines().filter(|line| line.contains(what)).collect::<Vec<_>>();
    assert!(of(&id).len() == 1 && of(&canary).is_empty(), "{:?} {:?}", of(&id), of(&canary));
    assert!(csv::Reader::from_path(&table).unwrap().records().all(|row| row.unwrap().len() == 28));
}

#[test]
fn a_table_goes_with_its_home_and_full_offers_stay_full() {
    let bench = Bench::new(Kind::Sqlite, "");
    let past = ["backfill", "france-travail", "--now", "2026-11-01T04:00:00Z"];
    bench.home.run("fetcher", &[&past[..], &["--rate-limit-delay", "0"]].concat()).exits(0);
    let moved = bench.home.copy(Kind::Sqlite);
    let employers = bench.employers("01T03:00");
    let (id, canary) = bench.one(&employers);
    bench.server.vanish(&id);
    let table = |home: &Sandbox| {
        std::fs::read_to_string(home.path("data/france_travail_jobs_20261101.csv")).unwrap()
    };
    let now = |at: &str| format!("2026-11-01T{at}:20Z");
    for (program, at) in [
        ("fetcher", "12:10"),
        ("summarizer", "14:10"),
        ("fetcher", "14:20"),
        ("summarizer", "15:10"),
    ] {
        moved.run(program, &["--now", &now(at)]).exits(0);
    }
    assert!(!table(&moved).contains(&canary), "that of the home which knows of it");
    assert!(table(&bench.home).contains(&canary), "no other");
    // All offers have a description; one that was withdrawn never stood without.
    let report = ["--now", "2026-11-02T02:30:00Z", "report", "--from", "2025-11-01", "--to"];
    moved.run("analyzer", &[&report[..], &["2026-11-01"]].concat()).exits(0);
    let text = pages(&moved.path("reports").join(&moved.files("reports")[0])).join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("and 1 withdrawn") && text.contains("Description 100% ("), "{text}");
}

#[test]
fn one_odd_record_keeps_no_other_from_being_withdrawn() {
    let bench = Bench::new(Kind::Sqlite, "");
    let before = bench.employers("01T03:00");
    let mut named = before.iter().filter(|(_, employer)| !employer.is_empty());
    let (odd, gone) = (named.next().unwrap().0, named.next().unwrap().0);
    // By itself the publisher refuses one of them.
    bench.server.refuse(odd);
    bench.server.vanish(odd);
    bench.server.vanish(gone);
    bench.fetch("01T12:10");
    bench.summarize("01T14:10");
    bench.home.run("fetcher", &["--now", "2026-11-01T14:20:20Z"]);
    bench.summarize("01T15:10");
    let after = bench.employers("01T16:00");
    assert_eq!(after[gone], "");
    assert_eq!(after[odd], before[odd]);
}

#[test]
fn a_source_that_was_renamed_loses_what_is_withdrawn() {
    let bench = Bench::new(Kind::Sqlite, "");
    let before = bench.employers("01T03:00");
    let (id, canary) = bench.one(&before);
    let (old, new) = ("sources/france-travail.toml", "sources/offers.toml");
    let text = std::fs::read_to_string(bench.home.path(old)).unwrap();
    let text = format!("formerly = [\"france-travail\"]\n{text}");
    std::fs::write(bench.home.path(new), text).unwrap();
    std::fs::remove_file(bench.home.path(old)).unwrap();
    bench.server.vanish(&id);
    bench.walk_and_confirm();
    std::fs::remove_dir_all(bench.home.path("out")).unwrap();
    assert_eq!(holders(bench.home.home(), &canary), [""; 0]);
}
