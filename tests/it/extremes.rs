//! Quantiles, extremes and the instants of extremes, from answers to the export and the printed
//! page: never beyond the values, never the mean or the middle of a bin.

use crate::pdf::check;
use crate::report::pages;
use crate::sandbox::{KINDS, Kind, Sandbox};
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::row::{Kept, Row};
use daybook::domain::stats::Values;
use daybook::domain::time::{Instant, Window};
use daybook::edge::store::{self, Table};
use std::collections::BTreeMap;
use std::fs;

const DAY: &str = "2026-11-21";
const AFTER: &str = "2026-11-22T12:00:00Z";

const HEAD: &str = r#"title = "Odd"
topic = "odd"

[about]
content     = "Values"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = { name = "None", url = "https://example.org/licence", reuse = "free" }
attribution = "Nobody"
homepage    = "https://example.org"

[fetch]
url    = "https://example.org/odd.json"
every  = "1m"
format = "json"
"#;

/// Samples of a series, with a line; `more` belongs to the field.
fn samples(more: &str) -> String {
    format!(
        "{HEAD}[samples]\nat = \"[*]\"\nseries = \"id\"\n[fields.v]\npath = \"v\"\n\
         title = \"Load\"\n{more}\n[[figures]]\nkind = \"line\"\nfield = \"v\"\n\
         [[figures]]\nkind = \"multiples\"\nfield = \"v\"\n\
         [[figures]]\nkind = \"table\"\nfield = \"v\"\n"
    )
}

