//! Key figures: the numbers of the period that stand large on the front page.

use super::facts::{Content, Facts, SourceFacts};
use super::show::{Measure, Show};
use super::{records, samples};
use crate::domain::hours::Hours;
use crate::domain::record::Record;
use crate::domain::report::Direction;
use crate::domain::report::figure::{Change, KeyFigure, Sparkline};
use crate::domain::source::FigureKind;
use crate::domain::time::{Instant, Window};

/// Key figures on the page.
const KEYS: usize = 6;

/// The first of each source, then the second of each, until the page is full; those of one
/// source stand together.
pub fn all(facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    let keys = facts.sources.iter().map(|source| of_source(source, facts, show));
    let ranked = keys.enumerate().flat_map(|(source, keys)| {
        keys.into_iter().enumerate().map(move |(rank, key)| (rank, source, key))
    });
    let mut ranked: Vec<(usize, usize, KeyFigure)> = ranked.collect();
    ranked.sort_by_key(|(rank, source, _)| (*rank, *source));
    ranked.truncate(KEYS);
    ranked.sort_by_key(|(rank, source, _)| (*source, *rank));
    ranked.into_iter().map(|(_, _, key)| key).collect()
}

fn of_source(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    match &source.content {
        Content::Samples { hours, before } => {
            let key = |field| of_samples(source, field, hours, before, show);
            measures(source).into_iter().filter_map(key).collect()
        }
        Content::Records { .. } => of_records(source, facts, show),
    }
}

/// What a source draws as lines, then its other aggregates.
fn measures(source: &SourceFacts) -> Vec<&str> {
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

/// The mean of the period, its change against the one before, and the period as a line.
fn of_samples(
    source: &SourceFacts,
    field: &str,
    hours: &Hours,
    before: &Hours,
    show: &Show,
) -> Option<KeyFigure> {
    let measure = show.measure(&source.source, field);
    let series = samples::carrier(source, hours, field)?;
    let mean = hours.whole(series, field)?.mean();
    let earlier = before.whole(series, field).map(|numbers| numbers.mean());
    let values = hours.means(series, field).iter().map(|mean| Some(mean.value)).collect();
    Some(KeyFigure {
        label: measure.title.into(),
        value: show.number(&measure, mean),
        unit: measure.unit.into(),
        change: earlier.map(|earlier| change(mean - earlier, measure.decimals(mean), show)),
        spark: Sparkline { values, band: None },
    })
}

fn change(by: f64, decimals: usize, show: &Show) -> Change {
    let least = 0.5 / 10f64.powi(decimals as i32);
    Change {
        direction: Direction::of(by, least),
        text: show.lang.signed(by, decimals),
        note: show.against().into(),
    }
}

/// Sums up a field of records in one number.
type Sum = fn(&[&Record], &str) -> Option<f64>;

/// How many records there are; the greatest of them; and their median: each hour by hour.
fn of_records(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    let records = source.records(&facts.period);
    if records.is_empty() {
        return Vec::new();
    }
    let before = source.records_before(&facts.period);
    let by_hour = |of: &dyn Fn(&[&Record]) -> Option<f64>| Sparkline {
        values: hours_of(facts).map(|hour| of(&within(&records, hour))).collect(),
        band: None,
    };
    let mut keys = vec![KeyFigure {
        label: show.short_title(&source.source).into(),
        value: show.lang.integer(records.len() as u64),
        unit: String::new(),
        change: before.as_ref().map(|b| change(records.len() as f64 - b.len() as f64, 0, show)),
        spark: by_hour(&|hour| Some(hour.len() as f64)),
    }];
    let Some(figure) = records::ranking(source) else { return keys };
    let measure = show.measure(&source.source, &figure.field);
    let kinds: [(&str, Sum); 2] =
        [(show.pick("greatest", "maximum"), greatest), (show.pick("median", "médiane"), median)];
    for (word, of) in kinds {
        let earlier = before.as_ref().and_then(|before| of(before, &figure.field));
        let spark = by_hour(&|hour| of(hour, &figure.field));
        keys.extend(
            of(&records, &figure.field)
                .map(|value| record_key(&measure, word, (value, earlier), spark, show)),
        );
    }
    keys
}

fn record_key(
    measure: &Measure,
    word: &str,
    (value, earlier): (f64, Option<f64>),
    spark: Sparkline,
    show: &Show,
) -> KeyFigure {
    KeyFigure {
        label: format!("{}, {word}", measure.title),
        value: show.number(measure, value),
        unit: measure.unit.into(),
        change: earlier.map(|earlier| change(value - earlier, measure.decimals(value), show)),
        spark,
    }
}

fn hours_of(facts: &Facts) -> impl Iterator<Item = (Instant, Instant)> {
    let windows = Window::between(facts.period.from, facts.period.to);
    windows.map(|window| (window.start(), window.next().start()))
}

fn within<'a>(records: &[&'a Record], (from, to): (Instant, Instant)) -> Vec<&'a Record> {
    let inside = |r: &&&Record| r.time.is_some_and(|t| from <= t && t < to);
    records.iter().filter(inside).copied().collect()
}

fn greatest(records: &[&Record], field: &str) -> Option<f64> {
    records.iter().filter_map(|record| record.number(field)).max_by(f64::total_cmp)
}

/// The nearest rank: the least value that half of the records do not exceed.
fn median(records: &[&Record], field: &str) -> Option<f64> {
    let mut values: Vec<f64> = records.iter().filter_map(|record| record.number(field)).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}
