//! Records: things with an identity of their own that come back in many snapshots. The last
//! version wins, first and last sighting are kept; both without regard to order.

use super::document::{Doc, Malformed};
use super::hash::Digest;
use super::time::Instant;
use std::cmp::Ordering;

/// A value of a record's field.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar {
    Number(f64),
    Text(String),
}

impl Scalar {
    /// Reads what a store keeps of it.
    pub fn read(doc: &Doc) -> Result<Scalar, Malformed> {
        match doc {
            Doc::Text(text) => Ok(Scalar::Text(text.clone())),
            other => other.as_float().map(Scalar::Number),
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Scalar::Number(value) => Some(*value),
            Scalar::Text(_) => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            Scalar::Number(_) => None,
        }
    }
}

/// Field names with their values, in order of the names; absent fields are left out.
pub type Fields = Vec<(String, Scalar)>;

/// The winning version of one id, and when it was seen.
#[derive(Clone, PartialEq, Debug)]
pub struct Record {
    pub id: String,
    /// The record's own time, if its source declares one.
    pub time: Option<Instant>,
    pub version: Version,
    pub first_seen: Instant,
    pub last_seen: Instant,
    pub values: Fields,
}

/// What orders the versions of a record: the declared `updated` instant if any, the instant of
/// the snapshot, the hash of its content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    pub updated: Option<Instant>,
    pub instant: Instant,
    pub hash: Digest,
}

impl Record {
    /// Takes in another sighting of the same id.
    pub fn absorb(&mut self, other: Record) {
        let first_seen = self.first_seen.min(other.first_seen);
        let last_seen = self.last_seen.max(other.last_seen);
        if other.beats(self) {
            *self = other;
        }
        self.first_seen = first_seen;
        self.last_seen = last_seen;
    }

    /// A total order: an id that stands twice in one snapshot is settled by its values.
    fn beats(&self, other: &Record) -> bool {
        let order = self.version.cmp(&other.version);
        let order = order.then_with(|| self.time.cmp(&other.time));
        order.then_with(|| spelled(&self.values).cmp(&spelled(&other.values))) == Ordering::Greater
    }

    pub fn number(&self, field: &str) -> Option<f64> {
        self.value(field)?.number()
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.value(field)?.text()
    }

    fn value(&self, field: &str) -> Option<&Scalar> {
        self.values.iter().find(|(name, _)| name == field).map(|(_, value)| value)
    }
}

fn spelled(values: &Fields) -> String {
    format!("{values:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::from_millis;
    use proptest::prelude::*;

    fn record(updated: u8, instant: u8, hash: u8, value: u8) -> Record {
        let seen = from_millis(i64::from(instant));
        Record {
            id: "a".into(),
            time: None,
            version: Version {
                updated: (updated > 0).then(|| from_millis(i64::from(updated))),
                instant: seen,
                hash: Digest::of(&[hash]),
            },
            first_seen: seen,
            last_seen: seen,
            values: vec![("x".into(), Scalar::Number(f64::from(value)))],
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter(
            parts in proptest::collection::vec((0u8..3, 0u8..3, 0u8..2, 0u8..2), 1..8),
        ) {
            let records: Vec<_> =
                parts.iter().map(|&(u, i, h, v)| record(u, i, h, v)).collect();
            let fold = |mut all: Vec<Record>| {
                let first = all.remove(0);
                all.into_iter().fold(first, |mut a, b| { a.absorb(b); a })
            };
            let mut reversed = records.clone();
            reversed.reverse();
            prop_assert_eq!(fold(records), fold(reversed));
        }
    }

    #[test]
    fn a_declared_update_beats_a_later_sighting() {
        let mut early = record(0, 9, 0, 1);
        early.absorb(record(1, 2, 0, 2));
        assert_eq!(early.number("x"), Some(2.0));
        assert_eq!(early.first_seen, from_millis(2));
        assert_eq!(early.last_seen, from_millis(9));
    }
}
