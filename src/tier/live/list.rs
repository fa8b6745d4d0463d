//! The series of a source on a day, and its records, some at a time.

use super::scene::Stage;
use super::whole::Whole;
use crate::domain::digest::Period;
use crate::domain::hours::{Hours, nearest};
use crate::domain::measurements;
use crate::domain::record::Record;
use crate::domain::report::figure::{Point, Sparkline};
use crate::domain::row::Summary;
use crate::domain::screen::{ListAsk, ListTold, Order, RecordTold, SeriesRow, page, plain};
use crate::domain::source::{Items, Kind, Shown, Source};
use crate::domain::time::{Instant, Window, at_clock};
use crate::edge::store::{Reader, Stored, Which};
use crate::tier::labels::labels;
use crate::tier::past::{self, Known, Past};
use crate::tier::view;
use anyhow::Result;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A source, as it was in a period.
fn known(past: &Past, name: &str, period: &Period) -> Result<Option<Known>> {
    let found = past.named(name).filter(|known| known.source.shown() == Shown::Each);
    found.map(|known| past.then(known, period)).transpose()
}

/// All series of a source on a day, by a field.
#[derive(Debug)]
pub struct Listed {
    field: String,
    /// Each with its name as it is compared.
    rows: Vec<(String, SeriesRow)>,
}

/// A series that was found, with its name as it is compared.
type Found<'a> = (&'a str, SeriesRow);

/// Reads them; none of a source that has none, or of which no single one may be shown.
pub fn listed(
    stage: &Stage,
    whole: &Whole,
    sources: &[Source],
    (name, field): (&str, Option<&str>),
    period: &Period,
) -> Result<Option<Listed>> {
    let past = Past::new(&stage.spool, whole, sources)?;
    let Some(known) = known(&past, name, period)? else { return Ok(None) };
    let source = &known.source;
    let numbers = source.fields.iter().filter(|field| field.kind != Kind::Text);
    let mut names = numbers.map(|field| field.name.as_str());
    let asked = field.filter(|asked| source.described(asked).is_some());
    let Some(field) = asked.or_else(|| names.next()) else { return Ok(None) };
    let hours = hours(whole, &known, &period.times(), &period.windows())?;
    let labels = labels(whole, source, past.all(), period)?;
    let name =
        |key: &str| labels.get(key).and_then(|l| l.name.clone()).unwrap_or_else(|| key.into());
    let rows = hours.own_series().filter_map(|key| row(&hours, key, field, name(key), period));
    let rows = rows.map(|row| (plain(&row.name), row)).collect();
    Ok(Some(Listed { rows, field: field.into() }))
}

impl Listed {
    /// Those that are asked for.
    pub fn told(&self, ask: &ListAsk, period: &Period) -> ListTold<SeriesRow> {
        let words = plain(&ask.words);
        let at = ask.at.map(|minutes| at_clock(period.day, minutes, period.zone));
        let has = |plain: &str, row: &SeriesRow| plain.contains(&words) || row.key == ask.words;
        let found = self.rows.iter().filter(|(plain, row)| has(plain, row));
        let mut found: Vec<Found> = found
            .map(|(plain, row)| (plain.as_str(), at.map_or(row.clone(), |at| then(row, at))))
            .collect();
        let order = order(ask, "name");
        found.sort_by(|a, b| compared(a, b, &order));
        let first = found.first().and_then(|(_, first)| number(first, &order.by));
        let is_first = |(_, row): &&Found| first.is_some() && number(row, &order.by) == first;
        let (ties, count) = (found.iter().take_while(is_first).count(), found.len());
        let rows = page(found.into_iter().map(|(_, row)| row), ask);
        let (all, field) = (self.rows.len(), Some(self.field.clone()));
        ListTold { rows, found: count, all, ties, order, field }
    }
}

/// A series with its value near an instant, in place of its last one.
fn then(row: &SeriesRow, at: Option<Instant>) -> SeriesRow {
    let near = at.and_then(|at| nearest(&row.spark.points, at, |point| point.at));
    let value = near.and_then(|point| point.value);
    SeriesRow { value, at: near.map(|point| point.at), ..row.clone() }
}

/// The statistics of all series of a source, of the unit that the latest value has; of
/// measurements, by their own times.
fn hours(
    whole: &Whole,
    known: &Known,
    times: &Range<Instant>,
    windows: &Range<Window>,
) -> Result<Hours> {
    let source = &known.source;
    if source.items.series().is_some() && matches!(source.items, Items::Records(_)) {
        let winners = past::records(whole, known, times, windows)?;
        return Ok(measurements::hours(&source.fields, &winners, windows));
    }
    let fit = |summary: Summary| Some(summary.without_quantiles());
    let mut hours = past::hours(whole, source, windows, &fit)?;
    hours.settle_units();
    Ok(hours)
}

/// What a series is called.
pub fn name(
    whole: &Whole,
    past: &Past,
    source: &Source,
    series: &str,
    period: &Period,
) -> Result<String> {
    let labels = labels(whole, source, past.all(), period)?;
    Ok(labels.get(series).and_then(|label| label.name.clone()).unwrap_or_else(|| series.into()))
}

fn order(ask: &ListAsk, usual: &str) -> Order {
    match ask.order.by.is_empty() {
        true => Order { by: usual.into(), is_down: false },
        false => ask.order.clone(),
    }
}

