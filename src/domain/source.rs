//! A source: one declared feed, checked. The wire form is read by the config door; only this
//! form travels. What a source declares, every snapshot, row and page about it follows.

mod about;
mod auth;
mod clean;
mod dated;
mod fetch;
mod items;
mod list;
mod noun;
mod pages;
mod payload;
mod range;
mod share;
mod slices;
mod terms;
mod tls;
mod withdrawal;

pub use about::{About, Access, Licence, Reuse, Share, Token};
pub use auth::{Auth, OAuth};
pub use clean::Clean;
pub use fetch::{Fetch, Numbers};
pub use items::{
    Filter, Identity, Items, LabelSource, Marker, Number, Pick, Picks, Place, Records, Samples,
    Schema, Test, TimePath, TimeUnit,
};
pub use list::{List, Listed, is_item_key};
pub use noun::Noun;
pub use pages::{By, End, Pages, Param};
pub use payload::{Body, Json, Payload};
pub use range::Range;
pub use share::{Shown, shown};
pub use slices::{Dimension, Names, Slices};
pub use tls::{Client, Tls};
pub use withdrawal::{Gone, Withdrawal};

use super::decimal::Form;
use super::form::{Encoding, Suspect, Written, html};
use super::hash::Digest;
use super::name::SourceName;
use super::retention::Retention;
use super::template::Template;
use std::sync::Arc;

/// A checked declaration.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: SourceName,
    /// Names that it had before, the first one first: what landed under them is its past.
    pub formerly: Vec<SourceName>,
    pub declaration: Declaration,
    pub title: Title,
    /// Sources of one topic share a section of the report.
    pub topic: String,
    pub about: About,
    pub fetch: Fetch,
    /// How long its rows are kept, and when they thin.
    pub retention: Retention,
    pub items: Items,
    pub fields: Vec<Field>,
    pub aggregates: Vec<Aggregate>,
    pub figures: Vec<Figure>,
}

/// The text of a declaration and its digest; snapshots carry the start of the digest.
#[derive(Clone, Debug)]
pub struct Declaration {
    pub text: Arc<str>,
    pub digest: Digest,
}

impl Declaration {
    pub fn new(text: &str) -> Declaration {
        Declaration { text: text.into(), digest: Digest::of(text.as_bytes()) }
    }

    /// The digits that stand in snapshot names: twelve, in older ones six.
    pub fn short(&self) -> String {
        self.digest.short(12)
    }
}

/// A name for people, in the two languages of the report.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Title {
    pub en: String,
    pub fr: String,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub picks: Picks,
    pub unit: Option<String>,
    pub title: Title,
    pub kind: Kind,
    /// Values that mean that there is none.
    pub missing: Vec<Marker>,
    /// What a number is multiplied by; unit and resolution are those after it and the offset.
    pub scale: f64,
    /// What is added to it then.
    pub offset: f64,
    /// How its numbers are written in texts.
    pub form: Form,
    /// What is done with its text, in this order, before it is read.
    pub steps: Vec<Clean>,
    /// What stands between several values of it; none where there is one only.
    pub join: Option<String>,
    /// Whether an item without it cannot be read.
    pub required: bool,
    /// Whether an answer without it in any item is as it should be.
    pub optional: bool,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Number(Measure),
    Text,
}

/// How numbers are summarised.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Measure {
    /// Grid of the values: then quantiles are exact; else they come from a sketch.
    pub resolution: Option<f64>,
    /// Step of the bins kept inside the hour, in seconds; divides the hour.
    pub trace: Option<u32>,
}

/// A figure over all items of one snapshot; it becomes a field of the series [`ALL`].
#[derive(Clone, Debug)]
pub struct Aggregate {
    pub name: String,
    pub operation: Operation,
    /// Place of the field in [`Source::fields`].
    pub field: usize,
    pub condition: Option<Condition>,
    pub unit: Option<String>,
    pub title: Title,
    pub measure: Measure,
}

/// The series that carries a source's aggregates.
pub const ALL: &str = "*";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    Sum,
    Mean,
    Min,
    Max,
    Count,
}

impl Operation {
    pub const ALL: [(&'static str, Operation); 5] = [
        ("sum", Operation::Sum),
        ("mean", Operation::Mean),
        ("min", Operation::Min),
        ("max", Operation::Max),
        ("count", Operation::Count),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, op)| *op == self).map_or("", |(name, _)| name)
    }
}

/// Which values an aggregate takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Condition {
    Equals(f64),
    Below(f64),
    Above(f64),
}

impl Condition {
    pub fn holds(self, value: f64) -> bool {
        match self {
            Condition::Equals(x) => value == x,
            Condition::Below(x) => value < x,
            Condition::Above(x) => value > x,
        }
    }
}

