//! Side rows: the fields of a record that its publisher may withdraw. They stand outside commits
//! and checksums, one row for each id, so that they can go and all that is counted stays as it is.

use super::record::{Fields, Record, Version};
use super::time::Instant;
use std::collections::BTreeSet;

/// What is kept of an id beside its records.
#[derive(Clone, PartialEq, Debug)]
pub struct Side {
    pub id: String,
    /// Of the record that the values are of.
    pub version: Version,
    /// None where they were withdrawn, or are not to be had any more.
    pub values: Option<Fields>,
    /// When it was found to be withdrawn; none while it is not.
    pub withdrawn: Option<Instant>,
}

impl Side {
    /// Takes these fields out of a record.
    pub fn split(record: &mut Record, fields: &BTreeSet<&str>) -> Side {
        let is_side = |(name, _): &(String, _)| fields.contains(name.as_str());
        let (values, rest) = std::mem::take(&mut record.values).into_iter().partition(is_side);
        record.values = rest;
        let (id, version) = (record.id.clone(), record.version);
        Side { id, version, values: Some(values), withdrawn: None }
    }

    /// Gives a record its fields back.
    pub fn join(&self, record: &mut Record) {
        record.values.extend(self.values.iter().flatten().cloned());
        record.values.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// What is to be kept where this comes after what is kept: none where that stays. What was
    /// asked for before a withdrawal never comes back by it.
    pub fn after(self, before: Option<&Side>) -> Option<Side> {
        let Some(before) = before else { return Some(self) };
        if before.withdrawn.is_some_and(|at| self.version.instant <= at) {
            return None;
        }
        let is_lost = before.values.is_none() && before.withdrawn.is_none();
        let is_later = self.version > before.version || is_lost && self.version == before.version;
        let says_more = before.withdrawn.is_some() || before.values != self.values;
        (is_later && says_more).then_some(self)
    }

    /// The same after a withdrawal that was found at this instant; none where it stays, since it
    /// was seen later.
    pub fn withdrawn(before: Option<Side>, id: &str, at: Instant) -> Option<Side> {
        let version = match before {
            Some(before) if before.version.instant > at => return None,
            Some(Side { withdrawn: Some(_), values: None, .. }) => return None,
            Some(before) => before.version,
            None => {
                Version { updated: None, instant: at, hash: crate::domain::hash::Digest::of(&[]) }
            }
        };
        Some(Side { id: id.into(), version, values: None, withdrawn: Some(at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hash::Digest;
    use crate::domain::record::Scalar;
    use crate::domain::time::from_millis;
    use proptest::prelude::*;

    fn side(instant: i64, value: &str) -> Side {
        let hash = Digest::of(value.as_bytes());
        let version = Version { updated: None, instant: from_millis(instant), hash };
        let values = Some(vec![("employer".into(), Scalar::Text(value.into()))]);
        Side { id: "a".into(), version, values, withdrawn: None }
    }

    #[test]
    fn what_is_taken_out_is_given_back() {
        let text = |name: &str| (name.to_string(), Scalar::Text(name.into()));
        let mut record = Record {
            id: "a".into(),
            time: None,
            version: side(1, "x").version,
            first_seen: from_millis(1),
            last_seen: from_millis(1),
            values: vec![text("a"), text("b"), text("c")],
        };
        let whole = record.clone();
        let side = Side::split(&mut record, &["b", "z"].into());
        assert_eq!(record.values, [text("a"), text("c")]);
        side.join(&mut record);
        assert_eq!(record, whole);
    }

    proptest! {
        /// In whatever order answers and one withdrawal are taken in: nothing of before it is
        /// left, and what was seen after it is.
        #[test]
        fn a_withdrawal_holds_in_any_order(
            instants in proptest::collection::vec(0i64..20, 1..8), at in 0i64..20,
            place in 0usize..8,
        ) {
            let mut kept: Option<Side> = None;
            let withdraw = |kept: &mut Option<Side>| {
                if let Some(gone) = Side::withdrawn(kept.clone(), "a", from_millis(at)) {
                    *kept = Some(gone);
                }
            };
            for (number, instant) in instants.iter().enumerate() {
                if number == place {
                    withdraw(&mut kept);
                }
                let new = side(*instant, &instant.to_string());
                if let Some(next) = new.after(kept.as_ref()) {
                    kept = Some(next);
                }
            }
            if place >= instants.len() {
                withdraw(&mut kept);
            }
            let last = instants.iter().max().filter(|last| **last > at);
            let wanted = last.and_then(|last| side(*last, &last.to_string()).values);
            prop_assert_eq!(kept.and_then(|kept| kept.values), wanted);
        }
    }
}
