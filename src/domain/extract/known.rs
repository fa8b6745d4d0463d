//! Where each series of an answer stood last, in room that is kept from one answer to the next.

use rustc_hash::FxHashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// Bytes of series that are kept in their order.
const LISTED: usize = 1 << 20;

/// Series by their hash, which no answer can foresee. Two of one hash are taken for one: who asks
/// compares them.
#[derive(Clone, Default)]
pub(super) struct Known {
    seed: RandomState,
    places: FxHashMap<u64, u32>,
    /// The series of an answer in which none stood twice, in their order, one behind the other.
    listed: String,
    ends: Vec<u32>,
}

/// It is no part of what was read.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("..")
    }
}

impl Known {
    pub fn clear(&mut self) {
        self.places.clear();
    }

    /// Whether these are series of the answer that is kept, or the first of them, so that none of
    /// them stands twice.
    pub fn are_listed<'t>(&self, mut series: impl ExactSizeIterator<Item = &'t str>) -> bool {
        let mut rest = self.listed.as_str();
        let mut begin = 0;
        series.len() <= self.ends.len()
            && series.by_ref().zip(&self.ends).all(|(series, end)| {
                let Some((one, others)) = rest.split_at_checked((*end - begin) as usize) else {
                    return false;
                };
                (rest, begin) = (others, *end);
                one == series
            })
    }

    /// Keeps series of which none stands twice.
    pub fn list<'t>(&mut self, series: impl Iterator<Item = &'t str>) {
        self.listed.clear();
        self.ends.clear();
        for one in series {
            if self.listed.len() + one.len() > LISTED {
                return;
            }
            self.listed.push_str(one);
            self.ends.push(self.listed.len() as u32);
        }
    }

    /// Where it stood before, if anywhere.
    pub fn insert(&mut self, series: &str, place: u32) -> Option<u32> {
        self.places.insert(self.seed.hash_one(series), place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_of_what_is_listed_are() {
        let mut known = Known::default();
        let are = |known: &Known, some: &[&str]| known.are_listed(some.iter().copied());
        assert!(are(&known, &[]) && !are(&known, &["a"]));
        known.list(["a", "", "bc"].into_iter());
        for some in [&["a"][..], &["a", "", "bc"]] {
            assert!(are(&known, some), "{some:?}");
        }
        for some in [&["ab"][..], &["a", "b"], &["a", "", "b"], &["", "a"], &["a", "", "bc", "d"]] {
            assert!(!are(&known, some), "{some:?}");
        }
        let long = "x".repeat(LISTED);
        known.list(["a", &long, "b"].into_iter());
        assert!(are(&known, &["a"]) && !are(&known, &["a", &long]) && !are(&known, &["a", "b"]));
    }
}
