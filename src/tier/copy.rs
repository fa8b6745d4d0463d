//! A store into another, of any kind: entry by entry, each behind its rows, read back before the
//! next day begins. Stopped anywhere, it is done again, and goes on with what is missing. Only at
//! the end does the copy get the id by which a home knows its store.

use super::Progress;
use super::audit::Audit;
use crate::domain::ledger::{Entry, Ledger};
use crate::domain::name::SourceName;
use crate::domain::row::Kept;
use crate::domain::time::{Day, Instant};
use crate::edge::store::{Feed, Header, Reader, Table, Writer};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// Side rows that are sent at once.
const SIDES: usize = 1_000;
/// How often what changes under the reading is looked at again.
const TRIES: usize = 5;

/// One copy.
pub struct Copy<'a> {
    pub from: &'a dyn Reader,
    pub to: &'a dyn Writer,
    pub now: Instant,
    pub progress: &'a dyn Progress,
}

/// What was copied now, and what had been before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Copied {
    pub entries: u64,
    pub rows: u64,
    pub known: u64,
}

impl Copy<'_> {
    /// Copies what is missing, and gives the copy its name.
    pub fn run(&self) -> Result<Copied> {
        let feeds = self.from.feeds()?;
        self.refuse_strange(&feeds)?;
        let names: BTreeSet<&SourceName> = feeds.iter().map(|feed| &feed.source).collect();
        self.progress.begin("copying", names.len());
        let mut copied = Copied::default();
        for source in names {
            self.source(source, &feeds, &mut copied)?;
            self.progress.step();
        }
        // Now it is whole.
        self.to.take_id(&self.from.id()?)?;
        Ok(copied)
    }

    /// An error where the other store has something that this one has not: it would be mixed.
    fn refuse_strange(&self, feeds: &[Feed]) -> Result<()> {
        for feed in self.to.feeds()? {
            if !feeds.iter().any(|known| known.source == feed.source) {
                bail!(strange(self.to, &format!("the source {}", feed.source)));
            }
        }
        Ok(())
    }

    fn source(&self, source: &SourceName, feeds: &[Feed], copied: &mut Copied) -> Result<()> {
        let there = self.to.feeds()?;
        for feed in feeds.iter().filter(|feed| feed.source == *source) {
            let known = there.iter().find(|known| known.source == *source);
            let through = feed.forgotten_through;
            if let Some(through) =
                through.filter(|_| through > known.and_then(|k| k.forgotten_through))
            {
                self.to.forget(source, through)?;
            }
            self.to.claim(source, &feed.home)?;
        }
        let mut days: BTreeSet<Day> = self.to.days(source)?.into_iter().collect();
        days.extend(self.from.days(source)?);
        for day in days {
            self.progress.tell(&format!("{source} {day}"));
            self.day(source, day, copied)?;
        }
        self.sides(source)?;
        for feed in feeds.iter().filter(|feed| feed.source == *source) {
            if let Some(through) = feed.closed_through {
                self.to.raise(source, &feed.home, through)?;
            }
        }
        Ok(())
    }

    fn day(&self, source: &SourceName, day: Day, copied: &mut Copied) -> Result<()> {
        let known = self.to.ledger(source, day)?;
        let ledger = Ledger::new(self.from.ledger(source, day)?);
        if let Some(other) = known.iter().find(|entry| !ledger.entries().contains(entry)) {
            let what = format!("entry {} of {source} {day}", other.number);
            bail!(strange(self.to, &what));
        }
        for entry in ledger.entries() {
            if known.contains(entry) {
                copied.known += 1;
                continue;
            }
            copied.rows += self.entry(source, day, entry)?;
            copied.entries += 1;
        }
        // One that a later one replaces has no rows any more.
        let numbers: BTreeSet<u64> = known.iter().map(|entry| entry.number).collect();
        let fresh = ledger.live(None).filter(|entry| !numbers.contains(&entry.number));
        for entry in fresh {
            if let Some(what) = Audit::of(self.to.as_reader(), entry)?.damaged.first() {
                bail!("{} does not give back what it was given: {what}", self.to.address());
            }
        }
        Ok(())
    }

    /// The rows of an entry, if it counts, and then the entry; how many rows.
    fn entry(&self, source: &SourceName, day: Day, entry: &Entry) -> Result<u64> {
        let rows = self.rows(source, day, entry)?;
        let hours = entry.hour..entry.hour.next();
        let tried = self.to.commits(source, hours)?;
        if tried.iter().any(|header| header.commit == entry.commit) {
            // A copy before died on its way.
            self.to.remove(std::slice::from_ref(&entry.commit), Instant::MAX)?;
        }
        if !rows.is_empty() {
            let header = Header {
                source: source.clone(),
                hour: entry.hour,
                batch: entry.batch.clone(),
                commit: entry.commit.clone(),
                written: self.now,
            };
            self.to.put(&header, &rows)?;
        }
        if let Some(text) = self.from.declaration(&entry.declaration)? {
            self.to.declare(&entry.declaration, &text)?;
        }
        if !self.to.append(entry)? {
            bail!(strange(self.to, &format!("entry {} of {source} {day}", entry.number)));
        }
        Ok(rows.len() as u64)
    }

    /// The rows of an entry; none of one that does not count. Who replaces it meanwhile takes its
    /// rows away.
    fn rows(&self, source: &SourceName, day: Day, entry: &Entry) -> Result<Vec<Kept>> {
        let mut found = 0;
        for _ in 0..TRIES {
            if !Ledger::new(self.from.ledger(source, day)?).is_live(entry) {
                return Ok(Vec::new());
            }
            let (mut rows, mut odd) = (Vec::new(), None);
            for table in Table::BOTH {
                let commits = std::slice::from_ref(&entry.commit);
                self.from.rows(table, commits, &mut |stored| match stored.row {
                    Ok(row) => rows.push(row),
                    Err(why) => drop(odd.get_or_insert((stored.key, why))),
                })?;
            }
            if let Some((key, why)) = odd {
                bail!(
                    "{}: row {key:?} of {source} {day} cannot be read: {why}",
                    self.from.address()
                );
            }
            if rows.len() as u64 == entry.rows {
                return Ok(rows);
            }
            found = rows.len();
        }
        bail!(
            "{}: entry {} of {source} {day} has {found} rows, not {}\n\
             hint: summarizer audit says what is damaged, and docs/operations.md how it is mended",
            self.from.address(),
            entry.number,
            entry.rows
        )
    }

    fn sides(&self, source: &SourceName) -> Result<()> {
        let mut all = Vec::new();
        self.from.sides(source, None, &mut |side| all.push(side))?;
        all.chunks(SIDES).try_for_each(|some| Ok(self.to.set_sides(source, some)?))
    }
}

fn strange(to: &dyn Writer, what: &str) -> String {
    format!(
        "{} has something that is not in the store it is to be a copy of: {what}\n\
         hint: give an empty one; nothing was mixed",
        to.address()
    )
}
