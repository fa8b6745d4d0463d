//! Counts of text values: exact for the 256 values of smallest hash, the rest under "other".
//! Which values are kept depends on the set of values alone, never on their order.

use super::hash::Digest;
use super::limits::TEXTS_KEPT;
use std::collections::BTreeMap;

/// A value never comes back once dropped: the kept hashes only get smaller. Its count up to
/// then went to `other`, so counts are exact for the values that are kept to the end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Texts {
    counts: BTreeMap<(u64, String), u64>,
    pub other: u64,
}

impl Texts {
    /// Whether the text is one that was not kept before.
    pub fn add(&mut self, text: &str, times: u64) -> bool {
        let key = (Digest::of(text.as_bytes()).number(), text.to_string());
        if self.counts.len() >= TEXTS_KEPT && !self.counts.contains_key(&key) {
            if self.counts.last_key_value().is_some_and(|(last, _)| key > *last) {
                self.other += times;
                return false;
            }
            self.other += self.counts.pop_last().map_or(0, |(_, dropped)| dropped);
        }
        let count = self.counts.entry(key).or_default();
        *count += times;
        *count == times
    }

    pub fn absorb(&mut self, more: &Texts) {
        self.other += more.other;
        more.iter().for_each(|(text, times)| {
            self.add(text, times);
        });
    }

    pub fn merge(&self, more: &Texts) -> Texts {
        let mut merged = self.clone();
        merged.absorb(more);
        merged
    }

    /// The kept values with their counts, in order of their hashes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|((_, text), times)| (text.as_str(), *times))
    }

    /// The kept values of another that are not kept here.
    pub fn beyond<'a>(&'a self, other: &'a Texts) -> impl Iterator<Item = &'a str> {
        let new = |key: &&(u64, String)| !self.counts.contains_key(key);
        other.counts.keys().filter(new).map(|(_, text)| text.as_str())
    }

    pub fn count(&self) -> u64 {
        self.other + self.counts.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of<'a>(values: impl IntoIterator<Item = &'a u32>) -> Texts {
        let mut texts = Texts::default();
        values.into_iter().for_each(|v| {
            texts.add(&v.to_string(), 1);
        });
        texts
    }

    proptest! {
        #[test]
        fn order_and_split_do_not_show(
            values in proptest::collection::vec(0u32..600, 0..900), cut in 0usize..900,
        ) {
            let cut = cut.min(values.len());
            let whole = of(&values);
            prop_assert_eq!(&of(values.iter().rev()), &whole);
            prop_assert_eq!(&of(&values[cut..]).merge(&of(&values[..cut])), &whole);
            prop_assert_eq!(whole.count(), values.len() as u64);
        }
    }
}
