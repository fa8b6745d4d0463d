//! A run goes from source to source: one that fails keeps no other from its turn, nor does a full
//! disk, nor a journal that cannot be written.

use super::done::{Done, Summary};
use super::outcome::outcome;
use super::summarize::Summarizer;
use crate::domain::journal::{Event, Verdict};
use crate::domain::name::SourceName;
use crate::domain::silence::Told;
use crate::domain::time::Instant;
use crate::edge::clock::chance;
use crate::edge::spool::{self, Run};
use crate::edge::store;
use anyhow::Result;

impl Summarizer<'_> {
    /// Does something with each source, and writes a journal of it.
    pub(super) fn each<T>(
        &self,
        sources: &[T],
        name: impl Fn(&T) -> &SourceName,
        act: impl Fn(&T) -> Result<Done>,
    ) -> Result<Summary> {
        let (mut run, mut summary) = (None, Summary::new());
        for (source, item) in sources.iter().map(|item| (name(item), item)) {
            self.progress.begin(source.as_str(), 0);
            let started = self.clock.now();
            let mut done = self.with_room(|| act(item));
            let ends = done.failed.iter().any(is_damage);
            if done.did_something() || !done.failed.is_empty() {
                let noted = self.journal(&mut run, source, started, &done);
                done.failed.extend(noted.err().map(unwritten));
            }
            summary.insert(source.clone(), done);
            if ends {
                break;
            }
        }
        let (now, declaration) = (self.clock.now(), &self.journals.declaration);
        if let Some(Err(error)) = run.map(|run| run.close(now, declaration)) {
            let error = error.into();
            summary.entry(SourceName::journals()).or_default().failed.push(unwritten(error));
        }
        self.spool.set_aside();
        Ok(summary)
    }

    /// Where the disk is full the reserve is given up, and what failed is done again.
    fn with_room(&self, act: impl Fn() -> Result<Done>) -> Done {
        let act = || act().unwrap_or_else(|error| Done { failed: vec![error], ..Done::default() });
        let first = act();
        if first.failed.iter().any(is_full) && self.spool.give_up() {
            return act().after(&first);
        }
        first
    }

    /// Notes what became of a source, in a journal that is begun with the first of them.
    fn journal(
        &self,
        run: &mut Option<Run>,
        source: &SourceName,
        started: Instant,
        done: &Done,
    ) -> Result<()> {
        let noted = self.note(run, source, started, done);
        match noted {
            Err(error) if is_full(&error) && self.spool.give_up() => {
                self.note(run, source, started, done)
            }
            noted => noted,
        }
    }

    fn note(
        &self,
        run: &mut Option<Run>,
        source: &SourceName,
        started: Instant,
        done: &Done,
    ) -> Result<()> {
        let mut open = match run.take() {
            Some(open) => open,
            None => self.spool.begin("summarizer", self.clock.started(), chance())?,
        };
        let result = match done.failed.is_empty() {
            true => Verdict::Committed,
            false => Verdict::Failed,
        };
        let remark = || done.remarks.first().map(Told::line);
        let error = done.failed.first().map(|error| format!("{error:#}"));
        let error = error.map(|words| self.spool.hide(&words)).or_else(remark);
        let outcome = outcome(source, started, self.clock.now(), result, error);
        // A journal whose end is torn takes nothing more: a sweep closes it, and another is begun.
        open.note(self.clock.now(), vec![Event::Outcome(outcome)])?;
        *run = Some(open);
        Ok(())
    }
}

fn unwritten(error: anyhow::Error) -> anyhow::Error {
    error.context("the journal of this run is not whole")
}

/// Whether the disk of the spool is full, or that of the store.
fn is_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref().is_some_and(spool::Error::is_full)
            || cause.downcast_ref().is_some_and(store::Error::is_full)
    })
}

/// Whether the store turned out to be malformed: then nothing more is added to it.
fn is_damage(error: &anyhow::Error) -> bool {
    let is = |cause: &store::Error| matches!(cause, store::Error::Damaged { .. });
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is))
}
