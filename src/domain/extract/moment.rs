//! Instants inside answers: numbers since 1970, ISO 8601 as it is met in the wild, dates, and
//! forms of strftime, the civil ones in a declared zone.

use super::value::{Raw, Value, number, piece, show, spelled};
use crate::domain::source::{TimePath, TimeUnit};
use crate::domain::time::{Instant, start_of_day};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

/// Epoch milliseconds; `None` where there is no value.
pub(super) fn instant(raw: Raw, path: &TimePath, text: &str) -> Result<Option<i64>, String> {
    if raw == Raw::Absent {
        return Ok(None);
    }
    let at = match path.unit {
        TimeUnit::Seconds => epoch(raw, 1e3, text),
        TimeUnit::Millis => epoch(raw, 1.0, text),
        TimeUnit::Micros => epoch(raw, 1e-3, text),
        _ => return civil(raw, path, text).map(Some),
    };
    let bad = || format!("{} is no instant at {}", show(raw, text), path.path);
    at.map(Some).ok_or_else(bad)
}

fn epoch(raw: Raw, scale: f64, text: &str) -> Option<i64> {
    let Ok(Value::Number(value)) = number(raw, '.', text) else { return None };
    Instant::from_millis((value * scale).floor() as i64).map(Instant::millis)
}

fn civil(raw: Raw, path: &TimePath, text: &str) -> Result<i64, String> {
    let bad = |why: &str| format!("{} is no instant at {}{why}", show(raw, text), path.path);
    // Forms without any sign between their digits are met as numbers: 2025090100.
    let spelled = match (raw, &path.unit) {
        (Raw::Text(span), _) => piece(text, span).to_string(),
        (Raw::Int(_), TimeUnit::Form(_)) => spelled(raw, text).unwrap_or_default(),
        _ => return Err(bad("")),
    };
    let moment = match &path.unit {
        TimeUnit::Form(form) => formed(&spelled, form),
        TimeUnit::Date => date(&spelled, "%Y-%m-%d"),
        _ => iso(&spelled),
    };
    let at = match (moment.ok_or_else(|| bad(""))?, path.zone) {
        (Moment::Instant(at), _) => Some(at),
        (Moment::Civil(_), None) if path.unit == TimeUnit::Iso => {
            return Err(bad(": it has no offset, and no zone is declared"));
        }
        (Moment::Civil(local), zone) => in_zone(local, zone.unwrap_or(Tz::UTC)),
        (Moment::Day(day), zone) => start_of_day(day, zone.unwrap_or(Tz::UTC)),
    };
    at.map(|at| at.millis()).ok_or_else(|| bad(": the clocks skipped it"))
}

/// What a text says of time.
enum Moment {
    Instant(Instant),
    Civil(NaiveDateTime),
    Day(NaiveDate),
}

/// A civil time; where the clocks were put back, the earlier of the two.
fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<Instant> {
    Instant::of(zone.from_local_datetime(&local).earliest()?.to_utc())
}

fn date(text: &str, form: &str) -> Option<Moment> {
    NaiveDate::parse_from_str(text, form).ok().map(Moment::Day)
}

fn formed(text: &str, form: &str) -> Option<Moment> {
    let instant = DateTime::parse_from_str(text, form).ok().and_then(|at| Instant::of(at.to_utc()));
    let instant = instant.map(Moment::Instant);
    let civil = || NaiveDateTime::parse_from_str(text, form).ok().map(Moment::Civil);
    // A form with hours alone lacks the minutes that chrono asks for.
    let hour = || {
        let (text, form) = (format!("{text} 00"), format!("{form} %M"));
        NaiveDateTime::parse_from_str(&text, &form).ok().map(Moment::Civil)
    };
    instant.or_else(civil).or_else(hour).or_else(|| date(text, form))
}

/// ISO 8601 without its rarer forms: seconds and offset may be left out, a space may stand for T.
fn iso(text: &str) -> Option<Moment> {
    let (day, rest) = text.split_at_checked(10)?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','));
    let (clock, zone) = rest.split_at(end.unwrap_or(rest.len()));
    let clock = clock.replace(',', ".");
    let time = ["%H:%M:%S%.f", "%H:%M"];
    let time = time.iter().find_map(|form| NaiveTime::parse_from_str(&clock, form).ok())?;
    let local = day.and_time(time);
    match zone.trim_start() {
        "" => Some(Moment::Civil(local)),
        "Z" | "z" => Instant::of(local.and_utc()).map(Moment::Instant),
        zone => {
            let east = chrono::Duration::minutes(offset(zone)?);
            Instant::of(local.and_utc().checked_sub_signed(east)?).map(Moment::Instant)
        }
    }
}

