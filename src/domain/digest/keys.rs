//! Key figures: the numbers of the period that stand large on the front page.

use super::course::is_line;
use super::evidence::Seen;
use super::facts::{Content, Facts, SourceFacts};
use super::measure::Measure;
use super::show::Show;
use super::{course, presence, range, records, samples};
use crate::domain::format::{capital, headed};
use crate::domain::hours::Hours;
use crate::domain::report::figure::{Change, KeyFigure, Point, Sparkline};
use crate::domain::report::{Direction, Origin};
use crate::domain::sheet::Line;
use crate::domain::source::FigureKind;
use crate::domain::stats::Numbers;
use crate::domain::time::{Instant, Window};
use std::collections::BTreeMap;

/// Key figures on the page.
const KEYS: usize = 6;

/// Records of which a median, or a line of the day, tells something.
const FEW: usize = 5;

/// Letters of a label that takes many lines.
const LONG: usize = 24;

/// A key figure on its way to the page.
struct Key {
    figure: KeyFigure,
    /// It is of one moment only: others go first.
    moment: bool,
}

/// The first of each source, then the second of each, until the page is full; those of one
/// source stand together. Two of one name say whose they are.
pub fn all(facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    let keys = facts.sources.iter().map(|source| of_source(source, facts, show));
    let ranked = keys.enumerate().flat_map(|(source, keys)| {
        keys.into_iter()
            .enumerate()
            .map(move |(rank, key)| (rank + if key.moment { KEYS } else { 0 }, source, key.figure))
    });
    let mut ranked: Vec<(usize, usize, KeyFigure)> = ranked.collect();
    ranked.sort_by_key(|(rank, source, _)| (*rank, *source));
    ranked.truncate(KEYS);
    ranked.sort_by_key(|(rank, source, _)| (*source, *rank));
    let named = ranked.iter().map(|(_, source, key)| {
        let alike = |(_, other, figure): &&(usize, usize, KeyFigure)| {
            other != source && figure.label == key.label
        };
        match ranked.iter().any(|other| alike(&other)) {
            true => {
                let title = &show.named(&facts.sources[*source].source);
                let own = title.to_lowercase().starts_with(&key.label.to_lowercase());
                let label = if own { title.clone() } else { format!("{}, {title}", key.label) };
                KeyFigure { label, ..key.clone() }
            }
            false => key.clone(),
        }
    });
    named.collect()
}

