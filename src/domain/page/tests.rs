//! Layout as a list of marks: where words stand, what leads where, and that the same report is
//! laid out alike each time.

use super::grid::MEASURE;
use super::op::{Op, Target, texts};
use super::slab::Slab;
use super::*;
use crate::domain::report::figure::{Bar, Bars, LineChart, Point, Sparkline};
use crate::domain::report::quality::SourceCard;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Column, LAST_SECTION, Section, Spare};
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
        Op::Place { number, .. } => format!("place {number}"),
        Op::Link { area: a, to } => format!("link {} {to:?}", area(a)),
    };
    ops.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn round(spot: op::Spot) -> (f32, f32) {
    ((spot.0 * 10.0).round() / 10.0, (spot.1 * 10.0).round() / 10.0)
}

fn check(blocks: Vec<Block>, expected: Expect) {
    let fonts = Fonts::default();
    let set = Setting { fonts: &fonts, lang: Lang::En, screen: false };
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

/// Lines of which each takes a row of ten points.
fn lines(count: usize) -> Vec<Block> {
    (0..count).map(|k| Block::Note(format!("line {k}"))).collect()
}

fn line_chart(title: &str) -> Block {
    Block::Line(LineChart { caption: Caption::new(title, "MW"), ..LineChart::default() })
}

/// What is written on each page, words and all.
fn written(report: &Report) -> Vec<String> {
    let words = |page: &Page| {
        texts(&page.ops).iter().map(|t| t.run.text.to_string()).collect::<Vec<_>>().join("\n")
    };
    layout(report).pages.iter().map(words).collect()
}

#[test]
fn no_page_is_begun_for_a_few_lines_that_lower_charts_make_room_for() {
    let pages = |count: usize| {
        let blocks = [line_chart("one"), line_chart("two")].into_iter().chain(lines(count));
        let report =
            Report { sections: vec![section("power", blocks.collect())], ..Report::default() };
        let written = written(&report);
        for k in 0..count {
            let own = written.iter().filter(|p| p.lines().any(|l| l == format!("line {k}")));
            assert_eq!(own.count(), 1, "line {k} of {count}");
        }
        written.len()
    };
    // The front, and one page that is fuller and fuller until it takes another.
    assert_eq!([2, 8, 12, 15].map(pages), [2, 2, 2, 2]);
    assert_eq!(pages(40), 3);
}

#[test]
fn the_spare_block_stands_only_where_the_front_has_room_for_it() {
    let told = |front: usize, data_runs_on: bool| {
        let block = Block::Note("spare".into());
        let data = section("Data", lines(3));
        let report = Report {
            front: lines(front),
            spare: Some(Spare { block, told_in: "Data".into() }),
            sections: vec![Section { run_on: data_runs_on, ..data }],
            ..Report::default()
        };
        written(&report)[0].lines().filter(|line| *line == "spare").count()
    };
    assert_eq!(told(3, false), 1);
    assert_eq!(told(39, false), 0, "no room");
    assert_eq!(told(3, true), 1);
}

#[test]
fn the_foot_and_the_banner_name_the_page_of_the_last_section() {
    let report = Report {
        recorded: Some(format!("Days: page {LAST_SECTION}.")),
        footer: format!("Sources: page {LAST_SECTION}."),
        sections: vec![
            section("bikes", lines(60)),
            section("Sources", vec![Block::Sources(Caption::default(), cards(3))]),
        ],
        ..Report::default()
    };
    let document = layout(&report);
    let page = document.outline[2].page + 1;
    let written = written(&report);
    assert!(written[0].contains(&format!("Days: page {page}.")), "{}", written[0]);
    for own in &written {
        assert!(own.contains(&format!("Sources: page {page}.")), "{own}");
    }
}

fn cards(count: usize) -> Vec<SourceCard> {
    let card = |k: usize| SourceCard {
        name: format!("source {k}"),
        content: "What it holds. ".repeat(k % 9),
        licence: "CC BY 4.0".into(),
        attribution: "Somebody".into(),
        ..SourceCard::default()
    };
    (0..count).map(card).collect()
}

#[test]
fn sources_stand_in_two_columns_and_none_is_lost() {
    for count in [1, 2, 3, 18, 101] {
        let sources = Block::Sources(Caption::default(), cards(count));
        let report = Report { sections: vec![section("S", vec![sources])], ..Report::default() };
        let all = written(&report).join("\n");
        let named = (0..count).filter(|k| all.lines().any(|l| l == format!("source {k}")));
        assert_eq!(named.count(), count);
        let most = if count == 18 { 2 } else { count };
        assert!(layout(&report).pages.len() <= 1 + most, "{count}");
    }
}

#[test]
fn each_topic_of_a_page_is_named_at_its_head() {
    let short = |name| Section { run_on: true, ..section(name, lines(3)) };
    let report =
        Report { sections: vec![section("bikes", lines(3)), short("sea")], ..Report::default() };
    assert!(written(&report)[1].contains("BIKES · SEA"), "{:?}", written(&report)[1]);
}

#[test]
fn the_contents_leave_no_section_alone_on_a_line() {
    let names = (0..11).map(|k| section(&format!("A topic {k}"), vec![])).collect();
    let report = Report { sections: names, ..Report::default() };
    let front = &layout(&report).pages[0];
    let mut lines: std::collections::BTreeMap<i32, usize> = Default::default();
    for text in texts(&front.ops).iter().filter(|t| t.run.text.starts_with("A topic")) {
        *lines.entry(text.y as i32).or_default() += 1;
    }
    assert_eq!(lines.len(), 2);
    assert!(lines.values().all(|count| *count >= 4), "{lines:?}");
}
