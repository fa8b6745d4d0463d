//! Finished reports, in `reports/` of the home: whole or not there. Beside each, in the state,
//! the digest of the data it shows, so that a later run knows when it is out of date.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::screen::Edition;
use crate::domain::time::Instant;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The file that describes an export; it is written last.
pub const PACKAGE: &str = "datapackage.json";

/// More of a report is not sent to anybody.
const REPORT_BYTES: u64 = 64 << 20;

/// The end of the digest of a report that shows no data at all.
pub const VOID: &str = " void";

impl Spool {
    /// The same spool, whose reports go to another folder; nothing is remembered of those.
    pub fn reporting(self, folder: Option<PathBuf>) -> Spool {
        Spool { reports: folder, ..self }
    }

    /// Whether a finished report of the home shows data, and one of this digest would show none.
    pub fn would_lose(&self, stem: &str, digest: &str) -> Result<bool> {
        // Of those elsewhere nothing is remembered.
        let known = if self.reports.is_none() { self.report_digest(stem)? } else { None };
        Ok(digest.ends_with(VOID) && known.is_some_and(|known| !known.ends_with(VOID)))
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

    /// What was remembered by a name; nothing where that cannot be read.
    pub fn remembered_as(&self, name: &str) -> String {
        let text = self.disk.read_small(&self.digest_path(name)).ok().flatten();
        String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
    }

    /// The newest report in `reports/`, and when it was written.
    pub fn newest_report(&self) -> Result<Option<(String, Instant)>> {
        let folder = self.home().join("reports");
        let names = self.disk.files(&folder)?.into_iter();
        let reports = names.filter(|name| name.starts_with("daybook_") && name.ends_with(".pdf"));
        let dated = reports.filter_map(|name| {
            let written = self.disk.written(&folder.join(&name))?;
            Some((name, written))
        });
        Ok(dated.max_by_key(|(name, written)| (*written, name.clone())))
    }

    /// The finished reports of the home, the newest first.
    pub fn editions(&self) -> Result<Vec<Edition>> {
        let folder = self.home().join("reports");
        let names = self.disk.files(&folder)?.into_iter();
        let edition = |name: String| {
            let stem = name.strip_suffix(".pdf").filter(|stem| stem.starts_with("daybook_"))?;
            let path = folder.join(&name);
            let (stem, bytes) = (stem.to_string(), self.disk.bytes(&path));
            let has_picture = self.picture_path(&stem).exists();
            Some(Edition { stem, written: self.disk.written(&path)?, bytes, has_picture })
        };
        let mut editions: Vec<Edition> = names.filter_map(edition).collect();
        editions.sort_by(|a, b| b.stem.cmp(&a.stem));
        Ok(editions)
    }

    fn picture_path(&self, stem: &str) -> PathBuf {
        self.state().join("pictures").join(format!("{stem}.png"))
    }

    /// Keeps a picture of the front page of a report. Who may not write there has none.
    pub fn keep_picture(&self, stem: &str, bytes: &[u8]) -> Result<()> {
        if self.reports.is_some() {
            return Ok(());
        }
        let path = self.picture_path(&format!("daybook_{stem}"));
        let folder = path.parent().map_or(Ok(()), |folder| self.disk.make_dir(folder));
        match folder.and_then(|()| self.disk.replace(&path, bytes)) {
            Err(error) if error.is_refused() => Ok(()),
            other => Ok(other?),
        }
    }

    /// The picture of the front page of a finished report.
    pub fn front_page(&self, stem: &str) -> Result<Option<Vec<u8>>> {
        let known = self.editions()?.into_iter().any(|edition| edition.stem == stem);
        match known && self.picture_path(stem).exists() {
            true => Ok(Some(self.disk.read_first(&self.picture_path(stem), REPORT_BYTES)?)),
            false => Ok(None),
        }
    }

    /// The bytes of a finished report of the home.
    pub fn edition(&self, stem: &str) -> Result<Option<Vec<u8>>> {
        let known = self.editions()?.into_iter().any(|edition| edition.stem == stem);
        let path = self.home().join("reports").join(format!("{stem}.pdf"));
        match known && self.disk.bytes(&path) <= REPORT_BYTES {
            true => Ok(Some(self.disk.read_first(&path, REPORT_BYTES)?)),
            false => Ok(None),
        }
    }

    /// Takes the package of an earlier export away, then those of its files that the next one will
    /// not write: a package only ever stands beside the files that it describes.
    pub fn begin_export(&self, folder: &Path, next: &BTreeSet<String>) -> Result<()> {
        self.disk.make_dir(folder)?;
        let package = folder.join(PACKAGE);
        // What is no package, or none that can be read, names no files.
        let text = match self.disk.read_small(&package) {
            Ok(None) => return Ok(()),
            read => read.ok().flatten().unwrap_or_default(),
        };
        self.disk.unlink(&package)?;
        self.disk.sync_dir(folder)?;
        let doc = serde_json::from_slice(&text).map_or(Doc::Null, Doc::from_json);
        let known = doc.get("resources").as_list().unwrap_or_default().iter();
        let paths = known.filter_map(|resource| resource.get("path").as_text().ok());
        // Nobody but an export wrote it, but who knows: nothing outside of the folder is touched.
        let own = paths.filter(|path| !path.contains('/') && !next.contains(*path));
        own.map(|path| folder.join(path)).try_for_each(|path| self.disk.unlink(&path))?;
        Ok(self.disk.sync_dir(folder)?)
    }

    /// Writes one file of an export, whole or not at all.
    pub fn write_export(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(self.disk.replace(&folder.join(name), bytes)?)
    }

    /// The digest of the data that a report shows; `None` when the report is not there.
    pub fn report_digest(&self, stem: &str) -> Result<Option<String>> {
        if !self.report_path(stem).exists() {
            return Ok(None);
        }
        // One that cannot be read is another than that of today: the report is made again.
        let digest = self.disk.read_small(&self.digest_path(stem)).ok().flatten();
        let digest = digest.unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(&digest).into_owned()))
    }
}
