//! MongoDB, the production store: ordinary collections with deterministic `_id`s. Durable and
//! read mean `w: majority, j: true`, read concern majority, from the primary; a URL that weakens
//! them is refused. Nothing here needs transactions, so a single node serves as well.

mod copy;
mod doc;
mod entries;
mod former;
mod known;
mod numbers;
mod open;
mod put;
mod read;
mod series;
mod sides;
mod standing;
mod take;
mod url;
mod views;
mod weight;
mod write;

use self::known::Numbers;
use self::url::{for_driver, refuse_weak, strict, time_limit};
use super::{Error, Result};
use crate::domain::gate::Gate;
use futures_util::future::try_join_all;
use mongodb::bson::{Document, doc};
use mongodb::error::{ErrorKind, WriteFailure};
use mongodb::options::ClientOptions;
use mongodb::{Client, Collection, Cursor, Database};
use std::cell::RefCell;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Documents of one insert, commits of one query.
const CHUNK: usize = 2_000;

/// Questions that a server is asked at once.
const ABREAST: usize = 4;

const DUPLICATE_KEY: i32 = 11000;
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
    /// Whether it was opened to write.
    writes: bool,
    /// The version that it has.
    version: u32,
    numbers: RefCell<Numbers>,
}

impl MongoDb {
    /// Finds its way to the server; nothing is asked of it yet.
    fn connect(url: &str, gate: Gate) -> Result<MongoDb> {
        let address = super::shown(url);
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
        Ok(MongoDb {
            runtime,
            database,
            address,
            limit,
            gate,
            writes: false,
            version: super::SCHEMA,
            numbers: RefCell::default(),
        })
    }

    fn client(&self) -> &Client {
        self.database.client()
    }

    fn all(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    /// Runs one operation within its time.
    fn ask<T>(
        &self,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> mongodb::error::Result<T> {
        self.runtime.block_on(self.in_time(operation))
    }

    async fn in_time<T>(
        &self,
        operation: impl Future<Output = mongodb::error::Result<T>>,
    ) -> mongodb::error::Result<T> {
        tokio::time::timeout(self.limit, operation).await.unwrap_or_else(|_| Err(self.late()))
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
        self.gated(name, || self.wait(operation))
    }

    fn gated<T>(&self, name: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass(name, lost, act)
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
                Error::Unreachable { store, cause, hint: self.right().into() }
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

    fn right(&self) -> &'static str {
        if self.writes { "may this user write there?" } else { "may this user read there?" }
    }

    fn malformed(&self, cause: impl ToString) -> Error {
        Error::Malformed { store: self.address.clone(), cause: cause.to_string() }
    }

    fn find(&self, collection: &str, filter: Document) -> Result<Vec<Document>> {
        let mut found = Vec::new();
        self.each(collection, filter, &mut |document| found.push(document))?;
        Ok(found)
    }

    fn each(
        &self,
        collection: &str,
        filter: Document,
        each: &mut dyn FnMut(Document),
    ) -> Result<()> {
        let collection = self.all(collection);
        let cursor = self.act("?store.read", async { collection.find(filter).await })?;
        self.drain(cursor, each)
    }

    fn aggregate(
        &self,
        collection: &str,
        stages: Vec<Document>,
        each: &mut dyn FnMut(Document),
    ) -> Result<()> {
        let collection = self.all(collection);
        let cursor = self.act("?store.read", async { collection.aggregate(stages).await })?;
        self.drain(cursor, each)
    }

    /// Documents by their ids, in any order. Far apart in a collection, each costs the server a
    /// page: it reads them with several threads.
    fn each_by_id(
        &self,
        collection: &str,
        ids: &[i64],
        each: &mut dyn FnMut(Document),
    ) -> Result<()> {
        let (collection, each) = (self.all(collection), RefCell::new(each));
        let share = ids.len().div_ceil(ABREAST).max(1);
        let shares = ids.chunks(share).map(async |ids| {
            let filter = doc! { "_id": { "$in": ids } };
            let mut cursor = self.in_time(async { collection.find(filter).await }).await?;
            while self.in_time(cursor.advance()).await? {
                each.borrow_mut()(cursor.deserialize_current()?);
            }
            Ok(())
        });
        let all = async { try_join_all(shares).await.map(drop) };
        self.gated("?store.read", || self.runtime.block_on(all).map_err(|error| self.error(&error)))
    }

    fn drain(&self, mut cursor: Cursor<Document>, each: &mut dyn FnMut(Document)) -> Result<()> {
        while self.wait(async { cursor.advance().await })? {
            each(cursor.deserialize_current().map_err(|error| self.error(&error))?);
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
