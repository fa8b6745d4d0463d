//! A line that is asked for: which series, how far back, beside what.

use crate::domain::time::{Day, Instant};

/// How far back a line goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    Hour,
    Hours6,
    #[default]
    Day,
    Week,
    Month,
    Year,
}

impl Span {
    pub const ALL: [(&'static str, Span); 6] = [
        ("1h", Span::Hour),
        ("6h", Span::Hours6),
        ("24h", Span::Day),
        ("7d", Span::Week),
        ("30d", Span::Month),
        ("1y", Span::Year),
    ];

    pub fn parse(text: &str) -> Option<Span> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, span)| *span)
    }
}

/// What stands behind a line, pale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    DayBefore,
    WeekBefore,
    Nothing,
}

impl Beside {
    pub const ALL: [(&'static str, Beside); 3] =
        [("day", Beside::DayBefore), ("week", Beside::WeekBefore), ("none", Beside::Nothing)];

    pub fn parse(text: &str) -> Option<Beside> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, beside)| *beside)
    }

    /// How many days earlier that is.
    pub fn days(self) -> Option<i64> {
        match self {
            Beside::DayBefore => Some(1),
            Beside::WeekBefore => Some(7),
            Beside::Nothing => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct LineAsk {
    pub source: String,
    pub field: String,
    pub series: String,
    pub span: Span,
    pub beside: Beside,
    /// The day on which it ends; none: now.
    pub day: Option<Day>,
    /// What the series is called is told, too.
    pub is_named: bool,
}

/// Means at their instants, in order; none where values are missing for longer than is usual.
pub type Means = Vec<(Instant, Option<f64>)>;

/// What a line is drawn from; what stands behind it is moved onto its time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineTold {
    pub name: String,
    pub from: Instant,
    pub to: Instant,
    pub values: Means,
    pub before: Option<Means>,
}
