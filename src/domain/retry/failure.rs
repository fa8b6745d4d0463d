//! Why an exchange failed: one variant for each branch a caller takes, with its text for people.
//!
//! Invariant: every `at` is redacted before it gets here, so a text never holds a secret.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

/// An exchange that brought no whole answer. `at` is the redacted address that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The server says "not now".
    #[error("get {at}: answered {}", Status(*status))]
    Transient { at: String, status: u16, retry_after: Option<RetryAfter> },
    /// The server says no, and would say it again. `challenge`: it wants a browser.
    #[error("get {at}: answered {}", Status(*status))]
    Permanent { at: String, status: u16, challenge: bool },
    /// An honest "nothing there now": no fault, and nothing to land.
    #[error("get {at}: answered {}", Status(*status))]
    NoContent { at: String, status: u16 },
    #[error("get {at}: {cause}")]
    Unreachable { at: String, cause: Unreachable },
    #[error("get {at}: not done within {}, {} received", Span(*after), Size(*received))]
    Timeout { at: String, after: Duration, received: u64 },
    #[error("get {at}: the {part} is over the cap of {}{}", Size(*cap), Announced(*announced))]
    Oversize { at: String, part: Part, cap: u64, announced: Option<u64> },
    #[error("get {at}: {flaw}")]
    BadBody { at: String, flaw: Flaw },
    #[error("get {at}: {detour}")]
    Redirect { at: String, detour: Detour },
    /// "Unchanged", though there is no stored body that this could mean.
    #[error("get {at}: answered 304 not modified, but no stored body is at hand")]
    NothingStored { at: String },
    /// The run ended first: not the source's fault.
    #[error("get {at}: {by}")]
    Stopped { at: String, by: Stop },
    /// The request itself cannot be made.
    #[error("get {at}: {why}")]
    Invalid { at: String, why: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreachable {
    #[error("no address is known for {0}")]
    Name(String),
    #[error("the connection was refused")]
    Refused,
    #[error("no connection within {}", Span(*.0))]
    Silent(Duration),
    #[error("the server closed the connection without an answer")]
    HungUp,
    #[error("no safe connection, its certificate {0}")]
    Certificate(String),
    #[error("no safe connection by TLS, {0}")]
    Tls(String),
    /// A connection was there, but what came over it cannot be read as an answer.
    #[error("what came is not HTTP: {0}")]
    NotHttp(String),
    #[error("no connection, {0}")]
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Part {
    #[error("body as sent")]
    Wire,
    #[error("decoded body")]
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    #[error("the body was cut after {}{}", Size(*received), Announced(*announced))]
    Cut { received: u64, announced: Option<u64> },
    #[error("the body does not keep to the framing that its head announced: {0}")]
    Framing(String),
    #[error("the answer says gzip, but the body does not begin like one")]
    NotGzip,
    #[error("the gzip of the body is cut or damaged")]
    Gzip,
    /// `padding`: zeros or ends of lines only.
    #[error("a whole gzip is followed by {}{}", Size(*bytes), Padding(*padding))]
    Trailing { bytes: u64, padding: bool },
    #[error("the body is encoded as `{0}`, but only gzip was offered")]
    Encoding(String),
    #[error("the body is said to be encoded more than once, as `{0}`; one gzip is undone")]
    Layers(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Detour {
    #[error("redirected more than {0} times")]
    TooMany(u32),
    /// `cookie`: it was set on the way.
    #[error("the address leads back to itself{}", Cookie(*cookie))]
    Back { cookie: bool },
    #[error("redirected without an address that can be read")]
    Nowhere,
    #[error("redirected to several addresses at once")]
    Several,
    #[error("redirected to `{0}`, which is not a web address")]
    NotWeb(String),
    #[error("redirected from https to http, to {0}")]
    Downgrade(String),
    #[error("redirected to {0}, which is inside a private network")]
    Private(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    #[error("the time of the run was over")]
    Deadline,
    #[error("the run was told to stop")]
    Signal,
}

/// Seconds from here on are those of an instant: as a wait they would be thirty years.
const EPOCH_SECONDS: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;

/// The two forms of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    After(Duration),
    At(DateTime<Utc>),
}

impl RetryAfter {
    /// Reads seconds or a date; also what is plainly meant: fractions of seconds, the seconds of
    /// an instant, an ISO date. Anything else says nothing.
    pub fn parse(text: &str) -> Option<RetryAfter> {
        let text = text.trim();
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && digits(whole) && digits(rest) {
            let seconds: u64 = whole.parse().unwrap_or(u64::MAX);
            let begun = u64::from(rest.bytes().any(|digit| digit != b'0'));
            let instant = i64::try_from(seconds).ok().filter(|s| EPOCH_SECONDS.contains(s));
            return Some(match instant.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) {
                Some(date) => RetryAfter::At(date),
                None => RetryAfter::After(Duration::from_secs(seconds.saturating_add(begun))),
            });
        }
        let date = httpdate::parse_http_date(text).ok().map(DateTime::<Utc>::from);
        let iso = || DateTime::parse_from_rfc3339(text).ok().map(|date| date.to_utc());
        date.or_else(iso).map(RetryAfter::At)
    }

    /// How long from `now`, at most `max`; a date in the past is no wait.
    pub fn from(self, now: DateTime<Utc>, max: Duration) -> Duration {
        let asked = match self {
            RetryAfter::After(span) => span,
            RetryAfter::At(date) => (date - now).max(TimeDelta::zero()).to_std().unwrap_or(max),
        };
        asked.min(max)
    }
}

impl Failure {
    /// Which failure a status is that brings no body to land.
    pub fn of_status(
        at: String,
        status: u16,
        retry_after: Option<RetryAfter>,
        challenge: bool,
    ) -> Failure {
        match status {
            204 | 205 => Failure::NoContent { at, status },
            // 202: "being prepared". 403 with a Retry-After is a rate limit by another name.
            202 | 408 | 425 | 429 | 500..=599 => Failure::Transient { at, status, retry_after },
            403 if retry_after.is_some() => Failure::Transient { at, status, retry_after },
            _ => Failure::Permanent { at, status, challenge },
        }
    }

    /// The HTTP status, where one came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Failure::Transient { status, .. }
            | Failure::Permanent { status, .. }
            | Failure::NoContent { status, .. } => Some(*status),
            Failure::NothingStored { .. } => Some(304),
            _ => None,
        }
    }

    /// When the server wishes to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Failure::Transient { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What a person may do about it, when that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Failure::Transient { status: 429, .. } => Some("ask this publisher less often"),
            Failure::Permanent { challenge: true, .. } => {
                Some("the site asks for a browser; look for the publisher's API")
            }
            Failure::Permanent { status, .. } => status_hint(*status),
            Failure::Unreachable { cause, .. } => cause.hint(),
            Failure::Timeout { .. } => Some("allow this source more time, or ask for less"),
            Failure::Oversize { .. } => Some("if that size is right, raise the cap"),
            Failure::BadBody { flaw, .. } => flaw.hint(),
            Failure::Redirect { detour, .. } => detour.hint(),
            _ => None,
        }
    }

    /// The text, with a second line for the hint.
    pub fn explain(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}\nhint: {hint}"),
            None => self.to_string(),
        }
    }
}

