//! Names and places of a source's series: from its loop, from a list, or from another source.

use super::view;
use crate::domain::digest::{Label, Labels, Period};
use crate::domain::hours::Winners;
use crate::domain::name::SourceName;
use crate::domain::source::{LabelSource, List, Source};
use crate::domain::time::{Day, Window};
use crate::edge::store::Reader;
use anyhow::Result;
use chrono::Duration;

/// How far back the names and places of series may have been fetched.
const LABEL_DAYS: i64 = 31;

/// The labels as they were known in a period; `sources` are those that are declared.
pub fn labels(
    store: &dyn Reader,
    source: &Source,
    sources: &[Source],
    period: &Period,
) -> Result<Labels> {
    let listed = |list: &List| -> Labels {
        list.rows().iter().map(|row| (row.key.clone(), Label::listed(row))).collect()
    };
    let mut labels = source.fetch.items.as_ref().map(listed).unwrap_or_default();
    match source.items.labels() {
        Some(LabelSource::List(list)) => labels.extend(listed(list)),
        Some(LabelSource::Source(name)) if sources.iter().any(|s| s.name == *name) => {
            let records = known(store, name, period)?.records.into_iter();
            labels.extend(records.map(|(id, record)| (id, Label::of(&record))));
        }
        _ => {}
    }
    Ok(labels)
}

/// The records of a list as they were known in a period; where none was fetched around it, those
/// of the nearest day that has any: a name that is known at another time is better than a key.
fn known(store: &dyn Reader, list: &SourceName, period: &Period) -> Result<Winners> {
    let from = Window::of(period.from.before(Duration::days(LABEL_DAYS)));
    let range = from..Window::of(period.to.after(Duration::days(1)));
    let found = view::winners(store, list, &range)?;
    if !found.records.is_empty() {
        return Ok(found);
    }
    let days = store.days(list)?;
    let apart = |day: &&Day| day.signed_duration_since(period.day).num_days().abs();
    match days.iter().min_by_key(apart).and_then(|day| view::hours_of(*day)) {
        Some(hours) => view::winners(store, list, &hours),
        None => Ok(found),
    }
}
