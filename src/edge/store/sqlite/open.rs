//! Opening a SQLite store: a reader makes nothing; a writer makes the file and its folder, and
//! brings a store of an older version to this one, in one transaction.

use super::former::take_over;
use super::numbers::Numbers;
use super::{Sqlite, refusal};
use crate::domain::gate::Gate;
use crate::domain::limits::{FULL_CHECK, QUICK_CHECK};
use crate::edge::store::{CELLS, Error, Result, SCHEMA, newer};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::cell::Cell;
use std::fs::{File, create_dir_all, metadata};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(30);
/// How long a reader waits: only a writer that is not ours keeps readers out.
const KEPT_OUT: Duration = Duration::from_secs(5);

/// Stands for the version of a file in which other programs keep what is theirs.
const NOT_OURS: u32 = u32::MAX - 1;

/// What a store is made of.
const TABLES: (&str, &str) = ("store.migrate.tables", include_str!("tables.sql"));
const VIEWS: (&str, &str) = ("store.migrate.views", include_str!("views.sql"));
/// What takes a store of an older version to version 3, before and after its tables are made.
const APART: (&str, &str) = ("store.migrate.apart", include_str!("apart.sql"));
const MOVE: (&str, &str) = ("store.migrate.move", include_str!("move.sql"));
/// What takes it to version 4, before its tables are made.
const ASIDE: (&str, &str) = ("store.migrate.aside", include_str!("aside.sql"));

impl Sqlite {
    /// Opens the file to read it; `None` where there is no store.
    pub fn reader(path: &str, gate: Gate) -> Result<Option<Sqlite>> {
        if !is_file(path)? {
            return Ok(None);
        }
        let opened = || look(path).map_err(|error| unreadable(path, &error));
        let lost = |cause| unusable(path, cause);
        let (connection, version) = gate.pass("store.open", lost, opened)?;
        match version {
            0 => Ok(None),
            known if known > SCHEMA => Err(newer(address(path), known)),
            _ => Ok(Some(Sqlite::over(address(path), connection, gate, version))),
        }
    }

    /// A store that holds nothing, for a home that has none yet.
    pub fn nothing(url: &str, gate: Gate) -> Result<Sqlite> {
        let made = || {
            let mut connection = Connection::open_in_memory()?;
            build(&mut connection, &Gate::open())?;
            Ok(connection)
        };
        let connection = made().map_err(|error: Stopped| error.told(url))?;
        Ok(Sqlite::over(url.into(), connection, gate, SCHEMA))
    }

    /// Opens the file, and makes it when it is not there. One that is malformed is refused before
    /// anything is written to it.
    pub fn writer(path: &str, gate: Gate, tell: &dyn Fn(&str)) -> Result<Sqlite> {
        let lost = |cause| unusable(path, cause);
        let (mut connection, version) = gate.pass("store.open", lost, || connect(path))?;
        if version == NOT_OURS {
            return Err(unusable(path, "it holds the tables of another program".into()));
        }
        if version > SCHEMA {
            return Err(newer(address(path), version));
        }
        if version < SCHEMA {
            if version > 0 {
                tell(&format!("{}: from version {version} to {SCHEMA}", address(path)));
            }
            build(&mut connection, &gate).map_err(|error| error.told(path))?;
            if (1..CELLS).contains(&version) {
                // What the rows of before took is given back; where there is no room for that, it
                // is used again.
                let _ = connection.execute_batch("VACUUM");
            }
        } else {
            renew_views(&mut connection, &gate).map_err(|error| error.told(path))?;
        }
        let mut store = Sqlite::over(address(path), connection, gate, SCHEMA);
        store.writes = true;
        Ok(store)
    }

    fn over(address: String, connection: Connection, gate: Gate, version: u32) -> Sqlite {
        let broken = Cell::new(false);
        let numbers = Numbers::default().into();
        let connection = connection.into();
        Sqlite { connection, address, gate, writes: false, version, numbers, broken }
    }
}

