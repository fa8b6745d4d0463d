//! Who was there: the declared sources, and those of before of which a period has data. A source
//! whose file was taken away keeps its past, by the text of its newest declaration that the store
//! or the spool has; one that was renamed has the ledgers of all its names. Units and fields are
//! those by which the entries of the time were read.

mod counted;
mod records;

pub use records::{each_record, records};

use super::audit::own_home;
use super::view::{self, Live};
use crate::domain::digest::Period;
use crate::domain::hours::Hours;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::snapshot::{SHORTS, SnapshotId};
use crate::domain::source::{Items, Source};
use crate::domain::time::{Day, Instant, Window};
use crate::edge::config;
use crate::edge::spool::Spool;
use crate::edge::store::{Feed, Reader, Which};
use anyhow::Result;
use counted::Ledgers;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

/// A source as it is, or was.
#[derive(Clone, Debug)]
pub struct Known {
    pub source: Source,
    /// When it was last heard of, where it is not declared any more.
    pub until: Option<Instant>,
    /// By the hash of a declaration that some entries of the period were read by, the fields that
    /// had another unit there.
    pub apart: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    fn new(source: Source, until: Option<Instant>) -> Known {
        Known { source, until, apart: BTreeMap::new() }
    }
}

/// Everybody of whom a store and a spool know.
pub struct Past<'a> {
    spool: &'a Spool,
    store: &'a dyn Reader,
    /// In order of their names, the declared ones among them.
    known: Vec<Known>,
    /// Whose declaration nobody has any more, or this version cannot read.
    lost: Vec<SourceName>,
    folder: PathBuf,
    feeds: Vec<Feed>,
    /// The id of this home: what another one fed is not of its past.
    home: String,
    /// Declarations by their hash, and the name that they were read for.
    read: RefCell<BTreeMap<(SourceName, String), Option<Source>>>,
    /// What counts in the ledgers of the store.
    pub ledgers: Ledgers<'a>,
}

