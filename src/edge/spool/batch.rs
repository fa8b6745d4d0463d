//! Batches on disk: gathered in an open folder, frozen by one rename, emptied once committed.
//! Their order is the tier's.

use super::attempt::ATTEMPT;
use super::parcels::Terms;
use super::{Error, Result, Spool};
use crate::domain::hash::Digest;
use crate::domain::limits::ANSWER_BYTES;
use crate::domain::name::SourceName;
use crate::domain::parcel::Parcel;
use crate::domain::snapshot::{SnapshotId, is_short};
use crate::domain::time::{Instant, Window};
use crate::edge::disk::Linked;
use std::path::{Path, PathBuf};

/// A batch that is being gathered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    pub source: SourceName,
    pub hour: Window,
    /// First twelve digits of the digest of its declaration; six in older names.
    pub declaration: String,
    folder: PathBuf,
}

impl Open {
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A frozen batch. Only such a one can be committed, and only a committed one be emptied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    pub source: SourceName,
    pub hour: Window,
    pub batch: String,
    /// The text under which it is read; it travels inside the folder.
    pub declaration: String,
    /// What is still in the folder, in order.
    pub snapshots: Vec<SnapshotId>,
    folder: PathBuf,
}

impl Sealed {
    /// The same, read under this text.
    pub fn with_text(&self, declaration: String) -> Sealed {
        Sealed { declaration, ..self.clone() }
    }

    /// The file of one of its snapshots.
    pub fn path(&self, id: &SnapshotId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its snapshots, each with its file.
    pub fn files(&self) -> Vec<(SnapshotId, PathBuf)> {
        self.snapshots.iter().map(|id| (id.clone(), self.path(id))).collect()
    }
}

/// The name of the declaration inside a batch's folder.
pub(super) const DECLARATION: &str = "declaration.toml";

impl Spool {
    /// The open batches of a source, in order.
    pub fn open_batches(&self, source: &SourceName) -> Result<Vec<Open>> {
        let names = self.disk.folders(&self.batches(source))?;
        let open = |name: &String| {
            let (hour, declaration) = name.strip_suffix(".open")?.split_once('_')?;
            let hour = Window::parse(hour).filter(|_| is_short(declaration))?;
            Some(self.open_at(source, hour, declaration))
        };
        Ok(names.iter().filter_map(open).collect())
    }

    fn open_at(&self, source: &SourceName, hour: Window, declaration: &str) -> Open {
        let folder = self.batches(source).join(format!("{hour}_{declaration}.open"));
        Open { source: source.clone(), hour, declaration: declaration.into(), folder }
    }

    /// Makes the folder of a batch, and makes it durable.
    pub fn open_batch(&self, source: &SourceName, hour: Window, declaration: &str) -> Result<Open> {
        let open = self.open_at(source, hour, declaration);
        if self.disk.is_there(&open.folder)? {
            // Whoever made it may have died before it was durable.
            self.disk.sync_dir(&self.batches(source))?;
        } else {
            self.disk.make_dir(&open.folder)?;
        }
        Ok(open)
    }

    /// Takes out of these waiting snapshots those that this user may not read; of the first, why.
    pub fn take_closed(&self, ids: &mut Vec<SnapshotId>) -> (Vec<SnapshotId>, Option<Error>) {
        let (mut closed, mut why) = (Vec::new(), None);
        ids.retain(|id| {
            match self.disk.may_read(&self.incoming(id.source()).join(id.to_string())) {
                Err(error) if error.is_refused() => {
                    closed.push(id.clone());
                    why.get_or_insert(error.into());
                    false
                }
                _ => true,
            }
        });
        (closed, why)
    }

