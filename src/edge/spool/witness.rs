//! What the spool can witness: files wherever they wait, and journals that are not summarised.

use super::run::{CLOSED, JOURNAL};
use super::{Result, Spool};
use crate::domain::journal::landings;
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use std::path::PathBuf;

impl Spool {
    /// All snapshots of a source between landing and emptying.
    pub fn held(&self, source: &SourceName) -> Result<Vec<SnapshotId>> {
        let mut held = self.waiting(source)?.snapshots;
        for open in self.open_batches(source)? {
            held.extend(self.gathered(&open)?);
        }
        held.extend(self.sealed_batches(source)?.into_iter().flat_map(|s| s.snapshots));
        Ok(held)
    }

    /// The snapshots that waiting journals claim: of runs, live or dead, and landed ones.
    pub fn claims(&self) -> Result<Vec<SnapshotId>> {
        let mut claims = Vec::new();
        for path in self.journals()? {
            if let Some(text) = self.disk.read_if_there(&path)?
                && let Ok((sets, _)) = landings(&text)
            {
                claims.extend(sets.into_iter().flatten());
            }
        }
        Ok(claims)
    }

    fn journals(&self) -> Result<Vec<PathBuf>> {
        let source = SourceName::journals();
        let runs = self.disk.list(&self.tmp())?.into_iter().map(|run| self.tmp().join(run));
        let mut paths: Vec<PathBuf> =
            runs.flat_map(|run| [run.join(JOURNAL), run.join(CLOSED)]).collect();
        let folders = self.disk.list(&self.batches(&source))?;
        let folders = folders.into_iter().map(|name| self.batches(&source).join(name));
        for folder in folders.chain([self.incoming(&source)]) {
            paths.extend(self.disk.list(&folder)?.into_iter().map(|name| folder.join(name)));
        }
        paths.retain(|path| path.extension().is_none_or(|ext| ext == "ndjson" || ext == "closed"));
        Ok(paths)
    }
}
