//! A backup of a home and of its store while both are at work. `data/` first, as it is at one
//! moment in which no run is at work on it; then the store: what left `data/` meanwhile is in its
//! ledger, what is in both falls by its name. The manifest comes last: without it there is none.

use super::Progress;
use super::agenda::job;
use super::budget::BACKFILL;
use crate::domain::limits::BACKUP_PATIENCE;
use crate::domain::manifest::{Manifest, Part};
use crate::domain::name::SourceName;
use crate::domain::time::iso;
use crate::edge::clock::{Clock, chance};
use crate::edge::disk::{Disk, Lock};
use crate::edge::spool::{Picture, Runs, Spool};
use crate::edge::store::Reader;
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Files of a backup, and what stands there as long as it is not whole.
pub const MANIFEST: &str = "manifest.json";
pub const UNFINISHED: &str = "backup.unfinished";
pub const HOME: &str = "home";
pub const STORE: &str = "store";
pub const SETTINGS: &str = "daybook.toml";

/// How often it is looked whether a run has ended.
const LOOK: Duration = Duration::from_millis(100);

/// One backup.
pub struct Backup<'a> {
    pub spool: &'a Spool,
    pub disk: Disk,
    pub clock: Clock,
    /// The file of the settings.
    pub settings: &'a Path,
    /// Files beside the declarations that hold keys: none of them goes along.
    pub keys: Vec<PathBuf>,
    /// Sources whose raw answers go after a time, and the longest of these times: a copy of them
    /// that is counted would stay.
    pub passing: BTreeMap<SourceName, Duration>,
    /// Where it is made.
    pub folder: PathBuf,
    pub progress: &'a dyn Progress,
}

/// What was made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Made {
    pub files: u64,
    pub bytes: u64,
    /// What was left out, in words.
    pub left_out: Vec<String>,
    /// What one must know of it who keeps it.
    pub to_know: Vec<String>,
}

