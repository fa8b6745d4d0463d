//! What a reader has of a source over a range of hours: merged statistics by series, field and
//! hour, or the winners among records; and which hours cannot be trusted.

use super::record::Record;
use super::row::Summary;
use super::stats::{FieldStats, Numbers};
use super::time::{Instant, Window};
use std::collections::{BTreeMap, BTreeSet};

/// The merged statistics of samples; parts that do not mix are left apart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Hours {
    pub series: BTreeMap<String, BTreeMap<String, BTreeMap<Window, FieldStats>>>,
    /// Series and fields of which parts had to be left out, since units or grids differ.
    pub apart: BTreeSet<(String, String)>,
    /// Hours whose rows are not those that the ledger names.
    pub damaged: BTreeSet<Window>,
}

/// The winning versions of records, by id.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Winners {
    pub records: BTreeMap<String, Record>,
    pub damaged: BTreeSet<Window>,
}

/// A value over time: the mean of one bin, or of one hour where there are no bins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mean {
    /// Middle of the bin.
    pub at: Instant,
    pub value: f64,
}

impl Hours {
    /// Takes in a row of a live commit.
    pub fn enter(&mut self, hour: Window, summary: Summary) {
        let fields = self.series.entry(summary.series.clone()).or_default();
        for (name, stats) in summary.fields {
            let hours = fields.entry(name.clone()).or_default();
            match hours.get(&hour).map(|known| known.merge(&stats)) {
                None => drop(hours.insert(hour, stats)),
                Some(Some(merged)) => drop(hours.insert(hour, merged)),
                Some(None) => drop(self.apart.insert((summary.series.clone(), name))),
            }
        }
    }

    /// The hours of one field of one series, numbers only.
    pub fn numbers(&self, series: &str, field: &str) -> impl Iterator<Item = (Window, &Numbers)> {
        let hours = self.series.get(series).and_then(|fields| fields.get(field));
        hours.into_iter().flatten().filter_map(|(hour, stats)| Some((*hour, stats.numbers()?)))
    }

    /// All of a range of hours as one; `None` without values, or when grids differ.
    pub fn whole(&self, series: &str, field: &str) -> Option<Numbers> {
        let mut hours = self.numbers(series, field).map(|(_, numbers)| numbers);
        let first = hours.next()?.clone();
        hours.try_fold(first, |whole, hour| whole.merge(hour))
    }

    /// A field over time, at the step of its trace, else by hours.
    pub fn means(&self, series: &str, field: &str) -> Vec<Mean> {
        self.numbers(series, field).flat_map(|(hour, numbers)| means(hour, numbers)).collect()
    }
}

fn means(hour: Window, numbers: &Numbers) -> Vec<Mean> {
    let at = |seconds: i64| hour.start().after(chrono::Duration::seconds(seconds));
    match &numbers.trace {
        None => vec![Mean { at: at(1800), value: numbers.mean() }],
        Some(trace) => {
            let step = i64::from(trace.step());
            let middle = |place: usize| at(place as i64 * step + step / 2);
            let bins = trace.bins().map(|(place, bin)| (middle(place), bin.mean()));
            bins.map(|(at, value)| Mean { at, value }).collect()
        }
    }
}
