//! Values of a PostgreSQL store. Its texts cannot hold the character zero, which is written as
//! `\u{1}0` there, and `\u{1}` itself as `\u{1}1`; its instants are microseconds since 2000.

use crate::domain::document::{Doc, Malformed};
use crate::domain::hash::Digest;
use crate::domain::record::{Fields, Scalar};
use crate::domain::time::{Instant, Window};
use std::borrow::Cow;
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

pub(super) type Read<T> = Result<T, Malformed>;

const MARK: char = '\u{1}';
/// 2000-01-01, in milliseconds since 1970.
const EPOCH_MS: i64 = 946_684_800_000;

/// A text as PostgreSQL takes it.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return text.into();
    }
    let piece = |c: char| match c {
        '\0' => format!("{MARK}0"),
        MARK => format!("{MARK}1"),
        other => other.to_string(),
    };
    text.chars().map(piece).collect::<String>().into()
}

/// The same, read back.
pub(super) fn read_text(text: &str) -> String {
    if !text.contains(MARK) {
        return text.into();
    }
    text.replace("\u{1}0", "\0").replace("\u{1}1", "\u{1}")
}

/// An instant as `timestamptz`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct At(pub Instant);

impl ToSql for At {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let micros = (self.0.millis() - EPOCH_MS) * 1_000;
        out.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl FromSql<'_> for At {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<At, Box<dyn Error + Sync + Send>> {
        let micros = i64::from_be_bytes(raw.try_into()?);
        let millis = micros.div_euclid(1_000).checked_add(EPOCH_MS);
        let at = millis.and_then(Instant::from_millis);
        at.map(At).ok_or_else(|| "it is no instant between the years 1 and 9999".into())
    }

    accepts!(TIMESTAMPTZ);
}

/// A text of JSON.
#[derive(Debug)]
pub(super) struct Json(pub String);

impl ToSql for Json {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    accepts!(JSON);
    to_sql_checked!();
}

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Read<T> {
    row.try_get(place).map_err(|error| Malformed(super::url::told(&error)))
}

pub(super) fn string(row: &Row, place: usize) -> Read<String> {
    get::<&str>(row, place).map(read_text)
}

pub(super) fn at(row: &Row, place: usize) -> Read<Instant> {
    get::<At>(row, place).map(|At(at)| at)
}

pub(super) fn may_at(row: &Row, place: usize) -> Read<Option<Instant>> {
    get::<Option<At>>(row, place).map(|at| at.map(|At(at)| at))
}

pub(super) fn hour(row: &Row, place: usize) -> Read<Window> {
    at(row, place).map(Window::of)
}

pub(super) fn hash(row: &Row, place: usize) -> Read<Digest> {
    let bytes: &[u8] = get(row, place)?;
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|error| Malformed(error.to_string()))?;
    Ok(Digest::from_bytes(bytes))
}

pub(super) fn doc(row: &Row, place: usize) -> Read<Doc> {
    Doc::parse(string(row, place)?.as_bytes())
}

/// Values as they are kept: an object of JSON, in which no text has the character zero.
pub(super) fn body(values: &[(String, Scalar)]) -> String {
    let value = |value: &Scalar| match value {
        Scalar::Number(value) => Doc::number(*value),
        Scalar::Text(given) => Doc::text(text(given).into_owned()),
    };
    Doc::Map(values.iter().map(|(name, v)| (text(name).into_owned().into(), value(v))).collect())
        .json()
}

/// Values, read back.
pub(super) fn read_body(json: &str) -> Read<Fields> {
    let body = Doc::parse(json.as_bytes())?;
    let Doc::Map(pairs) = body else { return Err(Malformed("a body is no object".into())) };
    let pair = |(name, value): &(_, Doc)| {
        let name: &str = AsRef::<str>::as_ref(name);
        let value = match Scalar::read(value)? {
            Scalar::Text(text) => Scalar::Text(read_text(&text)),
            number => number,
        };
        Ok((read_text(name), value))
    };
    pairs.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back_and_have_no_zero(given in "[\0\u{1}01ab]{0,12}") {
            let kept = text(&given);
            prop_assert!(!kept.contains('\0'));
            prop_assert_eq!(read_text(&kept), given);
        }
    }
}
