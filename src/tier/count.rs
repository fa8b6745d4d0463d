//! Counting: the files of a batch become rows, on all cores, with memory that depends on the
//! series and not on the backlog. Equal bytes are extracted once.

mod groups;
mod marks;
mod reason;
mod room;
mod silences;

pub use groups::File;
pub use reason::reason;

use self::groups::{Group, groups};
use self::marks::Marks;
use self::room::Room;
use self::silences::Silences;
use crate::domain::extract::{Extraction, Plan, Remark, TOO_LARGE};
use crate::domain::fold::{Fold, Over, Part, still_missing};
use crate::domain::hash::Digest;
use crate::domain::limits::{BATCH_BYTES, BATCH_RANGES};
use crate::domain::noted::{Noted, Notes, join};
use crate::domain::positions::{Missing, Positions};
use crate::domain::row::{Checksum, Kept, Row};
use crate::domain::side::Side;
use crate::domain::source::{Items, Source};
use crate::domain::time::Window;
use crate::edge::spool::Spool;
use crate::edge::trial::Alarm;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What counting gave.
pub struct Counted {
    /// As stores keep them.
    pub rows: Vec<Kept>,
    /// Of the rows.
    pub checksum: String,
    /// What they are reckoned to take in memory, in bytes.
    pub weight: usize,
    /// Per snapshot, what is still missing.
    pub missing: BTreeMap<String, Missing>,
    /// What should be known of the answers though they can be read.
    pub notes: Notes,
    /// Snapshots with elements, and no item among them.
    pub barren: BTreeSet<String>,
    /// What may be withdrawn of the rows, which are without it.
    pub sides: Vec<Side>,
}

/// Room for an answer that is kept from one to the next: what a large one took is given back.
const ROOM: usize = 8 << 20;

/// Reads and folds all files of one window. All at once, as long as the rows of all cores together
/// stay within their bounds; else one after the other, and what does not fit is missing: which
/// that is does not depend on the cores. One at a time if asked. One that takes too long ends the
/// program: the next run tries each alone.
pub fn count(
    spool: &Spool,
    plan: &Plan,
    window: Window,
    files: &[File],
    one_by_one: bool,
) -> Result<Counted> {
    let alarm = Alarm::set();
    let hide = |words: &str| spool.hide(words);
    let most = if one_by_one { 1 } else { rayon::current_num_threads() };
    let whole = match at_once(spool, plan, window, files, (most, &alarm))? {
        Some(whole) => whole,
        None => {
            let mut whole = Worker::new(plan, window);
            for group in groups(spool, files, by_sets(plan)) {
                whole.take_if_it_fits(spool, files, &group)?;
                alarm.iter().for_each(Alarm::again);
            }
            whole
        }
    };
    let Worker { fold, missing, mut notes, silences, barren, .. } = whole;
    join(&mut notes, silences.noted());
    // Before they are told, and not of each answer.
    let hidden = notes.into_iter().map(|(key, Noted { remark, answers })| {
        (key, Noted { remark: remark.hiding(hide), answers })
    });
    let notes = hidden.collect();
    let weight = fold.weight();
    let mut rows = fold.finish();
    let sides = split(&mut rows, plan.source());
    let rows = kept(rows, window);
    let checksum = checksum(&rows, window)?;
    Ok(Counted { rows, checksum, weight, missing, notes, barren, sides })
}

/// Takes what may be withdrawn out of rows.
fn split(rows: &mut [Row], source: &Source) -> Vec<Side> {
    let Some(withdrawal) = source.withdrawal() else { return Vec::new() };
    let fields: BTreeSet<&str> = withdrawal.fields.iter().map(String::as_str).collect();
    let side = |row: &mut Row| match row {
        Row::Record(record) => Some(Side::split(record, &fields)),
        Row::Summary(_) => None,
    };
    rows.iter_mut().filter_map(side).collect()
}

fn kept(rows: Vec<Row>, hour: Window) -> Vec<Kept> {
    rows.into_par_iter().map(|row| Kept::of(row, hour)).collect()
}

/// Whether the pages of a set are taken in by one worker: something is told of all of them.
fn by_sets(plan: &Plan) -> bool {
    plan.aggregates() || matches!(plan.source().items, Items::Samples(_))
}

/// The checksum of rows of a commit of this hour.
pub(super) fn checksum(rows: &[Kept], hour: Window) -> Result<String> {
    let kind = Checksum::Cells;
    let digests = rows.par_iter().map(|row| kind.of(row, hour));
    Ok(kind.all(digests.collect::<std::result::Result<_, _>>()?))
}

