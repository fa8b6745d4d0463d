//! What was told of each program by ping, in `data/.state/ping_PROGRAM`. It is a hint: without it
//! the next run pings.

use super::Spool;
use crate::domain::document::Doc;
use crate::domain::ping::Told;
use std::path::PathBuf;

impl Spool {
    fn ping(&self, program: &str) -> PathBuf {
        self.state().join(format!("ping_{program}"))
    }

    /// What was told of a program last.
    pub fn pinged(&self, program: &str) -> Told {
        let bytes = self.disk.read_small(&self.ping(program)).ok().flatten();
        bytes.and_then(|bytes| Doc::parse(&bytes).ok()).map_or(Told::default(), |d| Told::read(&d))
    }

    /// Keeps it, where there is a place for it.
    pub fn note_ping(&self, program: &str, told: &Told) {
        if self.is_made() {
            let _ = self.disk.replace_loosely(&self.ping(program), told.doc().json().as_bytes());
        }
    }
}
