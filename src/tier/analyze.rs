//! The analyzer: the store, and what still waits in the spool, become a report, and the report
//! a file. It holds a reader only, so it cannot write to the store.

use super::audit::balance;
use super::choice::Choice;
use super::content::{self, Found};
use super::labels::labels;
use super::paper::{front, printed};
use super::past::{self, Known, Past};
use super::told::Told as Said;
use crate::domain::balance::Balance;
use crate::domain::belated::Belated;
use crate::domain::digest::{self, Facts, Labels, Period, Sides, SourceFacts};
use crate::domain::hash::Digest;
use crate::domain::journal::{Event, Outcome, Verdict};
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::retention::Aged;
use crate::domain::schedule::{CatchUp, missed_for};
use crate::domain::settings;
use crate::domain::silence;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{Shown, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::{Clock, chance};
use crate::edge::fonts::Folders;
use crate::edge::spool::Spool;
use crate::edge::store::Reader;
use anyhow::{Result, bail};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::PathBuf;

pub struct Analyzer<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Reader,
    /// The same without what waits, where it sees that: the balance is of what is counted.
    pub counted: &'a dyn Reader,
    pub settings: &'a settings::Report,
    pub clock: Clock,
    pub journals: &'a Source,
    /// Where fonts are, for names in other letters than ours.
    pub fonts: &'a Folders,
    pub choice: &'a Choice,
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
        let past = self.past(sources)?;
        self.choice.check(&past)?;
        // What counts is looked at first: what comes while it is read is told of by the next run.
        let (known, parts) = self.parts(&past, period)?;
        let mut told = BTreeMap::new();
        let facts = self.facts(&past, period, &mut told)?;
        let digest = self.digest(&past, &known, period, &parts, &told)?;
        if self.spool.would_lose(&self.stem(period), &digest)? {
            bail!(
                "the store {} has nothing of {} any more, so the report that is there stays\n\
                 hint: is the store whole? summarizer audit tells; for an empty report move that \
                 one away",
                self.store.address(),
                self.stem(period)
            );
        }
        let report = digest::report(&facts);
        let bytes = printed(&report, self.fonts)?;
        if let Some(picture) = front(&report) {
            self.spool.keep_picture(&self.stem(period), &picture)?;
        }
        let path = self.spool.write_report(&self.stem(period), &bytes, &digest)?;
        Ok((path, bytes.len() as u64))
    }

    /// All that the report rests on: the declared sources, and those of before of which the
    /// period has data.
    /// What its records tell goes into `told`.
    pub(super) fn facts(
        &self,
        past: &Past,
        period: &Period,
        told: &mut BTreeMap<SourceName, Said>,
    ) -> Result<Facts> {
        let then =
            self.choice.of(past.of(period)?).into_iter().map(|known| past.then(known, period));
        let mut known: Vec<Known> = then.collect::<Result<_>>()?;
        let mut dealt = self.dealt(past, &mut known, period)?;
        // Both need much room and leave little, so they come before the values.
        let names: Vec<SourceName> = known.iter().flat_map(|known| known.source.names()).collect();
        let balance = balance(self.spool, self.counted, &names, &period.windows())?;
        let balance = balance.brief(digest::LOST_TOLD);
        let outlines = known.iter().map(|known| self.outline(known, past, period));
        let outlines: Vec<Outline> = outlines.collect::<Result<_>>()?;
        let contents = content::all(self.store, &known, period)?;
        let states = self.spool.states();
        let mut facts: Vec<SourceFacts> = Vec::new();
        for ((known, outline), mut found) in known.iter().zip(outlines).zip(contents) {
            told.extend(found.told.take().map(|shown| (known.source.name.clone(), shown)));
            let belated = dealt.belated.remove(&known.source.name).unwrap_or_default();
            let state = super::due::state(&states, &known.source);
            let gone = state.as_ref().and_then(|s| s.gone_since(&known.source.declaration.digest));
            let ended = state.map(|state| state.ended.clone()).unwrap_or_default();
            facts.push(SourceFacts { belated, gone, ended, ..outline.filled(known, found) });
        }
        digest::tell_titles_apart(&mut facts);
        self.note_asked_before(&mut dealt, &facts, &known, period)?;
        Ok(Facts {
            outcomes: dealt.outcomes,
            publication: self.settings.title.clone(),
            lang: self.settings.language,
            now: self.clock.started(),
            sources: facts,
            lost: past.lost(period)?,
            waiting: 0,
            study: self.choice.is_full.then(|| self.settings.study.clone()),
            balance: self.chosen(balance.renamed(|name| renamed(&known, name)), &known),
            period: period.clone(),
        })
    }

    /// The stem of a report's file: that of its period, and what was chosen of it.
    pub(super) fn stem(&self, period: &Period) -> String {
        period.stem() + &self.choice.suffix()
    }

    /// The part of a balance that is about the chosen sources.
    fn chosen(&self, balance: Balance, known: &[Known]) -> Balance {
        if self.choice.is_all() {
            return balance;
        }
        balance.only(|name| known.iter().any(|known| known.source.names().contains(name)))
    }

    pub(super) fn past(&self, declared: &[Source]) -> Result<Past<'_>> {
        Past::new(self.spool, self.store, declared)
    }

    /// All of a source but its values.
    fn outline(&self, known: &Known, past: &Past, period: &Period) -> Result<Outline> {
        let source = &known.source;
        let Answers { ids, entries: all } = self.answers(source, period)?;
        let windows = period.windows();
        let entries = all.iter().filter(|entry| windows.contains(&entry.hour));
        let [from, to] = [windows.start, windows.end].map(Window::start);
        let until = |end: Instant| ids.partition_point(|id| id.instant() < end);
        let own = until(from)..until(to);
        let mut aged = Aged::of(entries.clone());
        let earlier = all.iter().filter(|entry| entry.hour < windows.start);
        aged.before = !Aged::of(earlier).expired.is_empty();
        Ok(Outline {
            labels: labels(self.store, source, past.all(), period)?,
            answers: ids,
            own,
            useless: useless(&all),
            aged,
            remarks: silence::over(entries),
            since: past.since(source)?,
            sides: self.sides(source, period)?,
            closed_through: past.closed_through(known)?,
        })
    }

    /// What became of the side rows of a source.
    fn sides(&self, source: &Source, period: &Period) -> Result<Sides> {
        let (mut withdrawn, mut lost) = (BTreeSet::new(), BTreeSet::new());
        let mut bare = HashSet::new();
        if source.withdrawal().is_none() || source.shown() == Shown::Nothing {
            return Ok(Sides::default());
        }
        for name in source.names() {
            self.store.sides(&name, None, &mut |side| {
                if side.values.is_none() {
                    bare.insert(Digest::of(side.id.as_bytes()).number());
                }
                match side.withdrawn {
                    Some(at) if period.contains(at) => drop(withdrawn.insert(side.id)),
                    None if side.values.is_none() => drop(lost.insert(side.id)),
                    _ => {}
                }
            })?;
        }
        Ok(Sides { bare, withdrawn: withdrawn.len() as u64, lost: lost.len() as u64 })
    }

    /// The answers of the period and of the one before, in entries or still waiting; and those
    /// that came after it for what was planned in it, as far as that is made up for.
    fn answers(&self, source: &Source, period: &Period) -> Result<Answers> {
        let from = period.before().map_or(period.from, |earlier| earlier.from);
        let windows = Window::of(from)..Window::of(period.to.after(served_for(source))).next();
        let entries = past::live(self.store, &source.names(), &windows)?.entries;
        let mut ids: BTreeSet<SnapshotId> = entries.iter().flat_map(Entry::ids).collect();
        let held = past::held(self.spool, &source.names())?;
        ids.extend(held.into_iter().filter(|id| windows.contains(&id.window())));
        let mut ids: Vec<SnapshotId> = ids.into_iter().collect();
        ids.sort_by_key(SnapshotId::instant);
        Ok(Answers { ids, entries })
    }
}