/// On all cores; `None` where the bounds may be reached.
fn at_once<'a>(
    spool: &Spool,
    plan: &'a Plan,
    window: Window,
    files: &[File],
    (most, alarm): (usize, &Option<Alarm>),
) -> Result<Option<Worker<'a>>> {
    let groups = groups(spool, files, by_sets(plan));
    let (next, held, room) = (AtomicUsize::new(0), AtomicUsize::new(0), Room::new());
    let workers = most.min(groups.len()).max(1);
    let parts = (0..workers).into_par_iter().map(|_| {
        let mut worker = Worker::new(plan, window);
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let permit = room.enter(plan.source().fetch.weight(group.bytes));
            let fits = worker.take(spool, files, group, &held)?;
            drop(permit);
            alarm.iter().for_each(Alarm::again);
            if !fits {
                // The others stop, too.
                next.store(groups.len(), Ordering::Relaxed);
                worker.is_over = true;
            }
        }
        anyhow::Ok(worker)
    });
    let whole = parts
        .try_reduce_with(|a, b| Ok(a.join(b)))
        .unwrap_or_else(|| Ok(Worker::new(plan, window)))?;
    Ok(Some(whole).filter(|whole| !whole.is_over && whole.fold.rows_fit()))
}

struct Worker<'a> {
    plan: &'a Plan,
    fold: Fold<'a>,
    extraction: Extraction,
    /// Where answers are read to.
    room: Vec<u8>,
    missing: BTreeMap<String, Missing>,
    notes: Notes,
    silences: Silences,
    barren: BTreeSet<String>,
    /// Ranges of items that are missing, of all snapshots.
    ranges: usize,
    /// Whether it has given up, since the rows may become too many.
    is_over: bool,
}

