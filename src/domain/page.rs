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

#[cfg(test)]
mod tests;

use super::format::Lang;
use super::report::{Block, Meta, Report, Section};
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
    let parts = parts(&set, report);
    // Parts that run on share a page with the one before.
    for group in parts.chunk_by(|_, next| next.section.is_some_and(|s| s.run_on)) {
        let mut stretch = None;
        for part in group {
            if let Some(section) = part.section {
                flow.section(part.place - 1, section.run_on, part.opening_height() + 130.0);
                flow.open(&section.name);
            }
            let stretch = *stretch.get_or_insert_with(|| stretch_for(group, flow.room()));
            flow.place(&part.opening);
            flow.place(&block::all(&set, part.blocks, MEASURE, stretch));
        }
    }
    chrome::finish(&set, report, &mut flow);
    let outline = outline(report, &flow.entries);
    let page = |ops| Page { width: grid::WIDTH, height: grid::HEIGHT, ops };
    let pages = flow.sheets.into_iter().map(|sheet| page(sheet.ops)).collect();
    Document { pages, outline, lang: report.lang, meta: report.meta.clone() }
}

/// The front or a section, with how tall it is by itself.
struct Part<'a> {
    place: usize,
    section: Option<&'a Section>,
    opening: Vec<Slab>,
    blocks: &'a [Block],
    height: f32,
}

impl Part<'_> {
    fn opening_height(&self) -> f32 {
        self.opening.first().map_or(0.0, |s| s.before) + stacked(&self.opening)
    }
}

fn parts<'a>(set: &Setting, report: &'a Report) -> Vec<Part<'a>> {
    let front = (None, front::opening(set, report), &report.front);
    let sections = report.sections.iter();
    let sections = sections.map(|s| (Some(s), vec![front::title(set, s)], &s.blocks));
    let parts = [front].into_iter().chain(sections).enumerate();
    let part = |(place, (section, opening, blocks)): (usize, (_, Vec<Slab>, &'a Vec<Block>))| {
        let slabs = block::all(set, blocks, MEASURE, 0.0);
        let gap = slabs.first().map_or(0.0, |s| s.before);
        Part { place, section, opening, blocks, height: gap + stacked(&slabs) }
    };
    parts.map(part).collect()
}

/// By how much each chart of some parts on one page may grow, so that they fill it.
fn stretch_for(group: &[Part], room: f32) -> f32 {
    let height: f32 = group.iter().map(|p| p.height + p.opening_height()).sum();
    // What comes first on a page has no room above.
    let room = room + group.first().map_or(0.0, |p| p.opening_height() - stacked(&p.opening));
    let blocks = group.iter().flat_map(|p| p.blocks);
    let able = blocks.filter(|b| block::can_fill(b)).count();
    let over = (room - height - 0.5) / able.max(1) as f32;
    over.clamp(0.0, STRETCH_MAX)
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
