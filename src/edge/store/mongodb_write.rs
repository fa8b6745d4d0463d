//! What is written to a MongoDB store.

use super::mongodb::{CHUNK, DUPLICATE_KEY, MongoDb, code};
use super::mongodb_doc::{bson, date, document};
use super::{Error, Header, Reader, Result, Table, Writer, keeper};
use crate::domain::document::Doc;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::ErrorKind;

impl Writer for MongoDb {
    fn put(&self, header: &Header, table: Table, rows: &[Doc]) -> Result<()> {
        let collection = self.all(table.name());
        for chunk in rows.chunks(CHUNK) {
            let documents: Vec<Document> =
                chunk.iter().map(|row| row_document(header, table, row)).collect();
            let refused = self.act("store.put", async {
                match collection.insert_many(&documents).ordered(false).await {
                    Ok(_) => Ok(None),
                    Err(error) => match refusal(&error, &documents) {
                        None => Err(error),
                        refused => Ok(refused),
                    },
                }
            })?;
            if let Some((place, cause)) = refused {
                let row = chunk.get(place).map_or(&Doc::Null, |row| row.get(table.key()));
                let key = row.as_text().unwrap_or_default().to_string();
                return Err(Error::Refused { store: self.address.clone(), key, cause });
            }
        }
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

    fn remove(&self, commits: &[String]) -> Result<()> {
        for (table, chunk) in
            Table::BOTH.iter().flat_map(|t| commits.chunks(CHUNK).map(move |c| (t, c)))
        {
            let filter = doc! { "commit": { "$in": chunk } };
            let rows = self.all(table.name());
            self.act("store.remove", async { rows.delete_many(filter).await.map(drop) })?;
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
        Table::BOTH.iter().try_for_each(|table| self.delete(table.name(), all.clone()))
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        self.update_source("store.claim", source, home, doc! { "$set": { "home": home } })
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl MongoDb {
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

fn row_document(header: &Header, table: Table, row: &Doc) -> Document {
    let key = row.get(table.key()).as_text().unwrap_or_default();
    let mut document = doc! {
        "_id": format!("{}/{key}", header.commit),
        "commit": &*header.commit,
        "batch": &*header.batch,
        "source": header.source.as_str(),
        "hour": date(header.hour.start()),
        "written": date(header.written),
    };
    document.extend(row.pairs().iter().map(|(key, value)| (key.to_string(), bson(value))));
    document
}
