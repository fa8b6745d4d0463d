//! How rows become those of a SQLite store. What many rows have in common is kept once, and they
//! name it by its number.

use super::numbers::{Numbers, SHIFT};
use super::runs;
use crate::domain::document::Doc;
use crate::domain::record::{Record, Scalar};
use crate::domain::row::{Cells, Figures, Kept, Run, pack};
use crate::edge::store::Header;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};

/// A row that is refused for good: its key, and why.
pub(super) type Refusal = Option<(String, String)>;

/// Where the rows of a commit go.
struct Place<'a> {
    all: &'a Transaction<'a>,
    numbers: &'a mut Numbers,
    feed: i64,
    commit: i64,
    /// Start of its hour, in milliseconds.
    hour_ms: i64,
}

/// Inserts rows of one commit, as long as none is refused.
pub(super) fn insert(
    all: &Transaction,
    numbers: &mut Numbers,
    header: &Header,
    rows: &[Kept],
) -> rusqlite::Result<Refusal> {
    let feed = numbers.feed(all, header.source.as_str())?;
    let commit = numbers.commit(all, header, feed)?;
    let hour_ms = header.hour.start().millis();
    let mut place = Place { all, numbers, feed, commit, hour_ms };
    let (mut records, mut last) = (Vec::new(), None);
    for row in rows {
        match row {
            Kept::Record(record) => records.push(record.clone()),
            Kept::Summary(cells) => {
                let next = match last {
                    Some(last) => last,
                    None => place.next("summaries")?,
                };
                match place.cells(next, cells) {
                    Err(error) => return refused(error, &cells.series),
                    Ok(()) => last = Some(next + cells.fields.len() as i64),
                }
            }
        }
    }
    place.records(records, header.source.is_journals())
}

/// What is refused for good is told apart from what may be had another time.
fn refused(error: rusqlite::Error, key: &str) -> rusqlite::Result<Refusal> {
    use ErrorCode::{ConstraintViolation, TooBig, TypeMismatch};
    match error.sqlite_error_code() {
        Some(ConstraintViolation | TooBig | TypeMismatch) => {
            Ok(Some((key.into(), error.to_string())))
        }
        _ => Err(error),
    }
}

