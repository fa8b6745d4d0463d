//! A field over time: the points that are drawn, with gaps where values are missing for longer
//! than is usual, and the words that say at what step.

use super::evidence;
use super::facts::SourceFacts;
use super::measure::Measure;
use super::period::shows_steps;
use super::show::Show;
use crate::domain::hours::{Hours, Mean};
use crate::domain::report::figure::Point;
use crate::domain::source::{Kind, Source};
use crate::domain::time::{Instant, Window, start_of_day};
use chrono::Duration;

/// Days of which it has hours; of more it has days.
const DAYS_OF_HOURS: i64 = 62;

/// Unit and step, in words.
pub fn subtitle(source: &SourceFacts, field: &str, measure: &Measure, show: &Show) -> String {
    let step = match (least(source, show), trace_of(&source.source, field)) {
        (Least::Day, _) => show.pick("daily means", "moyennes journalières").to_string(),
        (Least::Own, Some(step)) => {
            let step = show.lang.duration(step.into());
            show.lang.pick(format!("means of {step}"), format!("moyennes de {step}"))
        }
        _ => show.pick("hourly means", "moyennes horaires").to_string(),
    };
    match measure.unit {
        "" => step,
        unit => format!("{unit}, {step}"),
    }
}

/// The step of the trace of a field or an aggregate, in seconds.
pub fn trace_of(source: &Source, field: &str) -> Option<u32> {
    let own = source.fields.iter().find(|f| f.name == field).and_then(|f| match f.kind {
        Kind::Number(measure) => measure.trace,
        Kind::Text => None,
    });
    own.or(source.aggregates.iter().find(|a| a.name == field).and_then(|a| a.measure.trace))
}

/// The least step between points: a line of many days is a blot at the step of a day's.
enum Least {
    /// That of the field.
    Own,
    Hour,
    Day,
}

fn least(source: &SourceFacts, show: &Show) -> Least {
    let span = show.axis.to - show.axis.from;
    match span.num_days() {
        // Of hours that are thinned there is one mean each.
        _ if shows_steps(span) && source.aged.thinned.is_empty() => Least::Own,
        days if days <= DAYS_OF_HOURS => Least::Hour,
        _ => Least::Day,
    }
}

/// The means of a field that are drawn.
pub fn means(source: &SourceFacts, hours: &Hours, key: (&str, &str), show: &Show) -> Vec<Mean> {
    let middle = |hour: Window| Some(hour.start().after(Duration::minutes(30)));
    let noon = |hour: Window| {
        let day = hour.start().with_timezone(&show.zone()).date_naive();
        Some(start_of_day(day, show.zone())?.after(Duration::hours(12)))
    };
    match least(source, show) {
        Least::Own => hours.means(key.0, key.1),
        Least::Hour => hours.grouped(key.0, key.1, middle),
        Least::Day => hours.grouped(key.0, key.1, noon),
    }
}

/// Points of a line; it breaks where values are missing for longer than is usual.
pub fn points(source: &SourceFacts, hours: &Hours, key: (&str, &str), show: &Show) -> Vec<Point> {
    joined(&means(source, hours, key, show), &gaps(source, hours, key, show), show)
}

/// Where values are missing.
pub fn gaps(
    source: &SourceFacts,
    hours: &Hours,
    key: (&str, &str),
    show: &Show,
) -> Vec<(Instant, Instant)> {
    let step = match least(source, show) {
        Least::Own => trace_of(&source.source, key.1).unwrap_or(3600),
        Least::Hour => 3600,
        Least::Day => 86_400,
    };
    let step = Duration::seconds(step.into());
    evidence::gaps(hours, key, source.rhythm(), step)
}

/// Means that are joined, but over gaps.
pub fn joined(means: &[Mean], gaps: &[(Instant, Instant)], show: &Show) -> Vec<Point> {
    let axis = &show.axis;
    let middle = |(from, to): &(Instant, Instant)| from.after((*to - *from) / 2);
    let mut gaps = gaps.iter().map(middle).peekable();
    let mut points: Vec<Point> = Vec::new();
    for mean in means.iter().filter(|m| axis.from <= m.at && m.at < axis.to) {
        while let Some(at) = gaps.next_if(|gap| *gap < mean.at) {
            points.push(Point { at, value: None });
        }
        points.push(Point::new(mean.at, mean.value));
    }
    points
}

/// Whether there are two values to join.
pub fn is_line(points: &[Point]) -> bool {
    points.windows(2).any(|pair| pair.iter().all(|point| point.value.is_some()))
}
