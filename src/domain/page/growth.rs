//! What becomes of the room that pages have left: the figures on them grow into it.

use super::Part;
use super::block::{can_fill, most};
use super::flow::Flow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// By how much blocks grow, by part and place; and which sections run on below another.
#[derive(Default)]
pub struct Growth {
    pub by: BTreeMap<(usize, usize), f32>,
    /// As they were found at first; empty while that is to be found.
    pub runs_on: Vec<bool>,
}

/// The pages on which a block stands.
pub struct Spot {
    pub part: usize,
    pub block: usize,
    pub pages: RangeInclusive<usize>,
}

/// All parts on pages.
pub struct Stacked {
    pub flow: Flow,
    pub spots: Vec<Spot>,
    pub runs_on: Vec<bool>,
}

impl Stacked {
    /// The room left on each page, shared by the figures that stand on it whole and can fill it.
    pub fn growth(self, parts: &[Part]) -> Growth {
        let mut by = BTreeMap::new();
        let block = |spot: &Spot| &parts[spot.part].blocks[spot.block];
        let able = |spot: &&Spot| can_fill(block(spot));
        for (page, room) in self.flow.rooms.iter().enumerate() {
            let own = self.spots.iter().filter(able).filter(|s| s.pages == (page..=page));
            let own: Vec<&Spot> = own.collect();
            let share = ((room - 0.5) / own.len().max(1) as f32).max(0.0);
            let grown = |spot: &Spot| ((spot.part, spot.block), share.min(most(block(spot))));
            by.extend(own.into_iter().map(grown));
        }
        Growth { by, runs_on: self.runs_on }
    }
}
