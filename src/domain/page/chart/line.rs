//! Values over time: lines with their names at the right end, a band of the usual, one remark.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::op::{Area, Colour, Pen, Spot};
use super::super::palette::{BAND, BLUE, INK, MUTED, PALE_BLUE, RULE, SERIES, SLATE, TEAL, TEXT};
use super::super::scale::{ValueAxis, drawable, range};
use super::super::slab::{AXIS, Setting, Slab, caption};
use super::label::{Taken, spread};
use super::plane::{Plane, foot_for};
use super::remark::{Remark, beside};
use crate::domain::report::figure::{LineChart, Point};

const NAME: Style = Style::new(Face::Semibold, 7.8, INK);
const ABSENT: Style = Style::new(Face::Sans, 7.4, MUTED);
/// Room below the plane for the labels of time.
const FOOT: f32 = 14.0;
/// Of its usual height, how much a plane keeps where the page is tight.
const LEAST: f32 = 0.7;

pub fn slabs(set: &Setting, chart: &LineChart, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, &chart.caption) + 12.0;
    let usual = (width * 0.42).clamp(104.0, 178.0);
    let height = (usual + stretch).max(usual * LEAST);
    let values = ValueAxis::around(range(all_values(chart)), chart.scale, steps(height));
    let ticks = values.ticks();
    let labels = ticks.iter().map(|t| canvas.width(AXIS, &values.label(set.lang, *t)));
    let left = labels.fold(8.0, f32::max) + 6.0;
    let names = Names::of(&canvas, chart, width);
    let area = Area::new(left, top, width - left - names.room, height);
    let mut plane = Plane { area, time: &chart.axis, values, room: (0.0, foot(chart, &values)) };
    let remark = chart.annotation.as_ref().and_then(|a| {
        let remark = Remark::of(&canvas, a, &plane)?;
        remark.placed(&mut plane, |plane| taken(&names, &canvas, chart, plane))
    });
    draw(set, &mut canvas, chart, &plane);
    names.draw(&mut canvas, chart, &plane);
    canvas.plane = Some(plane.planar());
    if let Some(remark) = remark {
        let line = chart.series.first().zip(chart.annotation.as_ref());
        let line = line.and_then(|(series, told)| beside(&plane, &series.points, told));
        remark.draw(&mut canvas, line);
    }
    vec![Slab::block(canvas, top + height + FOOT, &chart.caption)]
}

/// Room below values that would run along the line of time, and not be seen.
fn foot(chart: &LineChart, values: &ValueAxis) -> f32 {
    let low = range(all_values(chart)).map_or(f64::MAX, |ends| ends.0);
    foot_for(low, values)
}

