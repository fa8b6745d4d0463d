//! Opening a SQLite store: a reader makes nothing; a writer makes the file and its folder, and
//! brings a store of an older version to this one, in one transaction.

use super::sqlite::{Sqlite, words};
use super::{Error, Result, SCHEMA, newer};
use crate::domain::gate::Gate;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::cell::RefCell;
use std::fs::{File, create_dir_all};
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(30);

/// What a store of version 1 lacks, in order; each may be done again.
const STEPS: [(&str, &str); 2] = [
    ("store.migrate.tables", include_str!("sqlite.sql")),
    ("store.migrate.views", include_str!("sqlite_views.sql")),
];

impl Sqlite {
    /// Opens the file to read it; `None` where there is no store.
    pub fn reader(path: &str, gate: Gate) -> Result<Option<Sqlite>> {
        let unusable = |cause: String| unusable(path, cause);
        if !Path::new(path).exists() {
            return Ok(None);
        }
        let opened = || look(path).map_err(|error| unusable(words(&error)));
        let (connection, version) = gate.pass("store.open", unusable, opened)?;
        match version {
            0 => Ok(None),
            known if known > SCHEMA => Err(newer(address(path), known)),
            _ => Ok(Some(Sqlite::over(path, connection, gate))),
        }
    }

    /// A store that holds nothing, for a home that has none yet.
    pub fn nothing(url: &str, gate: Gate) -> Result<Sqlite> {
        let made = || {
            let mut connection = Connection::open_in_memory()?;
            build(&mut connection, &Gate::open())?;
            Ok(connection)
        };
        let connection = made().map_err(|error: Stopped| unusable(url, error.0))?;
        let connection = RefCell::new(connection);
        Ok(Sqlite { connection, address: url.into(), gate })
    }

    /// Opens the file, and makes it when it is not there.
    pub fn writer(path: &str, gate: Gate, tell: &dyn Fn(&str)) -> Result<Sqlite> {
        let unusable = |cause: String| unusable(path, cause);
        let made = || connect(path).map_err(unusable);
        let (mut connection, version) = gate.pass("store.open", unusable, made)?;
        if version > SCHEMA {
            return Err(newer(address(path), version));
        }
        if version < SCHEMA {
            if version > 0 {
                tell(&format!("{}: from version {version} to {SCHEMA}", address(path)));
            }
            build(&mut connection, &gate).map_err(|error| unusable(error.0))?;
        }
        Ok(Sqlite::over(path, connection, gate))
    }

    fn over(path: &str, connection: Connection, gate: Gate) -> Sqlite {
        Sqlite { connection: RefCell::new(connection), address: address(path), gate }
    }
}

fn address(path: &str) -> String {
    format!("sqlite:{path}")
}

fn unusable(path: &str, cause: String) -> Error {
    Error::Unreachable {
        store: address(path),
        cause,
        hint: "is the path right, is there room, and is the file Daybook's own?".into(),
    }
}

/// A connection that only reads, and the version of what it found. Without write rights to its
/// folder a file that nobody writes can only be taken as it stands.
fn look(path: &str) -> rusqlite::Result<(Connection, u32)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let plain = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        let version = version(&connection)?;
        Ok((connection, version))
    };
    plain().or_else(|error| {
        if Path::new(&format!("{path}-wal")).exists() {
            return Err(error);
        }
        let still = format!("file:{}?immutable=1", path.replace('%', "%25").replace('?', "%3f"));
        let still = Connection::open_with_flags(still, flags | OpenFlags::SQLITE_OPEN_URI);
        let opened = still.and_then(|still| Ok((version(&still)?, still)));
        opened.map(|(version, still)| (still, version)).map_err(|_| error)
    })
}

/// Version of a store: 0 where there is nothing yet. Those of before versions say nothing.
fn version(connection: &Connection) -> rusqlite::Result<u32> {
    let has_meta = "SELECT count(*) FROM sqlite_master WHERE name = 'meta'";
    if connection.query_row(has_meta, [], |row| row.get::<_, u32>(0))? == 0 {
        return Ok(0);
    }
    let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema'";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(1))
}

fn connect(path: &str) -> std::result::Result<(Connection, u32), String> {
    let fresh = !Path::new(path).exists();
    let folder = Path::new(path).parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    create_dir_all(folder).map_err(|error| error.to_string())?;
    let opened = || -> rusqlite::Result<(Connection, u32)> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        let version = version(&connection)?;
        if version <= SCHEMA {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
        }
        Ok((connection, version))
    };
    let opened = opened().map_err(|error| words(&error))?;
    if fresh {
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| e.to_string())?;
    }
    Ok(opened)
}

/// Why nothing was built.
struct Stopped(String);

impl From<rusqlite::Error> for Stopped {
    fn from(error: rusqlite::Error) -> Stopped {
        Stopped(words(&error))
    }
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
        gate.pass(name, Stopped, || all.execute_batch(sql).map_err(Stopped::from))
    };
    if known == 1 {
        step("store.migrate.meta", "ALTER TABLE meta RENAME TO store")?;
    }
    for (name, sql) in STEPS {
        step(name, sql)?;
    }
    let number = "INSERT INTO store VALUES ('schema', ?1) \
                  ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    gate.pass("store.migrate.number", Stopped, || {
        all.execute(number, params![SCHEMA.to_string()]).map_err(Stopped::from)
    })?;
    gate.pass("store.migrate.commit", Stopped, || all.commit().map_err(Stopped::from))
}
