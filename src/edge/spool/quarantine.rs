//! The quarantine: snapshots with items that could not be read, each beside its reason.

use super::{Error, Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::shown;
use crate::domain::snapshot::SnapshotId;
use crate::edge::disk::Linked;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

impl Spool {
    pub(super) fn quarantine_of(&self, source: &SourceName) -> PathBuf {
        self.data().join("quarantine").join(source.as_str())
    }

    /// Gives a snapshot a place in quarantine, beside its reason. Should its name be taken there
    /// by other bytes, both are kept. The name is for the bytes that it was made of, since only
    /// those can ever be counted; the others have one of their own. No secret that is known here
    /// stands in the reason, whatever of the answer it quotes.
    pub fn quarantine(&self, id: &SnapshotId, file: &Path, reason: &str) -> Result<()> {
        let folder = self.quarantine_of(id.source());
        self.disk.make_dir(&folder)?;
        self.make_room(id, file)?;
        let place = self.place(id, file, 1)?;
        let name = id.to_string();
        // The name is ours: a short secret must not be sought in its digits.
        let (name, why) = match reason.strip_prefix(&name) {
            Some(why) => (name, why),
            None => (String::new(), reason),
        };
        let reason = name + &self.hide(why);
        let mut beside = reason_of(&place);
        if self.disk.is_folder(&beside) {
            beside.as_mut_os_string().push(SECOND);
        }
        self.disk.replace(&beside, shown::lines(&reason).as_bytes())?;
        Ok(self.disk.sync_dir(&folder)?)
    }

    /// Links a file to the first of its names in quarantine that is free or leads to its bytes.
    fn place(&self, id: &SnapshotId, file: &Path, first: u32) -> Result<PathBuf> {
        let folder = self.quarantine_of(id.source());
        for copy in first..1000 {
            let name = if copy == 1 { id.to_string() } else { format!("{id}.{copy}") };
            let place = folder.join(name);
            let taken = self.disk.link_or_copy(file, &place)? == Linked::Taken;
            if !taken || self.disk.same(file, &place)? {
                return Ok(place);
            }
        }
        Err(Error::Odd(format!("{} is there too often, each time with other bytes", id)))
    }

    /// Bytes that are not those of their name make room, with their reason, for those that are.
    fn make_room(&self, id: &SnapshotId, file: &Path) -> Result<()> {
        let folder = self.quarantine_of(id.source());
        let (name, mut known) = (id.to_string(), BTreeMap::new());
        let own = folder.join(&name);
        // What is no file stays where it is.
        let is_taken = self.disk.is_there(&own)? && self.disk.files(&folder)?.contains(&name);
        if !is_taken
            || self.disk.same(file, &own)?
            || !self.is_sound(id, file, &mut known)?
            || self.is_sound(id, &own, &mut known)?
        {
            return Ok(());
        }
        let aside = self.place(id, &own, 2)?;
        // What is no reason stays where it is.
        if let Some(reason) = self.disk.read_small(&reason_of(&own)).ok().flatten() {
            self.disk.replace(&reason_of(&aside), &reason)?;
        }
        self.disk.sync_dir(&folder)?;
        Ok(self.disk.unlink(&own)?)
    }

    pub(super) fn sync_quarantine(&self, source: &SourceName) -> Result<()> {
        Ok(self.disk.sync_dir(&self.quarantine_of(source))?)
    }

    /// Takes snapshots out of quarantine of which everything is counted, with their reasons; the
    /// files are copies that are kept elsewhere. One of other bytes stays.
    pub fn release(&self, source: &SourceName, counted: &[(SnapshotId, PathBuf)]) -> Result<()> {
        let folder = self.quarantine_of(source);
        // In the place of a reason a folder may stand, which is not ours.
        let names: BTreeSet<String> = self.disk.but_folders(&folder)?.into_iter().collect();
        let mut released = false;
        for (id, file) in counted {
            let name = id.to_string();
            let place = folder.join(&name);
            if names.contains(&name) && !self.disk.same(file, &place)? {
                continue;
            }
            let beside = ["", ".new~", SECOND].map(|end| format!("{id}.reason{end}"));
            for part in [name].iter().chain(&beside).filter(|part| names.contains(*part)) {
                self.disk.unlink(&folder.join(part))?;
                released = true;
            }
        }
        if released { Ok(self.disk.sync_dir(&folder)?) } else { Ok(()) }
    }

    /// Gives a reason to what has none: whoever gave it its place died before saying why.
    pub fn tell_unsaid(&self, source: &SourceName) -> Result<()> {
        let folder = self.quarantine_of(source);
        let found = self.disk.entries(&folder)?;
        let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        for id in snapshots(source, &found) {
            let beside = format!("{id}.reason");
            if !names.contains(beside.as_str()) {
                let why = "a run died before it said why\nhint: summarizer replay looks again";
                self.disk.replace(&folder.join(beside), format!("{id}\n{why}\n").as_bytes())?;
            }
        }
        Ok(())
    }

    /// The sources that have something in quarantine.
    pub fn quarantines(&self) -> Result<Vec<SourceName>> {
        let names = self.disk.list(&self.data().join("quarantine"))?;
        let mut found = Vec::new();
        for name in names.iter().filter_map(|name| SourceName::parse(name)) {
            if !self.quarantined(&name)?.is_empty() {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// Why something is in quarantine, in words; nothing where that cannot be read.
    pub fn why(&self, id: &SnapshotId) -> Result<String> {
        let path = self.quarantine_of(id.source()).join(format!("{id}.reason"));
        let bytes = self.disk.read_small(&path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let own = id.to_string();
        Ok(text.strip_prefix(&own).unwrap_or(&text).trim().to_string())
    }

    /// What is in quarantine of a source.
    pub fn quarantined(&self, source: &SourceName) -> Result<Vec<SnapshotId>> {
        Ok(snapshots(source, &self.disk.entries(&self.quarantine_of(source))?).collect())
    }
}

/// The snapshots of a source among what is in a folder.
fn snapshots(source: &SourceName, found: &[(String, bool)]) -> impl Iterator<Item = SnapshotId> {
    let files = found.iter().filter(|(_, is_file)| *is_file);
    files.filter_map(|(name, _)| SnapshotId::parse(name)).filter(move |id| id.source() == source)
}

/// Ends the name of a reason whose own name a folder has.
const SECOND: &str = ".2";

/// The file beside one in quarantine that says why it is there.
fn reason_of(place: &Path) -> PathBuf {
    let mut beside = place.as_os_str().to_owned();
    beside.push(".reason");
    beside.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::Gate;
    use std::fs;

    /// A spool, a file of good bytes and one of others for the same name.
    fn scene() -> (tempfile::TempDir, Spool, SnapshotId, [PathBuf; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::new(&folder.path().join("home"), Gate::open());
        let files = ["good", "rotten"].map(|name| {
            fs::write(folder.path().join(name), name).unwrap();
            folder.path().join(name)
        });
        // The name of the bytes "good".
        let id = SnapshotId::parse("a_2026-11-22T02-41-00Z_a3f9c1_770e6076.json").unwrap();
        (folder, spool, id, files)
    }

    #[test]
    fn the_name_is_for_its_own_bytes() {
        for order in [[0, 1], [1, 0]] {
            let (_folder, spool, id, files) = scene();
            for _ in 0..2 {
                for place in order {
                    spool.quarantine(&id, &files[place], ["g", "r"][place]).unwrap();
                }
            }
            let folder = spool.quarantine_of(id.source());
            let read = |name: String| fs::read_to_string(folder.join(name)).unwrap();
            assert_eq!(read(id.to_string()), "good");
            assert_eq!(read(format!("{id}.reason")), "g");
            assert_eq!(read(format!("{id}.2")), "rotten");
            assert_eq!(read(format!("{id}.2.reason")), "r");
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        }
    }

    #[test]
    fn what_is_another_sources_is_not_listed() {
        let (_folder, spool, id, files) = scene();
        spool.quarantine(&id, &files[0], "g").unwrap();
        let name = id.to_string().replacen('a', "b", 1);
        fs::copy(&files[0], spool.quarantine_of(id.source()).join(name)).unwrap();
        assert_eq!(spool.quarantined(id.source()).unwrap(), [id]);
    }
}