/// What is told of a source beside its values.
struct Outline {
    labels: Labels,
    answers: Vec<SnapshotId>,
    own: Range<usize>,
    useless: BTreeSet<SnapshotId>,
    aged: Aged,
    remarks: Vec<silence::Told>,
    since: Option<Instant>,
    sides: Sides,
    closed_through: Option<Instant>,
}

impl Outline {
    fn filled(self, known: &Known, Found { source, content, .. }: Found) -> SourceFacts {
        let content = match source.shown() {
            Shown::Each => content.kept(&self.aged),
            Shown::Together => content.kept(&self.aged).together(),
            Shown::Nothing => content.withheld(),
        };
        let mut labels = self.labels;
        digest::tell_apart(&mut labels, |key| content.has(key));
        SourceFacts {
            source,
            content,
            labels,
            answers: self.answers,
            own: self.own,
            useless: self.useless,
            remarks: self.remarks,
            aged: self.aged,
            since: self.since,
            belated: Belated::new(),
            until: known.until,
            gone: None,
            ended: Vec::new(),
            apart: known.apart.values().flatten().cloned().collect(),
            sides: self.sides,
            closed_through: self.closed_through,
        }
    }
}

/// Answers of a source, in order, and the entries in which they are counted.
struct Answers {
    ids: Vec<SnapshotId>,
    entries: Vec<Entry>,
}

/// For how long after a slot began an answer may still be of it.
pub(super) fn served_for(source: &Source) -> TimeDelta {
    let fetch = &source.fetch;
    let every = TimeDelta::from_std(fetch.every).unwrap_or_default();
    match fetch.catch_up {
        CatchUp::All => missed_for(every).max(every),
        CatchUp::Latest | CatchUp::None => every,
    }
}

/// What a source is called today.
pub(super) fn renamed(known: &[Known], name: &SourceName) -> SourceName {
    let by = known.iter().find(|known| known.source.formerly.contains(name));
    by.map_or(name, |known| &known.source.name).clone()
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
