//! What waits in the spool, counted in memory: parts of the ledger that only this process sees,
//! each of one source, hour and declaration. It is listed in the direction in which it moves
//! (`data/`, open and sealed batches, then the ledger), so that what moves meanwhile is met once
//! more and never missed; it is told apart by its id, and what the ledger names is left to it.

use crate::domain::extract::Plan;
use crate::domain::ledger::{Entry, Kind};
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::row::Kept;
use crate::domain::side::Side;
use crate::domain::snapshot::{SnapshotId, take_torn};
use crate::domain::time::{Day, Instant, Window};
use crate::edge::config;
use crate::edge::spool::{Condemned, Sealed, Spool};
use crate::edge::store::{Feed, Reader};
use crate::tier::count::{Counted, File, count};
use crate::tier::view;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Parts of one hour that stay apart; of more, they are counted again as one.
const PARTS: usize = 8;

/// Looks before it is given up because files move all the time.
const TRIES: usize = 5;

/// Some snapshots, as a commit of them would stand in the ledger, and its rows.
pub struct Part {
    pub entry: Entry,
    pub rows: Vec<Kept>,
    pub sides: Vec<Side>,
}

type Key = (SourceName, Window, String);

/// All parts that there are.
#[derive(Clone, Default)]
pub struct Waiting {
    parts: BTreeMap<Key, Vec<Arc<Part>>>,
    /// Of these sources snapshots wait that could not be read, with why.
    pub unread: BTreeMap<SourceName, String>,
}

impl Waiting {
    /// The parts of a source.
    pub fn of<'a>(&'a self, source: &'a SourceName) -> impl Iterator<Item = &'a Part> {
        let all = self.parts.iter().filter(move |((name, ..), _)| name == source);
        all.flat_map(|(_, parts)| parts).map(|part| &**part)
    }

    /// The part of a commit.
    pub fn commit(&self, commit: &str) -> Option<&Part> {
        let mut all = self.parts.values().flatten();
        all.find(|part| part.entry.commit == commit).map(|part| &**part)
    }

    /// Snapshots that are counted here, and no ledger names.
    pub fn ids(&self, source: &SourceName) -> BTreeSet<SnapshotId> {
        self.of(source).flat_map(|part| part.entry.ids()).collect()
    }

    /// How many snapshots of some hours are counted here.
    pub fn count(&self, hours: &Range<Window>) -> u64 {
        let own = self.parts.iter().filter(|((_, hour, _), _)| hours.contains(hour));
        own.flat_map(|(_, parts)| parts).map(|part| part.entry.snapshots.len() as u64).sum()
    }

    /// Whether the same is counted as in another one.
    pub fn is(&self, other: &Waiting) -> bool {
        let commits = |all: &Waiting| -> Vec<String> {
            all.parts.values().flatten().map(|part| part.entry.commit.clone()).collect()
        };
        commits(self) == commits(other) && self.unread == other.unread
    }
}

/// Looks at the spool again and again; what was counted once is kept.
pub struct Looker {
    spool: Spool,
    folder: PathBuf,
    plans: BTreeMap<(SourceName, String), Arc<Plan>>,
    last: Arc<Waiting>,
    serial: u64,
}

/// A file that waits.
struct Found {
    path: PathBuf,
    /// The declaration that lies beside it.
    text: Option<Arc<str>>,
}

type Listing = BTreeMap<SnapshotId, Found>;

impl Looker {
    pub fn new(spool: Spool) -> Looker {
        let folder = spool.home().join("sources");
        Looker { spool, folder, plans: BTreeMap::new(), last: Arc::default(), serial: 0 }
    }

    /// What the last look saw.
    pub fn last(&self) -> Arc<Waiting> {
        self.last.clone()
    }

