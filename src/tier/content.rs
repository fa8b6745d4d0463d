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
use crate::domain::time::Window;
use crate::edge::store::Reader;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

/// What was found of a source.
pub(super) struct Found {
    /// As it was; its units are those of what was read.
    pub source: Source,
    pub content: Content,
    /// What its records tell.
    pub told: Option<Told>,
}

/// What each of some sources has; read on two threads, where a store lets two read at once.
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
        let other = second.map(|second| scope.spawn(|| read(&*{ second })));
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

fn records(store: &dyn Reader, known: &Known, period: &Period) -> Result<(Content, Told)> {
    let (own, all) = (period.times(), times(period));
    let mut shown = Told::default();
    let (sheet, damaged) = sheet(store, known, period, &mut shown)?;
    shown.damaged.clone_from(&damaged);
    let (mut before, earlier) = (Earlier::default(), period.before());
    let is_earlier = |record: &Record| {
        record.time.zip(earlier.as_ref()).is_some_and(|(time, earlier)| earlier.contains(time))
    };
    let odd = past::each_record(store, known, &(all.start..own.start), &mut |record| {
        shown.enter(record);
        if is_earlier(record) {
            before.enter(record);
        }
    })?;
    shown.damaged.extend(odd);
    if let Some(earlier) = earlier.filter(|_| digest::is_timeless(&known.source)) {
        before = Earlier::default();
        winners(store, known, &earlier)?.records.values().for_each(|record| before.enter(record));
    }
    Ok((Content::Records { sheet, damaged, before }, shown))
}

/// The records of a period, and the hours that are damaged. What those with a time of their own
/// tell goes into `shown`.
fn sheet(
    store: &dyn Reader,
    known: &Known,
    period: &Period,
    shown: &mut Told,
) -> Result<(Sheet, BTreeSet<Window>)> {
    let own = period.times();
    let none = own.start..own.start;
    let mut timeless = past::records(store, known, &none, &period.windows())?;
    let mut sheet = Sheet::default();
    let damaged = past::each_record(store, known, &own, &mut |record| {
        shown.enter(record);
        match timeless.records.contains_key(&record.id) {
            true => timeless.enter(record.clone()),
            false => sheet.enter(record),
        }
    })?;
    timeless.records.values().for_each(|record| sheet.enter(record));
    timeless.damaged.extend(damaged);
    Ok((sheet.sorted(), timeless.damaged))
}

/// The records of a period, whenever they landed.
fn winners(store: &dyn Reader, known: &Known, period: &Period) -> Result<Winners> {
    past::records(store, known, &period.times(), &period.windows())
}
