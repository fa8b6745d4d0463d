//! The written report, and reports of any days and of some sources.

use super::{are_numbered, pages};
use crate::declared::ABOUT;
use crate::pdf::check;
use crate::recording::{DAY, DAY_OVER as NOW, recorded_day};
use crate::sandbox::{Kind, Sandbox};
use std::path::{Path, PathBuf};

/// Prints one report more and checks its pages; its file's name is the expected one.
fn printed(home: &Sandbox, now: &str, more: &[&str], stem: &str) -> String {
    let arguments = [&["--now", now, "report"], more].concat();
    let ran = home.run("analyzer", &[&arguments[..], &["--json"]].concat()).exits(0);
    let name = format!("daybook_{stem}.pdf");
    assert!(ran.stdout.contains(&name), "{}", ran.about);
    let path = home.path("reports").join(name);
    keep(&path);
    let found = check::assert_sound(&path);
    assert_eq!(check::boxes(&found), [""; 0]);
    let pages = pages(&path);
    are_numbered(&pages);
    pages.join("\n").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// With DAYBOOK_PAGES set to a folder, a copy stays there to be looked at.
fn keep(path: &PathBuf) {
    if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
        let name = format!("{}-{}", std::process::id(), path.file_name().unwrap().display());
        std::fs::copy(path, Path::new(&folder).join(name)).unwrap();
    }
}

const STUDY: &str = r#"language = "LANG"
zone = "Europe/Paris"
subject = { en = "Why towns breathe.", fr = "Pourquoi les villes respirent." }
approach = { en = "By their own figures.", fr = "Par leurs propres chiffres." }
analyses = [{ en = "Trends of a month", fr = "Tendances d’un mois" }, "K-means"]"#;

