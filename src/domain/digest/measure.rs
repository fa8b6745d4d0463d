//! A field or an aggregate as a reader meets it: its title, its unit, and as many decimals as
//! its data has.

use super::facts::{Content, SourceFacts};
use crate::domain::format::decimals_for;
use crate::domain::source::{Kind, Source};

/// Decimals beyond which a value counts as off any grid, not counting zeros in front, and digits in
/// all: six decimals and more are what a computation left.
const DECIMALS: usize = 5;
const DIGITS: usize = 9;

/// More decimals nobody reads.
const DECIMALS_MAX: usize = 12;

/// Of a hundred values so many may lie off the grid that the others show.
const STRAYS: u64 = 2;

/// Values that differ by more than this factor share no decimals.
const WIDE: f64 = 100.0;

/// Decimals of values that have no grid.
const FREE: usize = 1;

#[derive(Clone, Debug)]
pub struct Measure<'a> {
    pub title: &'a str,
    /// A symbol to print beside a number; empty for things that are counted.
    pub unit: &'a str,
    decimals: usize,
    /// Whether the values lie on a grid: declared, or as they show.
    exact: bool,
    declared: bool,
    /// Whether its unit is a thing, of which there may be none.
    counted: bool,
}

impl<'a> Measure<'a> {
    pub fn new(title: &'a str, unit: &'a str, grid: Grid) -> Measure<'a> {
        let counted = is_thing(unit);
        let (decimals, exact, declared) = match grid {
            Grid::Declared(decimals) => (decimals, true, true),
            Grid::Shown(decimals) => (decimals, true, false),
            Grid::None => (FREE, false, false),
        };
        let unit = shown_unit(unit);
        Measure { title, unit, decimals, exact, declared, counted }
    }

    pub fn is_counted(&self) -> bool {
        self.counted
    }

    /// The decimals that a value is shown with.
    pub fn decimals(&self, value: f64) -> usize {
        decimals(value, self.exact, self.decimals)
    }

    /// The decimals of a mean: those of the values, and more where two digits need them.
    pub fn mean_decimals(&self, mean: f64) -> usize {
        let base = self.decimals(mean);
        if !self.exact || mean == 0.0 || !mean.is_finite() {
            return base;
        }
        let whole = mean.abs().log10().floor() as i32 + 1;
        // Means of whole numbers have tenths, below a hundred.
        let (wanted, most) = match base {
            0 if whole > 0 => (3, 1),
            0 => (2, 2),
            _ => (2, base + 1),
        };
        base.max(most.min((wanted - whole).max(0) as usize))
    }

    /// The decimals of a column of means: those of the least of them, but one more than the
    /// values have at most.
    pub fn column_decimals(&self, means: impl Iterator<Item = f64>) -> usize {
        let least = means.map(f64::abs).filter(|m| *m > 0.0).fold(f64::INFINITY, f64::min);
        let base = self.decimals(least);
        if least.is_finite() { self.mean_decimals(least).min(base + 1) } else { base }
    }

    /// The decimals of a value as it was published: its own, where its digits hold them; those of
    /// a declared resolution at least, and one where others have some.
    pub fn own_decimals(&self, value: f64) -> usize {
        match own(value) {
            Some(own) if self.declared => own.max(self.decimals),
            Some(own) if self.exact => own.max(self.decimals.min(1)),
            own => own.unwrap_or(usize::MAX).min(self.decimals(value)),
        }
    }

    /// The decimals of one of several values in a column: those that they share, or its own.
    pub fn aligned_decimals(&self, value: f64) -> usize {
        self.own_decimals(value).max(self.decimals(value))
    }

    /// The decimals of single values in a column: as many as one of them needs; each its own
    /// where they are of very different size.
    pub fn listed_decimals(&self, values: &[f64]) -> impl Fn(f64) -> usize + use<> {
        let sizes = values.iter().map(|value| value.abs()).filter(|size| *size > 0.0);
        let (least, most) = sizes.fold((f64::INFINITY, 0.0), |(a, b), x| (x.min(a), x.max(b)));
        let shared = values.iter().map(|value| own(*value).unwrap_or(self.decimals)).max();
        let shared = shared.filter(|_| most <= least * WIDE);
        let (exact, free) = (self.exact, self.decimals);
        move |value| {
            let own = shared.or_else(|| own(value));
            own.unwrap_or_else(|| decimals(value, exact, free))
        }
    }
}

/// The decimals of single values in a column as they were published, and those of a column of means
/// of such values.
pub fn columns(values: &[f64], means: &[f64]) -> (impl Fn(f64) -> usize + use<>, usize) {
    let grid = grid(values.iter().copied()).map_or(Grid::None, Grid::Shown);
    let measure = Measure::new("", "", grid);
    (measure.listed_decimals(values), measure.column_decimals(means.iter().copied()))
}

/// The unit as it stands beside a number: nothing where it is a thing that is counted.
pub fn shown_unit(unit: &str) -> &str {
    if is_thing(unit) { "" } else { unit }
}

/// Without a grid the size of a value decides: what is tiny must not become zero, what is huge has
/// no tenths.
fn decimals(value: f64, exact: bool, usual: usize) -> usize {
    let size = value.abs();
    if exact || size == 0.0 || !size.is_finite() {
        return usual;
    }
    match size {
        s if s >= 1e6 => 0,
        s if s < 0.1 => (-s.log10()).ceil() as usize + 1,
        _ => usual,
    }
}

