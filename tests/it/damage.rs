//! Rows and entries that cannot be read, damaged by hand in both stores: each is named, its hour
//! is shown as damaged, and everything else goes on.

use crate::declared::ABOUT;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::store::views::database;
use mongodb::bson::{DateTime, Document, doc};
use std::fs;

const DAY: &str = "2026-11-24";
const NOW: &str = "2026-11-25T00:15:00Z";

/// A source of records with a time of their own, in two hours, and one of samples beside it.
pub fn home(kind: Kind) -> Sandbox {
    let home = Sandbox::new(kind);
    fill(&home);
    home
}

pub fn fill(home: &Sandbox) {
    home.settings("");
    let items = [
        ("quakes", "[records]\nat = \"[*]\"\nid = \"id\"\ntime = { path = \"t\", unit = \"s\" }"),
        ("bikes", "[samples]\nat = \"[*]\"\nseries = \"id\""),
    ];
    for (name, items) in items {
        home.source(name, &declaration(name, items));
    }
    // At 09:56:40, 10:00 and 11:06:40 of the day.
    let rows = |id: &str, t: i64| format!("[{{\"id\":\"{id}\",\"t\":{t},\"v\":1}}]");
    for (source, hour, text) in [
        ("quakes", "10", rows("x", 1_795_514_200)),
        ("quakes", "11", rows("y", 1_795_518_400)),
        ("bikes", "10", rows("a", 0)),
        ("bikes", "11", rows("b", 0)),
    ] {
        let folder = home.path(&format!("answers/{source}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{source}_{DAY}T{hour}-05-00Z.json")), text).unwrap();
    }
    let answers = home.path("answers").display().to_string();
    home.run("fetcher", &["--now", NOW, "run", "--replay", &answers, "--onto", DAY]).exits(0);
    home.run("summarizer", &["--now", NOW, "run"]).exits(0);
}

/// One more answer of each source, which waits.
pub fn answer_more(home: &Sandbox) {
    for source in ["quakes", "bikes"] {
        let text = "[{\"id\":\"z\",\"t\":1795518500,\"v\":1}]";
        let name = format!("answers/{source}/{source}_2026-11-24T12-25-00Z.json");
        fs::write(home.path(&name), text).unwrap();
    }
    let answers = home.path("answers").display().to_string();
    let now = "2026-11-26T00:15:00Z";
    let replay = ["--now", now, "run", "--replay", &answers, "--onto", DAY];
    home.run("fetcher", &replay).exits(0);
}

pub fn declaration(name: &str, items: &str) -> String {
    format!(
        "title = \"{name}\"\ntopic = \"test\"\n{ABOUT}[fetch]\n\
         url = \"https://example.org/feed\"\nevery = \"1h\"\nformat = \"json\"\n\
         {items}\n[fields.v]\npath = \"v\"\n"
    )
}

/// Changes something by hand, by SQL or by an update of a collection.
fn damage(home: &Sandbox, sql: &str, collection: &'static str, filter: Document, set: Document) {
    match home.store().strip_prefix("sqlite:") {
        Some(path) => {
            let changed = rusqlite::Connection::open(path).unwrap().execute(sql, []).unwrap();
            assert_eq!(changed, 1, "{sql}");
        }
        None => database(home.store(), |database| async move {
            let collection = database.collection::<Document>(collection);
            let done = collection.update_one(filter, doc! { "$set": set }).await.unwrap();
            assert_eq!(done.modified_count, 1);
        }),
    }
}

