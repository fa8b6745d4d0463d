//! Names and places of a source's series: from its loop, from a list, or from another source.

use super::done::Summary;
use super::past::Known;
use super::view;
use crate::domain::digest::{Label, Labels, Period};
use crate::domain::hours::Winners;
use crate::domain::name::SourceName;
use crate::domain::source::{LabelSource, List, Shown, Source};
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{Reader, Writer};
use anyhow::Result;
use chrono::Duration;
use std::collections::BTreeMap;

/// How far back the names and places of series may have been fetched.
const LABEL_DAYS: i64 = 31;

/// The labels as they were known in a period; `all` are the sources that there are or were.
pub fn labels(
    store: &dyn Reader,
    source: &Source,
    all: &[Known],
    period: &Period,
) -> Result<Labels> {
    let listed = |list: &List| -> Labels {
        list.rows().iter().map(|row| (row.key.clone(), Label::listed(row))).collect()
    };
    let mut labels = source.fetch.items.as_ref().map(listed).unwrap_or_default();
    match source.items.labels() {
        Some(LabelSource::List(list)) => labels.extend(listed(list)),
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
/// sources that were summarised in a run, and those that came with records in that run.
pub fn keep(store: &dyn Writer, sources: &[Source], done: &Summary, now: Instant) -> Result<()> {
    let has_rows = |name: &SourceName| done.get(name).is_some_and(|done| done.rows > 0);
    for source in sources {
        let mut names = BTreeMap::new();
        if has_rows(&source.name) {
            let items = source.fetch.items.as_ref().into_iter();
            let lists = items.chain(match source.items.labels() {
                Some(LabelSource::List(list)) => Some(list),
                _ => None,
            });
            for row in lists.flat_map(List::rows) {
                names.extend(Label::listed(row).name.map(|name| (row.key.clone(), name)));
            }
        }
        if let Some(LabelSource::Source(list)) = source.items.labels()
            && has_rows(list)
        {
            let recent = Window::of(now.before(Duration::days(1)))..Window::of(now).next();
            let records = view::winners(store.as_reader(), list, &recent)?.records.into_values();
            let named = records.filter_map(|record| Some((Label::of(&record).name?, record.id)));
            names.extend(named.map(|(name, id)| (id, name)));
        }
        if !names.is_empty() {
            store.name_series(&source.name, &names)?;
        }
    }
    Ok(())
}
