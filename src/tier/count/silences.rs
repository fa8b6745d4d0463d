//! Silences of pages of one set: what one page does not say another may, so that only what is in
//! none of them is told.

use crate::domain::extract::{Extraction, FILTERED, Remark};
use crate::domain::noted::Noted;
use crate::domain::positions::Positions;
use crate::domain::snapshot::SnapshotId;
use std::collections::BTreeMap;

/// By set.
#[derive(Default)]
pub struct Silences(BTreeMap<String, Pages>);

/// The pages of a set so far.
#[derive(Default)]
struct Pages {
    all: u64,
    /// Those that have readable elements, and those of which some are items.
    elements: u64,
    items: u64,
    /// What is told, by how many of them.
    said: BTreeMap<Remark, u64>,
}

impl Silences {
    /// Takes in what a page does not say; whether it is one.
    pub fn take(&mut self, id: &SnapshotId, page: &Extraction) -> bool {
        let Some(set) = id.set() else { return false };
        let known = self.0.entry(format!("{set:?}")).or_default();
        let unreadable = page.unreadable().map_or(0, Positions::len);
        known.all += 1;
        known.elements += u64::from(u64::from(page.length) > unreadable);
        known.items += u64::from(!page.items().is_empty());
        for remark in page.remarks().iter().filter(|remark| remark.is_silence()) {
            *known.said.entry(remark.clone()).or_default() += 1;
        }
        true
    }

    pub fn absorb(&mut self, other: Silences) {
        for (set, pages) in other.0 {
            let known = self.0.entry(set).or_default();
            known.all += pages.all;
            known.elements += pages.elements;
            known.items += pages.items;
            for (remark, count) in pages.said {
                *known.said.entry(remark).or_default() += count;
            }
        }
    }

    /// What no page of a set says that could: said of all of its pages.
    pub fn noted(self) -> impl Iterator<Item = Noted> {
        self.0.into_values().flat_map(|Pages { all, elements, items, said }| {
            said.into_iter().filter_map(move |(remark, answers)| {
                let could = match &remark {
                    Remark::Absent { field, .. } if field != FILTERED => items,
                    _ => elements,
                };
                (answers == could).then_some(Noted { remark, answers: all })
            })
        })
    }
}
