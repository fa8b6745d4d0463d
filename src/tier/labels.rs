//! Names and places of a source's series: from its loop, from a list, or from another source.

use super::done::Summary;
use super::past::Known;
use super::view;
use crate::domain::digest::{Label, Labels, Period};
use crate::domain::hours::Winners;
use crate::domain::name::SourceName;
use crate::domain::source::{LabelSource, List, Shown, Source};
use crate::domain::time::{Day, Window};
use crate::edge::store::{Reader, Writer};
use anyhow::Result;
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// How far back the names and places of series may have been fetched.
const LABEL_DAYS: i64 = 31;

/// The labels as they were known in a period; `all` are the sources that there are or were.
pub fn labels(
    store: &dyn Reader,
    source: &Source,
    all: &[Known],
    period: &Period,
) -> Result<Labels> {
    let of_list = |list: &List| -> Labels {
        list.rows().iter().map(|row| (row.key.clone(), Label::listed(row))).collect()
    };
    let mut labels = source.fetch.items.as_ref().map(of_list).unwrap_or_default();
    match source.items.labels() {
        Some(LabelSource::List(list)) => labels.extend(of_list(list)),
        Some(LabelSource::Source(name)) => {
            let is_it = |known: &&Known| known.source.names().contains(name);
            // Names of single things go no further than these.
            let may_be_shown = |known: &&Known| known.source.shown() == Shown::Each;
            let found = all.iter().find(is_it).filter(may_be_shown);
            let names = found.map(|known| known.source.names());
            let records = known(store, &names.unwrap_or_default(), period)?.records.into_iter();
            labels.extend(records.map(|(id, record)| (id, Label::of(&record))));
        }
        None => {}
    }
    Ok(labels)
}

/// The records of a list as they were known in a period; where none was fetched around it, those
/// of the nearest day that has any: a name that is known at another time is better than a key.
fn known(store: &dyn Reader, list: &[SourceName], period: &Period) -> Result<Winners> {
    let from = Window::of(period.from.before(Duration::days(LABEL_DAYS)));
    let range = from..Window::of(period.to.after(Duration::days(1)));
    let mut found = Winners::default();
    for name in list {
        found.absorb(view::winners(store, name, &range)?);
    }
    if !found.records.is_empty() {
        return Ok(found);
    }
    let apart = |day: &Day| day.signed_duration_since(period.day).num_days().abs();
    let mut nearest: Option<(&SourceName, Day)> = None;
    for name in list {
        let before = store.end_days(name, &(Day::MIN..=period.day))?.map(|(_, day)| day);
        let after = store.end_days(name, &(period.day..=Day::MAX))?.map(|(day, _)| day);
        let days = before.into_iter().chain(after).map(|day| (name, day));
        nearest = nearest.into_iter().chain(days).min_by_key(|(_, day)| apart(day));
    }
    match nearest.and_then(|(name, day)| Some((name, view::hours_of(day)?))) {
        Some((name, hours)) => view::winners(store, name, &hours),
        None => Ok(found),
    }
}

/// Keeps in a store, for people who look there, the names of series: those that lists give to
/// sources that were counted in a run, and those that came with the records that were counted.
pub fn keep(store: &dyn Writer, sources: &[Source], done: &Summary) -> Result<()> {
    let none = BTreeSet::new();
    let hours = |name: &SourceName| done.get(name).map_or(&none, |done| &done.counted);
    for source in sources {
        let mut names = BTreeMap::new();
        if !hours(&source.name).is_empty() {
            names = listed(source);
        }
        if let Some(LabelSource::Source(list)) = source.items.labels()
            && !hours(list).is_empty()
        {
            names.extend(named(store.as_reader(), list, hours(list))?);
        }
        if !names.is_empty() {
            store.name_series(&source.name, &names)?;
        }
    }
    Ok(())
}

/// The same of all sources, as the last records say: of a store that was filled from another one.
pub fn keep_all(store: &dyn Writer, sources: &[Source]) -> Result<()> {
    for source in sources {
        let mut names = listed(source);
        if let Some(LabelSource::Source(list)) = source.items.labels() {
            names.extend(named(store.as_reader(), list, &BTreeSet::new())?);
        }
        if !names.is_empty() {
            store.name_series(&source.name, &names)?;
        }
    }
    Ok(())
}

/// Names of series by lists that stand beside their declaration.
fn listed(source: &Source) -> BTreeMap<String, String> {
    let items = source.fetch.items.as_ref().into_iter();
    let lists = items.chain(match source.items.labels() {
        Some(LabelSource::List(list)) => Some(list),
        _ => None,
    });
    let named = |row| Some((Label::listed(row).name?, row.key.clone()));
    lists.flat_map(List::rows).filter_map(named).map(|(name, key)| (key, name)).collect()
}

/// Names by the latest records since the first of some hours, or of the last day that has any: what
/// was counted late takes the place of nothing newer.
fn named(
    store: &dyn Reader,
    list: &SourceName,
    hours: &BTreeSet<Window>,
) -> Result<BTreeMap<String, String>> {
    let last = store.end_days(list, &(Day::MIN..=Day::MAX))?;
    let Some(last) = last.and_then(|(_, day)| view::hours_of(day)) else {
        return Ok(BTreeMap::new());
    };
    let first = hours.first().copied().map_or(last.start, |hour| hour.min(last.start));
    let records = view::winners(store, list, &(first..last.end))?.records.into_values();
    let named = records.filter_map(|record| Some((Label::of(&record).name?, record.id)));
    Ok(named.map(|(name, id)| (id, name)).collect())
}
