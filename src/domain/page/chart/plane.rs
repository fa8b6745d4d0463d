//! Time across, values up: the plane on which lines and bands are drawn, with its grid.
//! Absent values break lines; what lies outside the time axis is not drawn.

use super::super::canvas::{Anchor, Canvas, Planar};
use super::super::op::{Area, Colour, Pen, Spot};
use super::super::palette::{MUTED, RULE};
use super::super::plot::{Recorder, UNIT};
use super::super::scale::{ValueAxis, drawable};
use super::super::slab::AXIS;
use crate::domain::format::Lang;
use crate::domain::report::figure::{BandPoint, Point, TimeAxis};
use crate::domain::time::Instant;
use plotters::prelude::{
    ChartBuilder, IntoDrawingArea, LineSeries, PathElement, Polygon, RGBColor, ShapeStyle,
};

/// A value at a number of seconds from the start of the axis.
type Sample = (f64, f64);

pub struct Plane<'a> {
    pub area: Area,
    pub time: &'a TimeAxis,
    pub values: ValueAxis,
    /// Room inside the area above the highest and below the lowest value of the axis.
    pub room: (f32, f32),
}

/// The diameter of a value that stands alone.
const LONE: f32 = 1.6;

/// What plotters is given to draw.
enum Shape {
    Line(Vec<Sample>),
    Ring(Vec<Sample>),
}

/// Room below the lowest value, where it would run along the line of time and not be seen.
pub fn foot_for(low: f64, values: &ValueAxis) -> f32 {
    if low - values.low < (values.high - values.low) * 0.015 { 3.5 } else { 0.0 }
}

