//! Records that live on beyond the `keep` of the hour that saw them first: their first sighting
//! stays.

use super::{KEEP, exported, later, live, run};
use crate::crash::scene::small;
use crate::recording::QUAKES;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::server::{Answer, Server};
use daybook::domain::ledger::Kind as Entries;
use daybook::domain::time::{iso, parse_iso};
use std::collections::BTreeMap;

/// Answers with the first of the recorded earthquakes, so many, fetched on some days.
pub fn quakes(days: &[(i64, usize)], kind: Kind) -> Sandbox {
    let server = Server::start();
    let home = Sandbox::new(kind);
    home.settings("");
    let text = crate::recording::declaration(QUAKES, "1m", &server);
    home.source(QUAKES, &format!("{KEEP}\n{text}"));
    let whole = crate::recording::answers(QUAKES).remove(0);
    for (_, many) in days {
        let answer = crate::recording::cut(QUAKES, &whole, *many);
        server.on(&format!("/{QUAKES}"), Answer::ok(answer.to_string()));
    }
    for (day, _) in days {
        let now = later(*day);
        home.run("fetcher", &["--now", &now]).exits(0);
        home.run("summarizer", &["run", "--all", "--now", &now]).exits(0);
    }
    home
}

/// Ids and first sightings of all records.
fn sightings(home: &Sandbox, now: &str) -> BTreeMap<String, String> {
    let table = exported(home, now, QUAKES, "records", ["2025-05-19", "2025-05-20"]);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| row.unwrap()).map(|row| (row["id"].clone(), row["first_seen"].clone())).collect()
}

#[test]
fn a_record_that_lives_on_keeps_its_first_sighting() {
    for kind in KINDS {
        // One is seen on all days, one on the first two, one on the first only.
        let home = quakes(&[(0, 3), (1, 2), (38, 1)], kind);
        let before = sightings(&home, &later(39));
        assert_eq!(before.len(), 3);
        run(&home, &later(42), &["--verbose"]).says("2 hours expired");
        assert_eq!(live(&home, QUAKES).iter().map(|(.., rows)| rows).sum::<u64>(), 2, "{kind:?}");
        let after = sightings(&home, &later(42));
        assert_eq!(after.len(), 1, "{after:?}");
        after.iter().for_each(|(id, first)| assert_eq!(before[id], *first));
        // It is not seen any more: in its turn, its first sighting goes, too.
        let end = parse_iso(&later(79)).unwrap();
        for hour in 0..168 {
            let now = iso(end.after(chrono::Duration::hours(hour)));
            home.run("summarizer", &["run", "--now", &now]).exits(0);
        }
        assert_eq!(live(&home, QUAKES).iter().map(|(.., rows)| rows).sum::<u64>(), 0, "{kind:?}");
        run(&home, &later(90), &[]);
    }
}

#[test]
fn a_record_that_lives_under_its_new_name_keeps_its_first_sighting() {
    for kind in KINDS {
        let server = Server::start();
        let home = Sandbox::new(kind);
        home.settings("");
        let text = crate::recording::declaration(QUAKES, "1m", &server);
        home.source(QUAKES, &format!("{KEEP}\n{text}"));
        let answer = small(QUAKES, 0);
        server.on(&format!("/{QUAKES}"), Answer::ok(&*answer));
        for day in [0, 38] {
            if day > 0 {
                let renamed = ["rename", QUAKES, "tremors", "--now", &later(20)];
                home.run("fetcher", &renamed).exits(0);
            }
            home.run("fetcher", &["--now", &later(day)]).exits(0);
            home.run("summarizer", &["run", "--all", "--now", &later(day)]).exits(0);
        }
        run(&home, &later(42), &["--verbose"]).says("1 hour expired");
        let [(12, Entries::Expiry, rows)] = live(&home, QUAKES)[..] else { panic!("{kind:?}") };
        assert!(rows > 3, "{kind:?} {rows}");
    }
}

#[test]
fn a_record_of_a_time_to_come_stays_until_that_is_old() {
    let server = Server::start();
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    let text = crate::recording::declaration(QUAKES, "1m", &server);
    home.source(QUAKES, &format!("{KEEP}\n{text}"));
    let whole = crate::recording::answers(QUAKES).remove(0);
    let mut answer = crate::recording::cut(QUAKES, &whole, 2);
    let soon = parse_iso(&later(12)).unwrap().millis();
    crate::recording::list(QUAKES, &mut answer)[0]["properties"]["time"] = soon.into();
    server.on(&format!("/{QUAKES}"), Answer::ok(answer.to_string()));
    home.run("fetcher", &["--now", &later(0)]).exits(0);
    home.run("summarizer", &["run", "--all", "--now", &later(0)]).exits(0);
    run(&home, &later(42), &["--verbose"]).says("1 hour expired");
    assert_eq!(live(&home, QUAKES), [(12, Entries::Expiry, 1)]);
    let end = parse_iso(&later(53)).unwrap();
    for hour in 0..168 {
        let now = iso(end.after(chrono::Duration::hours(hour)));
        home.run("summarizer", &["run", "--now", &now]).exits(0);
    }
    assert_eq!(live(&home, QUAKES), [(12, Entries::Expiry, 0)]);
}
