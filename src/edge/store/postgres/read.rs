//! What is read of a PostgreSQL store.

use super::value::{At, Read, at, get, hour, may_at, string, text};
use super::{Postgres, Value};
use crate::domain::document::Doc;
use crate::domain::gate::Gate;
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::shape::Shape;
use crate::domain::side::Side;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{
    Feed, Header, Ids, Reader, Result, Standing, Stored, Table, Which, first_and_last, spelled,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// The number of a source.
pub(super) const FEED: &str = "(SELECT number FROM feeds WHERE source = $1)";

impl Reader for Postgres {
    fn address(&self) -> &str {
        &self.address
    }

    fn another(&self) -> Option<Box<dyn Reader>> {
        if self.gate.is_watched() {
            return None;
        }
        Some(Box::new(Postgres::reader(self.url(), Gate::open()).ok()??))
    }

    fn standing(&self) -> Result<Standing> {
        self.behind_writes()
    }

    fn id(&self) -> Result<String> {
        let sql = "SELECT value FROM store WHERE key = 'id'";
        let found = self.one(sql, &[], |row| string(row, 0))?;
        found.ok_or_else(|| self.malformed("it has no id"))
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        let sql = "SELECT declaration FROM declarations WHERE hash = $1";
        self.one(sql, &[(&hash, Type::TEXT)], |row| string(row, 0))
    }

    fn is_described(&self, shape: &Shape) -> Result<bool> {
        self.is_shaped(shape)
    }

    fn read_under(&self, source: &SourceName) -> Result<Vec<String>> {
        let sql = "SELECT declaration FROM read_under WHERE source = $1";
        self.all(sql, &[(&source.as_str(), Type::TEXT)], |row| string(row, 0))
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        let sql = "SELECT source, home, closed_through, forgotten_through FROM sources \
                   ORDER BY source COLLATE \"C\", home COLLATE \"C\"";
        let feed = |row: &Row| -> Read<Option<Feed>> {
            let home = get::<Option<&str>>(row, 1)?.unwrap_or_default().to_string();
            let (closed_through, forgotten_through) = (may_at(row, 2)?, may_at(row, 3)?);
            let source = SourceName::parse(get(row, 0)?);
            Ok(source.map(|source| Feed { source, home, closed_through, forgotten_through }))
        };
        Ok(self.all(sql, &[], feed)?.into_iter().flatten().collect())
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.entries_as(source, day, |text| Doc::parse(text.as_bytes()))
    }

    fn outlines(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.entries_as(source, day, |text| Doc::parse_without(text.as_bytes(), &Entry::LISTS))
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        let sql = "SELECT DISTINCT day FROM ledger WHERE source = $1 AND day BETWEEN $2 AND $3 \
                   ORDER BY day";
        let days = self.of_days(sql, source, days, |row| string(row, 0))?;
        // One that is no day has no ledger: nobody could ask for it.
        Ok(days.iter().filter_map(|day| day.parse().ok()).collect())
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        let sql = "SELECT min(day), max(day) FROM ledger \
                   WHERE source = $1 AND day BETWEEN $2 AND $3";
        let ends = |row: &Row| -> Read<Option<(String, String)>> {
            let (first, last): (Option<&str>, Option<&str>) = (get(row, 0)?, get(row, 1)?);
            Ok(first.map(str::to_string).zip(last.map(str::to_string)))
        };
        let Some((first, last)) =
            self.of_days(sql, source, days, ends)?.into_iter().flatten().next()
        else {
            return Ok(None);
        };
        first_and_last(&first, &last, || self.days_within(source, days))
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        let sql = "SELECT day, count(*) FROM ledger \
                   WHERE source = $1 AND day BETWEEN $2 AND $3 GROUP BY day";
        let figure = |row: &Row| Ok((string(row, 0)?, get::<i64>(row, 1)?));
        let figures = self.of_days(sql, source, days, figure)?.into_iter();
        Ok(figures.filter_map(|(day, n)| Some((day.parse().ok()?, n.unsigned_abs()))).collect())
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.each_timeless(commits, each)
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.each_row(table, commits, each)
    }

    fn series(&self, commits: &[String], series: &str, each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.of_series(commits, series, each)
    }

    /// The lines of journals are found by their hours.
    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        self.holders_of(source, which)
    }

    fn end_times(&self, source: &SourceName) -> Result<Option<(Instant, Instant)>> {
        let sql = format!("SELECT min(time), max(time) FROM records WHERE feed = {FEED}");
        let ends = |row: &Row| Ok(may_at(row, 0)?.zip(may_at(row, 1)?));
        Ok(self.one(&sql, &[(&source.as_str(), Type::TEXT)], ends)?.flatten())
    }

    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        self.versions_of(source, which, each)
    }

    fn counts(
        &self,
        _: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        let commits: Vec<String> = commits.keys().cloned().collect();
        let sql = "SELECT c.commit_id, count(*) FROM commits c \
                   JOIN records r ON r.commit_number = c.number \
                   WHERE c.commit_id = ANY ($1) GROUP BY c.commit_id";
        let count = |row: &Row| Ok((string(row, 0)?, get::<i64>(row, 1)?.unsigned_abs()));
        let found = self.all(sql, &[(&commits, Type::TEXT_ARRAY)], count)?;
        let mut counts: BTreeMap<String, u64> = found.into_iter().collect();
        self.runs(&commits, &mut |stored| *counts.entry(stored.commit).or_default() += 1)?;
        Ok(counts)
    }

    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>> {
        let ids: Vec<_> = ids.iter().map(|id| text(id)).collect();
        let sql = format!(
            "SELECT n.name FROM names n WHERE n.feed = {FEED} AND n.name = ANY ($2) AND EXISTS \
             (SELECT 1 FROM records r WHERE r.name = n.number AND r.last_seen_at >= $3)"
        );
        let source = source.as_str();
        let values: [Value; 3] =
            [(&source, Type::TEXT), (&ids, Type::TEXT_ARRAY), (&At(hour.end()), Type::TIMESTAMPTZ)];
        Ok(self.all(&sql, &values, |row| string(row, 0))?.into_iter().collect())
    }

    fn sides(&self, source: &SourceName, ids: Ids, each: &mut dyn FnMut(Side)) -> Result<()> {
        self.sides_of(source, ids, each)
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        self.weighed(source, hours)
    }

    fn size(&self) -> Result<u64> {
        self.taken()
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        let sql = format!(
            "SELECT hour, batch, commit_id, written_at FROM commits \
             WHERE feed = {FEED} AND hour >= $2 AND hour < $3"
        );
        let header = |row: &Row| {
            Ok(Header {
                source: source.clone(),
                hour: hour(row, 0)?,
                batch: string(row, 1)?,
                commit: string(row, 2)?,
                written: at(row, 3)?,
            })
        };
        let name = source.as_str();
        let values: [Value; 3] = [
            (&name, Type::TEXT),
            (&At(hours.start.start()), Type::TIMESTAMPTZ),
            (&At(hours.end.start()), Type::TIMESTAMPTZ),
        ];
        self.all(&sql, &values, header)
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        let sql = format!("SELECT min(hour) FROM commits WHERE feed = {FEED}");
        let oldest = |row: &Row| may_at(row, 0);
        let found = self.one(&sql, &[(&source.as_str(), Type::TEXT)], oldest)?;
        Ok(found.flatten().map(Window::of))
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.copy(folder)
    }
}

