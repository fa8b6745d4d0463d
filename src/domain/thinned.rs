//! An hour thins: what several commits say of it becomes one row for each series, without
//! quantiles and traces, and one for each record.

use super::hours::Winners;
use super::row::{Row, Summary};
use super::stats::{FieldStats, Values};
use std::collections::BTreeMap;

/// An hour at work.
#[derive(Default)]
pub struct Thinned {
    series: BTreeMap<String, BTreeMap<String, FieldStats>>,
    winners: Winners,
}

impl Thinned {
    /// Takes in a row, in the order of the ledger; whether its parts mix with those of before.
    pub fn enter(&mut self, row: Row) -> bool {
        match row {
            Row::Summary(summary) => self.enter_summary(summary),
            Row::Record(record) => {
                self.winners.enter(record);
                true
            }
        }
    }

    fn enter_summary(&mut self, summary: Summary) -> bool {
        let fields = self.series.entry(summary.series).or_default();
        let mut mix = true;
        for (name, mut stats) in summary.fields {
            stats.recall();
            if let Values::Numbers(numbers) = &mut stats.values {
                numbers.thin();
            }
            match fields.get(&name).map(|known| known.merge(&stats)) {
                None => drop(fields.insert(name, stats)),
                Some(Some(merged)) => drop(fields.insert(name, merged)),
                Some(None) => mix = false,
            }
        }
        mix
    }

    pub fn rows(self) -> Vec<Row> {
        let summary = |(series, fields): (String, BTreeMap<String, FieldStats>)| {
            Row::Summary(Summary { series, fields: fields.into_iter().collect() })
        };
        let records = self.winners.records.into_values().map(Row::Record);
        self.series.into_iter().map(summary).chain(records).collect()
    }
}
