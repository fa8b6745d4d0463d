//! Instants inside answers: numbers since 1970, ISO 8601 as it is met in the wild, dates, and
//! forms of strftime, the civil ones in a declared zone.

use super::iso::{Moment, iso};
use super::strftime as shape;
use super::value::{is_marked, number};
use super::zone;
use crate::domain::decimal::Form;
use crate::domain::form::raw::Raw;
use crate::domain::limits::TIME_BYTES;
use crate::domain::source::{TimePath, TimeUnit};
use crate::domain::time::{Instant, start_of_day};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

/// Whether a year of before 1000 is written with its zeros: else it is one that was cut.
fn has_year(text: &str, year: i32) -> bool {
    year >= 1000 || text.contains(&format!("{year:04}"))
}

/// Epoch milliseconds; `None` where there is no value. Several texts are joined by blanks.
pub(super) fn instant(raws: &[Raw], path: &TimePath, form: &Form) -> Result<Option<i64>, String> {
    let none = |raw: &Raw| raw.is_none() || is_marked(raw, &path.missing, form);
    if raws.iter().all(none) {
        return Ok(None);
    }
    if let Some(place) = raws.iter().position(none) {
        let part = path.paths.get(place).map(ToString::to_string).unwrap_or_default();
        return Err(format!("its time has no part at {part}"));
    }
    let found = match raws {
        [raw] => one(raw, path)?,
        several => {
            let texts: Option<Vec<&str>> = several.iter().map(Raw::text).collect();
            let joined = texts.map(|texts| texts.join(" ")).unwrap_or_default();
            one(&Raw::of_text(&joined), path)?
        }
    };
    Ok(Some(found.millis()))
}

fn one(raw: &Raw, path: &TimePath) -> Result<Instant, String> {
    let bad = |why: &str| format!("{} is no instant at {}{why}", raw.show(), path.shown());
    let text = match (raw, &path.unit) {
        // Forms without any sign between their digits are met as numbers: 2025090100.
        (Raw::Number(text), TimeUnit::Form(_)) => text,
        (Raw::Text(text), _) => text.trim(),
        _ => "",
    };
    if text.len() > TIME_BYTES {
        return Err(bad(": it is too long for one"));
    }
    let moment = match &path.unit {
        TimeUnit::Seconds => return epoch(raw, 1, 1_000).ok_or_else(|| bad(hint(raw, path))),
        TimeUnit::Millis => return epoch(raw, 1, 1).ok_or_else(|| bad(hint(raw, path))),
        TimeUnit::Micros => return epoch(raw, 1_000, 1).ok_or_else(|| bad(hint(raw, path))),
        TimeUnit::Nanos => return epoch(raw, 1_000_000, 1).ok_or_else(|| bad(hint(raw, path))),
        TimeUnit::Form(form) => formed(text, form, path.zone),
        TimeUnit::Date => date(text, "%Y-%m-%d"),
        TimeUnit::Iso => iso(text, path.zone),
    };
    let moment = moment.ok_or_else(|| bad(""))?;
    if !has_year(text, moment.year()) {
        return Err(bad(": its year has fewer than four digits"));
    }
    let at = match (moment, path.zone) {
        (Moment::Instant(at), _) => Some(at),
        (Moment::Civil(_), None) if path.unit == TimeUnit::Iso => {
            return Err(bad(": it has no offset, and no zone is declared"));
        }
        (Moment::Civil(local), zone) => zone::in_zone(local, zone.unwrap_or(Tz::UTC)),
        (Moment::Day(day), zone) => start_of_day(day, zone.unwrap_or(Tz::UTC)),
    };
    at.ok_or_else(|| match moment.year() {
        2..=9998 => bad(": the clocks skipped it"),
        _ => bad(": it is outside of the years 1 to 9999"),
    })
}

