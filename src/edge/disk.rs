//! The disk: the few operations that the protocol is made of, each behind the gate. Visible
//! means complete: files are written under names that nobody reads, synced, then linked or
//! renamed, and the folder is synced.

mod appender;
mod aside;
mod draft;
mod fault;
mod given;
mod lock;
mod own;
mod regular;
mod room;
pub mod site;
pub mod spare;
mod tree;

pub use appender::Appender;
pub use draft::{Draft, Failed, at_once};
pub use fault::{Error, Result};
pub use given::{Given, given_text, is_closed};
pub use lock::Lock;
pub use regular::there;
pub use tree::Tree;

use crate::domain::gate::Gate;
use crate::domain::limits::STATE_BYTES;
use crate::domain::time::Instant;
use aside::{Aside, aside};
use fault::refusal;
use own::Own;
use regular::{first, gone, into, open_regular, whole};
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use walkdir::WalkDir;

/// The disk, behind a gate.
#[derive(Clone, Debug)]
pub struct Disk {
    gate: Gate,
    own: Own,
}

/// What a link found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Linked {
    Made,
    /// The name was taken; nothing changed.
    Taken,
}

impl Disk {
    pub fn new(gate: Gate) -> Disk {
        Disk { gate, own: Own::default() }
    }

    /// Closes some folders to other users, with their files.
    pub fn closing(self, folders: &[PathBuf]) -> Disk {
        Disk { own: Own::new(folders), ..self }
    }

    fn act<T>(
        &self,
        name: &str,
        doing: &'static str,
        path: &Path,
        operation: impl FnOnce() -> io::Result<T>,
    ) -> Result<T> {
        let error = |cause| Error { doing, path: path.into(), cause };
        self.gate.pass_on(path, name, |why| error(refusal(why)), || operation().map_err(error))
    }

