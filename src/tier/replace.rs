//! An entry that replaces what its hour has: written anew for each ledger that it meets, until
//! one takes it.

use super::commit::{Committer, TRIES};
use crate::domain::ledger::{Entry, Ledger};
use crate::domain::name::SourceName;
use crate::domain::time::Window;
use crate::edge::store;
use anyhow::{Result, anyhow};

/// An entry that stands, and what it stands in.
pub(super) struct Replaced {
    pub entry: Entry,
    pub ledger: Ledger,
    /// The batches that were tried.
    pub tried: Vec<String>,
}

impl Committer<'_> {
    /// `write` puts the rows for a ledger and gives the entry that names them; `None` where there
    /// is nothing to replace. Done again from the start when another entry came first or the
    /// answer was lost.
    pub(super) fn replace(
        &self,
        source: &SourceName,
        hour: Window,
        write: &mut dyn FnMut(&Ledger) -> Result<Option<Entry>>,
    ) -> Result<Option<Replaced>> {
        let (mut tried, mut lost): (Vec<String>, _) = (Vec::new(), None);
        for _ in 0..TRIES {
            let ledger = self.ledger(source, hour.day())?;
            let stands = tried.iter().find_map(|batch| ledger.of_batch(batch)).cloned();
            if let Some(entry) = stands {
                return Ok(Some(Replaced { entry, ledger, tried }));
            }
            let Some(entry) = write(&ledger)? else { return Ok(None) };
            tried.push(entry.batch.clone());
            match self.store.append(&entry) {
                Ok(_) => {}
                Err(error @ store::Error::Unknown { .. }) => lost = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        let last = lost.map_or_else(|| anyhow!("other entries came first"), anyhow::Error::from);
        Err(last.context(format!("it was tried {TRIES} times")))
    }
}
