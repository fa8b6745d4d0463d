//! The agenda: which snapshots of which sources are to be summarised now, by hour and
//! declaration. Looking at it changes nothing, so a dry run shows it.

use super::Progress;
use super::done::{Done, Summary};
use crate::domain::format::{be, english};
use crate::domain::name::SourceName;
use crate::domain::snapshot::{SnapshotId, take_torn};
use crate::domain::time::{Instant, Window};
use crate::edge::spool::Spool;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The name of the lock under which a source is summarised.
pub fn job(source: &SourceName) -> String {
    format!("summarizer_{source}")
}

/// Why a page is left where it is.
pub fn torn(page: &SnapshotId) -> String {
    format!("{page}: not all pages of its set are here")
}

/// Snapshots by hour and declaration.
pub type Groups = BTreeMap<(Window, String), Vec<SnapshotId>>;

/// What is due at an instant.
pub struct Agenda<'a> {
    pub spool: &'a Spool,
    pub now: Instant,
    pub close_after: Duration,
    /// Also hours that have not closed.
    pub all: bool,
}

impl Agenda<'_> {
    /// Declared sources, and those of which something waits: the journals first, then who waits
    /// longest. One that a run has begun with waits from then on, so that a source at which runs
    /// end never keeps the others from their turn.
    pub fn names(&self, declared: &[SourceName]) -> Result<Vec<SourceName>> {
        let mut names: BTreeSet<SourceName> = self.spool.folders()?.into_iter().collect();
        names.extend(declared.iter().cloned());
        names.remove(&SourceName::journals());
        names.retain(|name| name.as_str() != "quarantine");
        let mut names: Vec<SourceName> = names.into_iter().collect();
        names.sort_by_cached_key(|name| {
            let oldest = self.spool.oldest(name).unwrap_or(Some(Instant::MIN));
            (oldest.is_none(), self.spool.begun(&job(name)), oldest)
        });
        Ok([SourceName::journals()].into_iter().chain(names).collect())
    }

    /// The last window that has closed.
    pub fn last_closed(&self) -> Window {
        let after = chrono::Duration::from_std(self.close_after).unwrap_or_default();
        Window::of(self.now.before(after)).previous()
    }

    /// What is to be gathered, and what open batches there are already. What cannot be, is left
    /// alone and listed.
    pub fn due(&self, source: &SourceName, left: &mut Vec<String>) -> Result<Groups> {
        let mut groups = Groups::new();
        for open in self.spool.open_batches(source)? {
            groups.entry((open.hour, open.declaration)).or_default();
        }
        let listing = self.spool.waiting(source)?;
        left.extend(listing.strays);
        for id in listing.snapshots {
            let hour = id.window();
            if hour > Window::of(self.now) {
                left.push(format!("{id}: of an hour that has not begun"));
            } else if self.all || hour <= self.last_closed() {
                groups.entry((hour, id.declaration().into())).or_default().push(id);
            }
        }
        Ok(groups)
    }

    /// Snapshots of a declaration whose text is gone cannot be read: a run fails at them.
    fn drop_unknown(&self, groups: &mut Groups, left: &mut Vec<String>) -> Result<()> {
        if self.spool.is_hidden() {
            return Ok(());
        }
        let declarations: BTreeSet<String> = groups.keys().map(|(_, text)| text.clone()).collect();
        for declaration in declarations {
            if self.spool.declaration(&declaration)?.is_some() {
                continue;
            }
            for ids in groups.iter().filter(|((_, d), _)| *d == declaration).map(|(_, ids)| ids) {
                let why = |id: &SnapshotId| {
                    format!(
                        "{id}: the text of its declaration is gone; put it back as \
                         data/.state/declarations/{declaration}.toml"
                    )
                };
                left.extend(ids.iter().map(why));
            }
            groups.retain(|(_, d), _| *d != declaration);
        }
        Ok(())
    }

    /// A dry run: what would be committed, without a change anywhere.
    pub fn look(&self, declared: &[SourceName], progress: &dyn Progress) -> Result<Summary> {
        let mut summary = Summary::new();
        for source in self.names(declared)? {
            let mut done = Done::default();
            let sealed = self.spool.sealed_batches(&source)?.into_iter();
            let mut batches: Vec<_> = sealed.map(|s| (s.hour, s.snapshots.len())).collect();
            for open in self.spool.open_batches(&source)? {
                batches.push((open.hour, self.spool.gathered(&open)?.len()));
            }
            let mut due = self.due(&source, &mut done.left)?;
            self.drop_unknown(&mut due, &mut done.left)?;
            for ids in due.values_mut() {
                done.left.extend(take_torn(ids, &[]).iter().map(torn));
            }
            batches.extend(due.into_iter().map(|((hour, _), ids)| (hour, ids.len())));
            for (hour, snapshots) in batches.into_iter().filter(|(_, snapshots)| *snapshots > 0) {
                done.batches += 1;
                done.snapshots += snapshots as u64;
                progress.tell(&format!(
                    "{source} {hour}: {} {} due",
                    english(snapshots as u64, "snapshot", "snapshots"),
                    be(snapshots as u64)
                ));
            }
            summary.insert(source, done);
        }
        Ok(summary)
    }
}
