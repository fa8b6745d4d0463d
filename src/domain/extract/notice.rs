//! What can only be told of all items of an answer together: that it says nothing, and what a
//! person should know of it.

use super::item::{Extraction, Item};
use super::known::Known;
use super::plan::Plan;
use super::remark::{FILTERED, Remark};
use crate::domain::budget::MANY_SERIES;
use crate::domain::limits::SERIES;
use crate::domain::source::Items;
use std::collections::{HashMap, HashSet};

impl Extraction {
    /// All positions are taken: what can only be told of all of them together.
    pub(super) fn finish(&mut self, plan: &Plan) {
        let source = &plan.source;
        let silent = !self.seen.iter().any(|seen| *seen);
        let wanted = source.fields.iter().any(|field| !field.optional);
        if silent && !self.items().is_empty() && wanted {
            return self.give_up("none of the declared fields is there in any item".into());
        }
        if let (Items::Records(records), true) = (&source.items, self.items().is_empty())
            && let (Some(time), false, 1..) = (&records.time, self.timed, self.timeless)
        {
            return self.give_up(format!("no item has its time, at {}", time.shown()));
        }
        if let Items::Samples(_) = source.items
            && has_more_series(self, SERIES)
        {
            return self.give_up(MANY_SERIES.to_string());
        }
        if self.unreadable().is_some() {
            let mut known = std::mem::take(&mut self.known);
            self.remarks = remarks(plan, self, &mut known);
            self.known = known;
        }
    }
}

/// The remarks on an extraction that is complete; `known` is kept from one to the next.
fn remarks(plan: &Plan, found: &Extraction, known: &mut Known) -> Vec<Remark> {
    let source = &plan.source;
    let mut remarks = Vec::new();
    let elements = u64::from(found.length) > found.unreadable().map_or(0, |bad| bad.len());
    if elements && found.items().is_empty() && !source.items.place().may_be_empty {
        remarks.push(Remark::NoneLeft);
    }
    if !found.items().is_empty() {
        let silent =
            source.fields.iter().zip(&found.seen).filter(|(f, seen)| !**seen && !f.optional);
        remarks.extend(silent.map(|(field, _)| Remark::Absent {
            field: field.name.clone(),
            place: field.picks.to_string(),
        }));
    }
    let filters = source.items.place().filters.iter().zip(&found.filtered);
    let silent = filters.filter(|(filter, seen)| !**seen && filter.test.names_a_value());
    if elements {
        remarks.extend(silent.map(|(filter, _)| Remark::Absent {
            field: FILTERED.into(),
            place: filter.path.to_string(),
        }));
    }
    let off = source.fields.iter().zip(&found.off).filter_map(|(f, off)| Some((f, (*off)?)));
    remarks.extend(off.map(|(field, value)| Remark::OffGrid {
        field: field.name.clone(),
        value: value.to_string(),
    }));
    let skipped = found.skipped.map(|place| Remark::SkipsData { place: place.to_string() });
    remarks.extend(skipped);
    match source.items {
        Items::Records(_) => remarks.extend(twins(plan, found)),
        Items::Samples(_) if !source.items.place().may_repeat => {
            remarks.extend(repeats(plan, found, known));
        }
        Items::Samples(_) => {}
    }
    remarks
}

/// Whether there are more different series than that.
fn has_more_series(found: &Extraction, most: usize) -> bool {
    let mut known: HashSet<&str> = HashSet::new();
    found.items().len() > most
        && found.items().iter().any(|item| {
            known.insert(found.text(item.key));
            known.len() > most
        })
}

/// The first series of which two samples are equal: a thing that is listed twice.
fn repeats(plan: &Plan, found: &Extraction, known: &mut Known) -> Option<Remark> {
    let fields = plan.source.fields.len();
    let all = || found.items().iter().map(|item| found.text(item.key));
    // Most answers list what the last one has listed.
    if known.are_listed(all()) {
        return None;
    }
    known.clear();
    let mut twice = false;
    let repeated = found.items().iter().zip(0..).find_map(|(item, place)| {
        let series = found.text(item.key);
        let first = known.insert(series, place)?;
        twice = true;
        let first = found.items().get(first as usize)?;
        let same = found.text(first.key) == series && found.same_values(first, item, fields);
        same.then(|| Remark::Repeats { series: series.to_string() })
    });
    if !twice {
        known.list(all());
    }
    repeated
}

/// The first two records of one id that differ in what is declared.
fn twins(plan: &Plan, found: &Extraction) -> Option<Remark> {
    let fields = plan.source.fields.len();
    let mut known: HashMap<&str, &Item> = HashMap::new();
    found.items().iter().find_map(|item| {
        let id = found.text(item.key);
        let first = known.insert(id, item)?;
        let same = (first.time, first.updated) == (item.time, item.updated)
            && found.same_values(first, item, fields);
        (!same).then(|| Remark::Twins { id: id.to_string() })
    })
}
