//! Sources that were taken away, renamed or changed keep their past: reports of earlier days,
//! exports and the audit have it, and nothing that landed changes.

mod claims;
mod rename;

use crate::declared::ABOUT;
use crate::report::pages;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::fs;

const GARAGES: &str = r#"{"garages": [
  {"id": "P1", "name": "Marktplatz", "lat": 48.4011, "lon": 9.9876, "free": 174, "fee": 3},
  {"id": "P2", "name": "Bahnhof", "lat": 48.3994, "lon": 9.9829, "free": 301, "fee": 2}]}"#;

/// A home with garages, their names, and a clock that goes on when those are gone.
struct Town {
    home: Sandbox,
    server: Server,
}

impl Town {
    fn new(kind: Kind) -> Town {
        let (home, server) = (Sandbox::new(kind), Server::start());
        for path in ["/parking", "/places", "/clock"] {
            server.on(path, Answer::ok(GARAGES));
        }
        home.settings("");
        let town = Town { home, server };
        town.declare("parking", "Garages of Ulm", &parking("free", "place"));
        town.declare("places", "Names of garages", PLACES);
        town.declare("clock", "A clock", CLOCK);
        town
    }

    fn declare(&self, name: &str, title: &str, rest: &str) {
        let text = format!(
            "# how it began\ntitle = \"{title}\"\ntopic = \"town\"   # a word\n{ABOUT}[fetch]\n\
             url = \"{}\"\nevery = \"30m\"\nformat = \"json\"\n{rest}",
            self.server.url(&format!("/{name}"))
        );
        self.home.source(name, &text);
    }

    fn declaration(&self, name: &str) -> String {
        fs::read_to_string(self.home.path(&format!("sources/{name}.toml"))).unwrap()
    }

    /// Fetches at the clocks of a day, then counts the day and prints what is due.
    fn day(&self, day: &str, next: &str, clocks: &[&str]) {
        self.fetch(day, clocks);
        self.run("summarizer", &format!("{next}T00:05:00Z"), &[]).exits(0);
        self.run("analyzer", &format!("{next}T00:15:00Z"), &[]).exits(0);
    }

    fn fetch(&self, day: &str, clocks: &[&str]) {
        for clock in clocks {
            self.run("fetcher", &format!("{day}T{clock}:00Z"), &[]).exits(0);
        }
    }

    fn run(&self, program: &str, now: &str, more: &[&str]) -> Ran {
        self.home.run(program, &[&["--now", now], more].concat())
    }

    fn take_away(&self, name: &str) {
        fs::remove_file(self.home.path(&format!("sources/{name}.toml"))).unwrap();
    }

    fn bytes(&self, day: &str) -> Vec<u8> {
        fs::read(self.home.path(&format!("reports/daybook_{day}.pdf"))).unwrap()
    }

