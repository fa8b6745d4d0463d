//! Committing a sealed batch: rows under a fresh commit id, then one conditional entry that
//! names it; done again from the start when another entry came first or the answer was lost.

use super::audit::Audit;
use super::careful::tried_if_marked;
use super::count::{Counted, File, count, reason};
use super::counting::Batch;
use super::sides::keep_sides;
use crate::domain::batch::commit_id;
use crate::domain::extract::Plan;
use crate::domain::ledger::{Entry, Kind, Ledger, Left};
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::row::Kept;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{Sealed, Spool};
use crate::edge::store::{self, Header, Writer};
use crate::edge::trial::Trier;
use anyhow::{Context, Result, anyhow, bail};
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
    pub trier: &'a Trier,
}

/// What an entry is about, but for its snapshots.
pub struct Subject<'a> {
    pub source: &'a Source,
    pub hour: Window,
    pub batch: &'a str,
    pub kind: Kind,
}

/// Rows that an entry may name.
pub(super) struct Written {
    pub header: Header,
    pub rows: u64,
    pub checksum: String,
}

/// Where the time of a batch went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// Reading, extracting, folding and encoding.
    pub count: Duration,
    /// Writing rows, with their entry.
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
    /// Why the bucket of the archive did not take it: it is counted, and stays where it is.
    pub unarchived: Option<String>,
}

