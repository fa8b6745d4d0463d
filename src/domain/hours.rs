//! What a reader has of a source over a range of hours: merged statistics by series, field and
//! hour, or the winners among records; and which hours cannot be trusted.

mod timeline;

pub use timeline::Timeline;

use super::record::Record;
use super::row::Summary;
use super::source::ALL;
use super::stats::{Extreme, FieldStats, Numbers};
use super::time::{Instant, Window};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The merged statistics of samples; parts that do not mix are left apart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Hours {
    pub series: BTreeMap<String, BTreeMap<String, Timeline<FieldStats>>>,
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

impl Winners {
    /// Takes in those that another ledger holds.
    pub fn absorb(&mut self, other: Winners) {
        self.damaged.extend(other.damaged);
        if self.records.is_empty() {
            self.records = other.records;
            return;
        }
        other.records.into_values().for_each(|record| self.enter(record));
    }

    /// Takes in a version of a record.
    pub fn enter(&mut self, record: Record) {
        match self.records.get_mut(&record.id) {
            Some(known) => known.absorb(record),
            None => drop(self.records.insert(record.id.clone(), record)),
        }
    }
}

/// What is asked of the records of the period before: how many there were, and their numbers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Earlier {
    pub count: usize,
    numbers: BTreeMap<String, Vec<f64>>,
}

impl Earlier {
    pub fn enter(&mut self, record: &Record) {
        self.count += 1;
        for (name, value) in &record.values {
            let Some(value) = value.number() else { continue };
            match self.numbers.get_mut(name) {
                Some(known) => known.push(value),
                None => drop(self.numbers.insert(name.clone(), vec![value])),
            }
        }
    }

    /// Takes in what others are.
    pub fn absorb(&mut self, other: Earlier) {
        self.count += other.count;
        for (name, mut values) in other.numbers {
            self.numbers.entry(name).or_default().append(&mut values);
        }
    }

    /// The values of a field, in no order.
    pub fn numbers(&self, field: &str) -> &[f64] {
        self.numbers.get(field).map_or(&[], Vec::as_slice)
    }
}

/// A value over time: the mean of one bin, or of one hour where there are no bins.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mean {
    /// Middle of the bin.
    pub at: Instant,
    pub value: f64,
}

/// The least or the greatest of a range of hours, and when it was first reached.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Peak {
    pub value: f64,
    pub when: When,
}

/// An instant; of rows that do not know it, the hour.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum When {
    At(Instant),
    In(Window),
}

impl When {
    /// The window in which it was.
    pub fn hour(self) -> Window {
        match self {
            When::At(at) => Window::of(at),
            When::In(hour) => hour,
        }
    }

    /// Whether this was before the other; `None` where an hour cannot tell.
    pub fn precedes(self, other: When) -> Option<bool> {
        match (self, other) {
            (When::At(a), When::At(b)) => Some(a < b),
            (a, b) => (a.hour() != b.hour()).then(|| a.hour() < b.hour()),
        }
    }
}

/// What is said of a range of hours in plain numbers; merging quantiles and traces costs far more.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Plain {
    count: u64,
    sum: f64,
    pub min: f64,
    pub max: f64,
    /// When the first and the last value was seen.
    pub first: Instant,
    pub last: Instant,
}

impl Plain {
    fn of(numbers: &Numbers) -> Plain {
        let Numbers { count, sum, min, max, first, last, .. } = numbers;
        Plain {
            count: *count,
            sum: *sum,
            min: min.value,
            max: max.value,
            first: first.at,
            last: last.at,
        }
    }

    fn and(self, other: Plain) -> Plain {
        Plain {
            count: self.count + other.count,
            sum: (self.sum + other.sum).clamp(f64::MIN, f64::MAX),
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }

    /// The mean; rounding never takes it beyond the values.
    pub fn mean(&self) -> f64 {
        (self.sum / self.count as f64).max(self.min).min(self.max)
    }
}

impl Peak {
    fn of(hour: Window, extreme: Extreme) -> Peak {
        Peak { value: extreme.value, when: extreme.at.map_or(When::In(hour), When::At) }
    }
}

/// How far from an instant the middle of the mean may lie that tells of it.
const NEAR: TimeDelta = TimeDelta::minutes(30);

/// Of means, by the middles of their steps, the one that tells of an instant: on the edge of two
/// steps, that which begins there.
pub fn nearest<T>(all: &[T], at: Instant, of: impl Fn(&T) -> Instant) -> Option<&T> {
    let away = |one: &&T| ((of(one) - at).abs(), std::cmp::Reverse(of(one)));
    all.iter().min_by_key(away).filter(|one| away(one).0 <= NEAR)
}

impl Hours {
    /// Takes in a row of a live commit.
    pub fn enter(&mut self, hour: Window, summary: Summary) {
        let fields = self.series.entry(summary.series.clone()).or_default();
        for (name, mut stats) in summary.fields {
            stats.recall();
            let hours = fields.entry(name.clone()).or_default();
            let Some(known) = hours.get_mut(hour) else {
                hours.insert(hour, stats);
                continue;
            };
            match known.merge(&stats) {
                Some(merged) => *known = merged,
                None => drop(self.apart.insert((summary.series.clone(), name))),
            }
        }
    }

