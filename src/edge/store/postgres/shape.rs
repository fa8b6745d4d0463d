//! Views for people who ask a PostgreSQL store: per source `hours_<source>` and
//! `records_<source>`, with a column per field, its unit in a comment. What a view once had it
//! keeps, in its place: who reads by name goes on, whatever a declaration becomes.

use super::columns::{COLUMNS, Made, SIDE, View, merged, name};
use super::open::{LOCK, VIEWS};
use super::value::{get, text};
use super::{Done, Postgres, Value};
use crate::domain::shape::{Column, Shape, Units};
use crate::edge::store::{Described, Result};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

/// It rises with what is made of a shape, so that views of before are made anew.
const FORM: &str = "1";

impl Postgres {
    /// Whether the views of a source are of this shape.
    pub(super) fn is_shaped(&self, shape: &Shape) -> Result<bool> {
        let (name, digest) = (shape.name(), digest(shape));
        // Somebody may have dropped one.
        let sql = "SELECT 1 FROM described WHERE source = $1 AND digest = $2 AND NOT EXISTS \
                   (SELECT 1 FROM described_columns WHERE view IN ($3, $4) \
                    AND to_regclass(quote_ident(view)) IS NULL) \
                   AND to_regclass('statistics') IS NOT NULL \
                   AND to_regclass('latest_records') IS NOT NULL \
                   AND to_regclass('journals') IS NOT NULL";
        let views = [View::Hours, View::Records].map(|view| self::name(view, name));
        let values: [Value; 4] = [
            (&name, Type::TEXT),
            (&digest, Type::TEXT),
            (&views[0], Type::TEXT),
            (&views[1], Type::TEXT),
        ];
        let known = self.one(sql, &values, |row| get::<i32>(row, 0))?;
        Ok(known.is_some())
    }

    /// Makes the views of a source of this shape. A role that may not make anything leaves those
    /// that are there.
    pub(super) fn shape(&self, shape: &Shape) -> Result<Described> {
        if self.is_shaped(shape)? {
            return Ok(Described::AsDeclared);
        }
        self.act("store.describe", async |client| match make(client, shape).await {
            Err(lost) if lost.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                Ok(Described::AsBefore)
            }
            Ok(0) => Ok(Described::AsDeclared),
            other => other.map(Described::Short),
        })
    }
}

fn digest(shape: &Shape) -> String {
    format!("{FORM} {}", shape.digest())
}

/// How many columns there was no room for.
async fn make(client: &mut Client, shape: &Shape) -> Done<u64> {
    let mut left = 0;
    let all = client.transaction().await?;
    all.batch_execute(LOCK).await?;
    // Who reads holds a view; whoever waits for that keeps all others from reading.
    all.batch_execute("SET LOCAL lock_timeout = '2s'").await?;
    let sql = "SELECT count(*) FROM unnest(ARRAY['live_commits', 'statistics', 'latest_records', \
               'journals']) AS v (name) WHERE to_regclass(name) IS NULL";
    if all.query_typed(sql, &[]).await?.iter().any(|row| row.get::<_, i64>(0) > 0) {
        all.batch_execute(VIEWS).await?;
    }
    for view in [View::Hours, View::Records] {
        let known = known(&all, shape, view).await?;
        let mut made = merged(view, view.columns(shape), known);
        left += made.drain(made.len().min(COLUMNS - view.fixed().len())..).len() as u64;
        if made.is_empty() {
            continue;
        }
        all.batch_execute(&create(view, shape, &made)).await?;
        all.batch_execute(&comments(view, shape, &made)).await?;
        keep(&all, shape, view, &made).await?;
    }
    let sql = "INSERT INTO described VALUES ($1, $2) \
               ON CONFLICT (source) DO UPDATE SET digest = excluded.digest";
    let values: [Value; 2] = [(&shape.name(), Type::TEXT), (&digest(shape), Type::TEXT)];
    all.execute_typed(sql, &values).await?;
    all.commit().await?;
    Ok(left)
}

