//! The cells of each series that a fold holds, found by name.

use crate::domain::quantile::Quantiles;
use crate::domain::source::Kind;
use crate::domain::stats::{Gathering, Values};
use crate::domain::texts::Texts;
use crate::domain::trace::Trace;
use crate::domain::weight;
use std::collections::HashMap;
use std::ops::Range;

/// The cells of each series, found by name. Snapshots list their items in the same order again
/// and again, so the series of the same position in the last one is tried first; and what is looked
/// at of one series after the other lies in a row.
#[derive(Default)]
pub(super) struct Series {
    /// One behind the other, and where each ends.
    names: String,
    ends: Vec<usize>,
    cells: Vec<Cell>,
    /// Where those of each series end.
    cell_ends: Vec<usize>,
    /// What each is reckoned to take in a store, in bytes.
    pub weights: Vec<usize>,
    pub heaviest: usize,
    pub places: HashMap<Box<str>, usize>,
    last: Vec<usize>,
}

impl Series {
    pub fn at(
        &mut self,
        position: usize,
        name: &str,
        fresh: impl Iterator<Item = Cell>,
    ) -> (&mut [Cell], &mut usize, bool) {
        let (place, is_new) = self.place(position, name, fresh);
        let range = between(&self.cell_ends, place);
        (&mut self.cells[range], &mut self.weights[place], is_new)
    }

    /// Where a series stands, and whether it is new.
    fn place(
        &mut self,
        position: usize,
        name: &str,
        fresh: impl Iterator<Item = Cell>,
    ) -> (usize, bool) {
        let guess = self.last.get(position).copied();
        if let Some(guess) = guess.filter(|guess| self.name(*guess) == name) {
            return (guess, false);
        }
        let known = self.places.get(name).copied();
        let place = known.unwrap_or_else(|| self.insert(name, fresh));
        if self.last.len() <= position {
            self.last.resize(position + 1, place);
        }
        self.last[position] = place;
        (place, known.is_none())
    }

    pub fn name(&self, place: usize) -> &str {
        &self.names[between(&self.ends, place)]
    }

    pub fn cells(&self, place: usize) -> &[Cell] {
        &self.cells[between(&self.cell_ends, place)]
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn insert(&mut self, name: &str, cells: impl Iterator<Item = Cell>) -> usize {
        let place = self.len();
        self.places.insert(name.into(), place);
        self.weights.push(weight::of_series(name));
        self.names.push_str(name);
        self.ends.push(self.names.len());
        self.cells.extend(cells);
        self.cell_ends.push(self.cells.len());
        place
    }

    pub fn absorb(&mut self, mut other: Series) {
        let mut cells = std::mem::take(&mut other.cells).into_iter();
        for at in 0..other.len() {
            let (name, weight) = (other.name(at), other.weights[at]);
            let mut cells = cells.by_ref().take(between(&other.cell_ends, at).len());
            // Both began with the same answer, or one like it.
            let guess = (at < self.len() && self.name(at) == name).then_some(at);
            let place = match guess.or_else(|| self.places.get(name).copied()) {
                Some(place) => {
                    let range = between(&self.cell_ends, place);
                    self.cells[range].iter_mut().zip(&mut cells).for_each(|(a, b)| a.absorb(b));
                    self.weights[place] += weight;
                    place
                }
                None => {
                    let place = self.insert(name, &mut cells);
                    self.weights[place] = weight;
                    place
                }
            };
            cells.for_each(drop);
            self.heaviest = self.heaviest.max(self.weights[place]);
        }
    }

    /// Each series with its cells.
    pub fn each(mut self, mut take: impl FnMut(&str, &mut dyn Iterator<Item = Cell>)) {
        let mut cells = std::mem::take(&mut self.cells).into_iter();
        for at in 0..self.len() {
            let mut cells = cells.by_ref().take(between(&self.cell_ends, at).len());
            take(self.name(at), &mut cells);
            cells.for_each(drop);
        }
    }
}

/// What stands at a place of things that lie in a row, of which it is known where each ends.
fn between(ends: &[usize], place: usize) -> Range<usize> {
    let from = if place == 0 { 0 } else { ends[place - 1] };
    from..ends[place]
}

#[derive(Clone)]
pub(super) enum Cell {
    Numbers(Gathering),
    Texts(Texts),
}

impl Cell {
    fn absorb(&mut self, other: Cell) {
        match (self, other) {
            (Cell::Numbers(mine), Cell::Numbers(theirs)) => mine.absorb(theirs),
            (Cell::Texts(mine), Cell::Texts(theirs)) => mine.absorb(&theirs),
            _ => {}
        }
    }

    pub fn finish(self) -> Option<Values> {
        match self {
            Cell::Numbers(numbers) => numbers.finish().map(|n| Values::Numbers(Box::new(n))),
            Cell::Texts(texts) => (texts.count() > 0).then_some(Values::Texts(Box::new(texts))),
        }
    }
}

pub(super) fn cell(kind: Kind) -> Cell {
    match kind {
        Kind::Text => Cell::Texts(Texts::default()),
        Kind::Number(measure) => Cell::Numbers(Gathering::new(
            Quantiles::new(measure.resolution),
            measure.trace.map(Trace::new),
        )),
    }
}
