//! What is read of a MongoDB store.

use super::doc::{date, instant};
use super::put::{read_header, stored_cells, stored_record, stored_run};
use super::{CHUNK, MongoDb};
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::side::Side;
use crate::domain::time::{Day, Instant, Window};
use crate::edge::store::{
    CELLS, Feed, Header, Ids, Reader, Result, Standing, Stored, Table, Which, first_and_last, only,
    spelled,
};
use mongodb::bson::{Bson, Document, doc};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Range, RangeInclusive};
use std::path::Path;

impl Reader for MongoDb {
    fn address(&self) -> &str {
        &self.address
    }

    fn standing(&self) -> Result<Standing> {
        Ok(self.behind_writes())
    }

    fn id(&self) -> Result<String> {
        let found = self.find("store", doc! { "_id": "id" })?;
        let known = found.first().and_then(|row| row.get_str("value").ok()).map(str::to_string);
        let known = if known.is_none() { self.old_id()? } else { known };
        known.ok_or_else(|| self.malformed("it has no id"))
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        let found = self.find("declarations", doc! { "_id": hash })?;
        Ok(found.first().and_then(|row| row.get_str("text").ok()).map(str::to_string))
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        let feed = |row: Document| {
            let at = |key: &str| row.get_datetime(key).ok().and_then(|at| instant(*at));
            // Of journals there is a row of each home: `daybook@HOME`.
            let name = row.get_str("_id").ok()?.split('@').next()?;
            Some(Feed {
                source: SourceName::parse(name)?,
                home: row.get_str("home").unwrap_or_default().into(),
                closed_through: at("closed_through"),
                forgotten_through: at("forgotten_through"),
            })
        };
        let mut feeds: Vec<Feed> =
            self.find("sources", doc! {})?.into_iter().filter_map(feed).collect();
        feeds.sort_by(|a, b| (&a.source, &a.home).cmp(&(&b.source, &b.home)));
        Ok(feeds)
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.entries_as(source, day, doc! {})
    }

