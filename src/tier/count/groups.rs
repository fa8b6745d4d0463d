//! What is counted at one go: files of equal bytes, or the pages of a set whose aggregates are
//! taken over all of them.

use crate::domain::positions::Missing;
use crate::domain::snapshot::{PageSet, SnapshotId};
use crate::edge::spool::Spool;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A snapshot to count: its file, and what nobody has counted of it.
#[derive(PartialEq)]
pub struct File {
    pub id: SnapshotId,
    pub path: PathBuf,
    pub want: Missing,
}

/// Files that one worker takes in, one after the other.
#[derive(Default)]
pub struct Group {
    pub files: Vec<usize>,
    /// How many the largest of them has.
    pub bytes: u64,
    /// They are pages, in their order, and not of equal bytes.
    pub is_set: bool,
}

/// The groups of some files, the pages of a set as one, or not. Hard links of one file are
/// read once: the same inode, so the same bytes.
pub fn groups(spool: &Spool, files: &[File], by_sets: bool) -> Vec<Group> {
    let (mut links, mut sets) = (BTreeMap::new(), BTreeMap::new());
    for (place, file) in files.iter().enumerate() {
        let found = spool.look(&file.path);
        let (inode, bytes) = found.unwrap_or(((u64::MAX, place as u64), 0));
        let group: &mut Group = match file.id.set().filter(|_| by_sets) {
            Some(set) => sets.entry(set).or_default(),
            None => links.entry(inode).or_default(),
        };
        group.files.push(place);
        group.bytes = group.bytes.max(bytes);
    }
    let set = |(_, mut group): (PageSet, Group)| {
        let number = |place: &usize| files.get(*place).and_then(|file| file.id.page());
        group.files.sort_by_key(number);
        Group { is_set: true, ..group }
    };
    let mut all: Vec<Group> = sets.into_iter().map(set).chain(links.into_values()).collect();
    // In the order of their files: what of too many fits does not depend on inodes.
    all.sort_by_key(|group| group.files.first().copied());
    all
}
