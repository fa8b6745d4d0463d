//! What one value of a declaration or of the settings may be: texts, words, spans, sizes, marks.

use super::reader::{Table, Value};
use crate::domain::hash::Digest;
use crate::domain::source::{List, Marker, Number, Title};
use crate::domain::time::{parse_duration, show_duration};
use std::time::Duration;

pub(super) const SECOND: Duration = Duration::from_secs(1);
/// Ten years: nothing that is collected each day refreshes more seldom, or reaches further back.
pub(super) const PERIOD_MAX: Duration = Duration::from_secs(3_660 * 86_400);

/// A text for both languages, or one for each.
pub(super) fn title(table: &Table, key: &'static str) -> Option<Title> {
    let value = table.get(key)?;
    if let Some(text) = value.text() {
        return Some(Title { en: text.into(), fr: text.into() });
    }
    let Some(inner) = table.as_table(key, value) else {
        table.wrong(key, value, "a text, or { en = \"...\", fr = \"...\" }");
        return None;
    };
    let en = inner.need("en", "a text that is not empty", line)?;
    let fr = inner.need("fr", "a text that is not empty", line)?;
    inner.unknown();
    Some(Title { en, fr })
}

/// A text that is not empty.
pub(super) fn line(value: Value) -> Option<String> {
    value.text().filter(|text| !text.trim().is_empty()).map(str::to_string)
}

/// One word of a closed list.
pub(super) fn word<T: Copy>(
    table: &Table,
    key: &'static str,
    words: &[(&'static str, T)],
) -> Option<T> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    table.need(key, &names.join(", "), |v| {
        let text = v.text()?;
        words.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
    })
}

/// Faults of keys that go with other types than `word`.
pub(super) fn only_beside(table: &Table, word: Option<&str>, own: &[(&'static str, &[&str])]) {
    for (key, types) in own {
        let fits = word.is_some_and(|word| types.contains(&word));
        if let Some(value) = table.get(key).filter(|_| !fits) {
            table.wrong(key, value, &format!("it only beside type = {}", types.join(", ")));
        }
    }
}

/// A whole number from the one to the other.
pub(super) fn whole<T: TryFrom<u64>>(value: Value, least: u64, most: u64) -> Option<T> {
    let number = value.number().filter(|x| x.fract() == 0.0 && *x >= 0.0)? as u64;
    T::try_from(number).ok().filter(|_| (least..=most).contains(&number))
}

/// A duration within two others, which belong to it.
pub(super) fn within(value: Value, least: Duration, most: Duration) -> Option<Duration> {
    parse_duration(value.text()?).filter(|span| (least..=most).contains(span))
}

/// What [`within`] takes, in words.
pub(super) fn spans(least: Duration, most: Duration, such: &str) -> String {
    let from = if least.is_zero() { "up".into() } else { format!("from {}", show_duration(least)) };
    format!("a duration {from} to {}, such as {such}", show_duration(most))
}

pub(super) fn url(value: Value) -> Option<String> {
    let parsed = url::Url::parse(value.text()?).ok()?;
    let web = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    web.then(|| value.text().map(str::to_string)).flatten()
}

/// A number of bytes: `64KiB`, `256MiB`, `1GiB`.
pub(super) fn size(value: Value) -> Option<u64> {
    let text = value.text()?;
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let shift = match &text[split..] {
        "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    text[..split].parse::<u64>().ok()?.checked_shl(shift).filter(|bytes| *bytes < 1 << 50)
}

/// A text, a number, true or false, that stands for something.
pub(super) fn marker(value: Value) -> Option<Marker> {
    let text = value.text().map(|text| Marker::Text(text.into()));
    let number = || Number::parse(&value.number_text()?).map(Marker::Number);
    text.or_else(number).or_else(|| value.flag().map(Marker::Flag))
}

/// The path of a file inside the folder of the declarations.
pub(super) fn beside(value: Value<'_>) -> Option<&str> {
    let text = value.text().filter(|text| !text.is_empty())?;
    let mut parts = std::path::Path::new(text).components();
    parts.all(|part| matches!(part, std::path::Component::Normal(_))).then_some(text)
}

/// `{ file = "lists/cities.csv", key = "id" }`: inside the folder of the declarations.
pub(super) fn file(table: &Table) -> List {
    let allowed = "the path of a .csv file beside the declarations, such as lists/cities.csv";
    let file = table.need("file", allowed, |v| {
        let text = beside(v)?;
        text.ends_with(".csv").then(|| text.to_string())
    });
    let key = table.may("key", "the name of the column of keys", "key".to_string(), line);
    table.unknown();
    let (file, content) = (file.unwrap_or_default(), Digest::of(b""));
    List::File { file, key, rows: Vec::new(), content }
}
