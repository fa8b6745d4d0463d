//! Of `[samples]` and `[records]`: where the items are, what identifies them, when they happened.

use super::reader::{Table, Value};
use super::source_form::missing;
use super::source_path::{at, item, items, path, picks, told};
use super::values::{file, marker, word};
use crate::domain::extract::strftime::flaw;
use crate::domain::form::Format;
use crate::domain::name::SourceName;
use crate::domain::path::{Path, Start};
use crate::domain::source::{
    Filter, LabelSource, Marker, Pick, Picks, Place, Test, TimePath, TimeUnit,
};
use chrono_tz::Tz;
use regex_lite::Regex;

const UNIT: [(&str, TimeUnit); 6] = [
    ("s", TimeUnit::Seconds),
    ("ms", TimeUnit::Millis),
    ("us", TimeUnit::Micros),
    ("ns", TimeUnit::Nanos),
    ("iso", TimeUnit::Iso),
    ("date", TimeUnit::Date),
];
/// Leading elements that are no data.
const SKIP_MAX: f64 = 1000.0;

pub(super) fn place(table: &Table, format: Option<&Format>) -> Option<Place> {
    let at = at(table, format);
    let skip = table.may("skip", "a whole number from 0 to 1000", 0.0, |v| {
        v.number().filter(|n| n.fract() == 0.0 && (0.0..=SKIP_MAX).contains(n))
    });
    let filters = table.tables("where");
    let filters = filters.iter().filter_map(|table| filter(table, format)).collect();
    let may_be_empty = table.may("may_be_empty", "true or false", false, Value::flag);
    let may_repeat = table.may("may_repeat", "true or false", false, Value::flag);
    Some(Place { at: at?, skip: skip as u32, filters, may_be_empty, may_repeat })
}

/// Conditions on an answer, by paths from its top.
pub(super) fn conditions(table: &Table, key: &'static str, format: Option<&Format>) -> Vec<Filter> {
    let from_top = |filter: &Filter| matches!(filter.path.start(), Start::Here | Start::Top);
    let read = |inner: &Table| {
        let found = filter(inner, format);
        if let (Some(false), Some(value)) = (found.as_ref().map(from_top), inner.get("path")) {
            inner.wrong("path", value, "a path from the top of the answer");
        }
        found
    };
    table.tables(key).iter().filter_map(read).collect()
}

fn filter(table: &Table, format: Option<&Format>) -> Option<Filter> {
    let path = path(table, format, false);
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

pub(super) fn id(table: &Table, format: Option<&Format>) -> Option<Picks> {
    if !table.has("id") {
        table.get("id");
        table.missing("id", &format!("{}; or, for measurements, series", picks(format)));
    }
    alternatives(table, "id", format, None)
}

/// A path, or alternatives in order; each may be a table with a `capture` of its own. All are
/// read, so that the faults of all are told.
pub(super) fn alternatives(
    table: &Table,
    key: &'static str,
    format: Option<&Format>,
    common: Option<Regex>,
) -> Option<Picks> {
    let value = table.get(key)?;
    let list = value.list().unwrap_or_else(|| vec![value]);
    if list.is_empty() {
        table.wrong(key, value, &picks(format));
    }
    let several = key == "path" && table.has("join");
    let one = |v: &Value| pick(table, (key, *v), (format, several), common.clone());
    let found: Vec<Option<Pick>> = list.iter().map(one).collect();
    let found: Option<Vec<Pick>> = found.into_iter().collect();
    found.filter(|picks| !picks.is_empty()).map(Picks)
}

fn pick(
    table: &Table,
    (key, value): (&'static str, Value),
    (format, several): (Option<&Format>, bool),
    common: Option<Regex>,
) -> Option<Pick> {
    let Some(inner) = table.as_table(key, value) else {
        let path = told(table, key, value, items(value, format, several));
        return Some(Pick { path: path?, capture: common });
    };
    let path = path(&inner, format, several);
    let own = capture(&inner);
    inner.unknown();
    Some(Pick { path: path?, capture: own.or(common) })
}

/// A regular expression whose first group is the value.
pub(super) fn capture(table: &Table) -> Option<Regex> {
    table.may("capture", "a regular expression with one group", None, |v| {
        Regex::new(v.text()?).ok().filter(|regex| regex.captures_len() >= 2).map(Some)
    })
}

pub(super) fn time_path(
    table: &Table,
    key: &'static str,
    format: Option<&Format>,
) -> Option<TimePath> {
    let inner = table.table(key)?;
    let paths = inner.need("path", "a path, or a list of paths whose texts are joined", |v| {
        let list = v.list().unwrap_or_else(|| vec![v]);
        let paths: Option<Vec<Path>> = list.into_iter().map(|v| item(v, format).ok()).collect();
        paths.filter(|paths| !paths.is_empty())
    });
    let missing = missing(&inner);
    let form = inner.may("format", "a form of strftime, such as %d.%m.%Y %H:%M", None, |v| {
        Some(Some(TimeUnit::Form(v.text()?.into())))
    });
    if let (Some(TimeUnit::Form(form)), Some(value)) = (&form, inner.get("format"))
        && let Some(allowed) = flaw(form)
    {
        inner.wrong("format", value, allowed);
    }
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
    Some(TimePath { paths: paths?, unit: unit?, zone, missing })
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
