//! Batches: a frozen set of snapshots of one source, hour and declaration; the unit of
//! "exactly once". Its id is fixed by its content, so that a run after a death finds it again.

use super::extract::REVISION;
use super::hash::Digest;
use super::name::SourceName;
use super::snapshot::SnapshotId;
use super::time::Window;

/// The id of a batch: hash of source, hour, declaration, extraction revision, number of the
/// hour's last replacing entry, and the sorted snapshot ids. Sixteen hexadecimal digits.
pub fn id(
    source: &SourceName,
    hour: Window,
    declaration: Digest,
    last_replacing: u64,
    snapshots: &[SnapshotId],
) -> String {
    let mut names: Vec<String> = snapshots.iter().map(SnapshotId::to_string).collect();
    names.sort_unstable();
    let head = [
        source.to_string(),
        hour.to_string(),
        declaration.hex(),
        REVISION.to_string(),
        last_replacing.to_string(),
    ];
    Digest::of_parts(head.iter().chain(&names).map(String::as_str)).short(16)
}

/// The id of a recount of one hour: it also hashes its kind and the number of the last entry
/// of its hour.
pub fn recount_id(
    source: &SourceName,
    hour: Window,
    declaration: Digest,
    last_entry: u64,
    snapshots: &[SnapshotId],
) -> String {
    let plain = id(source, hour, declaration, last_entry, snapshots);
    Digest::of_parts(["recount", &plain]).short(16)
}

/// A fresh commit id for a batch; `chance` makes it differ from every earlier attempt.
pub fn commit_id(batch: &str, chance: u64) -> String {
    format!("{batch}-{chance:016x}")
}