/// Instants have the years 1 to 9999: outside of them the unit is often another one.
fn hint(raw: &Raw, path: &TimePath) -> &'static str {
    let Some(value) = number(raw, &Form::default()).filter(|value| *value > 0.0) else { return "" };
    match path.unit {
        TimeUnit::Seconds if value.abs() >= 1e14 => ": is it in microseconds, unit = \"us\"?",
        TimeUnit::Seconds => ": is it in milliseconds, unit = \"ms\"?",
        TimeUnit::Millis if value.abs() >= 1e17 => ": is it in nanoseconds, unit = \"ns\"?",
        TimeUnit::Millis => ": is it in microseconds, unit = \"us\"?",
        TimeUnit::Micros => ": is it in nanoseconds, unit = \"ns\"?",
        _ => "",
    }
}

/// A number of units since 1970: so many to a millisecond, or so many milliseconds to one.
fn epoch(raw: &Raw, to_one: i128, of_one: i128) -> Option<Instant> {
    let text = match raw {
        Raw::Text(text) => zone::of_dot_net(text.trim()),
        Raw::Number(text) => text,
        _ => return None,
    };
    if let Ok(whole) = text.parse::<i128>() {
        let ms = whole.checked_mul(of_one)?.div_euclid(to_one);
        return Instant::from_millis(i64::try_from(ms).ok()?);
    }
    let value = number(&Raw::of_text(text), &Form::default())?;
    Instant::from_millis((value * of_one as f64 / to_one as f64).floor() as i64)
}

fn date(text: &str, form: &str) -> Option<Moment> {
    NaiveDate::parse_from_str(text, form).ok().map(Moment::Day)
}

/// A text of a form, with the names of zones that chrono does not read, and with an hour 24.
fn formed(text: &str, form: &str, zone: Option<Tz>) -> Option<Moment> {
    if !zone::has_zone(form) {
        return plain(text, form).or_else(|| midnight(text, form));
    }
    let Some((text, form, word)) = zone::split(text, form) else {
        return zoned(text, &form.replace("%Z", "%z"));
    };
    let local = match plain(&text, &form).or_else(|| midnight(&text, &form))? {
        Moment::Civil(local) => local,
        Moment::Day(day) => day.and_time(NaiveTime::MIN),
        Moment::Instant(_) => return None,
    };
    zone::at(local, &word, zone).map(Moment::Instant)
}

fn zoned(text: &str, form: &str) -> Option<Moment> {
    let at = DateTime::parse_from_str(text, form).ok()?;
    Instant::of(at.to_utc()).map(Moment::Instant)
}

fn plain(text: &str, form: &str) -> Option<Moment> {
    let civil = NaiveDateTime::parse_from_str(text, form).ok().map(Moment::Civil);
    // A form with hours alone lacks the minutes that chrono asks for.
    let hour = || {
        let (text, form) = (format!("{text} 00"), format!("{form} %M"));
        NaiveDateTime::parse_from_str(&text, &form).ok().map(Moment::Civil)
    };
    let since = || zoned(text, form).filter(|_| form.contains("%s") || form.contains("%+"));
    if !shape::fits(text, form) {
        return None;
    }
    let day = || date(text, form).filter(|_| !shape::has_clock(form));
    since().or(civil).or_else(hour).or_else(day)
}

