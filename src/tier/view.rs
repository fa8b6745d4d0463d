//! Reading what counts: the ledger, the rows, the ledger again; once more from the start when
//! an entry that was used became void meanwhile. An hour with a row or an entry that cannot be
//! read, or whose numbers of rows are wrong under an unchanged ledger, is shown as damaged. The
//! order in which a store gives rows does not show.

mod timed;

pub use timed::{of_commits, records};

use crate::domain::document::Malformed;
use crate::domain::hours::{Hours, Winners};
use crate::domain::ledger::{Entry, Ledger, Unread};
use crate::domain::name::SourceName;
use crate::domain::record::Record;
use crate::domain::row::{Kept, Summary};
use crate::domain::time::{Day, Instant, Window, start_of_day};
use crate::edge::store::{Reader, Stored, Table};
use anyhow::{Result, bail};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Readings before it is given up because the ledger changes all the time.
pub const TRIES: usize = 5;

/// What a source's ledger says of a range of hours.
#[derive(Default)]
pub struct Live {
    pub entries: Vec<Entry>,
    /// Of these hours it is not known what counts.
    pub damaged: BTreeSet<Window>,
    /// Entries that cannot be read, with their day.
    pub unread: Vec<(Day, Unread)>,
}

/// The live entries of a source whose hours lie in a range.
pub fn live(store: &dyn Reader, source: &SourceName, hours: &Range<Window>) -> Result<Live> {
    let mut live = Live::default();
    for day in days(store, source, hours)? {
        live.enter(day, &|hour| hours.contains(&hour), store.entries(source, day)?);
    }
    Ok(live)
}

/// The same without what they counted.
pub fn outlines(store: &dyn Reader, source: &SourceName, hours: &Range<Window>) -> Result<Live> {
    let mut live = Live::default();
    for day in days(store, source, hours)? {
        live.enter(day, &|hour| hours.contains(&hour), store.outlines(source, day)?);
    }
    Ok(live)
}

/// Of one day of the ledger after the other, those that are live: each is read as it is asked for.
pub fn live_days<'a>(
    store: &'a dyn Reader,
    source: &'a SourceName,
    hours: &'a Range<Window>,
) -> Result<impl Iterator<Item = Result<Live>> + 'a> {
    Ok(days(store, source, hours)?.into_iter().map(move |day| {
        let mut live = Live::default();
        live.enter(day, &|hour| hours.contains(&hour), store.entries(source, day)?);
        Ok(live)
    }))
}

impl Live {
    fn enter(
        &mut self,
        day: Day,
        wanted: &dyn Fn(Window) -> bool,
        entries: Vec<Result<Entry, Unread>>,
    ) {
        let (ledger, unread) = readable(entries);
        self.entries.extend(ledger.live(None).filter(|entry| wanted(entry.hour)).cloned());
        for unread in unread {
            let hours = unread.hour.map(|hour| hour..hour.next()).or_else(|| hours_of(day));
            let all =
                hours.into_iter().flat_map(|h| Window::between(h.start.start(), h.end.start()));
            let hours: Vec<Window> = all.filter(|hour| wanted(*hour)).collect();
            if !hours.is_empty() {
                self.unread.push((day, unread));
            }
            self.damaged.extend(hours);
        }
    }
}

/// The ledger as far as it can be read, and what cannot.
pub fn readable(entries: Vec<Result<Entry, Unread>>) -> (Ledger, Vec<Unread>) {
    let mut unread = Vec::new();
    let read = entries.into_iter().filter_map(|entry| entry.map_err(|odd| unread.push(odd)).ok());
    (Ledger::new(read.collect()), unread)
}

/// The hours of a day of the ledger.
pub fn hours_of(day: Day) -> Option<Range<Window>> {
    let first = Window::of(start_of_day(day, Tz::UTC)?);
    let end = Window::of(first.start().after(chrono::Duration::days(1)));
    Some(first..end)
}

fn days(store: &dyn Reader, source: &SourceName, hours: &Range<Window>) -> Result<Vec<Day>> {
    Ok(store.days_within(source, &(hours.start.day()..=hours.end.day()))?)
}

/// The merged statistics of samples, as the ledger of one name has them.
pub fn hours(store: &dyn Reader, name: &SourceName, range: &Range<Window>) -> Result<Hours> {
    let mut hours = Hours::default();
    enter_hours(store, name, range, &mut hours, &Some)?;
    Ok(hours)
}

/// What is to be kept of a row of statistics, if anything.
pub type Fit<'a> = &'a dyn Fn(Summary) -> Option<Summary>;

/// Takes the statistics of samples in, as the ledger of one name has them, day by day: what is not
/// to be kept is held for one day at most.
pub fn enter_hours(
    store: &dyn Reader,
    name: &SourceName,
    range: &Range<Window>,
    hours: &mut Hours,
    fit: Fit,
) -> Result<()> {
    for day in days(store, name, range)? {
        let Some(own) = hours_of(day) else { continue };
        let own = own.start.max(range.start)..own.end.min(range.end);
        let parts = consistent(store, name, &own, Table::Summaries, summary)?;
        hours.damaged.extend(parts.damaged);
        for (hour, summary) in parts.rows {
            if let Some(summary) = fit(summary) {
                hours.enter(hour, summary);
            }
        }
    }
    Ok(())
}

/// The winners among the records that answers of some hours held.
pub fn winners(store: &dyn Reader, source: &SourceName, range: &Range<Window>) -> Result<Winners> {
    let parts = consistent(store, source, range, Table::Records, record)?;
    Ok(winners_of(parts.damaged, parts.rows))
}

