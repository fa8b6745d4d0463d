//! Finished reports, in `reports/` of the home: whole or not there.

use super::{Result, Spool};
use std::path::PathBuf;

impl Spool {
    /// Writes a report; its path.
    pub fn write_report(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let folder = self.home().join("reports");
        self.disk.make_dir(&folder)?;
        let path = folder.join(name);
        self.disk.replace(&path, bytes)?;
        Ok(path)
    }
}
