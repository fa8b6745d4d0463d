//! What is read of a SQLite store.

use super::Sqlite;
use super::entries::KEEPER;
use super::examine::examine;
use super::numbers::KEEPERS;
use super::open::check;
use super::rows;
use super::series::series as rows_of_series;
use super::value::{hour, json, outline};
use super::weight;
use crate::domain::document::Doc;
use crate::domain::gate::Gate;
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::side::Side;
use crate::domain::time::{Day, Instant, Window, from_millis, parse_iso};
use crate::edge::store::{
    CELLS, Examination, Feed, Header, Ids, Reader, Result, Standing, Stored, Table, Which,
    first_and_last, only, spelled,
};
use rusqlite::{OptionalExtension, Params, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;

fn at(text: Option<String>) -> Option<Instant> {
    text.and_then(|text| parse_iso(&text))
}

impl Reader for Sqlite {
    fn address(&self) -> &str {
        &self.address
    }

    fn examination(&self) -> Examination {
        let address = self.address.clone();
        let path = self.connection.borrow().path().unwrap_or_default().to_string();
        Box::new(move || examine(&path, &address))
    }

    fn another(&self) -> Option<Box<dyn Reader>> {
        if self.gate.is_watched() {
            return None;
        }
        let path = self.connection.borrow().path().unwrap_or_default().to_string();
        Some(Box::new(Sqlite::reader(&path, Gate::open()).ok()??))
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
        self.entries_as(source, day, &json)
    }

    fn outlines(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.entries_as(source, day, &outline)
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        let sql = match self.version < KEEPER {
            true => "SELECT DISTINCT day FROM ledger WHERE source = ?1 AND day BETWEEN ?2 AND ?3 \
                     ORDER BY day"
                .into(),
            false => format!(
                "{KEEPERS}, {DAYS} SELECT DISTINCT day FROM days WHERE day IS NOT NULL ORDER BY day"
            ),
        };
        let (from, to) = spelled(days);
        let days: Vec<String> = self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            statement.query_map(params![source.as_str(), from, to], |row| row.get(0))?.collect()
        })?;
        // One that is no day has no ledger: nobody could ask for it.
        Ok(days.iter().filter_map(|day| day.parse().ok()).collect())
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        let end = |end: &str| match self.version < KEEPER {
            true => {
                format!("SELECT {end}(day) FROM ledger WHERE source = ?1 AND day BETWEEN ?2 AND ?3")
            }
            false => format!(
                "{KEEPERS} SELECT {end}((SELECT {end}(day) FROM ledger WHERE source = ?1 \
                 AND keeper = k.keeper AND day BETWEEN ?2 AND ?3)) FROM keepers k"
            ),
        };
        let (from, to) = spelled(days);
        let found = |sql: String| -> Result<Option<String>> {
            let range = params![source.as_str(), from, to];
            self.read(|db| db.prepare_cached(&sql)?.query_row(range, |row| row.get(0)))
        };
        let Some((first, last)) = found(end("min"))?.zip(found(end("max"))?) else {
            return Ok(None);
        };
        first_and_last(&first, &last, || self.days_within(source, days))
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        let sql = match self.version < KEEPER {
            true => "SELECT day, max(number) FROM ledger WHERE source = ?1 \
                     AND day BETWEEN ?2 AND ?3 GROUP BY day"
                .into(),
            false => format!(
                "{KEEPERS}, {DAYS} SELECT day, sum((SELECT max(number) FROM ledger \
                 WHERE source = ?1 AND keeper = d.keeper AND day = d.day)) FROM days d \
                 WHERE day IS NOT NULL GROUP BY day"
            ),
        };
        let (from, to) = spelled(days);
        let figure = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        let figures: Vec<(String, i64)> = self.read(|db| {
            let mut statement = db.prepare_cached(&sql)?;
            statement.query_map(params![source.as_str(), from, to], figure)?.collect()
        })?;
        let figures = figures.into_iter();
        Ok(figures.filter_map(|(day, n)| Some((day.parse().ok()?, n.unsigned_abs()))).collect())
    }

    fn series(&self, commits: &[String], series: &str, each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(Table::Summaries, commits, &mut only(series, each));
        }
        self.read(|db| rows_of_series(db, commits, series, each))
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(Table::Records, commits, &mut |stored| {
                if !stored.is_timed() {
                    each(stored);
                }
            });
        }
        self.read(|db| rows::timeless(db, commits, each))
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(table, commits, each);
        }
        self.read(|db| rows::read(db, table, commits, each))
    }

    /// The lines of journals are found by their hours.
    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        if self.version < CELLS {
            return self.former_holders(source, which);
        }
        self.read(|db| match which {
            Which::Timed(times) => rows::holders(db, TIMED, range(source, times)),
            Which::Named(ids) => rows::holders(db, NAMED, named(source, ids)),
        })
    }

    fn end_times(&self, source: &SourceName) -> Result<Option<(Instant, Instant)>> {
        if self.version < CELLS {
            return Ok(None);
        }
        let end = |order: &str| {
            let sql = format!(
                "SELECT time_ms FROM records WHERE feed = \
                 (SELECT number FROM feeds WHERE source = ?1) AND time_ms IS NOT NULL \
                 ORDER BY time_ms {order} LIMIT 1"
            );
            self.read(|db| db.query_row(&sql, [source.as_str()], |row| row.get(0)).optional())
        };
        let ends = [end("ASC")?, end("DESC")?].map(|ms| ms.and_then(Instant::from_millis));
        Ok(ends[0].zip(ends[1]))
    }

    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        if self.version < CELLS {
            return self.former_versions(source, which, each);
        }
        self.read(|db| match which {
            Which::Timed(times) => rows::each_record(db, TIMED, range(source, times), each),
            Which::Named(ids) => rows::each_record(db, NAMED, named(source, ids), each),
        })
    }

    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        if self.version < CELLS {
            return self.former_counts(source, commits);
        }
        let names: Vec<String> = commits.keys().cloned().collect();
        self.read(|db| rows::counts(db, &names))
    }

    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>> {
        if self.version < CELLS {
            return Ok(ids.iter().cloned().collect());
        }
        self.read(|db| weight::seen_after(db, source, ids, hour))
    }

    fn sides(&self, source: &SourceName, ids: Ids, each: &mut dyn FnMut(Side)) -> Result<()> {
        self.sides_of(source, ids, each)
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        if self.version < CELLS {
            return Ok(0);
        }
        self.read(|db| weight::weight(db, source, hours))
    }

    fn size(&self) -> Result<u64> {
        self.read(weight::size)
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        if self.version < CELLS {
            return self.former_commits(source, hours);
        }
        let sql = "SELECT commit_id, hour, batch, written_ms FROM commits \
                   WHERE feed = (SELECT number FROM feeds WHERE source = ?1) \
                   AND hour >= ?2 AND hour < ?3";
        let (from, to) = (hours.start.start().timestamp(), hours.end.start().timestamp());
        let header = |row: &Row| {
            Ok(Header {
                source: source.clone(),
                hour: hour(row.get(1)?),
                batch: row.get(2)?,
                commit: row.get(0)?,
                written: from_millis(row.get(3)?),
            })
        };
        self.read(|db| {
            let mut statement = db.prepare_cached(sql)?;
            statement.query_map(params![source.as_str(), from, to], header)?.collect()
        })
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        if self.version < CELLS {
            return self.former_oldest(source);
        }
        let sql = "SELECT min(hour) FROM commits \
                   WHERE feed = (SELECT number FROM feeds WHERE source = ?1)";
        let oldest: Option<i64> =
            self.read(|db| db.query_row(sql, [source.as_str()], |row| row.get(0)))?;
        Ok(oldest.map(hour))
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.copy(folder)
    }
}