impl<'a> Past<'a> {
    pub fn new(spool: &'a Spool, store: &'a dyn Reader, declared: &[Source]) -> Result<Past<'a>> {
        let feeds = store.feeds()?;
        let mut past = Past {
            spool,
            store,
            known: declared.iter().map(|s| Known::new(s.clone(), None)).collect(),
            lost: Vec::new(),
            folder: spool.home().join("sources"),
            home: own_home(spool, &feeds)?.unwrap_or_default(),
            feeds,
            read: RefCell::default(),
            ledgers: Ledgers::new(store),
        };
        past.remember()?;
        Ok(past)
    }

    /// Adds those that are not declared.
    fn remember(&mut self) -> Result<()> {
        let taken: BTreeSet<SourceName> =
            self.known.iter().flat_map(|known| known.source.names()).collect();
        let mut names: BTreeSet<SourceName> = self.spool.folders()?.into_iter().collect();
        names.extend(self.feeds.iter().map(|feed| feed.source.clone()));
        names.retain(|name| {
            !taken.contains(name) && !name.is_journals() && name.as_str() != "quarantine"
        });
        let mut gone = Vec::new();
        for name in names {
            match self.newest(&name)? {
                Some(known) => gone.push(known),
                None => self.lost.push(name),
            }
        }
        let former: BTreeSet<SourceName> =
            gone.iter().flat_map(|known| known.source.formerly.clone()).collect();
        gone.retain(|known| !former.contains(&known.source.name));
        for known in &mut gone {
            known.source.formerly.retain(|old| !taken.contains(old));
        }
        self.lost.retain(|name| !former.contains(name));
        self.known.extend(gone);
        self.known.sort_by(|a, b| a.source.name.cmp(&b.source.name));
        Ok(())
    }

    /// A source that is not declared, by its newest declaration that can be read.
    fn newest(&self, name: &SourceName) -> Result<Option<Known>> {
        let held = self.spool.held(name)?;
        let latest = held.iter().max_by_key(|id| id.instant());
        let mut until = latest.map(SnapshotId::instant);
        let waiting = latest.map(|id| self.spool.declaration(id.declaration())).transpose()?;
        let waiting = waiting.flatten().and_then(|text| config::kept(name, &text, &self.folder));
        let mut found = waiting;
        let mut last = Some(Day::MAX);
        while let Some(end) = last {
            let Some((_, day)) = self.store.end_days(name, &(Day::MIN..=end))? else { break };
            last = day.pred_opt();
            let (ledger, _) = view::readable(self.store.entries(name, day)?);
            let ids = ledger.entries().iter().flat_map(Entry::ids);
            let seen = ids.map(|id| id.instant()).max();
            until = until.max(seen);
            let mut entries: Vec<&Entry> = ledger.entries().iter().collect();
            entries.sort_by_key(|entry| std::cmp::Reverse((entry.hour, entry.number)));
            let mut of_day = entries.iter().filter_map(|entry| self.reading(name, entry));
            found = found.or_else(|| of_day.next());
            if found.is_some() {
                break;
            }
        }
        Ok(found.map(|source| Known::new(self.bound(source), until)))
    }

    /// A source that is taken away, on the terms that it had last.
    fn bound(&self, mut source: Source) -> Source {
        let last = source.names().iter().filter_map(|name| self.spool.share(name)).min();
        source.about.share = last.map_or(source.about.share, |last| last.min(source.about.share));
        source
    }

    /// The declaration by which an entry was read.
    fn reading(&self, name: &SourceName, entry: &Entry) -> Option<Source> {
        let key = (name.clone(), entry.declaration.clone());
        if let Some(read) = self.read.borrow().get(&key) {
            return read.clone();
        }
        let text = self.text(&entry.declaration);
        let read = text.and_then(|text| config::kept(name, &text, &self.folder));
        self.read.borrow_mut().insert(key, read.clone());
        read
    }

    fn text(&self, hash: &str) -> Option<String> {
        let kept = |digits: usize| self.spool.declaration(hash.get(..digits)?).ok().flatten();
        let stored = self.store.declaration(hash).ok().flatten();
        stored.or_else(|| SHORTS.into_iter().find_map(kept))
    }

    /// Every source that there is or was, as its newest declaration says.
    pub fn all(&self) -> &[Known] {
        &self.known
    }

    /// The source that has this name, or had it.
    pub fn named(&self, name: &str) -> Option<&Known> {
        let has = |known: &&Known| known.source.name.as_str() == name;
        let had = |known: &&Known| known.source.names().iter().any(|own| own.as_str() == name);
        self.known.iter().find(has).or_else(|| self.known.iter().find(had))
    }

    /// The sources of a period: all that are declared, and the others of which it has data.
    pub fn of(&self, period: &Period) -> Result<Vec<&Known>> {
        let mut of = Vec::new();
        for known in &self.known {
            if known.until.is_none() || self.has_data(&known.source, period)? {
                of.push(known);
            }
        }
        Ok(of)
    }

    /// A source as it was in a period.
    pub fn then(&self, known: &Known, period: &Period) -> Result<Known> {
        let entries = self.entries(&known.source, period)?;
        let (source, apart) = self.dated(&known.source, &entries);
        Ok(Known { source, apart, until: known.until })
    }

    pub fn lost_names(&self) -> &[SourceName] {
        &self.lost
    }

    /// Through when a name was forgotten, and who feeds it.
    pub fn forgotten(&self, name: &SourceName) -> Option<(Option<Instant>, &str)> {
        let feed = self.feeds.iter().find(|feed| feed.source == *name)?;
        Some((feed.forgotten_through, &feed.home))
    }

    /// Those of which a period has data that nobody can read any more.
    pub fn lost(&self, period: &Period) -> Result<Vec<SourceName>> {
        let mut lost = Vec::new();
        for name in &self.lost {
            let names = std::slice::from_ref(name);
            let entries = live(self.store, names, &period.windows())?.entries;
            if entries.iter().any(|entry| self.is_ours(entry)) || self.holds(names, period)? {
                lost.push(name.clone());
            }
        }
        Ok(lost)
    }

    /// The live entries that tell of a period.
    fn entries(&self, source: &Source, period: &Period) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for name in source.names() {
            entries.extend(view::outlines(self.store, &name, &period.windows())?.entries);
        }
        if matches!(source.items, Items::Records(_)) {
            let known: BTreeSet<String> = entries.iter().map(|e| e.commit.clone()).collect();
            for name in source.names() {
                let mut holders = self.store.holders(&name, Which::Timed(&period.times()))?;
                holders.retain(|commit, _| !known.contains(commit));
                entries.extend(view::of_commits(self.store, &name, &holders)?);
            }
        }
        Ok(entries)
    }

    fn has_data(&self, source: &Source, period: &Period) -> Result<bool> {
        let entries = self.entries(source, period)?;
        Ok(entries.iter().any(|entry| self.is_ours(entry))
            || self.holds(&source.names(), period)?)
    }

    fn is_ours(&self, entry: &Entry) -> bool {
        entry.home == self.home || entry.home.is_empty()
    }

    /// Whether something of a period waits here.
    fn holds(&self, names: &[SourceName], period: &Period) -> Result<bool> {
        let held = held(self.spool, names)?;
        Ok(held.iter().any(|id| period.contains(id.instant())))
    }

    /// A source as these entries were read, and which of its fields had other units in some.
    fn dated(
        &self,
        newest: &Source,
        entries: &[Entry],
    ) -> (Source, BTreeMap<String, BTreeSet<String>>) {
        let mut last: BTreeMap<(&SourceName, &str), (Window, u64)> = BTreeMap::new();
        for entry in entries {
            let at = (entry.hour, entry.number);
            let last = last.entry((&entry.source, &entry.declaration)).or_insert(at);
            *last = (*last).max(at);
        }
        let mut latest: Vec<_> = last.into_iter().map(|(by, at)| (at, by)).collect();
        latest.sort_by(|a, b| b.cmp(a));
        let own = newest.declaration.digest.hex();
        let read = latest.into_iter().filter_map(|(_, (name, hash))| {
            let entry = entries.iter().find(|e| e.source == *name && e.declaration == hash)?;
            let is_own = hash == own;
            let read = if is_own { Some(newest.clone()) } else { self.reading(name, entry) };
            Some((hash.to_string(), read?))
        });
        let (hashes, read): (Vec<String>, Vec<Source>) = read.unzip();
        let source = newest.as_of(&read);
        let odd = hashes.into_iter().zip(&read).map(|(hash, was)| (hash, odd_units(was, &source)));
        let odd = odd.filter(|(_, fields)| !fields.is_empty()).collect();
        (source, odd)
    }

    /// Until when a source is summarised, under all its names: of one that is not declared any
    /// more nothing will come but what waits.
    pub fn closed_through(&self, known: &Known) -> Result<Option<Instant>> {
        let names = known.source.names();
        let own = |name: &SourceName| {
            let feed = self.feeds.iter().find(|feed| feed.source == *name)?;
            feed.closed_through
        };
        let closed = match known.until {
            Some(_) => Some(Instant::MAX),
            None => names.iter().find_map(own),
        };
        let former = if known.until.is_some() { &names[..] } else { &names[1..] };
        let waits = held(self.spool, former)?.iter().map(|id| id.window().start()).min();
        Ok(closed.map(|closed| waits.map_or(closed, |waits| closed.min(waits))))
    }

    /// When the first snapshot of a source was taken.
    pub fn since(&self, source: &Source) -> Result<Option<Instant>> {
        let mut since: Vec<Instant> = Vec::new();
        for name in source.names() {
            let Some((day, _)) = self.store.end_days(&name, &(Day::MIN..=Day::MAX))? else {
                continue;
            };
            since.extend(self.first_of(&name, day)?);
        }
        Ok(since.into_iter().min())
    }

    fn first_of(&self, name: &SourceName, day: Day) -> Result<Option<Instant>> {
        let (ledger, _) = view::readable(self.store.entries(name, day)?);
        let found = ledger.found(None);
        let instants = found.keys().filter_map(|id| SnapshotId::parse(id));
        Ok(instants.map(|id| id.instant()).min())
    }
}

