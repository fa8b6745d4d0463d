//! The budget of one answer: what reading it may cost, spent while it is read. Who reads foreign
//! bytes spends here, in any format; what goes over is a fault of that answer. It counts steps
//! and things, never time, so that the same bytes always cost the same.

use super::limits::{ITEMS, NODES, STEPS, VALUES};
use std::cell::Cell;
use std::fmt;

/// What has been spent on one answer.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    nodes: Cell<u64>,
    steps: Cell<u64>,
    values: Cell<u64>,
}

/// More than an answer may cost, in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Over(pub &'static str);

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0)
    }
}

pub type Spent = Result<(), Over>;

/// Where a list of items is too long.
pub const MANY_ITEMS: Over = Over("it has more than 5,000,000 items");
/// Where there are too many series.
pub const MANY_SERIES: Over = Over("it has more than 100,000 different series");
/// Where its texts are too large together.
pub const LARGE_TEXTS: Over = Over("its keys and texts come to more than 256 MiB");
const MANY_NODES: Over = Over("its document has more than 8,000,000 values");
const MANY_STEPS: Over = Over("reading it takes more than 2,000,000,000 steps");
const MANY_VALUES: Over = Over("its items have more than 20,000,000 fields together");

impl Budget {
    /// Spends values of a document that is built.
    pub fn nodes(&self, some: u64) -> Spent {
        spend(&self.nodes, some, NODES, MANY_NODES)
    }

    /// Spends work; what is over shows in [`Budget::check`].
    pub fn work(&self, some: usize) {
        self.steps.set(self.steps.get().saturating_add(some as u64));
    }

    /// Whether there is any work left.
    pub fn check(&self) -> Spent {
        if self.steps.get() > STEPS { Err(MANY_STEPS) } else { Ok(()) }
    }

    /// Spends one more item, of which there are `known`, and its fields.
    pub fn item(&self, known: u32, fields: usize) -> Spent {
        if known >= ITEMS {
            return Err(MANY_ITEMS);
        }
        spend(&self.values, fields as u64, VALUES, MANY_VALUES)?;
        self.check()
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// How many values were built.
    pub fn built(&self) -> u64 {
        self.nodes.get()
    }
}

fn spend(spent: &Cell<u64>, some: u64, limit: u64, over: Over) -> Spent {
    let sum = spent.get().saturating_add(some);
    spent.set(sum);
    if sum > limit { Err(over) } else { Ok(()) }
}
