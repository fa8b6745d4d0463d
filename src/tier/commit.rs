//! Committing a sealed batch: rows under a fresh commit id, then one conditional entry that
//! names it; done again from the start when another entry came first or the answer was lost.

use super::count::{Counted, File, count, reason};
use crate::domain::batch::commit_id;
use crate::domain::document::Doc;
use crate::domain::extract::Plan;
use crate::domain::hash::Digest;
use crate::domain::ledger::{Entry, Kind, Ledger, Left};
use crate::domain::positions::Missing;
use crate::domain::row::{Row, checksum};
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{Sealed, Spool};
use crate::edge::store::{self, Header, Table, Writer};
use anyhow::{Context, Result, anyhow};
use rayon::prelude::*;
use std::time::Duration;

/// Tries of one batch before it is left for the next run.
pub(super) const TRIES: usize = 8;

/// What commits need.
pub struct Committer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Writer,
    pub clock: Clock,
    /// Id of this home, kept in its entries.
    pub home: &'a str,
    /// Snapshots of before this instant are not counted any more: the source was forgotten.
    pub forgotten: Option<Instant>,
}

/// What an entry is about, but for its snapshots.
pub struct Subject<'a> {
    pub source: &'a Source,
    pub hour: Window,
    pub batch: &'a str,
    pub kind: Kind,
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
        let (entry, ledger) = self.commit(sealed, &plan, &mut times)?;
        let emptying = self.clock.now();
        let is_unread = |missing: &&Missing| **missing != Missing::Nothing;
        let unread = entry.snapshots.values().filter(is_unread).count() as u64;
        let missing = self.missing(sealed, &plan, &ledger)?;
        self.spool.empty(sealed, &missing)?;
        times.empty = self.since(emptying);
        let snapshots = entry.snapshots.len() as u64;
        Ok(Committed { times, snapshots, rows: entry.rows, unread })
    }

    /// The snapshots of a committed batch with items that no live entry has counted, with why.
    fn missing(
        &self,
        sealed: &Sealed,
        plan: &Plan,
        ledger: &Ledger,
    ) -> Result<Vec<(SnapshotId, String)>> {
        let found = ledger.found(Some(sealed.hour));
        let mut missing = Vec::new();
        for id in &sealed.snapshots {
            let want = found.get(id.to_string().as_str()).cloned().unwrap_or(Missing::All);
            if want == Missing::Nothing {
                continue;
            }
            let why = match self.barred(sealed, id, plan.source(), ledger) {
                Some(why) => format!("{id}\n{why}\n"),
                None => {
                    let file = File { id: id.clone(), path: sealed.path(id), want };
                    reason(self.spool, plan, &file)?
                }
            };
            missing.push((id.clone(), why));
        }
        Ok(missing)
    }

    /// Why a commit may not count of a snapshot, however well it can be read.
    fn barred(
        &self,
        sealed: &Sealed,
        id: &SnapshotId,
        source: &Source,
        ledger: &Ledger,
    ) -> Option<String> {
        let left = ledger.left(sealed.hour, &id.to_string(), &source.numbering());
        barred(id, &left, self.forgotten)
    }

    pub(super) fn is_forgotten(&self, id: &SnapshotId) -> bool {
        self.forgotten.is_some_and(|through| id.instant() < through)
    }

    pub(super) fn since(&self, start: Instant) -> Duration {
        (self.clock.now() - start).to_std().unwrap_or_default()
    }

    /// Commits a batch, unless it is: its entry, and the ledger where that stands.
    fn commit(&self, sealed: &Sealed, plan: &Plan, times: &mut Times) -> Result<(Entry, Ledger)> {
        let mut lost = None;
        for _ in 0..TRIES {
            let ledger = Ledger::new(self.store.ledger(&sealed.source, sealed.hour.day())?);
            if let Some(entry) = ledger.of_batch(&sealed.batch) {
                let entry = entry.clone();
                self.remove_losers(&entry, std::slice::from_ref(&sealed.batch))?;
                return Ok((entry, ledger));
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
        let (hour, batch) = (sealed.hour, sealed.batch.as_str());
        let subject = Subject { source, hour, batch, kind: Kind::Adds };
        let mut entry = self.put(&subject, ledger, counted)?;
        times.write += self.since(writing);
        entry.snapshots.extend(untouched);
        Ok(entry)
    }

    /// Writes rows under a fresh commit id; the entry that would make them count.
    pub(super) fn put(
        &self,
        subject: &Subject,
        ledger: &Ledger,
        counted: Counted,
    ) -> Result<Entry> {
        let Subject { source, hour, batch, kind } = *subject;
        let (docs, digests) = documents(&counted.rows);
        let header = Header {
            source: source.name.clone(),
            hour,
            batch: batch.into(),
            commit: commit_id(batch, chance()),
            written: self.clock.now(),
        };
        self.store.put(&header, table(source), &docs)?;
        let declaration = source.declaration.digest.hex();
        self.store.declare(&declaration, &source.declaration.text)?;
        Ok(Entry {
            source: header.source,
            number: ledger.next_number(),
            hour,
            batch: header.batch,
            commit: header.commit,
            kind,
            rows: docs.len() as u64,
            checksum: checksum(digests).hex(),
            declaration,
            numbering: source.numbering(),
            home: self.home.into(),
            snapshots: counted.missing,
            remarks: counted.notes.into_values().collect(),
            barren: counted.barren.into_iter().collect(),
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
            if self.is_forgotten(id) {
                untouched.push((id.to_string(), Missing::All));
                continue;
            }
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

    /// Only now: rows of these batches under other commit ids than that of the entry.
    pub(super) fn remove_losers(&self, entry: &Entry, batches: &[String]) -> Result<()> {
        let hours = entry.hour..entry.hour.next();
        let commits = self.store.commits(&entry.source, hours)?.into_iter();
        let losers = commits.filter(|c| batches.contains(&c.batch) && c.commit != entry.commit);
        let losers: Vec<String> = losers.map(|c| c.commit).collect();
        if !losers.is_empty() {
            self.store.remove(&losers).context("cannot remove rows of an earlier try")?;
        }
        Ok(())
    }
}

/// Why a commit may not count of a snapshot, of which so much is left.
pub(super) fn barred(id: &SnapshotId, left: &Left, forgotten: Option<Instant>) -> Option<String> {
    if let Some(through) = forgotten.filter(|through| id.instant() < *through) {
        let through = through.format("%Y-%m-%d %H:%M:%S UTC");
        return Some(format!("its source was forgotten through {through}: it is not counted"));
    }
    let (hour, source) = (id.window(), id.source());
    let recount = format!("summarizer recount --from {hour} --to {} {source}", hour.next());
    match left {
        Left::Wanted(_) => None,
        Left::Expired => {
            Some(format!("its hour has expired: nothing of it is read\nhint: {recount}"))
        }
        Left::Renumbered(_) => Some(format!(
            "some of its items are counted, under another numbering of items\nhint: {recount}"
        )),
    }
}

/// The kind of rows that a source has.
pub fn table(source: &Source) -> Table {
    match source.items {
        Items::Samples(_) => Table::Summaries,
        Items::Records(_) => Table::Records,
    }
}

fn documents(rows: &[Row]) -> (Vec<Doc>, Vec<Digest>) {
    let document = |row: &Row| {
        let doc = row.doc();
        let digest = Digest::of(doc.json().as_bytes());
        (doc, digest)
    };
    rows.par_iter().map(document).unzip()
}
