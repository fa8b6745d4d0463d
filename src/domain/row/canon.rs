//! Rows as canonical documents: what stores of before version 4 kept, and what the checksums of
//! their entries are taken over; of records, those of today, too.

use super::{Row, Summary};
use crate::domain::document::{Doc, Malformed, between, quote};
use crate::domain::hash::Digest;
use crate::domain::quantile::{ACCURACY, Counts, Dense, Quantiles};
use crate::domain::record::{Record, Scalar, Version};
use crate::domain::stats::{Extreme, FieldStats, Numbers, Reading, Values};
use crate::domain::texts::Texts;
use crate::domain::trace::{Bin, Trace};
use std::borrow::Cow;
use std::sync::Arc;

impl Row {
    /// The row without its commit, as a document.
    pub fn doc(&self) -> Doc {
        match self {
            Row::Summary(summary) => Doc::map([
                ("series", Doc::text(&*summary.series)),
                ("fields", named(&summary.fields, stats_doc)),
            ]),
            Row::Record(record) => record_doc(record),
        }
    }

    /// Reads a summary back.
    pub fn summary(doc: &Doc) -> Result<Summary, Malformed> {
        let series = doc.get("series").as_text()?.to_string();
        Ok(Summary { series, fields: read_named(doc.get("fields"), read_stats)? })
    }

    /// Reads a record back.
    pub fn record(doc: &Doc) -> Result<Record, Malformed> {
        let hash = doc.get("hash").as_text()?;
        Ok(Record {
            id: doc.get("id").as_text()?.into(),
            time: doc.get("time").optional(Doc::as_instant)?,
            version: Version {
                updated: doc.get("updated").optional(Doc::as_instant)?,
                instant: doc.get("instant").as_instant()?,
                hash: Digest::parse(hash).ok_or_else(|| Malformed(format!("no hash: {hash}")))?,
            },
            first_seen: doc.get("first_seen").as_instant()?,
            last_seen: doc.get("last_seen").as_instant()?,
            values: read_named(doc.get("values"), Scalar::read)?,
        })
    }
}

fn named<T>(values: &[(String, T)], doc: impl Fn(&T) -> Doc) -> Doc {
    Doc::Map(values.iter().map(|(name, v)| (Cow::Owned(name.clone()), doc(v))).collect())
}

fn read_named<T>(
    doc: &Doc,
    read: impl Fn(&Doc) -> Result<T, Malformed>,
) -> Result<Vec<(String, T)>, Malformed> {
    let pairs = doc.pairs().iter().map(|(name, value)| Ok((name.to_string(), read(value)?)));
    let mut pairs: Vec<(String, T)> = pairs.collect::<Result<_, Malformed>>()?;
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(pairs)
}

pub(super) fn record_doc(record: &Record) -> Doc {
    Doc::map([
        ("id", Doc::text(&*record.id)),
        ("time", Doc::option(record.time, Doc::Instant)),
        ("updated", Doc::option(record.version.updated, Doc::Instant)),
        ("instant", Doc::Instant(record.version.instant)),
        ("hash", Doc::text(record.version.hash.hex())),
        ("first_seen", Doc::Instant(record.first_seen)),
        ("last_seen", Doc::Instant(record.last_seen)),
        (
            "values",
            named(&record.values, |value| match value {
                Scalar::Number(value) => Doc::Float(*value),
                Scalar::Text(text) => Doc::text(&**text),
            }),
        ),
    ])
}

/// What a record says, and not when it was seen: its id, its time and its values, as canonical
/// JSON each: without a document, since a report asks for it of each record.
pub fn said(record: &Record) -> [String; 3] {
    let [mut id, mut values] = [String::new(), String::new()];
    quote(&record.id, &mut id);
    between('{', '}', &record.values, &mut values, |(name, value), out| {
        quote(name, out);
        out.push(':');
        match value {
            Scalar::Number(value) => Doc::Float(*value).write_json(out),
            Scalar::Text(text) => quote(text, out),
        }
    });
    [id, Doc::option(record.time, Doc::Instant).json(), values]
}

fn stats_doc(stats: &FieldStats) -> Doc {
    let unit = ("unit", Doc::option(stats.unit.as_deref(), Doc::text));
    match &stats.values {
        Values::Texts(texts) => {
            Doc::map([unit, ("count", Doc::Int(texts.count() as i64)), ("texts", texts_doc(texts))])
        }
        Values::Numbers(n) => numbers_doc(unit, n),
    }
}

