//! One model, two faces: what the page of a day says stands in the PDF of that day.

use super::board::{Board, day};
use crate::recording::{DAY, DAY_OVER};
use regex_lite::Regex;
use std::process::Command;

/// Words without how they are set: spaces of all kinds as one, nothing about lines.
fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    let tags = Regex::new("<[^>]*>").unwrap();
    let text = tags.replace_all(text, "");
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.into_owned(), |text, (from, to)| text.replace(from, to))
}

/// What some elements of a page say.
fn said(page: &str, element: &str) -> Vec<String> {
    let wanted = Regex::new(&format!("(?s)<{element}>(.*?)</")).unwrap();
    wanted.captures_iter(page).map(|found| plain(&unescaped(&found[1]))).collect()
}

#[test]
fn a_figure_says_the_same_on_screen_as_on_paper() {
    let home = day();
    home.run("analyzer", &["--now", DAY_OVER, "report", "--date", DAY]).exits(0);
    let pdf = home.path(&format!("reports/daybook_{DAY}.pdf"));
    let printed = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
    let printed = plain(&String::from_utf8(printed.stdout).unwrap());
    let board = Board::start(&home, &["--now", DAY_OVER]);
    let now = board.get(&format!("/en/?day={DAY}")).is(200);
    let headline = said(now.text(), "h1").remove(0);
    assert!(printed.contains(&headline), "{headline}");
    let topics = Regex::new(r#"href="[^"]*(/topic/[a-z]+)[^"]*"#).unwrap();
    let topics: std::collections::BTreeSet<String> =
        topics.captures_iter(now.text()).map(|found| found[1].to_string()).collect();
    assert!(topics.len() > 4, "{topics:?}");
    let aside = Regex::new("(?s)<details.*?</details>").unwrap();
    let (mut seen, mut missing) = (0, Vec::new());
    for topic in topics {
        let page = board.get(&format!("/en{topic}?day={DAY}")).is(200);
        // What is told to who cannot see a figure, paper does not need.
        let page = aside.replace_all(page.text(), "").into_owned();
        // Titles and units of figures, and the numbers of their tables.
        let words = said(&page, "h2").into_iter();
        let words = words.chain(said(&page, "p class=\"sub\""));
        let cells = said(&page, "td class=\"n\"").into_iter();
        for text in words.chain(cells).filter(|text| !text.is_empty() && text != "All of it") {
            seen += 1;
            if !printed.contains(&text) {
                missing.push(format!("{topic}: {text}"));
            }
        }
    }
    assert!(seen > 100, "only {seen} texts were compared");
    // Words that paper breaks within, at a slash or a dash, or cuts for want of room.
    let few = missing.len() * 50 <= seen;
    assert!(few, "{} of {seen} are not on paper:\n{}", missing.len(), missing.join("\n"));
}
