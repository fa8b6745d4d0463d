//! The tables of a declaration that say what its items are: `[samples]` or `[records]`,
//! `[fields.*]`, `[aggregates.*]`, `[[figures]]`.

use super::reader::{Table, Value};
use super::source::{line, title, word};
use crate::domain::name::{SourceName, is_field_name};
use crate::domain::path::Path;
use crate::domain::source::{
    Aggregate, Condition, Field, Figure, FigureKind, Format, IdPath, Items, Kind, Measure,
    Operation, Records, Samples, TimePath, TimeUnit, Title,
};
use crate::domain::time::parse_duration;
use crate::domain::trace::Trace;
use regex_lite::Regex;

const UNIT: [(&str, TimeUnit); 4] = [
    ("s", TimeUnit::Seconds),
    ("ms", TimeUnit::Millis),
    ("us", TimeUnit::Micros),
    ("iso", TimeUnit::Iso),
];
const FIGURES: [(&str, FigureKind); 4] = [
    ("line", FigureKind::Line),
    ("table", FigureKind::Table),
    ("map", FigureKind::Map),
    ("multiples", FigureKind::Multiples),
];
const NAME: &str = "lower case letters, digits and _, a letter first, at most 40";
const PATH: &str = "a path such as properties.mag or coordinates[2]";

pub(super) fn items(top: &Table) -> Option<Items> {
    let found_samples = top.table("samples").map(|table| samples(&table));
    let found_records = top.table("records").map(|table| records(&table));
    match (found_samples, found_records) {
        (Some(samples), None) => samples.map(Items::Samples),
        (None, Some(records)) => records.map(Items::Records),
        (Some(_), Some(_)) => {
            top.clash("records", "one of [samples] and [records]");
            None
        }
        (None, None) => {
            top.missing("[samples] or [records]", "one of the two tables");
            None
        }
    }
}

fn samples(table: &Table) -> Option<Samples> {
    let (at, series) = (at(table), table.need("series", PATH, scalar_path));
    let allowed = "the name of a source of records";
    let labels = table.may("labels", allowed, None, |v| SourceName::parse(v.text()?).map(Some));
    table.unknown();
    Some(Samples { at: at?, series: series?, labels })
}

fn records(table: &Table) -> Option<Records> {
    let at = at(table);
    let id = ids(table);
    let (time, updated) = (time_path(table, "time"), time_path(table, "updated"));
    let complete = table.may("complete", "true or false", false, Value::flag);
    table.unknown();
    Some(Records { at: at?, id: id?, time, updated, complete })
}

/// Where the items are: one list. NDJSON has no such place: its items are its lines.
fn at(table: &Table) -> Option<Path> {
    table.need("at", "a path that ends in [*], such as data.stations[*]; @ for lines", |v| {
        let path = Path::parse(v.text()?).ok()?;
        let ends = v.text()?.ends_with("[*]") && path.fans() == 1;
        (ends || path.steps().is_empty()).then_some(path)
    })
}

fn scalar_path(value: Value) -> Option<Path> {
    Path::parse(value.text()?).ok().filter(|path| path.fans() == 0)
}

/// All alternatives are read, so that the faults of all are told.
fn ids(table: &Table) -> Option<Vec<IdPath>> {
    let allowed = "a path, or a list of paths to try in order";
    let alternatives = table.need("id", allowed, |v| {
        Some(v.list().unwrap_or_else(|| vec![v])).filter(|list| !list.is_empty())
    })?;
    let ids: Vec<Option<IdPath>> = alternatives.iter().map(|v| id_path(table, *v)).collect();
    ids.into_iter().collect()
}

fn id_path(table: &Table, value: Value) -> Option<IdPath> {
    let Some(inner) = table.as_table("id", value) else {
        let path = scalar_path(value);
        if path.is_none() {
            table.wrong("id", value, PATH);
        }
        return Some(IdPath { path: path?, capture: None });
    };
    let path = inner.need("path", PATH, scalar_path);
    let capture = inner.need("capture", "a regular expression with one group", |v| {
        Regex::new(v.text()?).ok().filter(|regex| regex.captures_len() >= 2)
    });
    inner.unknown();
    Some(IdPath { path: path?, capture: Some(capture?) })
}

fn time_path(table: &Table, key: &'static str) -> Option<TimePath> {
    let inner = table.table(key)?;
    let path = inner.need("path", PATH, scalar_path);
    let unit = word(&inner, "unit", &UNIT);
    inner.unknown();
    Some(TimePath { path: path?, unit: unit? })
}

pub(super) fn fields(top: &Table, _format: Option<Format>) -> Vec<Field> {
    let Some(tables) = top.need_table("fields", "a table [fields.NAME] for each field") else {
        return Vec::new();
    };
    tables.entries().into_iter().filter_map(|(name, table)| field(name, &table)).collect()
}

