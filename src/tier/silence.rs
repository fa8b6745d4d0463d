//! What the answers of a source do not say: the remarks of its last counted hours.

use super::view;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::silence::{self, LASTS, Told};
use crate::domain::time::{Day, Window, start_of_day};
use crate::edge::store::Reader;
use anyhow::Result;
use chrono_tz::Tz;

/// The remarks of the last counted hour before `until`, and how long they have lasted, as far as
/// the last days tell that have entries: a source of one answer a day is followed as well.
pub fn told(store: &dyn Reader, source: &SourceName, until: Window) -> Result<Vec<Told>> {
    let mut days: Vec<Day> = Vec::new();
    let mut last = Some(until.day());
    while let Some(until) = last.filter(|_| days.len() < LASTS as usize) {
        let ends = store.end_days(source, &(Day::MIN..=until))?;
        days.extend(ends.map(|(_, day)| day));
        last = ends.and_then(|(_, day)| day.pred_opt());
    }
    days.reverse();
    let mut entries: Vec<Entry> = Vec::new();
    for day in days {
        let Some(from) = start_of_day(day, Tz::UTC).map(Window::of) else { continue };
        let to = Window::of(from.start().after(chrono::Duration::days(1))).min(until);
        entries.extend(view::live(store, source, &(from..to))?.entries);
    }
    Ok(silence::told(entries.iter()))
}
