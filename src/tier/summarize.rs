//! The summarizer: per source, under its lock, resume what a run before left, gather the closed
//! hours, seal, commit, empty; then raise `closed_through`.

mod forget;
mod recount;
mod replay;

pub use forget::Forgotten;
pub use recount::{Recounted, Tally};

use super::Progress;
use super::agenda::Agenda;
use super::commit::{Committed, Committer, Times};
use super::unserved;
use crate::domain::batch;
use crate::domain::journal::Event;
use crate::domain::ledger::Ledger;
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Declaration, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::config;
use crate::edge::disk::Lock;
use crate::edge::spool::{Open, Run, Sealed, Spool};
use crate::edge::store::Writer;
use anyhow::{Context, Result, bail};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// How far back rows that nothing names are looked for, beside the hours of this run.
const TIDY_HOURS: i64 = 72;

/// One run.
pub struct Summarizer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Writer,
    pub clock: Clock,
    pub agenda: Agenda<'a>,
    /// Feed a store, or a source, that another home or store is known to belong to.
    pub adopt: bool,
    pub journals: &'a Source,
    pub progress: &'a dyn Progress,
}

/// What became of one source.
#[derive(Debug, Default)]
pub struct Done {
    pub batches: u64,
    pub snapshots: u64,
    pub rows: u64,
    pub unread: u64,
    /// Names and snapshots that were left alone, with the reason.
    pub left: Vec<String>,
    /// What could not be done.
    pub failed: Vec<anyhow::Error>,
    /// Another run holds the source's lock.
    pub busy: Option<String>,
}

/// What became of all.
pub type Summary = BTreeMap<SourceName, Done>;

