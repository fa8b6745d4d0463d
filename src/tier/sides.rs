//! Side rows: what may be withdrawn is kept beside what is counted, and goes when it is withdrawn.

use super::budget::BACKFILL;
use crate::domain::columns::Columns;
use crate::domain::hash::Digest;
use crate::domain::journal::{Event, Removal};
use crate::domain::name::SourceName;
use crate::domain::side::Side;
use crate::domain::source::Source;
use crate::domain::time::{Instant, iso};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{Asked, Raw, Seen, Spool};
use crate::edge::store::Writer;
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Side rows that are kept together.
const TOGETHER: usize = 1_000;

/// Keeps side rows, as far as they are not withdrawn and say more than those that are kept.
pub fn keep_sides(store: &dyn Writer, source: &SourceName, sides: &[Side]) -> Result<()> {
    for sides in sides.chunks(TOGETHER) {
        let known = known(store, source, sides.iter().map(|side| &side.id))?;
        let next = sides.iter().filter_map(|side| side.clone().after(known.get(&side.id)));
        store.set_sides(source, &next.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Those that are kept of some ids.
fn known<'i>(
    store: &dyn Writer,
    source: &SourceName,
    ids: impl Iterator<Item = &'i String>,
) -> Result<BTreeMap<String, Side>> {
    let ids: BTreeSet<String> = ids.cloned().collect();
    let mut known = BTreeMap::new();
    store.sides(source, Some(&ids), &mut |side: Side| {
        known.insert(side.id.clone(), side);
    })?;
    Ok(known)
}

/// Takes out of a store what was found to be withdrawn, under a name that its source has or had.
fn withdraw(
    store: &dyn Writer,
    name: &SourceName,
    gone: &[(String, Instant)],
    is_former: bool,
) -> Result<()> {
    for gone in gone.chunks(TOGETHER) {
        let mut known = known(store, name, gone.iter().map(|(id, _)| id))?;
        let sides = gone.iter().filter(|(id, _)| !is_former || known.contains_key(id));
        let sides: Vec<(String, Instant)> = sides.cloned().collect();
        let sides = sides.iter().filter_map(|(id, at)| Side::withdrawn(known.remove(id), id, *at));
        store.set_sides(name, &sides.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Takes out of a store and of tables what the fetcher found to be withdrawn since. It is said to
/// be done only when it is.
fn withdraw_found(spool: &Spool, store: &dyn Writer, source: &Source) -> Result<()> {
    let found = spool.withdrawn(&source.name)?;
    let ids: BTreeSet<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    // Rows that a backfill is at work on wait for its end, and so does all that is said to be done.
    let Some(_lock) = spool.lock_soon(BACKFILL, None)? else { return Ok(()) };
    let fields = source.withdrawal().map(|w| w.fields.as_slice()).unwrap_or_default();
    let places = Columns::of(source).places(source, fields);
    for name in source.names() {
        withdraw(store, &name, &found, name != source.name)?;
        spool.empty_in_tables(&name, &ids)?;
        spool.empty_in_rows(&name, &ids, &places)?;
    }
    Ok(spool.withdrawals_done(&source.name)?)
}

/// What is done for withdrawals in each run.
pub struct Attendant<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Writer,
    pub clock: Clock,
    pub journals: &'a Source,
}

impl Attendant<'_> {
    /// Those of a source that were found go, what a walk did not see is noted for the fetcher, and
    /// raw answers go that are old enough.
    pub fn attend(&self, source: &Source) -> Result<()> {
        let Some(withdrawal) = source.withdrawal() else { return Ok(()) };
        withdraw_found(self.spool, self.store, source)?;
        look_for_absent(self.spool, self.store, source)?;
        let age = TimeDelta::from_std(withdrawal.raw_for).unwrap_or(TimeDelta::MAX);
        self.remove_raw(source, self.clock.started().before(age))
    }

    /// Takes raw answers of before away, under all names of their source. A journal tells of it
    /// first: it may be told again, and is never untold.
    fn remove_raw(&self, source: &Source, before: Instant) -> Result<()> {
        let mut old = Raw::default();
        for name in source.names() {
            old.extend(self.spool.old_raw(&name, before)?);
        }
        if old.is_empty() {
            return Ok(());
        }
        let (files, bytes) = (old.len() as u64, self.spool.bytes_of(&old));
        let removal = Removal { source: source.name.clone(), before, files, bytes };
        let mut run = self.spool.begin("summarizer", self.clock.started(), chance())?;
        run.note(self.clock.now(), vec![Event::Removed(removal)])?;
        run.close(self.clock.now(), &self.journals.declaration)?;
        Ok(self.spool.remove_raw(&old)?)
    }
}

/// Looks for what is kept of a source and was in no page of its last complete walk: the fetcher
/// asks for that by itself.
fn look_for_absent(spool: &Spool, store: &dyn Writer, source: &Source) -> Result<()> {
    let asks = source.withdrawal().is_some_and(|withdrawal| withdrawal.gone.is_some());
    let Some(seen) = asks.then(|| seen(spool, source)).transpose()?.flatten() else {
        return Ok(());
    };
    let began: Vec<String> = seen.iter().map(|seen| iso(seen.began)).collect();
    let walks = began.join(" ");
    if spool.looked_through(&source.name) == walks {
        return Ok(());
    }
    let first = seen.iter().map(|seen| seen.began).min().unwrap_or(Instant::EPOCH);
    let mut absent = Vec::new();
    for name in source.names() {
        store.sides(&name, None, &mut |side| {
            let number = Digest::of(side.id.as_bytes()).number();
            let is_open = side.withdrawn.is_none() && side.version.instant < first;
            if is_open && !seen.iter().any(|seen| seen.ids.contains(&number)) {
                absent.push(side.id);
            }
        })?;
    }
    Ok(spool.keep_absent(&source.name, &walks, &absent)?)
}

/// What the last complete walks saw; none where some item of a loop has had none.
fn seen(spool: &Spool, source: &Source) -> Result<Option<Vec<Seen>>> {
    let items: Vec<Option<String>> = match &source.fetch.items {
        None => vec![None],
        Some(items) => items.rows().iter().map(|row| Some(row.key.clone())).collect(),
    };
    let of =
        |item: &Option<String>| spool.seen(Asked { source: &source.name, item: item.as_deref() });
    let seen: Vec<Option<Seen>> = items.iter().map(of).collect::<Result<_, _>>()?;
    Ok(seen.into_iter().collect())
}
