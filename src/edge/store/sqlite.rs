//! SQLite, the embedded store: one file, `synchronous=FULL` also in WAL mode, the folder synced
//! at its creation.

mod copy;
mod entries;
mod examine;
mod former;
mod numbers;
mod open;
mod put;
mod read;
mod rows;
mod runs;
mod series;
mod sides;
mod value;
mod weight;

use self::numbers::Numbers;
use super::{Error, Header, Reader, Result, Writer, keeper};
use crate::domain::gate::Gate;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::row::Kept;
use crate::domain::side::Side;
use crate::domain::time::{Instant, iso};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Rows of one transaction.
const CHUNK: usize = 5_000;

pub struct Sqlite {
    connection: RefCell<Connection>,
    address: String,
    gate: Gate,
    writes: bool,
    /// The version that it has.
    version: u32,
    numbers: RefCell<Numbers>,
    /// The file was found to be malformed: nothing more is done with it.
    broken: Cell<bool>,
}

impl Sqlite {
    fn act<T>(
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

    fn read<T>(&self, operation: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
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

    fn damaged(&self, cause: String) -> Error {
        Error::Damaged { store: self.address.clone(), cause }
    }
}

/// What can be told of an error wherever it comes from.
fn refusal(store: String, error: &rusqlite::Error) -> Option<Error> {
    let unreachable = |cause: String, hint: &str| {
        Some(Error::Unreachable { store: store.clone(), cause, hint: hint.into() })
    };
    match error.sqlite_error_code()? {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Some(Error::Damaged { store, cause: error.to_string() })
        }
        ErrorCode::DiskFull => unreachable(
            super::error::FULL.into(),
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
    fn put(&self, header: &Header, rows: &[Kept]) -> Result<()> {
        for chunk in rows.chunks(CHUNK) {
            if let Some((key, cause)) =
                self.act("store.put", |db| self.insert(db, header, chunk))?
            {
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

    fn name_series(&self, source: &SourceName, names: &BTreeMap<String, String>) -> Result<()> {
        let sql = "INSERT INTO names (feed, name, label) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (feed, name) DO UPDATE SET label = excluded.label \
                   WHERE label IS NOT excluded.label";
        self.act("store.name", |db| {
            let all = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Not remembered: it stands only once this is committed.
            let feed = Numbers::default().feed(&all, source.as_str())?;
            for (series, label) in names {
                all.prepare_cached(sql)?.execute(params![feed, series, label])?;
            }
            all.commit()
        })
    }

    fn set_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        if sides.is_empty() { Ok(()) } else { self.keep_sides(source, sides) }
    }

    fn remove(&self, commits: &[String], _: Instant) -> Result<()> {
        self.act("store.remove", |db| {
            self.numbers.borrow_mut().undo();
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            put::remove(&transaction, commits)?;
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
            transaction.execute("DELETE FROM ledger WHERE source = ?1", [source.as_str()])?;
            put::forget(&transaction, source.as_str())?;
            self.numbers.borrow_mut().undo();
            transaction.commit()
        })
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        let sql = "INSERT INTO sources (source, keeper, home) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (source, keeper) DO UPDATE SET home = excluded.home";
        let values = params![source.as_str(), keeper(source, home), home];
        self.act("store.claim", |db| db.execute(sql, values).map(drop))
    }

    fn take_id(&self, id: &str) -> Result<()> {
        let sql = "UPDATE store SET value = ?1 WHERE key = 'id'";
        self.act("store.name_itself", |db| db.execute(sql, [id]).map(drop))
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl Sqlite {
    /// Inserts rows, all or none; the key of one that is refused for good, and why.
    fn insert(
        &self,
        db: &mut Connection,
        header: &Header,
        rows: &[Kept],
    ) -> rusqlite::Result<put::Refusal> {
        // Whoever reads before it writes may find that another one wrote meanwhile.
        let all = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut numbers = self.numbers.borrow_mut();
        let inserted = numbers
            .refresh(&all)
            .and_then(|()| put::insert(&all, &mut numbers, header, rows))
            .and_then(|refused| match refused {
                None => all.commit().map(|()| None),
                refused => Ok(refused),
            });
        if !matches!(inserted, Ok(None)) {
            numbers.undo();
        }
        inserted
    }
}
