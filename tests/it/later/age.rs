//! Hours that are old enough expire or thin, as declared: what is plain stays to the bit, what is
//! late adds to it or is left, many days wait for a person. Then with deaths at each step.

mod living;

use super::deaths::{kills, listed, only};
use crate::crash::cases::check_all;
use crate::crash::scene::{Scene, at, small};
use crate::recording::{BIKES, QUAKES};
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Kind as Entries;
use daybook::domain::name::SourceName;
use daybook::domain::time::{Instant, Window, iso, parse_iso};
use daybook::edge::store::{self, Table};
use living::quakes;
use std::fs;

/// So many days after its answers.
fn later(days: i64) -> String {
    iso(parse_iso(&at("12:10")).unwrap().after(chrono::Duration::days(days)))
}

/// A home of which all is counted, and in which something is declared then.
fn declaring(scene: &Scene, kind: Kind, keys: &str) -> Sandbox {
    let home = scene.home.copy(kind);
    home.run("summarizer", &["--now", &at("12:10")]);
    declare(&home, keys);
    home
}

fn declare(home: &Sandbox, keys: &str) {
    for source in [BIKES, QUAKES] {
        let text = fs::read_to_string(home.path(&format!("sources/{source}.toml"))).unwrap();
        let keys = if source == BIKES { keys } else { keys.split("\nthin").next().unwrap() };
        let is_rule = |line: &&str| line.starts_with("keep ") || line.starts_with("thin_after ");
        let rest: Vec<&str> = text.lines().filter(|line| !is_rule(line)).collect();
        home.source(source, &format!("{keys}\n{}\n", rest.join("\n")));
    }
}

const THIN: &str = "# all\nthin_after = \"32d\"";
const KEEP: &str = "keep = \"40d\"";
const BOTH: &str = "keep = \"40d\"\nthin_after = \"32d\"";

fn run(home: &Sandbox, now: &str, more: &[&str]) -> Ran {
    let ran = home.run("summarizer", &[&["run", "--now", now], more].concat());
    home.run("summarizer", &["audit", "--days", "100", "--now", now]).exits(0);
    ran
}

/// The table of a source in an export of some days.
fn exported(home: &Sandbox, now: &str, source: &str, kind: &str, days: [&str; 2]) -> String {
    let _ = fs::remove_dir_all(home.path("exports"));
    let days = ["export", "--from", days[0], "--to", days[1], "--source", source];
    home.run("analyzer", &[&days[..], &["--now", now]].concat()).exits(0);
    fs::read_to_string(home.path(&format!("exports/{source}_{kind}.csv"))).unwrap_or_default()
}

/// The statistics of bikes, and the earthquakes, which were of another day.
fn export(home: &Sandbox, now: &str) -> [String; 2] {
    [
        exported(home, now, BIKES, "summaries", ["2026-11-21", "2026-11-21"]),
        exported(home, now, QUAKES, "records", ["2025-05-19", "2025-05-20"]),
    ]
}

/// How many hours of the bikes' day an export says to be thinned, and how many expired.
fn told(home: &Sandbox, now: &str) -> [usize; 2] {
    exported(home, now, BIKES, "summaries", ["2026-11-21", "2026-11-21"]);
    let text = fs::read_to_string(home.path("exports/datapackage.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    let provenance = &package["resources"][0]["provenance"];
    ["thinned_hours", "expired_hours"].map(|key| provenance[key].as_array().unwrap().len())
}

/// A table of statistics without the columns that thin.
fn plain(table: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let kept = head.iter().zip(&row).filter(|(name, _)| !QUANTILES.contains(name));
        kept.map(|(_, cell)| cell.to_string()).collect()
    });
    rows.collect()
}

const QUANTILES: [&str; 5] = ["p05", "p25", "p50", "p75", "p95"];

fn name(source: &str) -> SourceName {
    SourceName::parse(source).unwrap()
}

