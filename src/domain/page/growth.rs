//! What becomes of the room that pages have left: the figures on them grow into it.

use super::block::{can_fill, can_shrink, most};
use super::flow::Flow;
use crate::domain::report::Block;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A block, by its part and its place there.
pub type At = (usize, usize);

/// By how much blocks grow, or shrink where it is negative; and which sections begin a page.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    pub by: BTreeMap<At, f32>,
    /// What was missing for each section to run on; empty while that is to be found.
    pub missing: Vec<Option<f32>>,
}

/// The pages on which a block stands.
pub struct Spot {
    pub at: At,
    pub pages: RangeInclusive<usize>,
}

/// All parts on pages.
pub struct Stacked {
    pub flow: Flow,
    pub spots: Vec<Spot>,
    pub missing: Vec<Option<f32>>,
}

impl Stacked {
    /// The room left on each page, shared by the figures that stand on it whole and can fill it.
    pub fn growth<'b>(&self, block: impl Fn(At) -> &'b Block, mut before: Growth) -> Growth {
        for (page, room) in self.flow.rooms.iter().enumerate() {
            let own = self.spots.iter().filter(|spot| spot.pages == (page..=page));
            let able = own.filter_map(|spot| {
                let block = block(spot.at);
                let shrunk = before.by.get(&spot.at).copied().unwrap_or(0.0).min(0.0);
                let able = can_fill(block) || (can_shrink(block) && shrunk < 0.0);
                able.then(|| (spot.at, most(block) - shrunk))
            });
            for (at, more) in shared(room - 0.5, able.collect()) {
                *before.by.entry(at).or_default() += more;
            }
        }
        Growth { missing: self.missing.clone(), ..before }
    }
}

/// Alike for all, but for those that take less.
fn shared(mut room: f32, mut able: Vec<(At, f32)>) -> Vec<(At, f32)> {
    able.sort_by(|a, b| a.1.total_cmp(&b.1));
    let count = able.len();
    let share = |(place, (at, most)): (usize, (At, f32))| {
        let more = (room / (count - place) as f32).min(most).max(0.0);
        room -= more;
        (at, more)
    };
    able.into_iter().enumerate().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_does_not_take_goes_to_the_others() {
        let able = vec![((0, 0), 100.0), ((0, 1), 10.0), ((1, 0), 80.0)];
        let given = [((0, 1), 10.0), ((1, 0), 55.0), ((0, 0), 55.0)];
        assert_eq!(shared(120.0, able), given);
        assert_eq!(shared(-3.0, vec![((0, 0), 9.0)]), [((0, 0), 0.0)]);
    }
}
