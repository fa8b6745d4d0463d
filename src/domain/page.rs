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
mod growth;
mod plot;
mod quality;
mod scale;
mod slab;
mod table;
mod terms;
mod words;

#[cfg(test)]
mod tests;

use super::format::Lang;
use super::report::{Block, Meta, Report, Section};
use flow::{Entry, Flow};
use fonts::{Fonts, Stock, Wanted};
use grid::MEASURE;
use growth::{Growth, Spot, Stacked};
use op::Op;
use slab::{BLOCK_GAP, Setting, Slab, stacked};
use std::sync::Arc;

/// What a section that runs on below another needs on the page besides its title.
const RUN_ON_ROOM: f32 = 130.0;

/// Pages ready to be written out.
#[derive(Clone, Debug)]
pub struct Document {
    pub pages: Vec<Page>,
    pub outline: Vec<Mark>,
    pub lang: Lang,
    pub meta: Meta,
    /// The fonts of the machine that its glyphs are of, besides our own.
    pub stock: Arc<Stock>,
    /// The letters that our own fonts lack.
    pub wanted: Wanted,
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

/// Lays a report out on pages: once to see what stands where, and once more with the figures
/// grown into the room that each page has left. With our own fonts only.
pub fn layout(report: &Report) -> Document {
    layout_with(report, Arc::default())
}

/// The same, with fonts of the machine for what ours lack.
pub fn layout_with(report: &Report, stock: Arc<Stock>) -> Document {
    let fonts = Fonts::new(&stock);
    let set = Setting { fonts: &fonts, lang: report.lang };
    let parts = parts(&set, report);
    let growth = stack(&set, report, &parts, &Growth::default()).growth(&parts);
    let mut flow = stack(&set, report, &parts, &growth).flow;
    chrome::finish(&set, report, &mut flow);
    let outline = outline(report, &flow.entries);
    let page = |ops| Page { width: grid::WIDTH, height: grid::HEIGHT, ops };
    let pages = flow.sheets.into_iter().map(|sheet| page(sheet.ops)).collect();
    let (lang, meta, wanted) = (report.lang, report.meta.clone(), fonts.wanted());
    drop(fonts);
    Document { pages, outline, lang, meta, stock, wanted }
}

/// The front or a section.
struct Part<'a> {
    section: Option<&'a Section>,
    opening: Vec<Slab>,
    blocks: &'a [Block],
}

impl Part<'_> {
    fn opening_height(&self) -> f32 {
        self.opening.first().map_or(0.0, |s| s.before) + stacked(&self.opening)
    }
}

fn parts<'a>(set: &Setting, report: &'a Report) -> Vec<Part<'a>> {
    let front = front::opening(set, report);
    let front = Part { section: None, opening: front, blocks: &report.front };
    let section = |section: &'a Section| Part {
        section: Some(section),
        opening: vec![front::title(set, section).kept()],
        blocks: &section.blocks,
    };
    [front].into_iter().chain(report.sections.iter().map(section)).collect()
}

/// Stacks all parts on pages.
fn stack(set: &Setting, report: &Report, parts: &[Part], growth: &Growth) -> Stacked {
    let mut flow = Flow::new(chrome::contents_height(set, report));
    let mut spots = vec![];
    let mut runs_on = vec![];
    for (place, part) in parts.iter().enumerate() {
        if let Some(section) = part.section {
            let first = part.blocks.first().map(|block| block::slabs(set, block, MEASURE, 0.0));
            let needs = first.map_or(0.0, |slabs| flow::together(&slabs) + BLOCK_GAP);
            let has_room = part.opening_height() + needs.max(RUN_ON_ROOM) <= flow.room();
            let runs = growth.runs_on.get(place - 1).copied();
            runs_on.push(runs.unwrap_or(section.run_on && has_room));
            flow.section(place - 1, runs_on[place - 1]);
            flow.open(&section.name);
        }
        flow.place(&part.opening);
        for (at, block) in part.blocks.iter().enumerate() {
            let grow = growth.by.get(&(place, at)).copied().unwrap_or(0.0);
            let pages = flow.place(&block::slabs(set, block, MEASURE, grow));
            spots.push(Spot { part: place, block: at, pages });
        }
    }
    flow.close();
    Stacked { flow, spots, runs_on }
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
