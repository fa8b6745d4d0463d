//! The tables of a declaration that say what its items are: `[samples]` or `[records]`,
//! `[fields.*]`, `[aggregates.*]`, `[[figures]]`.

use super::reader::{Table, Value};
use super::source_clean::{joined, steps};
use super::source_form::{form, missing};
use super::source_path::picks;
use super::source_place::{alternatives, capture, id, labels, place, time_path};
use super::source_withdrawal::withdrawal;
use super::values::{line, title, word};
use crate::domain::form::Format;
use crate::domain::name::is_field_name;
use crate::domain::path::{Path, Start, Step};
use crate::domain::source::{
    Aggregate, Condition, Fetch, Field, Identity, Items, Kind, Measure, Noun, Numbers, Operation,
    Records, Samples, Schema, Title,
};
use crate::domain::time::parse_duration;
use crate::domain::trace::Trace;

const NAME: &str = "lower case letters, digits and _, a letter first, at most 40";

pub(super) fn items(top: &Table, format: Option<&Format>) -> Option<Items> {
    let found_samples = top.table("samples").map(|table| samples(&table, format));
    let found_records = top.table("records").map(|table| records(&table, format));
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

fn samples(table: &Table, format: Option<&Format>) -> Option<Samples> {
    let place = place(table, format);
    if !table.has("series") {
        table.get("series");
        table.missing("series", &picks(format));
    }
    let series = alternatives(table, "series", format, None);
    let labels = labels(table);
    table.unknown();
    Some(Samples { place: place?, series: series?, labels })
}

fn records(table: &Table, format: Option<&Format>) -> Option<Records> {
    let place = place(table, format);
    let identity = match alternatives(table, "series", format, None) {
        Some(series) => {
            if table.has("id") {
                table.clash("id", "either id, or series and time");
            }
            if !table.has("time") {
                table.missing("time", "when it was measured: series and time are its id");
            }
            Some(Identity::Measurement(series))
        }
        None => id(table, format).map(Identity::Own),
    };
    let (time, updated) = (time_path(table, "time", format), time_path(table, "updated", format));
    let complete = table.may("complete", "true or false", false, Value::flag);
    let (labels, noun) = (labels(table), noun(table));
    let schema = table.has("schema").then(|| word(table, "schema", &Schema::ALL)).flatten();
    let withdrawal = withdrawal(table);
    table.unknown();
    Some(Records {
        place: place?,
        id: identity?,
        time,
        updated,
        complete,
        labels,
        noun,
        schema,
        withdrawal,
    })
}

/// What a record is called, one and several.
fn noun(table: &Table) -> Option<Box<Noun>> {
    let (one, many) = (title(table, "noun"), title(table, "nouns"));
    if many.is_some() && !table.has("noun") {
        table.missing("noun", "what one of them is called, beside nouns");
    }
    one.map(|one| Box::new(Noun::new(one, many)))
}

/// What fits together only as a whole: parallel arrays and the loop's item.
pub(super) fn fit(top: &Table, fetch: Option<&Fetch>, items: Option<&Items>, fields: &[Field]) {
    let (Some(fetch), Some(items)) = (fetch, items) else { return };
    let mut paths: Vec<&Path> = fields.iter().flat_map(|field| field.picks.paths()).collect();
    paths.extend(items.series().iter().flat_map(|series| series.paths()));
    if let Items::Records(records) = items {
        paths.extend(records.time.iter().chain(&records.updated).flat_map(|time| &time.paths));
    }
    paths.extend(items.place().filters.iter().map(|filter| &filter.path));
    if fetch.format.is_lines()
        && let Some(path) = paths.iter().find(|path| path.is_own())
    {
        let found = format!(
            "{path}, of parallel arrays, does not go with format = {:?}",
            fetch.format.name
        );
        top.told(&found, "allowed: parallel arrays in an object of a JSON answer");
    }
    enclosed(top, items.at(), &paths);
    let fanned = items.at().fans() > 0;
    if let Some(path) = paths.iter().find(|path| path.is_own()).filter(|_| fanned) {
        let found = format!("{path}, of parallel arrays, does not go with at = {}", items.at());
        top.told(&found, "allowed: at without [*], the object that holds the arrays");
    }
    let loops = paths.iter().any(|path| path.to_string() == "$item");
    if loops && fetch.items.is_none() {
        top.told("$item is named, but fetch.items is missing", "needed: what the loop runs over");
    }
    let keyed = paths.iter().any(|path| path.to_string() == "$key");
    if keyed && items.at().steps().last() != Some(&Step::Values) {
        let found = format!("$key is named, but at = {} leads to no object's values", items.at());
        top.told(&found, "allowed: at that ends in .*");
    }
}

/// How many elements enclose an item: what has the keys of its place, and lists in lists.
fn around(at: &[Step]) -> usize {
    let encloses = |place: usize| match at[place] {
        Step::Key(_) | Step::Values => true,
        Step::Each => place == 0 || matches!(at[place - 1], Step::Each | Step::Index(_)),
        Step::Index(_) | Step::Own | Step::Select(_) => false,
    };
    (0..at.len()).filter(|place| encloses(*place)).count()
}

/// `^` leads no further out than there are elements around an item.
fn enclosed(top: &Table, at: &Path, paths: &[&Path]) {
    // How far in the elements of a page stand, only the page tells.
    if matches!(at.steps(), [Step::Select(_)]) {
        return;
    }
    let around = around(at.steps());
    let out = |path: &&&Path| matches!(path.start(), Start::Enclosing(out) if out > around);
    if let Some(path) = paths.iter().find(out) {
        let found = format!("{path} leads further out than at = {at} has elements");
        top.told(&found, "allowed: ^. for the enclosing element, ^^. one further out; or $.");
    }
}

pub(super) fn fields(top: &Table, format: Option<&Format>, numbers: &Numbers) -> Vec<Field> {
    let Some(tables) = top.need_table("fields", "a table [fields.NAME] for each field") else {
        return Vec::new();
    };
    let fields = tables.entries().into_iter();
    fields.filter_map(|(name, table)| field(name, &table, format, numbers)).collect()
}

fn field(name: &str, table: &Table, format: Option<&Format>, numbers: &Numbers) -> Option<Field> {
    if !is_field_name(name) {
        table.bad_name(name, NAME);
    }
    if !table.has("path") {
        table.get("path");
        table.missing("path", &picks(format));
    }
    let picks = alternatives(table, "path", format, capture(table));
    let unit = table.may("unit", "a text", None, |v| line(v).map(Some));
    let mut missing = missing(table);
    let scale = table
        .may("scale", "a number other than 0", 1.0, |v| v.number().filter(|scale| *scale != 0.0));
    let offset = table.may("offset", "a number", 0.0, |v| v.number());
    let required = table.may("required", "true or false", false, Value::flag);
    let optional = table.may("optional", "true or false", false, Value::flag);
    if required && optional {
        table.clash("optional", "either required or optional");
    }
    let text = table.may("kind", "number, text", false, |v| match v.text()? {
        "number" => Some(false),
        "text" => Some(true),
        _ => None,
    });
    let measure = measure(table);
    let form = form(table, &numbers.form);
    let (steps, join) = (steps(table), joined(table));
    for key in ["resolution", "trace", "scale", "offset", "decimal", "thousands", "suffix"] {
        if text && table.has(key) {
            table.clash(key, "a field of numbers may have it, one of kind = \"text\" not");
        }
    }
    if !text {
        missing.extend(numbers.missing.iter().cloned());
    }
    let kind = if text { Kind::Text } else { Kind::Number(measure) };
    let title = title(table, "title").unwrap_or_else(|| plain(name));
    table.unknown();
    let (name, picks) = (name.into(), picks?);
    Some(Field {
        name,
        picks,
        unit,
        title,
        kind,
        missing,
        scale,
        offset,
        form,
        steps,
        join,
        required,
        optional,
    })
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

pub(super) fn numbers(fields: &[Field]) -> Vec<String> {
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