#[test]
fn the_written_report_says_all_of_it() {
    for (lang, words) in [
        (
            "en",
            [
                "Why towns breathe.",
                "By their own figures.",
                "Planned analysis 1 Trends of a month",
                "Planned analysis 2 K-means",
                "within 1 % of the value",
                "nearest rank",
                "What the sources have in common",
                "Published every minute",
                "free re-use",
                "no key",
                "A day is the civil day of Europe/Paris",
            ],
        ),
        (
            "fr",
            [
                "Pourquoi les villes respirent.",
                "Par leurs propres chiffres.",
                "Analyse prévue 1 Tendances d’un mois",
                "Analyse prévue 2 K-means",
                "à 1 % près de la valeur",
                "rang le plus proche",
                "Ce que les sources ont en commun",
                "Publiée chaque minute",
                "réutilisation libre",
                "sans clé",
                "Un jour est le jour civil de Europe/Paris",
            ],
        ),
    ] {
        let home = recorded_day(Kind::Sqlite, &STUDY.replace("LANG", lang));
        let text = printed(&home, NOW, &["--full", "--date", "yesterday"], &format!("{DAY}_full"));
        for words in words {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        assert!(!text.contains('\u{fffd}') && !text.contains("NaN"), "{text}");
        let own = text.split_once(words[6]).unwrap().1;
        assert!(!own.contains('…'), "something is cut in\n{own}");
    }
}

/// It is no day's report for the remaking of days, and each has its own file.
#[test]
fn other_reports_are_not_taken_for_a_days() {
    let home = recorded_day(Kind::Sqlite, "");
    let one =
        printed(&home, NOW, &["--topics", "bikes", "--date", DAY], &format!("{DAY}_only-bikes"));
    assert!(one.contains("Bikes") && !one.contains("Earthquakes"), "{one}");
    let two = ["--sources", "earthquakes-usgs", "--from", "2026-11-20", "--to", "yesterday"];
    let two = printed(&home, NOW, &two, "2026-11-20_2026-11-21_only-earthquakes-usgs");
    assert!(two.contains("Earthquakes") && !two.contains("Bikes"), "{two}");
    assert!(two.contains("20 to 21 November 2026"), "{two}");
    let before = home.files("reports");
    home.run("analyzer", &["--now", NOW]).exits(0);
    let day = format!("daybook_{DAY}.pdf");
    let after: Vec<String> = home.files("reports").into_iter().filter(|f| *f != day).collect();
    assert!(home.path("reports").join(&day).exists());
    assert_eq!(after, before);
    home.run("analyzer", &["--now", NOW]).exits(0);
    for (more, words) in [
        (&["--topics", "bike"][..], "had no topic bike\nhint: did you mean bikes?"),
        (&["--sources", "velib"], "had no source velib"),
        (&["--from", "2026-11-21", "--to", "2026-11-20"], "--from is the first day"),
        (&["--from", "2025-01-01", "--to", "2026-11-20"], "is more than the 366 days"),
        (&["--date", "tomorrow"], "a day: 2026-11-21, today, yesterday"),
        (&["--from", "2026-11-20", "--week"], "cannot be used with"),
    ] {
        let arguments = [&["--now", NOW, "report"][..], more].concat();
        home.run("analyzer", &arguments).exits(2).says(words);
    }
}

/// A home without data, on days whose length its zone changes.
fn dated(zone: &str, language: &str) -> Sandbox {
    let home = Sandbox::new(Kind::Sqlite);
    home.settings(&format!("[report]\nzone = \"{zone}\"\nlanguage = \"{language}\""));
    home.source(
        "one",
        &format!(
            "title = \"One\"\ntopic = \"test\"\n{ABOUT}[fetch]\nurl = \"http://127.0.0.1:9/\"\n\
             every = \"1h\"\nformat = \"json\"\n[samples]\nat = \"[*]\"\nseries = \"id\"\n\
             [fields.v]\npath = \"v\"\n"
        ),
    );
    home.run("summarizer", &["--now", "2026-01-01T00:00:00Z"]).exits(0);
    home
}

#[test]
fn the_length_of_a_day_is_told_where_clocks_change() {
    for (zone, day, words) in [
        ("Europe/Paris", "2026-03-29", "29 March 2026 has 23 hours in Europe/Paris"),
        ("Europe/Paris", "2026-10-25", "25 October 2026 has 25 hours in Europe/Paris"),
        ("Australia/Lord_Howe", "2026-04-05", "has 24 hours and 30 minutes"),
        ("Asia/Kolkata", "2026-04-05", "go from 00:30 of the first day to 00:30 of the day after"),
        ("Asia/Kathmandu", "2026-04-05", "go from 00:45 of the first day to 00:45"),
    ] {
        let home = dated(zone, "en");
        let now = "2026-11-21T00:00:00Z";
        let text = printed(&home, now, &["--date", day], day);
        assert!(text.contains(words), "{zone}: {text}");
        let text = printed(&home, now, &["--date", "2026-06-10"], "2026-06-10");
        assert!(!text.contains("clocks change"), "{zone}: {text}");
    }
    let text = printed(
        &dated("Europe/Paris", "fr"),
        "2026-11-21T00:00:00Z",
        &["--date", "2026-03-29"],
        "2026-03-29",
    );
    assert!(text.contains("Le 29 mars 2026 compte 23 heures à l’heure de Europe/Paris"), "{text}");
}

/// Of many days a line has means of hours, of very many those of days.
#[test]
fn lines_of_many_days_have_larger_steps() {
    let home = recorded_day(Kind::Sqlite, "");
    for (from, words) in [
        ("2026-11-20", "means of 10 min"),
        ("2026-10-24", "hourly means"),
        ("2026-08-01", "daily means"),
    ] {
        let stem = format!("{from}_{DAY}");
        let text = printed(&home, NOW, &["--from", from, "--to", DAY], &stem);
        assert!(text.contains("All 151 answers that landed are counted"), "{text}");
        // A day is one point, which is no line.
        assert!(text.contains(words) || from == "2026-08-01", "{words} is not in\n{text}");
        assert!(!text.contains("means of 10 min") || from == "2026-11-20", "{text}");
    }
}
