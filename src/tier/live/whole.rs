//! A reader of the store and of what waits: what is not summarised yet stands in the ledger as if
//! it were. Between the look at the spool and a reading the summarizer may commit some of it; then
//! the ledger wins, and what was read is no whole ([`Whole::is_torn`]): it is read once more.

use super::waiting::{Part, Waiting};
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::record::Record;
use crate::domain::row::Kept;
use crate::domain::side::Side;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{Feed, Header, Ids, Reader, Result, Standing, Stored, Table, Which};
use crate::tier::view;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Whole {
    store: Box<dyn Reader>,
    waiting: Arc<Waiting>,
    torn: Arc<AtomicBool>,
}

impl Whole {
    pub fn new(store: Box<dyn Reader>, waiting: Arc<Waiting>) -> Whole {
        Whole { store, waiting, torn: Arc::default() }
    }

    /// Whether something that was counted as waiting stood in the ledger meanwhile.
    pub fn is_torn(&self) -> bool {
        self.torn.load(Ordering::SeqCst)
    }

    /// The store is given back.
    pub fn into_store(self) -> Box<dyn Reader> {
        self.store
    }

    /// The store alone.
    pub fn store(&self) -> &dyn Reader {
        &*self.store
    }

    fn parts<'a>(
        &'a self,
        source: &'a SourceName,
        days: &'a RangeInclusive<Day>,
    ) -> impl Iterator<Item = &'a Part> {
        self.waiting.of(source).filter(|part| days.contains(&part.entry.day()))
    }

    /// Those records that wait, of which the store or the spool has a version with its own time in
    /// a range; those of some ids. And which of them the store would not tell of.
    fn wanted(&self, source: &SourceName, which: Which) -> Result<(BTreeSet<String>, Vec<String>)> {
        let waits = |wanted: &dyn Fn(&Record) -> bool| -> BTreeSet<String> {
            let rows = self.waiting.of(source).flat_map(records);
            rows.filter(|record| wanted(record)).map(|record| record.id.clone()).collect()
        };
        let times = match which {
            Which::Named(ids) => {
                let ids: BTreeSet<&String> = ids.iter().collect();
                return Ok((waits(&|record| ids.contains(&record.id)), Vec::new()));
            }
            Which::Timed(times) => times,
        };
        let mut stored = BTreeSet::new();
        self.store.versions(source, which, &mut |row| stored.extend([row.key]))?;
        let is_in = |record: &Record| record.time.is_some_and(|time| times.contains(&time));
        let alone: Vec<String> = waits(&is_in).difference(&stored).cloned().collect();
        let mut wanted = waits(&|record| stored.contains(&record.id));
        wanted.extend(alone.iter().cloned());
        Ok((wanted, alone))
    }

    fn waits(&self, source: &SourceName) -> bool {
        self.waiting.of(source).next().is_some()
    }
}

fn records(part: &Part) -> impl Iterator<Item = &Record> {
    part.rows.iter().filter_map(|row| match row {
        Kept::Record(record) => Some(record),
        Kept::Summary(_) => None,
    })
}

fn stored(part: &Part, row: &Kept) -> Stored {
    Stored { commit: part.entry.commit.clone(), key: row.key().into(), row: Ok(row.clone()) }
}

/// The commits of the store among some, and the parts that the others are.
type Apart<'a> = (Vec<String>, Vec<&'a Part>);

impl Whole {
    fn apart(&self, commits: &[String]) -> Apart<'_> {
        let (mut real, mut parts) = (Vec::new(), Vec::new());
        for commit in commits {
            match self.waiting.commit(commit) {
                Some(part) => parts.push(part),
                None => real.push(commit.clone()),
            }
        }
        (real, parts)
    }
}

impl Reader for Whole {
    fn address(&self) -> &str {
        self.store.address()
    }

    fn another(&self) -> Option<Box<dyn Reader>> {
        let (store, waiting) = (self.store.another()?, self.waiting.clone());
        Some(Box::new(Whole { store, waiting, torn: self.torn.clone() }))
    }

    fn standing(&self) -> Result<Standing> {
        self.store.standing()
    }

    fn id(&self) -> Result<String> {
        self.store.id()
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        self.store.declaration(hash)
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        self.store.feeds()
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        let mut entries = self.store.entries(source, day)?;
        let days = day..=day;
        let mut parts = self.parts(source, &days).peekable();
        if parts.peek().is_none() {
            return Ok(entries);
        }
        let read = entries.to_vec();
        let (ledger, _) = view::readable(read);
        let counted = ledger.found(None);
        for part in parts {
            let is_counted = |id: &String| counted.contains_key(id.as_str());
            match part.entry.snapshots.keys().any(is_counted) {
                true => self.torn.store(true, Ordering::SeqCst),
                false => entries.push(Ok(part.entry.clone())),
            }
        }
        Ok(entries)
    }

