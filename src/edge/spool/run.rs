//! One run and its journal. A set of snapshots lands so: temporary files, synced; one journal
//! line that names the whole set, synced: the point of no return; links to the names, never
//! over another; the folders synced; the temporaries removed.

use super::{Error, Result, Spool};
use crate::domain::journal::{Event, Landing, Line};
use crate::domain::name::SourceName;
use crate::domain::snapshot::{Origin, SnapshotId};
use crate::domain::source::Declaration;
use crate::domain::time::{Instant, stamp};
use crate::edge::disk::{Appender, Draft, Failed, Lock};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
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
    /// What is staged and may not be on the disk yet.
    drafts: Vec<Draft>,
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
        Err(Error::Odd(format!("cannot begin a run of the {tier}: its folders are taken")))
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
        let (drafts, place, broken) = (Vec::new(), 0, false);
        let mut run = Run { spool, name, started, folder, journal, drafts, place, broken, lock };
        run.note(started, vec![Event::Started])?;
        Ok(Some(run))
    }
}

/// Folders that are tried for a run.
const TRIES: u32 = 5;

impl Run {
    /// Gives files without a name, for what is on its way.
    pub fn shelf(&self) -> impl Fn() -> std::io::Result<File> + Send + Sync + 'static {
        let (disk, folder) = (self.spool.disk.clone(), self.folder.clone());
        move || disk.nameless(&folder).map_err(std::io::Error::other)
    }

    /// Writes a temporary file for a snapshot. Nothing has landed yet, nor is on the disk.
    pub fn stage(&mut self, id: &SnapshotId, content: Content) -> Result<()> {
        let path = self.folder.join(id.to_string());
        match content {
            Content::Bytes(bytes) => self.drafts.push(self.spool.disk.draft(&path, bytes)?),
            Content::File(file) => drop(self.spool.disk.link(file, &path)?),
        }
        Ok(())
    }

    /// Lands sets of staged snapshots, as one group with one sync of the journal; gives what
    /// became of each. One that fails after the journal named it is left to a sweep, and does
    /// not keep the others from their names.
    pub fn land(&mut self, at: Instant, sets: Vec<Landing>) -> Result<Vec<Result<()>>> {
        let mut lost = self.sync_staged();
        self.spool.disk.sync_dir(&self.folder)?;
        let fate = |set: &Landing| set.snapshots.iter().find_map(|id| lost.remove(&id.to_string()));
        let fates: Vec<Option<Error>> = sets.iter().map(fate).collect();
        let sound = sets.into_iter().zip(&fates).filter(|(_, lost)| lost.is_none());
        let sound: Vec<Landing> = sound.map(|(set, _)| set).collect();
        let ids: Vec<Vec<SnapshotId>> = sound.iter().map(|set| set.snapshots.clone()).collect();
        let mut published = self.promise(at, sound, &ids)?.into_iter();
        let become_of = |lost: Option<Error>| match lost {
            Some(error) => Err(error),
            None => published.next().unwrap_or(Ok(())),
        };
        Ok(fates.into_iter().map(become_of).collect())
    }

    /// Makes what is staged durable; whose bytes are not, by their names.
    fn sync_staged(&mut self) -> BTreeMap<String, Error> {
        let drafts = std::mem::take(&mut self.drafts);
        let synced = self.spool.disk.sync_drafts(&drafts).into_iter();
        let failed = drafts.iter().zip(synced).filter_map(|(draft, synced)| {
            let name = draft.path().file_name()?.to_str()?;
            Some((name.to_string(), synced.err()?.into()))
        });
        failed.collect()
    }

    /// From here on there is no way back.
    fn promise(
        &mut self,
        at: Instant,
        sets: Vec<Landing>,
        ids: &[Vec<SnapshotId>],
    ) -> Result<Vec<Result<()>>> {
        if sets.is_empty() {
            return Ok(Vec::new());
        }
        let broken = std::mem::replace(&mut self.broken, true);
        self.note(at, sets.into_iter().map(Event::Landed).collect())?;
        let published = self.spool.publish(&self.folder, ids);
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
            return Err(Error::Odd(why));
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
        let left: Vec<Result<Vec<&SnapshotId>>> =
            sets.iter().map(|ids| self.left_in(folder, ids)).collect();
        let incoming = |id: &&SnapshotId| self.incoming(id.source());
        let homes: BTreeSet<PathBuf> = left.iter().flatten().flatten().map(incoming).collect();
        let homes: Vec<PathBuf> = homes.into_iter().collect();
        let lacking = Failed::of(&homes, self.disk.make_dirs(&homes));
        let linked = left.into_iter().map(|ids| self.link_all(folder, ids?, &lacking));
        let linked: Vec<Result<Vec<&SnapshotId>>> = linked.collect();
        let touched: BTreeSet<PathBuf> = linked.iter().flatten().flatten().map(incoming).collect();
        let touched: Vec<PathBuf> = touched.into_iter().collect();
        let unsynced = Failed::of(&touched, self.disk.sync_dirs(&touched));
        let finish = |(ids, linked): (&Vec<SnapshotId>, Result<Vec<&SnapshotId>>)| {
            linked?.iter().try_for_each(|id| unsynced.tell(&self.incoming(id.source())))?;
            ids.iter().try_for_each(|id| Ok(self.disk.unlink(&folder.join(id.to_string()))?))
        };
        sets.iter().zip(linked).map(finish).collect()
    }

    /// Those of a set that have a temporary.
    fn left_in<'s>(&self, folder: &Path, ids: &'s [SnapshotId]) -> Result<Vec<&'s SnapshotId>> {
        let mut left = Vec::new();
        for id in ids {
            if self.disk.is_there(&folder.join(id.to_string()))? {
                left.push(id);
            }
        }
        Ok(left)
    }

    /// Gives temporaries their names.
    fn link_all<'s>(
        &self,
        folder: &Path,
        ids: Vec<&'s SnapshotId>,
        lacking: &Failed,
    ) -> Result<Vec<&'s SnapshotId>> {
        for id in &ids {
            let (name, incoming) = (id.to_string(), self.incoming(id.source()));
            lacking.tell(&incoming)?;
            self.disk.link(&folder.join(&name), &incoming.join(&name))?;
        }
        Ok(ids)
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
            page: None,
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
