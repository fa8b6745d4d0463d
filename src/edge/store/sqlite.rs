//! SQLite, the embedded store: one file, `synchronous=FULL` also in WAL mode, the folder synced
//! at its creation.

use super::{Error, Feed, Header, Reader, Result, Stored, Table, Writer};
use crate::domain::document::{Doc, Malformed};
use crate::domain::gate::Gate;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window, iso, parse_iso};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::cell::RefCell;
use std::fs::{File, create_dir_all};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for another one.
const BUSY: Duration = Duration::from_secs(30);

/// Rows of one transaction.
const CHUNK: usize = 5_000;

const SCHEMA: &str = include_str!("sqlite.sql");

pub struct Sqlite {
    connection: RefCell<Connection>,
    address: String,
    gate: Gate,
}

impl Sqlite {
    /// Opens the file, and makes it when it is not there.
    pub fn open(path: &str, gate: Gate) -> Result<Sqlite> {
        let address = format!("sqlite:{path}");
        let made = || -> std::result::Result<Connection, String> {
            let fresh = !Path::new(path).exists();
            let folder = Path::new(path).parent().filter(|p| !p.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            create_dir_all(folder).map_err(|error| error.to_string())?;
            let connection = connect(path).map_err(|error| words(&error))?;
            if fresh {
                File::open(folder).and_then(|f| f.sync_all()).map_err(|e| e.to_string())?;
            }
            Ok(connection)
        };
        let unusable = |cause| Error::Unreachable {
            store: address.clone(),
            cause,
            hint: "is the path right, is there room, and is the file Daybook's own?".into(),
        };
        let made = || made().map_err(unusable);
        let connection = RefCell::new(gate.pass("store.open", unusable, made)?);
        Ok(Sqlite { connection, address, gate })
    }

    fn act<T>(
        &self,
        name: &str,
        operation: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass(name, lost, || {
            operation(&mut self.connection.borrow_mut()).map_err(|error| self.error(&error))
        })
    }

    fn read<T>(&self, operation: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass("?store.read", lost, || {
            operation(&self.connection.borrow()).map_err(|error| self.error(&error))
        })
    }

    fn error(&self, error: &rusqlite::Error) -> Error {
        let store = self.address.clone();
        let cause = words(error);
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Error::Unreachable {
                store,
                cause,
                hint: "nothing is lost: the next run goes on when there is space".into(),
            },
            Some(_) => Error::Unreachable { store, cause, hint: String::new() },
            None => Error::Malformed { store, cause },
        }
    }

    fn malformed(&self, cause: impl ToString) -> Error {
        Error::Malformed { store: self.address.clone(), cause: cause.to_string() }
    }
}

fn words(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => "the disk is full".into(),
        _ => error.to_string(),
    }
}

