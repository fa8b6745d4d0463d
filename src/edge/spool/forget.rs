//! Forgetting: all files of a source are counted, and removed; what turns up later of a source
//! that was forgotten is turned away.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use std::path::{Path, PathBuf};

/// How many files a source has, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Files {
    pub waiting: usize,
    pub batched: usize,
    pub quarantined: usize,
    pub archived: usize,
}

impl Spool {
    pub fn files(&self, source: &SourceName) -> Result<Files> {
        let count = |folder: &Path| -> Result<usize> { Ok(self.below(folder)?.len()) };
        Ok(Files {
            waiting: count(&self.incoming(source))?,
            batched: count(&self.batches(source))?,
            quarantined: count(&self.quarantine_of(source))?,
            archived: self.archive_of(source).map_or(Ok(0), |folder| count(&folder))?,
        })
    }

    /// Removes every file of a source, and what was remembered for its next request.
    pub fn erase(&self, source: &SourceName) -> Result<()> {
        let own = [self.incoming(source), self.batches(source), self.quarantine_of(source)];
        for folder in own.into_iter().chain(self.archive_of(source)) {
            for path in self.below(&folder)? {
                self.disk.unlink(&path)?;
            }
            self.remove_folders(&folder)?;
        }
        for path in self.below(&self.last())? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let rest = name.strip_prefix(source.as_str());
            if rest.is_some_and(|rest| rest.starts_with(['_', '.'])) {
                self.disk.unlink(&path)?;
            }
        }
        let mut states = self.states();
        if states.remove(source).is_some() {
            self.remember_states(&states)?;
        }
        Ok(())
    }

    /// All files below a folder.
    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for name in self.disk.list(folder)? {
            let path = folder.join(name);
            match path.is_dir() {
                true => found.extend(self.below(&path)?),
                false => found.push(path),
            }
        }
        Ok(found)
    }

    fn remove_folders(&self, folder: &Path) -> Result<()> {
        for name in self.disk.list(folder)? {
            let path = folder.join(name);
            if path.is_dir() {
                self.remove_folders(&path)?;
            }
        }
        Ok(self.disk.remove_dir(folder)?)
    }

    /// Moves files of a forgotten source to quarantine, each with the reason.
    pub fn turn_away(&self, files: &[(SnapshotId, PathBuf)], reason: &str) -> Result<()> {
        for (id, path) in files {
            self.quarantine(id, path, reason)?;
        }
        for (_, path) in files {
            self.disk.unlink(path)?;
        }
        Ok(())
    }
}
