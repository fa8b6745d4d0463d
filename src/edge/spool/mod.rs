//! The spool: `data/`, where snapshots wait between fetcher and summarizer. It guards that what
//! is visible is complete, that a visible file has a witness in a journal, and that nothing
//! leaves before its batch is committed.

mod aged;
mod archive;
mod attempt;
mod backup;
mod batch;
mod copies;
mod forget;
mod home;
mod hosts;
mod last;
mod memory;
mod outcomes;
mod parcels;
mod pieces;
mod pings;
mod quarantine;
mod reports;
mod reserve;
mod robots;
mod rows;
mod run;
mod sets;
mod shares;
mod sites;
mod sketches;
mod surveys;
mod sweep;
mod tables;
mod tokens;
mod told;
mod withdrawn;
mod witness;

pub use attempt::Condemned;
pub use backup::{Picture, Runs};
pub use batch::{Open, Sealed};
pub use copies::{Copies, Raw};
pub use forget::Holdings;
pub use home::Identity;
pub use hosts::Hosts;
pub use last::{Moved, Remembered};
pub use memory::{Memory, States};
pub use outcomes::Last;
pub use parcels::Terms;
pub use reports::{PACKAGE, VOID};
pub use robots::RobotsAnswer;
pub use rows::{Csv, RowsFile};
pub use run::{Content, Run};
pub use sets::Asked;
pub use surveys::SurveyLedger;
pub use told::Told;
pub use withdrawn::Seen;

use super::disk::{self, Disk, Linked, Lock};
use super::lake::{self, Lake};
use crate::domain::gate::Gate;
use crate::domain::name::SourceName;
use crate::domain::secret::Redactor;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Declaration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What can go wrong with the spool.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Disk(#[from] disk::Error),
    #[error(transparent)]
    Lake(#[from] lake::Error),
    #[error("{0}")]
    Odd(String),
}

impl Error {
    pub fn is_full(&self) -> bool {
        matches!(self, Error::Disk(error) if error.is_full())
    }

    /// Whether it is the bucket of the archive that does not take or give something.
    pub fn is_of_lake(&self) -> bool {
        matches!(self, Error::Lake(_))
    }

    /// Whether this user may only read there.
    pub fn is_refused(&self) -> bool {
        matches!(self, Error::Disk(error) if error.is_refused())
    }
}

pub type Result<T> = std::result::Result<T, Error>;

/// The spool of one home.
#[derive(Clone, Debug)]
pub struct Spool {
    home: PathBuf,
    archive: Option<PathBuf>,
    lake: Option<Arc<Lake>>,
    reports: Option<PathBuf>,
    disk: Disk,
    secrets: Arc<Redactor>,
}

/// What a folder of the spool holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    pub snapshots: Vec<SnapshotId>,
    /// What is no snapshot of this source, each with why: left alone, and listed.
    pub strays: Vec<String>,
}

impl Spool {
    pub fn new(home: &Path, gate: Gate) -> Spool {
        let (disk, secrets) = (Disk::new(gate), Arc::default());
        let spool =
            Spool { home: home.into(), archive: None, lake: None, reports: None, disk, secrets };
        let disk = spool.disk.clone().closing(&[spool.state()]);
        Spool { disk, ..spool }
    }

    /// The same, which keeps these secrets out of the words that it writes.
    pub fn hiding(self, secrets: Redactor) -> Spool {
        Spool { secrets: Arc::new(secrets), ..self }
    }

