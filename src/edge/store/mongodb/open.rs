//! Opening a MongoDB store: a reader asks and makes nothing; a writer makes what is missing, and
//! brings a store of an older version to this one. Each step may be done again, and the number
//! is written last: who dies between two of them leaves an older store.

use super::numbers::ROWS;
use super::views::{View, formers, indexes, views};
use super::{MongoDb, code};
use crate::domain::gate::Gate;
use crate::domain::name::JOURNALS;
use crate::edge::store::{CELLS, Error, Result, SCHEMA, Table, newer};
use mongodb::IndexModel;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::IndexOptions;

const NAMESPACE_EXISTS: i32 = 48;

/// How often others may come between two steps.
const TRIES: usize = 5;

impl MongoDb {
    /// Opens a database to read it; `None` where there is no store.
    pub fn reader(url: &str, gate: Gate) -> Result<Option<MongoDb>> {
        let mut store = MongoDb::connect(url, gate)?;
        store.version = store.opened(|| store.version())?;
        match store.version {
            0 => Ok(None),
            known if known > SCHEMA => Err(newer(store.address, known)),
            _ => Ok(Some(store)),
        }
    }

    /// Opens a database, and makes what is missing.
    pub fn writer(url: &str, gate: Gate, tell: &dyn Fn(&str)) -> Result<MongoDb> {
        let mut store = MongoDb::connect(url, gate)?;
        store.writes = true;
        let known = store.opened(|| store.version())?;
        if known > SCHEMA {
            return Err(newer(store.address, known));
        }
        if known < SCHEMA {
            if known > 0 {
                tell(&format!("{}: from version {known} to {SCHEMA}", store.address));
            }
            // Another one that does the same may be done, and take away what this one reads.
            let built = if known < CELLS { store.build(tell) } else { store.rebuild() };
            if built.is_err() && store.version()? < SCHEMA {
                built?;
            }
        } else {
            store.drop_former()?;
            store.renew_views()?;
        }
        Ok(store)
    }

    fn opened<T>(&self, open: impl FnOnce() -> Result<T>) -> Result<T> {
        let refused =
            |cause| Error::Unreachable { store: self.address.clone(), cause, hint: String::new() };
        self.gate.pass("store.open", refused, open)
    }

    /// Version of a store: 0 where there is nothing yet. Those of before versions say nothing.
    fn version(&self) -> Result<u32> {
        let kept = self.find("store", doc! {})?;
        let named = |id: &str| kept.iter().find(|row| row.get_str("_id").is_ok_and(|is| is == id));
        if let Some(number) = named("schema") {
            let number = number.get_i32("value").ok().and_then(|n| u32::try_from(n).ok());
            return number.ok_or_else(|| self.malformed("its version is no number"));
        }
        // One that a run left on its way has its id in either place.
        Ok(u32::from(named("id").is_some() || self.old_id()?.is_some()))
    }

    /// The id of a store, from where version 1 kept it; later ones show it there.
    pub(super) fn old_id(&self) -> Result<Option<String>> {
        let found = self.find("meta", doc! { "_id": "id" })?;
        Ok(found.first().and_then(|row| row.get_str("value").ok()).map(str::to_string))
    }

    pub(super) fn build(&self, tell: &dyn Fn(&str)) -> Result<()> {
        let id = self.old_id()?.unwrap_or_else(|| ObjectId::new().to_hex());
        let keep = doc! { "$setOnInsert": { "value": id } };
        self.set("store.migrate.id", "id", keep)?;
        self.hide_meta()?;
        self.part_journals()?;
        for (table, view) in Table::BOTH.into_iter().zip(formers()) {
            self.put_aside(table, &view)?;
        }
        self.make_rows()?;
        for (collection, keys) in indexes() {
            tell(&format!("{}: an index of {collection}", self.address));
            let unique = keys.contains_key("commit") && collection == "commits";
            let options = IndexOptions::builder().unique(unique).build();
            let model = IndexModel::builder().keys(keys).options(options).build();
            let collection = self.all(collection);
            let make = async { collection.create_index(model).await.map(drop) };
            self.act("store.migrate.index", make)?;
        }
        for table in Table::BOTH {
            self.take_over(table, tell)?;
        }
        self.rebuild()?;
        self.drop_former()
    }

