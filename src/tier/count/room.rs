//! Room for the bytes of answers that are read at the same time.

use crate::domain::limits::READ_BYTES;
use std::sync::{Condvar, Mutex, PoisonError};

/// Room for the bytes of answers that are read at the same time.
pub struct Room {
    taken: Mutex<u64>,
    left: Condvar,
}

/// Some of the room; it is given back when this is dropped.
pub struct Permit<'a>(&'a Room, u64);

impl Room {
    pub fn new() -> Room {
        Room { taken: Mutex::new(0), left: Condvar::new() }
    }

    /// Waits until an answer of so many bytes may be read. One that is larger than the room is
    /// read alone.
    pub fn enter(&self, bytes: u64) -> Permit<'_> {
        let bytes = bytes.min(READ_BYTES);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut u64| *taken + bytes > READ_BYTES;
        let taken = self.left.wait_while(taken, full);
        *taken.unwrap_or_else(PoisonError::into_inner) += bytes;
        Permit(self, bytes)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
        self.0.left.notify_all();
    }
}
