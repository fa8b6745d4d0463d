//! The rows of one series in many commits of a SQLite store. Rows of a commit stand in the order of
//! their series, and most commits have the same ones: where the last commit had it, the next one
//! most likely has it, too; else it is searched for by halves. A commit of another order is looked
//! through.

use super::Stored;
use super::sqlite_rows::{AllFields, Found, fields, find, summaries};
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
        let start = match self.begins_at(guess, found)? {
            true => Some(guess),
            false => self.by_halves(found)?,
        };
        let Some(start) = start else { return self.by_looking(found, each) };
        self.after = start - found.first;
        let end = self.end(start, found)?;
        summaries(self.db, &Found { first: start, end, ..*found }, &self.fields, each)
    }

    fn number_at(&self, id: i64) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT series FROM summaries WHERE id = ?1";
        self.db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()
    }

    /// Whether the rows of the series begin here.
    fn begins_at(&self, id: i64, found: &Found) -> rusqlite::Result<bool> {
        let is_it = |number: Option<i64>| number.is_some_and(|n| self.numbers.contains(&n));
        if id >= found.end || !is_it(self.number_at(id)?) {
            return Ok(false);
        }
        Ok(id == found.first || !is_it(self.number_at(id - 1)?))
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
        Ok(self.begins_at(low, found)?.then_some(low))
    }

    /// Behind the last row of the series that begins here.
    fn end(&self, start: i64, found: &Found) -> rusqlite::Result<i64> {
        let sql = "SELECT id, series FROM summaries WHERE id >= ?1 AND id < ?2 ORDER BY id";
        let mut rows = self.db.prepare_cached(sql)?;
        let most = (start + SOME).min(found.end);
        let pair = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        let pairs = rows.query_map([start, most], pair)?;
        let mut end = start;
        for pair in pairs {
            let (id, number): (i64, i64) = pair?;
            if !self.numbers.contains(&number) {
                break;
            }
            end = id + 1;
        }
        Ok(end)
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
