//! After a failure: whether to ask again in this run, and until when to leave a source alone.
//!
//! Pure: `now` and `random` are given. Invariants: a wait is never shorter than the server
//! asked for (up to a stated maximum), and what would fail again in the same way is not asked
//! again in the same run. Everything here is for GET, which may be repeated.

mod after;
mod failure;
mod hint;
mod words;

use std::time::Duration;

use chrono::TimeDelta;

pub use after::RetryAfter;
pub use failure::{Detour, Failure, Flaw, Lack, Part, Stop, Unreachable};
pub use hint::host;

use super::coding::Spoilt;
use super::limits::{RETRY_AFTER_MAX, SELDOM};
use super::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// How one run repeats a failed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub retries: u32,
    /// Upper bound of the first wait; it doubles with each attempt, up to `cap`.
    pub base: Duration,
    pub cap: Duration,
    pub retry_after_max: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            retries: 2,
            base: Duration::from_secs(1),
            cap: Duration::from_secs(20),
            retry_after_max: RETRY_AFTER_MAX,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    After(Duration),
    Stop,
}

/// What to do after attempt number `attempt` (from 0) failed; `random` is in [0, 1).
///
/// Full jitter: random(0, min(cap, base * 2^attempt)), on top of what the server asked for.
pub fn wait(
    failure: &Failure,
    attempt: u32,
    random: f64,
    now: Instant,
    policy: &Policy,
) -> Decision {
    if attempt >= policy.retries || !failure.may_pass() {
        return Decision::Stop;
    }
    let asked =
        failure.retry_after().map_or(Duration::ZERO, |hold| hold.from(now, policy.retry_after_max));
    let window = doubled(policy.base, attempt, policy.cap);
    Decision::After(asked + window.mul_f64(unit(random)))
}

/// Until when a request that failed is left alone, across runs; none when the next slot will do.
///
/// What the server asked for, but never less than a backoff that grows with the failures in a row,
/// from a minute (five, where asking again is pointless) up to `every`, but at least one hour and
/// at most six. The lower half of the backoff is fixed, so that a cron of a minute cannot hammer.
pub fn hold_until(
    now: Instant,
    failure: &Failure,
    failures_in_a_row: u32,
    every: Duration,
    random: f64,
) -> Option<Instant> {
    if matches!(failure, Failure::Stopped { .. } | Failure::NoContent { .. }) {
        return None;
    }
    let own = backoff(failure, failures_in_a_row, every, random);
    now.checked_add(TimeDelta::from_std(own.max(asked(failure, now))).ok()?)
}

/// Until when the failure of one request of a source holds all of them: a limit of rate is about
/// who asks, not about what is asked.
pub fn hold_all(now: Instant, failure: &Failure, random: f64) -> Option<Instant> {
    if !matches!(failure, Failure::Transient { status: 403 | 429, .. }) {
        return None;
    }
    let least = backoff(failure, 1, HOUR, random);
    now.checked_add(TimeDelta::from_std(least.max(asked(failure, now))).ok()?)
}

/// Until when a request is left alone whose answer was lost so often, for reasons of ours.
pub fn pause(now: Instant, times_in_a_row: u32, every: Duration, random: f64) -> Option<Instant> {
    now.checked_add(TimeDelta::from_std(growing(MINUTE, times_in_a_row, every, random)).ok()?)
}

/// How long the server asked for.
fn asked(failure: &Failure, now: Instant) -> Duration {
    failure.retry_after().map_or(Duration::ZERO, |hold| hold.from(now, RETRY_AFTER_MAX))
}

fn backoff(failure: &Failure, failures_in_a_row: u32, every: Duration, random: f64) -> Duration {
    let first = match failure.may_pass() {
        _ if every >= SELDOM => 15 * MINUTE,
        true => MINUTE,
        false => 5 * MINUTE,
    };
    growing(first, failures_in_a_row, every, random)
}

fn growing(first: Duration, times_in_a_row: u32, every: Duration, random: f64) -> Duration {
    let cap = every.clamp(HOUR, 6 * HOUR);
    let half = doubled(first, times_in_a_row.saturating_sub(1), cap) / 2;
    half + half.mul_f64(unit(random))
}

