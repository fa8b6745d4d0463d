//! A row that a store refuses for good: what is behind it goes to quarantine with the reason, and
//! everything else counts.

use crate::damage;
use crate::postgres;
use crate::sandbox::{KINDS, Kind, Sandbox, is_mongodb};
use crate::store::views::database;
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::row::{Kept, Row, Summary};
use daybook::domain::stats::{FieldStats, Values};
use daybook::domain::texts::Texts;
use daybook::domain::time::{Window, parse_iso};
use daybook::edge::store::{self, Error, Header};
use mongodb::bson::doc;
use std::fs;

const DAY: &str = "2026-11-24";
const NOW: &str = "2026-11-26T00:15:00Z";

/// A row with one text of so many letters.
pub fn text_row(key: &str, length: usize, hour: Window) -> Kept {
    let mut texts = Texts::default();
    texts.add(&"x".repeat(length), 1);
    let stats = FieldStats { unit: None, values: Values::Texts(texts.into()) };
    let fields = vec![("v".into(), stats)];
    Kept::of(Row::Summary(Summary { series: key.into(), fields }), hour)
}

/// Somebody's rule: no row of this key.
fn forbid(home: &Sandbox) {
    match home.store().strip_prefix("sqlite:") {
        Some(path) => {
            let rule = |table: &str, key: &str| {
                format!(
                    "CREATE TRIGGER no_{table} BEFORE INSERT ON {table} WHEN \
                     (SELECT name FROM names WHERE number = NEW.{key}) = 'poison' \
                     BEGIN SELECT RAISE(ABORT, 'no poison here'); END;"
                )
            };
            let rules = rule("summaries", "series") + &rule("records", "name");
            rusqlite::Connection::open(path).unwrap().execute_batch(&rules).unwrap();
        }
        None if !is_mongodb() => {
            let rule = |table: &str, key: &str| {
                format!(
                    "CREATE TRIGGER no_poison BEFORE INSERT ON {table} FOR EACH ROW \
                     EXECUTE FUNCTION no_poison_{key}();"
                )
            };
            let function = |key: &str| {
                format!(
                    "CREATE FUNCTION no_poison_{key}() RETURNS trigger LANGUAGE plpgsql AS $$ \
                     BEGIN IF (SELECT n.name FROM names n WHERE n.number = NEW.{key}) = 'poison' \
                     THEN RAISE EXCEPTION 'no poison here'; END IF; RETURN NEW; END $$;"
                )
            };
            let rules = function("series") + &function("name");
            let rules = rules + &rule("summaries", "series") + &rule("records", "name");
            postgres::rows(home.store(), &rules);
        }
        None => database(home.store(), |database| async move {
            for (table, key) in [("summary_rows", "series"), ("record_rows", "id")] {
                // Made by the first row, which may not have come yet.
                let _ = database.create_collection(table).await;
                let rule = doc! { key: { "$ne": "poison" } };
                let ask = doc! { "collMod": table, "validator": rule };
                database.run_command(ask).await.unwrap();
            }
        }),
    }
}

fn permit(home: &Sandbox) {
    match home.store().strip_prefix("sqlite:") {
        Some(path) => {
            let rules = "DROP TRIGGER no_summaries; DROP TRIGGER no_records";
            rusqlite::Connection::open(path).unwrap().execute_batch(rules).unwrap();
        }
        None if !is_mongodb() => {
            let rules = "DROP FUNCTION no_poison_series() CASCADE; \
                         DROP FUNCTION no_poison_name() CASCADE";
            postgres::rows(home.store(), rules);
        }
        None => database(home.store(), |database| async move {
            for table in ["summary_rows", "record_rows"] {
                let ask = doc! { "collMod": table, "validator": {} };
                database.run_command(ask).await.unwrap();
            }
        }),
    }
}

/// Four answers of each source in one hour, two of them with the odd key.
fn land(home: &Sandbox) {
    for source in ["quakes", "bikes"] {
        for (minute, id) in [(25, "poison"), (26, "good"), (27, "poison"), (28, "fine")] {
            let text = format!("[{{\"id\":\"{id}\",\"t\":1795518500,\"v\":1}}]");
            let name = format!("answers/{source}/{source}_{DAY}T12-{minute}-00Z.json");
            fs::write(home.path(&name), text).unwrap();
        }
    }
    let answers = home.path("answers").display().to_string();
    let replay = ["--now", NOW, "run", "--replay", &answers, "--onto", DAY];
    home.run("fetcher", &replay).exits(0);
}

