//! The quarantine: snapshots with items that could not be read, each beside its reason.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::shown;
use crate::domain::snapshot::SnapshotId;
use crate::edge::disk::Linked;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A snapshot in quarantine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantined {
    pub id: SnapshotId,
    pub reason: String,
}

impl Spool {
    pub(super) fn quarantine_of(&self, source: &SourceName) -> PathBuf {
        self.data().join("quarantine").join(source.as_str())
    }

    /// Gives a snapshot a place in quarantine, beside its reason. Should its name be taken there
    /// by other bytes, both are kept: the second under a name of its own.
    pub fn quarantine(&self, id: &SnapshotId, file: &Path, reason: &str) -> Result<()> {
        let folder = self.quarantine_of(id.source());
        self.disk.make_dir(&folder)?;
        let mut place = folder.join(id.to_string());
        for copy in 2..1000 {
            let taken = self.disk.link_or_copy(file, &place)? == Linked::Taken;
            if !taken || self.disk.same(file, &place)? {
                break;
            }
            place = folder.join(format!("{id}.{copy}"));
        }
        let mut beside = place.into_os_string();
        beside.push(".reason");
        self.disk.replace(Path::new(&beside), shown::lines(reason).as_bytes())?;
        Ok(self.disk.sync_dir(&folder)?)
    }

    pub(super) fn sync_quarantine(&self, source: &SourceName) -> Result<()> {
        Ok(self.disk.sync_dir(&self.quarantine_of(source))?)
    }

    /// Takes snapshots out of quarantine of which everything is counted, with their reasons; the
    /// files are copies that are kept elsewhere. One of other bytes stays.
    pub fn release(&self, source: &SourceName, counted: &[(SnapshotId, PathBuf)]) -> Result<()> {
        let folder = self.quarantine_of(source);
        let names: BTreeSet<String> = self.disk.list(&folder)?.into_iter().collect();
        let mut released = false;
        for (id, file) in counted {
            let name = id.to_string();
            let place = folder.join(&name);
            if names.contains(&name) && !self.disk.same(file, &place)? {
                continue;
            }
            let beside = [format!("{id}.reason"), format!("{id}.reason.new~")];
            for part in [name].iter().chain(&beside).filter(|part| names.contains(*part)) {
                self.disk.unlink(&folder.join(part))?;
                released = true;
            }
        }
        if released { Ok(self.disk.sync_dir(&folder)?) } else { Ok(()) }
    }

    /// The sources that have something in quarantine.
    pub fn quarantines(&self) -> Result<Vec<SourceName>> {
        let names = self.disk.list(&self.data().join("quarantine"))?;
        let mut found = Vec::new();
        for name in names.iter().filter_map(|name| SourceName::parse(name)) {
            if !self.quarantined(&name)?.is_empty() {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// What is in quarantine of a source.
    pub fn quarantined(&self, source: &SourceName) -> Result<Vec<Quarantined>> {
        let folder = self.quarantine_of(source);
        let mut found = Vec::new();
        for name in self.disk.files(&folder)? {
            let Some(id) = SnapshotId::parse(&name) else { continue };
            let reason = self.disk.read_if_there(&folder.join(format!("{name}.reason")))?;
            let reason = String::from_utf8_lossy(&reason.unwrap_or_default()).into_owned();
            found.push(Quarantined { id, reason });
        }
        Ok(found)
    }
}
