//! The summarizer's reserve: room that is set aside on the disk of `data/` while there is plenty,
//! so that a disk that somebody filled can be emptied. It is only as good as none: no step waits
//! for it, and whatever fails here is no error.

use super::Spool;
use crate::domain::limits::{RESERVE_LEAST, RESERVE_MOST, RESERVE_PART};
use std::path::PathBuf;

impl Spool {
    fn reserve(&self) -> PathBuf {
        self.state().join("reserve")
    }

    /// Bytes of the reserve on this disk.
    fn reserved(&self) -> Option<u64> {
        let size = self.disk.size(&self.data()).ok()?;
        Some((size / RESERVE_PART).clamp(RESERVE_LEAST, RESERVE_MOST))
    }

    /// Sets the reserve aside, where it leaves as much room again.
    pub fn set_aside(&self) {
        let Some(bytes) = self.reserved() else { return };
        if self.disk.has_room(&self.data(), bytes * 2).unwrap_or(false) {
            let _ = self.disk.set_aside(&self.reserve(), bytes);
        }
    }

    /// Gives the reserve up if there is less room than that.
    pub fn give_way(&self) {
        let Some(bytes) = self.reserved() else { return };
        if !self.disk.has_room(&self.data(), bytes).unwrap_or(true) {
            self.give_up();
        }
    }

    /// Gives the reserve up; whether there was one.
    pub fn give_up(&self) -> bool {
        self.disk.give_up(&self.reserve()).unwrap_or(false)
    }
}
