//! Quantiles that merge: an exact histogram on a declared grid, or a DDSketch (Masson, Rim and
//! Lee, VLDB 2019) of 1 % relative error whose bins are never collapsed, so that the order of
//! arrival does not show. Nearest rank: the least value whose cumulative count is ≥ ⌈q·n⌉.
//! A bin stands for values near it, so it may lie beyond all of them: whoever asks brings the
//! least and the greatest value.

mod counts;

pub use counts::{Counts, Dense, WIDTH};

/// Relative error of the sketch.
pub const ACCURACY: f64 = 0.01;

/// Values closer to zero than this count as zero in a sketch.
const TINY: f64 = 1e-300;

#[derive(Clone, PartialEq, Debug)]
pub enum Quantiles {
    /// Value = key × step.
    Grid {
        step: f64,
        counts: Dense,
    },
    Sketch {
        zero: u64,
        positive: Counts,
        negative: Counts,
    },
    /// Not kept any more.
    Dropped,
}

impl Quantiles {
    pub fn new(resolution: Option<f64>) -> Quantiles {
        resolution.map_or_else(Quantiles::sketch, Quantiles::grid)
    }

    pub fn grid(step: f64) -> Quantiles {
        Quantiles::Grid { step, counts: Dense::default() }
    }

    pub fn sketch() -> Quantiles {
        Quantiles::Sketch { zero: 0, positive: Counts::default(), negative: Counts::default() }
    }

    /// The same kind and grid, without what was counted.
    pub fn bare(&self) -> Quantiles {
        match self {
            Quantiles::Grid { step, .. } => Quantiles::grid(*step),
            Quantiles::Sketch { .. } => Quantiles::sketch(),
            Quantiles::Dropped => Quantiles::Dropped,
        }
    }

    /// Counts a finite value `times` times; whether that takes room that was not held before.
    pub fn add(&mut self, value: f64, times: u64) -> bool {
        match self {
            Quantiles::Grid { step, counts } => counts.add(grid_key(value, *step), times),
            Quantiles::Sketch { zero, .. } if value.abs() < TINY => {
                *zero += times;
                false
            }
            Quantiles::Sketch { positive, negative, .. } => {
                let side = if value > 0.0 { positive } else { negative };
                let bin = side.entry(sketch_key(value.abs())).or_default();
                *bin += times;
                *bin == times
            }
            Quantiles::Dropped => false,
        }
    }

    /// Joins counts of the same kind and grid; others are left alone by [`Quantiles::merge`].
    pub fn absorb(&mut self, other: &Quantiles) {
        match (self, other) {
            (Quantiles::Grid { counts, .. }, Quantiles::Grid { counts: more, .. }) => {
                more.iter().for_each(|(key, times)| {
                    counts.add(key, times);
                });
            }
            (
                Quantiles::Sketch { zero, positive, negative },
                Quantiles::Sketch { zero: z, positive: p, negative: n },
            ) => {
                *zero += z;
                p.iter().for_each(|(key, times)| *positive.entry(*key).or_default() += times);
                n.iter().for_each(|(key, times)| *negative.entry(*key).or_default() += times);
            }
            _ => {}
        }
    }

    /// The sum of the squared deviations from the mean, of values on a grid of which
    /// N·Σnk² − (Σnk)² is a whole number that a double holds: that over N times the step, twice.
    /// `None` of others.
    pub fn moment(&self) -> Option<f64> {
        const WHOLE: i128 = 1 << 53;
        let Quantiles::Grid { step, counts } = self else { return None };
        let base = counts.iter().next()?.0;
        let (mut total, mut sum, mut squares) = (0i128, 0i128, 0i128);
        for (key, times) in counts.iter() {
            let (place, times) = (i128::from(key.checked_sub(base)?), i128::from(times));
            let squared = place.checked_mul(place)?.checked_mul(times)?;
            (total, sum) = (total + times, sum.checked_add(place.checked_mul(times)?)?);
            squares = squares.checked_add(squared)?;
        }
        let apart = total.checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
        let holds = (0..WHOLE).contains(&apart) && total > 0;
        holds.then(|| scaled(scaled(apart as f64 / total as f64, *step), *step))
    }

    /// How many bins another has that this one has not.
    pub fn bins_beyond(&self, other: &Quantiles) -> usize {
        let beyond = |own: &Counts, other: &Counts| {
            other.keys().filter(|key| !own.contains_key(key)).count()
        };
        match (self, other) {
            (Quantiles::Grid { counts, .. }, Quantiles::Grid { counts: more, .. }) => {
                more.iter().filter(|(key, _)| !counts.has(*key)).count()
            }
            (
                Quantiles::Sketch { positive, negative, .. },
                Quantiles::Sketch { positive: p, negative: n, .. },
            ) => beyond(positive, p) + beyond(negative, n),
            _ => 0,
        }
    }

    /// Joins two; `None` when they differ in kind or grid. What one of them dropped, both have.
    pub fn merge(&self, other: &Quantiles) -> Option<Quantiles> {
        let alike = match (self, other) {
            (Quantiles::Dropped, _) | (_, Quantiles::Dropped) => return Some(Quantiles::Dropped),
            (Quantiles::Grid { step: a, .. }, Quantiles::Grid { step: b, .. }) => a == b,
            (Quantiles::Sketch { .. }, Quantiles::Sketch { .. }) => true,
            _ => false,
        };
        alike.then(|| {
            let mut merged = self.clone();
            merged.absorb(other);
            merged
        })
    }

