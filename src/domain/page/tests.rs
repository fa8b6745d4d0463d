//! Layout as a list of marks: where words stand, what leads where, and that the same report is
//! laid out alike each time.

use super::op::{Op, Target, texts};
use super::*;
use crate::domain::report::figure::{Bar, Bars, Point, Sparkline};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Caption, Column};
use crate::domain::time::Instant;
use expect_test::{Expect, expect};

/// Each mark on a line; points of paths are only counted.
fn describe(ops: &[Op]) -> String {
    let area = |a: &op::Area| format!("{:.1} {:.1} {:.1}×{:.1}", a.x, a.y, a.w, a.h);
    let line = |op: &Op| match op {
        Op::Rect { area: a, .. } => format!("rect {}", area(a)),
        Op::Line { points, pen } => {
            let (from, to) = (points[0], points[points.len() - 1]);
            let (count, width) = (points.len(), pen.width);
            format!("line {:?} to {:?}, {count} points, {width} wide", round(from), round(to))
        }
        Op::Fill { rings, .. } => format!("fill {} rings", rings.len()),
        Op::Circle { at, radius, .. } => format!("circle {:?} {radius}", round(*at)),
        Op::Dots { at, diameter, .. } => format!("dots {} of {diameter:.1}", at.len()),
        Op::Text(t) => format!("{:.1} {:.1} {:?} {} {}", t.x, t.y, t.face, t.size, t.run.text),
        Op::Clip { area: a, ops } => format!("clip {}\n{}", area(a), describe(ops)),
        Op::Link { area: a, to } => format!("link {} {to:?}", area(a)),
    };
    ops.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn round(spot: op::Spot) -> (f32, f32) {
    ((spot.0 * 10.0).round() / 10.0, (spot.1 * 10.0).round() / 10.0)
}

fn check(blocks: Vec<Block>, expected: Expect) {
    let fonts = Fonts::default();
    let set = Setting { fonts: &fonts, lang: Lang::En };
    let slabs: Vec<Slab> =
        blocks.iter().flat_map(|b| block::slabs(&set, b, MEASURE, 0.0)).collect();
    let marks = slabs.iter().map(|s| format!("-- {:.1}\n{}", s.height, describe(&s.ops)));
    expected.assert_eq(&marks.collect::<Vec<_>>().join("\n"));
}

fn section(name: &str, blocks: Vec<Block>) -> Section {
    Section { name: name.into(), title: format!("About {name}"), blocks, ..Section::default() }
}

#[test]
fn a_table_is_a_caption_a_head_and_rows() {
    let at = |hour| Instant::default().after(chrono::Duration::hours(hour));
    let points = vec![Point::new(at(6), 1.0), Point::new(at(18), 2.0)];
    let spark = Sparkline { from: at(0), to: at(24), points, band: None };
    let table = Table {
        caption: Caption::new("Stations", "°C"),
        columns: vec![
            TableColumn::left("Name"),
            TableColumn::left("Day"),
            TableColumn::right("Mean"),
        ],
        rows: vec![vec![
            Cell::link("Lyon", "https://example.org"),
            Cell::Spark(spark),
            Cell::strong("8.8"),
        ]],
    };
    check(
        vec![Block::Table(table)],
        expect![[r#"
        -- 27.6
        line (0.0, 0.0) to (510.0, 0.0), 2 points, 0.6 wide
        0.0 12.0 Semibold 9.5 Stations
        0.0 22.6 Sans 7.6 °C
        -- 12.6
        0.0 9.0 Sans 7.6 Name
        133.6 9.0 Sans 7.6 Day
        492.8 9.0 Sans 7.6 Mean
        line (0.0, 12.6) to (510.0, 12.6), 2 points, 0.5 wide
        -- 12.6
        0.0 9.0 Sans 8.4 Lyon
        link 0.0 1.0 16.8×10.5 Url("https://example.org")
        line (181.1, 10.8) to (276.1, 1.6), 2 points, 0.7 wide
        dots 1 of 2.1
        499.1 9.0 Semibold 8.4 8.8
        line (0.0, 12.6) to (510.0, 12.6), 2 points, 0.4 wide"#]],
    );
}

#[test]
fn bars_start_at_a_common_zero() {
    let bar = |label: &str, value| Bar { label: label.into(), value, ..Bar::default() };
    let items = vec![bar("up", 2.0), bar("down", -1.0)];
    check(
        vec![Block::Bars(Bars { items, ..Bars::default() })],
        expect![[r#"
        -- 40.0
        line (0.0, 0.0) to (510.0, 0.0), 2 points, 0.6 wide
        line (195.1, 12.0) to (195.1, 38.0), 2 points, 0.5 wide
        10.3 21.1 Sans 7.8 up
        rect 195.1 14.7 291.5×7.6
        0.4 34.1 Sans 7.8 down
        rect 49.3 27.7 145.7×7.6"#]],
    );
}

#[test]
fn an_empty_report_is_one_page_with_its_number() {
    let document = layout(&Report::default());
    assert_eq!(document.pages.len(), 1);
    let words = texts(&document.pages[0].ops);
    assert_eq!(words.iter().map(|t| &t.run.text).collect::<Vec<_>>(), ["1\u{a0}/\u{a0}1"]);
}

#[test]
fn a_recording_says_so_on_every_page() {
    let report = Report {
        recorded: Some("Recorded in 2023.".into()),
        sections: vec![section("bikes", vec![]), section("quakes", vec![])],
        ..Report::default()
    };
    let document = layout(&report);
    assert_eq!(document.pages.len(), 3);
    for page in &document.pages {
        assert!(texts(&page.ops).iter().any(|t| t.run.text == "recorded data"));
    }
}

#[test]
fn the_outline_is_a_tree_and_the_contents_lead_to_sections() {
    let bars = Block::Bars(Bars { caption: Caption::new("Finding", ""), ..Bars::default() });
    let columns = vec![Column::new(6, vec![bars.clone()]), Column::new(6, vec![bars])];
    let report = Report {
        sections: vec![section("bikes", vec![Block::Columns(columns)])],
        ..Report::default()
    };
    let document = layout(&report);
    let titles = |marks: &[Mark]| marks.iter().map(|m| m.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&document.outline), ["Front page", "bikes"]);
    assert_eq!(titles(&document.outline[1].below), ["Finding", "Finding"]);
    let leads = |op: &Op| matches!(op, Op::Link { to: Target::Page(1, _), .. });
    assert_eq!(document.pages[0].ops.iter().filter(|op| leads(op)).count(), 1);
}

#[test]
fn a_section_runs_on_only_where_there_is_room() {
    let note = || Block::Note("A line of text. ".repeat(9));
    let pages = |lines: usize| {
        let mut second = section("second", vec![note()]);
        second.run_on = true;
        let first = section("first", (0..lines).map(|_| note()).collect());
        let document = layout(&Report { sections: vec![first, second], ..Report::default() });
        document.outline.iter().map(|m| m.page).collect::<Vec<_>>()
    };
    assert_eq!(pages(3), [0, 1, 1]);
    assert_eq!(pages(33), [0, 1, 2]);
}

#[test]
fn no_text_is_set_too_small_to_read() {
    let report = Report {
        headline: "Word ".repeat(99),
        footer: "Word ".repeat(99),
        recorded: Some("Word ".repeat(99)),
        ..Report::default()
    };
    let document = layout(&report);
    let words = document.pages.iter().flat_map(|p| texts(&p.ops));
    assert!(words.into_iter().all(|t| t.size >= 6.0 && t.x + t.width() < grid::WIDTH));
}
