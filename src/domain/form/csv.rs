//! The rows of a CSV file, as items by the names of its columns, or as lists. They are read one
//! by one: what a file costs in memory does not grow with it.

use super::quotes::Quotes;
use super::tree::Tree;
use super::written::{Csv, Written};
use crate::domain::json::BadText;
use crate::domain::path::{Path, Start, Step};
use crate::domain::shown::begun;
use csv::ByteRecord;
use std::borrow::Cow;

/// Columns that are named one by one, and letters of a name.
const NAMED: usize = 12;
const CHARS: usize = 40;

/// The names of the columns; none where there is no header.
pub type Names = Vec<Box<str>>;

/// Where a path finds its value in each row of a file with a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    None,
    /// A cell by its place, which a row may not have.
    At(usize),
    /// A cell by the name of its column: a row that ends before it says nothing there.
    Named(usize),
    Several,
    /// The row as a whole.
    Row,
}

/// A CSV file, read row by row: a header, if one is declared, and what stands below it.
pub struct Table<'b> {
    reader: csv::Reader<&'b [u8]>,
    quotes: Quotes,
    /// The row after the next one: a row is known to end where that begins.
    ahead: Option<ByteRecord>,
    /// Rows that were read in search of the header, and stand below it.
    below: std::vec::IntoIter<Line>,
    /// Lines before the header that are taken for rows without data.
    pub passed: usize,
    pub names: Option<Names>,
}

/// A row, or why it cannot be read.
pub type Line = Result<ByteRecord, &'static str>;

/// What is declared of a file's rows.
pub struct Declared<'d> {
    pub form: Csv,
    /// Lines at its top that hold no data.
    pub skip: usize,
    /// What is sought in each row, or outside of them.
    pub paths: &'d [Path],
}

impl Declared<'_> {
    /// The rows, but for the header, if there is one: of the lines that are skipped and the next,
    /// the first that names a declared column. A quote that stands where none may has joined rows.
    pub fn table<'b>(&self, bytes: &'b [u8]) -> Result<Table<'b>, String> {
        let form = self.form;
        let reader = csv::ReaderBuilder::new()
            .delimiter(form.delimiter)
            .comment(form.comment)
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let quotes = Quotes::of(bytes, form)?;
        let below = Vec::new().into_iter();
        let mut table = Table { reader, quotes, ahead: None, below, passed: 0, names: None };
        table.ahead = table.read()?;
        if form.header {
            self.head(bytes, &mut table)?;
        }
        Ok(table)
    }

    /// Takes the header, and all that stands before it.
    fn head(&self, bytes: &[u8], table: &mut Table) -> Result<(), String> {
        let (form, skip) = (self.form, self.skip);
        let mut head = Vec::new();
        while head.len() <= skip
            && let Some(row) = table.line()?
        {
            head.push(row?);
        }
        let Some(place) = head.iter().position(|row| self.names_columns(row)) else {
            return Err(self.no_column(head.first()));
        };
        let header = head.remove(place);
        let names = names(&header);
        self.is_clear(&names)?;
        // What is skipped is counted in lines: notes and blanks before the header are passed.
        table.passed = lines_before(bytes, begin(&header) as usize, form.comment).min(skip);
        table.below = head.into_iter().skip(place).map(Ok).collect::<Vec<Line>>().into_iter();
        table.names = Some(names);
        Ok(())
    }

    /// Where each slot finds its value.
    pub fn columns_of(&self, names: &Names) -> Vec<Column> {
        self.paths.iter().map(|path| column(path.steps(), names)).collect()
    }

    /// Why none of the first rows is the header.
    fn no_column(&self, first: Option<&ByteRecord>) -> String {
        let Some(first) = first else { return "it has no header".into() };
        let mut wanted: Vec<&str> = self.columns().map(|(name, _)| name).collect();
        wanted.dedup();
        wanted.truncate(NAMED);
        let found =
            names(first).iter().take(NAMED).map(|name| begun(name, CHARS)).collect::<Vec<_>>();
        format!("no column is named {}; there is {}", wanted.join(" or "), found.join(", "))
    }

    /// The columns that paths name.
    fn columns(&self) -> impl Iterator<Item = (&str, Option<&Step>)> {
        let own = self.paths.iter().filter(|path| path.start() == Start::Here);
        own.filter_map(|path| match path.steps() {
            [Step::Key(name), rest @ ..] => Some((name.as_str(), rest.first())),
            _ => None,
        })
    }

    fn names_columns(&self, row: &ByteRecord) -> bool {
        let by_place = self.columns().next().is_none();
        by_place || self.columns().any(|(name, _)| row.iter().any(|cell| cell == name.as_bytes()))
    }

    /// A column that is named must be one.
    fn is_clear(&self, names: &Names) -> Result<(), String> {
        let count = |wanted: &str| names.iter().filter(|name| ***name == *wanted).count();
        let mut columns = self.columns().filter(|(_, rest)| rest.is_none());
        match columns.find(|(name, _)| count(name) > 1) {
            None => Ok(()),
            Some((name, _)) => Err(format!(
                "{} columns are named {name}: path = \"{name}[0]\" is the first of them, [1] the \
                 second",
                count(name)
            )),
        }
    }
}

