//! Tables that are asked for, some rows at a time: those of an export.

use crate::domain::export::{Column, Value};
use crate::domain::time::Day;
use std::fmt;

/// Rows of one answer, at most, and where nobody says.
pub const ROWS_MOST: usize = 10_000;
pub const ROWS_USUAL: usize = 1_000;
/// Days that one answer looks at, at most.
pub const DAYS_MOST: usize = 400;

/// Where the next rows begin: a day, and how many of its rows were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub day: Day,
    pub row: usize,
}

impl Cursor {
    pub fn parse(text: &str) -> Option<Cursor> {
        let (day, row) = text.split_once('.')?;
        let is_plain = row.len() <= 9 && row.bytes().all(|digit| digit.is_ascii_digit());
        Some(Cursor { day: day.parse().ok()?, row: row.parse().ok().filter(|_| is_plain)? })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.day, self.row)
    }
}

/// Which table of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Statistics by hour, series and field.
    Hours,
    Records,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RowsAsk {
    pub source: String,
    pub which: Table,
    pub from: Day,
    /// The last day, taken whole.
    pub to: Day,
    pub series: Option<String>,
    pub field: Option<String>,
    pub cursor: Option<Cursor>,
    pub limit: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowsTold {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_itself() {
        let cursor = Cursor::parse("2026-11-21.120").unwrap();
        assert_eq!((cursor.row, cursor.to_string().as_str()), (120, "2026-11-21.120"));
        for odd in
            ["", "2026-11-21", "2026-11-21.", "2026-11-21.-1", "x.1", "2026-11-21.99999999999"]
        {
            assert_eq!(Cursor::parse(odd), None, "{odd}");
        }
    }
}
