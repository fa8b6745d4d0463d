//! Records by their own time, whenever they landed: the commits that hold a version of them, the
//! ledgers of those commits' days, the versions, the ledgers again. What is read grows with the
//! records of the range and with how often each was seen, not with the history.

use super::{Live, Parts, Reading, TRIES, consistent_of, is_unchanged, places, record, winners_of};
use crate::domain::hours::Winners;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::record::Record;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{Reader, Table};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The winners among the records of which some version has its own time in a range; of records
/// without one, among those that answers of some hours held. A winner may have moved out of the
/// range. Damage is told of these hours, and of any other hour that was needed. Only entries that
/// are wanted are read.
pub fn records(
    store: &dyn Reader,
    source: &SourceName,
    times: &Range<Instant>,
    hours: &Range<Window>,
    wanted: &dyn Fn(&Entry) -> bool,
) -> Result<Winners> {
    let held = consistent_of(store, source, hours, Table::Records, record, wanted)?;
    let timed = by_time(store, source, times, wanted)?;
    let damaged: BTreeSet<Window> = held.damaged.union(&timed.damaged).copied().collect();
    let timeless = held.rows.into_iter().filter(|(_, record)| record.time.is_none());
    let mut rows: Vec<(Window, Record)> = timeless.chain(timed.rows).collect();
    rows.retain(|(hour, _)| !damaged.contains(hour));
    Ok(winners_of(damaged, rows))
}

fn by_time(
    store: &dyn Reader,
    source: &SourceName,
    times: &Range<Instant>,
    wanted: &dyn Fn(&Entry) -> bool,
) -> Result<Parts<Record>> {
    for _ in 0..TRIES {
        let holders = store.holders(source, times)?;
        let Live { mut entries, damaged, .. } = live(store, source, &holders)?;
        entries.retain(wanted);
        let mut reading = Reading { entries: &entries, damaged, rows: Vec::new() };
        let places = places(&entries);
        store.versions(source, times, &mut |stored| {
            if let Some(place) = places.get(stored.commit.as_str()) {
                reading.enter(*place, stored.row, &record);
            }
        })?;
        reading.damaged.extend(wrong(store, source, &entries)?);
        let again = live(store, source, &holders)?;
        if is_unchanged(&entries, &again.entries) {
            return Ok(reading.parts());
        }
    }
    bail!("the ledger of {source} changed at each of {TRIES} readings; try again")
}

/// The live entries of some commits.
fn live(
    store: &dyn Reader,
    source: &SourceName,
    commits: &BTreeMap<String, Window>,
) -> Result<Live> {
    let hours: BTreeSet<Window> = commits.values().copied().collect();
    let days: BTreeSet<Day> = hours.iter().map(|hour| hour.day()).collect();
    let mut live = Live::default();
    for day in days {
        live.enter(day, &|hour| hours.contains(&hour), store.entries(source, day)?);
    }
    live.entries.retain(|entry| commits.contains_key(&entry.commit));
    Ok(live)
}

/// Those of some commits, given with their hours, that count.
pub fn of_commits(
    store: &dyn Reader,
    source: &SourceName,
    commits: &BTreeMap<String, Window>,
) -> Result<Vec<Entry>> {
    Ok(live(store, source, commits)?.entries)
}

/// The hours whose entries have a wrong number of rows.
fn wrong(store: &dyn Reader, source: &SourceName, entries: &[Entry]) -> Result<BTreeSet<Window>> {
    let commits = entries.iter().map(|entry| (entry.commit.clone(), entry.hour)).collect();
    let counts = store.counts(source, &commits)?;
    let wrong = |e: &&Entry| counts.get(&e.commit).copied().unwrap_or(0) != e.rows;
    Ok(entries.iter().filter(wrong).map(|entry| entry.hour).collect())
}
