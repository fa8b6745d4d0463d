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
/// Lines of a name.
const LINES_MAX: usize = 6;
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
    let sparks = group.iter().any(|f| !f.spark.points.is_empty());
    let names = group.iter().map(|f| canvas.wrap(NAME, room, &f.label).len());
    let more = LEADING * (names.max().unwrap_or(1).clamp(1, LINES_MAX) - 1) as f32;
    // A note that does not fit beside its change stands below it.
    let noted = group.iter().filter_map(|f| f.change.as_ref());
    let below = if noted.into_iter().any(|c| !fits(&canvas, c, room)) { LEADING } else { 0.0 };
    let height = more + below + if sparks { 73.0 } else { 50.0 };
    for (place, figure) in group.iter().enumerate() {
        let x = place as f32 * (room + GUTTER);
        if place > 0 {
            let at = x - GUTTER / 2.0;
            canvas.line((at, 8.0), (at, height), Pen::flat(RULE, 0.5));
        }
        draw(&mut canvas, figure, x, room, (more, below));
    }
    Slab::new(canvas, height).after(if first { 10.0 } else { 8.0 })
}

/// A figure, with `more` room for further lines of its name, and some for a note below its
/// change.
fn draw(canvas: &mut Canvas, figure: &KeyFigure, x: f32, room: f32, (more, below): (f32, f32)) {
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
    let spark = Area::new(x, 53.0 + more + below, room, 18.0);
    spark::draw(canvas, spark, &figure.spark, 0.75);
}

/// On few lines; short ones stand low, close to their number.
fn name(canvas: &mut Canvas, label: &str, x: f32, room: f32, more: f32) {
    let lines = canvas.wrap_to(NAME, room, label, LINES_MAX);
    let low = more - LEADING * (lines.len().max(1) - 1) as f32;
    canvas.lines(x, 13.0 + low, NAME, LEADING, &lines);
}

fn change_text(change: &Change) -> String {
    format!("{}{NBSP}{}", sign(change.direction), change.text)
}

/// Whether a change and its note stand on one line.
fn fits(canvas: &Canvas, change: &Change, room: f32) -> bool {
    let wide = canvas.width(CHANGE, &change_text(change)) + 2.5;
    wide + canvas.width(CHANGE_NOTE, &change.note) <= room
}

fn moved(canvas: &mut Canvas, change: &Change, x: f32, room: f32, more: f32) {
    let style = CHANGE.colour(direction(change.direction));
    let text = canvas.fit(style, room, &change_text(change));
    let end = canvas.text(x, 46.0 + more, style, Anchor::Left, &text) + 2.5;
    let (at, y) = match fits(canvas, change, room) {
        true => (x + end, 46.0 + more),
        false => (x, 46.0 + more + LEADING),
    };
    let note = canvas.fit(CHANGE_NOTE, x + room - at, &change.note);
    canvas.text(at, y, CHANGE_NOTE, Anchor::Left, &note);
}