    /// Makes a folder and its parents, and makes them durable.
    pub fn make_dir(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            self.own.close(path);
            return Ok(());
        }
        // A bare name stands in the folder where the program runs.
        let here = |parent: &Path| parent.as_os_str().is_empty();
        let parent = path.parent().map(|p| if here(p) { Path::new(".") } else { p });
        if let Some(parent) = parent {
            self.make_dir(parent)?;
        }
        self.act("disk.mkdir", "cannot make the folder", path, || self.own.make_dir(path))?;
        parent.map_or(Ok(()), |parent| self.sync_dir(parent))
    }

    /// Writes a new file and syncs its content; its name is durable once its folder is synced.
    /// A file that could not be written whole is taken away again.
    pub fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let written = self.act("disk.write", "cannot write", path, || {
            let mut file = self.own.create_new(path)?;
            file.write_all(bytes)?;
            // What has no content is durable with its name.
            if bytes.is_empty() { Ok(()) } else { file.sync_all() }
        });
        written.inspect_err(|_| drop(fs::remove_file(path)))
    }

    /// Puts bytes in place of a file, whole or not at all.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.replace_from(path, &mut &*bytes)
    }

    /// The same without waiting for the disk: for a hint, which is proven when it is read.
    pub fn replace_loosely(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        self.put(path, &mut &*bytes, false)
    }

    /// Puts what is read in place of a file, whole or not at all.
    pub fn replace_from(&self, path: &Path, from: &mut dyn Read) -> Result<()> {
        self.put(path, from, true)?;
        path.parent().map_or(Ok(()), |parent| self.sync_dir(parent))
    }

    /// Takes away what a dead writer left beside a path that nobody writes to now.
    pub fn drop_aside(&self, path: &Path) -> Result<()> {
        self.unlink(&aside(path, 0))
    }

    fn put(&self, path: &Path, from: &mut dyn Read, synced: bool) -> Result<()> {
        let aside = self.write_aside(path, from, synced)?;
        self.rename(&aside.path, path)
    }

    /// Gives a file a second name in place of another's, without waiting for the disk. For files
    /// of which only one run at a time is the owner.
    pub fn link_over(&self, from: &Path, to: &Path) -> Result<()> {
        if self.link(from, to)? == Linked::Made {
            return Ok(());
        }
        let temporary = aside(to, 0);
        self.unlink(&temporary)?;
        self.link(from, &temporary)?;
        self.rename(&temporary, to)?;
        // Renaming one name of a file onto another of its names leaves both.
        self.unlink(&temporary)
    }

    /// Makes a file with these bytes, whole, unless there is one: never over another.
    pub fn make(&self, path: &Path, bytes: &[u8]) -> Result<Linked> {
        let aside = self.write_aside(path, &mut &*bytes, true)?;
        let linked = self.link(&aside.path, path)?;
        path.parent().map_or(Ok(()), |parent| self.sync_dir(parent))?;
        self.unlink(&aside.path)?;
        Ok(linked)
    }

    /// Whether whoever made a file lived to make it durable: until then its other name stands.
    pub fn is_made(&self, path: &Path) -> Result<bool> {
        Ok(!self.is_there(&aside(path, 0))?)
    }

    /// Writes bytes beside a path under a name that is nobody else's until the result is dropped.
    fn write_aside(&self, path: &Path, from: &mut dyn Read, synced: bool) -> Result<Aside> {
        self.act("disk.write", "cannot write", &aside(path, 0), || {
            Aside::write(path, from, synced, |name| self.own.create_new(name))
        })
    }

    /// Makes the names in a folder durable.
    pub fn sync_dir(&self, path: &Path) -> Result<()> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        self.act("disk.sync", "cannot sync the folder", path, || File::open(path)?.sync_all())
    }

    /// Gives a file a second name, never over another file.
    pub fn link(&self, from: &Path, to: &Path) -> Result<Linked> {
        self.act("disk.link", "cannot make the file", to, || match fs::hard_link(from, to) {
            Ok(()) => Ok(Linked::Made),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Linked::Taken),
            Err(error) => Err(error),
        })
        .map_err(|error| self.of_link(from, error))
    }

    /// A refused link is for most the file's fault: many systems give no second name to a file of
    /// another user.
    fn of_link(&self, from: &Path, error: Error) -> Error {
        match error.cause.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
            Some(rustix::io::Errno::PERM) => {
                Error { doing: "cannot give another name to", path: from.into(), ..error }
            }
            _ => error,
        }
    }

    /// Gives a file a second name, or where two file systems cannot share it, an equal file; the
    /// name is durable once its folder is synced. Never over another file.
    pub fn link_or_copy(&self, from: &Path, to: &Path) -> Result<Linked> {
        use io::ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
        let apart = [CrossesDevices, PermissionDenied, TooManyLinks, Unsupported];
        self.link_or_else(from, to, &apart)
    }

    /// The same within one file system. Another user's file may be read, and yet get no second
    /// name of ours.
    pub fn link_or_copy_here(&self, from: &Path, to: &Path) -> Result<Linked> {
        self.link_or_else(from, to, &[io::ErrorKind::PermissionDenied])
    }

    fn link_or_else(&self, from: &Path, to: &Path, copied: &[io::ErrorKind]) -> Result<Linked> {
        match self.link(from, to) {
            Err(error) if copied.contains(&error.cause.kind()) => {}
            linked => return linked,
        }
        if self.is_there(to)? {
            return Ok(Linked::Taken);
        }
        let mut source = self.act("?disk.read", "cannot read", from, || regular::open(from))?;
        self.put(to, &mut source, true)?;
        to.parent().map_or(Ok(()), |parent| self.sync_dir(parent))?;
        Ok(Linked::Made)
    }

    pub fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.act("disk.rename", "cannot rename", from, || fs::rename(from, to))
    }

    /// Removes a file; one that is gone already is no error.
    pub fn unlink(&self, path: &Path) -> Result<()> {
        self.act("disk.unlink", "cannot remove", path, || gone(fs::remove_file(path)))
    }

    /// Removes an empty folder; one that is gone already is no error.
    pub fn remove_dir(&self, path: &Path) -> Result<()> {
        self.act("disk.rmdir", "cannot remove the folder", path, || gone(fs::remove_dir(path)))
    }

    /// Cuts a file to its first `bytes` bytes.
    pub fn truncate(&self, path: &Path, bytes: u64) -> Result<()> {
        self.act("disk.truncate", "cannot cut", path, || {
            let file = open_regular(path, OpenOptions::new().write(true))?;
            file.set_len(bytes)?;
            file.sync_all()
        })
    }

    /// Reads a file that may be absent and has at most so many bytes. Reading changes nothing: the
    /// gate is told so by the mark before its name.
    ///
    /// # Errors
    ///
    /// Beside those of the disk: it has more; see [`Error::is_large`].
    pub fn read_at_most(&self, path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
        there(self.act("?disk.read", "cannot read", path, || whole(path, most)))
    }

    /// Looks whether this user may read a file.
    pub fn may_read(&self, path: &Path) -> Result<()> {
        self.act("?disk.look", "cannot read", path, || regular::open(path).map(drop))
    }

    /// Reads the first bytes of a file, at most so many.
    pub fn read_first(&self, path: &Path, most: u64) -> Result<Vec<u8>> {
        self.act("?disk.read", "cannot read", path, || first(regular::open(path)?, most))
    }

    /// Reads a regular file to the start of `room` and gives how many bytes it has; none, and
    /// nothing is read, where they are more than `most`.
    pub fn read_into(&self, path: &Path, most: u64, room: &mut Vec<u8>) -> Result<Option<usize>> {
        self.act("?disk.read", "cannot read", path, || into(path, most, room))
    }

    /// Reads a file of ours that may be absent, and that is small unless it is something else.
    pub fn read_small(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        self.read_at_most(path, STATE_BYTES)
    }

    /// Passes the gate before a file's bytes are counted, by its name.
    pub fn counting(&self, what: &impl Display) -> Result<()> {
        let name = format!("?count {what}");
        self.act(&name, "cannot count", Path::new(&what.to_string()), || Ok(()))
    }

    /// What tells a file apart under all of its names.
    pub fn inode(&self, path: &Path) -> Option<(u64, u64)> {
        fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
    }

    /// The same, and how many bytes it has; one look for both.
    pub fn inode_and_bytes(&self, path: &Path) -> Option<((u64, u64), u64)> {
        fs::metadata(path).ok().map(|m| ((m.dev(), m.ino()), m.len()))
    }

    /// Whether a folder stands there; what leads to one is none.
    pub fn is_folder(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
    }

    /// How many bytes a file has; none where that cannot be told.
    pub fn bytes(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |file| file.len())
    }

    /// When a file was written last, by the clock of that moment.
    pub fn written(&self, path: &Path) -> Option<Instant> {
        let since = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Instant::from_millis(i64::try_from(since.as_millis()).ok()?)
    }

    /// Whether there is something of this name; not being able to tell is an error, not a no.
    pub fn is_there(&self, path: &Path) -> Result<bool> {
        self.act("?disk.look", "cannot look for", path, || path.try_exists())
    }

    /// The names in a folder, in order; none when there is no such folder. Names that are not
    /// UTF-8 are not ours and left out.
    pub fn list(&self, folder: &Path) -> Result<Vec<String>> {
        Ok(self.entries(folder)?.into_iter().map(|(name, _)| name).collect())
    }

    /// The names in a folder, in order, and whether each is a regular file: nothing else is opened
    /// or read, since a pipe would never end and a link may lead anywhere.
    pub fn entries(&self, folder: &Path) -> Result<Vec<(String, bool)>> {
        let found = self.typed(folder)?.into_iter();
        Ok(found.map(|(name, kind)| (name, kind.is_file())).collect())
    }

    /// The folders in a folder, in order of their names; what only leads to one is none.
    pub fn folders(&self, folder: &Path) -> Result<Vec<String>> {
        let found = self.typed(folder)?.into_iter();
        Ok(found.filter(|(_, kind)| kind.is_dir()).map(|(name, _)| name).collect())
    }

    /// What else than folders is in a folder, in order of the names.
    pub fn but_folders(&self, folder: &Path) -> Result<Vec<String>> {
        let found = self.typed(folder)?.into_iter();
        Ok(found.filter(|(_, kind)| !kind.is_dir()).map(|(name, _)| name).collect())
    }

    fn typed(&self, folder: &Path) -> Result<Vec<(String, fs::FileType)>> {
        self.act("?disk.list", "cannot list", folder, || {
            let mut found = Vec::new();
            for entry in WalkDir::new(folder).min_depth(1).max_depth(1).sort_by_file_name() {
                match entry {
                    Ok(entry) => {
                        let name = entry.file_name().to_str().map(str::to_string);
                        found.extend(name.map(|name| (name, entry.file_type())));
                    }
                    Err(error) => match plain(error) {
                        error if error.kind() == io::ErrorKind::NotFound => {}
                        error => return Err(error),
                    },
                }
            }
            Ok(found)
        })
    }

    /// The regular files in a folder, in order of their names.
    pub fn files(&self, folder: &Path) -> Result<Vec<String>> {
        let entries = self.entries(folder)?.into_iter();
        Ok(entries.filter(|(_, is_file)| *is_file).map(|(name, _)| name).collect())
    }

    /// Whether two names lead to one file, or to equal bytes.
    pub fn same(&self, a: &Path, b: &Path) -> Result<bool> {
        let of = |path: &Path| {
            self.act("?disk.look", "cannot look at", path, || {
                fs::metadata(path).map(|m| (m.dev(), m.ino(), m.len()))
            })
        };
        let (x, y) = (of(a)?, of(b)?);
        if x == y || x.2 != y.2 {
            return Ok(x == y);
        }
        self.act("?disk.read", "cannot read", a, || regular::equal(a, b))
    }
}

/// The system's error, without the path, which is told anyway.
fn plain(error: walkdir::Error) -> io::Error {
    let words = error.to_string();
    error.into_io_error().unwrap_or_else(|| io::Error::other(words))
}
