//! Zones in texts: names of RFC 822, offsets, the names that a declared zone gives its times.

use crate::domain::time::Instant;
use chrono::{LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// Minutes east of Greenwich: RFC 822 section 5.1, and names that mean one offset everywhere.
const NAMES: [(&str, i64); 18] = [
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("WET", 0),
    ("WEST", 60),
    ("CET", 60),
    ("CEST", 120),
    ("EET", 120),
    ("EEST", 180),
];

/// Minutes east of Greenwich of a name.
pub(super) fn named(word: &str) -> Option<i64> {
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, minutes)| *minutes)
}

/// Minutes east of Greenwich: `+01:00`, `-0330`, `+02`; the minus of ISO 8601 too.
pub(super) fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.chars().next()? {
        '+' => (1, &text[1..]),
        '-' => (-1, &text[1..]),
        minus @ '\u{2212}' => (-1, &text[minus.len_utf8()..]),
        _ => return None,
    };
    let digits = match digits.split_once(':') {
        Some((hours, minutes)) if hours.len() == 2 && minutes.len() == 2 => {
            format!("{hours}{minutes}")
        }
        Some(_) => return None,
        None => digits.to_string(),
    };
    let plain = matches!(digits.len(), 2 | 4) && digits.bytes().all(|c| c.is_ascii_digit());
    let hours: i64 = digits.get(..2).filter(|_| plain)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Ok(0), str::parse).ok()?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// A civil time so many minutes east of Greenwich.
pub(super) fn east(local: NaiveDateTime, minutes: i64) -> Option<Instant> {
    Instant::of(local.and_utc().checked_sub_signed(TimeDelta::minutes(minutes))?)
}

/// A civil time with the name of its zone: one that the declared zone has then, or else one that
/// means the same everywhere.
pub(super) fn at(local: NaiveDateTime, word: &str, zone: Option<Tz>) -> Option<Instant> {
    let own = zone.and_then(|zone| {
        let found = match zone.from_local_datetime(&local) {
            LocalResult::Single(one) => [Some(one), None],
            LocalResult::Ambiguous(one, other) => [Some(one), Some(other)],
            LocalResult::None => [None, None],
        };
        let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(word));
        found.into_iter().flatten().find(|at| is(at.offset().abbreviation()))
    });
    match own {
        Some(at) => Instant::of(at.to_utc()),
        None => east(local, named(word).or_else(|| offset(word))?),
    }
}

/// Whether a form names a zone.
pub(super) fn has_zone(form: &str) -> bool {
    ["%Z", "%z", "%:z", "%::z", "%#z"].iter().any(|item| form.contains(item))
}

/// Takes the name or the offset of a zone out of a text, and its item out of the form; `None`
/// where there is none, or the two do not go together.
pub(super) fn split(text: &str, form: &str) -> Option<(String, String, String)> {
    let mut forms: Vec<&str> = form.split_whitespace().collect();
    let mut texts: Vec<&str> = text.split_whitespace().collect();
    let place = forms.iter().position(|piece| has_zone(piece))?;
    let (item, found) = (*forms.get(place)?, *texts.get(place)?);
    if forms.len() != texts.len() || !item.ends_with(['z', 'Z']) {
        return None;
    }
    let letters = found.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    let sign = found.rfind(['+', '-']).filter(|at| offset(&found[*at..]).is_some());
    let end = if letters > 0 { found.len() - letters } else { sign.unwrap_or(found.len()) };
    let (front, word) = found.split_at_checked(end)?;
    let before = &item[..item.rfind('%')?];
    if word.is_empty() || front.is_empty() != before.is_empty() {
        return None;
    }
    (forms[place], texts[place]) = (before, front);
    Some((texts.join(" "), forms.join(" "), word.to_string()))
}

/// The digits of `/Date(1536955200000+0200)/`, whose milliseconds are UTC whatever it says of the
/// zone; any other text as it is.
pub(super) fn of_dot_net(text: &str) -> &str {
    let inner = text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/"));
    let Some(inner) = inner else { return text };
    let end = inner.rfind(['+', '-']).filter(|end| *end > 0).unwrap_or(inner.len());
    if end < inner.len() && offset(&inner[end..]).is_none() { text } else { &inner[..end] }
}

/// A civil time; where the clocks were put back, the earlier of the two.
pub(super) fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<Instant> {
    Instant::of(zone.from_local_datetime(&local).earliest()?.to_utc())
}
