//! When a server wishes to be asked again: the header `Retry-After`.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta};

use crate::domain::http_date;
use crate::domain::time::{Instant, from_millis};

/// Seconds from here on are those of an instant: as a wait they would be thirty years.
const EPOCH_SECONDS: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;

/// The two forms of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    After(Duration),
    At(Instant),
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
            return Some(match instant {
                Some(seconds) => RetryAfter::At(from_millis(seconds.saturating_mul(1_000))),
                None => RetryAfter::After(Duration::from_secs(seconds.saturating_add(begun))),
            });
        }
        let date = http_date::parse(text).and_then(of_system);
        let iso = || Instant::of(DateTime::parse_from_rfc3339(text).ok()?.to_utc());
        date.or_else(iso).map(RetryAfter::At)
    }

    /// How long from `now`, at most `max`; a date in the past is no wait.
    pub fn from(self, now: Instant, max: Duration) -> Duration {
        let asked = match self {
            RetryAfter::After(span) => span,
            RetryAfter::At(date) => (date - now).max(TimeDelta::zero()).to_std().unwrap_or(max),
        };
        asked.min(max)
    }
}

fn of_system(at: SystemTime) -> Option<Instant> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Instant::from_millis(i64::try_from(since.as_millis()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_reads_both_forms() {
        let parse = RetryAfter::parse;
        let date = Instant::from_millis(784_111_777_000).map(RetryAfter::At);
        assert_eq!(parse(" 120 "), Some(RetryAfter::After(Duration::from_secs(120))));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), date);
        assert_eq!(
            parse("99999999999999999999999"),
            Some(RetryAfter::After(Duration::from_secs(u64::MAX),))
        );
        assert_eq!(parse("0.493"), Some(RetryAfter::After(Duration::from_secs(1))));
        assert_eq!(parse("2.0"), Some(RetryAfter::After(Duration::from_secs(2))));
        assert_eq!(parse("1994-11-06T09:49:37+01:00"), date);
        let reset = Instant::from_millis(1_771_404_540_000).map(RetryAfter::At);
        assert_eq!(parse("1771404540"), reset);
        for odd in ["", ".", ".5", "-1", "soon", "1.5s", "Sun, 99 Nov 1994", "1994-11-06"] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn retry_after_is_relative_to_now_and_clamped() {
        let now = from_millis(1_000_000_000);
        let max = Duration::from_secs(60);
        let at = |seconds| RetryAfter::At(now.after(TimeDelta::seconds(seconds))).from(now, max);
        assert_eq!(at(40), Duration::from_secs(40));
        assert_eq!(at(-40), Duration::ZERO);
        assert_eq!(at(4_000), max);
        assert_eq!(RetryAfter::After(Duration::MAX).from(now, max), max);
    }
}
