//! A parcel: what an archive in a bucket keeps of one committed batch. Its object holds all
//! snapshots with the declarations that they are read under, packed; a manifest beside it says
//! what is in there.

use super::document::{Doc, Malformed};
use super::hash::Digest;
use super::name::SourceName;
use super::snapshot::SnapshotId;
use super::time::{Day, Window};

/// How objects and manifests end.
pub const OBJECT: &str = ".tar.zst";
pub const MANIFEST: &str = ".json";

/// Which batch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Parcel {
    pub source: SourceName,
    pub hour: Window,
    pub batch: String,
}

/// What is in a parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    pub parcel: Parcel,
    /// Of the object, as it was sent.
    pub bytes: u64,
    pub sha256: Digest,
    /// Hash of the declaration under which the batch was read.
    pub declaration: String,
    /// In one line: name and address.
    pub licence: String,
    /// In order.
    pub snapshots: Vec<Packed>,
}

/// One snapshot in a parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packed {
    pub id: SnapshotId,
    pub bytes: u64,
    pub sha256: Digest,
}

/// The folder of a source's day.
pub fn day_folder(source: &SourceName, day: Day) -> String {
    format!("{source}/{}", day.format("%Y/%m/%d"))
}

impl Parcel {
    fn stem(&self) -> String {
        format!("{}/{}_{}", day_folder(&self.source, self.hour.day()), self.hour, self.batch)
    }

    pub fn object(&self) -> String {
        self.stem() + OBJECT
    }

    pub fn manifest(&self) -> String {
        self.stem() + MANIFEST
    }

    /// From the key of its manifest; `None` of what is something else.
    pub fn parse(key: &str) -> Option<Parcel> {
        let (folder, name) = key.rsplit_once('/')?;
        let (hour, batch) = name.strip_suffix(MANIFEST)?.split_once('_')?;
        let source = SourceName::parse(folder.split('/').next()?)?;
        let parcel = Parcel { source, hour: Window::parse(hour)?, batch: batch.into() };
        (parcel.manifest() == key).then_some(parcel)
    }
}

impl Manifest {
    pub fn json(&self) -> String {
        let Manifest { parcel, bytes, sha256, declaration, licence, snapshots } = self;
        let count = |n: u64| Doc::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let packed = |one: &Packed| {
            Doc::map([
                ("id", Doc::text(one.id.to_string())),
                ("bytes", count(one.bytes)),
                ("sha256", Doc::text(one.sha256.hex())),
            ])
        };
        let doc = Doc::map([
            ("source", Doc::text(parcel.source.as_str())),
            ("hour", Doc::text(parcel.hour.to_string())),
            ("batch", Doc::text(&*parcel.batch)),
            ("bytes", count(*bytes)),
            ("sha256", Doc::text(sha256.hex())),
            ("declaration", Doc::text(&**declaration)),
            ("licence", Doc::text(&**licence)),
            ("snapshots", Doc::List(snapshots.iter().map(packed).collect())),
        ]);
        doc.json() + "\n"
    }

    /// What stands under the key of a parcel's manifest.
    pub fn read(parcel: &Parcel, bytes: &[u8]) -> Result<Manifest, Malformed> {
        let doc = Doc::parse(bytes)?;
        let text = |doc: &Doc, key: &str| doc.get(key).as_text().map(str::to_string);
        let hash = |doc: &Doc| {
            let text = text(doc, "sha256")?;
            Digest::parse(&text).ok_or_else(|| Malformed(format!("{text:?} is no SHA-256")))
        };
        let packed = |one: &Doc| {
            let name = text(one, "id")?;
            let id = SnapshotId::parse(&name).filter(|id| id.window() == parcel.hour);
            let id = id.filter(|id| *id.source() == parcel.source);
            let id = id.ok_or_else(|| Malformed(format!("{name:?} is no snapshot of it")))?;
            Ok(Packed { id, bytes: one.get("bytes").as_count()?, sha256: hash(one)? })
        };
        let snapshots: Result<Vec<Packed>, Malformed> =
            doc.get("snapshots").as_list()?.iter().map(packed).collect();
        Ok(Manifest {
            parcel: parcel.clone(),
            bytes: doc.get("bytes").as_count()?,
            sha256: hash(&doc)?,
            declaration: text(&doc, "declaration")?,
            licence: text(&doc, "licence")?,
            snapshots: snapshots?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        let source = SourceName::parse("bikes-oslo").unwrap_or_else(SourceName::journals);
        let hour = Window::parse("2026-11-21T10").unwrap_or_else(|| panic!("no hour"));
        Parcel { source, hour, batch: "0123abcd".into() }
    }

    #[test]
    fn a_parcel_has_its_place_and_is_found_by_it() {
        let parcel = parcel();
        assert_eq!(parcel.object(), "bikes-oslo/2026/11/21/2026-11-21T10_0123abcd.tar.zst");
        assert_eq!(Parcel::parse(&parcel.manifest()), Some(parcel.clone()));
        for odd in [
            "bikes-oslo/2026/11/22/2026-11-21T10_0123abcd.json",
            "bikes-oslo/2026-11-21T10_0123abcd.json",
            "Bikes/2026/11/21/2026-11-21T10_0123abcd.json",
            "x.json",
        ] {
            assert_eq!(Parcel::parse(odd), None, "{odd}");
        }
        assert_eq!(Parcel::parse(&parcel.object()), None);
    }

    #[test]
    fn a_manifest_reads_back() {
        let manifest = Manifest {
            parcel: parcel(),
            bytes: 17,
            sha256: Digest::of(b"object"),
            declaration: "abc".into(),
            licence: "CC BY 4.0 \"as it is\"".into(),
            snapshots: Vec::new(),
        };
        let read = Manifest::read(&parcel(), manifest.json().as_bytes());
        assert_eq!(read.map_err(|why| why.to_string()), Ok(manifest));
        assert!(Manifest::read(&parcel(), b"{}").is_err());
    }
}
