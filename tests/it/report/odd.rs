//! Odd data, from a recording that the test writes to pages that a reader could read: nothing,
//! one point, equal, negative and huge values, long names, too many series, short and long days.

use super::pages;
use crate::pdf::check;
use crate::sandbox::{Kind, Sandbox};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use std::fmt::Write;
use std::path::PathBuf;

const NAME: &str = "A name of sixty characters, as some publishers do like them!";

/// A source of samples, with every figure there is.
fn source(title: &str) -> String {
    format!(
        r#"title = {{ en = "{title}", fr = "{title}" }}
topic = "odd"

[about]
content     = "Odd values"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = {{ name = "None", url = "https://example.org/licence", reuse = "free" }}
attribution = "Nobody"
homepage    = "https://example.org"

[fetch]
url    = "https://example.org/odd.json"
every  = "10m"
format = "json"

[samples]
at     = "list[*]"
series = "name"

[fields.value]
path  = "value"
trace = "10m"
title = {{ en = "Value", fr = "Valeur" }}

[aggregates.all]
sum   = "value"
trace = "10m"
title = {{ en = "All values", fr = "Toutes les valeurs" }}

[[figures]]
kind  = "line"
field = "all"

[[figures]]
kind  = "table"
field = "value"

[[figures]]
kind  = "multiples"
field = "value"
"#
    )
}

/// One day of one odd source.
struct Odd {
    what: &'static str,
    title: &'static str,
    zone: &'static str,
    day: &'static str,
    /// Answers, ten minutes apart from the day's first instant in UTC on.
    from: &'static str,
    answers: usize,
    /// The items of an answer.
    items: fn(usize) -> Vec<(String, Option<f64>)>,
    /// What the report must say.
    says: &'static [&'static str],
}

const USUAL: Odd = Odd {
    what: "usual",
    title: "Odd",
    zone: "UTC",
    day: "2026-11-21",
    from: "2026-11-21T00:00:30Z",
    answers: 144,
    items: |k| vec![("a".into(), Some(k as f64))],
    says: &[],
};

fn one(value: f64) -> Vec<(String, Option<f64>)> {
    vec![("a".into(), Some(value))]
}

const DAYS: [Odd; 13] = [
    USUAL,
    Odd { what: "no data", answers: 0, says: &["No data"], ..USUAL },
    Odd { what: "one point", answers: 1, says: &["All values: 0 at 00:00"], ..USUAL },
    Odd { what: "all equal", items: |_| one(3.0), says: &["3 all day"], ..USUAL },
    Odd { what: "negative", items: |k| one(-(k as f64)), says: &["\u{2212}143"], ..USUAL },
    Odd { what: "huge", items: |k| one(1e12 + k as f64 * 1e10), says: &["All values"], ..USUAL },
    Odd { what: "tiny", items: |k| one((k + 1) as f64 * 1e-9), says: &["0.00000014"], ..USUAL },
    Odd { what: "absent", items: |_| vec![("a".into(), None)], ..USUAL },
    Odd { what: "long", title: NAME, items: |k| vec![(NAME.into(), Some(k as f64))], ..USUAL },
    Odd { what: "unbroken", items: |k| vec![("x".repeat(60), Some((k % 7) as f64))], ..USUAL },
    Odd {
        what: "many",
        answers: 12,
        items: |k| (0..500).map(|n| (format!("series {n}"), Some((n * k % 97) as f64))).collect(),
        says: &["500 series"],
        ..USUAL
    },
    Odd {
        what: "short",
        zone: "Europe/Paris",
        day: "2026-03-29",
        from: "2026-03-28T23:00:30Z",
        answers: 138,
        says: &["138 answers"],
        ..USUAL
    },
    Odd {
        what: "long-day",
        zone: "Europe/Paris",
        day: "2026-10-25",
        from: "2026-10-24T22:00:30Z",
        answers: 150,
        says: &["150 answers"],
        ..USUAL
    },
];

fn body(items: &[(String, Option<f64>)]) -> String {
    let item = |(name, value): &(String, Option<f64>)| {
        serde_json::json!({ "name": name, "value": value }).to_string()
    };
    format!("{{\"list\":[{}]}}", items.iter().map(item).collect::<Vec<_>>().join(","))
}

/// Replays the answers of each UTC date onto itself; then summarises and prints.
fn print(odd: &Odd) -> (Sandbox, PathBuf) {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings(&format!("[report]\nzone = \"{}\"\n", odd.zone));
    home.source("odd", &source(odd.title));
    let from: DateTime<Utc> = odd.from.parse().unwrap();
    let after = format!("{}T12:00:00Z", from.date_naive() + Days::new(2));
    let at = |k: usize| from + Duration::minutes(10 * k as i64);
    let mut dates: Vec<NaiveDate> = (0..odd.answers).map(|k| at(k).date_naive()).collect();
    dates.dedup();
    for date in dates {
        let folder = home.path(&format!("recording-{date}"));
        std::fs::create_dir_all(folder.join("odd")).unwrap();
        for k in (0..odd.answers).filter(|k| at(*k).date_naive() == date) {
            let name = format!("odd/odd_{}.json", at(k).format("%Y-%m-%dT%H-%M-%SZ"));
            std::fs::write(folder.join(name), body(&(odd.items)(k))).unwrap();
        }
        let (folder, date) = (folder.to_str().unwrap(), date.to_string());
        let replay = ["--now", &after, "run", "--replay", folder, "--onto", &date];
        home.run("fetcher", &replay).exits(0);
    }
    let code = if odd.answers > 0 { 0 } else { 2 };
    let run = home.run("summarizer", &["--now", &after, "run"]);
    assert!([0, code].contains(&run.code.unwrap()), "{}", run.about);
    home.run("analyzer", &["--now", &after, "report", "--date", odd.day]).exits(0);
    let pdf = home.path(&format!("reports/daybook_{}.pdf", odd.day));
    (home, pdf)
}

fn faults(odd: &Odd) -> String {
    let (_home, pdf) = print(odd);
    if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
        let name = format!("odd-{}.pdf", odd.what.replace(' ', "-"));
        std::fs::copy(&pdf, PathBuf::from(folder).join(name)).unwrap();
    }
    let found = check::read(&pdf);
    let text = pages(&pdf).join("\n").replace(['\u{a0}', '\u{202f}'], " ");
    let mut faults = check::faults(&found);
    faults.extend(check::boxes(&found));
    let missing = odd.says.iter().filter(|words| !text.contains(**words));
    faults.extend(missing.map(|words| format!("it does not say {words:?}:\n{text}")));
    let wrong = ["NaN", "inf ", "\u{2212}0 ", "\u{2212}0.0 ", "\u{fffd}"];
    faults.extend(wrong.iter().filter(|w| text.contains(**w)).map(|w| format!("{w}:\n{text}")));
    faults.iter().fold(String::new(), |mut all, fault| {
        let _ = writeln!(all, "{}: {fault}", odd.what);
        all
    })
}

#[test]
fn odd_days_make_pages_that_can_be_read() {
    let faults: String = DAYS.iter().map(faults).collect();
    assert!(faults.is_empty(), "{faults}");
}
