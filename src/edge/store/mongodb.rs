//! MongoDB, the production store: ordinary collections with deterministic `_id`s. Durable and
//! read mean `w: majority, j: true`, read concern majority, from the primary; a URL that weakens
//! them is refused. Nothing here needs transactions, so a single node serves as well.

use super::mongodb_doc::{bson, date, doc as read_doc, document, instant};
use super::mongodb_url::{for_driver, refuse_weak, shown, strict, time_limit};
use super::mongodb_views::{indexes, views};
use super::{Error, Feed, Header, Reader, Result, Stored, Table, Writer};
use crate::domain::document::{Doc, Malformed};
use crate::domain::gate::Gate;
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window};
use mongodb::bson::{Bson, Document, doc};
use mongodb::error::{ErrorKind, WriteFailure};
use mongodb::options::ClientOptions;
use mongodb::{Client, Collection, Database, IndexModel};
use std::ops::Range;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Documents of one insert, commits of one query.
const CHUNK: usize = 2_000;

const DUPLICATE_KEY: i32 = 11000;
const NAMESPACE_EXISTS: i32 = 48;
const OUT_OF_DISK_SPACE: i32 = 14031;
/// Unauthorized, and authentication failed: by the server, and by Atlas.
const REFUSALS: [i32; 3] = [13, 18, 8000];

pub struct MongoDb {
    runtime: Runtime,
    database: Database,
    address: String,
    /// How long one operation may take.
    limit: Duration,
    gate: Gate,
}