impl Postgres {
    /// All rows of a question, read.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl Fn(&Row) -> Read<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(sql, values, &mut |row| found.push(read(row)))?;
        let all: Read<Vec<T>> = found.into_iter().collect();
        all.map_err(|why| self.malformed(why.to_string()))
    }

    /// Rows of the ledger of some days.
    fn of_days<T>(
        &self,
        sql: &str,
        source: &SourceName,
        days: &RangeInclusive<Day>,
        read: impl Fn(&Row) -> Read<T>,
    ) -> Result<Vec<T>> {
        let (source, (from, to)) = (source.as_str(), spelled(days));
        let values: [Value; 3] = [(&source, Type::TEXT), (&from, Type::TEXT), (&to, Type::TEXT)];
        self.all(sql, &values, read)
    }

    /// The entries of a day, as something reads their texts.
    fn entries_as(
        &self,
        source: &SourceName,
        day: Day,
        parse: impl Fn(&str) -> Read<Doc>,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        let sql = "SELECT number, hour, keeper, entry FROM ledger WHERE source = $1 AND day = $2";
        let entry = |row: &Row| -> Read<std::result::Result<Entry, Unread>> {
            let number = get::<i64>(row, 0)?.unsigned_abs();
            let hour = hour(row, 1)
                .map_or(Doc::Null, |hour| Doc::text(crate::domain::time::iso(hour.start())));
            let keeper = string(row, 2)?;
            let read = string(row, 3).and_then(|text| Entry::read(&parse(&text)?));
            let known = Doc::map([("hour", hour)]);
            Ok(match read {
                Ok(entry) => Ok(Entry { keeper, ..entry }),
                Err(why) => Err(Unread::of(number, &known, why)),
            })
        };
        let (source, day) = (source.as_str(), day.to_string());
        self.all(sql, &[(&source, Type::TEXT), (&day, Type::TEXT)], entry)
    }
}