/// The columns that a view has, in order.
async fn known(all: &Transaction<'_>, shape: &Shape, view: View) -> Done<Vec<Made>> {
    let sql = "SELECT name, field, part, unit, title FROM described_columns \
               WHERE view = $1 ORDER BY place";
    let found = all.query_typed(sql, &[(&name(view, shape.name()), Type::TEXT)]).await?;
    let made = |row: &tokio_postgres::Row| -> Done<Made> {
        let (name, field) = (row.try_get(0)?, row.try_get(1)?);
        let (part, unit, title) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        Ok(Made { name, field, part, unit, title })
    };
    found.iter().map(made).collect()
}

fn create(view: View, shape: &Shape, made: &[Made]) -> String {
    let columns = made.iter().map(|made| {
        let what = match view {
            View::Hours => of_hours(shape, made),
            View::Records => of_records(shape, made),
        };
        format!(",\n  {what} AS {}", ident(&made.name))
    });
    let columns: String = columns.collect();
    let names: Vec<String> = shape.names.iter().map(|name| literal(name.as_str())).collect();
    let (view, names) = ((name(view, shape.name()), view), names.join(", "));
    let body = match view.1 {
        View::Hours => format!(
            "SELECT c.hour AS hour_at, n.name AS series, max(n.label) AS label{columns}\n\
             FROM live_commits c JOIN summaries s ON s.commit_number = c.commit_number\n\
             JOIN names n ON n.number = s.series JOIN fields f ON f.number = s.field\n\
             WHERE c.source IN ({names}) GROUP BY c.hour, n.name"
        ),
        View::Records => format!(
            "SELECT r.id, r.occurred_at, r.updated_at, r.first_seen_at, r.last_seen_at{columns}\n\
             FROM (SELECT n.name AS id, r.time AS occurred_at, r.updated_at, r.body, \
             c.source, c.declaration,\n\
             min(r.first_seen_at) OVER (PARTITION BY n.name) AS first_seen_at,\n\
             max(r.last_seen_at) OVER (PARTITION BY n.name) AS last_seen_at,\n\
             row_number() OVER (PARTITION BY n.name ORDER BY r.updated_at DESC NULLS LAST, \
             r.fetched_at DESC, r.hash DESC) AS place\n\
             FROM live_commits c JOIN records r ON r.commit_number = c.commit_number\n\
             JOIN names n ON n.number = r.name WHERE c.source IN ({names})) r\n\
             LEFT JOIN sides d ON d.source = r.source AND d.id = r.id\n\
             WHERE r.place = 1"
        ),
    };
    format!("CREATE OR REPLACE VIEW {} AS\n{body}", ident(&view.0))
}

/// Values of another unit than the declared one are in no column: they are in `statistics`.
fn of_hours(shape: &Shape, made: &Made) -> String {
    let unit = match &made.unit {
        Some(unit) => format!("f.unit = {}", literal(unit)),
        None => "f.unit IS NULL".into(),
    };
    // What was a text under another declaration is none of the numbers.
    let is_number = |column: &Column| column.field == made.field && column.is_number;
    let numbers = made.part != "count" || shape.hours.iter().any(is_number);
    let kind = if numbers { " AND s.sum IS NOT NULL" } else { "" };
    let rows = format!("FILTER (WHERE f.name = {} AND {unit}{kind})", literal(&made.field));
    match &*made.part {
        "mean" => {
            format!("least(greatest({}, min(s.min) {rows}), max(s.max) {rows})", mean(&rows))
        }
        "count" => format!("(sum(s.count) {rows})::bigint"),
        part => format!("{part}(s.{part}) {rows}"),
    }
}

/// The mean of several batches. The server raises an error where a quotient is too small for any
/// number, and nobody could read the view.
fn mean(rows: &str) -> String {
    let (sum, count) = (format!("sum(s.sum) {rows}"), format!("sum(s.count) {rows}"));
    format!(
        "CASE WHEN abs({sum}) <= floor({count} / 2)::double precision * 5e-324::double precision \
         THEN 0 ELSE {sum} / {count} END"
    )
}

