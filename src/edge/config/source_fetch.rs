//! The table `[fetch]`: address, headers, loop, period, form of the answer.

use super::reader::{Table, Value};
use super::source_budget::{max_fresh, quotas};
use super::source_form as form;
use super::source_pages::{self as pages, pages};
use super::source_place::conditions;
use super::source_request::{auth, headers, named, payload};
use super::source_slices::slices;
use super::source_tls::tls;
use super::source_window::windows;
use super::values::{SECOND, file, size, spans, within, word};
use crate::domain::address::is_secret_key;
use crate::domain::form::{Format, Written};
use crate::domain::limits::{BODY_DEFAULT, BODY_MOST, LOOP_ITEMS};
use crate::domain::path::Path;
use crate::domain::redact::Redaction;
use crate::domain::source::{Fetch, List, Listed, is_item_key};
use crate::domain::template::{Part, Template, is_name};
use crate::domain::time::parse_duration;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Longest time-out of a request.
const TIMEOUT_MAX: Duration = Duration::from_secs(45);

const KEY: &str = "letters, digits, dots and dashes, 1 to 64";
const URL: &str = "a URL that starts with https:// (or http://)";

pub(super) fn fetch(top: &Table, built_in: bool) -> Option<Fetch> {
    let table = top.need_table("fetch", "a table with url, every, format")?;
    let address = if built_in { Template::parse("").ok() } else { address(&table) };
    let (headers, params) = (headers(&table), named(&table, "params"));
    let format = word(&table, "format", &Format::all());
    let (payload, auth) = (payload(&table), auth(&table, format));
    let tls = tls(&table, address.as_ref());
    let items = items(&table);
    let (range, catch_up) = windows(&table);
    let allowed = "a period of whole seconds from 1m to 366d, such as 1m, 10m, 6h";
    let period = table.need("every", allowed, |v| {
        let every = parse_duration(v.text()?).filter(|d| d.subsec_nanos() == 0)?;
        (60..=366 * 86_400).contains(&every.as_secs()).then_some(every)
    });
    let (written, numbers) = form::read(&table, format);
    let is_page = format.is_some_and(|format| format.is_page);
    let robots = table.may("robots", "true or false", is_page, Value::flag);
    let (quotas, max_fresh) = (quotas(&table), max_fresh(&table));
    let fail = conditions(&table, "fail", format);
    if !fail.is_empty() {
        form::only(&table, "fail", format, |format| format.each().is_none());
    }
    let redact = redact(&table, format);
    check_redact(&table, &written, &redact);
    let allowed = spans(SECOND, TIMEOUT_MAX, "30s");
    let timeout =
        table.may("timeout", &allowed, Duration::from_secs(20), |v| within(v, SECOND, TIMEOUT_MAX));
    let max_bytes = table.may("max_bytes", "a size up to 1GiB, such as 32MiB", BODY_DEFAULT, |v| {
        size(v).filter(|bytes| (1..=BODY_MOST).contains(bytes))
    });
    let pages = pages(&table, format);
    pages.iter().for_each(|pages| pages::check_redact(&table, pages, &redact));
    let slices = slices(&table, range.as_ref(), pages.as_ref());
    let gzip_padding = table.may("gzip_padding", "true or false", false, Value::flag);
    table.unknown();
    let fetch = Fetch {
        url: address?,
        headers,
        params,
        payload,
        auth,
        tls,
        items,
        pages,
        slices,
        range,
        catch_up,
        every: period?,
        format: format?,
        written,
        numbers,
        robots,
        quotas,
        max_fresh,
        fail,
        redact,
        timeout,
        gzip_padding,
        max_bytes,
    };
    let filled = fillable(&table, &fetch);
    filled.then_some(fetch)
}

/// A template whose scheme and host are literal, so that no item chooses who is asked.
fn address(table: &Table) -> Option<Template> {
    let value = table.get("url");
    let Some((value, text)) = value.and_then(|value| Some((value, value.text()?))) else {
        return table.need("url", URL, |_| None);
    };
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') || has_literal_secret(text) {
        table.secret("url", value);
        return None;
    }
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(why) => return table.need("url", &why, |_| None),
    };
    let web = url::Url::parse(&template.sample())
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if host.contains(['{', '}']) {
        return table.need("url", "a host that is written out: templates stand after it", |_| None);
    }
    table.need("url", URL, |_| web.then_some(template))
}