    /// What waits of some hours and is in no ledger of the store.
    ///
    /// # Errors
    ///
    /// The spool or the store cannot be read, or files move at each of some looks.
    pub fn look(&mut self, store: &dyn Reader, hours: &Range<Window>) -> Result<Arc<Waiting>> {
        let mut last = None;
        for _ in 0..TRIES {
            match self.once(store, hours) {
                Ok(waiting) => {
                    self.last = Arc::new(waiting);
                    return Ok(self.last.clone());
                }
                Err(error) => last = Some(error),
            }
        }
        let why = || format!("what waits in the spool could not be read at {TRIES} looks");
        last.map_or_else(|| Ok(self.last.clone()), |error| Err(error).with_context(why))
    }

    fn once(&mut self, store: &dyn Reader, hours: &Range<Window>) -> Result<Waiting> {
        let (mut next, feeds) = (Waiting::default(), store.feeds()?);
        for source in self.spool.folders()? {
            if source.is_journals() || source.as_str() == "quarantine" {
                continue;
            }
            let mut found = self.found(&source, hours)?;
            uncounted(store, &source, &feeds, &mut found)?;
            for (key, ids) in groups(&source, &found) {
                if let Err(error) = self.group(key, &ids, &found, &mut next) {
                    // What has moved meanwhile is looked for once more.
                    if ids.iter().any(|id| found.get(id).is_some_and(|file| !file.path.exists())) {
                        return Err(error);
                    }
                    next.unread.insert(source.clone(), format!("{error:#}"));
                }
            }
        }
        Ok(next)
    }

    /// The snapshots of a source of some hours that wait, each where it was met last.
    fn found(&self, source: &SourceName, hours: &Range<Window>) -> Result<Listing> {
        let mut found = Listing::new();
        let mut enter = |id: SnapshotId, path: PathBuf, text: Option<Arc<str>>| {
            if hours.contains(&id.window()) {
                found.insert(id, Found { path, text });
            }
        };
        let incoming = self.spool.incoming(source);
        for id in self.spool.waiting(source)?.snapshots {
            let path = incoming.join(id.to_string());
            enter(id, path, None);
        }
        for open in self.spool.open_batches(source)? {
            for id in self.spool.gathered(&open)? {
                let path = open.folder().join(id.to_string());
                enter(id, path, None);
            }
        }
        for sealed in self.spool.sealed_batches(source)? {
            let text: Arc<str> = sealed.declaration.as_str().into();
            let condemned = self.condemned(&sealed)?;
            for (id, path) in sealed.files() {
                if !condemned.contains_key(&id) {
                    enter(id, path, Some(text.clone()));
                }
            }
        }
        Ok(found)
    }

    /// What ended a summarizer is not counted here either.
    fn condemned(&self, sealed: &Sealed) -> Result<Condemned> {
        Ok(self.spool.attempt(sealed.folder())?.unwrap_or_default())
    }

    /// Takes in what waits of an hour: parts that are there already, and one of all the others.
    fn group(
        &mut self,
        key: Key,
        ids: &BTreeSet<SnapshotId>,
        found: &Listing,
        next: &mut Waiting,
    ) -> Result<()> {
        let known = self.last.parts.get(&key).cloned().unwrap_or_default();
        let is_whole = |part: &Arc<Part>| part.entry.ids().all(|id| ids.contains(&id));
        let mut parts: Vec<Arc<Part>> = known.into_iter().filter(is_whole).collect();
        let counted: BTreeSet<SnapshotId> =
            parts.iter().flat_map(|part| part.entry.ids()).collect();
        let mut new: Vec<SnapshotId> = ids.difference(&counted).cloned().collect();
        if !new.is_empty() && parts.len() >= PARTS {
            parts.clear();
            new = ids.iter().cloned().collect();
        }
        if !new.is_empty() {
            parts.push(Arc::new(self.part(&key, &new, found)?));
        }
        if !parts.is_empty() {
            next.parts.insert(key, parts);
        }
        Ok(())
    }

