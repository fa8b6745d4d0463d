//! A SQLite store as a copy, and a store filled from one: the file, whole.

use super::Sqlite;
use super::sides::leave_behind;
use crate::domain::gate::Gate;
use crate::edge::store::{Error, Result, shown};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// The name of the file in a copy.
const FILE: &str = "daybook.sqlite";

impl Sqlite {
    /// One reading transaction: writers go on meanwhile, and are not in the copy.
    pub(super) fn copy(&self, folder: &Path) -> Result<()> {
        let (path, odd) = (folder.join(FILE), || self.lost("its folder has no name in letters"));
        let text = path.to_str().ok_or_else(odd)?;
        self.read(|db| db.execute("VACUUM INTO ?1", [text]).map(drop))?;
        self.read(|_| leave_behind(&Connection::open(&path)?))?;
        let found = self.checked(&path)?;
        if found != "ok" {
            return Err(self.damaged(found));
        }
        let synced = File::open(&path).and_then(|file| file.sync_all());
        synced.and_then(|()| sync(folder)).map_err(|error| self.lost(&error.to_string()))
    }

    fn checked(&self, path: &Path) -> Result<String> {
        self.read(|_| {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let copy = Connection::open_with_flags(path, flags)?;
            copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        })
    }

    fn lost(&self, cause: &str) -> Error {
        let hint = "is there room for a copy?".into();
        Error::Unreachable { store: self.address.clone(), cause: cause.into(), hint }
    }

    /// An error unless there is no file.
    pub fn refuse_used(path: &str) -> Result<()> {
        let lost = |cause: String| Error::Unreachable {
            store: shown(&format!("sqlite:{path}")),
            cause,
            hint: "give another one: --store sqlite:PATH".into(),
        };
        match Path::new(path).try_exists() {
            Ok(false) => Ok(()),
            Ok(true) => Err(lost("there is something already, and it is not touched".into())),
            Err(error) => Err(lost(error.to_string())),
        }
    }

    /// Makes the file, whole, where there is none; one that is there already is this copy.
    pub fn fill(path: &str, gate: Gate, folder: &Path) -> Result<()> {
        let from = folder.join(FILE);
        let refused = |cause: String, hint: &str| Error::Unreachable {
            store: shown(&format!("sqlite:{path}")),
            cause,
            hint: hint.into(),
        };
        if !from.exists() {
            return Err(refused("the backup holds no SQLite store".into(), "give --store"));
        }
        let told = |error: io::Error| refused(error.to_string(), "is the path right?");
        if Path::new(path).try_exists().map_err(told)? {
            if same(&from, Path::new(path)).map_err(told)? {
                return Ok(());
            }
            return Sqlite::refuse_used(path);
        }
        let lost = |cause| refused(cause, "");
        gate.pass("store.fill", lost, || put(&from, Path::new(path)).map_err(told))
    }
}

/// Copies a file to a name that nobody reads, then gives it its own.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut begun = to.as_os_str().to_owned();
    begun.push(".new~");
    fs::copy(from, &begun)?;
    File::open(&begun)?.sync_all()?;
    // A log that was left of another file would be taken for this one's.
    for left in ["-wal", "-shm", "-journal"] {
        let mut name = to.as_os_str().to_owned();
        name.push(left);
        if Path::new(&name).try_exists()? {
            return Err(io::Error::other(format!("{} is there", Path::new(&name).display())));
        }
    }
    fs::rename(&begun, to)?;
    sync(folder)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether two files have the same bytes.
fn same(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (BufReader::new(a), BufReader::new(b));
    loop {
        let (x, y) = (a.fill_buf()?, b.fill_buf()?);
        let length = x.len().min(y.len());
        if x.get(..length) != y.get(..length) {
            return Ok(false);
        }
        if length == 0 {
            return Ok(true);
        }
        a.consume(length);
        b.consume(length);
    }
}
