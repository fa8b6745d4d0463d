//! Containers: an answer that holds what is declared inside of a zip, gzip, zstd or tar. It lands
//! as it came, and is opened in memory wherever it is read. Of the names in it none is ever
//! written to.
//!
//! Invariant: what comes out is the one file that is meant, whole, as its sums say; else a fault
//! says why, and nothing comes out.

mod member;
mod tar;
mod words;
mod zip;

pub use member::Pattern;

use super::coding::{Coding, Spoilt, undone};
use super::format::Size;
use super::limits::UNPACK_WINDOW_BYTES;
use member::Search;
use std::borrow::Cow;

/// A kind of container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pack {
    Zip,
    Gzip,
    Zstd,
    Tar,
    TarGz,
}

/// How an answer is packed, and which of the files in it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpack {
    pub pack: Pack,
    /// None where there is only one.
    pub member: Option<Pattern>,
}

/// What an opened container may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of all that is unpacked.
    pub bytes: u64,
    /// Whether zeros and ends of lines may follow a whole gzip.
    pub padded: bool,
}

impl Pack {
    pub const ALL: [(&'static str, Pack); 5] = [
        ("zip", Pack::Zip),
        ("gzip", Pack::Gzip),
        ("zstd", Pack::Zstd),
        ("tar", Pack::Tar),
        ("tar.gz", Pack::TarGz),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, pack)| *pack == self).map_or("", |(name, _)| name)
    }

    /// How the names of its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Pack::Zip => "zip",
            Pack::Gzip => "gz",
            Pack::Zstd => "zst",
            Pack::Tar => "tar",
            Pack::TarGz => "tgz",
        }
    }

    /// Whether it holds files with names.
    pub fn has_members(self) -> bool {
        matches!(self, Pack::Zip | Pack::Tar | Pack::TarGz)
    }

    /// In a sentence.
    fn noun(self) -> &'static str {
        match self {
            Pack::Zip => "a zip archive",
            Pack::Gzip => "gzip",
            Pack::Zstd => "zstd",
            Pack::Tar => "a tar archive",
            Pack::TarGz => "a gzip of a tar archive",
        }
    }

    /// Whether bytes begin as one does.
    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Pack::Zip => bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06"),
            Pack::Gzip | Pack::TarGz => bytes.len() > 1 && Coding::Gzip.begins(bytes),
            Pack::Zstd => bytes.len() > 3 && Coding::Zstd.begins(bytes),
            Pack::Tar => tar::begins(bytes),
        }
    }
}

/// What bytes look like that begin as a container does, and what opens it, if anything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub what: &'static str,
    pub pack: Option<Pack>,
}

/// What others pack with, and how that begins.
const OTHERS: [(&str, &[u8]); 4] = [
    ("bzip2", b"BZh91AY&SY"),
    ("xz", b"\xfd7zXZ\0"),
    ("a 7z archive", b"7z\xbc\xaf\x27\x1c"),
    ("a rar archive", b"Rar!\x1a\x07"),
];

/// A container, as far as the first bytes tell.
pub fn seen(bytes: &[u8]) -> Option<Seen> {
    let packs = [Pack::Zip, Pack::Gzip, Pack::Zstd];
    if let Some(pack) = packs.into_iter().find(|pack| pack.begins(bytes)) {
        return Some(Seen { what: pack.noun(), pack: Some(pack) });
    }
    // A tar has no mark of its own in its first bytes: they are a name.
    if tar::is_marked(bytes) {
        return Some(Seen { what: Pack::Tar.noun(), pack: Some(Pack::Tar) });
    }
    let (what, _) = OTHERS.iter().find(|(_, mark)| bytes.starts_with(mark))?;
    Some(Seen { what, pack: None })
}

impl Unpack {
    /// Whether bytes begin as what is declared.
    pub fn begins(&self, bytes: &[u8]) -> bool {
        self.pack.begins(bytes)
    }

    /// What stands in the one file that is meant.
    ///
    /// # Errors
    ///
    /// Why there is none, in words; a hint in a second line, where the cure is known.
    pub fn open<'b>(&self, bytes: &'b [u8], bounds: Bounds) -> Result<Cow<'b, [u8]>, String> {
        if !self.begins(bytes) {
            return Err(self.other(bytes));
        }
        let member = self.member.as_ref();
        match self.pack {
            Pack::Zip => zip::open(bytes, Search::new(member), bounds.bytes),
            Pack::Gzip => unpacked(Coding::Gzip, bytes, bounds).map(Cow::Owned),
            Pack::Zstd => unpacked(Coding::Zstd, bytes, bounds).map(Cow::Owned),
            Pack::Tar => {
                let range = tar::find(bytes, Search::new(member))?;
                bytes.get(range).map(Cow::Borrowed).ok_or_else(|| tar::CUT.into())
            }
            Pack::TarGz => {
                let mut tar = unpacked(Coding::Gzip, bytes, bounds)?;
                if !tar::begins(&tar) {
                    let told = "what its gzip holds does not begin like a tar archive";
                    return Err(told.to_string() + &hint(Some(Pack::Gzip)));
                }
                let range = tar::find(&tar, Search::new(member))?;
                tar.truncate(range.end);
                Ok(Cow::Owned(tar.split_off(range.start.min(tar.len()))))
            }
        }
    }

    /// What opens something that stands in it, if anything does.
    pub fn inner(&self, seen: Seen) -> Option<Pack> {
        let tar = (self.pack, seen.pack) == (Pack::Gzip, Some(Pack::Tar));
        tar.then_some(Pack::TarGz)
    }

    fn other(&self, bytes: &[u8]) -> String {
        let told = format!("it is declared as {}, but does not begin like one", self.pack.noun());
        match seen(bytes) {
            Some(seen) => told + &format!(": it looks like {}", seen.what) + &hint(seen.pack),
            None if matches!(self.pack, Pack::Gzip | Pack::TarGz) => {
                told + "\nhint: some servers undo it on its way; then this is what was inside, and \
                        fetch.unpack goes"
            }
            None => told,
        }
    }
}

/// What opens a container, as a second line.
pub fn hint(pack: Option<Pack>) -> String {
    pack.map(|pack| format!("\nhint: fetch.unpack = {:?} opens it", pack.name()))
        .unwrap_or_default()
}

fn unpacked(coding: Coding, bytes: &[u8], bounds: Bounds) -> Result<Vec<u8>, String> {
    let padded = bounds.padded && coding == Coding::Gzip;
    let undone = undone(coding, bytes, bounds.bytes, UNPACK_WINDOW_BYTES, padded);
    undone.map_err(|spoilt| match spoilt {
        Spoilt::Over => words::over(bounds.bytes),
        Spoilt::Other => format!("it does not begin like {coding}"),
        Spoilt::Damaged => format!("its {coding} is cut or damaged"),
        Spoilt::Needs(what) => format!("its {coding} needs {what}"),
        Spoilt::Trailing { bytes, padding: true } => format!(
            "its {coding} is followed by {}, zeros or ends of lines{}",
            Size(bytes),
            if coding == Coding::Gzip { words::PADDED } else { "" }
        ),
        Spoilt::Trailing { bytes, .. } => {
            format!("its {coding} is followed by {} of something else", Size(bytes))
        }
    })
}

#[cfg(test)]
mod tests;