impl MongoDb {
    /// Connects, and makes the collections' indexes and views.
    pub fn open(url: &str, gate: Gate) -> Result<MongoDb> {
        let address = shown(url);
        let unreachable = |cause: String, hint: &str| Error::Unreachable {
            store: address.clone(),
            cause,
            hint: hint.into(),
        };
        refuse_weak(url).map_err(|cause| unreachable(cause, "leave the option out of the URL"))?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| unreachable(error.to_string(), ""))?;
        let options = runtime
            .block_on(async { ClientOptions::parse(for_driver(url)).await })
            .map_err(|error| unreachable(brief(&error), "mongodb://HOST:27017/daybook"))?;
        let name = options.default_database.clone().unwrap_or_else(|| "daybook".into());
        let client = {
            let _context = runtime.enter();
            Client::with_options(strict(options)).map_err(|e| unreachable(brief(&e), ""))?
        };
        let database = client.database(&name);
        let limit = time_limit(url);
        let store = MongoDb { runtime, database, address, limit, gate };
        let refused =
            |cause| Error::Unreachable { store: store.address.clone(), cause, hint: String::new() };
        store.gate.pass("store.open", refused, || store.prepare())?;
        Ok(store)
    }

    fn prepare(&self) -> Result<()> {
        let id = mongodb::bson::oid::ObjectId::new().to_hex();
        let meta = self.all("meta");
        let set = doc! { "$setOnInsert": { "value": id } };
        self.wait(async { meta.update_one(doc! { "_id": "id" }, set).upsert(true).await })?;
        for (collection, keys) in indexes() {
            let model = IndexModel::builder().keys(keys).build();
            self.wait(async { self.all(collection).create_index(model).await })?;
        }
        for (name, pipeline) in views() {
            let make = doc! { "create": name, "viewOn": "ledger", "pipeline": pipeline };
            match self.ask(async { self.database.run_command(make).await }) {
                Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => {}
                other => drop(other.map_err(|error| self.error(&error))?),
            }
        }
        Ok(())
    }

    fn all(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// Runs one operation within its time.
    fn ask<T>(
        &self,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> mongodb::error::Result<T> {
        self.runtime.block_on(async {
            tokio::time::timeout(self.limit, operation).await.unwrap_or_else(|_| Err(self.late()))
        })
    }

    fn late(&self) -> mongodb::error::Error {
        let words = format!("nothing came within {} s", self.limit.as_secs_f64());
        std::io::Error::new(std::io::ErrorKind::TimedOut, words).into()
    }

    fn wait<T>(&self, operation: impl Future<Output = mongodb::error::Result<T>>) -> Result<T> {
        self.ask(operation).map_err(|error| self.error(&error))
    }

    /// An operation behind the gate.
    fn act<T>(
        &self,
        name: &str,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> Result<T> {
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass(name, lost, || self.wait(operation))
    }

    fn error(&self, error: &mongodb::error::Error) -> Error {
        let (store, cause) = (self.address.clone(), brief(error));
        match &*error.kind {
            ErrorKind::ServerSelection { .. } | ErrorKind::DnsResolve { .. } => {
                let hint = "does mongod run there? nothing is lost: the next run goes on".into();
                Error::Unreachable { store, cause, hint }
            }
            ErrorKind::Authentication { .. } => {
                Error::Unreachable { store, cause, hint: "are name and password right?".into() }
            }
            ErrorKind::InvalidArgument { .. } => {
                Error::Unreachable { store, cause, hint: String::new() }
            }
            ErrorKind::Command(command) if REFUSALS.contains(&command.code) => {
                Error::Unreachable { store, cause, hint: "may this user write there?".into() }
            }
            ErrorKind::Command(command) if command.code == OUT_OF_DISK_SPACE => {
                let hint = "the server's disk is full; nothing is lost: the next run goes on";
                Error::Unreachable { store, cause, hint: hint.into() }
            }
            ErrorKind::BsonDeserialization(_) | ErrorKind::Bson(_) => {
                Error::Malformed { store, cause }
            }
            _ => Error::Unknown { store, cause },
        }
    }

    fn malformed(&self, cause: impl ToString) -> Error {
        Error::Malformed { store: self.address.clone(), cause: cause.to_string() }
    }

    fn find(&self, collection: &str, filter: Document) -> Result<Vec<Document>> {
        let mut found = Vec::new();
        self.each(collection, filter, &mut |document| {
            found.push(document);
            Ok(())
        })?;
        Ok(found)
    }

    fn each(
        &self,
        collection: &str,
        filter: Document,
        each: &mut dyn FnMut(Document) -> std::result::Result<(), Malformed>,
    ) -> Result<()> {
        let collection = self.all(collection);
        let mut cursor = self.act("?store.read", async { collection.find(filter).await })?;
        while self.wait(async { cursor.advance().await })? {
            let document = cursor.deserialize_current().map_err(|error| self.error(&error))?;
            each(document).map_err(|cause| self.malformed(cause))?;
        }
        Ok(())
    }
}

/// The server's words, without the driver's structure around them.
fn brief(error: &mongodb::error::Error) -> String {
    let text = error.kind.to_string();
    text.split(" Topology: ").next().unwrap_or_default().trim_end_matches('.').to_string()
}

fn code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        _ => None,
    }
}

impl Reader for MongoDb {
    fn address(&self) -> &str {
        &self.address
    }

    fn id(&self) -> Result<String> {
        let meta = self.all("meta");
        let found = self.act("?store.read", async { meta.find_one(doc! { "_id": "id" }).await })?;
        let found = found.ok_or_else(|| self.malformed("it has no id"))?;
        found.get_str("value").map(str::to_string).map_err(|error| self.malformed(error))
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        let mut feeds: Vec<Feed> = self
            .find("sources", doc! {})?
            .into_iter()
            .filter_map(|row| {
                let at = |key: &str| row.get_datetime(key).ok().and_then(|at| instant(*at));
                Some(Feed {
                    source: SourceName::parse(row.get_str("_id").ok()?)?,
                    home: row.get_str("home").unwrap_or_default().into(),
                    closed_through: at("closed_through"),
                    forgotten_through: at("forgotten_through"),
                })
            })
            .collect();
        feeds.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(feeds)
    }

