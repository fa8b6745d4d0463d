//! Many small charts on one scale, in rows. Each row stays whole, and none stands alone.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::grid::GUTTER;
use super::super::op::{Area, Pen};
use super::super::palette::{BAND, INK, MUTED, PALE_BLUE, mark};
use super::super::scale::{ValueAxis, range};
use super::super::slab::{AXIS, Setting, Slab, caption, goes_on, hold_together};
use super::line::absent;
use super::plane::{Plane, foot_for};
use crate::domain::report::figure::{Multiples, Panel};
use std::sync::Arc;

const NAME: Style = Style::new(Face::Semibold, 8.2, INK);
const NOTE: Style = Style::new(Face::Sans, 7.6, MUTED);
/// The width of a panel, about: on paper, and on a small screen, where two are still compared.
const WIDTH: f32 = 140.0;
const PHONE: f32 = 85.0;
/// The height of one small plane.
const HEIGHT: f32 = 72.0;
/// The height of a head of one line, and of a second one.
const HEAD: f32 = 17.0;
const NOTE_LINE: f32 = 9.6;
const LEAST: f32 = 50.0;

/// What the panels of a figure share.
struct Frame {
    values: ValueAxis,
    /// Room below the lowest value.
    foot: f32,
    /// Room for the labels of values, left of the first panel.
    left: f32,
    /// The width of a panel.
    width: f32,
    across: usize,
    /// Room for the head of a panel: where some name is too long for one line with its note, the
    /// note stands below it.
    head: f32,
}

pub fn slabs(set: &Setting, figure: &Multiples, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let mut height = caption(set, &mut canvas, width, &figure.caption) + 4.0;
    if figure.panels.is_empty() {
        absent(set, &mut canvas, &Area::new(0.0, height, width, 20.0));
        height += 20.0;
    }
    let frame = frame(set, &canvas, figure, width);
    let mut slabs = vec![Slab::block(canvas, height, &figure.caption).kept()];
    let rows = figure.panels.chunks(frame.across);
    let grow = (stretch / rows.len().max(1) as f32).clamp(LEAST - HEIGHT, 60.0);
    let mut again = Canvas::new(set.fonts);
    let top = goes_on(set, &mut again, width, &figure.caption);
    let head = Arc::new(Slab::new(again, top + 4.0));
    let row = |panels| row(set, figure, &frame, panels, HEIGHT + grow).under(&head);
    let mut rows: Vec<Slab> = rows.map(row).collect();
    // They are there to be compared: no row stands alone on a page.
    hold_together(&mut rows, 2);
    slabs.extend(rows);
    slabs
}

fn frame(set: &Setting, canvas: &Canvas, figure: &Multiples, width: f32) -> Frame {
    let points = figure.panels.iter().flat_map(|p| p.points.iter().chain(&p.comparison));
    let band = figure.panels.iter().flat_map(|p| &p.band).flat_map(|b| [b.low, b.high]);
    let ends = figure.panels.iter().filter_map(|p| p.ends).flat_map(|(low, high)| [low, high]);
    let found = range(points.filter_map(|p| p.value).chain(band).chain(ends));
    let values = ValueAxis::around(found, figure.scale, 3);
    let foot = found.map_or(0.0, |(low, _)| foot_for(low, &values));
    let ticks = values.ticks();
    let labels = ticks.iter().map(|t| canvas.width(AXIS, &values.label(set.lang, *t)));
    let left = labels.fold(8.0, f32::max) + 6.0;
    let each = if set.screen && width < 2.0 * WIDTH { PHONE } else { WIDTH };
    let fits = ((width - left + GUTTER) / each).floor().clamp(1.0, 4.0) as usize;
    let across = match usize::from(figure.across) {
        // Rows as even as they can be: of four in two.
        0 => figure.panels.len().max(1).div_ceil(figure.panels.len().max(1).div_ceil(fits)),
        asked => asked.min(6),
    };
    let gaps = GUTTER * (across - 1) as f32;
    let width = (width - left - gaps) / across as f32;
    let fits = |panel: &Panel| {
        canvas.width(NAME, &panel.title) + canvas.width(NOTE, &panel.note) + 6.0 <= width
    };
    let head = if figure.panels.iter().all(fits) { HEAD } else { HEAD + NOTE_LINE };
    Frame { values, foot, left, width, across, head }
}

fn row(set: &Setting, figure: &Multiples, frame: &Frame, panels: &[Panel], height: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    for (place, panel) in panels.iter().enumerate() {
        let x = frame.left + place as f32 * (frame.width + GUTTER);
        let area = Area::new(x, frame.head, frame.width, height);
        let plane =
            Plane { area, time: &figure.axis, values: frame.values, room: (0.0, frame.foot) };
        match frame.head > HEAD {
            true => titles(&mut canvas, &area, panel),
            false => title(&mut canvas, &area, panel),
        }
        draw(set, &mut canvas, panel, &plane, place == 0);
    }
    Slab::new(canvas, frame.head + height + 12.0).after(9.0)
}

fn title(canvas: &mut Canvas, area: &Area, panel: &Panel) {
    let note = canvas.fit(NOTE, area.w * 0.5, &panel.note);
    let room = area.w - canvas.width(NOTE, &note) - 6.0;
    let name = canvas.fit(NAME, room, &panel.title);
    canvas.text(area.x, area.y - 7.0, NAME, Anchor::Left, &name);
    canvas.text(area.right(), area.y - 7.0, NOTE, Anchor::Right, &note);
}

/// The name, and its note below.
fn titles(canvas: &mut Canvas, area: &Area, panel: &Panel) {
    let (name, note) =
        (canvas.fit(NAME, area.w, &panel.title), canvas.fit(NOTE, area.w, &panel.note));
    canvas.text(area.x, area.y - 7.0 - NOTE_LINE, NAME, Anchor::Left, &name);
    canvas.text(area.x, area.y - 7.0, NOTE, Anchor::Left, &note);
}

fn draw(set: &Setting, canvas: &mut Canvas, panel: &Panel, plane: &Plane, first: bool) {
    plane.band(canvas, &panel.band, BAND);
    match first {
        true => plane.grid(canvas, set.lang),
        false => plane.lines(canvas),
    }
    plane.time_ticks(canvas);
    plane.series(canvas, &panel.comparison, Pen::round(PALE_BLUE, 0.8));
    plane.series(canvas, &panel.points, Pen::round(mark(panel.tone), 1.1));
    if panel.points.iter().all(|p| plane.spot(p).is_none()) {
        absent(set, canvas, &plane.area);
    }
}
