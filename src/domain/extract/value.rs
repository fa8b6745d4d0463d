//! Values of items, and how a raw value becomes one: absent, readable or unreadable.

use crate::domain::quantile::scaled;
use crate::domain::source::{Field, Marker, Test};

/// A piece of the text of an [`super::Extraction`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    pub from: u32,
    pub to: u32,
}

/// The value of a field in one item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value {
    Absent,
    /// Finite.
    Number(f64),
    Text(Span),
}

/// A scalar as it stands in a document.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Raw {
    Absent,
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(Span),
    /// An object or an array where a scalar is declared.
    Nested,
}

/// The largest magnitude that is taken for a measurement: its square, summed over all that an
/// hour may hold, is still a finite number.
const LARGEST: f64 = 1e140;

/// The largest number of steps of a declared resolution: up to it, whole numbers are exact.
const STEPS: f64 = (1u64 << 53) as f64;

/// A number of a field with a resolution must lie on a grid that can be counted exactly.
pub(super) fn on_grid(value: Value, resolution: Option<f64>) -> Result<Value, String> {
    match (value, resolution) {
        (Value::Number(number), Some(step)) if (number / step).abs() > STEPS => {
            Err(format!("{number:e}, too large for its resolution,"))
        }
        _ => Ok(value),
    }
}

/// A number as a field declares it: scaled, on its grid; absent where a marker stands.
pub(super) fn measured(
    raw: Raw,
    field: &Field,
    resolution: Option<f64>,
    comma: char,
    text: &str,
) -> Result<Value, String> {
    if is_marked(raw, &field.missing, text) {
        return Ok(Value::Absent);
    }
    let value = match number(raw, comma, text)? {
        Value::Number(value) => Value::Number(scaled(value, field.scale)),
        other => other,
    };
    on_grid(value, resolution)
}

pub(super) fn is_marked(raw: Raw, markers: &[Marker], text: &str) -> bool {
    !markers.is_empty() && markers.iter().any(|marker| equals(raw, marker, text))
}

fn equals(raw: Raw, marker: &Marker, text: &str) -> bool {
    match marker {
        Marker::Flag(flag) => raw == Raw::Bool(*flag),
        Marker::Number(wanted) => number(raw, '.', text) == Ok(Value::Number(*wanted)),
        Marker::Text(wanted) => spelled(raw, text).as_ref() == Some(wanted),
    }
}

/// Whether an element passes a filter.
pub(super) fn passes(raw: Raw, test: &Test, text: &str) -> bool {
    match test {
        Test::Present(wanted) => (raw != Raw::Absent) == *wanted,
        Test::Equals(marker) => equals(raw, marker, text),
        Test::Not(marker) => !equals(raw, marker, text),
    }
}

/// A finite number, also from a text that is a plain decimal number with this decimal sign.
pub(super) fn number(raw: Raw, comma: char, text: &str) -> Result<Value, String> {
    let value = match raw {
        Raw::Absent => return Ok(Value::Absent),
        Raw::Int(value) => value as f64,
        Raw::Float(value) => value,
        Raw::Text(span) => decimal(piece(text, span), comma).ok_or_else(|| show(raw, text))?,
        Raw::Bool(_) | Raw::Nested => return Err(show(raw, text)),
    };
    if value.abs() <= LARGEST { Ok(Value::Number(value)) } else { Err(show(raw, text)) }
}

/// A plain decimal number: no spaces, no names such as `nan`.
fn decimal(text: &str, comma: char) -> Option<f64> {
    if comma != '.' {
        return if text.contains('.') { None } else { decimal(&text.replace(comma, "."), '.') };
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    (text.chars().all(plain) && text.contains(|c: char| c.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The text of a scalar; whole numbers keep all their digits.
pub(super) fn spelled(raw: Raw, text: &str) -> Option<String> {
    match raw {
        Raw::Int(value) => Some(value.to_string()),
        Raw::Float(value) => Some(value.to_string()),
        Raw::Text(span) => Some(piece(text, span).to_string()),
        Raw::Absent | Raw::Bool(_) | Raw::Nested => None,
    }
}

pub(super) fn piece(text: &str, span: Span) -> &str {
    text.get(span.from as usize..span.to as usize).unwrap_or_default()
}

/// A raw value for a message, shortened.
pub(super) fn show(raw: Raw, text: &str) -> String {
    match raw {
        Raw::Absent => "nothing".into(),
        Raw::Nested => "an object or a list".into(),
        Raw::Bool(flag) => flag.to_string(),
        Raw::Text(span) => {
            let short: String = piece(text, span).chars().take(40).collect();
            format!("{short:?}")
        }
        Raw::Float(value) if value.abs() >= 1e16 => format!("{value:e}"),
        Raw::Int(_) | Raw::Float(_) => spelled(raw, text).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        number(Raw::Text(Span { from: 0, to: text.len() as u32 }), '.', text)
    }

    #[test]
    fn numbers_in_texts_are_plain_decimals() {
        assert_eq!(read("-12.5"), Ok(Value::Number(-12.5)));
        assert_eq!(read("1e3"), Ok(Value::Number(1000.0)));
        assert_eq!(read("-1e140"), Ok(Value::Number(-1e140)));
        for bad in ["1e141", "", "ND", "nan", "inf", " 1", "1 000", "0x10", "1e999", "-", "e"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_decimal_comma_is_a_decimal_sign() {
        assert_eq!(decimal("48,85", ','), Some(48.85));
        assert_eq!(decimal("1.234,5", ','), None);
    }

    #[test]
    fn scales_do_not_add_noise() {
        assert_eq!(scaled(3.0, 0.1), 0.3);
        assert_eq!(scaled(-2067.0, 0.001), -2.067);
        assert_eq!(scaled(2.0, 1000.0), 2000.0);
        assert_eq!(scaled(7.0, 1.0), 7.0);
    }
}
