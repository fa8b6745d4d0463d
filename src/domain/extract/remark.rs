//! What a person should know of an answer that can be read: it may say less than it seems to.

use crate::domain::document::{Doc, Malformed};
use std::fmt;

/// What [`Remark::Absent`] calls the places that filters look at.
pub const FILTERED: &str = "what where asks for";

/// A silence, or an ambiguity, of one answer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Remark {
    /// A declared field is in none of the items that are taken.
    Absent { field: String, place: String },
    /// There are elements, and none of them is an item: `skip`, `where` or the time leave none.
    NoneLeft,
    /// A value does not lie on the grid that its field declares; shown as it is.
    OffGrid { field: String, value: String },
    /// Records of one answer that fall on one id and differ; only one of them can count.
    Twins { id: String },
    /// Samples of one answer that are of one series and equal; each of them counts.
    Repeats { series: String },
    /// A line that is skipped, behind the header, and reads like data.
    SkipsData { place: String },
}

impl Remark {
    /// What tells the remarks of several answers apart.
    pub fn key(&self) -> String {
        match self {
            Remark::Absent { field, .. } => format!("absent {field}"),
            Remark::NoneLeft => "none left".into(),
            Remark::OffGrid { field, .. } => format!("off grid {field}"),
            Remark::Twins { .. } => "twins".into(),
            Remark::Repeats { .. } => "repeats".into(),
            Remark::SkipsData { .. } => "skips data".into(),
        }
    }

    /// Whether it says that something is not there, which becomes a fault when it lasts.
    pub fn is_silence(&self) -> bool {
        matches!(self, Remark::Absent { .. } | Remark::NoneLeft)
    }

    /// The same with each text that it quotes of an answer as `hide` gives it.
    pub fn hiding(&self, hide: impl Fn(&str) -> String) -> Remark {
        match self {
            Remark::OffGrid { field, value } => {
                Remark::OffGrid { field: field.clone(), value: hide(value) }
            }
            Remark::Twins { id } => Remark::Twins { id: hide(id) },
            Remark::Repeats { series } => Remark::Repeats { series: hide(series) },
            plain @ (Remark::Absent { .. } | Remark::NoneLeft | Remark::SkipsData { .. }) => {
                plain.clone()
            }
        }
    }

    pub fn doc(&self) -> Doc {
        let (kind, field, place) = match self {
            Remark::Absent { field, place } => ("absent", Some(field), Some(place)),
            Remark::NoneLeft => ("none left", None, None),
            Remark::OffGrid { field, value } => ("off grid", Some(field), Some(value)),
            Remark::Twins { id } => ("twins", None, Some(id)),
            Remark::Repeats { series } => ("repeats", None, Some(series)),
            Remark::SkipsData { place } => ("skips data", None, Some(place)),
        };
        Doc::map([
            ("kind", Doc::text(kind)),
            ("field", Doc::option(field.cloned(), Doc::text)),
            ("place", Doc::option(place.cloned(), Doc::text)),
        ])
    }

    pub fn read(doc: &Doc) -> Result<Remark, Malformed> {
        let text = |key: &str| doc.get(key).as_text().map(str::to_string);
        match doc.get("kind").as_text()? {
            "absent" => Ok(Remark::Absent { field: text("field")?, place: text("place")? }),
            "none left" => Ok(Remark::NoneLeft),
            "off grid" => Ok(Remark::OffGrid { field: text("field")?, value: text("place")? }),
            "twins" => Ok(Remark::Twins { id: text("place")? }),
            "repeats" => Ok(Remark::Repeats { series: text("place")? }),
            "skips data" => Ok(Remark::SkipsData { place: text("place")? }),
            other => Err(Malformed(format!("no kind of remark: {other}"))),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Remark::Absent { field, place } => {
                write!(f, "no item has {field}, at {place}: has the publisher renamed it?")
            }
            Remark::NoneLeft => {
                f.write_str("there are elements, but skip, where and the time leave no item")
            }
            Remark::OffGrid { field, value } => {
                write!(f, "{field} is {value} in an item, off its resolution: is that right?")
            }
            Remark::Twins { id } => {
                write!(f, "several items have the id {id:?} and differ: only one of them counts")
            }
            Remark::Repeats { series } => {
                write!(f, "items of the series {series:?} are equal, and each counts: may_repeat?")
            }
            Remark::SkipsData { place } => {
                write!(f, "skip passes item {place}, which reads like data")
            }
        }
    }
}
