//! Forgetting a source: its rows, its ledger and its files go, after they were shown; the store
//! keeps through when, so that what turns up later is turned away.

use super::Summarizer;
use crate::domain::ledger::Ledger;
use crate::domain::name::SourceName;
use crate::domain::time::Day;
use crate::edge::spool::Files;
use anyhow::{Result, bail};

/// What there is of a source.
#[derive(Debug, Default)]
pub struct Forgotten {
    pub files: Files,
    pub days: Vec<Day>,
    pub entries: u64,
    pub rows: u64,
    /// Whether it was removed, or only looked at.
    pub done: bool,
}

impl Summarizer<'_> {
    /// Shows what goes; with `yes` it goes.
    pub fn forget(&self, source: &SourceName, yes: bool) -> Result<Forgotten> {
        let Some(_lock) = self.lock(source)? else {
            bail!("another run is at work on {source}\nhint: try again when it has ended");
        };
        let mut found = Forgotten {
            files: self.spool.files(source)?,
            days: self.store.days(source)?,
            ..Forgotten::default()
        };
        let feeds = self.store.feeds()?;
        let is_fed = feeds.iter().any(|feed| feed.source == *source);
        if found.days.is_empty() && found.files == Files::default() && !is_fed {
            bail!("nothing is known of {source}: no rows, no files");
        }
        for day in &found.days {
            let ledger = Ledger::new(self.store.ledger(source, *day)?);
            found.entries += ledger.entries().len() as u64;
            found.rows += ledger.live(None).map(|entry| entry.rows).sum::<u64>();
        }
        if yes {
            self.settle()?;
            // First the mark: a death in between leaves nothing that would be counted again.
            self.store.forget(source, self.clock.now())?;
            self.spool.erase(source)?;
            found.done = true;
        }
        Ok(found)
    }
}
