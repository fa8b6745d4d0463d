//! The numbers by which rows of a SQLite store name what they have in common: sources, series,
//! fields, commits. Each is given once, and is remembered as long as nobody else writes.

use crate::domain::limits::BATCH_BYTES;
use crate::domain::row::Measure;
use crate::edge::store::Header;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// The homes to which a source's ledgers belong: one seek for each.
pub(super) const KEEPERS: &str = "WITH RECURSIVE homes (keeper) AS ( \
     SELECT min(keeper) FROM ledger WHERE source = ?1 \
     UNION ALL SELECT (SELECT min(keeper) FROM ledger WHERE source = ?1 AND keeper > h.keeper) \
     FROM homes h WHERE h.keeper IS NOT NULL), \
     keepers (keeper) AS (SELECT keeper FROM homes WHERE keeper IS NOT NULL)";

/// The rows of a commit have ids of so many bits below its number: more than a batch can have.
pub(super) const SHIFT: i64 = 24;
const _: () = assert!(BATCH_BYTES >> 8 < 1 << SHIFT);

/// So many names are remembered at most.
const MOST: usize = 200_000;

#[derive(Default)]
pub(super) struct Numbers {
    /// What SQLite says as long as no other connection has changed anything.
    version: i64,
    feeds: HashMap<String, i64>,
    names: HashMap<i64, HashMap<String, i64>>,
    fields: Vec<(i64, String, Measure, i64)>,
    shapes: HashMap<String, i64>,
    commit: Option<(String, i64)>,
    answers: HashMap<(i64, i64, [u8; 32]), i64>,
}

impl Numbers {
    /// Forgets all when somebody else has written, or when that was undone of which it knows.
    pub fn refresh(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let version = db.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if version != self.version || self.names.values().map(HashMap::len).sum::<usize>() > MOST {
            *self = Numbers { version, ..Numbers::default() };
        }
        self.forget_answers();
        Ok(())
    }

    pub fn feed(&mut self, db: &Connection, source: &str) -> rusqlite::Result<i64> {
        if let Some(known) = self.feeds.get(source) {
            return Ok(*known);
        }
        let number = given(
            db,
            "SELECT number FROM feeds WHERE source = ?1",
            "INSERT INTO feeds (source) VALUES (?1) RETURNING number",
            &[&source],
        )?;
        self.feeds.insert(source.into(), number);
        Ok(number)
    }

    /// Of a series, or of the id of a record.
    pub fn name(&mut self, db: &Connection, feed: i64, name: &str) -> rusqlite::Result<i64> {
        if let Some(known) = self.names.get(&feed).and_then(|names| names.get(name)) {
            return Ok(*known);
        }
        let number = given(
            db,
            "SELECT number FROM names WHERE feed = ?1 AND name = ?2",
            "INSERT INTO names (feed, name) VALUES (?1, ?2) RETURNING number",
            &[&feed, &name],
        )?;
        self.names.entry(feed).or_default().insert(name.into(), number);
        Ok(number)
    }

    /// Of a field, with its unit and its grid: where one changes, it is another one.
    pub fn field(
        &mut self,
        db: &Connection,
        feed: i64,
        name: &str,
        measure: &Measure,
    ) -> rusqlite::Result<i64> {
        let is_it = |(of, known, kind, _): &&(i64, String, Measure, i64)| {
            *of == feed && known == name && kind == measure
        };
        if let Some((.., number)) = self.fields.iter().find(is_it) {
            return Ok(*number);
        }
        let (form, step, trace) = (measure.form.word(), measure.form.step(), measure.form.trace());
        let number = given(
            db,
            "SELECT number FROM fields WHERE feed = ?1 AND name = ?2 AND unit IS ?3 \
             AND form = ?4 AND step IS ?5 AND trace IS ?6",
            "INSERT INTO fields (feed, name, unit, form, step, trace) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING number",
            &[&feed, &name, &measure.unit, &form, &step, &trace],
        )?;
        self.fields.push((feed, name.into(), measure.clone(), number));
        Ok(number)
    }

    pub fn shape(&mut self, db: &Connection, names: &str) -> rusqlite::Result<i64> {
        if let Some(known) = self.shapes.get(names) {
            return Ok(*known);
        }
        let number = given(
            db,
            "SELECT number FROM shapes WHERE names = ?1",
            "INSERT INTO shapes (names) VALUES (?1) RETURNING number",
            &[&names],
        )?;
        self.shapes.insert(names.into(), number);
        Ok(number)
    }

    pub fn commit(&mut self, db: &Connection, header: &Header, feed: i64) -> rusqlite::Result<i64> {
        if let Some((known, number)) = &self.commit
            && *known == header.commit
        {
            return Ok(*number);
        }
        let known = "SELECT number FROM commits WHERE commit_id = ?1";
        let known = db.prepare_cached(known)?.query_row([&header.commit], |row| row.get(0));
        let number = match known.optional()? {
            Some(number) => number,
            None => {
                let sql = "INSERT INTO commits (commit_id, feed, hour, batch, written_ms) \
                           VALUES (?1, ?2, ?3, ?4, ?5) RETURNING number";
                let hour = header.hour.start().timestamp();
                let written = header.written.millis();
                let values = params![header.commit, feed, hour, header.batch, written];
                db.prepare_cached(sql)?.query_row(values, |row| row.get(0))?
            }
        };
        self.commit = Some((header.commit.clone(), number));
        Ok(number)
    }

    pub fn known_answer(&self, commit: i64, after: i64, hash: &[u8; 32]) -> Option<i64> {
        self.answers.get(&(commit, after, *hash)).copied()
    }

    pub fn keep_answer(&mut self, commit: i64, after: i64, hash: [u8; 32], place: i64) {
        self.answers.insert((commit, after, hash), place);
    }

    /// As a commit begins.
    pub fn forget_answers(&mut self) {
        self.answers.clear();
    }

    /// Nothing that was given since the last commit stands.
    pub fn undo(&mut self) {
        *self = Numbers::default();
    }
}

/// A number that was given, or is given now.
fn given(
    db: &Connection,
    known: &str,
    insert: &str,
    values: &[&dyn rusqlite::ToSql],
) -> rusqlite::Result<i64> {
    let found = db.prepare_cached(known)?.query_row(values, |row| row.get(0)).optional()?;
    match found {
        Some(number) => Ok(number),
        None => db.prepare_cached(insert)?.query_row(values, |row| row.get(0)),
    }
}
