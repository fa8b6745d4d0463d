//! SQLite, the embedded store: one file, `synchronous=FULL` also in WAL mode, the folder synced
//! at its creation.

use super::{Error, Header, Reader, Result, Table, Writer, keeper};
use crate::domain::document::Doc;
use crate::domain::gate::Gate;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, iso};
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::cell::{Cell, RefCell};

/// Rows of one transaction.
const CHUNK: usize = 5_000;

pub struct Sqlite {
    pub(super) connection: RefCell<Connection>,
    pub(super) address: String,
    pub(super) gate: Gate,
    pub(super) writes: bool,
    /// The version that it has.
    pub(super) version: u32,
    /// The file was found to be malformed: nothing more is done with it.
    pub(super) broken: Cell<bool>,
}

impl Sqlite {
    pub(super) fn act<T>(
        &self,
        name: &str,
        operation: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        if self.broken.get() {
            return Err(self.damaged("it was found to be so earlier in this run".into()));
        }
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass(name, lost, || {
            operation(&mut self.connection.borrow_mut()).map_err(|error| self.error(&error))
        })
    }

    pub(super) fn read<T>(
        &self,
        operation: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.act("?store.read", |connection| operation(connection))
    }

    fn error(&self, error: &rusqlite::Error) -> Error {
        let told = refusal(self.address.clone(), error);
        if matches!(told, Some(Error::Damaged { .. })) {
            self.broken.set(true);
        }
        told.unwrap_or_else(|| {
            let (store, cause) = (self.address.clone(), error.to_string());
            match error.sqlite_error_code() {
                Some(_) => Error::Unreachable { store, cause, hint: String::new() },
                None => Error::Malformed { store, cause },
            }
        })
    }

    pub(super) fn damaged(&self, cause: String) -> Error {
        Error::Damaged { store: self.address.clone(), cause }
    }
}

/// What can be told of an error wherever it comes from.
pub(super) fn refusal(store: String, error: &rusqlite::Error) -> Option<Error> {
    let unreachable = |cause: String, hint: &str| {
        Some(Error::Unreachable { store: store.clone(), cause, hint: hint.into() })
    };
    match error.sqlite_error_code()? {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Some(Error::Damaged { store, cause: error.to_string() })
        }
        ErrorCode::DiskFull => unreachable(
            super::FULL.into(),
            "nothing is lost: the next run goes on when there is space",
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => unreachable(
            error.to_string(),
            "another program holds it: once that one lets go, the next run goes on",
        ),
        _ => None,
    }
}

impl Writer for Sqlite {
    fn put(&self, header: &Header, table: Table, rows: &[Doc]) -> Result<()> {
        for chunk in rows.chunks(CHUNK) {
            let refused = self.act("store.put", |db| insert(db, header, table, chunk))?;
            if let Some((key, cause)) = refused {
                return Err(Error::Refused { store: self.address.clone(), key, cause });
            }
        }
        Ok(())
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        let sql = "INSERT INTO ledger (source, keeper, day, number, entry) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
        let (day, json) = (entry.day().to_string(), entry.doc().json());
        self.act("store.append", |db| {
            let values =
                params![entry.source.as_str(), entry.keeper, day, entry.number as i64, json];
            Ok(db.execute(sql, values)? == 1)
        })
    }

    fn afresh(&self) -> Result<bool> {
        self.read(|db| db.release_memory())?;
        Ok(true)
    }

    fn declare(&self, hash: &str, text: &str) -> Result<()> {
        let sql = "INSERT INTO declarations (hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.act("store.declare", |db| db.execute(sql, params![hash, text]).map(drop))
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

    fn raise(&self, source: &SourceName, home: &str, through: Instant) -> Result<()> {
        let known = "SELECT closed_through FROM sources WHERE source = ?1 AND keeper = ?2";
        let sql = "INSERT INTO sources (source, keeper, closed_through) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (source, keeper) DO UPDATE SET closed_through = \
                   max(coalesce(closed_through, ''), excluded.closed_through)";
        let (keeper, through) = (keeper(source, home), iso(through));
        self.act("store.raise", |db| {
            let known: Option<Option<String>> = db
                .prepare_cached(known)?
                .query_row([source.as_str(), keeper], |row| row.get(0))
                .optional()?;
            if known.flatten().is_some_and(|known| known >= through) {
                return Ok(());
            }
            db.execute(sql, params![source.as_str(), keeper, through]).map(drop)
        })
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        let mark = "INSERT INTO sources (source, keeper, forgotten_through) VALUES (?1, '', ?2) \
                    ON CONFLICT (source, keeper) DO UPDATE SET forgotten_through = \
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
        let sql = "INSERT INTO sources (source, keeper, home) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (source, keeper) DO UPDATE SET home = excluded.home";
        let values = params![source.as_str(), keeper(source, home), home];
        self.act("store.claim", |db| db.execute(sql, values).map(drop))
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

/// Inserts rows, all or none; the key of one that is refused for good, and why.
fn insert(
    db: &mut Connection,
    header: &Header,
    table: Table,
    rows: &[Doc],
) -> rusqlite::Result<Option<(String, String)>> {
    use ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    let transaction = db.transaction()?;
    for row in rows {
        let values = rusqlite::params_from_iter(columns(header, table, row));
        let done = transaction.prepare_cached(insert_sql(table))?.execute(values);
        let code = done.as_ref().err().and_then(rusqlite::Error::sqlite_error_code);
        match done {
            Err(why) if matches!(code, Some(ConstraintViolation | TooBig | TypeMismatch)) => {
                let key = row.get(table.key()).as_text().unwrap_or_default();
                return Ok(Some((key.into(), why.to_string())));
            }
            done => drop(done?),
        }
    }
    transaction.commit().map(|()| None)
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
