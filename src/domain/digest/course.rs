//! A field over time: the points that are drawn, with gaps where values are missing for longer
//! than is usual, and the words that say at what step.

use super::evidence;
use super::facts::SourceFacts;
use super::measure::Measure;
use super::show::Show;
use crate::domain::hours::{Hours, Mean};
use crate::domain::report::figure::Point;
use crate::domain::source::Kind;
use crate::domain::time::Instant;
use chrono::Duration;

/// Unit and step, in words.
pub fn subtitle(source: &SourceFacts, field: &str, measure: &Measure, show: &Show) -> String {
    let step = trace_of(source, field);
    let step = step.map_or_else(
        || show.pick("hourly means", "moyennes horaires").to_string(),
        |step| {
            let step = show.lang.duration(step.into());
            show.lang.pick(format!("means of {step}"), format!("moyennes de {step}"))
        },
    );
    match measure.unit {
        "" => step,
        unit => format!("{unit}, {step}"),
    }
}

fn trace_of(source: &SourceFacts, field: &str) -> Option<u32> {
    let source = &source.source;
    let own = source.fields.iter().find(|f| f.name == field).and_then(|f| match f.kind {
        Kind::Number(measure) => measure.trace,
        Kind::Text => None,
    });
    own.or(source.aggregates.iter().find(|a| a.name == field).and_then(|a| a.measure.trace))
}

/// Points of a line; it breaks where values are missing for longer than is usual.
pub fn points(source: &SourceFacts, hours: &Hours, key: (&str, &str), show: &Show) -> Vec<Point> {
    joined(&hours.means(key.0, key.1), &gaps(source, hours, key), show)
}

/// Where values are missing.
pub fn gaps(source: &SourceFacts, hours: &Hours, key: (&str, &str)) -> Vec<(Instant, Instant)> {
    let step = Duration::seconds(trace_of(source, key.1).unwrap_or(3600).into());
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
