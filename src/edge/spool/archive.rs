//! The archive: a folder outside `data/` that keeps what was counted, for good. A file is there
//! whole or not at all, under its own name, and never over other bytes. The declarations are
//! kept beside, so that an archive alone is enough to count everything again.

use super::{Error, Result, Spool};
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Declaration;
use crate::domain::time::Day;
use crate::edge::disk::Linked;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The days of which there are folders `yyyy/mm/dd/`; `below` gives the names in one of them.
pub(super) fn days_in(below: impl Fn(&str) -> Result<Vec<String>>) -> Result<Vec<Day>> {
    let mut folders = vec![String::new()];
    for digits in [4, 2, 2] {
        let fits =
            |part: &String| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        let mut inner = Vec::new();
        for folder in folders {
            let parts = below(&folder)?.into_iter().filter(fits);
            inner.extend(parts.map(|part| format!("{folder}{part}/")));
        }
        folders = inner;
    }
    let day = |folder: &String| folder.trim_end_matches('/').replace('/', "-").parse().ok();
    Ok(folders.iter().filter_map(day).collect())
}

/// Where the texts of declarations stand, beside the folders of the sources.
const DECLARATIONS: &str = "declarations";

impl Spool {
    /// The same spool, with an archive in this folder, if any.
    pub fn archiving(mut self, folder: Option<PathBuf>) -> Spool {
        self.archive = folder;
        self
    }

    /// The folder of the archive, if one is asked for.
    pub fn archive(&self) -> Option<&Path> {
        self.archive.as_deref()
    }

    pub(super) fn day_folder(&self, source: &SourceName, day: Day) -> Option<PathBuf> {
        let day = day.format("%Y/%m/%d").to_string();
        Some(self.archive()?.join(source.as_str()).join(day))
    }

    /// Archives files, durably; nothing where there is no archive. Bytes that are not those of
    /// their name are not archived: they have a place in quarantine.
    pub fn keep(&self, files: &[(SnapshotId, PathBuf)]) -> Result<()> {
        let (mut touched, mut sound) = (BTreeSet::new(), BTreeMap::new());
        for (id, file) in files {
            let Some(folder) = self.day_folder(id.source(), id.window().day()) else {
                return Ok(());
            };
            if self.is_sound(id, file, &mut sound)? {
                self.disk.make_dir(&folder)?;
                self.keep_one(file, &folder.join(id.to_string()))?;
                touched.insert(folder);
            }
        }
        Ok(touched.iter().try_for_each(|folder| self.disk.sync_dir(folder))?)
    }

    /// Whether a file has the bytes of its name. Several names of one file are read once.
    pub(super) fn is_sound(
        &self,
        id: &SnapshotId,
        file: &Path,
        known: &mut BTreeMap<(u64, u64), Digest>,
    ) -> Result<bool> {
        let inode = self.disk.inode(file);
        if let Some(digest) = inode.and_then(|inode| known.get(&inode)) {
            return Ok(id.is_of(*digest));
        }
        let Some(digest) = self.digest(file)? else { return Ok(false) };
        inode.map(|inode| known.insert(inode, digest));
        Ok(id.is_of(digest))
    }

    /// Gives a file its place by a link, or where that cannot be, by a copy that is read again.
    fn keep_one(&self, file: &Path, place: &Path) -> Result<()> {
        let linked = self.disk.link_or_copy(file, place)?;
        if self.disk.same(file, place)? {
            return Ok(());
        }
        Err(Error::Odd(match linked {
            Linked::Made => format!("{} was written, and reads back otherwise", place.display()),
            Linked::Taken => format!(
                "the archive has {} already, with other bytes\n\
                 hint: nothing is lost; look at both files, then move that one away",
                place.display()
            ),
        }))
    }

    /// The texts under which snapshots were fetched, and the one they are read under, by their
    /// digits in names.
    pub(super) fn texts_of<'a>(
        &self,
        read_under: &str,
        ids: impl Iterator<Item = &'a SnapshotId>,
    ) -> Result<BTreeMap<String, String>> {
        let mut texts = BTreeMap::from([(Declaration::new(read_under).short(), read_under.into())]);
        for short in ids.map(SnapshotId::declaration).collect::<BTreeSet<_>>() {
            if let Some(text) = self.declaration(short)? {
                texts.insert(short.into(), text);
            }
        }
        Ok(texts)
    }

    /// Archives the texts under which snapshots were fetched, and the one they are read under.
    pub fn keep_texts(&self, read_under: &str, ids: &[SnapshotId]) -> Result<()> {
        let Some(archive) = self.archive() else { return Ok(()) };
        let folder = archive.join(DECLARATIONS);
        for (short, text) in self.texts_of(read_under, ids.iter())? {
            let place = folder.join(format!("{short}.toml"));
            match self.disk.read_small(&place)? {
                // Two texts alike in these digits: the second under all of its own.
                Some(kept) if kept != text.as_bytes() => {
                    let hex = Declaration::new(&text).digest.hex();
                    self.keep_text(&folder.join(format!("{hex}.toml")), &text)?;
                }
                Some(_) if self.disk.is_made(&place)? => {}
                _ => self.keep_text(&place, &text)?,
            }
        }
        Ok(())
    }

    fn keep_text(&self, place: &Path, text: &str) -> Result<()> {
        if let Some(folder) = place.parent() {
            self.disk.make_dir(folder)?;
        }
        Ok(self.disk.make(place, text.as_bytes()).map(drop)?)
    }
}
