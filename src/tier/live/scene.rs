//! A day as it is now: what the dashboard shows, made by the analyzer's own steps from a reader
//! that sees what waits as well.

use super::health;
use super::waiting::{Looker, Waiting};
use super::whole::Whole;
use crate::domain::digest::{self, Content, Facts, Period, SourceFacts, Span};
use crate::domain::ledger::{Entry, Ledger};
use crate::domain::report::Report;
use crate::domain::screen::{Both, FieldView, Pulse, Scene, SourceView};
use crate::domain::settings::Settings;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Items, Kind, Source};
use crate::domain::time::{Day, Instant, Window};
use crate::edge::clock::Clock;
use crate::edge::fonts::Folders;
use crate::edge::spool::Spool;
use crate::edge::store::Reader;
use crate::tier::analyze::Analyzer;
use crate::tier::choice::Choice;
use crate::tier::export::may_leave;
use crate::tier::view;
use anyhow::{Context, Result, anyhow};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Readings before it is given up because the summarizer commits all the time.
const TRIES: usize = 5;

/// How many slots late an answer may be before its source is called late, and at least so long.
const LATE_SLOTS: i32 = 3;
const LATE_LEAST: TimeDelta = TimeDelta::minutes(5);

/// What scenes are made of, besides the store.
pub struct Stage {
    pub spool: Spool,
    pub settings: Settings,
    pub clock: Clock,
    pub journals: Source,
    pub fonts: Folders,
    /// The declared sources, as they are now.
    pub sources: Box<dyn Fn() -> Vec<Source> + Send + Sync>,
    /// Whether new files are told at once; else they are looked for.
    pub is_told: bool,
}

/// The hours of which what waits is counted: those of a day and of the one before, and of what came
/// later: it may tell of that day. What is named for an hour that has not begun waits for it.
pub fn hours_of(period: &Period, now: Instant) -> Range<Window> {
    let from = Window::of(period.before().map_or(period.from, |before| before.from));
    from..Window::of(now).next().max(from)
}

impl Stage {
    /// The day that is shown where none is asked for: this one, or the last of which there is data.
    pub fn day(&self, store: &dyn Reader, sources: &[Source]) -> Result<Period> {
        let zone = self.settings.report.zone;
        let today = self.clock.now().with_timezone(&zone).date_naive();
        let of = |day| Period::of(Span::Day, day, zone);
        let now = of(today).context("today is no day in the zone of the report")?;
        let mut last: Option<Instant> = None;
        for source in sources.iter().flat_map(Source::names) {
            let found = store.end_days(&source, &(Day::MIN..=Day::MAX))?;
            let end = found.and_then(|(_, day)| view::hours_of(day));
            // The last hour of the UTC day, whatever of it there is.
            last = last.max(end.map(|hours| hours.end.start().before(TimeDelta::milliseconds(1))));
            let held = self.spool.held(&source)?;
            last = last.max(held.iter().map(|id| id.instant()).max());
        }
        match last.map(|last| last.with_timezone(&zone).date_naive()) {
            Some(day) if day < today => Ok(of(day).unwrap_or(now)),
            _ => Ok(now),
        }
    }

    /// A day as it is now; of `looker`, what waits. The store is given back.
    pub fn scene(
        &self,
        mut store: Box<dyn Reader>,
        looker: &mut Looker,
        period: &Period,
        version: u64,
    ) -> (Box<dyn Reader>, Result<Scene>) {
        for _ in 0..TRIES {
            let waiting = match looker.look(&*store, &hours_of(period, self.clock.now())) {
                Ok(waiting) => waiting,
                Err(error) => return (store, Err(error)),
            };
            let whole = Whole::new(store, waiting.clone());
            let made = self.made(&whole, &waiting, period, version);
            let torn = whole.is_torn();
            store = whole.into_store();
            if !torn {
                return (store, made);
            }
        }
        (store, Err(anyhow!("what waits was committed at each of {TRIES} readings")))
    }

    /// The last answer of a source that there is.
    fn heard(
        &self,
        whole: &Whole,
        facts: &SourceFacts,
        is_today: bool,
    ) -> Result<Option<SnapshotId>> {
        if let Some(last) = facts.snapshots().last().filter(|_| is_today) {
            return Ok(Some(last.clone()));
        }
        let now = self.clock.now();
        let mut last: Option<SnapshotId> = None;
        for name in facts.source.names() {
            let held = self.spool.held(&name)?;
            let stored = match whole.store().end_days(&name, &(Day::MIN..=Day::MAX))? {
                Some((_, day)) => view::readable(whole.store().entries(&name, day)?).0,
                None => Ledger::default(),
            };
            let counted = stored.entries().iter().flat_map(Entry::ids);
            let all = held.into_iter().chain(counted).filter(|id| id.instant() <= now);
            last = all.chain(last).max_by_key(SnapshotId::instant);
        }
        Ok(last)
    }

