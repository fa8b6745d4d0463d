//! Rows as they are written to a PostgreSQL store: by COPY in binary form, in one transaction with
//! what they name by a number.

use super::Done;
use super::error::Lost;
use super::value::{At, Json, body, text};
use crate::domain::document::Doc;
use crate::domain::record::Record;
use crate::domain::row::{Cells, Figures, Kept, Measure, Run, pack};
use crate::edge::store::Header;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::pin::pin;
use tokio_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

/// What rows of a commit name by a number.
struct Numbers {
    commit: i64,
    feed: i32,
    names: HashMap<String, i64>,
    fields: Vec<(String, Measure, i32)>,
}

/// Writes rows of one commit.
pub(super) async fn put(all: &Transaction<'_>, header: &Header, rows: &[Kept]) -> Done<()> {
    let (mut cells, mut records) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Kept::Summary(series) => cells.push(series),
            Kept::Record(record) => records.push(record.clone()),
        }
    }
    let journals = header.source.is_journals();
    let (runs, records) = if journals { pack(records) } else { (Vec::new(), records) };
    let names = cells.iter().map(|cells| cells.series.as_str());
    let names = names.chain(records.iter().map(|record| record.id.as_str()));
    let feed = feed(all, header.source.as_str()).await?;
    let numbers = Numbers {
        commit: commit(all, header, feed).await?,
        feed,
        names: self::names(all, feed, names.collect()).await?,
        fields: fields(all, feed, &cells).await?,
    };
    put_cells(all, &numbers, &cells).await?;
    put_records(all, &numbers, &records).await?;
    put_runs(all, &numbers, &runs).await
}

async fn feed(all: &Transaction<'_>, source: &str) -> Done<i32> {
    let known = "SELECT number FROM feeds WHERE source = $1";
    let make = "INSERT INTO feeds (source) VALUES ($1) ON CONFLICT DO NOTHING";
    for _ in 0..2 {
        let found = all.query_typed(known, &[(&source, Type::TEXT)]).await?;
        if let Some(row) = found.first() {
            return Ok(row.try_get(0)?);
        }
        all.execute_typed(make, &[(&source, Type::TEXT)]).await?;
    }
    Err(Lost::Odd(format!("{source} got no number")))
}

async fn commit(all: &Transaction<'_>, header: &Header, feed: i32) -> Done<i64> {
    let make = "INSERT INTO commits (commit_id, feed, hour, batch, written_at) \
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&header.commit, Type::TEXT),
        (&feed, Type::INT4),
        (&At(header.hour.start()), Type::TIMESTAMPTZ),
        (&header.batch, Type::TEXT),
        (&At(header.written), Type::TIMESTAMPTZ),
    ];
    all.execute_typed(make, &values).await?;
    let known = "SELECT number FROM commits WHERE commit_id = $1";
    let found = all.query_typed(known, &[(&header.commit, Type::TEXT)]).await?;
    let found = found.first().ok_or_else(|| Lost::Odd("a commit got no number".into()))?;
    Ok(found.try_get(0)?)
}

/// The numbers of series and of ids of records, which nobody may remove meanwhile. In order: of two
/// that give numbers at once, neither waits for the other for ever.
async fn names(
    all: &Transaction<'_>,
    feed: i32,
    names: BTreeSet<&str>,
) -> Done<HashMap<String, i64>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let kept: Vec<Cow<str>> = names.iter().map(|name| text(name)).collect();
    let known = "SELECT name, number FROM names WHERE feed = $1 AND name = ANY ($2) FOR KEY SHARE";
    let make = "INSERT INTO names (feed, name) SELECT $1, unnest($2) ON CONFLICT DO NOTHING";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&feed, Type::INT4), (&kept, Type::TEXT_ARRAY)];
    let mut found = all.query_typed(known, &values).await?;
    if found.len() < kept.len() {
        all.execute_typed(make, &values).await?;
        found = all.query_typed(known, &values).await?;
    }
    let mut numbers = HashMap::new();
    for row in &found {
        numbers.insert(row.try_get::<_, String>(0)?, row.try_get(1)?);
    }
    Ok(numbers)
}

/// The numbers of fields, each with its unit and its grid: where one changes, it is another one.
async fn fields(
    all: &Transaction<'_>,
    feed: i32,
    cells: &[&Cells],
) -> Done<Vec<(String, Measure, i32)>> {
    let mut known: Vec<(String, Measure, i32)> = Vec::new();
    for (name, measure, _) in cells.iter().flat_map(|cells| &cells.fields) {
        if known.iter().any(|(field, kind, _)| field == name && kind == measure) {
            continue;
        }
        known.push((name.clone(), measure.clone(), field(all, feed, name, measure).await?));
    }
    Ok(known)
}

