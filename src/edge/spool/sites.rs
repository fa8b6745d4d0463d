//! The folders of a home as they are, for an examination: nothing is made or changed.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::edge::disk::site::{Medium, Site, medium, site};
use std::path::{Path, PathBuf};

impl Spool {
    /// The home, the folders in it that the programs write to, those of `data/` to a depth of two,
    /// and the files of what the programs remember, as far as they are there.
    pub fn sites(&self) -> Result<Vec<Site>> {
        let (data, home) = (self.data(), self.home().to_path_buf());
        let mut paths = vec![home, data.clone()];
        for folder in self.disk.branches(&data)? {
            paths.extend(self.disk.branches(&folder).unwrap_or_default());
            paths.push(folder);
        }
        for folder in [self.state(), self.state().join("locks")] {
            let names = self.disk.files(&folder).unwrap_or_default();
            paths.extend(names.iter().map(|name| folder.join(name)));
        }
        paths.extend(self.archive.clone());
        paths.push(self.home().join("reports"));
        Ok(paths.iter().filter_map(|path| site(path)).collect())
    }

    /// What is not a folder, or a link to none, where the programs need one.
    pub fn in_the_way(&self, sources: &[&SourceName]) -> Vec<PathBuf> {
        let data = self.data();
        let mut paths = vec![data.clone()];
        paths.extend([".batches", ".tmp", ".state", "quarantine"].map(|name| data.join(name)));
        for name in sources.iter().map(|source| source.as_str()).chain(["daybook"]) {
            paths.push(data.join(name));
            paths.extend([".batches", "quarantine"].map(|folder| data.join(folder).join(name)));
        }
        paths.extend(self.archive.clone());
        paths.push(self.home().join("reports"));
        paths.retain(|path| path.is_symlink() && !path.is_dir() || path.exists() && !path.is_dir());
        paths
    }

    /// The folder whose disk matters: `data/`, or the home while there is none.
    pub fn ground(&self) -> PathBuf {
        let data = self.data();
        if data.is_dir() { data } else { self.home().into() }
    }

    /// Bytes that are free there, and whether there is room for a few more files.
    pub fn room(&self) -> Result<(u64, bool)> {
        let ground = self.ground();
        Ok((self.disk.free(&ground)?, self.disk.has_room(&ground, 0)?))
    }

    /// What the disk of a path is.
    pub fn medium(&self, path: &Path) -> Medium {
        medium(path)
    }
}
