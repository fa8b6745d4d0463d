//! One series over any range, for lines that answer: its own rows and no others are read. What
//! counts on each day is remembered, as long as the ledger of that day does not grow.

use crate::domain::digest::Period;
use crate::domain::hours::{Hours, Mean, Winners};
use crate::domain::measurements;
use crate::domain::name::SourceName;
use crate::domain::row::{Figures, Kept};
use crate::domain::screen::{LineAsk, LineTold, Span};
use crate::domain::source::{Items, Source};
use crate::domain::time::{Day, Instant, Window, start_of_day};
use crate::edge::store::{Reader, Stored};
use crate::tier::view;
use anyhow::{Result, bail};
use chrono::TimeDelta;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Readings before it is given up because the ledger changes all the time.
const TRIES: usize = 5;

/// Days of ledgers that are remembered.
const DAYS: usize = 20_000;

/// What counts on a day: hours and commits.
type Counted = Arc<Vec<(Window, String)>>;

/// What counts on days of ledgers, as long as they do not grow.
#[derive(Default)]
pub struct Ledgers(Mutex<BTreeMap<(SourceName, Day), (u64, Counted)>>);

impl Ledgers {
    /// What counts of a name in some hours.
    fn counted(
        &self,
        store: &dyn Reader,
        name: &SourceName,
        hours: &Range<Window>,
        growth: &BTreeMap<Day, u64>,
    ) -> Result<Vec<(Window, String)>> {
        let mut all = Vec::new();
        for (day, grown) in growth {
            let counted = self.of_day(store, name, *day, *grown)?;
            all.extend(counted.iter().filter(|(hour, _)| hours.contains(hour)).cloned());
        }
        Ok(all)
    }

    fn of_day(
        &self,
        store: &dyn Reader,
        name: &SourceName,
        day: Day,
        grown: u64,
    ) -> Result<Counted> {
        let key = (name.clone(), day);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((_, counted)) = known.filter(|(before, _)| *before == grown) {
            return Ok(counted);
        }
        let (ledger, _) = view::readable(store.outlines(name, day)?);
        let counted = ledger.live(None).map(|entry| (entry.hour, entry.commit.clone()));
        let counted: Counted = Arc::new(counted.collect());
        // What waits has its own commits at each look, and is not remembered.
        let waits = counted.iter().any(|(_, commit)| commit.starts_with("waiting-"));
        if !waits {
            let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if days.len() >= DAYS {
                days.clear();
            }
            days.insert(key, (grown, counted.clone()));
        }
        Ok(counted)
    }
}

/// The statistics of one series in some hours, under all names of its source.
pub fn hours(
    store: &dyn Reader,
    ledgers: &Ledgers,
    source: &Source,
    series: &str,
    range: &Range<Window>,
) -> Result<Hours> {
    let mut all = Hours::default();
    for name in source.names() {
        enter(store, ledgers, &name, series, range, &mut all)?;
    }
    all.keep_units(&units(source));
    Ok(all)
}

fn units(source: &Source) -> BTreeMap<String, Option<String>> {
    let fields = source.fields.iter().map(|field| field.name.as_str());
    let all = fields.chain(source.aggregates.iter().map(|aggregate| aggregate.name.as_str()));
    let unit = |name: &str| {
        let (unit, _) = source.described(name)?;
        Some((name.to_string(), unit.map(str::to_string)))
    };
    all.filter_map(unit).collect()
}

fn enter(
    store: &dyn Reader,
    ledgers: &Ledgers,
    name: &SourceName,
    series: &str,
    range: &Range<Window>,
    all: &mut Hours,
) -> Result<()> {
    each(store, ledgers, name, series, range, &mut |rows| {
        // What cannot be read leaves a gap; the audit tells of it.
        let read = rows.iter().filter_map(|(hour, row)| Some((*hour, row.summary(*hour).ok()?)));
        read.for_each(|(hour, summary)| all.enter(hour, summary));
    })
}

/// What is made of rows, each with its hour.
type Take<'a> = &'a mut dyn FnMut(&[(Window, Kept)]);

/// The rows of a series that count in some hours, as one ledger has them.
fn each(
    store: &dyn Reader,
    ledgers: &Ledgers,
    name: &SourceName,
    series: &str,
    range: &Range<Window>,
    take: Take,
) -> Result<()> {
    let days = range.start.day()..=range.end.day();
    for _ in 0..TRIES {
        let growth = store.growth(name, &days)?;
        let counted = ledgers.counted(store, name, range, &growth)?;
        let commits: Vec<String> = counted.iter().map(|(_, commit)| commit.clone()).collect();
        let hours: HashMap<&str, Window> =
            counted.iter().map(|(hour, commit)| (commit.as_str(), *hour)).collect();
        let mut rows = Vec::new();
        store.series(&commits, series, &mut |stored: Stored| {
            let hour = hours.get(stored.commit.as_str()).copied();
            rows.extend(hour.and_then(|hour| Some((hour, stored.row.ok()?))));
        })?;
        if store.growth(name, &days)? == growth {
            take(&rows);
            return Ok(());
        }
    }
    bail!("the ledger of {name} changed at each of {TRIES} readings; try again")
}

