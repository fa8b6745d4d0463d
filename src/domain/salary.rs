//! Salaries in words: `Annuel de 38000.0 Euros à 45000.0 Euros sur 12.0 mois`,
//! `$120,000 - $160,000 a year`, `£18.50 per hour`.
//!
//! The rule: a text says one amount, or two that are a range; it says them for one period, in one
//! currency. Whatever says more, or something else, says nothing that is read: no amount is
//! guessed. One amount is both ends, unless words make it the least or the most.

use regex_lite::Regex;
use std::sync::LazyLock;

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

/// For how much work it is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    Year,
    Month,
    Week,
    Day,
    Hour,
}

impl Period {
    pub fn name(self) -> &'static str {
        match self {
            Period::Year => "year",
            Period::Month => "month",
            Period::Week => "week",
            Period::Day => "day",
            Period::Hour => "hour",
        }
    }

    /// How many of it are a year of full time: 12 months, unless the text says how many are paid;
    /// 52 weeks of 5 days or of 35 hours.
    fn in_a_year(self, months: Option<f64>) -> f64 {
        match self {
            Period::Year => 1.0,
            Period::Month => months.unwrap_or(12.0),
            Period::Week => 52.0,
            Period::Day => 260.0,
            Period::Hour => 1_820.0,
        }
    }
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

/// A regular expression of this file.
fn regex(text: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){text}")).ok()
}

/// How many salaries of a month there are in a year.
static MONTHS: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bsur\s+([0-9]{1,2}(?:[.,][0-9]+)?)\s*mois\b"));

/// An amount, with what may stand around it.
static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let code = "EUR|USD|GBP|CHF|CAD|AUD|SEK|NOK|DKK|PLN";
    let before = format!(r"(?:(US|CA|AU|NZ|HK|SG|C|A)?(\$)|(€|£)|\b({code})\b)?\s*");
    let in_groups = r"[0-9]{1,3}(?:[ \u{a0}\u{202f}.,'’][0-9]{3})+(?:[.,][0-9]{1,2})?";
    let behind = format!(r"\s*(k\b)?\s*(?:(euros?\b|€)|(£)|(\$)|({code})\b)?");
    regex(&format!("{before}({in_groups}|[0-9]+(?:[.,][0-9]+)?){behind}"))
});

/// Words that say for how much work: `par mois`, `/h`.
static PER: LazyLock<Vec<(Option<Regex>, Period)>> = LazyLock::new(|| {
    let of =
        |words: &str| regex(&format!(r"(\b(per|a|an|par|each|chaque)\s+|/\s*|l['’])({words})\b"));
    vec![
        (
            regex(
                r"(\b(per|a|par|each|chaque)\s+|/\s*|l['’])(an|ann[ée]e|year|yr|annum)\b|\bp\.a\.",
            ),
            Period::Year,
        ),
        (of("mois|month|mo"), Period::Month),
        (of("semaine|week|wk"), Period::Week),
        (of("jour|journ[ée]e|day"), Period::Day),
        (of("h|heure|hour|hr"), Period::Hour),
    ]
});

/// How a period is named in front of an amount, and behind one.
type Named = (Option<Regex>, Option<Regex>, Period);

/// Adjectives that say it, in front of the first amount alone or behind the last one.
static KINDS: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let of = |words: &str, period| {
        let front = regex(&format!(r"^\s*({words})\s*(de\b)?\s*:?\s*$"));
        let behind = regex(&format!(r"^\s*(bruts?|nets?|gross|net)?\s*({words})\b"));
        (front, behind, period)
    };
    vec![
        of("annuels?|annuelle|annual|annually|yearly|pa", Period::Year),
        of("mensuels?|mensuelle|monthly", Period::Month),
        of("hebdomadaires?|weekly", Period::Week),
        of("journaliers?|daily", Period::Day),
        of("horaires?|hourly", Period::Hour),
    ]
});

/// Halves and doubles of a period say another one.
static ODD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(bi|semi|half|demi|twice|deux fois)\b|\b(bi|semi)-?(weekly|monthly|mensuel|annuel)")
});

/// Words that make one amount the least.
static LEAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words =
        r"[àa] partir de|minimum|min\.?|d[èe]s|au moins|at least|starting|plus de|more than";
    let from = r"(from|ab)\s+([a-z]{3}\s*)?[€$£]?\s*[0-9]";
    let sign = r"[0-9]\s*k?\s*(€|£|\$|euros?)?\s*(\+\s*($|/|par|per)|(et|ou|or|and)\s+(plus|more))";
    regex(&format!(r"(^|\s)({words})(\s|$)|\b{from}|{sign}|≥|>|\+ de\b"))
});

