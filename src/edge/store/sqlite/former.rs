//! What is read of a SQLite store of before version 4, whose rows were JSON under the names of
//! their commits.

use super::Sqlite;
use super::numbers::Numbers;
use super::put;
use super::value::{json, malformed, text};
use crate::domain::document::{Doc, Malformed};
use crate::domain::name::SourceName;
use crate::domain::row::{Kept, Row};
use crate::domain::time::{Window, iso, parse_iso};
use crate::edge::store::{Header, Result, Stored, Table, Which};
use rusqlite::{Transaction, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

impl Sqlite {
    pub(super) fn former_rows(
        &self,
        table: Table,
        commits: &[String],
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
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

    pub(super) fn former_holders(
        &self,
        source: &SourceName,
        which: Which,
    ) -> Result<BTreeMap<String, Window>> {
        let (holds, values) = held(source, which);
        let sql = format!("SELECT DISTINCT commit_id FROM records WHERE {holds}");
        let hour = "SELECT hour FROM records WHERE commit_id = ?1 LIMIT 1";
        let found: Vec<(String, String)> = self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut hour = db.prepare_cached(hour)?;
            let commits = statement.query_map(params_from_iter(values), |row| row.get(0))?;
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

    pub(super) fn former_versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        let (holds, values) = held(source, which);
        let sql = format!("SELECT {} FROM records WHERE {holds}", columns(Table::Records));
        self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                each(stored(Table::Records, row));
            }
            Ok(())
        })
    }

    pub(super) fn former_counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        // By hours, since that index holds all that is counted; a commit's own rows are large.
        let sql = "SELECT commit_id, count(*) FROM records WHERE source = ?1 AND hour = ?2 \
                   GROUP BY commit_id";
        let hours: BTreeSet<Window> = commits.values().copied().collect();
        let pair = |row: &rusqlite::Row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
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

    pub(super) fn former_commits(
        &self,
        source: &SourceName,
        hours: Range<Window>,
    ) -> Result<Vec<Header>> {
        let mut found = Vec::new();
        for table in Table::BOTH {
            let sql = format!(
                "SELECT DISTINCT commit_id, hour, batch, written FROM {} \
                 WHERE source = ?1 AND hour >= ?2 AND hour < ?3",
                table.name()
            );
            let header = |row: &rusqlite::Row| -> rusqlite::Result<Option<Header>> {
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

    pub(super) fn former_oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        let sql = "SELECT min(hour) FROM \
                   (SELECT min(hour) AS hour FROM summaries WHERE source = ?1 \
                   UNION ALL SELECT min(hour) FROM records WHERE source = ?1)";
        let hour: Option<String> = self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            statement.query_row([source.as_str()], |row| row.get(0))
        })?;
        Ok(hour.as_deref().and_then(parse_iso).map(Window::of))
    }
}

pub(super) fn header(
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

const NAMED: &str = "source = ?1 AND id IN (SELECT value FROM json_each(?2))";

/// What holds of some records, and its values.
fn held(source: &SourceName, which: Which) -> (&'static str, Vec<String>) {
    let source = source.as_str().to_string();
    match which {
        Which::Timed(times) => (TIMED, vec![source, iso(times.start), iso(times.end)]),
        Which::Named(ids) => {
            let ids = ids.iter().map(|id| Doc::text(&**id)).collect();
            (NAMED, vec![source, Doc::List(ids).json()])
        }
    }
}

fn window(hour: &str) -> Option<Window> {
    parse_iso(hour).map(Window::of)
}

pub(super) fn columns(table: Table) -> &'static str {
    match table {
        Table::Summaries => "commit_id, series, body, hour",
        Table::Records => {
            "commit_id, id, body, hour, time, updated, instant, hash, first_seen, last_seen"
        }
    }
}

/// A row as it is kept today.
pub(super) fn stored(table: Table, row: &rusqlite::Row) -> Stored {
    let seen = |place| text(row, place).unwrap_or_else(|odd| odd.to_string());
    Stored { commit: seen(0), key: seen(1), row: kept(table, row) }
}

fn kept(table: Table, row: &rusqlite::Row) -> std::result::Result<Kept, Malformed> {
    let doc = document(table, row)?;
    let hour = text(row, 3)?;
    let hour = window(&hour).ok_or_else(|| Malformed(format!("{hour:?} is no hour")))?;
    Ok(match table {
        Table::Summaries => Kept::of(Row::Summary(Row::summary(&doc)?), hour),
        Table::Records => Kept::Record(Row::record(&doc)?),
    })
}

fn document(table: Table, row: &rusqlite::Row) -> std::result::Result<Doc, Malformed> {
    let Doc::Map(mut pairs) = json(&text(row, 2)?)? else {
        return Err(Malformed("the body of a row is no object".into()));
    };
    pairs.push((table.key().into(), Doc::Text(text(row, 1)?)));
    if table == Table::Records {
        let names = ["time", "updated", "instant", "hash", "first_seen", "last_seen"];
        for (place, name) in names.into_iter().enumerate() {
            let text: Option<String> = row.get(4 + place).map_err(malformed)?;
            pairs.push((name.into(), Doc::option(text, Doc::Text)));
        }
    }
    Ok(Doc::Map(pairs))
}

/// Writes all rows that were put aside as rows of today, commit by commit. One that cannot be read
/// stays where it is: its hour was damaged, and remains so.
pub(super) fn take_over(all: &Transaction) -> rusqlite::Result<()> {
    let mut numbers = Numbers::default();
    for table in Table::BOTH {
        let aside = format!("{}_3", table.name());
        let commits = format!(
            "SELECT commit_id, source, hour, batch, written FROM {aside} \
                               GROUP BY commit_id ORDER BY source, hour, commit_id"
        );
        let known = |row: &rusqlite::Row| {
            let name: String = row.get(1)?;
            let source = SourceName::parse(&name);
            let (commit, hour): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(source.and_then(|s| header(&s, commit, hour, row.get(3).ok()?, row.get(4).ok()?)))
        };
        let headers: Vec<Option<Header>> =
            all.prepare(&commits)?.query_map([], known)?.collect::<rusqlite::Result<_>>()?;
        for header in headers.into_iter().flatten() {
            take_over_one(all, &mut numbers, table, &aside, &header)?;
        }
        let left = format!("SELECT count(*) FROM {aside}");
        if all.query_row(&left, [], |row| row.get::<_, i64>(0))? == 0 {
            all.execute_batch(&format!("DROP TABLE {aside}"))?;
        }
    }
    Ok(())
}

fn take_over_one(
    all: &Transaction,
    numbers: &mut Numbers,
    table: Table,
    aside: &str,
    header: &Header,
) -> rusqlite::Result<()> {
    let sql = format!("SELECT {} FROM {aside} WHERE commit_id = ?1", columns(table));
    let mut good = Vec::new();
    let mut statement = all.prepare_cached(&sql)?;
    let mut rows = statement.query([&header.commit])?;
    while let Some(row) = rows.next()? {
        good.extend(stored(table, row).row.ok());
    }
    numbers.forget_answers();
    put::insert(all, numbers, header, &good)?;
    let sql = format!("DELETE FROM {aside} WHERE commit_id = ?1 AND {} = ?2", table.key());
    let mut delete = all.prepare_cached(&sql)?;
    for row in &good {
        delete.execute([&header.commit, row.key()])?;
    }
    Ok(())
}
