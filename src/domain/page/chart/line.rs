//! Values over time: lines with their names at the right end, a band of the usual, one remark.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::op::{Area, Colour, Ink, Pen, Spot};
use super::super::palette::{
    BAND, BLUE, INK, MUTED, PALE_BLUE, RULE, SERIES, SLATE, TEAL, TEXT, WHITE,
};
use super::super::scale::{ValueAxis, drawable, range};
use super::super::slab::{AXIS, Setting, Slab, caption};
use super::label::spread;
use super::plane::Plane;
use crate::domain::report::figure::{Annotation, LineChart, Point};

const NAME: Style = Style::new(Face::Semibold, 7.8, INK);
const REMARK: Style = Style::new(Face::Semibold, 7.6, BLUE);
const REMARK_TEXT: Style = Style::new(Face::Sans, 7.4, MUTED);
/// Room below the plane for the labels of time.
const FOOT: f32 = 14.0;

pub fn slabs(set: &Setting, chart: &LineChart, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(&mut canvas, width, &chart.caption) + 12.0;
    let height = (width * 0.42).clamp(104.0, 178.0) + stretch.max(0.0);
    let values = ValueAxis::around(range(all_values(chart)), chart.scale, steps(height));
    let ticks = values.ticks();
    let labels = ticks.iter().map(|t| canvas.width(AXIS, &values.label(set.lang, *t)));
    let left = labels.fold(8.0, f32::max) + 6.0;
    let names = Names::of(&canvas, chart, width);
    let area = Area::new(left, top, width - left - names.room, height);
    let plane = Plane { area, time: &chart.axis, values };
    let taken = names.areas(&canvas, chart, &plane);
    draw(set, &mut canvas, chart, &plane, &taken);
    names.draw(&mut canvas, chart, &plane);
    vec![Slab::block(canvas, top + height + FOOT, &chart.caption)]
}

fn steps(height: f32) -> usize {
    ((height / 42.0) as usize).clamp(2, 6)
}

fn all_values(chart: &LineChart) -> impl Iterator<Item = f64> {
    let lines = chart.series.iter().chain(&chart.comparison);
    let points = lines.flat_map(|s| &s.points).filter_map(|p| p.value);
    let band = chart.band.iter().flat_map(|p| [p.low, p.high]);
    let named = chart.ends.into_iter().flat_map(|(low, high)| [low, high]);
    points.chain(band).chain(named).chain(chart.annotation.as_ref().map(|a| a.value))
}

fn draw(set: &Setting, canvas: &mut Canvas, chart: &LineChart, plane: &Plane, names: &[Area]) {
    plane.time_ticks(canvas);
    if all_values(chart).all(|v| drawable(v).is_none()) {
        plane.foot(canvas);
        return absent(set, canvas, &plane.area);
    }
    plane.band(canvas, &chart.band, BAND);
    plane.grid(canvas, set.lang);
    if let Some(other) = &chart.comparison {
        plane.series(canvas, &other.points, Pen::round(PALE_BLUE, 0.9));
    }
    // The main line is drawn last, above all others.
    for (place, series) in chart.series.iter().enumerate().rev() {
        plane.series(canvas, &series.points, pen(place));
    }
    if let Some(remark) = &chart.annotation {
        annotate(canvas, remark, plane, (&occupied(chart, plane), names));
    }
}

/// Where lines run and the band ends: words should stand elsewhere.
fn occupied(chart: &LineChart, plane: &Plane) -> Vec<Spot> {
    let lines = chart.series.iter().take(SERIES.len()).chain(&chart.comparison);
    let lines = lines.flat_map(|s| s.points.iter().copied());
    let band = chart.band.iter().flat_map(|b| [Point::new(b.at, b.low), Point::new(b.at, b.high)]);
    lines.chain(band).filter_map(|p| plane.spot(&p)).collect()
}

fn pen(place: usize) -> Pen {
    match (place, SERIES.get(place)) {
        (0, _) => Pen::round(BLUE, 1.35),
        (_, Some(colour)) => Pen::round(*colour, 1.1),
        _ => Pen::round(RULE, 0.6),
    }
}

/// Says that there is nothing to draw.
pub fn absent(set: &Setting, canvas: &mut Canvas, area: &Area) {
    let words = set.lang.pick("no data", "pas de données");
    let (x, y) = (area.x + area.w / 2.0, area.y + area.h / 2.0);
    canvas.halo(x, y + 2.6, REMARK_TEXT, Anchor::Middle, words);
}

/// The names at the right ends of lines.
struct Names {
    room: f32,
    texts: Vec<(String, Colour, usize)>,
}

/// Stands for the comparison among the places of series.
const COMPARISON: usize = usize::MAX;

