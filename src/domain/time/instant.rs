//! An instant: UTC, to the millisecond, in the years 1 to 9999. What can be one can be printed,
//! stored and read back: printing and parsing are inverse, and the order of the texts is the
//! order of time. Sums never leave the range: they fail, or stop at its ends.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use std::fmt;
use std::ops::{Deref, Sub};

/// An instant, UTC. It reads like chrono's; it is made and moved only here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<Utc>);

/// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, in milliseconds since 1970.
const FIRST_MS: i64 = -62_135_596_800_000;
const LAST_MS: i64 = 253_402_300_799_999;

impl Instant {
    pub const EPOCH: Instant = Instant(DateTime::UNIX_EPOCH);
    pub const MIN: Instant = Instant::known(FIRST_MS);
    pub const MAX: Instant = Instant::known(LAST_MS);

    const fn known(ms: i64) -> Instant {
        match DateTime::from_timestamp_millis(ms) {
            Some(at) => Instant(at),
            None => Instant::EPOCH,
        }
    }

    /// From milliseconds since 1970; `None` outside the years 1 to 9999.
    pub fn from_millis(ms: i64) -> Option<Instant> {
        let inside = (FIRST_MS..=LAST_MS).contains(&ms);
        inside.then(|| Utc.timestamp_millis_opt(ms).single().map(Instant)).flatten()
    }

    /// From chrono's instant, cut to the millisecond.
    pub fn of(at: DateTime<Utc>) -> Option<Instant> {
        Instant::from_millis(at.timestamp_millis())
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    pub fn checked_add(self, span: TimeDelta) -> Option<Instant> {
        Instant::of(self.0.checked_add_signed(span)?)
    }

    /// So much later, or earlier where the span is negative; at most the end of the range.
    pub fn after(self, span: TimeDelta) -> Instant {
        let end = if span < TimeDelta::zero() { Instant::MIN } else { Instant::MAX };
        self.checked_add(span).unwrap_or(end)
    }

    /// So many months of the calendar earlier; the last day of a month where it has no such day.
    pub fn back(self, months: Months) -> Option<Instant> {
        Instant::of(self.0.checked_sub_months(months)?)
    }

    /// So much earlier; at least the start of the range.
    pub fn before(self, span: TimeDelta) -> Instant {
        self.after(span.checked_mul(-1).unwrap_or(TimeDelta::MAX))
    }
}

impl Default for Instant {
    fn default() -> Instant {
        Instant::EPOCH
    }
}

/// The calendar, the clock and the printing of chrono.
impl Deref for Instant {
    type Target = DateTime<Utc>;

    fn deref(&self) -> &DateTime<Utc> {
        &self.0
    }
}

/// The span between two instants always fits.
impl Sub for Instant {
    type Output = TimeDelta;

    fn sub(self, earlier: Instant) -> TimeDelta {
        self.0.signed_duration_since(earlier.0)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&iso(*self))
    }
}

/// An instant from milliseconds since 1970, held inside the range.
pub fn from_millis(ms: i64) -> Instant {
    Instant::known(ms.clamp(FIRST_MS, LAST_MS))
}

/// Cuts an instant to the second, the precision of a snapshot's name.
pub fn to_second(instant: Instant) -> Instant {
    instant.0.with_nanosecond(0).map_or(instant, Instant)
}

/// The form used in file names: `2026-11-22T02-41-00Z`.
pub fn stamp(instant: Instant) -> String {
    iso_seconds(instant).replace(':', "-")
}

/// Reads what [`stamp`] writes, and nothing else.
pub fn parse_stamp(text: &str) -> Option<Instant> {
    let is_so = |(form, byte): (u8, u8)| form == byte || (form == b'0' && byte.is_ascii_digit());
    let form = b"0000-00-00T00-00-00Z";
    if text.len() != form.len() || !form.iter().copied().zip(text.bytes()).all(is_so) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let day = NaiveDate::from_ymd_opt(part(0, 4)? as i32, part(5, 7)?, part(8, 10)?)?;
    Instant::of(day.and_hms_opt(part(11, 13)?, part(14, 16)?, part(17, 19)?)?.and_utc())
}

/// The form used in stores and journals: RFC 3339 with milliseconds, so that the order of the
/// text is the order of time.
pub fn iso(instant: Instant) -> String {
    let (day, time) = (instant.0.date_naive(), instant.0.time());
    let year = day.year().unsigned_abs();
    let mut text = String::with_capacity(24);
    let mut two = |value: u32, after: &str| {
        text.push(char::from(b'0' + (value / 10 % 10) as u8));
        text.push(char::from(b'0' + (value % 10) as u8));
        text.push_str(after);
    };
    two(year / 100, "");
    two(year, "-");
    two(day.month(), "-");
    two(day.day(), "T");
    two(time.hour(), ":");
    two(time.minute(), ":");
    two(time.second(), ".");
    let millis = instant.0.timestamp_subsec_millis();
    two(millis / 10, "");
    text.push(char::from(b'0' + (millis % 10) as u8));
    text.push('Z');
    text
}

/// RFC 3339 with whole seconds.
pub fn iso_seconds(instant: Instant) -> String {
    let mut text = iso(instant);
    text.truncate(19);
    text.push('Z');
    text
}

/// Reads any RFC 3339 instant of the years 1 to 9999.
pub fn parse_iso(text: &str) -> Option<Instant> {
    Instant::of(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(ms in FIRST_MS..=LAST_MS) {
            let t = Instant::from_millis(ms).unwrap();
            prop_assert_eq!(t.millis(), ms);
            prop_assert_eq!(parse_iso(&iso(t)), Some(t));
            prop_assert_eq!(parse_iso(&iso_seconds(t)), Some(to_second(t)));
            prop_assert_eq!(parse_stamp(&stamp(to_second(t))), Some(to_second(t)));
        }

        #[test]
        fn texts_are_in_the_order_of_time(a in FIRST_MS..=LAST_MS, b in FIRST_MS..=LAST_MS) {
            let (a, b) = (from_millis(a), from_millis(b));
            prop_assert_eq!(iso(a).cmp(&iso(b)), a.cmp(&b));
        }

        #[test]
        fn sums_never_leave_the_range(ms in FIRST_MS..=LAST_MS, span in any::<i64>()) {
            let (t, span) = (from_millis(ms), TimeDelta::milliseconds(span.max(-i64::MAX)));
            for moved in [t.after(span), t.before(span)] {
                prop_assert!(Instant::MIN <= moved && moved <= Instant::MAX);
            }
            let exact = t.checked_add(span).map(|moved| moved - t);
            prop_assert!(exact.is_none_or(|exact| exact == span));
        }
    }

    #[test]
    fn the_ends_are_the_years_1_and_9999() {
        assert_eq!(iso(Instant::MIN), "0001-01-01T00:00:00.000Z");
        assert_eq!(iso(Instant::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(Instant::from_millis(LAST_MS + 1), None);
        assert_eq!(Instant::from_millis(FIRST_MS - 1), None);
        assert_eq!(parse_iso("9999-12-31T23:59:59-05:00"), None);
        assert_eq!(parse_iso("0000-12-31T23:59:59Z"), None);
        assert_eq!(parse_iso("+55840-11-08T22:13:20.000Z"), None);
        assert_eq!(Instant::MAX.after(TimeDelta::MAX), Instant::MAX);
        assert_eq!(Instant::MIN.before(TimeDelta::MAX), Instant::MIN);
    }
}