/// The lines before a row, of whose place the reader takes comments and blanks as a part.
fn lines_before(bytes: &[u8], begin: usize, comment: Option<u8>) -> usize {
    let before = bytes.get(..begin).unwrap_or_default().iter().filter(|byte| **byte == b'\n');
    let rest = bytes.get(begin..).unwrap_or_default().split(|byte| *byte == b'\n');
    let none = |line: &&[u8]| line.trim_ascii().is_empty() || line.first().copied() == comment;
    before.count() + rest.take_while(none).count()
}

/// Where a row begins in the file.
fn begin(row: &ByteRecord) -> u64 {
    row.position().map_or(0, csv::Position::byte)
}

fn names(row: &ByteRecord) -> Names {
    row.iter().map(|name| String::from_utf8_lossy(name).into()).collect()
}

/// Columns of one name go by their place among each other.
fn column(steps: &[Step], names: &Names) -> Column {
    let Some((first, rest)) = steps.split_first() else { return Column::Row };
    let key = match (first, rest) {
        (Step::Index(place), []) => return Column::At(*place),
        (Step::Key(key), _) => key,
        _ => return Column::None,
    };
    let mut named = (0..names.len()).filter(|place| *names[*place] == **key);
    match rest {
        [] => match (named.next(), named.next()) {
            (Some(place), None) => Column::Named(place),
            (None, _) => Column::None,
            _ => Column::Several,
        },
        [Step::Index(place)] => named.nth(*place).map_or(Column::None, Column::Named),
        _ => Column::None,
    }
}

impl Table<'_> {
    fn read(&mut self) -> Result<Option<ByteRecord>, String> {
        let mut row = ByteRecord::new();
        let more = self.reader.read_byte_record(&mut row);
        Ok(more.map_err(|error| format!("not CSV: {error}"))?.then_some(row))
    }

    /// The next row; `None` behind the last one.
    fn line(&mut self) -> Result<Option<Line>, String> {
        let Some(row) = self.ahead.take() else { return Ok(None) };
        self.ahead = self.read()?;
        let end = self.ahead.as_ref().map_or(u64::MAX, begin);
        let odd = self.quotes.stand_in(begin(&row)..end);
        Ok(Some(if odd { Err("a quote stands where none may") } else { Ok(row) }))
    }

    /// The next row below the header.
    pub fn next(&mut self) -> Result<Option<Line>, String> {
        match self.below.next() {
            Some(line) => Ok(Some(line)),
            None => self.line(),
        }
    }

    /// A row as an item. Cells that it leaves out at its end are absent; empty ones beyond the
    /// header say nothing.
    pub fn item<'r>(&self, line: &'r Line) -> Tree<'r> {
        let row = match line {
            Ok(row) => row,
            Err(why) => return Tree::BadRow((*why).into()),
        };
        let Some(names) = &self.names else { return Tree::List(row.iter().map(cell).collect()) };
        if row.iter().skip(names.len()).any(|cell| !cell.is_empty()) {
            let (cells, columns) = (row.len(), names.len());
            return Tree::BadRow(format!("its row has {cells} cells, the header {columns}").into());
        }
        Tree::Row(row.iter().take(names.len()).map(cell).collect())
    }
}

fn cell(bytes: &[u8]) -> Tree<'_> {
    match std::str::from_utf8(bytes) {
        Ok("") => Tree::Null,
        Ok(text) => Tree::Text(Cow::Borrowed(text)),
        Err(_) => Tree::Bad(Cow::Borrowed(BadText::Encoding.words())),
    }
}

/// Which lines are rows, where that is declared.
pub fn numbering(written: &Written, skip: u32) -> Option<String> {
    let csv = written.csv;
    (skip > 0 || csv != Csv::default()).then(|| format!("{skip} {csv:?}"))
}
