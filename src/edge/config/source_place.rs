//! Of `[samples]` and `[records]`: where the items are, what identifies them, when they happened.

use super::reader::{Table, Value};
use super::source::word;
use super::source_fetch::file;
use super::source_items::marker;
use crate::domain::name::SourceName;
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::{
    Filter, Format, IdPath, LabelSource, Marker, Place, Test, TimePath, TimeUnit,
};
use chrono_tz::Tz;
use regex_lite::Regex;

const UNIT: [(&str, TimeUnit); 5] = [
    ("s", TimeUnit::Seconds),
    ("ms", TimeUnit::Millis),
    ("us", TimeUnit::Micros),
    ("iso", TimeUnit::Iso),
    ("date", TimeUnit::Date),
];
pub(super) const PATH: &str = "a path such as properties.mag or coordinates[2]";
/// Leading elements that are no data.
const SKIP_MAX: f64 = 1000.0;

pub(super) fn place(table: &Table, format: Option<Format>) -> Option<Place> {
    let at = at(table, format);
    let skip = table.may("skip", "a whole number from 0 to 1000", 0.0, |v| {
        v.number().filter(|n| n.fract() == 0.0 && (0.0..=SKIP_MAX).contains(n))
    });
    let filters = table.tables("where").iter().filter_map(filter).collect();
    Some(Place { at: at?, skip: skip as u32, filters })
}

/// Where the items are. Rows and lines are the items of CSV and NDJSON.
fn at(table: &Table, format: Option<Format>) -> Option<Path> {
    if let Some(format @ (Format::Ndjson | Format::Csv)) = format {
        let allowed = format!(
            "@, since each {} is an item",
            match format {
                Format::Csv => "row",
                _ => "line",
            }
        );
        return table.need("at", &allowed, |v| {
            Path::parse(v.text()?).ok().filter(|path| *path == Path::default())
        });
    }
    let allowed = "a path to a list (data.stations[*]), to an object's values (rates.*), or to \
                   one object";
    table.need("at", allowed, |v| {
        let path = Path::parse(v.text()?).ok()?;
        (path.start() == Start::Here && !path.is_own()).then_some(path)
    })
}

/// A path inside an item, to one value.
pub(super) fn item_path(value: Value) -> Option<Path> {
    let path = Path::parse(value.text()?).ok()?;
    let ends = !matches!(path.steps().last(), Some(Step::Each | Step::Values));
    (ends && path.fans() <= 1).then_some(path)
}

fn filter(table: &Table) -> Option<Filter> {
    let path = table.need("path", PATH, item_path);
    let present = table.may("present", "true or false", None, |v| v.flag().map(Some));
    let value =
        |key| table.may(key, "a text, a number, true or false", None, |v| marker(v).map(Some));
    let (equals, not): (Option<Marker>, Option<Marker>) = (value("equals"), value("not"));
    let given = ["present", "equals", "not"].iter().filter(|key| table.has(key)).count();
    if given != 1 {
        table.missing("present, equals or not", "exactly one of them");
    }
    table.unknown();
    let test = present.map(Test::Present).or(equals.map(Test::Equals)).or(not.map(Test::Not));
    Some(Filter { path: path?, test: test? })
}

/// All alternatives are read, so that the faults of all are told.
pub(super) fn id(table: &Table) -> Option<Vec<IdPath>> {
    let allowed = "a path, or a list of paths to try in order; or, for measurements, series";
    let alternatives = table.need("id", allowed, |v| {
        Some(v.list().unwrap_or_else(|| vec![v])).filter(|list| !list.is_empty())
    })?;
    let ids: Vec<Option<IdPath>> = alternatives.iter().map(|v| id_path(table, *v)).collect();
    ids.into_iter().collect()
}

fn id_path(table: &Table, value: Value) -> Option<IdPath> {
    let Some(inner) = table.as_table("id", value) else {
        let path = item_path(value);
        if path.is_none() {
            table.wrong("id", value, PATH);
        }
        return Some(IdPath { path: path?, capture: None });
    };
    let path = inner.need("path", PATH, item_path);
    let capture = inner.need("capture", "a regular expression with one group", |v| {
        Regex::new(v.text()?).ok().filter(|regex| regex.captures_len() >= 2)
    });
    inner.unknown();
    Some(IdPath { path: path?, capture: Some(capture?) })
}

pub(super) fn time_path(table: &Table, key: &'static str) -> Option<TimePath> {
    let inner = table.table(key)?;
    let path = inner.need("path", PATH, item_path);
    let form = inner.may("format", "a form of strftime, such as %d.%m.%Y %H:%M", None, |v| {
        let form = v.text()?;
        let mut pieces = chrono::format::StrftimeItems::new(form);
        let good = pieces.all(|piece| piece != chrono::format::Item::Error);
        (good && form.contains('%')).then(|| Some(TimeUnit::Form(form.into())))
    });
    let unit = match form {
        Some(form) => {
            if inner.has("unit") {
                inner.clash("unit", "either unit or format");
            }
            Some(form)
        }
        None => unit(&inner),
    };
    let zone: Option<Tz> = inner.may("zone", "a time zone such as Europe/Paris", None, |v| {
        v.text()?.parse().ok().map(Some)
    });
    let civil = matches!(unit, None | Some(TimeUnit::Iso | TimeUnit::Date | TimeUnit::Form(_)));
    if zone.is_some() && !civil {
        inner.clash("zone", "only beside iso, date or format: numbers count from 1970, UTC");
    }
    inner.unknown();
    Some(TimePath { path: path?, unit: unit?, zone })
}

fn unit(table: &Table) -> Option<TimeUnit> {
    let places: Vec<(&'static str, usize)> =
        UNIT.iter().enumerate().map(|(place, (name, _))| (*name, place)).collect();
    word(table, "unit", &places).map(|place| UNIT[place].1.clone())
}

/// Names and places of series: a source of records, or a file.
pub(super) fn labels(table: &Table) -> Option<LabelSource> {
    let value = table.get("labels")?;
    if let Some(inner) = table.as_table("labels", value) {
        return Some(LabelSource::List(file(&inner)));
    }
    let name = value.text().and_then(SourceName::parse);
    if name.is_none() {
        table.wrong("labels", value, "the name of a source of records, or { file = \"...\" }");
    }
    name.map(LabelSource::Source)
}
