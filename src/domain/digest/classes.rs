//! Classes of the values on a map: five, between four round limits, so that the key of a map
//! says what its marks are.

use super::measure::Measure;
use super::show::Show;
use crate::domain::format::decimals_for;
use crate::domain::report::Tone;
use crate::domain::report::figure::MapKey;

/// Limits between the classes.
const LIMITS: usize = 4;

/// The class of values that are all alike.
const MIDDLE: u8 = 3;

/// From this class on a mark has the colour of what is high.
const HIGH: u8 = 4;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Classes {
    /// All values are this one.
    One(f64),
    /// The first limit as a multiple of the step between them.
    Five { first: f64, step: f64 },
}

impl Classes {
    /// `None` without values.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Classes> {
        let ends = values.filter(|x| x.is_finite()).fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        });
        let (low, high) = ends?;
        let step = round((high - low) / (LIMITS + 1) as f64);
        if !step.is_normal() || high - low < high.abs() * 1e-9 {
            return Some(Classes::One(low));
        }
        let first = (f64::midpoint(low, high) / step - (LIMITS - 1) as f64 / 2.0).round();
        Some(Classes::Five { first, step })
    }

    /// Size and colour, from 1 to 5.
    pub fn mark(&self, value: f64) -> (u8, Tone) {
        let size = match self {
            Classes::One(_) => MIDDLE,
            Classes::Five { step, .. } => {
                // A value at a limit is above it, whatever its last digit.
                let reached =
                    self.limits().into_iter().filter(|limit| value >= limit - step * 1e-9);
                reached.count() as u8 + 1
            }
        };
        (size, tone(size))
    }

    fn limits(&self) -> Vec<f64> {
        match self {
            Classes::One(_) => Vec::new(),
            Classes::Five { first, step } => {
                (0..LIMITS).map(|k| (first + k as f64) * step).collect()
            }
        }
    }

    /// What each mark means.
    pub fn key(&self, measure: &Measure, show: &Show) -> Vec<MapKey> {
        let labels = match self {
            Classes::One(value) => vec![(MIDDLE, show.value(measure, *value))],
            Classes::Five { step, .. } => self.between(measure, decimals_for(*step), show),
        };
        let key = |(size, label)| MapKey { size, tone: tone(size), label };
        labels.into_iter().map(key).collect()
    }

    fn between(&self, measure: &Measure, decimals: usize, show: &Show) -> Vec<(u8, String)> {
        let limits = self.limits();
        // A dash between minus signs is hard to tell from them.
        let to = match limits.iter().any(|limit| *limit < 0.0) {
            true => show.pick(" to ", " à "),
            false => "–",
        };
        let texts: Vec<String> = limits.iter().map(|x| show.lang.number(*x, decimals)).collect();
        let (least, most) = (&texts[0], show.lang.with_unit(&texts[LIMITS - 1], measure.unit));
        let inner = texts.windows(2).map(|pair| format!("{}{to}{}", pair[0], pair[1]));
        let labels = [format!("<\u{a0}{least}")].into_iter().chain(inner);
        let labels = labels.chain([format!("≥\u{a0}{most}")]);
        labels.enumerate().map(|(class, label)| (class as u8 + 1, label)).collect()
    }
}

fn tone(size: u8) -> Tone {
    if size >= HIGH { Tone::Up } else { Tone::Main }
}

/// The round number that is nearest by its ratio.
pub(super) fn round(value: f64) -> f64 {
    let ten = 10f64.powf(value.log10().floor());
    let off = |round: &f64| (round * ten / value).ln().abs();
    let rounds = [1.0, 2.0, 5.0, 10.0];
    rounds.into_iter().min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(1.0) * ten
}

#[cfg(test)]
mod tests {
    use super::super::measure::Grid;
    use super::*;
    use crate::domain::format::Lang;

    fn key(values: &[f64], unit: &str, lang: Lang) -> String {
        let classes = Classes::of(values.iter().copied()).unwrap();
        let measure = Measure::new("", unit, Grid::Shown(1));
        let key = classes.key(&measure, &Show::plain(lang));
        let labels: Vec<String> = key.into_iter().map(|entry| entry.label).collect();
        labels.join(" | ").replace('\u{a0}', "_")
    }

    #[test]
    fn limits_are_round_and_hold_the_values() {
        assert_eq!(key(&[0.2, 6.4], "", Lang::En), "<_2 | 2–3 | 3–4 | 4–5 | ≥_5");
        assert_eq!(key(&[0.0, 61.0], "", Lang::En), "<_20 | 20–30 | 30–40 | 40–50 | ≥_50");
        let french = key(&[-7.8, 11.9], "°C", Lang::Fr);
        assert_eq!(french, "<_−5 | −5 à 0 | 0 à 5 | 5 à 10 | ≥_10_°C");
        assert_eq!(key(&[14.3, 14.3], "°C", Lang::En), "14.3_°C");
        assert_eq!(key(&[0.0], "", Lang::En), "0.0");
        assert!(Classes::of([].into_iter()).is_none());
        assert!(Classes::of([f64::NAN].into_iter()).is_none());
    }

    #[test]
    fn a_mark_is_of_the_class_that_the_key_tells() {
        let classes = Classes::of([0.2, 6.4].into_iter()).unwrap();
        let sizes = [0.2, 1.99, 2.0, 3.5, 4.0, 5.0, 6.4].map(|value| classes.mark(value).0);
        assert_eq!(sizes, [1, 1, 2, 3, 4, 5, 5]);
        assert_eq!(classes.mark(3.9).1, Tone::Main);
        assert_eq!(classes.mark(4.0).1, Tone::Up);
        // Tenths are no exact numbers.
        let tenths = Classes::of([0.1, 0.6].into_iter()).unwrap();
        assert_eq!(tenths, Classes::Five { first: 2.0, step: 0.1 });
        assert_eq!([0.2, 0.3, 0.4, 0.5].map(|value| tenths.mark(value).0), [2, 3, 4, 5]);
    }

    proptest::proptest! {
        #[test]
        fn any_values_have_classes(
            values in proptest::collection::vec(proptest::num::f64::NORMAL, 1..9),
        ) {
            let classes = Classes::of(values.iter().copied()).unwrap();
            let sizes = values.iter().map(|value| classes.mark(*value).0);
            assert!(sizes.clone().all(|size| (1..=5).contains(&size)));
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let sizes: Vec<u8> = sorted.iter().map(|value| classes.mark(*value).0).collect();
            assert!(sizes.is_sorted(), "{sizes:?}");
        }
    }
}
