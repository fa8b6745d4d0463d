//! What a report says of little, odd or textual data, in both languages: all that the data
//! supports, and no more.

use super::pages;
use crate::pdf::check;
use crate::sandbox::{Kind, Sandbox};
use std::path::PathBuf;

/// Answers of a day by their clock, `09-05`.
type Answers = &'static [(&'static str, &'static str)];

struct Case {
    what: &'static str,
    /// The declaration from `every` on.
    declares: &'static str,
    answers: Answers,
    english: &'static [&'static str],
    french: &'static [&'static str],
    /// What neither may say.
    never: &'static [&'static str],
}

pub fn declaration(rest: &str) -> String {
    format!(
        r#"title = {{ en = "Warnings of the weather (office)", fr = "Alertes météo (office)" }}
topic = "odd"

[about]
content     = "x"
zone        = "x"
period      = "1d"
access      = "api"
token       = "none"
attribution = "x"
homepage    = "https://example.org"
licence     = {{ name = "x", url = "https://example.org", reuse = "free" }}

[fetch]
url    = "https://example.org/x.json"
format = "json"
{rest}"#
    )
}

const EVENTS: &str = r#"every = "1m"
[records]
at = "[*]"
id = "id"
time = { path = "t", unit = "iso" }
[fields]
event = { path = "event", kind = "text" }
"#;

const TOWN: &str = r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
free = { path = "n", unit = "place", title = { en = "free places", fr = "places libres" } }
state = { path = "s", kind = "text" }
"#;

