//! What the terms of a source let go to others binds each way out; and what job offers say of
//! themselves, where they may: doubles, distributions, how full they are.

use crate::france_travail::FranceTravail;
use crate::report::pages;
use crate::sandbox::{KINDS, Kind, Sandbox};
use std::fs;

const DAY: &str = "2026-11-21";
const NOW: [&str; 2] = ["--now", "2026-11-22T02:30:00Z"];

/// A board of job offers that shares so much, with these figures.
fn board(share: &str, figures: &str) -> String {
    format!(
        r#"title = "Board of {share}"
topic = "jobs"
[about]
content     = "offers"
zone        = "x"
period      = "1d"
access      = "api"
token       = "none"
share       = "{share}"
attribution = "x"
homepage    = "https://example.org"
licence     = {{ name = "Terms of {share}", url = "https://x.org", reuse = "conditions" }}
[fetch]
url    = "https://example.org/x.json"
format = "json"
every  = "1d"
[records]
schema = "job-offer"
at     = "[*]"
id     = "id"
time   = {{ path = "t", unit = "iso" }}
noun   = {{ en = "job offer", fr = "offre d’emploi" }}
nouns  = {{ en = "job offers", fr = "offres d’emploi" }}
[fields]
title   = {{ path = "title", kind = "text", title = "Job" }}
company = {{ path = "company", kind = "text", title = "Employer" }}
place   = {{ path = "place", kind = "text", optional = true, title = "Place" }}
lat     = {{ path = "lat", optional = true, title = "Latitude" }}
lon     = {{ path = "lon", optional = true, title = "Longitude" }}
salary_year_min = {{ path = "pay", unit = "EUR", optional = true, title = "Pay" }}
{figures}"#
    )
}

const FIGURES: &str = r#"
[[figures]]
kind = "bars"
field = "title"
[[figures]]
kind = "distribution"
field = "salary_year_min"
title = "What is paid"
[[figures]]
kind = "map"
field = "place"
title = "Where they are"
[[figures]]
kind = "fill"
title = "What is stated"
"#;

/// Forty offers; the first few are those of another board too.
fn offers(board: &str, shared: usize) -> String {
    let towns = [("Lyon", 45.76, 4.84), ("Nantes", 47.22, -1.55), ("Lille", 50.63, 3.06)];
    let one = |n: usize| {
        let (town, lat, lon) = towns[n % 3];
        let firm = if n < shared { format!("Société {n} SA") } else { format!("{board} {n}") };
        let job = ["Data engineer (H/F)", "Data scientist"][n % 2];
        let pay = if n.is_multiple_of(4) {
            String::new()
        } else {
            format!(",\"pay\":{}", 30_000 + n * 500)
        };
        format!(
            "{{\"id\":\"{board}{n}\",\"t\":\"{DAY}T10:{n:02}:00Z\",\"title\":\"{job}\",\
             \"company\":\"{firm}\",\"place\":\"{town}\",\"lat\":{lat},\"lon\":{lon}{pay}}}"
        )
    };
    format!("[{}]", (0..40).map(one).collect::<Vec<_>>().join(","))
}

/// A home with boards of job offers, counted: name, share, figures.
fn home(kind: Kind, boards: &[(&str, &str, &str)]) -> Sandbox {
    let home = Sandbox::new(kind);
    for (name, share, figures) in boards {
        home.source(name, &board(share, figures));
        fs::create_dir_all(home.path(&format!("recording/{name}"))).unwrap();
        let file = format!("recording/{name}/{name}_{DAY}T14-00-00Z.json");
        fs::write(home.path(&file), offers(name, 3)).unwrap();
    }
    let folder = home.path("recording");
    let replay = ["run", "--replay", folder.to_str().unwrap(), "--onto", DAY];
    home.run("fetcher", &[&NOW[..], &replay].concat()).exits(0);
    home.run("summarizer", &[&NOW[..], &["run"]].concat()).exits(0);
    home
}

