//! The keys `steps` and `join` of a field: how its text is cleaned before it is read.

use super::reader::{Table, Value};
use super::values::{line, word};
use crate::domain::salary::Part;
use crate::domain::source::Clean;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// A step that is a word.
pub(super) type Word = (&'static str, fn() -> Clean);

pub(super) const WORDS: [Word; 4] = [
    ("trim", || Clean::Trim),
    ("html_to_text", || Clean::Html),
    ("lower", || Clean::Lower),
    ("upper", || Clean::Upper),
];

const STEP: &str =
    "trim, html_to_text, lower, upper, or a table with capture, replace, map, date or salary";
const GROUPED: &str = "a regular expression with one group";

pub(super) fn steps(field: &Table) -> Vec<Clean> {
    let allowed = format!("a list of {STEP}");
    let Some(list) = field.may("steps", &allowed, None, |v| v.list().map(Some)) else {
        return Vec::new();
    };
    let steps = list.into_iter().filter_map(|value| {
        if let Some(text) = value.text() {
            let known = WORDS.iter().find(|(name, _)| *name == text);
            if known.is_none() {
                field.wrong("steps", value, STEP);
            }
            return known.map(|(_, step)| step());
        }
        field.as_table("steps", value).and_then(|table| step(&table))
    });
    steps.collect()
}

fn step(table: &Table) -> Option<Clean> {
    let pattern = |key, allowed: &str, groups: fn(usize) -> bool| {
        table.may(key, allowed, None, |v| {
            let regex = Regex::new(v.text()?).ok()?;
            groups(regex.captures_len()).then_some(Some(regex))
        })
    };
    let capture = pattern("capture", GROUPED, |count| count == 2);
    let replace = pattern("replace", "a regular expression", |_| true);
    let with = table.may("with", "a text", None, |v| v.text().map(|text| Some(text.to_string())));
    let map = map(table);
    let only = table.may("only", "true or false", false, Value::flag);
    let date = table.may("date", "a form of strftime", None, |v| line(v).map(Some));
    let salary = table.has("salary").then(|| word(table, "salary", &Part::ALL)).flatten();
    for (key, beside) in [("with", "replace"), ("only", "map")] {
        if table.has(key) && !table.has(beside) {
            table.clash(key, &format!("it goes with {beside} only"));
        }
    }
    let keys = ["capture", "replace", "map", "date", "salary"];
    let said: Vec<&'static str> = keys.into_iter().filter(|key| table.has(key)).collect();
    match said[..] {
        [] => table.missing("capture, replace, map, date or salary", STEP),
        [_] => {}
        [_, second, ..] => table.clash(second, "one of capture, replace, map, date, salary"),
    }
    table.unknown();
    let found = [
        capture.map(Clean::Capture),
        replace.map(|regex| Clean::Replace(regex, with.unwrap_or_default())),
        map.map(|pairs| Clean::Map { pairs, only }),
        date.map(Clean::Date),
        salary.map(Clean::Salary),
    ];
    found.into_iter().flatten().next()
}

fn map(step: &Table) -> Option<BTreeMap<String, String>> {
    let table = step.table("map")?;
    let pairs = table.scalars().into_iter().filter_map(|(from, to)| match to.text() {
        Some(to) => Some((from.to_string(), to.to_string())),
        None => {
            table.wrong(from, to, "a text");
            None
        }
    });
    Some(pairs.collect())
}

/// What stands between several values.
pub(super) fn joined(field: &Table) -> Option<String> {
    field.may("join", "a text", None, |v| v.text().map(|text| Some(text.to_string())))
}
