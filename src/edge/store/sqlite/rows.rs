//! Rows of a SQLite store, read back: what they name by a number is put in its place again.

use super::numbers::SHIFT;
use super::runs::{Names, named};
use super::value::{hour, json, malformed, text};
use crate::domain::document::Malformed;
use crate::domain::hash::Digest;
use crate::domain::record::{Fields, Record, Scalar, Version};
use crate::domain::row::{Cell, Cells, Figures, Form, Kept, Measure, Plain, Run};
use crate::domain::time::{Instant, Window};
use crate::edge::store::{Stored, Table};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Read<T> = Result<T, Malformed>;

/// Where the rows of a commit are, and which hour is its own.
pub(super) struct Found<'a> {
    pub commit: &'a str,
    pub first: i64,
    pub end: i64,
    pub hour: Window,
}

pub(super) fn find<'a>(db: &Connection, commit: &'a str) -> rusqlite::Result<Option<Found<'a>>> {
    let sql = "SELECT number, hour FROM commits WHERE commit_id = ?1";
    let found = |row: &Row| {
        let number: i64 = row.get(0)?;
        let (first, end) = (number << SHIFT, (number + 1) << SHIFT);
        Ok(Found { commit, first, end, hour: hour(row.get(1)?) })
    };
    db.prepare_cached(sql)?.query_row([commit], found).optional()
}

/// The rows of some commits.
pub(super) fn read(
    db: &Connection,
    table: Table,
    commits: &[String],
    each: &mut dyn FnMut(Stored),
) -> rusqlite::Result<()> {
    let fields = match table {
        Table::Summaries => fields(db)?,
        Table::Records => HashMap::new(),
    };
    for commit in commits {
        let Some(found) = find(db, commit)? else { continue };
        match table {
            Table::Summaries => summaries(db, &found, &fields, each)?,
            Table::Records => {
                let range = "r.id >= ?1 AND r.id < ?2";
                each_record(db, range, params![found.first, found.end], each)?;
                runs(db, &found, each)?;
            }
        }
    }
    Ok(())
}

/// The records of some commits without a time of their own, or with one that is none.
pub(super) fn timeless(
    db: &Connection,
    commits: &[String],
    each: &mut dyn FnMut(Stored),
) -> rusqlite::Result<()> {
    for commit in commits {
        let Some(found) = find(db, commit)? else { continue };
        let range = "r.id >= ?1 AND r.id < ?2 AND (typeof(r.time_ms) <> 'integer' \
                     OR r.time_ms NOT BETWEEN ?3 AND ?4)";
        let known = [Instant::MIN, Instant::MAX].map(Instant::millis);
        each_record(db, range, params![found.first, found.end, known[0], known[1]], each)?;
        runs(db, &found, each)?;
    }
    Ok(())
}

/// The commits of the records of which something holds, with their hours. Many stand in a row, and
/// SQLite would look for each in a tree.
pub(super) fn holders(
    db: &Connection,
    holds: &str,
    values: impl Params,
) -> rusqlite::Result<BTreeMap<String, Window>> {
    let sql = format!("SELECT r.id >> {SHIFT} FROM records r WHERE {holds}");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let (mut numbers, mut last) = (BTreeSet::new(), None);
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        if last.replace(number) != Some(number) {
            numbers.insert(number);
        }
    }
    let mut statement =
        db.prepare_cached("SELECT commit_id, hour FROM commits WHERE number = ?1")?;
    let mut holder = |number: i64| {
        let pair = |row: &Row| Ok((row.get(0)?, hour(row.get(1)?)));
        statement.query_row([number], pair).optional()
    };
    numbers.into_iter().filter_map(|number| holder(number).transpose()).collect()
}

/// How many records there are of each of some commits.
pub(super) fn counts(
    db: &Connection,
    commits: &[String],
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for commit in commits {
        let Some(found) = find(db, commit)? else { continue };
        let sql = "SELECT count(*) FROM records WHERE id >= ?1 AND id < ?2";
        let range = [found.first, found.end];
        let rows: i64 = db.prepare_cached(sql)?.query_row(range, |row| row.get(0))?;
        let mut rows = rows.unsigned_abs();
        runs(db, &found, &mut |_| rows += 1)?;
        if rows > 0 {
            counts.insert(commit.clone(), rows);
        }
    }
    Ok(counts)
}