/// The records that have, in any version, their own time in a range of milliseconds.
const TIMED: &str = "r.name IN (SELECT t.name FROM records t WHERE t.time_ms >= ?2 \
                     AND t.time_ms < ?3 AND t.feed = (SELECT number FROM feeds WHERE source = ?1))";

/// The records of some ids, which come as a list in JSON.
const NAMED: &str = "r.name IN (SELECT n.number FROM json_each(?2) j CROSS JOIN names n \
                     ON n.name = j.value \
                     AND n.feed = (SELECT number FROM feeds WHERE source = ?1))";

fn range(source: &SourceName, times: &Range<Instant>) -> impl Params {
    (source.as_str().to_string(), times.start.millis(), times.end.millis())
}

fn named(source: &SourceName, ids: &[String]) -> impl Params {
    let ids = ids.iter().map(|id| Doc::text(&**id)).collect();
    (source.as_str().to_string(), Doc::List(ids).json())
}

/// The days of a range, of each of those homes: from one to the next, whatever lies between. An
/// entry has a page of its own.
const DAYS: &str = "days (keeper, day) AS ( \
     SELECT keeper, (SELECT min(day) FROM ledger WHERE source = ?1 AND keeper = k.keeper \
     AND day BETWEEN ?2 AND ?3) FROM keepers k \
     UNION ALL SELECT keeper, (SELECT min(day) FROM ledger WHERE source = ?1 \
     AND keeper = d.keeper AND day > d.day AND day <= ?3) FROM days d WHERE d.day IS NOT NULL)";
