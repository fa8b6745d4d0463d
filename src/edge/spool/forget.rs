//! Forgetting on disk: whatever there is of a source in `data/` and in the archive.

use super::batch::DECLARATION;
use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::Instant;
use std::path::{Path, PathBuf};

/// How many files there are of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Holdings {
    /// Waiting in plain sight.
    pub waiting: u64,
    /// In batches at work.
    pub batched: u64,
    pub quarantined: u64,
    pub archived: u64,
}

impl Spool {
    /// What there is of a source from before an instant.
    pub fn holdings(&self, source: &SourceName, before: Instant) -> Result<Holdings> {
        let count = |folders: Vec<PathBuf>| -> Result<u64> {
            let mut sum = 0;
            for folder in folders {
                sum += self.snapshots_in(&folder, source)?.len() as u64;
            }
            Ok(sum)
        };
        Ok(Holdings {
            waiting: self.waiting_before(source, before)?.len() as u64,
            batched: count(self.batch_folders(source)?)?,
            quarantined: count(vec![self.quarantine_of(source)])?,
            archived: count(self.archive_folders(source)?)? + self.parcelled(source)?,
        })
    }

    /// Removes all of it, durably.
    pub fn forget(&self, source: &SourceName, before: Instant) -> Result<()> {
        let incoming = self.incoming(source);
        let waiting = self.waiting_before(source, before)?;
        for id in &waiting {
            self.disk.unlink(&incoming.join(id.to_string()))?;
        }
        if !waiting.is_empty() {
            self.disk.sync_dir(&incoming)?;
        }
        for folder in self.batch_folders(source)? {
            self.remove_folder(&folder)?;
        }
        self.remove_folder(&self.quarantine_of(source))?;
        for folder in self.archive_folders(source)? {
            self.remove_folder(&folder)?;
        }
        self.remove_empty_years(source)?;
        self.forget_parcels(source)?;
        self.forget_recounts(source)?;
        self.forget_aged(source)?;
        self.forget_last(source)
    }

    fn waiting_before(&self, source: &SourceName, before: Instant) -> Result<Vec<SnapshotId>> {
        let mut ids = self.waiting(source)?.snapshots;
        ids.retain(|id| id.instant() < before);
        Ok(ids)
    }

    fn batch_folders(&self, source: &SourceName) -> Result<Vec<PathBuf>> {
        let parent = self.batches(source);
        let mut names = self.disk.folders(&parent)?;
        names.retain(|name| name.ends_with(".open") || name.ends_with(".sealed"));
        Ok(names.iter().map(|name| parent.join(name)).collect())
    }

    fn archive_folders(&self, source: &SourceName) -> Result<Vec<PathBuf>> {
        let days = self.archived_days(source)?;
        Ok(days.iter().filter_map(|day| self.day_folder(source, *day)).collect())
    }

    /// Removes a folder with the files in it. A batch loses its declaration last: without, what
    /// a dead run left of it could not be finished.
    fn remove_folder(&self, folder: &Path) -> Result<()> {
        if !self.disk.is_there(folder)? {
            return Ok(());
        }
        let mut names = self.disk.list(folder)?;
        names.sort_by_key(|name| name == DECLARATION);
        for name in names {
            self.disk.unlink(&folder.join(name))?;
        }
        self.disk.remove_dir(folder)?;
        Ok(folder.parent().map_or(Ok(()), |parent| self.disk.sync_dir(parent))?)
    }

    /// The folders of months, years and the source itself, once nothing is in them.
    fn remove_empty_years(&self, source: &SourceName) -> Result<()> {
        let Some(root) = self.archive().map(|archive| archive.join(source.as_str())) else {
            return Ok(());
        };
        let years = self.disk.list(&root)?.into_iter().map(|year| root.join(year));
        for year in years.filter(|year| year.is_dir()) {
            for month in self.disk.list(&year)? {
                self.remove_if_empty(&year.join(month))?;
            }
            self.remove_if_empty(&year)?;
        }
        self.remove_if_empty(&root)
    }

    fn remove_if_empty(&self, folder: &Path) -> Result<()> {
        if folder.is_dir() && self.disk.list(folder)?.is_empty() {
            self.disk.remove_dir(folder)?;
        }
        Ok(())
    }
}