/// How many decimals nearly all values of a field have.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Grid {
    /// By a declared resolution.
    Declared(usize),
    /// As the values show it.
    Shown(usize),
    #[default]
    None,
}

/// The decimals that a number as it stands needs; `None` where few digits do not hold it.
fn own(value: f64) -> Option<usize> {
    if value == 0.0 {
        return Some(0);
    }
    let power = value.abs().log10().floor();
    let (whole, zeros) = (power.max(0.0) as usize + 1, (-1.0 - power).max(0.0) as usize);
    let holds = |decimals: &usize| {
        let ten = 10f64.powi(*decimals as i32);
        ((value * ten).round() / ten - value).abs() <= value.abs() * 1e-12
    };
    let most = (DECIMALS + zeros).min(DIGITS.saturating_sub(whole) + zeros).min(DECIMALS_MAX);
    (0..=most).find(holds)
}

/// The decimals that nearly all of some values need; `None` where they show no grid.
fn grid(values: impl Iterator<Item = f64>) -> Option<usize> {
    let (mut needs, mut off) = ([0u64; DECIMALS_MAX + 1], 0u64);
    for value in values.filter(|value| value.is_finite()) {
        match own(value) {
            Some(decimals) => needs[decimals] += 1,
            None => off += 1,
        }
    }
    let all = needs.iter().sum::<u64>() + off;
    let mut strays = off;
    for (decimals, count) in needs.iter().enumerate().rev() {
        strays += count;
        if all > 0 && strays * 100 > all * STRAYS {
            return (off * 100 <= all * STRAYS).then_some(decimals);
        }
    }
    None
}

/// The grid of a field or an aggregate: the declared one, else what its values show.
pub fn grid_of(facts: &SourceFacts, field: &str) -> Grid {
    match resolution(&facts.source, field) {
        Some(step) => Grid::Declared(decimals_for(step)),
        None => shown_grid(facts, field).map_or(Grid::None, Grid::Shown),
    }
}

/// The least, the greatest, the first and the last value of each hour are values as published.
fn shown_grid(facts: &SourceFacts, field: &str) -> Option<usize> {
    match &facts.content {
        Content::Samples { hours, .. } => {
            let numbers = hours.series.keys().flat_map(|series| hours.numbers(series, field));
            grid(numbers.flat_map(|(_, n)| [n.min.value, n.max.value, n.first.value, n.last.value]))
        }
        Content::Records { sheet, .. } => {
            grid(sheet.lines().filter_map(|record| record.number(field)))
        }
    }
}

fn resolution(source: &Source, field: &str) -> Option<f64> {
    let own = source.fields.iter().find(|f| f.name == field).and_then(|f| match f.kind {
        Kind::Number(measure) => measure.resolution,
        Kind::Text => None,
    });
    let aggregate = source.aggregates.iter().find(|a| a.name == field);
    own.or(aggregate.and_then(|a| a.measure.resolution))
}

/// Units that are written as words, and stand beside a number all the same.
const WRITTEN: [&str; 12] = [
    "euro", "euros", "dollar", "dollars", "hour", "hours", "minute", "minutes", "second",
    "seconds", "knots", "points",
];

/// Whether a unit is a word for things that are counted, such as `bike`: the title says it.
fn is_thing(unit: &str) -> bool {
    unit.len() >= 4 && unit.bytes().all(|c| c.is_ascii_lowercase()) && !WRITTEN.contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_show_their_grid() {
        let found = |values: &[f64]| grid(values.iter().copied());
        assert_eq!(found(&[195_916.0, 18.0, 0.0]), Some(0));
        assert_eq!(found(&[0.99986, 1.0, 1.00012]), Some(5));
        assert_eq!(found(&[1592.85, 1887.9, 4116.1, 4587.05]), Some(2));
        assert_eq!(found(&[57_123.45, 57_200.0]), Some(2));
        assert_eq!(found(&[1.0 / 3.0, 2.0 / 3.0, 0.5]), None);
        assert_eq!(found(&[]), None);
        // One stray among many does not lend its digits to all.
        let mut many = vec![12.3; 200];
        many.push(12.300_001);
        assert_eq!(found(&many), Some(1));
    }

    #[test]
    fn a_mean_has_the_digits_that_make_it_tell() {
        let counted = Measure::new("", "", Grid::Shown(0));
        let digits = [6.5, 45.3, 18_067.2, 0.04, 0.0].map(|mean| counted.mean_decimals(mean));
        assert_eq!(digits, [1, 1, 0, 2, 0]);
        let rate = Measure::new("", "", Grid::Shown(4));
        assert_eq!(rate.mean_decimals(0.8903), 4);
        assert_eq!(counted.column_decimals([0.02, 6.5, 45.0].into_iter()), 1);
        assert_eq!(Measure::new("", "", Grid::None).mean_decimals(0.012), 3);
    }

    #[test]
    fn things_are_named_by_the_title() {
        assert_eq!(Measure::new("", "bike", Grid::None).unit, "");
        assert_eq!(Measure::new("", "hours", Grid::None).unit, "hours");
        assert_eq!(Measure::new("", "MW", Grid::None).unit, "MW");
    }
}
