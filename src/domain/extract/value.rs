//! Values of items, and how a raw JSON value becomes one: absent, readable or unreadable.

use crate::domain::source::TimeUnit;
use crate::domain::time::parse_iso;

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

/// A finite number, also from a text that is a plain decimal number.
pub(super) fn number(raw: Raw, text: &str) -> Result<Value, String> {
    let value = match raw {
        Raw::Absent => return Ok(Value::Absent),
        Raw::Int(value) => value as f64,
        Raw::Float(value) => value,
        Raw::Text(span) => decimal(piece(text, span)).ok_or_else(|| show(raw, text))?,
        Raw::Bool(_) | Raw::Nested => return Err(show(raw, text)),
    };
    if value.abs() <= LARGEST { Ok(Value::Number(value)) } else { Err(show(raw, text)) }
}

/// A plain decimal number: no spaces, no names such as `nan`.
fn decimal(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    (text.chars().all(plain) && text.contains(|c: char| c.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Epoch milliseconds.
pub(super) fn instant(raw: Raw, unit: TimeUnit, text: &str) -> Result<Option<i64>, String> {
    let bad = || show(raw, text);
    let scaled = |value: f64, scale: f64| {
        let ms = (value * scale).floor();
        if ms.abs() < 4e15 { Ok(Some(ms as i64)) } else { Err(bad()) }
    };
    let scale = match unit {
        TimeUnit::Seconds => 1e3,
        TimeUnit::Millis => 1.0,
        TimeUnit::Micros => 1e-3,
        TimeUnit::Iso => match raw {
            Raw::Absent => return Ok(None),
            Raw::Text(span) => {
                let at = parse_iso(piece(text, span)).ok_or_else(bad)?;
                return Ok(Some(at.timestamp_millis()));
            }
            _ => return Err(bad()),
        },
    };
    match number(raw, text)? {
        Value::Number(value) => scaled(value, scale),
        _ => Ok(None),
    }
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
        number(Raw::Text(Span { from: 0, to: text.len() as u32 }), text)
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
    fn times_have_units() {
        let at = |raw, unit| instant(raw, unit, "2026-11-22T02:41:00+01:00");
        assert_eq!(at(Raw::Int(1_700_000_000), TimeUnit::Seconds), Ok(Some(1_700_000_000_000)));
        assert_eq!(
            at(Raw::Int(1_700_000_000_999_999), TimeUnit::Micros),
            Ok(Some(1_700_000_000_999))
        );
        let text = Raw::Text(Span { from: 0, to: 25 });
        assert_eq!(at(text, TimeUnit::Iso), Ok(Some(1_795_311_660_000)));
        assert_eq!(at(Raw::Absent, TimeUnit::Iso), Ok(None));
        assert!(at(Raw::Int(5), TimeUnit::Iso).is_err());
        assert!(at(Raw::Float(1e300), TimeUnit::Seconds).is_err());
    }
}
