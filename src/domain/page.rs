//! From a report to pages of marks: pure, and always the same for the same report.
//! Blocks become slabs (`block`), slabs are stacked on pages (`flow`), pages are finished once
//! all are known (`chrome`). Nothing here knows of PDF; ops serve a web page as well.

pub mod canvas;
pub mod fonts;
pub mod grid;
pub mod op;
pub mod palette;

mod block;
mod chart;
mod chrome;
mod flow;
mod front;
mod plot;
mod quality;
mod scale;
mod slab;
mod table;
mod words;

use super::format::Lang;
use super::report::{Block, Meta, Report};
use flow::{Entry, Flow};
use fonts::Fonts;
use grid::MEASURE;
use op::Op;
use slab::{Setting, Slab, stacked};

/// How much a chart may grow to fill a page.
const STRETCH_MAX: f32 = 110.0;

/// Pages ready to be written out.
#[derive(Clone, Debug)]
pub struct Document {
    pub pages: Vec<Page>,
    pub outline: Vec<Mark>,
    pub lang: Lang,
    pub meta: Meta,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    pub ops: Vec<Op>,
}

/// An entry of the outline, with those below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    pub title: String,
    /// Counted from zero.
    pub page: usize,
    pub y: f32,
    pub below: Vec<Mark>,
}

/// Lays a report out on pages.
pub fn layout(report: &Report) -> Document {
    let fonts = Fonts::default();
    let set = Setting { fonts: &fonts, lang: report.lang };
    let mut flow = Flow::new(chrome::contents_height(&set, report));
    flow.place(&front::opening(&set, report));
    let shared = report.sections.first().is_some_and(|s| s.run_on);
    flow.place(&filled(&set, &report.front, if shared { 0.0 } else { flow.room() }));
    for (place, section) in report.sections.iter().enumerate() {
        let title = front::title(&set, section);
        // A title, and enough below it to be worth beginning a section here.
        flow.section(place, section.run_on, title.before + title.height + 130.0);
        flow.open(&section.name);
        flow.place(&[title]);
        let shared = report.sections.get(place + 1).is_some_and(|s| s.run_on);
        flow.place(&filled(&set, &section.blocks, if shared { 0.0 } else { flow.room() }));
    }
    chrome::finish(&set, report, &mut flow);
    let outline = outline(report, &flow.entries);
    let page = |ops| Page { width: grid::WIDTH, height: grid::HEIGHT, ops };
    let pages = flow.sheets.into_iter().map(|sheet| page(sheet.ops)).collect();
    Document { pages, outline, lang: report.lang, meta: report.meta.clone() }
}

/// The slabs of a part of the report. Where they nearly fill what is left of the page, charts
/// take the rest.
fn filled(set: &Setting, blocks: &[Block], room: f32) -> Vec<Slab> {
    let natural = blocks.iter().flat_map(|b| block::slabs(set, b, MEASURE, 0.0));
    let natural: Vec<Slab> = natural.collect();
    let first = natural.first().map_or(0.0, |s| s.before);
    let over = room - stacked(&natural) - first;
    let able = blocks.iter().filter(|b| block::can_fill(b)).count();
    if over < 1.0 || able == 0 {
        return natural;
    }
    let stretch = ((over - 0.5) / able as f32).min(STRETCH_MAX);
    let grow = |b: &Block| if block::can_fill(b) { stretch } else { 0.0 };
    blocks.iter().flat_map(|b| block::slabs(set, b, MEASURE, grow(b))).collect()
}

/// The front, then the sections, each with what stands in it.
fn outline(report: &Report, entries: &[Entry]) -> Vec<Mark> {
    let mark = |e: &Entry| Mark { title: e.title.clone(), page: e.page, y: e.y, below: vec![] };
    let front = report.lang.pick("Front page", "Une");
    let mut marks = vec![Mark { title: front.into(), y: grid::HEAD, ..Mark::default() }];
    marks[0].below = entries.iter().filter(|e| e.part == 0).map(mark).collect();
    for part in 1..=report.sections.len() {
        let mut own = entries.iter().filter(|e| e.part == part).map(mark);
        if let Some(first) = own.next() {
            marks.push(Mark { below: own.collect(), ..first });
        }
    }
    marks
}
