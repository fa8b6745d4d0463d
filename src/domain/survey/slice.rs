//! A slice: a part of a window of time, and of what it is asked by beside it.

use std::fmt;

/// Most parts that a slice is cut into at once.
const PARTS: u64 = 64;

/// What a publisher's answers to a slice may hold, as declared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// How many items of one slice can be had; none: all.
    pub ceiling: Option<u64>,
    /// Items of a page, where pages are counted by items.
    pub limit: u64,
    /// Items that a page has in common with the one before it.
    pub overlap: u64,
    /// What the publisher's clock tells apart, in seconds.
    pub grain: i64,
    /// How many values each further dimension has.
    pub dimensions: Vec<usize>,
}

/// A part of a survey: what was made from `from` on, and before `to`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Seconds since 1970, UTC.
    pub from: i64,
    pub to: i64,
    /// The chosen value of each dimension by which it is cut, in their order.
    pub values: Vec<usize>,
    /// How many items it is thought to have.
    pub expected: Option<u64>,
    /// The cut that it comes from.
    pub cut: Option<usize>,
}

impl Slice {
    pub fn of(from: i64, to: i64) -> Slice {
        Slice { from, to, values: Vec::new(), expected: None, cut: None }
    }

    /// Whether both ask the same.
    pub fn is(&self, other: &Slice) -> bool {
        (self.from, self.to, &self.values) == (other.from, other.to, &other.values)
    }

    /// Whether it can be cut further.
    pub fn is_cuttable(&self, terms: &Terms) -> bool {
        let by_time = self.values.is_empty() && self.grains(terms) > 1;
        by_time || terms.dimensions.get(self.values.len()).is_some_and(|count| *count > 0)
    }

    fn grains(&self, terms: &Terms) -> i64 {
        (self.to - self.from) / terms.grain.max(1)
    }

    /// Its parts, of which none should have more than can be had: by time as far as the publisher
    /// tells times apart, then by the next dimension; none where it cannot be cut.
    pub fn parts(&self, terms: &Terms, total: u64) -> Vec<Slice> {
        let grains = self.grains(terms);
        if self.values.is_empty() && grains > 1 {
            return self.by_time(terms, total, grains);
        }
        let count = terms.dimensions.get(self.values.len()).copied().unwrap_or(0);
        let part = |value: usize| {
            let values = self.values.iter().copied().chain([value]).collect();
            Slice { values, expected: Some(total / count.max(1) as u64), ..self.clone() }
        };
        (0..count).map(part).collect()
    }

    fn by_time(&self, terms: &Terms, total: u64, grains: i64) -> Vec<Slice> {
        // Some room, since items do not lie evenly.
        let room = terms.ceiling.unwrap_or(u64::MAX).saturating_mul(17) / 20;
        let most = PARTS.min(grains.unsigned_abs());
        let count = total.div_ceil(room.max(1)).clamp(2, most.max(2));
        let end = |part: u64| {
            let whole = i128::from(grains) * i128::from(part) / i128::from(count);
            self.from + whole as i64 * terms.grain.max(1)
        };
        let part = |part: u64| Slice {
            from: end(part),
            to: if part + 1 == count { self.to } else { end(part + 1) },
            values: Vec::new(),
            expected: Some(total / count),
            cut: None,
        };
        (0..count).map(part).collect()
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use crate::domain::time::{from_millis, iso_seconds};
        let at = |seconds: i64| iso_seconds(from_millis(seconds.saturating_mul(1_000)));
        write!(f, "{} to {}", at(self.from), at(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(grain: i64) -> Terms {
        Terms { ceiling: Some(3_150), limit: 150, overlap: 5, grain, dimensions: vec![3, 2] }
    }

    proptest! {
        /// Parts lie side by side, on the grid of the publisher's clock, and each is smaller.
        #[test]
        fn parts_by_time_are_the_whole(
            from in -1_000i64..1_000, grain in 1i64..90, grains in 2i64..100_000,
            rest in 0i64..90, total in 0u64..10_000_000,
        ) {
            let slice = Slice::of(from, from + grain * grains + rest % grain);
            let parts = slice.parts(&terms(grain), total);
            prop_assert!((2..=64).contains(&parts.len()));
            prop_assert_eq!(parts[0].from, slice.from);
            prop_assert_eq!(parts[parts.len() - 1].to, slice.to);
            for pair in parts.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert_eq!((pair[0].to - from) % grain, 0);
            }
            prop_assert!(parts.iter().all(|part| part.from < part.to));
        }
    }

    #[test]
    fn what_time_cannot_cut_is_cut_by_the_dimensions_in_turn() {
        let second = Slice::of(10, 11);
        let firsts = second.parts(&terms(1), 9_000);
        assert_eq!(firsts.iter().map(|p| p.values.clone()).collect::<Vec<_>>(), [[0], [1], [2]]);
        assert_eq!(firsts[0].expected, Some(3_000));
        let seconds = firsts[1].parts(&terms(1), 4_000);
        assert_eq!(seconds.iter().map(|p| p.values.clone()).collect::<Vec<_>>(), [[1, 0], [1, 1]]);
        assert!(seconds[0].parts(&terms(1), 4_000).is_empty());
    }

    #[test]
    fn a_slice_says_what_it_is() {
        assert_eq!(
            Slice::of(0, 86_400).to_string(),
            "1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z"
        );
    }
}
