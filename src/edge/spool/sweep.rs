//! Sweeping: a later run does for a dead one what that one had promised. Only who holds the
//! lock of a run's folder lands or removes anything there.

use super::run::{CLOSED, JOURNAL, LOCK};
use super::{Error, Result, Spool};
use crate::domain::journal::{Event, Line, landings};
use crate::domain::limits::JOURNAL_BYTES;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Declaration;
use crate::domain::time::{Instant, parse_stamp};
use std::collections::BTreeMap;
use std::path::Path;

impl Spool {
    /// Finishes the landings of all dead runs. `now` stands in their last line. One that cannot
    /// be finished is left for later, and does not keep others from it.
    pub fn sweep(&self, now: Instant, declaration: &Declaration) -> Result<Vec<Error>> {
        let mut failed = Vec::new();
        for name in self.disk.folders(&self.tmp())? {
            let folder = self.tmp().join(&name);
            let holder = format!("{} sweeping\n", std::process::id());
            let finished = match self.disk.lock(&folder.join(LOCK), &holder) {
                Ok(Some(_lock)) => self.finish_run(&folder, &name, now, declaration),
                Ok(None) => continue,
                Err(error) => Err(error.into()),
            };
            failed.extend(finished.err());
        }
        Ok(failed)
    }

    fn finish_run(
        &self,
        folder: &Path,
        name: &str,
        now: Instant,
        declaration: &Declaration,
    ) -> Result<()> {
        // Who follows a link would cut and lengthen a file that is somebody else's.
        let odd =
            |(name, is_file): &(String, bool)| !is_file && (name == JOURNAL || name == CLOSED);
        if let Some((name, _)) = self.disk.entries(folder)?.into_iter().find(odd) {
            let path = folder.join(name);
            return Err(Error::Odd(format!("{} is no regular file: move it away", path.display())));
        }
        let open = folder.join(JOURNAL);
        if let Some(text) = self.disk.read_at_most(&open, JOURNAL_BYTES)? {
            self.finish_landings(folder, &text)?;
            self.mark_dead(&open, name, &text, now)?;
            self.disk.rename(&open, &folder.join(CLOSED))?;
            self.disk.sync_dir(folder)?;
        }
        if self.disk.is_there(&folder.join(CLOSED))? {
            let started = run_started(name).unwrap_or(now);
            return self.land_journal(folder, started, declaration);
        }
        self.remove_run(folder)
    }

    fn finish_landings(&self, folder: &Path, text: &[u8]) -> Result<()> {
        let found = landings(text);
        if found.whole < text.len() {
            self.disk.truncate(&folder.join(JOURNAL), found.whole as u64)?;
        }
        self.publish(folder, &found.sets).into_iter().collect::<Result<()>>()?;
        if found.odd > 0 { self.keep_unclaimed(folder) } else { Ok(()) }
    }

    /// Whole answers that a line which cannot be read may have claimed: their place is quarantine.
    fn keep_unclaimed(&self, folder: &Path) -> Result<()> {
        for name in self.disk.files(folder)? {
            let (Some(id), path) = (SnapshotId::parse(&name), folder.join(&name)) else { continue };
            if self.is_sound(&id, &path, &mut BTreeMap::new())? {
                let why = "the line of the journal that may have claimed it cannot be read";
                self.quarantine(&id, &path, &format!("{id}\n{why}\n"))?;
            }
        }
        Ok(())
    }

    fn mark_dead(&self, journal: &Path, name: &str, text: &[u8], now: Instant) -> Result<()> {
        let place = text.iter().filter(|byte| **byte == b'\n').count() as u32;
        let line = Line { run: name.into(), place, at: now, event: Event::Died };
        Ok(self.disk.append_to(journal)?.append(&line.json())?)
    }
}

/// The start of a run, from its name `<tier>-<stamp>-<chance>`.
fn run_started(name: &str) -> Option<Instant> {
    let (rest, _chance) = name.rsplit_once('-')?;
    let (_tier, stamp) = rest.split_once('-')?;
    parse_stamp(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_knows_its_start() {
        let start = run_started("fetcher-2026-11-22T02-41-00Z-0011aabb");
        assert_eq!(start, parse_stamp("2026-11-22T02-41-00Z"));
        assert_eq!(run_started("rubbish"), None);
    }
}
