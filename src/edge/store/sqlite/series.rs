//! The rows of one series in many commits of a SQLite store. Rows of a commit stand in the order of
//! their series, and most commits have the same ones: where the last commit had it, the next one
//! most likely has it, too; else it is searched for by halves. A commit of another order is looked
//! through.

use super::rows::{AllFields, Found, fields, find, summaries};
use crate::edge::store::Stored;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeSet;

/// Rows that are looked at in one go.
const SOME: i64 = 64;

struct Search<'a> {
    db: &'a Connection,
    series: &'a str,
    /// The numbers of the series, of one source or of several.
    numbers: BTreeSet<i64>,
    fields: AllFields,
    /// Where the last commit had it, after its first row.
    after: i64,
}

pub(super) fn series(
    db: &Connection,
    commits: &[String],
    series: &str,
    each: &mut dyn FnMut(Stored),
) -> rusqlite::Result<()> {
    // One lock for all of them.
    let _all = db.unchecked_transaction()?;
    let mut names = db.prepare_cached("SELECT number FROM names WHERE name = ?1")?;
    let numbers = names.query_map([series], |row| row.get(0))?;
    let numbers = numbers.collect::<rusqlite::Result<_>>()?;
    let mut search = Search { db, series, numbers, fields: fields(db)?, after: 0 };
    for commit in commits {
        if let Some(found) = find(db, commit)? {
            search.commit(&found, each)?;
        }
    }
    Ok(())
}

impl Search<'_> {
    fn commit(&mut self, found: &Found, each: &mut dyn FnMut(Stored)) -> rusqlite::Result<()> {
        let guess = found.first + self.after;
        let rows = match self.rows_at(guess, found)? {
            Some(end) => Some((guess, end)),
            None => match self.by_halves(found)? {
                Some(start) => self.rows_at(start, found)?.map(|end| (start, end)),
                None => None,
            },
        };
        let Some((start, end)) = rows else { return self.by_looking(found, each) };
        self.after = start - found.first;
        summaries(self.db, &Found { first: start, end, ..*found }, &self.fields, each)
    }

    /// Behind the last row of the series, where its rows begin at this one.
    fn rows_at(&self, start: i64, found: &Found) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT id, series FROM summaries WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut rows = self.db.prepare_cached(sql)?;
        let from = (start - 1).max(found.first);
        let pair = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        let pairs = rows.query_map([from, (start + SOME).min(found.end)], pair)?;
        let mut end = None;
        for pair in pairs {
            let (id, number): (i64, i64) = pair?;
            match (id < start, self.numbers.contains(&number)) {
                // They began before.
                (true, true) => return Ok(None),
                (true, false) => {}
                (false, true) => end = Some(id + 1),
                (false, false) => break,
            }
        }
        Ok(end)
    }

    /// The first row whose series does not stand before ours, if it is ours.
    fn by_halves(&self, found: &Found) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT max(id) FROM summaries WHERE id >= ?1 AND id < ?2";
        let range = [found.first, found.end];
        let last: Option<i64> = self.db.prepare_cached(sql)?.query_row(range, |row| row.get(0))?;
        let Some(last) = last else { return Ok(None) };
        let sql = "SELECT n.name FROM summaries s JOIN names n ON n.number = s.series \
                   WHERE s.id = ?1";
        let mut name = self.db.prepare_cached(sql)?;
        let (mut low, mut high) = (found.first, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<String> = name.query_row([middle], |row| row.get(0)).optional()?;
            match found {
                Some(name) if name.as_str() < self.series => low = middle + 1,
                Some(_) => high = middle,
                // Numbers of rows have no gaps, unless somebody made one.
                None => return Ok(None),
            }
        }
        Ok((low <= last).then_some(low))
    }

    fn by_looking(&self, found: &Found, each: &mut dyn FnMut(Stored)) -> rusqlite::Result<()> {
        let sql =
            "SELECT min(id), max(id) FROM summaries WHERE id >= ?1 AND id < ?2 AND series = ?3";
        for number in &self.numbers {
            let values = params![found.first, found.end, number];
            let ends = |row: &Row| Ok((row.get(0)?, row.get(1)?));
            let ends: (Option<i64>, Option<i64>) =
                self.db.prepare_cached(sql)?.query_row(values, ends)?;
            if let (Some(first), Some(last)) = ends {
                let own = Found { first, end: last + 1, ..*found };
                let mut is_own = |stored: Stored| {
                    if stored.key == self.series {
                        each(stored);
                    }
                };
                summaries(self.db, &own, &self.fields, &mut is_own)?;
            }
        }
        Ok(())
    }
}
