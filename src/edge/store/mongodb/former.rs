//! What is read of a MongoDB store of before version 4, whose rows stood under the names of their
//! commits. While one is brought to this version they stand under another name of the collection.

use super::doc::{date, doc as read_doc, instant};
use super::{CHUNK, MongoDb};
use crate::domain::document::Malformed;
use crate::domain::name::SourceName;
use crate::domain::row::{Kept, Row};
use crate::domain::time::Window;
use crate::edge::store::{Header, Result, Stored, Table, Which};
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeMap;
use std::ops::Range;

/// Where rows of before may be: in their place, put aside, or written after that.
pub(super) fn all_former(table: Table) -> [String; 3] {
    [table.name().to_string(), aside(table), format!("{}_left", table.name())]
}

/// The name under which rows of before stand while they are taken over.
pub(super) fn aside(table: Table) -> String {
    format!("{}_3", table.name())
}

/// Of rows of before the id is a text.
fn old(mut filter: Document) -> Document {
    filter.insert("_id", doc! { "$type": "string" });
    filter
}

impl MongoDb {
    pub(super) fn former_rows(
        &self,
        table: Table,
        commits: &[String],
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        for chunk in commits.chunks(CHUNK) {
            for name in all_former(table) {
                let filter = doc! { "commit": { "$in": chunk } };
                self.each(&name, filter, &mut |document| each(stored(table, document)))?;
            }
        }
        Ok(())
    }

    pub(super) fn former_holders(
        &self,
        source: &SourceName,
        which: Which,
    ) -> Result<BTreeMap<String, Window>> {
        let mut found = BTreeMap::new();
        self.each_former_version(source, which, &mut |row| {
            let hour = row.get_datetime("hour").ok().and_then(|hour| instant(*hour));
            let commit = row.get_str("commit").ok().map(str::to_string);
            found.extend(commit.zip(hour.map(Window::of)));
        })?;
        Ok(found)
    }

    pub(super) fn former_versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        self.each_former_version(source, which, &mut |row| each(stored(Table::Records, row)))
    }

    fn each_former_version(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Document),
    ) -> Result<()> {
        for ids in self.former_ids(source, which)?.chunks(CHUNK) {
            for name in all_former(Table::Records) {
                let filter = old(doc! { "source": source.as_str(), "id": { "$in": ids } });
                self.each(&name, filter, each)?;
            }
        }
        Ok(())
    }

    fn former_ids(&self, source: &SourceName, which: Which) -> Result<Vec<String>> {
        let times = match which {
            Which::Named(ids) => return Ok(ids.to_vec()),
            Which::Timed(times) => times,
        };
        let range = doc! { "$gte": date(times.start), "$lt": date(times.end) };
        let mut ids = Vec::new();
        for name in all_former(Table::Records) {
            let timed = old(doc! { "source": source.as_str(), "time": range.clone() });
            let stages = vec![doc! { "$match": timed }, doc! { "$group": { "_id": "$id" } }];
            let enter = &mut |row: Document| {
                ids.extend(row.get_str("_id").ok().map(str::to_string));
            };
            self.aggregate(&name, stages, enter)?;
        }
        Ok(ids)
    }

    pub(super) fn former_counts(
        &self,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        let commits: Vec<&str> = commits.keys().map(String::as_str).collect();
        let mut counts = BTreeMap::new();
        for chunk in commits.chunks(CHUNK) {
            let stages = vec![
                doc! { "$match": { "commit": { "$in": chunk } } },
                doc! { "$group": { "_id": "$commit", "rows": { "$sum": 1_i64 } } },
            ];
            for name in all_former(Table::Records) {
                self.aggregate(&name, stages.clone(), &mut |row| {
                    let commit = row.get_str("_id").ok().map(str::to_string);
                    let rows = row.get_i64("rows").ok().map(i64::unsigned_abs);
                    counts.extend(commit.zip(rows));
                })?;
            }
        }
        Ok(counts)
    }

    /// The commits of which there are rows in some documents, in order of their names.
    pub(super) fn former_headers(&self, name: &str, filter: Document) -> Result<Vec<Header>> {
        let stages = vec![
            doc! { "$match": old(filter) },
            doc! { "$group": {
                "_id": "$commit",
                "source": { "$first": "$source" },
                "hour": { "$first": "$hour" },
                "batch": { "$first": "$batch" },
                "written": { "$min": "$written" },
            } },
            doc! { "$sort": { "_id": 1 } },
        ];
        let mut headers = Vec::new();
        self.aggregate(name, stages, &mut |row| headers.extend(header(&row)))?;
        Ok(headers)
    }

    pub(super) fn former_commits(
        &self,
        source: &SourceName,
        hours: Range<Window>,
    ) -> Result<Vec<Header>> {
        let (from, to) = (date(hours.start.start()), date(hours.end.start()));
        let range = doc! { "source": source.as_str(), "hour": { "$gte": from, "$lt": to } };
        let mut headers = Vec::new();
        for name in Table::BOTH.into_iter().flat_map(all_former) {
            headers.extend(self.former_headers(&name, range.clone())?);
        }
        Ok(headers)
    }

    pub(super) fn former_oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        let mut oldest: Option<Window> = None;
        for name in Table::BOTH.into_iter().flat_map(all_former) {
            let stages = vec![
                doc! { "$match": old(doc! { "source": source.as_str() }) },
                doc! { "$group": { "_id": null, "hour": { "$min": "$hour" } } },
            ];
            self.aggregate(&name, stages, &mut |row| {
                let hour = row.get_datetime("hour").ok().and_then(|at| instant(*at));
                oldest = oldest.into_iter().chain(hour.map(Window::of)).min();
            })?;
        }
        Ok(oldest)
    }
}

fn header(row: &Document) -> Option<Header> {
    let at = |key: &str| instant(*row.get_datetime(key).ok()?);
    let text = |key: &str| row.get_str(key).ok().map(str::to_string);
    Some(Header {
        source: SourceName::parse(row.get_str("source").ok()?)?,
        hour: Window::of(at("hour")?),
        batch: text("batch")?,
        commit: text("_id")?,
        written: at("written")?,
    })
}

/// A row of before as it is kept today.
pub(super) fn stored(table: Table, document: Document) -> Stored {
    let text = |key: &str| document.get_str(key).unwrap_or_default().to_string();
    let (commit, key) = (text("commit"), text(table.key()));
    Stored { commit, key, row: kept(table, document) }
}

fn kept(table: Table, document: Document) -> std::result::Result<Kept, Malformed> {
    let hour = document.get_datetime("hour").ok().and_then(|at| instant(*at)).map(Window::of);
    let doc = read_doc(Bson::Document(document))?;
    Ok(match table {
        Table::Records => Kept::Record(Row::record(&doc)?),
        Table::Summaries => {
            let hour = hour.ok_or_else(|| Malformed("a row without its hour".into()))?;
            Kept::of(Row::Summary(Row::summary(&doc)?), hour)
        }
    })
}
