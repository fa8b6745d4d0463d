//! Rows as documents of a MongoDB store, and back. A commit has a number; its rows have the ids
//! from that number times 2^24 on, so that they are found by it and no name stands in each.

use super::doc::{bson, date, doc as read_doc, instant};
use crate::domain::document::Malformed;
use crate::domain::hash::Digest;
use crate::domain::record::{Fields, Record, Scalar, Version};
use crate::domain::row::{Cell, Cells, Figures, Form, Kept, Measure, Plain, Run};
use crate::domain::time::{Instant, Window};
use crate::edge::store::{Header, Stored};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, doc};
use std::collections::HashMap;
use std::sync::Arc;

/// The rows of a commit have ids of so many bits below its number.
pub(super) const SHIFT: i64 = 24;

type Read<T> = Result<T, Malformed>;

/// Fields by their numbers; of one that cannot be read, why.
pub(super) type AllFields = HashMap<i64, Read<(String, Measure)>>;

/// Whether all series of a commit are known to have their ids in the order of their names.
pub(super) const IN_ORDER: &str = "in_order";

/// What is told of a commit but for its rows.
pub(super) fn header_document(header: &Header, number: i64, in_order: bool) -> Document {
    doc! {
        IN_ORDER: in_order,
        "_id": number,
        "commit": &*header.commit,
        "source": header.source.as_str(),
        "hour": date(header.hour.start()),
        "batch": &*header.batch,
        "written": date(header.written),
    }
}

/// A document of the field that a number stands for.
pub(super) fn field_document(number: i64, source: &str, name: &str, measure: &Measure) -> Document {
    doc! {
        "_id": number,
        "source": source,
        "name": name,
        "unit": measure.unit.as_deref(),
        "form": measure.form.word(),
        "step": measure.form.step(),
        "trace": measure.form.trace().map(i64::from),
    }
}

/// Reads a field back: its source, its name, what it is.
pub(super) fn read_field(document: &Document) -> Read<(String, Measure)> {
    let text = |key: &str| document.get_str(key).map_err(malformed);
    let step = document.get_f64("step").ok();
    let trace = document.get_i64("trace").ok().and_then(|trace| u32::try_from(trace).ok());
    let unit = document.get_str("unit").ok().map(Arc::from);
    let form = Form::read(text("form")?, step, trace)?;
    Ok((text("name")?.to_string(), Measure { unit, form }))
}

/// A series of a commit. `number` gives that of a field.
pub(super) fn cells_document(
    (id, commit): (i64, i64),
    cells: &Cells,
    number: &dyn Fn(&str, &Measure) -> i64,
) -> Document {
    let fields = cells.fields.iter().map(|(name, measure, cell)| {
        let mut document =
            doc! { "field": whole(number(name, measure)), "count": whole(cell.count as i64) };
        match &cell.figures {
            Figures::Numbers(plain, bytes) => document.extend(doc! {
                "sum": plain.sum,
                "min": plain.min,
                "max": plain.max,
                "first": plain.first,
                "last": plain.last,
                "rest": Binary { subtype: BinarySubtype::Generic, bytes: bytes.clone() },
            }),
            Figures::Texts(texts) => document.extend(doc! { "texts": bson(texts) }),
        }
        (name.clone(), Bson::Document(document))
    });
    let fields: Document = fields.collect();
    doc! { "_id": id, "commit": whole(commit), "series": &*cells.series, "fields": fields }
}

fn whole(value: i64) -> Bson {
    i32::try_from(value).map_or(Bson::Int64(value), Bson::Int32)
}

fn read_whole(value: Option<&Bson>) -> Read<i64> {
    match value {
        Some(Bson::Int32(value)) => Ok(i64::from(*value)),
        Some(Bson::Int64(value)) => Ok(*value),
        other => Err(Malformed(format!("{other:?} is no whole number"))),
    }
}

/// A summary, read back.
pub(super) fn stored_cells(commit: &str, document: &Document, fields: &AllFields) -> Stored {
    let series = document.get_str("series").unwrap_or_default().to_string();
    let read = || -> Read<Kept> {
        let kept = document.get_document("fields").map_err(malformed)?.iter();
        let kept = kept.map(|(_, cell)| read_cell(cell, fields));
        let series = document.get_str("series").map_err(malformed)?.to_string();
        Ok(Kept::Summary(Cells { series, fields: kept.collect::<Read<_>>()? }))
    };
    Stored { commit: commit.into(), key: series, row: read() }
}

fn read_cell(cell: &Bson, fields: &AllFields) -> Read<(String, Measure, Cell)> {
    let cell = cell.as_document().ok_or_else(|| Malformed("a field is no document".into()))?;
    let number = read_whole(cell.get("field"))?;
    let known = fields.get(&number).cloned();
    let (name, measure) = known.unwrap_or_else(|| Err(Malformed(format!("no field {number}"))))?;
    let count = read_whole(cell.get("count"))?;
    let count = u64::try_from(count).map_err(|_| Malformed(format!("{count} is no count")))?;
    let real = |key: &str| {
        let value = cell.get_f64(key).map_err(malformed)?;
        if value.is_finite() { Ok(value) } else { Err(Malformed(format!("{key} is {value}"))) }
    };
    let figures = match measure.form {
        Form::Texts => {
            let texts = cell.get("texts").cloned().unwrap_or(Bson::Null);
            Figures::Texts(read_doc(texts)?)
        }
        Form::Numbers(_) | Form::Thinned => Figures::Numbers(
            Plain {
                sum: real("sum")?,
                min: real("min")?,
                max: real("max")?,
                first: real("first")?,
                last: real("last")?,
            },
            cell.get_binary_generic("rest").map_err(malformed)?.clone(),
        ),
    };
    Ok((name, measure, Cell { count, figures }))
}