/// What the report shows of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub kind: FigureKind,
    pub title: Title,
    /// The field or aggregate that is drawn or ranked; empty where all are.
    pub field: String,
    /// Rows of a table, charts of a set of multiples, bars.
    pub rows: usize,
    /// Which of the bars there would be.
    pub rank: Rank,
    /// What stands between several texts of one value, of bars.
    pub split: Option<String>,
}

impl Figure {
    /// Whether it is about all fields, and names none.
    pub fn is_of_all(&self) -> bool {
        self.kind == FigureKind::Fill
    }
}

/// Which of many that are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rank {
    #[default]
    Top,
    Middle,
    Bottom,
}

impl Rank {
    pub const ALL: [(&'static str, Rank); 3] =
        [("top", Rank::Top), ("middle", Rank::Middle), ("bottom", Rank::Bottom)];
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FigureKind {
    Line,
    Table,
    Map,
    Multiples,
    Bars,
    /// How many records have a number within each of some ranges.
    Distribution,
    /// How many records state each field.
    Fill,
}

impl Source {
    /// Hash of what fixes the positions of items: format, file in an archive, place of the items,
    /// aggregates.
    /// Positions of two snapshots can be compared only under one numbering.
    pub fn numbering(&self) -> String {
        let aggregates = self.aggregates.iter().map(|a| {
            let field = self.fields.get(a.field).map_or("", |f| f.name.as_str());
            format!("{}={}({field}){:?}", a.name, a.operation.name(), a.condition)
        });
        let head = [self.fetch.format.name.to_string(), self.items.at().to_string()];
        let (written, skip) = (&self.fetch.written, self.items.place().skip);
        let rows = self.fetch.format.numbering(written, skip);
        let member = written.unpack.as_ref().and_then(|unpack| unpack.member.as_ref());
        let member = member.map(|pattern| format!("member {pattern}"));
        let parts = head.into_iter().chain(rows).chain(member).chain(aggregates);
        let parts: Vec<String> = parts.collect();
        Digest::of_parts(parts.iter().map(String::as_str)).short(16)
    }

    /// What an answer that has just come is instead of what is declared, as far as that can be told
    /// before it is read.
    pub fn suspect(&self, bytes: &[u8]) -> Option<Suspect> {
        let (format, written) = (self.fetch.format, &self.fetch.written);
        let scalar = self.items.at().steps().is_empty();
        let packed = written.unpack.as_ref().is_some_and(|unpack| unpack.begins(bytes));
        // A page in the place of an archive is a page.
        let plain = Written { unpack: None, ..written.clone() };
        let raw = || format.suspect(bytes, &plain, scalar).filter(|_| !packed);
        match self.fetch.opened(bytes) {
            Ok(opened) => format.suspect(&opened, written, scalar),
            Err(why) => raw().or_else(|| Some(Suspect::unopened(&why))),
        }
    }

    /// Why a page is not kept that came with this content type: a browser believes that, and what
    /// is kept is read without it.
    pub fn other_letters(&self, bytes: &[u8], content_type: &str) -> Option<String> {
        let is_open = self.fetch.format.is_page && self.fetch.written.encoding.is_none();
        let opened = self.fetch.opened(bytes).ok().filter(|_| is_open)?;
        let (head, own) = html::named_otherwise(&opened, content_type)?;
        let is_so = Encoding::of(head).is_some_and(|head| !head.decode(&opened).1);
        let hint = match is_so {
            true => format!("fetch.encoding = \"{head}\" reads it as browsers do"),
            false => format!(
                "some bytes of it mean nothing in {head}: fetch.encoding = \"{own}\" if it is \
                 that, or \"{head}\", and values with such bytes cannot be read"
            ),
        };
        Some(format!(
            "its letters are {head} by the head of the answer, and {own} by the page\nhint: {hint}"
        ))
    }

    /// What of its records may be withdrawn.
    pub fn withdrawal(&self) -> Option<&Withdrawal> {
        match &self.items {
            Items::Records(records) => records.withdrawal.as_deref(),
            Items::Samples(_) => None,
        }
    }

    /// Whether a field is one of those that may be withdrawn.
    pub fn may_withdraw(&self, field: &str) -> bool {
        self.withdrawal().is_some_and(|withdrawal| withdrawal.fields.iter().any(|f| f == field))
    }

    /// What one of its records is called, where that is declared.
    pub fn noun(&self) -> Option<&Noun> {
        match &self.items {
            Items::Records(records) => records.noun.as_deref(),
            Items::Samples(_) => None,
        }
    }

    /// The names of the secrets that its requests carry.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.fetch.templates().into_iter().flat_map(Template::secrets)
    }

    /// Unit and title of a field or an aggregate.
    pub fn described(&self, name: &str) -> Option<(Option<&str>, &Title)> {
        let field = self.fields.iter().find(|f| f.name == name);
        let aggregate = self.aggregates.iter().find(|a| a.name == name);
        field
            .map(|f| (f.unit.as_deref(), &f.title))
            .or(aggregate.map(|a| (a.unit.as_deref(), &a.title)))
    }
}