impl<'a> Worker<'a> {
    fn new(plan: &'a Plan, window: Window) -> Worker<'a> {
        let fold = Fold::new(plan, window);
        let (extraction, missing) = (Extraction::default(), BTreeMap::new());
        Worker {
            plan,
            fold,
            extraction,
            room: Vec::new(),
            missing,
            notes: Notes::new(),
            silences: Silences::default(),
            barren: BTreeSet::new(),
            ranges: 0,
            is_over: false,
        }
    }

    /// Takes files of equal bytes in; `held` is what the rows of all cores weigh. Whether they
    /// stay within their bounds.
    fn take(
        &mut self,
        spool: &Spool,
        files: &[File],
        group: &Group,
        held: &AtomicUsize,
    ) -> Result<bool> {
        if group.is_set {
            return self.take_set(spool, files, group, Some(held));
        }
        let mut hash = None;
        for file in group.files.iter().filter_map(|place| files.get(*place)) {
            let hash = match hash {
                Some(hash) => hash,
                None => *hash.insert(self.read(spool, file)?),
            };
            let room = BATCH_BYTES.saturating_sub(held.load(Ordering::Relaxed));
            if !self.fold.takes(&self.extraction, part(file, hash), room) {
                return Ok(false);
            }
            let before = self.fold.weight();
            self.add(file, hash);
            held.fetch_add(self.fold.weight() - before, Ordering::Relaxed);
        }
        Ok(self.ranges <= BATCH_RANGES)
    }

    /// Takes a group in alone; of what does not fit nothing is counted.
    fn take_if_it_fits(&mut self, spool: &Spool, files: &[File], group: &Group) -> Result<()> {
        if group.is_set {
            return self.take_set(spool, files, group, None).map(drop);
        }
        let files = group.files.iter().filter_map(|place| files.get(*place));
        files.into_iter().try_for_each(|file| self.take_one_if_it_fits(spool, file))
    }

    fn take_one_if_it_fits(&mut self, spool: &Spool, file: &File) -> Result<()> {
        let hash = self.read(spool, file)?;
        let room = BATCH_BYTES.saturating_sub(self.fold.weight());
        let missing = still_missing(self.plan.source(), &self.extraction, &file.want);
        let fits = self.ranges + ranges(&missing) <= BATCH_RANGES
            && self.fold.takes(&self.extraction, part(file, hash), room);
        match fits {
            true => self.add(file, hash),
            false => drop(self.missing.insert(file.id.to_string(), file.want.clone())),
        }
        Ok(())
    }

    /// Takes the pages of a set in, and the aggregates over all of them, once each can be read.
    /// Without what the rows of all cores weigh, those pages are missing that do not fit; with it,
    /// this tells whether all do.
    fn take_set(
        &mut self,
        spool: &Spool,
        files: &[File],
        group: &Group,
        held: Option<&AtomicUsize>,
    ) -> Result<bool> {
        let pages: Vec<&File> = group.files.iter().filter_map(|place| files.get(*place)).collect();
        let (mut over, mut ends) = (Over::new(self.plan.source()), Vec::new());
        let all = pages.first().and_then(|file| file.id.page()).map_or(0, |(_, all)| all.into());
        let mut marks = Marks::new(self.plan);
        let mut whole = self.plan.aggregates() && pages.len() == all;
        for file in pages {
            let (hash, before) = (self.read(spool, file)?, self.fold.weight());
            let weight = held.map_or(before, |held| held.load(Ordering::Relaxed));
            let room = BATCH_BYTES.saturating_sub(weight);
            let fits = self.fold.takes(&self.extraction, part(file, hash), room);
            if !fits && held.is_some() {
                return Ok(false);
            }
            let length = self.extraction.length;
            let is_read = self.extraction.unreadable().is_some_and(Positions::is_empty);
            whole &= fits && is_read && file.want.has(length);
            if fits {
                let told = marks.take(&self.extraction, self.plan.source().fields.len());
                let told = told.filter(|_| file.want == Missing::All);
                join(&mut self.notes, told.map(|remark| Noted { remark, answers: 1 }));
                over.take(&self.extraction);
                self.add_page(file, hash);
            } else {
                self.missing.insert(file.id.to_string(), file.want.clone());
            }
            ends.push((file, length));
            held.iter().for_each(|held| {
                held.fetch_add(self.fold.weight() - before, Ordering::Relaxed);
            });
        }
        if let Some((last, length)) = ends.last().filter(|_| whole) {
            self.fold.close(over, *length, last.id.instant());
            self.missing.extend(ends.iter().map(|(f, _)| (f.id.to_string(), Missing::Nothing)));
        }
        Ok(self.ranges <= BATCH_RANGES)
    }

    fn read(&mut self, spool: &Spool, file: &File) -> Result<Digest> {
        let hash = read(spool, self.plan, file, &mut self.room, &mut self.extraction);
        self.room.truncate(ROOM);
        self.room.shrink_to(ROOM);
        hash
    }

    fn add(&mut self, file: &File, hash: Digest) {
        let missing = self.fold.add(&self.extraction, part(file, hash));
        self.keep(file, missing);
    }

    fn add_page(&mut self, file: &File, hash: Digest) {
        let part = part(file, hash);
        let missing = match self.plan.aggregates() {
            true => self.fold.add_page(&self.extraction, part),
            false => self.fold.add(&self.extraction, part),
        };
        self.keep(file, missing);
    }

    fn keep(&mut self, file: &File, missing: Missing) {
        if missing != file.want {
            self.note(file);
        }
        self.ranges += ranges(&missing);
        self.missing.insert(file.id.to_string(), missing);
    }

    /// What the extraction remarks of a snapshot: once, by the entry that counts of it first.
    fn note(&mut self, file: &File) {
        if file.want == Missing::All {
            let is_page = self.silences.take(&file.id, &self.extraction);
            let remarks = self.extraction.remarks().iter();
            let own = remarks.filter(|remark| !(is_page && remark.is_silence())).cloned();
            join(&mut self.notes, own.map(|remark| Noted { remark, answers: 1 }));
        }
        if self.extraction.remarks().contains(&Remark::NoneLeft) {
            self.barren.insert(file.id.to_string());
        }
    }

    fn join(mut self, other: Worker<'a>) -> Worker<'a> {
        self.fold.absorb(other.fold);
        self.ranges += other.ranges;
        self.is_over |= other.is_over || self.ranges > BATCH_RANGES;
        self.missing.extend(other.missing);
        join(&mut self.notes, other.notes.into_values());
        self.silences.absorb(other.silences);
        self.barren.extend(other.barren);
        self
    }
}

fn part(file: &File, hash: Digest) -> Part<'_> {
    Part { instant: file.id.instant(), shift: file.id.shift(), hash, want: &file.want }
}

fn ranges(missing: &Missing) -> usize {
    match missing {
        Missing::Some(positions) => positions.ranges().len(),
        Missing::Nothing | Missing::All => 0,
    }
}

/// Reads and extracts a snapshot, unless it is too large or its bytes are not those that its name
/// was made of; gives their digest.
fn read(
    spool: &Spool,
    plan: &Plan,
    file: &File,
    room: &mut Vec<u8>,
    out: &mut Extraction,
) -> Result<Digest> {
    let File { id, path, .. } = file;
    let Some(bytes) = spool.read_into(path, room)?.and_then(|length| room.get(..length)) else {
        out.refuse(TOO_LARGE.into());
        return Ok(Digest::of(&[]));
    };
    let hash = Digest::of(bytes);
    spool.counting(id)?;
    match id.is_of(hash) {
        true => plan.extract(bytes, id.item(), out),
        false => {
            out.refuse(format!("its bytes have the hash {}, not that of its name", hash.short(8)));
        }
    }
    Ok(hash)
}