impl Plane<'_> {
    pub fn x(&self, at: Instant) -> f32 {
        let share = self.seconds(at) / self.span();
        self.area.x + self.area.w * share.clamp(0.0, 1.0) as f32
    }

    pub fn y(&self, value: f64) -> f32 {
        let inner = self.inner();
        inner.bottom() - inner.h * self.values.share(value)
    }

    /// Where values stand.
    pub fn inner(&self) -> Area {
        let Area { x, y, w, h } = self.area;
        let (above, below) = self.room;
        Area::new(x, y + above, w, (h - above - below).max(1.0))
    }

    /// Where values stand, and between which.
    pub fn planar(&self) -> Planar {
        Planar {
            outer: self.area,
            area: self.inner(),
            low: self.values.low,
            high: self.values.high,
        }
    }

    pub fn spot(&self, point: &Point) -> Option<Spot> {
        let value = point.value.and_then(drawable).filter(|_| self.covers(point.at))?;
        Some((self.x(point.at), self.y(value)))
    }

    /// Where a series runs, cut where a value is absent.
    pub fn spots(&self, points: &[Point]) -> Vec<Vec<Spot>> {
        let spot = |(at, value): Sample| (self.area.x + self.across(at), self.y(value));
        let stretches = self.stretches(points).into_iter();
        stretches.map(|stretch| self.thin(stretch).into_iter().map(spot).collect()).collect()
    }

    /// Draws a series; a value between two absent ones becomes a dot.
    pub fn series(&self, canvas: &mut Canvas, points: &[Point], pen: Pen) {
        let mut lone = vec![];
        let mut shapes = vec![];
        for stretch in self.stretches(points) {
            match stretch[..] {
                [only] => lone.push((self.area.x + self.across(only.0), self.y(only.1))),
                _ => shapes.push(Shape::Line(self.thin(stretch))),
            }
        }
        canvas.clip(self.clip(), |inner| {
            self.plot(inner, shapes, pen.colour, pen.width);
            inner.dots(lone, LONE.max(pen.width), pen.colour);
        });
    }

    /// Draws the usual range.
    pub fn band(&self, canvas: &mut Canvas, band: &[BandPoint], colour: Colour) {
        let inside = |p: &&BandPoint| self.covers(p.at) && p.low.is_finite() && p.high.is_finite();
        let kept: Vec<&BandPoint> = band.iter().filter(inside).collect();
        if kept.len() < 2 {
            return;
        }
        let upper = kept.iter().map(|p| (self.seconds(p.at), self.near(p.high)));
        let lower = kept.iter().rev().map(|p| (self.seconds(p.at), self.near(p.low)));
        let ring = Shape::Ring(upper.chain(lower).collect());
        canvas.clip(self.clip(), |inner| self.plot(inner, vec![ring], colour, 0.0));
    }

    /// Level lines at the ticks, heavier at the foot.
    pub fn lines(&self, canvas: &mut Canvas) {
        let Area { x, w, .. } = self.area;
        for tick in self.values.ticks() {
            canvas.rule(x, self.y(tick), w, Pen::flat(RULE, 0.4));
        }
        self.foot(canvas);
    }

    /// The line that time runs along.
    pub fn foot(&self, canvas: &mut Canvas) {
        canvas.rule(self.area.x, self.area.bottom(), self.area.w, Pen::flat(MUTED, 0.7));
    }

    /// The lines, with their values on the left.
    pub fn grid(&self, canvas: &mut Canvas, lang: Lang) {
        self.lines(canvas);
        for tick in self.values.ticks() {
            let label = self.values.label(lang, tick);
            let (x, y) = (self.area.x - 5.0, self.y(tick) + 2.4);
            canvas.text(x, y, AXIS, Anchor::Right, &label);
        }
    }

    /// Ticks and labels below the plane; labels that would touch are left out.
    pub fn time_ticks(&self, canvas: &mut Canvas) {
        let (left, right) = (self.area.x, self.area.right());
        let mut free = f32::MIN;
        for (place, tick) in self.time.ticks.iter().enumerate() {
            let x = self.x(tick.at);
            let width = canvas.width(AXIS, &tick.label);
            let start = (x - width / 2.0).clamp(left, (right - width).max(left));
            let last = place + 1 == self.time.ticks.len();
            if start < free || (!last && start + width > right - width - 4.0 && place > 0) {
                continue;
            }
            let bottom = self.area.bottom();
            canvas.line((x, bottom), (x, bottom + 2.6), Pen::flat(MUTED, 0.6));
            canvas.text(start, bottom + 10.4, AXIS, Anchor::Left, &tick.label);
            free = start + width + 4.0;
        }
    }

    fn covers(&self, at: Instant) -> bool {
        at >= self.time.from && at <= self.time.to
    }

    fn seconds(&self, at: Instant) -> f64 {
        (at - self.time.from).num_milliseconds() as f64 / 1000.0
    }

    fn span(&self) -> f64 {
        self.seconds(self.time.to).max(1.0)
    }

    fn across(&self, seconds: f64) -> f32 {
        self.area.w * (seconds / self.span()) as f32
    }

    /// A value, brought to where it is clipped all the same: coordinates are small numbers.
    fn near(&self, value: f64) -> f64 {
        let span = self.values.high - self.values.low;
        value.clamp(self.values.low - span, self.values.high + span)
    }

    /// A little more than the plane, so that a line along its edge keeps its width.
    fn clip(&self) -> Area {
        let Area { x, y, w, h } = self.area;
        Area::new(x - 2.0, y - 2.0, w + 4.0, h + 4.0)
    }

    /// The points, cut where a value is absent.
    fn stretches(&self, points: &[Point]) -> Vec<Vec<Sample>> {
        let mut found = vec![vec![]];
        for point in points.iter().filter(|p| self.covers(p.at)) {
            match (point.value.and_then(drawable), found.last_mut()) {
                (Some(value), Some(last)) => last.push((self.seconds(point.at), self.near(value))),
                _ => found.push(vec![]),
            }
        }
        found.retain(|stretch| !stretch.is_empty());
        found
    }

    /// At most the lowest and the highest value in each half point of width: extremes stay.
    fn thin(&self, stretch: Vec<Sample>) -> Vec<Sample> {
        let room = (self.area.w * 2.0).max(1.0) as usize;
        if stretch.len() <= room * 2 {
            return stretch;
        }
        let slot = |s: &Sample| (s.0 / self.span() * room as f64) as usize;
        let mut kept = vec![];
        for group in stretch.chunk_by(|a, b| slot(a) == slot(b)) {
            let low = group.iter().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = group.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let mut pair: Vec<Sample> = [low, high].into_iter().flatten().copied().collect();
            pair.sort_by(|a, b| a.0.total_cmp(&b.0));
            pair.dedup();
            kept.extend(pair);
        }
        kept
    }

    fn plot(&self, canvas: &mut Canvas, shapes: Vec<Shape>, colour: Colour, width: f32) {
        let drawn = self.try_plot(canvas, shapes, colour, width);
        debug_assert!(drawn.is_ok(), "recording onto a canvas cannot fail");
    }

    fn try_plot(
        &self,
        canvas: &mut Canvas,
        shapes: Vec<Shape>,
        colour: Colour,
        width: f32,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let root = Recorder { canvas, area: self.inner() }.into_drawing_area();
        let (low, high) = (self.values.low, self.values.high);
        let mut chart = ChartBuilder::on(&root).build_cartesian_2d(0.0..self.span(), low..high)?;
        let color = RGBColor(colour.0, colour.1, colour.2).into();
        let stroke_width = (width * UNIT).round() as u32;
        let line = ShapeStyle { color, filled: false, stroke_width };
        for shape in shapes {
            match shape {
                Shape::Line(points) if points.len() == 2 => {
                    chart.draw_series([PathElement::new(points, line)])?;
                }
                Shape::Line(points) => {
                    chart.draw_series(LineSeries::new(points, line))?;
                }
                Shape::Ring(points) => {
                    let fill = ShapeStyle { filled: true, ..line };
                    chart.draw_series([Polygon::new(points, fill)])?;
                }
            }
        }
        Ok(())
    }
}
