//! The data for programs, below `/api/v1`: JSON, or CSV where the address ends in `.csv`. Rows come
//! some at a time; `next` of one answer is the `cursor` of the next question.

use super::lines::{Get, YEARS};
use super::lists::minutes;
use super::reply::{CSV, JSON, Reply};
use super::rows::Rows;
use super::view::View;
use crate::domain::document::Doc;
use crate::domain::format::Lang;
use crate::domain::screen::{
    Cursor, HealthRow, ListAsk, Order, ROWS_MOST, ROWS_USUAL, RowsAsk, Scene, SourceView, Table,
};
use crate::domain::source::Shown;
use crate::domain::time::{Day, Instant, iso};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use chrono::Datelike;

/// Why there is no answer.
pub struct Refusal(StatusCode, String);

type Answer<T> = Result<T, Refusal>;

fn odd(why: impl Into<String>) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, why.into())
}

fn none(what: &str) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("there is no {what}"))
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Refusal {
        let why = format!("{error:#}");
        Refusal(StatusCode::SERVICE_UNAVAILABLE, why.lines().next().unwrap_or_default().into())
    }
}

/// What each list may be asked with.
pub const PARAMETERS: [(&str, &[&str]); 6] = [
    ("sources", &["lang"]),
    ("findings", &["lang"]),
    ("health", &["lang"]),
    ("series", &["source", "field", "q", "sort", "day", "at", "limit", "cursor"]),
    ("hours", &["source", "from", "to", "series", "field", "limit", "cursor"]),
    ("records", &["source", "from", "to", "limit", "cursor"]),
];

/// Why a question is none: what is not known, or stands there twice, would pass silently.
pub fn refused(path: &str, query: &[(String, String)]) -> Option<Reply> {
    let name = path.strip_suffix(".csv").unwrap_or(path);
    let (_, known) = PARAMETERS.iter().find(|(list, _)| *list == name)?;
    let odd = query.iter().find(|(key, _)| !known.contains(&key.as_str()));
    let twice = || {
        let is_twice = |key: &str| query.iter().filter(|(other, _)| other == key).count() > 1;
        query.iter().find(|(key, _)| is_twice(key))
    };
    let why = match (odd, twice()) {
        (Some((key, _)), _) => {
            let key: String = key.chars().take(40).collect();
            format!("{key:?} is no parameter of {name}: {}", known.join(", "))
        }
        (None, Some((key, _))) => format!("{key} stands there twice"),
        (None, None) => return None,
    };
    Some(self::odd(why).reply())
}

/// What stands below `/api/v1/`, and whether it is asked for as CSV.
pub fn reply(view: &dyn View, path: &str, get: &Get) -> Reply {
    let (name, is_csv) = match path.strip_suffix(".csv") {
        Some(name) => (name, true),
        None => (path, false),
    };
    // A list as a file is all of it.
    let limit = (is_csv && name == "series").then_some(ROWS_MOST);
    match rows(view, name, get, limit) {
        Ok(rows) if is_csv => {
            let reply = Reply::new(CSV, rows.csv()).named(format!("{name}.csv"));
            match rows.next {
                Some(next) => reply.with(super::reply::NEXT, next),
                None => reply,
            }
        }
        Ok(rows) => Reply::new(JSON, rows.json()),
        Err(refusal) => refusal.reply(),
    }
}

impl Refusal {
    fn reply(self) -> Reply {
        let text = Doc::map([("error", Doc::text(self.1))]).json() + "\n";
        Reply::new(JSON, text).status(self.0)
    }
}

/// There is no list of that name.
pub fn no_list() -> Reply {
    none("such list: /api/v1/openapi.json says which there are").reply()
}

/// Too many tables are on their way.
pub fn busy() -> Reply {
    let why = "many tables are on their way: once more in a minute".into();
    Refusal(StatusCode::SERVICE_UNAVAILABLE, why).reply().with(RETRY_AFTER, "30")
}

/// What a table is called as a file.
pub fn file_name(name: &str, query: &[(String, String)]) -> String {
    let safe = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect()
    };
    let wanted = ["source", "from", "to"].into_iter();
    let given = wanted.filter_map(|key| query.iter().find(|(known, _)| known == key));
    let given: String = given.map(|(_, value)| format!("{}_", safe(value))).collect();
    format!("{given}{name}.csv")
}

/// Some rows of a table as CSV, with the names of columns or without, and where the next ones
/// begin.
pub fn part(
    view: &dyn View,
    name: &str,
    get: &Get,
    has_head: bool,
) -> Result<(Vec<u8>, Option<String>), Box<Reply>> {
    let rows =
        rows(view, name, get, Some(ROWS_MOST)).map_err(|refusal| Box::new(refusal.reply()))?;
    Ok((rows.csv_of(has_head), rows.next))
}

