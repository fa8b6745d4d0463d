//! Pages that ask for lists: series and records of one source.

use super::chosen;
use super::desk::Desk;
use super::lines::Get;
use super::pages::{records, series};
use super::view::View;
use crate::domain::screen::{ListAsk, Order, ROWS, SourceView};
use anyhow::Result;
use maud::Markup;

/// Signs that are searched for, at most.
const WORDS: usize = 80;

/// The entry in the navigation, the title and the body.
type Page = (String, String, Markup);

/// A page of a list; none where there is no such one, or it may not be shown.
pub fn body(view: &dyn View, desk: &Desk, parts: &[&str], get: &Get) -> Result<Option<Page>> {
    let (kind, name) = match parts {
        [kind, name] => (*kind, *name),
        _ => return Ok(None),
    };
    let Some(source) = desk.scene.sources.iter().find(|source| source.name == name) else {
        return Ok(None);
    };
    match kind {
        "series" => of_series(view, desk, source, get),
        "records" => of_records(view, desk, source, get),
        _ => Ok(None),
    }
}

fn ask(source: &SourceView, get: &Get) -> ListAsk {
    let clean = |text: &str| -> String {
        text.trim().chars().filter(|c| !c.is_control()).take(WORDS).collect()
    };
    let words = clean(get("q").unwrap_or_default());
    ListAsk {
        source: source.name.clone(),
        field: get("field").map(str::to_string),
        words,
        order: Order::parse(&clean(get("sort").unwrap_or_default())),
        size: ROWS,
        page: get("page").and_then(|page| page.parse().ok()).unwrap_or_default(),
        day: get("day").and_then(|day| day.parse().ok()),
        at: get("at").and_then(minutes),
    }
}

/// `18:00`, or `18h00`, as minutes of the day.
pub fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once([':', 'h'])?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn title(desk: &Desk, source: &SourceView) -> String {
    desk.said(&source.title).to_string()
}

fn of_series(view: &dyn View, desk: &Desk, source: &SourceView, get: &Get) -> Result<Option<Page>> {
    let ask = ask(source, get);
    let is_known = |field: &String| source.fields.iter().any(|known| known.name == *field);
    if !ask.field.as_ref().is_none_or(is_known) {
        return Ok(None);
    }
    let Some(list) = view.series(&ask)? else { return Ok(None) };
    let line = match (get("series"), &list.field) {
        (Some(series), Some(field)) => {
            let of = (field.as_str(), series);
            let block = chosen::block(view, (desk.scene, desk.lang()), source, of)?;
            block.map(|block| (series.to_string(), block))
        }
        _ => None,
    };
    let body = series::body(desk, &series::Told { source, ask: &ask, list: &list, line });
    Ok(Some((format!("topic/{}", source.topic), title(desk, source), body)))
}

fn of_records(
    view: &dyn View,
    desk: &Desk,
    source: &SourceView,
    get: &Get,
) -> Result<Option<Page>> {
    let ask = ask(source, get);
    let Some(list) = view.records(&ask)? else { return Ok(None) };
    let record = get("id").map(|id| view.record(&source.name, id)).transpose()?.flatten();
    let body = records::body(desk, &records::Told { source, ask: &ask, list: &list, record });
    Ok(Some(("records".into(), title(desk, source), body)))
}