    fn ledger(&self, source: &SourceName, day: Day) -> Result<Vec<Entry>> {
        let filter = doc! { "source": source.as_str(), "day": day.to_string() };
        let entries = self.find("ledger", filter)?.into_iter().map(|document| {
            let doc = read_doc(Bson::Document(document)).map_err(|error| self.malformed(error))?;
            Entry::read(&doc).map_err(|error| self.malformed(error))
        });
        entries.collect()
    }

    fn days(&self, source: &SourceName) -> Result<Vec<Day>> {
        let filter = doc! { "source": source.as_str() };
        let ledger = self.all("ledger");
        let days = self.act("?store.read", async { ledger.distinct("day", filter).await })?;
        let parse = |day: &Bson| day.as_str().and_then(|day| day.parse().ok());
        let mut days = days
            .iter()
            .map(|day| parse(day).ok_or_else(|| self.malformed(format!("day {day}"))))
            .collect::<Result<Vec<Day>>>()?;
        days.sort();
        Ok(days)
    }

    fn rows(
        &self,
        table: Table,
        commits: &[String],
        each: &mut dyn FnMut(Stored) -> std::result::Result<(), Malformed>,
    ) -> Result<()> {
        for chunk in commits.chunks(CHUNK) {
            let filter = doc! { "commit": { "$in": chunk } };
            self.each(table.name(), filter, &mut |document| {
                let doc = read_doc(Bson::Document(document))?;
                let commit = doc.get("commit").as_text()?.to_string();
                each(Stored { commit, doc })
            })?;
        }
        Ok(())
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
            let rows = self.all(table.name());
            let mut cursor = self.act("?store.read", async { rows.aggregate(stages).await })?;
            while self.wait(async { cursor.advance().await })? {
                let row = cursor.deserialize_current().map_err(|error| self.error(&error))?;
                headers.extend(header(source, &row).map_err(|error| self.malformed(error))?);
            }
        }
        Ok(headers)
    }
}

fn header(source: &SourceName, row: &Document) -> mongodb::bson::error::Result<Option<Header>> {
    let (hour, written) = (row.get_datetime("hour")?, row.get_datetime("written")?);
    let (batch, commit) = (row.get_str("batch")?.into(), row.get_str("_id")?.into());
    let source = source.clone();
    Ok(instant(*hour).map(Window::of).zip(instant(*written)).map(|(hour, written)| Header {
        source,
        hour,
        batch,
        commit,
        written,
    }))
}

impl Writer for MongoDb {
    fn put(&self, header: &Header, table: Table, rows: &[Doc]) -> Result<()> {
        let collection = self.all(table.name());
        for chunk in rows.chunks(CHUNK) {
            let documents: Vec<Document> =
                chunk.iter().map(|row| row_document(header, table, row)).collect();
            self.act("store.put", async {
                collection.insert_many(documents).ordered(false).await.map(drop)
            })?;
        }
        Ok(())
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        let mut document = document(entry.doc().pairs());
        let id = format!("{}/{}/{}", entry.source, entry.day(), entry.number);
        document.insert("_id", id);
        let ledger = self.all("ledger");
        self.act("store.append", async {
            match ledger.insert_one(document).await {
                Err(error) if code(&error) == Some(DUPLICATE_KEY) => Ok(false),
                other => other.map(|_| true),
            }
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

    fn raise(&self, source: &SourceName, through: Instant) -> Result<()> {
        let update = doc! { "$max": { "closed_through": date(through) } };
        self.update_source("store.raise", source, update)
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        let mark = doc! { "$max": { "forgotten_through": date(through) } };
        self.update_source("store.forget", source, mark)?;
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
        self.update_source("store.claim", source, doc! { "$set": { "home": home } })
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

    fn update_source(&self, name: &str, source: &SourceName, update: Document) -> Result<()> {
        let sources = self.all("sources");
        let filter = doc! { "_id": source.as_str() };
        self.act(name, async { sources.update_one(filter, update).upsert(true).await.map(drop) })
    }
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
