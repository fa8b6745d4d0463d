//! A batch at work: counted under its mark, ahead of its turn to be written.

use super::count::{Counted, File, count};
use crate::domain::extract::Plan;
use crate::edge::clock::Clock;
use crate::edge::spool::{Condemned, Sealed, Spool};
use anyhow::{Context, Result};
use std::time::Duration;

/// A batch: its files, how they are read, and what of them must not be.
pub struct Batch {
    pub sealed: Sealed,
    pub plan: Plan,
    /// A run died in counting it: one snapshot at a time.
    pub careful: bool,
    pub condemned: Condemned,
    ahead: Option<Ahead>,
}

/// What of a batch is counted before its turn to be written comes.
struct Ahead {
    files: Vec<File>,
    /// And how long that took.
    counted: Option<Result<(Counted, Duration)>>,
}

impl Batch {
    /// `found`: what a run that died in counting it left.
    pub fn new(sealed: Sealed, plan: Plan, found: Option<Condemned>) -> Batch {
        let (careful, condemned) = (found.is_some(), found.unwrap_or_default());
        Batch { sealed, plan, careful, condemned, ahead: None }
    }

    /// Its source and hour, for people.
    pub fn about(&self) -> String {
        format!("{} {}", self.sealed.source, self.sealed.hour)
    }

    /// Puts the mark of what is being counted: a run that finds it knows that this one died here.
    pub fn begin(&mut self, spool: &Spool, files: Vec<File>) -> Result<()> {
        if !files.is_empty() {
            spool.begin_attempt(self.sealed.folder())?;
        }
        self.ahead = Some(Ahead { files, counted: None });
        Ok(())
    }

    /// Counts what it was begun for. The store takes no part, so that it may be busy meanwhile.
    pub fn count(&mut self, spool: &Spool, clock: Clock) {
        let counted = self.ahead.as_ref().map(|ahead| self.read(spool, clock, &ahead.files));
        self.ahead.iter_mut().zip(counted).for_each(|(ahead, c)| ahead.counted = Some(c));
    }

    fn read(&self, spool: &Spool, clock: Clock, files: &[File]) -> Result<(Counted, Duration)> {
        let (counting, hour) = (clock.now(), self.sealed.hour);
        let counted = count(spool, &self.plan, hour, files, self.careful)?;
        Ok((counted, clock.since(counting)))
    }

    /// What its rows are reckoned to take in memory while they wait to be written, in bytes.
    pub fn weight(&self) -> usize {
        let counted = self.ahead.iter().filter_map(|ahead| ahead.counted.as_ref()?.as_ref().ok());
        counted.map(|(counted, _)| counted.weight).sum()
    }

    /// It is counted, or that failed without a death.
    pub fn end(&self, spool: &Spool) -> Result<()> {
        let any = self.ahead.as_ref().is_some_and(|ahead| !ahead.files.is_empty());
        if any && self.condemned.is_empty() {
            spool.end_attempt(self.sealed.folder())?;
        }
        Ok(())
    }

    /// What was counted ahead, if it is what the ledger still wants; else that is counted now. And
    /// how long that took.
    pub fn counted(
        &mut self,
        spool: &Spool,
        clock: Clock,
        files: Vec<File>,
    ) -> Result<(Counted, Duration)> {
        let ahead = self.ahead.take().filter(|ahead| ahead.files == files);
        if let Some(counted) = ahead.and_then(|ahead| ahead.counted) {
            return counted;
        }
        self.begin(spool, files)?;
        self.count(spool, clock);
        self.end(spool)?;
        let counted = self.ahead.take().and_then(|ahead| ahead.counted);
        counted.context("nothing was counted")?
    }
}