fn report(home: &Sandbox) -> String {
    home.run("analyzer", &[&NOW[..], &["report", "--date", DAY]].concat()).exits(0);
    let text = pages(&home.path(&format!("reports/daybook_{DAY}.pdf"))).join("\n");
    text.replace(['\u{a0}', '\u{202f}'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_may_not_be_passed_on_leaves_by_no_door() {
    for kind in KINDS {
        let boards =
            [("open", "all", FIGURES), ("own", "aggregates", FIGURES), ("shut", "none", "")];
        let home = home(kind, &boards);
        let all = ["export", "--from", DAY];
        home.run("analyzer", &[&NOW[..], &all].concat())
            .exits(0)
            .says("own is not exported: its terms let figures of it be shown, and no record")
            .says("shut is not exported: its terms let nothing of it be shown or passed on");
        assert_eq!(home.files("exports"), ["datapackage.json", "open_records.csv"]);
        let package = fs::read_to_string(home.path("exports/datapackage.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&package).unwrap();
        let left: Vec<&str> = package["left_out"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["source"].as_str().unwrap())
            .collect();
        assert_eq!(left, ["own", "shut"]);
        assert_eq!(package["resources"][0]["provenance"]["share"], "all");
        home.run("analyzer", &[&NOW[..], &all, &["--source", "shut"]].concat())
            .exits(2)
            .says("about.share = \"none\"");
        let text = report(&home);
        for said in [
            "Board of all: 40 in the day",
            "Board of none Collected and kept: its terms let no figure of it be",
            "Terms of aggregates (re-use under conditions, records are not passed on)",
            "Terms of none (re-use under conditions, nothing is shown or passed on)",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        // Of the forty of each, those of the shut one are in no sum.
        assert!(!text.contains("80 job offers") && !text.contains("120 job offers"), "{text}");
        assert!(!text.contains("own 7") && !text.contains("shut 7"), "{text}");
    }
}

#[test]
fn a_board_of_which_nothing_may_be_shown_has_no_headline() {
    let text = report(&home(Kind::Sqlite, &[("shut", "none", "")]));
    assert!(text.contains("its terms let no figure of it be shown"), "{text}");
    assert!(text.contains("1 answer landed, of which the terms let no figure be shown"), "{text}");
    for never in ["40 job", "No job offers", "Data engineer", "Lyon", "no value"] {
        assert!(!text.contains(never), "{never}: {text}");
    }
}

/// Samples, or measurements: three towns, of which one may know the sum alone.
fn towns(share: &str, kind: &str) -> Sandbox {
    let head = board(share, "");
    let head = head.split("[records]").next().unwrap().replace("every  = \"1d\"", "every = \"1h\"");
    let items = match kind {
        "samples" => {
            "[samples]\nat = \"[*]\"\nseries = \"town\"\n[fields.free]\npath = \"free\"\n\
             [aggregates.all_free]\nsum = \"free\"\n[[figures]]\nkind = \"line\"\n\
             field = \"all_free\"\n"
        }
        _ => {
            "[records]\nat = \"[*]\"\nseries = \"town\"\ntime = { path = \"t\", unit = \"iso\" }\n\
             [fields.free]\npath = \"free\"\n"
        }
    };
    let home = Sandbox::new(Kind::Sqlite);
    home.source("towns", &format!("{head}{items}"));
    fs::create_dir_all(home.path("recording/towns")).unwrap();
    for hour in 10..14 {
        let one = |n: usize| {
            let (town, free) = (["Ayville", "Beeville", "Ceeville"][n], 1_111 * (n + hour));
            format!("{{\"town\":\"{town}\",\"t\":\"{DAY}T{hour}:00:00Z\",\"free\":{free}}}")
        };
        let body = format!("[{},{},{}]", one(0), one(1), one(2));
        fs::write(home.path(&format!("recording/towns/towns_{DAY}T{hour}-00-00Z.json")), body)
            .unwrap();
    }
    let folder = home.path("recording");
    let replay = ["run", "--replay", folder.to_str().unwrap(), "--onto", DAY];
    home.run("fetcher", &[&NOW[..], &replay].concat()).exits(0);
    home.run("summarizer", &[&NOW[..], &["run"]].concat()).exits(0);
    home
}

#[test]
fn aggregates_are_figures_over_many_items_and_nothing_of_one() {
    let home = towns("aggregates", "samples");
    let text = report(&home);
    assert!(text.contains("All free: 36,663 at 10:00"), "{text}");
    assert!(!text.contains("ville"), "{text}");
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat()).exits(0);
    let table = fs::read_to_string(home.path("exports/towns_summaries.csv")).unwrap();
    assert!(table.contains(",*,") && !table.contains("ville"), "{table}");
    // A measurement stands by itself wherever it stands.
    let home = towns("aggregates", "measurements");
    let text = report(&home);
    assert!(text.contains("its terms let no figure of it be shown"), "{text}");
    assert!(!text.contains("ville") && !text.contains("11,110"), "{text}");
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat()).exits(0);
    assert_eq!(home.files("exports"), ["datapackage.json"]);
}

#[test]
fn names_that_may_not_be_shown_name_no_series() {
    let home = Sandbox::new(Kind::Sqlite);
    let names = board("none", "").replace("{ path = \"title\"", "{ path = \"town\"");
    let names = names.replace("[fields]", "[fields]\nname = { path = \"name\", kind = \"text\" }");
    home.source("names", &names.replace("schema = \"job-offer\"\n", ""));
    let head = board("all", "");
    let head = head.split("[records]").next().unwrap();
    let items = "[samples]\nat = \"[*]\"\nseries = \"id\"\nlabels = \"names\"\n[fields.free]\n\
                 path = \"free\"\n[[figures]]\nkind = \"table\"\nfield = \"free\"\n";
    home.source("towns", &format!("{head}{items}"));
    for (name, body) in [
        (
            "names",
            "[{\"id\":\"a\",\"t\":\"2026-11-21T10:00:00Z\",\"name\":\"Ayville\",\
                   \"town\":\"x\",\"company\":\"y\"}]",
        ),
        ("towns", "[{\"id\":\"a\",\"free\":3},{\"id\":\"b\",\"free\":4}]"),
    ] {
        fs::create_dir_all(home.path(&format!("recording/{name}"))).unwrap();
        let file = format!("recording/{name}/{name}_{DAY}T14-00-00Z.json");
        fs::write(home.path(&file), body).unwrap();
    }
    let folder = home.path("recording");
    let replay = ["run", "--replay", folder.to_str().unwrap(), "--onto", DAY];
    home.run("fetcher", &[&NOW[..], &replay].concat()).exits(0);
    home.run("summarizer", &[&NOW[..], &["run"]].concat()).exits(0);
    let text = report(&home);
    assert!(!text.contains("Ayville"), "{text}");
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat()).exits(0);
    let table = fs::read_to_string(home.path("exports/towns_summaries.csv")).unwrap();
    assert!(table.contains(",a,") && !table.contains("Ayville"), "{table}");
}

#[test]
fn a_source_that_is_taken_away_stays_bound_by_its_last_terms() {
    let home = home(Kind::Sqlite, &[("board", "all", FIGURES)]);
    home.source("board", &board("none", ""));
    home.run("summarizer", &[&NOW[..], &["run"]].concat()).exits(0);
    fs::remove_file(home.path("sources/board.toml")).unwrap();
    let text = report(&home);
    assert!(text.contains("its terms let no figure of it be shown"), "{text}");
    assert!(!text.contains("Data engineer"), "{text}");
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat())
        .exits(0)
        .says("board is not exported");
    assert_eq!(home.files("exports"), ["datapackage.json"]);
}

#[test]
fn offers_that_two_boards_have_are_marked_and_none_is_taken_away() {
    let home = home(Kind::Sqlite, &[("first", "all", FIGURES), ("second", "all", FIGURES)]);
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat()).exits(0);
    for (name, other) in [("first", "second"), ("second", "first")] {
        let path = home.path(&format!("exports/{name}_records.csv"));
        let mut read = csv::Reader::from_path(path).unwrap();
        let place = read.headers().unwrap().iter().position(|name| name == "also_in").unwrap();
        let also: Vec<String> = read.records().map(|row| row.unwrap()[place].to_string()).collect();
        assert_eq!(also.len(), 40);
        assert_eq!(also.iter().filter(|also| *also == other).count(), 3);
        assert_eq!(also.iter().filter(|also| also.is_empty()).count(), 37);
    }
    let text = report(&home);
    assert!(text.contains("In several sources: 3 (same title, employer and place)."), "{text}");
}

#[test]
fn a_report_tells_how_offers_are_distributed_and_how_full_they_are() {
    let text = report(&home(Kind::Sqlite, &[("own", "aggregates", FIGURES)]));
    for said in [
        "median 40,000 EUR, half of them from 35,000 EUR to 45,000 EUR; stated by 30 of 40 job",
        "30,000–32,000 3",
        "Where they are 40 of 40 job offers",
        "Lyon, 14",
        "What is stated share of 40 job offers that state it",
        "Pay 75% (30)",
        "Employer 100% (40)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn what_is_all_shown_as_most_is_no_middle_and_no_end_and_a_caveat_stands_beside() {
    let of = |rank: &str| {
        let figure = "[[figures]]\nkind = \"bars\"\nfield = \"title\"";
        format!("{figure}\nrank = \"{rank}\"\ntitle = \"{rank}!\"\n")
    };
    let text = board("all", &[of("top"), of("middle"), of("bottom")].concat());
    let text = text.replace("attribution", "caveat = \"Old ones are not there.\"\nattribution");
    let home = Sandbox::new(Kind::Sqlite);
    home.source("own", &text);
    fs::create_dir_all(home.path("recording/own")).unwrap();
    fs::write(home.path(&format!("recording/own/own_{DAY}T14-00-00Z.json")), offers("own", 0))
        .unwrap();
    let folder = home.path("recording");
    let replay = ["run", "--replay", folder.to_str().unwrap(), "--onto", DAY];
    home.run("fetcher", &[&NOW[..], &replay].concat()).exits(0);
    home.run("summarizer", &[&NOW[..], &["run"]].concat()).exits(0);
    let text = report(&home);
    assert!(
        text.contains("top!") && !text.contains("middle!") && !text.contains("bottom!"),
        "{text}"
    );
    assert!(text.contains("Old ones are not there."), "{text}");
    home.run("analyzer", &[&NOW[..], &["export", "--from", DAY]].concat()).exits(0);
    let package = fs::read_to_string(home.path("exports/datapackage.json")).unwrap();
    assert!(package.contains("Old ones are not there."));
}

#[test]
fn what_values_are_called_is_told_and_a_wrong_label_is_warned_of() {
    let server = FranceTravail::start(&["--offers", "20"]);
    let home = Sandbox::new(Kind::Sqlite);
    home.settings("");
    server.declare(
        &home,
        &[
            ("K1906 = \"Délégué à la protection des données\"", "K1906 = \"Data engineer\""),
            ("values = [\"K1906\",", "values = [\"K9999\", \"K1906\","),
        ],
    );
    let run = ["backfill", "france-travail", "--now", "2026-11-01T00:00:00Z", "--verbose"];
    let table = home.path("offers.csv").display().to_string();
    let more = ["--rate-limit-delay", "0", "--output", &table];
    home.run("fetcher", &[&run[..], &more].concat())
        .exits(0)
        .says("codeROME M1851: Data analyst - Business Intelligence")
        .says("codeROME K9999 is in no list of the publisher")
        .says("codeROME K1906 is “Délégué / Déléguée à la protection des données - Data")
        .says("and “Data engineer” where it is declared");
    assert_eq!(server.count("list metiers"), 1);
}
