//! Whole documents: sound to the eye, the same each time, and alive whatever the data.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

use super::{bytes, check, odd, sample};
use crate::domain::format::Lang;
use crate::domain::page::layout;
use crate::domain::report::Report;
use std::path::PathBuf;

fn check(name: &str, report: &Report) -> Vec<u8> {
    let pdf = bytes(&layout(report)).expect("a report can be printed");
    let folder = tempfile::tempdir().expect("a folder for the test");
    let kept = std::env::var_os("DAYBOOK_PAGES").map(PathBuf::from);
    let path = kept.unwrap_or(folder.path().into()).join(format!("{name}.pdf"));
    std::fs::write(&path, &pdf).expect("the test may write");
    check::assert_sound(&path);
    pdf
}

#[test]
fn a_plain_report_is_sound() {
    check("plain", &sample::plain());
}

#[test]
fn a_rich_report_is_sound_and_always_the_same() {
    let first = check("rich-en", &sample::rich(Lang::En));
    assert_eq!(first, check("rich-en", &sample::rich(Lang::En)));
    check("rich-fr", &sample::rich(Lang::Fr));
}

#[test]
fn odd_data_is_drawn_and_stays_on_the_page() {
    check("odd", &odd::report());
    check("many", &odd::many());
}

#[test]
fn a_report_of_nothing_is_a_page() {
    check("empty", &Report::default());
}
