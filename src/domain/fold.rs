//! The fold: the items of many snapshots of one window become the rows of one commit.
//! Two folds over different snapshots join to the fold over both, in any order.

mod fits;
mod series;

use self::series::{Cell, Series, cell};
use super::extract::{Extraction, Item, Plan, Value};
use super::hash::Digest;
use super::limits::ROW_BYTES;
use super::positions::{Missing, Positions};
use super::quantile::Quantiles;
use super::record::{Fields, Record, Scalar, Version};
use super::row::{Row, Summary};
use super::source::{ALL, Aggregate, Items, Kind, Operation, Source};
use super::stats::{FieldStats, Gathering};
use super::time::{Instant, Window, from_millis};
use super::weight;
use std::collections::HashMap;
use std::sync::Arc;

/// One snapshot to fold in: when it was taken, and which of its positions nobody has counted.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub instant: Instant,
    /// By how much instants in the bytes are moved.
    pub shift: chrono::Duration,
    pub hash: Digest,
    pub want: &'a Missing,
}

/// What a fold has gathered so far.
pub struct Fold<'a> {
    plan: &'a Plan,
    window: Window,
    series: Series,
    records: HashMap<Box<str>, Record>,
    /// What the rows are reckoned to take in memory, in bytes. It only grows, and the parts of
    /// several folds come to no less than the whole.
    weight: usize,
}

/// After a snapshot was folded: what of it is still missing.
pub fn still_missing(source: &Source, extraction: &Extraction, want: &Missing) -> Missing {
    let Some(unreadable) = extraction.unreadable() else {
        return want.clone();
    };
    let mut missing = unreadable.clone();
    if !source.aggregates.is_empty() && !missing.is_empty() {
        missing.insert(extraction.length);
    }
    match Missing::of(missing) {
        Missing::All => want.clone(),
        some => want.and(&some),
    }
}

impl<'a> Fold<'a> {
    pub fn new(plan: &'a Plan, window: Window) -> Fold<'a> {
        let (series, records) = (Series::default(), HashMap::default());
        Fold { plan, window, series, records, weight: 0 }
    }

    /// What the rows are reckoned to take in memory, in bytes.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Whether each row is reckoned to fit into every store.
    pub fn rows_fit(&self) -> bool {
        self.series.heaviest <= ROW_BYTES
    }

    fn source(&self) -> &'a Source {
        self.plan.source()
    }

    /// Counts of a snapshot what is wanted and readable; returns what is still missing.
    pub fn add(&mut self, extraction: &Extraction, part: Part) -> Missing {
        let missing = still_missing(self.source(), extraction, part.want);
        if missing == *part.want {
            return missing;
        }
        for item in extraction.items().iter().filter(|i| part.want.has(i.position)) {
            self.item(extraction, item, part);
        }
        let whole = extraction.unreadable().is_some_and(Positions::is_empty);
        if whole && part.want.has(extraction.length) {
            self.aggregates(extraction, part);
        }
        missing
    }

    fn item(&mut self, extraction: &Extraction, item: &Item, part: Part) {
        match &self.source().items {
            Items::Samples(_) => self.sample(extraction, item, part),
            Items::Records(_) => self.record(extraction, item, part),
        }
    }

    fn sample(&mut self, extraction: &Extraction, item: &Item, part: Part) {
        let source = self.source();
        let key = extraction.text(item.key);
        let fresh = source.fields.iter().map(|f| cell(f.kind));
        let (cells, row, is_new) = self.series.at(item.position as usize, key, fresh);
        let mut more = if is_new { weight::of_row(source, key) } else { 0 };
        let ms = part.instant.millis();
        let offset = self.window.offset_ms(part.instant);
        let values = extraction.values(item, source.fields.len());
        for (cell, value) in cells.iter_mut().zip(values) {
            match (cell, value) {
                (Cell::Numbers(numbers), Value::Number(x)) => {
                    let bins = usize::from(numbers.add(*x, ms, offset));
                    *row += bins * weight::BIN;
                    more += bins * weight::BIN;
                }
                (Cell::Texts(texts), Value::Text(span)) => {
                    let text = extraction.text(*span);
                    let room = if texts.add(text, 1) { weight::of_text(text) } else { 0 };
                    *row += room;
                    more += room;
                }
                _ => {}
            }
        }
        let row = *row;
        self.series.heaviest = self.series.heaviest.max(row);
        self.weight += more;
    }

    fn record(&mut self, extraction: &Extraction, item: &Item, part: Part) {
        let moved = |ms| from_millis(ms).after(part.shift);
        let (source, key) = (self.source(), extraction.text(item.key));
        let version =
            Version { updated: item.updated.map(moved), instant: part.instant, hash: part.hash };
        let record = Record {
            id: key.into(),
            time: item.time.map(moved),
            version,
            first_seen: part.instant,
            last_seen: part.instant,
            values: self.fields(extraction, item),
        };
        match self.records.get_mut(key) {
            Some(known) => {
                let before = weight::of_fields(&known.values);
                known.absorb(record);
                self.weight += weight::of_fields(&known.values).saturating_sub(before);
            }
            None => {
                self.weight += weight::of_row(source, key) + weight::of_fields(&record.values);
                self.records.insert(key.into(), record);
            }
        }
    }