fn rows(view: &dyn View, name: &str, get: &Get, limit: Option<usize>) -> Answer<Rows> {
    let scene = view.now().ok_or_else(|| {
        Refusal(StatusCode::SERVICE_UNAVAILABLE, "looking for the first time".into())
    })?;
    let lang = match get("lang") {
        None => view.language(),
        Some("en") => Lang::En,
        Some("fr") => Lang::Fr,
        Some(_) => return Err(odd("lang is en or fr")),
    };
    match name {
        "sources" => Ok(sources(&scene, lang)),
        "findings" => Ok(findings(&scene, lang)),
        "health" => Ok(health(&scene)),
        "series" => series(view, &scene, get, self::limit(get, limit)?),
        "hours" => table(view, &scene, Table::Hours, get, limit),
        "records" => table(view, &scene, Table::Records, get, limit),
        _ => Err(none("such list")),
    }
}

fn at(at: Option<Instant>) -> Doc {
    Doc::option(at, |at| Doc::text(iso(at)))
}

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// What `sources` tells of each.
pub const SOURCES: [&str; 16] = [
    "name",
    "title",
    "topic",
    "content",
    "licence",
    "licence_url",
    "attribution",
    "homepage",
    "access",
    "period",
    "every_seconds",
    "last",
    "state",
    "shown",
    "kind",
    "fields",
];

fn sources(scene: &Scene, lang: Lang) -> Rows {
    let row = |source: &SourceView| {
        let card = source.card.get(lang);
        let fields: Vec<String> = source
            .fields
            .iter()
            .map(|field| match field.unit.as_str() {
                "" => field.name.clone(),
                unit => format!("{} ({unit})", field.name),
            })
            .collect();
        let shown = match source.shown {
            Shown::Each => "each",
            Shown::Together => "together",
            Shown::Nothing => "nothing",
        };
        vec![
            Doc::text(&*source.name),
            Doc::text(lang.pick(&*source.title.en, &*source.title.fr)),
            Doc::text(&*source.topic),
            Doc::text(&*card.content),
            Doc::text(&*card.licence),
            Doc::option(card.licence_url.as_deref(), Doc::text),
            Doc::text(&*card.attribution),
            Doc::text(&*card.homepage),
            Doc::text(&*card.access),
            Doc::text(&*card.period),
            Doc::Int(i64::try_from(source.every.as_secs()).unwrap_or(i64::MAX)),
            at(source.last),
            Doc::text(format!("{:?}", source.pulse).to_lowercase()),
            Doc::text(shown),
            Doc::text(if source.has_series { "series" } else { "records" }),
            Doc::text(fields.join(", ")),
        ]
    };
    Rows { columns: named(&SOURCES), rows: scene.sources.iter().map(row).collect(), next: None }
}

/// What `findings` tells of each.
pub const FINDINGS: [&str; 7] = ["source", "field", "direction", "name", "text", "value", "change"];

fn findings(scene: &Scene, lang: Lang) -> Rows {
    let rows = scene.findings.get(lang).iter().map(|finding| {
        let direction = format!("{:?}", finding.row.direction).to_lowercase();
        let texts = [&finding.row.name, &finding.row.text, &finding.row.value];
        let head = [&finding.origin.source, &finding.origin.field, &direction];
        let words = head.into_iter().chain(texts).map(|text| Doc::text(&**text));
        words.chain([Doc::option(finding.change, Doc::Float)]).collect()
    });
    Rows { columns: named(&FINDINGS), rows: rows.collect(), next: None }
}

/// What `health` tells of each source.
pub const HEALTH: [&str; 11] = [
    "source",
    "last",
    "outcome",
    "error",
    "next_at",
    "waiting",
    "quarantined",
    "summarised_to",
    "notes",
    "median_seconds",
    "slowest_seconds",
];

fn health(scene: &Scene) -> Rows {
    let count = |n: u64| Doc::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let seconds = |took: Option<u32>| Doc::option(took, |ms| Doc::Float(f64::from(ms) / 1_000.0));
    let row = |row: &HealthRow| {
        vec![
            Doc::text(&*row.source),
            at(row.last.as_ref().map(|(at, _)| *at)),
            Doc::option(row.last.as_ref(), |(_, words)| Doc::text(&**words)),
            Doc::option(row.error.as_deref(), Doc::text),
            at(row.next),
            count(row.waiting),
            count(row.quarantined),
            at(row.closed_through),
            Doc::text(row.notes.join("; ")),
            seconds(row.latency.map(|(median, _)| median)),
            seconds(row.latency.map(|(_, most)| most)),
        ]
    };
    Rows { columns: named(&HEALTH), rows: scene.health.rows.iter().map(row).collect(), next: None }
}

/// What `series` tells of each.
pub const SERIES: [&str; 8] = ["series", "name", "field", "last", "last_at", "min", "mean", "max"];

