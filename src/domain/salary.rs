//! Salaries in words: `Annuel de 38000.0 Euros à 45000.0 Euros sur 12.0 mois`,
//! `$120,000 - $160,000 a year`, `£18.50 per hour`.
//!
//! The rule: a text says one amount, or two that are a range; it says them for one period, in one
//! currency. Whatever says more, or something else, says nothing that is read: no amount is
//! guessed. One amount is both ends, unless words make it the least or the most.

mod amount;
mod period;
mod words;

pub use period::Period;

use amount::{amount, currency, is_part_of_a_word};
use period::LARGEST;
use words::{AMOUNT, BETWEEN, KINDS, LEAST, MONTHS, MOST, NAMED, ODD, PER};

/// What a text says of a salary.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Salary {
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// As a code of ISO 4217 where its sign or word means one; `$` stays `$`.
    pub currency: Option<String>,
    pub period: Option<Period>,
    /// Salaries of a month in a year, where that is said: 12, 13, ...
    pub months: Option<f64>,
}

/// A part that a field may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Min,
    Max,
    Currency,
    Period,
    YearMin,
    YearMax,
}

impl Part {
    pub const ALL: [(&'static str, Part); 6] = [
        ("min", Part::Min),
        ("max", Part::Max),
        ("currency", Part::Currency),
        ("period", Part::Period),
        ("year_min", Part::YearMin),
        ("year_max", Part::YearMax),
    ];

    /// What a text says of it; none where it says nothing that is surely that.
    pub fn of(self, text: &str) -> Option<String> {
        let salary = Salary::read(text)?;
        let year = |amount: Option<f64>| {
            let times = salary.period?.in_a_year(salary.months);
            Some(((amount? * times * 100.0).round() / 100.0).to_string())
        };
        match self {
            Part::Min => salary.min.map(|amount| amount.to_string()),
            Part::Max => salary.max.map(|amount| amount.to_string()),
            Part::Currency => salary.currency,
            Part::Period => salary.period.map(|period| period.name().to_string()),
            Part::YearMin => year(salary.min),
            Part::YearMax => year(salary.max),
        }
    }
}

/// Ends that are further apart are no range.
const APART: f64 = 20.0;

impl Salary {
    /// Reads what a text says; none where it says no amount, or more than a range.
    pub fn read(text: &str) -> Option<Salary> {
        let text = text.to_lowercase();
        let months = MONTHS.as_ref()?.captures(&text);
        let told = months.as_ref().and_then(|found| found.get(1));
        let months_paid: Option<f64> = told.and_then(|m| m.as_str().replace(',', ".").parse().ok());
        let text = MONTHS.as_ref()?.replace_all(&text, " ").into_owned();
        let found: Vec<_> = AMOUNT.as_ref()?.captures_iter(&text).collect();
        let is_odd = |found| is_part_of_a_word(&text, found);
        let is_no_salary = ODD.as_ref()?.is_match(&text) || months_paid.is_some_and(|m| m < 1.0);
        if found.is_empty() || found.len() > 2 || is_no_salary || found.iter().any(is_odd) {
            return None;
        }
        let amounts = amounts(&text, &found)?;
        let currency = currency_of(&text, &found)?;
        // A number alone may be anything.
        if currency.is_none() && !found.iter().any(|found| found.get(6).is_some()) {
            return None;
        }
        let period = period(&text, &found)?;
        let (least, most) = (LEAST.as_ref()?.is_match(&text), MOST.as_ref()?.is_match(&text));
        let (min, max) = match amounts[..] {
            [one, two] if one <= two && two <= one * APART => (Some(one), Some(two)),
            [_] if least && most => return None,
            [one] => ((!most).then_some(one), (!least).then_some(one)),
            _ => return None,
        };
        let is_one = |amount: &f64| {
            let (least, most) = period.map_or((0.0, LARGEST), Period::bounds);
            *amount > least && *amount <= most
        };
        let salary = Salary { min, max, currency, period, months: months_paid };
        amounts.iter().all(is_one).then_some(salary)
    }
}

/// One amount, or the two of a range.
fn amounts(text: &str, found: &[regex_lite::Captures]) -> Option<Vec<f64>> {
    let mut amounts: Vec<f64> = found.iter().map(amount).collect::<Option<_>>()?;
    let whole = |place: usize| found.get(place)?.get(0).map(|found| found.range());
    if text.get(..whole(0)?.start)?.trim_end().ends_with(['-', '−']) {
        return None;
    }
    if let (Some(first), Some(second)) = (whole(0), whole(1)) {
        let between = without_periods(text.get(first.end..second.start)?);
        if !BETWEEN.as_ref()?.is_match(&between) {
            return None;
        }
        // Of `80-100k` the first one is in thousands, too.
        let in_k = |place: usize| found.get(place).is_some_and(|found| found.get(6).is_some());
        if in_k(1) && !in_k(0) && amounts[0] < 1_000.0 {
            amounts[0] *= 1_000.0;
        }
    }
    Some(amounts)
}

/// `$120K/yr - $150K/yr`: a period may be said of each end.
fn without_periods(between: &str) -> String {
    let words = PER.iter().filter_map(|(regex, _)| regex.as_ref());
    words.fold(between.to_string(), |text, regex| regex.replace_all(&text, " ").into_owned())
}

/// The one currency that is named, or that none is; nothing where there are more.
fn currency_of(text: &str, found: &[regex_lite::Captures]) -> Option<Option<String>> {
    let currencies: Vec<String> = found.iter().filter_map(currency).collect();
    let sign = |name| match name {
        "euro" | "euros" | "eur" => "€",
        other => other,
    };
    let found = NAMED.as_ref()?.find_iter(text).map(|found| sign(found.as_str()));
    let mut named: Vec<&str> = found.collect();
    named.sort_unstable();
    named.dedup();
    let mut own: Vec<&String> = currencies.iter().collect();
    own.dedup();
    (own.len() <= 1 && named.len() <= 1).then(|| own.first().map(|name| name.to_string()))
}

/// The one period that is named; none is named, or more than one, which says nothing.
fn period(text: &str, found: &[regex_lite::Captures]) -> Option<Option<Period>> {
    let (first, last) = (found.first()?.get(0)?, found.last()?.get(0)?);
    let (front, behind) = (text.get(..first.start())?, text.get(last.end()..)?);
    let mut named = None;
    let kinds = KINDS.iter().map(|(in_front, after, period)| {
        let is_so = in_front.as_ref().is_some_and(|regex| regex.is_match(front))
            || after.as_ref().is_some_and(|regex| regex.is_match(behind));
        (is_so, *period)
    });
    let per = PER
        .iter()
        .map(|(regex, period)| (regex.as_ref().is_some_and(|regex| regex.is_match(text)), *period));
    for (_, period) in kinds.chain(per).filter(|(is_so, _)| *is_so) {
        // An hour of work in a week is no salary of a week.
        if named.is_some_and(|named| named != period) {
            return None;
        }
        named = Some(period);
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let Some(s) = Salary::read(text) else { return "nothing".into() };
        let number = |n: Option<f64>| n.map_or("-".into(), |n| n.to_string());
        let year = |part: Part| part.of(text).unwrap_or("-".into());
        format!(
            "{} {} {} {} {} {}",
            number(s.min),
            number(s.max),
            s.currency.as_deref().unwrap_or("-"),
            s.period.map_or("-", Period::name),
            year(Part::YearMin),
            year(Part::YearMax)
        )
    }

    #[test]
    fn what_is_said_is_read_and_nothing_else() {
        for (text, wanted) in [
            (
                "Annuel de 38000.0 Euros à 45000.0 Euros sur 12.0 mois",
                "38000 45000 EUR year 38000 45000",
            ),
            ("Annuel de 52000.0 Euros sur 13.0 mois", "52000 52000 EUR year 52000 52000"),
            (
                "Annuel de 28000,00 Euros à 38000,00 Euros sur 12 mois",
                "28000 38000 EUR year 28000 38000",
            ),
            ("Mensuel de 1923.00 Euros sur 12 mois", "1923 1923 EUR month 23076 23076"),
            (
                "Mensuel de 2500.0 Euros à 3100.0 Euros sur 13.0 mois",
                "2500 3100 EUR month 32500 40300",
            ),
            ("Horaire de 12.5 Euros à 14.0 Euros sur 12.0 mois", "12.5 14 EUR hour 22750 25480"),
            ("Cachet de 250.0 Euros", "250 250 EUR - - -"),
            ("$120,000 - $160,000", "120000 160000 $ - - -"),
            ("US$120,000 – US$160,000 per year", "120000 160000 USD year 120000 160000"),
            ("80-100k € par an", "80000 100000 EUR year 80000 100000"),
            ("€45.000 to €60.000 yearly", "45000 60000 EUR year 45000 60000"),
            ("£18.50 per hour", "18.5 18.5 GBP hour 33670 33670"),
            ("45 000 € à 55 000 € par an", "45000 55000 EUR year 45000 55000"),
            ("à partir de 30000 euros annuel", "30000 - EUR year 30000 -"),
            ("À PARTIR DE 30K€", "30000 - EUR - - -"),
            ("50k€ et plus", "50000 - EUR - - -"),
            ("< 50k€", "- 50000 EUR - - -"),
            ("£40,000 + bonus", "40000 40000 GBP - - -"),
            ("Work from home 50k€", "50000 50000 EUR - - -"),
            ("Travail de jour, 2000 €", "2000 2000 EUR - - -"),
            ("Monthly pay, $60,000", "60000 60000 $ - - -"),
            ("2 500 € brut mensuel", "2500 2500 EUR month 30000 30000"),
            ("$18 - $22/hr", "18 22 $ hour 32760 40040"),
            ("$120K/yr - $150K/yr", "120000 150000 $ year 120000 150000"),
            ("$20/hour to $25/hour", "20 25 $ hour 36400 45500"),
            ("€30k p.a. – €35k p.a.", "30000 35000 EUR year 30000 35000"),
            ("25,50$/h à 30,25$/h", "25.5 30.25 $ hour 46410 55055"),
            ("60.000 bis 70.000 Euro pro Jahr", "60000 70000 EUR year 60000 70000"),
            ("38.000 € jährlich", "38000 38000 EUR year 38000 38000"),
            ("1 700 - 1 900 € monatlich", "1700 1900 EUR month 20400 22800"),
            ("200 euros la journée", "200 200 EUR day 52000 52000"),
            ("up to £60k", "- 60000 GBP - - -"),
            ("$80k+", "80000 - $ - - -"),
            ("USD 1,234,567.89 per year", "1234567.89 1234567.89 USD year 1234567.89 1234567.89"),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
        for text in [
            "",
            "A négocier",
            "50000 par an",
            "niveau B2 exigé, 1 200 heures",
            "Selon expérience",
            "35H/semaine",
            "2",
            "12 mois",
            "Annuel de 45000.0 Euros à 38000.0 Euros sur 12.0 mois",
            "2500 euros par mois, 30000 euros par an",
            "50000 € ou 60000 $",
            "13e mois + 3 primes de 200 €",
            "100 € par jour ou 15 € par heure",
            "de 25 à 30 000 € par an",
            "$2,000 bi-weekly",
            "€500 per half-day",
            "12.500 € de l'heure",
            "-5000 €",
            ".5 €",
            "USD/EUR 40k",
            "R$ 5.000,00",
            "2000 €/mois sur 0 mois",
            "Horaire de 24000.0 Euros sur 12.0 mois",
            "$20/hour to $800/day",
            "Annuel de 35.0 Euros à 40.0 Euros sur 12.0 mois",
            "Annuel de 0.0 Euros sur 12.0 mois",
            "0 €",
        ] {
            assert_eq!(read(text), "nothing", "{text}");
        }
    }
}
