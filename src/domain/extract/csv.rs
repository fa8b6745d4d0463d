//! The rows of a CSV file, as items by the names of its columns, or as lists.

use super::plan::Plan;
use super::quotes::Quotes;
use super::tree::Tree;
use crate::domain::path::{Start, Step};
use csv::ByteRecord;
use std::rc::Rc;

type Names = Rc<[Box<str>]>;

/// Columns that are named one by one, and letters of a name.
const NAMED: usize = 12;
const CHARS: usize = 40;

impl Plan {
    /// The rows, but for the header, if there is one: of the lines that are skipped and the next,
    /// the first that names a declared column. A quote that stands where none may has joined rows.
    pub(super) fn rows(&self, bytes: &[u8]) -> Result<Tree, String> {
        let form = self.source.fetch.csv;
        let quotes = Quotes::of(bytes, form)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(form.delimiter)
            .comment(form.comment)
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let rows: Vec<csv::Result<ByteRecord>> = reader.byte_records().collect();
        let begins = rows.iter().skip(1).map(|row| row.as_ref().map_or(0, begin));
        let ends = begins.chain([u64::MAX]).collect::<Vec<u64>>();
        let mut rows = rows.into_iter().zip(ends).map(|(row, end)| match row {
            Ok(row) => match quotes.stand_in(begin(&row)..end) {
                true => Err("a quote stands where none may".to_string()),
                false => Ok(row),
            },
            Err(error) => Err(format!("not CSV: {error}")),
        });
        if !form.header {
            let row = |row: Result<ByteRecord, String>| match row {
                Ok(row) => Tree::List(row.iter().map(cell).collect()),
                Err(why) => Tree::BadRow(why),
            };
            return Ok(Tree::List(rows.map(row).collect()));
        }
        let mut head = Vec::new();
        for row in rows.by_ref().take(1 + self.source.items.place().skip as usize) {
            head.push(row?);
        }
        let Some(place) = head.iter().position(|row| self.names_columns(row)) else {
            return Err(self.no_column(head.first()));
        };
        let header = head.remove(place);
        let names = names(&header);
        self.is_clear(&names)?;
        // What is skipped is counted in lines: notes and blanks before the header are passed.
        let before = lines_before(bytes, begin(&header) as usize, form.comment);
        let passed = before.min(self.source.items.place().skip as usize);
        let blank = (0..passed).map(|_| Tree::BadRow("it is before the header".into()));
        let rows = head.into_iter().skip(place).map(Ok).chain(rows);
        Ok(Tree::List(blank.chain(rows.map(|row| named(row, &names))).collect()))
    }

    /// Why none of the first rows is the header.
    fn no_column(&self, first: Option<&ByteRecord>) -> String {
        let Some(first) = first else { return "it has no header".into() };
        let mut wanted: Vec<&str> = self.columns().map(|(name, _)| name).collect();
        wanted.dedup();
        wanted.truncate(NAMED);
        let found = names(first).iter().take(NAMED).map(|name| cut(name)).collect::<Vec<_>>();
        format!("no column is named {}; there is {}", wanted.join(" or "), found.join(", "))
    }

    /// The columns that paths name.
    fn columns(&self) -> impl Iterator<Item = (&str, Option<&Step>)> {
        let own = self.slots.paths.iter().filter(|path| path.start() == Start::Here);
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

fn cut(name: &str) -> String {
    name.chars().take(CHARS).collect()
}

fn names(row: &ByteRecord) -> Names {
    row.iter().map(|name| String::from_utf8_lossy(name).into()).collect()
}

/// Cells that a row leaves out at its end are absent; empty ones beyond the header say nothing.
fn named(row: Result<ByteRecord, String>, names: &Names) -> Tree {
    let row = match row {
        Ok(row) => row,
        Err(why) => return Tree::BadRow(why),
    };
    if row.iter().skip(names.len()).any(|cell| !cell.is_empty()) {
        let (cells, columns) = (row.len(), names.len());
        return Tree::BadRow(format!("its row has {cells} cells, the header {columns}"));
    }
    Tree::Row(names.clone(), row.iter().take(names.len()).map(cell).collect())
}

fn cell(bytes: &[u8]) -> Tree {
    match std::str::from_utf8(bytes) {
        Ok("") => Tree::Null,
        Ok(text) => Tree::Text(text.into()),
        Err(_) => Tree::Bad(crate::domain::json::BadText::Encoding.to_string().into()),
    }
}
