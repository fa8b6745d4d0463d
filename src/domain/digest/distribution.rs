//! How the numbers of records are distributed: bars of how many lie within each of some ranges.

use super::classes::round;
use super::facts::{Facts, SourceFacts};
use super::keys::median;
use super::measure::Measure;
use super::records::counted;
use super::show::Show;
use crate::domain::format::decimals_for;
use crate::domain::report::figure::{Bar, Bars};
use crate::domain::report::{Block, Caption};
use crate::domain::source::Figure;

/// Ranges there are, more or less.
const RANGES: f64 = 10.0;

/// Of so few values quarters say nothing.
const FEW: usize = 5;

/// Finer steps no page shows.
const FINEST: f64 = 1e-9;

/// Values beyond these quantiles stand in the first range and in the last, which are open.
const ENDS: (f64, f64) = (0.01, 0.99);

/// Ranges of one width, from the first limit on; the first and the last may be open.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Ranges {
    /// The first limit, as a multiple of the width.
    first: f64,
    width: f64,
    count: usize,
    /// Whether there are values before the first limit, and behind the last one.
    open: (bool, bool),
}

impl Ranges {
    /// Of values in order; `None` where they cannot be told apart, or there are none.
    fn of(values: &[f64]) -> Option<Ranges> {
        let (least, most) = (*values.first()?, *values.last()?);
        let inner = (quantile(values, ENDS.0)?, quantile(values, ENDS.1)?);
        // Where nearly all are alike the others are not far off.
        let (low, high) = if inner.0 < inner.1 { inner } else { (least, most) };
        let width = round((high - low) / RANGES);
        if width < FINEST || high - low < high.abs().max(low.abs()) * 1e-9 {
            return None;
        }
        let first = (low / width + 1e-9).floor();
        let last = (high / width + 1e-9).floor() + 1.0;
        let open = (least < (first - 1e-9) * width, most >= (last - 1e-9) * width);
        Some(Ranges { first, width, count: (last - first) as usize, open })
    }

    /// Which of them a value lies in; a value at a limit is above it, whatever its last digit.
    fn place(&self, value: f64) -> usize {
        let place = (value / self.width + 1e-9).floor() - self.first;
        (place.max(0.0) as usize).min(self.count.saturating_sub(1))
    }

    fn label(&self, place: usize, show: &Show) -> String {
        let decimals = decimals_for(self.width);
        let limit = |at: usize| show.lang.number((self.first + at as f64) * self.width, decimals);
        let (from, to) = (limit(place), limit(place + 1));
        match (place == 0 && self.open.0, place + 1 == self.count && self.open.1) {
            (true, true) => show.pick("all", "tout").into(),
            (true, _) => format!("<\u{a0}{to}"),
            (_, true) => format!("≥\u{a0}{from}"),
            _ if self.first < 0.0 => format!("{from}{}{to}", show.pick(" to ", " à ")),
            _ => format!("{from}–{to}"),
        }
    }
}

/// How many records lie within each range, the least numbers first.
pub fn of_records(
    source: &SourceFacts,
    figure: &Figure,
    facts: &Facts,
    show: &Show,
) -> Option<Block> {
    let records = source.records(&facts.period);
    let mut values: Vec<f64> =
        records.iter().filter_map(|record| record.number(&figure.field)).collect();
    values.sort_by(f64::total_cmp);
    let measure = show.measure(&source.source, &figure.field);
    let items = bars(&values, &measure, source.least(&figure.field), show);
    let title = show.own_title(figure).unwrap_or_else(|| show.titled(&source.source, &measure));
    let of = counted(source, records.len() as u64, show);
    let semicolon = show.pick("; ", "\u{a0}; ");
    let least = source.least(&figure.field);
    // Of few records the middle one is told by itself.
    let is_told = least == 1 || values.len() as u64 >= 4 * least;
    let spread = spread(&values, &measure, show).filter(|_| is_told);
    let mut said = spread.map(|s| s + semicolon).unwrap_or_default();
    let percent = show.lang.percent(values.len() as f64 / records.len().max(1) as f64, 0);
    let with = show.lang.integer(values.len() as u64);
    said += &show.lang.pick(
        format!("stated by {with} of {of} ({percent})"),
        format!("indiqué par {with} sur {of} ({percent})"),
    );
    let caption = Caption::new(title, said);
    (!items.is_empty()).then(|| Block::Bars(Bars { caption, items, ..Bars::default() }))
}

