//! The value axis: round ends and round steps around whatever data there is.
//! Holds for no data, one value, equal values, and values far from one another.

use crate::domain::format::{Lang, decimals_for};
use crate::domain::report::figure::Scale;

/// Values beyond this size are not drawn: their differences would overflow.
const SIZE_MAX: f64 = 1e100;
/// Values below this size are drawn as zero: their steps would vanish.
const SIZE_MIN: f64 = 1e-90;

/// A value axis from `low` to `high` with a tick at each multiple of `step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueAxis {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

/// The value, if it can be drawn.
pub fn drawable(value: f64) -> Option<f64> {
    let seen = if value.abs() < SIZE_MIN { 0.0 } else { value };
    (value.is_finite() && value.abs() < SIZE_MAX).then_some(seen)
}

/// The least and the greatest of what can be drawn.
pub fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter_map(drawable).fold(None, |found, v| match found {
        None => Some((v, v)),
        Some((low, high)) => Some((v.min(low), v.max(high))),
    })
}

impl ValueAxis {
    /// An axis around `data` with about `steps` steps.
    pub fn around(data: Option<(f64, f64)>, scale: Scale, steps: usize) -> ValueAxis {
        if let Some((low, high)) = scale.bounds.filter(|b| b.1 > b.0) {
            return ValueAxis { low, high, step: step_for(high - low, steps) };
        }
        let (mut low, mut high) = data.unwrap_or((0.0, 1.0));
        if scale.from_zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        // Differences that `f64` can hardly tell are no differences.
        let least = (low.abs().max(high.abs()) * 1e-9).max(SIZE_MIN / 2.0);
        if high - low < least {
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.05 };
            (low, high) = (low - room, high + room);
            if scale.from_zero {
                low = low.max(0.0);
            }
        }
        let step = step_for(high - low, steps);
        let (low, high) = (-outer(-low, step), outer(high, step));
        ValueAxis { low, high, step }
    }

    pub fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-6).ceil();
        let last = (self.high / self.step + 1e-6).floor();
        let count = (last - first).clamp(0.0, 20.0) as usize;
        (0..=count).map(|k| (first + k as f64) * self.step).collect()
    }

    /// Short text for a tick.
    pub fn label(&self, lang: Lang, value: f64) -> String {
        let size = self.low.abs().max(self.high.abs());
        // A tick at zero is not always quite zero.
        let value = if value.abs() < self.step * 1e-6 { 0.0 } else { value };
        match size {
            s if s >= 1e6 && self.step >= s * 1e-3 => lang.compact_like(value, s),
            s if s < 1e-5 => lang.power(value),
            _ => lang.number(value, decimals_for(self.step)),
        }
    }

    /// Where a value stands between the ends, from 0 to 1.
    pub fn share(&self, value: f64) -> f32 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0) as f32
    }
}

/// The end of an axis above a value: the next tick, or less where that would waste much room.
fn outer(value: f64, step: f64) -> f64 {
    // A value a hair beyond a tick is at that tick.
    let next = (value / step - 1e-6).ceil() * step;
    if next - value > step * 0.6 { value + step * 0.1 } else { next }
}

/// The least round step that cuts `span` into at most `steps` parts, or nearly.
fn step_for(span: f64, steps: usize) -> f64 {
    let raw = span / steps.max(1) as f64;
    let ten = 10f64.powf(raw.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0].into_iter().find(|r| r * ten >= raw * 0.95);
    round.unwrap_or(10.0) * ten
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::NBSP;

    fn check(data: Option<(f64, f64)>, from_zero: bool, expected: &str) {
        let axis = ValueAxis::around(data, Scale { from_zero, bounds: None }, 4);
        let labels: Vec<String> = axis.ticks().iter().map(|t| axis.label(Lang::En, *t)).collect();
        assert_eq!(labels.join(" ").replace(NBSP, "_"), expected);
    }

    #[test]
    fn ends_and_steps_are_round() {
        check(Some((41.3, 66.9)), false, "40 50 60 70");
        check(Some((0.013, 0.087)), true, "0.000 0.025 0.050 0.075 0.100");
        check(Some((-3.0, 8.0)), false, "−5 0 5 10");
        check(Some((0.0, 1e12)), false, "0 0.25tn 0.5tn 0.75tn 1tn");
    }

    #[test]
    fn odd_data_has_an_axis_too() {
        check(None, false, "0.00 0.25 0.50 0.75 1.00");
        check(Some((1e-9, 3e-9)), true, "0 1.0_×_10⁻⁹ 2.0_×_10⁻⁹ 3.0_×_10⁻⁹");
        check(Some((7.0, 7.0)), false, "6.6 6.8 7.0 7.2 7.4");
        check(Some((0.0, 0.0)), true, "0.00 0.25 0.50 0.75 1.00");
        check(Some((1e12, 1e12 + 1e-3)), false, "0.95tn 0.975tn 1tn 1.025tn 1.05tn");
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        assert_eq!(range([f64::NAN, 2.0, f64::INFINITY, -1.0].into_iter()), Some((-1.0, 2.0)));
        assert_eq!(range([f64::NAN].into_iter()), None);
    }

    proptest::proptest! {
        #[test]
        fn any_values_have_an_axis_around_them(
            values in proptest::collection::vec(proptest::num::f64::ANY, 0..9),
            from_zero: bool,
            steps in 1..8usize,
        ) {
            let data = range(values.into_iter());
            let axis = ValueAxis::around(data, Scale { from_zero, bounds: None }, steps);
            assert!(axis.low < axis.high && axis.step > 0.0, "{axis:?}");
            let (low, high) = data.unwrap_or((axis.low, axis.high));
            let slack = axis.step * 1e-3;
            assert!(axis.low <= low + slack && axis.high >= high - slack, "{axis:?}");
            let ticks = axis.ticks();
            assert!(ticks.len() <= 21 && !ticks.is_empty(), "{axis:?}");
            assert!(ticks.iter().all(|t| !axis.label(Lang::Fr, *t).is_empty()));
        }
    }
}