    /// Leaves apart what is of another unit than the latest of its field; the unit of each field.
    pub fn settle_units(&mut self) -> BTreeMap<String, Option<String>> {
        let mut latest: BTreeMap<&str, (Window, &Option<Arc<str>>)> = BTreeMap::new();
        for (name, hours) in self.series.values().flatten() {
            if let Some((hour, stats)) = hours.last() {
                let found = latest.entry(name).or_insert((hour, &stats.unit));
                *found = (*found).max((hour, &stats.unit));
            }
        }
        let units: BTreeMap<String, Option<String>> =
            latest.into_iter().map(|(name, (_, unit))| (name.into(), owned(unit))).collect();
        let odd = self.keep_units(&units);
        self.apart.extend(odd);
        units
    }

    /// Leaves out what is not of these units; of which series and fields that was.
    pub fn keep_units(
        &mut self,
        units: &BTreeMap<String, Option<String>>,
    ) -> BTreeSet<(String, String)> {
        let mut odd = BTreeSet::new();
        for (series, fields) in &mut self.series {
            for (name, hours) in fields {
                let Some(unit) = units.get(name) else { continue };
                let before = hours.len();
                hours.retain(|_, stats| stats.unit.as_deref() == unit.as_deref());
                if hours.len() < before {
                    odd.insert((series.clone(), name.clone()));
                }
            }
        }
        odd
    }

    /// The series that a line may be drawn of: the aggregates', and the only one there is.
    pub fn lone(&self) -> BTreeSet<&str> {
        let mut own = self.own_series();
        let only = own.next().filter(|_| own.next().is_none());
        only.into_iter().chain(self.series.contains_key(ALL).then_some(ALL)).collect()
    }

    /// The names of the series, but for that of the aggregates.
    pub fn own_series(&self) -> impl Iterator<Item = &str> {
        self.series.keys().map(String::as_str).filter(|name| *name != ALL)
    }

    /// The hours of one field of one series, numbers only.
    pub fn numbers(&self, series: &str, field: &str) -> impl Iterator<Item = (Window, &Numbers)> {
        let hours = self.series.get(series).and_then(|fields| fields.get(field));
        let hours = hours.into_iter().flat_map(Timeline::iter);
        hours.filter_map(|(hour, stats)| Some((hour, stats.numbers()?)))
    }

    /// All of a range of hours as one; `None` without values, or when grids differ.
    pub fn whole(&self, series: &str, field: &str) -> Option<Numbers> {
        let mut hours = self.numbers(series, field).map(|(_, numbers)| numbers);
        let first = hours.next()?.clone();
        hours.try_fold(first, |whole, hour| whole.merge(hour))
    }

    /// The plain figures of a range of hours, whatever their grids; `None` without values.
    pub fn plain(&self, series: &str, field: &str) -> Option<Plain> {
        let mut hours = self.numbers(series, field).map(|(_, numbers)| Plain::of(numbers));
        let first = hours.next()?;
        Some(hours.fold(first, Plain::and))
    }

    /// The least and the greatest of a field, the earliest of equals.
    pub fn ends(&self, series: &str, field: &str) -> Option<(Peak, Peak)> {
        let mut hours = self.numbers(series, field);
        let peaks = |(hour, n): (Window, &Numbers)| (Peak::of(hour, n.min), Peak::of(hour, n.max));
        let first = peaks(hours.next()?);
        Some(hours.map(peaks).fold(first, |(low, high), (lower, higher)| {
            let low = if lower.value < low.value { lower } else { low };
            let high = if higher.value > high.value { higher } else { high };
            (low, high)
        }))
    }

