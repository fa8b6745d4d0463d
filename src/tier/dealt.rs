//! What the fetcher's runs did about the slots of a period, as their journals tell it.

use super::analyze::{Analyzer, renamed, served_for};
use super::past::{Known, Past};
use super::view;
use crate::domain::belated::{self, Belated, Wanted};
use crate::domain::digest::{Period, SourceFacts};
use crate::domain::limits::RETRY_AFTER_MAX;
use crate::domain::name::SourceName;
use crate::domain::outcomes::{self, Outcomes, Told};
use crate::domain::record::Record;
use crate::domain::schedule::CatchUp;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window};
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What is known of them, by source.
pub(super) struct Dealt {
    pub outcomes: BTreeMap<SourceName, Outcomes>,
    /// Answers that came after their slots were over.
    pub belated: BTreeMap<SourceName, Belated>,
    /// What journals tell that wait in the spool.
    waiting: Vec<Told>,
}

impl Analyzer<'_> {
    /// What the fetcher's runs did about the slots of the period. One may be served as long as no
    /// later one is, or as long as it is made up for. Who is not declared any more was heard of
    /// until its last outcome.
    pub(super) fn dealt(&self, past: &Past, known: &mut [Known], period: &Period) -> Result<Dealt> {
        let waiting = self.spool.in_journals(outcomes::told_in)?;
        let recorded = self.spool.may_be_recorded()?;
        let hours = hours_of(past, known, period);
        let stored = view::journals(self.store, &view::runs_of(&hours, recorded))?;
        let belated = self.belated(known, &stored.records)?;
        let told = stored.records.values().filter_map(Told::by_record);
        let told = told.chain(waiting.iter().cloned());
        let mut told: Vec<Told> = told.filter(|told| period.contains(told.began)).collect();
        for told in &mut told {
            told.source = renamed(known, &told.source);
        }
        for known in known.iter_mut().filter(|known| known.until.is_some()) {
            let own = told.iter().filter(|told| told.source == known.source.name);
            known.until = known.until.max(own.map(|told| told.began).max());
        }
        let mut outcomes = outcomes::count(told);
        self.note_spent_before(&mut outcomes, &waiting, known, period)?;
        Ok(Dealt { outcomes, belated, waiting })
    }

    /// Adds the slots before the period in which a quota was seen to be spent that lasts into it:
    /// who waits is heard of once a day.
    fn note_spent_before(
        &self,
        outcomes: &mut BTreeMap<SourceName, Outcomes>,
        waiting: &[Told],
        known: &[Known],
        period: &Period,
    ) -> Result<()> {
        let longest = TimeDelta::from_std(RETRY_AFTER_MAX).unwrap_or_default();
        let mut since: BTreeMap<&SourceName, Instant> = BTreeMap::new();
        for source in known.iter().map(|known| &known.source) {
            let every = TimeDelta::from_std(source.fetch.every).unwrap_or_default();
            let heard = period.from.before(longest).before(every);
            let begins = source.fetch.quotas.iter().map(|quota| quota.per.around(period.from).0);
            let begins = begins.filter(|at| *at < period.from).min();
            since.extend(begins.map(|at| (&source.name, at.max(heard))));
        }
        let Some(first) = since.values().min() else { return Ok(()) };
        let hours = Window::of(*first)..period.windows().start.next();
        let stored = view::journals(self.store, &view::runs_of(&hours, false))?;
        let told = stored.records.values().filter_map(Told::by_record);
        for told in told.chain(waiting.iter().cloned()).filter(|told| told.began < period.from) {
            let name = renamed(known, &told.source);
            let within = since.get(&name).is_some_and(|since| told.slot >= *since);
            if let Some(waited) = told.waited().filter(|_| within) {
                outcomes.entry(name).or_default().waited.push(waited);
            }
        }
        Ok(())
    }

    /// The answers that came after their slots were over, by what their sources are called today.
    fn belated(
        &self,
        known: &[Known],
        stored: &BTreeMap<String, Record>,
    ) -> Result<BTreeMap<SourceName, Belated>> {
        let mut every: BTreeMap<SourceName, TimeDelta> = BTreeMap::new();
        for source in known.iter().map(|known| &known.source) {
            let own = TimeDelta::from_std(source.fetch.every).unwrap_or(TimeDelta::MAX);
            every.extend(source.names().into_iter().map(|name| (name, own)));
        }
        let is_known = |id: &SnapshotId, _: Instant| every.contains_key(id.source());
        let waiting = self.spool.in_journals(|journal| belated::in_journal(journal, &is_known))?;
        let landed = |wanted: Wanted| -> Vec<(SnapshotId, Instant)> {
            let waiting = waiting.iter().filter(|(id, slot)| wanted(id, *slot)).cloned();
            let stored = stored.values().flat_map(|record| belated::in_record(record, wanted));
            waiting.chain(stored).collect()
        };
        let is_late = |id: &SnapshotId, slot: Instant| {
            every.get(id.source()).is_some_and(|every| id.instant() >= slot.after(*every))
        };
        let late: BTreeSet<SnapshotId> = landed(&is_late).into_iter().map(|(id, _)| id).collect();
        let mut found: BTreeMap<SourceName, Belated> = BTreeMap::new();
        // Such an answer may be that of the slot in which it came as well.
        for (id, slot) in landed(&|id, _| late.contains(id)) {
            let own = found.entry(renamed(known, id.source())).or_default();
            own.entry(id).or_default().insert(slot);
        }
        Ok(found)
    }

    /// Finds the slots before the period of sources that never answered before it: who was asked
    /// then was due from the start of it, however long its back-off reached into it.
    pub(super) fn note_asked_before(
        &self,
        dealt: &mut Dealt,
        facts: &[SourceFacts],
        known: &[Known],
        period: &Period,
    ) -> Result<()> {
        let is_new = |facts: &&SourceFacts| facts.since.is_none_or(|since| since >= period.from);
        let new: BTreeSet<&SourceName> =
            facts.iter().filter(is_new).map(|facts| &facts.source.name).collect();
        if new.is_empty() {
            return Ok(());
        }
        let longest = TimeDelta::from_std(RETRY_AFTER_MAX).unwrap_or_default();
        let hours = Window::of(period.from.before(longest))..period.windows().start.next();
        let stored = view::journals(self.store, &view::runs_of(&hours, false))?;
        let told = stored.records.values().filter_map(Told::by_record);
        let told = told.chain(std::mem::take(&mut dealt.waiting));
        for told in told.filter(|told| told.began < period.from) {
            let name = renamed(known, &told.source);
            if new.contains(&name) {
                let first = &mut dealt.outcomes.entry(name).or_default().first;
                *first = Some(first.map_or(told.began, |first| first.min(told.began)));
            }
        }
        Ok(())
    }
}

/// The hours of which runs may tell about slots of the period, and of the one before where that is
/// made up for.
fn hours_of(past: &Past, known: &[Known], period: &Period) -> Range<Window> {
    let longest = past.all().iter().map(|known| known.source.fetch.every).max();
    let longest = TimeDelta::from_std(longest.unwrap_or_default()).unwrap_or(TimeDelta::MAX);
    let made_up = known.iter().filter(|known| known.source.fetch.catch_up == CatchUp::All);
    let reach = made_up.map(|known| served_for(&known.source)).max();
    let earlier = reach.and_then(|_| period.before()).map(|earlier| earlier.windows().start);
    let end = period.to.after(reach.map_or(longest, |reach| reach.max(longest)));
    earlier.unwrap_or(period.windows().start)..Window::of(end)
}