    /// Words that quote an answer, without the secrets that are known here.
    pub fn hide(&self, words: &str) -> String {
        self.secrets.redact(words)
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn state(&self) -> PathBuf {
        self.data().join(".state")
    }

    fn tmp(&self) -> PathBuf {
        self.data().join(".tmp")
    }

    /// Where the snapshots of a source wait, in plain sight.
    pub fn incoming(&self, source: &SourceName) -> PathBuf {
        self.data().join(source.as_str())
    }

    fn batches(&self, source: &SourceName) -> PathBuf {
        self.data().join(".batches").join(source.as_str())
    }

    /// The snapshots of a source that wait, in order of their names.
    pub fn waiting(&self, source: &SourceName) -> Result<Listing> {
        let mut listing = Listing::default();
        let others = self.disk.but_folders(&self.batches(source))?.into_iter();
        listing.strays.extend(others.map(|name| format!(".batches: {name}: it is no folder")));
        for (name, is_file) in self.disk.entries(&self.incoming(source))? {
            match SnapshotId::parse(&name).filter(|id| id.source() == source) {
                Some(id) if is_file => listing.snapshots.push(id),
                Some(_) => listing.strays.push(format!("{name}: it is no regular file")),
                None => listing.strays.push(format!("{name}: its name is not a snapshot's")),
            }
        }
        Ok(listing)
    }

    /// Whether nothing at all lies in the folders of a source.
    pub fn is_clear_of(&self, source: &SourceName) -> Result<bool> {
        let (incoming, batches) = (self.incoming(source), self.batches(source));
        Ok(self.disk.list(&incoming)?.is_empty() && self.disk.list(&batches)?.is_empty())
    }

    /// The names of all sources that have a folder in the spool, declared or not.
    pub fn folders(&self) -> Result<Vec<SourceName>> {
        let mut names = self.disk.list(&self.data())?;
        names.extend(self.disk.list(&self.data().join(".batches"))?);
        names.sort();
        names.dedup();
        Ok(names.iter().filter_map(|name| SourceName::parse(name)).collect())
    }

    /// Bytes that are free on the disk of `data/`.
    pub fn free(&self) -> Result<u64> {
        self.disk.make_dir(&self.data())?;
        Ok(self.disk.free(&self.data())?)
    }

    /// Keeps a declaration's text, before anything is fetched under it.
    ///
    /// # Errors
    ///
    /// Beside those of the disk: another text is kept under its digits.
    pub fn keep_declaration(&self, declaration: &Declaration) -> Result<()> {
        self.keep_declarations(&[declaration]).pop().unwrap_or(Ok(()))
    }

    /// The same for many, which wait for the disk together; what became of each.
    pub fn keep_declarations(&self, declarations: &[&Declaration]) -> Vec<Result<()>> {
        let kept = declarations.iter().map(|declaration| self.is_kept(declaration));
        let kept: Vec<Result<bool>> = kept.collect();
        let lacks = |(kept, _): &(&Result<bool>, &&Declaration)| matches!(kept, Ok(false));
        let lacking = kept.iter().zip(declarations).filter(lacks);
        let lacking: Vec<(PathBuf, &[u8])> =
            lacking.map(|(_, d)| (self.declaration_path(&d.short()), d.text.as_bytes())).collect();
        let mut made = self.make_declarations(&lacking).into_iter();
        let become_of = |kept: Result<bool>| match kept? {
            true => Ok(()),
            false => made.next().unwrap_or(Ok(())),
        };
        kept.into_iter().map(become_of).collect()
    }

    fn is_kept(&self, declaration: &Declaration) -> Result<bool> {
        let path = self.declaration_path(&declaration.short());
        let Some(kept) = self.disk.read_small(&path)? else { return Ok(false) };
        if !self.disk.is_made(&path)? {
            return Ok(false);
        }
        kept_as(&path, &kept, declaration.text.as_bytes()).map(|()| true)
    }

    fn make_declarations(&self, texts: &[(PathBuf, &[u8])]) -> Vec<Result<()>> {
        if texts.is_empty() {
            return Vec::new();
        }
        if let Err(error) = self.disk.make_dir(&self.state().join("declarations")) {
            return texts.iter().map(|_| Err(error.again().into())).collect();
        }
        let made = texts.chunks(disk::at_once()).flat_map(|some| self.disk.make_all(some));
        let settle = |(made, (path, text)): (disk::Result<Linked>, &(PathBuf, &[u8]))| match made? {
            Linked::Made => Ok(()),
            Linked::Taken => kept_as(path, &self.disk.read_small(path)?.unwrap_or_default(), text),
        };
        made.zip(texts).map(settle).collect()
    }

    /// The text of a declaration by the digits that snapshot names carry; `None` when it is gone
    /// or is not the text that belongs to them.
    pub fn declaration(&self, short: &str) -> Result<Option<String>> {
        let bytes = self.disk.read_small(&self.declaration_path(short))?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.filter(|text| Declaration::new(text).digest.hex().starts_with(short)))
    }

    /// The texts of all declarations that are kept here.
    pub fn declarations(&self) -> Result<Vec<String>> {
        let names = self.disk.files(&self.state().join("declarations"))?;
        let short = names.iter().filter_map(|name| name.strip_suffix(".toml"));
        let texts: Result<Vec<Option<String>>> = short.map(|s| self.declaration(s)).collect();
        Ok(texts?.into_iter().flatten().collect())
    }

    fn declaration_path(&self, short: &str) -> PathBuf {
        self.state().join("declarations").join(format!("{short}.toml"))
    }

    /// The lock of one job, such as `fetcher`; `None` when another run holds it.
    pub fn lock(&self, job: &str, holder: &str) -> Result<Option<Lock>> {
        Ok(self.disk.lock(&self.lock_path(job), holder)?)
    }

    /// The same, of a lock that others may hold for a moment to see whether anyone has it.
    pub fn lock_soon(&self, job: &str, holder: Option<&str>) -> Result<Option<Lock>> {
        Ok(self.disk.lock_soon(&self.lock_path(job), holder)?)
    }

    /// Whether another run holds a lock.
    pub fn is_held(&self, job: &str) -> bool {
        let path = self.lock_path(job);
        self.disk.inode(&path).is_some() && matches!(self.disk.lock_unsaid(&path), Ok(None))
    }

    /// What the holder of a lock wrote of itself.
    pub fn holder(&self, job: &str) -> Option<String> {
        let bytes = self.disk.read_small(&self.lock_path(job)).ok()??;
        String::from_utf8(bytes).ok()
    }

    fn lock_path(&self, job: &str) -> PathBuf {
        self.state().join("locks").join(format!("{job}.lock"))
    }
}

/// Whether a kept text is the one that it should be.
fn kept_as(path: &Path, kept: &[u8], text: &[u8]) -> Result<()> {
    if kept == text {
        return Ok(());
    }
    Err(Error::Odd(format!(
        "{} holds another text, so answers of this declaration could be read by the wrong one\n\
         hint: change a comment in the declaration; if nobody made two texts alike on purpose, \
         that file is damaged: move it away",
        path.display()
    )))
}
