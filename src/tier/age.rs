//! One hour expires or thins: its rows are read and held against their entries, what stays of
//! them is written under a fresh commit id, and one entry replaces all that the hour had.

use super::commit::{Committer, Written};
use super::count::checksum;
use super::replace::Replaced;
use super::view::of_commits;
use crate::domain::batch::aged_id;
use crate::domain::hours::Winners;
use crate::domain::ledger::{Entry, Kind, Ledger};
use crate::domain::name::SourceName;
use crate::domain::record::Record;
use crate::domain::retention::{Due, Rules};
use crate::domain::row::{Checksum, Kept, Row};
use crate::domain::thinned::Thinned;
use crate::domain::time::{Instant, Window};
use crate::edge::store::{Stored, Table};
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// The work on the hours of one source.
pub(super) struct Age<'a> {
    committer: &'a Committer<'a>,
    source: &'a SourceName,
    rules: &'a Rules,
    now: Instant,
    /// The first hour of which a first sighting is kept, by record, though it expired.
    firsts: BTreeMap<String, Window>,
}

impl<'a> Age<'a> {
    pub fn new(
        committer: &'a Committer<'a>,
        source: &'a SourceName,
        rules: &'a Rules,
        now: Instant,
    ) -> Result<Age<'a>> {
        let mut age = Age { committer, source, rules, now, firsts: BTreeMap::new() };
        age.firsts = age.kept_firsts()?;
        Ok(age)
    }

    /// What was done with an hour; `None` where it stays as it is.
    pub fn hour(&mut self, hour: Window) -> Result<Option<Due>> {
        let (committer, source) = (self.committer, self.source);
        let mut done = None;
        let mut write = |ledger: &Ledger| {
            let written = self.write(ledger, hour)?;
            done = written.as_ref().map(|(due, _)| *due);
            Ok(written.map(|(_, entry)| entry))
        };
        let replaced = committer.replace(source, hour, &mut write)?;
        if let Some(Replaced { entry, tried, .. }) = &replaced {
            committer.remove_losers(entry, tried)?;
        }
        Ok(done)
    }

    fn write(&mut self, ledger: &Ledger, hour: Window) -> Result<Option<(Due, Entry)>> {
        let again = || ledger.keeps_firsts(hour).then_some(Due::Expiry);
        let Some(due) = self.rules.retention.due(ledger, hour, self.now).or_else(again) else {
            return Ok(None);
        };
        let Some(entry) = ledger.aged(hour, due.kind()) else { return Ok(None) };
        let live: Vec<&Entry> = ledger.live(Some(hour)).collect();
        let rows = match due {
            Due::Expiry => self.living(hour, &live)?,
            Due::Thinning => match self.thin(&live)? {
                Some(rows) => rows,
                None => return Ok(None),
            },
        };
        let before: u64 = live.iter().map(|entry| entry.rows).sum();
        if live.iter().any(|entry| entry.kind == Kind::Expiry) && before == rows.len() as u64 {
            return Ok(None);
        }
        let rows: Vec<Kept> = rows.into_iter().map(|row| Kept::of(row, hour)).collect();
        let batch = aged_id(due.kind(), self.source, hour, ledger.last_of(hour));
        let committer = self.committer;
        let Written { header, rows, checksum } =
            committer.write_rows(self.source, hour, &batch, (&rows, checksum(&rows, hour)?))?;
        let (commit, home) = (header.commit, committer.home.to_string());
        Ok(Some((due, Entry { batch, commit, rows, checksum, home, ..entry })))
    }

    /// The plain figures of an hour, and its records; `None` where its parts do not mix.
    fn thin(&self, live: &[&Entry]) -> Result<Option<Vec<Row>>> {
        let mut thinned = Thinned::default();
        for entry in live {
            for row in self.rows(entry)? {
                if !thinned.enter(row.row(entry.hour)?) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(thinned.rows()))
    }

    /// The records of an hour of which the own time is not too old yet; and those that live on,
    /// and were not seen earlier by what is kept.
    fn living(&mut self, hour: Window, live: &[&Entry]) -> Result<Vec<Row>> {
        let mut records = self.records(live)?;
        if records.is_empty() || self.source.is_journals() {
            return Ok(Vec::new());
        }
        let edge = self.rules.retention.last_expired(self.now).unwrap_or(hour).max(hour);
        let is_young = |record: &Record| record.time.is_some_and(|time| time >= edge.end());
        let is_first = |id: &String| self.firsts.get(id).is_none_or(|first| *first >= hour);
        records.retain(|id, record| is_young(record) || is_first(id));
        let ids: Vec<String> = records.keys().cloned().collect();
        let mut living = BTreeSet::new();
        for name in &self.rules.names {
            living.extend(self.committer.store.seen_after(name, &ids, edge)?);
        }
        records.retain(|id, record| is_young(record) || living.contains(id));
        self.firsts.extend(records.keys().map(|id| (id.clone(), hour)));
        Ok(records.into_values().map(Row::Record).collect())
    }

    /// What entries say of records, by id.
    fn records(&self, live: &[&Entry]) -> Result<BTreeMap<String, Record>> {
        let mut winners = Winners::default();
        for entry in live.iter().filter(|entry| entry.rows > 0) {
            for row in self.rows(entry)? {
                if let Kept::Record(record) = row {
                    winners.enter(record);
                }
            }
        }
        Ok(winners.records)
    }

    /// All rows of an entry, if they are those that were committed.
    fn rows(&self, entry: &Entry) -> Result<Vec<Kept>> {
        let mut rows = Vec::new();
        for table in Table::BOTH {
            rows.extend(self.read(entry, table)?);
        }
        let kind = Checksum::kind(&entry.checksum);
        let digests = rows.iter().map(|row| kind.of(row, entry.hour));
        let checksum = kind.all(digests.collect::<std::result::Result<_, _>>()?);
        if rows.len() as u64 != entry.rows || checksum != entry.checksum {
            bail!(
                "entry {} has other rows than were committed: the hour stays as it is\n\
                 hint: summarizer audit tells; docs/operations.md, \"A damaged store\"",
                entry.number
            );
        }
        Ok(rows)
    }

    fn read(&self, entry: &Entry, table: Table) -> Result<Vec<Kept>> {
        let (mut rows, mut odd) = (Vec::new(), None);
        let commit = std::slice::from_ref(&entry.commit);
        self.committer.store.rows(table, commit, &mut |stored: Stored| match stored.row {
            Ok(row) => rows.push(row),
            Err(why) => odd = odd.take().or(Some((stored.key, why))),
        })?;
        match odd {
            None => Ok(rows),
            Some((key, why)) => {
                bail!("row {key:?} cannot be read, so the hour stays as it is: {why}")
            }
        }
    }

    /// The hours of which first sightings are kept, by record: of expired hours there are no other
    /// rows.
    fn kept_firsts(&self) -> Result<BTreeMap<String, Window>> {
        let Some(edge) = self.rules.retention.last_expired(self.now) else {
            return Ok(BTreeMap::new());
        };
        let store = self.committer.store;
        let oldest = store.oldest(self.source)?.filter(|_| !self.source.is_journals());
        let Some(oldest) = oldest else { return Ok(BTreeMap::new()) };
        let commits = store.commits(self.source, oldest..edge.next())?.into_iter();
        let commits: BTreeMap<String, Window> = commits.map(|c| (c.commit, c.hour)).collect();
        let mut entries = of_commits(store.as_reader(), self.source, &commits)?;
        entries.retain(|entry| entry.kind == Kind::Expiry && entry.rows > 0);
        let mut firsts = BTreeMap::new();
        for entry in &entries {
            for record in self.read(entry, Table::Records)? {
                let first = firsts.entry(record.key().to_string()).or_insert(entry.hour);
                *first = entry.hour.min(*first);
            }
        }
        Ok(firsts)
    }
}
