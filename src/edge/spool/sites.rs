//! The folders of a home as they are, for an examination: nothing is made or changed.

use super::{Result, Spool};
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