fn field(name: &str, table: &Table) -> Option<Field> {
    if !is_field_name(name) {
        table.bad_name(name, NAME);
    }
    let path = table.need("path", PATH, scalar_path);
    let unit = table.may("unit", "a text", None, |v| line(v).map(Some));
    let text = table.may("kind", "number, text", false, |v| match v.text()? {
        "number" => Some(false),
        "text" => Some(true),
        _ => None,
    });
    let measure = measure(table);
    for key in ["resolution", "trace"] {
        if text && table.has(key) {
            table.clash(key, "a field of numbers may have it, one of kind = \"text\" not");
        }
    }
    let kind = if text { Kind::Text } else { Kind::Number(measure) };
    let title = title(table, "title").unwrap_or_else(|| plain(name));
    table.unknown();
    Some(Field { name: name.into(), path: path?, unit, title, kind })
}

fn measure(table: &Table) -> Measure {
    Measure {
        resolution: table.may("resolution", "a number above zero", None, |v| {
            v.number().filter(|step| *step > 0.0).map(Some)
        }),
        trace: table.may("trace", "a step that divides the hour, such as 1m, 10m", None, |v| {
            let step = u32::try_from(parse_duration(v.text()?)?.as_secs()).ok()?;
            Trace::divides(step).then_some(Some(step))
        }),
    }
}

fn plain(name: &str) -> Title {
    let words = name.replace('_', " ");
    Title { en: words.clone(), fr: words }
}

pub(super) fn aggregates(top: &Table, fields: &[Field], items: Option<&Items>) -> Vec<Aggregate> {
    let Some(tables) = top.table("aggregates") else { return Vec::new() };
    if let Some(Items::Records(_)) = items {
        top.clash("aggregates", "only beside [samples], over which they are taken");
    }
    let entries = tables.entries().into_iter();
    entries.filter_map(|(name, table)| aggregate(name, &table, fields)).collect()
}

fn aggregate(name: &str, table: &Table, fields: &[Field]) -> Option<Aggregate> {
    if !is_field_name(name) || fields.iter().any(|field| field.name == name) {
        table.bad_name(name, &format!("{NAME}, and no field's name"));
    }
    let numbers = numbers(fields);
    let known = format!("a field of numbers: {}", numbers.join(", "));
    let asked: Vec<&'static str> =
        Operation::ALL.iter().map(|(key, _)| *key).filter(|key| table.has(key)).collect();
    if let [_, second, ..] = asked[..] {
        table.clash(second, "one of sum, mean, min, max, count");
    }
    let mut found = None;
    for (key, operation) in Operation::ALL {
        let wanted = |v: Value| Some(v.text()?.to_string()).filter(|n| numbers.contains(n));
        if let Some(field) = table.may(key, &known, None, |v| wanted(v).map(Some)) {
            found = Some((operation, field));
        }
    }
    let condition = condition(table);
    let unit = table.may("unit", "a text", None, |v| line(v).map(Some));
    let own = measure(table);
    let title = title(table, "title").unwrap_or_else(|| plain(name));
    if !Operation::ALL.iter().any(|(key, _)| table.has(key)) {
        table.missing("sum, mean, min, max or count", &known);
    }
    table.unknown();
    let (operation, field) = found?;
    let field = fields.iter().position(|f| f.name == field)?;
    let inherited = if operation == Operation::Count { None } else { fields[field].unit.clone() };
    let unit = unit.or(inherited);
    let name = name.to_string();
    Some(Aggregate { name, operation, field, condition, unit, title, measure: own })
}

fn numbers(fields: &[Field]) -> Vec<String> {
    let number = |f: &&Field| matches!(f.kind, Kind::Number(_));
    fields.iter().filter(number).map(|f| f.name.clone()).collect()
}

fn condition(table: &Table) -> Option<Condition> {
    let read = |key| table.may(key, "a number", None, |v| v.number().map(Some));
    let (equals, below, above) = (read("equals"), read("below"), read("above"));
    if [equals, below, above].iter().flatten().count() > 1 {
        let last = if above.is_some() { "above" } else { "below" };
        table.clash(last, "one of equals, below, above");
    }
    equals.map(Condition::Equals).or(below.map(Condition::Below)).or(above.map(Condition::Above))
}

pub(super) fn figures(top: &Table, fields: &[Field], aggregates: &[Aggregate]) -> Vec<Figure> {
    let names = numbers(fields).into_iter().chain(aggregates.iter().map(|a| a.name.clone()));
    let names: Vec<String> = names.collect();
    let tables = top.tables("figures");
    tables.into_iter().filter_map(|table| figure(&table, &names)).collect()
}

fn figure(table: &Table, names: &[String]) -> Option<Figure> {
    let kind = word(table, "kind", &FIGURES);
    let allowed = format!("a field or aggregate of numbers: {}", names.join(", "));
    let field = table.need("field", &allowed, |v| {
        v.text().map(str::to_string).filter(|name| names.contains(name))
    });
    let rows = table.may("rows", "a whole number from 1 to 100", 10.0, |v| {
        v.number().filter(|n| n.fract() == 0.0 && (1.0..=100.0).contains(n))
    });
    let title = title(table, "title").unwrap_or_default();
    table.unknown();
    Some(Figure { kind: kind?, title, field: field?, rows: rows as usize })
}