    fn outlines(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        let empty = |list: &str| (list.to_string(), Bson::Array(Vec::new()));
        self.entries_as(source, day, Entry::LISTS.into_iter().map(empty).collect())
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        let filter = of_days(source, days);
        let ledger = self.all("ledger");
        let days = self.act("?store.read", async { ledger.distinct("day", filter).await })?;
        // One that is no day has no ledger: nobody could ask for it.
        let mut days: Vec<Day> = days.iter().filter_map(|day| day.as_str()?.parse().ok()).collect();
        days.sort();
        Ok(days)
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        let mut ends = [None, None];
        for (order, end) in [1, -1].into_iter().zip(&mut ends) {
            let stages = vec![
                doc! { "$match": of_days(source, days) },
                doc! { "$sort": { "source": order, "day": order } },
                doc! { "$limit": 1 },
                doc! { "$project": { "_id": 0, "day": 1 } },
            ];
            self.aggregate("ledger", stages, &mut |row| {
                *end = row.get_str("day").ok().map(str::to_string);
            })?;
        }
        let [Some(first), Some(last)] = ends else { return Ok(None) };
        first_and_last(&first, &last, || self.days_within(source, days))
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        let stages = vec![
            doc! { "$match": of_days(source, days) },
            doc! { "$group": { "_id": "$day", "entries": { "$sum": 1_i64 } } },
        ];
        let mut figures = BTreeMap::new();
        self.aggregate("ledger", stages, &mut |row| {
            let day = row.get_str("_id").ok().and_then(|day| day.parse().ok());
            figures.extend(day.zip(row.get_i64("entries").ok().map(i64::unsigned_abs)));
        })?;
        Ok(figures)
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(Table::Records, commits, &mut |stored| {
                if !stored.is_timed() {
                    each(stored);
                }
            });
        }
        for chunk in commits.chunks(CHUNK) {
            let numbers = self.numbers_of(chunk)?;
            let all: Vec<i64> = numbers.values().copied().collect();
            let names = by_number(numbers);
            let filter = doc! { "commit": { "$in": all } };
            let mut timeless = filter.clone();
            // Of whatever is no date, too, neither is true.
            let known = doc! { "$gte": date(Instant::MIN), "$lte": date(Instant::MAX) };
            timeless.insert("time", doc! { "$not": known });
            self.each("record_rows", timeless, &mut |row| {
                if let Some(name) = commit_of(&row, &names) {
                    each(stored_record(name, &row));
                }
            })?;
            self.each("runs", filter, &mut |row| {
                if let Some(name) = commit_of(&row, &names) {
                    stored_run(name, &row, each);
                }
            })?;
        }
        Ok(())
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(table, commits, each);
        }
        let fields = match table {
            Table::Summaries => self.all_fields()?,
            Table::Records => Default::default(),
        };
        for chunk in commits.chunks(CHUNK) {
            let numbers = self.numbers_of(chunk)?;
            let all: Vec<i64> = numbers.values().copied().collect();
            let names = by_number(numbers);
            let filter = doc! { "commit": { "$in": all } };
            let named = |row: Document, enter: &mut dyn FnMut(&str, &Document)| {
                if let Some(name) = commit_of(&row, &names) {
                    enter(name, &row);
                }
            };
            match table {
                Table::Summaries => self.each("summary_rows", filter, &mut |row| {
                    named(row, &mut |name, row| each(stored_cells(name, row, &fields)));
                })?,
                Table::Records => {
                    self.each("record_rows", filter.clone(), &mut |row| {
                        named(row, &mut |name, row| each(stored_record(name, row)));
                    })?;
                    self.each("runs", filter, &mut |row| {
                        named(row, &mut |name, row| stored_run(name, row, each));
                    })?;
                }
            }
        }
        Ok(())
    }

    fn series(&self, commits: &[String], series: &str, each: &mut dyn FnMut(Stored)) -> Result<()> {
        if self.version < CELLS {
            return self.former_rows(Table::Summaries, commits, &mut only(series, each));
        }
        self.each_of_series(commits, series, each)
    }

    /// The lines of journals are found by their hours.
    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        if self.version < CELLS {
            return self.former_holders(source, which);
        }
        let mut numbers = BTreeSet::new();
        for ids in self.ids_of(source, which)?.chunks(CHUNK) {
            let stages = vec![
                doc! { "$match": { "source": source.as_str(), "id": { "$in": ids } } },
                doc! { "$group": { "_id": "$commit" } },
            ];
            self.aggregate("record_rows", stages, &mut |row| numbers.extend(whole(&row, "_id")))?;
        }
        let headers = self.headers(numbers)?.into_values();
        Ok(headers.map(|header| (header.commit, header.hour)).collect())
    }

    fn end_times(&self, source: &SourceName) -> Result<Option<(Instant, Instant)>> {
        self.times_of(source)
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
        for ids in self.ids_of(source, which)?.chunks(CHUNK) {
            let filter = doc! { "source": source.as_str(), "id": { "$in": ids } };
            let rows = self.find("record_rows", filter)?;
            let numbers = rows.iter().filter_map(|row| whole(row, "commit")).collect();
            let headers = self.headers(numbers)?;
            for row in rows {
                let header = whole(&row, "commit").and_then(|number| headers.get(&number));
                if let Some(header) = header {
                    each(stored_record(&header.commit, &row));
                }
            }
        }
        Ok(())
    }

    fn counts(
        &self,
        _: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        if self.version < CELLS {
            return self.former_counts(commits);
        }
        let commits: Vec<String> = commits.keys().cloned().collect();
        let mut counts = BTreeMap::new();
        for chunk in commits.chunks(CHUNK) {
            let numbers = self.numbers_of(chunk)?;
            let all: Vec<i64> = numbers.values().copied().collect();
            let names = by_number(numbers);
            let filter = doc! { "commit": { "$in": all } };
            let stages = vec![
                doc! { "$match": filter.clone() },
                doc! { "$group": { "_id": "$commit", "rows": { "$sum": 1_i64 } } },
            ];
            self.aggregate("record_rows", stages, &mut |row| {
                let name = whole(&row, "_id").and_then(|number| names.get(&number).cloned());
                let rows = row.get_i64("rows").ok().map(i64::unsigned_abs);
                counts.extend(name.zip(rows));
            })?;
            self.each("runs", filter, &mut |row| {
                if let Some(name) = commit_of(&row, &names) {
                    stored_run(name, &row, &mut |_| *counts.entry(name.into()).or_default() += 1);
                }
            })?;
        }
        Ok(counts)
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
        self.sighted(source, ids, hour.end())
    }

    fn sides(&self, source: &SourceName, ids: Ids, each: &mut dyn FnMut(Side)) -> Result<()> {
        self.sides_of(source, ids, each)
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        if self.version < CELLS { Ok(0) } else { self.weighed(source, hours) }
    }

    fn size(&self) -> Result<u64> {
        self.taken().map(|(taken, _)| taken)
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        if self.version < CELLS {
            return self.former_commits(source, hours);
        }
        let (from, to) = (date(hours.start.start()), date(hours.end.start()));
        let filter = doc! { "source": source.as_str(), "hour": { "$gte": from, "$lt": to } };
        Ok(self.find("commits", filter)?.iter().filter_map(read_header).collect())
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        if self.version < CELLS {
            return self.former_oldest(source);
        }
        let stages = vec![
            doc! { "$match": { "source": source.as_str() } },
            doc! { "$sort": { "source": 1, "hour": 1 } },
            doc! { "$limit": 1 },
        ];
        let mut oldest = None;
        self.aggregate("commits", stages, &mut |row| {
            oldest = read_header(&row).map(|header| header.hour);
        })?;
        Ok(oldest)
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.copy(folder)
    }
}

impl MongoDb {
    /// What is told of the commits of some numbers.
    fn headers(&self, numbers: BTreeSet<i64>) -> Result<BTreeMap<i64, Header>> {
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let mut headers = BTreeMap::new();
        for chunk in numbers.chunks(CHUNK) {
            self.each("commits", doc! { "_id": { "$in": chunk } }, &mut |row| {
                headers.extend(whole(&row, "_id").zip(read_header(&row)));
            })?;
        }
        Ok(headers)
    }
}

/// The entries of some days of a source.
fn of_days(source: &SourceName, days: &RangeInclusive<Day>) -> Document {
    let (from, to) = spelled(days);
    doc! { "source": source.as_str(), "day": { "$gte": from, "$lte": to } }
}

fn whole(document: &Document, key: &str) -> Option<i64> {
    match document.get(key) {
        Some(Bson::Int32(value)) => Some((*value).into()),
        Some(Bson::Int64(value)) => Some(*value),
        _ => None,
    }
}

fn by_number(numbers: HashMap<String, i64>) -> HashMap<i64, String> {
    numbers.into_iter().map(|(name, number)| (number, name)).collect()
}

/// The name of the commit to which a row belongs.
fn commit_of<'a>(row: &Document, names: &'a HashMap<i64, String>) -> Option<&'a str> {
    names.get(&whole(row, "commit")?).map(String::as_str)
}