impl Names {
    fn of(canvas: &Canvas, chart: &LineChart, width: f32) -> Names {
        let named = chart.series.iter().enumerate().take(SERIES.len());
        let named = named.map(|(place, s)| (&s.label, word(place), place));
        let other = chart.comparison.iter().map(|s| (&s.label, SLATE, COMPARISON));
        let texts: Vec<_> = (named.chain(other).filter(|(label, ..)| !label.is_empty()))
            .map(|(label, colour, place)| (canvas.fit(NAME, width * 0.26, label), colour, place))
            .collect();
        let widest = texts.iter().map(|t| canvas.width(NAME, &t.0)).fold(0.0, f32::max);
        Names { room: if texts.is_empty() { 3.0 } else { widest + 7.0 }, texts }
    }

    /// Where each name stands: left end and baseline.
    fn spots(&self, chart: &LineChart, plane: &Plane) -> Vec<(&(String, Colour, usize), Spot)> {
        let last = |points: &[Point]| points.iter().rev().find_map(|p| plane.spot(p));
        let end = |place: usize| match chart.series.get(place) {
            Some(series) => last(&series.points),
            None => chart.comparison.as_ref().and_then(|s| last(&s.points)),
        };
        let ends = self.texts.iter().filter_map(|t| end(t.2).map(|spot| (t, spot)));
        let ends: Vec<_> = ends.collect();
        let heights: Vec<f32> = ends.iter().map(|e| e.1.1 + 2.6).collect();
        let (top, bottom) = (plane.area.y + 3.0, plane.area.bottom() + 1.0);
        let heights = spread(&heights, 9.4, top, bottom);
        // Lines that all end early, as today's do, keep their names close.
        let last = ends.iter().map(|e| e.1.0).fold(plane.area.x, f32::max);
        let x = last.min(plane.area.right()) + 4.5;
        ends.into_iter().zip(heights).map(|((text, _), y)| (text, (x, y))).collect()
    }

    /// What they cover.
    fn areas(&self, canvas: &Canvas, chart: &LineChart, plane: &Plane) -> Vec<Area> {
        let spots = self.spots(chart, plane).into_iter();
        let area = |((text, ..), (x, y)): (&(String, Colour, usize), Spot)| {
            Area::new(x, y - 7.0, canvas.width(NAME, text), 9.0)
        };
        spots.map(area).collect()
    }

    fn draw(&self, canvas: &mut Canvas, chart: &LineChart, plane: &Plane) {
        for ((text, colour, _), (x, y)) in self.spots(chart, plane) {
            canvas.halo(x, y, NAME.colour(*colour), Anchor::Left, text);
        }
    }
}

fn word(place: usize) -> Colour {
    match SERIES.get(place) {
        Some(colour) if *colour != TEAL => *colour,
        _ => TEXT,
    }
}

/// A ring around a point, a leader, and two lines of text where no line runs; only the ring
/// where the names leave the text no place.
fn annotate(
    canvas: &mut Canvas,
    remark: &Annotation,
    plane: &Plane,
    (spots, names): (&[Spot], &[Area]),
) {
    let at = Point { at: remark.at, value: drawable(remark.value) };
    let Some((x, y)) = plane.spot(&at) else { return };
    canvas.circle((x, y), 2.0, Some(Ink::from(WHITE)), Some(Pen::flat(BLUE, 1.0)));
    let title = canvas.fit(REMARK, plane.area.w - 4.0, &remark.title);
    let text = canvas.fit(REMARK_TEXT, plane.area.w - 4.0, &remark.text);
    let lines = if text.is_empty() { 1.0 } else { 2.0 };
    let height = lines * 9.0 + 2.0;
    let half = canvas.width(REMARK, &title).max(canvas.width(REMARK_TEXT, &text)) / 2.0;
    let middle = x.min(plane.area.right() - half - 2.0).max(plane.area.x + half + 2.0);
    let near = spots.iter().filter(|s| (s.0 - middle).abs() < half + 3.0).map(|s| s.1);
    let (high, low) = near.fold((y, y), |found, s| (s.min(found.0), s.max(found.1)));
    let (above, below) = (high - 9.0 - height, low + 9.0);
    let tops = match (above >= plane.area.y - 4.0, below + height <= plane.area.bottom() - 2.0) {
        (true, true) if y - above <= below - y => [above, below],
        (true, true) => [below, above],
        (_, true) => [below, below],
        _ => [above.max(plane.area.y - 8.0); 2],
    };
    let free = |top: &f32| {
        let area = Area::new(middle - half, *top, 2.0 * half, height);
        names.iter().all(|name| !name.meets(&area))
    };
    let Some(top) = tops.into_iter().find(free) else { return };
    let (from, to) = if top > y { (y + 3.2, top - 1.0) } else { (y - 3.2, top + height + 1.0) };
    if (to - from).abs() > 2.0 && (middle - x).abs() < half {
        canvas.line((x, from), (x, to), Pen::flat(MUTED, 0.5));
    }
    canvas.halo(middle, top + 7.6, REMARK, Anchor::Middle, &title);
    canvas.halo(middle, top + 16.6, REMARK_TEXT, Anchor::Middle, &text);
}