/// Fields by their numbers; of one that cannot be read, why.
pub(super) type AllFields = HashMap<i64, Read<(String, Measure)>>;

pub(super) fn fields(db: &Connection) -> rusqlite::Result<AllFields> {
    let sql = "SELECT number, name, unit, form, step, trace FROM fields";
    let field = |row: &Row| -> Read<(String, Measure)> {
        let (word, trace): (String, Option<u32>) = (text(row, 3)?, row.get(5).map_err(malformed)?);
        let form = Form::read(&word, row.get(4).map_err(malformed)?, trace)?;
        Ok((text(row, 1)?, Measure { unit: row.get(2).map_err(malformed)?, form }))
    };
    let mut statement = db.prepare_cached(sql)?;
    statement.query_map([], |row| Ok((row.get(0)?, field(row))))?.collect()
}

/// The cells of one series stand one behind the other.
pub(super) fn summaries(
    db: &Connection,
    found: &Found,
    fields: &AllFields,
    each: &mut dyn FnMut(Stored),
) -> rusqlite::Result<()> {
    let sql = "SELECT s.series, n.name, s.field, s.count, s.sum, s.min, s.max, s.first, s.last, \
               s.rest FROM summaries s LEFT JOIN names n ON n.number = s.series \
               WHERE s.id >= ?1 AND s.id < ?2 ORDER BY s.id";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([found.first, found.end])?;
    let mut open: Option<(i64, Read<Cells>)> = None;
    while let Some(row) = rows.next()? {
        let series: i64 = row.get(0).unwrap_or(-1);
        let cell = cell(row, fields);
        let goes_on = |(known, cells): &(i64, Read<Cells>)| {
            let has = |cells: &Cells, name| cells.fields.iter().any(|(known, ..)| known == name);
            let twice = matches!((cells, &cell), (Ok(cells), Ok((name, ..))) if has(cells, name));
            *known == series && !twice
        };
        if !open.as_ref().is_some_and(goes_on) {
            open.take().into_iter().for_each(|done| each(closed(found, done)));
            open = Some((series, text(row, 1).map(|series| Cells { series, fields: Vec::new() })));
        }
        if let Some((_, cells)) = &mut open {
            match (cell, &mut *cells) {
                (Ok(cell), Ok(known)) => known.fields.push(cell),
                (Err(why), Ok(_)) => *cells = Err(why),
                (_, Err(_)) => {}
            }
        }
    }
    open.into_iter().for_each(|done| each(closed(found, done)));
    Ok(())
}

fn closed(found: &Found, (series, cells): (i64, Read<Cells>)) -> Stored {
    let key = cells.as_ref().map_or_else(|_| format!("number {series}"), |c| c.series.clone());
    Stored { commit: found.commit.into(), key, row: cells.map(Kept::Summary) }
}

fn cell(row: &Row, fields: &AllFields) -> Read<(String, Measure, Cell)> {
    let number: i64 = row.get(2).map_err(malformed)?;
    let known = fields.get(&number).cloned();
    let (name, measure) = known.unwrap_or_else(|| Err(Malformed(format!("no field {number}"))))?;
    let count: i64 = row.get(3).map_err(malformed)?;
    let count = u64::try_from(count).map_err(|_| Malformed(format!("{count} is no count")))?;
    let real = |place: usize| row.get::<_, f64>(place).map_err(malformed);
    let figures = match measure.form {
        Form::Texts => Figures::Texts(json(&text(row, 9)?)?),
        Form::Numbers(_) | Form::Thinned => Figures::Numbers(
            Plain { sum: real(4)?, min: real(5)?, max: real(6)?, first: real(7)?, last: real(8)? },
            row.get(9).map_err(malformed)?,
        ),
    };
    Ok((name, measure, Cell { count, figures }))
}