impl Summarizer<'_> {
    /// Summarises what is declared, and whatever else waits in the spool.
    pub fn run(&self, declared: &[SourceName]) -> Result<Summary> {
        let home = self.settle().or_else(|error| {
            unserved::note(&self.agenda, self.clock, self.journals, &error)?;
            Err(error)
        })?;
        for error in self.spool.sweep(self.clock.now(), &self.journals.declaration)? {
            self.progress.warn(&format!("an earlier run is not finished: {error}"));
        }
        let mut run = None;
        let mut summary = Summary::new();
        for source in self.agenda.names(declared)? {
            self.progress.begin(source.as_str(), 0);
            let started = self.clock.now();
            let done = self
                .source(&source, &home)
                .unwrap_or_else(|error| Done { failed: vec![error], ..Done::default() });
            if done.batches > 0 || !done.failed.is_empty() {
                self.journal(&mut run, &source, started, &done)?;
            }
            summary.insert(source, done);
        }
        if let Some(run) = run {
            run.close(self.clock.now(), &self.journals.declaration)?;
        }
        Ok(summary)
    }

    /// Makes sure that this home may feed this store.
    fn settle(&self) -> Result<String> {
        let mut identity = self.spool.settle(false, chance())?;
        let store = self.store.id()?;
        match &identity.store {
            Some(known) if *known != store && !self.adopt => bail!(
                "this home has fed another store than {}\n\
                 hint: to start with this one, run once with --adopt",
                self.store.address()
            ),
            Some(known) if *known == store => {}
            _ => {
                identity.store = Some(store);
                self.spool.remember_identity(&identity)?;
            }
        }
        Ok(identity.id)
    }

    /// A source's store row names the home that feeds it.
    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        let feeds = self.store.feeds()?;
        let known = feeds.iter().find(|feed| feed.source == *source).map(|f| f.home.as_str());
        match known {
            Some(known) if known == home => Ok(()),
            Some(known) if !known.is_empty() && !self.adopt => bail!(
                "{source} in {} is fed by another home ({known})\n\
                 hint: to go on from this home ({home}), run once with --adopt",
                self.store.address()
            ),
            _ => Ok(self.store.claim(source, home)?),
        }
    }

    fn source(&self, source: &SourceName, home: &str) -> Result<Done> {
        let Some(_lock) = self.lock(source)? else { return self.busy(source) };
        self.claim(source, home)?;
        self.work(source, home, Done::default())
    }

    /// The lock of a source; `None` when another run holds it.
    fn lock(&self, source: &SourceName) -> Result<Option<Lock>> {
        let holder = format!("{} {}\n", std::process::id(), self.clock.started().timestamp());
        Ok(self.spool.lock(&job(source), &holder)?)
    }

    fn busy(&self, source: &SourceName) -> Result<Done> {
        let busy = self.spool.holder(&job(source)).unwrap_or_default();
        Ok(Done { busy: Some(busy), ..Done::default() })
    }

    /// Resumes, gathers, seals, commits, empties: all that a source has, under its lock.
    fn work(&self, source: &SourceName, home: &str, mut done: Done) -> Result<Done> {
        self.turn_away(source, &mut done)?;
        let mut stuck: Option<Window> = None;
        let mut touched = BTreeSet::new();
        let mut settle = |done: &mut Done, hour: Window, result: Result<Committed>| {
            touched.insert(hour);
            if result.is_err() {
                stuck = Some(stuck.map_or(hour, |known| known.min(hour)));
            }
            done.enter(hour, result);
        };
        for sealed in self.spool.sealed_batches(source)? {
            let result = self.finish(&sealed, home);
            settle(&mut done, sealed.hour, result);
        }
        for ((hour, declaration), ids) in self.agenda.due(source, &mut done.left)? {
            let result = self.batch(source, hour, &declaration, &ids, home);
            settle(&mut done, hour, result.map(|c| c.unwrap_or(Committed::NONE)));
        }
        self.raise(source, stuck)?;
        self.tidy(source, &touched)?;
        Ok(done)
    }

    /// Snapshots of before the instant through which their source is forgotten are not counted.
    fn turn_away(&self, source: &SourceName, done: &mut Done) -> Result<()> {
        let feeds = self.store.feeds()?;
        let feed = feeds.iter().find(|feed| feed.source == *source);
        let Some(through) = feed.and_then(|feed| feed.forgotten_through) else { return Ok(()) };
        let mut files = Vec::new();
        for id in self.spool.waiting(source)?.snapshots {
            files.push((id.clone(), self.spool.incoming(source).join(id.to_string())));
        }
        for open in self.spool.open_batches(source)? {
            let ids = self.spool.gathered(&open)?.into_iter();
            files.extend(ids.map(|id| (id.clone(), open.path(&id))));
        }
        for sealed in self.spool.sealed_batches(source)? {
            files.extend(sealed.snapshots.iter().map(|id| (id.clone(), sealed.path(id))));
        }
        files.retain(|(id, _)| id.instant() < through);
        let reason = format!("{source} is forgotten through {}\n", through.format("%F %T UTC"));
        done.left.extend(files.iter().map(|(id, _)| format!("{id}: {}", reason.trim_end())));
        Ok(self.spool.turn_away(&files, &reason)?)
    }

    /// Gathers, seals, commits and empties one batch; `None` when there was nothing in it.
    fn batch(
        &self,
        source: &SourceName,
        hour: Window,
        declaration: &str,
        ids: &[SnapshotId],
        home: &str,
    ) -> Result<Option<Committed>> {
        let Some(text) = self.spool.declaration(declaration)? else {
            bail!(
                "the text of declaration {declaration} is gone; its {} snapshots are left alone\n\
                 hint: put that text back as data/.state/declarations/{declaration}.toml",
                ids.len()
            );
        };
        let open = self.spool.open_batch(source, hour, declaration)?;
        self.spool.gather(&open, &text, ids)?;
        match self.seal(&open, &text)? {
            Some(sealed) => self.finish(&sealed, home).map(Some),
            None => Ok(None),
        }
    }

    fn seal(&self, open: &Open, text: &str) -> Result<Option<Sealed>> {
        let ids = self.spool.gathered(open)?;
        if ids.is_empty() {
            self.spool.discard(open)?;
            return Ok(None);
        }
        let ledger = Ledger::new(self.store.ledger(&open.source, open.hour.day())?);
        let digest = Declaration::new(text).digest;
        let replaced = ledger.last_replacing(open.hour);
        let id = batch::id(&open.source, open.hour, digest, replaced, &ids);
        Ok(Some(self.spool.seal(open, &id)?))
    }

    fn finish(&self, sealed: &Sealed, home: &str) -> Result<Committed> {
        if sealed.snapshots.is_empty() {
            // Files leave a sealed batch once it is committed: a run died as it emptied this one.
            self.spool.empty(sealed, &[])?;
            return Ok(Committed::NONE);
        }
        let place = format!("the declaration of batch {}", sealed.batch);
        let source = config::source(&sealed.source, &place, &sealed.declaration)?;
        let committer = Committer { spool: self.spool, store: self.store, clock: self.clock, home };
        let committed = committer.finish(sealed, &source)?;
        let Times { count, write, empty } = committed.times;
        self.progress.tell(&format!(
            "{} {}: {} snapshots, {} rows (counted in {} ms, written in {} ms, emptied in {} ms)",
            sealed.source,
            sealed.hour,
            committed.snapshots,
            committed.rows,
            count.as_millis(),
            write.as_millis(),
            empty.as_millis()
        ));
        Ok(committed)
    }

    /// Raises `closed_through` to the end of the last closed hour, but not past a batch that
    /// could not be committed.
    fn raise(&self, source: &SourceName, stuck: Option<Window>) -> Result<()> {
        let last = self.agenda.last_closed().end();
        let through: Instant = stuck.map_or(last, |hour| last.min(hour.start()));
        Ok(self.store.raise(source, through)?)
    }

    /// Removes rows of void entries, and rows older than a day that no entry names.
    fn tidy(&self, source: &SourceName, touched: &BTreeSet<Window>) -> Result<()> {
        let now = self.clock.started();
        let recent = Window::of(now - chrono::Duration::hours(TIDY_HOURS));
        let days: BTreeSet<_> = touched.iter().map(|hour| hour.day()).collect();
        let from = touched.first().map_or(recent, |hour| recent.min(*hour));
        let mut doomed = Vec::new();
        let mut ledgers = BTreeMap::new();
        for header in self.store.commits(source, from..Window::of(now).next())? {
            let day = header.hour.day();
            if !days.contains(&day) && header.hour < recent {
                continue;
            }
            let ledger = match ledgers.entry(day) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(Ledger::new(self.store.ledger(source, day)?)),
            };
            let named = ledger.entries().iter().find(|entry| entry.commit == header.commit);
            let old = header.written < now - chrono::Duration::days(1);
            if named.map_or(old, |entry| !ledger.is_live(entry)) {
                doomed.push(header.commit);
            }
        }
        if doomed.is_empty() {
            return Ok(());
        }
        self.store.remove(&doomed).context("cannot remove rows that count no more")
    }

    fn journal(
        &self,
        run: &mut Option<Run>,
        source: &SourceName,
        started: Instant,
        done: &Done,
    ) -> Result<()> {
        let run = match run {
            Some(run) => run,
            None => run.insert(self.spool.begin("summarizer", self.clock.started(), chance())?),
        };
        let error = done.failed.first().map(|error| format!("{error:#}"));
        let outcome = unserved::outcome(source, started, self.clock.now(), error);
        Ok(run.note(self.clock.now(), vec![Event::Outcome(outcome)])?)
    }
}

fn job(source: &SourceName) -> String {
    format!("summarizer_{source}")
}

impl Committed {
    const NONE: Committed = Committed { times: Times::ZERO, snapshots: 0, rows: 0, unread: 0 };
}

impl Done {
    fn enter(&mut self, hour: Window, result: Result<Committed>) {
        match result {
            Ok(committed) => {
                self.batches += u64::from(committed.snapshots > 0);
                self.snapshots += committed.snapshots;
                self.rows += committed.rows;
                self.unread += committed.unread;
            }
            Err(error) => self.failed.push(error.context(format!("hour {hour}"))),
        }
    }
}
