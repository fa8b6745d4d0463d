//! What the programs keep for themselves: whatever the umask says, nobody else reads it, and
//! nobody else can hold its locks.

use super::regular::{is_held, open_regular};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;

/// The folders that are for the programs alone. Everything else is as the umask says, but for
/// locks: whoever could open one could hold it.
#[derive(Clone, Debug, Default)]
pub struct Own {
    folders: Arc<[PathBuf]>,
}

impl Own {
    pub fn new(folders: &[PathBuf]) -> Own {
        Own { folders: folders.into() }
    }

    fn has(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder))
    }

    /// Makes a folder, unless there is one.
    pub fn make_dir(&self, path: &Path) -> io::Result<()> {
        let mode = if self.has(path) { FOLDER } else { 0o777 };
        match DirBuilder::new().mode(mode).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            made => made,
        }
    }

    /// Closes a folder of before that others can look into; one of another user stays.
    pub fn close(&self, path: &Path) {
        let open =
            |path: &Path| fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o77 > 0);
        if self.has(path) && open(path) {
            let _ = fs::set_permissions(path, Permissions::from_mode(FOLDER));
        }
    }

    /// Opens a new file that will be written once.
    pub fn create_new(&self, path: &Path) -> io::Result<File> {
        let mode = if self.has(path) { FILE } else { 0o666 };
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
    }

    /// Opens a new file for us alone, to write to it and to read it.
    pub fn create_new_to_read(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).mode(FILE).open(path)
    }

    /// Opens a file that may be there, to append to it.
    pub fn open(&self, path: &Path, options: &mut OpenOptions) -> io::Result<File> {
        if self.has(path) { closed(path, options) } else { open_regular(path, options) }
    }

    /// Locks the file of this name; `None` when another has the lock, or took the file away.
    pub fn locked(&self, path: &Path) -> io::Result<Option<File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = closed(path, &mut options)?;
        Ok(is_held(&file, path)?.then_some(file))
    }
}

/// Opens a file that nobody else may open.
fn closed(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = open_regular(path, options.mode(FILE))?;
    if file.metadata()?.permissions().mode() & 0o77 > 0 {
        file.set_permissions(Permissions::from_mode(FILE))?;
    }
    Ok(file)
}
