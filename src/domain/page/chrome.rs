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
use crate::domain::report::{LAST_SECTION, Report};

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
    let last = last_section(report, &flow.entries);
    for page in 0..count {
        let mut canvas = Canvas::new(set.fonts);
        let sections = &flow.sheets[page].sections;
        head(set, &mut canvas, report, sections);
        let own = sections.first().and_then(|k| report.sections[*k].footer.as_ref());
        let note = own.unwrap_or(&report.footer).replace(LAST_SECTION, &last.to_string());
        foot(&mut canvas, &note, page, count);
        if page == 0 {
            contents(set, &mut canvas, report, &flow.entries);
        }
        flow.sheets[page].ops.extend(canvas.ops);
    }
}

/// The number of the page on which the last section begins.
pub fn last_section(report: &Report, entries: &[Entry]) -> usize {
    let mut own = entries.iter().filter(|entry| entry.part == report.sections.len());
    own.next().map_or(1, |entry| entry.page + 1)
}

/// Names the sections of the page, or the publication on the front.
fn head(set: &Setting, canvas: &mut Canvas, report: &Report, sections: &[usize]) {
    canvas.rect(Area::new(LEFT, HEAD, MEASURE, 1.6), INK);
    let y = HEAD + 12.2;
    let edition = canvas.fit(EDITION, MEASURE * 0.55, &report.edition);
    let mut end = RIGHT - canvas.text(RIGHT, y, EDITION, Anchor::Right, &edition);
    if report.recorded.is_some() {
        let words = set.lang.pick("recorded data", "données enregistrées");
        let style = NAME.colour(ORANGE);
        end -= canvas.text(end - 8.0, y, style, Anchor::Right, words) + 8.0;
    }
    let names: Vec<String> = match sections {
        [] => vec![report.publication.to_uppercase()],
        all => all.iter().map(|k| report.sections[*k].name.to_uppercase()).collect(),
    };
    let name = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" · ");
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

/// On as few lines as it takes, all of like length.
fn contents_lines(canvas: &Canvas, report: &Report, pages: &[usize]) -> Vec<Vec<Item>> {
    let room = MEASURE - 44.0;
    let mut lines = contents_within(canvas, report, pages, room);
    for step in 1..10 {
        let narrower = contents_within(canvas, report, pages, room * (1.0 - step as f32 * 0.05));
        if narrower.len() > lines.len() {
            break;
        }
        lines = narrower;
    }
    lines.truncate(CONTENTS_MAX);
    lines
}

fn contents_within(canvas: &Canvas, report: &Report, pages: &[usize], room: f32) -> Vec<Vec<Item>> {
    let (mut lines, mut used) = (vec![], f32::MAX);
    let sections = report.sections.iter().zip(pages).enumerate();
    for (section, (part, page)) in sections.filter(|s| !s.1.0.name.is_empty()) {
        let name = canvas.fit(CONTENTS, MEASURE * 0.45, &part.name);
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