/// 24:00 is the end of its day (ISO 8601:2004, 4.2.3), and stands in no other place of a text
/// than that of the hour: with 01 there instead, it is one hour after the day's start.
fn midnight(text: &str, form: &str) -> Option<Moment> {
    let with = |place: usize, hour: &str| {
        let changed = format!("{}{hour}{}", text.get(..place)?, text.get(place + 2..)?);
        match plain(&changed, form)? {
            Moment::Civil(local) => Some(local),
            _ => None,
        }
    };
    text.match_indices("24").find_map(|(place, _)| {
        let start = with(place, "00").filter(|local| local.time() == NaiveTime::MIN)?;
        let is_hour = with(place, "01")? == start + TimeDelta::hours(1);
        start.checked_add_days(Days::new(1)).filter(|_| is_hour).map(Moment::Civil)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::path::Path;
    use crate::domain::source::Marker;
    use crate::domain::time::{from_millis, iso as show_iso};

    fn path(unit: TimeUnit, zone: Option<Tz>) -> TimePath {
        TimePath { paths: vec![Path::parse("t").unwrap()], unit, zone, missing: Vec::new() }
    }

    fn read(text: &str, unit: TimeUnit, zone: Option<Tz>) -> Result<String, String> {
        let found = instant(&[Raw::of_text(text)], &path(unit, zone), &Form::default());
        found.map(|ms| show_iso(from_millis(ms.unwrap())))
    }

    #[test]
    fn numbers_are_times_since_1970() {
        let at = |raw, unit| instant(&[raw], &path(unit, None), &Form::default());
        let number = Raw::Number;
        assert_eq!(at(number("1700000000"), TimeUnit::Seconds), Ok(Some(1_700_000_000_000)));
        let text = Raw::of_text("1700000000.5");
        assert_eq!(at(text, TimeUnit::Seconds), Ok(Some(1_700_000_000_500)));
        let micros = at(number("1700000000999999"), TimeUnit::Micros);
        assert_eq!(micros, Ok(Some(1_700_000_000_999)));
        let nanos = at(number("1700000000999999999"), TimeUnit::Nanos);
        assert_eq!(nanos, Ok(Some(1_700_000_000_999)));
        let net = Raw::of_text("/Date(1536955200000+0200)/");
        assert_eq!(at(net, TimeUnit::Millis), Ok(Some(1_536_955_200_000)));
        assert_eq!(at(Raw::of_text("/Date(-1000)/"), TimeUnit::Millis), Ok(Some(-1000)));
        assert_eq!(at(Raw::Absent, TimeUnit::Iso), Ok(None));
        assert!(at(number("5"), TimeUnit::Iso).is_err());
        let far = at(number("1700000000000"), TimeUnit::Seconds).unwrap_err();
        assert_eq!(far, "1700000000000 is no instant at t: is it in milliseconds, unit = \"ms\"?");
        for odd in ["1e300", "-9223372036854775808", "1e400", "-62135596801"] {
            assert!(at(number(odd), TimeUnit::Seconds).is_err(), "{odd}");
        }
        assert_eq!(at(number("-62135596800"), TimeUnit::Seconds), Ok(Some(-62_135_596_800_000)));
    }

    #[test]
    fn times_may_be_missing_and_of_several_parts() {
        let two = ["day", "hour"].map(|path| Path::parse(path).unwrap()).to_vec();
        let form = TimeUnit::Form("%d.%m.%Y %H:%M".into());
        let missing = vec![Marker::Text("-".into())];
        let path = TimePath { paths: two, unit: form, zone: None, missing };
        let at = |day, hour| instant(&[day, hour], &path, &Form::default());
        let text = Raw::of_text;
        assert_eq!(at(text("01.02.2026"), text("24:00")), Ok(Some(1_769_990_400_000)));
        assert_eq!(at(text("-"), Raw::Null), Ok(None));
        assert_eq!(at(text("01.02.2026"), text("-")), Err("its time has no part at hour".into()));
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
            ("20261122T024100Z", "2026-11-22T02:41:00.000Z"),
            ("20261122T0241+0100", "2026-11-22T01:41:00.000Z"),
            ("2026-11-22 02:41:00 UTC", "2026-11-22T02:41:00.000Z"),
            ("2026-11-22T02Z", "2026-11-22T02:00:00.000Z"),
            ("2026-11-22T02:41:00+01:00[Europe/Paris]", "2026-11-22T01:41:00.000Z"),
            ("2026-07-22T02:41[Europe/Paris]", "2026-07-22T00:41:00.000Z"),
            ("2026-11-22T02:41:00\u{2212}05:00", "2026-11-22T07:41:00.000Z"),
            (" 2026-11-22T02:41:00Z ", "2026-11-22T02:41:00.000Z"),
            ("2026-W47-7T10:00Z", "2026-11-22T10:00:00.000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("2026-11-22T02:41:00.123456789012Z", "2026-11-22T02:41:00.123Z"),
            ("2026-12-31T24:00:00.0Z", "2027-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(text, TimeUnit::Iso, None).as_deref(), Ok(at), "{text}");
        }
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T",
            "2026-11-22T25:00Z",
            "2026-11-22T02:41:00+x",
            "2026-11-22T24:30Z",
            "2026-11-22T02:41:00+01:00[America/Lima]",
            "2026-11-22T02:4Z",
            "2026-11-22T02:41:00 BST",
            "2026-13-01T00:00Z",
            "9999-12-31T23:59:59-05:00",
            "\u{e9}",
            "2026-11-22T02:41[Nowhere]",
            "2026-11-2\u{e9}T00:00Z",
            "2026-11-22T02:41:00+00:00[Europe/Paris]",
            "2026-W54-1T00:00Z",
        ] {
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
        for (text, shape, at) in [
            ("2026/07/01 24:00", "%Y/%m/%d %H:%M", "2026-07-02T00:00:00.000Z"),
            ("2024122424", "%Y%m%d%H", "2024-12-25T00:00:00.000Z"),
            ("24.12.2024 24:00", "%d.%m.%Y %H:%M", "2024-12-25T00:00:00.000Z"),
        ] {
            assert_eq!(form(text, shape).as_deref(), Ok(at), "{text}");
        }
        for (text, shape) in [
            ("24.02.2024 24:30", "%d.%m.%Y %H:%M"),
            ("30.02.2024 00:00", "%d.%m.%Y %H:%M"),
            ("24.13.2024 00:00", "%d.%m.%Y %H:%M"),
            ("24/11/26", "%d/%m/%Y"),
            ("1112026", "%d%m%Y"),
            ("20261122 130", "%Y%m%d %H%M"),
            ("24/11/2026 02:41", "%d/%m/%Y %I:%M"),
        ] {
            assert!(form(text, shape).is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_zones_are_read() {
        let iso = |text: &str, zone| read(text, TimeUnit::Iso, Some(zone));
        let shanghai = iso("2026-11-22 10:00:00 CST", Tz::Asia__Shanghai);
        assert_eq!(shanghai.as_deref(), Ok("2026-11-22T02:00:00.000Z"));
        let london = iso("2026-07-22 10:00 BST", Tz::Europe__London);
        assert_eq!(london.as_deref(), Ok("2026-07-22T09:00:00.000Z"));
        let rfc = "%a, %d %b %Y %H:%M:%S %Z";
        let at = |text: &str, form: &str, zone: Option<Tz>| {
            read(text, TimeUnit::Form(form.into()), zone).map(|at| at[..16].to_string())
        };
        for (word, hour) in [
            ("EST", "21:18"),
            ("GMT", "16:18"),
            ("UT", "16:18"),
            ("Z", "16:18"),
            ("CEST", "14:18"),
            ("+0200", "14:18"),
            ("-0330", "19:48"),
        ] {
            let text = format!("Sun, 6 Sep 2009 16:18:00 {word}");
            let expected = Ok(format!("2009-09-06T{hour}"));
            assert_eq!(at(&text, rfc, None), expected, "{word}");
            assert_eq!(at(&text, &rfc.replace("%Z", "%z"), None), expected, "{word}");
        }
        let german = |text| at(text, "%d.%m.%Y %H:%M %Z", Some(Tz::Europe__Berlin));
        assert_eq!(german("25.10.2026 02:30 CEST").as_deref(), Ok("2026-10-25T00:30"));
        assert_eq!(german("25.10.2026 02:30 CET").as_deref(), Ok("2026-10-25T01:30"));
        assert_eq!(german("24.12.2024 24:00 +0100").as_deref(), Ok("2024-12-24T23:00"));
        assert_eq!(german("24.12.2024 24:00 +01:00").as_deref(), Ok("2024-12-24T23:00"));
        assert!(german("25.10.2026 02:30 XYZ").is_err());
        assert!(german("25.10.2026 02:30").is_err());
        let unix = at("Thu Aug 23 14:55:02 CEST 2001", "%a %b %d %H:%M:%S %Z %Y", None);
        assert_eq!(unix.as_deref(), Ok("2001-08-23T12:55"));
        let london = at("6 Sep 2009 16:18 BST", "%d %b %Y %H:%M %Z", Some(Tz::Europe__London));
        assert_eq!(london.as_deref(), Ok("2009-09-06T15:18"));
    }
}