fn bars(values: &[f64], measure: &Measure, least: u64, show: &Show) -> Vec<Bar> {
    if (values.len() as u64) < least {
        return Vec::new();
    }
    let bar = |label: String, n: u64| {
        let text =
            if n > 0 && n < least { format!("<\u{a0}{least}") } else { show.lang.integer(n) };
        let value = if n < least { 0.0 } else { n as f64 };
        Bar { label, value, text, ..Bar::default() }
    };
    let Some(ranges) = Ranges::of(values) else {
        let alike = values.first().filter(|first| values.last() == Some(*first));
        let one = alike.map(|value| show.extreme(measure, *value));
        return one.map(|label| bar(label, values.len() as u64)).into_iter().collect();
    };
    let mut counts = vec![0; ranges.count];
    for value in values {
        if let Some(count) = counts.get_mut(ranges.place(*value)) {
            *count += 1;
        }
    }
    counts.into_iter().enumerate().map(|(at, n)| bar(ranges.label(at, show), n)).collect()
}

/// `median 42,000 EUR, half of them from 35,000 EUR to 50,000 EUR`.
fn spread(values: &[f64], measure: &Measure, show: &Show) -> Option<String> {
    let value = |value: f64| show.extreme(measure, value);
    let middle = median(values.to_vec()).map(value)?;
    let half = quantile(values, 0.25).zip(quantile(values, 0.75)).filter(|_| values.len() >= FEW);
    let half = half.filter(|(low, high)| low < high).map(|(low, high)| {
        let (low, high) = (value(low), value(high));
        show.lang.pick(
            format!(", half of them from {low} to {high}"),
            format!(", la moitié de {low} à {high}"),
        )
    });
    let half = half.unwrap_or_default();
    Some(show.lang.pick(format!("median {middle}{half}"), format!("médiane {middle}{half}")))
}

/// By nearest rank, of values in order.
fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let rank = (q * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1).min(values.len().saturating_sub(1))).copied()
}

#[cfg(test)]
mod tests {
    use super::super::measure::Grid;
    use super::*;
    use crate::domain::format::Lang;
    use proptest::prelude::*;

    fn told(values: &[f64]) -> Vec<String> {
        let measure = Measure::new("", "EUR", Grid::Shown(0));
        let bars = bars(values, &measure, 1, &Show::plain(Lang::En));
        bars.into_iter().map(|bar| format!("{} {}", bar.label, bar.text)).collect()
    }

    #[test]
    fn ranges_are_round_and_those_at_the_ends_hold_what_lies_beyond() {
        assert_eq!(told(&[30_000.0]), ["30,000\u{a0}EUR 1"]);
        let mut alike = vec![1.0; 99];
        alike.push(100.0);
        let alike = told(&alike);
        assert_eq!((&*alike[0], &*alike[alike.len() - 1]), ("0–10 99", "100–110 1"));
        assert!(told(&[1e-300, 2e-300]).is_empty());
        assert!(told(&[]).is_empty());
        let few = told(&[20_000.0, 24_999.0, 25_000.0, 41_000.0]);
        assert_eq!(few.first().map(String::as_str), Some("20,000–22,000 1"));
        assert_eq!(few.last().map(String::as_str), Some("40,000–42,000 1"));
        let mut many: Vec<f64> = (0..1000).map(|n| 20_000.0 + f64::from(n) * 30.0).collect();
        many.push(900_000.0);
        let many = told(&many);
        assert_eq!(many.last().map(String::as_str), Some("≥\u{a0}48,000 67"));
    }

    proptest! {
        /// Whatever the values: each is counted, and there are few ranges.
        #[test]
        fn each_value_is_in_one_range(
            mut values in proptest::collection::vec(-1e6..1e6f64, 1..200),
        ) {
            values.sort_by(f64::total_cmp);
            let measure = Measure::new("", "", Grid::Shown(0));
            let bars = bars(&values, &measure, 1, &Show::plain(Lang::En));
            let all: f64 = bars.iter().map(|bar| bar.value).sum();
            prop_assert_eq!(all, values.len() as f64);
            prop_assert!((1..=22).contains(&bars.len()), "{} ranges", bars.len());
        }
    }
}
