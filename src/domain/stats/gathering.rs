//! Collecting numbers: as counts on their grid for as long as that tells all of them, else plainly.

use super::gridded::Gridded;
use super::plain::Plain;
use super::{Numbers, Quantiles, Trace};
use std::borrow::Cow;

/// Collects numbers one by one; the hot side of [`Numbers`].
#[derive(Clone, Debug)]
pub struct Gathering(Held);

#[derive(Clone, Debug)]
enum Held {
    Gridded(Gridded),
    Plain(Box<Plain>),
}

impl Gathering {
    /// It begins with no numbers, so the quantiles and the trace are empty ones.
    pub fn new(quantiles: Quantiles, trace: Option<Trace>) -> Gathering {
        let step = match &quantiles {
            Quantiles::Grid { step, .. } => Some(*step),
            Quantiles::Sketch { .. } | Quantiles::Dropped => None,
        };
        let gridded = step.and_then(|step| Gridded::new(step, trace.as_ref().map(Trace::step)));
        Gathering(match gridded {
            Some(gridded) => Held::Gridded(gridded),
            None => Held::Plain(Box::new(Plain::new(quantiles, trace))),
        })
    }

    /// Takes one finite value, seen `offset_ms` after the start of the window, at `ms`; whether
    /// that takes room that was not held before.
    pub fn add(&mut self, value: f64, ms: i64, offset_ms: i64) -> bool {
        let mut plain = match &mut self.0 {
            Held::Plain(plain) => return plain.add(value, ms, offset_ms),
            Held::Gridded(gridded) => match gridded.add(value, ms, offset_ms) {
                Some(is_new) => return is_new,
                None => gridded.plain(),
            },
        };
        let is_new = plain.add(value, ms, offset_ms);
        self.0 = Held::Plain(Box::new(plain));
        is_new
    }

    /// How many bins another holds that this one does not.
    pub fn bins_beyond(&self, other: &Gathering) -> usize {
        self.quantiles().bins_beyond(&other.quantiles())
    }

    fn quantiles(&self) -> Cow<'_, Quantiles> {
        match &self.0 {
            Held::Gridded(gridded) => Cow::Owned(gridded.quantiles()),
            Held::Plain(plain) => Cow::Borrowed(&plain.quantiles),
        }
    }

    /// Joins what two workers gathered over the same field and window.
    pub fn absorb(&mut self, other: Gathering) {
        let mut plain = match (&mut self.0, &other.0) {
            (Held::Gridded(mine), Held::Gridded(theirs)) => match mine.absorb(theirs) {
                true => return,
                false => mine.plain(),
            },
            (Held::Gridded(mine), Held::Plain(_)) => mine.plain(),
            (Held::Plain(plain), _) => return plain.absorb(other.plain()),
        };
        plain.absorb(other.plain());
        self.0 = Held::Plain(Box::new(plain));
    }

    /// The statistics; `None` when no value came.
    pub fn finish(self) -> Option<Numbers> {
        self.plain().finish()
    }

    fn plain(self) -> Plain {
        match self.0 {
            Held::Gridded(gridded) => gridded.plain(),
            Held::Plain(plain) => *plain,
        }
    }
}
