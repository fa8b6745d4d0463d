//! Time. Inside Daybook every instant is UTC and has millisecond precision; a window is one
//! UTC hour, half-open. Nothing here reads a clock: `now` always comes from the caller.

mod instant;

pub use instant::{
    Instant, from_millis, iso, iso_seconds, parse_iso, parse_stamp, stamp, to_second,
};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use std::fmt;
use std::time::Duration;

/// A UTC calendar day; the unit of the ledger.
pub type Day = NaiveDate;

const HOUR_MS: i64 = 3_600_000;

/// One UTC hour, half-open: an instant lies in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window(i64);

impl Window {
    /// The window that holds `instant`.
    pub fn of(instant: Instant) -> Window {
        Window(instant.millis().div_euclid(HOUR_MS))
    }

    /// First instant of the window.
    pub fn start(self) -> Instant {
        from_millis(self.0 * HOUR_MS)
    }

    /// First instant after the window.
    pub fn end(self) -> Instant {
        self.next().start()
    }

    pub fn next(self) -> Window {
        Window(self.0 + 1)
    }

    pub fn previous(self) -> Window {
        Window(self.0 - 1)
    }

    /// The UTC day in which the window lies.
    pub fn day(self) -> Day {
        self.start().date_naive()
    }

    /// All windows that start in `from..to`.
    pub fn between(from: Instant, to: Instant) -> impl Iterator<Item = Window> {
        let ceil = |t: Instant| {
            t.millis().div_euclid(HOUR_MS) + i64::from(t.millis().rem_euclid(HOUR_MS) != 0)
        };
        (ceil(from)..ceil(to)).map(Window)
    }

    /// Milliseconds since the start of the window; 0 to 3,599,999 for its own instants.
    pub fn offset_ms(self, instant: Instant) -> i64 {
        instant.millis() - self.0 * HOUR_MS
    }

    /// Reads the form that [`fmt::Display`] writes: `2026-11-22T02`.
    pub fn parse(text: &str) -> Option<Window> {
        let padded = format!("{text}:00:00");
        let at = NaiveDateTime::parse_from_str(&padded, "%Y-%m-%dT%H:%M:%S").ok()?;
        let window = Window::of(Instant::of(at.and_utc())?);
        (window.to_string() == text).then_some(window)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.start().format("%Y-%m-%dT%H"))
    }
}

/// The first instant of a civil day of a zone; where midnight is skipped, the first quarter after.
pub fn start_of_day(day: Day, zone: Tz) -> Option<Instant> {
    (0..=12).find_map(|quarter| {
        let local = day.and_hms_opt(quarter / 4, quarter % 4 * 15, 0)?;
        Instant::of(zone.from_local_datetime(&local).earliest()?.to_utc())
    })
}

/// The instant of a civil day at so many minutes of its clock, the first where there are two; none
/// where the clock leaves it out.
pub fn at_clock(day: Day, minutes: u32, zone: Tz) -> Option<Instant> {
    let local = day.and_hms_opt(minutes / 60, minutes % 60, 0)?;
    Instant::of(zone.from_local_datetime(&local).earliest()?.to_utc())
}

/// The same time of the clock so many days on, the first where there are two; none where the clock
/// leaves it out there.
pub fn days_on(at: Instant, days: i64, zone: Tz) -> Option<Instant> {
    let local = at.with_timezone(&zone).naive_local();
    let moved = local.checked_add_signed(TimeDelta::try_days(days)?)?;
    Instant::of(zone.from_local_datetime(&moved).earliest()?.to_utc())
}

/// Reads a duration that carries its unit: `15s`, `1m`, `6h`, `1d`, `500ms`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    let ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(ms).map(Duration::from_millis)
}

/// Writes a duration in the largest unit that holds it whole: `90s`, `2m`, `1d`.
pub fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    match units.iter().find(|(_, size)| ms != 0 && ms.is_multiple_of(*size)) {
        Some((unit, size)) => format!("{}{unit}", ms / size),
        None => format!("{ms}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        parse_iso(text).unwrap()
    }

    #[test]
    fn a_window_is_half_open() {
        let w = Window::of(at("2026-11-22T02:59:59.999Z"));
        assert_eq!(w.to_string(), "2026-11-22T02");
        assert_eq!(Window::of(w.end()), w.next());
        assert_eq!(Window::parse("2026-11-22T02"), Some(w));
        assert_eq!(Window::parse("2026-11-22T2"), None);
        assert_eq!(Window::parse("2026-11-22T24"), None);
        assert_eq!(Window::parse("\r026-11-22T02"), None);
    }

    #[test]
    fn windows_of_a_day_are_24() {
        let (from, to) = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
        assert_eq!(Window::between(from, to).count(), 24);
        assert_eq!(Window::between(at("2026-11-22T00:30:00Z"), to).count(), 23);
    }

    #[test]
    fn days_on_keep_the_clock() {
        let zone = Tz::Europe__Paris;
        let moved = |text: &str, days| days_on(at(text), days, zone).map(iso);
        let is = |text: &str| Some(iso(at(text)));
        // 18:00 in winter, and on the day on which summer began.
        assert_eq!(moved("2026-03-28T17:00:00Z", 1), is("2026-03-29T16:00:00Z"));
        assert_eq!(moved("2026-03-29T16:00:00Z", -1), is("2026-03-28T17:00:00Z"));
        assert_eq!(moved("2026-03-28T01:30:00Z", 1), None);
        // The second 02:30 of a long day is that of any other day.
        assert_eq!(moved("2026-10-25T01:30:00Z", 1), is("2026-10-26T01:30:00Z"));
        assert_eq!(moved("2026-10-24T00:30:00Z", 1), is("2026-10-25T00:30:00Z"));
        let clock = |text: &str, minutes| at_clock(text.parse().unwrap(), minutes, zone).map(iso);
        assert_eq!(clock("2026-03-29", 18 * 60), is("2026-03-29T16:00:00Z"));
        assert_eq!(clock("2026-03-29", 150), None);
        assert_eq!(clock("2026-03-29", 24 * 60), None);
    }

    #[test]
    fn durations_carry_units() {
        for text in ["15s", "1m", "6h", "1d", "500ms", "90s"] {
            assert_eq!(show_duration(parse_duration(text).unwrap()), text);
        }
        for text in ["", "5", "s", "-1s", "1.5h", "1w", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_instant_lies_in_one_window(ms in -4_000_000_000_000i64..4_000_000_000_000) {
            let t = from_millis(ms);
            let w = Window::of(t);
            prop_assert!(w.start() <= t && t < w.end());
            prop_assert_eq!(Window::parse(&w.to_string()), Some(w));
        }
    }
}
