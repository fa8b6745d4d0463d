//! Whole documents: sound to the eye, the same each time, and alive whatever the data.
//! With DAYBOOK_PAGES set to a folder, the files stay there to be looked at.

pub mod check;
mod odd;
mod sample;

use daybook::domain::format::Lang;
use daybook::domain::page::op::Op;
use daybook::domain::page::{Document, layout};
use daybook::domain::report::Report;
use daybook::edge::pdf::bytes;
use lopdf::Object;
use std::path::PathBuf;
use std::sync::Arc;

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
    let word = |left: f32, top: f32| check::Word {
        page: 0,
        left,
        top,
        right: left + 40.0,
        bottom: top + 10.0,
        text: "word".into(),
    };
    let line = |left: f32, base: f32, size: f32| check::Line {
        page: 0,
        left,
        right: left + 40.0,
        base,
        size,
        upright: true,
        boxes: 0,
    };
    let faults = |words: Vec<check::Word>, lines: Vec<check::Line>| {
        check::faults(&check::Found { words, lines, pages: vec![(595.0, 842.0)] }).len()
    };
    assert_eq!(faults(vec![word(30.0, 30.0), word(80.0, 30.0)], vec![]), 0);
    assert_eq!(faults(vec![word(30.0, 30.0), word(50.0, 32.0)], vec![]), 1);
    assert_eq!(faults(vec![word(540.0, 30.0), word(30.0, 15.0), word(30.0, 815.0)], vec![]), 3);
    assert_eq!(faults(vec![], vec![line(30.0, 700.0, 6.0), line(80.0, 700.0, 6.0)]), 0);
    assert_eq!(faults(vec![], vec![line(30.0, 700.0, 5.9)]), 1);
    assert_eq!(faults(vec![], vec![line(30.0, 700.0, 8.0), line(30.0, 700.0, 8.0)]), 1);
    assert_eq!(faults(vec![], vec![line(30.0, 700.0, 8.0), line(60.0, 694.0, 8.0)]), 1);
    let turned = check::Line { upright: false, ..line(30.0, 700.0, 8.0) };
    assert_eq!(faults(vec![], vec![turned]), 1);
}

/// A size below the least one, as it would come from a chart, is read from the file itself.
#[test]
fn the_check_reads_sizes_and_boxes_from_the_file() {
    let report = Report { headline: "a Tokyo".into(), ..Report::default() };
    let mut document = layout(&report);
    if let Some(Op::Text(text)) = document.pages[0].ops.iter_mut().find(|op| is_text(op, "a Tokyo"))
    {
        let glyph = &mut Arc::make_mut(&mut text.run).parts[0].glyphs[0];
        (glyph.id, glyph.direct) = (0, None);
    }
    let whole = written(&document);
    let least = |found: &check::Found| found.lines.iter().map(|l| l.size).fold(99.0, f32::min);
    assert!(least(&whole) >= 6.0 && check::faults(&whole).is_empty());
    assert_eq!(check::boxes(&whole).len(), 1);
    let line = &whole.lines[0];
    let words = whole.words.iter().filter(|w| (w.left - line.left).abs() < 30.0);
    let reach = words.filter(|w| w.text == "Tokyo").map(|w| w.right).fold(0.0, f32::max);
    assert!((line.right - reach).abs() < 0.5, "{line:?}, but the word ends at {reach}");
    for op in &mut document.pages[0].ops {
        if let Op::Text(text) = op {
            text.size = 5.9;
        }
    }
    let small = written(&document);
    assert_eq!(check::faults(&small).len(), small.lines.len());
}

fn is_text(op: &Op, words: &str) -> bool {
    matches!(op, Op::Text(text) if text.run.text == words)
}

fn written(document: &Document) -> check::Found {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, bytes(document).expect("a report can be printed")).expect("room");
    check::read(&path)
}

#[test]
fn fonts_are_cut_to_the_glyphs_used() {
    let pdf = check("small", &Report { headline: "Less".into(), ..Report::default() });
    assert!(pdf.len() < 20_000, "{}", pdf.len());
}
