//! The quotes of a CSV file, by RFC 4180: a quoted cell ends with a quote that a delimiter or the
//! end of a line follows. The reader of rows is more lenient, and what it takes for one cell may
//! be several rows.

use super::written::Csv;
use crate::domain::limits::CELLS;
use std::ops::Range;

const MANY_CELLS: &str = "one of its rows has more than 1,000,000 cells";

/// Where quotes stand that may not, as places in the file, in order.
pub struct Quotes(Vec<u64>);

/// Where a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    Cell,
    Plain,
    Quoted,
    /// Behind a quote inside of a quoted cell.
    Behind,
    /// Behind the blanks that follow it.
    Blank,
    Comment,
}

impl Quotes {
    /// Looks at all of them; one that is never closed is an error, since all that follows is in it.
    /// So is a row of too many cells.
    pub fn of(bytes: &[u8], form: Csv) -> Result<Quotes, String> {
        let (mut place, mut opened, mut odd, mut cells) = (Place::Line, 0, Vec::new(), 1);
        for (at, byte) in bytes.iter().enumerate() {
            place = match (place, *byte) {
                (Place::Line, byte) if Some(byte) == form.comment => Place::Comment,
                (Place::Line | Place::Cell, b'"') => {
                    opened = at;
                    Place::Quoted
                }
                (Place::Quoted, b'"') => Place::Behind,
                (Place::Quoted, _) | (Place::Behind, b'"') => Place::Quoted,
                (_, b'\n' | b'\r') => {
                    cells = 1;
                    Place::Line
                }
                (Place::Comment, _) => Place::Comment,
                (_, byte) if byte == form.delimiter => {
                    cells += 1;
                    if cells > CELLS {
                        return Err(MANY_CELLS.into());
                    }
                    Place::Cell
                }
                (Place::Behind | Place::Blank, b' ' | b'\t') => Place::Blank,
                (Place::Behind | Place::Blank, _) => {
                    odd.push(opened as u64);
                    Place::Plain
                }
                _ => Place::Plain,
            };
        }
        if place == Place::Quoted {
            let line = 1 + bytes[..opened].iter().filter(|byte| **byte == b'\n').count();
            return Err(format!("a quote that is opened in line {line} is never closed"));
        }
        Ok(Quotes(odd))
    }

    /// Whether one stands between two places.
    pub fn stand_in(&self, range: Range<u64>) -> bool {
        let first = self.0.partition_point(|at| *at < range.start);
        self.0.get(first).is_some_and(|at| *at < range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(text: &str) -> Result<Vec<u64>, String> {
        let form = Csv { comment: Some(b'#'), ..Csv::default() };
        Quotes::of(text.as_bytes(), form).map(|quotes| quotes.0)
    }

    #[test]
    fn quotes_open_and_close_cells() {
        for good in ["a,\"b\"\n", "\"a\"\"b\",c", "a\"b,c", "\"x\ny\" ,2\r\n#\"\n3", ""] {
            assert_eq!(odd(good), Ok(vec![]), "{good}");
        }
        assert_eq!(odd("a,\"12\"\",1\nb,\"3\",2\n"), Ok(vec![2]));
        assert_eq!(odd("\"a\" \"b\nc,\"d\" ,e\n"), Ok(vec![0]));
        let open = odd("a,b\nc,\"d\ne,f\n").unwrap_err();
        assert_eq!(open, "a quote that is opened in line 2 is never closed");
    }

    #[test]
    fn a_row_has_so_many_cells_and_no_more() {
        let row = ",".repeat(CELLS - 1);
        assert_eq!(odd(&format!("{row}\n{row}\n")), Ok(vec![]));
        assert_eq!(odd(&format!("a\n{row}\"\n,\"\n")), Ok(vec![]));
        for over in [format!("a\n{row},"), "\"\n,\",".repeat(CELLS)] {
            assert_eq!(odd(&over), Err(MANY_CELLS.into()));
        }
    }
}
