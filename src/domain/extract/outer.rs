//! The values that stand outside of the items: sought once for all items that share what encloses
//! them. So are parallel arrays, of which each item has its own place.

use super::item::Extraction;
use super::plan::Plan;
use crate::domain::budget::Budget;
use crate::domain::form::csv::Column;
use crate::domain::form::raw::Raw;
use crate::domain::form::tree::Tree;
use crate::domain::path::{Path, Start, Step};

/// One item.
#[derive(Clone, Copy)]
pub(super) struct Found<'f, 't> {
    pub value: &'f Tree<'t>,
    /// The key under which it stands, if in an object.
    pub key: Option<&'f str>,
    /// Its place in parallel arrays.
    pub own: usize,
    /// Of a row of a CSV file with a header: the cells of each slot.
    pub columns: &'f [Column],
}

impl<'f, 't> Found<'f, 't> {
    pub fn top(value: &'f Tree<'t>) -> Found<'f, 't> {
        Found { value, key: None, own: 0, columns: &[] }
    }

    /// One step inwards.
    pub fn inside(self, value: &'f Tree<'t>, key: Option<&'f str>) -> Found<'f, 't> {
        Found { value, key, ..self }
    }
}

/// What is known of each slot before an item is looked at.
pub(super) struct Outer<'f, 't> {
    top: &'f Tree<'t>,
    slots: Vec<Slot<'f, 't>>,
}

enum Slot<'f, 't> {
    /// It stands in the item.
    Inside,
    /// It is the key of the item.
    Key,
    /// The same for all items that one element encloses, so many levels out.
    Around { levels: usize, from: Option<&'f Tree<'t>>, raw: Raw<'f> },
    /// The same for all items.
    Fixed(Raw<'f>),
    /// A parallel array, and the rest of the path in each of its places.
    Array(&'f [Tree<'t>], &'f [Step]),
}

impl<'f, 't> Outer<'f, 't> {
    pub fn new(
        plan: &'f Plan,
        top: &'f Tree<'t>,
        item: Option<&'f str>,
        out: &mut Extraction,
    ) -> Outer<'f, 't> {
        let text = |text: Option<&'f str>| text.map_or(Raw::Absent, Raw::of_text);
        let slot = |path: &'f Path| match path.start() {
            Start::Key => Slot::Key,
            Start::LoopItem => Slot::Fixed(text(item)),
            Start::Source => Slot::Fixed(text(Some(plan.source.name.as_str()))),
            Start::Top if !path.is_own() => Slot::Fixed(find(plan, top, path, (0, &out.budget))),
            Start::Here | Start::Top => Slot::Inside,
            Start::Enclosing(levels) => Slot::Around { levels, from: None, raw: Raw::Absent },
        };
        let slots: Vec<Slot> = plan.slots.paths.iter().map(slot).collect();
        for (place, slot) in slots.iter().enumerate() {
            if let Slot::Fixed(_) | Slot::Around { .. } = slot {
                out.share(place);
            }
        }
        Outer { top, slots }
    }

    /// The next item stands in these elements. Only what is another than before is sought again.
    pub fn move_to(&mut self, plan: &'f Plan, around: &[&'f Tree<'t>], out: &mut Extraction) {
        for (place, slot) in self.slots.iter_mut().enumerate() {
            let Slot::Around { levels, from, raw } = slot else { continue };
            let now = around.len().checked_sub(*levels).and_then(|at| around.get(at)).copied();
            let same = match (*from, now) {
                (Some(from), Some(now)) => std::ptr::eq(from, now),
                (from, now) => from.is_none() && now.is_none(),
            };
            if !same {
                *from = now;
                let path = plan.slots.paths.get(place);
                let found = now.zip(path);
                *raw = found
                    .map_or(Raw::Absent, |(from, path)| find(plan, from, path, (0, &out.budget)));
                out.share(place);
            }
        }
    }

    /// The object of the next items: finds the arrays of which each item has its own place.
    pub fn hold(&mut self, plan: &'f Plan, object: &'f Tree<'t>, budget: &Budget) {
        for (slot, path) in self.slots.iter_mut().zip(&plan.slots.paths) {
            if path.is_own() {
                let from = if path.start() == Start::Top { self.top } else { object };
                *slot = places(from, path.steps(), budget);
            }
        }
    }

    pub fn value(
        &self,
        plan: &'f Plan,
        (slot, path): (usize, &'f Path),
        found: Found<'f, 't>,
        budget: &Budget,
    ) -> Raw<'f> {
        match self.slots.get(slot) {
            Some(Slot::Key) => found.key.map_or(Raw::Absent, Raw::of_text),
            Some(Slot::Around { raw, .. } | Slot::Fixed(raw)) => raw.clone(),
            Some(Slot::Array(list, rest)) => {
                let place = list.get(found.own);
                place.map_or(Raw::Absent, |value| value.find(rest, found.own, budget))
            }
            Some(Slot::Inside) | None => match (found.value, found.columns.get(slot)) {
                (Tree::Row(cells), Some(column)) => cell(cells, *column),
                _ if path.start() == Start::Top => find(plan, self.top, path, (found.own, budget)),
                (value, _) => find(plan, value, path, (found.own, budget)),
            },
        }
    }
}

/// What stands at a path; all of it where several may stand there.
fn find<'t>(plan: &Plan, from: &'t Tree, path: &Path, (own, budget): (usize, &Budget)) -> Raw<'t> {
    match plan.takes_several(path) {
        true => from.find_all(path.steps(), own, budget),
        false => from.find(path.steps(), own, budget),
    }
}

fn cell<'f>(cells: &'f [Tree], column: Column) -> Raw<'f> {
    match column {
        Column::None => Raw::Absent,
        Column::At(place) => cells.get(place).map_or(Raw::Absent, Tree::raw),
        Column::Named(place) => cells.get(place).map_or(Raw::Null, Tree::raw),
        Column::Several => Raw::Several,
        Column::Row => Raw::Nested,
    }
}

/// A parallel array; or what each item has of it, where that is the same.
fn places<'f, 't>(from: &'f Tree<'t>, steps: &'f [Step], budget: &Budget) -> Slot<'f, 't> {
    match (steps.split_first(), from) {
        (Some((Step::Own, rest)), Tree::List(list)) => Slot::Array(list, rest),
        (Some((Step::Key(key), rest)), Tree::Map(pairs)) => {
            budget.work(pairs.len());
            let mut named = pairs.iter().filter(|(name, _)| **name == **key);
            match (named.next(), named.next()) {
                (Some((_, value)), None) => places(value, rest, budget),
                (None, _) => Slot::Fixed(Raw::Absent),
                _ => Slot::Fixed(Raw::Several),
            }
        }
        (Some((Step::Index(place), rest)), Tree::List(list)) => match list.get(*place) {
            Some(value) => places(value, rest, budget),
            None => Slot::Fixed(Raw::Absent),
        },
        (Some((Step::Key(_) | Step::Index(_) | Step::Own, _)), Tree::Map(_) | Tree::List(_)) => {
            Slot::Fixed(Raw::Absent)
        }
        // Its places are sought for each item.
        _ => Slot::Inside,
    }
}
