//! Forgetting a source: all that was collected of it goes. First the store remembers the instant,
//! so that nothing older counts from then on, whatever turns up; then each place is emptied.

use super::done::Done;
use super::summarize::Summarizer;
use super::view::readable;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use crate::edge::spool::{Holdings, Spool};
use crate::edge::store::Reader;
use anyhow::{Result, bail};

/// What forgetting would remove.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Going {
    pub files: Holdings,
    /// Days of the ledger.
    pub days: u64,
    /// Entries in it.
    pub entries: u64,
    /// Rows that count.
    pub rows: u64,
}

/// What goes, without a change anywhere.
pub fn look(spool: &Spool, store: &dyn Reader, source: &SourceName, now: Instant) -> Result<Going> {
    let mut going = Going { files: spool.holdings(source, now)?, ..Going::default() };
    for day in store.days(source)? {
        let (ledger, unread) = readable(store.entries(source, day)?);
        going.days += 1;
        going.entries += (ledger.entries().len() + unread.len()) as u64;
        going.rows += ledger.live(None).map(|entry| entry.rows).sum::<u64>();
    }
    Ok(going)
}

impl Summarizer<'_> {
    /// Removes all of it. Killed on its way, it is done again; nothing is half counted meanwhile.
    pub fn forget(&self, source: &SourceName) -> Result<Done> {
        if source.is_journals() {
            bail!("the journals say what landed, and cannot be forgotten");
        }
        let home = self.settle()?;
        self.sweep()?;
        let now = self.clock.started();
        self.locked(source, &home, |_, _| {
            self.store.forget(source, now)?;
            Ok(self.spool.forget(source, now)?)
        })
    }
}
