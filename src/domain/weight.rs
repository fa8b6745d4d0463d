//! What rows are reckoned to weigh: in memory, from the fold to the store, and in the store. Round
//! figures, from what programs took in fact, and rather too much than too little.

use super::extract::{Extraction, Value};
use super::record::{Fields, Scalar};
use super::source::{Items, Kind, Source};

/// A row with its key, from the fold to the store.
const ROW: usize = 700;
/// Statistics of one number, or a number of a record.
const NUMBERS: usize = 2_000;
const NUMBER: usize = 100;
/// A bin of a trace.
const TRACE_BIN: usize = 64;
/// A bin of a histogram, in memory and in a store.
pub const BIN: usize = 64;

/// A row as it begins, in memory.
pub fn of_row(source: &Source, key: &str) -> usize {
    let own = |kind: &Kind| match (kind, &source.items) {
        (Kind::Text, _) | (_, Items::Records(_)) => NUMBER,
        (Kind::Number(measure), _) => {
            NUMBERS + measure.trace.map_or(0, |step| 3_600 / step.max(1) as usize * TRACE_BIN)
        }
    };
    ROW + 2 * key.len() + source.fields.iter().map(|field| own(&field.kind)).sum::<usize>()
}

/// The row of a series as it begins, in a store.
pub fn of_series(key: &str) -> usize {
    ROW + key.len()
}

/// A text that is kept.
pub fn of_text(text: &str) -> usize {
    64 + 2 * text.len()
}

/// The values of a record.
pub fn of_fields(fields: &Fields) -> usize {
    let of = |(_, value): &(String, Scalar)| match value {
        Scalar::Number(_) => BIN,
        Scalar::Text(text) => of_text(text),
    };
    fields.iter().map(of).sum()
}

/// What the values of an item may add to a row that is there.
pub fn of_values(extraction: &Extraction, values: &[Value]) -> usize {
    let of = |value: &Value| match value {
        Value::Absent => 0,
        Value::Number(_) => BIN,
        Value::Text(span) => of_text(extraction.text(*span)),
    };
    values.iter().map(of).sum()
}