impl Backup<'_> {
    /// Makes it. `open` opens the store, once `data/` is copied.
    pub fn make(
        &self,
        declared: &[SourceName],
        open: impl FnOnce() -> Result<Option<Box<dyn Reader>>>,
    ) -> Result<Made> {
        let _lock = self.begin()?;
        let mut made = Made::default();
        let picture = self.picture(declared)?;
        self.data(&picture, &mut made)?;
        self.spool.remove_picture(picture)?;
        self.rest(&mut made)?;
        let store = self.store(open, &mut made)?;
        self.archive(&mut made)?;
        self.end(store, &mut made)?;
        Ok(made)
    }

    /// Takes the folder: a new or empty one, or one in which a backup did not end.
    fn begin(&self) -> Result<Lock> {
        let (mark, shown) = (self.folder.join(UNFINISHED), self.folder.display());
        let is_begun = self.disk.is_there(&mark)?;
        if !is_begun && !self.disk.list(&self.folder)?.is_empty() {
            bail!("{shown} is not empty\nhint: each backup is made in a folder of its own");
        }
        self.disk.make_dir(&self.folder)?;
        let Some(lock) = self.disk.lock(&mark, "")? else {
            bail!("another backup into {shown} is at work");
        };
        self.disk.sync_dir(&self.folder)?;
        self.disk.unlink(&self.folder.join(MANIFEST))?;
        for inner in [HOME, STORE] {
            self.disk.remove_tree(&self.folder.join(inner))?;
            self.disk.make_dir(&self.folder.join(inner))?;
        }
        Ok(lock)
    }

    /// The picture of `data/` under all locks, which end with it.
    fn picture(&self, declared: &[SourceName]) -> Result<Picture> {
        self.progress.begin("waiting for runs at work", 0);
        let mut locks = BTreeMap::new();
        loop {
            self.lock_sources(declared, &mut locks)?;
            let _fetcher = self.wait("the fetcher", || self.lock("fetcher"))?;
            let runs = self.wait("a run that ends what the fetcher began", || {
                let runs = self.spool.dead_runs()?;
                Ok(Some(runs).filter(|runs: &Runs| runs.swept.is_empty()).ok_or(None))
            })?;
            // A source that was fetched for the first time meanwhile is not locked.
            if self.names(declared)?.iter().all(|name| locks.contains_key(name)) {
                return Ok(self.spool.picture(&runs, self.clock.started(), chance())?);
            }
        }
    }

    fn names(&self, declared: &[SourceName]) -> Result<BTreeSet<SourceName>> {
        let mut names: BTreeSet<SourceName> = self.spool.folders()?.into_iter().collect();
        names.extend(declared.iter().cloned());
        names.insert(SourceName::journals());
        Ok(names)
    }

    fn lock_sources(
        &self,
        declared: &[SourceName],
        locks: &mut BTreeMap<SourceName, Lock>,
    ) -> Result<()> {
        for name in self.names(declared)? {
            if let Entry::Vacant(free) = locks.entry(name) {
                let name = free.key();
                let who = format!("the summarizer of {name}");
                let lock = self.wait(&who, || self.lock(&job(name)))?;
                free.insert(lock);
            }
        }
        Ok(())
    }

    /// A lock, or who holds it.
    fn lock(&self, job: &str) -> Result<std::result::Result<Lock, Option<String>>> {
        let holder = format!("{} {}\n", std::process::id(), self.clock.started().timestamp());
        let lock = self.spool.lock(job, &holder)?;
        Ok(lock.ok_or_else(|| self.spool.holder(job)))
    }

    /// Tries something until it is had, within the time of a backup.
    fn wait<T>(
        &self,
        who: &str,
        mut attempt: impl FnMut() -> Result<std::result::Result<T, Option<String>>>,
    ) -> Result<T> {
        loop {
            let holder = match attempt()? {
                Ok(had) => return Ok(had),
                Err(holder) => holder,
            };
            let waited = (self.clock.now() - self.clock.started()).to_std().unwrap_or_default();
            if waited > BACKUP_PATIENCE {
                let process = holder.as_deref().and_then(|text| text.split_whitespace().next());
                bail!(
                    "{who} (process {}) is still at work after {} min: nothing was copied\n\
                     hint: if it hangs, end it: nothing is lost; then try again",
                    process.unwrap_or("?"),
                    BACKUP_PATIENCE.as_secs() / 60
                );
            }
            std::thread::sleep(LOOK);
        }
    }

    fn data(&self, picture: &Picture, made: &mut Made) -> Result<()> {
        self.progress.begin("copying data/", picture.files.len());
        let mut copier = Copier::new(&self.disk);
        let tables = self.tables()?;
        for (path, held) in &picture.files {
            let own = std::path::absolute(self.spool.home().join(path)).unwrap_or_default();
            if self.passes(path) || tables.contains(&own) {
                self.progress.step();
                continue;
            }
            copier.copy(held, &self.folder.join(HOME).join(path))?;
            self.progress.step();
        }
        self.tell_of_passing(picture, made)?;
        if picture.odd > 0 {
            made.left_out.push(format!("{} in data/ that are no regular files", picture.odd));
        }
        Ok(())
    }

    /// Tables that people had made of such answers: theirs is the copy that loses what goes.
    fn tables(&self) -> Result<BTreeSet<PathBuf>> {
        let mut tables = BTreeSet::new();
        for name in self.passing.keys() {
            tables.extend(self.spool.tables_of(name)?);
        }
        Ok(tables)
    }

    /// Tells of raw answers that are left out, and of those that wait and cannot be.
    fn tell_of_passing(&self, picture: &Picture, made: &mut Made) -> Result<()> {
        let archived = self.spool.archived_sources()?;
        let holds = |folder: &str| picture.files.iter().any(|(path, _)| path.starts_with(folder));
        for (name, time) in &self.passing {
            if archived.contains(name) || holds(&format!("data/quarantine/{name}/")) {
                let what = "raw answers of it that are counted or in quarantine";
                made.left_out.push(format!("{name}: {what}, which its terms let nobody keep"));
            }
            if holds(&format!("data/{name}/")) {
                let time = TimeDelta::from_std(*time).unwrap_or_default();
                let day = self.clock.started().after(time).date_naive();
                made.to_know.push(format!(
                    "the backup has answers of {name} that are not counted yet, and its terms let \
                     them be kept until {day}: delete it by then"
                ));
            }
        }
        Ok(())
    }

    /// Whether a file of `data/` is such an answer in quarantine, the last one, or the rows of a
    /// backfill, which begins anew.
    fn passes(&self, path: &str) -> bool {
        self.passing.keys().any(|name| {
            let is_last = path.strip_prefix("data/.state/last/").is_some_and(|file| {
                file.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['.', '_']))
            });
            let survey =
                path.strip_prefix("data/.state/surveys/").and_then(|rest| rest.split_once('/'));
            let is_backfill = survey.is_some_and(|(folder, file)| {
                let item = folder.strip_prefix(name.as_str());
                file.starts_with(BACKFILL)
                    && item.is_some_and(|i| i.is_empty() || i.starts_with("_i-"))
            });
            let is_note = path.strip_prefix("data/.state/tables/") == Some(name.as_str());
            is_last
                || is_backfill
                || is_note
                || path.starts_with(&format!("data/quarantine/{name}/"))
        })
    }

    /// Settings, declarations and lists, reports.
    fn rest(&self, made: &mut Made) -> Result<()> {
        let (home, to) = (self.spool.home(), self.folder.join(HOME));
        self.disk.copy(self.settings, &to.join(SETTINGS))?;
        for (inner, follows) in [("sources", true), ("reports", false)] {
            self.folder_of(&home.join(inner), &to.join(inner), follows)?;
        }
        let keys = self.keys.iter().filter_map(|key| key.strip_prefix(home).ok());
        made.left_out.extend(keys.map(|key| format!("{}: keep it elsewhere", key.display())));
        if self.disk.is_there(&home.join("secrets.toml"))? {
            made.left_out.push("secrets.toml: keep it elsewhere".into());
        }
        Ok(())
    }

    fn folder_of(&self, from: &Path, to: &Path, follows: bool) -> Result<()> {
        self.folder_but(from, to, follows, &|_| false)
    }

    /// The same, but for files with such names below it.
    fn folder_but(
        &self,
        from: &Path,
        to: &Path,
        follows: bool,
        but: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        let mut copier = Copier::new(&self.disk);
        for file in self.disk.tree(from, follows)?.files {
            if self.keys.contains(&from.join(&file)) || but(&file) {
                continue;
            }
            copier.copy(&from.join(&file), &to.join(&file))?;
        }
        Ok(())
    }

    /// The archive, when it is a part of the home. It only grows, so it comes last: what the store
    /// says was counted is archived, or still in `data/`.
    fn archive(&self, made: &mut Made) -> Result<()> {
        if let Some(lake) = self.spool.lake() {
            made.left_out.push(format!("the archive {}: keep it, too", lake.address()));
        }
        let Some(archive) = self.spool.archive() else { return Ok(()) };
        match archive.strip_prefix(self.spool.home()) {
            Ok(inner) => {
                self.progress.begin("copying the archive", 0);
                let passes = |file: &str| {
                    let name = file.split('/').next().and_then(SourceName::parse);
                    name.is_some_and(|name| self.passing.contains_key(&name))
                };
                self.folder_but(archive, &self.folder.join(HOME).join(inner), false, &passes)
            }
            Err(_) => {
                made.left_out.push(format!("the archive {}: copy it too", archive.display()));
                Ok(())
            }
        }
    }

    /// The store's address; empty where there is none yet.
    fn store(
        &self,
        open: impl FnOnce() -> Result<Option<Box<dyn Reader>>>,
        made: &mut Made,
    ) -> Result<String> {
        self.progress.begin("copying the store", 0);
        let Some(store) = open()? else {
            made.left_out.push("a store: this home has fed none yet".into());
            return Ok(String::new());
        };
        store.copy_to(&self.folder.join(STORE))?;
        Ok(store.address().to_string())
    }

    /// Syncs all names, writes the manifest, and takes the mark away.
    fn end(&self, store: String, made: &mut Made) -> Result<()> {
        let mut parts = Vec::new();
        for inner in [HOME, STORE] {
            let folder = self.folder.join(inner);
            for file in self.disk.tree(&folder, false)?.files {
                let (bytes, digest) = self.disk.digest(&folder.join(&file))?;
                parts.push(Part { path: format!("{inner}/{file}"), bytes, digest });
            }
            self.disk.sync_tree(&folder)?;
        }
        made.files = parts.len() as u64;
        made.bytes = parts.iter().map(|part| part.bytes).sum();
        let manifest = Manifest { begun: iso(self.clock.started()), store, parts };
        self.disk.replace(&self.folder.join(MANIFEST), manifest.json().as_bytes())?;
        self.disk.unlink(&self.folder.join(UNFINISHED))?;
        self.disk.sync_dir(&self.folder).context("the backup may not be durable")
    }
}

/// Copies files; names that lead to one file lead to one file again.
pub struct Copier<'a> {
    disk: &'a Disk,
    known: BTreeMap<(u64, u64), PathBuf>,
}

impl Copier<'_> {
    pub fn new(disk: &Disk) -> Copier<'_> {
        Copier { disk, known: BTreeMap::new() }
    }

    /// Copies one, with its folders; one that is gone is left out.
    pub fn copy(&mut self, from: &Path, to: &Path) -> Result<()> {
        if let Some(parent) = to.parent() {
            self.disk.make_dir(parent)?;
        }
        let inode = self.disk.inode(from);
        let known = inode.and_then(|inode| self.known.get(&inode));
        // A file may go meanwhile, and another one get its number.
        if let Some(known) = known
            && self.disk.is_there(from)?
            && self.disk.same(from, known)?
        {
            self.disk.link_or_copy(known, to)?;
        } else if self.disk.copy(from, to)?
            && let Some(inode) = inode
        {
            self.known.insert(inode, to.into());
        }
        Ok(())
    }
}
