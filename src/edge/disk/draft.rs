//! Many files and folders at once: first all are written, then all wait for the disk together,
//! which serves those who wait at the same time by few writes of its own.

use super::aside::Aside;
use super::fault::{Error, Result};
use super::{Disk, Linked};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Threads that wait for the disk at the same time.
const AT_ONCE: usize = 16;

/// Drafts that are open at the same time, at most.
const DRAFTS: u64 = 256;

/// How many drafts may be open at once: a part of the files that this process may have open.
pub fn at_once() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let most = files.map_or(DRAFTS, |files| files / 8).clamp(1, DRAFTS);
    usize::try_from(most).unwrap_or(1)
}

/// A file to be made, and its bytes.
pub type Content<'a> = (PathBuf, &'a [u8]);

/// A new file that is written and may not be on the disk yet; it stays open until it is.
#[derive(Debug)]
pub struct Draft {
    file: File,
    path: PathBuf,
}

impl Draft {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Disk {
    /// Writes a new file without waiting for the disk; its content is durable after
    /// [`Disk::sync_drafts`]. A file that could not be written whole is taken away again.
    pub fn draft(&self, path: &Path, bytes: &[u8]) -> Result<Draft> {
        self.act("disk.draft", "cannot write", path, || {
            let mut file = self.own.create_new(path)?;
            let written = file.write_all(bytes);
            // One that was there before is somebody else's, and stays.
            written.inspect_err(|_| drop(fs::remove_file(path)))?;
            Ok(Draft { file, path: path.into() })
        })
    }

    /// A file without a name in a folder, to write to and to read; it goes with its last user.
    pub fn nameless(&self, folder: &Path) -> Result<File> {
        use rustix::fs::{Mode, OFlags, open};
        let named = || {
            let path = folder.join(format!("nameless-{:?}", thread::current().id()));
            let file = self.own.create_new_to_read(&path)?;
            fs::remove_file(&path).map(|()| file)
        };
        self.act("disk.nameless", "cannot make a file in", folder, || {
            let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
            // Some file systems have none.
            open(folder, flags, Mode::from_raw_mode(0o600)).map(File::from).or_else(|_| named())
        })
    }

    /// Makes the contents of drafts durable; what became of each. Who failed is taken away.
    pub fn sync_drafts(&self, drafts: &[Draft]) -> Vec<Result<()>> {
        self.together(drafts, |draft| {
            let synced = self.sync_draft(&draft.file, &draft.path);
            synced.inspect_err(|_| drop(fs::remove_file(&draft.path)))
        })
    }

    fn sync_draft(&self, file: &File, path: &Path) -> Result<()> {
        self.act("disk.sync-draft", "cannot sync", path, || file.sync_all())
    }

    /// Makes the names in folders durable; what became of each.
    pub fn sync_dirs(&self, folders: &[PathBuf]) -> Vec<Result<()>> {
        self.together(folders, |folder| self.sync_dir(folder))
    }

    /// Makes folders whose parents may be there, with one sync of each parent; what became of each.
    pub fn make_dirs(&self, folders: &[PathBuf]) -> Vec<Result<()>> {
        let made: Vec<Result<Option<&Path>>> =
            folders.iter().map(|folder| self.make_unsynced(folder)).collect();
        let parents = each_once(made.iter().flatten().flatten().copied());
        let failed = Failed::of(&parents, self.sync_dirs(&parents));
        made.into_iter().map(|made| made?.map_or(Ok(()), |parent| failed.tell(parent))).collect()
    }

