//! Lists that are asked for: the series of a source, and its records.

use crate::domain::record::Record;
use crate::domain::report::figure::Sparkline;
use crate::domain::time::{Day, Instant};

/// How many rows stand on one page.
pub const ROWS: usize = 50;

/// What a list is ordered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The name of a column.
    pub by: String,
    pub is_down: bool,
}

impl Order {
    /// `mean`, or `-mean` from the greatest down.
    pub fn parse(text: &str) -> Order {
        match text.strip_prefix('-') {
            Some(by) => Order { by: by.into(), is_down: true },
            None => Order { by: text.into(), is_down: false },
        }
    }
}

impl std::fmt::Display for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}{}", if self.is_down { "-" } else { "" }, self.by)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListAsk {
    pub source: String,
    /// The field of which values are shown.
    pub field: Option<String>,
    /// Words that a name holds.
    pub words: String,
    pub order: Order,
    /// Counted from zero.
    pub page: usize,
    /// Rows of a page.
    pub size: usize,
    pub day: Option<Day>,
    /// Of series: the value at this time of the day, in minutes; none: the last one.
    pub at: Option<u32>,
}

/// Some rows of a list, and how many there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTold<T> {
    pub rows: Vec<T>,
    /// Those that hold the words.
    pub found: usize,
    pub all: usize,
    /// Those that share the first place, by a number.
    pub ties: usize,
    /// As it was asked for, with what is usual in place of what was left out.
    pub order: Order,
    pub field: Option<String>,
}

/// A series on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesRow {
    pub key: String,
    pub name: String,
    /// At the time that was asked for, else the last one.
    pub value: Option<f64>,
    pub at: Option<Instant>,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    pub spark: Sparkline,
}

/// A record with all its versions, the newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordTold {
    pub record: Option<Record>,
    pub versions: Vec<Record>,
}

/// A text as it is compared: small letters, without marks above or below them.
pub fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The page of some rows.
pub fn page<T>(rows: impl Iterator<Item = T>, ask: &ListAsk) -> Vec<T> {
    rows.skip(ask.page.saturating_mul(ask.size)).take(ask.size).collect()
}
