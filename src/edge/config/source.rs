//! A source's declaration: the table `[about]`, and the whole.

use super::reader::{Faults, Reader, Table, Value};
use super::source_fetch::fetch;
use super::source_items as items;
use crate::domain::name::SourceName;
use crate::domain::source::{About, Access, Declaration, Licence, Reuse, Source, Title, Token};
use crate::domain::time::parse_duration;
use std::time::Duration;

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
    let keep = top.may("keep", "a duration of at least 1d, such as 400d", None, |v| {
        every(v).filter(|keep| *keep >= Duration::from_secs(86_400)).map(Some)
    });
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

pub(super) fn every(value: Value) -> Option<Duration> {
    parse_duration(value.text()?).filter(|d| *d >= Duration::from_secs(1))
}

fn about(top: &Table) -> Option<About> {
    let table = top.need_table("about", "a table that says what this source is")?;
    let text = |key| table.need(key, "a text that is not empty", line);
    let (content, zone) = (text("content"), text("zone"));
    let period = table.need("period", "how often the publisher refreshes, such as 1m", every);
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