const CASES: [Case; 18] = [
    Case {
        what: "texts only",
        declares: EVENTS,
        answers: &[(
            "14-00",
            r#"[{"id":"1","t":"2026-11-21T12:30:00Z","event":"gale"},
                {"id":"2","t":"2026-11-21T13:30:00Z","event":"storm"},
                {"id":"3","t":"2026-11-21T13:40:00Z","event":"gale"}]"#,
        )],
        english: &[
            "Warnings of the weather: 3 in the day, as of 14:00, most often “gale” (2)",
            "The one answer that landed is counted.",
            "In brief",
        ],
        french: &[
            "Alertes météo : 3 dans la journée, état de 14 h 00, le plus souvent « gale » (2)",
            "En bref",
        ],
        never: &["No data", "All 1", "Aucune donnée"],
    },
    Case {
        what: "a table of texts",
        declares: r#"every = "1m"
[records]
at = "[*]"
id = "id"
time = { path = "t", unit = "iso" }
noun = { en = "warning", fr = "alerte" }
[fields]
event = { path = "event", kind = "text" }
[[figures]]
kind = "table"
field = "event"
"#,
        answers: &[(
            "14-00",
            r#"[{"id":"1","t":"2026-11-21T12:30:00Z","event":"gale"},
                {"id":"2","t":"2026-11-21T13:30:00Z","event":"storm"}]"#,
        )],
        english: &["2 warnings in the day", "of 2 warnings in the period", "storm"],
        french: &["2 alertes dans la journée", "2 alertes sur la période"],
        never: &["No data", "most often", "records"],
    },
    Case {
        what: "an answer later than the day",
        declares: EVENTS,
        answers: &[("23-59", r#"[{"id":"1","t":"2026-11-20T12:30:00Z","event":"gale"}]"#)],
        english: &["Warnings of the weather: 0 in the day"],
        french: &["Alertes météo : 0 dans la journée"],
        never: &["No data for this day", "Aucune donnée"],
    },
    Case {
        what: "one answer of a town",
        declares: TOWN,
        answers: &[(
            "09-05",
            r#"[{"id":"north","n":3,"s":"open"},{"id":"south","n":12,"s":"open"}]"#,
        )],
        english: &["Free places: 3 (north) to 12 (south) at 09:05", "“open” in all of 2 values"],
        french: &["Places libres : de 3 (north) à 12 (south) à 9 h 05"],
        never: &["all day", "3.0", "No data"],
    },
    Case {
        what: "texts of samples",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
state = { path = "s", kind = "text" }
[[figures]]
kind = "table"
field = "state"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","s":"open"},{"id":"b","s":"open"}]"#),
            ("09-06", r#"[{"id":"a","s":"open"},{"id":"b","s":"shut"}]"#),
        ],
        english: &["State: “open” in 75% of 4 values", "most often first, of 4 values"],
        french: &["State : « open » pour 75 % de 4 valeurs", "par fréquence, sur 4 valeurs"],
        never: &["No data"],
    },
    Case {
        what: "alike at the top",
        declares: r#"every = "1m"
[records]
at = "[*]"
id = "id"
time = { path = "t", unit = "iso" }
[fields]
score = { path = "v" }
name = { path = "name", kind = "text" }
[[figures]]
kind = "table"
field = "score"
"#,
        answers: &[(
            "14-00",
            r#"[{"id":"1","t":"2026-11-21T12:30:00Z","v":2,"name":"one"},
                {"id":"2","t":"2026-11-21T13:30:00Z","v":2,"name":"two"},
                {"id":"3","t":"2026-11-21T13:40:00Z","v":1,"name":"three"}]"#,
        )],
        english: &["score 2 at most, in 2 of 3", "Score, from the greatest down"],
        french: &["score 2 au plus, pour 2 sur 3"],
        never: &["2.0", "score 2, one", "3 greatest"],
    },
    Case {
        what: "own decimals",
        declares: r#"every = "1m"
[records]
at = "[*]"
series = "id"
time = { path = "t", unit = "iso" }
[fields]
v = { path = "v", unit = "MW" }
[[figures]]
kind = "line"
field = "v"
"#,
        answers: &[(
            "23-58",
            r#"[{"id": "a", "t": "2026-11-21T04:00:00Z", "v": 1592.85},
                {"id": "a", "t": "2026-11-21T04:30:00Z", "v": 1887.9},
                {"id": "a", "t": "2026-11-21T13:00:00Z", "v": 4116.1},
                {"id": "a", "t": "2026-11-21T13:30:00Z", "v": 4587.05}]"#,
        )],
        english: &["V: 1,592.85 MW at 04:00, up to 4,587.05 MW at 13:30"],
        french: &["V : 1 592,85 MW à 4 h 00, puis 4 587,05 MW à 13 h 30"],
        never: &["4,351", "04:15", "all day"],
    },
    Case {
        what: "a still value that was seen twice",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
depth = { path = "n", unit = "m", title = { en = "depth", fr = "profondeur" } }
[[figures]]
kind = "line"
field = "depth"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","n":195916}]"#),
            ("11-20", r#"[{"id":"a","n":195916}]"#),
        ],
        english: &["Depth: 195,916 m from 09:05 to 11:20 (seen in 2 of 24 hours)"],
        french: &["Profondeur : 195 916 m de 9 h 05 à 11 h 20 (vu 2 h sur 24)"],
        never: &["195,916.0", "all day", "depth:"],
    },
    Case {
        what: "nothing that moved",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
free = { path = "n" }
[[figures]]
kind = "multiples"
field = "free"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","n":1},{"id":"b","n":1}]"#),
            ("09-15", r#"[{"id":"a","n":1},{"id":"b","n":1}]"#),
        ],
        english: &["Free: 1 in all 2 series", "In brief"],
        french: &["Free : 1 dans les 2 séries"],
        never: &["moved most", "all day"],
    },
    Case {
        what: "records without a time",
        declares: r#"every = "1m"
[records]
at = "[*]"
id = "id"
noun = { en = "quarry", fr = "carrière" }
nouns = { en = "quarries", fr = "carrières" }
[fields]
depth = { path = "v", unit = "m" }
[[figures]]
kind = "table"
field = "depth"
"#,
        answers: &[("14-00", r#"[{"id":"1","v":2.5},{"id":"2","v":2.5},{"id":"3"}]"#)],
        english: &["2 quarries of depth 2.5 m", "of 3 quarries in the period; 1 without it"],
        french: &["2 carrières de depth 2,5 m", "3 carrières sur la période ; 1 sans elle"],
        never: &["No data", "quarrys", "no record"],
    },
    Case {
        what: "many that are alike",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
v = { path = "v" }
[[figures]]
kind = "multiples"
field = "v"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","v":3},{"id":"b","v":3},{"id":"c","v":3}]"#),
            ("10-05", r#"[{"id":"a","v":4},{"id":"b","v":4},{"id":"c","v":4}]"#),
        ],
        english: &["V: 3 (a and 2 others) at 09:05, up to 4 (a and 2 others) at 10:05"],
        french: &["V : 3 (a et 2 autres) à 9 h 05, puis 4 (a et 2 autres) à 10 h 05"],
        never: &["moved most"],
    },
    Case {
        what: "ends that several reach one after the other",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
free = { path = "n", title = { en = "free places", fr = "places libres" } }
"#,
        answers: &[
            ("03-05", r#"[{"id":"a","n":9},{"id":"z","n":0}]"#),
            ("12-05", r#"[{"id":"a","n":4},{"id":"z","n":9}]"#),
            ("22-05", r#"[{"id":"a","n":0},{"id":"z","n":3}]"#),
        ],
        english: &["Free places: 0 (z, first of 2) to 9 (a, first of 2) at 03:05 (seen in 3 of 24"],
        french: &["de 0 (z, d’abord, sur 2) à 9 (a, d’abord, sur 2) à 3 h 05 (vu 3 h sur 24)"],
        never: &["and 1 other", "et 1 autre"],
    },
    Case {
        what: "dates without a clock",
        declares: r#"every = "1d"
[records]
at = "[*]"
series = "id"
time = { path = "d", unit = "date" }
[fields]
cases = { path = "n" }
"#,
        answers: &[("14-00", r#"[{"id":"a","d":"2026-11-21","n":1220}]"#)],
        english: &["Cases (a): 1,220. 1"],
        french: &["Cases (a) : 1 220. 1"],
        never: &["at 00:00", "à 0 h 00"],
    },
    Case {
        what: "an empty name, and places beyond half a turn",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
labels = { file = "lists/places.csv", key = "id" }
[fields]
v = { path = "v" }
[[figures]]
kind = "map"
field = "v"
"#,
        answers: &[(
            "09-05",
            r#"[{"id":"d","v":1},{"id":"e","v":5},{"id":"f","v":2},{"id":"g","v":2.5}]"#,
        )],
        english: &["V: 1.0 (d) to 5.0 (e) at 09:05", "1 place without coordinates not drawn"],
        french: &["V : de 1,0 (d) à 5,0 (e) à 9 h 05", "1 lieu sans coordonnées n’est pas tracé"],
        never: &["()"],
    },
    Case {
        what: "some texts of many",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
state = { path = "s", kind = "text" }
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","s":"closed"},{"id":"b","s":"closed"},{"id":"c","s":" "}]"#),
            ("10-05", r#"[{"id":"a","s":"closed"},{"id":"b","s":"closed"}]"#),
        ],
        english: &["State: “closed” in 80% of 5 values, else (empty) (1)"],
        french: &["State : « closed » pour 80 % de 5 valeurs, sinon (vide) (1)"],
        never: &["“ ”"],
    },
    Case {
        what: "two places of one name",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
labels = { file = "lists/places.csv", key = "id" }
[fields]
v = { path = "v" }
[[figures]]
kind = "line"
field = "v"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","v":1},{"id":"b","v":5},{"id":"c","v":2}]"#),
            ("10-05", r#"[{"id":"a","v":2},{"id":"b","v":9},{"id":"c","v":3}]"#),
        ],
        english: &["V: from 1 (Central (a)) at 09:05 to 9 (Central (b)) at 10:05"],
        french: &["V : au plus bas 1 (Central (a)) à 9 h 05, \
                   au plus haut 9 (Central (b)) à 10 h 05"],
        never: &[],
    },
    Case {
        what: "a median between two",
        declares: r#"every = "1m"
[records]
at = "[*]"
id = "id"
time = { path = "t", unit = "iso" }
[fields]
mag = { path = "m", title = { en = "magnitude", fr = "magnitude" } }
[[figures]]
kind = "table"
field = "mag"
"#,
        answers: &[(
            "14-00",
            r#"[{"id":"1","t":"2026-11-21T12:30:00Z","m":1},
                {"id":"2","t":"2026-11-21T12:31:00Z","m":2},
                {"id":"3","t":"2026-11-21T12:32:00Z","m":3},
                {"id":"4","t":"2026-11-21T12:33:00Z","m":3},
                {"id":"5","t":"2026-11-21T12:34:00Z","m":2},
                {"id":"6","t":"2026-11-21T12:35:00Z","m":9}]"#,
        )],
        english: &["Magnitude, median 6 9 2.5"],
        french: &["Magnitude, médiane 6 9 2,5"],
        never: &[],
    },
    Case {
        what: "a small way on a large level",
        declares: r#"every = "1m"
[samples]
at = "[*]"
series = "id"
[fields]
v = { path = "v", unit = "Pa" }
[[figures]]
kind = "line"
field = "v"
"#,
        answers: &[
            ("09-05", r#"[{"id":"a","v":1000000.000001}]"#),
            ("10-05", r#"[{"id":"a","v":1000000.000002}]"#),
        ],
        english: &["V: 1,000,000.000001 Pa at 09:05, up to 1,000,000.000002 Pa at 10:05"],
        french: &["V : 1 000 000,000001 Pa à 9 h 05, puis 1 000 000,000002 Pa à 10 h 05"],
        never: &["1,000,000 Pa at"],
    },
];

const DAY: &str = "2026-11-21";
const OVER: [&str; 2] = ["--now", "2026-11-22T00:20:00Z"];

fn home(case: &Case) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.source("odd", &declaration(case.declares));
    std::fs::create_dir_all(home.path("sources/lists")).unwrap();
    let places = "id,name,lat,lon\na,Central,,\nb,Central,,\nc,Port,,\n\
                  d,,10.5,200.25\ne, ,10.6,200.5\nf,F,10.7,200.75\ng,G,,\n";
    std::fs::write(home.path("sources/lists/places.csv"), places).unwrap();
    std::fs::create_dir_all(home.path("recording/odd")).unwrap();
    for (clock, body) in case.answers {
        let name = format!("recording/odd/odd_{DAY}T{clock}-00Z.json");
        std::fs::write(home.path(&name), body).unwrap();
    }
    let folder = home.path("recording");
    let replay = ["run", "--replay", folder.to_str().unwrap(), "--onto", DAY];
    home.run("fetcher", &[&OVER[..], &replay].concat()).exits(0);
    home.run("summarizer", &[&OVER[..], &["run"]].concat()).exits(0);
    home
}

fn text(home: &Sandbox, language: &str, name: &str) -> String {
    home.settings(&format!("[report]\nlanguage = \"{language}\"\n"));
    home.run("analyzer", &[&OVER[..], &["report", "--date", DAY]].concat()).exits(0);
    let pdf = home.path(&format!("reports/daybook_{DAY}.pdf"));
    if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
        let name = format!("says-{}-{language}.pdf", name.replace(' ', "-"));
        std::fs::copy(&pdf, PathBuf::from(folder).join(name)).unwrap();
    }
    let found = check::assert_sound(&pdf);
    assert_eq!(check::boxes(&found), [""; 0]);
    let text = pages(&pdf).join("\n").replace(['\u{a0}', '\u{202f}'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_says_what_the_data_supports() {
    let mut faults = String::new();
    for case in &CASES {
        let home = home(case);
        for (language, words) in [("en", case.english), ("fr", case.french)] {
            let text = text(&home, language, case.what);
            let missing = words.iter().filter(|words| !text.contains(**words));
            faults.extend(missing.map(|words| format!("{}: no {words:?}\n{text}\n", case.what)));
            let wrong = case.never.iter().filter(|words| text.contains(**words));
            faults.extend(wrong.map(|words| format!("{}: {words:?}\n{text}\n", case.what)));
        }
    }
    assert!(faults.is_empty(), "{faults}");
}