/// The means of a field at the step that suits a span: of its trace, of hours, of days.
fn means(
    (store, ledgers): (&dyn Reader, &Ledgers),
    source: &Source,
    ask: &LineAsk,
    windows: &Range<Window>,
    zone: Tz,
) -> Result<Vec<Mean>> {
    let half = |hour: Window| Some(hour.start().after(TimeDelta::minutes(30)));
    let noon = |hour: Window| {
        let day = hour.start().with_timezone(&zone).date_naive();
        Some(start_of_day(day, zone)?.after(TimeDelta::hours(12)))
    };
    match ask.span {
        _ if is_measured(source) => measured(store, source, ask, windows, (&half, &noon)),
        Span::Hour | Span::Hours6 | Span::Day => {
            let hours = hours(store, ledgers, source, &ask.series, windows)?;
            Ok(hours.means(&ask.series, &ask.field))
        }
        Span::Week | Span::Month => grouped(store, ledgers, source, ask, windows, &half),
        Span::Year => grouped(store, ledgers, source, ask, windows, &noon),
    }
}

/// Whether its values are records with times of their own.
fn is_measured(source: &Source) -> bool {
    source.items.series().is_some() && matches!(source.items, Items::Records(_))
}

type Group<'a> = &'a dyn Fn(Window) -> Option<Instant>;

/// The means of measurements, by their own times.
fn measured(
    store: &dyn Reader,
    source: &Source,
    ask: &LineAsk,
    windows: &Range<Window>,
    (half, noon): (Group, Group),
) -> Result<Vec<Mean>> {
    let times = windows.start.start()..windows.end.start();
    let none = windows.start..windows.start;
    let mut winners = Winners::default();
    for name in source.names() {
        let sound = BTreeSet::new();
        winners.absorb(view::records(store, &name, &times, &none, &|_| true, &sound)?);
    }
    let hours = measurements::hours(&source.fields, &winners, windows);
    Ok(match ask.span {
        Span::Hour | Span::Hours6 | Span::Day => hours.means(&ask.series, &ask.field),
        Span::Week | Span::Month => hours.grouped(&ask.series, &ask.field, half),
        Span::Year => hours.grouped(&ask.series, &ask.field, noon),
    })
}

/// Means over groups of hours, from counts and sums alone: what tells of quantiles and steps inside
/// of an hour is not even read.
fn grouped(
    store: &dyn Reader,
    ledgers: &Ledgers,
    source: &Source,
    ask: &LineAsk,
    windows: &Range<Window>,
    group: &dyn Fn(Window) -> Option<Instant>,
) -> Result<Vec<Mean>> {
    let unit = source.described(&ask.field).and_then(|(unit, _)| unit);
    let mut groups: BTreeMap<Instant, (f64, u64)> = BTreeMap::new();
    for name in source.names() {
        each(store, ledgers, &name, &ask.series, windows, &mut |rows| {
            for (hour, row) in rows {
                let Kept::Summary(cells) = row else { continue };
                let mut own = cells.fields.iter().filter(|(name, ..)| *name == ask.field);
                let Some((_, measure, cell)) = own.next() else { continue };
                let Figures::Numbers(plain, _) = &cell.figures else { continue };
                if measure.unit.as_deref() != unit {
                    continue;
                }
                let Some(at) = group(*hour) else { continue };
                let (sum, count) = groups.entry(at).or_default();
                (*sum, *count) = (*sum + plain.sum, *count + cell.count);
            }
        })?;
    }
    let means = groups.into_iter().filter(|(_, (_, count))| *count > 0);
    Ok(means.map(|(at, (sum, count))| Mean { at, value: sum / count as f64 }).collect())
}

/// Means of a range at their instants.
fn within(means: Vec<Mean>, times: &Range<Instant>) -> Vec<(Instant, f64)> {
    let inside = means.into_iter().filter(|mean| times.contains(&mean.at));
    inside.map(|mean| (mean.at, mean.value)).collect()
}

/// The range of a line that ends at an instant; a day's is the civil day, as on paper.
fn range(span: Span, period: &Period, now: Instant) -> Range<Instant> {
    let end = period.to.min(now.max(period.from));
    match span {
        Span::Day => period.from..period.to,
        Span::Hour | Span::Hours6 => end.before(span.length())..end,
        Span::Week | Span::Month | Span::Year => period.to.before(span.length())..period.to,
    }
}

/// The line that somebody asks for.
pub fn told(
    store: &dyn Reader,
    ledgers: &Ledgers,
    source: &Source,
    ask: &LineAsk,
    period: &Period,
    now: Instant,
) -> Result<LineTold> {
    let times = range(ask.span, period, now);
    let read = |times: &Range<Instant>| -> Result<Vec<(Instant, f64)>> {
        let windows = Window::of(times.start)..Window::of(times.end).next();
        let means = means((store, ledgers), source, ask, &windows, period.zone)?;
        Ok(within(means, times))
    };
    // What a year has behind it is another year.
    let shift = ask.beside.shift().filter(|_| ask.span != Span::Year);
    let before = shift.map(|shift| {
        let earlier = times.start.before(shift)..times.end.before(shift);
        let moved = read(&earlier)?.into_iter().map(|(at, value)| (at.after(shift), value));
        anyhow::Ok(moved.collect())
    });
    Ok(LineTold {
        name: String::new(),
        from: times.start,
        to: times.end,
        values: read(&times)?,
        before: before.transpose()?,
    })
}
