//! Documents of the domain as BSON, and back: instants as dates, whole numbers as 64-bit
//! integers. The order of keys is kept.

use crate::domain::document::{Doc, Malformed};
use crate::domain::time::Instant;
use mongodb::bson::{Bson, DateTime, Document};
use std::borrow::Cow;

pub fn bson(doc: &Doc) -> Bson {
    match doc {
        Doc::Null => Bson::Null,
        Doc::Int(value) => Bson::Int64(*value),
        Doc::Float(value) => Bson::Double(*value),
        Doc::Text(text) => Bson::String(text.clone()),
        Doc::Instant(at) => Bson::DateTime(date(*at)),
        Doc::List(values) => Bson::Array(values.iter().map(bson).collect()),
        Doc::Map(pairs) => Bson::Document(document(pairs)),
    }
}

pub fn document(pairs: &[(Cow<'static, str>, Doc)]) -> Document {
    pairs.iter().map(|(key, value)| (key.to_string(), bson(value))).collect()
}

pub fn date(at: Instant) -> DateTime {
    DateTime::from_millis(at.millis())
}

pub fn instant(at: DateTime) -> Option<Instant> {
    Instant::from_millis(at.timestamp_millis())
}

/// Reads a document back; types that we never write are refused.
pub fn doc(bson: Bson) -> Result<Doc, Malformed> {
    Ok(match bson {
        Bson::Null => Doc::Null,
        Bson::Int32(value) => Doc::Int(value.into()),
        Bson::Int64(value) => Doc::Int(value),
        Bson::Double(value) if value.is_finite() => Doc::Float(value),
        Bson::String(text) => Doc::Text(text),
        Bson::DateTime(at) => {
            Doc::Instant(instant(at).ok_or_else(|| Malformed(format!("{at:?} is not an instant")))?)
        }
        Bson::Array(values) => Doc::List(values.into_iter().map(doc).collect::<Result<_, _>>()?),
        Bson::Document(document) => {
            let pair = |(key, value)| Ok((Cow::Owned(key), doc(value)?));
            Doc::Map(document.into_iter().map(pair).collect::<Result<_, Malformed>>()?)
        }
        other => return Err(Malformed(format!("{other} is of a type that is never written"))),
    })
}
