//! The data of a line that answers, for the script that draws it.

use super::reply::{JSON, Reply, TEXT};
use super::view::View;
use crate::domain::format::Lang;
use crate::domain::screen::{Beside, LineAsk, LineTold, Means, Span};
use crate::domain::time::{Day, Instant};
use axum::http::StatusCode;
use chrono::Datelike;
use std::ops::RangeInclusive;

/// What an address asks for, by the names of its parts.
pub type Get<'a> = dyn Fn(&str) -> Option<&'a str> + 'a;

/// Years of which there may be data.
pub const YEARS: RangeInclusive<i32> = 1900..=2200;

pub fn line(view: &dyn View, get: &Get) -> Reply {
    let Some(ask) = ask(get) else {
        return refused(StatusCode::BAD_REQUEST, "source, field, series, range, compare, day\n");
    };
    match view.line(&ask) {
        Ok(Some(told)) => Reply::new(JSON, json(&told, ask.beside, lang(get))),
        Ok(None) => refused(StatusCode::NOT_FOUND, "there is no such line\n"),
        Err(error) => {
            let why = format!("{error:#}\n");
            Reply::new(TEXT, why).status(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn refused(status: StatusCode, why: &'static str) -> Reply {
    Reply::new(TEXT, why).status(status)
}

fn lang(get: &Get) -> Lang {
    if get("lang") == Some("fr") { Lang::Fr } else { Lang::En }
}

fn day(get: &Get) -> Option<Option<Day>> {
    let Some(text) = get("day") else { return Some(None) };
    text.parse().ok().filter(|day: &Day| YEARS.contains(&day.year())).map(Some)
}

fn ask(get: &Get) -> Option<LineAsk> {
    let text = |name| get(name).map(str::to_string);
    Some(LineAsk {
        source: text("source")?,
        field: text("field")?,
        series: text("series")?,
        span: get("range").map_or(Some(Span::default()), Span::parse)?,
        beside: get("compare").map_or(Some(Beside::default()), Beside::parse)?,
        day: day(get)?,
        is_named: false,
    })
}

/// Times in seconds, values beside them; nothing where the line breaks.
fn json(told: &LineTold, beside: Beside, lang: Lang) -> String {
    let name = match beside {
        Beside::DayBefore => lang.pick("the day before", "la veille"),
        Beside::WeekBefore => lang.pick("the week before", "la semaine d\u{2019}avant"),
        Beside::Nothing => "",
    };
    let before =
        told.before.as_ref().map_or("null".into(), |before| format!("{{{}}}", pairs(before)));
    format!(
        "{{\"from\":{},\"to\":{},{},\"before\":{before},\"beforeName\":\"{name}\"}}",
        seconds(told.from),
        seconds(told.to),
        pairs(&told.values),
    )
}

fn seconds(at: Instant) -> f64 {
    at.millis() as f64 / 1e3
}

fn pairs(means: &Means) -> String {
    let times = means.iter().map(|(at, _)| seconds(*at).to_string());
    let values = means.iter().map(|(_, value)| value.map_or("null".into(), short));
    let listed = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join(",");
    format!("\"times\":[{}],\"values\":[{}]", listed(&mut { times }), listed(&mut { values }))
}

/// A value as a screen needs it: twelve digits, which hold what is published.
fn short(value: f64) -> String {
    let digits = format!("{value:.11e}").parse().unwrap_or(value);
    if digits.is_finite() { digits.to_string() } else { "null".into() }
}
