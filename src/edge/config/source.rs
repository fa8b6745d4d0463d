//! A source's declaration: the table `[about]`, and the whole.

use super::reader::{Faults, Reader, Table, Value};
use super::source_fetch::fetch;
use super::source_items as items;
use crate::domain::name::SourceName;
use crate::domain::source::{About, Access, Declaration, Licence, Reuse, Source, Title, Token};
use crate::domain::time::{parse_duration, show_duration};
use std::time::Duration;

pub(super) const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
/// Ten years: nothing that is collected each day refreshes more seldom, or reaches further back.
pub(super) const PERIOD_MAX: Duration = Duration::from_secs(3_660 * 86_400);
const KEEP_MAX: Duration = Duration::from_secs(36_600 * 86_400);

/// Reads one declaration; `file` is what faults name.
pub fn source(name: &SourceName, file: &str, text: &str) -> Result<Source, Faults> {
    Reader::new(file, text).finish(|top| read(name, text, top))
}

fn read(name: &SourceName, text: &str, top: &Table) -> Option<Source> {
    let own_title = title(top, "title");
    if own_title.is_none() && !top.has("title") {
        top.missing("title", "a text, or { en = \"...\", fr = \"...\" }");
    }
    let topic = top.need("topic", "a word such as \"earth\"", |v| {
        SourceName::parse(v.text()?).map(|word| word.to_string())
    });
    let about = about(top);
    let fetch = fetch(top, name.is_journals());
    let keep = spans(DAY, KEEP_MAX, "400d");
    let keep = top.may("keep", &keep, None, |v| within(v, DAY, KEEP_MAX).map(Some));
    let found = items::items(top, fetch.as_ref().map(|f| f.format));
    let numbers = fetch.as_ref().map(|fetch| fetch.numbers.clone()).unwrap_or_default();
    let fields = items::fields(top, &numbers);
    items::fit(top, fetch.as_ref(), found.as_ref(), &fields);
    let aggregates = items::aggregates(top, &fields, found.as_ref());
    let figures = items::figures(top, &fields, &aggregates);
    Some(Source {
        name: name.clone(),
        declaration: Declaration::new(text),
        title: own_title?,
        topic: topic?,
        about: about?,
        fetch: fetch?,
        keep,
        items: found?,
        fields,
        aggregates,
        figures,
    })
}

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

/// A duration within two others, which belong to it.
pub(super) fn within(value: Value, least: Duration, most: Duration) -> Option<Duration> {
    parse_duration(value.text()?).filter(|span| (least..=most).contains(span))
}

/// What [`within`] takes, in words.
pub(super) fn spans(least: Duration, most: Duration, such: &str) -> String {
    let from = if least.is_zero() { "up".into() } else { format!("from {}", show_duration(least)) };
    format!("a duration {from} to {}, such as {such}", show_duration(most))
}

fn about(top: &Table) -> Option<About> {
    let table = top.need_table("about", "a table that says what this source is")?;
    let text = |key| table.need(key, "a text that is not empty", line);
    let (content, zone) = (text("content"), text("zone"));
    let period = spans(SECOND, PERIOD_MAX, "1m");
    let period = table.need("period", &period, |v| within(v, SECOND, PERIOD_MAX));
    let (access, token) =
        (word(&table, "access", &Access::ALL), word(&table, "token", &Token::ALL));
    let licence = licence(&table);
    let (attribution, homepage) = (text("attribution"), table.need("homepage", "a URL", url));
    table.unknown();
    Some(About {
        content: content?,
        zone: zone?,
        period: period?,
        access: access?,
        token: token?,
        licence: licence?,
        attribution: attribution?,
        homepage: homepage?,
    })
}

fn licence(about: &Table) -> Option<Licence> {
    let table =
        about.need_table("licence", "{ name = \"...\", url = \"...\", reuse = \"...\" }")?;
    let name = table.need("name", "a text that is not empty", line);
    let page = table.need("url", "a URL", url);
    let reuse = word(&table, "reuse", &Reuse::ALL);
    table.unknown();
    Some(Licence { name: name?, url: page?, reuse: reuse? })
}

pub(super) fn url(value: Value) -> Option<String> {
    let parsed = url::Url::parse(value.text()?).ok()?;
    let web = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    web.then(|| value.text().map(str::to_string)).flatten()
}