/// The kinds of the live entries of a day, by hour; all other rows are gone from the store.
fn live(home: &Sandbox, source: &str) -> Vec<(u32, Entries, u64)> {
    use chrono::Timelike;
    let store = store::open(home.store(), Gate::open()).unwrap();
    let source = name(source);
    let mut commits = Vec::new();
    let mut found = Vec::new();
    for day in store.days(&source).unwrap() {
        let ledger = daybook::domain::ledger::Ledger::new(store.ledger(&source, day).unwrap());
        for entry in ledger.live(None) {
            found.push((entry.hour.start().hour(), entry.kind, entry.rows));
            commits.extend((entry.rows > 0).then(|| entry.commit.clone()));
        }
    }
    let all = Window::of(Instant::MIN)..Window::of(Instant::MAX);
    let headers = store.commits(&source, all).unwrap().into_iter();
    let mut there: Vec<String> = headers.map(|header| header.commit).collect();
    there.retain(|commit| {
        let mut rows = 0;
        for table in Table::BOTH {
            store.rows(table, std::slice::from_ref(commit), &mut |_| rows += 1).unwrap();
        }
        rows > 0
    });
    there.sort();
    commits.sort();
    assert_eq!(there, commits, "rows that count no more are gone");
    found.sort_by_key(|(hour, ..)| *hour);
    found
}

#[test]
fn an_hour_thins_and_keeps_its_plain_figures() {
    let scene = Scene::before_summary();
    for kind in KINDS {
        let home = declaring(&scene, kind, THIN);
        let before = export(&home, &at("13:00"));
        run(&home, &later(31), &[]).exits(0);
        assert_eq!(
            (export(&home, &at("13:00")), told(&home, &at("13:00"))),
            (before.clone(), [0, 0])
        );
        run(&home, &later(32), &["--verbose"]).exits(0).says("2 hours thinned");
        assert_eq!(told(&home, &at("13:00")), [2, 0]);
        let after = export(&home, &at("13:00"));
        assert_ne!(after[0], before[0]);
        assert_eq!((plain(&after[0]), &after[1]), (plain(&before[0]), &before[1]));
        assert!(plain(&after[0]).len() > 4 && after[1].lines().count() > 4);
        let [(10, Entries::Thinning, 6), (11, Entries::Thinning, 6)] = live(&home, BIKES)[..]
        else {
            panic!("{kind:?} {:?}", live(&home, BIKES))
        };
        // Nothing is done twice.
        run(&home, &later(33), &["--verbose"]).exits(0);
        assert_eq!(live(&home, BIKES).len(), 2);
    }
}

#[test]
fn what_is_late_adds_to_a_thinned_hour() {
    let scene = Scene::before_summary();
    for kind in KINDS {
        let (late, whole) = (declaring(&scene, kind, THIN), declaring(&scene, kind, THIN));
        for home in [&late, &whole] {
            let name = home.files(&format!("data/{BIKES}"));
            assert!(name.is_empty(), "{name:?}");
        }
        let body = small(BIKES, 4);
        let land = |home: &Sandbox| {
            let server = Server::start();
            let text = fs::read_to_string(home.path(&format!("sources/{BIKES}.toml"))).unwrap();
            let line = text.lines().find(|line| line.starts_with("url")).unwrap().to_string();
            let asked = format!("url = \"{}\"", server.url("/late"));
            server.on("/late", Answer::ok(&*body));
            home.source(BIKES, &text.replace(&line, &asked));
            let quakes = home.path(&format!("sources/{QUAKES}.toml"));
            fs::rename(&quakes, home.path("aside")).unwrap();
            home.run("fetcher", &["--now", &at("11:50")]).exits(0);
            fs::rename(home.path("aside"), quakes).unwrap();
            home.source(BIKES, &text);
        };
        run(&late, &later(32), &[]);
        land(&late);
        run(&late, &later(33), &["--verbose"]).says("1 hour thinned");
        land(&whole);
        run(&whole, &later(33), &["--verbose"]).says("2 hours thinned");
        let of = |home: &Sandbox| plain(&export(home, &at("13:00"))[0]);
        assert_eq!(of(&late), of(&whole), "{kind:?}");
        assert_eq!(live(&late, BIKES).len(), 2);
    }
}

