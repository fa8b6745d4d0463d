//! Records count by their own time, whenever they landed: late answers, forecasts, corrections,
//! and reports that are made again for them; over both stores, and against the recount.

use crate::damage::declaration;
use crate::recount;
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
            assert!(text.contains("95.09"), "{landed}: {text}");
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

/// What the two recorded sources answered at an instant.
fn serve(home: &Sandbox, source: &str, at: &str, answer: &serde_json::Value) {
    let (day, clock) = (&at[..10], at[11..19].replace(':', "-"));
    let text = answer.to_string();
    for (folder, name) in [
        (format!("answers/{at}/{source}"), format!("{source}_{day}T{clock}Z.json")),
        (format!("served/{source}"), format!("{source}_{day}T{clock}Z_r{day}.json")),
    ] {
        fs::create_dir_all(home.path(&folder)).unwrap();
        fs::write(home.path(&folder).join(name), &text).unwrap();
    }
}

fn carbon(rows: &[(&str, Option<i64>, i64)]) -> serde_json::Value {
    let row = |(from, actual, forecast): &(&str, Option<i64>, i64)| {
        let intensity =
            serde_json::json!({ "actual": actual, "forecast": forecast, "index": "low" });
        serde_json::json!({ "from": from, "to": from, "intensity": intensity })
    };
    serde_json::json!({ "data": rows.iter().map(row).collect::<Vec<_>>() })
}

fn quakes(rows: &[(&str, &str, &str, f64)]) -> serde_json::Value {
    let row = |(id, time, updated, magnitude): &(&str, &str, &str, f64)| {
        let ms = |text: &str| daybook::domain::time::parse_iso(text).unwrap().millis();
        serde_json::json!({
            "id": id,
            "properties": {
                "mag": magnitude, "place": "somewhere", "time": ms(time), "updated": ms(updated),
                "detail": format!("https://example.org/{id}.geojson"),
            },
            "geometry": { "coordinates": [1.5, 2.5, 10.0] },
        })
    };
    serde_json::json!({ "features": rows.iter().map(row).collect::<Vec<_>>() })
}

/// Forecasts, late values, corrections of days later and a record that moves to another day.
fn story(home: &Sandbox) -> Vec<&'static str> {
    let (noon, half, next) = ("2026-08-04T12:00Z", "2026-08-04T12:30Z", "2026-08-05T00:00Z");
    let forecast = [(noon, None, 100), (half, None, 110), (next, None, 120)];
    serve(home, "carbon-uk", "2026-08-02T12:05:00Z", &carbon(&forecast));
    serve(home, "carbon-uk", "2026-08-04T13:05:00Z", &carbon(&[(noon, Some(99), 100)]));
    let late = [(noon, Some(97), 100), (half, Some(111), 110)];
    serve(home, "carbon-uk", "2026-08-06T09:05:00Z", &carbon(&late));
    let (early, midnight) = ("2026-08-04T11:50:00Z", "2026-08-04T23:59:30Z");
    let first = [("q1", early, early, 4.0), ("q2", midnight, midnight, 3.0)];
    serve(home, "earthquakes-usgs", "2026-08-04T12:05:00Z", &quakes(&first));
    let later = "2026-08-07T10:00:00Z";
    let mended = [
        ("q1", "2026-08-04T11:50:02Z", later, 4.4),
        ("q2", "2026-08-05T00:00:10Z", later, 3.1),
        ("q3", "2026-08-04T03:00:00Z", later, 2.0),
    ];
    serve(home, "earthquakes-usgs", "2026-08-07T12:05:00Z", &quakes(&mended));
    // An older version comes back: it was seen, and loses.
    let old = [("q1", early, early, 4.0)];
    serve(home, "earthquakes-usgs", "2026-08-09T12:05:00Z", &quakes(&old));
    vec![
        "2026-08-02T12:05:00Z",
        "2026-08-04T12:05:00Z",
        "2026-08-04T13:05:00Z",
        "2026-08-06T09:05:00Z",
        "2026-08-07T12:05:00Z",
        "2026-08-09T12:05:00Z",
    ]
}

#[test]
fn exports_equal_the_recount_whenever_records_landed() {
    for kind in KINDS {
        let home = Sandbox::new(kind);
        home.settings("");
        for source in ["carbon-uk", "earthquakes-usgs"] {
            let path = format!("{}/sources/{source}.toml", env!("CARGO_MANIFEST_DIR"));
            home.source(source, &fs::read_to_string(path).unwrap());
        }
        for at in story(&home) {
            let answers = home.path(&format!("answers/{at}")).display().to_string();
            let (now, day) = (at, &at[..10]);
            let replay = ["--now", now, "run", "--replay", &answers, "--onto", day];
            home.run("fetcher", &replay).exits(0);
            home.run("summarizer", &["--now", now, "run", "--all"]).exits(0);
        }
        let (served, exports) = (home.path("served"), home.path("exports"));
        let recounted = |day: &str| {
            let export = ["--now", "2026-08-10T00:10:00Z", "export", "--from", day, "--to", day];
            home.run("analyzer", &export).exits(0);
            let output = recount::of_export(&served, &exports, day);
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        for (day, said) in [
            ("2026-08-03", "carbon-uk: 0 records of 2026-08-03: equal"),
            (DAY, "earthquakes-usgs: 2 records of 2026-08-04: equal"),
            ("2026-08-05", "earthquakes-usgs: 1 records of 2026-08-05: equal"),
        ] {
            let (code, told) = recounted(day);
            assert!(code == Some(0) && told.contains(said), "{kind:?} {day}: {told}");
        }
        let all = recount::once(&served, home.store(), &[]);
        assert!(all.status.success(), "{}", String::from_utf8_lossy(&all.stdout));
        // A recount that finds nothing wrong must be able to.
        let last = home.path("served/carbon-uk/carbon-uk_2026-08-06T09-05-00Z_r2026-08-06.json");
        let text = fs::read_to_string(&last).unwrap();
        fs::write(&last, text.replace("97", "96")).unwrap();
        let (code, told) = recounted(DAY);
        assert!(code == Some(1) && told.contains("values: actual 97, "), "{told}");
    }
}
