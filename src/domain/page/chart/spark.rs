//! Sparklines: a line the size of a word, on a scale of its own, over the usual range.

use super::super::canvas::Canvas;
use super::super::op::{Area, Pen, Spot};
use super::super::palette::{HAIR, INK};
use super::super::scale::{drawable, range};
use crate::domain::report::figure::Sparkline;

/// Draws the line inside the area; its last value is dotted.
pub fn draw(canvas: &mut Canvas, area: Area, spark: &Sparkline, width: f32) {
    let band = spark.band.filter(|b| b.0.is_finite() && b.1.is_finite());
    let values = spark.values.iter().flatten().copied();
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
    let stretches = stretches(&spark.values, area.w);
    for stretch in &stretches {
        let points: Vec<Spot> = stretch.iter().map(|(x, v)| (tenth(area.x + x), y(*v))).collect();
        match points[..] {
            [only] => canvas.dots(vec![only], width * 1.6, INK),
            _ => canvas.polyline(points, Pen::round(INK, width)),
        }
    }
    if let Some((x, value)) = stretches.last().and_then(|s| s.last()) {
        canvas.dots(vec![(area.x + x, y(*value))], width * 3.0, INK);
    }
}

fn tenth(x: f32) -> f32 {
    (x * 10.0).round() / 10.0
}

/// Means over at least 0.8 points of width, cut where values are absent: more than that no
/// print can show.
fn stretches(values: &[Option<f64>], width: f32) -> Vec<Vec<(f32, f64)>> {
    let slots = ((width / 0.8) as usize).clamp(1, values.len().max(1));
    let mut found = vec![vec![]];
    for slot in 0..slots {
        let (from, to) = (slot * values.len() / slots, (slot + 1) * values.len() / slots);
        let present = values[from..to].iter().flatten().copied().filter_map(drawable);
        let (count, sum) = present.fold((0, 0.0), |(n, sum), v| (n + 1, sum + v));
        let x = (from + to) as f32 / 2.0 / values.len().max(1) as f32 * width;
        match (count, found.last_mut()) {
            (1.., Some(last)) => last.push((x, sum / f64::from(count))),
            _ => found.push(vec![]),
        }
    }
    found.retain(|stretch| !stretch.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_cuts_the_line() {
        let values = [Some(1.0), Some(2.0), None, Some(4.0)];
        let found = stretches(&values, 40.0);
        assert_eq!(found, [vec![(5.0, 1.0), (15.0, 2.0)], vec![(35.0, 4.0)]]);
        assert!(stretches(&[], 40.0).is_empty());
        assert!(stretches(&[None, Some(f64::NAN)], 40.0).is_empty());
    }
}
