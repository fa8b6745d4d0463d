//! Counts by whole numbers. Where nothing is counted they take a pointer's room: readers hold many
//! whose counts were left out.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// Counts per bin, in order of the bins' keys.
#[derive(Clone, Debug, Default)]
#[expect(clippy::box_collection, reason = "a third of the room where nothing is counted")]
pub struct Counts(Option<Box<BTreeMap<i64, u64>>>);

static NONE: BTreeMap<i64, u64> = BTreeMap::new();

impl Deref for Counts {
    type Target = BTreeMap<i64, u64>;

    fn deref(&self) -> &BTreeMap<i64, u64> {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for Counts {
    fn deref_mut(&mut self) -> &mut BTreeMap<i64, u64> {
        self.0.get_or_insert_default()
    }
}

impl PartialEq for Counts {
    fn eq(&self, other: &Counts) -> bool {
        **self == **other
    }
}

impl FromIterator<(i64, u64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (i64, u64)>>(counts: I) -> Counts {
        let counts: BTreeMap<i64, u64> = counts.into_iter().collect();
        Counts((!counts.is_empty()).then(|| Box::new(counts)))
    }
}

/// Counts over integer keys: a window of adjacent keys in a vector, far ones in a map.
#[derive(Clone, Debug, Default)]
pub struct Dense(Option<Box<Held>>);

#[derive(Clone, Debug, Default)]
struct Held {
    base: i64,
    near: Vec<u64>,
    far: Counts,
}

/// Widest window of adjacent keys.
pub const WIDTH: i64 = 1024;

impl Dense {
    /// Adjacent keys, from the first on, and their counts.
    pub fn new(base: i64, near: Vec<u64>) -> Dense {
        Dense(Some(Box::new(Held { base, near, far: Counts::default() })))
    }

    /// Whether that takes room that was not held before.
    pub fn add(&mut self, key: i64, times: u64) -> bool {
        self.0.get_or_insert_default().add(key, times)
    }

    pub(super) fn has(&self, key: i64) -> bool {
        self.0.as_ref().is_some_and(|held| held.has(key))
    }

    /// Keys and counts, in order of the keys, each key once.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u64)> {
        self.0.as_ref().map(|held| held.all()).unwrap_or_default().into_iter()
    }
}

impl Held {
    fn add(&mut self, key: i64, times: u64) -> bool {
        if self.near.is_empty() {
            self.base = key;
        }
        let place = key.saturating_sub(self.base);
        if (0..self.near.len() as i64).contains(&place) {
            self.near[place as usize] += times;
            false
        } else {
            self.add_outside(key, place, times)
        }
    }

    fn has(&self, key: i64) -> bool {
        let place = usize::try_from(key.saturating_sub(self.base)).ok();
        let near = place.and_then(|place| self.near.get(place));
        near.is_some_and(|times| *times > 0) || self.far.contains_key(&key)
    }

    fn add_outside(&mut self, key: i64, place: i64, times: u64) -> bool {
        if (0..WIDTH).contains(&place) {
            self.near.resize(place as usize + 1, 0);
            self.near[place as usize] = times;
        } else if (-WIDTH..0).contains(&place) && self.near.len() as i64 - place <= WIDTH {
            self.near.splice(0..0, std::iter::repeat_n(0, place.unsigned_abs() as usize));
            self.base = key;
            self.near[0] = times;
        } else {
            let far = self.far.entry(key).or_default();
            *far += times;
            return *far == times;
        }
        true
    }

    fn all(&self) -> Vec<(i64, u64)> {
        let near = self.near.iter().enumerate().map(|(place, n)| (self.base + place as i64, *n));
        let mut all: Vec<_> = near.filter(|(_, n)| *n > 0).collect();
        if !self.far.is_empty() {
            let mut joined = self.far.clone();
            all.drain(..).for_each(|(key, n)| *joined.entry(key).or_default() += n);
            all.extend(joined.iter().map(|(key, times)| (*key, *times)));
        }
        all
    }
}

impl PartialEq for Dense {
    fn eq(&self, other: &Dense) -> bool {
        self.iter().eq(other.iter())
    }
}
