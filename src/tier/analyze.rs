//! The analyzer: the store, and what still waits in the spool, become a report, and the report
//! a file. It holds a reader only, so it cannot write to the store.

use super::audit::balance;
use super::labels::labels;
use super::view;
use crate::domain::digest::{self, Content, Facts, Period, SourceFacts};
use crate::domain::hours::{Hours, Winners};
use crate::domain::journal::{Event, Outcome, Verdict};
use crate::domain::ledger::Entry;
use crate::domain::measurements;
use crate::domain::name::SourceName;
use crate::domain::outcomes::{self, Outcomes, Told};
use crate::domain::page;
use crate::domain::positions::Missing;
use crate::domain::settings;
use crate::domain::silence;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::pdf;
use crate::edge::spool::Spool;
use crate::edge::store::{Feed, Reader};
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

pub struct Analyzer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Reader,
    pub settings: &'a settings::Report,
    pub clock: Clock,
    pub journals: &'a Source,
}

impl Analyzer<'_> {
    /// Prints the reports of some periods into `reports/`; the paths of the files.
    pub fn report(&self, sources: &[Source], periods: &[Period]) -> Result<Vec<PathBuf>> {
        if periods.is_empty() {
            return Ok(Vec::new());
        }
        // Who may only read prints, and leaves no journal.
        let mut run = match self.spool.begin("analyzer", self.clock.started(), chance()) {
            Err(error) if error.is_refused() => None,
            begun => Some(begun?),
        };
        let mut paths = Vec::new();
        let mut failed = None;
        for period in periods {
            let started = self.clock.now();
            let printed = self.print(sources, period);
            let outcome = self.outcome(period, started, &printed);
            if let Some(run) = &mut run {
                run.note(self.clock.now(), vec![Event::Outcome(outcome)])?;
            }
            match printed {
                Ok((path, _)) => paths.push(path),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(run) = run {
            run.close(self.clock.now(), &self.journals.declaration)?;
        }
        failed.map_or(Ok(paths), Err)
    }

    fn outcome(
        &self,
        period: &Period,
        started: Instant,
        printed: &Result<(PathBuf, u64)>,
    ) -> Outcome {
        Outcome {
            source: self.journals.name.clone(),
            slot: period.from,
            every: (period.to - period.from).to_std().unwrap_or_default(),
            started,
            ended: self.clock.now(),
            result: if printed.is_ok() { Verdict::Printed } else { Verdict::Failed },
            status: 0,
            bytes: printed.as_ref().map_or(0, |(_, bytes)| *bytes),
            error: printed.as_ref().err().map(|error| format!("{error:#}")),
        }
    }

    fn print(&self, sources: &[Source], period: &Period) -> Result<(PathBuf, u64)> {
        let digest = self.shown(sources, period)?;
        if self.spool.would_lose(&period.stem(), &digest)? {
            bail!(
                "the store {} has nothing of {} any more, so the report that is there stays\n\
                 hint: is the store whole? summarizer audit tells; for an empty report move that \
                 one away",
                self.store.address(),
                period.stem()
            );
        }
        let facts = self.facts(sources, period.clone())?;
        let document = page::layout(&digest::report(&facts));
        let bytes = pdf::bytes(&document).context("cannot make the PDF")?;
        let path = self.spool.write_report(&period.stem(), &bytes, &digest)?;
        Ok((path, bytes.len() as u64))
    }

    /// All that the report rests on.
    pub fn facts(&self, sources: &[Source], period: Period) -> Result<Facts> {
        let names: Vec<SourceName> = sources.iter().map(|source| source.name.clone()).collect();
        let feeds = self.store.feeds()?;
        let windows = period.windows();
        let mut facts: Vec<SourceFacts> = Vec::new();
        for source in sources {
            facts.push(self.source(source, sources, &period, &feeds)?);
        }
        Ok(Facts {
            outcomes: self.outcomes(sources, &period)?,
            publication: self.settings.title.clone(),
            lang: self.settings.language,
            now: self.clock.started(),
            sources: facts,
            balance: balance(self.spool, self.store, &names, &windows)?,
            period,
        })
    }

    fn source(
        &self,
        source: &Source,
        sources: &[Source],
        period: &Period,
        feeds: &[Feed],
    ) -> Result<SourceFacts> {
        let feed = feeds.iter().find(|feed| feed.source == source.name);
        let entries = view::live(self.store, &source.name, &period.windows())?.entries;
        Ok(SourceFacts {
            content: self.content(source, period)?,
            labels: labels(self.store, source, sources, period)?,
            snapshots: self.snapshots(&source.name, &period.windows())?,
            useless: useless(&entries),
            remarks: silence::over(entries.iter()),
            since: self.since(&source.name)?,
            closed_through: feed.and_then(|feed| feed.closed_through),
            source: source.clone(),
        })
    }

    fn content(&self, source: &Source, period: &Period) -> Result<Content> {
        let windows = period.windows();
        Ok(match source.items {
            Items::Samples(_) => {
                let before = match period.before() {
                    Some(before) => view::hours(self.store, &source.name, &before.windows())?,
                    None => Default::default(),
                };
                Content::Samples { hours: view::hours(self.store, &source.name, &windows)?, before }
            }
            Items::Records(_) => {
                let before = match period.before() {
                    Some(before) => self.winners(&source.name, &before)?,
                    None => Default::default(),
                };
                let winners = self.winners(&source.name, period)?;
                match source.items.series() {
                    None => Content::Records { winners, before },
                    Some(_) => Content::Samples {
                        hours: measurements::hours(&source.fields, &winners, &windows),
                        before: period.before().map_or_else(Hours::default, |earlier| {
                            measurements::hours(&source.fields, &before, &earlier.windows())
                        }),
                    },
                }
            }
        })
    }

    /// The records of a period, whenever they landed.
    fn winners(&self, source: &SourceName, period: &Period) -> Result<Winners> {
        view::records(self.store, source, &period.times(), &period.windows())
    }

    /// The snapshots of the period, in entries or still waiting.
    fn snapshots(&self, source: &SourceName, windows: &Range<Window>) -> Result<Vec<SnapshotId>> {
        let entries = view::live(self.store, source, windows)?.entries;
        let counted = entries.iter().flat_map(|entry| entry.snapshots.keys());
        let mut ids: BTreeSet<SnapshotId> =
            counted.filter_map(|name| SnapshotId::parse(name)).collect();
        ids.extend(
            self.spool.held(source)?.into_iter().filter(|id| windows.contains(&id.window())),
        );
        let mut ids: Vec<SnapshotId> = ids.into_iter().collect();
        ids.sort_by_key(SnapshotId::instant);
        Ok(ids)
    }

    /// What the fetcher's runs did about the slots of the period. One may be served as long as no
    /// later one is.
    fn outcomes(
        &self,
        sources: &[Source],
        period: &Period,
    ) -> Result<BTreeMap<SourceName, Outcomes>> {
        let longest = sources.iter().map(|source| source.fetch.every).max().unwrap_or_default();
        let until = period.to.after(TimeDelta::from_std(longest).unwrap_or(TimeDelta::MAX));
        let recorded = self.spool.may_be_recorded()?;
        let hours = period.windows().start..Window::of(until);
        let stored = view::journals(self.store, &view::runs_of(&hours, recorded))?;
        let waiting = self.spool.in_journals(outcomes::told_in)?;
        let told = stored.records.values().filter_map(Told::by_record).chain(waiting);
        Ok(outcomes::count(told.filter(|told| period.contains(told.slot))))
    }

    /// When the first snapshot of a source was taken.
    fn since(&self, source: &SourceName) -> Result<Option<Instant>> {
        let Some(day) = self.store.days(source)?.into_iter().next() else { return Ok(None) };
        let (ledger, _) = view::readable(self.store.entries(source, day)?);
        let found = ledger.found(None);
        let instants = found.keys().filter_map(|name| SnapshotId::parse(name));
        Ok(instants.map(|id| id.instant()).min())
    }
}

/// The snapshots of some entries that have no usable item: none of the entries counts of them, or
/// each that does found no item there.
fn useless(entries: &[Entry]) -> BTreeSet<SnapshotId> {
    let mut useless: BTreeMap<&str, bool> = BTreeMap::new();
    for entry in entries {
        let barren: BTreeSet<&String> = entry.barren.iter().collect();
        for (id, missing) in &entry.snapshots {
            *useless.entry(id).or_insert(true) &= *missing == Missing::All || barren.contains(id);
        }
    }
    let ids = useless.into_iter().filter(|(_, useless)| *useless);
    ids.filter_map(|(id, _)| SnapshotId::parse(id)).collect()
}
