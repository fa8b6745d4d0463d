//! A document: the neutral form of a row or an entry between the domain and the stores.
//! Each store translates documents; none knows what a row means. The JSON written here is
//! canonical: it is what checksums are taken over.

mod parse;

use super::json::plain;
use super::time::{Instant, iso, parse_iso};
use std::borrow::Cow;
use std::fmt::Write;

/// A value of a document. Numbers are finite.
#[derive(Clone, PartialEq, Debug)]
pub enum Doc {
    Null,
    Int(i64),
    Float(f64),
    Text(String),
    Instant(Instant),
    List(Vec<Doc>),
    Map(Vec<(Cow<'static, str>, Doc)>),
}

/// A document whose keys and shape are not what a reader of it needs.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl Doc {
    /// Builds a map with fixed keys.
    pub fn map<const N: usize>(pairs: [(&'static str, Doc); N]) -> Doc {
        Doc::Map(pairs.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }

    /// A map whose keys depend on what is there.
    pub fn map_of(pairs: Vec<(&'static str, Doc)>) -> Doc {
        Doc::Map(pairs.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }

    pub fn text(text: impl Into<String>) -> Doc {
        Doc::Text(text.into())
    }

    /// A number, as a whole one where it is one and every reader of JSON holds it.
    pub fn number(value: f64) -> Doc {
        const HELD: f64 = 9_007_199_254_740_992.0;
        let whole =
            value.fract() == 0.0 && value.abs() < HELD && value.to_bits() != (-0.0f64).to_bits();
        if whole { Doc::Int(value as i64) } else { Doc::Float(value) }
    }

    pub fn ints<T: TryInto<i64>>(values: impl IntoIterator<Item = T>) -> Doc {
        let int = |value: T| Doc::Int(value.try_into().unwrap_or(i64::MAX));
        Doc::List(values.into_iter().map(int).collect())
    }

    pub fn floats(values: impl IntoIterator<Item = f64>) -> Doc {
        Doc::List(values.into_iter().map(Doc::Float).collect())
    }

    pub fn option<T>(value: Option<T>, make: impl FnOnce(T) -> Doc) -> Doc {
        value.map_or(Doc::Null, make)
    }

    /// The value under a key; null when there is none.
    pub fn get(&self, key: &str) -> &Doc {
        let found = self.pairs().iter().find(|(name, _)| name == key);
        found.map_or(&Doc::Null, |(_, value)| value)
    }

    pub fn pairs(&self) -> &[(Cow<'static, str>, Doc)] {
        match self {
            Doc::Map(pairs) => pairs,
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Doc::Null
    }

    pub fn as_text(&self) -> Result<&str, Malformed> {
        match self {
            Doc::Text(text) => Ok(text),
            other => Err(other.not("a text")),
        }
    }

    pub fn as_int(&self) -> Result<i64, Malformed> {
        match self {
            Doc::Int(value) => Ok(*value),
            other => Err(other.not("a whole number")),
        }
    }

    pub fn as_count(&self) -> Result<u64, Malformed> {
        u64::try_from(self.as_int()?).map_err(|_| self.not("a count"))
    }

    pub fn as_float(&self) -> Result<f64, Malformed> {
        match self {
            Doc::Float(value) => Ok(*value),
            Doc::Int(value) => Ok(*value as f64),
            other => Err(other.not("a number")),
        }
    }

    /// An instant, also when a store keeps it as text.
    pub fn as_instant(&self) -> Result<Instant, Malformed> {
        match self {
            Doc::Instant(instant) => Ok(*instant),
            Doc::Text(text) => parse_iso(text).ok_or_else(|| self.not("an instant")),
            other => Err(other.not("an instant")),
        }
    }

    pub fn as_list(&self) -> Result<&[Doc], Malformed> {
        match self {
            Doc::List(values) => Ok(values),
            other => Err(other.not("a list")),
        }
    }

    pub fn as_counts(&self) -> Result<Vec<u64>, Malformed> {
        self.as_list()?.iter().map(Doc::as_count).collect()
    }

    pub fn as_floats(&self) -> Result<Vec<f64>, Malformed> {
        self.as_list()?.iter().map(Doc::as_float).collect()
    }

    /// Null as none, anything else by `read`.
    pub fn optional<'a, T>(
        &'a self,
        read: impl FnOnce(&'a Doc) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if self.is_null() { Ok(None) } else { read(self).map(Some) }
    }

    fn not(&self, wanted: &str) -> Malformed {
        let mut found = self.json();
        if found.len() > 60 {
            found = found.chars().take(57).chain("...".chars()).collect();
        }
        Malformed(format!("{found} is not {wanted}"))
    }

    /// Canonical JSON: no spaces, keys in their order, instants as RFC 3339 with milliseconds,
    /// floats in the shortest form that reads back the same, always with a point or exponent.
    pub fn json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// Appends the canonical JSON.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Doc::Null => out.push_str("null"),
            Doc::Int(value) => drop(write!(out, "{value}")),
            Doc::Float(value) => drop(write!(out, "{value:?}")),
            Doc::Text(text) => quote(text, out),
            Doc::Instant(instant) => quote(&iso(*instant), out),
            Doc::List(values) => {
                between('[', ']', values, out, |value, out| value.write_json(out));
            }
            Doc::Map(pairs) => between('{', '}', pairs, out, |(key, value), out| {
                quote(key, out);
                out.push(':');
                value.write_json(out);
            }),
        }
    }

    /// From JSON that serde_json read, by which [`Doc::parse`] is judged; keys in alphabetical
    /// order; instants stay text, which [`Doc::as_instant`] reads.
    pub fn from_json(value: serde_json::Value) -> Doc {
        use serde_json::Value;
        match value {
            Value::Null => Doc::Null,
            Value::Bool(flag) => Doc::Int(flag.into()),
            Value::Number(n) => n
                .as_i64()
                .map(Doc::Int)
                .unwrap_or_else(|| Doc::Float(n.as_f64().unwrap_or_default())),
            Value::String(text) => Doc::Text(text),
            Value::Array(values) => Doc::List(values.into_iter().map(Doc::from_json).collect()),
            Value::Object(pairs) => {
                let pair = |(key, value)| (Cow::Owned(key), Doc::from_json(value));
                Doc::Map(pairs.into_iter().map(pair).collect())
            }
        }
    }
}

/// Writes some values in a row, with signs around and commas between them.
pub(super) fn between<T>(
    open: char,
    close: char,
    values: &[T],
    out: &mut String,
    write: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(value, out);
    }
    out.push(close);
}

/// Writes a text in quotes. All that needs no escape is copied at once: rows have thousands of
/// plain keys and instants.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    loop {
        let (front, odd) = rest.split_at(plain(rest.as_bytes()));
        out.push_str(front);
        let Some((odd, after)) = odd.split_at_checked(1) else { break };
        match odd {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            odd => drop(write!(out, "\\u{:04x}", odd.as_bytes()[0])),
        }
        rest = after;
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn canonical_json_is_stable() {
        let doc = Doc::map([
            ("a", Doc::Float(2.0)),
            ("b", Doc::ints([1u32, 2])),
            ("t", Doc::Instant(parse_iso("2026-11-22T02:41:00Z").unwrap())),
            ("x", Doc::text("a\"b\n")),
        ]);
        let json = r#"{"a":2.0,"b":[1,2],"t":"2026-11-22T02:41:00.000Z","x":"a\"b\u000a"}"#;
        assert_eq!(doc.json(), json);
    }

    proptest! {
        #[test]
        fn floats_and_texts_read_back_the_same(
            x in proptest::num::f64::NORMAL, s in "[\\x00-\\x7f\\PC]*",
        ) {
            let doc = Doc::map([("s", Doc::Text(s)), ("x", Doc::Float(x))]);
            let json: serde_json::Value = serde_json::from_str(&doc.json()).unwrap();
            prop_assert_eq!(Doc::from_json(json), doc);
        }
    }
}
