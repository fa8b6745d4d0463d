//! The tables of an export: columns with a kind and a unit, rows of plain values; as CSV
//! (RFC 4180) or as a JSON object a line.

use crate::domain::document::Doc;
use crate::domain::doubles::{Doubles, Offer, has_offers};
use crate::domain::hours::{Hours, Winners};
use crate::domain::measurements;
use crate::domain::record::{Record, Scalar};
use crate::domain::source::{self, Source};
use crate::domain::stats::{FieldStats, Values};
use crate::domain::time::{Instant, Window, iso};

/// What the values of a column are; the names are the types of Table Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Number,
    Integer,
    /// RFC 3339, UTC, with milliseconds.
    Instant,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub unit: Option<String>,
    pub description: String,
}

/// A value; instants are texts by then.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Absent,
    Text(String),
    Number(f64),
    Integer(u64),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// Part of the file's name: `summaries`, `texts`, `records`.
    pub name: &'static str,
    pub description: &'static str,
    pub columns: Vec<Column>,
    pub key: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
}

impl Column {
    fn new(name: &str, kind: Kind, description: &str) -> Column {
        Column { name: name.into(), kind, unit: None, description: description.into() }
    }
}

const QUANTILES: [(&str, f64); 5] =
    [("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)];

fn head() -> Vec<Column> {
    vec![
        Column::new("hour", Kind::Instant, "start of the UTC hour"),
        Column::new("series", Kind::Text, "what the value is about; * is all of them together"),
        Column::new("label", Kind::Text, "name of the series, where one is known"),
        Column::new("field", Kind::Text, "what was measured"),
    ]
}

/// The columns of statistics of numbers.
pub fn summary_columns() -> Vec<Column> {
    let mut columns = head();
    let more = [
        ("unit", Kind::Text, "unit of all values of the row"),
        ("count", Kind::Integer, "number of values"),
        ("sum", Kind::Number, "their sum"),
        ("mean", Kind::Number, "their arithmetic mean"),
        ("sd", Kind::Number, "their standard deviation, of the values themselves (divisor n)"),
        ("min", Kind::Number, "the least"),
        ("min_at", Kind::Instant, "when the least was first reached, where that is known"),
        ("p05", Kind::Number, "quantile by nearest rank"),
        ("p25", Kind::Number, "quantile by nearest rank"),
        ("p50", Kind::Number, "median by nearest rank"),
        ("p75", Kind::Number, "quantile by nearest rank"),
        ("p95", Kind::Number, "quantile by nearest rank"),
        ("max", Kind::Number, "the greatest"),
        ("max_at", Kind::Instant, "when the greatest was first reached, where that is known"),
        ("first", Kind::Number, "the first"),
        ("first_at", Kind::Instant, "when the first was taken"),
        ("last", Kind::Number, "the last"),
        ("last_at", Kind::Instant, "when the last was taken"),
    ];
    columns.extend(more.map(|(name, kind, what)| Column::new(name, kind, what)));
    columns
}

/// Statistics of numbers by hour, series and field.
pub fn summaries<'a>(hours: &Hours, label: impl Fn(&str) -> Option<&'a str>) -> Table {
    let mut rows = Vec::new();
    each(hours, |series, field, hour, stats| {
        let Values::Numbers(n) = &stats.values else { return };
        let mut row = vec![
            instant(hour.start()),
            text(series),
            label(series).map_or(Value::Absent, text),
            text(field),
            stats.unit.as_deref().map_or(Value::Absent, text),
            Value::Integer(n.count),
            Value::Number(n.sum),
            Value::Number(n.mean()),
            Value::Number(n.deviation()),
            Value::Number(n.min.value),
            n.min.at.map_or(Value::Absent, instant),
        ];
        row.extend(QUANTILES.map(|(_, q)| n.quantile(q).map_or(Value::Absent, Value::Number)));
        row.extend([
            Value::Number(n.max.value),
            n.max.at.map_or(Value::Absent, instant),
            Value::Number(n.first.value),
            instant(n.first.at),
            Value::Number(n.last.value),
            instant(n.last.at),
        ]);
        rows.push(row);
    });
    Table {
        name: "summaries",
        description: "statistics of numbers by hour, series and field",
        columns: summary_columns(),
        key: vec!["hour", "series", "field"],
        rows,
    }
}

/// Counts of text values by hour, series and field; absent when there are none.
pub fn texts<'a>(hours: &Hours, label: impl Fn(&str) -> Option<&'a str>) -> Option<Table> {
    let mut columns = head();
    columns.push(Column::new("value", Kind::Text, "the text; absent: all texts beyond the first"));
    columns.push(Column::new("count", Kind::Integer, "how often it was seen"));
    let mut rows = Vec::new();
    each(hours, |series, field, hour, stats| {
        let Values::Texts(texts) = &stats.values else { return };
        let named = texts.iter().map(|(value, count)| (text(value), count));
        let other = (texts.other > 0).then_some((Value::Absent, texts.other));
        rows.extend(named.chain(other).map(|(value, count)| {
            vec![
                instant(hour.start()),
                text(series),
                label(series).map_or(Value::Absent, text),
                text(field),
                value,
                Value::Integer(count),
            ]
        }));
    });
    let description = "counts of texts by hour, series and field";
    let table = Table { name: "texts", description, columns, key: Vec::new(), rows };
    (!table.rows.is_empty()).then_some(table)
}

