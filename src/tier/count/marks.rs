//! Samples that stand on two pages of one set: each counts, and a person should know.

use crate::domain::extract::{Extraction, Plan, Remark, Value};
use crate::domain::hash::Hasher;
use crate::domain::source::Items;
use std::collections::BTreeSet;

/// The samples of the pages so far, by their digests.
pub struct Marks {
    /// Nobody asks for them.
    off: bool,
    seen: BTreeSet<u64>,
}

impl Marks {
    pub fn new(plan: &Plan) -> Marks {
        let items = &plan.source().items;
        let off = matches!(items, Items::Records(_)) || items.place().may_repeat;
        Marks { off, seen: BTreeSet::new() }
    }

    /// Takes in a page; of a sample of it that equals one of a page before, what is told.
    pub fn take(&mut self, page: &Extraction, fields: usize) -> Option<Remark> {
        if self.off {
            return None;
        }
        let marked = page.items().iter().map(|item| {
            let series = page.text(item.key);
            (series, mark(page, series, page.values(item, fields)))
        });
        let marked: Vec<(&str, u64)> = marked.collect();
        let known = marked.iter().find(|(_, mark)| self.seen.contains(mark));
        let told = known.map(|(series, _)| Remark::Repeats { series: series.to_string() });
        self.seen.extend(marked.iter().map(|(_, mark)| mark));
        told
    }
}

fn mark(page: &Extraction, series: &str, values: &[Value]) -> u64 {
    let mut mark = Hasher::default();
    mark.update(series.as_bytes());
    for value in values {
        match value {
            Value::Absent => mark.update(&[0]),
            Value::Number(number) => mark.update(&number.to_le_bytes()),
            Value::Text(text) => mark.update(page.text(*text).as_bytes()),
        }
    }
    mark.finish().number()
}
