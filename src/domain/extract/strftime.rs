//! Forms of strftime: what of them can be read without a guess.

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};

/// What is wrong with a form; `None` for a good one.
pub fn flaw(form: &str) -> Option<&'static str> {
    let items: Vec<Item> = StrftimeItems::new(form).collect();
    let has = |wanted: Numeric| items.iter().any(|item| numeric(item) == Some(&wanted));
    let noon = |item: &Item| matches!(item, Item::Fixed(Fixed::LowerAmPm | Fixed::UpperAmPm));
    let numbers: Vec<&Numeric> = items.iter().filter_map(numeric).collect();
    let hour = has(Numeric::Hour) || has(Numeric::Timestamp);
    if items.contains(&Item::Error) || !form.contains('%') {
        Some("a form of strftime, such as %d.%m.%Y %H:%M")
    } else if has(Numeric::Hour12) && !items.iter().any(noon) {
        Some("%I with %p, or %H")
    } else if (has(Numeric::Minute) || has(Numeric::Second)) && !hour && !has(Numeric::Hour12) {
        Some("a form with an hour: minutes (%M) are not months (%m)")
    } else if (1..numbers.len()).any(|place| numbers[..place].contains(&numbers[place])) {
        Some("each part once: minutes are %M, months %m")
    } else if form.contains(".%f") {
        Some("%.f for a fraction, with its point")
    } else {
        None
    }
}

fn numeric<'i>(item: &'i Item) -> Option<&'i Numeric> {
    match item {
        Item::Numeric(number, _) => Some(number),
        _ => None,
    }
}

/// Whether a form names a time of the day.
pub(super) fn has_clock(form: &str) -> bool {
    let clock = |number: &Numeric| {
        matches!(number, Numeric::Hour | Numeric::Hour12 | Numeric::Minute | Numeric::Second)
    };
    StrftimeItems::new(form).any(|item| numeric(&item).is_some_and(clock))
}

/// Whether numbers that touch each other have all their digits: 130 is no hour and minute.
pub(super) fn fits(text: &str, form: &str) -> bool {
    let groups = groups(form);
    let digits = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let digits: Vec<usize> = digits.map(str::len).collect();
    let whole = |(group, length): (&Vec<usize>, &usize)| {
        group.len() < 2 || group.iter().sum::<usize>() == *length
    };
    groups.len() != digits.len() || groups.iter().zip(&digits).all(whole)
}

/// The widths of the numbers of a form, by groups of those that touch.
fn groups(form: &str) -> Vec<Vec<usize>> {
    let (mut groups, mut touches) = (Vec::new(), false);
    for item in StrftimeItems::new(form) {
        let Some(number) = numeric(&item) else {
            touches = false;
            continue;
        };
        let width = match number {
            Numeric::Year => 4,
            Numeric::Ordinal => 3,
            Numeric::Timestamp | Numeric::Nanosecond => 10,
            _ => 2,
        };
        match groups.last_mut() {
            Some(group) if touches => Vec::push(group, width),
            _ => groups.push(vec![width]),
        }
        touches = true;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_would_be_guessed_are_told() {
        for form in ["%d/%m/%Y %I:%M", "%Y-%m-%d %M", "%d/%m/%Y %H:%m", "%H:%M:%S.%f", "%Q", "day"]
        {
            assert!(flaw(form).is_some(), "{form}");
        }
        for form in [
            "%d/%m/%Y %I:%M %p",
            "%Y%m%d%H",
            "%s",
            "%a, %d %b %Y %H:%M:%S %Z",
            "%d %B %Y",
            "%Y-%m-%dT%H:%M:%S%.f",
            "%+",
            "%Y-%j",
        ] {
            assert_eq!(flaw(form), None, "{form}");
        }
    }

    #[test]
    fn numbers_that_touch_have_all_their_digits() {
        assert!(fits("20261122 0130", "%Y%m%d %H%M") && fits("6.9.2026", "%d.%m.%Y"));
        assert!(!fits("20261122 130", "%Y%m%d %H%M") && !fits("1112026", "%d%m%Y"));
    }
}
