//! All files of a source's day, wherever they are: in the archive, in quarantine, or between
//! landing and emptying. What a recount is made of.

use super::archive::days_in;
use super::parcels::Scratch;
use super::{Result, Spool};
use crate::domain::name::SourceName;
use crate::domain::parcel::Parcel;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Day, Instant, Window};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Per snapshot of one day, all places where a file of its name is.
#[derive(Debug, Default)]
pub struct Copies {
    places: BTreeMap<SnapshotId, Vec<PathBuf>>,
    /// What of them is in parcels of a bucket, unpacked when it is asked for.
    parcels: BTreeMap<SnapshotId, Vec<Parcel>>,
    scratch: RefCell<Option<Scratch>>,
    /// Hours of which the archive or the quarantine has something.
    kept: BTreeSet<Window>,
}

impl Copies {
    /// Hours of which there is more than what waits.
    pub fn hours(&self) -> &BTreeSet<Window> {
        &self.kept
    }

    /// The snapshots of an hour.
    pub fn ids(&self, hour: Window) -> impl Iterator<Item = &SnapshotId> {
        let packed = self.parcels.keys().filter(|id| !self.places.contains_key(id));
        self.places.keys().chain(packed).filter(move |id| id.window() == hour)
    }

    /// Whether a bucket has it.
    pub fn is_parcelled(&self, id: &SnapshotId) -> bool {
        self.parcels.contains_key(id)
    }

    /// Where a file of this name is.
    pub fn places(&self, id: &SnapshotId) -> &[PathBuf] {
        self.places.get(id).map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, folder: &Path, ids: impl IntoIterator<Item = SnapshotId>, kept: bool) {
        for id in ids {
            if kept {
                self.kept.insert(id.window());
            }
            let place = folder.join(id.to_string());
            self.places.entry(id).or_default().push(place);
        }
    }
}

/// Raw answers that are to go.
#[derive(Default)]
pub struct Raw {
    files: Vec<PathBuf>,
    parcels: Vec<Parcel>,
}

impl Raw {
    pub fn extend(&mut self, other: Raw) {
        self.files.extend(other.files);
        self.parcels.extend(other.parcels);
    }

    /// How many files and objects.
    pub fn len(&self) -> usize {
        self.files.len() + self.parcels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Spool {
    /// All copies of a source's day.
    pub fn copies(&self, source: &SourceName, day: Day) -> Result<Copies> {
        let mut copies = Copies::default();
        let of_day = |ids: Vec<SnapshotId>| -> Vec<SnapshotId> {
            ids.into_iter().filter(|id| id.window().day() == day).collect()
        };
        let quarantine = self.quarantine_of(source);
        for folder in self.day_folder(source, day).iter().chain([&quarantine]) {
            copies.enter(folder, of_day(self.snapshots_in(folder, source)?), true);
        }
        let batches = self.batches(source);
        let folders = self.disk.folders(&batches)?.into_iter().map(|name| batches.join(name));
        for folder in [self.incoming(source)].into_iter().chain(folders) {
            copies.enter(&folder, of_day(self.snapshots_in(&folder, source)?), false);
        }
        for manifest in self.manifests(source, day)? {
            copies.kept.insert(manifest.parcel.hour);
            for packed in manifest.snapshots {
                let parcels = copies.parcels.entry(packed.id).or_default();
                parcels.push(manifest.parcel.clone());
            }
        }
        Ok(copies)
    }

    /// The first copy whose bytes are those of its name.
    pub fn sound_copy(&self, id: &SnapshotId, copies: &Copies) -> Result<Option<PathBuf>> {
        let mut known = BTreeMap::new();
        for place in copies.places(id) {
            if self.is_sound(id, place, &mut known)? {
                return Ok(Some(place.clone()));
            }
        }
        for parcel in copies.parcels.get(id).into_iter().flatten() {
            let place = self.unpacked(&mut copies.scratch.borrow_mut(), parcel, id)?;
            if self.is_sound(id, &place, &mut known)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Days of which the archive or the quarantine has something.
    pub fn kept_days(&self, source: &SourceName) -> Result<BTreeSet<Day>> {
        let held = self.quarantined(source)?.into_iter().map(|id| id.window().day());
        let mut days: BTreeSet<Day> = held.collect();
        days.extend(self.archived_days(source)?);
        days.extend(self.parcel_days(source)?);
        Ok(days)
    }

    /// The sources that the archive has something of.
    pub fn archived_sources(&self) -> Result<Vec<SourceName>> {
        let names = self.archive().map_or(Ok(Vec::new()), |archive| self.disk.list(archive))?;
        let mut found = self.parcel_sources()?;
        for name in names.iter().filter_map(|name| SourceName::parse(name)) {
            if !self.archived_days(&name)?.is_empty() {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// The files of raw answers of a source of before an instant: in the archive, in quarantine
    /// with their reasons, and what is remembered of the last one.
    pub fn old_raw(&self, source: &SourceName, before: Instant) -> Result<Raw> {
        let mut old: Vec<PathBuf> = Vec::new();
        let is_old = |id: &SnapshotId| id.instant() < before;
        for day in self.archived_days(source)?.into_iter().filter(|day| *day <= before.date_naive())
        {
            let Some(folder) = self.day_folder(source, day) else { continue };
            let ids = self.snapshots_in(&folder, source)?.into_iter().filter(is_old);
            old.extend(ids.map(|id| folder.join(id.to_string())));
        }
        let quarantine = self.quarantine_of(source);
        for id in self.quarantined(source)?.iter().filter(|id| is_old(id)) {
            old.extend(["", ".reason"].map(|end| quarantine.join(format!("{id}{end}"))));
        }
        old.extend(
            self.last_files(source)?
                .into_iter()
                .filter(|path| self.disk.written(path).is_some_and(|at| at < before)),
        );
        Ok(Raw { files: old, parcels: self.old_parcels(source, before)? })
    }

    /// How many bytes such files have.
    pub fn bytes_of(&self, raw: &Raw) -> u64 {
        raw.files.iter().map(|path| self.disk.bytes(path)).sum()
    }

    /// Takes such files away; a name may have gone meanwhile.
    pub fn remove_raw(&self, raw: &Raw) -> Result<()> {
        let old = &raw.files;
        self.remove_parcels(&raw.parcels)?;
        old.iter().try_for_each(|path| self.disk.unlink(path))?;
        let folders: BTreeSet<&Path> = old.iter().filter_map(|path| path.parent()).collect();
        Ok(folders.into_iter().try_for_each(|folder| self.disk.sync_dir(folder))?)
    }

    pub(super) fn archived_days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let Some(folder) = self.archive().map(|archive| archive.join(source.as_str())) else {
            return Ok(Vec::new());
        };
        days_in(|inner| {
            let inner = folder.join(inner);
            // An old year may be a link to another disk.
            if inner.is_dir() { Ok(self.disk.list(&inner)?) } else { Ok(Vec::new()) }
        })
    }
}
