//! What a path is to this user and this machine, for an examination: nothing is made or changed.

use super::{Disk, Result};
use rustix::fs::{Access, access, statfs};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What a file system lies on, as far as that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Medium {
    Disk,
    /// Gone with the power.
    Memory,
    /// On another machine.
    Network,
}

/// A path that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    pub path: PathBuf,
    pub is_folder: bool,
    /// Of its file system.
    pub device: u64,
    pub owner: u32,
    pub mode: u32,
    /// Why this user may not write there.
    pub refused: Option<String>,
}

/// A path that is there; `None` where there is nothing, or nothing that may be seen.
pub fn site(path: &Path) -> Option<Site> {
    let found = fs::metadata(path).ok()?;
    let wanted = match found.is_dir() {
        true => Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
        false => Access::READ_OK | Access::WRITE_OK,
    };
    Some(Site {
        path: path.into(),
        is_folder: found.is_dir(),
        device: found.dev(),
        owner: found.uid(),
        mode: found.mode() & 0o7777,
        refused: access(path, wanted).err().map(|error| std::io::Error::from(error).to_string()),
    })
}

impl Disk {
    /// What is in a folder and is itself one, or a link, which may lead to one.
    pub fn branches(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let found = self.typed(folder)?.into_iter();
        let found = found.filter(|(_, kind)| kind.is_dir() || kind.is_symlink());
        Ok(found.map(|(name, _)| folder.join(name)).collect())
    }
}

/// Who runs this.
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// What the file system of a path lies on.
pub fn medium(path: &Path) -> Medium {
    const MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];
    // NFS, SMB, CIFS, AFS, Ceph, 9p, and those of programs (sshfs).
    const NETWORK: [i64; 8] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x5346_414f,
        0x00c3_6400,
        0x0102_1997,
        0x6573_5546,
    ];
    let kind = statfs(path).map(|found| found.f_type & 0xffff_ffff);
    match kind {
        Ok(kind) if MEMORY.contains(&kind) => Medium::Memory,
        Ok(kind) if NETWORK.contains(&kind) => Medium::Network,
        _ => Medium::Disk,
    }
}
