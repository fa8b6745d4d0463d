//! The attempt mark: a file in a batch's folder while its snapshots are counted. A run that finds
//! one knows that a run died in counting. It also keeps which snapshots cannot be counted, and
//! why, until the batch is emptied.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::Window;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Snapshots that are not counted, each with its reason on one line.
pub type Condemned = BTreeMap<SnapshotId, String>;

/// The name of the mark inside a batch's folder.
pub(super) const ATTEMPT: &str = "attempt";

impl Spool {
    /// What a run that died in counting the batch in this folder left; `None` when none did.
    pub fn attempt(&self, folder: &Path) -> Result<Option<Condemned>> {
        let bytes = self.disk.read_small(&folder.join(ATTEMPT))?;
        Ok(bytes.map(|bytes| read(&String::from_utf8_lossy(&bytes))))
    }

    /// Marks a batch before it is counted, durably.
    pub fn begin_attempt(&self, folder: &Path) -> Result<()> {
        let mark = folder.join(ATTEMPT);
        if !self.disk.is_there(&mark)? {
            self.disk.write_new(&mark, b"")?;
        }
        Ok(self.disk.sync_dir(folder)?)
    }

    /// Takes the mark away: the batch is counted, or failed without a death.
    pub fn end_attempt(&self, folder: &Path) -> Result<()> {
        Ok(self.disk.unlink(&folder.join(ATTEMPT))?)
    }

    /// Keeps which snapshots cannot be counted, durably.
    pub fn condemn(&self, folder: &Path, condemned: &Condemned) -> Result<()> {
        let lines = condemned.iter().map(|(id, why)| format!("{id} {}\n", why.replace('\n', " ")));
        let text = lines.collect::<String>();
        Ok(self.disk.replace(&folder.join(ATTEMPT), text.as_bytes())?)
    }

    /// Whether a run died in recounting this hour.
    pub fn died_recounting(&self, source: &SourceName, hour: Window) -> Result<bool> {
        Ok(self.disk.is_there(&self.recounting(source, hour))?)
    }

    /// Marks an hour before it is recounted, durably. Its files lie in many places, and all stay
    /// there, so the mark lies apart.
    pub fn begin_recount(&self, source: &SourceName, hour: Window) -> Result<()> {
        if !self.died_recounting(source, hour)? {
            self.disk.make_dir(&self.state())?;
            self.disk.write_new(&self.recounting(source, hour), b"")?;
        }
        Ok(self.disk.sync_dir(&self.state())?)
    }

    /// Takes the mark away: the hour is recounted, or that failed without a death.
    pub fn end_recount(&self, source: &SourceName, hour: Window) -> Result<()> {
        Ok(self.disk.unlink(&self.recounting(source, hour))?)
    }

    /// Takes away what recounts of a source that died left.
    pub(super) fn forget_recounts(&self, source: &SourceName) -> Result<()> {
        let own = format!("recount_{source}_");
        let marks = self.disk.list(&self.state())?.into_iter();
        let of_source = |name: &String| {
            name.strip_prefix(&own).is_some_and(|hour| Window::parse(hour).is_some())
        };
        for mark in marks.filter(of_source) {
            self.disk.unlink(&self.state().join(mark))?;
        }
        Ok(())
    }

    fn recounting(&self, source: &SourceName, hour: Window) -> PathBuf {
        self.state().join(format!("recount_{source}_{hour}"))
    }
}

fn read(text: &str) -> Condemned {
    let line = |line: &str| {
        let (id, why) = line.split_once(' ')?;
        Some((SnapshotId::parse(id)?, why.to_string()))
    };
    text.lines().filter_map(line).collect()
}
