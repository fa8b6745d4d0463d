//! The printed report itself: the recorded day by the three programs, looked at as a reader would.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

mod expects;
mod live;
mod odd;
mod says;
mod several;
mod written;

use crate::pdf::check;
use crate::recording::{DAY, DAY_OVER as NOW, recorded_day};
use crate::sandbox::{Kind, Sandbox};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints a report and checks that its pages are sound; the path of the file.
fn printed(home: &Sandbox, more: &[&str], name: &str) -> PathBuf {
    let arguments = [&["--now", NOW, "report", "--date", DAY], more].concat();
    home.run("analyzer", &arguments).exits(0);
    let mut reports = home.files("reports");
    assert_eq!(reports.len(), 1, "{reports:?}");
    let path = home.path("reports").join(reports.remove(0));
    if let Some(folder) = std::env::var_os("DAYBOOK_PAGES") {
        std::fs::copy(&path, Path::new(&folder).join(format!("{name}.pdf"))).unwrap();
    }
    let found = check::assert_sound(&path);
    assert_eq!(check::boxes(&found), [""; 0]);
    path
}

/// The text of each page.
pub fn pages(pdf: &Path) -> Vec<String> {
    let output = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_string).collect()
}

fn are_numbered(pages: &[String]) {
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for (place, page) in pages.iter().enumerate() {
        let number = format!("{}/{}", place + 1, pages.len());
        assert!(squeezed(page).ends_with(&number), "page {}: {page}", place + 1);
    }
}

#[test]
fn the_recorded_day_is_sound_in_english() {
    let home = recorded_day(Kind::Sqlite, "language = \"en\"");
    let pages = pages(&printed(&home, &[], "day-en"));
    are_numbered(&pages);
    let text = pages.join("\n");
    for words in ["Earthquake of magnitude 6.4", "All 151 answers that landed are counted"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    assert!(!text.contains('\u{fffd}') && !text.contains("NaN"), "{text}");
}

#[test]
fn the_recorded_day_is_sound_in_french() {
    let home = recorded_day(Kind::Sqlite, "language = \"fr\"\nzone = \"Europe/Paris\"");
    let pages = pages(&printed(&home, &[], "day-fr"));
    are_numbered(&pages);
    let text = pages.join("\n");
    for words in ["Séisme de magnitude 6,4", "Données", "Sources et licences", "Le bilan"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    for ours in ["Landed", "Counted", "means of", "answers", "Sunday", "Saturday", "The day"] {
        assert!(!text.contains(ours), "{ours} is English, in\n{text}");
    }
}

#[test]
fn a_week_and_a_month_are_sound() {
    for more in ["--week", "--month"] {
        let home = recorded_day(Kind::Sqlite, "");
        let pages = pages(&printed(&home, &[more], &more[2..]));
        are_numbered(&pages);
        assert_eq!(pages.len(), 5, "the front page holds its own");
    }
}

#[test]
fn a_report_made_before_the_day_is_over_says_so() {
    let home = recorded_day(Kind::Sqlite, "");
    let text = |now: &str| {
        home.run("analyzer", &["--now", now, "report", "--date", DAY]).exits(0);
        let path = home.path(&format!("reports/daybook_{DAY}.pdf"));
        check::assert_sound(&path);
        // A sentence may go on on the next line.
        pages(&path).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(text("2026-11-21T18:00:00Z").contains("The day is not over."));
    assert!(!text(NOW).contains("The day is not over."));
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    let read = |kind| {
        let home = recorded_day(kind, "");
        let first = std::fs::read(printed(&home, &[], "same")).unwrap();
        let again = std::fs::read(printed(&home, &[], "same")).unwrap();
        assert!(first == again, "printed twice, it differs");
        first
    };
    assert!(read(Kind::Sqlite) == read(Kind::Server), "the stores make it differ");
}