    /// Makes a folder; gives its parent where that is not synced.
    fn make_unsynced<'f>(&self, folder: &'f Path) -> Result<Option<&'f Path>> {
        let parent = folder.parent().filter(|parent| !folder.is_dir() && parent.is_dir());
        let Some(parent) = parent else { return self.make_dir(folder).map(|()| None) };
        let making = || self.own.make_dir(folder);
        self.act("disk.mkdir", "cannot make the folder", folder, making)?;
        Ok(Some(parent))
    }

    /// Makes files with these bytes as [`Disk::make`] does, and waits for all of them together.
    pub fn make_all(&self, files: &[Content]) -> Vec<Result<Linked>> {
        let asides: Vec<Result<Aside>> =
            files.iter().map(|(path, bytes)| self.draft_aside(path, bytes)).collect();
        let written: Vec<&Aside> = asides.iter().flatten().collect();
        let synced = self.together(&written, |aside| self.sync_draft(aside.file(), &aside.path));
        let mut synced = synced.into_iter();
        let link = |(aside, (path, _)): (Result<Aside>, &Content)| {
            let aside = aside?;
            synced.next().unwrap_or_else(|| Err(lost()))?;
            let linked = self.link(&aside.path, path)?;
            Ok((aside, linked))
        };
        let linked: Vec<Result<(Aside, Linked)>> =
            asides.into_iter().zip(files).map(link).collect();
        let parents = each_once(files.iter().filter_map(|(path, _)| path.parent()));
        let failed = Failed::of(&parents, self.sync_dirs(&parents));
        let end = |(linked, (path, _)): (Result<(Aside, Linked)>, &Content)| {
            let (aside, linked) = linked?;
            path.parent().map_or(Ok(()), |parent| failed.tell(parent))?;
            self.unlink(&aside.path)?;
            Ok(linked)
        };
        linked.into_iter().zip(files).map(end).collect()
    }

    fn draft_aside(&self, path: &Path, bytes: &[u8]) -> Result<Aside> {
        self.act("disk.draft", "cannot write", &super::aside::aside(path, 0), || {
            Aside::write(path, &mut &*bytes, false, |name| self.own.create_new(name))
        })
    }

    /// Does the same with all. A watch at the gate sees one after the other.
    fn together<T: Sync>(
        &self,
        all: &[T],
        act: impl Fn(&T) -> Result<()> + Sync,
    ) -> Vec<Result<()>> {
        if all.len() < 2 || self.gate.is_watched() {
            return all.iter().map(act).collect();
        }
        let (next, done) =
            (AtomicUsize::new(0), Vec::from_iter(all.iter().map(|_| OnceLock::new())));
        let work = || {
            while let Some((one, done)) = pair(all, &done, next.fetch_add(1, Ordering::Relaxed)) {
                let _ = done.set(act(one));
            }
        };
        thread::scope(|scope| {
            for _ in 1..all.len().min(AT_ONCE) {
                // Where there are no threads to be had, this one does it all.
                let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            }
            work();
        });
        done.into_iter().map(|done| done.into_inner().unwrap_or_else(|| Err(lost()))).collect()
    }
}

/// Bytes of the stack of a thread that only waits.
const STACK: usize = 128 << 10;

fn each_once<'a>(paths: impl Iterator<Item = &'a Path>) -> Vec<PathBuf> {
    let paths: BTreeSet<&Path> = paths.collect();
    paths.into_iter().map(Path::to_path_buf).collect()
}

fn pair<'a, A, B>(all: &'a [A], done: &'a [B], place: usize) -> Option<(&'a A, &'a B)> {
    Some((all.get(place)?, done.get(place)?))
}

fn lost() -> Error {
    let cause = io::Error::other("the thread that did it broke off");
    Error { doing: "cannot sync", path: PathBuf::new(), cause }
}

/// Folders that could not be synced: each answers for all that rests on it.
pub struct Failed<'a>(Vec<(&'a PathBuf, Error)>);

impl Failed<'_> {
    pub fn of(folders: &[PathBuf], synced: Vec<Result<()>>) -> Failed<'_> {
        let failed = folders.iter().zip(synced);
        Failed(failed.filter_map(|(folder, synced)| Some((folder, synced.err()?))).collect())
    }

    /// The error of a folder, if it has one.
    pub fn tell(&self, folder: &Path) -> Result<()> {
        let found = self.0.iter().find(|(failed, _)| *failed == folder);
        found.map_or(Ok(()), |(_, error)| Err(error.again()))
    }
}
