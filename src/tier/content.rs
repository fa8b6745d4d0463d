//! What a source has in a period, read for a report: statistics of samples, or its records.

use super::past::{self, Known};
use super::told::{Told, times};
use crate::domain::digest::{self, Content, Period};
use crate::domain::hours::{Earlier, Hours, Winners};
use crate::domain::measurements;
use crate::domain::record::Record;
use crate::domain::row::Summary;
use crate::domain::sheet::Sheet;
use crate::domain::source::{Items, Source};
use crate::domain::time::Instant;
use crate::edge::store::Reader;
use anyhow::{Result, bail};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, ScopedJoinHandle};

/// What was found of a source.
pub(super) struct Found {
    /// As it was; its units are those of what was read.
    pub source: Source,
    pub content: Content,
    /// What its records tell.
    pub told: Option<Told>,
}

/// What each of some sources has; read on two threads, where a store lets two read at once and
/// there is a second one to be had.
pub(super) fn all(store: &dyn Reader, known: &[Known], period: &Period) -> Result<Vec<Found>> {
    let second = store.another();
    let next = AtomicUsize::new(0);
    let read = |store: &dyn Reader| {
        let mut found = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(known) = known.get(at) else { break found };
            found.push((at, of(store, known, period)));
        }
    };
    let (mut found, other) = std::thread::scope(|scope| {
        let aside = |second: Box<dyn Reader>| {
            Builder::new().spawn_scoped(scope, || read(&*{ second })).ok()
        };
        let other: Option<ScopedJoinHandle<_>> = second.and_then(aside);
        (read(store), other.map(ScopedJoinHandle::join))
    });
    match other {
        Some(Ok(other)) => found.extend(other),
        Some(Err(_)) => bail!("the reading of {} ended early", store.address()),
        None => {}
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, found)| found).collect()
}

fn of(store: &dyn Reader, known: &Known, period: &Period) -> Result<Found> {
    let mut source = known.source.clone();
    let (content, told) = match source.items {
        Items::Samples(_) => (samples(store, &mut source, period)?, None),
        _ if source.items.series().is_some() => (measured(store, known, &source, period)?, None),
        _ => {
            let (content, told) = records(store, known, period)?;
            (content, Some(told))
        }
    };
    Ok(Found { source, content, told })
}

fn measured(
    store: &dyn Reader,
    known: &Known,
    source: &Source,
    period: &Period,
) -> Result<Content> {
    let hours = |period: &Period| -> Result<Hours> {
        let winners = winners(store, known, period)?;
        Ok(measurements::hours(&source.fields, &winners, &period.windows()))
    };
    let before = period.before().map(|earlier| hours(&earlier)).transpose()?;
    Ok(Content::Samples { hours: hours(period)?, before: before.unwrap_or_default() })
}

/// No report asks for more of the period before than its lines.
fn samples(store: &dyn Reader, source: &mut Source, period: &Period) -> Result<Content> {
    let all = |summary: Summary| Some(bare(summary, period));
    let mut hours = past::hours(store, source, &period.windows(), &all)?;
    let units = hours.settle_units();
    source.take_units(&units);
    let lone = hours.lone();
    let lines = |summary: Summary| lone.contains(&*summary.series).then(|| bare(summary, period));
    let mut before = match period.before() {
        Some(earlier) => past::hours(store, source, &earlier.windows(), &lines)?,
        None => Hours::default(),
    };
    before.keep_units(&units);
    Ok(Content::Samples { hours, before })
}

/// No report asks for quantiles, and one of many days for no traces.
fn bare(summary: Summary, period: &Period) -> Summary {
    let summary = summary.without_quantiles();
    if period.shows_steps() { summary } else { summary.without_traces() }
}

/// What the records of a period, and of that before, tell.
pub(super) fn told(store: &dyn Reader, known: &Known, period: &Period) -> Result<Told> {
    Ok(taken(store, known, period)?.told)
}

fn records(store: &dyn Reader, known: &Known, period: &Period) -> Result<(Content, Told)> {
    let Taken { timeless, mut sheet, mut before, told } = taken(store, known, period)?;
    let own = period.times();
    let is_shown = |record: &&Record| record.time.is_none_or(|time| own.contains(&time));
    timeless.records.values().filter(is_shown).for_each(|record| sheet.enter(record));
    if let Some(earlier) = period.before().filter(|_| digest::is_timeless(&known.source)) {
        before = Earlier::default();
        winners(store, known, &earlier)?.records.values().for_each(|record| before.enter(record));
    }
    Ok((Content::Records { sheet: sheet.sorted(), damaged: timeless.damaged, before }, told))
}

/// What is taken of records as they are read.
#[derive(Clone, Default)]
struct Taken {
    /// Those of which an answer of the period held a version without a time of its own; and the
    /// hours of the period that are damaged.
    timeless: Winners,
    /// The others of the period.
    sheet: Sheet,
    before: Earlier,
    /// Of all with a time of their own, the period's and those before.
    told: Told,
}

fn taken(store: &dyn Reader, known: &Known, period: &Period) -> Result<Taken> {
    let (own, all) = (period.times(), times(period));
    let earlier =
        period.before().map(|earlier| earlier.from..earlier.to).unwrap_or(own.start..own.start);
    let timeless = past::records(store, known, &(own.start..own.start), &period.windows())?;
    let enter = |taken: &mut Taken, record: &Record, is_here: bool| {
        let is_in = |times: &Range<Instant>| record.time.is_some_and(|time| times.contains(&time));
        let is_listed = taken.timeless.records.contains_key(&record.id);
        if is_listed {
            taken.timeless.enter(record.clone());
        }
        if !is_here {
            return;
        }
        taken.told.enter(record);
        if is_in(&earlier) {
            taken.before.enter(record);
        }
        if is_in(&own) && !is_listed {
            taken.sheet.enter(record);
        }
    };
    // Under several names each part would be read as a whole.
    let parts = match known.source.formerly.is_empty() {
        true => vec![own.clone(), all.start..own.start],
        false => vec![all],
    };
    let mut taken = Taken::default();
    for times in &parts {
        // What was told with a time in the period before says nothing of what has none in this one.
        let is_own = times.end > own.start;
        let timeless = if is_own { timeless.clone() } else { Winners::default() };
        let begin = || Taken { timeless: timeless.clone(), ..Taken::default() };
        let (part, damaged) = past::each_record(store, known, times, &begin, &enter)?;
        taken.absorb(part);
        taken.told.damaged.extend(&damaged);
        if is_own {
            taken.timeless.damaged.extend(damaged);
        }
    }
    taken.told.damaged.extend(&taken.timeless.damaged);
    Ok(taken)
}

impl Taken {
    /// Takes in what stands in another part of the times.
    fn absorb(&mut self, other: Taken) {
        self.timeless.absorb(other.timeless);
        self.before.absorb(other.before);
        self.told.absorb(other.told);
        if self.sheet.is_empty() {
            self.sheet = other.sheet;
        }
    }
}

/// The records of a period, whenever they landed.
fn winners(store: &dyn Reader, known: &Known, period: &Period) -> Result<Winners> {
    past::records(store, known, &period.times(), &period.windows())
}
