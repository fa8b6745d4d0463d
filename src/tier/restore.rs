//! A home and a store of a backup, where there is neither. The backup is held against its
//! manifest before anything is written; a mark says that the home is not whole yet, from the first
//! step to the last; who does it again goes on.

use super::Progress;
use super::backup::{Copier, HOME, MANIFEST, SETTINGS, STORE, UNFINISHED};
use crate::domain::gate::Gate;
use crate::domain::hash::Digest;
use crate::domain::limits::{GIVEN_BYTES, MANIFEST_BYTES};
use crate::domain::manifest::{Manifest, Part};
use crate::edge::config::{self, starter};
use crate::edge::disk::{Disk, Linked, Lock, given_text, there};
use crate::edge::spool::{Identity, Spool};
use crate::edge::store;
use anyhow::{Result, anyhow, bail};
use std::path::{Path, PathBuf};

/// One restore.
pub struct Restore<'a> {
    pub disk: Disk,
    pub gate: Gate,
    /// The backup.
    pub folder: PathBuf,
    /// The new home.
    pub home: PathBuf,
    pub progress: &'a dyn Progress,
    /// Puts the secrets into an address that names some.
    pub fill: &'a dyn Fn(&str) -> String,
}

impl Restore<'_> {
    /// Makes the home, and fills the store: this one, or that of the settings. Gives its URL.
    pub fn run(&self, store: Option<&str>, chance: u64) -> Result<String> {
        let (manifest, digest) = self.manifest()?;
        let url = self.url(store)?;
        let has_store = !manifest.store.is_empty();
        let (mark, _lock) = self.begin(&digest, chance, || match has_store {
            true => Ok(store::refuse_used(&url, self.gate.clone())?),
            false => Ok(()),
        })?;
        self.files(&manifest)?;
        if has_store {
            self.progress.begin("filling the store", 0);
            store::fill(&url, self.gate.clone(), &self.folder.join(STORE), &mark)?;
        }
        self.end()?;
        Ok(url)
    }

    /// The manifest, once all that it names is found to be so.
    fn manifest(&self) -> Result<(Manifest, Digest)> {
        let path = self.folder.join(MANIFEST);
        if self.disk.is_there(&self.folder.join(UNFINISHED))? {
            bail!("this backup was stopped before it was whole\nhint: make it again");
        }
        let Some(bytes) = self.disk.read_at_most(&path, MANIFEST_BYTES)? else {
            bail!("{} is missing: this is no backup", path.display());
        };
        let manifest = Manifest::parse(&bytes)
            .map_err(|why| anyhow!("cannot read {}: {why}", path.display()))?;
        self.progress.begin("checking the backup", manifest.parts.len());
        for part in &manifest.parts {
            self.check(part)?;
            self.progress.step();
        }
        Ok((manifest, Digest::of(&bytes)))
    }

    fn check(&self, part: &Part) -> Result<()> {
        let path = self.folder.join(&part.path);
        if !self.disk.is_there(&path)? {
            bail!("the backup is damaged: {} is missing", path.display());
        }
        let (bytes, digest) = self.disk.digest(&path)?;
        if (bytes, digest) != (part.bytes, part.digest) {
            bail!(
                "the backup is damaged: {} is not what was written there ({bytes} bytes of {}, \
                 SHA-256 {})",
                path.display(),
                part.bytes,
                digest.hex()
            );
        }
        Ok(())
    }

    fn url(&self, given: Option<&str>) -> Result<String> {
        let path = self.folder.join(HOME).join(SETTINGS);
        let named = match there(given_text(&path, GIVEN_BYTES))? {
            None => None,
            Some(text) => config::settings(&path.display().to_string(), &text)?.store,
        };
        let given = given.map(str::to_string).or(named);
        let given = given.map(|url| (self.fill)(&url));
        Ok(given.unwrap_or_else(|| store::default_url(&self.home)))
    }

    /// Marks the home as one that is not whole; the mark, and a lock.
    fn begin(
        &self,
        digest: &Digest,
        chance: u64,
        is_free: impl FnOnce() -> Result<()>,
    ) -> Result<(String, Lock)> {
        let path = self.home.join(starter::RESTORING);
        let mut mark = self.disk.read_small(&path)?;
        if mark.is_none() {
            let names = self.disk.list(&self.home)?;
            if !names.iter().all(|name| name.starts_with(starter::RESTORING)) {
                bail!("there is something already\nhint: a home is restored to a new folder");
            }
            is_free()?;
            self.disk.make_dir(&self.home)?;
            let text = format!("{} {chance:016x}\n", digest.hex());
            mark = match self.disk.make(&path, text.as_bytes())? {
                Linked::Made => Some(text.into_bytes()),
                Linked::Taken => self.disk.read_small(&path)?,
            };
        }
        let mark = String::from_utf8_lossy(&mark.unwrap_or_default()).trim().to_string();
        if !mark.starts_with(&digest.hex()) {
            bail!("a restore of another backup was stopped there\nhint: remove that folder");
        }
        let lock = self.home.join("data/.state/locks/restore.lock");
        match self.disk.lock(&lock, "")? {
            Some(lock) => Ok((mark, lock)),
            None => bail!("another restore is at work there"),
        }
    }

    /// All files of the home but the settings, which come last.
    fn files(&self, manifest: &Manifest) -> Result<()> {
        self.progress.begin("copying the home", manifest.parts.len());
        let mut copier = Copier::new(&self.disk);
        for part in &manifest.parts {
            let inner = part.path.strip_prefix(HOME).and_then(|path| path.strip_prefix('/'));
            if let Some(inner) = inner.filter(|inner| *inner != SETTINGS) {
                self.file(part, &self.home.join(inner), &mut copier)?;
            }
            self.progress.step();
        }
        Ok(())
    }

    /// Copies one, unless a restore before has done it.
    fn file(&self, part: &Part, to: &Path, copier: &mut Copier) -> Result<()> {
        if self.disk.is_there(to)? {
            if self.disk.digest(to)? == (part.bytes, part.digest) {
                return Ok(());
            }
            self.disk.unlink(to)?;
        }
        copier.copy(&self.folder.join(&part.path), to)
    }

    fn end(&self) -> Result<()> {
        for inner in ["sources", "data", "reports"] {
            self.disk.make_dir(&self.home.join(inner))?;
        }
        if let Some(settings) = self.disk.read_small(&self.folder.join(HOME).join(SETTINGS))? {
            self.disk.replace(&self.home.join(SETTINGS), &settings)?;
        }
        let spool = Spool::new(&self.home, self.gate.clone());
        if let Some(identity) = spool.identity()?.filter(|known| known.moved_to.is_some()) {
            // The store that was filled is this home's, wherever that of the original went.
            spool.remember_identity(&Identity { moved_to: None, ..identity })?;
        }
        self.disk.sync_tree(&self.home)?;
        // The mark itself goes last.
        let marks = self.disk.list(&self.home)?.into_iter();
        for name in marks.filter(|name| name.starts_with(starter::RESTORING)).rev() {
            self.disk.unlink(&self.home.join(name))?;
        }
        Ok(self.disk.sync_dir(&self.home)?)
    }
}
