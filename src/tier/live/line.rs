//! One series over any range, for lines that answer: its own rows and no others are read. What
//! counts on each day is remembered, as long as the ledger of that day does not grow.

use crate::domain::digest::{Period, Rhythm, breaks, gaps, trace_of};
use crate::domain::hours::{Hours, Mean};
use crate::domain::measurements;
use crate::domain::name::SourceName;
use crate::domain::row::{Figures, Kept};
use crate::domain::screen::{LineAsk, LineTold, Means, Span};
use crate::domain::source::{Items, Source};
use crate::domain::time::{Day, Instant, Window, days_on, start_of_day};
use crate::edge::store::{Reader, Stored};
use crate::tier::past::{self, Known, Past};
use crate::tier::view;
use anyhow::{Result, bail};
use chrono::{Days, TimeDelta};
use chrono_tz::Tz;
use std::collections::{BTreeMap, HashMap};
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

    /// Of another store nothing is known.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Reads what counts of a name in some hours, to remember it.
    pub fn read(&self, store: &dyn Reader, name: &SourceName, hours: &Range<Window>) -> Result<()> {
        let growth = store.growth(name, &(hours.start.day()..=hours.end.day()))?;
        self.counted(store, name, hours, &growth).map(drop)
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
    Ok(all)
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

/// The unit of a field, if it has one.
type Unit = Option<String>;

/// The means of a field at the step that suits a span, where values are missing between them, and
/// the unit that they have.
struct Drawn {
    means: Vec<Mean>,
    gaps: Vec<(Instant, Instant)>,
    unit: Option<Unit>,
}

type Group<'a> = &'a dyn Fn(Window) -> Option<Instant>;

/// Whose line it is.
pub struct Of<'a> {
    pub store: &'a dyn Reader,
    pub ledgers: &'a Ledgers,
    pub past: &'a Past<'a>,
    pub known: &'a Known,
    pub ask: &'a LineAsk,
    /// Whether its answers are recordings.
    pub is_recorded: bool,
}

impl Of<'_> {
    fn rhythm(&self) -> Rhythm {
        Rhythm::of(&self.known.source, self.is_recorded)
    }

    /// The means of hours at the step of the field.
    fn own(&self, hours: &Hours, unit: Option<Unit>) -> Drawn {
        let LineAsk { series, field, .. } = self.ask;
        let step = trace_of(&self.known.source, field).unwrap_or(3600);
        let step = TimeDelta::seconds(step.into());
        let gaps = gaps(hours, (series, field), self.rhythm(), step);
        Drawn { means: hours.means(series, field), gaps, unit }
    }

    /// Means of groups of hours.
    fn spread(&self, means: Vec<Mean>, unit: Option<Unit>) -> Drawn {
        let instants: Vec<Instant> = means.iter().map(|mean| mean.at).collect();
        // Days are an hour longer or shorter at times.
        let step = match self.ask.span {
            Span::Year => TimeDelta::hours(36),
            _ => TimeDelta::minutes(90),
        };
        let gaps = breaks(&instants, self.rhythm(), step);
        Drawn { means, gaps, unit }
    }

    /// Of a trace, of hours, of days. What has another unit than that which is wanted, or than the
    /// latest value has, is left out.
    fn means(&self, windows: &Range<Window>, zone: Tz, wanted: Option<Unit>) -> Result<Drawn> {
        let half = |hour: Window| Some(hour.start().after(TimeDelta::minutes(30)));
        let noon = |hour: Window| {
            let day = hour.start().with_timezone(&zone).date_naive();
            Some(start_of_day(day, zone)?.after(TimeDelta::hours(12)))
        };
        match self.ask.span {
            _ if is_measured(&self.known.source) => self.measured(windows, zone, (&half, &noon)),
            Span::Hour | Span::Hours6 | Span::Day => self.stepped(windows, wanted),
            Span::Week | Span::Month => self.grouped(windows, &half, wanted),
            Span::Year => self.grouped(windows, &noon, wanted),
        }
    }

    fn stepped(&self, windows: &Range<Window>, wanted: Option<Unit>) -> Result<Drawn> {
        let LineAsk { series, field, .. } = self.ask;
        let source = &self.known.source;
        let mut hours = hours(self.store, self.ledgers, source, series, windows)?;
        let unit = match wanted {
            Some(unit) => {
                hours.keep_units(&[(field.clone(), unit.clone())].into());
                Some(unit)
            }
            None => hours.settle_units().remove(field),
        };
        Ok(self.own(&hours, unit))
    }

    /// The means of measurements, by their own times, in the units of the time.
    fn measured(
        &self,
        windows: &Range<Window>,
        zone: Tz,
        (half, noon): (Group, Group),
    ) -> Result<Drawn> {
        let LineAsk { series, field, .. } = self.ask;
        let times = windows.start.start()..windows.end.start();
        let day = |at: Instant| at.with_timezone(&zone).date_naive();
        let last = times.end.before(TimeDelta::milliseconds(1));
        let period = Period::between(day(times.start), day(last), zone);
        let known = match period {
            Some(period) => &self.past.then(self.known, &period)?,
            None => self.known,
        };
        let winners = past::records(self.store, known, &times, &(windows.start..windows.start))?;
        let hours = measurements::hours(&known.source.fields, &winners, windows);
        Ok(match self.ask.span {
            Span::Hour | Span::Hours6 | Span::Day => self.own(&hours, None),
            Span::Week | Span::Month => self.spread(hours.grouped(series, field, half), None),
            Span::Year => self.spread(hours.grouped(series, field, noon), None),
        })
    }

    /// Means over groups of hours, from counts and sums alone: what tells of quantiles and steps
    /// inside of an hour is not even read.
    fn grouped(
        &self,
        windows: &Range<Window>,
        group: Group,
        wanted: Option<Unit>,
    ) -> Result<Drawn> {
        let LineAsk { series, field, .. } = self.ask;
        let mut all: Vec<(Window, Unit, f64, u64)> = Vec::new();
        for name in self.known.source.names() {
            each(self.store, self.ledgers, &name, series, windows, &mut |rows| {
                for (hour, row) in rows {
                    let Kept::Summary(cells) = row else { continue };
                    let mut own = cells.fields.iter().filter(|(name, ..)| name == field);
                    let Some((_, measure, cell)) = own.next() else { continue };
                    let Figures::Numbers(plain, _) = &cell.figures else { continue };
                    let unit = measure.unit.as_deref().map(str::to_string);
                    all.push((*hour, unit, plain.sum, cell.count));
                }
            })?;
        }
        let latest = all.iter().max_by_key(|(hour, ..)| *hour).map(|(_, unit, ..)| unit.clone());
        let unit = wanted.or(latest);
        let mut groups: BTreeMap<Instant, (f64, u64)> = BTreeMap::new();
        for (hour, own, sum, count) in all {
            if let Some(at) = group(hour).filter(|_| unit.as_ref() == Some(&own)) {
                let group = groups.entry(at).or_default();
                *group = (group.0 + sum, group.1 + count);
            }
        }
        let means = groups.into_iter().filter(|(_, (_, count))| *count > 0);
        let means = means.map(|(at, (sum, count))| Mean { at, value: sum / count as f64 });
        Ok(self.spread(means.collect(), unit))
    }
}

