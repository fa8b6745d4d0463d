//! The archive in a bucket: one object for each committed batch, and a manifest beside it. The
//! manifest comes last: what it names is there whole, and nothing leaves `data/` before.

use super::archive::days_in;
use super::run::LOCK;
use super::{Error, Result, Spool};
use crate::domain::hash::Digest;
use crate::domain::limits::ANSWER_BYTES;
use crate::domain::name::SourceName;
use crate::domain::parcel::{MANIFEST, Manifest, Packed, Parcel, day_folder};
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Declaration;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::disk::Lock;
use crate::edge::lake::{self, Lake};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the texts of declarations stand in an object.
const DECLARATIONS: &str = "declarations/";

/// What the batch of a parcel is read under, and its licence in one line.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub read_under: &'a str,
    pub licence: &'a str,
}

/// A folder of `data/.tmp/` in which objects are unpacked; a sweep takes it away when its run died.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    spool: Spool,
    hour: Option<Window>,
    got: BTreeSet<Parcel>,
    _lock: Lock,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Else the next sweep does it.
        let _ = self.spool.remove_run(&self.folder);
    }
}

impl Spool {
    /// The same spool, with an archive in a bucket.
    pub fn archiving_in(mut self, lake: Lake) -> Spool {
        self.lake = Some(Arc::new(lake));
        self
    }

    /// The bucket of the archive, if there is one.
    pub fn lake(&self) -> Option<&Lake> {
        self.lake.as_deref()
    }

    /// The same, to read there or to take something away: never from another home's.
    fn own_lake(&self) -> Result<Option<&Lake>> {
        let Some(lake) = self.lake() else { return Ok(None) };
        if let Some(identity) = self.identity()? {
            lake.is_of(&identity.id)?;
        }
        Ok(Some(lake))
    }

    /// Whether what was counted is kept somewhere.
    pub fn archives(&self) -> bool {
        self.archive.is_some() || self.lake.is_some()
    }

    /// Archives the files of a committed batch in the bucket; nothing where there is none. What was
    /// begun before is found again.
    pub fn keep_parcel(
        &self,
        parcel: &Parcel,
        terms: Terms,
        files: &[(SnapshotId, PathBuf)],
    ) -> Result<()> {
        let Some(lake) = self.lake() else { return Ok(()) };
        let mut known = BTreeMap::new();
        let mut sound = Vec::new();
        for (id, file) in files {
            if self.is_sound(id, file, &mut known)? {
                sound.push((id.clone(), file.clone()));
            }
        }
        if sound.is_empty() || self.has_parcel(lake, parcel, &sound)? {
            return Ok(());
        }
        sound.sort();
        let texts = self.texts_of(terms.read_under, sound.iter().map(|(id, _)| id))?;
        let mut packed = Vec::new();
        let bytes = self.packed(&texts, &sound, &mut packed);
        let bytes = bytes.map_err(|why| odd(&format!("cannot pack {}: {why}", parcel.object())))?;
        let (length, sha256) = self.put_object(lake, parcel, &bytes, &packed)?;
        let manifest = Manifest {
            parcel: parcel.clone(),
            bytes: length,
            sha256,
            declaration: Declaration::new(terms.read_under).digest.hex(),
            licence: terms.licence.into(),
            snapshots: packed,
        };
        let text = manifest.json();
        let sha256 = Digest::of(text.as_bytes());
        Ok(lake.put(&self.home_id()?, &parcel.manifest(), text.as_bytes(), sha256)?)
    }

    /// Whether a parcel is in the bucket, whole, with all of these.
    fn has_parcel(
        &self,
        lake: &Lake,
        parcel: &Parcel,
        files: &[(SnapshotId, PathBuf)],
    ) -> Result<bool> {
        let Some(manifest) = self.manifest(lake, parcel)? else { return Ok(false) };
        let has = |id: &SnapshotId| manifest.snapshots.iter().any(|packed| packed.id == *id);
        if let Some((id, _)) = files.iter().find(|(id, _)| !has(id)) {
            let what = format!("{} has {} already, without {id}", lake.address(), parcel.object());
            return Err(odd(&what));
        }
        let Some(head) = lake.head(&parcel.object())? else { return Ok(false) };
        lake.is_encrypted(&parcel.object(), &head)?;
        Ok(head.bytes == manifest.bytes && head.sha256 == Some(manifest.sha256.hex()))
    }

