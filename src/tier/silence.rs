//! What the answers of a source do not say: the remarks of its last counted hours.

use super::view;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::silence::{self, LASTS, Told};
use crate::domain::time::{Window, start_of_day};
use crate::edge::store::Reader;
use anyhow::Result;
use chrono_tz::Tz;

/// The remarks of the last counted hour before `until`, and how long they have lasted, as far as
/// the last days tell that have entries: a source of one answer a day is followed as well.
pub fn told(store: &dyn Reader, source: &SourceName, until: Window) -> Result<Vec<Told>> {
    let mut days = store.days(source)?;
    days.retain(|day| *day <= until.day());
    let days = days.split_off(days.len().saturating_sub(LASTS as usize));
    let mut entries: Vec<Entry> = Vec::new();
    for day in days {
        let Some(from) = start_of_day(day, Tz::UTC).map(Window::of) else { continue };
        let to = Window::of(from.start().after(chrono::Duration::days(1))).min(until);
        entries.extend(view::live(store, source, &(from..to))?.entries);
    }
    Ok(silence::told(entries.iter()))
}
