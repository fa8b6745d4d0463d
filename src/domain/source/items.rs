//! What a declaration says of the items of an answer: where they are, what identifies them,
//! when they happened, which are taken.

use super::Noun;
use super::list::List;
use super::withdrawal::Withdrawal;
use crate::domain::decimal::Decimal;
use crate::domain::name::SourceName;
use crate::domain::path::Path;
use chrono_tz::Tz;
use regex_lite::Regex;
use std::fmt;

/// What the items of a snapshot are.
#[derive(Clone, Debug)]
pub enum Items {
    Samples(Samples),
    Records(Records),
}

/// Where the items are, and which of what stands there are items.
#[derive(Clone, Debug)]
pub struct Place {
    pub at: Path,
    /// Leading elements that are no data: a header row, a notice.
    pub skip: u32,
    /// An element that fails one of these is no item.
    pub filters: Vec<Filter>,
    /// Whether an answer of which nothing is left is as it should be.
    pub may_be_empty: bool,
    /// Whether several samples of one series in an answer are as they should be.
    pub may_repeat: bool,
}

/// Where a value is: alternatives, tried in order; the first that is there is taken.
#[derive(Clone, Debug)]
pub struct Picks(pub Vec<Pick>);

#[derive(Clone, Debug)]
pub struct Pick {
    pub path: Path,
    /// The first group is the value; without a match the next alternative is tried.
    pub capture: Option<Regex>,
}

impl Picks {
    pub fn one(path: Path) -> Picks {
        Picks(vec![Pick { path, capture: None }])
    }

    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|pick| &pick.path)
    }
}

impl fmt::Display for Picks {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let places: Vec<String> = self.paths().map(Path::to_string).collect();
        f.write_str(&places.join(" or "))
    }
}

impl Items {
    pub fn place(&self) -> &Place {
        match self {
            Items::Samples(samples) => &samples.place,
            Items::Records(records) => &records.place,
        }
    }

    /// Where the items are.
    pub fn at(&self) -> &Path {
        &self.place().at
    }

    /// The zone of dates that stand for times; none where times are instants.
    pub fn dates(&self) -> Option<Tz> {
        match self {
            Items::Records(Records { time: Some(time), .. }) if time.unit == TimeUnit::Date => {
                Some(time.zone.unwrap_or(Tz::UTC))
            }
            _ => None,
        }
    }

    /// The series of samples or of measurements.
    pub fn series(&self) -> Option<&Picks> {
        match self {
            Items::Samples(samples) => Some(&samples.series),
            Items::Records(records) => match &records.id {
                Identity::Measurement(series) => Some(series),
                Identity::Own(_) => None,
            },
        }
    }

    pub fn labels(&self) -> Option<&LabelSource> {
        match self {
            Items::Samples(samples) => samples.labels.as_ref(),
            Items::Records(records) => records.labels.as_ref(),
        }
    }
}

/// Values of the state of the world at the fetch.
#[derive(Clone, Debug)]
pub struct Samples {
    pub place: Place,
    pub series: Picks,
    pub labels: Option<LabelSource>,
}

/// Where names and places of series are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LabelSource {
    /// A source of records, with fields `name`, `lat`, `lon`.
    Source(SourceName),
    /// A file beside the declarations, with columns of these names.
    List(List),
}

/// Things with an identity of their own.
#[derive(Clone, Debug)]
pub struct Records {
    pub place: Place,
    pub id: Identity,
    pub time: Option<TimePath>,
    pub updated: Option<TimePath>,
    /// Whether each answer lists all records there are, so that absence says "vanished".
    pub complete: bool,
    pub labels: Option<LabelSource>,
    /// What one of them is called, and several.
    pub noun: Option<Box<Noun>>,
    /// What kind of things they are, where that is known.
    pub schema: Option<Schema>,
    /// What of them may be withdrawn.
    pub withdrawal: Option<Box<Withdrawal>>,
}

/// A kind of things whose fields are called the same, whichever source they are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schema {
    /// See [`crate::domain::jobs`].
    JobOffer,
}

impl Schema {
    pub const ALL: [(&'static str, Schema); 1] = [("job-offer", Schema::JobOffer)];
}

/// What tells records apart.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Alternatives, tried in order; the first that gives a text is the id.
    Own(Picks),
    /// A measurement: its series, together with its time.
    Measurement(Picks),
}

#[derive(Clone, Debug)]
pub struct TimePath {
    /// Of several, the texts are joined by blanks.
    pub paths: Vec<Path>,
    pub unit: TimeUnit,
    /// Of a civil time without an offset.
    pub zone: Option<Tz>,
    /// Values that mean that there is none.
    pub missing: Vec<Marker>,
}

impl TimePath {
    /// Its places in words.
    pub fn shown(&self) -> String {
        let places: Vec<String> = self.paths.iter().map(Path::to_string).collect();
        places.join(" and ")
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TimeUnit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// ISO 8601: date and time, with or without seconds and offset.
    Iso,
    /// A date: its first instant.
    Date,
    /// A form of strftime.
    Form(String),
}

/// A condition on an element of the list.
#[derive(Clone, Debug)]
pub struct Filter {
    pub path: Path,
    pub test: Test,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// Whether a value other than null is there.
    Present(bool),
    Equals(Marker),
    Not(Marker),
}

impl Test {
    /// Whether it asks for a value, and not only whether there is one.
    pub fn names_a_value(&self) -> bool {
        !matches!(self, Test::Present(_))
    }
}

/// A value that means something beside itself: "absent", or "take this one".
#[derive(Clone, PartialEq, Debug)]
pub enum Marker {
    Text(String),
    Number(Number),
    Flag(bool),
}

/// A number of a declaration: exact, and as a double.
#[derive(Clone, PartialEq, Debug)]
pub struct Number {
    pub exact: Decimal,
    pub float: f64,
}

impl Number {
    /// Reads a plain decimal number.
    pub fn parse(text: &str) -> Option<Number> {
        Some(Number { exact: Decimal::parse(text)?, float: text.parse().ok()? })
    }
}
