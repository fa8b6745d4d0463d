//! Records of a period, column by column: those of months are held at once, so that each costs
//! little more than its id and its values.

use super::record::{Record, Scalar};
use super::time::Instant;
use std::collections::BTreeMap;

/// The id, the own time and the values of records; their versions and sightings are not kept.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    ids: Strings,
    times: Vec<Option<Instant>>,
    texts: Strings,
    /// By the names of fields; what is beyond a column's end is absent.
    columns: BTreeMap<String, Vec<Cell>>,
    order: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Absent,
    Number(f64),
    /// The place of a text.
    Text(usize),
}

/// One record of a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    sheet: &'a Sheet,
    at: usize,
}

impl Sheet {
    /// Takes a record in; of each id there is one.
    pub fn enter(&mut self, record: &Record) {
        let at = self.times.len();
        self.order.push(at);
        self.ids.push(&record.id);
        self.times.push(record.time);
        for (name, value) in &record.values {
            let cell = match value {
                Scalar::Number(number) => Cell::Number(*number),
                Scalar::Text(text) => Cell::Text(self.texts.push(text)),
            };
            let column = match self.columns.get_mut(name) {
                Some(column) => column,
                None => self.columns.entry(name.clone()).or_default(),
            };
            // Of a field that stands there twice the first counts, as it does in a record.
            if column.len() <= at {
                column.resize(at, Cell::Absent);
                column.push(cell);
            }
        }
    }

    /// The same, in order of the ids; no more will be entered.
    pub fn sorted(mut self) -> Sheet {
        self.ids.fit();
        self.texts.fit();
        self.times.shrink_to_fit();
        self.columns.values_mut().for_each(Vec::shrink_to_fit);
        let ids = &self.ids;
        self.order.sort_by(|a, b| ids.get(*a).cmp(ids.get(*b)));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.order.iter().map(|at| Line { sheet: self, at: *at })
    }
}

impl<'a> Line<'a> {
    pub fn id(self) -> &'a str {
        self.sheet.ids.get(self.at)
    }

    /// The record's own time, if its source declares one.
    pub fn time(self) -> Option<Instant> {
        self.sheet.times.get(self.at).copied().flatten()
    }

    pub fn number(self, field: &str) -> Option<f64> {
        match self.cell(field) {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn text(self, field: &str) -> Option<&'a str> {
        match self.cell(field) {
            Cell::Text(at) => Some(self.sheet.texts.get(at)),
            _ => None,
        }
    }

    fn cell(self, field: &str) -> Cell {
        let column = self.sheet.columns.get(field);
        column.and_then(|column| column.get(self.at)).copied().unwrap_or(Cell::Absent)
    }
}

/// Texts in a row, each by its place.
#[derive(Clone, Debug, Default)]
struct Strings {
    all: String,
    ends: Vec<usize>,
}

impl Strings {
    fn push(&mut self, text: &str) -> usize {
        self.all.push_str(text);
        self.ends.push(self.all.len());
        self.ends.len() - 1
    }

    fn fit(&mut self) {
        self.all.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    fn get(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).copied();
        let start = at.checked_sub(1).and_then(end).unwrap_or(0);
        end(at).and_then(|end| self.all.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hash::Digest;
    use crate::domain::record::Version;
    use proptest::prelude::*;

    fn record(id: &str, time: Option<i64>, values: Vec<(String, Scalar)>) -> Record {
        let seen = Instant::EPOCH;
        let version = Version { updated: None, instant: seen, hash: Digest::of(b"") };
        let time = time.map(crate::domain::time::from_millis);
        Record { id: id.into(), time, version, first_seen: seen, last_seen: seen, values }
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![(-9.0..9.0).prop_map(Scalar::Number), "\\PC{0,3}".prop_map(Scalar::Text),]
    }

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let values = proptest::collection::btree_map("[a-c]", scalar(), 0..3);
        let parts = (proptest::option::of(-9i64..9), values);
        let all = proptest::collection::btree_map("\\PC{0,3}", parts, 0..9);
        let record = |(id, (time, values)): (String, (_, BTreeMap<String, Scalar>))| {
            record(&id, time, values.into_iter().collect())
        };
        let all = all.prop_map(move |all| all.into_iter().map(record).collect::<Vec<_>>());
        all.prop_shuffle()
    }

    proptest! {
        #[test]
        fn what_is_entered_is_found_in_order(
            mut records in records(),
        ) {
            let mut sheet = Sheet::default();
            records.iter().for_each(|record| sheet.enter(record));
            let sheet = sheet.sorted();
            records.sort_by(|a, b| a.id.cmp(&b.id));
            prop_assert_eq!(sheet.lines().count(), records.len());
            for (line, record) in sheet.lines().zip(&records) {
                prop_assert_eq!((line.id(), line.time()), (&*record.id, record.time));
                for field in ["a", "b", "c"] {
                    prop_assert_eq!(line.number(field), record.number(field));
                    prop_assert_eq!(line.text(field), record.text(field));
                }
            }
        }
    }
}
