//! A MongoDB store as a copy, and a store filled from one: a file of BSON documents for each
//! collection, as `mongodump` writes them.

use super::{CHUNK, MongoDb};
use crate::domain::gate::Gate;
use crate::edge::store::{Error, FILLING, Reader, Result, SCHEMA};
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeMap;
use std::fs::{File, create_dir_all};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// What is copied after the ledger was read: rows stand before an entry that names them, and
/// texts too.
const NAMED: [&str; 7] =
    ["summary_rows", "record_rows", "runs", "commits", "fields", "labels", "declarations"];
/// All collections, in the order in which they are filled; those that only stores of before version
/// 4 had first, under the names from which their rows are taken over.
const ALL: [(&str, &str); 11] = [
    ("summaries", "summaries_3"),
    ("records", "records_3"),
    ("declarations", "declarations"),
    ("summary_rows", "summary_rows"),
    ("record_rows", "record_rows"),
    ("runs", "runs"),
    ("commits", "commits"),
    ("fields", "fields"),
    ("labels", "labels"),
    ("ledger", "ledger"),
    ("sources", "sources"),
];

/// How often a ledger may change in a way that a copy cannot bear.
const TRIES: usize = 5;
/// Bytes of one insert: a single document may have 16 MiB.
const PIECE_BYTES: usize = 16 << 20;

impl MongoDb {
    /// No snapshot is asked of the server, which a single one could not give. Sources are read
    /// before the ledger, so that none is said to be closed further than it is; rows after it.
    /// Rows go only once their entry is replaced or removed: then it is begun again.
    pub(super) fn copy(&self, folder: &Path) -> Result<()> {
        if self.version != SCHEMA {
            let cause = format!("it is of version {}, and only {SCHEMA} is copied", self.version);
            let hint = "a run of this summarizer brings it there".into();
            return Err(Error::Unreachable { store: self.address.clone(), cause, hint });
        }
        create_dir_all(folder).map_err(|error| self.lost(error))?;
        for _ in 0..TRIES {
            let before = self.forgotten()?;
            self.write_out("store", folder)?;
            self.write_out("sources", folder)?;
            let entries = self.write_out("ledger", folder)?;
            NAMED.iter().try_for_each(|name| self.write_out(name, folder).map(drop))?;
            if self.forgotten()? == before && self.still_counts(&entries)? {
                let synced = File::open(folder).and_then(|folder| folder.sync_all());
                return synced.map_err(|error| self.lost(error));
            }
        }
        Err(self.malformed("hours were counted again all the while: try again"))
    }

    fn lost(&self, error: impl ToString) -> Error {
        Error::Unreachable {
            store: self.address.clone(),
            cause: error.to_string(),
            hint: "is there room for a copy?".into(),
        }
    }

    fn forgotten(&self) -> Result<Vec<(String, Option<String>)>> {
        let feeds = self.feeds()?.into_iter();
        let told =
            |at: Option<crate::domain::time::Instant>| at.map(|at| at.timestamp().to_string());
        Ok(feeds.map(|feed| (feed.source.to_string(), told(feed.forgotten_through))).collect())
    }

    /// Whether all these entries are there, and no later one replaces any.
    fn still_counts(&self, known: &BTreeMap<String, bool>) -> Result<bool> {
        let now = self.ids("ledger")?;
        let all_there = known.keys().all(|id| now.contains_key(id));
        let replaced = now.iter().any(|(id, replaces)| *replaces && !known.contains_key(id));
        Ok(all_there && !replaced)
    }

    fn ids(&self, name: &str) -> Result<BTreeMap<String, bool>> {
        let mut ids = BTreeMap::new();
        self.each(name, doc! {}, &mut |document| ids.extend([id(&document)]))?;
        Ok(ids)
    }

    /// Writes a collection into a file, and gives its ids.
    fn write_out(&self, name: &str, folder: &Path) -> Result<BTreeMap<String, bool>> {
        let path = folder.join(format!("{name}.bson"));
        let mut out = BufWriter::new(File::create(&path).map_err(|error| self.lost(error))?);
        let (mut ids, mut failed) = (BTreeMap::new(), None);
        self.each(name, doc! {}, &mut |document| {
            if failed.is_none() {
                failed = document.to_writer(&mut out).err().map(|error| error.to_string());
            }
            if name == "ledger" {
                ids.extend([id(&document)]);
            }
        })?;
        if let Some(error) = failed {
            return Err(self.lost(error));
        }
        let flushed = out.flush().and_then(|()| out.get_ref().sync_all());
        flushed.map_err(|error| self.lost(error))?;
        Ok(ids)
    }
}

