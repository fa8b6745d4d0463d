//! Whether the fetcher may rest: nothing is due, nothing is left of another run, and there is
//! nothing to tell. In doubt it may not, and a whole run finds out.

use super::due::Clockwork;
use crate::domain::sketch::Sketch;
use crate::domain::time::Instant;
use crate::edge::spool::Spool;
use std::time::Duration;

/// What a run of the fetcher says of itself.
pub fn holder(started: Instant) -> String {
    format!("{} {}\n", std::process::id(), started.timestamp())
}

/// Whether a run at this instant has nothing to do with sources of these sketches. Its lock keeps
/// when it was, as that of any run.
pub fn may_rest(spool: &Spool, sketches: &[Sketch], now: Instant, splay: Duration) -> bool {
    let Ok(Some(_lock)) = spool.lock("fetcher", &holder(now)) else { return false };
    if spool.has_runs() || spool.has_absent() || !spool.incidents().0.is_empty() {
        return false;
    }
    let states = spool.states();
    let rests = |sketch: &Sketch| {
        let turn = Clockwork::of_sketch(sketch).turn(&states, now, splay);
        turn.is_ok_and(|(turn, _)| turn.is_none())
    };
    sketches.iter().all(rests)
}
