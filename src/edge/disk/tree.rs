//! Whole folders: what lies in them, copies of files, digests of files too large for memory.

use super::regular::{self, gone};
use super::{Disk, Result, plain};
use crate::domain::hash::{Digest, Hasher};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What lies below a folder, as paths from it, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    pub files: Vec<String>,
    /// Each before what lies in it.
    pub folders: Vec<String>,
    /// What is neither, or has a name that is no text.
    pub odd: u64,
}

/// Bytes of one reading.
const PIECE: usize = 1 << 20;

impl Disk {
    /// What lies below a folder; nothing where there is none. What goes while it is looked at is
    /// left out. Links are followed, or are odd.
    pub fn tree(&self, root: &Path, follows: bool) -> Result<Tree> {
        self.act("?disk.list", "cannot list", root, || {
            let mut tree = Tree::default();
            let walk = WalkDir::new(root).min_depth(1).follow_links(follows).sort_by_file_name();
            for entry in walk {
                match entry {
                    Ok(entry) => {
                        let inside = entry.path().strip_prefix(root).ok();
                        match (inside.and_then(Path::to_str), entry.file_type()) {
                            (Some(path), kind) if kind.is_file() => tree.files.push(path.into()),
                            (Some(path), kind) if kind.is_dir() => tree.folders.push(path.into()),
                            _ => tree.odd += 1,
                        }
                    }
                    Err(error) => match plain(error) {
                        error if error.kind() == io::ErrorKind::NotFound => {}
                        error => return Err(error),
                    },
                }
            }
            Ok(tree)
        })
    }

    /// Copies a file's bytes into a new file, and syncs them; its name is durable once its folder
    /// is synced. Whether there was one to copy.
    pub fn copy(&self, from: &Path, to: &Path) -> Result<bool> {
        let mut source = match self.act("?disk.read", "cannot read", from, || regular::open(from)) {
            Err(error) if error.cause.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        let written = self.act("disk.write", "cannot write", to, || {
            let mut file = self.own.create_new(to)?;
            pieces(&mut source, |bytes| file.write_all(bytes))?;
            file.sync_all()
        });
        written.inspect_err(|_| drop(fs::remove_file(to)))?;
        Ok(true)
    }

    /// How long a file is, and the digest of its bytes.
    pub fn digest(&self, path: &Path) -> Result<(u64, Digest)> {
        self.act("?disk.read", "cannot read", path, || {
            let (mut hasher, mut length) = (Hasher::default(), 0);
            pieces(&mut regular::open(path)?, |bytes| {
                length += bytes.len() as u64;
                hasher.update(bytes);
                Ok(())
            })?;
            Ok((length, hasher.finish()))
        })
    }

    /// Removes a folder with all that lies in it.
    pub fn remove_tree(&self, path: &Path) -> Result<()> {
        self.act("disk.rmdir", "cannot remove the folder", path, || gone(fs::remove_dir_all(path)))
    }

    /// Makes all names below a folder durable, and its own.
    pub fn sync_tree(&self, root: &Path) -> Result<()> {
        let folders: Vec<PathBuf> =
            self.tree(root, false)?.folders.iter().map(|folder| root.join(folder)).collect();
        folders.iter().try_for_each(|folder| self.sync_dir(folder))?;
        self.sync_dir(root)
    }
}

/// Hands over what is read, piece by piece.
fn pieces(from: &mut File, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    // A whole piece would take longer to make than most files to read.
    let size = usize::try_from(from.metadata()?.len()).unwrap_or(PIECE);
    let mut piece = vec![0; size.clamp(1, PIECE)];
    loop {
        let length = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if length == 0 {
            return Ok(());
        }
        each(piece.get(..length).unwrap_or_default())?;
    }
}
