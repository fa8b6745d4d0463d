//! The quarantine: snapshots with items that could not be read, each beside its reason.

use super::{Open, Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::edge::disk::Linked;
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
    pub(super) fn quarantine(&self, id: &SnapshotId, file: &Path, reason: &str) -> Result<()> {
        let folder = self.quarantine_of(id.source());
        self.disk.make_dir(&folder)?;
        let mut place = folder.join(id.to_string());
        for copy in 2..1000 {
            let taken = self.disk.link(file, &place)? == Linked::Taken;
            if !taken || self.disk.same(file, &place)? {
                break;
            }
            place = folder.join(format!("{id}.{copy}"));
        }
        let mut beside = place.into_os_string();
        beside.push(".reason");
        self.disk.replace(Path::new(&beside), reason.as_bytes())?;
        Ok(self.disk.sync_dir(&folder)?)
    }

    /// Takes what is fully counted by now out of quarantine.
    pub fn discharge(&self, ids: &[(SnapshotId, PathBuf)]) -> Result<()> {
        let Some((first, _)) = ids.first() else { return Ok(()) };
        let folder = self.quarantine_of(first.source());
        let held = self.disk.list(&folder)?;
        let mut done = false;
        for (id, file) in ids {
            let (name, place) = (id.to_string(), folder.join(id.to_string()));
            if held.contains(&name) && self.disk.same(file, &place)? {
                // The file last: it is what a later run looks for.
                self.disk.unlink(&folder.join(format!("{name}.reason")))?;
                self.disk.unlink(&place)?;
                done = true;
            }
        }
        if done { Ok(self.disk.sync_dir(&folder)?) } else { Ok(()) }
    }

    /// Gives snapshots in quarantine a second name in an open batch, with its declaration. They
    /// leave quarantine once they are counted.
    pub fn gather_again(&self, open: &Open, text: &str, ids: &[SnapshotId]) -> Result<()> {
        for id in ids {
            let from = self.quarantine_of(id.source()).join(id.to_string());
            self.disk.link(&from, &open.path(id))?;
        }
        self.gather(open, text, &[])
    }

    /// Quarantines what a recount will leave uncounted, before its entry says so.
    pub fn detain(&self, id: &SnapshotId, file: &Path, reason: &str) -> Result<()> {
        self.quarantine(id, file, reason)
    }

    pub(super) fn sync_quarantine(&self, source: &SourceName) -> Result<()> {
        Ok(self.disk.sync_dir(&self.quarantine_of(source))?)
    }

    /// What is in quarantine of a source.
    pub fn quarantined(&self, source: &SourceName) -> Result<Vec<Quarantined>> {
        let folder = self.quarantine_of(source);
        let mut found = Vec::new();
        for name in self.disk.list(&folder)? {
            let Some(id) = SnapshotId::parse(&name) else { continue };
            let reason = self.disk.read_if_there(&folder.join(format!("{name}.reason")))?;
            let reason = String::from_utf8_lossy(&reason.unwrap_or_default()).into_owned();
            found.push(Quarantined { id, reason });
        }
        Ok(found)
    }
}
