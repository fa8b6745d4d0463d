//! The analyzer: the store, and what still waits in the spool, become a report, and the report
//! a file. It holds a reader only, so it cannot write to the store.

use super::audit::balance;
use super::view;
use crate::domain::digest::{self, Content, Facts, Label, Labels, Period, SourceFacts};
use crate::domain::journal::{Event, Outcome, Verdict};
use crate::domain::ledger::Ledger;
use crate::domain::name::SourceName;
use crate::domain::page;
use crate::domain::settings;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::pdf;
use crate::edge::spool::Spool;
use crate::edge::store::{Feed, Reader};
use anyhow::{Context, Result};
use chrono::Duration;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

/// The period of the reports.
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// How far back the names and places of series may have been fetched.
const LABEL_DAYS: i64 = 31;

/// How long after its day a record may still be corrected.
const CORRECTION_HOURS: i64 = 24;

pub struct Analyzer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Reader,
    pub settings: &'a settings::Report,
    pub clock: Clock,
    pub journals: &'a Source,
}

impl Analyzer<'_> {
    /// Prints the report of a period into `reports/`; the path of the file.
    pub fn report(&self, sources: &[Source], period: Period) -> Result<PathBuf> {
        let mut run = self.spool.begin("analyzer", self.clock.started(), chance())?;
        let (started, slot) = (self.clock.now(), period.from);
        let printed = self.print(sources, period);
        let outcome = Outcome {
            source: self.journals.name.clone(),
            slot,
            every: DAY,
            started,
            ended: self.clock.now(),
            result: if printed.is_ok() { Verdict::Printed } else { Verdict::Failed },
            status: 0,
            bytes: printed.as_ref().map_or(0, |(_, bytes)| *bytes),
            error: printed.as_ref().err().map(|error| format!("{error:#}")),
        };
        run.note(self.clock.now(), vec![Event::Outcome(outcome)])?;
        run.close(self.clock.now(), &self.journals.declaration)?;
        printed.map(|(path, _)| path)
    }

    fn print(&self, sources: &[Source], period: Period) -> Result<(PathBuf, u64)> {
        let name = format!("daybook_{}.pdf", period.stem());
        let facts = self.facts(sources, period)?;
        let document = page::layout(&digest::report(&facts));
        let bytes = pdf::bytes(&document).context("cannot make the PDF")?;
        Ok((self.spool.write_report(&name, &bytes)?, bytes.len() as u64))
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
        Ok(SourceFacts {
            content: self.content(source, period)?,
            labels: self.labels(source, sources, period)?,
            snapshots: self.snapshots(&source.name, &period.windows())?,
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
                let until = Window::of(period.to + Duration::hours(CORRECTION_HOURS));
                let range = windows.start..until;
                Content::Records { winners: view::winners(self.store, &source.name, &range)? }
            }
        })
    }

    fn labels(&self, source: &Source, sources: &[Source], period: &Period) -> Result<Labels> {
        let Items::Samples(samples) = &source.items else { return Ok(Labels::new()) };
        let labels = samples.labels.as_ref();
        let Some(labels) = labels.filter(|name| sources.iter().any(|s| s.name == **name)) else {
            return Ok(Labels::new());
        };
        let from = Window::of(period.from - Duration::days(LABEL_DAYS));
        let range = from..Window::of(period.to + Duration::days(1));
        let winners = view::winners(self.store, labels, &range)?;
        Ok(winners.records.iter().map(|(id, record)| (id.clone(), Label::of(record))).collect())
    }

    /// The snapshots of the period, in entries or still waiting.
    fn snapshots(&self, source: &SourceName, windows: &Range<Window>) -> Result<Vec<SnapshotId>> {
        let entries = view::live_entries(self.store, source, windows)?;
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

    /// When the first snapshot of a source was taken.
    fn since(&self, source: &SourceName) -> Result<Option<Instant>> {
        let Some(day) = self.store.days(source)?.into_iter().next() else { return Ok(None) };
        let ledger = Ledger::new(self.store.ledger(source, day)?);
        let found = ledger.found();
        let instants = found.keys().filter_map(|name| SnapshotId::parse(name));
        Ok(instants.map(|id| id.instant()).min())
    }
}
