//! Files that lines are appended to, such as journals.

use super::Disk;
use super::fault::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that lines are appended to.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: PathBuf,
    disk: Disk,
    failed: Option<(io::ErrorKind, String)>,
}

impl Appender {
    /// Appends and syncs. After a failure the file may end within a line, and whether it is on
    /// the disk nobody knows: from then on every call fails, so that this stays its end.
    pub fn append(&mut self, text: &str) -> Result<()> {
        if let Some((kind, why)) = &self.failed {
            let cause = io::Error::new(*kind, why.clone());
            return Err(Error { doing: "cannot write", path: self.path.clone(), cause });
        }
        let done = self.try_append(text);
        if let Err(error) = &done {
            self.failed = Some((error.cause.kind(), error.cause.to_string()));
        }
        done
    }

    fn try_append(&mut self, text: &str) -> Result<()> {
        let Appender { file, path, disk, .. } = self;
        disk.act("disk.append", "cannot write", path, || file.write_all(text.as_bytes()))?;
        disk.act("disk.append-sync", "cannot sync", path, || file.sync_data())
    }
}

impl Disk {
    /// Opens a file to which lines are appended; it is made when it is not there.
    pub fn append_to(&self, path: &Path) -> Result<Appender> {
        let file = self.act("disk.create", "cannot open", path, || {
            self.own.open(path, OpenOptions::new().append(true).create(true))
        })?;
        Ok(Appender { file, path: path.into(), disk: self.clone(), failed: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::Gate;
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// What a file holds after three appended lines of which the step `failing` of the second
    /// fails, and which of the three succeeded.
    fn appended(failing: &'static str) -> (String, [bool; 3]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let seen = AtomicU32::new(0);
        let watch = move |name: &str| {
            let second = name == failing && seen.fetch_add(1, Ordering::SeqCst) == 1;
            if second { Err("failed".to_string()) } else { Ok(()) }
        };
        let disk = Disk::new(Gate::watched(Arc::new(watch)));
        let mut appender = disk.append_to(&path).unwrap();
        let done = ["a\n", "b\n", "c\n"].map(|line| appender.append(line).is_ok());
        (fs::read_to_string(&path).unwrap(), done)
    }

    #[test]
    fn nothing_is_appended_after_a_failure() {
        let only_first = [true, false, false];
        assert_eq!(appended("disk.append"), ("a\n".into(), only_first));
        assert_eq!(appended("disk.append!"), ("a\nb\n".into(), only_first));
        assert_eq!(appended("disk.append-sync"), ("a\nb\n".into(), only_first));
    }
}
