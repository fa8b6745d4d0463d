//! What pages say of each record, kept row by row until all have come, for the table that a person
//! asked for.

use crate::domain::columns::Columns;
use crate::domain::document::Doc;
use crate::domain::extract::{Extraction, Plan};
use crate::domain::source::Source;
use crate::domain::time::Instant;
use crate::edge::spool::{Asked, Result, RowsFile, Spool};

/// The rows of one survey.
pub struct Rows {
    plan: Plan,
    columns: Columns,
    file: RowsFile,
    found: Extraction,
    /// Of the page that is about to land.
    text: String,
}

impl Rows {
    /// Goes on behind what is kept.
    pub fn open(
        spool: &Spool,
        source: &Source,
        (asked, name): (Asked, &str),
        kept: u64,
    ) -> Result<Rows> {
        let file = spool.open_rows(asked, name, kept)?;
        let (plan, columns) = (Plan::new(source), Columns::of(source));
        Ok(Rows { plan, columns, file, found: Extraction::default(), text: String::new() })
    }

    /// Takes in a page that was asked for at this instant.
    pub fn hear(&mut self, body: &[u8], item: Option<&str>, started: Instant) {
        self.plan.extract(body, item, &mut self.found);
        self.text.clear();
        for row in self.columns.rows(&self.found, started) {
            Doc::List(row.into_iter().map(Doc::text).collect()).write_json(&mut self.text);
            self.text.push('\n');
        }
    }

    /// Where the rows of that page will end.
    pub fn end(&self) -> u64 {
        self.file.end() + self.text.len() as u64
    }

    /// Makes them durable.
    pub fn keep(&mut self) -> Result<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() { Ok(()) } else { self.file.append(&text) }
    }
}