#[test]
fn an_hour_expires_and_keeps_its_ids() {
    let scene = Scene::before_summary();
    for kind in KINDS {
        let home = declaring(&scene, kind, BOTH);
        run(&home, &later(39), &["--verbose"]).says("2 hours thinned");
        run(&home, &later(40), &["--verbose"]).says("2 hours expired");
        assert_eq!(live(&home, BIKES), [(10, Entries::Expiry, 0), (11, Entries::Expiry, 0)]);
        assert_eq!(live(&home, QUAKES), [(10, Entries::Expiry, 0), (11, Entries::Expiry, 0)]);
        assert_eq!(told(&home, &at("13:00")), [0, 2]);
        let gone = export(&home, &at("13:00"));
        assert!(gone.iter().all(|table| table.lines().count() <= 1), "{gone:?}");
        // What comes back is not counted again, nor is what is late.
        let replay = home.run("summarizer", &["replay", "--now", &later(41)]);
        replay.says("its hour has expired");
        run(&home, &later(42), &["--verbose"]);
        assert_eq!(live(&home, BIKES).len(), 2);
    }
}

#[test]
fn journals_expire_and_the_balance_reaches_as_far_as_they_do() {
    let scene = Scene::before_summary();
    for kind in KINDS {
        let home = declaring(&scene, kind, "");
        home.settings("[summarizer]\nkeep_journals = \"32d\"");
        run(&home, &later(31), &[]);
        let before = live(&home, "daybook");
        assert!(before.iter().any(|(.., rows)| *rows > 0));
        run(&home, &later(33), &["--verbose"]).says("daybook: 3 hours expired");
        let after = live(&home, "daybook");
        let gone = after.iter().filter(|(_, kind, _)| *kind == Entries::Expiry).count();
        assert_eq!((gone, after.len()), (3, before.len() + 1));
        let report = ["report", "--date", "2026-11-21", "--now", &later(33)];
        home.run("analyzer", &report).exits(0);
        let found = home.run("summarizer", &["audit", "--days", "100", "--now", &later(33)]);
        found.exits(0).says("4        0        2        1           1     0         0");
    }
}

#[test]
fn a_report_that_is_printed_stays_and_a_later_one_says_what_is_missing() {
    let scene = Scene::before_summary();
    let home = declaring(&scene, Kind::Sqlite, "keep = \"1d\"");
    let report = |now: &str, more: &[&str]| {
        home.run("analyzer", &[&["report", "--now", now], more].concat()).exits(0);
    };
    report("2026-11-22T00:30:00Z", &[]);
    let path = home.path("reports/daybook_2026-11-21.pdf");
    let printed = fs::read(&path).unwrap();
    run(&home, "2026-11-23T00:30:00Z", &["--verbose"]).says("2 hours expired");
    report("2026-11-23T00:40:00Z", &[]);
    assert!(fs::read(&path).unwrap() == printed, "it was made again");
    let elsewhere = home.path("elsewhere").display().to_string();
    report("2026-11-23T00:50:00Z", &["--date", "2026-11-21", "--out", &elsewhere]);
    let text = std::process::Command::new("pdftotext")
        .args([home.path("elsewhere/daybook_2026-11-21.pdf").as_os_str(), "-".as_ref()])
        .output();
    let text = String::from_utf8(text.unwrap().stdout).unwrap().replace('\n', " ");
    assert!(text.contains("the values of 2 hours have expired and are not kept"), "{text}");
    assert!(!text.contains("0 in the day"), "{text}");
}

#[test]
fn what_is_found_late_is_told_before_it_goes() {
    // All was looked through; then older hours turn up, as after a recount of a lost store.
    let days: Vec<(i64, usize)> = (0..9).map(|day| (day, 1)).collect();
    let home = quakes(&days, Kind::Sqlite);
    let note = home.path(&format!("data/.state/aged_{QUAKES}"));
    fs::write(&note, format!("keep 40d {}\n", later(90))).unwrap();
    let waits = "9 hours of 9 days (2026-11-21 to 2026-11-29) would expire: more than 7 days";
    let begin = parse_iso(&later(100)).unwrap();
    let nows = (0..168).map(|hour| iso(begin.after(chrono::Duration::hours(hour))));
    let told = nows.filter(|now| {
        let ran = home.run("summarizer", &["run", "--now", now]);
        ran.about.contains(waits)
    });
    assert!(told.count() > 0);
    assert!(live(&home, QUAKES).iter().all(|(_, kind, _)| *kind == Entries::Adds));
}