/// Answers at clocks of the day: what each of them is replayed as.
type Answers<'a> = &'a [(&'a str, String)];

/// One series at many clocks.
fn one(readings: &[(&'static str, f64)]) -> Vec<(&'static str, String)> {
    readings.iter().map(|(clock, v)| (*clock, format!(r#"[{{"id":"a","v":{v}}}]"#))).collect()
}

/// A home with these answers counted, batch after batch.
fn counted(kind: Kind, declares: &str, language: &str, batches: &[Answers]) -> Sandbox {
    let home = Sandbox::new(kind);
    home.settings(&format!("[report]\nlanguage = \"{language}\"\n"));
    home.source("odd", declares);
    for (number, answers) in batches.iter().enumerate() {
        let folder = home.path(&format!("recording-{number}"));
        fs::create_dir_all(folder.join("odd")).unwrap();
        for (clock, body) in *answers {
            let name = format!("odd/odd_{DAY}T{}Z.json", clock.replace(':', "-"));
            fs::write(folder.join(name), body).unwrap();
        }
        let folder = folder.to_str().unwrap();
        let replay = ["--now", AFTER, "run", "--replay", folder, "--onto", DAY];
        home.run("fetcher", &replay).exits(0);
        home.run("summarizer", &["--now", AFTER, "run"]).exits(0);
    }
    home
}

/// The rows of the exported statistics.
fn exported(home: &Sandbox) -> Vec<BTreeMap<String, String>> {
    home.run("analyzer", &["--now", AFTER, "export", "--from", DAY]).exits(0);
    let mut reader = csv::Reader::from_path(home.path("exports/odd_summaries.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn cells<'a>(row: &'a BTreeMap<String, String>, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| row[*name].as_str()).collect()
}

/// The text of the report, its spaces and line ends made plain.
fn printed(home: &Sandbox) -> String {
    home.run("analyzer", &["--now", AFTER, "report", "--date", DAY]).exits(0);
    let pdf = home.path(&format!("reports/daybook_{DAY}.pdf"));
    check::assert_sound(&pdf);
    if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
        let name = format!("extremes-{}.pdf", home.home().file_name().unwrap().display());
        fs::copy(&pdf, std::path::Path::new(&folder).join(name)).unwrap();
    }
    let text = pages(&pdf).join("\n").replace(['\u{a0}', '\u{202f}'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn has(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

const QUANTILES: [&str; 5] = ["p05", "p25", "p50", "p75", "p95"];

#[test]
fn exported_quantiles_lie_between_the_ends() {
    let answers = [
        (
            "10:05:00",
            r#"[{"id":"one","v":12.5},{"id":"ether","v":257.81},{"id":"dai","v":0.99986},
            {"id":"less","v":-12.5},{"id":"zero","v":-0.25},{"id":"huge","v":1e140},
            {"id":"tiny","v":1e-300},{"id":"four","v":5}]"#,
        ),
        (
            "10:15:00",
            r#"[{"id":"dai","v":0.99986},{"id":"less","v":-12.25},{"id":"zero","v":0.25},
            {"id":"huge","v":1e140},{"id":"tiny","v":3e-300},{"id":"four","v":15.75}]"#,
        ),
        (
            "10:25:00",
            r#"[{"id":"dai","v":0.99986},{"id":"less","v":-12.5},{"id":"four","v":110.5}]"#,
        ),
        ("10:35:00", r#"[{"id":"dai","v":0.99986},{"id":"four","v":120.25}]"#),
    ];
    let answers = answers.map(|(clock, body)| (clock, body.to_string()));
    // At once; and the later ones first, then what comes late.
    let orders: [&[Answers]; 2] = [&[&answers], &[&answers[2..], &answers[..2]]];
    for (kind, batches) in KINDS.into_iter().zip(orders) {
        let home = counted(kind, &samples(""), "en", batches);
        let rows = exported(&home);
        assert_eq!(rows.len(), 8);
        for row in &rows {
            let number = |name: &str| -> f64 { row[name].parse().unwrap() };
            let (min, max) = (number("min"), number("max"));
            for name in QUANTILES.into_iter().chain(["mean"]) {
                assert!((min..=max).contains(&number(name)), "{name} of {row:?}");
            }
            assert!(number("sd") <= (max - min) / 2.0 * 1.000001, "{row:?}");
            if min == max {
                assert_eq!(row["sd"], "0", "{row:?}");
            }
        }
        let of = |series: &str| rows.iter().find(|row| row["series"] == series).unwrap();
        assert_eq!(cells(of("one"), &QUANTILES), ["12.5"; 5]);
        assert_eq!(cells(of("dai"), &QUANTILES), ["0.99986"; 5]);
        assert_eq!(cells(of("ether"), &["min", "p50", "mean", "max"]), ["257.81"; 4]);
        assert_eq!(cells(of("four"), &["p05", "p95"]), ["5", "120.25"]);
        assert_eq!(cells(of("zero"), &["p05", "p95", "mean"]), ["-0.25", "0.25", "0"]);
        let ends = ["min", "min_at", "max", "max_at"];
        let at = |clock: &str| format!("{DAY}T{clock}.000Z");
        // The least came twice: the first time counts.
        assert_eq!(cells(of("less"), &ends), ["-12.5", &at("10:05:00"), "-12.25", &at("10:15:00")]);
        assert_eq!(cells(of("four"), &ends), ["5", &at("10:05:00"), "120.25", &at("10:35:00")]);
    }
}

/// Half-hourly measurements, as grids of electricity publish them.
#[test]
fn a_measurement_is_told_at_its_own_time() {
    let declares = format!(
        "{HEAD}[records]\nat = \"[*]\"\nseries = \"id\"\n\
         time = {{ path = \"t\", unit = \"iso\" }}\n[fields.v]\npath = \"v\"\n\
         unit = \"MW\"\ntitle = \"Load\"\n[[figures]]\nkind = \"line\"\nfield = \"v\"\n"
    );
    let item = |clock, v| format!(r#"{{"id":"a","t":"{DAY}T{clock}:00Z","v":{v}}}"#);
    let items = [
        item("04:00", 1592.85),
        item("04:30", 1887.9),
        item("12:30", 4000.0),
        item("13:00", 4116.1),
        item("13:30", 4587.05),
    ];
    let answers = [("14:00:00", format!("[{}]", items.join(",")))];
    let english = printed(&counted(Kind::Sqlite, &declares, "en", &[&answers]));
    has(&english, &["Load: 1,592.85 MW at 04:00, up to 4,587.05 MW at 13:30", "lowest, 04:00"]);
    for wrong in ["1,740.4", "4,351.6", "at 04:15", "13:45"] {
        assert!(!english.contains(wrong), "{wrong} in\n{english}");
    }
    let french = printed(&counted(Kind::Server, &declares, "fr", &[&answers]));
    has(&french, &["Load : 1 592,85 MW à 4 h 00, puis 4 587,05 MW à 13 h 30", "min. 4 h 00"]);
}

#[test]
fn a_sample_is_told_at_the_instant_of_its_answer() {
    let early = one(&[("03:07:00", -7.25), ("03:17:00", -9.75), ("03:27:00", -8.0)]);
    let late = [("21:40:00", 1700.0), ("22:12:00", 1790.5), ("22:21:00", 1814.5)];
    let late = one(&[&late[..], &[("22:27:00", 1801.0)]].concat());
    for more in ["", "trace = \"10m\"", "unit = \"MW\""] {
        let home = counted(Kind::Sqlite, &samples(more), "en", &[&late, &early]);
        let unit = if more.contains("unit") { " MW" } else { "" };
        let text = printed(&home);
        // The end farther from the middle of the line: by hours most of it is high.
        let marked = if more.contains("trace") { "highest, 22:21" } else { "lowest, 03:17" };
        has(
            &text,
            &[
                &format!("Load: \u{2212}9.75{unit} at 03:17, up to 1,814.5{unit} at 22:21"),
                marked,
                "\u{2212}9.75 to 1,814.5",
            ],
        );
    }
}

#[test]
fn one_value_or_a_still_one_is_not_said_to_last_all_day() {
    let home = counted(Kind::Sqlite, &samples(""), "en", &[&one(&[("04:05:00", 95.09)])]);
    let text = printed(&home);
    has(&text, &["Load: 95.09 at 04:05"]);
    assert!(!text.contains("all day"), "{text}");
    let still = one(&[("04:05:00", 95.09), ("06:45:00", 95.09)]);
    let home = counted(Kind::Sqlite, &samples(""), "fr", &[&still]);
    has(&printed(&home), &["Load : 95,09 de 4 h 05 à 6 h 45"]);
}

/// Rows of before extremes had instants: the hour is told, and no instant is made up.
/// Writes the rows of all commits again, without the instants of their extremes; how many.
fn forget_instants(home: &Sandbox) -> usize {
    let store = store::open(home.store(), Gate::open()).unwrap();
    let odd = SourceName::parse("odd").unwrap();
    let ever = Window::parse("2026-01-01T00").unwrap()..Window::parse("2027-01-01T00").unwrap();
    let headers = store.commits(&odd, ever).unwrap();
    for header in &headers {
        let mut rows = Vec::new();
        let commit = [header.commit.clone()];
        let each = &mut |stored: store::Stored| {
            let mut summary = stored.row.unwrap().summary(header.hour).unwrap();
            for (_, stats) in &mut summary.fields {
                if let Values::Numbers(numbers) = &mut stats.values {
                    (numbers.min.at, numbers.max.at) = (None, None);
                }
            }
            rows.push(Kept::of(Row::Summary(summary), header.hour));
        };
        store.rows(Table::Summaries, &commit, each).unwrap();
        store.remove(&commit, Instant::MAX).unwrap();
        store.put(header, &rows).unwrap();
    }
    headers.len()
}

#[test]
fn of_old_rows_the_hour_is_told() {
    let readings = one(&[
        ("04:05:00", 20.0),
        ("04:15:00", 10.5),
        ("04:25:00", 20.0),
        ("13:05:00", 30.0),
        ("13:15:00", 40.5),
        ("13:25:00", 35.0),
    ]);
    let home = counted(Kind::Sqlite, &samples(""), "en", &[&readings]);
    assert_eq!(forget_instants(&home), 2);
    has(
        &printed(&home),
        &["Load: 10.5 between 04:00 and 05:00, up to 40.5 between 13:00 and 14:00"],
    );
    let rows = exported(&home);
    let ends = ["min", "min_at", "max", "max_at"];
    assert_eq!(cells(&rows[0], &ends), ["10.5", "", "20", "2026-11-21T04:05:00.000Z"]);
    assert_eq!(cells(&rows[1], &ends), ["30", "2026-11-21T13:05:00.000Z", "40.5", ""]);
}