/// An instant that is not known has no key: rows of earlier versions keep the form that their
/// checksum was taken over.
fn numbers_doc(unit: (&'static str, Doc), n: &Numbers) -> Doc {
    let mut pairs = Vec::with_capacity(13);
    pairs.extend([unit, ("count", Doc::Int(n.count as i64)), ("sum", Doc::Float(n.sum))]);
    for (name, name_at, extreme) in [("min", "min_at", n.min), ("max", "max_at", n.max)] {
        pairs.push((name, Doc::Float(extreme.value)));
        pairs.extend(extreme.at.map(|at| (name_at, Doc::Instant(at))));
    }
    pairs.extend([
        ("m2", Doc::Float(n.m2)),
        ("first", reading_doc(n.first)),
        ("last", reading_doc(n.last)),
        ("presence", Doc::Int(n.presence as i64)),
        ("quantiles", quantiles_doc(&n.quantiles)),
        ("trace", Doc::option(n.trace.as_ref(), trace_doc)),
    ]);
    Doc::map_of(pairs)
}

fn read_stats(doc: &Doc) -> Result<FieldStats, Malformed> {
    let unit = doc.get("unit").optional(Doc::as_text)?.map(Arc::from);
    if !doc.get("texts").is_null() {
        return Ok(FieldStats {
            unit,
            values: Values::Texts(read_texts(doc.get("texts"))?.into()),
        });
    }
    let numbers = Numbers {
        count: doc.get("count").as_count()?,
        sum: doc.get("sum").as_float()?,
        min: read_extreme(doc, "min", "min_at")?,
        max: read_extreme(doc, "max", "max_at")?,
        m2: doc.get("m2").as_float()?,
        first: read_reading(doc.get("first"))?,
        last: read_reading(doc.get("last"))?,
        presence: doc.get("presence").as_count()?,
        quantiles: read_quantiles(doc.get("quantiles"))?,
        trace: doc.get("trace").optional(read_trace)?,
    };
    Ok(FieldStats { unit, values: Values::Numbers(Box::new(numbers)) })
}

fn reading_doc(reading: Reading) -> Doc {
    Doc::map([("at", Doc::Instant(reading.at)), ("value", Doc::Float(reading.value))])
}

fn read_reading(doc: &Doc) -> Result<Reading, Malformed> {
    Ok(Reading { at: doc.get("at").as_instant()?, value: doc.get("value").as_float()? })
}

fn read_extreme(doc: &Doc, value: &str, at: &str) -> Result<Extreme, Malformed> {
    let at = doc.get(at).optional(Doc::as_instant)?;
    Ok(Extreme { value: doc.get(value).as_float()?, at })
}

fn texts_doc(texts: &Texts) -> Doc {
    Doc::map([
        ("values", Doc::List(texts.iter().map(|(text, _)| Doc::text(text)).collect())),
        ("counts", Doc::ints(texts.iter().map(|(_, count)| count))),
        ("other", Doc::Int(texts.other as i64)),
    ])
}

fn read_texts(doc: &Doc) -> Result<Texts, Malformed> {
    let mut texts = Texts::default();
    texts.other = doc.get("other").as_count()?;
    let counts = doc.get("counts").as_counts()?;
    for (text, count) in doc.get("values").as_list()?.iter().zip(counts) {
        texts.add(text.as_text()?, count);
    }
    Ok(texts)
}

fn quantiles_doc(quantiles: &Quantiles) -> Doc {
    match quantiles {
        Quantiles::Grid { step, counts } => Doc::map([
            ("kind", Doc::text("grid")),
            ("step", Doc::Float(*step)),
            ("keys", Doc::ints(counts.iter().map(|(key, _)| key))),
            ("counts", Doc::ints(counts.iter().map(|(_, count)| count))),
        ]),
        Quantiles::Sketch { zero, positive, negative } => Doc::map([
            ("kind", Doc::text("sketch")),
            ("accuracy", Doc::Float(ACCURACY)),
            ("zero", Doc::Int(*zero as i64)),
            ("keys", Doc::ints(positive.keys().copied())),
            ("counts", Doc::ints(positive.values().copied())),
            ("negative_keys", Doc::ints(negative.keys().copied())),
            ("negative_counts", Doc::ints(negative.values().copied())),
        ]),
        Quantiles::Dropped => Doc::map([("kind", Doc::text("dropped"))]),
    }
}

fn read_quantiles(doc: &Doc) -> Result<Quantiles, Malformed> {
    match doc.get("kind").as_text()? {
        "grid" => {
            let mut counts = Dense::default();
            let pairs = read_counts(doc, "keys", "counts")?;
            pairs.iter().for_each(|(key, times)| {
                counts.add(*key, *times);
            });
            Ok(Quantiles::Grid { step: doc.get("step").as_float()?, counts })
        }
        "sketch" => Ok(Quantiles::Sketch {
            zero: doc.get("zero").as_count()?,
            positive: read_counts(doc, "keys", "counts")?,
            negative: read_counts(doc, "negative_keys", "negative_counts")?,
        }),
        "dropped" => Ok(Quantiles::Dropped),
        other => Err(Malformed(format!("no kind of quantiles: {other}"))),
    }
}

fn read_counts(doc: &Doc, keys: &str, counts: &str) -> Result<Counts, Malformed> {
    let keys = doc.get(keys).as_list()?.iter().map(Doc::as_int);
    keys.zip(doc.get(counts).as_counts()?).map(|(key, count)| Ok((key?, count))).collect()
}

fn trace_doc(trace: &Trace) -> Doc {
    let bins = || trace.bins();
    Doc::map([
        ("step", Doc::Int(trace.step().into())),
        ("bins", Doc::ints(bins().map(|(place, _)| place))),
        ("counts", Doc::ints(bins().map(|(_, bin)| bin.count))),
        ("sums", Doc::floats(bins().map(|(_, bin)| bin.sum()))),
        ("mins", Doc::floats(bins().map(|(_, bin)| bin.min))),
        ("maxs", Doc::floats(bins().map(|(_, bin)| bin.max))),
    ])
}

fn read_trace(doc: &Doc) -> Result<Trace, Malformed> {
    let mut trace = Trace::new(doc.get("step").as_count()?.try_into().unwrap_or(u32::MAX));
    let (counts, sums) = (doc.get("counts").as_counts()?, doc.get("sums").as_floats()?);
    let (mins, maxs) = (doc.get("mins").as_floats()?, doc.get("maxs").as_floats()?);
    let places = doc.get("bins").as_counts()?;
    let columns = counts.iter().zip(&sums).zip(mins.iter().zip(&maxs));
    for (place, ((count, sum), (min, max))) in places.iter().zip(columns) {
        trace.put(*place as usize, &Bin::new(*count, *sum, *min, *max));
    }
    Ok(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stats::Gathering;
    use crate::domain::time::from_millis;

    fn numbers(quantiles: Quantiles) -> Values {
        let mut g = Gathering::new(quantiles, Some(Trace::new(600)));
        for (v, ms) in [(0.0, 5), (-2.5, 700_000), (9.25, 3_599_999), (1e12, 1_000_000)] {
            g.add(v, ms, ms);
        }
        Values::Numbers(Box::new(g.finish().unwrap()))
    }

    fn reread(row: &Row) -> Doc {
        Doc::from_json(serde_json::from_str(&row.doc().json()).unwrap())
    }

    #[test]
    fn summaries_read_back_the_same_from_json() {
        let mut texts = Texts::default();
        texts.add("rain \"heavy\"", 3);
        let stats = |unit: Option<&str>, values| FieldStats { unit: unit.map(Arc::from), values };
        let summary = Summary {
            series: "a/é".into(),
            fields: vec![
                ("grid".into(), stats(Some("bike"), numbers(Quantiles::grid(0.25)))),
                ("sketch".into(), stats(None, numbers(Quantiles::sketch()))),
                ("weather".into(), stats(None, Values::Texts(texts.into()))),
            ],
        };
        let row = Row::Summary(summary.clone());
        let again = Row::summary(&reread(&row)).unwrap();
        assert_eq!(again, summary);
        assert_eq!(Row::Summary(again).doc().json(), row.doc().json());
    }

    /// A row of before extremes had instants, to the byte: a checksum was taken over it.
    #[test]
    fn a_row_without_instants_of_extremes_keeps_its_form() {
        let old = concat!(
            r#"{"series":"a","fields":{"x":{"unit":null,"count":2,"sum":4.5,"min":1.5,"max":3.0,"#,
            r#""m2":1.125,"first":{"at":"2026-11-21T10:00:00.000Z","value":3.0},"#,
            r#""last":{"at":"2026-11-21T10:10:00.000Z","value":1.5},"presence":1025,"#,
            r#""quantiles":{"kind":"grid","step":0.5,"keys":[3,6],"counts":[1,1]},"trace":null}}}"#,
        );
        let read = Row::summary(&Doc::from_json(serde_json::from_str(old).unwrap())).unwrap();
        let mut numbers = read.field("x").unwrap().numbers().unwrap().clone();
        assert_eq!((numbers.min.at, numbers.max.at), (None, None));
        assert_eq!(Row::Summary(read).doc().json(), old);
        numbers.max.at = Some(from_millis(5));
        let stats = FieldStats { unit: None, values: Values::Numbers(Box::new(numbers)) };
        let fields = vec![("x".to_string(), stats)];
        let json = Row::Summary(Summary { series: "a".into(), fields }).doc().json();
        assert!(json.contains(r#""max":3.0,"max_at":"1970-01-01T00:00:00.005Z","m2""#), "{json}");
    }

    #[test]
    fn records_read_back_the_same_from_json() {
        let seen = from_millis(1_700_000_000_123);
        let record = Record {
            id: "us1".into(),
            time: Some(seen),
            version: Version { updated: None, instant: seen, hash: Digest::of(b"x") },
            first_seen: seen,
            last_seen: seen,
            values: vec![
                ("magnitude".into(), Scalar::Number(2.0)),
                ("place".into(), Scalar::Text("3 km N of X".into())),
            ],
        };
        let row = Row::Record(record.clone());
        let keys = ["id", "time", "values"].map(|key| row.doc().get(key).json());
        assert_eq!(said(&record), keys);
        assert_eq!(said(&Record { time: None, ..record.clone() })[1], "null");
        assert_eq!(Row::record(&reread(&row)), Ok(record));
    }

    #[test]
    fn malformed_rows_are_told() {
        let error = Row::summary(&Doc::map([("series", Doc::Int(3))])).unwrap_err();
        assert_eq!(error.to_string(), "3 is not a text");
    }
}
