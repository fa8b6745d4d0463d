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
mod desk;
mod drawing;
mod fit;
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

pub use drawing::{Drawing, drawing, sparkline};

use super::format::Lang;
use super::report::{Meta, Report};
use flow::Entry;
use fonts::{Fonts, Stock, Wanted};
use op::Op;
use slab::Setting;
use std::sync::Arc;

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

/// Lays a report out on pages: some times to see what stands where, and once more with figures
/// shrunk where that spares a page and grown into the room that each page has left. With our own
/// fonts only.
pub fn layout(report: &Report) -> Document {
    layout_with(report, Arc::default())
}

/// The same, with fonts of the machine for what ours lack.
pub fn layout_with(report: &Report, stock: Arc<Stock>) -> Document {
    let fonts = Fonts::new(&stock);
    let set = Setting { fonts: &fonts, lang: report.lang, screen: false };
    let mut flow = fit::stacked(&set, report);
    chrome::finish(&set, report, &mut flow);
    let outline = outline(report, &flow.entries);
    let page = |ops| Page { width: grid::WIDTH, height: grid::HEIGHT, ops };
    let pages = flow.sheets.into_iter().map(|sheet| page(sheet.ops)).collect();
    let (lang, meta, wanted) = (report.lang, report.meta.clone(), fonts.wanted());
    drop(fonts);
    Document { pages, outline, lang, meta, stock, wanted }
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