impl Committer<'_> {
    /// Takes up a sealed batch, to be counted next: each snapshot was tried if a run died in
    /// counting it. Unless it is committed already, it bears the mark of what is being counted.
    pub fn begin(&self, sealed: Sealed, source: &Source) -> Result<Batch> {
        let (folder, text) = (sealed.folder(), &sealed.declaration);
        let found = tried_if_marked(self.spool, self.trier, folder, text, &sealed.snapshots)?;
        let ledger = self.ledger(&sealed.source, sealed.hour.day())?;
        let mut batch = Batch::new(sealed, Plan::new(source), found);
        if ledger.of_batch(&batch.sealed.batch).is_none() {
            batch.begin(self.spool, self.wanted(&batch, &ledger).0)?;
        }
        Ok(batch)
    }

    /// Commits a batch and empties it. Both may have been done before, in part.
    pub fn finish(&self, mut batch: Batch) -> Result<Committed> {
        batch.end(self.spool)?;
        let mut times = Times::ZERO;
        let (entry, ledger, is_new) = self.commit(&mut batch, &mut times)?;
        let emptying = self.clock.now();
        self.read_back(&entry, &ledger)?;
        let missing = self.missing(&batch, &ledger)?;
        let licence = batch.plan.source().about.licence.line();
        let unarchived = match self.spool.empty(&batch.sealed, &licence, &missing, self.forgotten) {
            Err(error) if error.is_of_lake() => Some(error.to_string()),
            other => other.map(|()| None)?,
        };
        times.empty = self.since(emptying);
        if unarchived.is_some() && !is_new {
            // The run that counted it has told so.
            return Ok(Committed { unarchived, ..Committed::NONE });
        }
        let snapshots = entry.snapshots.len() as u64;
        let unread = missing.len() as u64;
        Ok(Committed { times, snapshots, rows: entry.rows, unread, unarchived })
    }

    /// Nothing leaves the spool before the store has given back what takes its place.
    fn read_back(&self, entry: &Entry, ledger: &Ledger) -> Result<()> {
        let counts = ledger.live(Some(entry.hour)).any(|live| live.commit == entry.commit);
        if !counts || !self.store.afresh()? {
            return Ok(());
        }
        let found = Audit::of(self.store.as_reader(), entry)?;
        match found.damaged.first() {
            None => Ok(()),
            Some(what) => bail!(
                "the store {} does not give back what it was given: {what}\n\
                 hint: nothing was taken out of data/; restore a backup, or count again from \
                 the archive: docs/operations.md, \"A damaged store\"",
                self.store.address()
            ),
        }
    }

    /// The snapshots of a committed batch with items that no live entry has counted, with why.
    fn missing(&self, batch: &Batch, ledger: &Ledger) -> Result<Vec<(SnapshotId, String)>> {
        let sealed = &batch.sealed;
        let found = ledger.outstanding(sealed.hour);
        let (mut missing, mut marked) = (Vec::new(), batch.careful);
        for id in &sealed.snapshots {
            let want = found.get(id.to_string().as_str()).cloned().unwrap_or(Missing::All);
            if want == Missing::Nothing {
                continue;
            }
            let known = self.barred(batch, id, ledger).or_else(|| batch.condemned.get(id).cloned());
            let why = match known {
                Some(why) => format!("{id}\n{why}\n"),
                None => {
                    // Its items are read once more.
                    if !std::mem::replace(&mut marked, true) {
                        self.spool.begin_attempt(sealed.folder())?;
                    }
                    let file = File { id: id.clone(), path: sealed.path(id), want };
                    reason(self.spool, &batch.plan, &file)?
                }
            };
            missing.push((id.clone(), why));
        }
        Ok(missing)
    }

    /// Why a commit may not count of a snapshot, however well it can be read.
    fn barred(&self, batch: &Batch, id: &SnapshotId, ledger: &Ledger) -> Option<String> {
        let numbering = batch.plan.source().numbering();
        let left = ledger.left(batch.sealed.hour, &id.to_string(), &numbering);
        barred(id, &left, self.forgotten)
    }

    pub(super) fn is_forgotten(&self, id: &SnapshotId) -> bool {
        self.forgotten.is_some_and(|through| id.instant() < through)
    }

    pub(super) fn since(&self, start: Instant) -> Duration {
        self.clock.since(start)
    }

    /// The ledger that this home adds to.
    pub(super) fn ledger(&self, source: &SourceName, day: Day) -> Result<Ledger> {
        Ok(Ledger::kept_by(self.home, self.store.ledger(source, day)?))
    }

    /// Commits a batch, unless it is: its entry, the ledger where that stands, and whether this run
    /// has made it.
    fn commit(&self, batch: &mut Batch, times: &mut Times) -> Result<(Entry, Ledger, bool)> {
        let mut lost = None;
        for tried in 0..TRIES {
            let sealed = &batch.sealed;
            let ledger = self.ledger(&sealed.source, sealed.hour.day())?;
            if let Some(entry) = ledger.of_batch(&sealed.batch) {
                let entry = entry.clone();
                self.remove_losers(&entry, std::slice::from_ref(&sealed.batch))?;
                return Ok((entry, ledger, tried > 0));
            }
            let entry = self.write_taken(batch, &ledger, times)?;
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
        Err(last.context(format!("batch {} was tried {TRIES} times", batch.sealed.batch)))
    }

    /// Writes what the store takes: the snapshots behind a row that it refuses for good are left
    /// out, each with the reason.
    fn write_taken(&self, batch: &mut Batch, ledger: &Ledger, times: &mut Times) -> Result<Entry> {
        loop {
            let error = match self.write(batch, ledger, times) {
                Ok(entry) => return Ok(entry),
                Err(error) => error,
            };
            let Some(store::Error::Refused { key, cause, .. }) = error.downcast_ref() else {
                return Err(error);
            };
            let wanted = self.wanted(batch, ledger).0;
            let behind = behind(self.spool, &batch.plan, batch.sealed.hour, &wanted, key)?;
            if behind.is_empty() {
                return Err(error);
            }
            let why = self.spool.hide(&untaken(key, cause));
            let behind = behind.into_iter().map(|id| (id, why.clone()));
            batch.condemned.extend(behind);
            self.spool.condemn(batch.sealed.folder(), &batch.condemned)?;
        }
    }

    /// Writes the rows of what is left to count, under a fresh commit id.
    fn write(&self, batch: &mut Batch, ledger: &Ledger, times: &mut Times) -> Result<Entry> {
        let (files, untouched) = self.wanted(batch, ledger);
        let (counted, took) = batch.counted(self.spool, self.clock, files)?;
        times.count += took;
        let writing = self.clock.now();
        let (sealed, source) = (&batch.sealed, batch.plan.source());
        let (hour, id) = (sealed.hour, sealed.batch.as_str());
        let subject = Subject { source, hour, batch: id, kind: Kind::Adds };
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
        // Before an entry names the rows: a record that counts has its side row.
        keep_sides(self.store, &source.name, &counted.sides)?;
        let Written { header, rows, checksum } =
            self.write_rows(&source.name, hour, batch, (&counted.rows, counted.checksum))?;
        let declaration = source.declaration.digest.hex();
        self.store.declare(&declaration, &source.declaration.text)?;
        Ok(Entry {
            source: header.source,
            number: ledger.next_number(),
            hour,
            batch: header.batch,
            commit: header.commit,
            kind,
            rows,
            checksum,
            declaration,
            numbering: source.numbering(),
            home: self.home.into(),
            keeper: if source.name.is_journals() { self.home.into() } else { String::new() },
            snapshots: counted.missing,
            remarks: counted.notes.into_values().collect(),
            barren: counted.barren.into_iter().collect(),
        })
    }

    /// Writes rows, of which the checksum is taken, under a fresh commit id.
    pub(super) fn write_rows(
        &self,
        source: &SourceName,
        hour: Window,
        batch: &str,
        (rows, checksum): (&[Kept], String),
    ) -> Result<Written> {
        let header = Header {
            source: source.clone(),
            hour,
            batch: batch.into(),
            commit: commit_id(batch, chance()),
            written: self.clock.now(),
        };
        if !rows.is_empty() {
            self.store.put(&header, rows)?;
        }
        Ok(Written { header, rows: rows.len() as u64, checksum })
    }

    /// The files of which something may be counted; of the others, what stays missing.
    fn wanted(&self, batch: &Batch, ledger: &Ledger) -> (Vec<File>, Vec<(String, Missing)>) {
        let (sealed, numbering) = (&batch.sealed, batch.plan.source().numbering());
        let (mut files, mut untouched) = (Vec::new(), Vec::new());
        for id in &sealed.snapshots {
            if self.is_forgotten(id) {
                untouched.push((id.to_string(), Missing::All));
                continue;
            }
            match ledger.left(sealed.hour, &id.to_string(), &numbering) {
                Left::Wanted(want) if batch.condemned.contains_key(id) => {
                    untouched.push((id.to_string(), want));
                }
                Left::Wanted(want) => {
                    files.push(File { id: id.clone(), path: sealed.path(id), want });
                }
                Left::Renumbered(missing) => untouched.push((id.to_string(), missing)),
                Left::Expired => untouched.push((id.to_string(), Missing::All)),
                Left::Elsewhere => {}
            }
        }
        (files, untouched)
    }

    /// Only now: rows of these batches under other commit ids than that of the entry.
    pub(super) fn remove_losers(&self, entry: &Entry, batches: &[String]) -> Result<()> {
        let hours = entry.hour..entry.hour.next();
        let commits = self.store.commits(&entry.source, hours)?.into_iter();
        let losers = commits.filter(|c| batches.contains(&c.batch) && c.commit != entry.commit);
        let mut losers: Vec<String> = losers.map(|c| c.commit).collect();
        if entry.source.is_journals() && !losers.is_empty() {
            // A home that lost its name has another ledger for the same batch.
            let named = self.store.ledger(&entry.source, entry.day())?;
            losers.retain(|commit| named.iter().all(|entry| entry.commit != *commit));
        }
        if !losers.is_empty() {
            self.store
                .remove(&losers, old(self.clock.started()))
                .context("cannot remove rows of an earlier try")?;
        }
        Ok(())
    }
}

