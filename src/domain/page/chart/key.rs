//! Key figures: a number that matters, how it moved, and its day as a sparkline.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::grid::GUTTER;
use super::super::op::{Area, Pen};
use super::super::palette::{INK, MUTED, RULE, direction, sign};
use super::super::slab::{Setting, Slab};
use super::spark;
use crate::domain::format::NBSP;
use crate::domain::report::figure::{Change, KeyFigure};

const NAME: Style = Style::new(Face::Semibold, 7.8, MUTED);
const VALUE: Style = Style::new(Face::Light, 22.0, INK);
const UNIT: Style = Style::new(Face::Sans, 8.5, MUTED);
const CHANGE: Style = Style::new(Face::Semibold, 7.8, INK);
const CHANGE_NOTE: Style = Style::new(Face::Sans, 7.5, MUTED);
/// A value smaller than this stands without its unit.
const SIZE_WITH_UNIT: f32 = 11.0;
const SIZE_MIN: f32 = 6.5;
/// Between two lines of a name.
const LEADING: f32 = 9.4;
/// The narrowest column a figure can stand in.
const WIDTH_MIN: f32 = 72.0;

pub fn slabs(set: &Setting, figures: &[KeyFigure], width: f32) -> Vec<Slab> {
    let most = ((width + GUTTER) / (WIDTH_MIN + GUTTER)).floor().max(1.0) as usize;
    let rows = figures.len().div_ceil(most).max(1);
    let across = figures.len().div_ceil(rows).max(1);
    let groups = figures.chunks(across).enumerate();
    groups.map(|(place, group)| row(set, group, across, width, place == 0)).collect()
}

fn row(set: &Setting, group: &[KeyFigure], across: usize, width: f32, first: bool) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let room = (width - GUTTER * (across - 1) as f32) / across as f32;
    if first {
        canvas.rule(0.0, 0.0, width, Pen::flat(INK, 0.6));
    }
    let sparks = group.iter().any(|f| !f.spark.values.is_empty());
    let names = group.iter().map(|f| canvas.wrap(NAME, room, &f.label).len());
    let more = if names.max().unwrap_or(0) > 1 { LEADING } else { 0.0 };
    let height = more + if sparks { 73.0 } else { 50.0 };
    for (place, figure) in group.iter().enumerate() {
        let x = place as f32 * (room + GUTTER);
        if place > 0 {
            let at = x - GUTTER / 2.0;
            canvas.line((at, 8.0), (at, height), Pen::flat(RULE, 0.5));
        }
        draw(&mut canvas, figure, x, room, more);
    }
    Slab::new(canvas, height).after(if first { 10.0 } else { 8.0 })
}

/// A figure, with `more` room for a second line of its name.
fn draw(canvas: &mut Canvas, figure: &KeyFigure, x: f32, room: f32, more: f32) {
    name(canvas, &figure.label, x, room, more);
    let wide = canvas.width(VALUE, &figure.value).max(1.0);
    let beside = canvas.width(UNIT, &figure.unit) + 2.5;
    // A number is set smaller rather than cut; a unit that leaves it no room gives way.
    let unit = figure.unit.as_str();
    let fits = VALUE.size * (room - beside) / wide >= SIZE_WITH_UNIT;
    let (unit, rest) = if fits && !unit.is_empty() { (unit, room - beside) } else { ("", room) };
    let value = VALUE.size((VALUE.size * rest / wide).clamp(SIZE_MIN, VALUE.size));
    let end = x + canvas.text(
        x,
        34.5 + more,
        value,
        Anchor::Left,
        &canvas.fit(value, rest, &figure.value),
    );
    canvas.text(end + 2.5, 34.5 + more, UNIT, Anchor::Left, unit);
    if let Some(change) = &figure.change {
        moved(canvas, change, x, room, more);
    }
    spark::draw(canvas, Area::new(x, 53.0 + more, room, 18.0), &figure.spark, 0.75);
}

/// On one line or two; short ones stand low, close to their number.
fn name(canvas: &mut Canvas, label: &str, x: f32, room: f32, more: f32) {
    let mut lines = canvas.wrap(NAME, room, label);
    if lines.len() > 2 {
        let rest = lines.split_off(1).join(" ");
        lines.push(canvas.fit(NAME, room, &rest));
    }
    let low = if lines.len() > 1 { 0.0 } else { more };
    canvas.lines(x, 13.0 + low, NAME, LEADING, &lines);
}

fn moved(canvas: &mut Canvas, change: &Change, x: f32, room: f32, more: f32) {
    let style = CHANGE.colour(direction(change.direction));
    let text = canvas.fit(style, room, &format!("{}{NBSP}{}", sign(change.direction), change.text));
    let end = canvas.text(x, 46.0 + more, style, Anchor::Left, &text) + 2.5;
    let note = canvas.fit(CHANGE_NOTE, room - end, &change.note);
    if note == change.note || note.chars().count() > 12 {
        canvas.text(x + end, 46.0 + more, CHANGE_NOTE, Anchor::Left, &note);
    }
}