/// Where no words may stand, and where they should not: names and the lines that are told of,
/// then the line of comparison.
fn taken(names: &Names, canvas: &Canvas, chart: &LineChart, plane: &Plane) -> [Taken; 2] {
    let (mut hard, mut soft) = (Taken::default(), Taken::default());
    names.areas(canvas, chart, plane).into_iter().for_each(|area| hard.add(area));
    for series in chart.series.iter().take(SERIES.len()) {
        plane.spots(&series.points).iter().for_each(|stretch| hard.add_line(stretch));
    }
    if let Some(series) = &chart.comparison {
        plane.spots(&series.points).iter().for_each(|stretch| soft.add_line(stretch));
    }
    [hard, soft]
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

fn draw(set: &Setting, canvas: &mut Canvas, chart: &LineChart, plane: &Plane) {
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
    canvas.halo(x, y + 2.6, ABSENT, Anchor::Middle, words);
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

#[cfg(test)]
mod tests {
    use super::super::super::fonts::Fonts;
    use super::super::super::op::{Op, texts};
    use super::super::label::crosses;
    use super::*;
    use crate::domain::format::Lang;
    use crate::domain::report::figure::{Annotation, Scale, Series, TimeAxis};
    use crate::domain::time::Instant;
    use chrono::Duration;
    use proptest::collection::vec;
    use proptest::option::weighted;

    fn at(minute: i64) -> Instant {
        Instant::default().after(Duration::minutes(minute))
    }

    fn series(values: &[Option<f64>]) -> Vec<Point> {
        let step = 1440 / values.len().max(1) as i64;
        let point = |(k, value): (usize, &Option<f64>)| Point {
            at: at(k as i64 * step + step / 2),
            value: *value,
        };
        values.iter().enumerate().map(point).collect()
    }

    /// A day with its lowest or its highest value told.
    fn chart(values: &[Option<f64>], other: &[Option<f64>], lowest: bool) -> LineChart {
        let points = series(values);
        let known = points.iter().filter(|p| p.value.is_some());
        let end = match lowest {
            true => known.min_by(|a, b| a.value.partial_cmp(&b.value).unwrap()),
            false => known.max_by(|a, b| a.value.partial_cmp(&b.value).unwrap()),
        };
        let told = end.map(|p| Annotation {
            at: p.at,
            value: p.value.unwrap(),
            title: "4,351.6 MWh".into(),
            text: "highest, 13:30".into(),
        });
        LineChart {
            axis: TimeAxis { from: at(0), to: at(1440), ticks: vec![] },
            scale: Scale::default(),
            series: vec![Series { label: "Wednesday".into(), points }],
            comparison: Some(Series { label: "Tuesday".into(), points: series(other) })
                .filter(|s| !s.points.is_empty()),
            annotation: told,
            ..LineChart::default()
        }
    }

    fn blue(op: &Op) -> Option<&[Spot]> {
        match op {
            Op::Line { points, pen } if pen.colour == BLUE => Some(points),
            _ => None,
        }
    }

    /// What is told stands clear of the ring, the line and the names, and close to its ring.
    fn check(values: &[Option<f64>], other: &[Option<f64>], lowest: bool, width: f32) {
        let fonts = Fonts::default();
        let set = Setting { fonts: &fonts, lang: Lang::En, screen: false };
        let ops = slabs(&set, &chart(values, other, lowest), width, 0.0).swap_remove(0).ops;
        let ring = ops.iter().find_map(|op| match op {
            Op::Circle { at, .. } => Some(*at),
            _ => None,
        });
        let (x, y) = ring.unwrap();
        let round = Area::new(x - 2.5, y - 2.5, 5.0, 5.0);
        let told = |text: &str| text.starts_with("4,3") || text.starts_with("high");
        let all = texts(&ops);
        let (words, names): (Vec<Area>, Vec<Area>) = (
            all.iter().filter(|t| told(&t.run.text)).map(|t| t.area()).collect(),
            all.iter().filter(|t| t.run.text.ends_with("day")).map(|t| t.area()).collect(),
        );
        assert_eq!(words.len(), 2, "{values:?} {lowest}: nothing is told");
        let clipped = ops.iter().filter_map(|op| match op {
            Op::Clip { ops, .. } => Some(ops),
            _ => None,
        });
        let lines: Vec<&[Spot]> = clipped.flatten().filter_map(blue).collect();
        for word in &words {
            assert!(!word.meets(&round), "{values:?} {lowest}: the ring is covered");
            assert!(!names.iter().any(|name| name.meets(word)), "{values:?} {lowest}: a name");
            let covered = lines.iter().flat_map(|line| line.windows(2));
            let covered = covered.into_iter().any(|pair| crosses((pair[0], pair[1]), word));
            assert!(!covered, "{values:?} {lowest}: the line is covered");
            assert!(word.x >= 0.0 && word.right() <= width && word.y >= 0.0, "{word:?}");
        }
        let near = (x.clamp(words[0].x, words[0].right()), y.clamp(words[0].y, words[1].bottom()));
        assert!((near.0 - x).hypot(near.1 - y) <= 32.0, "{values:?} {lowest}: far off");
    }

    #[test]
    fn the_words_of_an_extreme_cover_neither_it_nor_the_line() {
        let odd: Vec<Vec<f64>> = vec![
            vec![1.0, 1.0, 78.0, 1.0, 1.0, 77.0, 78.0, 1.0],
            (0..96).map(|k| if k % 2 == 0 { 3.0 } else { 60.0 }).collect(),
            (0..24).map(f64::from).collect(),
            (0..24).rev().map(f64::from).collect(),
            vec![2633.0; 20],
            vec![0.0, 12.5, 0.0],
            vec![5.0, 5.0],
            (0..288).map(|k| (f64::from(k) / 9.0).sin() * 40.0).collect(),
            [vec![9.0; 12], vec![0.0; 12]].concat(),
        ];
        for values in odd {
            let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
            for lowest in [false, true] {
                for width in [180.0, 247.0, 510.0] {
                    check(&values, &[], lowest, width);
                    let shifted: Vec<_> = values.iter().map(|v| v.map(|v| v * 0.9 + 1.0)).collect();
                    check(&values, &shifted, lowest, width);
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_words_of_an_extreme_stand_clear_on_any_data(
            values in vec(weighted(0.9, -50i32..50), 2..150),
            other in vec(weighted(0.9, -90i32..90), 0..30),
            lowest: bool,
        ) {
            let number = |v: &Option<i32>| v.map(f64::from);
            let values: Vec<_> = values.iter().map(number).collect();
            let other: Vec<_> = other.iter().map(number).collect();
            if values.iter().any(Option::is_some) {
                check(&values, &other, lowest, 247.0);
            }
        }
    }
}
