//! What a figure is drawn from, as a table: in plain values for programs, in words for people who
//! cannot see it.

use super::table::{Cell, Table, TableColumn};
use super::{Block, Caption};
use crate::domain::document::Doc;
use crate::domain::format::{Lang, decimals_for};
use crate::domain::report::figure::{LineChart, Multiples, Point};
use crate::domain::time::{Instant, iso};
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Rows of a table in words.
pub const ROWS: usize = 200;

/// Plain values under the names of their columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Doc>>,
}

/// The values of a figure in a language; none of what has none.
pub fn data(block: &Block, lang: Lang) -> Option<Grid> {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<String>>();
    Some(match block {
        Block::Line(chart) => lines(chart),
        Block::Multiples(figure) => panels(figure),
        Block::Bars(bars) => {
            let row =
                |bar: &super::figure::Bar| vec![Doc::text(&*bar.label), Doc::Float(bar.value)];
            Grid { columns: names(&["name", "value"]), rows: bars.items.iter().map(row).collect() }
        }
        Block::Map(map) => {
            let row = |place: &super::figure::Place| {
                let numbers = [Doc::Float(place.lon), Doc::Float(place.lat)];
                [Doc::text(&*place.key), Doc::text(&*place.told)]
                    .into_iter()
                    .chain(numbers)
                    .collect()
            };
            let columns = names(&["id", "text", "lon", "lat"]);
            Grid { columns, rows: map.points.iter().map(row).collect() }
        }
        Block::Table(table) => {
            let columns = table.columns.iter().map(|column| column.title.clone()).collect();
            let value = |cell: &Cell| lang.plain(text(cell)).unwrap_or_else(|| text(cell).into());
            let row = |row: &Vec<Cell>| row.iter().map(|cell| Doc::text(value(cell))).collect();
            Grid { columns, rows: table.rows.iter().map(row).collect() }
        }
        _ => return None,
    })
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Text { text, .. } => text,
        Cell::Spark(_) => "",
    }
}

/// The values of some lines by their instants.
fn by_time(all: &[&[Point]]) -> BTreeMap<Instant, Vec<Option<f64>>> {
    let mut rows: BTreeMap<Instant, Vec<Option<f64>>> = BTreeMap::new();
    for (place, points) in all.iter().enumerate() {
        for point in points.iter().filter(|point| point.value.is_some()) {
            let row = rows.entry(point.at).or_insert_with(|| vec![None; all.len()]);
            row[place] = point.value;
        }
    }
    rows
}

fn all(chart: &LineChart) -> (Vec<&[Point]>, Vec<&str>) {
    let series = chart.series.iter().chain(&chart.comparison);
    series.map(|series| (&*series.points, &*series.label)).unzip()
}

fn lines(chart: &LineChart) -> Grid {
    let (points, labels) = all(chart);
    let name = |label: &&str| if label.is_empty() { "value".into() } else { label.to_string() };
    let columns = ["time".to_string()].into_iter().chain(labels.iter().map(name)).collect();
    let row = |(at, values): (Instant, Vec<Option<f64>>)| {
        let values = values.into_iter().map(|value| Doc::option(value, Doc::Float));
        [Doc::text(iso(at))].into_iter().chain(values).collect()
    };
    Grid { columns, rows: by_time(&points).into_iter().map(row).collect() }
}

fn panels(figure: &Multiples) -> Grid {
    let rows = figure.panels.iter().flat_map(|panel| {
        panel.points.iter().filter_map(|point| {
            let (id, name) = (Doc::text(&*panel.key), Doc::text(&*panel.title));
            Some(vec![id, name, Doc::text(iso(point.at)), Doc::Float(point.value?)])
        })
    });
    let columns = ["id", "name", "time", "value"].map(String::from).to_vec();
    Grid { columns, rows: rows.collect() }
}

/// The same in words, for who reads them one by one.
pub fn words(block: &Block, lang: Lang, zone: Tz) -> Option<Table> {
    let caption = block.caption().cloned().unwrap_or_default();
    match block {
        Block::Line(chart) => Some(line_words(chart, caption, lang, zone)),
        Block::Multiples(figure) => {
            let rows = figure.panels.iter().map(|p| [&*p.title, &*p.note]);
            let heads = lang.pick(["Name", "From, to"], ["Nom", "De, à"]);
            Some(pairs(caption, heads, rows))
        }
        Block::Bars(bars) => {
            let rows = bars.items.iter().map(|bar| [&*bar.label, &*bar.text]);
            Some(pairs(caption, lang.pick(["Name", "Value"], ["Nom", "Valeur"]), rows))
        }
        Block::Presence(presence) => {
            let rows = presence.panels.iter().map(|panel| [&*panel.name, &*panel.share]);
            Some(pairs(caption, lang.pick(["Source", "Came"], ["Source", "Reçu"]), rows))
        }
        _ => None,
    }
}

fn pairs<'a>(
    caption: Caption,
    heads: [&str; 2],
    rows: impl Iterator<Item = [&'a str; 2]>,
) -> Table {
    let columns = vec![TableColumn::left(heads[0]), TableColumn::right(heads[1])];
    let row = |row: [&str; 2]| row.map(Cell::text).to_vec();
    Table { caption, columns, rows: rows.take(ROWS).map(row).collect() }
}

fn line_words(chart: &LineChart, caption: Caption, lang: Lang, zone: Tz) -> Table {
    let (points, labels) = all(chart);
    let value = lang.pick("Value", "Valeur");
    let name = |label: &&str| TableColumn::right(if label.is_empty() { value } else { label });
    let time = TableColumn::left(lang.pick("Time", "Heure"));
    let columns = [time].into_iter().chain(labels.iter().map(name)).collect();
    let rows = by_time(&points);
    let sizes = rows.values().flatten().flatten().map(|value| value.abs());
    let size = sizes.fold(0.0, f64::max);
    // About four digits.
    let decimals =
        if size >= 1.0 { decimals_for(10f64.powf(size.log10().floor() - 3.0)) } else { 3 };
    let is_whole = rows.values().flatten().flatten().all(|value| value.fract() == 0.0);
    let decimals = if is_whole { 0 } else { decimals };
    let is_day = (chart.axis.to - chart.axis.from).num_hours() <= 25;
    let row = |(at, values): (Instant, Vec<Option<f64>>)| {
        let local = at.with_timezone(&zone).naive_local();
        let clock = lang.clock(local);
        let when = if is_day { clock } else { format!("{} {clock}", lang.day_month(local.date())) };
        let value =
            |v: Option<f64>| Cell::text(v.map_or_else(String::new, |v| lang.number(v, decimals)));
        [Cell::text(when)].into_iter().chain(values.into_iter().map(value)).collect()
    };
    // Of many points each so many is told.
    let step = rows.len().div_ceil(ROWS).max(1);
    Table { caption, columns, rows: rows.into_iter().step_by(step).map(row).collect() }
}
