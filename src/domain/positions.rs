//! Sets of positions of items, kept as ranges; what of a snapshot is missing.

use super::limits::RANGES;

/// A set of positions, as sorted ranges with both ends inside that do not touch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Positions(Vec<(u32, u32)>);

impl Positions {
    /// From ranges in any order; a range that ends before it starts is empty.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u32, u32)>) -> Positions {
        let mut sorted: Vec<_> = ranges.into_iter().filter(|(from, to)| from <= to).collect();
        sorted.sort_unstable();
        let mut set = Positions::default();
        sorted.into_iter().for_each(|range| set.append(range));
        set
    }

    fn append(&mut self, (from, to): (u32, u32)) {
        match self.0.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => self.0.push((from, to)),
        }
    }

    /// Adds one position; cheap when it is past the others.
    pub fn insert(&mut self, position: u32) {
        match self.0.last() {
            Some((from, _)) if position < *from => {
                let ranges = self.0.drain(..).chain([(position, position)]);
                *self = Positions::from_ranges(ranges.collect::<Vec<_>>());
            }
            _ => self.append((position, position)),
        }
    }

    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many positions there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(from, to)| u64::from(to - from) + 1).sum()
    }

    pub fn contains(&self, position: u32) -> bool {
        let after = self.0.partition_point(|(from, _)| *from <= position);
        after > 0 && self.0[after - 1].1 >= position
    }

    pub fn intersection(&self, other: &Positions) -> Positions {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Positions::default();
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let range = (x.0.max(y.0), x.1.min(y.1));
            if range.0 <= range.1 {
                both.append(range);
            }
            if x.1 < y.1 {
                a.next()
            } else {
                b.next()
            };
        }
        both
    }
}

/// What live entries have not counted of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missing {
    Nothing,
    Some(Positions),
    All,
}

impl Missing {
    /// From positions; none is nothing, too many ranges is all.
    pub fn of(positions: Positions) -> Missing {
        match positions.ranges().len() {
            0 => Missing::Nothing,
            1..=RANGES => Missing::Some(positions),
            _ => Missing::All,
        }
    }

    pub fn has(&self, position: u32) -> bool {
        match self {
            Missing::Nothing => false,
            Missing::Some(positions) => positions.contains(position),
            Missing::All => true,
        }
    }

    /// What both miss.
    pub fn and(&self, other: &Missing) -> Missing {
        match (self, other) {
            (Missing::Nothing, _) | (_, Missing::Nothing) => Missing::Nothing,
            (Missing::All, x) | (x, Missing::All) => x.clone(),
            (Missing::Some(a), Missing::Some(b)) => Missing::of(a.intersection(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(values: &BTreeSet<u32>) -> Positions {
        let mut positions = Positions::default();
        values.iter().rev().for_each(|v| positions.insert(*v));
        positions
    }

    proptest! {
        #[test]
        fn they_are_sets(
            a in proptest::collection::btree_set(0u32..60, 0..40),
            b in proptest::collection::btree_set(0u32..60, 0..40),
        ) {
            let both: BTreeSet<u32> = a.intersection(&b).copied().collect();
            prop_assert_eq!(set(&a).intersection(&set(&b)), set(&both));
            prop_assert_eq!(set(&a).len(), a.len() as u64);
            for v in 0..60 {
                prop_assert_eq!(set(&a).contains(v), a.contains(&v));
            }
            let again = Positions::from_ranges(set(&a).ranges().iter().rev().copied());
            prop_assert_eq!(again, set(&a));
        }
    }

    #[test]
    fn too_many_ranges_are_all() {
        let every_second = Positions::from_ranges((0..1001).map(|n| (2 * n, 2 * n)));
        assert_eq!(Missing::of(every_second), Missing::All);
    }
}
