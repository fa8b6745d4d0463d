//! Views for people who ask a PostgreSQL store: per source `hours_<source>` and
//! `records_<source>`, with a column per field, its unit in a comment. What a view once had it
//! keeps, in its place: who reads by name goes on, whatever a declaration becomes.

use super::Result;
use super::postgres::{Done, Postgres, Value};
use super::postgres_open::LOCK;
use super::postgres_value::{get, text};
use crate::domain::hash::Digest;
use crate::domain::shape::{Column, Shape};
use std::collections::BTreeSet;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

/// It rises with what is made of a shape, so that views of before are made anew.
const FORM: &str = "1";
/// Names of PostgreSQL are cut behind so many bytes.
const NAME_BYTES: usize = 63;

/// Which of the two views of a source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    Hours,
    Records,
}

/// A column of a view: what it is of, and how it is called there for good.
#[derive(Clone)]
struct Made {
    name: String,
    field: String,
    /// mean, min, max, count; number, text; side_number, side_text.
    part: String,
    unit: Option<String>,
}

impl View {
    fn word(self) -> &'static str {
        match self {
            View::Hours => "hours",
            View::Records => "records",
        }
    }

    /// The columns that each such view has before those of fields, with what they say.
    fn fixed(self) -> &'static [(&'static str, &'static str)] {
        match self {
            View::Hours => &[
                ("hour_at", "Start of the hour, UTC"),
                ("series", "Key of the series; * is all of them together"),
                ("label", "Name of the series, where it is known"),
            ],
            View::Records => &[
                ("id", "What tells the record apart"),
                ("occurred_at", "Its own time, UTC; NULL where it has none"),
                ("updated_at", "When its publisher changed it last, where it says so"),
                ("first_seen_at", "When an answer had it for the first time"),
                ("last_seen_at", "When an answer had it for the last time"),
            ],
        }
    }

    fn columns(self, shape: &Shape) -> &[Column] {
        match self {
            View::Hours => &shape.hours,
            View::Records => &shape.records,
        }
    }

    /// What a field becomes: the ends of names, and which part of it that is.
    fn parts(self, column: &Column) -> &'static [(&'static str, &'static str)] {
        match (self, column.is_number, column.may_go) {
            (View::Hours, true, _) => {
                &[("", "mean"), ("_min", "min"), ("_max", "max"), ("_count", "count")]
            }
            (View::Hours, false, _) => &[("_count", "count")],
            (View::Records, true, false) => &[("", "number")],
            (View::Records, false, false) => &[("", "text")],
            (View::Records, true, true) => &[("", "side_number")],
            (View::Records, false, true) => &[("", "side_text")],
        }
    }
}

impl Postgres {
    /// Whether the views of a source are of this shape.
    pub(super) fn is_shaped(&self, shape: &Shape) -> Result<bool> {
        let (name, digest) = (shape.name(), digest(shape));
        let sql = "SELECT 1 FROM described WHERE source = $1 AND digest = $2";
        let values: [Value; 2] = [(&name, Type::TEXT), (&digest, Type::TEXT)];
        let known = self.one(sql, &values, |row| get::<i32>(row, 0))?;
        Ok(known.is_some())
    }

    /// Makes the views of a source of this shape; whether they are. A role that may not make
    /// anything leaves those that are there.
    pub(super) fn shape(&self, shape: &Shape) -> Result<bool> {
        if self.is_shaped(shape)? {
            return Ok(true);
        }
        self.act("store.describe", async |client| match make(client, shape).await {
            Err(lost) if lost.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Ok(false),
            other => other.map(|()| true),
        })
    }
}

fn digest(shape: &Shape) -> String {
    format!("{FORM} {}", shape.digest())
}

async fn make(client: &mut Client, shape: &Shape) -> Done<()> {
    let all = client.transaction().await?;
    all.batch_execute(LOCK).await?;
    for view in [View::Hours, View::Records] {
        let known = known(&all, shape, view).await?;
        let made = merged(view, view.columns(shape), known);
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
    Ok(all.commit().await?)
}

/// The columns that a view has, in order; those of a former name of the source, too.
async fn known(all: &Transaction<'_>, shape: &Shape, view: View) -> Done<Vec<Made>> {
    let sql = "SELECT name, field, part, unit FROM described_columns \
               WHERE view = $1 ORDER BY place";
    let found = all.query_typed(sql, &[(&name(view, shape.name()), Type::TEXT)]).await?;
    let made = |row: &tokio_postgres::Row| -> Done<Made> {
        let (name, field) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Made { name, field, part: row.try_get(2)?, unit: row.try_get(3)? })
    };
    found.iter().map(made).collect()
}

/// What is known stays in its place; what is new comes behind it, under a name that is free.
fn merged(view: View, columns: &[Column], known: Vec<Made>) -> Vec<Made> {
    let mut made = known;
    let fixed = view.fixed().iter().map(|(name, _)| (*name).to_string());
    let mut taken: BTreeSet<String> = fixed.collect();
    taken.extend(made.iter().map(|made| made.name.clone()));
    for column in columns {
        for (end, part) in view.parts(column) {
            let is_it = |made: &&mut Made| made.field == column.field && made.part == *part;
            if let Some(known) = made.iter_mut().find(is_it) {
                known.unit.clone_from(&column.unit);
                continue;
            }
            let name = free(&format!("{}{end}", column.field), &taken);
            taken.insert(name.clone());
            let (field, unit) = (column.field.clone(), column.unit.clone());
            made.push(Made { name, field, part: (*part).to_string(), unit });
        }
    }
    made
}

