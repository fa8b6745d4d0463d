//! Numbers as they stand in texts: exact decimals, and the form in which a feed writes them.
//! Two numbers are the same when their decimals are, however they are spelled: 1.50 and 15e-1.

use std::fmt::Write;

/// An exact decimal: `digits` × 10^`exponent`, without zeros at either end of the digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decimal {
    negative: bool,
    digits: Box<str>,
    exponent: i64,
}

/// Digits that [`Decimal::plain`] writes out at most.
const PLAIN: i64 = 60;

impl Decimal {
    /// Reads a plain decimal number: a sign, digits, a point, an exponent.
    pub fn parse(text: &str) -> Option<Decimal> {
        if !is_decimal(text) {
            return None;
        }
        let negative = text.starts_with('-');
        let rest = text.trim_start_matches(['-', '+']);
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().ok()?;
        let all = format!("{whole}{fraction}");
        let all = all.trim_start_matches('0');
        let digits = all.trim_end_matches('0');
        let zeros = (all.len() - digits.len()) as i64;
        let exponent = exponent.checked_sub(fraction.len() as i64)?.checked_add(zeros)?;
        let zero = digits.is_empty();
        let exponent = if zero { 0 } else { exponent };
        Some(Decimal { negative: negative && !zero, digits: digits.into(), exponent })
    }

    /// Written out without an exponent, each number in one way; `None` when that is too long.
    pub fn plain(&self) -> Option<String> {
        if self.digits.is_empty() {
            return Some("0".into());
        }
        let (length, sign) = (self.digits.len() as i64, if self.negative { "-" } else { "" });
        let point = length.checked_add(self.exponent)?;
        if point > PLAIN || self.exponent < -PLAIN {
            return None;
        }
        let mut out = String::from(sign);
        if point <= 0 {
            out += "0.";
            out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
            out += &self.digits;
        } else if self.exponent >= 0 {
            out += &self.digits;
            out.extend(std::iter::repeat_n('0', self.exponent as usize));
        } else {
            let (whole, fraction) = self.digits.split_at_checked(point as usize)?;
            let _ = write!(out, "{whole}.{fraction}");
        }
        Some(out)
    }

    /// Whether it is 0 or 1, which stand for false and true.
    pub fn flag(&self) -> Option<bool> {
        match (&*self.digits, self.exponent, self.negative) {
            ("", _, _) => Some(false),
            ("1", 0, false) => Some(true),
            _ => None,
        }
    }
}

/// How the numbers of a feed or a field are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    /// `.` or `,`.
    pub decimal: char,
    /// Between groups of three digits.
    pub thousands: Option<char>,
    /// What stands behind the number, such as its unit.
    pub suffix: Option<String>,
}

impl Default for Form {
    fn default() -> Form {
        Form { decimal: '.', thousands: None, suffix: None }
    }
}

impl Form {
    /// The number that a text of this form is, as a plain decimal number; blanks around it do
    /// not count. `None` for all else, such as `nan`, or groups of other than three digits.
    pub fn plain(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let text = match &self.suffix {
            Some(suffix) => text.strip_suffix(suffix.as_str()).unwrap_or(text).trim_end(),
            None => text,
        };
        let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
        let (whole, fraction) = match mantissa.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        // A point in the whole part is none, where the decimal sign is another.
        let mut plain = self.ungrouped(whole).filter(|whole| !whole.contains('.'))?;
        if let Some(fraction) = fraction {
            plain.push('.');
            plain += fraction;
        }
        plain += exponent;
        is_decimal(&plain).then_some(plain)
    }

    fn ungrouped(&self, whole: &str) -> Option<String> {
        let Some(sign) = self.thousands else { return Some(whole.into()) };
        // A blank between digits is often one that does not break.
        let blank = |c: char| sign == ' ' && matches!(c, '\u{a0}' | '\u{202f}');
        let mut groups = whole.split(|c| c == sign || blank(c));
        let first = groups.next().unwrap_or_default();
        let rest: Vec<&str> = groups.collect();
        let short = first.trim_start_matches(['-', '+']).len();
        let zero = first.trim_start_matches(['-', '+']).starts_with('0');
        let good = rest.is_empty() || ((1..=3).contains(&short) && !zero);
        let threes = rest.iter().all(|group| group.len() == 3);
        (good && threes).then(|| format!("{first}{}", rest.concat()))
    }
}

/// Whether a text is a plain decimal number: no blanks, no names such as `nan`.
pub fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &'_ str| text.len() - text.strip_prefix(['-', '+']).unwrap_or(text).len();
    let rest = &text[unsigned(text)..];
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = &exponent[unsigned(exponent)..];
    let none = exponent.is_empty() || (whole.is_empty() && fraction.is_empty());
    !none && digits(whole) && digits(fraction) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_the_same_however_it_is_spelled() {
        let same = |a: &str, b: &str| Decimal::parse(a).unwrap() == Decimal::parse(b).unwrap();
        assert!(same("1.50", "15e-1") && same("-0", "0.000") && same("1000", "1e3"));
        assert!(same("-9999,0".replace(',', ".").as_str(), "-9999"));
        assert!(!same("18446744073709551615", "18446744073709551614"));
        for bad in
            ["", "-", ".", "e3", "1e", "0x1", "nan", "1 0", "1.2.3", "1e99999999999999999999"]
        {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn plain_numbers_have_no_exponent() {
        for (text, plain) in [
            ("1e3", "1000"),
            ("1.10", "1.1"),
            ("-0.00250", "-0.0025"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("-0", "0"),
            ("0012", "12"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().plain().as_deref(), Some(plain), "{text}");
        }
        assert_eq!(Decimal::parse("1e400").unwrap().plain(), None);
    }

    fn form(decimal: char, thousands: Option<char>, suffix: Option<&str>) -> Form {
        Form { decimal, thousands, suffix: suffix.map(str::to_string) }
    }

    #[test]
    fn forms_are_read_as_declared() {
        let english = form('.', Some(','), None);
        assert_eq!(english.plain("1,459").as_deref(), Some("1459"));
        assert_eq!(english.plain("-12,345,678.90").as_deref(), Some("-12345678.90"));
        for bad in [
            "0,125", "-0,500", "00,125", "1,45", "12,3456", ",459", "1,,459", "1234,567",
            "1.459,5", "1,459,",
        ] {
            assert_eq!(english.plain(bad), None, "{bad}");
        }
        let german = form(',', Some('.'), Some("km/h"));
        assert_eq!(german.plain(" 1.459,5 km/h ").as_deref(), Some("1459.5"));
        assert_eq!(german.plain("7 mph"), None);
        let french = form(',', Some(' '), None);
        assert_eq!(french.plain("12\u{202f}345,5").as_deref(), Some("12345.5"));
        assert_eq!(Form::default().plain("1,5"), None);
        assert_eq!(form(',', None, None).plain("1.5"), None);
        for bad in ["", "nan", "inf", "1e", "--1", "+", "1 000", "0x10"] {
            assert_eq!(Form::default().plain(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn plain_numbers_are_read_back(x in any::<i64>(), places in 0i64..20) {
            let number = Decimal::parse(&format!("{x}e-{places}")).unwrap();
            prop_assert_eq!(Decimal::parse(&number.plain().unwrap()), Some(number));
        }

        #[test]
        fn no_text_breaks_it(text in "[-+0-9.,eE \u{a0}k]{0,12}") {
            for form in [form('.', Some(','), Some("k")), form(',', Some(' '), None)] {
                let plain = form.plain(&text);
                prop_assert!(plain.is_none_or(|plain| plain.parse::<f64>().is_ok()));
            }
        }
    }
}
