//! For how much work a salary is paid.

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
