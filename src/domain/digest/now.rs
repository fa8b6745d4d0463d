//! The day as it is now: last values, and what stands out. For pages that live; a report that is
//! printed tells of whole periods.

use super::course::{self, is_line};
use super::facts::{Content, Facts, SourceFacts};
use super::keys::origin;
use super::measure::Measure;
use super::show::Show;
use super::{keys, records, samples};
use crate::domain::format::headed;
use crate::domain::hours::{Hours, nearest};
use crate::domain::report::figure::{Change, KeyFigure, Sparkline};
use crate::domain::report::{ChangeRow, Direction};
use crate::domain::screen::{Finding, Latest};
use crate::domain::source::Kind;
use crate::domain::time::{Instant, Window};

/// Key figures on the page.
const LATEST: usize = 6;
/// Decimals beyond the usual ones, to tell two means apart.
const DECIMALS_MORE: usize = 4;
/// Findings on the page.
const FINDINGS: usize = 8;
/// Of them, of one source.
const OF_ONE: usize = 3;
/// A value that is as near to another as this share of it is the same.
const SAME: f64 = 0.005;
/// A mean that moved less is as it was.
const MOVED: f64 = 0.15;
/// Hours that two days must share before one is compared with the other.
const HOURS_LEAST: usize = 3;

/// The last values of what sources draw as lines, and how many records there are: the first of
/// each source, then the second of each, until the page is full.
pub fn latest(facts: &Facts) -> Vec<Latest> {
    let show = Show::of(facts);
    let all = facts.sources.iter().map(|source| of_source(source, facts, &show));
    let ranked = all.enumerate().flat_map(|(place, latest)| {
        latest.into_iter().enumerate().map(move |(rank, one)| (rank, place, one))
    });
    let mut ranked: Vec<(usize, usize, Latest)> = ranked.collect();
    ranked.sort_by_key(|(rank, place, _)| (*rank, *place));
    ranked.truncate(LATEST);
    ranked.sort_by_key(|(rank, place, _)| (*place, *rank));
    ranked.into_iter().map(|(.., latest)| latest).collect()
}

fn of_source(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<Latest> {
    match &source.content {
        Content::Samples { hours, before } => {
            let value = |field| value(source, field, (hours, before), facts, show);
            keys::measures(source).into_iter().filter_map(value).collect()
        }
        Content::Records { .. } => {
            let at = source.useful().map(|id| id.instant()).max();
            let first = keys::of_records(source, facts, show).into_iter().next();
            at.zip(first).map(|(at, figure)| Latest { figure, at }).into_iter().collect()
        }
    }
}

/// The last value of a field, against that of the period before at the same time.
fn value(
    source: &SourceFacts,
    field: &str,
    (hours, before): (&Hours, &Hours),
    facts: &Facts,
    show: &Show,
) -> Option<Latest> {
    let measure = show.measure(&source.source, field);
    let key = (samples::carrier(source, hours, field)?, field);
    let last = hours.numbers(key.0, field).map(|(_, numbers)| numbers.last).last()?;
    let points = course::points(source, hours, key, show);
    let points = if is_line(&points) { points } else { Vec::new() };
    let figure = KeyFigure {
        label: show.titled(&source.source, &measure),
        value: show.extreme_number(&measure, last.value),
        unit: measure.unit.into(),
        change: against(before, key, (last.at, last.value), &measure, facts, show),
        spark: Sparkline::over(&show.axis, points),
        origin: Some(origin(source, field, Some(key.0))),
    };
    Some(Latest { figure, at: last.at })
}

fn against(
    before: &Hours,
    key: (&str, &str),
    (at, value): (Instant, f64),
    measure: &Measure,
    facts: &Facts,
    show: &Show,
) -> Option<Change> {
    let earlier = facts.period.before()?;
    let then = earlier.same(at, &facts.period)?;
    let means = before.means(key.0, key.1);
    let near = nearest(&means, then, |mean| mean.at)?;
    let by = value - near.value;
    let decimals = measure.own_decimals(value);
    let least = 0.5 / 10f64.powi(decimals as i32);
    // What is all but the same has no arrow.
    let moved = least.max(SAME * near.value.abs());
    let (_, day) = show.line_names(&facts.period, Some(&earlier));
    Some(Change {
        direction: Direction::of(by, moved),
        text: show.lang.signed(by, if by.abs() < least { 0 } else { decimals }),
        note: show
            .lang
            .pick(format!("against {day}, same time"), format!("face à {day}, même heure")),
    })
}

/// What stands out: the greatest record, and means that moved against the same hours of the day
/// before, the farthest first.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let show = Show::of(facts);
    let mut moved: Vec<(f64, Finding)> =
        facts.sources.iter().flat_map(|source| moves(source, facts, &show)).collect();
    moved.sort_by(|a, b| b.0.total_cmp(&a.0));
    let greatest = records::leading(&facts.sources, facts).and_then(|source| {
        let name = show.named(&source.source);
        let text = records::greatest(source, facts, &show)?;
        let row = ChangeRow { direction: Direction::Up, name, text, value: String::new() };
        Some(Finding { row, origin: origin(source, "", None), change: None })
    });
    greatest.into_iter().chain(moved.into_iter().map(|(_, one)| one)).take(FINDINGS).collect()
}