/// The columns that records of all sources have.
pub fn record_columns() -> Vec<Column> {
    vec![
        Column::new("id", Kind::Text, "what identifies the record"),
        Column::new("series", Kind::Text, "of a measurement: what it is about"),
        Column::new("time", Kind::Instant, "the record's own time"),
        Column::new("updated", Kind::Instant, "when its publisher changed it"),
        Column::new("first_seen", Kind::Instant, "the first answer that held it"),
        Column::new("last_seen", Kind::Instant, "the last answer that held it"),
    ]
}

/// The winning version of each record. Of job offers `also_in` tells which other sources have it.
pub fn records(
    source: &Source,
    winners: &Winners,
    within: impl Fn(&Record) -> bool,
    doubles: &Doubles,
) -> Table {
    let mut columns = record_columns();
    columns.extend(source.fields.iter().map(|field| Column {
        name: if is_taken(&field.name) { format!("{}_", field.name) } else { field.name.clone() },
        kind: match field.kind {
            source::Kind::Text => Kind::Text,
            source::Kind::Number(_) => Kind::Number,
        },
        unit: field.unit.clone(),
        description: field.title.en.clone(),
    }));
    let has_offers = has_offers(source);
    if has_offers {
        let says = "other sources that have the same offer: its title, employer and place";
        columns.push(Column::new("also_in", Kind::Text, says));
    }
    let also = |record: &Record| {
        let offer = Offer::of(|name| record.text(name))?;
        let others: Vec<&str> = doubles.others(source.name.as_str(), &offer).collect();
        (!others.is_empty()).then(|| text(&others.join(" ")))
    };
    let measured = source.items.series().is_some();
    let row = |record: &Record| {
        let series = measured.then(|| text(measurements::series(&record.id)));
        let mut row = vec![
            text(&record.id),
            series.unwrap_or(Value::Absent),
            record.time.map_or(Value::Absent, instant),
            record.version.updated.map_or(Value::Absent, instant),
            instant(record.first_seen),
            instant(record.last_seen),
        ];
        row.extend(source.fields.iter().map(|field| {
            let found = record.values.iter().find(|(name, _)| *name == field.name);
            match found {
                None => Value::Absent,
                Some((_, Scalar::Number(x))) => Value::Number(*x),
                Some((_, Scalar::Text(t))) => text(t),
            }
        }));
        row.extend(has_offers.then(|| also(record).unwrap_or(Value::Absent)));
        row
    };
    let rows = winners.records.values().filter(|record| within(record)).map(row).collect();
    Table {
        name: "records",
        description: "the latest version of each record",
        columns,
        key: vec!["id"],
        rows,
    }
}

fn is_taken(name: &str) -> bool {
    ["id", "series", "time", "updated", "first_seen", "last_seen", "also_in"].contains(&name)
}

fn each(hours: &Hours, mut take: impl FnMut(&str, &str, Window, &FieldStats)) {
    for (series, fields) in &hours.series {
        for (field, windows) in fields {
            for (hour, stats) in windows.iter() {
                take(series, field, hour, stats);
            }
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn instant(at: Instant) -> Value {
    Value::Text(iso(at))
}

impl Value {
    /// A number in the shortest form that reads back the same.
    fn spelled(&self) -> String {
        match self {
            Value::Absent => String::new(),
            Value::Text(text) => text.clone(),
            Value::Number(x) => x.to_string(),
            Value::Integer(n) => n.to_string(),
        }
    }

    fn doc(&self) -> Doc {
        match self {
            Value::Absent => Doc::Null,
            Value::Text(text) => Doc::text(text.clone()),
            Value::Number(x) => Doc::Float(*x),
            Value::Integer(n) => Doc::Int(*n as i64),
        }
    }
}

impl Table {
    /// RFC 4180: a header, commas, CR LF, quotes where they are needed.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing into memory never fails.
        let _ = writer.write_record(self.columns.iter().map(|column| &column.name));
        for row in &self.rows {
            let _ = writer.write_record(row.iter().map(Value::spelled));
        }
        writer.into_inner().unwrap_or_default()
    }

    /// A JSON object a line; what is absent is null.
    pub fn ndjson(&self) -> Vec<u8> {
        let mut out = String::new();
        for row in &self.rows {
            let names = self.columns.iter().map(|column| column.name.clone().into());
            Doc::Map(names.zip(row.iter().map(Value::doc)).collect()).write_json(&mut out);
            out.push('\n');
        }
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_quoted_where_it_must_be() {
        let columns = vec![Column::new("a", Kind::Text, ""), Column::new("b", Kind::Number, "")];
        let rows = vec![
            vec![Value::Text("x, \"y\"\nz".into()), Value::Number(0.1)],
            vec![Value::Absent, Value::Number(1e21)],
        ];
        let table = Table { name: "t", description: "", columns, key: Vec::new(), rows };
        let csv = String::from_utf8(table.csv()).unwrap();
        assert_eq!(csv, "a,b\r\n\"x, \"\"y\"\"\nz\",0.1\r\n,1000000000000000000000\r\n");
        let lines = String::from_utf8(table.ndjson()).unwrap();
        assert_eq!(lines.lines().last(), Some(r#"{"a":null,"b":1e21}"#));
    }
}
