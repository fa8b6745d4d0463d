//! What stands on every page around its blocks: the running head, the foot with its number, and
//! on the front the way to the sections. Drawn last, when all pages are known.

use super::canvas::{Anchor, Canvas, Style};
use super::flow::{Entry, Flow};
use super::fonts::Face;
use super::grid::{FOOT, HEAD, LEFT, MEASURE, RIGHT, TOP};
use super::op::{Area, Pen, Target};
use super::palette::{BLUE, INK, MUTED, ORANGE, RULE};
use super::slab::Setting;
use crate::domain::format::NBSP;
use crate::domain::report::Report;

const NAME: Style = Style::new(Face::Semibold, 7.5, INK);
const EDITION: Style = Style::new(Face::Sans, 7.5, MUTED);
const NOTE: Style = Style::new(Face::Sans, 6.8, MUTED);
const CONTENTS: Style = Style::new(Face::Sans, 7.6, BLUE);
const LEADING: f32 = 10.5;
/// Lines of the contents; a report with more sections names the first ones.
const CONTENTS_MAX: usize = 2;

/// Room that the contents need above the foot of the front page.
pub fn contents_height(set: &Setting, report: &Report) -> f32 {
    let numbers = vec![100; report.sections.len()];
    contents_lines(&Canvas::new(set.fonts), report, &numbers).len() as f32 * LEADING
}

pub fn finish(set: &Setting, report: &Report, flow: &mut Flow) {
    let count = flow.sheets.len();
    for page in 0..count {
        let mut canvas = Canvas::new(set.fonts);
        let section = flow.sheets[page].section;
        head(set, &mut canvas, report, section);
        let own = section.and_then(|k| report.sections[k].footer.as_ref());
        foot(&mut canvas, own.unwrap_or(&report.footer), page, count);
        if page == 0 {
            contents(set, &mut canvas, report, &flow.entries);
        }
        flow.sheets[page].ops.extend(canvas.ops);
    }
}

fn head(set: &Setting, canvas: &mut Canvas, report: &Report, section: Option<usize>) {
    canvas.rect(Area::new(LEFT, HEAD, MEASURE, 1.6), INK);
    let y = HEAD + 12.2;
    let edition = canvas.fit(EDITION, MEASURE * 0.55, &report.edition);
    let mut end = RIGHT - canvas.text(RIGHT, y, EDITION, Anchor::Right, &edition);
    if report.recorded.is_some() {
        let words = set.lang.pick("recorded data", "données enregistrées");
        let style = NAME.colour(ORANGE);
        end -= canvas.text(end - 8.0, y, style, Anchor::Right, words) + 8.0;
    }
    let name = match section {
        None => report.publication.to_uppercase(),
        Some(k) => report.sections[k].name.to_uppercase(),
    };
    let name = canvas.fit(NAME, end - LEFT - 8.0, &name);
    canvas.text(LEFT, y, NAME, Anchor::Left, &name);
}

fn foot(canvas: &mut Canvas, note: &str, page: usize, count: usize) {
    canvas.rule(LEFT, FOOT, MEASURE, Pen::flat(RULE, 0.5));
    let number = format!("{}{NBSP}/{NBSP}{count}", page + 1);
    let wide = canvas.text(RIGHT, FOOT + 10.5, NAME, Anchor::Right, &number);
    let lines = canvas.wrap_to(NOTE, MEASURE - wide - 20.0, note, 2);
    canvas.lines(LEFT, FOOT + 10.5, NOTE, 8.8, &lines);
}

/// A section as the contents name it.
struct Item {
    text: String,
    section: usize,
    width: f32,
}

fn contents_lines(canvas: &Canvas, report: &Report, pages: &[usize]) -> Vec<Vec<Item>> {
    let room = MEASURE - 44.0;
    let (mut lines, mut used) = (vec![], f32::MAX);
    let sections = report.sections.iter().zip(pages).enumerate();
    for (section, (part, page)) in sections.filter(|s| !s.1.0.name.is_empty()) {
        let name = canvas.fit(CONTENTS, room * 0.5, &part.name);
        let text = format!("{name}{NBSP}{NBSP}{page}");
        let width = canvas.width(CONTENTS, &text) + 16.0;
        if used + width > room {
            lines.push(vec![]);
            used = 0.0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(Item { text, section, width });
        }
    }
    lines.truncate(CONTENTS_MAX);
    lines
}

fn contents(set: &Setting, canvas: &mut Canvas, report: &Report, entries: &[Entry]) {
    let first = |section: usize| entries.iter().find(|e| e.part == section + 1);
    let at = |section| first(section).map_or((0, TOP), |e| (e.page, e.y));
    let pages: Vec<usize> = (0..report.sections.len()).map(|k| at(k).0 + 1).collect();
    let lines = contents_lines(canvas, report, &pages);
    let mut y = FOOT - 5.0 - LEADING * lines.len().saturating_sub(1) as f32;
    if !lines.is_empty() {
        let word = set.lang.pick("Inside", "Pages");
        canvas.text(LEFT, y, NAME, Anchor::Left, word);
    }
    for line in lines {
        let mut x = LEFT + 44.0;
        for item in line {
            let (page, height) = at(item.section);
            canvas.linked(x, y, CONTENTS, &item.text, Target::Page(page, height));
            x += item.width;
        }
        y += LEADING;
    }
}