    /// Puts the object. One that is there of other bytes may be the same files, packed by another
    /// version of this program.
    fn put_object(
        &self,
        lake: &Lake,
        parcel: &Parcel,
        bytes: &[u8],
        packed: &[Packed],
    ) -> Result<(u64, Digest)> {
        let sha256 = Digest::of(bytes);
        let error = match lake.put(&self.home_id()?, &parcel.object(), bytes, sha256) {
            Ok(()) => return Ok((bytes.len() as u64, sha256)),
            Err(error) if error.is_taken => error,
            Err(error) => return Err(error.into()),
        };
        let Some(there) = lake.get(&parcel.object())? else { return Err(error.into()) };
        let mut found = BTreeMap::new();
        let read = lake::unpack(&there, ANSWER_BYTES as u64, &mut |name, bytes| {
            found.insert(name.to_string(), Digest::of(bytes));
            Ok(())
        });
        let is_in = |one: &Packed| found.get(&one.id.to_string()) == Some(&one.sha256);
        if read.is_err() || !packed.iter().all(is_in) {
            return Err(error.into());
        }
        Ok((there.len() as u64, Digest::of(&there)))
    }

    fn home_id(&self) -> Result<String> {
        let identity = self.identity()?.ok_or_else(|| odd("this home has no id yet"))?;
        Ok(identity.id)
    }

    fn packed(
        &self,
        texts: &BTreeMap<String, String>,
        files: &[(SnapshotId, PathBuf)],
        packed: &mut Vec<Packed>,
    ) -> io::Result<Vec<u8>> {
        let texts = texts.iter().map(|(short, text)| {
            Ok((format!("{DECLARATIONS}{short}.toml"), 0, text.clone().into_bytes()))
        });
        let answers = files.iter().map(|(id, path)| {
            let bytes = self.read(path).map_err(io::Error::other)?;
            let (size, sha256) = (bytes.len() as u64, Digest::of(&bytes));
            if !id.is_of(sha256) {
                return Err(io::Error::other(format!("{id} has changed")));
            }
            packed.push(Packed { id: id.clone(), bytes: size, sha256 });
            Ok((id.to_string(), id.instant().timestamp(), bytes))
        });
        lake::pack(&mut texts.chain(answers))
    }

    fn manifest(&self, lake: &Lake, parcel: &Parcel) -> Result<Option<Manifest>> {
        let key = parcel.manifest();
        let Some(bytes) = lake.get(&key)? else { return Ok(None) };
        let read = Manifest::read(parcel, &bytes);
        read.map(Some).map_err(|why| odd(&format!("{}{key} cannot be read: {why}", lake.address())))
    }

    /// The manifests of a source's day.
    pub(super) fn manifests(&self, source: &SourceName, day: Day) -> Result<Vec<Manifest>> {
        let Some(lake) = self.own_lake()? else { return Ok(Vec::new()) };
        let keys = lake.keys(&day_folder(source, day))?;
        let mut found = Vec::new();
        for parcel in keys.iter().filter_map(|key| Parcel::parse(key)) {
            found.extend(self.manifest(lake, &parcel)?);
        }
        Ok(found)
    }

