//! Committing a sealed batch: rows under a fresh commit id, then one conditional entry that
//! names it; done again from the start when another entry came first or the answer was lost.

use super::count::{File, count, reason};
use crate::domain::batch::commit_id;
use crate::domain::document::Doc;
use crate::domain::extract::Plan;
use crate::domain::hash::Digest;
use crate::domain::ledger::{Entry, Kind, Ledger, Left};
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::row::{Row, checksum};
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{Sealed, Spool};
use crate::edge::store::{self, Header, Table, Writer};
use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use std::time::Duration;

/// Tries of one batch before it is left for the next run.
const TRIES: usize = 8;

/// What commits need.
pub struct Committer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Writer,
    pub clock: Clock,
    /// Id of this home, kept in its entries.
    pub home: &'a str,
}

/// Where the time of a batch went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// Reading, extracting and folding.
    pub count: Duration,
    /// Encoding rows and writing them, with their entry.
    pub write: Duration,
    /// Emptying the spool.
    pub empty: Duration,
}

impl Times {
    pub const ZERO: Times =
        Times { count: Duration::ZERO, write: Duration::ZERO, empty: Duration::ZERO };
}

/// What became of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    pub times: Times,
    pub snapshots: u64,
    pub rows: u64,
    /// Snapshots with items that nobody has counted.
    pub unread: u64,
}

impl Committer<'_> {
    /// Commits a sealed batch and empties it. Both may have been done before, in part.
    pub fn finish(&self, sealed: &Sealed, source: &Source) -> Result<Committed> {
        let (plan, mut times) = (Plan::new(source), Times::ZERO);
        let entry = self.commit(sealed, &plan, &mut times)?;
        let emptying = self.clock.now();
        let is_unread = |missing: &&Missing| **missing != Missing::Nothing;
        let unread = entry.snapshots.values().filter(is_unread).count() as u64;
        let mut missing = Vec::new();
        for id in &sealed.snapshots {
            if let Some(want) = entry.snapshots.get(&id.to_string()).filter(is_unread) {
                let file = File { id: id.clone(), path: sealed.path(id), want: want.clone() };
                missing.push((id.clone(), reason(self.spool, &plan, &file)?));
            }
        }
        self.spool.empty(sealed, &missing)?;
        times.empty = self.since(emptying);
        let snapshots = entry.snapshots.len() as u64;
        Ok(Committed { times, snapshots, rows: entry.rows, unread })
    }

    fn since(&self, start: Instant) -> Duration {
        (self.clock.now() - start).to_std().unwrap_or_default()
    }

    fn commit(&self, sealed: &Sealed, plan: &Plan, times: &mut Times) -> Result<Entry> {
        let mut lost = None;
        for _ in 0..TRIES {
            let ledger = Ledger::new(self.store.ledger(&sealed.source, sealed.hour.day())?);
            if let Some(entry) = ledger.of_batch(&sealed.batch) {
                let hour = sealed.hour;
                remove_losers(self.store, &sealed.source, hour, &sealed.batch, &entry.commit)?;
                return Ok(entry.clone());
            }
            let entry = self.write(sealed, plan, &ledger, times)?;
            let appending = self.clock.now();
            let appended = self.store.append(&entry);
            times.write += self.since(appending);
            match appended {
                Ok(_) => {}
                Err(error @ store::Error::Unknown { .. }) => lost = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        let last = lost.map_or_else(|| anyhow!("other entries came first"), anyhow::Error::from);
        Err(last.context(format!("batch {} was tried {TRIES} times", sealed.batch)))
    }

    /// Writes the rows of what is left to count, under a fresh commit id.
    fn write(
        &self,
        sealed: &Sealed,
        plan: &Plan,
        ledger: &Ledger,
        times: &mut Times,
    ) -> Result<Entry> {
        let source = plan.source();
        let numbering = source.numbering();
        let (files, untouched) = self.wanted(sealed, ledger, &numbering);
        let counting = self.clock.now();
        let counted = count(self.spool, plan, sealed.hour, &files)?;
        times.count += self.since(counting);
        let writing = self.clock.now();
        let (docs, digests) = documents(&counted.rows);
        let commit = commit_id(&sealed.batch, chance());
        let header = Header {
            source: sealed.source.clone(),
            hour: sealed.hour,
            batch: sealed.batch.clone(),
            commit: commit.clone(),
            written: self.clock.now(),
        };
        self.store.put(&header, table(source), &docs)?;
        times.write += self.since(writing);
        let mut snapshots = counted.missing;
        snapshots.extend(untouched);
        Ok(Entry {
            source: sealed.source.clone(),
            number: ledger.next_number(),
            hour: sealed.hour,
            batch: sealed.batch.clone(),
            commit,
            kind: Kind::Adds,
            rows: docs.len() as u64,
            checksum: checksum(digests).hex(),
            declaration: source.declaration.digest.hex(),
            numbering,
            home: self.home.into(),
            snapshots,
        })
    }

    /// The files of which something may be counted; of the others, what stays missing.
    fn wanted(
        &self,
        sealed: &Sealed,
        ledger: &Ledger,
        numbering: &str,
    ) -> (Vec<File>, Vec<(String, Missing)>) {
        let (mut files, mut untouched) = (Vec::new(), Vec::new());
        for id in &sealed.snapshots {
            match ledger.left(sealed.hour, &id.to_string(), numbering) {
                Left::Wanted(want) => {
                    files.push(File { id: id.clone(), path: sealed.path(id), want });
                }
                Left::Renumbered(missing) => untouched.push((id.to_string(), missing)),
                Left::Expired => untouched.push((id.to_string(), Missing::All)),
            }
        }
        (files, untouched)
    }
}

/// Once an entry names its commit, and not before: rows of its batch under other commit ids go.
pub fn remove_losers(
    store: &dyn Writer,
    source: &SourceName,
    hour: Window,
    batch: &str,
    winner: &str,
) -> Result<()> {
    let commits = store.commits(source, hour..hour.next())?.into_iter();
    let losers = commits.filter(|c| c.batch == batch && c.commit != winner);
    let losers: Vec<String> = losers.map(|c| c.commit).collect();
    if !losers.is_empty() {
        store.remove(&losers).context("cannot remove rows of an earlier try")?;
    }
    Ok(())
}

/// The kind of rows that a source has.
pub fn table(source: &Source) -> Table {
    match source.items {
        Items::Samples(_) => Table::Summaries,
        Items::Records(_) => Table::Records,
    }
}

/// Rows as documents, with the digest of each.
pub fn documents(rows: &[Row]) -> (Vec<Doc>, Vec<Digest>) {
    let document = |row: &Row| {
        let doc = row.doc();
        let digest = Digest::of(doc.json().as_bytes());
        (doc, digest)
    };
    rows.par_iter().map(document).unzip()
}
