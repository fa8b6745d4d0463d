//! What is read of a SQLite store.

use super::sqlite::Sqlite;
use super::sqlite_open::{FREE, check};
use super::{Error, Feed, Header, Reader, Result, Standing, Stored, Table};
use crate::domain::document::{Doc, Malformed};
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window, iso, parse_iso};
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

fn at(text: Option<String>) -> Option<Instant> {
    text.and_then(|text| parse_iso(&text))
}

impl Reader for Sqlite {
    fn address(&self) -> &str {
        &self.address
    }

    fn malformed(&self) -> Result<Vec<String>> {
        let told: Result<Vec<String>> = self.read(|db| {
            let mut told = Vec::new();
            for part in [FREE, "PRAGMA integrity_check(20)"] {
                let mut lines = db.prepare(part)?;
                for line in lines.query_map([], |row| row.get(0))? {
                    told.push(line?);
                }
            }
            Ok(told)
        });
        match told {
            Ok(told) => Ok(told.into_iter().filter(|line| line != "ok").collect()),
            Err(Error::Damaged { cause, .. }) => Ok(vec![cause]),
            Err(error) => Err(error),
        }
    }

    /// Writers set the same on their connections; it is not kept in the file.
    fn standing(&self) -> Result<Standing> {
        let (journal, synchronous): (String, u32) = self.read(|db| {
            db.pragma_update(None, "synchronous", "FULL")?;
            let journal = db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
            Ok((journal, db.query_row("PRAGMA synchronous", [], |row| row.get(0))?))
        })?;
        let path = self.address.strip_prefix("sqlite:").unwrap_or(&self.address);
        check(path, &self.connection.borrow())?;
        const FULL: u32 = 2;
        let weak = match synchronous {
            FULL => Vec::new(),
            _ => vec![(
                format!("its writes are not synced (synchronous={synchronous})"),
                "use a build of SQLite that takes synchronous=FULL",
            )],
        };
        let words =
            format!("synchronous=FULL, journal {journal}: a write is on the disk before it counts");
        Ok(Standing { words, weak })
    }

    fn id(&self) -> Result<String> {
        self.read(|db| db.query_row("SELECT value FROM meta WHERE key = 'id'", [], |r| r.get(0)))
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        let sql = "SELECT text FROM declarations WHERE hash = ?1";
        self.read(|db| db.query_row(sql, [hash], |row| row.get(0)).optional())
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        let sql = "SELECT source, home, closed_through, forgotten_through FROM sources \
                   ORDER BY source";
        let feed = |row: &Row| -> rusqlite::Result<Option<Feed>> {
            let source = SourceName::parse(&row.get::<_, String>(0)?);
            let home = row.get::<_, Option<String>>(1)?.unwrap_or_default();
            let (closed_through, forgotten_through) = (at(row.get(2)?), at(row.get(3)?));
            Ok(source.map(|source| Feed { source, home, closed_through, forgotten_through }))
        };
        self.read(|db| {
            db.prepare_cached(sql)?.query_map([], feed)?.collect::<rusqlite::Result<_>>()
        })
        .map(|feeds: Vec<Option<Feed>>| feeds.into_iter().flatten().collect())
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        // Before version 3 all journals were in the ledger of the home that fed them last.
        let keeper = match (self.version < 3, source.is_journals()) {
            (false, _) => "keeper",
            (true, false) => "''",
            (true, true) => "coalesce((SELECT home FROM sources WHERE source = 'daybook'), '')",
        };
        let sql =
            format!("SELECT number, entry, {keeper} FROM ledger WHERE source = ?1 AND day = ?2");
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
            let doc = text.and_then(|text| json(&text));
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

    fn days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let sql = "SELECT DISTINCT day FROM ledger WHERE source = ?1 ORDER BY day";
        let days: Vec<String> = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            statement.query_map([source.as_str()], |row| row.get(0))?.collect()
        })?;
        // One that is no day has no ledger: nobody could ask for it.
        Ok(days.iter().filter_map(|day| day.parse().ok()).collect())
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        let sql = format!("SELECT {} FROM {} WHERE commit_id = ?1", columns(table), table.name());
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            for commit in commits {
                let mut rows = statement.query([commit])?;
                while let Some(row) = rows.next()? {
                    each(stored(table, row));
                }
            }
            Ok(())
        })
    }

    fn holders(
        &self,
        source: &SourceName,
        times: &Range<Instant>,
    ) -> Result<BTreeMap<String, Window>> {
        let sql = format!("SELECT DISTINCT commit_id FROM records WHERE {TIMED}");
        let hour = "SELECT hour FROM records WHERE commit_id = ?1 LIMIT 1";
        let range = params![source.as_str(), iso(times.start), iso(times.end)];
        let found: Vec<(String, String)> = self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut hour = db.prepare_cached(hour)?;
            let commits = statement.query_map(range, |row| row.get(0))?;
            let placed = commits.map(|commit: rusqlite::Result<String>| {
                let commit = commit?;
                let at = hour.query_row([&commit], |row| row.get(0))?;
                Ok((commit, at))
            });
            placed.collect()
        })?;
        let placed = |(commit, hour): (String, String)| Some((commit, window(&hour)?));
        Ok(found.into_iter().filter_map(placed).collect())
    }

    fn versions(
        &self,
        source: &SourceName,
        times: &Range<Instant>,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let sql = format!("SELECT {} FROM records WHERE {TIMED}", columns(Table::Records));
        let range = params![source.as_str(), iso(times.start), iso(times.end)];
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(range)?;
            while let Some(row) = rows.next()? {
                each(stored(Table::Records, row));
            }
            Ok(())
        })
    }

    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        // By hours, since that index holds all that is counted; a commit's own rows are large.
        let sql = "SELECT commit_id, count(*) FROM records WHERE source = ?1 AND hour = ?2 \
                   GROUP BY commit_id";
        let hours: BTreeSet<Window> = commits.values().copied().collect();
        let pair = |row: &Row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            let mut counts = BTreeMap::new();
            for hour in hours {
                let range = params![source.as_str(), iso(hour.start())];
                for counted in statement.query_map(range, pair)? {
                    let (commit, count) = counted?;
                    counts.insert(commit, count);
                }
            }
            Ok(counts)
        })
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        let mut found = Vec::new();
        for table in Table::BOTH {
            let sql = format!(
                "SELECT DISTINCT commit_id, hour, batch, written FROM {} \
                 WHERE source = ?1 AND hour >= ?2 AND hour < ?3",
                table.name()
            );
            let header = |row: &Row| -> rusqlite::Result<Option<Header>> {
                Ok(header(source, row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (from, to) = (iso(hours.start.start()), iso(hours.end.start()));
            let headers: Vec<Option<Header>> = self.read(|db| {
                let mut statement = db.prepare_cached(&sql)?;
                statement.query_map(params![source.as_str(), from, to], header)?.collect()
            })?;
            found.extend(headers.into_iter().flatten());
        }
        Ok(found)
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        let sql = "SELECT min(hour) FROM \
                   (SELECT min(hour) AS hour FROM summaries WHERE source = ?1 \
                   UNION ALL SELECT min(hour) FROM records WHERE source = ?1)";
        let hour: Option<String> = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            statement.query_row([source.as_str()], |row| row.get(0))
        })?;
        Ok(hour.as_deref().and_then(parse_iso).map(Window::of))
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.copy(folder)
    }
}