/// The snapshots of which a row of this key would be counted.
pub(super) fn behind<'a>(
    spool: &Spool,
    plan: &Plan,
    hour: Window,
    files: impl IntoIterator<Item = &'a File>,
    key: &str,
) -> Result<Vec<SnapshotId>> {
    let mut behind = Vec::new();
    for file in files {
        let counted = count(spool, plan, hour, std::slice::from_ref(file), false)?;
        if counted.rows.iter().any(|row| row.key() == key) {
            behind.push(file.id.clone());
        }
    }
    Ok(behind)
}

/// Why a snapshot behind a refused row is not counted.
pub(super) fn untaken(key: &str, cause: &str) -> String {
    format!("the store does not take its row {key:?}: {cause}")
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
        Left::Elsewhere => Some(format!(
            "it counts among the journals of another home, as far as that could read it\n\
             hint: there, {recount}"
        )),
        Left::Expired => {
            Some(format!("its hour has expired: nothing of it is read\nhint: {recount}"))
        }
        Left::Renumbered(_) => Some(format!(
            "some of its items are counted, under another numbering of items\nhint: {recount}"
        )),
    }
}

/// What was written before this instant is on its way no more.
pub(super) fn old(now: Instant) -> Instant {
    now.before(chrono::Duration::days(1))
}