/// A version of a record of a commit.
pub(super) fn record_document((id, commit): (i64, i64), source: &str, record: &Record) -> Document {
    let values = values_document(&record.values);
    doc! {
        "_id": id,
        "commit": whole(commit),
        "source": source,
        "id": &*record.id,
        "time": record.time.map(date),
        "updated": record.version.updated.map(date),
        "instant": date(record.version.instant),
        "hash": bytes(record.version.hash),
        "first_seen": date(record.first_seen),
        "last_seen": date(record.last_seen),
        "values": values,
    }
}

/// Values as they are kept.
pub(super) fn values_document(values: &[(String, Scalar)]) -> Document {
    let value = |value: &Scalar| match value {
        Scalar::Number(value) => Bson::Double(*value),
        Scalar::Text(text) => Bson::String(text.clone()),
    };
    values.iter().map(|(name, v)| (name.clone(), value(v))).collect()
}

pub(super) fn bytes(hash: Digest) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: hash.bytes().to_vec() }
}

pub(super) fn read_hash(document: &Document) -> Read<Digest> {
    let bytes = document.get_binary_generic("hash").map_err(malformed)?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(malformed)?;
    Ok(Digest::from_bytes(bytes))
}

/// A version, read back.
pub(super) fn stored_record(commit: &str, document: &Document) -> Stored {
    let key = document.get_str("id").unwrap_or_default().to_string();
    Stored { commit: commit.into(), key, row: read_record(document).map(Kept::Record) }
}

pub(super) fn read_at(document: &Document, key: &str) -> Read<Option<Instant>> {
    match document.get(key) {
        None | Some(Bson::Null) => Ok(None),
        Some(Bson::DateTime(at)) => match instant(*at) {
            None => Err(Malformed(format!("{key} is no instant"))),
            known => Ok(known),
        },
        Some(other) => Err(Malformed(format!("{key} is {other}"))),
    }
}

fn some_at(document: &Document, key: &str) -> Read<Instant> {
    read_at(document, key)?.ok_or_else(|| Malformed(format!("no {key}")))
}

/// Values, read back.
pub(super) fn read_values(document: &Document) -> Read<Fields> {
    let values = document.get_document("values").map_err(malformed)?.clone();
    let values =
        values.into_iter().map(|(name, value)| Ok((name, Scalar::read(&read_doc(value)?)?)));
    let mut values = values.collect::<Read<Fields>>()?;
    values.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(values)
}

fn read_record(document: &Document) -> Read<Record> {
    let values = read_values(document)?;
    Ok(Record {
        id: document.get_str("id").map_err(malformed)?.into(),
        time: read_at(document, "time")?,
        version: Version {
            updated: read_at(document, "updated")?,
            instant: some_at(document, "instant")?,
            hash: read_hash(document)?,
        },
        first_seen: some_at(document, "first_seen")?,
        last_seen: some_at(document, "last_seen")?,
        values,
    })
}

/// A run of a commit.
pub(super) fn run_document((id, commit): (i64, i64), run: &Run) -> Document {
    let lines: Vec<Bson> = run.lines.iter().map(|line| small(bson(line))).collect();
    doc! {
        "_id": id,
        "commit": whole(commit),
        "run": &*run.run,
        "began": date(run.began),
        "instant": date(run.instant),
        "hash": bytes(run.hash),
        "lines": lines,
    }
}

/// Whole numbers in lists in four bytes, where they fit.
fn small(value: Bson) -> Bson {
    match value {
        Bson::Int64(value) => whole(value),
        Bson::Array(list) => Bson::Array(list.into_iter().map(small).collect()),
        Bson::Document(document) => {
            Bson::Document(document.into_iter().map(|(key, v)| (key, small(v))).collect())
        }
        other => other,
    }
}

/// The lines of a run, read back.
pub(super) fn stored_run(commit: &str, document: &Document, each: &mut dyn FnMut(Stored)) {
    match read_run(document).and_then(|run| run.records()) {
        Ok(records) => records.into_iter().for_each(|record| {
            let key = record.id.clone();
            each(Stored { commit: commit.into(), key, row: Ok(Kept::Record(record)) });
        }),
        Err(why) => {
            let key = document.get_str("run").unwrap_or_default().to_string();
            each(Stored { commit: commit.into(), key, row: Err(why) });
        }
    }
}

fn read_run(document: &Document) -> Read<Run> {
    let lines = document.get_array("lines").map_err(malformed)?.iter().cloned().map(read_doc);
    Ok(Run {
        run: document.get_str("run").map_err(malformed)?.into(),
        began: some_at(document, "began")?,
        instant: some_at(document, "instant")?,
        hash: read_hash(document)?,
        lines: lines.collect::<Read<_>>()?,
    })
}

/// What a header says, read back.
pub(super) fn read_header(document: &Document) -> Option<Header> {
    let at = |key: &str| instant(*document.get_datetime(key).ok()?);
    let text = |key: &str| document.get_str(key).ok().map(str::to_string);
    Some(Header {
        source: crate::domain::name::SourceName::parse(document.get_str("source").ok()?)?,
        hour: Window::of(at("hour")?),
        batch: text("batch")?,
        commit: text("commit")?,
        written: at("written")?,
    })
}

fn malformed(cause: impl ToString) -> Malformed {
    Malformed(cause.to_string())
}