    fn text(&self, day: &str) -> String {
        let pages = pages(&self.home.path(&format!("reports/daybook_{day}.pdf"))).join("\n");
        pages.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The report of a day, made again.
    fn again(&self, day: &str, now: &str) -> String {
        self.run("analyzer", now, &["report", "--date", day]).exits(0);
        self.text(day)
    }

    /// The lines of one exported table of some days.
    fn exported(&self, table: &str, from: &str, to: &str, now: &str) -> Vec<String> {
        let _ = fs::remove_dir_all(self.home.path("exports"));
        self.run("analyzer", now, &["export", "--from", from, "--to", to]).exits(0);
        let path = self.home.path(&format!("exports/{table}.csv"));
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().skip(1).map(str::to_string).collect()
    }
}

fn parking(field: &str, unit: &str) -> String {
    format!(
        "[samples]\nat = \"garages[*]\"\nseries = \"id\"\nlabels = \"places\"\n\
         [fields.{field}]\npath = \"free\"\nunit = \"{unit}\"\nresolution = 1\n\
         [[figures]]\nkind = \"table\"\nfield = \"{field}\"\n"
    )
}

const PLACES: &str = "[records]\nat = \"garages[*]\"\nid = \"id\"\n[fields]\n\
                      name = { path = \"name\", kind = \"text\" }\n\
                      lat = { path = \"lat\", unit = \"°\" }\n\
                      lon = { path = \"lon\", unit = \"°\" }\n";
const CLOCK: &str = "[samples]\nat = \"garages[*]\"\nseries = \"id\"\n\
                     [fields.fee]\npath = \"fee\"\nunit = \"€\"\nresolution = 1\n";

const CLOCKS: [&str; 3] = ["10:05", "10:40", "11:10"];

#[test]
fn a_source_whose_file_is_taken_away_keeps_its_past() {
    for kind in KINDS {
        let town = Town::new(kind);
        town.day("2026-11-24", "2026-11-25", &CLOCKS);
        town.day("2026-11-25", "2026-11-26", &CLOCKS);
        let before = town.bytes("2026-11-25");
        let shown = town.text("2026-11-25");
        assert!(shown.contains("Garages of Ulm") && shown.contains("Marktplatz"), "{shown}");
        town.take_away("parking");
        town.take_away("places");
        town.day("2026-11-26", "2026-11-27", &["10:20", "10:55"]);
        assert!(town.bytes("2026-11-25") == before, "the report of an earlier day was made again");
        let now = "2026-11-27T00:15:00Z";
        let again = town.again("2026-11-25", now);
        for words in ["Garages of Ulm", "Marktplatz", "301", "no longer collected since"] {
            assert!(again.contains(words), "{words} is not in\n{again}");
        }
        let after = town.text("2026-11-26");
        assert!(after.contains("A clock") && !after.contains("Garages of Ulm"), "{after}");
        let told = town.exported("parking_summaries", "2026-11-24", "2026-11-26", now);
        assert_eq!(told.len(), 8, "{told:?}");
        assert!(told[0].contains("Marktplatz"), "{told:?}");
        town.run("summarizer", now, &["audit"]).exits(0).says("parking");
    }
}

/// On the day on which it went, nothing was expected of it any more.
#[test]
fn who_is_not_collected_any_more_is_not_missing() {
    let town = Town::new(Kind::Sqlite);
    town.fetch("2026-11-25", &["00:10", "00:40", "01:10"]);
    town.take_away("parking");
    town.day("2026-11-25", "2026-11-26", &["23:40"]);
    let text = town.text("2026-11-25");
    let row = "Garages of Ulm 3 3 100";
    assert!(text.contains(row), "{text}");
    assert!(text.contains("parking: no longer collected since 25 November 2026, 01:"), "{text}");
    assert!(text.contains("The period is closed"), "{text}");
}

/// A file with a fault is no source for now, and its past is as it was.
#[test]
fn a_file_with_a_fault_keeps_its_past() {
    let town = Town::new(Kind::Sqlite);
    town.day("2026-11-25", "2026-11-26", &CLOCKS);
    let before = town.bytes("2026-11-25");
    town.home.source("parking", "title = \"Garages\nthis is no TOML");
    town.run("analyzer", "2026-11-26T00:20:00Z", &[]).says("parking.toml");
    assert!(town.bytes("2026-11-25") == before);
    assert!(town.again_in_part("2026-11-25").contains("Garages of Ulm"));
}

impl Town {
    fn again_in_part(&self, day: &str) -> String {
        self.run("analyzer", "2026-11-26T00:25:00Z", &["report", "--date", day]);
        self.text(day)
    }
}

/// Fields and units are those of the time, titles those of today.
#[test]
fn fields_and_units_are_those_of_their_time() {
    for kind in KINDS {
        let town = Town::new(kind);
        town.day("2026-11-25", "2026-11-26", &CLOCKS);
        town.declare("parking", "Car parks", &parking("free_spaces", "lot"));
        town.declare("clock", "Fees", &CLOCK.replace('€', "ct"));
        town.day("2026-11-26", "2026-11-27", &CLOCKS);
        let (old, new) = (town.text("2026-11-25"), town.text("2026-11-26"));
        for (text, field) in [(&old, "free"), (&new, "free spaces")] {
            assert!(text.contains("Car parks") && text.contains("Marktplatz"), "{text}");
            let has_field = text.to_lowercase().contains(field);
            assert!(has_field && text.contains("174"), "{field}: {text}");
        }
        assert!(!old.contains("spaces") && old.contains("Fees"), "{old}");
    }
}

/// A value of another unit never stands beside the others, of samples and of records.
#[test]
fn values_of_two_units_in_a_day_do_not_mix() {
    const PRICES: &str = "[records]\nat = \"garages[*]\"\nid = \"name\"\n\
        time = { path = \"at\", unit = \"iso\" }\n[fields.fee]\npath = \"fee\"\nunit = \"€\"\n\
        [[figures]]\nkind = \"table\"\nfield = \"fee\"\n";
    for kind in KINDS {
        let town = Town::new(kind);
        let answer = |name: &str, fee: u32| {
            format!(
                r#"{{"garages": [{{"id": "P1", "name": "{name}", "free": 9, "fee": {fee},
                "at": "2026-11-25T10:00:00Z"}}]}}"#
            )
        };
        town.declare("prices", "Fees", PRICES);
        town.server.on("/prices", Answer::ok(answer("Early", 37)));
        town.server.on("/prices", Answer::ok(answer("Later", 4242)));
        town.fetch("2026-11-25", &["09:50", "10:20"]);
        town.declare("prices", "Fees", &PRICES.replace('€', "ct"));
        town.day("2026-11-25", "2026-11-26", &["12:10"]);
        let text = town.text("2026-11-25");
        assert!(text.contains("4,242"), "{text}");
        assert!(!text.contains("37"), "the fee in another unit is told: {text}");
        assert!(text.contains("prices: 1 field"), "{text}");
    }
}
