//! Entries held against their rows: as many as were committed, and the same.

use super::Audit;
use crate::domain::document::Malformed;
use crate::domain::hash::Digest;
use crate::domain::ledger::Entry;
use crate::domain::row::{Checksum, Kept};
use crate::domain::time::Window;
use crate::edge::store::{Reader, Stored, Table};
use anyhow::Result;
use std::collections::HashMap;

/// What was found of the rows of one entry.
#[derive(Default)]
struct Found {
    rows: u64,
    digests: Vec<Digest>,
    odd: Vec<String>,
    /// They are not those that were committed.
    differs: bool,
}

impl Audit {
    /// The rows of one entry, held against it; each is read whole.
    pub(in crate::tier) fn of(store: &dyn Reader, entry: &Entry) -> Result<Audit> {
        let mut audit = Audit::default();
        let found = found(store, &[entry], &whole)?;
        found.into_iter().for_each(|found| audit.enter(entry, found));
        Ok(audit)
    }

    /// Counts the rows of some entries of a source, and takes their checksums again. Rows of the
    /// right checksum are those that were read whole as they were committed; only others are read
    /// once more, for what is wrong with them.
    pub(super) fn check(&mut self, store: &dyn Reader, entries: &[&Entry]) -> Result<()> {
        let by_sum = |kind: Checksum, row: Kept, hour: Window| kind.of(&row, hour);
        for (entry, mut told) in entries.iter().zip(found(store, entries, &by_sum)?) {
            if told.differs {
                told = found(store, &[*entry], &whole)?.pop().unwrap_or_default();
            }
            self.enter(entry, told);
        }
        Ok(())
    }

    fn enter(&mut self, entry: &Entry, mut found: Found) {
        let place = format!("{} {}: entry {}", entry.source, entry.hour, entry.number);
        self.entries += 1;
        self.rows += found.rows;
        if found.rows != entry.rows {
            found.odd.push(format!("{} rows are there, not {}", found.rows, entry.rows));
        } else if found.differs && found.odd.is_empty() {
            found.odd.push("other rows are there than were committed".into());
        }
        self.damaged.extend(found.odd.into_iter().map(|what| format!("{place}: {what}")));
    }
}

impl Found {
    fn enter(&mut self, key: String, digest: Result<Digest, Malformed>) {
        self.rows += 1;
        match digest {
            Ok(digest) => self.digests.push(digest),
            Err(why) => self.odd.push(format!("row {key:?} cannot be read: {why}")),
        }
    }

    /// All have been found.
    fn close(&mut self, entry: &Entry) {
        let digests = std::mem::take(&mut self.digests);
        self.differs = self.rows != entry.rows
            || !self.odd.is_empty()
            || Checksum::kind(&entry.checksum).all(digests) != entry.checksum;
    }
}

type Digesting<'a> = &'a dyn Fn(Checksum, Kept, Window) -> Result<Digest, Malformed>;

/// The digest of a row that can be read.
fn whole(kind: Checksum, row: Kept, hour: Window) -> Result<Digest, Malformed> {
    let digest = kind.of(&row, hour)?;
    row.row(hour).map(|_| digest)
}

/// What there is of each of some entries.
fn found(store: &dyn Reader, entries: &[&Entry], digest: Digesting) -> Result<Vec<Found>> {
    let mut all: Vec<Found> = entries.iter().map(|_| Found::default()).collect();
    let commits: Vec<String> = entries.iter().map(|entry| entry.commit.clone()).collect();
    let places: HashMap<&str, usize> =
        commits.iter().enumerate().map(|(place, commit)| (commit.as_str(), place)).collect();
    for table in Table::BOTH {
        store.rows(table, &commits, &mut |Stored { commit, key, row }| {
            let Some(place) = places.get(commit.as_str()) else { return };
            if let (Some(entry), Some(found)) = (entries.get(*place), all.get_mut(*place)) {
                let kind = Checksum::kind(&entry.checksum);
                found.enter(key, row.and_then(|row| digest(kind, row, entry.hour)));
            }
        })?;
    }
    entries.iter().zip(&mut all).for_each(|(entry, found)| found.close(entry));
    Ok(all)
}