/// Minutes east of Greenwich: `+01:00`, `-0330`, `+02`.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let plain = matches!(digits.len(), 2 | 4) && digits.bytes().all(|c| c.is_ascii_digit());
    let hours: i64 = digits.get(..2).filter(|_| plain)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Ok(0), str::parse).ok()?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::super::value::Span;
    use super::*;
    use crate::domain::path::Path;
    use crate::domain::time::{from_millis, iso as show_iso};

    fn read(text: &str, unit: TimeUnit, zone: Option<Tz>) -> Result<String, String> {
        let path = TimePath { path: Path::parse("t").unwrap(), unit, zone };
        let span = Span { from: 0, to: text.len() as u32 };
        instant(Raw::Text(span), &path, text).map(|ms| show_iso(from_millis(ms.unwrap())))
    }

    #[test]
    fn numbers_are_times_since_1970() {
        let at = |raw, unit| {
            let path = TimePath { path: Path::parse("t").unwrap(), unit, zone: None };
            instant(raw, &path, "1700000000.5")
        };
        let text = Raw::Text(Span { from: 0, to: 12 });
        assert_eq!(at(Raw::Int(1_700_000_000), TimeUnit::Seconds), Ok(Some(1_700_000_000_000)));
        assert_eq!(at(text, TimeUnit::Seconds), Ok(Some(1_700_000_000_500)));
        let micros = at(Raw::Int(1_700_000_000_999_999), TimeUnit::Micros);
        assert_eq!(micros, Ok(Some(1_700_000_000_999)));
        assert_eq!(at(Raw::Absent, TimeUnit::Iso), Ok(None));
        assert!(at(Raw::Int(5), TimeUnit::Iso).is_err());
        assert!(at(Raw::Float(1e300), TimeUnit::Seconds).is_err());
    }

    #[test]
    fn iso_is_read_as_it_is_met() {
        for (text, at) in [
            ("2026-11-22T02:41:00+01:00", "2026-11-22T01:41:00.000Z"),
            ("2026-08-03T23:00Z", "2026-08-03T23:00:00.000Z"),
            ("2025-04-26T10:11:12.1Z", "2025-04-26T10:11:12.100Z"),
            ("2025-04-26T10:11:12.123456Z", "2025-04-26T10:11:12.123Z"),
            ("2023-10-01T00:15:00+0200", "2023-09-30T22:15:00.000Z"),
            ("2023-10-01 00:15:00 -03", "2023-10-01T03:15:00.000Z"),
        ] {
            assert_eq!(read(text, TimeUnit::Iso, None).as_deref(), Ok(at), "{text}");
        }
        for text in ["", "2026-11-22", "2026-11-22T", "2026-11-22T25:00Z", "2026-11-22T02:41:00+x"]
        {
            assert!(read(text, TimeUnit::Iso, None).is_err(), "{text}");
        }
    }

    #[test]
    fn civil_times_need_a_zone() {
        let paris = Some(Tz::Europe__Paris);
        let at = |text, zone| read(text, TimeUnit::Iso, zone);
        assert_eq!(at("2026-07-01T12:00", paris).as_deref(), Ok("2026-07-01T10:00:00.000Z"));
        let without = at("2026-07-01T12:00", None).unwrap_err();
        let why = "is no instant at t: it has no offset, and no zone is declared";
        assert!(without.ends_with(why), "{without}");
        // Twice in autumn: the earlier; never in spring.
        assert_eq!(at("2026-10-25T02:30", paris).as_deref(), Ok("2026-10-25T00:30:00.000Z"));
        assert!(at("2026-03-29T02:30", paris).unwrap_err().ends_with("the clocks skipped it"));
    }

    #[test]
    fn dates_and_forms() {
        let paris = Some(Tz::Europe__Paris);
        let date = read("2026-04-13", TimeUnit::Date, paris);
        assert_eq!(date.as_deref(), Ok("2026-04-12T22:00:00.000Z"));
        let form = |text, form: &str| read(text, TimeUnit::Form(form.into()), None);
        assert_eq!(form("13 April 2026", "%d %B %Y").as_deref(), Ok("2026-04-13T00:00:00.000Z"));
        assert_eq!(form("2025090113", "%Y%m%d%H").as_deref(), Ok("2025-09-01T13:00:00.000Z"));
        let rfc = form("Tue, 1 Jul 2003 10:52:37 +0200", "%a, %d %b %Y %H:%M:%S %z");
        assert_eq!(rfc.as_deref(), Ok("2003-07-01T08:52:37.000Z"));
        assert!(form("32 April 2026", "%d %B %Y").is_err());
    }
}