/// A value that was read in another unit than the declared one is left out, as in a report.
fn of_records(shape: &Shape, made: &Made) -> String {
    let is_odd = |units: &Units| units.get(&made.field).is_some_and(|unit| *unit != made.unit);
    let odd = shape.read_under.iter().filter(|(_, units)| is_odd(units));
    let odd: Vec<String> = odd.map(|(hash, _)| literal(hash)).collect();
    let value = match made.part.strip_prefix(SIDE) {
        Some(part) => beside(shape, part, made),
        None => value("r.body", &made.part, made),
    };
    match odd.is_empty() {
        true => value,
        false => format!("CASE WHEN r.declaration NOT IN ({}) THEN {value} END", odd.join(", ")),
    }
}

/// A value that stands beside its record, or in it where it could not be withdrawn when that was
/// counted. What was withdrawn is nowhere, unless its field cannot be withdrawn any more.
fn beside(shape: &Shape, part: &str, made: &Made) -> String {
    let may_go = |column: &Column| column.field == made.field && column.may_go;
    let gone = match shape.records.iter().any(may_go) {
        true => "WHEN d.withdrawn_at IS NOT NULL THEN NULL ",
        false => "",
    };
    format!(
        "CASE {gone}WHEN r.body->{} IS NOT NULL THEN {} ELSE {} END",
        literal(&made.field),
        value("r.body", part, made),
        value("d.body::json", part, made)
    )
}

/// The value, where it is of the kind of its column: what was a text is no number, nor the other
/// way round.
fn value(body: &str, part: &str, made: &Made) -> String {
    let field = literal(&made.field);
    let (kind, cast) = match part {
        "number" => ("number", "::double precision"),
        _ => ("string", ""),
    };
    format!("CASE json_typeof({body}->{field}) WHEN '{kind}' THEN ({body}->>{field}){cast} END")
}

fn comments(view: View, shape: &Shape, made: &[Made]) -> String {
    let own = name(view, shape.name());
    let what = match view {
        View::Hours => "Hourly statistics",
        View::Records => "The latest version of each record",
    };
    let about = literal(&format!("{what}. {}", shape.about));
    let head = format!("COMMENT ON VIEW {} IS {about};\n", ident(&own));
    let of = |column: &str, words: &str| {
        let place = format!("{}.{}", ident(&own), ident(column));
        format!("COMMENT ON COLUMN {place} IS {};\n", literal(words))
    };
    let fixed = view.fixed().iter().map(|(name, words)| of(name, words));
    let fields = made.iter().map(|made| of(&made.name, &words(made, view.columns(shape))));
    head + &fixed.chain(fields).collect::<String>()
}

fn words(made: &Made, columns: &[Column]) -> String {
    let is_declared = columns.iter().any(|column| column.field == made.field);
    let end = if is_declared { "" } else { " (not declared any more)" };
    let title = format!("{}{end}", made.title);
    let unit = made.unit.as_deref().filter(|_| made.part != "count");
    let unit = unit.map(|unit| format!(", in {unit}")).unwrap_or_default();
    match &*made.part {
        "mean" => format!("{title}{unit}: mean of the hour"),
        "min" => format!("{title}{unit}: least value of the hour"),
        "max" => format!("{title}{unit}: greatest value of the hour"),
        "count" => format!("{title}: how many values the hour has"),
        _ => format!("{title}{unit}"),
    }
}

async fn keep(all: &Transaction<'_>, shape: &Shape, view: View, made: &[Made]) -> Done<()> {
    let sql = "INSERT INTO described_columns VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (view, place) \
               DO UPDATE SET unit = excluded.unit, title = excluded.title, part = excluded.part";
    let view = name(view, shape.name());
    for (place, made) in (1i32..).zip(made) {
        let values: [Value; 7] = [
            (&view, Type::TEXT),
            (&place, Type::INT4),
            (&made.name, Type::TEXT),
            (&made.field, Type::TEXT),
            (&made.part, Type::TEXT),
            (&made.unit, Type::TEXT),
            (&made.title, Type::TEXT),
        ];
        all.execute_typed(sql, &values).await?;
    }
    Ok(())
}

/// A name in double quotes. Ours have none in them.
fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in quotes, as standard SQL has them; the character zero is written as in tables.
fn literal(words: &str) -> String {
    format!("'{}'", text(words).replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_words_stay_words() {
        assert_eq!(literal("it's \\ \0"), "'it''s \\ \u{1}0'");
        assert_eq!(ident("a\"b"), "\"a\"\"b\"");
    }
}