    /// The days of which the bucket has something of a source.
    pub(super) fn parcel_days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let Some(lake) = self.own_lake()? else { return Ok(Vec::new()) };
        days_in(|inner| Ok(lake.folders(&format!("{source}/{inner}"))?))
    }

    /// The sources of which the bucket has something.
    pub(super) fn parcel_sources(&self) -> Result<Vec<SourceName>> {
        let Some(lake) = self.own_lake()? else { return Ok(Vec::new()) };
        Ok(lake.folders("")?.iter().filter_map(|name| SourceName::parse(name)).collect())
    }

    /// The parcels of a source in which something is of before an instant: they go whole, since
    /// nothing may stay longer than it may.
    pub(super) fn old_parcels(&self, source: &SourceName, before: Instant) -> Result<Vec<Parcel>> {
        let mut old = Vec::new();
        for day in self.parcel_days(source)?.into_iter().filter(|day| *day <= before.date_naive()) {
            let Some(lake) = self.own_lake()? else { continue };
            let keys = lake.keys(&day_folder(source, day))?;
            let parcels = keys.iter().filter_map(|key| Parcel::parse(key));
            old.extend(parcels.filter(|parcel| parcel.hour.start() < before));
        }
        Ok(old)
    }

    /// Takes parcels away: the object first, since it is found by its manifest.
    pub(super) fn remove_parcels(&self, parcels: &[Parcel]) -> Result<()> {
        let Some(lake) = self.own_lake()? else { return Ok(()) };
        for parcel in parcels {
            lake.delete(&parcel.object())?;
            lake.delete(&parcel.manifest())?;
        }
        Ok(())
    }

    /// Takes all of a source away, also objects that no manifest names.
    pub(super) fn forget_parcels(&self, source: &SourceName) -> Result<()> {
        let Some(lake) = self.own_lake()? else { return Ok(()) };
        let mut keys = lake.keys(&format!("{source}/"))?;
        keys.sort_by_key(|key| key.ends_with(MANIFEST));
        Ok(keys.iter().try_for_each(|key| lake.delete(key))?)
    }

    /// How many snapshots of a source the bucket has.
    pub(super) fn parcelled(&self, source: &SourceName) -> Result<u64> {
        let mut sum = 0;
        for day in self.parcel_days(source)? {
            let manifests = self.manifests(source, day)?;
            sum += manifests.iter().map(|manifest| manifest.snapshots.len() as u64).sum::<u64>();
        }
        Ok(sum)
    }

    /// Where a snapshot of a parcel lies once that is unpacked.
    pub(super) fn unpacked(
        &self,
        scratch: &mut Option<Scratch>,
        parcel: &Parcel,
        id: &SnapshotId,
    ) -> Result<PathBuf> {
        if scratch.is_none() {
            *scratch = Some(self.scratch()?);
        }
        let Some(scratch) = scratch else { return Err(odd("there is no scratch folder")) };
        if !scratch.got.contains(parcel) {
            self.fetch_parcel(scratch, parcel)?;
        }
        Ok(scratch.folder.join(id.to_string()))
    }

    fn scratch(&self) -> Result<Scratch> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("lake-{}-{number}", std::process::id());
        let folder = self.tmp().join(name);
        self.disk.make_dir(&folder)?;
        let lock = self.disk.lock(&folder.join(LOCK), &format!("{}\n", std::process::id()))?;
        let lock = lock.ok_or_else(|| odd("its scratch folder is somebody else's"))?;
        let (spool, got) = (self.clone(), BTreeSet::new());
        Ok(Scratch { folder, spool, hour: None, got, _lock: lock })
    }

    /// Unpacks a parcel beside others of its hour; those of other hours go.
    fn fetch_parcel(&self, scratch: &mut Scratch, parcel: &Parcel) -> Result<()> {
        if scratch.hour != Some(parcel.hour) {
            for name in self.disk.files(&scratch.folder)?.iter().filter(|name| *name != LOCK) {
                self.disk.unlink(&scratch.folder.join(name))?;
            }
            (scratch.hour, scratch.got) = (Some(parcel.hour), BTreeSet::new());
        }
        let Some(lake) = self.lake() else { return Ok(()) };
        let key = parcel.object();
        let object = lake.get(&key)?;
        let object = object.ok_or_else(|| odd(&format!("{}{key} is not there", lake.address())))?;
        let read = lake::unpack(&object, ANSWER_BYTES as u64 + 1, &mut |name, bytes| {
            // Names are believed as far as they are names of snapshots.
            match SnapshotId::parse(name) {
                Some(id) if id.to_string() == name => {
                    let path = scratch.folder.join(name);
                    self.disk.replace_loosely(&path, bytes).map_err(io::Error::other)
                }
                _ => Ok(()),
            }
        });
        read.map_err(|why| odd(&format!("{}{key} cannot be read: {why}", lake.address())))?;
        scratch.got.insert(parcel.clone());
        Ok(())
    }
}

fn odd(words: &str) -> Error {
    Error::Odd(words.into())
}
