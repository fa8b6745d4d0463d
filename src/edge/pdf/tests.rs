//! Whole documents: sound to the eye, the same each time, and alive whatever the data.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

use super::{bytes, check, odd, sample};
use crate::domain::format::Lang;
use crate::domain::page::layout;
use crate::domain::report::Report;
use lopdf::Object;
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

fn text(object: &Object) -> String {
    let Ok(bytes) = object.as_str() else { return String::new() };
    let units = bytes[2..].chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]]));
    String::from_utf16_lossy(&units.collect::<Vec<_>>())
}

#[test]
fn the_file_says_what_it_is() {
    let report = sample::rich(Lang::Fr);
    let pdf = bytes(&layout(&report)).unwrap();
    let pdf = lopdf::Document::load_mem(&pdf).unwrap();
    let root = pdf.catalog().unwrap();
    assert_eq!(root.get(b"Lang").unwrap().as_str().unwrap(), b"fr");
    assert_eq!(root.get(b"PageMode").unwrap().as_name().unwrap(), b"UseOutlines");
    let info = pdf.trailer.get(b"Info").and_then(Object::as_reference).unwrap();
    let info = pdf.get_dictionary(info).unwrap();
    assert_eq!(text(info.get(b"Title").unwrap()), report.meta.title);
    assert_eq!(info.get(b"CreationDate").unwrap().as_str().unwrap(), b"D:20261122010000Z");
    assert_eq!(
        outline(&pdf, root.get(b"Outlines").unwrap(), 0),
        [
            "Une",
            "  Ce qui a changé depuis hier",
            "  À quel point est-ce inhabituel ?",
            "  La pointe du soir s’efface",
            "  1\u{202f}214\u{a0}earthquakes",
            "  Stations météo",
            "Earth and bikes",
        ]
    );
}

/// The first titles of the outline, indented by level.
fn outline(pdf: &lopdf::Document, parent: &Object, level: usize) -> Vec<String> {
    let mut found = vec![];
    let dictionary = |object: &Object| pdf.get_dictionary(object.as_reference().ok()?).ok();
    let mut next = dictionary(parent).and_then(|p| p.get(b"First").ok());
    while let Some(entry) = next.filter(|_| found.len() < 7) {
        let Some(fields) = dictionary(entry) else { break };
        found.push(format!("{}{}", "  ".repeat(level), text(fields.get(b"Title").unwrap())));
        found.extend(outline(pdf, entry, level + 1));
        next = fields.get(b"Next").ok();
    }
    found.truncate(7);
    found
}

#[test]
fn the_check_finds_what_is_wrong() {
    let word = |left: f32, top: f32, size: f32| check::Word {
        page: 0,
        left,
        top,
        right: left + 40.0,
        bottom: top + size * 1.25,
        text: "word".into(),
    };
    let faults = |words: Vec<check::Word>| {
        check::faults(&check::Found { words, pages: vec![(595.0, 842.0)] }).len()
    };
    assert_eq!(faults(vec![word(10.0, 10.0, 8.0), word(60.0, 10.0, 8.0)]), 0);
    assert_eq!(faults(vec![word(10.0, 10.0, 8.0), word(30.0, 12.0, 8.0)]), 1);
    assert_eq!(faults(vec![word(580.0, 10.0, 8.0)]), 1);
    assert_eq!(faults(vec![word(10.0, 10.0, 5.0)]), 1);
}

#[test]
fn fonts_are_cut_to_the_glyphs_used() {
    let pdf = check("small", &Report { headline: "Less".into(), ..Report::default() });
    assert!(pdf.len() < 20_000, "{}", pdf.len());
}
