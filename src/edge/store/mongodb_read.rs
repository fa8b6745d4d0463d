//! What is read of a MongoDB store.

use super::mongodb::{CHUNK, MongoDb};
use super::mongodb_doc::{date, doc as read_doc, instant};
use super::{Feed, Header, Reader, Result, Standing, Stored, Table};
use crate::domain::document::Doc;
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window};
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeMap;
use std::ops::Range;
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
        let filter = doc! { "source": source.as_str(), "day": day.to_string() };
        let mut entries: Vec<_> = self.find("ledger", filter)?.into_iter().map(entry).collect();
        if source.is_journals() {
            self.keep(entries.iter_mut().flatten().filter(|entry| entry.keeper.is_empty()))?;
        }
        Ok(entries)
    }

    fn days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let filter = doc! { "source": source.as_str() };
        let ledger = self.all("ledger");
        let days = self.act("?store.read", async { ledger.distinct("day", filter).await })?;
        // One that is no day has no ledger: nobody could ask for it.
        let mut days: Vec<Day> = days.iter().filter_map(|day| day.as_str()?.parse().ok()).collect();
        days.sort();
        Ok(days)
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        for chunk in commits.chunks(CHUNK) {
            let filter = doc! { "commit": { "$in": chunk } };
            self.each(table.name(), filter, &mut |document| each(stored(table, document)))?;
        }
        Ok(())
    }

    fn holders(
        &self,
        source: &SourceName,
        times: &Range<Instant>,
    ) -> Result<BTreeMap<String, Window>> {
        let mut found = BTreeMap::new();
        for ids in self.timed(source, times)?.chunks(CHUNK) {
            let stages = vec![
                doc! { "$match": { "source": source.as_str(), "id": { "$in": ids } } },
                doc! { "$group": { "_id": "$commit", "hour": { "$first": "$hour" } } },
            ];
            self.aggregate("records", stages, &mut |row| {
                let hour = row.get_datetime("hour").ok().and_then(|hour| instant(*hour));
                let commit = row.get_str("_id").ok().map(str::to_string);
                found.extend(commit.zip(hour.map(Window::of)));
            })?;
        }
        Ok(found)
    }

    fn versions(
        &self,
        source: &SourceName,
        times: &Range<Instant>,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        for ids in self.timed(source, times)?.chunks(CHUNK) {
            let filter = doc! { "source": source.as_str(), "id": { "$in": ids } };
            self.each("records", filter, &mut |row| each(stored(Table::Records, row)))?;
        }
        Ok(())
    }

    fn counts(
        &self,
        _: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        let commits: Vec<&str> = commits.keys().map(String::as_str).collect();
        let mut counts = BTreeMap::new();
        for chunk in commits.chunks(CHUNK) {
            let stages = vec![
                doc! { "$match": { "commit": { "$in": chunk } } },
                doc! { "$group": { "_id": "$commit", "rows": { "$sum": 1_i64 } } },
            ];
            self.aggregate("records", stages, &mut |row| {
                let commit = row.get_str("_id").ok().map(str::to_string);
                let rows = row.get_i64("rows").ok().map(i64::unsigned_abs);
                counts.extend(commit.zip(rows));
            })?;
        }
        Ok(counts)
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        let (from, to) = (date(hours.start.start()), date(hours.end.start()));
        let mut headers = Vec::new();
        for table in Table::BOTH {
            let stages = vec![
                doc! { "$match": {
                    "source": source.as_str(),
                    "hour": { "$gte": from, "$lt": to },
                } },
                doc! { "$group": {
                    "_id": "$commit",
                    "hour": { "$first": "$hour" },
                    "batch": { "$first": "$batch" },
                    "written": { "$min": "$written" },
                } },
            ];
            self.aggregate(table.name(), stages, &mut |row| headers.extend(header(source, &row)))?;
        }
        Ok(headers)
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        let mut oldest: Option<Window> = None;
        for table in Table::BOTH {
            let stages = vec![
                doc! { "$match": { "source": source.as_str() } },
                doc! { "$sort": { "source": 1, "hour": 1 } },
                doc! { "$limit": 1 },
                doc! { "$project": { "hour": 1 } },
            ];
            self.aggregate(table.name(), stages, &mut |row| {
                let hour = row.get_datetime("hour").ok().and_then(|at| instant(*at));
                let hour = hour.map(Window::of);
                oldest = oldest.into_iter().chain(hour).min();
            })?;
        }
        Ok(oldest)
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.copy(folder)
    }
}

impl MongoDb {
    /// The ids of the records that have, in any version, their own time in a range.
    fn timed(&self, source: &SourceName, times: &Range<Instant>) -> Result<Vec<String>> {
        let range = doc! { "$gte": date(times.start), "$lt": date(times.end) };
        let stages = vec![
            doc! { "$match": { "source": source.as_str(), "time": range } },
            doc! { "$group": { "_id": "$id" } },
        ];
        let mut ids = Vec::new();
        let mut enter = |row: Document| ids.extend(row.get_str("_id").ok().map(str::to_string));
        self.aggregate("records", stages, &mut enter)?;
        Ok(ids)
    }
}

impl MongoDb {
    /// Before version 3 all journals were in the ledger of the home that fed them last. Later, an
    /// entry that does not say so is of a program of before, which still ran: it is its home's.
    fn keep<'a>(&self, entries: impl Iterator<Item = &'a mut Entry>) -> Result<()> {
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            return Ok(());
        }
        let owner = if self.version < 3 { self.owner()? } else { None };
        for entry in entries {
            entry.keeper = owner.clone().unwrap_or_else(|| entry.home.clone());
        }
        Ok(())
    }

    /// The home that fed the journals last, in a store of before version 3.
    pub(super) fn owner(&self) -> Result<Option<String>> {
        let feeds = self.feeds()?.into_iter();
        let mut homes = feeds.filter(|feed| feed.source.is_journals()).map(|feed| feed.home);
        Ok(homes.find(|home| !home.is_empty()))
    }
}

fn header(source: &SourceName, row: &Document) -> Option<Header> {
    let at = |key: &str| instant(*row.get_datetime(key).ok()?);
    let text = |key: &str| row.get_str(key).ok().map(str::to_string);
    Some(Header {
        source: source.clone(),
        hour: Window::of(at("hour")?),
        batch: text("batch")?,
        commit: text("_id")?,
        written: at("written")?,
    })
}

fn entry(document: Document) -> std::result::Result<Entry, Unread> {
    let id = document.get_str("_id").unwrap_or_default();
    let number = id.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    // Its hour may be readable where something else is not.
    let hour = document.get("hour").cloned().and_then(|hour| read_doc(hour).ok());
    let known = Doc::map([("hour", hour.unwrap_or(Doc::Null))]);
    let doc = read_doc(Bson::Document(document));
    doc.and_then(|doc| Entry::read(&doc)).map_err(|why| Unread::of(number, &known, why))
}

fn stored(table: Table, document: Document) -> Stored {
    let text = |key: &str| document.get_str(key).unwrap_or_default().to_string();
    Stored { commit: text("commit"), key: text(table.key()), doc: read_doc(document.into()) }
}
