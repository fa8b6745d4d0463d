//! The sketches of the declarations, kept in `data/.state/sketches`. They are a hint that proves
//! itself when it is read: so nothing waits for the disk, and what is lost is made again.

use super::Spool;
use crate::domain::sketch::{self, Sketch};
use std::path::PathBuf;

impl Spool {
    fn sketches_path(&self) -> PathBuf {
        self.state().join("sketches")
    }

    /// What this program kept of the declarations; none where that is damaged or not there.
    pub fn sketches(&self, program: &str) -> Option<Vec<Sketch>> {
        sketch::read(program, &self.disk.read_small(&self.sketches_path()).ok()??)
    }

    /// Keeps the sketches of all declarations, where there is a place for them.
    pub fn keep_sketches(&self, program: &str, sketches: &[Sketch]) {
        if self.is_made() && self.sketches(program).as_deref() != Some(sketches) {
            let text = sketch::written(program, sketches);
            let _ = self.disk.replace_loosely(&self.sketches_path(), text.as_bytes());
        }
    }

    /// Whether there are runs that are at work, or that died at it.
    pub fn has_runs(&self) -> bool {
        self.disk.folders(&self.tmp()).map_or(true, |runs| !runs.is_empty())
    }
}
