//! Names and places of a source's series: from its loop, from a list, or from another source.

use super::view;
use crate::domain::digest::{Label, Labels, Period};
use crate::domain::source::{LabelSource, List, Source};
use crate::domain::time::Window;
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
            let from = Window::of(period.from.before(Duration::days(LABEL_DAYS)));
            let range = from..Window::of(period.to.after(Duration::days(1)));
            let winners = view::winners(store, name, &range)?;
            let records = winners.records.iter();
            labels.extend(records.map(|(id, record)| (id.clone(), Label::of(record))));
        }
        _ => {}
    }
    Ok(labels)
}