/// What waits of a source, under all its names.
pub fn held(spool: &Spool, names: &[SourceName]) -> Result<Vec<SnapshotId>> {
    let mut held = Vec::new();
    for name in names {
        held.extend(spool.held(name)?);
    }
    Ok(held)
}

/// What the ledgers of some names say of a range of hours.
pub fn live(store: &dyn Reader, names: &[SourceName], hours: &Range<Window>) -> Result<Live> {
    let mut all = Live::default();
    for name in names {
        let live = view::live(store, name, hours)?;
        all.entries.extend(live.entries);
        all.damaged.extend(live.damaged);
        all.unread.extend(live.unread);
    }
    Ok(all)
}

/// The fields that have another unit in a declaration.
fn odd_units(was: &Source, source: &Source) -> BTreeSet<String> {
    let unit = |name: &str| source.fields.iter().find(|f| f.name == name).map(|f| &f.unit);
    let odd = was.fields.iter().filter(|field| unit(&field.name) != Some(&field.unit));
    odd.map(|field| field.name.clone()).collect()
}

/// The merged statistics of a source's samples, under all its names.
pub fn hours(
    store: &dyn Reader,
    source: &Source,
    range: &Range<Window>,
    fit: view::Fit,
) -> Result<Hours> {
    let mut all = Hours::default();
    for name in source.names() {
        view::enter_hours(store, &name, range, &mut all, fit)?;
    }
    Ok(all)
}
