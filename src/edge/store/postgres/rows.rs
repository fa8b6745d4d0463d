//! Rows of a PostgreSQL store, read back.

use super::value::{At, Read, at, doc, get, hash, hour, may_at, read_body, string, text};
use super::{CHUNK, Postgres, Value};
use crate::domain::document::Malformed;
use crate::domain::name::SourceName;
use crate::domain::record::{Record, Version};
use crate::domain::row::{Cell, Cells, Figures, Form, Kept, Measure, Plain, Run};
use crate::domain::time::{Instant, Window};
use crate::edge::store::{Result, Stored, Table, Which};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Fields by their numbers; of one that cannot be read, why.
type AllFields = HashMap<i32, Read<(String, Measure)>>;

/// The cells of a series come one behind the other.
const CELLS: &str = "SELECT c.commit_id, s.series, n.name, s.field, s.count, s.sum, s.min, s.max, \
     s.first, s.last, s.rest, s.texts FROM commits c \
     JOIN summaries s ON s.commit_number = c.number LEFT JOIN names n ON n.number = s.series";

const RECORDS: &str = "SELECT c.commit_id, n.name, r.time, r.updated_at, r.fetched_at, r.hash, \
     r.first_seen_at, r.last_seen_at, r.body::text FROM records r \
     JOIN commits c ON c.number = r.commit_number LEFT JOIN names n ON n.number = r.name";

const RUNS: &str = "SELECT c.commit_id, r.run, r.began_at, r.fetched_at, r.hash, r.lines::text \
     FROM commits c JOIN runs r ON r.commit_number = c.number WHERE c.commit_id = ANY ($1)";

/// The records that have, in any version, their own time in a range.
const TIMED: &str = "r.name IN (SELECT t.name FROM records t WHERE t.time >= $2 AND t.time < $3 \
     AND t.feed = (SELECT number FROM feeds WHERE source = $1))";

/// The records of some ids.
const NAMED: &str = "r.name IN (SELECT number FROM names WHERE name = ANY ($2) \
     AND feed = (SELECT number FROM feeds WHERE source = $1))";

