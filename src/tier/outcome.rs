//! Outcomes of the summarizer, as its journal has them.

use crate::domain::journal::{Outcome, Verdict};
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, Window};
use std::time::Duration;

/// What a run of the summarizer did with one source.
pub fn outcome(
    source: &SourceName,
    started: Instant,
    ended: Instant,
    result: Verdict,
    error: Option<String>,
) -> Outcome {
    Outcome {
        source: source.clone(),
        slot: Window::of(started).start(),
        every: Duration::from_secs(3600),
        started,
        ended,
        result,
        status: 0,
        bytes: 0,
        error,
    }
}
