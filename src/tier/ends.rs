//! What the end of a request means: for its outcome, and for the next run.

use super::due::{Call, Due};
use super::heard::Stage;
use super::tally::{Landed, Tally, Trouble};
use crate::domain::journal::Verdict;
use crate::domain::limits::{RETRY_AFTER_MAX, SELDOM};
use crate::domain::retry::{Failure, hold_all, hold_until, pause};
use crate::domain::schedule::CatchUp;
use crate::domain::source::Source;
use crate::domain::time::Instant;
use crate::domain::turn::End;
use crate::edge::clock::fraction;

/// What it means that a request must wait: where the answer before holds for all of the slot, it
/// is served.
pub fn waits(
    due: &Due,
    call: &Call,
    failure: Failure,
    tally: &mut Tally,
) -> Result<Stage, Trouble> {
    let why = failure.explain();
    let Failure::Waits { until, .. } = failure else { return Err(Trouble::Later(why)) };
    match call.request.holds_until == Some(until) {
        true if until >= due.turn.slot.end => {
            tally.remark(Some(why));
            Ok(Stage::Settled(Ok(Verdict::Nothing)))
        }
        true => Err(Trouble::Held(why, until)),
        false => Err(Trouble::Waits(why, until)),
    }
}

/// What is known of a request that has come to its end.
#[derive(Clone, Copy)]
pub struct Of {
    /// In a row, before this end.
    pub failures: u32,
    /// It was for a page behind the first of a set: its address may be gone before the rest is.
    pub inner: bool,
    /// Its set waits, and goes on where it stopped.
    pub cut: bool,
}

/// What an end means for the next run.
pub fn end(
    landed: &Landed,
    Of { failures, inner, cut }: Of,
    source: &Source,
    (started, now): (Instant, Instant),
) -> End {
    let (row, every) = (failures.saturating_add(1), source.fetch.every);
    match landed {
        Ok(_) => End::Answered,
        Err(Trouble::Later(_)) => End::Untouched,
        Err(Trouble::Waits(_, until) | Trouble::Held(_, until)) => {
            // What lasts longer is looked at again each day: no pause is believed that is longer.
            let longest = chrono::TimeDelta::from_std(RETRY_AFTER_MAX).unwrap_or_default();
            End::Waits { until: (*until).min(now.after(longest)) }
        }
        Err(Trouble::Refused(_)) => End::Failed { hold: None, all: None, wished: false },
        Err(Trouble::Unusable(_) | Trouble::Broken(_) | Trouble::Said(_)) => {
            let hold = pause(now, row, every, fraction());
            End::Failed { hold, all: None, wished: false }
        }
        Err(Trouble::Disk(_) | Trouble::Http(Failure::Exhausted { .. })) => {
            End::Lost { hold: pause(started, row, every, fraction()), wished: false }
        }
        Err(Trouble::Http(Failure::Permanent { status: 410, .. })) if !inner => End::Gone,
        // Its slot is not served.
        Err(Trouble::Http(failure)) if cut || keeps_its_slot(source, failure) => {
            let hold = hold_until(now, failure, row, every, fraction());
            let all = hold_all(now, failure, fraction());
            End::Lost { hold: hold.max(all), wished: wished(failure) }
        }
        Err(Trouble::Http(failure)) => End::Failed {
            hold: hold_until(now, failure, row, every, fraction()),
            all: hold_all(now, failure, fraction()),
            wished: wished(failure),
        },
    }
}

/// Whether a publisher asks for patience.
fn wished(failure: &Failure) -> bool {
    failure.retry_after().is_some() || failure.status() == Some(429)
}

/// Whether its slot is still to be served: windows are made up for, and who is asked seldom would
/// lose a day to a network that is away for a minute.
fn keeps_its_slot(source: &Source, failure: &Failure) -> bool {
    let fetch = &source.fetch;
    (fetch.catch_up == CatchUp::All || fetch.every >= SELDOM) && failure.may_pass()
}
