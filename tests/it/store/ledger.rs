//! The ledger and the sources: a number is given once, `closed_through` never falls.

use super::{HOUR, Place, at, commit, each, entry, header, hour, name};
use daybook::domain::ledger::{Kind, Ledger};
use daybook::domain::positions::{Missing, Positions};
use daybook::domain::row::Row;
use daybook::domain::time::{Day, Instant};
use daybook::edge::store::{Feed, Table, Writer};
use std::sync::Barrier;

#[test]
fn a_number_is_given_once_and_the_first_entry_stays() {
    each(|place| {
        let store = place.open();
        let first = entry(1, Kind::Adds, &header("velib", "c1"), &[]);
        assert!(store.append(&first).unwrap());
        let second = entry(1, Kind::Recount, &header("velib", "c2"), &[]);
        assert!(!store.append(&second).unwrap());
        assert!(!store.append(&first).unwrap(), "not even the same one again");
        let day = first.day();
        let kept = [first];
        assert_eq!(store.ledger(&name("velib"), day).unwrap(), kept);
        assert!(store.append(&entry(1, Kind::Adds, &header("other", "c3"), &[])).unwrap());
        drop(store);
        assert_eq!(place.open().ledger(&name("velib"), day).unwrap(), kept);
    });
}

#[test]
fn entries_are_read_back_the_same() {
    each(|place| {
        let store = place.open();
        let mut written = entry(7, Kind::Expiry, &header("velib", "c$1.2/é"), &[]);
        written.home = "a \"home\" of $ome.one".into();
        let some = Missing::of(Positions::from_ranges([(2, 9), (11, 4_000_000_000)]));
        let missing = [("a.json", Missing::Nothing), ("b.json", Missing::All), ("c.json", some)];
        written.snapshots = missing.map(|(id, missing)| (id.to_string(), missing)).into();
        assert!(store.append(&written).unwrap());
        assert_eq!(place.open().ledger(&name("velib"), written.day()).unwrap(), [written]);
    });
}

#[test]
fn of_eight_at_once_exactly_one_gets_the_number() {
    each(|place| {
        drop(place.open());
        for number in 1..=12 {
            let start = Barrier::new(8);
            let won: usize = std::thread::scope(|scope| {
                let race = |n: u64| {
                    let (start, place) = (&start, &place);
                    scope.spawn(move || {
                        let store = place.open();
                        let commit = format!("c{number}-{n}");
                        let entry = entry(number, Kind::Adds, &header("velib", &commit), &[]);
                        start.wait();
                        usize::from(store.append(&entry).unwrap())
                    })
                };
                let racers: Vec<_> = (0..8).map(race).collect();
                racers.into_iter().map(|racer| racer.join().unwrap()).sum()
            });
            assert_eq!(won, 1, "number {number}");
        }
        let ledger = Ledger::new(place.open().ledger(&name("velib"), hour(HOUR).day()).unwrap());
        let numbers: Vec<u64> = ledger.entries().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<u64>>());
    });
}

#[test]
fn days_are_those_with_entries_in_order() {
    each(|place| {
        let store = place.open();
        for (number, day) in [(1, "2026-12-01"), (1, "2026-02-28"), (2, "2026-12-01")] {
            let mut of = header("velib", &format!("c{day}{number}"));
            of.hour = hour(&format!("{day}T23"));
            assert!(store.append(&entry(number, Kind::Adds, &of, &[])).unwrap());
        }
        let days = store.days(&name("velib")).unwrap();
        let texts: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["2026-02-28", "2026-12-01"]);
        assert!(store.days(&name("other")).unwrap().is_empty());
        assert!(store.ledger(&name("other"), days[0]).unwrap().is_empty());
    });
}

#[test]
fn days_are_found_from_any_end() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    each(|place| {
        let store = place.open();
        let kept = ["2024-02-29", "2026-01-31", "2026-02-01", "2026-12-31"];
        let homes = ["", "home-2", "home-1"];
        for (number, text) in kept.into_iter().enumerate() {
            for source in ["velib", "daybook"] {
                let mut of = header(source, &format!("c{source}{number}"));
                of.hour = hour(&format!("{text}T05"));
                let mut entry = entry(1, Kind::Adds, &of, &[]);
                if entry.source.is_journals() {
                    // Each home has a ledger of its own.
                    entry.keeper = homes[number % 3].into();
                    entry.home = entry.keeper.clone();
                }
                assert!(store.append(&entry).unwrap());
            }
        }
        let kept = kept.map(day);
        for source in [name("velib"), name("daybook")] {
            for (from, to) in [(0, 3), (1, 2), (2, 2), (3, 3), (0, 0)] {
                let days = kept[from]..=kept[to];
                assert_eq!(store.days_within(&source, &days).unwrap(), kept[from..=to]);
                assert_eq!(store.end_days(&source, &days).unwrap(), Some((kept[from], kept[to])));
            }
            let early = Day::MIN..=day("2024-02-28");
            assert_eq!(store.end_days(&source, &early).unwrap(), None);
            let since = day("2024-03-01")..=Day::MAX;
            assert_eq!(store.end_days(&source, &since).unwrap(), Some((kept[1], kept[3])));
            assert_eq!(store.days(&source).unwrap(), kept);
            assert_eq!(store.ledger(&source, kept[2]).unwrap().len(), 1);
            let (late, none) =
                (day("2027-01-01")..=Day::MAX, day("2026-02-02")..=day("2026-12-30"));
            assert!(store.days_within(&source, &late).unwrap().is_empty());
            assert_eq!(store.end_days(&source, &none).unwrap(), None);
        }
        assert_eq!(store.end_days(&name("other"), &(Day::MIN..=Day::MAX)).unwrap(), None);
    });
}

