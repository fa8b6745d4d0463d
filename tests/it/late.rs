//! Records count by their own time, whenever they landed: late answers, forecasts, corrections,
//! and reports that are made again for them; over both stores, and against the recount.

use crate::damage::declaration;
use crate::sandbox::{KINDS, Kind, Sandbox};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

const DAY: &str = "2026-08-04";

/// A home with a source of measurements, `power`.
fn home(kind: Kind) -> Sandbox {
    let home = Sandbox::new(kind);
    home.settings("");
    let items = "[records]\nat = \"[*]\"\nseries = \"id\"\ntime = { path = \"t\", unit = \"iso\" }";
    let figure = "[[figures]]\nkind = \"line\"\nfield = \"v\"\n";
    home.source("power", &(declaration("power", items) + figure));
    home
}

/// An answer lands at an instant, and is summarised at once.
fn land(home: &Sandbox, at: &str, rows: &[(&str, f64)]) {
    let items: Vec<_> =
        rows.iter().map(|(t, v)| serde_json::json!({ "id": "a", "t": t, "v": v })).collect();
    let (day, clock) = (&at[..10], at[11..19].replace(':', "-"));
    let folder = home.path(&format!("answers/{at}/power"));
    fs::create_dir_all(&folder).unwrap();
    let text = serde_json::json!(items).to_string();
    fs::write(folder.join(format!("power_{day}T{clock}Z.json")), text).unwrap();
    let answers = home.path(&format!("answers/{at}")).display().to_string();
    home.run("fetcher", &["--now", at, "run", "--replay", &answers, "--onto", day]).exits(0);
    home.run("summarizer", &["--now", at, "run", "--all"]).exits(0);
}

/// Of each exported record of a day its time, value, and first and last sighting.
fn exported(home: &Sandbox, day: &str, now: &str) -> Vec<String> {
    home.run("analyzer", &["--now", now, "export", "--from", day, "--to", day]).exits(0);
    let text = fs::read(home.path("exports/power_records.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(&text[..]);
    let rows = reader.deserialize().map(|row| row.unwrap());
    let line = |row: BTreeMap<String, String>| {
        let short = |key: &str| row[key][5..16].to_string();
        format!("{} {} {} {}", short("time"), row["v"], short("first_seen"), short("last_seen"))
    };
    rows.map(line).collect()
}

fn printed(home: &Sandbox, day: &str) -> String {
    let path = home.path(&format!("reports/daybook_{day}.pdf"));
    let output = Command::new("pdftotext").args(["-layout"]).arg(path).arg("-").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn report(home: &Sandbox, day: &str, now: &str) -> String {
    home.run("analyzer", &["--now", now, "report", "--date", day]).exits(0);
    printed(home, day)
}

#[test]
fn what_lands_days_later_or_days_before_is_of_its_day() {
    for kind in KINDS {
        for landed in [
            "2026-08-06T00:30:00Z",
            "2026-08-02T12:00:00Z",
            "2026-08-03T12:00:00Z",
            "2026-09-01T07:00:00Z",
        ] {
            let home = home(kind);
            land(&home, landed, &[("2026-08-04T12:30:00Z", 95.09), ("2026-08-05T00:00:00Z", 7.0)]);
            let now = if landed < DAY { "2026-08-06T00:30:00Z" } else { landed };
            let seen = &landed[5..16];
            let line = format!("08-04T12:30 95.09 {seen} {seen}");
            assert_eq!(exported(&home, DAY, now), [line], "{landed}");
            let text = report(&home, DAY, now);
            assert!(text.contains("95.1"), "{landed}: {text}");
        }
    }
}

#[test]
fn a_correction_of_days_later_wins_and_its_report_is_made_again() {
    for kind in KINDS {
        let home = home(kind);
        let (noon, one) = ("2026-08-04T12:00:00Z", "2026-08-04T13:00:00Z");
        land(&home, "2026-08-04T14:00:00Z", &[(noon, 10.0), (one, 20.0)]);
        let overdue = |now: &str| {
            let ran = home.run("analyzer", &["--now", now, "-v", "report"]).exits(0);
            ran.stdout.lines().map(|line| line[line.len() - 14..].to_string()).collect::<Vec<_>>()
        };
        home.run("summarizer", &["--now", "2026-08-05T00:05:00Z", "run"]).exits(0);
        assert_eq!(overdue("2026-08-05T00:15:00Z"), ["2026-08-04.pdf"]);
        // The same values again, in another answer: the report stays.
        land(&home, "2026-08-06T09:00:00Z", &[(noon, 10.0), (one, 20.0)]);
        let same = overdue("2026-08-07T00:15:00Z");
        assert!(!same.contains(&"2026-08-04.pdf".to_string()), "{same:?}");
        land(&home, "2026-08-08T09:00:00Z", &[(noon, 42.5)]);
        assert!(overdue("2026-08-09T00:15:00Z").contains(&"2026-08-04.pdf".to_string()));
        assert!(printed(&home, DAY).contains("42.5"));
        let last = "08-08T09:00";
        let lines = [
            format!("08-04T12:00 42.5 08-04T14:00 {last}"),
            "08-04T13:00 20 08-04T14:00 08-06T09:00".into(),
        ];
        assert_eq!(exported(&home, DAY, "2026-08-09T00:15:00Z"), lines);
        assert_eq!(overdue("2026-08-09T00:20:00Z"), [""; 0]);
    }
}
