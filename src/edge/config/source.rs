//! A source's declaration: the tables `[about]` and `[fetch]`, and the whole.

use super::reader::{Faults, Reader, Table, Value};
use super::settings::size;
use super::source_items as items;
use crate::domain::name::SourceName;
use crate::domain::source::{
    About, Access, Declaration, Fetch, Format, Licence, Reuse, Source, Title, Token,
};
use crate::domain::time::{parse_duration, show_duration};
use std::time::Duration;

/// Longest time-out of a request.
const TIMEOUT_MAX: Duration = Duration::from_secs(45);
/// Cap on a body unless the declaration says otherwise, and the largest it may say.
const BYTES_DEFAULT: u64 = 32 << 20;
const BYTES_MAX: u64 = 1 << 30;

const ACCESS: [(&str, Access); 5] = [
    ("api", Access::Api),
    ("download", Access::Download),
    ("scrape", Access::Scrape),
    ("database", Access::Database),
    ("file", Access::File),
];
const TOKEN: [(&str, Token); 3] =
    [("none", Token::None), ("optional", Token::Optional), ("required", Token::Required)];
const REUSE: [(&str, Reuse); 4] = [
    ("free", Reuse::Free),
    ("conditions", Reuse::Conditions),
    ("forbidden", Reuse::Forbidden),
    ("unknown", Reuse::Unknown),
];
const FORMAT: [(&str, Format); 2] = [("json", Format::Json), ("ndjson", Format::Ndjson)];

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
    let found = items::items(top);
    let fields = items::fields(top, fetch.as_ref().map(|f| f.format));
    let aggregates = items::aggregates(top, &fields, found.as_ref());
    let figures = items::figures(top, &fields, &aggregates);
    Some(Source {
        name: name.clone(),
        declaration: Declaration::new(text),
        title: own_title?,
        topic: topic?,
        about: about?,
        fetch: fetch?,
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
    let (access, token) = (word(&table, "access", &ACCESS), word(&table, "token", &TOKEN));
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
    let reuse = word(&table, "reuse", &REUSE);
    table.unknown();
    Some(Licence { name: name?, url: page?, reuse: reuse? })
}

fn url(value: Value) -> Option<String> {
    let parsed = url::Url::parse(value.text()?).ok()?;
    let web = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    web.then(|| value.text().map(str::to_string)).flatten()
}

fn fetch(top: &Table, built_in: bool) -> Option<Fetch> {
    let table = top.need_table("fetch", "a table with url, every, format")?;
    let address = if built_in {
        Some(String::new())
    } else {
        table.need("url", "a URL that starts with https:// (or http://)", url)
    };
    let allowed = "a period of whole seconds from 1m to 366d, such as 1m, 10m, 6h";
    let period = table.need("every", allowed, |v| {
        let every = parse_duration(v.text()?).filter(|d| d.subsec_nanos() == 0)?;
        (60..=366 * 86_400).contains(&every.as_secs()).then_some(every)
    });
    let format = word(&table, "format", &FORMAT);
    let allowed = format!("a duration up to {}", show_duration(TIMEOUT_MAX));
    let timeout = table.may("timeout", &allowed, Duration::from_secs(20), |v| {
        every(v).filter(|d| *d <= TIMEOUT_MAX)
    });
    let max_bytes =
        table.may("max_bytes", "a size up to 1GiB, such as 32MiB", BYTES_DEFAULT, |v| {
            size(v).filter(|bytes| (1..=BYTES_MAX).contains(bytes))
        });
    table.unknown();
    Some(Fetch { url: address?, every: period?, format: format?, timeout, max_bytes })
}
