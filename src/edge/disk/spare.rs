//! A folder of this user outside of any home, for what is to be remembered when a home cannot.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// In memory where the system has a place for that: a disk that is full must not matter.
const PLACES: [&str; 2] = ["/dev/shm", "/tmp"];

/// Makes the folder.
pub fn make() -> Option<PathBuf> {
    let _ = fs::DirBuilder::new().mode(0o700).create(path()?);
    folder()
}

/// The folder, where it is there and no other user can have put it there.
pub fn folder() -> Option<PathBuf> {
    let (folder, user) = (path()?, rustix::process::geteuid().as_raw());
    let found = fs::symlink_metadata(&folder).ok()?;
    let is_own = found.is_dir() && found.uid() == user && found.mode() & 0o022 == 0;
    is_own.then_some(folder)
}

fn path() -> Option<PathBuf> {
    let place = PLACES.iter().find(|place| Path::new(place).is_dir())?;
    let user = rustix::process::geteuid().as_raw();
    Some(Path::new(place).join(format!("daybook-{user}")))
}
