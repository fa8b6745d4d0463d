//! Paths of a declaration, as the form of its answers has them: keys and places, or selectors of
//! CSS.

use super::reader::{Table, Value};
use crate::domain::form::Format;
use crate::domain::path::{Path, Start, Step};

const KEYS: &str = "a path such as properties.mag or coordinates[2]";
const SELECTOR: &str =
    "a CSS selector, with @name behind it for an attribute, such as a.title@href";
const LISTS: &str =
    "a path to a list (data.stations[*]), to an object's values (rates.*), or to one object";
const ELEMENTS: &str = "a CSS selector of the elements that are items, or @, the page as the one";

fn is_page(format: Option<&Format>) -> bool {
    format.is_some_and(|format| format.is_page)
}

fn words(format: Option<&Format>) -> &'static str {
    if is_page(format) { SELECTOR } else { KEYS }
}

/// What a path or its alternatives are, in words.
pub(super) fn picks(format: Option<&Format>) -> String {
    let such = if is_page(format) { SELECTOR } else { "a path such as properties.mag" };
    format!("{such}, or a list of paths to try in order, with a capture or without")
}

/// A path inside an item, to one value; or what is allowed.
pub(super) fn item(value: Value, format: Option<&Format>) -> Result<Path, String> {
    items(value, format, false)
}

/// The same; where several values may stand, also to each value of a list.
pub(super) fn items(value: Value, format: Option<&Format>, several: bool) -> Result<Path, String> {
    let words = words(format);
    let text = value.text().ok_or(words)?;
    if is_page(format) {
        return Path::in_page(text).map_err(|why| format!("{words}; {why}"));
    }
    let path = Path::parse(text).map_err(|_| words)?;
    let ends = !matches!(path.steps().last(), Some(Step::Each | Step::Values));
    let is_good = several || ends && path.fans() <= 1;
    is_good.then_some(path).ok_or_else(|| words.into())
}

/// The same, of a key that stands there.
pub(super) fn told<T>(
    table: &Table,
    key: &'static str,
    value: Value,
    read: Result<T, String>,
) -> Option<T> {
    read.map_err(|allowed| table.wrong(key, value, &allowed)).ok()
}

/// The path that must stand in a table.
pub(super) fn path(table: &Table, format: Option<&Format>, several: bool) -> Option<Path> {
    match table.get("path") {
        Some(value) => told(table, "path", value, items(value, format, several)),
        None => table.need("path", words(format), |_| None),
    }
}

/// Where the items are. Rows and lines are the items of CSV and NDJSON.
pub(super) fn at(table: &Table, format: Option<&Format>) -> Option<Path> {
    if let Some(each) = format.and_then(Format::each) {
        let allowed = format!("@, since each {each} is an item");
        return table.need("at", &allowed, |v| {
            Path::parse(v.text()?).ok().filter(|path| *path == Path::default())
        });
    }
    if is_page(format)
        && let Some(value) = table.get("at")
    {
        let read = value.text().map(Path::of_elements);
        let read = read.unwrap_or_else(|| Err("something else stands there".into()));
        let read = read.map_err(|why| format!("{ELEMENTS}; {why}"));
        return told(table, "at", value, read);
    }
    table.need("at", if is_page(format) { ELEMENTS } else { LISTS }, |v| {
        let path = Path::parse(v.text()?).ok()?;
        (path.start() == Start::Here && !path.is_own()).then_some(path)
    })
}
