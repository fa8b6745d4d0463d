//! Time. Inside Daybook every instant is UTC and has millisecond precision; a window is one
//! UTC hour, half-open. Nothing here reads a clock: `now` always comes from the caller.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use std::fmt;
use std::time::Duration;

/// An instant, UTC.
pub type Instant = DateTime<Utc>;

/// A UTC calendar day; the unit of the ledger.
pub type Day = NaiveDate;

const HOUR_MS: i64 = 3_600_000;

/// One UTC hour, half-open: an instant lies in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window(i64);

impl Window {
    /// The window that holds `instant`.
    pub fn of(instant: Instant) -> Window {
        Window(instant.timestamp_millis().div_euclid(HOUR_MS))
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
            t.timestamp_millis().div_euclid(HOUR_MS)
                + i64::from(t.timestamp_millis().rem_euclid(HOUR_MS) != 0)
        };
        (ceil(from)..ceil(to)).map(Window)
    }

    /// Milliseconds since the start of the window; 0 to 3,599,999 for its own instants.
    pub fn offset_ms(self, instant: Instant) -> i64 {
        instant.timestamp_millis() - self.0 * HOUR_MS
    }

    /// Reads the form that [`fmt::Display`] writes: `2026-11-22T02`.
    pub fn parse(text: &str) -> Option<Window> {
        let padded = format!("{text}:00:00");
        let at = NaiveDateTime::parse_from_str(&padded, "%Y-%m-%dT%H:%M:%S").ok()?;
        (text.len() == 13).then(|| Window::of(at.and_utc()))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.start().format("%Y-%m-%dT%H"))
    }
}

/// An instant from milliseconds since the epoch, held inside the years that chrono can print.
pub fn from_millis(ms: i64) -> Instant {
    const LIMIT: i64 = 8_000_000_000_000_000;
    Utc.timestamp_millis_opt(ms.clamp(-LIMIT, LIMIT)).single().unwrap_or(DateTime::UNIX_EPOCH)
}

/// Cuts an instant to the millisecond, the precision of every stored instant.
pub fn to_millis(instant: Instant) -> Instant {
    from_millis(instant.timestamp_millis())
}

/// Cuts an instant to the second, the precision of a snapshot's name.
pub fn to_second(instant: Instant) -> Instant {
    instant.with_nanosecond(0).unwrap_or(instant)
}

/// The form used in file names: `2026-11-22T02-41-00Z`.
pub fn stamp(instant: Instant) -> String {
    instant.format("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// Reads what [`stamp`] writes, and nothing else.
pub fn parse_stamp(text: &str) -> Option<Instant> {
    let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H-%M-%SZ").ok()?.and_utc();
    (stamp(at) == text).then_some(at)
}

/// The form used in stores and journals: RFC 3339 with milliseconds, so that the order of the
/// text is the order of time (years 0 to 9999).
pub fn iso(instant: Instant) -> String {
    let t = to_millis(instant);
    if !(0..=9999).contains(&t.year()) {
        return t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    }
    let mut text = String::with_capacity(24);
    let mut digits = |value: u32, width: usize, after: char| {
        for place in (0..width).rev() {
            text.push(char::from(b'0' + (value / 10u32.pow(place as u32) % 10) as u8));
        }
        text.push(after);
    };
    digits(t.year().unsigned_abs(), 4, '-');
    digits(t.month(), 2, '-');
    digits(t.day(), 2, 'T');
    digits(t.hour(), 2, ':');
    digits(t.minute(), 2, ':');
    digits(t.second(), 2, '.');
    digits(t.timestamp_subsec_millis(), 3, 'Z');
    text
}

/// RFC 3339 with whole seconds.
pub fn iso_seconds(instant: Instant) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads any RFC 3339 instant.
pub fn parse_iso(text: &str) -> Option<Instant> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| to_millis(t.with_timezone(&Utc)))
}

/// The first instant of a civil day of a zone; where midnight is skipped, the first quarter after.
pub fn start_of_day(day: Day, zone: Tz) -> Option<Instant> {
    (0..=12).find_map(|quarter| {
        let local = day.and_hms_opt(quarter / 4, quarter % 4 * 15, 0)?;
        zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
    })
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
    }

    #[test]
    fn windows_of_a_day_are_24() {
        let (from, to) = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
        assert_eq!(Window::between(from, to).count(), 24);
        assert_eq!(Window::between(at("2026-11-22T00:30:00Z"), to).count(), 23);
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

        #[test]
        fn stamps_and_iso_round_trip(ms in 0i64..4_000_000_000_000) {
            let t = from_millis(ms);
            prop_assert_eq!(parse_iso(&iso(t)), Some(t));
            prop_assert_eq!(iso(t), t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
            prop_assert_eq!(parse_stamp(&stamp(to_second(t))), Some(to_second(t)));
        }
    }
}
