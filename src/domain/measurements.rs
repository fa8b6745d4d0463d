//! Measurements: records whose id is a series and a time. Their hourly figures are computed at
//! reading, by their own time, from the versions that won.

use super::hours::{Hours, Winners};
use super::quantile::Quantiles;
use super::record::Record;
use super::row::Summary;
use super::source::{Field, Kind};
use super::stats::{FieldStats, Gathering, Values};
use super::texts::Texts;
use super::time::Window;
use super::trace::Trace;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The series of a measurement's id, which ends with its time.
pub fn series(id: &str) -> &str {
    id.rsplit_once(' ').map_or(id, |(series, _)| series)
}

/// The statistics of the measurements whose own time lies in some windows.
pub fn hours(fields: &[Field], winners: &Winners, windows: &Range<Window>) -> Hours {
    let mut groups: BTreeMap<(&str, Window), Vec<&Record>> = BTreeMap::new();
    for record in winners.records.values() {
        let Some(window) = record.time.map(Window::of).filter(|w| windows.contains(w)) else {
            continue;
        };
        groups.entry((series(&record.id), window)).or_default().push(record);
    }
    let mut hours = Hours { damaged: winners.damaged.clone(), ..Hours::default() };
    for ((series, window), records) in groups {
        let stats =
            fields.iter().filter_map(|f| Some((f.name.clone(), stats(f, window, &records)?)));
        hours.enter(window, Summary { series: series.into(), fields: stats.collect() });
    }
    hours
}

fn stats(field: &Field, window: Window, records: &[&Record]) -> Option<FieldStats> {
    let values = match field.kind {
        Kind::Text => {
            let mut texts = Texts::default();
            records.iter().filter_map(|r| r.text(&field.name)).for_each(|text| {
                texts.add(text, 1);
            });
            (texts.count() > 0).then_some(Values::Texts(texts.into()))?
        }
        Kind::Number(measure) => {
            let trace = measure.trace.map(Trace::new);
            let mut gathering = Gathering::new(Quantiles::new(measure.resolution), trace);
            for record in records {
                if let (Some(x), Some(time)) = (record.number(&field.name), record.time) {
                    gathering.add(x, time.millis(), window.offset_ms(time));
                }
            }
            Values::Numbers(Box::new(gathering.finish()?))
        }
    };
    Some(FieldStats { unit: field.unit.as_deref().map(Arc::from), values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hash::Digest;
    use crate::domain::record::{Scalar, Version};
    use crate::domain::source::{Measure, Title};
    use crate::domain::time::parse_iso;

    fn measurement(id: &str, time: &str, value: f64) -> (String, Record) {
        let at = parse_iso(time).unwrap();
        let version = Version { updated: None, instant: at, hash: Digest::of(b"") };
        let values = vec![("x".into(), Scalar::Number(value))];
        let (id, time) = (id.to_string(), Some(at));
        (id.clone(), Record { id, time, version, first_seen: at, last_seen: at, values })
    }

    #[test]
    fn measurements_count_in_the_hour_of_their_own_time() {
        let records = [
            measurement("a b 2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z", 1.0),
            measurement("a b 2026-11-22T02:59:59Z", "2026-11-22T02:59:59Z", 3.0),
            measurement("a b 2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z", 9.0),
            measurement("a b 2026-11-22T04:00:00Z", "2026-11-22T04:00:00Z", 7.0),
        ];
        let winners = Winners { records: records.into(), ..Winners::default() };
        let field = Field {
            name: "x".into(),
            picks: crate::domain::source::Picks(Vec::new()),
            unit: None,
            title: Title::default(),
            kind: Kind::Number(Measure::default()),
            missing: Vec::new(),
            scale: 1.0,
            offset: 0.0,
            form: Default::default(),
            steps: Vec::new(),
            join: None,
            required: false,
            optional: false,
        };
        let two = Window::parse("2026-11-22T02").unwrap();
        let hours = hours(&[field], &winners, &(two..two.next().next()));
        let found: Vec<_> =
            hours.numbers("a b", "x").map(|(hour, n)| (hour, n.count, n.mean())).collect();
        assert_eq!(found, [(two, 2, 2.0), (two.next(), 1, 9.0)]);
    }
}
