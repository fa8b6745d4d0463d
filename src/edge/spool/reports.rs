//! Finished reports, in `reports/` of the home: whole or not there. Beside each, in the state,
//! the digest of the data it shows, so that a later run knows when it is out of date.

use super::{Result, Spool};
use std::path::{Path, PathBuf};

impl Spool {
    fn report_path(&self, stem: &str) -> PathBuf {
        self.home().join("reports").join(format!("daybook_{stem}.pdf"))
    }

    fn digest_path(&self, stem: &str) -> PathBuf {
        self.state().join("reports").join(stem)
    }

    /// Writes a report, then the digest of its data; the report's path.
    pub fn write_report(&self, stem: &str, bytes: &[u8], digest: &str) -> Result<PathBuf> {
        let (path, beside) = (self.report_path(stem), self.digest_path(stem));
        for folder in [&path, &beside].into_iter().filter_map(|path| path.parent()) {
            self.disk.make_dir(folder)?;
        }
        self.disk.replace(&path, bytes)?;
        self.disk.replace(&beside, digest.as_bytes())?;
        Ok(path)
    }

    /// Of a report that shows what there is now, though the digest was another.
    pub fn remember_digest(&self, stem: &str, digest: &str) -> Result<()> {
        Ok(self.disk.replace(&self.digest_path(stem), digest.as_bytes())?)
    }

    /// Writes one file of an export, whole or not at all.
    pub fn write_export(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
        self.disk.make_dir(folder)?;
        Ok(self.disk.replace(&folder.join(name), bytes)?)
    }

    /// The digest of the data that a report shows; `None` when the report is not there.
    pub fn report_digest(&self, stem: &str) -> Result<Option<String>> {
        if !self.report_path(stem).exists() {
            return Ok(None);
        }
        let digest = self.disk.read_if_there(&self.digest_path(stem))?.unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(&digest).into_owned()))
    }
}
