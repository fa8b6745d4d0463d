//! What is known of a host: when it was asked last, and whether it is left alone. A breaker: it
//! opens after some failures in a row, whoever had them; when its time is over one request is let
//! through, and what comes of it closes the breaker or opens it for longer.

use super::retry::{Failure, Unreachable};
use super::time::Instant;
use chrono::TimeDelta;

/// What is known of a host.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Host {
    /// Failures in a row.
    pub failures: u32,
    /// After failures nobody asks it before this instant.
    pub open_until: Option<Instant>,
    /// It asked for patience until then.
    pub halted_until: Option<Instant>,
    /// Why, in words.
    pub why: String,
    /// When a request to it began last.
    pub asked: Option<Instant>,
}

/// Whether a host may be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breaker {
    Closed,
    /// Nobody asks before this instant.
    Open(Instant),
    /// One may ask.
    HalfOpen,
}

/// Failures in a row that open it.
pub const OPENS_AFTER: u32 = 5;
/// The first time that it stays open, in seconds; it doubles.
const FIRST: i64 = 60;
/// The longest, unless the host asked for more.
const LONGEST: i64 = 3_600;

impl Host {
    pub fn breaker(&self, now: Instant) -> Breaker {
        match self.open_until.max(self.halted_until) {
            Some(until) if until > now && until - now <= TimeDelta::days(1) => Breaker::Open(until),
            Some(_) if self.failures >= OPENS_AFTER => Breaker::HalfOpen,
            _ => Breaker::Closed,
        }
    }

    /// It answered: whatever the answer was, it is there. Patience that it asked for goes on.
    pub fn answered(&mut self) {
        (self.failures, self.open_until) = (0, None);
        if self.halted_until.is_none() {
            self.why.clear();
        }
    }

    /// A request failed for a reason that others would meet too; `random` in [0, 1) spreads.
    pub fn failed(&mut self, now: Instant, why: &str, random: f64) {
        self.failures = self.failures.saturating_add(1);
        if self.failures < OPENS_AFTER {
            return;
        }
        let doubled = FIRST << (self.failures - OPENS_AFTER).min(10);
        let span = doubled.min(LONGEST);
        let spread = (span as f64 / 4.0 * random.clamp(0.0, 1.0)) as i64;
        let until = now.after(TimeDelta::seconds(span - span / 4 + spread));
        self.open_until = self.open_until.max(Some(until));
        self.why = why.to_string();
    }

    /// It asked for patience.
    pub fn halt(&mut self, until: Instant, why: &str) {
        self.halted_until = self.halted_until.max(Some(until));
        self.why = why.to_string();
    }
}

/// Whether a failure is the host's, and not of one address on it.
pub fn is_of_host(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable { cause, .. } => !matches!(cause, Unreachable::NotHttp(_)),
        Failure::Timeout { .. } => true,
        Failure::Transient { status, .. } => matches!(status, 429 | 502..=504),
        _ => false,
    }
}

/// Whether a failure shows that the host is there.
pub fn is_alive(failure: &Failure) -> bool {
    failure.status().is_some() && !is_of_host(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::EPOCH.after(TimeDelta::seconds(seconds))
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_tries_one_request_then() {
        let mut host = Host::default();
        for _ in 1..OPENS_AFTER {
            host.failed(at(0), "no", 0.0);
            assert_eq!(host.breaker(at(0)), Breaker::Closed);
        }
        host.failed(at(0), "no", 0.0);
        assert_eq!(host.breaker(at(0)), Breaker::Open(at(45)));
        assert_eq!(host.breaker(at(45)), Breaker::HalfOpen);
        host.failed(at(45), "no", 1.0);
        assert_eq!(host.breaker(at(46)), Breaker::Open(at(165)));
        host.answered();
        assert_eq!(host.breaker(at(46)), Breaker::Closed);
    }

    #[test]
    fn it_stays_open_for_an_hour_at_the_most_and_as_long_as_it_is_asked_to() {
        let mut host = Host { failures: 99, ..Host::default() };
        host.failed(at(0), "no", 1.0);
        assert_eq!(host.breaker(at(0)), Breaker::Open(at(3_600)));
        host.halt(at(7_200), "429");
        assert_eq!(host.breaker(at(0)), Breaker::Open(at(7_200)));
        let wrong = Host { open_until: Some(at(90_000_000)), ..Host::default() };
        assert_eq!(wrong.breaker(at(0)), Breaker::Closed, "of a clock that was wrong");
    }
}