impl Drop for Sqlite {
    /// A writer takes its log into the file, so that the file is whole by itself, and leaves the
    /// empty log and its index: who has only the right to read needs both. (SQLite removes them
    /// when the last one closes, unless told as in [`connect`].) While somebody reads, the log
    /// waits for the next writer.
    fn drop(&mut self) {
        if self.writes && !self.broken.get() {
            let connection = self.connection.borrow();
            let _ = connection.busy_timeout(Duration::ZERO);
            let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}

/// Whether there is a file; what is there and is none is never opened: a pipe would wait for
/// whoever writes to it.
fn is_file(path: &str) -> Result<bool> {
    let other = |what: &str| Error::Unreachable {
        store: address(path),
        cause: format!("it is {what}, and a store is a file"),
        hint: "is the path right?".into(),
    };
    match metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(found) if found.is_dir() => Err(other("a folder")),
        Ok(found) if found.file_type().is_fifo() => Err(other("a pipe")),
        Ok(found) if found.file_type().is_socket() => Err(other("a socket")),
        Ok(_) => Err(other("a device")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(path, error.to_string())),
    }
}

fn address(path: &str) -> String {
    crate::edge::store::shown(&if path.starts_with("sqlite:") {
        path.into()
    } else {
        format!("sqlite:{path}")
    })
}

fn unusable(path: &str, cause: String) -> Error {
    Error::Unreachable {
        store: address(path),
        cause,
        hint: "is the path right, is there room, and is the file Daybook's own?".into(),
    }
}

fn refused(path: &str, error: &rusqlite::Error) -> Error {
    refusal(address(path), error).unwrap_or_else(|| unusable(path, error.to_string()))
}

/// Why a file that is there cannot be read.
fn unreadable(path: &str, error: &rusqlite::Error) -> Error {
    let files = [format!("{path}-wal"), format!("{path}-shm")];
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly)
            if !files.iter().all(|file| Path::new(file).exists()) =>
        {
            Error::Unreachable {
                store: address(path),
                cause: error.to_string(),
                hint: "may you read it? who may not write beside it also needs its -wal and -shm: \
                       any run of its own summarizer leaves them there"
                    .into(),
            }
        }
        _ => refused(path, error),
    }
}

/// A connection that only reads, and the version of what it found.
pub(super) fn look(path: &str) -> rusqlite::Result<(Connection, u32)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let plain = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(KEPT_OUT)?;
        plan_once(&connection)?;
        let version = version(&connection)?;
        Ok((connection, version))
    };
    plain().or_else(|error| {
        if !is_still(path) {
            return Err(error);
        }
        let still = format!("file:{}?immutable=1", path.replace('%', "%25").replace('?', "%3f"));
        let still = Connection::open_with_flags(still, flags | OpenFlags::SQLITE_OPEN_URI);
        let opened = still.and_then(|still| Ok((version(&still)?, still)));
        opened.map(|(version, still)| (still, version)).map_err(|_| error)
    })
}

/// Whether nobody can write to a file: its file system is read-only, and all is in the file.
fn is_still(path: &str) -> bool {
    let read_only = rustix::fs::statvfs(path)
        .is_ok_and(|disk| disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY));
    read_only && metadata(format!("{path}-wal")).map_or(true, |log| log.len() == 0)
}

/// Version of a store: 0 where there is nothing yet. Those of before versions say nothing.
fn version(connection: &Connection) -> rusqlite::Result<u32> {
    let has_meta = "SELECT count(*) FROM sqlite_master WHERE name = 'meta'";
    if connection.query_row(has_meta, [], |row| row.get::<_, u32>(0))? == 0 {
        return Ok(0);
    }
    let sql = "SELECT value FROM meta WHERE key = 'schema'";
    let number: Option<String> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    // What is no number is of no version that is known here.
    Ok(number.map_or(1, |number| number.parse().unwrap_or(u32::MAX)))
}

/// Statements are planned once, whatever values they are given: there are no statistics of values
/// that could make a plan better for some.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn connect(path: &str) -> Result<(Connection, u32)> {
    let fresh = !is_file(path)?;
    let folder = Path::new(path).parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let lost = |error: std::io::Error| unusable(path, error.to_string());
    create_dir_all(folder).map_err(lost)?;
    let opened = || -> rusqlite::Result<(Connection, u32)> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        plan_once(&connection)?;
        let version = version(&connection)?;
        let others = "SELECT count(*) FROM sqlite_master";
        if version == 0 && connection.query_row(others, [], |row| row.get::<_, u32>(0))? > 0 {
            return Ok((connection, NOT_OURS));
        }
        if version <= SCHEMA {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
        }
        Ok((connection, version))
    };
    let (connection, version) = opened().map_err(|error| refused(path, &error))?;
    if (1..=SCHEMA).contains(&version) {
        check(path, &connection)?;
    }
    if fresh {
        File::open(folder).and_then(|f| f.sync_all()).map_err(lost)?;
    }
    Ok((connection, version))
}