fn connect(path: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn at(text: Option<String>) -> Option<Instant> {
    text.and_then(|text| parse_iso(&text))
}

impl Reader for Sqlite {
    fn address(&self) -> &str {
        &self.address
    }

    fn id(&self) -> Result<String> {
        self.read(|db| db.query_row("SELECT value FROM meta WHERE key = 'id'", [], |r| r.get(0)))
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        let sql = "SELECT source, home, closed_through, forgotten_through FROM sources \
                   ORDER BY source";
        let feed = |row: &Row| -> rusqlite::Result<Option<Feed>> {
            let source = SourceName::parse(&row.get::<_, String>(0)?);
            let home = row.get::<_, Option<String>>(1)?.unwrap_or_default();
            let (closed_through, forgotten_through) = (at(row.get(2)?), at(row.get(3)?));
            Ok(source.map(|source| Feed { source, home, closed_through, forgotten_through }))
        };
        self.read(|db| {
            db.prepare_cached(sql)?.query_map([], feed)?.collect::<rusqlite::Result<_>>()
        })
        .map(|feeds: Vec<Option<Feed>>| feeds.into_iter().flatten().collect())
    }

    fn ledger(&self, source: &SourceName, day: Day) -> Result<Vec<Entry>> {
        let sql = "SELECT entry FROM ledger WHERE source = ?1 AND day = ?2";
        let entries: Vec<String> = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map(params![source.as_str(), day.to_string()], |r| r.get(0));
            rows?.collect()
        })?;
        let parsed = entries.iter().map(|text| {
            let json = serde_json::from_str(text).map_err(|error| self.malformed(error))?;
            Entry::read(&Doc::from_json(json)).map_err(|error| self.malformed(error))
        });
        parsed.collect()
    }

    fn days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let sql = "SELECT DISTINCT day FROM ledger WHERE source = ?1 ORDER BY day";
        let days: Vec<String> = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            statement.query_map([source.as_str()], |row| row.get(0))?.collect()
        })?;
        let parse = |day: &String| day.parse().map_err(|_| self.malformed(format!("day {day}")));
        days.iter().map(parse).collect()
    }

    fn rows(
        &self,
        table: Table,
        commits: &[String],
        each: &mut dyn FnMut(Stored) -> std::result::Result<(), Malformed>,
    ) -> Result<()> {
        let sql = match table {
            Table::Summaries => {
                "SELECT commit_id, series, body FROM summaries WHERE commit_id = ?1"
            }
            Table::Records => {
                "SELECT commit_id, id, body, time, updated, instant, hash, first_seen, last_seen \
                 FROM records WHERE commit_id = ?1"
            }
        };
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass("?store.read", lost, || {
            let db = self.connection.borrow();
            let mut statement = db.prepare_cached(sql).map_err(|error| self.error(&error))?;
            for commit in commits {
                let mut rows = statement.query([commit]).map_err(|error| self.error(&error))?;
                while let Some(row) = rows.next().map_err(|error| self.error(&error))? {
                    let stored = stored(table, row).map_err(|cause| self.malformed(cause))?;
                    each(stored).map_err(|cause| self.malformed(cause))?;
                }
            }
            Ok(())
        })
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        let mut found = Vec::new();
        for table in Table::BOTH {
            let sql = format!(
                "SELECT DISTINCT commit_id, hour, batch, written FROM {} \
                 WHERE source = ?1 AND hour >= ?2 AND hour < ?3",
                table.name()
            );
            let header = |row: &Row| -> rusqlite::Result<Option<Header>> {
                Ok(header(source, row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (from, to) = (iso(hours.start.start()), iso(hours.end.start()));
            let headers: Vec<Option<Header>> = self.read(|db| {
                let mut statement = db.prepare_cached(&sql)?;
                statement.query_map(params![source.as_str(), from, to], header)?.collect()
            })?;
            found.extend(headers.into_iter().flatten());
        }
        Ok(found)
    }
}

fn header(
    source: &SourceName,
    commit: String,
    hour: String,
    batch: String,
    written: String,
) -> Option<Header> {
    let hour = Window::of(parse_iso(&hour)?);
    Some(Header { source: source.clone(), hour, batch, commit, written: parse_iso(&written)? })
}

/// A row as the document that the domain knows.
fn stored(table: Table, row: &Row) -> std::result::Result<Stored, String> {
    let read = || -> rusqlite::Result<(String, String, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    };
    let (commit, key, body) = read().map_err(|error| error.to_string())?;
    let body = serde_json::from_str(&body).map_err(|error| error.to_string())?;
    let Doc::Map(mut pairs) = Doc::from_json(body) else {
        return Err("the body of a row is no object".into());
    };
    pairs.push((table.key().into(), Doc::Text(key)));
    if table == Table::Records {
        let names = ["time", "updated", "instant", "hash", "first_seen", "last_seen"];
        for (place, name) in names.into_iter().enumerate() {
            let text: Option<String> = row.get(3 + place).map_err(|error| error.to_string())?;
            pairs.push((name.into(), Doc::option(text, Doc::Text)));
        }
    }
    Ok(Stored { commit, doc: Doc::Map(pairs) })
}

impl Writer for Sqlite {
    fn put(&self, header: &Header, table: Table, rows: &[Doc]) -> Result<()> {
        for chunk in rows.chunks(CHUNK) {
            self.act("store.put", |db| {
                let transaction = db.transaction()?;
                {
                    let mut insert = transaction.prepare_cached(insert_sql(table))?;
                    for row in chunk {
                        insert.execute(rusqlite::params_from_iter(columns(header, table, row)))?;
                    }
                }
                transaction.commit()
            })?;
        }
        Ok(())
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        let sql = "INSERT INTO ledger (source, day, number, entry) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO NOTHING";
        let (day, json) = (entry.day().to_string(), entry.doc().json());
        self.act("store.append", |db| {
            let values = params![entry.source.as_str(), day, entry.number as i64, json];
            Ok(db.execute(sql, values)? == 1)
        })
    }

    fn remove(&self, commits: &[String]) -> Result<()> {
        self.act("store.remove", |db| {
            let transaction = db.transaction()?;
            for (table, commit) in
                Table::BOTH.iter().flat_map(|t| commits.iter().map(move |c| (t, c)))
            {
                let sql = format!("DELETE FROM {} WHERE commit_id = ?1", table.name());
                transaction.prepare_cached(&sql)?.execute([commit])?;
            }
            transaction.commit()
        })
    }

    fn raise(&self, source: &SourceName, through: Instant) -> Result<()> {
        let sql = "INSERT INTO sources (source, closed_through) VALUES (?1, ?2) \
                   ON CONFLICT (source) DO UPDATE SET closed_through = \
                   max(coalesce(closed_through, ''), excluded.closed_through)";
        let through = iso(through);
        self.act("store.raise", |db| {
            let known: Option<Option<String>> = db
                .prepare_cached("SELECT closed_through FROM sources WHERE source = ?1")?
                .query_row([source.as_str()], |row| row.get(0))
                .optional()?;
            if known.flatten().is_some_and(|known| known >= through) {
                return Ok(());
            }
            db.execute(sql, params![source.as_str(), through]).map(drop)
        })
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        let mark = "INSERT INTO sources (source, forgotten_through) VALUES (?1, ?2) \
                    ON CONFLICT (source) DO UPDATE SET forgotten_through = \
                    max(coalesce(forgotten_through, ''), excluded.forgotten_through)";
        self.act("store.forget", |db| {
            let transaction = db.transaction()?;
            transaction.execute(mark, params![source.as_str(), iso(through)])?;
            for table in ["ledger", "summaries", "records"] {
                let sql = format!("DELETE FROM {table} WHERE source = ?1");
                transaction.execute(&sql, [source.as_str()])?;
            }
            transaction.commit()
        })
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        let sql = "INSERT INTO sources (source, home) VALUES (?1, ?2) \
                   ON CONFLICT (source) DO UPDATE SET home = excluded.home";
        self.act("store.claim", |db| db.execute(sql, params![source.as_str(), home]).map(drop))
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

fn insert_sql(table: Table) -> &'static str {
    match table {
        Table::Summaries => {
            "INSERT INTO summaries (commit_id, series, source, hour, batch, written, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        }
        Table::Records => {
            "INSERT INTO records (commit_id, id, source, hour, batch, written, body, time, \
             updated, instant, hash, first_seen, last_seen) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        }
    }
}

fn columns(header: &Header, table: Table, row: &Doc) -> Vec<Value> {
    let column = |doc: &Doc| match doc {
        Doc::Text(text) => Value::Text(text.clone()),
        Doc::Instant(instant) => Value::Text(iso(*instant)),
        _ => Value::Null,
    };
    let body = match table {
        Table::Summaries => "fields",
        Table::Records => "values",
    };
    let mut columns = vec![
        Value::Text(header.commit.clone()),
        column(row.get(table.key())),
        Value::Text(header.source.to_string()),
        Value::Text(iso(header.hour.start())),
        Value::Text(header.batch.clone()),
        Value::Text(iso(header.written)),
        Value::Text(format!("{{\"{body}\":{}}}", row.get(body).json())),
    ];
    if table == Table::Records {
        let names = ["time", "updated", "instant", "hash", "first_seen", "last_seen"];
        columns.extend(names.map(|name| column(row.get(name))));
    }
    columns
}
