//! What of a wrong value is shown: its kind, and itself only where it cannot be a secret, as a
//! short number, a number with a unit, or nearly one of the words that are allowed.

/// Digits of a number that is shown: longer ones may be a key or a code.
const NUMBER_SHOWN: usize = 5;

/// Units of spans and sizes, the wrong ones too.
const UNITS: [&str; 28] = [
    "", "b", "d", "day", "days", "g", "gb", "gib", "h", "hour", "hours", "hr", "k", "kb", "kib",
    "m", "mb", "mib", "min", "minute", "minutes", "ms", "s", "sec", "second", "seconds", "w", "y",
];

pub(super) fn number(digits: Option<String>) -> String {
    digits.filter(|digits| digits.len() <= NUMBER_SHOWN).unwrap_or_else(|| "a number".into())
}

pub(super) fn text(text: &str, allowed: &str) -> String {
    if is_measure(text) || is_nearly(text, allowed) {
        return format!("{text:?}");
    }
    match text.chars().count() {
        0 => "an empty text".into(),
        1 => "a text of one letter".into(),
        count => format!("a text of {count} letters"),
    }
}

/// A short number, with or without a unit.
fn is_measure(text: &str) -> bool {
    let split = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = unit.trim().to_lowercase();
    !number.is_empty() && number.len() <= NUMBER_SHOWN && UNITS.contains(&unit.as_str())
}

/// Whether a text is one of the allowed words but for a slip or two.
fn is_nearly(text: &str, allowed: &str) -> bool {
    let words = allowed.split(|c: char| !c.is_alphanumeric() && !"_-/.".contains(c));
    let mut words = words.filter(|word| !word.is_empty());
    words.any(|word| {
        let slips = strsim::levenshtein(&word.to_lowercase(), &text.to_lowercase());
        slips <= 2 && slips * 2 < word.chars().count()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_a_secret_is_shown() {
        for shown in ["50", "5 min", "1GB", "-3d", "0.5h", "jsn", "Record"] {
            assert_eq!(text(shown, "json, csv, records"), format!("{shown:?}"));
        }
        for hidden in ["hunter2", "123456", "12ab34", "s3cr3t", "5 letters", "50 secret", "tok"] {
            let found = text(hidden, "a text, or a URL: mongodb://..., none, required");
            assert_eq!(found, format!("a text of {} letters", hidden.len()));
        }
        assert_eq!(number(Some("12345".into())), "12345");
        assert_eq!(number(Some("123456".into())), "a number");
    }
}
