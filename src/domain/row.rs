//! Rows: what a commit writes. One per series of samples, one per id of records.

mod bytes;
mod canon;
mod cell;
mod checksum;
mod kept;
mod rest;
mod runs;

pub use canon::said;
pub use cell::{Cell, Figures, Form, Measure};
pub use checksum::Checksum;
pub use kept::{Cells, Kept};
pub use rest::{Bins, Plain};
pub use runs::{Run, pack};

use super::record::Record;
use super::stats::{FieldStats, Values};
use super::trace::Trace;

/// The statistics of one series in one window, from one batch.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    pub series: String,
    /// In order of the names, the one order that every store keeps; one without values is left out.
    pub fields: Vec<(String, FieldStats)>,
}

impl Summary {
    /// Without the counts of quantiles: for who asks for none.
    pub fn without_quantiles(self) -> Summary {
        let fields = self.fields.into_iter().map(|(name, stats)| (name, stats.without_quantiles()));
        Summary { series: self.series, fields: fields.collect() }
    }

    /// The same without what traces hold; those of different steps still do not mix.
    pub fn without_traces(mut self) -> Summary {
        for (_, stats) in &mut self.fields {
            if let Values::Numbers(numbers) = &mut stats.values {
                numbers.trace = numbers.trace.as_ref().map(Trace::bare);
            }
        }
        self
    }

    pub fn field(&self, name: &str) -> Option<&FieldStats> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, stats)| stats)
    }
}

/// One row of a commit.
#[derive(Clone, PartialEq, Debug)]
pub enum Row {
    Summary(Summary),
    Record(Record),
}

impl Row {
    /// What tells the rows of one commit apart.
    pub fn key(&self) -> &str {
        match self {
            Row::Summary(summary) => &summary.series,
            Row::Record(record) => &record.id,
        }
    }
}
