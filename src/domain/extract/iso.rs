//! ISO 8601 as it is met in the wild: seconds and offset may be left out, a blank may stand for
//! the T, names and brackets of zones may follow (RFC 9557), and a day may end with 24:00.

use super::zone::{at, east, in_zone, offset};
use crate::domain::time::Instant;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use chrono_tz::{OffsetComponents, Tz};

/// What a text says of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Moment {
    Instant(Instant),
    Civil(NaiveDateTime),
    Day(NaiveDate),
}

impl Moment {
    pub(super) fn year(&self) -> i32 {
        match self {
            Moment::Instant(at) => at.year(),
            Moment::Civil(local) => local.year(),
            Moment::Day(day) => day.year(),
        }
    }
}

/// An instant, or a civil time where there is no offset; `None` for anything else. A name of a
/// zone is first one of the declared zone.
pub(super) fn iso(text: &str, declared: Option<Tz>) -> Option<Moment> {
    let (text, zone) = bracket(text.trim())?;
    let (day, rest) = date(text)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','));
    let (time, place) = rest.split_at(end.unwrap_or(rest.len()));
    let (time, next_day) = clock(time)?;
    let day = if next_day { day.checked_add_days(Days::new(1))? } else { day };
    let local = day.and_time(time);
    match (place.trim_start(), zone) {
        ("", None) => Some(Moment::Civil(local)),
        ("", Some(zone)) => in_zone(local, zone).map(Moment::Instant),
        (place, zone) => {
            let agrees = match (offset(place), zone) {
                (Some(minutes), Some(zone)) => has(zone, local, minutes),
                _ => true,
            };
            at(local, place, zone.or(declared)).filter(|_| agrees).map(Moment::Instant)
        }
    }
}

/// The zone in brackets behind a time.
fn bracket(text: &str) -> Option<(&str, Option<Tz>)> {
    match text.strip_suffix(']') {
        None => Some((text, None)),
        Some(inner) => {
            let (text, name) = inner.split_once('[')?;
            Some((text, Some(name.parse().ok()?)))
        }
    }
}

/// Whether a zone is so many minutes east of Greenwich at a civil time.
fn has(zone: Tz, local: NaiveDateTime, minutes: i64) -> bool {
    let Some(utc) = east(local, minutes) else { return false };
    let offset = *zone.from_utc_datetime(&utc.naive_utc()).offset();
    (offset.base_utc_offset() + offset.dst_offset()).num_minutes() == minutes
}

/// A day as `2026-11-22`, `20261122` or `2026-W47-7`, and what follows it.
fn date(text: &str) -> Option<(NaiveDate, &str)> {
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    if let Some(week) = text.get(4..)?.strip_prefix("-W") {
        let day = week.get(2..4).filter(|rest| rest.starts_with('-'))?;
        let weekday = Weekday::try_from(day[1..].parse::<u8>().ok()?.checked_sub(1)?).ok()?;
        return Some((NaiveDate::from_isoywd_opt(year, number(6, 8)?, weekday)?, &text[10..]));
    }
    if text.get(4..5)? == "-" {
        let (month, day) = (number(5, 7)?, number(8, 10)?);
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        return (text.get(7..8)? == "-").then_some((date, &text[10..]));
    }
    let date = NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?)?;
    text[8..].starts_with(['T', 't']).then_some((date, &text[8..]))
}

/// `02`, `02:41`, `0241`, `02:41:00.5`, `024100`; whether it is 24:00, the start of the next day.
fn clock(text: &str) -> Option<(NaiveTime, bool)> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let parts = match whole.contains(':') {
        true => whole.split(':').map(two).collect::<Option<Vec<u32>>>()?,
        false => pairs(whole)?,
    };
    let nanos = match fraction {
        Some(digits) if parts.len() == 3 => nanos(digits)?,
        Some(_) => return None,
        None => 0,
    };
    let (hour, minute, second) = match parts[..] {
        [hour] => (hour, 0, 0),
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    if (hour, minute, second, nanos) == (24, 0, 0, 0) {
        return Some((NaiveTime::MIN, true));
    }
    // chrono keeps a leap second beside the second before it.
    let (second, nanos) = if second == 60 { (59, nanos + 1_000_000_000) } else { (second, nanos) };
    NaiveTime::from_hms_nano_opt(hour, minute, second, nanos).map(|time| (time, false))
}

fn two(text: &str) -> Option<u32> {
    let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn pairs(text: &str) -> Option<Vec<u32>> {
    let whole = text.len().is_multiple_of(2) && text.is_ascii();
    let pairs = (0..text.len() / 2).map(|place| two(text.get(place * 2..place * 2 + 2)?));
    pairs.collect::<Option<Vec<u32>>>().filter(|_| whole)
}

/// The first nine digits of a fraction; more are cut off.
fn nanos(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    plain.then(|| nine.parse().ok())?
}
