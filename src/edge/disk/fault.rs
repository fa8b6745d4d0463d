//! What went wrong on the disk, for people.

use std::io;
use std::path::PathBuf;

/// A failed operation: what was attempted, on which path, what the system said.
#[derive(Debug, thiserror::Error)]
#[error("{doing} {}: {cause}{}", path.display(), hint(.cause))]
pub struct Error {
    pub doing: &'static str,
    pub path: PathBuf,
    pub cause: io::Error,
}

impl Error {
    /// Whether the disk is full, or a quota is.
    pub fn is_full(&self) -> bool {
        matches!(self.cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
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
        io::ErrorKind::PermissionDenied => {
            "\nhint: do the file and its folder belong to this user? `ls -l` shows whose they are"
        }
        io::ErrorKind::CrossesDevices => {
            "\nhint: all of data/ must be one file system; is something mounted below it?"
        }
        io::ErrorKind::IsADirectory | io::ErrorKind::InvalidInput => {
            "\nhint: something else stands in the place of this file; move it away"
        }
        _ => "",
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// A watch may name the system's error: `full` stands for a full disk.
pub(super) fn refusal(why: String) -> io::Error {
    match why.as_str() {
        "full" => io::Error::from(io::ErrorKind::StorageFull),
        _ => io::Error::other(why),
    }
}
