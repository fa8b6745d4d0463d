//! What the spool can witness: files wherever they wait, and journals that are not summarised.

use super::run::{CLOSED, JOURNAL};
use super::{Result, Spool};
use crate::domain::journal::landings;
use crate::domain::limits::JOURNAL_BYTES;
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window};
use std::path::{Path, PathBuf};

impl Spool {
    /// All snapshots of a source between landing and emptying.
    pub fn held(&self, source: &SourceName) -> Result<Vec<SnapshotId>> {
        let mut held = self.landing(source)?;
        held.extend(self.waiting(source)?.snapshots);
        for open in self.open_batches(source)? {
            held.extend(self.gathered(&open)?);
        }
        held.extend(self.sealed_batches(source)?.into_iter().flat_map(|s| s.snapshots));
        Ok(held)
    }

    /// Since when something of a source waits, by the names of files and batches; none waits: none.
    pub fn oldest(&self, source: &SourceName) -> Result<Option<Instant>> {
        let names = self.disk.files(&self.incoming(source))?;
        let mut ids = names.iter().filter_map(|name| SnapshotId::parse(name));
        let waiting = ids.find(|id| id.source() == source).map(|id| id.instant());
        let batches = self.disk.folders(&self.batches(source))?;
        let hour = |name: &String| Some(Window::parse(name.split_once('_')?.0)?.start());
        Ok(batches.iter().filter_map(hour).chain(waiting).min())
    }

    /// When a run last began with a job, in seconds; 0 when none did. What says so may be lost
    /// with the power.
    pub fn begun(&self, job: &str) -> i64 {
        let holder = self.holder(job).unwrap_or_default();
        holder.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    /// Snapshots that a journal claims and that still have their temporary names: a live run
    /// is about to publish them, or a sweep is.
    fn landing(&self, source: &SourceName) -> Result<Vec<SnapshotId>> {
        let mut landing = Vec::new();
        for run in self.disk.folders(&self.tmp())? {
            let folder = self.tmp().join(run);
            let staged = self.disk.files(&folder)?;
            let Some(journal) = self.journals_of(&folder)?.into_iter().next() else { continue };
            let claims = self.claims_of(&journal)?.into_iter();
            let own = claims.filter(|id| id.source() == source);
            landing.extend(own.filter(|id| staged.contains(&id.to_string())));
        }
        Ok(landing)
    }

    /// The snapshots that waiting journals claim.
    pub fn claims(&self) -> Result<Vec<SnapshotId>> {
        self.in_journals(claims_in)
    }

    /// What is found in the waiting journals: those of runs, live or dead, and landed ones. One is
    /// in memory at a time, and those of [`Spool::large_journals`] are passed over.
    pub fn in_journals<T>(&self, find: impl Fn(&[u8]) -> Vec<T>) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for path in self.journals()? {
            found.extend(self.journal(&path)?.iter().flat_map(|text| find(text)));
        }
        Ok(found)
    }

    /// The waiting journals that nobody reads, since no run can have written them, in words: what
    /// they claim is not known.
    pub fn large_journals(&self) -> Result<Vec<String>> {
        let mut paths = self.journals()?;
        paths.retain(|path| self.disk.bytes(path) > JOURNAL_BYTES);
        let words = |path: PathBuf| {
            format!(
                "{} has more than {} MiB, so what it claims is not known\n\
                 hint: something else stands in the place of a journal; move it away",
                path.display(),
                JOURNAL_BYTES >> 20
            )
        };
        Ok(paths.into_iter().map(words).collect())
    }

    fn journal(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match self.disk.read_at_most(path, JOURNAL_BYTES) {
            Err(error) if error.is_large() => Ok(None),
            read => Ok(read?),
        }
    }

    /// Where a run's journal is, or will be by the time that it is read; what is no file is none.
    fn journals_of(&self, run: &Path) -> Result<Vec<PathBuf>> {
        let found = self.disk.entries(run)?;
        let odd = |name: &&str| found.iter().any(|(found, is_file)| found == name && !is_file);
        let names = [JOURNAL, CLOSED].into_iter().filter(|name| !odd(name));
        Ok(names.map(|name| run.join(name)).collect())
    }

    fn claims_of(&self, journal: &Path) -> Result<Vec<SnapshotId>> {
        Ok(claims_in(&self.journal(journal)?.unwrap_or_default()))
    }

    fn journals(&self) -> Result<Vec<PathBuf>> {
        let source = SourceName::journals();
        let mut paths = Vec::new();
        for run in self.disk.folders(&self.tmp())? {
            paths.extend(self.journals_of(&self.tmp().join(run))?);
        }
        let folders = self.disk.folders(&self.batches(&source))?;
        let folders = folders.into_iter().map(|name| self.batches(&source).join(name));
        for folder in folders.chain([self.incoming(&source)]) {
            paths.extend(self.disk.files(&folder)?.into_iter().map(|name| folder.join(name)));
        }
        paths.retain(|path| path.extension().is_none_or(|ext| ext == "ndjson" || ext == "closed"));
        Ok(paths)
    }
}

fn claims_in(journal: &[u8]) -> Vec<SnapshotId> {
    landings(journal).sets.concat()
}