fn row(hours: &Hours, key: &str, field: &str, name: String, period: &Period) -> Option<SeriesRow> {
    let plain = hours.plain(key, field)?;
    let means = hours.means(key, field);
    let last = hours.numbers(key, field).last().map(|(_, numbers)| numbers.last);
    let points = means.iter().map(|mean| Point::new(mean.at, mean.value)).collect();
    Some(SeriesRow {
        key: key.into(),
        name,
        value: last.map(|last| last.value),
        at: last.map(|last| last.at),
        min: plain.min,
        mean: plain.mean(),
        max: plain.max,
        spark: Sparkline { from: period.from, to: period.to, points, band: None },
    })
}

/// The number of a column.
fn number(row: &SeriesRow, by: &str) -> Option<f64> {
    match by {
        "value" => row.value,
        "min" => Some(row.min),
        "mean" => Some(row.mean),
        "max" => Some(row.max),
        _ => None,
    }
}

/// What is absent stands last, whichever way.
fn compared(a: &Found, b: &Found, order: &Order) -> Ordering {
    let way = |ordering: Ordering| if order.is_down { ordering.reverse() } else { ordering };
    // What has no name but its key stands behind what has one.
    let named = |(plain, row): &Found| (row.name == row.key, plain.to_string());
    let by_name = || named(a).cmp(&named(b)).then_with(|| a.1.key.cmp(&b.1.key));
    match (number(&a.1, &order.by), number(&b.1, &order.by)) {
        (Some(x), Some(y)) => way(x.total_cmp(&y)).then_with(by_name),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => way(by_name()),
    }
}

/// The records of a source of a day: by their own time, else those that its answers held.
pub fn records(
    stage: &Stage,
    whole: &Whole,
    sources: &[Source],
    ask: &ListAsk,
    period: &Period,
) -> Result<Option<ListTold<Record>>> {
    let past = Past::new(&stage.spool, whole, sources)?;
    let Some(known) = known(&past, &ask.source, period)? else { return Ok(None) };
    let found = past::records(whole, &known, &period.times(), &period.windows())?;
    let own = |record: &Record| record.time.is_none_or(|time| period.contains(time));
    let records: Vec<Record> = found.records.into_values().filter(own).collect();
    let all = records.len();
    let words = plain(&ask.words);
    let has = |record: &Record| {
        let texts = record.values.iter().filter_map(|(_, value)| value.text());
        words.is_empty()
            || record.id == ask.words
            || texts.into_iter().any(|text| plain(text).contains(&words))
    };
    let mut found: Vec<Record> = records.into_iter().filter(has).collect();
    let mut order = order(ask, "time");
    order.is_down |= ask.order.by.is_empty();
    found.sort_by(|a, b| records_compared(a, b, &order));
    let count = found.len();
    let rows = page(found.into_iter(), ask).into_iter().map(|record| bare(record, &known.source));
    Ok(Some(ListTold { rows: rows.collect(), found: count, all, ties: 0, order, field: None }))
}

/// Without what may be withdrawn: a page that was read cannot be.
fn bare(mut record: Record, source: &Source) -> Record {
    record.values.retain(|(name, _)| !source.may_withdraw(name));
    record
}

fn records_compared(a: &Record, b: &Record, order: &Order) -> Ordering {
    let way = |ordering: Ordering| if order.is_down { ordering.reverse() } else { ordering };
    let by = order.by.as_str();
    let ordered = match by {
        "time" => way(a.time.cmp(&b.time)),
        "id" => way(a.id.cmp(&b.id)),
        "seen" => way(a.last_seen.cmp(&b.last_seen)),
        _ => match (a.number(by), b.number(by)) {
            (Some(x), Some(y)) => way(x.total_cmp(&y)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => match (a.text(by).map(plain), b.text(by).map(plain)) {
                (Some(x), Some(y)) => way(x.cmp(&y)),
                (x, y) => y.is_some().cmp(&x.is_some()),
            },
        },
    };
    ordered.then_with(|| a.id.cmp(&b.id))
}

/// A record and all of its versions that count.
pub fn record(
    stage: &Stage,
    whole: &Whole,
    sources: &[Source],
    (name, id): (&str, &str),
    period: &Period,
) -> Result<Option<RecordTold>> {
    let past = Past::new(&stage.spool, whole, sources)?;
    let Some(known) = known(&past, name, period)? else { return Ok(None) };
    let (ids, source) = ([id.to_string()], &known.source);
    let mut told = RecordTold::default();
    for name in source.names() {
        let holders = whole.holders(&name, Which::Named(&ids))?;
        let live = live(whole, &name, &holders)?;
        let mut enter = |stored: Stored| {
            if let Some(record) = stored.row.ok().and_then(|row| row.record().ok())
                && live.contains(&stored.commit)
            {
                let record = bare(record, source);
                match &mut told.record {
                    Some(known) => known.absorb(record.clone()),
                    none => *none = Some(record.clone()),
                }
                told.versions.push(record);
            }
        };
        whole.versions(&name, Which::Named(&ids), &mut enter)?;
    }
    told.versions.sort_by_key(|record| std::cmp::Reverse(record.version));
    // What was seen again with the same values is one version, from its first sighting on.
    told.versions.dedup_by(|later, known| {
        let is_same = later.values == known.values && later.time == known.time;
        if is_same {
            known.first_seen = known.first_seen.min(later.first_seen);
            known.version = later.version;
        }
        is_same
    });
    Ok(told.record.is_some().then_some(told))
}

fn live(
    whole: &Whole,
    name: &crate::domain::name::SourceName,
    holders: &BTreeMap<String, Window>,
) -> Result<BTreeSet<String>> {
    let entries = view::of_commits(whole, name, holders)?;
    Ok(entries.into_iter().map(|entry| entry.commit).collect())
}
