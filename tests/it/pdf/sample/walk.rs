//! A made-up day that is always the same: walks by ten minutes, as series and bands.

use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;
use daybook::domain::format::Lang;
use daybook::domain::report::figure::*;
use daybook::domain::time::{Instant, parse_iso};

/// A walk that is the same each time.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to 1.
    pub fn roll(&mut self) -> f64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / 16_777_216.0
    }

    pub fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.roll()).sum::<f64>() - 3.0
    }
}

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

pub fn start() -> Instant {
    parse_iso("2026-11-21T00:00:00Z").unwrap()
}

pub fn axis(lang: Lang) -> TimeAxis {
    TimeAxis::civil_day(day(), Tz::UTC, lang).unwrap()
}

/// A day by ten minutes: a low at night, a peak in the evening.
pub fn walk(seed: u64, base: f64, swing: f64) -> Vec<f64> {
    let (mut dice, mut drift) = (Dice(seed), 0.0);
    let at = |i: i32| f64::from(i) / 6.0;
    let value = |i| {
        drift = 0.9 * drift + 0.12 * dice.bell();
        let night = ((at(i) - 4.2) / 24.0 * std::f64::consts::TAU).cos();
        let evening = (-((at(i) - 19.1) / 1.6).powi(2)).exp();
        base + swing * (0.5 * evening - night + drift * 0.35)
    };
    (0..=144).map(value).collect()
}

pub fn points(values: &[f64]) -> Vec<Point> {
    let at = |i: usize| start().after(Duration::minutes(10 * i as i64));
    values.iter().enumerate().map(|(i, v)| Point::new(at(i), *v)).collect()
}

pub fn series(label: &str, values: &[f64]) -> Series {
    Series { label: label.into(), points: points(values) }
}

pub fn band(values: &[f64], room: f64) -> Vec<BandPoint> {
    let around = |p: &Point| {
        let value = p.value.unwrap_or(0.0);
        BandPoint { at: p.at, low: value - room, high: value + room }
    };
    points(values).iter().map(around).collect()
}

pub fn spark(seed: u64) -> Sparkline {
    let values = walk(seed, 10.0, 3.0);
    over_the_day(&values, (9.0, 12.0))
}

pub fn over_the_day(values: &[f64], band: (f64, f64)) -> Sparkline {
    let to = start().after(Duration::hours(24));
    Sparkline { from: start(), to, points: points(values), band: Some(band) }
}