/// The records of which something holds.
pub(super) fn each_record(
    db: &Connection,
    holds: &str,
    values: impl Params,
    each: &mut dyn FnMut(Stored),
) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT c.commit_id, n.name, c.hour, r.time_ms, r.updated_ms, a.after_ms, a.hash, \
         r.first_ms, r.last_ms, h.names, r.body FROM records r \
         LEFT JOIN commits c ON c.number = r.id >> {SHIFT} \
         LEFT JOIN names n ON n.number = r.name \
         LEFT JOIN answers a ON a.commit_number = r.id >> {SHIFT} AND a.place = r.answer \
         LEFT JOIN shapes h ON h.number = r.shape WHERE {holds}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let mut shape = Shape::default();
    while let Some(row) = rows.next()? {
        let Ok(commit) = row.get(0) else { continue };
        let key = text(row, 1).unwrap_or_else(|odd| odd.to_string());
        each(Stored { commit, key, row: record(row, &mut shape).map(Kept::Record) });
    }
    Ok(())
}

/// The names of the fields of a record, as the row before had them: most are alike.
#[derive(Default)]
struct Shape {
    text: String,
    names: Vec<String>,
}

impl Shape {
    fn names(&mut self, row: &Row, place: usize) -> Read<&[String]> {
        let text = row.get_ref(place).map_err(malformed)?.as_str().map_err(malformed)?;
        if self.text != text {
            let names = json(text)?;
            let names = names.as_list()?.iter().map(|name| name.as_text().map(str::to_string));
            *self = Shape { names: names.collect::<Read<_>>()?, text: text.into() };
        }
        Ok(&self.names)
    }
}

fn record(row: &Row, shape: &mut Shape) -> Read<Record> {
    let hour = hour(row.get(2).map_err(malformed)?).start().millis();
    let own = |place: usize| -> Read<Option<Instant>> {
        let ms: Option<i64> = row.get(place).map_err(malformed)?;
        ms.map(instant).transpose()
    };
    let after = |place: usize| -> Read<Instant> {
        let ms: i64 = row.get(place).map_err(malformed)?;
        instant(ms.saturating_add(hour))
    };
    let (names, values) = (shape.names(row, 9)?, json(&text(row, 10)?)?);
    let values = values.as_list()?;
    if names.len() != values.len() {
        return Err(Malformed(format!("{} values of {} fields", values.len(), names.len())));
    }
    let pairs = names.iter().zip(values);
    let values = pairs.map(|(name, v)| Ok((name.clone(), Scalar::read(v)?)));
    Ok(Record {
        id: text(row, 1)?,
        time: own(3)?,
        version: Version {
            updated: own(4)?,
            instant: after(5)?,
            hash: Digest::from_bytes(row.get(6).map_err(malformed)?),
        },
        first_seen: after(7)?,
        last_seen: after(8)?,
        values: values.collect::<Read<Fields>>()?,
    })
}

fn instant(ms: i64) -> Read<Instant> {
    Instant::from_millis(ms).ok_or_else(|| Malformed(format!("{ms} is no instant")))
}

/// The lines of the runs of a commit.
fn runs(db: &Connection, found: &Found, each: &mut dyn FnMut(Stored)) -> rusqlite::Result<()> {
    let sql = format!(
        "SELECT r.run, r.began_ms, a.after_ms, a.hash, r.lines FROM runs r \
         LEFT JOIN answers a ON a.commit_number = r.id >> {SHIFT} AND a.place = r.answer \
         WHERE r.id >= ?1 AND r.id < ?2 ORDER BY r.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([found.first, found.end])?;
    let mut names = Names::new();
    while let Some(row) = rows.next()? {
        let commit = || found.commit.to_string();
        match run(db, &mut names, row, found).and_then(|run| run.records()) {
            Ok(records) => records.into_iter().for_each(|record| {
                let key = record.id.clone();
                each(Stored { commit: commit(), key, row: Ok(Kept::Record(record)) });
            }),
            Err(why) => {
                let key = text(row, 0).unwrap_or_else(|odd| odd.to_string());
                each(Stored { commit: commit(), key, row: Err(why) });
            }
        }
    }
    Ok(())
}

fn run(db: &Connection, names: &mut Names, row: &Row, found: &Found) -> Read<Run> {
    let after: i64 = row.get(2).map_err(malformed)?;
    Ok(Run {
        run: text(row, 0)?,
        began: instant(row.get(1).map_err(malformed)?)?,
        instant: instant(after.saturating_add(found.hour.start().millis()))?,
        hash: Digest::from_bytes(row.get(3).map_err(malformed)?),
        lines: named(db, names, json(&text(row, 4)?)?.as_list()?)?,
    })
}