fn series(view: &dyn View, scene: &Scene, get: &Get, size: usize) -> Answer<Rows> {
    let source = source(scene, get)?;
    let page: usize = match get("cursor") {
        None => 0,
        Some(text) => text.parse().map_err(|_| odd("cursor is that of an answer before"))?,
    };
    let ask = ListAsk {
        source: source.name.clone(),
        field: get("field").map(str::to_string),
        words: get("q").unwrap_or_default().into(),
        order: Order::parse(get("sort").unwrap_or_default()),
        page,
        size,
        day: day(get, "day")?,
        at: get("at").map(|text| minutes(text).ok_or_else(|| odd("at is 18:00"))).transpose()?,
    };
    check(source, &ask)?;
    let told = view
        .series(&ask)?
        .ok_or_else(|| none("such source of series, or its terms keep it here"))?;
    let field = told.field.clone().unwrap_or_default();
    let row = |row: &crate::domain::screen::SeriesRow| {
        let value = Doc::option(row.value, Doc::Float);
        let texts = [&row.key, &row.name, &field].map(|text| Doc::text(&**text));
        let numbers = [row.min, row.mean, row.max].map(Doc::Float);
        texts.into_iter().chain([value, at(row.at)]).chain(numbers).collect()
    };
    let is_more = page.saturating_add(1).saturating_mul(size) < told.found;
    Ok(Rows {
        columns: named(&SERIES),
        rows: told.rows.iter().map(row).collect(),
        next: is_more.then(|| (page + 1).to_string()),
    })
}

/// A field and an order that are none would pass silently.
fn check(source: &SourceView, ask: &ListAsk) -> Answer<()> {
    let is_known = |asked: &str| source.fields.iter().any(|known| known.name == asked);
    if let Some(odd) = ask.field.as_deref().filter(|field| !is_known(field)) {
        let odd: String = odd.chars().take(40).collect();
        return Err(none(&format!("field {odd:?} of {}: /api/v1/sources lists them", source.name)));
    }
    if !["", "name", "value", "min", "mean", "max"].contains(&ask.order.by.as_str()) {
        return Err(odd("sort is name, value, min, mean or max; -value from the top"));
    }
    Ok(())
}

fn source<'a>(scene: &'a Scene, get: &Get) -> Answer<&'a SourceView> {
    let name = get("source").ok_or_else(|| odd("source is missing: /api/v1/sources lists them"))?;
    scene
        .sources
        .iter()
        .find(|source| source.name == name)
        .ok_or_else(|| none("such source, or its terms keep it here"))
}

fn day(get: &Get, name: &str) -> Answer<Option<Day>> {
    let parse = |text: &str| text.parse().map_err(|_| odd(format!("{name} is a day: 2026-11-21")));
    let day: Option<Day> = get(name).map(parse).transpose()?;
    match day.is_some_and(|day| name == "day" && !YEARS.contains(&day.year())) {
        true => Err(none("such day")),
        false => Ok(day),
    }
}

/// How many rows: as many as are wanted, else as many as are usual.
fn limit(get: &Get, usual: Option<usize>) -> Answer<usize> {
    let Some(text) = get("limit") else { return Ok(usual.unwrap_or(ROWS_USUAL)) };
    let limit = text.parse().ok().filter(|limit| (1..=ROWS_MOST).contains(limit));
    limit.ok_or_else(|| odd(format!("limit is a number from 1 to {ROWS_MOST}")))
}

/// The days between two, whichever is named first; one alone reaches to the last day, or is that
/// day where only the end is named.
fn span(last: Day, from: Option<Day>, to: Option<Day>) -> (Day, Day) {
    let to = to.unwrap_or_else(|| from.map_or(last, |from| from.max(last)));
    let from = from.unwrap_or(to);
    (from.min(to), from.max(to))
}

fn table(
    view: &dyn View,
    scene: &Scene,
    which: Table,
    get: &Get,
    limit: Option<usize>,
) -> Answer<Rows> {
    let source = source(scene, get)?;
    let (mut from, to) = span(scene.period.day, day(get, "from")?, day(get, "to")?);
    let limit = self::limit(get, limit)?;
    let missing = || none("such cursor: it is `next` of the answer before");
    let cursor = get("cursor").map(|text| Cursor::parse(text).ok_or_else(missing));
    let cursor = cursor.transpose()?;
    // A new day may have begun since the answer before.
    if let (Some(cursor), None) = (&cursor, get("from")) {
        from = from.min(cursor.day);
    }
    let ask = RowsAsk {
        source: source.name.clone(),
        which,
        from,
        to,
        series: get("series").map(str::to_string),
        field: get("field").map(str::to_string),
        cursor,
        limit,
    };
    let told = view
        .rows(&ask)?
        .ok_or_else(|| none("such table of this source, or its terms keep it here"))?;
    Ok(Rows::of(told))
}