    fn made(
        &self,
        whole: &Whole,
        waiting: &Arc<Waiting>,
        period: &Period,
        version: u64,
    ) -> Result<Scene> {
        let sources = (self.sources)();
        let looked = self.clock.now();
        let choice = Choice::default();
        let analyzer = Analyzer {
            spool: &self.spool,
            store: whole,
            counted: whole.store(),
            settings: &self.settings.report,
            clock: self.clock,
            journals: &self.journals,
            fonts: &self.fonts,
            choice: &choice,
        };
        let past = analyzer.past(&sources)?;
        let mut facts = analyzer.facts(&past, period, &mut BTreeMap::new())?;
        (facts.now, facts.waiting) = (looked, waiting.count(&period.windows()));
        drop(past);
        let mut told = |lang| {
            facts.lang = lang;
            let mut report: Report = digest::report(&facts);
            // Two scenes that say the same are equal.
            report.meta.created = period.from;
            (report, digest::latest(&facts), digest::findings(&facts))
        };
        let Both { en, fr } = Both::of(&mut told);
        let views = facts.sources.iter().map(|source| {
            let last = self.heard(whole, source, period.contains(looked))?;
            Ok(seen(source, &facts, last.as_ref(), looked))
        });
        let views = views.collect::<Result<_>>()?;
        let outcomes = &facts.outcomes;
        let mut health =
            health::health(&self.spool, whole.store(), &sources, &self.settings, outcomes, looked)?;
        health.is_told = self.is_told;
        for (source, why) in &waiting.unread {
            health.incidents.push((
                format!("{source}: what waits cannot be read: {why}"),
                looked,
                1,
            ));
        }
        Ok(Scene {
            version,
            looked,
            period: period.clone(),
            is_today: period.contains(looked),
            report: Both { en: en.0, fr: fr.0 },
            latest: Both { en: en.1, fr: fr.1 },
            findings: Both { en: en.2, fr: fr.2 },
            sources: views,
            health,
            editions: self.spool.editions()?,
            away: None,
        })
    }
}

/// How a source is seen now, whatever day is shown.
fn seen(facts: &SourceFacts, all: &Facts, last: Option<&SnapshotId>, now: Instant) -> SourceView {
    let source = &facts.source;
    let (has_series, series) = match &facts.content {
        Content::Samples { hours, .. } => (true, hours.own_series().count()),
        Content::Records { .. } => (source.items.series().is_some(), 0),
    };
    let mut both = all.bare();
    let card = Both::of(|lang| {
        both.lang = lang;
        digest::card_of(facts, &both)
    });
    SourceView {
        name: source.name.to_string(),
        topic: source.topic.clone(),
        title: source.title.clone(),
        card,
        caveat: source.about.caveat.clone(),
        every: source.fetch.every,
        last: last.map(SnapshotId::instant),
        pulse: pulse(facts, last, now),
        shown: source.shown(),
        may_leave: may_leave(source),
        has_series,
        has_records: matches!(source.items, Items::Records(_)),
        series,
        fields: fields(source),
    }
}

fn pulse(facts: &SourceFacts, last: Option<&SnapshotId>, now: Instant) -> Pulse {
    let every = TimeDelta::from_std(facts.source.fetch.every).unwrap_or(TimeDelta::MAX);
    let patience = every.checked_mul(LATE_SLOTS).unwrap_or(TimeDelta::MAX).max(LATE_LEAST);
    match last {
        _ if facts.until.is_some() || facts.gone.is_some() => Pulse::Ended,
        None => Pulse::Silent,
        Some(last) if last.recorded().is_some() => Pulse::Recorded,
        Some(last) if now - last.instant() <= patience => Pulse::Fresh,
        Some(_) => Pulse::Late,
    }
}

fn fields(source: &Source) -> Vec<FieldView> {
    let own =
        source.fields.iter().map(|field| (field.name.as_str(), field.kind == Kind::Text, false));
    let aggregates = source.aggregates.iter().map(|a| (a.name.as_str(), false, true));
    let field = |(name, is_text, is_aggregate): (&str, bool, bool)| {
        let (unit, title) = source.described(name)?;
        let (unit, title) = (unit.unwrap_or_default().to_string(), title.clone());
        Some(FieldView { name: name.into(), title, unit, is_text, is_aggregate })
    };
    own.chain(aggregates).filter_map(field).collect()
}
