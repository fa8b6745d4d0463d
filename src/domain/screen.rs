//! What the dashboard shows: the report of a day as it is at this moment, in both languages, and
//! what stands beside it. Plain values: papers write them down, and reckon nothing again.

mod line;
mod list;
mod rows;

pub use line::{Beside, LineAsk, LineTold, Means, Span};
pub use list::{ListAsk, ListTold, Order, ROWS, RecordTold, SeriesRow, page, plain};
pub use rows::{Cursor, DAYS_MOST, ROWS_MOST, ROWS_USUAL, RowsAsk, RowsTold, Table};

use super::digest::Period;
use super::format::Lang;
use super::report::figure::KeyFigure;
use super::report::{ChangeRow, Origin, Report, SourceCard};
use super::source::{Shown, Title};
use super::time::Instant;
use std::time::Duration;

/// One thing in each language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Both<T> {
    pub en: T,
    pub fr: T,
}

impl<T> Both<T> {
    /// From what makes it in a language.
    pub fn of(mut make: impl FnMut(Lang) -> T) -> Both<T> {
        Both { en: make(Lang::En), fr: make(Lang::Fr) }
    }

    pub fn get(&self, lang: Lang) -> &T {
        lang.pick(&self.en, &self.fr)
    }
}

/// A day as it is now.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Greater with each scene; what is shown of it is the same as long as it is.
    pub version: u64,
    /// When the spool and the store were looked at.
    pub looked: Instant,
    pub period: Period,
    /// The day is not over.
    pub is_today: bool,
    pub report: Both<Report>,
    /// Key figures as they are now; of a day that is over, those of its end.
    pub latest: Both<Vec<Latest>>,
    /// What stands out.
    pub findings: Both<Vec<Finding>>,
    pub sources: Vec<SourceView>,
    pub health: Health,
    /// Finished reports, the newest first.
    pub editions: Vec<Edition>,
    /// Why the store cannot be read, where all this is of before.
    pub away: Option<String>,
}

/// A key figure, and of when it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest {
    pub figure: KeyFigure,
    pub at: Instant,
}

/// Something that stands out, and what it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub row: ChangeRow,
    pub origin: Origin,
    /// How far it is from what it is held against, as a share of that.
    pub change: Option<f64>,
}

/// How a source keeps to its rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    Fresh,
    /// Nothing came for longer than planned.
    Late,
    /// Nothing ever came.
    Silent,
    /// It is not asked any more.
    Ended,
    /// Its answers are recordings: nobody planned them.
    Recorded,
}

/// A source as the dashboard shows it.
#[derive(Clone, Debug)]
pub struct SourceView {
    pub name: String,
    pub topic: String,
    pub title: Title,
    pub card: Both<SourceCard>,
    pub caveat: Option<Title>,
    pub every: Duration,
    pub last: Option<Instant>,
    pub pulse: Pulse,
    pub shown: Shown,
    /// Whether its data may be had by the file.
    pub may_leave: bool,
    /// Its values are of series: samples, or measurements with times of their own.
    pub has_series: bool,
    /// It has records: things that happened, or measurements.
    pub has_records: bool,
    /// The day's series, but for that of the aggregates.
    pub series: usize,
    pub fields: Vec<FieldView>,
}

/// A field of a source, or an aggregate.
#[derive(Clone, Debug)]
pub struct FieldView {
    pub name: String,
    pub title: Title,
    pub unit: String,
    pub is_text: bool,
    pub is_aggregate: bool,
}

/// How the programs, the sources and the spool are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// When each program ran last.
    pub programs: Vec<(String, Option<Instant>)>,
    /// What is wrong, since when, in how many runs.
    pub incidents: Vec<(String, Instant, u64)>,
    pub rows: Vec<HealthRow>,
    /// What is in quarantine, with why; the newest first.
    pub quarantine: Vec<(String, String)>,
    /// How many are, beside those that are named.
    pub quarantined: u64,
    /// What the store takes, in bytes.
    pub store_bytes: Option<u64>,
    /// Whether new files are told at once; else they are looked for.
    pub is_told: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HealthRow {
    pub source: String,
    pub last: Option<(Instant, String)>,
    pub error: Option<String>,
    pub next: Option<Instant>,
    /// Why it waits longer than its slot, what is left of its quotas.
    pub notes: Vec<String>,
    pub waiting: u64,
    pub quarantined: u64,
    pub closed_through: Option<Instant>,
    /// The median of how long an answer of the day took, and the most, in milliseconds.
    pub latency: Option<(u32, u32)>,
}

/// A finished report.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// Its name without the ending.
    pub stem: String,
    pub written: Instant,
    pub bytes: u64,
    /// There is a picture of its front page.
    pub has_picture: bool,
}