fn free(wish: &str, taken: &BTreeSet<String>) -> String {
    let mut name = wish.to_string();
    let mut number = 2;
    while taken.contains(&name) {
        name = format!("{wish}_{number}");
        number += 1;
    }
    name
}

/// The name of a view of a source; a long one is cut, and told apart by its digest.
fn name(view: View, source: &str) -> String {
    let whole = format!("{}_{}", view.word(), source.replace('-', "_"));
    if whole.len() <= NAME_BYTES {
        return whole;
    }
    let digest = Digest::of(source.as_bytes()).short(8);
    let cut: String = whole.chars().take(NAME_BYTES - digest.len() - 1).collect();
    format!("{cut}_{digest}")
}

fn create(view: View, shape: &Shape, made: &[Made]) -> String {
    let columns = made.iter().map(|made| {
        let what = match view {
            View::Hours => of_hours(made),
            View::Records => of_records(made),
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
             c.source,\n\
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
fn of_hours(made: &Made) -> String {
    let unit = match &made.unit {
        Some(unit) => format!("f.unit = {}", literal(unit)),
        None => "f.unit IS NULL".into(),
    };
    let rows = format!("FILTER (WHERE f.name = {} AND {unit})", literal(&made.field));
    let mean = format!("sum(s.sum) {rows} / nullif(sum(s.count) {rows}, 0)");
    match &*made.part {
        "mean" => format!("least(greatest({mean}, min(s.min) {rows}), max(s.max) {rows})"),
        "count" => format!("(sum(s.count) {rows})::bigint"),
        part => format!("{part}(s.{part}) {rows}"),
    }
}

fn of_records(made: &Made) -> String {
    let body = if made.part.starts_with("side") { "d.body::json" } else { "r.body" };
    let field = literal(&made.field);
    match made.part.ends_with("number") {
        true => format!(
            "CASE json_typeof({body}->{field}) WHEN 'number' \
             THEN ({body}->>{field})::double precision END"
        ),
        false => format!("{body}->>{field}"),
    }
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
    let known = columns.iter().find(|column| column.field == made.field);
    let title = known.map_or("Not declared any more", |column| &*column.title);
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
    let sql = "INSERT INTO described_columns VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (view, place) DO UPDATE SET unit = excluded.unit";
    let view = name(view, shape.name());
    for (place, made) in (1i32..).zip(made) {
        let values: [Value; 6] = [
            (&view, Type::TEXT),
            (&place, Type::INT4),
            (&made.name, Type::TEXT),
            (&made.field, Type::TEXT),
            (&made.part, Type::TEXT),
            (&made.unit, Type::TEXT),
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

    fn number(field: &str, unit: Option<&str>) -> Column {
        let unit = unit.map(str::to_string);
        Column { field: field.into(), title: field.into(), unit, is_number: true, may_go: false }
    }

    fn names(made: &[Made]) -> Vec<&str> {
        made.iter().map(|made| made.name.as_str()).collect()
    }

    #[test]
    fn columns_keep_their_places_and_their_names() {
        let first = merged(View::Hours, &[number("heat", Some("K")), number("rain", None)], vec![]);
        let heat = ["heat", "heat_min", "heat_max", "heat_count"];
        assert_eq!(names(&first)[..4], heat);
        // One goes, one has another unit, one takes the name of a part, one that of the hour.
        let columns =
            [number("heat", Some("°C")), number("heat_min", None), number("series", None)];
        let second = merged(View::Hours, &columns, first.clone());
        assert_eq!(names(&second)[..8], names(&first));
        assert_eq!(second[0].unit.as_deref(), Some("°C"));
        let more = ["heat_min_2", "heat_min_min", "heat_min_max", "heat_min_count", "series_2"];
        assert_eq!(names(&second)[8..13], more);
    }

    #[test]
    fn a_field_that_becomes_a_text_has_a_column_of_its_own() {
        let first = merged(View::Records, &[number("pay", None)], Vec::new());
        let text = Column { is_number: false, ..number("pay", None) };
        assert_eq!(names(&merged(View::Records, &[text], first)), ["pay", "pay_2"]);
    }

    #[test]
    fn long_names_are_told_apart_and_fit() {
        let [one, other] = ["a", "b"].map(|end| format!("{}{end}", "x".repeat(63)));
        assert_eq!(name(View::Hours, &one).len(), NAME_BYTES);
        assert_ne!(name(View::Hours, &one), name(View::Hours, &other));
        assert_eq!(name(View::Records, "bikes-oslo"), "records_bikes_oslo");
    }

    #[test]
    fn hostile_words_stay_words() {
        assert_eq!(literal("it's \\ \0"), "'it''s \\ \u{1}0'");
        assert_eq!(ident("a\"b"), "\"a\"\"b\"");
    }
}
