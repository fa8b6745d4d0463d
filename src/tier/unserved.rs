//! The journal of a summarizer that could do nothing since its store is not there: each source
//! that waits has a failed outcome, so that a report can show it.

use super::Progress;
use super::agenda::Agenda;
use super::outcome::outcome;
use crate::domain::journal::{Event, Verdict};
use crate::domain::name::SourceName;
use crate::domain::source::Source;
use crate::edge::clock::{Clock, chance};
use anyhow::Result;

/// Writes a journal that says of each source on the agenda why it was not served; none when
/// only journals wait. Where it cannot be written, that is told.
pub fn note(
    agenda: &Agenda,
    clock: Clock,
    journals: &Source,
    error: &anyhow::Error,
    progress: &dyn Progress,
) {
    if let Err(unwritten) = written(agenda, clock, journals, error) {
        progress.warn(&format!("this run has no journal: {unwritten:#}"));
    }
}

fn written(agenda: &Agenda, clock: Clock, journals: &Source, error: &anyhow::Error) -> Result<()> {
    let mut waiting = agenda.names(&[])?;
    waiting.retain(|source| *source != SourceName::journals() && is_due(agenda, source));
    if waiting.is_empty() {
        return Ok(());
    }
    let started = clock.started();
    let mut run = agenda.spool.begin("summarizer", started, chance())?;
    let failed = |source: &SourceName| {
        outcome(source, started, clock.now(), Verdict::Failed, Some(format!("{error:#}")))
    };
    let events = waiting.iter().map(failed).map(Event::Outcome).collect();
    run.note(clock.now(), events)?;
    Ok(run.close(clock.now(), &journals.declaration)?)
}

fn is_due(agenda: &Agenda, source: &SourceName) -> bool {
    let sealed = agenda.spool.sealed_batches(source).is_ok_and(|batches| !batches.is_empty());
    sealed || agenda.due(source, &mut Vec::new()).is_ok_and(|groups| !groups.is_empty())
}
