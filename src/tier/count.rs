//! Counting: the files of a batch become rows, on all cores, with memory that depends on the
//! series and not on the backlog. Equal bytes are extracted once.

use crate::domain::extract::{Extraction, Plan, Remark, TOO_LARGE};
use crate::domain::fold::{Fold, Part, still_missing};
use crate::domain::format::{be, english};
use crate::domain::hash::Digest;
use crate::domain::limits::{BATCH_BYTES, BATCH_RANGES, READ_BYTES};
use crate::domain::noted::{Noted, Notes, join};
use crate::domain::positions::Missing;
use crate::domain::row::{Checksum, Kept, Row};
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::Window;
use crate::edge::spool::Spool;
use crate::edge::trial::Alarm;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// A snapshot to count: its file, and what nobody has counted of it.
#[derive(PartialEq)]
pub struct File {
    pub id: SnapshotId,
    pub path: PathBuf,
    pub want: Missing,
}

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
}

/// Files of equal bytes, as far as their names and inodes tell.
#[derive(Default)]
struct Group {
    files: Vec<usize>,
    /// How many each has.
    bytes: u64,
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
            for file in files {
                whole.take_if_it_fits(spool, file)?;
                alarm.iter().for_each(Alarm::again);
            }
            whole
        }
    };
    let Worker { fold, missing, notes, barren, .. } = whole;
    // Before they are told, and not of each answer.
    let hidden = notes.into_iter().map(|(key, Noted { remark, answers })| {
        (key, Noted { remark: remark.hiding(hide), answers })
    });
    let notes = hidden.collect();
    let weight = fold.weight();
    let rows = kept(fold.finish(), window);
    let checksum = checksum(&rows, window)?;
    Ok(Counted { rows, checksum, weight, missing, notes, barren })
}

fn kept(rows: Vec<Row>, hour: Window) -> Vec<Kept> {
    rows.into_par_iter().map(|row| Kept::of(row, hour)).collect()
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
    let groups = groups(spool, files);
    let (next, held, room) = (AtomicUsize::new(0), AtomicUsize::new(0), Room::new());
    let workers = most.min(groups.len()).max(1);
    let parts = (0..workers).into_par_iter().map(|_| {
        let mut worker = Worker::new(plan, window);
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let permit = room.enter(group.bytes);
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

/// Hard links of one file are read once: the same inode, so the same bytes.
fn groups(spool: &Spool, files: &[File]) -> Vec<Group> {
    let mut groups: BTreeMap<(u64, u64), Group> = BTreeMap::new();
    for (place, file) in files.iter().enumerate() {
        let found = spool.look(&file.path);
        let (inode, bytes) = found.unwrap_or(((u64::MAX, place as u64), 0));
        let group = groups.entry(inode).or_default();
        group.files.push(place);
        group.bytes = bytes;
    }
    groups.into_values().collect()
}

struct Worker<'a> {
    plan: &'a Plan,
    fold: Fold<'a>,
    extraction: Extraction,
    /// Where answers are read to.
    room: Vec<u8>,
    missing: BTreeMap<String, Missing>,
    notes: Notes,
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
        let (notes, barren) = (Notes::new(), BTreeSet::new());
        let room = Vec::new();
        Worker { plan, fold, extraction, room, missing, notes, barren, ranges: 0, is_over: false }
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

    fn take_if_it_fits(&mut self, spool: &Spool, file: &File) -> Result<()> {
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

    fn read(&mut self, spool: &Spool, file: &File) -> Result<Digest> {
        let hash = read(spool, self.plan, file, &mut self.room, &mut self.extraction);
        self.room.truncate(ROOM);
        self.room.shrink_to(ROOM);
        hash
    }

    fn add(&mut self, file: &File, hash: Digest) {
        let missing = self.fold.add(&self.extraction, part(file, hash));
        if missing != file.want {
            self.note(file);
        }
        self.ranges += ranges(&missing);
        self.missing.insert(file.id.to_string(), missing);
    }

    /// What the extraction remarks of a snapshot: once, by the entry that counts of it first.
    fn note(&mut self, file: &File) {
        if file.want == Missing::All {
            let remarks = self.extraction.remarks().iter().cloned();
            join(&mut self.notes, remarks.map(|remark| Noted { remark, answers: 1 }));
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

/// Room for the bytes of answers that are read at the same time.
struct Room {
    taken: Mutex<u64>,
    left: Condvar,
}

/// Some of the room; it is given back when this is dropped.
struct Permit<'a>(&'a Room, u64);

impl Room {
    fn new() -> Room {
        Room { taken: Mutex::new(0), left: Condvar::new() }
    }

    /// Waits until an answer of so many bytes may be read. One that is larger than the room is
    /// read alone.
    fn enter(&self, bytes: u64) -> Permit<'_> {
        let bytes = bytes.min(READ_BYTES);
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |taken: &mut u64| *taken + bytes > READ_BYTES;
        let taken = self.left.wait_while(taken, full);
        *taken.unwrap_or_else(PoisonError::into_inner) += bytes;
        Permit(self, bytes)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
        self.0.left.notify_all();
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

/// Why a snapshot waits of which more could be read, beside others or even alone.
const BEYOND: &str = "it can be read, but with it the rows of its source and hour, counted \
at once, would be more than is held (docs/limits.md)\n\
hint: if they are meant, summarizer replay counts it beside the others\n";
const BEYOND_ALONE: &str = "it can be read, but its rows would be more than is held \
(docs/limits.md)\n\
hint: a declaration that asks for smaller answers, or takes fewer series or fields of them\n";

/// Why items of a snapshot are missing, in words, for the file beside it in quarantine.
pub fn reason(spool: &Spool, plan: &Plan, file: &File) -> Result<String> {
    let mut extraction = Extraction::default();
    let hash = read(spool, plan, file, &mut Vec::new(), &mut extraction)?;
    let missing = match &file.want {
        Missing::All => "nothing of it is counted".to_string(),
        Missing::Nothing => "everything of it is counted".to_string(),
        Missing::Some(positions) => {
            let items = positions.len() - u64::from(positions.contains(extraction.length));
            format!(
                "{items} of {} {} not counted, nor is any aggregate over them all",
                english(extraction.length.into(), "item", "items"),
                be(items)
            )
        }
    };
    let more = still_missing(plan.source(), &extraction, &file.want) != file.want;
    let alone =
        || Fold::new(plan, file.id.window()).takes(&extraction, part(file, hash), BATCH_BYTES);
    let beyond = match more {
        true if alone() => BEYOND,
        true => BEYOND_ALONE,
        false => "",
    };
    let faults = extraction.faults().iter().map(|fault| match fault.position {
        Some(position) => format!("item {position}: {}\n", fault.reason),
        None => format!("{}\n", fault.reason),
    });
    let difference = extraction.difference().map(|words| format!("{words}\n"));
    let (faults, words) = (faults.collect::<String>(), difference.unwrap_or_default());
    Ok(format!("{}\n{missing}\n{beyond}{faults}{words}", file.id))
}