#[test]
fn more_than_seven_days_at_once_wait_for_a_person() {
    for kind in KINDS {
        let days: Vec<(i64, usize)> = (0..8).map(|day| (day, 1)).collect();
        let home = quakes(&days, kind);
        let waits = "8 hours of 8 days (2026-11-21 to 2026-11-28) would expire: more than 7 days";
        let looked = ["run", "--dry-run", "--now", &later(100)];
        home.run("summarizer", &looked).exits(0).says("8 hours would expire (2026-11-21T12");
        run(&home, &later(100), &[]).exits(0).says(waits).says("summarizer run --yes");
        assert!(live(&home, QUAKES).iter().all(|(_, kind, _)| *kind == Entries::Adds));
        home.run("summarizer", &["run", "--now", &later(100)]);
        home.run_again("summarizer", &["status", "--now", &later(100)]).exits(1).says(waits);
        run(&home, &later(100), &["--yes", "--verbose"]).says("8 hours expired");
        assert!(live(&home, QUAKES).iter().all(|(_, kind, _)| *kind == Entries::Expiry));
        home.run("summarizer", &["status", "--now", &later(100)]).exits(0);
        // Seven days go by themselves.
        let home = quakes(&days[..7], kind);
        run(&home, &later(100), &["--verbose"]).says("7 hours expired");
    }
}

#[test]
fn only_a_recount_opens_an_hour_that_expired() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings("[summarizer]\narchive = \"archive\"");
    home.run("summarizer", &["--now", &at("12:10")]);
    let before = export(&home, &at("13:00"));
    declare(&home, KEEP);
    run(&home, &later(41), &["--verbose"]).says("2 hours expired");
    let recount = ["recount", "--from", "2026-11-21", "--to", "2026-11-21"];
    home.run("summarizer", &[&recount[..], &[BIKES, QUAKES, "--now", &later(42)]].concat());
    assert_eq!(export(&home, &at("13:00")), before);
    // It stays, since a person wanted it.
    run(&home, &later(43), &[]);
    assert_eq!(export(&home, &at("13:00")), before);
}

#[test]
fn a_damaged_hour_stays_as_it_is() {
    let scene = Scene::before_summary();
    let home = declaring(&scene, Kind::Sqlite, THIN);
    let db = rusqlite::Connection::open(home.path("daybook.sqlite")).unwrap();
    for odd in ["summaries SET sum = sum + 1", "records SET first_ms = first_ms + 60000"] {
        let table = odd.split(' ').next().unwrap();
        let sql = format!("UPDATE {odd} WHERE id = (SELECT min(id) FROM {table})");
        db.execute(&sql, []).unwrap();
    }
    drop(db);
    for keys in [THIN, KEEP] {
        declare(&home, keys);
        let ran = home.run("summarizer", &["run", "--now", &later(42)]);
        ran.exits(1).says("has other rows than were committed: the hour stays as it is");
        let adds = |source| live(&home, source).iter().any(|(_, kind, _)| *kind == Entries::Adds);
        assert!(adds(BIKES) && adds(QUAKES));
    }
}

/// Killed at each step, and then run again: as if nothing had been.
fn deaths(kind: Kind, keys: &str, days: i64) {
    let scene = Scene::before_summary();
    let now = later(days);
    let prepare = || declaring(&scene, kind, keys);
    let calm = prepare();
    let steps = kills(&prepare(), &now, &["run"], only(kind));
    run(&calm, &now, &[]);
    let (rows, tables) = ((live(&calm, BIKES), live(&calm, QUAKES)), export(&calm, &at("13:00")));
    assert!(
        steps.len() > 3 && listed(&prepare(), &now, &["run"], "list", "store.append").len() > 1
    );
    check_all(&format!("{keys:?}, {kind:?}"), &steps, |step, _| {
        let home = prepare();
        let hook = format!("kill:{step}");
        home.run_hooked("summarizer", &["run", "--now", &now], &hook).was_killed();
        home.run("summarizer", &["audit", "--days", "100", "--now", &now]).exits(0);
        run(&home, &now, &[]).exits(0);
        assert_eq!((live(&home, BIKES), live(&home, QUAKES)), rows);
        assert_eq!(export(&home, &at("13:00")), tables);
    });
}

#[test]
fn while_hours_thin_sqlite() {
    deaths(Kind::Sqlite, THIN, 32);
}

#[test]
fn while_hours_thin_server() {
    deaths(Kind::Server, THIN, 32);
}

#[test]
fn while_hours_expire_sqlite() {
    deaths(Kind::Sqlite, KEEP, 40);
}

#[test]
fn while_hours_expire_server() {
    deaths(Kind::Server, KEEP, 40);
}
