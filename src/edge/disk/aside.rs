//! Temporary files beside those that they will replace, each under a name of its own.

use super::regular::{self, gone, is_held};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A file beside another, held under a lock.
pub(super) struct Aside {
    pub path: PathBuf,
    lock: File,
}

/// How often a name beside a path is tried for a temporary file.
const ASIDES: u32 = 100;

pub(super) fn aside(path: &Path, place: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new~");
    if place > 0 {
        name.push(place.to_string());
    }
    name.into()
}

/// A new file beside a path, locked. What a dead run left there is taken away; what a live one
/// holds is left alone. It may be a second name of a finished file, and is never written to.
fn claimed(path: &Path, create: impl Fn(&Path) -> io::Result<File>) -> io::Result<(File, PathBuf)> {
    let mut place = 0;
    for _ in 0..ASIDES {
        let name = aside(path, place);
        match create(&name) {
            Ok(file) if is_held(&file, &name)? => return Ok((file, name)),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let left = regular::open(&name);
                match left.map(|file| is_held(&file, &name)) {
                    Ok(Ok(true)) => gone(fs::remove_file(&name))?,
                    _ => place += 1,
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("all names beside it are taken"))
}

impl Aside {
    /// Writes what is read beside a path, and waits for the disk if told so. Nothing is left when
    /// this fails.
    pub(super) fn write(
        path: &Path,
        from: &mut dyn Read,
        synced: bool,
        create: impl Fn(&Path) -> io::Result<File>,
    ) -> io::Result<Aside> {
        let (mut file, path) = claimed(path, create)?;
        let written = io::copy(from, &mut file).map(drop);
        let written = written.and_then(|()| if synced { file.sync_all() } else { Ok(()) });
        written.inspect_err(|_| drop(fs::remove_file(&path)))?;
        Ok(Aside { path, lock: file })
    }

    /// The open file, which also is the lock.
    pub(super) fn file(&self) -> &File {
        &self.lock
    }
}