    /// Moves snapshots into an open batch with their declaration: link all, sync, unlink all,
    /// sync. One whose name is taken there by other bytes goes to quarantine.
    pub fn gather(&self, open: &Open, text: &str, ids: &[SnapshotId]) -> Result<()> {
        let incoming = self.incoming(&open.source);
        let mut moved = Vec::new();
        for id in ids {
            let (from, to) = (incoming.join(id.to_string()), open.folder.join(id.to_string()));
            let taken = self.disk.link_or_copy_here(&from, &to)? == Linked::Taken;
            if taken && !self.disk.same(&from, &to)? {
                let reason = "another snapshot of this name, with other bytes, is in its batch";
                self.quarantine(id, &from, reason)?;
            }
            moved.push(from);
        }
        self.complete(open, text)?;
        moved.iter().try_for_each(|path| self.disk.unlink(path))?;
        self.disk
            .sync_dir(&incoming)
            .or_else(|e| if incoming.exists() { Err(e) } else { Ok(()) })?;
        Ok(())
    }

    /// Takes snapshots from quarantine into an open batch with a declaration. They keep their
    /// place there until the batch is emptied; one of other bytes than the batch has stays out.
    pub fn gather_again(&self, open: &Open, text: &str, ids: &[SnapshotId]) -> Result<()> {
        let quarantine = self.quarantine_of(&open.source);
        for id in ids {
            let name = id.to_string();
            self.disk.link_or_copy_here(&quarantine.join(&name), &open.folder.join(&name))?;
        }
        // What is in quarantine may be there since it ended the program.
        self.begin_attempt(&open.folder)?;
        self.complete(open, text)
    }

    /// Puts the declaration into an open batch, and makes all that it holds durable.
    fn complete(&self, open: &Open, text: &str) -> Result<()> {
        let declaration = open.folder.join(DECLARATION);
        match self.disk.is_there(&declaration)? {
            true => Ok(self.disk.sync_dir(&open.folder)?),
            // Syncs the folder behind it.
            false => Ok(self.disk.replace(&declaration, text.as_bytes())?),
        }
    }

    /// The snapshots in a batch's folder.
    pub fn gathered(&self, open: &Open) -> Result<Vec<SnapshotId>> {
        self.snapshots_in(&open.folder, &open.source)
    }

    pub(super) fn snapshots_in(
        &self,
        folder: &Path,
        source: &SourceName,
    ) -> Result<Vec<SnapshotId>> {
        let names = self.disk.files(folder)?;
        let ids = names.iter().filter_map(|name| SnapshotId::parse(name));
        Ok(ids.filter(|id| id.source() == source).collect())
    }

    /// Removes an open batch into which nothing was gathered.
    pub fn discard(&self, open: &Open) -> Result<()> {
        self.disk.unlink(&open.folder.join(ATTEMPT))?;
        self.disk.unlink(&open.folder.join(DECLARATION))?;
        self.remove_copies(&open.folder)?;
        self.disk.remove_dir(&open.folder)?;
        Ok(self.disk.sync_dir(&self.batches(&open.source))?)
    }

    fn archive_batch(
        &self,
        sealed: &Sealed,
        licence: &str,
        forgotten: Option<Instant>,
    ) -> Result<()> {
        let mut files = sealed.files();
        files.retain(|(id, _)| forgotten.is_none_or(|through| id.instant() >= through));
        if files.is_empty() {
            return Ok(());
        }
        let ids: Vec<SnapshotId> = files.iter().map(|(id, _)| id.clone()).collect();
        self.keep_texts(&sealed.declaration, &ids)?;
        self.keep(&files)?;
        let parcel = Parcel {
            source: sealed.source.clone(),
            hour: sealed.hour,
            batch: sealed.batch.clone(),
        };
        let terms = Terms { read_under: &sealed.declaration, licence };
        self.keep_parcel(&parcel, terms, &files)
    }

    /// What a run that died copied in part.
    fn remove_copies(&self, folder: &Path) -> Result<()> {
        let is_copy = |name: &&String| {
            name.strip_suffix(".new~").is_some_and(|of| SnapshotId::parse(of).is_some())
        };
        let names = self.disk.files(folder)?;
        names
            .iter()
            .filter(is_copy)
            .try_for_each(|name| Ok(self.disk.unlink(&folder.join(name))?))
    }

    /// Freezes a batch under its id, by one rename.
    pub fn seal(&self, open: &Open, batch: &str) -> Result<Sealed> {
        let parent = self.batches(&open.source);
        let folder = parent.join(format!("{}_{batch}.sealed", open.hour));
        self.disk.rename(&open.folder, &folder)?;
        self.disk.sync_dir(&parent)?;
        self.read_sealed(&open.source, open.hour, batch, folder)
    }

