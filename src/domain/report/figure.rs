//! The figures of a report: key figures, charts over time, bars, small multiples, maps.
//! A time axis is two instants and its ticks, so that a day of 23 or 25 hours is just a day.

use super::caption::{Caption, Direction, Origin, Tone};
use crate::domain::format::Lang;
use crate::domain::time::Instant;
use crate::domain::time::start_of_day;
use chrono::{Days, NaiveDate, TimeZone};
use chrono_tz::Tz;

/// One number that matters, large.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyFigure {
    pub label: String,
    /// Already text: `11.8`.
    pub value: String,
    pub unit: String,
    pub change: Option<Change>,
    pub spark: Sparkline,
    /// What it is of; paper does not show it.
    pub origin: Option<Origin>,
}

/// How a key figure moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    pub direction: Direction,
    /// `+2.1`
    pub text: String,
    /// `°C in 24 h`
    pub note: String,
}

/// A line the size of a word, over a period. An absent value breaks it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparkline {
    /// The period: from the left end of the area to its right end, whatever part has points.
    pub from: Instant,
    pub to: Instant,
    pub points: Vec<Point>,
    /// The usual range, shaded.
    pub band: Option<(f64, f64)>,
}

impl Sparkline {
    pub fn over(axis: &TimeAxis, points: Vec<Point>) -> Sparkline {
        Sparkline { from: axis.from, to: axis.to, points, band: None }
    }
}

/// Time from left to right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeAxis {
    pub from: Instant,
    pub to: Instant,
    pub ticks: Vec<Tick>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tick {
    pub at: Instant,
    pub label: String,
}

impl TimeAxis {
    /// A civil day of a zone, from its first instant to the next day's, with a tick each six
    /// hours of its clock. None where the calendar has no such day.
    pub fn civil_day(day: NaiveDate, zone: Tz, lang: Lang) -> Option<TimeAxis> {
        let from = start_of_day(day, zone)?;
        let to = start_of_day(day.checked_add_days(Days::new(1))?, zone)?;
        let mut ticks = vec![Tick { at: from, label: lang.hour(0) }];
        for hour in [6, 12, 18] {
            let at = zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest();
            let at = at.and_then(|at| Instant::of(at.to_utc())).filter(|at| *at > from && *at < to);
            ticks.extend(at.map(|at| Tick { at, label: lang.hour(hour) }));
        }
        ticks.push(Tick { at: to, label: lang.hour(24) });
        Some(TimeAxis { from, to, ticks })
    }
}

/// A value at an instant; absent, it breaks the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub at: Instant,
    pub value: Option<f64>,
}

impl Point {
    pub fn new(at: Instant, value: f64) -> Point {
        Point { at, value: Some(value) }
    }
}

/// A labelled line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub label: String,
    pub points: Vec<Point>,
}

/// The usual range at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandPoint {
    pub at: Instant,
    pub low: f64,
    pub high: f64,
}

/// The one remark a chart may carry, tied to a point of its data.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    pub at: Instant,
    pub value: f64,
    pub title: String,
    pub text: String,
}

/// How values map to height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// Counts and shares start at zero; temperatures and prices need not.
    pub from_zero: bool,
    /// Ends that the data may not move, such as 0 and 100 for a share.
    pub bounds: Option<(f64, f64)>,
}

/// Values over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
    pub caption: Caption,
    pub axis: TimeAxis,
    pub scale: Scale,
    /// The first is the main one. Up to four get a colour and a label, others stay pale.
    pub series: Vec<Series>,
    /// The day before or a usual day, moved onto this axis by the caller; drawn pale.
    pub comparison: Option<Series>,
    pub band: Vec<BandPoint>,
    /// The least and the greatest that words name, which the line of means may not reach: the
    /// scale holds both.
    pub ends: Option<(f64, f64)>,
    pub annotation: Option<Annotation>,
}

/// Bars, or dots on stems, side by side by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    pub caption: Caption,
    pub style: BarStyle,
    pub items: Vec<Bar>,
    /// A value that the ruler reaches to: charts with the same one can be compared.
    pub reach: Option<f64>,
    /// In two parts side by side, on one ruler, read one after the other.
    pub in_two: bool,
    /// The usual range, shaded, as in plus or minus two sigma.
    pub usual: Option<(f64, f64)>,
    /// Marks along the value axis, with their text; without any, values stand at the bars.
    pub ticks: Vec<(f64, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BarStyle {
    #[default]
    Bar,
    Lollipop,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    pub label: String,
    pub value: f64,
    /// The value as text, printed at the end of the bar; may be empty.
    pub text: String,
    pub tone: Tone,
}

/// Many small charts on one scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Multiples {
    pub caption: Caption,
    pub axis: TimeAxis,
    pub scale: Scale,
    /// Charts beside each other; 0 leaves the choice to the page.
    pub across: u8,
    pub panels: Vec<Panel>,
}

/// One of many small charts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    pub title: String,
    /// At the right of the title: the figure that sums it up.
    pub note: String,
    pub points: Vec<Point>,
    pub comparison: Vec<Point>,
    pub band: Vec<BandPoint>,
    /// What the note names as least and greatest: the scale holds both.
    pub ends: Option<(f64, f64)>,
    pub tone: Tone,
    /// The series that it is of; paper does not show it.
    pub key: String,
}

/// Points on the earth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    pub caption: Caption,
    pub extent: Extent,
    pub points: Vec<Place>,
    /// What sizes and colours mean.
    pub key: Vec<MapKey>,
}

/// What part of the earth a map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Equal Earth, with land.
    #[default]
    World,
    /// A part of the world around the points, with land and a bar of distance.
    Region,
    /// A town around the points, with a bar of distance.
    Local,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub lon: f64,
    pub lat: f64,
    /// From 0 (a speck) to 5 (the event of the day).
    pub size: u8,
    pub tone: Tone,
    /// Labelled directly, where there is room; earlier places come first.
    pub label: Option<String>,
    /// Words of the report name it: it is labelled even where it is crowded.
    pub named: bool,
    /// The series or the record that stands there, and what is said of it; paper does not show it.
    pub key: String,
    pub told: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapKey {
    pub size: u8,
    pub tone: Tone,
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(day: (i32, u32, u32), zone: Tz) -> (i64, usize) {
        let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap();
        let axis = TimeAxis::civil_day(day, zone, Lang::En).unwrap();
        ((axis.to - axis.from).num_minutes(), axis.ticks.len())
    }

    #[test]
    fn a_civil_day_may_be_shorter_or_longer() {
        use chrono_tz::{America, Australia, Europe};
        assert_eq!(hours((2026, 11, 21), Europe::Paris), (24 * 60, 5));
        assert_eq!(hours((2026, 3, 29), Europe::Paris), (23 * 60, 5));
        assert_eq!(hours((2026, 10, 25), Europe::Paris), (25 * 60, 5));
        assert_eq!(hours((2026, 4, 5), Australia::Lord_Howe), (24 * 60 + 30, 5));
        assert_eq!(hours((2018, 11, 4), America::Sao_Paulo), (23 * 60, 5));
    }
}
