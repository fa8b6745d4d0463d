//! Finished reports, in `reports/` of the home: whole or not there. Beside each, in the state,
//! the digest of the data it shows, so that a later run knows when it is out of date.

use super::{Result, Spool};
use std::path::{Path, PathBuf};

impl Spool {
    /// The same spool, whose reports go to another folder; nothing is remembered of those.
    pub fn reporting(self, folder: Option<PathBuf>) -> Spool {
        Spool { reports: folder, ..self }
    }

    fn report_path(&self, stem: &str) -> PathBuf {
        let folder = self.reports.clone().unwrap_or_else(|| self.home().join("reports"));
        folder.join(format!("daybook_{stem}.pdf"))
    }

    fn digest_path(&self, stem: &str) -> PathBuf {
        self.state().join("reports").join(stem)
    }

    /// Writes a report, then the digest of its data; the report's path.
    pub fn write_report(&self, stem: &str, bytes: &[u8], digest: &str) -> Result<PathBuf> {
        let path = self.report_path(stem);
        if let Some(folder) = path.parent() {
            self.disk.make_dir(folder)?;
        }
        self.disk.replace(&path, bytes)?;
        if self.reports.is_none() {
            self.remember_digest(stem, digest)?;
        }
        Ok(path)
    }

    /// Remembers what data a report shows. Who may not write there makes it again another time.
    pub fn remember_digest(&self, stem: &str, digest: &str) -> Result<()> {
        let path = self.digest_path(stem);
        let folder = path.parent().map_or(Ok(()), |folder| self.disk.make_dir(folder));
        match folder.and_then(|()| self.disk.replace(&path, digest.as_bytes())) {
            Err(error) if error.is_refused() => Ok(()),
            other => Ok(other?),
        }
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