    /// The sealed batches of a source, in order.
    pub fn sealed_batches(&self, source: &SourceName) -> Result<Vec<Sealed>> {
        let parent = self.batches(source);
        let mut sealed = Vec::new();
        for name in self.disk.folders(&parent)? {
            let Some((hour, batch)) = name.strip_suffix(".sealed").and_then(|n| n.split_once('_'))
            else {
                continue;
            };
            if let Some(hour) = Window::parse(hour) {
                sealed.push(self.read_sealed(source, hour, batch, parent.join(&name))?);
            }
        }
        Ok(sealed)
    }

    fn read_sealed(
        &self,
        source: &SourceName,
        hour: Window,
        batch: &str,
        folder: PathBuf,
    ) -> Result<Sealed> {
        let bytes = self.disk.read_small(&folder.join(DECLARATION))?.unwrap_or_default();
        Ok(Sealed {
            source: source.clone(),
            hour,
            batch: batch.into(),
            declaration: String::from_utf8(bytes).unwrap_or_default(),
            snapshots: self.snapshots_in(&folder, source)?,
            folder,
        })
    }

    /// The bytes of a file of a batch; of one that is too large to be read, one more than allowed.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>> {
        Ok(self.disk.read_first(path, ANSWER_BYTES as u64 + 1)?)
    }

    /// The digest of a file's bytes; `None` of one that is too large to be read.
    pub fn digest(&self, path: &Path) -> Result<Option<Digest>> {
        match self.disk.bytes(path) > ANSWER_BYTES as u64 {
            true => Ok(None),
            false => Ok(Some(self.disk.digest(path)?.1)),
        }
    }

    /// A snapshot is about to be counted: a test may stop the program here.
    pub fn counting(&self, id: &SnapshotId) -> Result<()> {
        Ok(self.disk.counting(id)?)
    }

    /// What tells a file of a batch apart under all of its names (links share their bytes), and
    /// how many bytes it has.
    pub fn look(&self, path: &Path) -> Option<((u64, u64), u64)> {
        self.disk.inode_and_bytes(path)
    }

    /// Reads a file of a batch to the start of `room` and gives how many bytes it has; none where
    /// it is too large to be read.
    pub fn read_into(&self, path: &Path, room: &mut Vec<u8>) -> Result<Option<usize>> {
        Ok(self.disk.read_into(path, ANSWER_BYTES as u64, room)?)
    }

    /// Empties a committed batch: all but forgotten ones are archived, if that is asked for; those
    /// with missing items go to quarantine, each with its reason, and the others leave it, synced;
    /// only then all are removed, and the folder.
    pub fn empty(
        &self,
        sealed: &Sealed,
        licence: &str,
        missing: &[(SnapshotId, String)],
        forgotten: Option<Instant>,
    ) -> Result<()> {
        if !sealed.snapshots.is_empty() {
            self.archive_batch(sealed, licence, forgotten)?;
            let mut files = sealed.files();
            files.retain(|(id, _)| missing.iter().all(|(other, _)| other != id));
            self.release(&sealed.source, &files)?;
        }
        for (id, reason) in missing {
            self.quarantine(id, &sealed.path(id), reason)?;
        }
        if !missing.is_empty() {
            self.sync_quarantine(&sealed.source)?;
        }
        for id in &sealed.snapshots {
            self.disk.unlink(&sealed.path(id))?;
        }
        // After a power cut no snapshot may be there of which the declaration is gone.
        self.disk.sync_dir(&sealed.folder)?;
        self.disk.unlink(&sealed.folder.join(ATTEMPT))?;
        self.disk.unlink(&sealed.folder.join(DECLARATION))?;
        self.remove_copies(&sealed.folder)?;
        // Should a power cut bring the empty folder back, the next run removes it.
        self.disk.remove_dir(&sealed.folder).map_err(|error| {
            Error::Odd(format!("{error} (a file that is not Daybook's is in there)"))
        })
    }
}
