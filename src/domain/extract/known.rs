//! Where each series of an answer stood last, in room that is kept from one answer to the next.

use rustc_hash::FxHashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// Series by their hash, which no answer can foresee. Two of one hash are taken for one: who asks
/// compares them.
#[derive(Clone, Default)]
pub(super) struct Known {
    seed: RandomState,
    places: FxHashMap<u64, u32>,
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

    /// Where it stood before, if anywhere.
    pub fn insert(&mut self, series: &str, place: u32) -> Option<u32> {
        self.places.insert(self.seed.hash_one(series), place)
    }
}
