//! Sparklines: a line the size of a word, on a scale of its own, over the usual range. All of a
//! page run over the same period: what was seen in a part of it takes that part of the width.

use super::super::canvas::Canvas;
use super::super::op::{Area, Pen, Spot};
use super::super::palette::{FAINT, HAIR, INK};
use super::super::scale::{drawable, range};
use crate::domain::report::figure::{Point, Sparkline};

/// More than one point in this much width no print can show.
const SLOT: f32 = 0.8;
/// The width of what joins a value that stands alone to its neighbours.
const THREAD: f32 = 0.35;

/// A place across the area, and a value.
type Sample = (f32, f64);

/// Draws the line inside the area; its last value is dotted.
pub fn draw(canvas: &mut Canvas, area: Area, spark: &Sparkline, width: f32) {
    let band = spark.band.filter(|b| b.0.is_finite() && b.1.is_finite());
    let values = spark.points.iter().filter_map(|point| point.value);
    let Some((low, high)) = range(values.chain(band.into_iter().flat_map(|b| [b.0, b.1]))) else {
        return;
    };
    let y = |value: f64| match high > low {
        true => area.bottom() - area.h * ((value - low) / (high - low)) as f32,
        false => area.y + area.h / 2.0,
    };
    if let Some((from, to)) = band.filter(|b| b.1 > b.0) {
        canvas.rect(Area::new(area.x, y(to), area.w, y(from) - y(to)), HAIR);
    }
    let stretches = stretches(spark, area.w);
    let spot = |(x, value): &Sample| -> Spot { (tenth(area.x + x), y(*value)) };
    // A dot by itself reads as dirt: a thread leads from it to what is next.
    for pair in stretches.windows(2).filter(|pair| pair.iter().any(|s| s.len() == 1)) {
        if let (Some(from), Some(to)) = (pair[0].last(), pair[1].first()) {
            canvas.line(spot(from), spot(to), Pen::round(FAINT, THREAD));
        }
    }
    for stretch in &stretches {
        canvas.polyline(stretch.iter().map(spot).collect(), Pen::round(INK, width));
    }
    if let Some(last) = stretches.last().and_then(|s| s.last()) {
        canvas.dots(vec![spot(last)], width * 3.0, INK);
    }
}

fn tenth(x: f32) -> f32 {
    (x * 10.0).round() / 10.0
}

/// Means over slots of the width, each where its points are, cut where values are absent.
fn stretches(spark: &Sparkline, width: f32) -> Vec<Vec<Sample>> {
    let span = (spark.to - spark.from).num_milliseconds().max(1) as f64;
    let across =
        |point: &Point| (point.at - spark.from).num_milliseconds() as f64 / span * f64::from(width);
    let inside = |point: &&Point| spark.from <= point.at && point.at <= spark.to;
    let value = |point: &Point| point.value.and_then(drawable);
    let points: Vec<&Point> = spark.points.iter().filter(inside).collect();
    let slot = |point: &Point| (value(point).is_some(), (across(point) / f64::from(SLOT)) as i64);
    let mut found = vec![vec![]];
    for group in points.chunk_by(|a, b| slot(a) == slot(b)) {
        let n = group.len() as f64;
        let sums = group.iter().filter_map(|p| Some((across(p), value(p)?)));
        let (x, sum) = sums.fold((0.0, 0.0), |(x, sum), (at, v)| (x + at / n, sum + v / n));
        match (slot(group[0]).0, found.last_mut()) {
            (true, Some(last)) => last.push((x as f32, sum)),
            _ => found.push(vec![]),
        }
    }
    found.retain(|stretch| !stretch.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::fonts::Fonts;
    use super::super::super::op::Op;
    use super::*;
    use crate::domain::time::Instant;
    use chrono::Duration;

    fn at(hour: i64) -> Instant {
        Instant::default().after(Duration::hours(hour))
    }

    fn spark(days: i64, values: &[(i64, Option<f64>)]) -> Sparkline {
        let point = |&(hour, value): &(i64, Option<f64>)| Point { at: at(hour), value };
        let points = values.iter().map(point).collect();
        Sparkline { from: at(0), to: at(24 * days), points, band: None }
    }

    #[test]
    fn a_gap_cuts_the_line() {
        let values = [(3, Some(1.0)), (9, Some(2.0)), (15, None), (21, Some(4.0))];
        let found = stretches(&spark(1, &values), 40.0);
        assert_eq!(found, [vec![(5.0, 1.0), (15.0, 2.0)], vec![(35.0, 4.0)]]);
        assert!(stretches(&spark(1, &[]), 40.0).is_empty());
        assert!(stretches(&spark(1, &[(1, None), (2, Some(f64::NAN))]), 40.0).is_empty());
        assert!(stretches(&Sparkline::default(), 40.0).is_empty());
    }

    /// The least and the greatest place across that anything is drawn at.
    fn ends(spark: &Sparkline) -> (f32, f32) {
        let fonts = Fonts::default();
        let mut canvas = Canvas::new(&fonts);
        draw(&mut canvas, Area::new(0.0, 0.0, 90.0, 9.0), spark, 0.7);
        let spots = canvas.ops.iter().flat_map(|op| match op {
            Op::Line { points, .. } => points.clone(),
            Op::Dots { at, .. } => at.clone(),
            _ => vec![],
        });
        spots.fold((f32::MAX, f32::MIN), |ends, s| (ends.0.min(s.0), ends.1.max(s.0)))
    }

    #[test]
    fn what_was_seen_in_a_part_of_the_period_takes_that_part() {
        let last_of_three: Vec<_> = (48..72).map(|hour| (hour, Some(hour as f64))).collect();
        let (from, to) = ends(&spark(3, &last_of_three));
        assert_eq!((from, to), (60.0, 88.8));
        let until_noon: Vec<_> = (0..=12).map(|hour| (hour, Some(1.0))).collect();
        assert_eq!(ends(&spark(1, &until_noon)), (0.0, 45.0));
        assert_eq!(ends(&spark(1, &[(18, Some(2.0))])), (67.5, 67.5));
        // What is not of the period is not drawn.
        assert_eq!(ends(&spark(1, &[(18, Some(2.0)), (30, Some(3.0))])), (67.5, 67.5));
    }

    #[test]
    fn a_value_that_stands_alone_is_no_dot_by_itself() {
        let fonts = Fonts::default();
        let mut canvas = Canvas::new(&fonts);
        let values = [(1, Some(1.0)), (2, None), (6, Some(2.0)), (7, Some(3.0)), (8, Some(2.0))];
        draw(&mut canvas, Area::new(0.0, 0.0, 90.0, 9.0), &spark(1, &values), 0.7);
        let dots = canvas.ops.iter().filter(|op| matches!(op, Op::Dots { .. })).count();
        let thread = |op: &&Op| matches!(op, Op::Line { pen, .. } if pen.width == THREAD);
        assert_eq!((dots, canvas.ops.iter().filter(thread).count()), (1, 1));
    }
}
