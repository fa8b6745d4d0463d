//! For how much work a salary is paid.

/// Larger amounts are none of a salary.
pub(super) const LARGEST: f64 = 1e8;

/// For how much work it is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    Year,
    Month,
    Week,
    Day,
    Hour,
}

impl Period {
    pub fn name(self) -> &'static str {
        match self {
            Period::Year => "year",
            Period::Month => "month",
            Period::Week => "week",
            Period::Day => "day",
            Period::Hour => "hour",
        }
    }

    /// Amounts that nobody is paid for it: up to the first, and above the second.
    pub(super) fn bounds(self) -> (f64, f64) {
        match self {
            Period::Year => (1_000.0, LARGEST),
            Period::Month => (50.0, LARGEST),
            Period::Week => (20.0, LARGEST),
            Period::Day => (5.0, 20_000.0),
            Period::Hour => (0.5, 1_000.0),
        }
    }

    /// How many of it are a year of full time: 12 months, unless the text says how many are paid;
    /// 52 weeks of 5 days or of 35 hours.
    pub(super) fn in_a_year(self, months: Option<f64>) -> f64 {
        match self {
            Period::Year => 1.0,
            Period::Month => months.unwrap_or(12.0),
            Period::Week => 52.0,
            Period::Day => 260.0,
            Period::Hour => 1_820.0,
        }
    }
}