/// Words that make it the most.
static MOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"jusqu['’]?\s*[àa]|maximum|max\.?|up to|at most|moins de|less than|bis zu|plafond";
    regex(&format!(r"(^|\s)({words})(\s|$)|≤|<"))
});

/// All that is said of currencies.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let codes = "eur|usd|gbp|chf|cad|aud|sek|nok|dkk|pln|brl|mxn|sgd|rmb|cny|jpy|inr";
    regex(&format!(r"€|£|\$|\beuros?\b|\b({codes})\b"))
});

/// Between the two amounts of a range.
static BETWEEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^[\s,.]*(-|–|—|à|a|to|et|and|jusqu['’]?\s*[àa])[\s,]*$"));

/// Ends that are further apart are no range, and larger amounts none of a salary.
const APART: f64 = 20.0;
const LARGEST: f64 = 1e8;

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
        let top = amounts.iter().copied().fold(0.0, f64::max);
        let most = match period {
            Some(Period::Hour) => 1_000.0,
            Some(Period::Day) => 20_000.0,
            _ => LARGEST,
        };
        (top <= most).then_some(Salary { min, max, currency, period, months: months_paid })
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
        let between = text.get(first.end..second.start)?;
        if !BETWEEN.as_ref()?.is_match(between) {
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

/// Whether digits are no number of their own: `35H`, `13e`, `B2`.
fn is_part_of_a_word(text: &str, found: &regex_lite::Captures) -> bool {
    let Some(digits) = found.get(5) else { return true };
    let end = found.get(6).map_or(digits.end(), |k| k.end());
    let behind = text.get(end..).and_then(|rest| rest.chars().next());
    let before = text.get(..digits.start()).and_then(|front| front.chars().next_back());
    let names = |group: usize| found.get(group).is_some();
    let follows = behind.is_some_and(char::is_alphanumeric) && !(7..=10).any(names);
    let is_cut = |c: char| c.is_alphanumeric() || matches!(c, '.' | ',');
    // Letters before a sign say whose it is, and are none that is known.
    let sign = found.get(2).or(found.get(3)).map(|sign| sign.start());
    let start = found.get(1).map(|land| land.start()).or(sign).unwrap_or(digits.start());
    let owner = text.get(..start).and_then(|front| front.chars().next_back());
    follows
        || before.is_some_and(is_cut) && !names(4)
        || sign.is_some() && owner.is_some_and(char::is_alphabetic)
}

/// The currency beside an amount.
fn currency(found: &regex_lite::Captures) -> Option<String> {
    let text = |group: usize| found.get(group).map(|found| found.as_str());
    let signed = |land: Option<&str>| match land.map(str::to_ascii_uppercase).as_deref() {
        Some("US") => "USD",
        Some("C" | "CA") => "CAD",
        Some("A" | "AU") => "AUD",
        Some("NZ") => "NZD",
        Some("HK") => "HKD",
        Some("SG") => "SGD",
        _ => "$",
    };
    let sign = |sign: &str| if sign == "€" { "EUR" } else { "GBP" };
    let code = text(4).or(text(10)).map(str::to_ascii_uppercase);
    let by_sign = text(2).map(|_| signed(text(1))).or(text(3).map(sign));
    let behind = text(7).map(|_| "EUR").or(text(8).map(|_| "GBP")).or(text(9).map(|_| "$"));
    code.or(by_sign.or(behind).map(str::to_string))
}

/// The number of an amount. A comma or a point before three digits stands between thousands.
fn amount(found: &regex_lite::Captures) -> Option<f64> {
    let digits = found.get(5)?.as_str();
    let last = digits.rfind(['.', ',']);
    let is_decimal = |at: usize| {
        let behind = digits.len() - at - 1;
        behind != 3
            || at > 3
                && !digits
                    .get(..at)
                    .is_some_and(|front| front.contains(|c: char| !c.is_ascii_digit()))
    };
    let plain = match last.filter(|at| is_decimal(*at)) {
        Some(at) => {
            let whole: String = digits.get(..at)?.chars().filter(char::is_ascii_digit).collect();
            format!("{whole}.{}", digits.get(at + 1..)?)
        }
        None => digits.chars().filter(char::is_ascii_digit).collect(),
    };
    let value: f64 = plain.parse().ok()?;
    Some(if found.get(6).is_some() { value * 1_000.0 } else { value })
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
        ] {
            assert_eq!(read(text), "nothing", "{text}");
        }
    }
}