/// The lines of the journals of runs that started in some hours.
pub fn journals(store: &dyn Reader, started: &Range<Window>) -> Result<Winners> {
    winners(store, &SourceName::journals(), started)
}

/// The same, of those runs whose journals are in some of the ledgers, by the home they belong to.
pub fn journals_kept(
    store: &dyn Reader,
    started: &Range<Window>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Winners> {
    let of = |entry: &Entry| wanted(&entry.keeper);
    let source = SourceName::journals();
    let parts = consistent_of(store, &source, started, Table::Records, record, &of)?;
    Ok(winners_of(parts.damaged, parts.rows))
}

/// The hours in which runs may have started that tell of what was due or landed in some hours.
/// None looks ahead, but a recording is replayed at any time; and a run may last.
pub fn runs_of(hours: &Range<Window>, recorded: bool) -> Range<Window> {
    let last = if recorded { Window::of(Instant::MAX) } else { hours.end.next() };
    hours.start.previous()..last
}

fn winners_of(damaged: BTreeSet<Window>, rows: Vec<(Window, Record)>) -> Winners {
    let mut winners = Winners { damaged, ..Winners::default() };
    rows.into_iter().for_each(|(_, record)| winners.enter(record));
    winners
}

fn summary(row: Kept, hour: Window) -> Result<Summary, Malformed> {
    row.summary(hour)
}

fn record(row: Kept, _: Window) -> Result<Record, Malformed> {
    row.record()
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
    parse: impl Fn(Kept, Window) -> Result<T, Malformed>,
) -> Result<Parts<T>> {
    consistent_of(store, source, hours, table, parse, &|_| true)
}

fn consistent_of<T>(
    store: &dyn Reader,
    source: &SourceName,
    hours: &Range<Window>,
    table: Table,
    parse: impl Fn(Kept, Window) -> Result<T, Malformed>,
    wanted: &dyn Fn(&Entry) -> bool,
) -> Result<Parts<T>> {
    let days = hours.start.day()..=hours.end.day();
    for _ in 0..TRIES {
        let before = store.growth(source, &days)?;
        let Live { mut entries, damaged, .. } = live(store, source, hours)?;
        entries.retain(wanted);
        let known = damaged.len();
        let mut reading = Reading { entries: &entries, damaged, rows: Vec::new() };
        reading.read(store, table, &parse)?;
        // Entries are numbered: where none came between, all that were there still count. What is
        // damaged may be so since they were all forgotten.
        let is_sound = reading.damaged.len() == known;
        if (is_sound && store.growth(source, &days)? == before)
            || is_unchanged(&entries, &live(store, source, hours)?.entries)
        {
            return Ok(reading.parts());
        }
    }
    bail!("the ledger of {source} changed at each of {TRIES} readings; try again")
}

/// Whether all entries that were used still count.
fn is_unchanged(used: &[Entry], again: &[Entry]) -> bool {
    let again: BTreeSet<&str> = again.iter().map(|entry| entry.commit.as_str()).collect();
    used.iter().all(|entry| again.contains(entry.commit.as_str()))
}

/// Rows on their way out of a store, each with the place of its entry.
struct Reading<'a, T> {
    entries: &'a [Entry],
    damaged: BTreeSet<Window>,
    rows: Vec<(usize, T)>,
}

impl<T> Reading<'_, T> {
    /// Reads all rows of the entries; a row that cannot be read, or a wrong number of them,
    /// damages its hour.
    fn read(
        &mut self,
        store: &dyn Reader,
        table: Table,
        parse: &impl Fn(Kept, Window) -> Result<T, Malformed>,
    ) -> Result<()> {
        let commits: Vec<String> = self.entries.iter().map(|e| e.commit.clone()).collect();
        let places = places(self.entries);
        let mut counts = vec![0; self.entries.len()];
        store.rows(table, &commits, &mut |stored: Stored| {
            let Some(place) = places.get(stored.commit.as_str()) else { return };
            counts[*place] += 1;
            self.enter(*place, stored.row, parse);
        })?;
        let wrong = self.entries.iter().zip(counts).filter(|(entry, count)| entry.rows != *count);
        self.damaged.extend(wrong.map(|(entry, _)| entry.hour));
        Ok(())
    }

    fn enter(
        &mut self,
        place: usize,
        row: Result<Kept, Malformed>,
        parse: &impl Fn(Kept, Window) -> Result<T, Malformed>,
    ) {
        let Some(hour) = self.entries.get(place).map(|entry| entry.hour) else { return };
        match row.and_then(|row| parse(row, hour)) {
            Ok(row) => self.rows.push((place, row)),
            Err(_) => drop(self.damaged.insert(hour)),
        }
    }

    /// The rows of sound hours. Sums of floats depend on their order: that of the ledger is the
    /// same in every store.
    fn parts(mut self) -> Parts<T> {
        self.rows.sort_by_key(|(place, _)| *place);
        let placed = |(place, row): (usize, T)| Some((self.entries.get(place)?.hour, row));
        let mut rows: Vec<(Window, T)> = self.rows.into_iter().filter_map(placed).collect();
        rows.retain(|(hour, _)| !self.damaged.contains(hour));
        Parts { rows, damaged: self.damaged }
    }
}

fn places(entries: &[Entry]) -> BTreeMap<&str, usize> {
    entries.iter().enumerate().map(|(at, entry)| (entry.commit.as_str(), at)).collect()
}
