//! Room on a disk: how much of it there is, and a reserve that is set aside while there is enough.

use super::{Disk, Result};
use rustix::fs::{FallocateFlags, StatVfs, fallocate, statvfs};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A reserve is of so many files, since a disk may also run out of these.
const FILES: u64 = 16;

/// Files that a run makes beside those of a reserve.
const FEW_FILES: u64 = 64;

impl Disk {
    fn room(&self, folder: &Path) -> Result<StatVfs> {
        self.act("?disk.look", "cannot measure the disk of", folder, || Ok(statvfs(folder)?))
    }

    /// Bytes that a program like this may still write there.
    pub fn free(&self, folder: &Path) -> Result<u64> {
        Ok(free(&self.room(folder)?))
    }

    /// Bytes that the file system has in all.
    pub fn size(&self, folder: &Path) -> Result<u64> {
        let room = self.room(folder)?;
        Ok(room.f_blocks.saturating_mul(room.f_frsize))
    }

    /// Whether there is room for this many bytes and a few files. Some file systems count no files.
    pub fn has_room(&self, folder: &Path, bytes: u64) -> Result<bool> {
        let room = self.room(folder)?;
        Ok(free(&room) >= bytes && (room.f_files == 0 || room.f_favail >= FEW_FILES))
    }

    /// Fills a folder with files that take this many bytes of the disk, unless it is full of them.
    /// What was begun and not ended is made whole.
    pub fn set_aside(&self, folder: &Path, bytes: u64) -> Result<()> {
        let each = bytes / FILES;
        let is_whole = |path: &PathBuf| fs::metadata(path).is_ok_and(|m| m.blocks() * 512 >= each);
        let lacking: Vec<PathBuf> =
            (0..FILES).map(|n| folder.join(n.to_string())).filter(|path| !is_whole(path)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        self.make_dir(folder)?;
        let made = self.act("disk.set-aside", "cannot set aside room in", folder, || {
            lacking.iter().try_for_each(|path| self.take(path, each))
        });
        made.inspect_err(|_| lacking.iter().for_each(|path| drop(fs::remove_file(path))))
    }

    fn take(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let _ = fs::remove_file(path);
        let mut file = self.own.create_new(path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
            // Not every file system can do that.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                file.write_all(&vec![0x5a; bytes as usize])
            }
            taken => Ok(taken?),
        }
    }

    /// Gives up what was set aside; whether there was something.
    pub fn give_up(&self, folder: &Path) -> Result<bool> {
        let files = self.files(folder)?;
        self.act("disk.give-up", "cannot give up", folder, || {
            files.iter().try_for_each(|name| fs::remove_file(folder.join(name)))
        })?;
        Ok(!files.is_empty())
    }
}

fn free(room: &StatVfs) -> u64 {
    room.f_bavail.saturating_mul(room.f_frsize)
}
