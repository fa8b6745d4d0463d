//! Replay: what is in quarantine is read once more, under today's declaration. A commit counts
//! what no live entry has counted and that it can read; what is whole then leaves quarantine.

use super::{Done, Summarizer, Summary};
use crate::domain::ledger::{Ledger, Left};
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::Window;
use anyhow::Result;
use std::collections::BTreeMap;

impl Summarizer<'_> {
    /// Replays the quarantine of some sources; `dry_run` only tells what would be read.
    pub fn replay(&self, sources: &[Source], dry_run: bool) -> Result<Summary> {
        let home = if dry_run { String::new() } else { self.settle()? };
        let mut summary = Summary::new();
        for source in sources {
            let done = match dry_run {
                true => self.replayable(source).map(|(groups, done)| looked(&groups, done)),
                false => self.replay_source(source, &home),
            };
            let done = done.unwrap_or_else(|error| Done { failed: vec![error], ..Done::default() });
            summary.insert(source.name.clone(), done);
        }
        Ok(summary)
    }

    fn replay_source(&self, source: &Source, home: &str) -> Result<Done> {
        let Some(_lock) = self.lock(&source.name)? else { return self.busy(&source.name) };
        self.claim(&source.name, home)?;
        // First what an earlier run left: it may count some of these.
        let mut before = self.work(&source.name, home, Done::default())?;
        let (groups, done) = self.replayable(source)?;
        before.left.extend(done.left);
        if groups.is_empty() {
            return Ok(before);
        }
        self.spool.keep_declaration(&source.declaration)?;
        for (hour, ids) in &groups {
            let open = self.spool.open_batch(&source.name, *hour, &source.declaration.short())?;
            self.spool.gather_again(&open, &source.declaration.text, ids)?;
        }
        self.work(&source.name, home, before)
    }

    /// What may be read again, by hour.
    fn replayable(&self, source: &Source) -> Result<(BTreeMap<Window, Vec<SnapshotId>>, Done)> {
        let feeds = self.store.feeds()?;
        let feed = feeds.iter().find(|feed| feed.source == source.name);
        let forgotten = feed.and_then(|feed| feed.forgotten_through);
        let (mut groups, mut done) = (BTreeMap::<_, Vec<_>>::new(), Done::default());
        let numbering = source.numbering();
        for quarantined in self.spool.quarantined(&source.name)? {
            let id = quarantined.id;
            let hour = id.window();
            let ledger = Ledger::new(self.store.ledger(&source.name, hour.day())?);
            let why = match ledger.left(hour, &id.to_string(), &numbering) {
                _ if forgotten.is_some_and(|through| id.instant() < through) => {
                    Some("its source was forgotten after it")
                }
                Left::Wanted(_) => None,
                Left::Renumbered(_) => Some(
                    "counted in part, and the declaration numbers items otherwise now: recount \
                     its hour",
                ),
                Left::Expired => Some("its hour has expired: only a recount reopens it"),
            };
            match why {
                Some(why) => done.left.push(format!("{id}: {why}")),
                None => groups.entry(hour).or_default().push(id),
            }
        }
        Ok((groups, done))
    }
}

fn looked(groups: &BTreeMap<Window, Vec<SnapshotId>>, mut done: Done) -> Done {
    done.batches = groups.len() as u64;
    done.snapshots = groups.values().map(|ids| ids.len() as u64).sum();
    done
}