fn has_literal_secret(url: &str) -> bool {
    let query = url.split_once(['?', '#']).map_or("", |(_, query)| query);
    let mut pairs = query.split(['&', ';', '#']).filter_map(|piece| piece.split_once('='));
    pairs.any(|(key, value)| is_secret_key(key) && !value.is_empty() && !value.contains("{secret:"))
}

fn items(table: &Table) -> Option<List> {
    let allowed = "a list of keys, a list of tables with a key each, or { file = \"...\" }";
    let value = table.get("items")?;
    if let Some(inner) = table.as_table("items", value) {
        return Some(file(&inner));
    }
    let Some(values) = value.list().filter(|list| (1..=LOOP_ITEMS).contains(&list.len())) else {
        table.wrong("items", value, allowed);
        return None;
    };
    let rows: Vec<Listed> = values.into_iter().filter_map(|v| item(table, v)).collect();
    let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    if keys.len() < rows.len() {
        table.wrong("items", value, "each key once");
    }
    Some(List::Here(rows))
}

fn item(table: &Table, value: Value) -> Option<Listed> {
    let good = |v: Value| v.text().filter(|text| is_item_key(text)).map(str::to_string);
    let Some(inner) = table.as_table("items", value) else {
        let key = good(value);
        if key.is_none() {
            table.wrong("items", value, KEY);
        }
        return Some(Listed::new(&key?, BTreeMap::new()));
    };
    let key = inner.need("key", KEY, good)?;
    let column = |(name, v): (&str, Value)| {
        let text = v.text().map(str::to_string).or_else(|| v.number().map(|x| x.to_string()));
        if text.is_none() || !is_name(name) {
            inner.wrong(name, v, "a text or a number under a plain name");
        }
        Some((name.to_string(), text?))
    };
    Some(Listed::new(&key, inner.scalars().into_iter().filter_map(column).collect()))
}

/// Keys are sought in the bytes, before their letters are decoded.
fn check_redact(table: &Table, written: &Written, redact: &[Redaction]) {
    let wide = written.encoding.is_some_and(|encoding| !encoding.holds_ascii());
    if wide && !redact.is_empty() {
        table.clash("redact", "only beside an encoding of one byte a letter, or UTF-8");
    }
    let coded = written.encoding.is_some_and(|encoding| !encoding.is_utf8());
    if coded && redact.iter().any(|redaction| !redaction.path.to_string().is_ascii()) {
        table.clash("redact", "only keys of ASCII letters beside this encoding");
    }
}

fn redact(table: &Table, format: Option<&Format>) -> Vec<Redaction> {
    let allowed = "a list of paths from the top of the answer, such as [\"items[*].email\"]";
    let path = |v: Value| {
        let path = Path::parse(v.text()?).ok()?;
        let plain = path.start() == crate::domain::path::Start::Here && !path.is_own();
        (plain && !path.steps().is_empty()).then_some(path)
    };
    let one = |v: Value| {
        let Some(inner) = table.as_table("redact", v) else {
            return path(v).map(|path| Redaction { path, optional: false });
        };
        let found = inner.need("path", "a path from the top of the answer", path);
        let optional = inner.may("optional", "true or false", false, Value::flag);
        inner.unknown();
        // Its fault is told already.
        Some(Redaction { path: found.unwrap_or_default(), optional })
    };
    let paths = table.may("redact", allowed, Vec::new(), |v| {
        v.list()?.into_iter().map(one).collect::<Option<Vec<Redaction>>>()
    });
    if !paths.is_empty() {
        form::only(table, "redact", format, |format| format.redact.is_some());
    }
    paths
}

/// Whether all that the templates name is declared.
fn fillable(table: &Table, fetch: &Fetch) -> bool {
    let mut good = true;
    for template in fetch.templates() {
        if template.has_range() && !table.has("range") {
            table.missing("range", "a duration: {from} and {to} are its ends");
            good = false;
        }
        for part in template.parts() {
            let Part::Column(name) = part else { continue };
            let why = match &fetch.items {
                None => format!("items: the list over which {{{name}}} runs"),
                Some(List::Here(rows)) => {
                    let lacks = |row: &&Listed| name != "item" && !row.columns.contains_key(name);
                    let Some(row) = rows.iter().find(lacks) else { continue };
                    format!("the column {name:?} in each item; {:?} has none", row.key)
                }
                Some(List::File { .. }) => continue,
            };
            table.missing(&format!("{{{name}}}"), &why);
            good = false;
        }
    }
    good
}
