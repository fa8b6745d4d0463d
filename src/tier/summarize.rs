//! The summarizer: per source, under its lock, resume what a run before left, gather the closed
//! hours, seal, commit, empty; then raise `closed_through`.

use super::Progress;
use super::agenda::{Agenda, job};
use super::commit::Committer;
use super::done::{Done, Summary, Work};
use super::silence;
use super::unserved;
use crate::domain::name::SourceName;
use crate::domain::retention::Retentions;
use crate::domain::silence::Told;
use crate::domain::source::Source;
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{self, Spool};
use crate::edge::store::{Feed, Writer};
use crate::edge::trial::Trier;
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// How to go on where the store is not the one that a home has fed.
pub const ADOPT: &str = "to start with this one, run once with --adopt; if the store is lost, see \
docs/operations.md, \"The store is gone\"";

/// An error, with a hint, unless the store that was found at an address is the known one, which a
/// home has fed.
pub fn is_fed(known: &str, found: Option<&str>, address: &str, hint: &str) -> Result<()> {
    match found {
        Some(found) if found == known => Ok(()),
        Some(_) => bail!("this home has fed another store than {address}\nhint: {hint}"),
        None => bail!("there is no store at {address}, and this home has fed one\nhint: {hint}"),
    }
}

/// One run.
pub struct Summarizer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Writer,
    pub clock: Clock,
    pub agenda: Agenda<'a>,
    /// Feed a store, or a source, that another home or store is known to belong to.
    pub adopt: bool,
    pub journals: &'a Source,
    pub retentions: &'a Retentions,
    /// A person agrees that hours go, however many.
    pub yes: bool,
    /// How long a run begins with batches.
    pub patience: chrono::Duration,
    /// How snapshots are tried once a run died in counting.
    pub trier: Trier,
    pub progress: &'a dyn Progress,
}

