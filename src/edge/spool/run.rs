//! One run and its journal. A set of snapshots lands so: temporary files, synced; one journal
//! line that names the whole set, synced: the point of no return; links to the names, never
//! over another; the folders synced; the temporaries removed.

use super::{Result, Spool};
use crate::domain::journal::{Event, Landing, Line};
use crate::domain::name::SourceName;
use crate::domain::snapshot::{Origin, SnapshotId};
use crate::domain::source::Declaration;
use crate::domain::time::{Instant, stamp};
use crate::edge::disk::{Appender, Lock};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The bytes of a snapshot about to land.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    Bytes(&'a [u8]),
    /// A file that already holds them: the last body, which landed before.
    File(&'a Path),
}

/// A live run: its folder in `data/.tmp/`, under a lock, with its journal.
#[derive(Debug)]
pub struct Run {
    spool: Spool,
    name: String,
    started: Instant,
    folder: PathBuf,
    journal: Appender,
    place: u32,
    /// A landing was begun and not finished: only a sweep may finish it.
    broken: bool,
    lock: Lock,
}

pub(super) const JOURNAL: &str = "journal";
pub(super) const CLOSED: &str = "journal.closed";
pub(super) const LOCK: &str = "lock";

impl Spool {
    /// Starts a run of a tier. A run with nothing to do does not start one. A sweeper may take
    /// the folder before its lock is held: then another name is tried.
    pub fn begin(&self, tier: &str, started: Instant, chance: u64) -> Result<Run> {
        for attempt in 0..TRIES {
            let number = (chance as u32).wrapping_add(attempt);
            let name = format!("{tier}-{}-{number:08x}", stamp(started));
            if let Some(run) = self.try_begin(&name, started)? {
                return Ok(run);
            }
        }
        Err(super::Error::Odd(format!("cannot begin a run of the {tier}: its folders are taken")))
    }

    fn try_begin(&self, name: &str, started: Instant) -> Result<Option<Run>> {
        let folder = self.tmp().join(name);
        let begun = self.begin_in(&folder, name, started);
        // On a full disk each try would leave one more.
        begun.inspect_err(|_| drop(self.remove_run(&folder)))
    }

    fn begin_in(&self, folder: &Path, name: &str, started: Instant) -> Result<Option<Run>> {
        self.disk.make_dir(folder)?;
        let lock = match self.disk.lock(&folder.join(LOCK), &format!("{}\n", std::process::id())) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Ok(None),
            Err(_) if !folder.exists() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let journal = self.disk.append_to(&folder.join(JOURNAL))?;
        self.disk.sync_dir(folder)?;
        let (spool, name, folder) = (self.clone(), name.to_string(), folder.to_path_buf());
        let mut run = Run { spool, name, started, folder, journal, place: 0, broken: false, lock };
        run.note(started, vec![Event::Started])?;
        Ok(Some(run))
    }
}

/// Folders that are tried for a run.
const TRIES: u32 = 5;

impl Run {
    /// Writes a temporary file for a snapshot. Nothing has landed yet.
    pub fn stage(&self, id: &SnapshotId, content: Content) -> Result<()> {
        let path = self.folder.join(id.to_string());
        match content {
            Content::Bytes(bytes) => self.spool.disk.write_new(&path, bytes)?,
            Content::File(file) => drop(self.spool.disk.link(file, &path)?),
        }
        Ok(())
    }

    /// Lands sets of staged snapshots, as one group with one sync of the journal; gives what
    /// became of each. One that fails after the journal named it is left to a sweep, and does
    /// not keep the others from their names.
    pub fn land(&mut self, at: Instant, sets: Vec<Landing>) -> Result<Vec<Result<()>>> {
        let ids: Vec<Vec<SnapshotId>> = sets.iter().map(|set| set.snapshots.clone()).collect();
        self.spool.disk.sync_dir(&self.folder)?;
        let broken = std::mem::replace(&mut self.broken, true);
        self.note(at, sets.into_iter().map(Event::Landed).collect())?;
        let published = self.spool.publish(&self.folder, &ids);
        self.broken = broken || published.iter().any(Result::is_err);
        Ok(published)
    }

    /// Writes and syncs lines of the journal.
    pub fn note(&mut self, at: Instant, events: Vec<Event>) -> Result<()> {
        let mut text = String::new();
        let mut place = self.place;
        for event in events {
            let line = Line { run: self.name.clone(), place, at, event };
            text.push_str(&line.json());
            place += 1;
        }
        self.journal.append(&text)?;
        self.place = place;
        Ok(())
    }

    /// Whether a landing was begun and not finished: then the journal cannot be closed.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Closes the journal by one rename, and lands it.
    pub fn close(mut self, at: Instant, declaration: &Declaration) -> Result<()> {
        if self.broken {
            let why = format!("a landing of {} is not finished; the next run will", self.name);
            return Err(super::Error::Odd(why));
        }
        self.note(at, vec![Event::Ended])?;
        let Run { spool, folder, started, lock, .. } = self;
        spool.disk.rename(&folder.join(JOURNAL), &folder.join(CLOSED))?;
        spool.disk.sync_dir(&folder)?;
        spool.land_journal(&folder, started, declaration)?;
        drop(lock);
        Ok(())
    }
}

impl Spool {
    /// Links landed sets from a run's folder to their names, and removes the temporaries; gives
    /// what became of each set. A snapshot without a temporary has been published before.
    pub(super) fn publish(&self, folder: &Path, sets: &[Vec<SnapshotId>]) -> Vec<Result<()>> {
        let linked: Vec<Result<BTreeSet<PathBuf>>> =
            sets.iter().map(|ids| self.link_set(folder, ids)).collect();
        let mut synced = BTreeSet::new();
        let finish = |(ids, touched): (&Vec<SnapshotId>, Result<BTreeSet<PathBuf>>)| {
            for incoming in touched? {
                if !synced.contains(&incoming) {
                    self.disk.sync_dir(&incoming)?;
                    synced.insert(incoming);
                }
            }
            ids.iter().try_for_each(|id| Ok(self.disk.unlink(&folder.join(id.to_string()))?))
        };
        sets.iter().zip(linked).map(finish).collect()
    }

    /// Gives the folders that have new names.
    fn link_set(&self, folder: &Path, ids: &[SnapshotId]) -> Result<BTreeSet<PathBuf>> {
        let mut touched = BTreeSet::new();
        for id in ids {
            let temporary = folder.join(id.to_string());
            if self.disk.is_there(&temporary)? {
                let incoming = self.incoming(id.source());
                self.disk.make_dir(&incoming)?;
                self.disk.link(&temporary, &incoming.join(id.to_string()))?;
                touched.insert(incoming);
            }
        }
        Ok(touched)
    }

    /// Lands a closed journal as a snapshot, then removes the run's folder.
    pub(super) fn land_journal(
        &self,
        folder: &Path,
        started: Instant,
        declaration: &Declaration,
    ) -> Result<()> {
        let closed = folder.join(CLOSED);
        let (_, digest) = self.disk.digest(&closed)?;
        let source = SourceName::journals();
        let origin = Origin {
            source: &source,
            instant: started,
            item: None,
            recorded: None,
            declaration: declaration.digest,
            ext: "ndjson",
        };
        let id = SnapshotId::new(&origin, digest);
        self.keep_declaration(declaration)?;
        let incoming = self.incoming(&source);
        self.disk.make_dir(&incoming)?;
        self.disk.link(&closed, &incoming.join(id.to_string()))?;
        self.disk.sync_dir(&incoming)?;
        self.remove_run(folder)
    }

    /// Removes a run's folder with what is left in it; its lock goes last.
    pub(super) fn remove_run(&self, folder: &Path) -> Result<()> {
        for name in self.disk.list(folder)?.iter().filter(|name| *name != LOCK) {
            self.disk.unlink(&folder.join(name))?;
        }
        self.disk.unlink(&folder.join(LOCK))?;
        self.disk.remove_dir(folder)?;
        Ok(())
    }
}
