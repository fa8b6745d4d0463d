//! One amount in a text: its number and its currency.

/// Whether digits are no number of their own: `35H`, `13e`, `B2`.
pub(super) fn is_part_of_a_word(text: &str, found: &regex_lite::Captures) -> bool {
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
pub(super) fn currency(found: &regex_lite::Captures) -> Option<String> {
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
pub(super) fn amount(found: &regex_lite::Captures) -> Option<f64> {
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