    fn outlines(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        // What waits is told apart from what is counted by the ids.
        match self.parts(source, &(day..=day)).next() {
            None => self.store.outlines(source, day),
            Some(_) => self.entries(source, day),
        }
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        let mut all: BTreeSet<Day> = self.store.days_within(source, days)?.into_iter().collect();
        all.extend(self.parts(source, days).map(|part| part.entry.day()));
        Ok(all.into_iter().collect())
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        let ends = self.store.end_days(source, days)?;
        let own = self.parts(source, days).map(|part| part.entry.day());
        let all: BTreeSet<Day> = own.chain(ends.iter().flat_map(|ends| [ends.0, ends.1])).collect();
        Ok(all.first().copied().zip(all.last().copied()))
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        let mut growth = self.store.growth(source, days)?;
        for part in self.parts(source, days) {
            *growth.entry(part.entry.day()).or_default() += 1;
        }
        Ok(growth)
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        let (real, parts) = self.apart(commits);
        self.store.rows(table, &real, each)?;
        for part in parts {
            let is_of = |row: &&Kept| matches!(row, Kept::Record(_)) == (table == Table::Records);
            part.rows.iter().filter(is_of).for_each(|row| each(stored(part, row)));
        }
        Ok(())
    }

    fn series(&self, commits: &[String], series: &str, each: &mut dyn FnMut(Stored)) -> Result<()> {
        let (real, parts) = self.apart(commits);
        self.store.series(&real, series, each)?;
        for part in parts {
            let own = part.rows.iter().filter(|row| row.key() == series);
            let own = own.filter(|row| matches!(row, Kept::Summary(_)));
            own.for_each(|row| each(stored(part, row)));
        }
        Ok(())
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        let (real, parts) = self.apart(commits);
        self.store.timeless(&real, each)?;
        for part in parts {
            let is_timeless = |row: &&Kept| matches!(row, Kept::Record(r) if r.time.is_none());
            part.rows.iter().filter(is_timeless).for_each(|row| each(stored(part, row)));
        }
        Ok(())
    }

    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        let mut holders = self.store.holders(source, which)?;
        if self.waits(source) {
            let (wanted, alone) = self.wanted(source, which)?;
            holders.extend(self.store.holders(source, Which::Named(&alone))?);
            let holds = |part: &&Part| records(part).any(|record| wanted.contains(&record.id));
            let parts = self.waiting.of(source).filter(holds);
            holders.extend(parts.map(|part| (part.entry.commit.clone(), part.entry.hour)));
        }
        Ok(holders)
    }

    fn end_times(&self, source: &SourceName) -> Result<Option<(Instant, Instant)>> {
        let stored = self.store.end_times(source)?;
        let own = self.waiting.of(source).flat_map(records).filter_map(|record| record.time);
        let all = own.chain(stored.iter().flat_map(|(first, last)| [*first, *last]));
        let all: BTreeSet<Instant> = all.collect();
        Ok(all.first().copied().zip(all.last().copied()))
    }

    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        self.store.versions(source, which, each)?;
        if self.waits(source) {
            let (wanted, alone) = self.wanted(source, which)?;
            self.store.versions(source, Which::Named(&alone), each)?;
            for part in self.waiting.of(source) {
                let rows = part.rows.iter().filter(|row| wanted.contains(row.key()));
                rows.for_each(|row| each(stored(part, row)));
            }
        }
        Ok(())
    }

    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        let names: Vec<String> = commits.keys().cloned().collect();
        let (real, parts) = self.apart(&names);
        let real = real.into_iter().filter_map(|name| Some((name.clone(), *commits.get(&name)?)));
        let mut counts = self.store.counts(source, &real.collect())?;
        let count = |part: &Part| (part.entry.commit.clone(), records(part).count() as u64);
        counts.extend(parts.into_iter().map(count).filter(|(_, count)| *count > 0));
        Ok(counts)
    }

    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>> {
        self.store.seen_after(source, ids, hour)
    }

    /// What the store has of a record wins: there it may have been withdrawn.
    fn sides(&self, source: &SourceName, ids: Ids, each: &mut dyn FnMut(Side)) -> Result<()> {
        let mut known = BTreeSet::new();
        self.store.sides(source, ids, &mut |side| {
            known.insert(side.id.clone());
            each(side);
        })?;
        let is_asked = |side: &&Side| ids.is_none_or(|ids| ids.contains(&side.id));
        let own = self.waiting.of(source).flat_map(|part| &part.sides).filter(is_asked);
        for side in own {
            if known.insert(side.id.clone()) {
                each(side.clone());
            }
        }
        Ok(())
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        self.store.weight(source, hours)
    }

    fn size(&self) -> Result<u64> {
        self.store.size()
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        self.store.commits(source, hours)
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        self.store.oldest(source)
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.store.copy_to(folder)
    }
}