    /// Since rows are cells only views changed, and what may stand in rows.
    fn rebuild(&self) -> Result<()> {
        for view in views() {
            self.replace("store.migrate.view", &view)?;
        }
        self.set("store.migrate.number", "schema", doc! { "$set": { "value": SCHEMA as i32 } })
    }

    /// Views are for people: where a program of before made that of the journals, in a store of
    /// this version, it is made anew.
    fn renew_views(&self) -> Result<()> {
        for view in views().iter().filter(|view| view.name == "journals") {
            if !self.is_there(view)? {
                self.replace("store.migrate.view", view)?;
            }
        }
        Ok(())
    }

    /// Rows are compressed well, where the server can; else as it does by itself.
    fn make_rows(&self) -> Result<()> {
        for name in ROWS {
            let well = doc! { "wiredTiger": { "configString": "block_compressor=zstd" } };
            let make = doc! { "create": name, "storageEngine": well };
            self.act("store.migrate.rows", async {
                match self.database.run_command(make).await {
                    Err(error) if code(&error).is_some() => Ok(()),
                    other => other.map(drop),
                }
            })?;
        }
        Ok(())
    }

    /// What there was of journals stays one ledger, that of the home that fed them last.
    fn part_journals(&self) -> Result<()> {
        let Some(owner) = self.owner()? else { return Ok(()) };
        let unkept = doc! { "source": JOURNALS, "keeper": { "$exists": false } };
        let keep = doc! { "$set": { "keeper": &owner } };
        let ledger = self.all("ledger");
        self.act("store.migrate.keeper", async {
            ledger.update_many(unkept, keep).await.map(drop)
        })?;
        let old = doc! { "_id": JOURNALS };
        let Some(mut row) = self.find("sources", old.clone())?.pop() else { return Ok(()) };
        row.remove("_id");
        let sources = self.all("sources");
        let filter = doc! { "_id": format!("{JOURNALS}@{owner}") };
        self.act("store.migrate.feed", async {
            sources.update_one(filter, doc! { "$setOnInsert": row }).upsert(true).await.map(drop)
        })?;
        self.act("store.migrate.feed-gone", async { sources.delete_one(old).await.map(drop) })
    }

    pub(super) fn set(&self, step: &str, id: &str, update: Document) -> Result<()> {
        let store = self.all("store");
        let filter = doc! { "_id": id };
        self.act(step, async { store.update_one(filter, update).upsert(true).await.map(drop) })
    }

    /// Programs of before version 2 write to `meta` as they open a store: they fail where it is a
    /// view. One that comes just between makes it anew, and finds a store that is not its home's.
    fn hide_meta(&self) -> Result<()> {
        self.replace(
            "store.migrate.meta",
            &View { name: "meta", on: "store", pipeline: Vec::new() },
        )
    }

    /// Makes a view of what has its name, unless it is that view: others may be at the same work.
    fn replace(&self, step: &str, view: &View) -> Result<()> {
        for _ in 0..TRIES {
            if self.make_view(view)? || self.is_there(view)? {
                return Ok(());
            }
            self.drop_one(step, view.name)?;
        }
        Err(self.malformed(format!("others are at work on {}: try again", view.name)))
    }

    /// Whether there was none of that name.
    pub(super) fn make_view(&self, view: &View) -> Result<bool> {
        let make =
            doc! { "create": view.name, "viewOn": view.on, "pipeline": view.pipeline.clone() };
        self.act("store.migrate.view", async {
            match self.database.run_command(make).await {
                Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => Ok(false),
                other => other.map(|_| true),
            }
        })
    }

    pub(super) fn is_there(&self, view: &View) -> Result<bool> {
        let named = doc! { "listCollections": 1, "filter": { "name": view.name, "type": "view" } };
        let list = self.act("?store.read", async { self.database.run_command(named).await })?;
        let found = list.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
        let found = found.ok().and_then(|all| all.first()?.as_document());
        let options = found.and_then(|found| found.get_document("options").ok());
        let is_it = |options: &Document| {
            let pipeline: Vec<Bson> = view.pipeline.iter().cloned().map(Bson::from).collect();
            options.get_str("viewOn").is_ok_and(|on| on == view.on)
                && options.get_array("pipeline").is_ok_and(|known| *known == pipeline)
        };
        Ok(options.is_some_and(is_it))
    }

    pub(super) fn drop_one(&self, step: &str, name: &str) -> Result<()> {
        let collection = self.all(name);
        self.act(step, async { collection.drop().await })
    }
}
