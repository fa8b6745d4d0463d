//! The fold: the items of many snapshots of one window become the rows of one commit.
//! Two folds over different snapshots join to the fold over both, in any order.

mod fits;
mod over;
mod series;

pub use self::over::Over;

use self::series::{Cell, Series, cell};
use super::extract::{Extraction, Item, Plan, Value};
use super::hash::Digest;
use super::limits::ROW_BYTES;
use super::positions::{Missing, Positions};
use super::record::{Fields, Record, Scalar, Version};
use super::row::{Row, Summary};
use super::source::{ALL, Items, Kind, Source};
use super::stats::FieldStats;
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
    let without = source.aggregates.is_empty() || unreadable.is_empty();
    left(unreadable, (!without).then_some(extraction.length), want)
}

/// The same of a page, while the aggregates over its set are not counted.
pub fn still_missing_of_page(extraction: &Extraction, want: &Missing) -> Missing {
    match extraction.unreadable() {
        Some(unreadable) => left(unreadable, Some(extraction.length), want),
        None => want.clone(),
    }
}

/// What is left of the wanted positions; `more` is one beyond those that cannot be read.
fn left(unreadable: &Positions, more: Option<u32>, want: &Missing) -> Missing {
    let mut missing = unreadable.clone();
    more.into_iter().for_each(|position| missing.insert(position));
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
        if whole && part.want.has(extraction.length) && !self.source().aggregates.is_empty() {
            let mut over = Over::new(self.source());
            over.take(extraction);
            self.close(over, extraction.length, part.instant);
        }
        missing
    }

    /// Counts of a page what is wanted and readable of its items; returns what is still missing,
    /// the aggregates over its set among them.
    pub fn add_page(&mut self, extraction: &Extraction, part: Part) -> Missing {
        let missing = still_missing_of_page(extraction, part.want);
        if missing != *part.want {
            let wanted = extraction.items().iter().filter(|i| part.want.has(i.position));
            wanted.for_each(|item| self.item(extraction, item, part));
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

    /// Counts the aggregates of an answer, or of a set of pages, of this instant; `place` is their
    /// position in the last page.
    pub fn close(&mut self, over: Over, place: u32, instant: Instant) {
        let fresh = self.source().aggregates.iter().map(|a| cell(Kind::Number(a.measure)));
        let (cells, ..) = self.series.at(place as usize, ALL, fresh);
        let (ms, offset) = (instant.millis(), self.window.offset_ms(instant));
        for (cell, value) in cells.iter_mut().zip(over.values()) {
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
