//! The records of a source by their own times, under all names that it had.

use super::Known;
use crate::domain::hours::Winners;
use crate::domain::ledger::Entry;
use crate::domain::record::Record;
use crate::domain::time::{Instant, Window};
use crate::edge::store::Reader;
use crate::tier::view::{self, TRIES};
use anyhow::{Result, bail};
use chrono::Duration;
use std::collections::BTreeSet;
use std::ops::Range;

/// What the records of some times make, and the hours that are damaged, of which nothing is taken.
/// The winners are looked for day by day, so only those of one day are held; `enter` is told
/// whether its own time is in that day: one that moved to another day is met once more there. Of a
/// source that had other names all are looked for at once: under one name nothing tells that a
/// record moved under the next.
pub fn each_record<T>(
    store: &dyn Reader,
    known: &Known,
    times: &Range<Instant>,
    begin: &dyn Fn() -> T,
    enter: &dyn Fn(&mut T, &Record, bool),
) -> Result<(T, BTreeSet<Window>)> {
    let step = if known.source.formerly.is_empty() { Duration::days(1) } else { Duration::MAX };
    let mut damaged = BTreeSet::new();
    for _ in 0..TRIES {
        let (mut made, mut found) = (begin(), damaged.clone());
        let mut from = times.start;
        while from < times.end {
            let day = from..from.after(step).min(times.end);
            let winners = winners(store, known, &day, &none(times), &damaged)?;
            let is_of_day = |record: &Record| record.time.is_some_and(|time| day.contains(&time));
            winners.records.values().for_each(|r| enter(&mut made, r, is_of_day(r)));
            found.extend(winners.damaged);
            from = day.end;
        }
        // What a day found may have been taken in on another one.
        if found == damaged {
            return Ok((made, damaged));
        }
        damaged = found;
    }
    bail!(
        "{} was found to be damaged in other hours at each of {TRIES} readings",
        known.source.name
    )
}

fn none(times: &Range<Instant>) -> Range<Window> {
    Window::of(times.start)..Window::of(times.start)
}

/// The winners among the records of some times, whenever they landed, under all names of their
/// source. A value that was read in another unit than its field has is left out.
pub fn records(
    store: &dyn Reader,
    known: &Known,
    times: &Range<Instant>,
    hours: &Range<Window>,
) -> Result<Winners> {
    winners(store, known, times, hours, &BTreeSet::new())
}

/// Gives records back what may be withdrawn of them, and is not.
fn join_sides(store: &dyn Reader, known: &Known, winners: &mut Winners) -> Result<()> {
    if known.source.withdrawal().is_none() {
        return Ok(());
    }
    let ids: BTreeSet<String> = winners.records.keys().cloned().collect();
    for name in known.source.names() {
        store.sides(&name, Some(&ids), &mut |side| {
            if let Some(record) = winners.records.get_mut(&side.id) {
                side.join(record);
            }
        })?;
    }
    Ok(())
}

/// The same, without what stands in hours that are known to be damaged.
fn winners(
    store: &dyn Reader,
    known: &Known,
    times: &Range<Instant>,
    hours: &Range<Window>,
    damaged: &BTreeSet<Window>,
) -> Result<Winners> {
    let read = |wanted: &dyn Fn(&Entry) -> bool| -> Result<Winners> {
        let mut all = Winners::default();
        for name in known.source.names() {
            all.absorb(view::records(store, &name, times, hours, wanted, damaged)?);
        }
        Ok(all)
    };
    let mut all = read(&|_| true)?;
    if !known.apart.is_empty() {
        let alike = read(&|entry| !known.apart.contains_key(&entry.declaration))?;
        let odd: BTreeSet<&String> = known.apart.values().flatten().collect();
        for (id, record) in &mut all.records {
            let same = alike.records.get(id).is_some_and(|other| other.version == record.version);
            if !same {
                record.values.retain(|(name, _)| !odd.contains(name));
            }
        }
    }
    join_sides(store, known, &mut all)?;
    Ok(all)
}