#[test]
fn closed_through_never_falls_and_a_claim_is_kept_beside_it() {
    each(|place| {
        let store = place.open();
        let (early, late) = (at("2026-11-21T10:00:00Z"), at("2026-11-21T11:00:00Z"));
        store.raise(&name("velib"), "home-1", early).unwrap();
        store.claim(&name("velib"), "home-1").unwrap();
        store.raise(&name("velib"), "home-1", late).unwrap();
        store.raise(&name("velib"), "home-1", early).unwrap();
        store.claim(&name("zoo"), "home-2").unwrap();
        store.claim(&name("zoo"), "home-3").unwrap();
        let feed = |source, home: &str, closed_through| Feed {
            source: name(source),
            home: home.into(),
            closed_through,
            forgotten_through: None,
        };
        let expected = [feed("velib", "home-1", Some(late)), feed("zoo", "home-3", None)];
        assert_eq!(store.feeds().unwrap(), expected);
        assert_eq!(place.open().feeds().unwrap(), expected);
    });
}

/// Entries and rows of three kinds in two days; another source has some, too.
fn two_days(store: &dyn Writer) {
    let rows: Vec<Row> = (0..3).map(super::rows::record).collect();
    assert!(commit(store, 1, Kind::Adds, &header("velib", "c1"), &rows));
    assert!(commit(store, 2, Kind::Recount, &header("velib", "c2"), &rows));
    let mut later = header("velib", "c3");
    later.hour = hour("2026-11-22T03");
    assert!(commit(store, 1, Kind::Adds, &later, &rows));
    assert!(commit(store, 1, Kind::Adds, &header("other", "c4"), &rows));
    super::put(store, &header("velib", "nobody's"), &rows).unwrap();
}

#[test]
fn what_is_forgotten_is_gone_and_known() {
    each(|place| {
        let store = place.open();
        store.claim(&name("velib"), "home-1").unwrap();
        two_days(&*store);
        let (early, late) = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
        store.forget(&name("velib"), late).unwrap();
        store.forget(&name("velib"), early).unwrap();
        store.forget(&name("never-was"), early).unwrap();
        drop(store);
        let store = place.open();
        let marks = store.feeds().unwrap().into_iter();
        let marks: Vec<_> = marks.map(|f| (f.source, f.home, f.forgotten_through)).collect();
        let never = (name("never-was"), String::new(), Some(early));
        assert_eq!(marks, [never, (name("velib"), "home-1".into(), Some(late))]);
        assert!(store.days(&name("velib")).unwrap().is_empty());
        let ever = hour("2026-01-01T00")..hour("2027-01-01T00");
        assert!(store.commits(&name("velib"), ever.clone()).unwrap().is_empty());
        let all = ["c1", "c2", "c3", "c4", "nobody's"];
        assert_eq!(super::spelled(&*store, Table::Records, &all).len(), 3);
        assert_eq!(store.commits(&name("other"), ever).unwrap().len(), 1);
        // Numbers begin anew.
        assert!(store.append(&entry(1, Kind::Adds, &header("velib", "c5"), &[])).unwrap());
    });
}

#[test]
fn a_store_has_an_id_of_its_own_for_ever() {
    let mut ids = Vec::new();
    each(|place| {
        let id = place.open().id().unwrap();
        assert!(!id.is_empty());
        assert_eq!(place.open().id().unwrap(), id);
    });
    for kind in crate::sandbox::KINDS {
        for _ in 0..2 {
            ids.push(Place(crate::sandbox::Sandbox::new(kind)).open().id().unwrap());
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn commits_are_listed_by_hour_and_removed_whole() {
    each(|place| {
        let store = place.open();
        let rows: Vec<Row> = (0..3).map(super::rows::record).collect();
        let (one, two) = (header("velib", "c1"), header("velib", "c2"));
        assert!(commit(&*store, 1, Kind::Adds, &one, &rows));
        assert!(commit(&*store, 2, Kind::Adds, &two, &rows[..1]));
        let hours = hour(HOUR)..hour(HOUR).next();
        let mut found = store.commits(&name("velib"), hours.clone()).unwrap();
        found.sort_by(|a, b| a.commit.cmp(&b.commit));
        assert_eq!(found, [one, two.clone()]);
        assert!(store.commits(&name("other"), hours.clone()).unwrap().is_empty());
        let earlier = hour(HOUR).previous()..hour(HOUR);
        assert!(store.commits(&name("velib"), earlier).unwrap().is_empty());
        store.remove(&["c1".into(), "never-was".into()], Instant::MAX).unwrap();
        assert_eq!(place.open().commits(&name("velib"), hours).unwrap(), [two]);
        assert_eq!(store.ledger(&name("velib"), hour(HOUR).day()).unwrap().len(), 2);
    });
}