/// The damaged hours of each exported file, as its package has them, and the files' rows.
fn exported(home: &Sandbox) -> Vec<String> {
    let export = ["--now", NOW, "export", "--from", DAY];
    home.run("analyzer", &export).exits(0);
    let text = fs::read_to_string(home.path("exports/datapackage.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    let line = |resource: &serde_json::Value| {
        let path = resource["path"].as_str().unwrap();
        let file = fs::read_to_string(home.path("exports").join(path)).unwrap();
        let rows = file.lines().count() - 1;
        format!("{path} {rows} {}", resource["provenance"]["damaged_hours"])
    };
    package["resources"].as_array().unwrap().iter().map(line).collect()
}

fn printed(home: &Sandbox) -> String {
    home.run("analyzer", &["--now", NOW, "report", "--date", DAY]).exits(0);
    let path = home.path(&format!("reports/daybook_{DAY}.pdf"));
    let output = std::process::Command::new("pdftotext").arg(path).arg("-").output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

const TEN: &str = "[\"2026-11-24T10:00:00.000Z\"]";

#[test]
fn a_row_whose_time_is_out_of_range_damages_its_hour_only() {
    for kind in KINDS {
        let home = home(kind);
        let audit = ["--now", NOW, "audit"];
        home.run("summarizer", &audit).exits(0);
        assert_eq!(exported(&home), ["bikes_summaries.csv 2 []", "quakes_records.csv 2 []"]);
        damage(
            &home,
            "UPDATE records SET time_ms = 1700000000000000 \
             WHERE name = (SELECT number FROM names WHERE name = 'x')",
            "record_rows",
            doc! { "id": "x" },
            doc! { "time": DateTime::from_millis(1_700_000_000_000_000) },
        );
        home.run("summarizer", &audit)
            .exits(1)
            .says("damaged: quakes 2026-11-24T10: entry 1: row \"x\" cannot be read: ");
        let quakes = format!("quakes_records.csv 1 {TEN}");
        assert_eq!(exported(&home), ["bikes_summaries.csv 2 []", &quakes]);
        let text = printed(&home);
        assert!(text.contains("quakes: the rows of 10:00 are not those"), "{text}");
    }
}

#[test]
fn a_row_that_is_no_document_damages_its_hour_only() {
    for kind in KINDS {
        let home = home(kind);
        damage(
            &home,
            "UPDATE summaries SET rest = x'ff00' \
             WHERE series = (SELECT number FROM names WHERE name = 'a')",
            "summary_rows",
            doc! { "series": "a" },
            doc! { "fields": { "v": [1, 2] } },
        );
        home.run("summarizer", &["--now", NOW, "audit"])
            .exits(1)
            .says("damaged: bikes 2026-11-24T10: entry 1: row \"a\" cannot be read: ");
        let bikes = format!("bikes_summaries.csv 1 {TEN}");
        assert_eq!(exported(&home), [&bikes, "quakes_records.csv 2 []"]);
    }
}

/// Adds an answer to an hour of each source, which the summarizer then takes.
fn late(home: &Sandbox) -> i32 {
    let now = "2026-11-25T01:15:00Z";
    for source in ["quakes", "bikes"] {
        let name = format!("{source}_{DAY}T11-25-00Z.json");
        let text = "[{\"id\":\"z\",\"t\":1795518500,\"v\":1}]";
        fs::write(home.path(&format!("answers/{source}/{name}")), text).unwrap();
    }
    let answers = home.path("answers").display().to_string();
    home.run("fetcher", &["--now", now, "run", "--replay", &answers, "--onto", DAY]).exits(0);
    home.run("summarizer", &["--now", now, "run"]).code.unwrap()
}

#[test]
fn an_entry_that_cannot_be_read_damages_its_hour() {
    for kind in KINDS {
        let home = home(kind);
        damage(
            &home,
            "UPDATE ledger SET entry = replace(entry, '\"kind\":\"adds\"', '\"kind\":\"eats\"') \
             WHERE source = 'quakes' AND number = 1",
            "ledger",
            doc! { "source": "quakes", "number": 1_i64 },
            doc! { "kind": "eats" },
        );
        home.run("summarizer", &["--now", NOW, "audit"]).exits(1).says(
            "damaged: quakes 2026-11-24: entry 1 cannot be read: an entry's kind is \"eats\"",
        );
        let quakes = format!("quakes_records.csv 1 {TEN}");
        assert_eq!(exported(&home), ["bikes_summaries.csv 2 []", &quakes]);
        // Nothing is added where it is not known what counts; the other source goes on.
        assert_eq!(late(&home), 1);
        assert_eq!(exported(&home), ["bikes_summaries.csv 3 []", &quakes]);
        assert_eq!(home.files("data/bikes"), [""; 0]);
    }
}

#[test]
fn an_entry_without_an_hour_damages_its_day() {
    for kind in KINDS {
        let home = home(kind);
        damage(
            &home,
            "UPDATE ledger SET entry = 'no json' WHERE source = 'quakes' AND number = 1",
            "ledger",
            doc! { "source": "quakes", "number": 1_i64 },
            doc! { "hour": "no hour" },
        );
        let shown = exported(&home);
        assert_eq!(shown[0], "bikes_summaries.csv 2 []");
        assert!(shown[1].starts_with("quakes_records.csv 0 ["), "{shown:?}");
        assert_eq!(shown[1].matches("T").count(), 24, "{shown:?}");
        home.run("summarizer", &["--now", NOW, "audit"]).exits(1).says("entry 1 cannot be read");
        home.run("summarizer", &["forget", "quakes", "--yes"]).exits(0);
    }
}