impl Postgres {
    pub(super) fn each_row(
        &self,
        table: Table,
        commits: &[String],
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        for chunk in commits.chunks(CHUNK) {
            match table {
                Table::Summaries => self.cells("", chunk, None, each)?,
                Table::Records => {
                    let own = format!("{RECORDS} WHERE c.commit_id = ANY ($1)");
                    self.records(&own, &[(&chunk, Type::TEXT_ARRAY)], each)?;
                    self.runs(chunk, each)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of one series.
    pub(super) fn of_series(
        &self,
        commits: &[String],
        series: &str,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let own = " AND s.series IN (SELECT number FROM names WHERE name = $2)";
        for chunk in commits.chunks(CHUNK * 10) {
            self.cells(own, chunk, Some(series), each)?;
        }
        Ok(())
    }

    pub(super) fn each_timeless(
        &self,
        commits: &[String],
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let ends = [At(Instant::MIN), At(Instant::MAX)];
        let own = format!(
            "{RECORDS} WHERE c.commit_id = ANY ($1) \
             AND (r.time IS NULL OR r.time NOT BETWEEN $2 AND $3)"
        );
        for chunk in commits.chunks(CHUNK) {
            let values: [Value; 3] = [
                (&chunk, Type::TEXT_ARRAY),
                (&ends[0], Type::TIMESTAMPTZ),
                (&ends[1], Type::TIMESTAMPTZ),
            ];
            self.records(&own, &values, each)?;
            self.runs(chunk, each)?;
        }
        Ok(())
    }

    pub(super) fn versions_of(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let (holds, values) = held(which);
        let source = source.as_str();
        let mut all: Vec<Value> = vec![(&source, Type::TEXT)];
        all.extend(values.iter().map(Held::value));
        self.records(&format!("{RECORDS} WHERE {holds}"), &all, each)
    }

    /// The commits that hold some records, with their hours.
    pub(super) fn holders_of(
        &self,
        source: &SourceName,
        which: Which,
    ) -> Result<BTreeMap<String, Window>> {
        let (holds, values) = held(which);
        let source = source.as_str();
        let mut all: Vec<Value> = vec![(&source, Type::TEXT)];
        all.extend(values.iter().map(Held::value));
        let sql = format!(
            "SELECT c.commit_id, c.hour FROM commits c WHERE c.number IN \
             (SELECT r.commit_number FROM records r WHERE {holds})"
        );
        let (mut found, mut odd) = (BTreeMap::new(), None);
        self.each(
            &sql,
            &all,
            &mut |row| match string(row, 0).and_then(|c| Ok((c, hour(row, 1)?))) {
                Ok(pair) => drop(found.insert(pair.0, pair.1)),
                Err(why) => drop(odd.get_or_insert(why)),
            },
        )?;
        odd.map_or(Ok(found), |why| Err(self.malformed(why.to_string())))
    }

    fn fields(&self) -> Result<AllFields> {
        let mut all = AllFields::new();
        let sql = "SELECT number, name, unit, form, step, trace FROM fields";
        self.each(sql, &[], &mut |row| {
            if let Ok(number) = get(row, 0) {
                all.insert(number, field(row));
            }
        })?;
        Ok(all)
    }

    fn cells(
        &self,
        more: &str,
        commits: &[String],
        series: Option<&str>,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let fields = self.fields()?;
        let sql = format!(
            "{CELLS} WHERE c.commit_id = ANY ($1){more} ORDER BY c.number, s.series, s.field"
        );
        let series = series.map(text);
        let mut values: Vec<Value> = vec![(&commits, Type::TEXT_ARRAY)];
        values.extend(series.iter().map(|series| -> Value { (series, Type::TEXT) }));
        let mut open: Option<Open> = None;
        self.each(&sql, &values, &mut |row| {
            let (commit, number) = (get(row, 0).unwrap_or(""), get(row, 1).unwrap_or(-1));
            let cell = cell(row, &fields);
            if !open.as_ref().is_some_and(|open| open.goes_on(commit, number, &cell)) {
                open.take().into_iter().for_each(|open| each(open.closed()));
                let cells = string(row, 2).map(|series| Cells { series, fields: Vec::new() });
                open = Some(Open { commit: commit.into(), number, cells });
            }
            if let Some(open) = &mut open {
                open.enter(cell);
            }
        })?;
        open.into_iter().for_each(|open| each(open.closed()));
        Ok(())
    }

    fn records(&self, sql: &str, values: &[Value], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.each(sql, values, &mut |row| {
            let Ok(commit) = string(row, 0) else { return };
            let key = string(row, 1).unwrap_or_else(|odd| odd.to_string());
            each(Stored { commit, key, row: record(row).map(Kept::Record) });
        })
    }

    pub(super) fn runs(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.each(RUNS, &[(&commits, Type::TEXT_ARRAY)], &mut |row| {
            let Ok(commit) = string(row, 0) else { return };
            match run(row).and_then(|run| run.records()) {
                Ok(records) => records.into_iter().for_each(|record| {
                    let (commit, key) = (commit.clone(), record.id.clone());
                    each(Stored { commit, key, row: Ok(Kept::Record(record)) });
                }),
                Err(why) => {
                    let key = string(row, 1).unwrap_or_else(|odd| odd.to_string());
                    each(Stored { commit, key, row: Err(why) });
                }
            }
        })
    }
}

/// A value that a question for records has.
enum Held {
    At(At),
    Ids(Vec<String>),
}

impl Held {
    fn value(&self) -> Value<'_> {
        match self {
            Held::At(at) => (at, Type::TIMESTAMPTZ),
            Held::Ids(ids) => (ids, Type::TEXT_ARRAY),
        }
    }
}

fn held(which: Which) -> (&'static str, Vec<Held>) {
    match which {
        Which::Timed(times) => (TIMED, vec![Held::At(At(times.start)), Held::At(At(times.end))]),
        Which::Named(ids) => {
            let ids = ids.iter().map(|id| text(id).into_owned()).collect();
            (NAMED, vec![Held::Ids(ids)])
        }
    }
}

/// A series of a commit whose cells are being read.
struct Open {
    commit: String,
    number: i64,
    cells: Read<Cells>,
}

impl Open {
    /// Whether a cell is one more of it: no field stands twice.
    fn goes_on(&self, commit: &str, number: i64, cell: &Read<(String, Measure, Cell)>) -> bool {
        let has = |cells: &Cells, name| cells.fields.iter().any(|(known, ..)| known == name);
        let twice = matches!((&self.cells, cell), (Ok(cells), Ok((name, ..))) if has(cells, name));
        self.commit == commit && self.number == number && !twice
    }

    fn enter(&mut self, cell: Read<(String, Measure, Cell)>) {
        match (cell, &mut self.cells) {
            (Ok(cell), Ok(known)) => known.fields.push(cell),
            (Err(why), Ok(_)) => self.cells = Err(why),
            (_, Err(_)) => {}
        }
    }

    fn closed(self) -> Stored {
        let unnamed = |_: &Malformed| format!("number {}", self.number);
        let key = self.cells.as_ref().map_or_else(unnamed, |cells| cells.series.clone());
        let sorted = |mut cells: Cells| {
            cells.fields.sort_by(|(a, ..), (b, ..)| a.cmp(b));
            Kept::Summary(cells)
        };
        Stored { commit: self.commit, key, row: self.cells.map(sorted) }
    }
}

fn field(row: &Row) -> Read<(String, Measure)> {
    let unit: Option<&str> = get(row, 2)?;
    let unit = unit.map(|unit| Arc::from(super::value::read_text(unit)));
    let trace: Option<i64> = get(row, 5)?;
    let trace = trace.and_then(|trace| u32::try_from(trace).ok());
    let form = Form::read(&string(row, 3)?, get(row, 4)?, trace)?;
    Ok((string(row, 1)?, Measure { unit, form }))
}

fn cell(row: &Row, fields: &AllFields) -> Read<(String, Measure, Cell)> {
    let number: i32 = get(row, 3)?;
    let known = fields.get(&number).cloned();
    let (name, measure) = known.unwrap_or_else(|| Err(Malformed(format!("no field {number}"))))?;
    let count: i64 = get(row, 4)?;
    let count = u64::try_from(count).map_err(|_| Malformed(format!("{count} is no count")))?;
    let real = |place: usize| -> Read<f64> {
        let value: f64 = get(row, place)?;
        if value.is_finite() { Ok(value) } else { Err(Malformed(format!("{value} is no value"))) }
    };
    let figures = match measure.form {
        Form::Texts => Figures::Texts(doc(row, 11)?),
        Form::Numbers(_) | Form::Thinned => Figures::Numbers(
            Plain { sum: real(5)?, min: real(6)?, max: real(7)?, first: real(8)?, last: real(9)? },
            get(row, 10)?,
        ),
    };
    Ok((name, measure, Cell { count, figures }))
}

fn record(row: &Row) -> Read<Record> {
    Ok(Record {
        id: string(row, 1)?,
        time: may_at(row, 2)?,
        version: Version { updated: may_at(row, 3)?, instant: at(row, 4)?, hash: hash(row, 5)? },
        first_seen: at(row, 6)?,
        last_seen: at(row, 7)?,
        values: read_body(get(row, 8)?)?,
    })
}

fn run(row: &Row) -> Read<Run> {
    Ok(Run {
        run: string(row, 1)?,
        began: at(row, 2)?,
        instant: at(row, 3)?,
        hash: hash(row, 4)?,
        lines: crate::domain::document::Doc::parse(get::<&str>(row, 5)?.as_bytes())?
            .as_list()?
            .to_vec(),
    })
}