impl Place<'_> {
    /// The id of the next row.
    fn next(&self, table: &str) -> rusqlite::Result<i64> {
        let (first, end) = (self.commit << SHIFT, (self.commit + 1) << SHIFT);
        let sql = format!("SELECT max(id) FROM {table} WHERE id >= ?1 AND id < ?2");
        let mut last = self.all.prepare_cached(&sql)?;
        let last: Option<i64> = last.query_row([first, end], |row| row.get(0))?;
        Ok(last.map_or(first, |last| last + 1))
    }

    fn cells(&mut self, first: i64, cells: &Cells) -> rusqlite::Result<()> {
        let series = self.numbers.name(self.all, self.feed, &cells.series)?;
        let sql = "INSERT INTO summaries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        for (id, (name, measure, cell)) in (first..).zip(&cells.fields) {
            let field = self.numbers.field(self.all, self.feed, name, measure)?;
            let mut insert = self.all.prepare_cached(sql)?;
            insert.raw_bind_parameter(1, id)?;
            insert.raw_bind_parameter(2, series)?;
            insert.raw_bind_parameter(3, field)?;
            insert.raw_bind_parameter(4, cell.count as i64)?;
            match &cell.figures {
                Figures::Numbers(plain, bytes) => {
                    let plain = [plain.sum, plain.min, plain.max, plain.first, plain.last];
                    for (place, value) in (5..).zip(plain) {
                        insert.raw_bind_parameter(place, real(value))?;
                    }
                    insert.raw_bind_parameter(10, bytes)?;
                }
                Figures::Texts(doc) => {
                    (5..10).try_for_each(|n| insert.raw_bind_parameter(n, Value::Null))?;
                    insert.raw_bind_parameter(10, doc.json())?;
                }
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    fn records(&mut self, records: Vec<Record>, journals: bool) -> rusqlite::Result<Refusal> {
        let (runs, records) = if journals { pack(records) } else { (Vec::new(), records) };
        let first = if runs.is_empty() { 0 } else { self.next("runs")? };
        for (id, run) in (first..).zip(&runs) {
            if let Err(error) = self.run(id, run) {
                return refused(error, &first_line(run));
            }
        }
        let first = if records.is_empty() { 0 } else { self.next("records")? };
        for (id, record) in (first..).zip(&records) {
            if let Err(error) = self.record(id, record) {
                return refused(error, &record.id);
            }
        }
        Ok(None)
    }

    fn run(&mut self, id: i64, run: &Run) -> rusqlite::Result<()> {
        let answer = self.answer(run.instant.millis(), run.hash.bytes())?;
        let mut insert = self.all.prepare_cached("INSERT INTO runs VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let lines = runs::numbered(self.all, self.numbers, self.feed, &run.lines)?.json();
        insert.execute(params![id, run.run, run.began.millis(), answer, lines]).map(drop)
    }

    fn record(&mut self, id: i64, record: &Record) -> rusqlite::Result<()> {
        let name = self.numbers.name(self.all, self.feed, &record.id)?;
        let answer = self.answer(record.version.instant.millis(), record.version.hash.bytes())?;
        let names = record.values.iter().map(|(name, _)| Doc::text(&**name));
        let shape = self.numbers.shape(self.all, &Doc::List(names.collect()).json())?;
        let values = record.values.iter().map(|(_, value)| match value {
            Scalar::Number(value) => Doc::number(*value),
            Scalar::Text(text) => Doc::text(&**text),
        });
        let body = Doc::List(values.collect()).json();
        let sql = "INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let values = params![
            id,
            self.feed,
            name,
            record.time.map(|at| at.millis()),
            record.version.updated.map(|at| at.millis()),
            answer,
            record.first_seen.millis() - self.hour_ms,
            record.last_seen.millis() - self.hour_ms,
            shape,
            body,
        ];
        self.all.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// The place of an answer among those of the commit.
    fn answer(&mut self, instant_ms: i64, hash: &[u8; 32]) -> rusqlite::Result<i64> {
        let after = instant_ms - self.hour_ms;
        if let Some(place) = self.numbers.known_answer(self.commit, after, hash) {
            return Ok(place);
        }
        let known = "SELECT place FROM answers \
                     WHERE commit_number = ?1 AND after_ms = ?2 AND hash = ?3";
        let mut known = self.all.prepare_cached(known)?;
        let known = known.query_row(params![self.commit, after, hash], |row| row.get(0));
        let place = match known.optional()? {
            Some(place) => place,
            None => {
                let insert = "INSERT INTO answers SELECT ?1, coalesce(max(place) + 1, 0), ?2, ?3 \
                              FROM answers WHERE commit_number = ?1 RETURNING place";
                let mut insert = self.all.prepare_cached(insert)?;
                insert.query_row(params![self.commit, after, hash], |row| row.get(0))?
            }
        };
        self.numbers.keep_answer(self.commit, after, *hash, place);
        Ok(place)
    }
}

/// Whole numbers take little room in a column of reals, where they are given as such.
fn real(value: f64) -> Value {
    match Doc::number(value) {
        Doc::Int(whole) => Value::Integer(whole),
        _ => Value::Real(value),
    }
}

fn first_line(run: &Run) -> String {
    let lines = run.records().unwrap_or_default();
    lines.first().map_or_else(|| run.name(), |line| line.id.clone())
}

/// Removes the rows of commits, and what their headers say of them.
pub(super) fn remove(all: &Transaction, commits: &[String]) -> rusqlite::Result<()> {
    let known = "SELECT number FROM commits WHERE commit_id = ?1";
    for commit in commits {
        let mut known = all.prepare_cached(known)?;
        let number: Option<i64> = known.query_row([commit], |row| row.get(0)).optional()?;
        let Some(number) = number else { continue };
        let range = [number << SHIFT, (number + 1) << SHIFT];
        for table in ["summaries", "records", "runs"] {
            let sql = format!("DELETE FROM {table} WHERE id >= ?1 AND id < ?2");
            all.prepare_cached(&sql)?.execute(range)?;
        }
        all.prepare_cached("DELETE FROM answers WHERE commit_number = ?1")?.execute([number])?;
        all.prepare_cached("DELETE FROM commits WHERE number = ?1")?.execute([number])?;
    }
    Ok(())
}

/// Removes all of a source but its ledger.
pub(super) fn forget(all: &Transaction, source: &str) -> rusqlite::Result<()> {
    let sql = "SELECT commit_id FROM commits \
               WHERE feed = (SELECT number FROM feeds WHERE source = ?1)";
    let commits: Vec<String> = all
        .prepare_cached(sql)?
        .query_map([source], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    remove(all, &commits)?;
    for table in ["names", "fields"] {
        let sql = format!(
            "DELETE FROM {table} WHERE feed = (SELECT number FROM feeds WHERE source = ?1)"
        );
        all.execute(&sql, [source])?;
    }
    match has_sides(all)? {
        true => all.execute("DELETE FROM sides WHERE source = ?1", [source]).map(drop),
        false => Ok(()),
    }
}

/// Whether there were any side rows ever.
pub(super) fn has_sides(db: &Connection) -> rusqlite::Result<bool> {
    let there = "SELECT 1 FROM sqlite_master WHERE name = 'sides'";
    Ok(db.query_row(there, [], |_| Ok(())).optional()?.is_some())
}