    /// The quantile by nearest rank, 0 ≤ q ≤ 1, of values of which the least and the greatest
    /// are known: they are the first and the last rank, and hold all others between them. `None`
    /// where it is not kept.
    pub fn at(&self, q: f64, ends: (f64, f64)) -> Option<f64> {
        (*self != Quantiles::Dropped).then(|| self.ranked(q, ends))
    }

    fn ranked(&self, q: f64, (least, greatest): (f64, f64)) -> f64 {
        let ordered = self.ordered();
        let total: u64 = ordered.iter().map(|(_, times)| times).sum();
        let rank = (q * total as f64).ceil() as u64;
        if rank <= 1 {
            return least;
        }
        let mut below = 0;
        let bin = ordered.into_iter().find(|(_, times)| {
            below += times;
            below >= rank
        });
        match bin {
            Some((value, _)) if rank < total => value.max(least).min(greatest),
            _ => greatest,
        }
    }

    fn ordered(&self) -> Vec<(f64, u64)> {
        match self {
            Quantiles::Grid { step, counts } => {
                counts.iter().map(|(key, times)| (scaled(key as f64, *step), times)).collect()
            }
            Quantiles::Sketch { zero, positive, negative } => {
                let below = negative.iter().rev().map(|(key, n)| (-sketch_value(*key), *n));
                let above = positive.iter().map(|(key, n)| (sketch_value(*key), *n));
                let none = (*zero > 0).then_some((0.0, *zero));
                below.chain(none).chain(above).collect()
            }
            Quantiles::Dropped => Vec::new(),
        }
    }
}

/// A value times a scale; by division where the scale is one part of a whole number, so that
/// 3 × 0.1 is 0.3.
pub fn scaled(value: f64, scale: f64) -> f64 {
    let parts = (1.0 / scale).round();
    let exact = scale.abs() < 1.0 && (scale * parts - 1.0).abs() < 1e-12;
    if exact { value / parts } else { value * scale }
}

/// The grid point nearest to a value, ties away from zero.
fn grid_key(value: f64, step: f64) -> i64 {
    (value / step).round() as i64
}

fn gamma_ln() -> f64 {
    ((1.0 + ACCURACY) / (1.0 - ACCURACY)).ln()
}

fn sketch_key(magnitude: f64) -> i64 {
    (magnitude.ln() / gamma_ln()).ceil() as i64
}

/// The value that stands for a bin: within the accuracy of all values in it.
fn sketch_value(key: i64) -> f64 {
    let gamma = gamma_ln().exp();
    2.0 * (key as f64 * gamma_ln()).exp() / (gamma + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The quantile of these values by an exact count, and by `counted`.
    fn both(counted: &Quantiles, mut values: Vec<f64>, q: f64) -> (f64, f64) {
        values.sort_by(f64::total_cmp);
        let exact = values[((q * values.len() as f64).ceil().max(1.0) as usize) - 1];
        (exact, counted.at(q, (values[0], values[values.len() - 1])).unwrap())
    }

    proptest! {
        #[test]
        fn a_grid_is_exact(
            values in proptest::collection::vec(-3000i64..3000, 1..80), q in 0.0f64..=1.0,
        ) {
            let values: Vec<f64> = values.iter().map(|v| *v as f64).collect();
            let mut grid = Quantiles::grid(1.0);
            values.iter().for_each(|v| { grid.add(*v, 1); });
            let (want, got) = both(&grid, values, q);
            prop_assert_eq!(got, want);
        }

        #[test]
        fn a_sketch_keeps_its_accuracy(
            values in proptest::collection::vec(-1e9f64..1e9, 1..80), q in 0.0f64..=1.0,
        ) {
            let mut sketch = Quantiles::sketch();
            values.iter().for_each(|v| { sketch.add(*v, 1); });
            let (want, got) = both(&sketch, values, q);
            prop_assert!((got - want).abs() <= 1.000001 * ACCURACY * want.abs(), "{got} {want}");
        }

        #[test]
        fn merging_does_not_depend_on_order(
            a in proptest::collection::vec(-9000i64..9000, 0..40),
            b in proptest::collection::vec(-9000i64..9000, 0..40),
        ) {
            for empty in [Quantiles::grid(0.5), Quantiles::sketch()] {
                let of = |parts: &[&[i64]]| {
                    let mut q = empty.clone();
                    parts.iter().flat_map(|p| p.iter()).for_each(|v| { q.add(*v as f64, 1); });
                    q
                };
                let whole = of(&[&a, &b]);
                prop_assert_eq!(&of(&[&a]).merge(&of(&[&b])).unwrap(), &whole);
                prop_assert_eq!(&of(&[&b]).merge(&of(&[&a])).unwrap(), &whole);
            }
        }
    }

    #[test]
    fn different_grids_do_not_mix() {
        assert_eq!(Quantiles::grid(1.0).merge(&Quantiles::grid(0.5)), None);
    }
}