/// Whether its values are records with times of their own.
fn is_measured(source: &Source) -> bool {
    source.items.series().is_some() && matches!(source.items, Items::Records(_))
}

/// Means of a range at their instants, and none in the middle of each gap between them.
fn within(drawn: Drawn, times: &Range<Instant>) -> Means {
    let middle = |(from, to): (Instant, Instant)| from.after((to - from) / 2);
    let mut gaps = drawn.gaps.into_iter().map(middle).peekable();
    let mut all = Means::new();
    for mean in drawn.means.into_iter().filter(|mean| times.contains(&mean.at)) {
        while let Some(at) = gaps.next_if(|gap| *gap < mean.at) {
            if !all.is_empty() {
                all.push((at, None));
            }
        }
        all.push((mean.at, Some(mean.value)));
    }
    all
}

/// The range of a line: hours up to an instant; else civil days, as on paper.
fn range(span: Span, period: &Period, now: Instant) -> Range<Instant> {
    let end = period.to.min(now.max(period.from));
    let hours = |hours| end.before(TimeDelta::hours(hours))..end;
    let days = |days| {
        let first = period.until.checked_sub_days(Days::new(days));
        first.and_then(|day| start_of_day(day, period.zone)).unwrap_or(period.from)..period.to
    };
    match span {
        Span::Hour => hours(1),
        Span::Hours6 => hours(6),
        Span::Day => period.from..period.to,
        Span::Week => days(7),
        Span::Month => days(30),
        Span::Year => days(365),
    }
}

/// The line that somebody asks for.
pub fn told(of: &Of, period: &Period, now: Instant) -> Result<LineTold> {
    let times = range(of.ask.span, period, now);
    let read = |times: &Range<Instant>, unit: Option<Unit>| -> Result<_> {
        // What begins behind the end tells nothing of it, not even the unit.
        let last = times.end.before(TimeDelta::milliseconds(1));
        let windows = Window::of(times.start)..Window::of(last).next();
        let drawn = of.means(&windows, period.zone, unit)?;
        let unit = drawn.unit.clone();
        anyhow::Ok((within(drawn, times), unit))
    };
    let (values, unit) = read(&times, None)?;
    // What a year has behind it is another year.
    let days = of.ask.beside.days().filter(|_| of.ask.span != Span::Year);
    let before = days.map(|days| {
        let on = |at: Instant, days: i64| days_on(at, days, period.zone);
        let back = |at: Instant| on(at, -days).unwrap_or(at.before(TimeDelta::days(days)));
        let earlier = read(&(back(times.start)..back(times.end)), unit)?.0.into_iter();
        let moved = earlier.filter_map(|(at, value)| Some((on(at, days)?, value)));
        // An hour that the clock had twice has one place.
        let moved: BTreeMap<Instant, Option<f64>> = moved.rev().collect();
        anyhow::Ok(moved.into_iter().collect())
    });
    let before = before.transpose()?;
    Ok(LineTold { name: String::new(), from: times.start, to: times.end, values, before })
}
