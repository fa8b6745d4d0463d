//! The words and signs by which texts say salaries, in English, French and German.

use super::period::Period;
use regex_lite::Regex;
use std::sync::LazyLock;

/// A regular expression of this file.
fn regex(text: &str) -> Option<Regex> {
    Regex::new(&format!("(?i){text}")).ok()
}

/// How many salaries of a month there are in a year.
pub(super) static MONTHS: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"\bsur\s+([0-9]{1,2}(?:[.,][0-9]+)?)\s*mois\b"));

/// An amount, with what may stand around it.
pub(super) static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let code = "EUR|USD|GBP|CHF|CAD|AUD|SEK|NOK|DKK|PLN";
    let before = format!(r"(?:(US|CA|AU|NZ|HK|SG|C|A)?(\$)|(€|£)|\b({code})\b)?\s*");
    let in_groups = r"[0-9]{1,3}(?:[ \u{a0}\u{202f}.,'’][0-9]{3})+(?:[.,][0-9]{1,2})?";
    let behind = format!(r"\s*(k\b)?\s*(?:(euros?\b|€)|(£)|(\$)|({code})\b)?");
    regex(&format!("{before}({in_groups}|[0-9]+(?:[.,][0-9]+)?){behind}"))
});

/// Words that say for how much work: `par mois`, `/h`.
pub(super) static PER: LazyLock<Vec<(Option<Regex>, Period)>> = LazyLock::new(|| {
    let per = r"(\b(per|a|an|par|each|chaque|la|le|pro|je)\s+|/\s*|l['’])";
    let of = |words: &str| regex(&format!(r"{per}({words})\b"));
    let year = format!(r"{per}(an|ann[ée]e|year|yr|annum|jahr)\b|\bp\.a\.");
    vec![
        (regex(&year), Period::Year),
        (of("mois|month|mo|monat"), Period::Month),
        (of("semaine|week|wk|woche"), Period::Week),
        (of("jour|journ[ée]e|day|tag"), Period::Day),
        (of("h|heure|hour|hr|stunde"), Period::Hour),
    ]
});

/// How a period is named in front of an amount, and behind one.
type Named = (Option<Regex>, Option<Regex>, Period);

/// Adjectives that say it, in front of the first amount alone or behind the last one.
pub(super) static KINDS: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let of = |words: &str, period| {
        let front = regex(&format!(r"^\s*({words})\s*(de\b)?\s*:?\s*$"));
        let behind = regex(&format!(r"^\s*(bruts?|nets?|gross|net|brutto|netto)?\s*({words})\b"));
        (front, behind, period)
    };
    vec![
        of("annuels?|annuelle|annual|annually|yearly|pa|j[äa]e?hrlich", Period::Year),
        of("mensuels?|mensuelle|monthly|monatlich", Period::Month),
        of("hebdomadaires?|weekly|w[öo]e?chentlich", Period::Week),
        of("journaliers?|daily|t[äa]e?glich", Period::Day),
        of("horaires?|hourly|st[üu]e?ndlich", Period::Hour),
    ]
});

/// Halves and doubles of a period say another one.
pub(super) static ODD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(r"\b(bi|semi|half|demi|twice|deux fois)\b|\b(bi|semi)-?(weekly|monthly|mensuel|annuel)")
});

/// Words that make one amount the least.
pub(super) static LEAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words =
        r"[àa] partir de|minimum|min\.?|d[èe]s|au moins|at least|starting|plus de|more than";
    let from = r"(from|ab)\s+([a-z]{3}\s*)?[€$£]?\s*[0-9]";
    let sign = r"[0-9]\s*k?\s*(€|£|\$|euros?)?\s*(\+\s*($|/|par|per)|(et|ou|or|and)\s+(plus|more))";
    regex(&format!(r"(^|\s)({words})(\s|$)|\b{from}|{sign}|≥|>|\+ de\b"))
});

/// Words that make it the most.
pub(super) static MOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"jusqu['’]?\s*[àa]|maximum|max\.?|up to|at most|moins de|less than|bis zu|plafond";
    regex(&format!(r"(^|\s)({words})(\s|$)|≤|<"))
});

/// All that is said of currencies.
pub(super) static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let codes = "eur|usd|gbp|chf|cad|aud|sek|nok|dkk|pln|brl|mxn|sgd|rmb|cny|jpy|inr";
    regex(&format!(r"€|£|\$|\beuros?\b|\b({codes})\b"))
});

/// Between the two amounts of a range.
pub(super) static BETWEEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^[\s,.]*(-|–|—|à|a|to|bis|et|and|jusqu['’]?\s*[àa])[\s,]*$"));
