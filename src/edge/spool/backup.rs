//! A still picture of `data/` for a backup, taken while nobody may move anything there: second
//! names for all files, in a folder of `data/.tmp/` that a sweep takes away when its run died.

use super::run::{JOURNAL, LOCK};
use super::{Result, Spool};
use crate::domain::time::{Instant, stamp};
use crate::edge::disk::{self, Lock};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The runs in `data/.tmp/` while nobody fetches.
#[derive(Debug, Default)]
pub struct Runs {
    /// Dead ones, that nobody can sweep as long as this is held.
    dead: Vec<(String, Lock)>,
    /// Runs of the fetcher that somebody sweeps just now.
    pub swept: Vec<String>,
}

/// The picture: files that keep their bytes whatever becomes of their first names.
#[derive(Debug)]
pub struct Picture {
    /// Each file as a path from the home, and where it is held.
    pub files: Vec<(String, PathBuf)>,
    /// What is left out, since it is no regular file.
    pub odd: u64,
    folder: PathBuf,
    _lock: Lock,
}

/// How the folder of a picture is called.
const PICTURE: &str = "backup-";

/// Files that lines are appended to: a second name would go on growing.
const GROWING: [&str; 2] = [JOURNAL, "fetch.log"];

impl Spool {
    /// Takes the locks of dead runs. Live ones are left out: they are runs of the other programs,
    /// which land nothing but their journals.
    pub fn dead_runs(&self) -> Result<Runs> {
        let mut runs = Runs::default();
        for name in self.disk.folders(&self.tmp())? {
            let folder = self.tmp().join(&name);
            if name.starts_with(PICTURE) {
                continue;
            }
            let holder = format!("{} copying\n", std::process::id());
            match self.disk.lock(&folder.join(LOCK), &holder) {
                Ok(Some(lock)) => runs.dead.push((name, lock)),
                Ok(None) if name.starts_with("fetcher-") => runs.swept.push(name),
                Ok(None) => {}
                Err(_) if !folder.exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(runs)
    }

    /// Takes the picture. The caller holds all locks; journals of other programs may land.
    pub fn picture(&self, runs: &Runs, started: Instant, chance: u64) -> Result<Picture> {
        let name = format!("{PICTURE}{}-{:08x}", stamp(started), chance as u32);
        let folder = self.tmp().join(&name);
        self.disk.make_dir(&folder)?;
        let holder = format!("{}\n", std::process::id());
        let Some(lock) = self.disk.lock(&folder.join(LOCK), &holder)? else {
            return Err(super::Error::Odd(format!("{} is taken", folder.display())));
        };
        let mut picture = Picture { files: Vec::new(), odd: 0, folder, _lock: lock };
        let tree = self.disk.tree(&self.data(), false)?;
        picture.odd = tree.odd;
        let dead: BTreeSet<&str> = runs.dead.iter().map(|(name, _)| name.as_str()).collect();
        for file in tree.files.iter().filter(|file| is_kept(file, &dead)) {
            self.hold(file, &mut picture)?;
        }
        Ok(picture)
    }

    fn hold(&self, file: &str, picture: &mut Picture) -> Result<()> {
        let from = self.data().join(file);
        let to = picture.folder.join(format!("{:08}", picture.files.len()));
        let grows = from.file_name().is_some_and(|name| GROWING.iter().any(|grows| name == *grows));
        let held = if grows { self.disk.copy(&from, &to)? } else { self.link_or(&from, &to)? };
        if held {
            picture.files.push((format!("data/{file}"), to));
        }
        Ok(())
    }

    /// Whether there was such a file.
    fn link_or(&self, from: &Path, to: &Path) -> Result<bool> {
        match self.disk.link(from, to) {
            Ok(_) => Ok(true),
            Err(disk::Error { cause, .. }) if cause.kind() == ErrorKind::NotFound => Ok(false),
            // Of another user, on another file system, or with too many names already.
            Err(_) => Ok(self.disk.copy(from, to)?),
        }
    }

    /// Takes the picture away.
    pub fn remove_picture(&self, picture: Picture) -> Result<()> {
        self.remove_run(&picture.folder)
    }
}

/// Locks are of the moment, as are files on the way to their names; of runs only dead ones count.
fn is_kept(file: &str, dead: &BTreeSet<&str>) -> bool {
    let mut steps = file.split('/');
    let name = file.rsplit('/').next().unwrap_or_default();
    match (steps.next(), steps.next()) {
        (Some(".state"), Some("locks" | "reserve")) => false,
        (Some(".tmp"), Some(run)) => dead.contains(run) && name != LOCK,
        _ => !name.contains(".new~"),
    }
}
