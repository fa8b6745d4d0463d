//! What is written to a MongoDB store.

use super::doc::{date, document};
use super::numbers::ROWS;
use super::put::{SHIFT, cells_document, record_document, run_document, stored_run};
use super::{CHUNK, DUPLICATE_KEY, MongoDb, code};
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::row::{Cells, Kept, Measure, pack};
use crate::domain::side::Side;
use crate::domain::time::Instant;
use crate::edge::store::{Error, Header, Reader, Result, Writer, keeper};
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::ErrorKind;
use std::collections::BTreeMap;

impl Writer for MongoDb {
    fn put(&self, header: &Header, rows: &[Kept]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let (number, next) = self.place(header, rows.is_sorted_by_key(Kept::key))?;
        self.forget_place();
        let mut end = next;
        for (name, documents) in self.documents(header, rows, number, next - (number << SHIFT))? {
            end += documents.len() as i64;
            self.insert(name, &documents)?;
        }
        self.placed(header, number, end);
        Ok(())
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        let mut document = document(entry.doc().pairs());
        let ledger = row_of(&entry.source, &entry.keeper);
        let id = format!("{ledger}/{}/{}", entry.day(), entry.number);
        document.insert("_id", id);
        let ledger = self.all("ledger");
        self.act("store.append", async {
            match ledger.insert_one(document).await {
                Err(error) if code(&error) == Some(DUPLICATE_KEY) => Ok(false),
                other => other.map(|_| true),
            }
        })
    }

    fn declare(&self, hash: &str, text: &str) -> Result<()> {
        let (declarations, filter) = (self.all("declarations"), doc! { "_id": hash });
        let keep = doc! { "$setOnInsert": { "text": text } };
        self.act("store.declare", async {
            declarations.update_one(filter, keep).upsert(true).await.map(drop)
        })
    }

    fn name_series(&self, source: &SourceName, names: &BTreeMap<String, String>) -> Result<()> {
        let source = source.as_str();
        let mut known = BTreeMap::new();
        self.each("labels", doc! { "source": source }, &mut |row| {
            let text = |key: &str| row.get_str(key).ok().map(str::to_string);
            known.extend(text("series").zip(text("label")));
        })?;
        let labels = self.all("labels");
        let fresh = names.iter().filter(|(series, _)| !known.contains_key(*series));
        let fresh = fresh.map(|(series, label)| {
            doc! { "source": source, "series": series, "label": label }
        });
        for chunk in fresh.collect::<Vec<Document>>().chunks(CHUNK) {
            self.act("store.name", async { labels.insert_many(chunk).await.map(drop) })?;
        }
        let other = |(series, label): &(&String, &String)| {
            known.get(*series).is_some_and(|known| known != *label)
        };
        for (series, label) in names.iter().filter(other) {
            let filter = doc! { "source": source, "series": series };
            let name = doc! { "$set": { "label": label } };
            self.act("store.name", async {
                labels.update_one(filter, name).upsert(true).await.map(drop)
            })?;
        }
        Ok(())
    }

