//! Replay of the quarantine: what stands there is counted as far as it can be read under today's
//! declarations. What is counted whole leaves quarantine, once its batch is committed.

use super::audit::own_home;
use super::commit::{Committed, Committer, barred};
use super::done::{Done, Summary, Work};
use super::summarize::Summarizer;
use crate::domain::format::english;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::Window;
use anyhow::Result;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Snapshots by hour.
type Hours = BTreeMap<Window, Vec<SnapshotId>>;

impl Summarizer<'_> {
    /// Replays the quarantine of sources.
    pub fn replay(&self, sources: &[&Source]) -> Result<Summary> {
        let home = self.settle()?;
        self.sweep()?;
        self.each(
            sources,
            |source| &source.name,
            |source| {
                let act =
                    |committer: &Committer, work: &mut Work| self.again(source, committer, work);
                self.locked(&source.name, &home, act)
            },
        )
    }

    /// What a replay would gather, without a change anywhere.
    pub fn look_replay(&self, sources: &[&Source]) -> Result<Summary> {
        let feeds = self.store.feeds()?;
        let home = own_home(self.spool, &feeds)?.unwrap_or_default();
        let look = |source: &&Source| {
            let looking = self.looking(&source.name, &home, &feeds);
            let mut done = Done::default();
            for (hour, ids) in self.readable(source, &looking, &mut done.left)? {
                done.batches += 1;
                done.snapshots += ids.len() as u64;
                let (name, ids) = (&source.name, ids.len());
                self.progress.tell(&format!(
                    "{name} {hour}: {} in quarantine",
                    english(ids as u64, "snapshot", "snapshots")
                ));
            }
            Ok((source.name.clone(), done))
        };
        sources.iter().map(look).collect()
    }

    fn again(&self, source: &Source, committer: &Committer, work: &mut Work) -> Result<()> {
        self.resume(&source.name, committer, work)?;
        let hours = self.readable(source, committer, &mut work.done.left)?;
        if !hours.is_empty() {
            self.spool.keep_declaration(&source.declaration)?;
        }
        for (hour, ids) in hours {
            work.enter(hour, self.hour_again(source, hour, &ids, committer));
        }
        Ok(())
    }

    fn hour_again(
        &self,
        source: &Source,
        hour: Window,
        ids: &[SnapshotId],
        committer: &Committer,
    ) -> Result<Committed> {
        let Source { name, declaration, .. } = source;
        let open = self.spool.open_batch(name, hour, &declaration.short())?;
        self.spool.gather_again(&open, &declaration.text, ids)?;
        self.close(&open, &declaration.text, committer)
    }

    /// What of the quarantine a commit may count; the rest stays there, and it is said why.
    fn readable(
        &self,
        source: &Source,
        committer: &Committer,
        left: &mut Vec<String>,
    ) -> Result<Hours> {
        let (numbering, mut hours, mut ledgers) =
            (source.numbering(), Hours::new(), BTreeMap::new());
        for id in self.spool.quarantined(&source.name)? {
            let (hour, day) = (id.window(), id.window().day());
            if let Entry::Vacant(free) = ledgers.entry(day) {
                free.insert(committer.ledger(&source.name, day)?);
            }
            let state = ledgers.get(&day).map(|l| l.left(hour, &id.to_string(), &numbering));
            match state.and_then(|state| barred(&id, &state, committer.forgotten)) {
                Some(why) => left.push(format!("{id}: {why}")),
                None => hours.entry(hour).or_default().push(id),
            }
        }
        Ok(hours)
    }
}
