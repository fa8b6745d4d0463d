//! The ledger of a SQLite store, read back.

use super::Sqlite;
use super::numbers::KEEPERS;
use super::value::text;
use crate::domain::document::{Doc, Malformed};
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::time::Day;
use crate::edge::store::Result;
use rusqlite::{Row, params};

/// The version since which each home has a ledger of its own for its journals.
pub(super) const KEEPER: u32 = 3;

/// How the text of an entry is read.
type Parse = dyn Fn(&str) -> std::result::Result<Doc, Malformed>;

impl Sqlite {
    pub(super) fn entries_as(
        &self,
        source: &SourceName,
        day: Day,
        parse: &Parse,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        // Before version 3 all journals were in the ledger of the home that fed them last.
        let sql = match (self.version < KEEPER, source.is_journals()) {
            (false, _) => format!(
                "{KEEPERS} SELECT l.number, l.entry, l.keeper FROM keepers k CROSS JOIN ledger l \
                 ON l.source = ?1 AND l.keeper = k.keeper AND l.day = ?2"
            ),
            (true, is_journals) => {
                let fed = "coalesce((SELECT home FROM sources WHERE source = 'daybook'), '')";
                let keeper = if is_journals { fed } else { "''" };
                format!("SELECT number, entry, {keeper} FROM ledger WHERE source = ?1 AND day = ?2")
            }
        };
        let row = |row: &Row| Ok((row.get(0)?, text(row, 1), row.get(2)?));
        let entries: Vec<(i64, std::result::Result<String, Malformed>, String)> =
            self.read(|db| {
                let mut statement = db.prepare_cached(&sql)?;
                let rows = statement.query_map(params![source.as_str(), day.to_string()], row);
                rows?.collect()
            })?;
        let read = |(number, text, keeper): (i64, _, String)| {
            let text: std::result::Result<String, Malformed> = text;
            let number = number.unsigned_abs();
            let doc = text.and_then(|text| parse(&text));
            doc.map_or_else(
                |why| Err(Unread::of(number, &Doc::Null, why)),
                |doc| {
                    let entry = Entry::read(&doc).map_err(|why| Unread::of(number, &doc, why))?;
                    Ok(Entry { keeper, ..entry })
                },
            )
        };
        Ok(entries.into_iter().map(read).collect())
    }
}
