//! Side rows: what may be withdrawn is kept beside what is counted, and goes when it is withdrawn.

use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::side::Side;
use crate::domain::source::Source;
use crate::domain::time::{Instant, iso};
use crate::edge::spool::{Asked, Seen, Spool};
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
    for name in source.names() {
        withdraw(store, &name, &found, name != source.name)?;
        spool.empty_in_tables(&name, &ids)?;
    }
    Ok(spool.withdrawals_done(&source.name)?)
}

/// What is done for withdrawals of a source in each run: those that were found go, what a walk did
/// not see is noted for the fetcher, and raw answers go that are old enough.
pub fn attend(spool: &Spool, store: &dyn Writer, source: &Source, now: Instant) -> Result<()> {
    let Some(withdrawal) = source.withdrawal() else { return Ok(()) };
    withdraw_found(spool, store, source)?;
    look_for_absent(spool, store, source)?;
    let old = now.before(TimeDelta::from_std(withdrawal.raw_for).unwrap_or(TimeDelta::MAX));
    for name in source.names() {
        spool.drop_raw(&name, old)?;
    }
    Ok(())
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
