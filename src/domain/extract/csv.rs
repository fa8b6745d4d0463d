//! The rows of a CSV file, as items by the names of its columns, or as lists.

use super::plan::Plan;
use super::tree::Tree;
use crate::domain::path::{Start, Step};
use csv::ByteRecord;
use std::rc::Rc;

type Names = Rc<[Box<str>]>;

impl Plan {
    /// The rows, but for the header, if there is one: of the lines that are skipped and the next,
    /// the first that names a declared column.
    pub(super) fn rows(&self, bytes: &[u8]) -> Result<Tree, String> {
        let form = self.source.fetch.csv;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(form.delimiter)
            .comment(form.comment)
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut rows = reader.byte_records().map(|row| row.map_err(|e| format!("not CSV: {e}")));
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
        let place = head.iter().position(|row| self.names_columns(row)).unwrap_or(0);
        let names = names(head.get(place).ok_or("it has no header")?);
        self.is_clear(&names)?;
        head.remove(place);
        let rows = head.into_iter().map(Ok).chain(rows);
        Ok(Tree::List(rows.map(|row| named(row, &names)).collect()))
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
        self.columns().any(|(name, _)| row.iter().any(|cell| cell == name.as_bytes()))
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
