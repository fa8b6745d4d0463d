//! Tables that are asked for, some rows at a time: those of an export.

use crate::domain::export::{Column, Value};
use crate::domain::time::Day;
use std::fmt;

/// Rows of one answer, at most, and where nobody says.
pub const ROWS_MOST: usize = 10_000;
pub const ROWS_USUAL: usize = 1_000;
/// Days that one answer looks at, at most.
pub const DAYS_MOST: usize = 400;

/// Where the next rows begin: a day, a part of it, and the key of the last row that was given, so
/// that rows which come meanwhile shift none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub day: Day,
    pub part: usize,
    pub after: Option<String>,
}

impl Cursor {
    /// The beginning of a day.
    pub fn at(day: Day) -> Cursor {
        Cursor { day, part: 0, after: None }
    }

    /// Reads what [`Cursor`] writes: `2026-11-21.7.6269`, the key as the hex digits of its bytes.
    pub fn parse(text: &str) -> Option<Cursor> {
        let mut words = text.split('.');
        let (day, part, key) = (words.next()?, words.next()?, words.next()?);
        let is_part = part.len() <= 9 && part.bytes().all(|digit| digit.is_ascii_digit());
        let part = part.parse().ok().filter(|_| is_part)?;
        let after = Some(text_of(key)?).filter(|key| !key.is_empty());
        let is_whole = words.next().is_none();
        Some(Cursor { day: day.parse().ok()?, part, after }).filter(|_| is_whole)
    }
}

fn text_of(hex: &str) -> Option<String> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok().filter(|_| pair.len() == 2)?;
        let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    String::from_utf8(pairs.map(byte).collect::<Option<_>>()?).ok()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}.", self.day, self.part)?;
        self.after.iter().flat_map(|key| key.bytes()).try_for_each(|byte| write!(f, "{byte:02x}"))
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
        for after in [None, Some("a\u{1f}é, \"x\"".to_string())] {
            let cursor = Cursor { day: "2026-11-21".parse().unwrap(), part: 7, after };
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for odd in [
            "",
            "2026-11-21",
            "2026-11-21.1",
            "2026-11-21.1.6",
            "2026-11-21.1.zz",
            "2026-11-21.1.ff",
            "2026-11-21.1.AA",
            "2026-11-21.1.+1",
            "2026-11-21.1.61.1",
            "x.1.61",
            "2026-11-21.99999999999.",
        ] {
            assert_eq!(Cursor::parse(odd), None, "{odd}");
        }
    }
}