fn moves(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<(f64, Finding)> {
    let Content::Samples { hours, before } = &source.content else { return Vec::new() };
    let aggregates = source.source.aggregates.iter().map(|a| a.name.as_str());
    let numbers = source.source.fields.iter().filter(|field| field.kind != Kind::Text);
    let mut fields: Vec<&str> = numbers.map(|field| &*field.name).chain(aggregates).collect();
    fields.sort_unstable();
    fields.dedup();
    let found = fields.into_iter();
    let found = found.filter_map(|field| moved(source, field, (hours, before), facts, show));
    let mut found: Vec<(f64, Finding)> = found.collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(OF_ONE);
    found
}

/// How far the mean of a field moved, over the hours that both days have.
fn moved(
    source: &SourceFacts,
    field: &str,
    (hours, before): (&Hours, &Hours),
    facts: &Facts,
    show: &Show,
) -> Option<(f64, Finding)> {
    let key = samples::carrier(source, hours, field)?;
    let earlier = facts.period.before()?;
    let (mut now, mut then, mut shared) = (Sum::default(), Sum::default(), 0);
    for (hour, numbers) in hours.numbers(key, field) {
        let Some(same) = earlier.same(hour.start(), &facts.period).map(Window::of) else {
            continue;
        };
        let Some((_, old)) = before.numbers(key, field).find(|(h, _)| *h == same) else { continue };
        now.add(numbers.sum, numbers.count);
        then.add(old.sum, old.count);
        shared += 1;
    }
    let (now, then) = (now.mean()?, then.mean()?);
    let share = (now - then) / then.abs();
    if shared < HOURS_LEAST || !share.is_finite() || share.abs() < MOVED {
        return None;
    }
    let measure = show.measure(&source.source, field);
    let (_, day) = show.line_names(&facts.period, Some(&earlier));
    let [now, then] = apart([now, then], &measure, show);
    let text = show.lang.pick(
        format!("{now} on average, {then} in the same hours of {day}"),
        format!("{now} en moyenne, {then} aux mêmes heures de {day}"),
    );
    let percent = show.lang.signed(share * 100.0, 0);
    let row = ChangeRow {
        direction: Direction::of(share, 0.0),
        name: headed(&show.titled(&source.source, &measure)),
        text,
        value: show.lang.with_unit(&percent, "%"),
    };
    let (rank, origin) = (share.abs(), origin(source, field, Some(key)));
    Some((rank, Finding { row, origin, change: Some(share) }))
}

/// Two means with as many decimals as tell them apart.
fn apart(means: [f64; 2], measure: &Measure, show: &Show) -> [String; 2] {
    let least = means.map(|mean| measure.mean_decimals(mean)).into_iter().max().unwrap_or(0);
    let texts = |decimals| means.map(|mean| show.lang.quantity(mean, decimals, measure.unit));
    let mut all = (least..least + DECIMALS_MORE).map(texts);
    all.find(|texts| texts[0] != texts[1]).unwrap_or_else(|| texts(least))
}

#[derive(Default)]
struct Sum {
    sum: f64,
    count: u64,
}

impl Sum {
    fn add(&mut self, sum: f64, count: u64) {
        (self.sum, self.count) = (self.sum + sum, self.count + count);
    }

    fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}
