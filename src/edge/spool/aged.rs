//! How far the ledger of a source was looked through for hours that are old enough. It is a hint:
//! without it all of the ledger is looked through.

use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, iso, parse_iso};
use std::path::PathBuf;

impl Spool {
    fn aged(&self, source: &SourceName) -> PathBuf {
        self.state().join(format!("aged_{source}"))
    }

    /// Until when that was done under these rules.
    pub fn aged_through(&self, source: &SourceName, rules: &str) -> Option<Instant> {
        let bytes = self.disk.read_small(&self.aged(source)).ok()??;
        let text = String::from_utf8(bytes).ok()?;
        parse_iso(text.strip_prefix(rules)?.trim())
    }

    pub(super) fn forget_aged(&self, source: &SourceName) -> Result<()> {
        let note = self.aged(source);
        if self.disk.is_there(&note)? {
            self.disk.unlink(&note)?;
        }
        Ok(())
    }

    pub fn note_aged(&self, source: &SourceName, rules: &str, through: Instant) {
        let text = format!("{rules} {}\n", iso(through));
        let _ = self.disk.replace_loosely(&self.aged(source), text.as_bytes());
    }
}