    fn set_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        if sides.is_empty() { Ok(()) } else { self.keep_sides(source, sides) }
    }

    fn remove(&self, commits: &[String], old: Instant) -> Result<()> {
        self.forget_place();
        for chunk in commits.chunks(CHUNK) {
            let numbers: Vec<i64> = self.numbers_of(chunk)?.into_values().collect();
            for name in ROWS {
                let (rows, filter) = (self.all(name), doc! { "commit": { "$in": &numbers } });
                self.act("store.remove", async { rows.delete_many(filter).await.map(drop) })?;
            }
            // Rows that are still on their way are found by it, and go another time.
            let told = doc! { "_id": { "$in": &numbers }, "written": { "$lt": date(old) } };
            let commits = self.all("commits");
            self.act("store.remove", async { commits.delete_many(told).await.map(drop) })?;
        }
        Ok(())
    }

    fn raise(&self, source: &SourceName, home: &str, through: Instant) -> Result<()> {
        let update = doc! { "$max": { "closed_through": date(through) } };
        self.update_source("store.raise", source, home, update)
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        let mark = doc! { "$max": { "forgotten_through": date(through) } };
        self.update_source("store.forget", source, "", mark)?;
        let (ledger, all) = (self.all("ledger"), doc! { "source": source.as_str() });
        let find = async { ledger.distinct("number", all.clone()).await };
        let mut numbers: Vec<i64> =
            self.act("?store.read", find)?.iter().filter_map(Bson::as_i64).collect();
        numbers.sort_unstable();
        for number in numbers {
            self.delete("ledger", doc! { "source": source.as_str(), "number": number })?;
        }
        let mut commits = Vec::new();
        self.each("commits", all.clone(), &mut |row| {
            commits.extend(row.get_str("commit").ok().map(str::to_string));
        })?;
        self.remove(&commits, Instant::MAX)?;
        self.delete("sides", all.clone())?;
        self.delete("labels", all)
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        self.update_source("store.claim", source, home, doc! { "$set": { "home": home } })
    }

    fn take_id(&self, id: &str) -> Result<()> {
        let (store, own) = (self.all("store"), doc! { "_id": "id" });
        let name = doc! { "$set": { "value": id } };
        self.act("store.name_itself", async {
            store.update_one(own, name).upsert(true).await.map(drop)
        })
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl MongoDb {
    /// Rows as documents, by the collection where they go; the first has this place in its commit.
    pub(super) fn documents(
        &self,
        header: &Header,
        rows: &[Kept],
        number: i64,
        place: i64,
    ) -> Result<Vec<(&'static str, Vec<Document>)>> {
        let (source, first) = (header.source.as_str(), (number << SHIFT) + place);
        self.know_fields(source, rows.iter().filter_map(cells))?;
        let field = |name: &str, measure: &Measure| self.field(source, name, measure).unwrap_or(0);
        let (mut summaries, mut lines) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Kept::Record(record) => lines.push(record.clone()),
                Kept::Summary(cells) => {
                    let id = first + summaries.len() as i64;
                    summaries.push(cells_document((id, number), cells, &field));
                }
            }
        }
        let journals = header.source.is_journals();
        let (runs, records) = if journals { pack(lines) } else { (Vec::new(), lines) };
        let ids = || (first..).map(|id| (id, number));
        let runs = ids().zip(&runs).map(|(id, run)| run_document(id, run)).collect();
        let records = ids().zip(&records).map(|(id, r)| record_document(id, source, r)).collect();
        let all = [("summary_rows", summaries), ("record_rows", records), ("runs", runs)];
        Ok(all.into_iter().filter(|(_, documents)| !documents.is_empty()).collect())
    }

    /// Inserts documents; of one that is refused for good, which and why.
    fn insert(&self, name: &str, documents: &[Document]) -> Result<()> {
        let collection = self.all(name);
        for chunk in documents.chunks(CHUNK) {
            let refused = self.act("store.put", async {
                match collection.insert_many(chunk).ordered(false).await {
                    Ok(_) => Ok(None),
                    Err(error) => match refusal(&error, chunk) {
                        None => Err(error),
                        refused => Ok(refused),
                    },
                }
            })?;
            if let Some((place, cause)) = refused {
                let key = chunk.get(place).map(key).unwrap_or_default();
                return Err(Error::Refused { store: self.address.clone(), key, cause });
            }
        }
        Ok(())
    }

    fn delete(&self, collection: &str, filter: Document) -> Result<()> {
        let collection = self.all(collection);
        self.act("store.forget", async { collection.delete_many(filter).await.map(drop) })
    }

    fn update_source(
        &self,
        name: &str,
        source: &SourceName,
        home: &str,
        update: Document,
    ) -> Result<()> {
        let sources = self.all("sources");
        let filter = doc! { "_id": row_of(source, keeper(source, home)) };
        self.act(name, async { sources.update_one(filter, update).upsert(true).await.map(drop) })
    }
}

/// What a server says of a document that it never takes: a bad value, one that is no document,
/// one against a rule of its collection, a key that is too long, one that is too large.
const NEVER: [i32; 7] = [2, 22, 121, 17280, 17419, 17420, 10334];

/// What a server takes at most as one document.
const LARGEST: usize = 16 << 20;

/// Which of some documents is refused for good, and why.
fn refusal(error: &mongodb::error::Error, documents: &[Document]) -> Option<(usize, String)> {
    let told =
        match &*error.kind {
            ErrorKind::InsertMany(many) => many.write_errors.iter().flatten().find_map(|one| {
                NEVER.contains(&one.code).then(|| (one.index, one.message.clone()))
            }),
            _ => None,
        };
    // One that is too large is found before it is sent, and then not named.
    let large = |document: &Document| document.to_vec().map_or(true, |bytes| bytes.len() > LARGEST);
    let unsaid = || {
        let unsent = matches!(&*error.kind, ErrorKind::InvalidArgument { .. } | ErrorKind::Bson(_))
            || code(error).is_some_and(|code| NEVER.contains(&code));
        let place = documents.iter().position(large).filter(|_| unsent)?;
        Some((place, format!("it is no document of at most {LARGEST} bytes")))
    };
    told.or_else(unsaid)
}

/// How the `_id` of what belongs to a ledger begins.
pub(super) fn row_of(source: &SourceName, keeper: &str) -> String {
    if keeper.is_empty() { source.to_string() } else { format!("{source}@{keeper}") }
}

fn cells(row: &Kept) -> Option<&Cells> {
    match row {
        Kept::Summary(cells) => Some(cells),
        Kept::Record(_) => None,
    }
}

/// What tells a row apart, from its document.
fn key(document: &Document) -> String {
    let text = |key: &str| document.get_str(key).ok().map(str::to_string);
    let line = || {
        let mut first = None;
        stored_run("", document, &mut |stored| {
            first.get_or_insert(stored.key);
        });
        first
    };
    text("series").or_else(|| text("id")).or_else(line).unwrap_or_default()
}