impl Summarizer<'_> {
    /// Summarises what is declared, and whatever else waits in the spool.
    pub fn run(&self, declared: &[SourceName]) -> Result<Summary> {
        let home = self.settle().inspect_err(|error| {
            unserved::note(&self.agenda, self.clock, self.journals, error, self.progress);
        })?;
        self.sweep()?;
        let mut names = self.agenda.names(declared)?;
        let given_away = self.given_away(&home)?;
        names.retain(|name| declared.contains(name) || !given_away.contains(name));
        names.extend(self.aging(&home, &names)?);
        self.each(
            &names,
            |source| source,
            |source| {
                self.locked(source, &home, |committer, work| {
                    self.source(source, committer, work)?;
                    self.age(source, committer, work)
                })
            },
        )
    }

    /// The other names under which this home fed something that may be old enough by now.
    fn aging(&self, home: &str, names: &[SourceName]) -> Result<Vec<SourceName>> {
        let mut feeds = self.store.feeds()?;
        feeds.retain(|feed| feed.home == home && !names.contains(&feed.source));
        let aging = feeds.into_iter().map(|feed| feed.source);
        Ok(aging
            .filter(|name| self.retentions.get(name).is_some_and(|rules| rules.retention.acts()))
            .collect())
    }

    /// The sources that another home feeds, and of which nothing waits here.
    fn given_away(&self, home: &str) -> Result<BTreeSet<SourceName>> {
        let mut given = BTreeSet::new();
        for feed in self.store.feeds()? {
            let other = !feed.home.is_empty() && feed.home != home && !feed.source.is_journals();
            if other && self.spool.is_clear_of(&feed.source)? {
                given.insert(feed.source);
            }
        }
        Ok(given)
    }

    pub(super) fn sweep(&self) -> Result<()> {
        let sweep = || self.spool.sweep(self.clock.now(), &self.journals.declaration);
        let mut failed = sweep()?;
        if failed.iter().any(spool::Error::is_full) && self.spool.give_up() {
            failed = sweep()?;
        }
        for error in failed {
            self.progress.warn(&format!("an earlier run is not finished: {error}"));
        }
        Ok(())
    }

    /// Makes sure that this home may feed this store.
    pub(super) fn settle(&self) -> Result<String> {
        let mut identity = self.spool.settle(false, chance())?;
        let store = self.store.id()?;
        if let Some(known) = identity.store.as_deref().filter(|_| !self.adopt) {
            is_fed(known, Some(&store), self.store.address(), ADOPT)?;
        }
        if identity.store.as_ref() != Some(&store) {
            identity.store = Some(store);
            self.spool.remember_identity(&identity)?;
        }
        Ok(identity.id)
    }

    /// A source's store row names the home that feeds it, and until when it was forgotten.
    fn claim(&self, source: &SourceName, home: &str) -> Result<Option<Instant>> {
        let feeds = self.store.feeds()?;
        // Journals belong to their home: each has a ledger of its own, and none takes another's.
        let is_apart = |feed: &&Feed| source.is_journals() && feed.home != home;
        let feed = feeds.iter().filter(|f| !is_apart(f)).find(|feed| feed.source == *source);
        let forgotten = feed.and_then(|feed| feed.forgotten_through);
        match feed.map(|feed| feed.home.as_str()) {
            Some(known) if known == home => {}
            Some(known) if !known.is_empty() && !self.adopt => bail!(
                "{source} in {} is fed by another home ({known})\n\
                 hint: to go on from this home ({home}), run once with --adopt",
                self.store.address()
            ),
            _ => self.store.claim(source, home)?,
        }
        Ok(forgotten)
    }

    /// Works on a source under its lock, unless another run has it.
    pub(super) fn locked(
        &self,
        source: &SourceName,
        home: &str,
        act: impl FnOnce(&Committer, &mut Work) -> Result<()>,
    ) -> Result<Done> {
        let job = job(source);
        let holder = format!("{} {}\n", std::process::id(), self.clock.started().timestamp());
        let Some(_lock) = self.spool.lock(&job, &holder)? else {
            let busy = self.spool.holder(&job).unwrap_or_default();
            return Ok(Done { busy: Some(busy), ..Done::default() });
        };
        let forgotten = self.claim(source, home)?;
        let mut work = Work::default();
        self.spool.tell_unsaid(source)?;
        act(&self.committer(home, forgotten), &mut work)?;
        self.tidy(source, &work.touched)?;
        work.done.remarks = self.remarks(source, &work.touched)?;
        Ok(work.done)
    }

    fn committer<'a>(&'a self, home: &'a str, forgotten: Option<Instant>) -> Committer<'a> {
        let (spool, store, clock, trier) = (self.spool, self.store, self.clock, &self.trier);
        Committer { spool, store, clock, home, forgotten, trier }
    }

    /// That of who only looks what would be done about a source.
    pub(super) fn looking<'a>(
        &'a self,
        source: &SourceName,
        home: &'a str,
        feeds: &[Feed],
    ) -> Committer<'a> {
        let feed = feeds.iter().find(|feed| feed.source == *source);
        self.committer(home, feed.and_then(|feed| feed.forgotten_through))
    }

    fn source(&self, source: &SourceName, committer: &Committer, work: &mut Work) -> Result<()> {
        self.finish_sealed(source, committer, work)?;
        let due = self.agenda.due(source, &mut work.done.left)?;
        self.hours(source, due, committer, work);
        self.raise(source, committer.home, work.stuck)
    }

    /// What is to be told of the last hour of those that were touched.
    fn remarks(&self, source: &SourceName, touched: &BTreeSet<Window>) -> Result<Vec<Told>> {
        match touched.last() {
            Some(last) if *source != SourceName::journals() => {
                silence::told(self.store.as_reader(), source, last.next())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn finish_sealed(
        &self,
        source: &SourceName,
        committer: &Committer,
        work: &mut Work,
    ) -> Result<()> {
        for sealed in self.spool.sealed_batches(source)? {
            work.enter(sealed.hour, self.finish(sealed, committer));
        }
        Ok(())
    }

    /// What a run before left: sealed batches are finished, open ones sealed and finished.
    pub(super) fn resume(
        &self,
        source: &SourceName,
        committer: &Committer,
        work: &mut Work,
    ) -> Result<()> {
        self.finish_sealed(source, committer, work)?;
        for open in self.spool.open_batches(source)? {
            let hour = open.hour;
            work.enter(hour, self.batch(source, hour, &open.declaration, &[], committer));
        }
        Ok(())
    }

    /// Raises `closed_through` to the end of the last closed hour, but not past a batch that
    /// could not be committed.
    fn raise(&self, source: &SourceName, home: &str, stuck: Option<Window>) -> Result<()> {
        let last = self.agenda.last_closed().end();
        let through: Instant = stuck.map_or(last, |hour| last.min(hour.start()));
        Ok(self.store.raise(source, home, through)?)
    }
}
