//! The one remark of a chart: a ring around a point, and words beside it that cover neither it
//! nor a line nor a name. Where no place is free, room is made above or below all lines.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::op::{Area, Ink, Pen, Spot};
use super::super::palette::{BLUE, MUTED, WHITE};
use super::super::scale::drawable;
use super::label::Taken;
use super::plane::Plane;
use crate::domain::report::figure::{Annotation, Point};

const TITLE: Style = Style::new(Face::Semibold, 7.6, BLUE);
const TEXT: Style = Style::new(Face::Sans, 7.4, MUTED);
const LEADING: f32 = 9.0;
/// From the middle of the ring to its outer edge, and to words that stand close.
const RING: f32 = 2.5;
const CLOSE: f32 = 4.2;
/// The longest way from the ring to its words, and the longest that needs no leader.
const FAR: f32 = 30.0;
const NEAR: f32 = 7.0;
/// The least room between words and what they may not cover.
const MARGIN: f32 = 1.6;
/// What words may stand above the plane.
const OVER: f32 = 6.0;

pub struct Remark {
    at: Point,
    title: String,
    text: String,
    size: (f32, f32),
    ring: Spot,
    words: Option<Area>,
}

/// Where a line runs at the time of a remark.
pub fn beside(plane: &Plane, points: &[Point], remark: &Annotation) -> Option<Spot> {
    let away = |point: &&Point| (point.at - remark.at).abs();
    let known = points.iter().filter(|point| point.value.is_some());
    known.min_by_key(away).and_then(|point| plane.spot(point))
}

impl Remark {
    /// `None` where its point is not on the plane.
    pub fn of(canvas: &Canvas, remark: &Annotation, plane: &Plane) -> Option<Remark> {
        let at = Point { at: remark.at, value: drawable(remark.value) };
        let ring = plane.spot(&at)?;
        let title = canvas.fit(TITLE, plane.area.w - 4.0, &remark.title);
        let text = canvas.fit(TEXT, plane.area.w - 4.0, &remark.text);
        let width = canvas.width(TITLE, &title).max(canvas.width(TEXT, &text));
        let lines = if text.is_empty() { 1.0 } else { 2.0 };
        Some(Remark { at, title, text, size: (width, lines * LEADING), ring, words: None })
    }

    /// Finds a place for the words, first clear of all that is taken, then of what must not be
    /// covered; each time on the plane as it is, then with more room on it. Without any only
    /// the ring is drawn.
    pub fn placed(
        mut self,
        plane: &mut Plane,
        taken: impl Fn(&Plane) -> [Taken; 2],
    ) -> Option<Self> {
        let plain = plane.room;
        let upper = self.ring.1 < plane.inner().y + plane.inner().h / 2.0;
        let more = self.size.1 + 2.0 * MARGIN + RING;
        let roomy = if upper { (more, plain.1) } else { (plain.0, plain.1.max(more)) };
        for (room, strict) in [(plain, true), (roomy, true), (plain, false), (roomy, false)] {
            plane.room = room;
            self.ring = plane.spot(&self.at)?;
            let [hard, soft] = taken(plane);
            let free = |area: &Area| hard.free(area) && (!strict || soft.free(area));
            self.words = self.best(plane, upper, &free);
            if self.words.is_some() {
                return Some(self);
            }
        }
        plane.room = plain;
        self.ring = plane.spot(&self.at)?;
        Some(self)
    }