fn of_source(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<Key> {
    match &source.content {
        Content::Samples { hours, before } => {
            let key = |field| of_samples(source, field, (hours, before), facts, show);
            measures(source).into_iter().filter_map(key).collect()
        }
        Content::Records { .. } => {
            let keys = of_records(source, facts, show).into_iter();
            keys.map(|figure| Key { figure, moment: false }).collect()
        }
    }
}

/// What a key figure is of: the line that shows more of it, if one does.
pub(super) fn origin(source: &SourceFacts, field: &str, series: Option<&str>) -> Origin {
    let mut lines = source.source.figures.iter();
    let line = lines.position(|f| f.kind == FigureKind::Line && f.field == field);
    let (figure, series) = (line.map_or(0, |place| place + 1), series.map(str::to_string));
    Origin { source: source.source.name.to_string(), figure, field: field.into(), series }
}

/// What a source draws as lines, then its other aggregates.
pub(super) fn measures(source: &SourceFacts) -> Vec<&str> {
    let figures = source.source.figures.iter();
    let lines = figures.filter(|f| f.kind == FigureKind::Line).map(|f| f.field.as_str());
    let mut fields: Vec<&str> = Vec::new();
    for field in lines.chain(source.source.aggregates.iter().map(|a| a.name.as_str())) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}

/// The mean of the period, its change against the one before, and the period as a line. What was
/// seen once is that value.
fn of_samples(
    source: &SourceFacts,
    field: &str,
    (hours, before): (&Hours, &Hours),
    facts: &Facts,
    show: &Show,
) -> Option<Key> {
    let measure = show.measure(&source.source, field);
    let key = (samples::carrier(source, hours, field)?, field);
    let whole = hours.whole(key.0, field)?;
    let moved = whole.min.value < whole.max.value;
    let points = course::points(source, hours, key, show);
    let line = is_line(&points);
    let title = headed(measure.title);
    let seen = range::seen(source, hours, key, facts)?;
    let label = match moved {
        true => title + &mean(&seen, show),
        false => title,
    };
    let earlier = before_of(source, before, key, facts).filter(|_| seen.is_throughout());
    // A value and its change have the same decimals.
    let (value, decimals) = middle(&measure, &whole);
    let decimals =
        earlier.iter().map(|numbers| middle(&measure, numbers).1).fold(decimals, usize::max);
    let points = if line { points } else { Vec::new() };
    let figure = KeyFigure {
        label,
        value: show.lang.number(value, decimals),
        unit: measure.unit.into(),
        change: earlier.map(|earlier| change(whole.mean() - earlier.mean(), decimals, show)),
        spark: Sparkline::over(&show.axis, points),
        origin: Some(origin(source, field, Some(key.0))),
    };
    Some(Key { figure, moment: seen.is_moment() })
}

/// That it is a mean, and of how much where hours are missing from it.
fn mean(seen: &Seen, show: &Show) -> String {
    match seen.part() {
        None => show.pick(", mean", ", moyenne").into(),
        Some((hours, all)) => show.lang.pick(
            format!(", mean of {hours} of {all} h"),
            format!(", moyenne de {hours} h sur {all}"),
        ),
    }
}

/// The mean, or the only value there was, and its decimals.
fn middle(measure: &Measure, numbers: &Numbers) -> (f64, usize) {
    match numbers.min.value < numbers.max.value {
        true => (numbers.mean(), measure.mean_decimals(numbers.mean())),
        false => (numbers.min.value, measure.own_decimals(numbers.min.value)),
    }
}

/// The values of the period before, where both periods are over and it was seen as a whole.
fn before_of(
    source: &SourceFacts,
    before: &Hours,
    key: (&str, &str),
    facts: &Facts,
) -> Option<Numbers> {
    let period = facts.period.before().filter(|_| facts.now >= facts.period.to)?;
    let ends = (period.from, period.to);
    let seen = Seen::of(before, [key.0], key.1, source.rhythm(), ends, period.to)?;
    seen.is_throughout().then(|| before.whole(key.0, key.1)).flatten()
}

fn change(by: f64, decimals: usize, show: &Show) -> Change {
    let least = 0.5 / 10f64.powi(decimals as i32);
    // None reads as none, without a row of zeros.
    let decimals = if by.abs() < least { 0 } else { decimals };
    Change {
        direction: Direction::of(by, least),
        text: show.lang.signed(by, decimals),
        note: show.against().into(),
    }
}

/// Sums up a field of records in one number.
type Sum = fn(Vec<f64>) -> Option<f64>;

/// How many records there are; the greatest of them; and their median: each hour by hour.
pub(super) fn of_records(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    let records = source.records(&facts.period);
    if records.is_empty() {
        return Vec::new();
    }
    let over = facts.now >= facts.period.to;
    let whole = presence::is_comparable(source, facts);
    let before = source.records_before(&facts.period).filter(|_| over && whole);
    // Behind the last answer nothing is known, but for what a later one told.
    let answers = source.snapshots().iter().map(|id| id.instant());
    let until = answers.chain(records.iter().filter_map(|line| line.time())).max();
    // A few make no line of a day.
    let few = records.iter().filter(|line| line.time().is_some()).count() < FEW;
    let hours = by_hours(&records);
    let by_hour = |of: &dyn Fn(&[Line]) -> Option<f64>| {
        let known = until.filter(|_| !few);
        let value = |hour| of(hours.get(&hour).map_or(&[], Vec::as_slice));
        let points = of_hours(hours_of(facts), known, value);
        Sparkline::over(&show.axis, points)
    };
    let mut keys = vec![KeyFigure {
        label: count_label(source, facts, show),
        value: show.lang.integer(records.len() as u64),
        unit: String::new(),
        change: before.map(|b| change(records.len() as f64 - b.count as f64, 0, show)),
        spark: by_hour(&|hour| Some(hour.len() as f64)),
        origin: Some(origin(source, "", None)),
    }];
    let Some(figure) = records::ranking(source) else { return keys };
    let measure = show.measure(&source.source, &figure.field);
    let kinds: [(&str, Sum); 2] =
        [(show.pick("greatest", "maximum"), greatest), (show.pick("median", "médiane"), median)];
    // A median of a few says nothing that they do not.
    let ranked = records.iter().filter(|r| r.number(&figure.field).is_some()).count();
    let kinds = kinds.into_iter().take(if ranked < FEW { 1 } else { 2 });
    for (word, of) in kinds {
        let earlier = before.and_then(|before| of(before.numbers(&figure.field).to_vec()));
        let spark = by_hour(&|hour| of(numbers(hour, &figure.field)));
        keys.extend(
            of(numbers(&records, &figure.field))
                .map(|value| record_key(&measure, word, (value, earlier), spark, show))
                .map(|key| KeyFigure { origin: Some(origin(source, &figure.field, None)), ..key }),
        );
    }
    keys
}

fn count_label(source: &SourceFacts, facts: &Facts, show: &Show) -> String {
    let what = match show.own_noun(&source.source) {
        Some(noun) => capital(show.pick(&noun.many.en, &noun.many.fr)),
        None => headed(&show.named(&source.source)),
    };
    match presence::heard_until(source, facts) {
        // Of a long name the sentence beside it tells.
        Some(last) if !source.is_timeless() && what.chars().count() < LONG => {
            format!("{what}, {}", show.as_of(last))
        }
        _ => what,
    }
}

fn record_key(
    measure: &Measure,
    word: &str,
    (value, earlier): (f64, Option<f64>),
    spark: Sparkline,
    show: &Show,
) -> KeyFigure {
    KeyFigure {
        label: format!("{}, {word}", headed(measure.title)),
        value: show.extreme_number(measure, value),
        unit: measure.unit.into(),
        change: earlier.map(|earlier| {
            let decimals = measure.own_decimals(value).max(measure.own_decimals(earlier));
            change(value - earlier, decimals, show)
        }),
        spark,
        origin: None,
    }
}

fn hours_of(facts: &Facts) -> impl Iterator<Item = Window> {
    Window::between(facts.period.from, facts.period.to)
}

/// A value for each hour that had begun when last something was heard.
fn of_hours(
    hours: impl Iterator<Item = Window>,
    until: Option<Instant>,
    value: impl Fn(Window) -> Option<f64>,
) -> Vec<Point> {
    let begun = hours.take_while(|hour| Some(hour.start()) <= until);
    begun.map(|hour| Point { at: half_past(hour), value: value(hour) }).collect()
}

fn half_past(hour: Window) -> Instant {
    hour.start().after((hour.end() - hour.start()) / 2)
}

fn by_hours<'a>(records: &[Line<'a>]) -> BTreeMap<Window, Vec<Line<'a>>> {
    let mut hours: BTreeMap<Window, Vec<Line>> = BTreeMap::new();
    for record in records {
        if let Some(time) = record.time() {
            hours.entry(Window::of(time)).or_default().push(*record);
        }
    }
    hours
}

fn numbers(records: &[Line], field: &str) -> Vec<f64> {
    records.iter().filter_map(|record| record.number(field)).collect()
}

fn greatest(values: Vec<f64>) -> Option<f64> {
    values.into_iter().max_by(f64::total_cmp)
}

/// The middle one; of an even number the mean of the middle two.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(if lower == upper { upper } else { f64::midpoint(lower, upper) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn a_line_of_counts_ends_where_the_last_answer_was() {
        let at = |minutes| Instant::default().after(Duration::minutes(minutes));
        let hours = || Window::between(at(0), at(24 * 60));
        let until = |minutes| of_hours(hours(), Some(at(minutes)), |_| Some(0.0));
        let afternoon = until(13 * 60 + 50);
        assert_eq!((afternoon.len(), afternoon[13].at), (14, at(13 * 60 + 30)));
        assert_eq!(until(24 * 60 + 5).len(), 24);
        assert_eq!(until(0).len(), 1);
        assert!(of_hours(hours(), None, |_| Some(1.0)).is_empty());
    }
}
