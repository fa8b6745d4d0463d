//! Records by their own time, whenever they landed: the commits that hold a version of them, the
//! ledgers of those commits' days, the versions, the ledgers again. What is read grows with the
//! records of the range and with how often each was seen, not with the history; each row is taken
//! in as it comes.

use super::{Live, TRIES, days, is_unchanged, places, record};
use crate::domain::document::Malformed;
use crate::domain::hours::Winners;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::record::Record;
use crate::domain::row::Kept;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{Reader, Stored, Which};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

/// The winners among the records of which some version has its own time in a range; of records
/// without one, among those that answers of some hours held. A winner may have moved out of the
/// range. Damage is told of these hours, and of any other hour that was needed; what is known to be
/// damaged is left out. Only entries that are wanted are read.
pub fn records(
    store: &dyn Reader,
    source: &SourceName,
    times: &Range<Instant>,
    hours: &Range<Window>,
    wanted: &dyn Fn(&Entry) -> bool,
    damaged: &BTreeSet<Window>,
) -> Result<Winners> {
    let mut damaged = damaged.clone();
    for _ in 0..TRIES {
        let winners = Winners { damaged: damaged.clone(), ..Winners::default() };
        let mut looking = Looking { store, source, wanted, winners, anew: false };
        looking.timeless(hours)?;
        looking.timed(times)?;
        if looking.anew {
            continue;
        }
        // Of an hour that was found to be damaged some rows may have been taken in before.
        if looking.winners.damaged == damaged {
            return Ok(looking.winners);
        }
        damaged = looking.winners.damaged;
    }
    bail!("the ledger of {source} changed at each of {TRIES} readings; try again")
}

/// Records on their way out of a store.
struct Looking<'a> {
    store: &'a dyn Reader,
    source: &'a SourceName,
    wanted: &'a dyn Fn(&Entry) -> bool,
    winners: Winners,
    /// An entry that was used does not count any more: nothing is known.
    anew: bool,
}

impl Looking<'_> {
    /// Takes in the records without a time that answers of some hours held.
    fn timeless(&mut self, hours: &Range<Window>) -> Result<()> {
        if hours.start >= hours.end {
            return Ok(());
        }
        let (store, source) = (self.store, self.source);
        let look = || {
            let mut live = Live::default();
            for day in days(store, source, hours)? {
                live.enter(day, &|hour| hours.contains(&hour), store.entries(source, day)?);
            }
            Ok(live)
        };
        let days = hours.start.day()..=hours.end.day();
        self.fenced(&days, &look, |looking, entries| {
            let commits: Vec<String> = entries.iter().map(|entry| entry.commit.clone()).collect();
            let places = places(entries);
            store.timeless(&commits, &mut |stored: Stored| {
                let entry = places.get(stored.commit.as_str()).and_then(|at| entries.get(*at));
                let is_timeless = |record: &Record| record.time.is_none();
                looking.enter(entry, stored.row, &is_timeless);
            })?;
            Ok(())
        })
    }

    /// Takes in those of which some version has its own time in a range.
    fn timed(&mut self, times: &Range<Instant>) -> Result<()> {
        if times.start >= times.end {
            return Ok(());
        }
        let (store, source) = (self.store, self.source);
        let holders = store.holders(source, Which::Timed(times))?;
        let mut days = holders.values().map(|hour| hour.day());
        let Some(first) = days.next() else { return Ok(()) };
        let days =
            days.fold(first..=first, |all, day| (*all.start()).min(day)..=(*all.end()).max(day));
        self.fenced(&days, &|| live(store, source, &holders), |looking, entries| {
            let places = places(entries);
            store.versions(source, Which::Timed(times), &mut |stored| {
                let entry = places.get(stored.commit.as_str()).and_then(|at| entries.get(*at));
                looking.enter(entry, stored.row, &|_| true);
            })?;
            Ok(())
        })
    }

    /// Reads between two looks at the ledger. Entries are numbered: where none came between, all
    /// that were there still count.
    fn fenced(
        &mut self,
        days: &RangeInclusive<Day>,
        look: &dyn Fn() -> Result<Live>,
        read: impl FnOnce(&mut Self, &[Entry]) -> Result<()>,
    ) -> Result<()> {
        let before = self.store.growth(self.source, days)?;
        let Live { mut entries, damaged, .. } = look()?;
        entries.retain(|entry| (self.wanted)(entry));
        self.winners.damaged.extend(damaged);
        let known = self.winners.damaged.len();
        self.winners.damaged.extend(wrong(self.store, self.source, &entries)?);
        read(self, &entries)?;
        let is_sound = known == self.winners.damaged.len();
        if !is_sound || self.store.growth(self.source, days)? != before {
            self.anew |= !is_unchanged(&entries, &look()?.entries);
        }
        Ok(())
    }

    /// Takes a row in that is asked for, unless its hour is damaged.
    fn enter(
        &mut self,
        entry: Option<&Entry>,
        row: std::result::Result<Kept, Malformed>,
        is_it: &dyn Fn(&Record) -> bool,
    ) {
        let Some(Entry { hour, .. }) = entry else { return };
        match row.and_then(|row| record(row, *hour)) {
            Err(_) => drop(self.winners.damaged.insert(*hour)),
            Ok(record) if is_it(&record) && !self.winners.damaged.contains(hour) => {
                self.winners.enter(record);
            }
            Ok(_) => {}
        }
    }
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
