//! What went wrong on the disk, for people.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A failed operation: what was attempted, on which path, what the system said.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {}: {}", path.display(), self.why())]
pub struct Error {
    pub doing: &'static str,
    pub path: PathBuf,
    pub cause: io::Error,
}

impl Error {
    /// What the system said, with a hint.
    pub fn why(&self) -> String {
        match self.cause.kind() {
            io::ErrorKind::PermissionDenied => {
                format!("{}\nhint: {}", self.cause, rights(&self.path))
            }
            _ => format!("{}{}", self.cause, hint(&self.cause)),
        }
    }

    /// The same error for another one who suffers from it.
    pub fn again(&self) -> Error {
        let cause = io::Error::new(self.cause.kind(), self.cause.to_string());
        Error { doing: self.doing, path: self.path.clone(), cause }
    }

    /// Whether the disk is full, or a quota is.
    pub fn is_full(&self) -> bool {
        matches!(self.cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Whether a file has more bytes than are read of its kind.
    pub fn is_large(&self) -> bool {
        self.cause.kind() == io::ErrorKind::FileTooLarge
    }

    /// Whether this user may not do it there, or nobody may.
    pub fn is_refused(&self) -> bool {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        matches!(self.cause.kind(), PermissionDenied | ReadOnlyFilesystem)
    }
}

fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "\nhint: the disk is full; nothing is lost: the next run goes on when there is space"
        }
        io::ErrorKind::CrossesDevices => {
            "\nhint: all of data/ must be one file system; is something mounted below it?"
        }
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
            "\nhint: something else stands in the place of this file; move it away"
        }
        _ => "",
    }
}

/// Who this program runs as, and whose are a path and the folder around it: as much of these as
/// can be seen.
fn rights(path: &Path) -> String {
    let own = rustix::process::geteuid().as_raw();
    let around = path.parent().into_iter().flat_map(Path::ancestors);
    let around = around.map(|folder| if folder == Path::new("") { Path::new(".") } else { folder });
    let mut seen = vec![format!("this program runs as {}", user(own))];
    seen.extend(whose(path));
    seen.extend(around.filter_map(whose).next());
    format!("{}; `chown` or `chmod` mends it", seen.join("; "))
}

fn whose(path: &Path) -> Option<String> {
    let found = fs::metadata(path).ok()?;
    let (owner, mode) = (user(found.uid()), found.mode() & 0o7777);
    Some(format!("{} belongs to {owner}, with mode {mode:03o}", path.display()))
}

fn user(id: u32) -> String {
    if id == 0 { "root".into() } else { format!("user {id}") }
}

pub type Result<T> = std::result::Result<T, Error>;

/// A watch may name the system's error: `full` stands for a full disk.
pub(super) fn refusal(why: String) -> io::Error {
    match why.as_str() {
        "full" => io::Error::from(io::ErrorKind::StorageFull),
        _ => io::Error::other(why),
    }
}