    /// Counts some snapshots of one hour and declaration.
    fn part(&mut self, key: &Key, ids: &[SnapshotId], found: &Listing) -> Result<Part> {
        let (source, hour, declaration) = key;
        let text = ids.iter().find_map(|id| found.get(id)?.text.clone());
        let plan = self.plan(source, declaration, text)?;
        let plan = plan.with_context(|| format!("its declaration {declaration} is gone"))?;
        let file = |id: &SnapshotId| {
            let path = found.get(id)?.path.clone();
            Some(File { id: id.clone(), path, want: Missing::All })
        };
        let files: Vec<File> = ids.iter().filter_map(file).collect();
        let counted = count(&self.spool, &plan, *hour, &files, false)?;
        self.serial += 1;
        Ok(part(&plan, *hour, self.serial, counted))
    }

    fn plan(
        &mut self,
        source: &SourceName,
        declaration: &str,
        text: Option<Arc<str>>,
    ) -> Result<Option<Arc<Plan>>> {
        let key = (source.clone(), declaration.to_string());
        if let Some(plan) = self.plans.get(&key) {
            return Ok(Some(plan.clone()));
        }
        let kept = self.spool.declaration(declaration)?;
        let text = kept.or_else(|| text.map(|text| text.to_string()));
        let read = text.and_then(|text| config::kept(source, &text, &self.folder));
        let plan = read.map(|source| Arc::new(Plan::new(&source)));
        // One that is missing may come yet.
        if let Some(plan) = &plan {
            self.plans.insert(key, plan.clone());
        }
        Ok(plan)
    }
}

/// The entry that a commit of these snapshots would have.
fn part(plan: &Plan, hour: Window, serial: u64, counted: Counted) -> Part {
    let source = plan.source();
    let Counted { rows, checksum, missing, notes, barren, sides, .. } = counted;
    let entry = Entry {
        source: source.name.clone(),
        // After all that the ledger has.
        number: (1 << 52) + serial,
        hour,
        batch: format!("waiting-{serial}"),
        commit: format!("waiting-{serial}"),
        kind: Kind::Adds,
        rows: rows.len() as u64,
        checksum,
        declaration: source.declaration.digest.hex(),
        numbering: source.numbering(),
        home: String::new(),
        keeper: String::new(),
        snapshots: missing,
        remarks: notes.into_values().collect(),
        barren: barren.into_iter().collect(),
    };
    Part { entry, rows, sides }
}

/// Leaves what the ledger names to it, and what was forgotten.
fn uncounted(
    store: &dyn Reader,
    source: &SourceName,
    feeds: &[Feed],
    found: &mut Listing,
) -> Result<()> {
    let feed = feeds.iter().find(|feed| feed.source == *source);
    let forgotten = feed.and_then(|feed| feed.forgotten_through).unwrap_or(Instant::MIN);
    found.retain(|id, _| id.instant() >= forgotten);
    let days: BTreeSet<Day> = found.keys().map(|id| id.window().day()).collect();
    for day in days {
        let (ledger, _) = view::readable(store.entries(source, day)?);
        let counted = ledger.found(None);
        let expired: BTreeSet<Window> =
            ledger.live(None).filter(|e| e.kind == Kind::Expiry).map(|e| e.hour).collect();
        found.retain(|id, _| {
            let is_told = counted.contains_key(id.to_string().as_str());
            id.window().day() != day || !(is_told || expired.contains(&id.window()))
        });
    }
    Ok(())
}

/// What is counted at one go; pages of sets that are not whole wait for the others.
fn groups(source: &SourceName, found: &Listing) -> BTreeMap<Key, BTreeSet<SnapshotId>> {
    let mut ids: Vec<SnapshotId> = found.keys().cloned().collect();
    take_torn(&mut ids, &[]);
    let mut groups: BTreeMap<Key, BTreeSet<SnapshotId>> = BTreeMap::new();
    for id in ids {
        let key = (source.clone(), id.window(), id.declaration().to_string());
        groups.entry(key).or_default().insert(id);
    }
    groups
}