impl Unreachable {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Unreachable::Name(_) => Some("is the name right, and is this machine on line?"),
            Unreachable::Refused => Some("nothing listens there; are host and port right?"),
            Unreachable::Certificate(_) => {
                Some("check this machine's clock and its CA certificates")
            }
            _ => None,
        }
    }
}

impl Flaw {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Flaw::Trailing { padding: true, .. } => {
                Some("if that is padding, declare gzip_padding = true in [fetch]")
            }
            _ => None,
        }
    }
}

impl Detour {
    fn hint(&self) -> Option<&'static str> {
        match self {
            Detour::Downgrade(_) => Some("declare an address that stays on https"),
            Detour::Back { cookie: true } => {
                Some("look for an address of the data that wants no cookie")
            }
            _ => None,
        }
    }
}

fn status_hint(status: u16) -> Option<&'static str> {
    match status {
        401 | 403 | 407 => Some("does this source need a key, and is it valid?"),
        404 => Some("has the publisher moved it?"),
        410 => Some("its publisher has retired it; retire the source too"),
        _ => None,
    }
}

struct Status(u16);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.0 {
            201 => " created",
            202 => " accepted, not ready yet",
            204 => " no content",
            206 => " partial content, though the whole was asked for",
            226 => " a difference to something that was not asked for",
            300 => " multiple choices",
            400 => " bad request",
            401 => " unauthorized",
            403 => " forbidden",
            404 => " not found",
            406 => " not acceptable",
            408 => " request timeout",
            410 => " gone",
            429 => " too many requests",
            500 => " internal server error",
            502 => " bad gateway",
            503 => " service unavailable",
            504 => " gateway timeout",
            _ => "",
        };
        write!(f, "{}{words}", self.0)
    }
}

struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n < 10 << 10 => write!(f, "{n} bytes"),
            n if n < 10 << 20 => write!(f, "{} KiB", n >> 10),
            n => write!(f, "{} MiB", n >> 20),
        }
    }
}

struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_secs(1) {
            return write!(f, "{} ms", self.0.as_millis());
        }
        write!(f, "{} s", (self.0.as_secs_f64() * 10.0).round() / 10.0)
    }
}

struct Padding(bool);

impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { ", zeros or ends of lines" } else { " that are no gzip" })
    }
}

struct Cookie(bool);

impl fmt::Display for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = ", and sets a cookie on the way, which Daybook does not keep";
        f.write_str(if self.0 { words } else { "" })
    }
}

struct Announced(Option<u64>);

impl fmt::Display for Announced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, ", {} were announced", Size(bytes)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn at() -> String {
        "http://e.org".into()
    }

    #[track_caller]
    fn check(failure: Failure, expected: Expect) {
        expected.assert_eq(&failure.explain());
    }

    #[test]
    fn texts_say_what_where_and_what_to_do() {
        check(
            Failure::of_status(at(), 503, None, false),
            expect!["get http://e.org: answered 503 service unavailable"],
        );
        check(
            Failure::of_status(at(), 401, None, false),
            expect![[r#"
                get http://e.org: answered 401 unauthorized
                hint: does this source need a key, and is it valid?"#]],
        );
        check(
            Failure::Timeout { at: at(), after: Duration::from_millis(1500), received: 20_480 },
            expect![[r#"
                get http://e.org: not done within 1.5 s, 20 KiB received
                hint: allow this source more time, or ask for less"#]],
        );
        check(
            Failure::Oversize { at: at(), part: Part::Wire, cap: 9, announced: Some(16 << 20) },
            expect![[r#"
                get http://e.org: the body as sent is over the cap of 9 bytes, 16 MiB were announced
                hint: if that size is right, raise the cap"#]],
        );
        check(
            Failure::BadBody { at: at(), flaw: Flaw::Cut { received: 3, announced: None } },
            expect!["get http://e.org: the body was cut after 3 bytes"],
        );
        check(
            Failure::Unreachable { at: at(), cause: Unreachable::Silent(Duration::from_millis(9)) },
            expect!["get http://e.org: no connection within 9 ms"],
        );
    }

    #[test]
    fn each_status_takes_its_branch() {
        let of = |status, hold| Failure::of_status(at(), status, hold, false);
        let later = Some(RetryAfter::After(Duration::from_secs(3)));
        for status in [202, 408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(of(status, None), Failure::Transient { .. }), "{status}");
        }
        for status in [201, 206, 300, 305, 400, 401, 403, 404, 410, 418] {
            assert!(matches!(of(status, None), Failure::Permanent { .. }), "{status}");
        }
        assert!(matches!(of(204, None), Failure::NoContent { .. }));
        assert_eq!(of(403, later).retry_after(), later);
    }

    #[test]
    fn retry_after_reads_both_forms() {
        let parse = RetryAfter::parse;
        let date = DateTime::from_timestamp(784_111_777, 0).map(RetryAfter::At);
        assert_eq!(parse(" 120 "), Some(RetryAfter::After(Duration::from_secs(120))));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), date);
        assert_eq!(
            parse("99999999999999999999999"),
            Some(RetryAfter::After(Duration::from_secs(u64::MAX),))
        );
        assert_eq!(parse("0.493"), Some(RetryAfter::After(Duration::from_secs(1))));
        assert_eq!(parse("2.0"), Some(RetryAfter::After(Duration::from_secs(2))));
        assert_eq!(parse("1994-11-06T09:49:37+01:00"), date);
        let reset = DateTime::from_timestamp(1_771_404_540, 0).map(RetryAfter::At);
        assert_eq!(parse("1771404540"), reset);
        for odd in ["", ".", ".5", "-1", "soon", "1.5s", "Sun, 99 Nov 1994", "1994-11-06"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn retry_after_is_relative_to_now_and_clamped() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap_or_default();
        let max = Duration::from_secs(60);
        let at = |seconds| RetryAfter::At(now + TimeDelta::seconds(seconds)).from(now, max);
        assert_eq!(at(40), Duration::from_secs(40));
        assert_eq!(at(-40), Duration::ZERO);
        assert_eq!(at(4_000), max);
        assert_eq!(RetryAfter::After(Duration::MAX).from(now, max), max);
    }
}
