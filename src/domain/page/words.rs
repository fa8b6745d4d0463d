//! Running text: paragraphs, notes, and the list of what changed.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::MEASURE;
use super::op::Pen;
use super::palette::{HAIR, INK, MUTED, TEXT, direction, sign};
use super::slab::{BLOCK_GAP, Setting, Slab, caption};
use crate::domain::report::Caption;
use crate::domain::report::table::ChangeRow;

const PARAGRAPH: Style = Style::new(Face::Serif, 9.6, TEXT);
const NOTE: Style = Style::new(Face::Sans, 7.6, MUTED);
const CHANGE: Style = Style::new(Face::Semibold, 8.6, INK);
const CHANGE_TEXT: Style = Style::new(Face::Sans, 8.4, TEXT);
/// Longer lines are hard to read.
const LINE_MAX: f32 = MEASURE * 0.84;

pub fn paragraph(set: &Setting, text: &str, width: f32) -> Vec<Slab> {
    running(set, text, width.min(LINE_MAX), PARAGRAPH, 13.4, BLOCK_GAP - 4.0)
}

pub fn note(set: &Setting, text: &str, width: f32) -> Vec<Slab> {
    running(set, text, width, NOTE, 10.0, 8.0)
}

/// A slab for each line; neither the first nor the last stands alone on a page.
fn running(
    set: &Setting,
    text: &str,
    width: f32,
    style: Style,
    leading: f32,
    before: f32,
) -> Vec<Slab> {
    let lines = Canvas::new(set.fonts).wrap(style, width, text);
    let count = lines.len();
    let slab = |(place, line): (usize, String)| {
        let mut canvas = Canvas::new(set.fonts);
        canvas.text(0.0, style.size, style, Anchor::Left, &line);
        let before = if place == 0 { before } else { 0.0 };
        let keep = place + 1 < count && (place == 0 || place + 2 == count);
        Slab { keep, ..Slab::new(canvas, leading).after(before) }
    };
    lines.into_iter().enumerate().map(slab).collect()
}

pub fn changes(set: &Setting, words: &Caption, rows: &[ChangeRow], width: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, words);
    let names = rows.iter().map(|r| canvas.width(CHANGE, &r.name)).fold(0.0, f32::max);
    let values = rows.iter().map(|r| canvas.width(CHANGE, &r.value)).fold(0.0, f32::max);
    let left = 12.0 + names.min(width * 0.3) + 10.0;
    let right = width - values.min(width * 0.3) - 10.0;
    let mut slabs = vec![Slab::block(canvas, top + 4.0, words).kept()];
    let last = rows.len().saturating_sub(1);
    let rows = rows.iter().enumerate();
    slabs.extend(rows.map(|(k, row)| change(set, row, width, (left, right), k == last)));
    slabs
}

fn change(set: &Setting, row: &ChangeRow, width: f32, text: (f32, f32), last: bool) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let y = 11.5;
    let mark = CHANGE.colour(direction(row.direction));
    canvas.text(0.0, y, mark, Anchor::Left, sign(row.direction));
    let name = canvas.fit(CHANGE, text.0 - 22.0, &row.name);
    canvas.text(12.0, y, CHANGE, Anchor::Left, &name);
    let value = canvas.fit(CHANGE, width * 0.3, &row.value);
    canvas.text(width, y, CHANGE, Anchor::Right, &value);
    let lines = canvas.wrap(CHANGE_TEXT, text.1 - text.0, &row.text);
    let end = canvas.lines(text.0, y, CHANGE_TEXT, 10.6, &lines).max(y + 10.6) - 5.0;
    if !last {
        canvas.rule(0.0, end, width, Pen::flat(HAIR, 0.5));
    }
    Slab::new(canvas, end)
}