#[test]
fn what_is_behind_a_refused_row_goes_to_quarantine_and_the_rest_counts() {
    for kind in KINDS {
        let home = damage::home(kind);
        land(&home);
        forbid(&home);
        let run = ["--now", NOW, "run", "--all"];
        home.run("summarizer", &run).exits(1).says("2 of 6 snapshots");
        for source in ["quakes", "bikes"] {
            let held = home.files(&format!("data/quarantine/{source}"));
            let reasons: Vec<_> = held.iter().filter(|name| name.ends_with(".reason")).collect();
            assert_eq!((held.len(), reasons.len()), (4, 2), "{held:?}");
            assert!(held.iter().all(|name| name.contains("T12-25") || name.contains("T12-27")));
            let path = home.path(&format!("data/quarantine/{source}/{}", reasons[0]));
            let reason = fs::read_to_string(path).unwrap();
            assert!(reason.contains("does not take its row \"poison\""), "{reason}");
        }
        assert!(!home.files("data/.batches").iter().any(|name| name.contains(".sealed/")));
        home.run("summarizer", &["--now", NOW, "audit"]).exits(0).says("the difference is zero");
        // Once the rule is gone, all of it counts.
        permit(&home);
        home.run("summarizer", &["--now", NOW, "replay"]).exits(0);
        assert_eq!(home.files("data/quarantine"), [""; 0]);
        home.run("summarizer", &["--now", NOW, "audit"]).exits(0).says("the difference is zero");
    }
}

/// What did not count is left out, what counts keeps its hour as it is.
#[test]
fn a_recount_leaves_out_what_is_behind_a_refused_row() {
    for kind in KINDS {
        let home = damage::home(kind);
        home.settings("[summarizer]\narchive = \"archive\"");
        land(&home);
        forbid(&home);
        home.run("summarizer", &["--now", NOW, "run", "--all"]).exits(1).says("2 of 6 snapshots");
        let (from, to) = (format!("{DAY}T12"), format!("{DAY}T13"));
        let recount = ["--now", NOW, "recount", "--from", &from, "--to", &to];
        let audits = || {
            let audit = home.run("summarizer", &["--now", NOW, "audit"]).exits(0);
            audit.says("the difference is zero");
        };
        let held = || home.files("data/quarantine");
        let before = held();
        assert_eq!(before.len(), 8);
        home.run("summarizer", &recount).says("2 of 4 snapshots");
        audits();
        assert_eq!(held(), before);
        let reason = before.iter().find(|name| name.ends_with(".reason")).unwrap();
        let reason = fs::read_to_string(home.path(&format!("data/quarantine/{reason}"))).unwrap();
        assert!(reason.contains("does not take its row \"poison\""), "{reason}");
        permit(&home);
        home.run("summarizer", &recount).exits(0);
        audits();
        assert_eq!(held(), [""; 0]);
        forbid(&home);
        let words = "counts, and cannot be counted again, so the hour stays as it is: the store";
        home.run("summarizer", &recount).exits(1).says(words).says("\nhint: has the store a rule");
        audits();
        assert_eq!(held(), [""; 0]);
    }
}

#[test]
fn a_row_that_is_refused_for_good_is_named() {
    for kind in KINDS {
        let home = damage::home(kind);
        forbid(&home);
        let header = Header {
            source: SourceName::parse("bikes").unwrap(),
            hour: Window::parse("2026-11-24T12").unwrap(),
            batch: "b".into(),
            commit: "c".into(),
            written: parse_iso(NOW).unwrap(),
        };
        let row = |key: &str, length: usize| text_row(key, length, header.hour);
        let store = store::open(home.store(), Gate::open()).unwrap();
        let refused = |rows: &[Kept], named: &str| {
            let put = store.put(&header, rows);
            assert!(
                matches!(&put, Err(Error::Refused { key, .. }) if key == named),
                "{kind:?}: {put:?}"
            );
        };
        refused(&[row("a", 1), row("poison", 1), row("b", 1)], "poison");
        if kind == Kind::Server && is_mongodb() {
            refused(&[row("d", 1), row("large", 17 << 20), row("e", 1)], "large");
        }
    }
}
