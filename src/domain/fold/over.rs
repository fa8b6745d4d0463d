//! Aggregates: values over all items of one answer, or of all pages of a set.

use crate::domain::extract::{Extraction, Value};
use crate::domain::quantile::Quantiles;
use crate::domain::source::{Aggregate, Operation, Source};
use crate::domain::stats::Gathering;

/// The aggregates of one answer while its items are taken in, page by page.
pub struct Over<'a> {
    source: &'a Source,
    all: Vec<Gathered>,
    items: usize,
    /// Of the raw lists.
    length: u64,
}

struct Gathered {
    numbers: Gathering,
    /// Items that have a value.
    known: u32,
    /// Those of them that the condition takes.
    count: u32,
}

impl<'a> Over<'a> {
    pub fn new(source: &'a Source) -> Over<'a> {
        let fresh = |_: &Aggregate| Gathered {
            numbers: Gathering::new(Quantiles::sketch(), None),
            known: 0,
            count: 0,
        };
        let all = source.aggregates.iter().map(fresh).collect();
        Over { source, all, items: 0, length: 0 }
    }

    /// Takes in the items of an answer, or of one of its pages.
    pub fn take(&mut self, extraction: &Extraction) {
        let fields = self.source.fields.len();
        self.items += extraction.items().len();
        self.length += u64::from(extraction.length);
        for (gathered, aggregate) in self.all.iter_mut().zip(&self.source.aggregates) {
            for item in extraction.items() {
                let value = extraction.values(item, fields).get(aggregate.field);
                if let Some(Value::Number(x)) = value {
                    gathered.take(*x, aggregate);
                }
            }
        }
    }

    /// The value of each aggregate; none where no item has a value of its field: what nobody knows
    /// is not 0. Of no items at all there are 0.
    pub fn values(self) -> Vec<Option<f64>> {
        let none = self.length == 0 || self.source.items.place().may_be_empty;
        let empty = self.items == 0 && none;
        let all = self.all.into_iter().zip(&self.source.aggregates);
        all.map(|(gathered, aggregate)| gathered.value(aggregate.operation, empty)).collect()
    }
}

impl Gathered {
    fn take(&mut self, x: f64, aggregate: &Aggregate) {
        self.known += 1;
        if aggregate.condition.is_none_or(|condition| condition.holds(x)) {
            self.count += 1;
            self.numbers.add(x, 0, 0);
        }
    }

    fn value(self, operation: Operation, empty: bool) -> Option<f64> {
        if operation == Operation::Count {
            return (self.known > 0 || empty).then_some(f64::from(self.count));
        }
        let numbers = self.numbers.finish()?;
        Some(match operation {
            Operation::Sum => numbers.sum,
            Operation::Mean => numbers.mean(),
            Operation::Min => numbers.min.value,
            Operation::Max => numbers.max.value,
            Operation::Count => f64::from(self.count),
        })
    }
}