    fn fields(&self, extraction: &Extraction, item: &Item) -> Fields {
        let fields = &self.source().fields;
        let values = extraction.values(item, fields.len());
        let scalar = |value: &Value| match value {
            Value::Absent => None,
            Value::Number(x) => Some(Scalar::Number(*x)),
            Value::Text(span) => Some(Scalar::Text(extraction.text(*span).into())),
        };
        let pairs = fields.iter().zip(values);
        let named = pairs.filter_map(|(field, v)| Some((field.name.clone(), scalar(v)?)));
        by_name(named.collect())
    }

    fn aggregates(&mut self, extraction: &Extraction, part: Part) {
        let source = self.source();
        if source.aggregates.is_empty() {
            return;
        }
        let values: Vec<Option<f64>> =
            source.aggregates.iter().map(|a| aggregate(a, extraction, source)).collect();
        let fresh = source.aggregates.iter().map(|a| cell(Kind::Number(a.measure)));
        let (cells, ..) = self.series.at(extraction.length as usize, ALL, fresh);
        let ms = part.instant.millis();
        let offset = self.window.offset_ms(part.instant);
        for (cell, value) in cells.iter_mut().zip(values) {
            if let (Cell::Numbers(numbers), Some(value)) = (cell, value) {
                numbers.add(value, ms, offset);
            }
        }
    }

    /// Joins what another worker folded over other snapshots of the same window.
    pub fn absorb(&mut self, other: Fold) {
        self.weight += other.weight;
        self.series.absorb(other.series);
        for (key, record) in other.records {
            match self.records.get_mut(&key) {
                Some(mine) => mine.absorb(record),
                None => drop(self.records.insert(key, record)),
            }
        }
    }

    /// The rows, in order of their keys. A series without any value has no row.
    pub fn finish(self) -> Vec<Row> {
        let source = self.source();
        let own = source.fields.iter().map(|field| column(&field.name, &field.unit));
        let all = source.aggregates.iter().map(|field| column(&field.name, &field.unit));
        let (own, all) = (own.collect::<Vec<_>>(), all.collect::<Vec<_>>());
        let mut rows: Vec<Row> = self.records.into_values().map(Row::Record).collect();
        self.series.each(|key, cells| {
            let summary = summary(if key == ALL { &all } else { &own }, key, cells);
            if !summary.fields.is_empty() {
                rows.push(Row::Summary(summary));
            }
        });
        rows.sort_by(|a, b| a.key().cmp(b.key()));
        rows
    }
}

/// The name of a field and its unit, which all of its rows share.
type Column<'a> = (&'a str, Option<Arc<str>>);

fn column<'a>(name: &'a str, unit: &Option<String>) -> Column<'a> {
    (name, unit.as_deref().map(Arc::from))
}

fn summary(columns: &[Column], key: &str, cells: impl Iterator<Item = Cell>) -> Summary {
    let stats = columns.iter().zip(cells).filter_map(|((name, unit), cell)| {
        Some((name.to_string(), FieldStats { unit: unit.clone(), values: cell.finish()? }))
    });
    Summary { series: key.into(), fields: by_name(stats.collect()) }
}

fn by_name<T>(mut pairs: Vec<(String, T)>) -> Vec<(String, T)> {
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs
}

/// One aggregate over all items of a snapshot; `None` when no item has a value of its field: what
/// nobody knows is not 0. Of no items at all there are 0.
fn aggregate(aggregate: &Aggregate, extraction: &Extraction, source: &Source) -> Option<f64> {
    let fields = source.fields.len();
    let values = extraction.items().iter().filter_map(|item| {
        match extraction.values(item, fields).get(aggregate.field) {
            Some(Value::Number(x)) => Some(*x),
            _ => None,
        }
    });
    let mut gathering = Gathering::new(Quantiles::sketch(), None);
    let (mut known, mut count) = (0, 0);
    for x in values {
        known += 1;
        if aggregate.condition.is_none_or(|c| c.holds(x)) {
            count += 1;
            gathering.add(x, 0, 0);
        }
    }
    if aggregate.operation == Operation::Count {
        let none = extraction.length == 0 || source.items.place().may_be_empty;
        let empty = extraction.items().is_empty() && none;
        return (known > 0 || empty).then_some(f64::from(count));
    }
    let numbers = gathering.finish()?;
    Some(match aggregate.operation {
        Operation::Sum => numbers.sum,
        Operation::Mean => numbers.mean(),
        Operation::Min => numbers.min.value,
        Operation::Max => numbers.max.value,
        Operation::Count => f64::from(count),
    })
}
