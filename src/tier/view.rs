//! Reading what counts: the ledger, the rows, the ledger again; once more from the start when
//! an entry that was used became void meanwhile. An hour whose numbers of rows are wrong under
//! an unchanged ledger is shown as damaged. The order in which a store gives rows does not show.

use crate::domain::document::{Doc, Malformed};
use crate::domain::hours::{Hours, Winners};
use crate::domain::ledger::{Entry, Ledger};
use crate::domain::name::SourceName;
use crate::domain::row::Row;
use crate::domain::time::{Day, Window, from_millis};
use crate::edge::store::{Reader, Stored, Table};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Readings before it is given up because the ledger changes all the time.
const TRIES: usize = 5;

/// The live entries of a source whose hours lie in a range, with all of their days' ledgers.
pub fn live_entries(
    store: &dyn Reader,
    source: &SourceName,
    hours: &Range<Window>,
) -> Result<Vec<Entry>> {
    let mut live = Vec::new();
    for day in days(store, source, hours)? {
        let ledger = Ledger::new(store.ledger(source, day)?);
        live.extend(ledger.live(None).filter(|entry| hours.contains(&entry.hour)).cloned());
    }
    Ok(live)
}

fn days(store: &dyn Reader, source: &SourceName, hours: &Range<Window>) -> Result<Vec<Day>> {
    let mut days = store.days(source)?;
    days.retain(|day| (hours.start.day()..=hours.end.day()).contains(day));
    Ok(days)
}

/// The merged statistics of a source's samples.
pub fn hours(store: &dyn Reader, source: &SourceName, range: &Range<Window>) -> Result<Hours> {
    let parts = consistent(store, source, range, Table::Summaries, Row::summary)?;
    let mut hours = Hours { damaged: parts.damaged, ..Hours::default() };
    for (hour, summary) in parts.rows {
        hours.enter(hour, summary);
    }
    Ok(hours)
}

/// The winners among a source's records.
pub fn winners(store: &dyn Reader, source: &SourceName, range: &Range<Window>) -> Result<Winners> {
    let parts = consistent(store, source, range, Table::Records, Row::record)?;
    let mut winners = Winners { damaged: parts.damaged, ..Winners::default() };
    for (_, record) in parts.rows {
        match winners.records.get_mut(&record.id) {
            Some(known) => known.absorb(record),
            None => drop(winners.records.insert(record.id.clone(), record)),
        }
    }
    Ok(winners)
}

/// The lines of all journals since a window. What a run did with a window stands in a journal of
/// that hour or later: a run may last, and a recording is replayed at any time.
pub fn journals(store: &dyn Reader, since: Window) -> Result<Winners> {
    let range = since..Window::of(from_millis(i64::MAX));
    winners(store, &SourceName::journals(), &range)
}

struct Parts<T> {
    rows: Vec<(Window, T)>,
    damaged: BTreeSet<Window>,
}

fn consistent<T>(
    store: &dyn Reader,
    source: &SourceName,
    hours: &Range<Window>,
    table: Table,
    parse: impl Fn(&Doc) -> Result<T, Malformed>,
) -> Result<Parts<T>> {
    for _ in 0..TRIES {
        let entries = live_entries(store, source, hours)?;
        let place_of: BTreeMap<&str, usize> =
            entries.iter().enumerate().map(|(at, entry)| (entry.commit.as_str(), at)).collect();
        let commits: Vec<String> = entries.iter().map(|entry| entry.commit.clone()).collect();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut rows = Vec::new();
        store.rows(table, &commits, &mut |stored: Stored| {
            let row = parse(&stored.doc)?;
            if let Some(place) = place_of.get(stored.commit.as_str()) {
                rows.push((*place, row));
            }
            *counts.entry(stored.commit).or_default() += 1;
            Ok(())
        })?;
        let again: BTreeSet<String> =
            live_entries(store, source, hours)?.into_iter().map(|entry| entry.commit).collect();
        if commits.iter().all(|commit| again.contains(commit)) {
            let wrong = |e: &&Entry| counts.get(&e.commit).copied().unwrap_or(0) != e.rows;
            let damaged: BTreeSet<Window> = entries.iter().filter(wrong).map(|e| e.hour).collect();
            // Sums of floats depend on their order: that of the ledger is the same in every store.
            rows.sort_by_key(|(place, _)| *place);
            let placed = |(place, row): (usize, T)| Some((entries.get(place)?.hour, row));
            let mut rows: Vec<(Window, T)> = rows.into_iter().filter_map(placed).collect();
            rows.retain(|(hour, _)| !damaged.contains(hour));
            return Ok(Parts { rows, damaged });
        }
    }
    bail!("the ledger of {source} changed at each of {TRIES} readings; try again")
}