    /// The free place that is nearest; rather on the side where the line has its end.
    fn best(&self, plane: &Plane, upper: bool, free: &dyn Fn(&Area) -> bool) -> Option<Area> {
        let (w, h) = self.size;
        let (x, y) = self.ring;
        let Area { x: left, y: top, .. } = plane.area;
        let (right, bottom) = (plane.area.right() - 1.0, plane.area.bottom() - 1.5);
        let cost = |area: &Area| {
            let away = distance(self.nearest(area), self.ring);
            let askew = (area.x + w / 2.0 - x).abs() / 8.0;
            let other = if (area.y + h / 2.0 < y) == upper { 0.0 } else { 9.0 };
            let ticks = plane.values.ticks().into_iter().map(|tick| plane.y(tick));
            let crossed = ticks.filter(|y| area.y - 1.0 < *y && *y < area.bottom() + 1.0).count();
            away + askew + other + 2.0 * crossed as f32
        };
        let holds = |area: &Area| {
            let grown = grown(area, MARGIN);
            let ring = Area::new(x - RING, y - RING, 2.0 * RING, 2.0 * RING);
            area.y >= top - OVER
                && area.bottom() <= bottom
                && distance(self.nearest(area), self.ring) <= FAR
                && !ring.meets(&grown)
                && free(&grown)
                && self.leads(area, free)
        };
        let across = [0.0, -0.5, 0.5, -1.0, 1.0].map(|part| x + (part - 0.5) * w);
        let beside = [x - w - CLOSE - 2.0, x + CLOSE + 2.0];
        let lefts = across.into_iter().chain(beside).chain([x - w - FAR / 2.0, x + FAR / 2.0]);
        let lefts = lefts.map(|at| at.min(right - w).max(left + 1.0));
        let downs = (0..=(2.0 * (FAR + h) / 1.5) as usize).map(|k| y - FAR - h + k as f32 * 1.5);
        let downs: Vec<f32> = downs.chain([y - CLOSE - h, y + CLOSE]).collect();
        let areas = lefts.flat_map(|left| downs.iter().map(move |top| Area::new(left, *top, w, h)));
        let mut areas: Vec<(f32, Area)> = areas.map(|area| (cost(&area), area)).collect();
        areas.sort_by(|a, b| a.0.total_cmp(&b.0));
        areas.into_iter().map(|(_, area)| area).find(holds)
    }

    /// The spot of the words that is nearest to the ring.
    fn nearest(&self, words: &Area) -> Spot {
        let (x, y) = self.ring;
        (x.clamp(words.x, words.right()), y.clamp(words.y, words.bottom()))
    }

    /// The leader, where the words need one.
    fn leader(&self, words: &Area) -> Option<(Spot, Spot)> {
        let (from, to) = (self.ring, self.nearest(words));
        let far = distance(from, to);
        let at =
            |way: f32| (from.0 + (to.0 - from.0) * way / far, from.1 + (to.1 - from.1) * way / far);
        (far > NEAR).then(|| (at(RING + 0.7), at(far - 1.0)))
    }

    /// Whether the leader crosses nothing, but for the line that the ring is on.
    fn leads(&self, words: &Area, free: &dyn Fn(&Area) -> bool) -> bool {
        let Some(((x, y), to)) = self.leader(words) else { return true };
        // Steps shorter than the squares that are tried: no thin line lies between two.
        let steps = 2 * FAR as u8;
        (2..=steps).all(|step| {
            let part = f32::from(step) / f32::from(steps);
            let (x, y) = (x + (to.0 - x) * part, y + (to.1 - y) * part);
            free(&Area::new(x - 0.3, y - 0.3, 0.6, 0.6))
        })
    }

    /// `line` is where the line of means runs: a single value may lie off it, and hangs on it then.
    pub fn draw(&self, canvas: &mut Canvas, line: Option<Spot>) {
        if let Some(line) = line.filter(|line| distance(*line, self.ring) > NEAR) {
            canvas.line(line, self.ring, Pen::flat(BLUE, 0.5));
        }
        canvas.circle(self.ring, 2.0, Some(Ink::from(WHITE)), Some(Pen::flat(BLUE, 1.0)));
        let Some(words) = self.words else { return };
        if let Some((from, to)) = self.leader(&words) {
            canvas.line(from, to, Pen::flat(MUTED, 0.5));
        }
        // Words beside the ring begin or end at it.
        let (anchor, x) = match self.ring.0 {
            x if x <= words.x => (Anchor::Left, words.x),
            x if x >= words.right() => (Anchor::Right, words.right()),
            _ => (Anchor::Middle, words.x + words.w / 2.0),
        };
        canvas.halo(x, words.y + 6.6, TITLE, anchor, &self.title);
        canvas.halo(x, words.y + 6.6 + LEADING, TEXT, anchor, &self.text);
    }
}

fn distance(a: Spot, b: Spot) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn grown(area: &Area, by: f32) -> Area {
    Area::new(area.x - by, area.y - by, area.w + 2.0 * by, area.h + 2.0 * by)
}
