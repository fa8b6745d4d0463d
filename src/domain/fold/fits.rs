//! Whether a snapshot more fits beside what a fold holds.

use super::{Cell, Fold, Part};
use crate::domain::extract::Extraction;
use crate::domain::limits::{ANSWER_ROWS, ROW_BYTES};
use crate::domain::positions::Missing;
use crate::domain::weight;
use std::collections::HashMap;

impl Fold<'_> {
    /// Whether the rows stay within their bounds with a snapshot more, of which `room` bytes are
    /// left.
    pub fn takes(&self, extraction: &Extraction, part: Part, room: usize) -> bool {
        self.takes_at_worst(extraction, part.want, room)
            || self.takes_in_fact(extraction, part, room)
    }

    /// It reckons with the worst: each value is one that its row has not.
    fn takes_at_worst(&self, extraction: &Extraction, want: &Missing, room: usize) -> bool {
        let (fields, items) = (self.source().fields.len(), extraction.items().len());
        let row = items.saturating_mul(fields * weight::BIN) + 3 * extraction.texts();
        let whole = items.saturating_mul(weight::of_row(self.source(), "")).saturating_add(row);
        if whole < room && self.series.heaviest + row < ROW_BYTES {
            return true;
        }
        let mut added: HashMap<&str, usize> = HashMap::new();
        let mut whole = 0usize;
        for item in extraction.items().iter().filter(|item| want.has(item.position)) {
            let (key, values) = (extraction.text(item.key), extraction.values(item, fields));
            let more = weight::of_values(extraction, values);
            let row = added.entry(key).or_insert_with(|| {
                let known = self.series.places.get(key).map(|place| self.series.weights[*place]);
                let is_new = known.is_none() && !self.records.contains_key(key);
                whole += if is_new { weight::of_row(self.source(), key) } else { 0 };
                known.unwrap_or(weight::of_series(key))
            });
            *row += more;
            whole += more;
            if *row > ROW_BYTES || whole > room {
                return false;
            }
        }
        true
    }

    /// The snapshot folded alone: a value that it has a thousand times weighs once.
    fn takes_in_fact(&self, extraction: &Extraction, part: Part, room: usize) -> bool {
        let mut own = Fold::new(self.plan, self.window);
        for item in extraction.items().iter().filter(|item| part.want.has(item.position)) {
            own.item(extraction, item, part);
            if own.weight > ANSWER_ROWS || !own.rows_fit() {
                return false;
            }
        }
        self.with(&own).is_some_and(|more| more <= room)
    }

    /// What the rows of another fold add to these at most, in bytes; `None` where a row of both
    /// would become too heavy.
    fn with(&self, other: &Fold) -> Option<usize> {
        let fresh = |key: &str| weight::of_row(self.source(), key);
        let mut whole = 0;
        for (at, weight) in other.series.weights.iter().enumerate() {
            let (name, cells) = (other.series.name(at), other.series.cells(at));
            match self.series.places.get(name) {
                Some(place) => {
                    let own = self.series.cells(*place).iter();
                    let added = own.zip(cells).map(|(own, more)| own.adds(more)).sum::<usize>();
                    whole += added;
                    if self.series.weights[*place] + added > ROW_BYTES {
                        return None;
                    }
                }
                None => whole += fresh(name) + weight - weight::of_series(name),
            }
        }
        for (key, record) in &other.records {
            let is_new = !self.records.contains_key(key);
            whole += weight::of_fields(&record.values) + if is_new { fresh(key) } else { 0 };
        }
        Some(whole)
    }
}

impl Cell {
    /// What another of the same row and field weighs beside this one.
    fn adds(&self, more: &Cell) -> usize {
        match (self, more) {
            (Cell::Numbers(own), Cell::Numbers(more)) => own.bins_beyond(more) * weight::BIN,
            (Cell::Texts(own), Cell::Texts(more)) => own.beyond(more).map(weight::of_text).sum(),
            _ => 0,
        }
    }
}