    /// Means of a field over groups of hours, each at the instant that names its group.
    pub fn grouped(
        &self,
        series: &str,
        field: &str,
        group: impl Fn(Window) -> Option<Instant>,
    ) -> Vec<Mean> {
        let mut groups: BTreeMap<Instant, (f64, u64)> = BTreeMap::new();
        for (hour, numbers) in self.numbers(series, field) {
            let Some(at) = group(hour) else { continue };
            let (sum, count) = groups.entry(at).or_default();
            (*sum, *count) = (*sum + numbers.sum, *count + numbers.count);
        }
        groups.into_iter().map(|(at, (sum, n))| Mean { at, value: sum / n as f64 }).collect()
    }

    /// A field over time, at the step of its trace, else by hours.
    pub fn means(&self, series: &str, field: &str) -> Vec<Mean> {
        self.numbers(series, field).flat_map(|(hour, numbers)| means(hour, numbers)).collect()
    }
}

fn owned(unit: &Option<Arc<str>>) -> Option<String> {
    unit.as_deref().map(str::to_string)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quantile::Quantiles;
    use crate::domain::stats::{Gathering, Values};
    use crate::domain::time::parse_iso;

    fn hour(text: &str) -> Window {
        Window::parse(text).unwrap()
    }

    fn at(text: &str) -> Instant {
        parse_iso(&format!("2026-11-21T{text}:00Z")).unwrap()
    }

    /// A row of readings; an old one does not say when its extremes were.
    fn summary(readings: &[(&str, f64)], old: bool) -> Summary {
        let mut gathering = Gathering::new(Quantiles::sketch(), None);
        for (time, value) in readings {
            let at = at(time);
            gathering.add(*value, at.timestamp_millis(), Window::of(at).offset_ms(at));
        }
        let mut numbers = gathering.finish().unwrap();
        if old {
            (numbers.min.at, numbers.max.at) = (None, None);
        }
        let stats = FieldStats { unit: None, values: Values::Numbers(Box::new(numbers)) };
        Summary { series: "a".into(), fields: vec![("x".into(), stats)] }
    }

    #[test]
    fn a_mean_of_hours_counts_each_value_once() {
        let mut hours = Hours::default();
        let ten = [("10:00", 1.0), ("10:20", 2.0), ("10:40", 3.0)];
        hours.enter(hour("2026-11-21T10"), summary(&ten, false));
        hours.enter(hour("2026-11-21T11"), summary(&[("11:00", 10.0)], false));
        let noon = at("12:00");
        assert_eq!(hours.grouped("a", "x", |_| Some(noon)), [Mean { at: noon, value: 4.0 }]);
        let own = hours.grouped("a", "x", |hour| Some(hour.start()));
        assert_eq!(own.iter().map(|mean| mean.value).collect::<Vec<_>>(), [2.0, 10.0]);
    }

    #[test]
    fn the_ends_of_hours_are_the_first_true_ones() {
        let rows = [
            (hour("2026-11-21T10"), summary(&[("10:00", 5.0), ("10:20", 9.0)], false)),
            (hour("2026-11-21T10"), summary(&[("10:10", 9.0), ("10:30", 6.0)], false)),
            (hour("2026-11-21T11"), summary(&[("11:00", 9.0), ("11:50", 4.5)], false)),
        ];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut hours = Hours::default();
            order.into_iter().for_each(|k| hours.enter(rows[k].0, rows[k].1.clone()));
            let (low, high) = hours.ends("a", "x").unwrap();
            assert_eq!(low, Peak { value: 4.5, when: When::At(at("11:50")) });
            assert_eq!(high, Peak { value: 9.0, when: When::At(at("10:10")) });
        }
    }

    #[test]
    fn an_extreme_of_an_old_row_has_its_hour() {
        let mut hours = Hours::default();
        hours.enter(
            hour("2026-11-21T10"),
            summary(&[("10:00", 5.0), ("10:10", 7.0), ("10:20", 6.0)], true),
        );
        hours.enter(hour("2026-11-21T11"), summary(&[("11:20", 7.0)], false));
        let (low, high) = hours.ends("a", "x").unwrap();
        assert_eq!(low.when, When::At(at("10:00")));
        assert_eq!(high, Peak { value: 7.0, when: When::In(hour("2026-11-21T10")) });
        assert_eq!(low.when.precedes(high.when), None);
        assert_eq!(high.when.precedes(When::At(at("11:00"))), Some(true));
    }
}
