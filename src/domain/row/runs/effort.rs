//! What a landing tells beside what all of them do, as one text: its effort, or in older journals
//! the address. An effort begins with a digit, and an address with a letter.

use crate::domain::document::Malformed;
use crate::domain::record::{Fields, Scalar};
use std::collections::BTreeMap;

/// In this order, with commas between; what is not told is `null`, or left out at the end.
const EFFORT: [&str; 3] = ["took", "wire", "tries"];
const ADDRESS: &str = "url";
const NONE: &str = "null";

/// The text of these values, and how many of them it tells; `None` where it cannot be one.
pub(super) fn written(values: &BTreeMap<&str, &Scalar>) -> Option<(Option<String>, usize)> {
    let known = EFFORT.iter().filter(|key| values.contains_key(*key)).count();
    match (values.get(ADDRESS), known) {
        (None, 0) => Some((None, 0)),
        (Some(address), 0) => {
            let address = address.text().filter(|text| !is_effort(text))?;
            Some((Some(address.into()), 1))
        }
        (Some(_), _) => None,
        (None, known) => {
            let part = |key: &&str| match values.get(key) {
                Some(value) => whole(value).map(|number| number.to_string()),
                None => Some(NONE.into()),
            };
            let parts: Vec<String> = EFFORT.iter().map(part).collect::<Option<_>>()?;
            let text = parts.join(",");
            let text = text.trim_end_matches(&format!(",{NONE}"));
            is_effort(text).then(|| (Some(text.into()), known))
        }
    }
}

fn whole(value: &Scalar) -> Option<u64> {
    let number = value.number()?;
    let is_whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
    is_whole.then_some(number as u64)
}

fn is_effort(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_digit())
}

/// Puts what such a text tells beside the other values.
pub(super) fn read(text: &str, values: &mut Fields) -> Result<(), Malformed> {
    if !is_effort(text) {
        values.push((ADDRESS.into(), Scalar::Text(text.into())));
        return Ok(());
    }
    let odd = || Malformed(format!("no effort: {text}"));
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > EFFORT.len() {
        return Err(odd());
    }
    for (key, part) in EFFORT.iter().zip(parts).filter(|(_, part)| *part != NONE) {
        let number: u64 = part.parse().map_err(|_| odd())?;
        values.push((key.to_string(), Scalar::Number(number as f64)));
    }
    Ok(())
}