fn header(
    source: &SourceName,
    commit: String,
    hour: String,
    batch: String,
    written: String,
) -> Option<Header> {
    let hour = window(&hour)?;
    Some(Header { source: source.clone(), hour, batch, commit, written: parse_iso(&written)? })
}

/// The records that have, in any version, their own time in a range.
const TIMED: &str = "source = ?1 AND id IN (SELECT id FROM records WHERE source = ?1 \
                     AND time >= ?2 AND time < ?3)";

fn window(hour: &str) -> Option<Window> {
    parse_iso(hour).map(Window::of)
}

fn columns(table: Table) -> &'static str {
    match table {
        Table::Summaries => "commit_id, series, body",
        Table::Records => {
            "commit_id, id, body, time, updated, instant, hash, first_seen, last_seen"
        }
    }
}

/// A row as the document that the domain knows.
fn stored(table: Table, row: &Row) -> Stored {
    let seen = |place| text(row, place).unwrap_or_else(|odd| odd.to_string());
    Stored { commit: seen(0), key: seen(1), doc: document(table, row) }
}

fn document(table: Table, row: &Row) -> std::result::Result<Doc, Malformed> {
    let Doc::Map(mut pairs) = json(&text(row, 2)?)? else {
        return Err(Malformed("the body of a row is no object".into()));
    };
    pairs.push((table.key().into(), Doc::Text(text(row, 1)?)));
    if table == Table::Records {
        let names = ["time", "updated", "instant", "hash", "first_seen", "last_seen"];
        for (place, name) in names.into_iter().enumerate() {
            let text: Option<String> = row.get(3 + place).map_err(malformed)?;
            pairs.push((name.into(), Doc::option(text, Doc::Text)));
        }
    }
    Ok(Doc::Map(pairs))
}

fn text(row: &Row, place: usize) -> std::result::Result<String, Malformed> {
    row.get(place).map_err(malformed)
}

fn json(text: &str) -> std::result::Result<Doc, Malformed> {
    serde_json::from_str(text).map(Doc::from_json).map_err(malformed)
}

fn malformed(cause: impl ToString) -> Malformed {
    Malformed(cause.to_string())
}
