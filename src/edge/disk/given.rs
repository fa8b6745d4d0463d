//! Files that people give us to read: settings, declarations, lists, secrets. A link to a regular
//! file is one; what is anything else, or larger than allowed, is refused before it is read.

use super::fault::{Error, Result};
use super::regular::{self, first};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A file that was opened, and is small enough to be read.
#[derive(Debug)]
pub struct Given {
    file: File,
    /// Its bits of rights.
    pub mode: u32,
}

/// Reads the text of a file of at most so many bytes.
///
/// # Errors
///
/// Beside those of the disk: it is no regular file, is larger, is not UTF-8, or is a link that
/// leads nowhere; only where there is nothing at all is the kind [`ErrorKind::NotFound`].
pub fn given_text(path: &Path, most: u64) -> Result<String> {
    Given::open(path)?.text(path, most)
}

/// Whether a file is there and this user may not read it.
pub fn is_closed(path: &Path) -> bool {
    Given::open(path).is_err_and(|error| error.cause.kind() == ErrorKind::PermissionDenied)
}

fn unread(path: &Path, cause: io::Error) -> Error {
    Error { doing: "cannot read", path: path.into(), cause }
}

impl Given {
    /// Opens a file; what is said of it later is said of what was opened.
    pub fn open(path: &Path) -> Result<Given> {
        let open = || {
            let file = regular::open(path)?;
            let mode = file.metadata()?.permissions().mode() & 0o777;
            Ok(Given { file, mode })
        };
        open().map_err(|cause: io::Error| match fs::read_link(path) {
            Ok(target) if cause.kind() == ErrorKind::NotFound => {
                let words = format!("it is a link to {}, which is not there", target.display());
                unread(path, io::Error::other(words))
            }
            _ => unread(path, cause),
        })
    }

    /// Its text, of at most so many bytes; `path` is for errors.
    pub fn text(self, path: &Path, most: u64) -> Result<String> {
        let read = || {
            let bytes = first(self.file, most.saturating_add(1))?;
            if bytes.len() as u64 > most {
                return Err(io::Error::other(format!(
                    "it is larger than {} KiB, and no more of such a file is read",
                    most >> 10
                )));
            }
            String::from_utf8(bytes).map_err(|error| {
                let sound = error.as_bytes().get(..error.utf8_error().valid_up_to());
                let breaks = sound.unwrap_or_default().iter().filter(|byte| **byte == b'\n');
                let line = breaks.count() + 1;
                io::Error::other(format!(
                    "it is no UTF-8 text: line {line} has other bytes\nhint: save it as UTF-8"
                ))
            })
        };
        read().map_err(|cause| unread(path, cause))
    }
}
