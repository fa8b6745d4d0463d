//! The archive: a folder to which every snapshot of a committed batch goes, verified, before it
//! leaves the spool: `<source>/<yyyy>/<mm>/<dd>/<name>`, and the declarations by their hash.
//! An archive alone suffices to build a store anew.

use super::{Error, Result, Sealed, Spool};
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Declaration;
use crate::domain::time::Day;
use crate::edge::disk::Linked;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

impl Spool {
    /// The same spool, with an archive.
    pub fn with_archive(mut self, folder: Option<PathBuf>) -> Spool {
        self.archive = folder;
        self
    }

    /// Archives a committed batch, if an archive is set: nothing leaves the spool before.
    pub(super) fn archive(&self, sealed: &Sealed) -> Result<()> {
        let Some(folder) = &self.archive else { return Ok(()) };
        let declaration = Declaration::new(&sealed.declaration);
        let texts = folder.join("declarations");
        let text = texts.join(format!("{}.toml", declaration.short()));
        if !self.disk.is_there(&text)? {
            self.disk.make_dir(&texts)?;
            self.disk.replace(&text, declaration.text.as_bytes())?;
        }
        let mut touched = BTreeSet::new();
        for id in &sealed.snapshots {
            let place = place(folder, id.source(), id.instant().date_naive());
            self.disk.make_dir(&place)?;
            self.archive_file(&sealed.path(id), &place.join(id.to_string()))?;
            touched.insert(place);
        }
        touched.iter().try_for_each(|folder| Ok(self.disk.sync_dir(folder)?))
    }

    fn archive_file(&self, from: &Path, to: &Path) -> Result<()> {
        match self.disk.link(from, to) {
            Ok(Linked::Made | Linked::Taken) => {}
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let bytes = self.disk.read(from)?;
                self.disk.replace(to, &bytes)?;
            }
            Err(error) => return Err(error.into()),
        }
        if self.disk.same(from, to)? {
            return Ok(());
        }
        let to = to.display();
        Err(Error::Odd(format!("the archive holds other bytes under the name {to}")))
    }

    /// What the archive holds of a source's day, in order.
    pub fn archived(&self, source: &SourceName, day: Day) -> Result<Vec<SnapshotId>> {
        let Some(folder) = &self.archive else { return Ok(Vec::new()) };
        let names = self.disk.list(&place(folder, source, day))?;
        let ids = names.iter().filter_map(|name| SnapshotId::parse(name));
        Ok(ids.filter(|id| id.source() == source).collect())
    }

    /// A file that holds a snapshot's bytes, in the archive or in quarantine.
    pub fn kept(&self, id: &SnapshotId) -> Result<Option<PathBuf>> {
        let archived = self.archive.as_ref().map(|folder| {
            place(folder, id.source(), id.instant().date_naive()).join(id.to_string())
        });
        let quarantined = self.quarantine_of(id.source()).join(id.to_string());
        for path in archived.into_iter().chain([quarantined]) {
            if self.disk.is_there(&path)? {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// The folder of a source in the archive.
    pub(super) fn archive_of(&self, source: &SourceName) -> Option<PathBuf> {
        self.archive.as_ref().map(|folder| folder.join(source.as_str()))
    }
}

fn place(folder: &Path, source: &SourceName, day: Day) -> PathBuf {
    folder.join(source.as_str()).join(day.format("%Y/%m/%d").to_string())
}
