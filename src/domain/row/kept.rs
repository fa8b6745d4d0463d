//! A row as every store keeps it: of samples a cell for each field, records as they are.

use super::cell::{Cell, Measure};
use super::{Row, Summary};
use crate::domain::document::Malformed;
use crate::domain::record::Record;
use crate::domain::time::Window;

/// The cells of one series of a commit, in order of the names of its fields.
#[derive(Clone, PartialEq, Debug)]
pub struct Cells {
    pub series: String,
    pub fields: Vec<(String, Measure, Cell)>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Kept {
    Summary(Cells),
    Record(Record),
}

impl Kept {
    /// A row of a commit of this hour.
    pub fn of(row: Row, hour: Window) -> Kept {
        match row {
            Row::Record(record) => Kept::Record(record),
            Row::Summary(Summary { series, fields }) => {
                let fields = fields.into_iter().map(|(name, stats)| {
                    let (measure, cell) = (Measure::of(&stats), Cell::of(&stats, hour));
                    (name, measure, cell)
                });
                Kept::Summary(Cells { series, fields: fields.collect() })
            }
        }
    }

    /// What tells the rows of one commit apart.
    pub fn key(&self) -> &str {
        match self {
            Kept::Summary(cells) => &cells.series,
            Kept::Record(record) => &record.id,
        }
    }

    /// Reads the statistics of this hour back.
    pub fn summary(&self, hour: Window) -> Result<Summary, Malformed> {
        let Kept::Summary(Cells { series, fields }) = self else {
            return Err(Malformed("a record where a summary is due".into()));
        };
        let fields = fields.iter().map(|(name, measure, cell)| {
            let told = |why: Malformed| Malformed(format!("{name}: {why}"));
            Ok((name.clone(), cell.stats(measure, hour).map_err(told)?))
        });
        Ok(Summary { series: series.clone(), fields: fields.collect::<Result<_, Malformed>>()? })
    }

    pub fn record(self) -> Result<Record, Malformed> {
        match self {
            Kept::Record(record) => Ok(record),
            Kept::Summary(_) => Err(Malformed("a summary where a record is due".into())),
        }
    }

    /// The row of a commit of this hour.
    pub fn row(self, hour: Window) -> Result<Row, Malformed> {
        match self {
            Kept::Record(record) => Ok(Row::Record(record)),
            cells => cells.summary(hour).map(Row::Summary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quantile::Quantiles;
    use crate::domain::stats::{FieldStats, Gathering, Values};
    use crate::domain::texts::Texts;
    use crate::domain::trace::Trace;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    fn hour() -> Window {
        Window::parse("2026-11-21T10").unwrap()
    }

    fn numbers(readings: &[(f64, i64)], quantiles: Quantiles, trace: Option<u32>) -> Values {
        let mut g = Gathering::new(quantiles, trace.map(Trace::new));
        for (value, ms) in readings {
            g.add(*value, hour().start().millis() + ms, *ms);
        }
        Values::Numbers(Box::new(g.finish().unwrap()))
    }

    fn row(values: Values) -> Row {
        let stats = FieldStats { unit: Some("bike".into()), values };
        Row::Summary(Summary { series: "a".into(), fields: vec![("bikes".into(), stats)] })
    }

    fn bytes(row: &Row) -> usize {
        let Kept::Summary(cells) = Kept::of(row.clone(), hour()) else { panic!() };
        match &cells.fields[0].2.figures {
            super::super::Figures::Numbers(_, bytes) => bytes.len(),
            super::super::Figures::Texts(doc) => doc.json().len(),
        }
    }

    /// Milliseconds after the start of the hour, whole seconds or not.
    fn offset() -> impl Strategy<Value = i64> {
        prop_oneof![0i64..3_600_000, (0i64..3600).prop_map(|second| second * 1000)]
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-1000i32..1000).prop_map(f64::from),
            (-1000i32..1000).prop_map(|n| f64::from(n) / 10.0),
            -1e9..1e9,
            proptest::num::f64::NORMAL,
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_kept_reads_back_the_same(
            readings in vec((value(), offset()), 1..90),
            step in select(vec![None, Some(1.0), Some(0.1), Some(0.25), Some(7.0)]),
            trace in select(vec![None, Some(10), Some(50), Some(600), Some(3600)]),
            thin in any::<bool>(),
        ) {
            let mut values = numbers(&readings, Quantiles::new(step), trace);
            if let Values::Numbers(n) = &mut values && thin {
                n.thin();
            }
            let row = row(values);
            let kept = Kept::of(row.clone(), hour());
            prop_assert_eq!(kept.row(hour()).unwrap(), row);
        }

        #[test]
        fn no_bytes_end_the_program(bytes in vec(any::<u8>(), 0..60), grid in any::<bool>()) {
            let row = row(numbers(&[(1.0, 5)], Quantiles::new(grid.then_some(1.0)), Some(600)));
            let Kept::Summary(mut cells) = Kept::of(row, hour()) else { panic!() };
            if let super::super::Figures::Numbers(_, known) = &mut cells.fields[0].2.figures {
                *known = [&[1][..], &bytes].concat();
            }
            let _ = Kept::Summary(cells).row(hour());
        }
    }

    #[test]
    fn an_hour_of_sixty_values_takes_few_bytes() {
        let each = |value: &dyn Fn(i64) -> f64| -> Vec<(f64, i64)> {
            (0..60).map(|m| (value(m), m * 60_000 + 7000)).collect()
        };
        let bikes = each(&|m| (m * 7 % 11 + m / 9) as f64);
        assert_eq!(bytes(&row(numbers(&bikes, Quantiles::grid(1.0), Some(600)))), 58);
        let still = each(&|_| 12.0);
        assert_eq!(bytes(&row(numbers(&still, Quantiles::grid(1.0), Some(600)))), 23);
        let warm = each(&|m| 12.3 + ((m * 7 % 5) as f64) / 10.0);
        assert_eq!(bytes(&row(numbers(&warm, Quantiles::grid(0.1), Some(600)))), 47);
        let sketch = row(numbers(&warm, Quantiles::sketch(), Some(600)));
        assert!(bytes(&sketch) < 260, "{}", bytes(&sketch));
        let Values::Numbers(mut thin) = numbers(&bikes, Quantiles::grid(1.0), Some(600)) else {
            panic!()
        };
        thin.thin();
        assert_eq!(bytes(&row(Values::Numbers(thin))), 16);
    }

    #[test]
    fn texts_read_back_the_same() {
        let mut texts = Texts::default();
        texts.add("rain \"heavy\"", 3);
        texts.add("", 1);
        texts.other = 7;
        let row = row(Values::Texts(texts.into()));
        assert_eq!(Kept::of(row.clone(), hour()).row(hour()).unwrap(), row);
    }
}