async fn field(all: &Transaction<'_>, feed: i32, name: &str, measure: &Measure) -> Done<i32> {
    let unit = measure.unit.as_deref().map(text);
    let (form, step) = (measure.form.word(), measure.form.step());
    let trace = measure.form.trace().map(i64::from);
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&feed, Type::INT4),
        (&name, Type::TEXT),
        (&unit, Type::TEXT),
        (&form, Type::TEXT),
        (&step, Type::FLOAT8),
        (&trace, Type::INT8),
    ];
    let known = "SELECT number FROM fields WHERE feed = $1 AND name = $2 \
                 AND unit IS NOT DISTINCT FROM $3 AND form = $4 \
                 AND step IS NOT DISTINCT FROM $5 AND trace IS NOT DISTINCT FROM $6 \
                 ORDER BY number LIMIT 1 FOR KEY SHARE";
    let make = "INSERT INTO fields (feed, name, unit, form, step, trace) \
                VALUES ($1, $2, $3, $4, $5, $6) RETURNING number";
    let found = all.query_typed(known, &values).await?;
    match found.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => {
            let made = all.query_typed(make, &values).await?;
            let made = made.first().ok_or_else(|| Lost::Odd(format!("{name} got no number")))?;
            Ok(made.try_get(0)?)
        }
    }
}

impl Numbers {
    fn name(&self, name: &str) -> Done<i64> {
        let known = self.names.get(&*text(name)).copied();
        known.ok_or_else(|| Lost::Odd(format!("{name:?} got no number")))
    }

    fn field(&self, name: &str, measure: &Measure) -> Done<i32> {
        let is_it = |(known, kind, _): &&(String, Measure, i32)| known == name && kind == measure;
        let known = self.fields.iter().find(is_it).map(|(.., number)| *number);
        known.ok_or_else(|| Lost::Odd(format!("{name} got no number")))
    }
}

async fn put_cells(all: &Transaction<'_>, numbers: &Numbers, rows: &[&Cells]) -> Done<()> {
    if rows.is_empty() {
        return Ok(());
    }
    const REAL: Type = Type::FLOAT8;
    let kinds = [
        Type::INT8,
        Type::INT8,
        Type::INT4,
        Type::INT8,
        REAL,
        REAL,
        REAL,
        REAL,
        REAL,
        Type::BYTEA,
        Type::TEXT,
    ];
    let sink = all.copy_in("COPY summaries FROM STDIN BINARY").await?;
    let mut out = pin!(BinaryCopyInWriter::new(sink, &kinds));
    for cells in rows {
        let series = numbers.name(&cells.series)?;
        for (name, measure, cell) in &cells.fields {
            let field = numbers.field(name, measure)?;
            let count = cell.count as i64;
            let (plain, rest, texts) = match &cell.figures {
                Figures::Numbers(plain, bytes) => (Some(plain), Some(bytes), None),
                Figures::Texts(doc) => (None, None, Some(text(&doc.json()).into_owned())),
            };
            let real = plain.map(|p| [p.sum, p.min, p.max, p.first, p.last]);
            let real: [Option<f64>; 5] = real.map_or([None; 5], |real| real.map(Some));
            let values: [&(dyn ToSql + Sync); 11] = [
                &numbers.commit,
                &series,
                &field,
                &count,
                &real[0],
                &real[1],
                &real[2],
                &real[3],
                &real[4],
                &rest,
                &texts,
            ];
            out.as_mut().write(&values).await?;
        }
    }
    out.finish().await?;
    Ok(())
}

async fn put_records(all: &Transaction<'_>, numbers: &Numbers, rows: &[Record]) -> Done<()> {
    if rows.is_empty() {
        return Ok(());
    }
    const AT: Type = Type::TIMESTAMPTZ;
    let kinds = [Type::INT8, Type::INT4, Type::INT8, AT, AT, AT, Type::BYTEA, AT, AT, Type::JSON];
    let sink = all.copy_in("COPY records FROM STDIN BINARY").await?;
    let mut out = pin!(BinaryCopyInWriter::new(sink, &kinds));
    for record in rows {
        let name = numbers.name(&record.id)?;
        let body = Json(body(&record.values));
        let values: [&(dyn ToSql + Sync); 10] = [
            &numbers.commit,
            &numbers.feed,
            &name,
            &record.time.map(At),
            &record.version.updated.map(At),
            &At(record.version.instant),
            &record.version.hash.bytes().as_slice(),
            &At(record.first_seen),
            &At(record.last_seen),
            &body,
        ];
        out.as_mut().write(&values).await?;
    }
    out.finish().await?;
    Ok(())
}

async fn put_runs(all: &Transaction<'_>, numbers: &Numbers, runs: &[Run]) -> Done<()> {
    if runs.is_empty() {
        return Ok(());
    }
    let kinds =
        [Type::INT8, Type::TEXT, Type::TIMESTAMPTZ, Type::TIMESTAMPTZ, Type::BYTEA, Type::JSON];
    let sink = all.copy_in("COPY runs FROM STDIN BINARY").await?;
    let mut out = pin!(BinaryCopyInWriter::new(sink, &kinds));
    for run in runs {
        let lines = Json(Doc::List(run.lines.clone()).json());
        let values: [&(dyn ToSql + Sync); 6] = [
            &numbers.commit,
            &text(&run.run),
            &At(run.began),
            &At(run.instant),
            &run.hash.bytes().as_slice(),
            &lines,
        ];
        out.as_mut().write(&values).await?;
    }
    out.finish().await?;
    Ok(())
}
