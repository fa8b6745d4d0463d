//! What a MongoDB store takes, for how long a record lived, from when to when its records are.

use super::doc::{date, instant};
use super::{CHUNK, MongoDb};
use crate::domain::name::SourceName;
use crate::domain::time::{Instant, Window};
use crate::edge::store::{Reader, Result, Which};
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeSet;
use std::ops::Range;

impl MongoDb {
    /// The ids of some records.
    pub(super) fn ids_of(&self, source: &SourceName, which: Which) -> Result<Vec<String>> {
        let times = match which {
            Which::Named(ids) => return Ok(ids.to_vec()),
            Which::Timed(times) => times,
        };
        let range = doc! { "$gte": date(times.start), "$lt": date(times.end) };
        let stages = vec![
            doc! { "$match": { "source": source.as_str(), "time": range } },
            doc! { "$group": { "_id": "$id" } },
        ];
        let mut ids = Vec::new();
        let mut enter = |row: Document| ids.extend(row.get_str("_id").ok().map(str::to_string));
        self.aggregate("record_rows", stages, &mut enter)?;
        Ok(ids)
    }

    /// The least and the greatest time of their own of the records of a source.
    pub(super) fn times_of(&self, source: &SourceName) -> Result<Option<(Instant, Instant)>> {
        let end = |way: i32| {
            let stages = vec![
                doc! { "$match": { "source": source.as_str(), "time": { "$type": "date" } } },
                doc! { "$sort": { "time": way } },
                doc! { "$limit": 1 },
            ];
            let mut found = None;
            self.aggregate("record_rows", stages, &mut |row| {
                found = row.get_datetime("time").ok().and_then(|time| instant(*time));
            })?;
            Ok(found)
        };
        let (first, last) = (end(1)?, end(-1)?);
        Ok(first.zip(last))
    }

    /// Those of some records that were seen at an instant or later.
    pub(super) fn sighted(
        &self,
        source: &SourceName,
        ids: &[String],
        since: Instant,
    ) -> Result<BTreeSet<String>> {
        let mut seen = BTreeSet::new();
        for chunk in ids.chunks(CHUNK) {
            let stages = vec![
                doc! { "$match": {
                    "source": source.as_str(), "id": { "$in": chunk },
                    "last_seen": { "$gte": date(since) },
                } },
                doc! { "$group": { "_id": "$id" } },
            ];
            self.aggregate("record_rows", stages, &mut |row| {
                seen.extend(row.get_str("_id").ok().map(str::to_string));
            })?;
        }
        Ok(seen)
    }

    /// About what the rows and entries of some hours take: their share of the documents, as the
    /// whole of those is packed.
    pub(super) fn weighed(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        let commits = self.commits(source, hours.clone())?;
        let commits: Vec<String> = commits.into_iter().map(|header| header.commit).collect();
        let mut bytes = 0;
        for chunk in commits.chunks(CHUNK) {
            let numbers: Vec<i64> = self.numbers_of(chunk)?.into_values().collect();
            for table in ["summary_rows", "record_rows", "runs"] {
                bytes += self.bytes(table, doc! { "commit": { "$in": &numbers } })?;
            }
        }
        let (from, to) = (date(hours.start.start()), date(hours.end.start()));
        let days = doc! {
            "$gte": hours.start.day().to_string(), "$lte": hours.end.day().to_string(),
        };
        let hours = doc! { "$gte": from, "$lt": to };
        let entries = doc! { "source": source.as_str(), "day": days, "hour": hours };
        bytes += self.bytes("ledger", entries)?;
        let (taken, held) = self.taken()?;
        Ok((bytes as f64 * taken as f64 / held.max(1) as f64) as u64)
    }

    fn bytes(&self, collection: &str, filter: Document) -> Result<u64> {
        let stages = vec![
            doc! { "$match": filter },
            doc! { "$group": { "_id": null, "bytes": { "$sum": { "$bsonSize": "$$ROOT" } } } },
        ];
        let mut bytes = 0;
        self.aggregate(collection, stages, &mut |row| bytes += number(&row, "bytes"))?;
        Ok(bytes)
    }

    /// What the database takes with its indexes, and what its documents would take unpacked.
    pub(super) fn taken(&self) -> Result<(u64, u64)> {
        let stats = async { self.database.run_command(doc! { "dbStats": 1 }).await };
        let stats = self.act("?store.read", stats)?;
        let taken = number(&stats, "storageSize") + number(&stats, "indexSize");
        Ok((taken, number(&stats, "dataSize")))
    }
}

fn number(document: &Document, key: &str) -> u64 {
    match document.get(key) {
        Some(Bson::Int32(value)) => u64::from(value.unsigned_abs()),
        Some(Bson::Int64(value)) => value.unsigned_abs(),
        Some(Bson::Double(value)) => *value as u64,
        _ => 0,
    }
}