/// What tells an entry apart, and whether it replaces others.
fn id(document: &Document) -> (String, bool) {
    let id = document.get("_id").map(ToString::to_string).unwrap_or_default();
    (id, !document.get_str("kind").is_ok_and(|kind| kind == "adds"))
}

impl MongoDb {
    /// Fills an empty database. As long as this goes on its version is one that no program uses.
    pub fn fill(url: &str, gate: Gate, folder: &Path, mark: &str) -> Result<()> {
        let mut store = MongoDb::connect(url, gate)?;
        store.writes = true;
        let mut kept = Vec::new();
        store.each_piece("store", folder, &mut |rows| {
            kept.extend(rows);
            Ok(())
        })?;
        if !store.begin(mark)? {
            return Ok(());
        }
        for (file, name) in ALL {
            if folder.join(format!("{file}.bson")).exists() {
                store.fill_one((file, name), folder)?;
            }
        }
        store.number_on()?;
        let ids = kept.into_iter().filter(|row| row.get_str("_id").is_ok_and(|id| id == "id"));
        for row in ids {
            let value = row.get("value").cloned().unwrap_or(Bson::Null);
            store.set("store.fill", "id", doc! { "$set": { "value": value } })?;
        }
        // It makes indexes and views, and writes the version last.
        store.build(&|_| {})
    }

    /// An error unless there is nothing in this database.
    pub fn refuse_used(url: &str, gate: Gate) -> Result<()> {
        MongoDb::connect(url, gate)?.refuse_full()
    }

    fn refuse_full(&self) -> Result<()> {
        let database = self.database.clone();
        let names = async { database.list_collection_names().await };
        let names = self.act("?store.read", names)?;
        if names.iter().all(|name| name.starts_with("system.")) {
            return Ok(());
        }
        let why = "there is something in it already, and it is not touched";
        Err(self.unfit(why, "give an empty one: --store mongodb://HOST/DATABASE"))
    }

    fn unfit(&self, cause: &str, hint: &str) -> Error {
        let (store, cause) = (self.address.clone(), cause.to_string());
        Error::Unreachable { store, cause, hint: hint.into() }
    }

    /// Marks the database as one that is being filled; whether it is not full yet.
    fn begin(&self, mark: &str) -> Result<bool> {
        let schema = self.find("store", doc! { "_id": "schema" })?.pop();
        let Some(schema) = schema else {
            self.refuse_full()?;
            let begun = doc! { "_id": "schema", "value": FILLING as i32, "filling": mark };
            let store = self.all("store");
            self.act("store.fill", async { store.insert_one(begun).await.map(drop) })?;
            return Ok(true);
        };
        if !schema.get_str("filling").is_ok_and(|known| known == mark) {
            self.refuse_full()?;
        }
        if !schema.get_i32("value").is_ok_and(|value| value == FILLING as i32) {
            return Ok(false);
        }
        ALL.iter().try_for_each(|(_, name)| self.drop_one("store.fill", name))?;
        Ok(true)
    }

    /// Reads documents of a collection from a file, as many as go into one insert at once.
    fn each_piece(
        &self,
        name: &str,
        folder: &Path,
        each: &mut dyn FnMut(Vec<Document>) -> Result<()>,
    ) -> Result<()> {
        let path = folder.join(format!("{name}.bson"));
        let file = File::open(&path).map_err(|error| {
            let why = format!("the backup holds no MongoDB store: {}: {error}", path.display());
            self.unfit(&why, "give --store")
        })?;
        let odd = |why: String| self.unfit(&format!("cannot read {}: {why}", path.display()), "");
        let mut file = BufReader::new(file);
        let (mut piece, mut bytes) = (Vec::new(), 0);
        while !file.fill_buf().map_err(|error| odd(error.to_string()))?.is_empty() {
            let document = Document::from_reader(&mut file).map_err(|e| odd(e.to_string()))?;
            bytes += document.to_vec().map_or(0, |bytes| bytes.len());
            piece.push(document);
            if piece.len() == CHUNK || bytes > PIECE_BYTES {
                each(std::mem::take(&mut piece))?;
                bytes = 0;
            }
        }
        if piece.is_empty() { Ok(()) } else { each(piece) }
    }

    fn fill_one(&self, (file, name): (&str, &str), folder: &Path) -> Result<()> {
        let collection = self.all(name);
        self.each_piece(file, folder, &mut |documents| {
            self.act("store.fill", async {
                collection.insert_many(documents).ordered(false).await.map(drop)
            })
        })
    }
}
