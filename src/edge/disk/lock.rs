//! Kernel locks, which their holder's death releases.

use super::{Disk, Error, Result};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// How often a lock that is held for moments only is tried, a millisecond apart.
const TRIES: u32 = 500;

/// A held lock; it ends with this value, or with the process.
#[derive(Debug)]
pub struct Lock {
    #[allow(dead_code, reason = "held for its drop")]
    file: File,
}

impl Disk {
    /// Takes a kernel lock, which its holder's death releases; `None` when another has it.
    /// The file stays, and says who holds it.
    pub fn lock(&self, path: &Path, holder: &str) -> Result<Option<Lock>> {
        let Some(Lock { mut file }) = self.lock_unsaid(path)? else { return Ok(None) };
        let noted = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
        noted.map_err(|cause| Error { doing: "cannot lock", path: path.into(), cause }).or_else(
            // Who holds it is a courtesy, for which a full disk need not have room.
            |error| if error.is_full() { Ok(()) } else { Err(error) },
        )?;
        Ok(Some(Lock { file }))
    }

    /// The same; the file goes on saying who held it before.
    pub fn lock_unsaid(&self, path: &Path) -> Result<Option<Lock>> {
        if let Some(parent) = path.parent() {
            self.make_dir(parent)?;
        }
        let held = self.act("?disk.lock", "cannot lock", path, || self.own.locked(path))?;
        Ok(held.map(|file| Lock { file }))
    }

    /// Takes a lock that may be held for a moment only; none where it goes on being held.
    pub fn lock_soon(&self, path: &Path, holder: Option<&str>) -> Result<Option<Lock>> {
        let once = || match holder {
            Some(holder) => self.lock(path, holder),
            None => self.lock_unsaid(path),
        };
        for _ in 0..TRIES {
            if let Some(lock) = once()? {
                return Ok(Some(lock));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(None)
    }
}