impl Failure {
    /// Whether the same request may well succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Failure::Transient { .. } | Failure::Timeout { .. } | Failure::Exhausted { .. } => true,
            Failure::Barred { unsaid, .. } => *unsaid,
            Failure::Token { passes, .. } => *passes,
            Failure::Unreachable { cause, .. } => !matches!(
                cause,
                Unreachable::Certificate(_) | Unreachable::SelfSigned | Unreachable::Tls(_)
            ),
            Failure::BadBody { flaw, .. } => {
                matches!(
                    flaw,
                    Flaw::Cut { .. } | Flaw::Framing(_) | Flaw::Coded(_, Spoilt::Damaged)
                )
            }
            _ => false,
        }
    }
}

fn doubled(base: Duration, times: u32, cap: Duration) -> Duration {
    let factor = 2u32.saturating_pow(times);
    base.saturating_mul(factor).min(cap)
}

fn unit(random: f64) -> f64 {
    if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::coding::Coding;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn now() -> Instant {
        Instant::from_millis(1_795_000_000_000).unwrap_or_default()
    }

    fn status(status: u16, retry_after: Option<Duration>) -> Failure {
        Failure::of_status("x".into(), status, retry_after.map(RetryAfter::After), false)
    }

    fn policy() -> Policy {
        Policy { retries: 9, ..Policy::default() }
    }

    #[track_caller]
    fn check(failure: &Failure, attempt: u32, random: f64, expected: Decision) {
        assert_eq!(wait(failure, attempt, random, now(), &policy()), expected);
    }

    #[test]
    fn the_window_doubles_up_to_the_cap() {
        let busy = status(503, None);
        check(&busy, 0, 0.5, Decision::After(SECOND / 2));
        check(&busy, 1, 0.5, Decision::After(SECOND));
        check(&busy, 3, 0.5, Decision::After(4 * SECOND));
        check(&busy, 8, 0.5, Decision::After(10 * SECOND));
        check(&busy, 8, 0.0, Decision::After(Duration::ZERO));
        check(&busy, 9, 0.0, Decision::Stop);
    }

    #[test]
    fn what_would_fail_again_is_not_repeated() {
        let at = || "x".to_string();
        let unreachable = |cause| Failure::Unreachable { at: at(), cause };
        let body = |flaw| Failure::BadBody { at: at(), flaw };
        let again = [
            status(429, None),
            unreachable(Unreachable::Refused),
            unreachable(Unreachable::Name("e.org".into())),
            unreachable(Unreachable::HungUp),
            body(Flaw::Cut { received: 1, announced: None }),
            body(Flaw::Coded(Coding::Gzip, Spoilt::Damaged)),
            Failure::Timeout { at: at(), after: SECOND, received: 0 },
            Failure::Exhausted { at: at(), lack: Lack::Descriptors },
        ];
        let never = [
            status(404, None),
            status(204, None),
            status(206, None),
            unreachable(Unreachable::Tls("x".into())),
            unreachable(Unreachable::Certificate("x".into())),
            body(Flaw::Encoding("deflate".into())),
            body(Flaw::Coded(Coding::Gzip, Spoilt::Other)),
            body(Flaw::Coded(Coding::Zstd, Spoilt::Needs("a dictionary".into()))),
            body(Flaw::Coded(Coding::Gzip, Spoilt::Trailing { bytes: 1, padding: true })),
            Failure::Oversize { at: at(), part: Part::Plain, cap: 1, announced: None },
            Failure::Redirect { at: at(), detour: Detour::Nowhere },
            Failure::NothingStored { at: at() },
            Failure::OtherVersion { at: at() },
            Failure::Stopped { at: at(), by: Stop::Signal },
            Failure::Invalid { at: at(), why: "no".into() },
        ];
        again.iter().for_each(|f| check(f, 0, 0.0, Decision::After(Duration::ZERO)));
        never.iter().for_each(|f| check(f, 0, 0.0, Decision::Stop));
    }

    #[test]
    fn the_server_is_never_asked_sooner_than_it_wished() {
        check(&status(429, Some(30 * SECOND)), 0, 0.0, Decision::After(30 * SECOND));
        check(&status(503, Some(30 * SECOND)), 0, 0.5, Decision::After(SECOND * 61 / 2));
        let forever = status(503, Some(Duration::MAX));
        check(&forever, 0, 0.0, Decision::After(RETRY_AFTER_MAX));
        let at = RetryAfter::At(now().after(TimeDelta::seconds(12)));
        let dated = Failure::of_status("x".into(), 503, Some(at), false);
        check(&dated, 0, 0.0, Decision::After(12 * SECOND));
    }

    #[track_caller]
    fn held(failure: &Failure, row: u32, every: Duration, random: f64, expected: Duration) {
        let span = TimeDelta::from_std(expected).unwrap_or_default();
        assert_eq!(hold_until(now(), failure, row, every, random), Some(now().after(span)));
    }

    #[test]
    fn one_blip_of_a_minute_source_costs_no_slot() {
        held(&status(500, None), 1, MINUTE, 0.0, MINUTE / 2);
        held(&status(500, None), 0, MINUTE, 1.0, MINUTE);
    }

    #[test]
    fn a_lasting_failure_is_left_alone_for_longer_and_longer() {
        held(&status(500, None), 3, MINUTE, 0.0, 2 * MINUTE);
        held(&status(500, None), 99, MINUTE, 0.0, HOUR / 2);
        held(&status(404, None), 1, MINUTE, 1.0, 5 * MINUTE);
        held(&status(404, None), 99, MINUTE, 1.0, HOUR);
        held(&status(404, None), 99, 24 * HOUR, 1.0, 6 * HOUR);
    }

    #[test]
    fn retry_after_is_kept_across_runs_up_to_a_day() {
        held(&status(429, Some(7 * HOUR)), 1, MINUTE, 0.9, 7 * HOUR);
        held(&status(429, Some(Duration::MAX)), 1, MINUTE, 0.9, RETRY_AFTER_MAX);
    }

    #[test]
    fn a_server_cannot_switch_the_backoff_off() {
        for asked in [Duration::ZERO, 5 * SECOND] {
            held(&status(503, Some(asked)), 1, MINUTE, 0.0, MINUTE / 2);
            held(&status(429, Some(asked)), 9, MINUTE, 0.0, HOUR / 2);
        }
        let past = RetryAfter::At(now().before(TimeDelta::days(9_000)));
        let dated = Failure::of_status("x".into(), 503, Some(past), false);
        held(&dated, 3, MINUTE, 1.0, 4 * MINUTE);
        let soon = RetryAfter::At(now().after(TimeDelta::seconds(1)));
        held(&Failure::of_status("x".into(), 429, Some(soon), false), 2, MINUTE, 0.0, MINUTE);
    }

    #[test]
    fn a_limit_of_rate_holds_all_requests_of_a_source() {
        let all = |failure: &Failure| hold_all(now(), failure, 0.0).map(|until| until - now());
        let span = |span: Duration| TimeDelta::from_std(span).ok();
        assert_eq!(all(&status(429, None)), span(MINUTE / 2));
        assert_eq!(all(&status(429, Some(HOUR))), span(HOUR));
        assert_eq!(all(&status(403, Some(HOUR))), span(HOUR));
        for one in [status(503, Some(HOUR)), status(404, None), status(202, Some(HOUR))] {
            assert_eq!(all(&one), None);
        }
    }

    #[test]
    fn what_is_not_the_sources_fault_holds_nothing() {
        let stopped = Failure::Stopped { at: "x".into(), by: Stop::Deadline };
        assert_eq!(hold_until(now(), &stopped, 3, MINUTE, 0.5), None);
        assert_eq!(hold_until(now(), &status(204, None), 3, MINUTE, 0.5), None);
    }

    proptest! {
        #[test]
        fn waits_are_bounded(attempt in any::<u32>(), random in any::<f64>()) {
            let policy = Policy { retries: u32::MAX, ..Policy::default() };
            match wait(&status(503, None), attempt, random, now(), &policy) {
                Decision::After(pause) => prop_assert!(pause <= policy.cap),
                Decision::Stop => prop_assert_eq!(attempt, u32::MAX),
            }
        }

        #[test]
        fn holds_are_in_the_future_and_bounded(row in any::<u32>(), every in 60u64..10_000_000) {
            let every = Duration::from_secs(every);
            let until = hold_until(now(), &status(404, None), row, every, 0.3);
            let span = (until.unwrap_or_default() - now()).to_std().unwrap_or_default();
            prop_assert!(span >= MINUTE && span <= 6 * HOUR);
        }
    }
}
