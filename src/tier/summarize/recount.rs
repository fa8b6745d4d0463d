//! Recount: one replacing entry of an hour under today's declaration, from all the ids of its
//! live entries and those that the archive holds. An empty store is built anew by it.

use super::Summarizer;
use crate::domain::batch::{commit_id, recount_id};
use crate::domain::extract::Plan;
use crate::domain::ledger::{Entry, Kind, Ledger};
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::Window;
use crate::edge::clock::chance;
use crate::edge::store::{self, Header};
use crate::tier::commit::{documents, remove_losers, table};
use crate::tier::count::{Counted, File, count, reason};
use anyhow::{Result, anyhow, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

/// Tries of one hour before it is given up.
const TRIES: usize = 8;

/// What counts of some hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub snapshots: u64,
    pub rows: u64,
    /// Snapshots with items that are not counted.
    pub unread: u64,
}

/// What became of one source.
#[derive(Debug, Default)]
pub struct Recounted {
    pub hours: u64,
    pub before: Tally,
    pub after: Tally,
    /// Hours that were left as they are, with the reason.
    pub failed: Vec<anyhow::Error>,
    pub busy: Option<String>,
}

impl Summarizer<'_> {
    /// Recounts the hours of a range; `dry_run` computes, and writes nothing.
    pub fn recount(
        &self,
        sources: &[Source],
        hours: &Range<Window>,
        dry_run: bool,
    ) -> Result<BTreeMap<SourceName, Recounted>> {
        let home = if dry_run { String::new() } else { self.settle()? };
        let mut all = BTreeMap::new();
        for source in sources {
            let done = self.recount_source(source, hours, &home, dry_run);
            let failed = |error| Recounted { failed: vec![error], ..Recounted::default() };
            all.insert(source.name.clone(), done.unwrap_or_else(failed));
        }
        Ok(all)
    }

    fn recount_source(
        &self,
        source: &Source,
        range: &Range<Window>,
        home: &str,
        dry_run: bool,
    ) -> Result<Recounted> {
        let Some(_lock) = self.lock(&source.name)? else {
            let busy = self.busy(&source.name)?.busy;
            return Ok(Recounted { busy, ..Recounted::default() });
        };
        if !dry_run {
            self.claim(&source.name, home)?;
            self.work(&source.name, home, Default::default())?;
            self.spool.keep_declaration(&source.declaration)?;
        }
        let (plan, mut done) = (Plan::new(source), Recounted::default());
        let hours = self.hours(&source.name, range)?;
        self.progress.begin(source.name.as_str(), hours.len());
        for hour in &hours {
            match self.recount_hour(&plan, *hour, home, dry_run) {
                Ok((before, after)) => {
                    done.hours += 1;
                    done.before.add(before);
                    done.after.add(after);
                }
                Err(error) => done.failed.push(error.context(format!("hour {hour}"))),
            }
            self.progress.step();
        }
        if !dry_run {
            self.tidy(&source.name, &hours)?;
        }
        Ok(done)
    }

    /// The hours that have an entry, or snapshots in the archive.
    fn hours(&self, source: &SourceName, range: &Range<Window>) -> Result<BTreeSet<Window>> {
        let mut hours = BTreeSet::new();
        let days = range.start.day()..=range.end.previous().day();
        for day in self.store.days(source)?.into_iter().filter(|day| days.contains(day)) {
            let ledger = Ledger::new(self.store.ledger(source, day)?);
            hours.extend(ledger.live(None).map(|entry| entry.hour));
        }
        let mut day = *days.start();
        while day <= *days.end() {
            hours.extend(self.spool.archived(source, day)?.iter().map(SnapshotId::window));
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        hours.retain(|hour| range.contains(hour));
        Ok(hours)
    }

    fn recount_hour(
        &self,
        plan: &Plan,
        hour: Window,
        home: &str,
        dry_run: bool,
    ) -> Result<(Tally, Tally)> {
        let source = plan.source();
        let mut tried: Option<(String, Tally, Tally)> = None;
        for _ in 0..TRIES {
            let ledger = Ledger::new(self.store.ledger(&source.name, hour.day())?);
            // The answer to an earlier try may have been lost on its way.
            if let Some((batch, before, after)) = &tried
                && let Some(entry) = ledger.of_batch(batch)
            {
                remove_losers(self.store, &source.name, hour, batch, &entry.commit)?;
                return Ok((*before, *after));
            }
            let files = self.files(&ledger, source, hour)?;
            let counted = count(self.spool, plan, hour, &files)?;
            let before = before(&ledger, hour);
            let after = after(&counted);
            if dry_run {
                return Ok((before, after));
            }
            let entry = self.write(plan, hour, home, &ledger, &files, counted)?;
            tried = Some((entry.batch.clone(), before, after));
            match self.store.append(&entry) {
                Ok(true) => {
                    self.discharge(&entry, &files)?;
                    let Entry { batch, commit, .. } = &entry;
                    remove_losers(self.store, &source.name, hour, batch, commit)?;
                    return Ok((before, after));
                }
                Ok(false) | Err(store::Error::Unknown { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(anyhow!("other entries came first, {TRIES} times"))
    }

    /// The bytes of every snapshot of the hour, or a refusal that names those that are gone.
    fn files(&self, ledger: &Ledger, source: &Source, hour: Window) -> Result<Vec<File>> {
        let named = ledger.found_in(hour);
        let named = named.keys().filter_map(|id| SnapshotId::parse(id));
        let archived = self.spool.archived(&source.name, hour.day())?;
        let own = archived.into_iter().filter(|id| id.window() == hour);
        let ids: BTreeSet<SnapshotId> = named.chain(own).collect();
        let (mut files, mut absent) = (Vec::new(), Vec::new());
        for id in ids {
            match self.spool.kept(&id)? {
                Some(path) => files.push(File { id, path, want: Missing::All }),
                None => absent.push(id.to_string()),
            }
        }
        if let Some(first) = absent.first() {
            bail!(
                "{} of {} snapshots are neither in an archive nor in quarantine, the first: \
                 {first}\nhint: only what was summarised with summarizer.archive set can be \
                 counted again",
                absent.len(),
                absent.len() + files.len()
            );
        }
        Ok(files)
    }

    /// Writes the rows; quarantines what will still miss items; gives the entry to append.
    fn write(
        &self,
        plan: &Plan,
        hour: Window,
        home: &str,
        ledger: &Ledger,
        files: &[File],
        counted: Counted,
    ) -> Result<Entry> {
        let source = plan.source();
        let ids: Vec<SnapshotId> = files.iter().map(|file| file.id.clone()).collect();
        let (digest, number) = (source.declaration.digest, ledger.next_number());
        let batch = recount_id(&source.name, hour, digest, ledger.last_of(hour), &ids);
        let commit = commit_id(&batch, chance());
        let (docs, digests) = documents(&counted.rows);
        let header = Header {
            source: source.name.clone(),
            hour,
            batch: batch.clone(),
            commit: commit.clone(),
            written: self.clock.now(),
        };
        self.store.put(&header, table(source), &docs)?;
        for file in files {
            let missing = counted.missing.get(&file.id.to_string()).cloned();
            let missing = missing.unwrap_or(Missing::All);
            if missing != Missing::Nothing {
                let want = File { id: file.id.clone(), path: file.path.clone(), want: missing };
                self.spool.detain(&file.id, &file.path, &reason(self.spool, plan, &want)?)?;
            }
        }
        Ok(Entry {
            source: source.name.clone(),
            number,
            hour,
            batch,
            commit,
            kind: Kind::Recount,
            rows: docs.len() as u64,
            checksum: crate::domain::row::checksum(digests).hex(),
            declaration: digest.hex(),
            numbering: source.numbering(),
            home: home.into(),
            snapshots: counted.missing,
        })
    }

    /// What is whole now leaves quarantine.
    fn discharge(&self, entry: &Entry, files: &[File]) -> Result<()> {
        let whole =
            |file: &&File| entry.snapshots.get(&file.id.to_string()) == Some(&Missing::Nothing);
        let whole: Vec<(SnapshotId, PathBuf)> =
            files.iter().filter(whole).map(|file| (file.id.clone(), file.path.clone())).collect();
        Ok(self.spool.discharge(&whole)?)
    }
}

fn before(ledger: &Ledger, hour: Window) -> Tally {
    let found = ledger.found_in(hour);
    Tally {
        snapshots: found.len() as u64,
        rows: ledger.live(Some(hour)).map(|entry| entry.rows).sum(),
        unread: found.values().filter(|missing| **missing != Missing::Nothing).count() as u64,
    }
}

fn after(counted: &Counted) -> Tally {
    let unread = counted.missing.values().filter(|missing| **missing != Missing::Nothing);
    Tally {
        snapshots: counted.missing.len() as u64,
        rows: counted.rows.len() as u64,
        unread: unread.count() as u64,
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.snapshots += other.snapshots;
        self.rows += other.rows;
        self.unread += other.unread;
    }
}
