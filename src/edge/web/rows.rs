//! Rows of a list, as JSON and as CSV.

use super::files::spelled;
use crate::domain::document::Doc;
use crate::domain::export::{Column, Kind, Value};
use crate::domain::screen::RowsTold;

/// Rows under the names of their columns, and where the next ones begin.
#[derive(Default)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Doc>>,
    pub next: Option<String>,
}

impl Rows {
    pub fn of(told: RowsTold) -> Rows {
        let doc = |(column, value): (&Column, Value)| match (column.kind, value) {
            (_, Value::Absent) => Doc::Null,
            (Kind::Text | Kind::Instant | Kind::Number | Kind::Integer, Value::Text(text)) => {
                Doc::Text(text)
            }
            (_, Value::Number(number)) => Doc::Float(number),
            (_, Value::Integer(n)) => Doc::Int(i64::try_from(n).unwrap_or(i64::MAX)),
        };
        let columns = told.columns;
        let row = |row: Vec<Value>| columns.iter().zip(row).map(doc).collect();
        let rows = told.rows.into_iter().map(row).collect();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Rows { columns: names, rows, next: told.next.map(|next| next.to_string()) }
    }

    pub fn json(self) -> String {
        let columns = &self.columns;
        let row = |row: Vec<Doc>| {
            Doc::Map(columns.iter().map(|name| name.clone().into()).zip(row).collect())
        };
        let data = Doc::List(self.rows.into_iter().map(row).collect());
        Doc::map([("data", data), ("next", Doc::option(self.next, Doc::Text))]).json() + "\n"
    }

    /// RFC 4180.
    pub fn csv(&self) -> Vec<u8> {
        self.csv_of(true)
    }

    pub fn csv_of(&self, has_head: bool) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing into memory never fails.
        if has_head {
            let _ = writer.write_record(&self.columns);
        }
        for row in &self.rows {
            let _ = writer.write_record(row.iter().map(spelled));
        }
        writer.into_inner().unwrap_or_default()
    }
}
