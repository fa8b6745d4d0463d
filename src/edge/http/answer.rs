//! Reading the head of an answer: what its status and headers mean for us.

use std::time::{Duration, UNIX_EPOCH};

use chrono::TimeDelta;
use reqwest::header::{self, HeaderMap, HeaderName};

use crate::domain::fresh::{self, Holds};
use crate::domain::http_date;
use crate::domain::request::Validators;
use crate::domain::retry::{Failure, RetryAfter};
use crate::domain::time;
use crate::domain::walk::ContentRange;

/// What is to be done with an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Read,
    Unchanged,
    Follow,
    Fail(Failure),
}

/// Sorts an answer by its status; `asked_if_changed` says that validators were sent.
pub fn judge(status: u16, headers: &HeaderMap, at: &str, asked_if_changed: bool) -> Verdict {
    match status {
        200 | 201 | 203 => Verdict::Read,
        // Several publishers mark a page of several so; a range of bytes is no whole document.
        206 if !is_byte_range(headers) => Verdict::Read,
        301 | 302 | 303 | 307 | 308 => Verdict::Follow,
        304 if asked_if_changed => Verdict::Unchanged,
        304 => Verdict::Fail(Failure::NothingStored { at: at.to_string() }),
        _ => {
            let challenge = text(headers, &HeaderName::from_static("cf-mitigated")).is_some();
            let later = retry_after(headers);
            Verdict::Fail(Failure::of_status(at.to_string(), status, later, challenge))
        }
    }
}

/// Whether the body is a part by bytes; a range from the first to the last byte is the whole.
fn is_byte_range(headers: &HeaderMap) -> bool {
    let Some(range) = text(headers, &header::CONTENT_RANGE).map(str::trim) else { return false };
    let whole = || {
        let (last, all) = range.strip_prefix("bytes 0-")?.split_once('/')?;
        let last: u64 = last.parse().ok()?;
        (last.checked_add(1)? == all.parse::<u64>().ok()?).then_some(())
    };
    range.starts_with("bytes") && whole().is_none()
}

pub fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    RetryAfter::parse(text(headers, &header::RETRY_AFTER)?)
}

/// The validators of the answer, byte for byte; one that is not text cannot be kept as such.
pub fn validators(headers: &HeaderMap) -> Option<Validators> {
    let kept = |name| text(headers, &name).map(String::from);
    let found = Validators { etag: kept(header::ETAG), last_modified: kept(header::LAST_MODIFIED) };
    (found != Validators::default()).then_some(found)
}

/// How long an answer that came at `now` holds, by what its head says.
pub fn holds(headers: &HeaderMap, now: time::Instant) -> Holds {
    let lines = |name: HeaderName| -> Vec<&str> {
        let values = headers.get_all(name).iter();
        values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()).collect()
    };
    let head = fresh::Head {
        cache_control: lines(header::CACHE_CONTROL),
        age: lines(header::AGE),
        expires: lines(header::EXPIRES),
        date: text(headers, &header::DATE),
        vary: lines(header::VARY),
    };
    let since = Duration::from_millis(u64::try_from(now.millis()).unwrap_or(0));
    fresh::holds(&head, UNIX_EPOCH + since)
}

/// The server's time when the answer left it: a cache that kept it says for how long.
pub fn date(headers: &HeaderMap) -> Option<time::Instant> {
    let sent = http_date::parse(text(headers, &header::DATE)?)?;
    let sent = sent.duration_since(UNIX_EPOCH).ok()?;
    let age: u64 = text(headers, &header::AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    time::Instant::from_millis(i64::try_from(sent.as_millis()).ok()?)?
        .checked_add(TimeDelta::try_seconds(i64::try_from(age).ok()?)?)
}

/// What a person should know though the answer is good.
pub fn warnings(status: u16, headers: &HeaderMap) -> Vec<String> {
    let changed = match status {
        201 => Some("answered 201: created, though nothing was to be".to_string()),
        203 => Some("answered 203: changed on its way".to_string()),
        206 if is_all_bytes(headers) => {
            Some("answered 206: a part, though it is the whole".to_string())
        }
        _ => None,
    };
    let notice = |name: &'static str, words: &str| {
        let value = text(headers, &HeaderName::from_static(name))?;
        Some(format!("the publisher announces {words} ({name}: {value})"))
    };
    let notices = [notice("deprecation", "that this will end"), notice("sunset", "its end")];
    changed.into_iter().chain(notices.into_iter().flatten()).collect()
}

/// Whether a part that is read is a range of bytes, which is the whole then.
pub fn is_all_bytes(headers: &HeaderMap) -> bool {
    text(headers, &header::CONTENT_RANGE).is_some_and(|range| range.starts_with("bytes"))
}

/// The values of the headers `Link`; what is not ASCII as in [`Way::locations`].
pub fn links(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(header::LINK).iter().map(|value| ascii(value.as_bytes())).collect()
}

pub fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    ContentRange::parse(text(headers, &header::CONTENT_RANGE)?)
}

/// All that are named, one behind the other.
pub fn content_type(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::CONTENT_TYPE).iter();
    let all: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Where an answer points to.
pub struct Way {
    /// Each different `Location`; what is not ASCII is percent-encoded byte by byte, as browsers
    /// do: so an address in UTF-8 stays one, and an older one reaches its server as it was sent.
    pub locations: Vec<String>,
    pub cookie: bool,
}

pub fn way(headers: &HeaderMap) -> Way {
    let mut locations: Vec<String> =
        headers.get_all(header::LOCATION).iter().map(|value| ascii(value.as_bytes())).collect();
    locations.dedup();
    Way { locations, cookie: headers.contains_key(header::SET_COOKIE) }
}

fn ascii(bytes: &[u8]) -> String {
    let sign = |byte: &u8| match byte {
        0x80.. => format!("%{byte:02X}"),
        _ => char::from(*byte).to_string(),
    };
    bytes.iter().map(sign).collect()
}

/// The length of a body that is announced beside `Transfer-Encoding: identity`, a word of old
/// that means none.
pub fn length_of_identity(headers: &HeaderMap) -> Option<u64> {
    let mut transfers = headers.get_all(header::TRANSFER_ENCODING).iter().peekable();
    transfers.peek()?;
    let plain = transfers.all(|word| word.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next().filter(|_| plain && lengths.next().is_none())?;
    length.to_str().ok()?.parse().ok()
}

/// All codings of the body, those of its transfer behind; lists may come as several lines.
pub fn codings(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::CONTENT_ENCODING).iter();
    let lines = lines.chain(headers.get_all(header::TRANSFER_ENCODING));
    let words: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), header::HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn validators_are_kept_byte_for_byte() {
        let weak = headers(&[("etag", "W/\"a b\""), ("last-modified", "  any thing")]);
        let found = validators(&weak).expect("two");
        assert_eq!(found.etag.as_deref(), Some("W/\"a b\""));
        assert_eq!(found.last_modified.as_deref(), Some("  any thing"));
        assert_eq!(validators(&headers(&[("date", "today")])), None);
    }

    #[test]
    fn a_304_that_was_not_asked_for_is_a_failure() {
        assert_eq!(judge(304, &HeaderMap::new(), "x", true), Verdict::Unchanged);
        let failed = Verdict::Fail(Failure::NothingStored { at: "x".into() });
        assert_eq!(judge(304, &HeaderMap::new(), "x", false), failed);
    }

    #[test]
    fn two_lines_of_encodings_are_one_list() {
        let mut twice = headers(&[("content-encoding", "gzip")]);
        twice.append(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
        assert_eq!(codings(&twice).as_deref(), Some("gzip, gzip"));
    }
}
