//! Counting: the files of a batch become rows, on all cores, with memory that depends on the
//! series and not on the backlog. Equal bytes are extracted once.

use crate::domain::extract::{Extraction, Plan, Remark};
use crate::domain::fold::{Fold, Part};
use crate::domain::hash::Digest;
use crate::domain::noted::{Noted, Notes, join};
use crate::domain::positions::Missing;
use crate::domain::row::Row;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::Window;
use crate::edge::spool::Spool;
use crate::edge::trial::Alarm;
use anyhow::Result;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A snapshot to count: its file, and what nobody has counted of it.
pub struct File {
    pub id: SnapshotId,
    pub path: PathBuf,
    pub want: Missing,
}

/// What counting gave.
pub struct Counted {
    pub rows: Vec<Row>,
    /// Per snapshot, what is still missing.
    pub missing: BTreeMap<String, Missing>,
    /// What should be known of the answers though they can be read.
    pub notes: Notes,
    /// Snapshots with elements, and no item among them.
    pub barren: BTreeSet<String>,
}

/// Files of equal bytes, as far as their names and inodes tell.
type Group = Vec<usize>;

/// Reads and folds all files of one window, one at a time if asked. One that takes too long ends
/// the program: the next run tries each alone.
pub fn count(
    spool: &Spool,
    plan: &Plan,
    window: Window,
    files: &[File],
    one_by_one: bool,
) -> Result<Counted> {
    let (groups, alarm) = (groups(spool, files), Alarm::set());
    let next = AtomicUsize::new(0);
    let most = if one_by_one { 1 } else { rayon::current_num_threads() };
    let workers = most.min(groups.len()).max(1);
    let parts = (0..workers).into_par_iter().map(|_| {
        let mut worker = Worker::new(plan, window);
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.take(spool, files, group)?;
            alarm.iter().for_each(Alarm::again);
        }
        anyhow::Ok(worker)
    });
    let whole = parts
        .try_reduce_with(|a, b| Ok(a.join(b)))
        .unwrap_or_else(|| Ok(Worker::new(plan, window)));
    let whole: Worker = whole?;
    let Worker { fold, missing, notes, barren, .. } = whole;
    Ok(Counted { rows: fold.finish(), missing, notes, barren })
}

/// Hard links of one file are read once: the same inode, so the same bytes.
fn groups(spool: &Spool, files: &[File]) -> Vec<Group> {
    let mut groups: BTreeMap<(u64, u64), Group> = BTreeMap::new();
    for (place, file) in files.iter().enumerate() {
        let inode = spool.inode(&file.path);
        groups.entry(inode.unwrap_or((u64::MAX, place as u64))).or_default().push(place);
    }
    groups.into_values().collect()
}

struct Worker<'a> {
    plan: &'a Plan,
    fold: Fold<'a>,
    extraction: Extraction,
    missing: BTreeMap<String, Missing>,
    notes: Notes,
    barren: BTreeSet<String>,
}

impl<'a> Worker<'a> {
    fn new(plan: &'a Plan, window: Window) -> Worker<'a> {
        let fold = Fold::new(plan, window);
        let (extraction, missing) = (Extraction::default(), BTreeMap::new());
        let (notes, barren) = (Notes::new(), BTreeSet::new());
        Worker { plan, fold, extraction, missing, notes, barren }
    }

    fn take(&mut self, spool: &Spool, files: &[File], group: &Group) -> Result<()> {
        let Some(first) = group.first().and_then(|place| files.get(*place)) else {
            return Ok(());
        };
        let bytes = spool.read(&first.path)?;
        let hash = Digest::of(&bytes);
        spool.counting(&first.id)?;
        extract(self.plan, &first.id, &bytes, hash, &mut self.extraction);
        for file in group.iter().filter_map(|place| files.get(*place)) {
            let part =
                Part { instant: file.id.instant(), shift: file.id.shift(), hash, want: &file.want };
            let missing = self.fold.add(&self.extraction, part);
            if missing != file.want {
                self.note(file);
            }
            self.missing.insert(file.id.to_string(), missing);
        }
        Ok(())
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
        self.missing.extend(other.missing);
        join(&mut self.notes, other.notes.into_values());
        self.barren.extend(other.barren);
        self
    }
}

/// Extracts a snapshot, unless its bytes are not those that its name was made of.
fn extract(plan: &Plan, id: &SnapshotId, bytes: &[u8], hash: Digest, out: &mut Extraction) {
    if id.is_of(hash) {
        plan.extract(bytes, id.item(), out);
    } else {
        out.refuse(format!("its bytes have the hash {}, not that of its name", hash.short(8)));
    }
}

/// Why items of a snapshot are missing, in words, for the file beside it in quarantine.
pub fn reason(spool: &Spool, plan: &Plan, file: &File) -> Result<String> {
    let bytes = spool.read(&file.path)?;
    let mut extraction = Extraction::default();
    extract(plan, &file.id, &bytes, Digest::of(&bytes), &mut extraction);
    let missing = match &file.want {
        Missing::All => "nothing of it is counted".to_string(),
        Missing::Nothing => "everything of it is counted".to_string(),
        Missing::Some(positions) => {
            let items = positions.len() - u64::from(positions.contains(extraction.length));
            format!(
                "{items} of {} items are not counted, nor is any aggregate over them all",
                extraction.length
            )
        }
    };
    let faults = extraction.faults().iter().map(|fault| match fault.position {
        Some(position) => format!("item {position}: {}\n", fault.reason),
        None => format!("{}\n", fault.reason),
    });
    let difference = extraction.difference().map(|words| format!("{words}\n"));
    let (faults, words) = (faults.collect::<String>(), difference.unwrap_or_default());
    Ok(format!("{}\n{missing}\n{faults}{words}", file.id))
}
