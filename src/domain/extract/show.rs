//! An extraction for people and for programs: its items as a table, and its faults.

use super::{Extraction, Item, Value};
use crate::domain::document::Doc;
use crate::domain::measurements::series;
use crate::domain::shown;
use crate::domain::source::{Items, Source};
use crate::domain::time::{from_millis, iso_seconds};

/// Widest cell of a table.
const WIDE: usize = 32;

/// The first `rows` items as a table, with a line for each fault; all that the answer says as
/// `hide` gives it.
pub fn table(
    source: &Source,
    found: &Extraction,
    rows: usize,
    hide: impl Fn(&str) -> String,
) -> String {
    let mut lines = vec![head(source)];
    lines.extend(found.items().iter().take(rows).map(|item| cells(source, found, item, &hide)));
    let wide = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..lines[0].len()).map(|column| wide(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for line in &lines {
        for (cell, width) in line.iter().zip(&widths) {
            out += &format!("{cell:<width$}  ");
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    let (all, bad) = (found.length, found.unreadable().map(|missing| missing.len()));
    out += &match bad {
        None => "nothing of the answer can be read\n".to_string(),
        Some(bad) => {
            let (readable, timeless) = (found.items().len(), u64::from(found.timeless));
            let left = u64::from(all) - bad - readable as u64 - timeless;
            let some = |count: u64, why: &str| match count {
                0 => String::new(),
                count => format!(", {count} left out{why}"),
            };
            let left = some(left, " by skip or where") + &some(timeless, ", without a time");
            format!("{all} in the list, {readable} readable, {bad} not{left}\n")
        }
    };
    for fault in found.faults().iter().take(rows) {
        let place = fault.position.map_or("fault".into(), |p| format!("fault in item {p}"));
        out += &format!("{place}: {}\n", hide(&fault.reason));
    }
    found.remarks().iter().for_each(|remark| {
        out += &format!("remark: {}\n", remark.hiding(&hide));
    });
    out += &found.difference().map(|words| format!("{}\n", hide(words))).unwrap_or_default();
    out
}

fn head(source: &Source) -> Vec<String> {
    let key = if source.items.series().is_some() { "series" } else { "id" };
    let mut head = vec!["item".to_string(), key.into(), "time".into()];
    head.extend(source.fields.iter().map(|field| match &field.unit {
        Some(unit) => format!("{} [{unit}]", field.name),
        None => field.name.clone(),
    }));
    head
}

fn cells(
    source: &Source,
    found: &Extraction,
    item: &Item,
    hide: impl Fn(&str) -> String,
) -> Vec<String> {
    let time = item.time.map(|ms| iso_seconds(from_millis(ms)));
    let key = match &source.items {
        // The time of a measurement has a column of its own.
        Items::Records(_) if source.items.series().is_some() => series(found.text(item.key)),
        _ => found.text(item.key),
    };
    let cell = |text: &str| cut(&hide(text));
    let mut cells = vec![item.position.to_string(), cell(key), time.unwrap_or("-".into())];
    cells.extend(found.values(item, source.fields.len()).iter().map(|value| match value {
        Value::Absent => "-".into(),
        Value::Number(number) => hide(&number.to_string()),
        Value::Text(span) => cell(found.text(*span)),
    }));
    cells
}

fn cut(text: &str) -> String {
    let plain = shown::printed(text);
    match plain.chars().count() > WIDE {
        true => plain.chars().take(WIDE - 1).chain(['…']).collect(),
        false => plain.into_owned(),
    }
}

/// All of it, for programs; the texts of the answer as `hide` gives them.
pub fn json(source: &Source, found: &Extraction, hide: impl Fn(&str) -> String) -> String {
    let item = |item: &Item| {
        let values = found.values(item, source.fields.len());
        let fields = source.fields.iter().zip(values).filter_map(|(field, value)| {
            let value = match value {
                Value::Absent => return None,
                Value::Number(number) => Doc::Float(*number),
                Value::Text(span) => Doc::text(hide(found.text(*span))),
            };
            Some((field.name.clone().into(), value))
        });
        Doc::map([
            ("item", Doc::Int(item.position.into())),
            ("key", Doc::text(hide(found.text(item.key)))),
            ("time", Doc::option(item.time, |ms| Doc::Instant(from_millis(ms)))),
            ("updated", Doc::option(item.updated, |ms| Doc::Instant(from_millis(ms)))),
            ("fields", Doc::Map(fields.collect())),
        ])
    };
    let fault = |fault: &super::Fault| {
        Doc::map([
            ("item", Doc::option(fault.position, |position| Doc::Int(position.into()))),
            ("reason", Doc::text(hide(&fault.reason))),
        ])
    };
    let remark = |remark: &super::Remark| Doc::text(remark.hiding(&hide).to_string());
    Doc::map([
        ("length", Doc::Int(found.length.into())),
        ("items", Doc::List(found.items().iter().map(item).collect())),
        ("faults", Doc::List(found.faults().iter().map(fault).collect())),
        ("remarks", Doc::List(found.remarks().iter().map(remark).collect())),
        ("difference", Doc::option(found.difference(), |words| Doc::text(hide(words)))),
    ])
    .json()
}