/// Looks through the list of free pages. In a file with views SQLite may leave that out of a check
/// of all (a view has no root, which it takes for the mark of a check of a part).
pub(super) const FREE: &str = "PRAGMA integrity_check('sqlite_schema')";

/// Refuses a malformed file. Of a large one only the part is looked through that says what counts.
pub(super) fn check(path: &str, connection: &Connection) -> Result<()> {
    let size = metadata(path).map_or(u64::MAX, |file| file.len());
    let parts: &[&str] = if size <= FULL_CHECK {
        &["PRAGMA integrity_check(1)"]
    } else if size <= QUICK_CHECK {
        &["PRAGMA quick_check(1)"]
    } else {
        &["PRAGMA quick_check('ledger')", "PRAGMA quick_check('sources')"]
    };
    for part in [FREE].iter().chain(parts) {
        let found: rusqlite::Result<String> = connection.query_row(part, [], |row| row.get(0));
        match found {
            Ok(found) if found == "ok" => {}
            Ok(found) => return Err(Error::Damaged { store: address(path), cause: found }),
            Err(error) => return Err(refused(path, &error)),
        }
    }
    Ok(())
}

/// Why nothing was built.
enum Stopped {
    Sqlite(rusqlite::Error),
    Watch(String),
}

impl Stopped {
    fn told(self, path: &str) -> Error {
        match self {
            Stopped::Sqlite(error) => refused(path, &error),
            Stopped::Watch(cause) => unusable(path, cause),
        }
    }
}

impl From<rusqlite::Error> for Stopped {
    fn from(error: rusqlite::Error) -> Stopped {
        Stopped::Sqlite(error)
    }
}

/// Views are for people: where a program of before made them, in a store of this version, they are
/// made anew.
fn renew_views(connection: &mut Connection, gate: &Gate) -> std::result::Result<(), Stopped> {
    let known = |connection: &Connection| -> rusqlite::Result<bool> {
        let text = "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = 'journals'";
        let text: Option<String> = connection.query_row(text, [], |row| row.get(0)).optional()?;
        Ok(text.is_some_and(|text| VIEWS.1.contains(&text)))
    };
    if known(connection)? {
        return Ok(());
    }
    let all = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    gate.pass(VIEWS.0, Stopped::Watch, || all.execute_batch(VIEWS.1).map_err(Stopped::from))?;
    Ok(all.commit()?)
}

/// Makes a store of this version of an empty file or of an older one: all of it, or nothing.
fn build(connection: &mut Connection, gate: &Gate) -> std::result::Result<(), Stopped> {
    let behavior = TransactionBehavior::Immediate;
    let all = connection.transaction_with_behavior(behavior)?;
    // Another one may have been first.
    let known = version(&all)?;
    if known >= SCHEMA {
        return Ok(());
    }
    let step = |name: &str, sql: &str| {
        gate.pass(name, Stopped::Watch, || all.execute_batch(sql).map_err(Stopped::from))
    };
    if known == 1 {
        step("store.migrate.meta", "ALTER TABLE meta RENAME TO store")?;
    }
    let steps: &[(&str, &str)] = match known {
        0 => &[TABLES],
        1 | 2 => &[ASIDE, APART, TABLES, MOVE],
        3 => &[ASIDE, TABLES],
        _ => &[],
    };
    for (name, sql) in steps {
        step(name, sql)?;
    }
    if (1..CELLS).contains(&known) {
        gate.pass("store.migrate.rows", Stopped::Watch, || take_over(&all).map_err(Stopped::from))?;
    }
    step(VIEWS.0, VIEWS.1)?;
    let number = "INSERT INTO store VALUES ('schema', ?1) \
                  ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    gate.pass("store.migrate.number", Stopped::Watch, || {
        all.execute(number, params![SCHEMA.to_string()]).map_err(Stopped::from)
    })?;
    gate.pass("store.migrate.commit", Stopped::Watch, || all.commit().map_err(Stopped::from))
}
