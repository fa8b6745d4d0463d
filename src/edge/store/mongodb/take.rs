//! How a MongoDB store of before version 4 becomes one of today. Its rows get other names, under
//! which nobody writes; views take their places, so that programs of before fail as they write.
//! Then each commit is written as today, which may be done again, by several at once, too.

use super::former::{all_former, aside, stored};
use super::put::header_document;
use super::views::View;
use super::{CHUNK, DUPLICATE_KEY, MongoDb, code};
use crate::domain::row::Kept;
use crate::edge::store::{Header, Result, Table};
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;
use std::collections::BTreeMap;

/// No such collection; or a view has its name.
const GONE: [i32; 2] = [26, 166];
const NAMESPACE_EXISTS: i32 = 48;

/// How often programs of before may write between two steps.
const TRIES: usize = 20;

impl MongoDb {
    /// Puts the rows of before aside, and views in their places.
    pub(super) fn put_aside(&self, table: Table, view: &View) -> Result<()> {
        let [old, aside, left] = all_former(table);
        for _ in 0..TRIES {
            // What a program of before wrote after its rows were put aside goes there, too.
            let rows = self.find(&left, doc! {})?;
            if !rows.is_empty() {
                self.insert_anew(&aside, rows)?;
                self.drop_one("store.migrate.aside", &left)?;
            }
            if self.is_there(view)? {
                return Ok(());
            }
            if !self.rename(&old, &aside)? {
                self.rename(&old, &left)?;
                continue;
            }
            if self.make_view(view)? {
                return Ok(());
            }
        }
        Err(self.malformed(format!("others are at work on {old}: try again")))
    }

    /// Gives a collection another name, unless that is taken; whether nothing has the old one.
    fn rename(&self, from: &str, to: &str) -> Result<bool> {
        let name = self.database.name();
        let command = doc! {
            "renameCollection": format!("{name}.{from}"),
            "to": format!("{name}.{to}"),
        };
        let admin = self.client().database("admin");
        self.act("store.migrate.aside", async {
            match admin.run_command(command).await {
                Err(error) if code(&error).is_some_and(|code| GONE.contains(&code)) => Ok(true),
                Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => Ok(false),
                other => other.map(|_| true),
            }
        })
    }

    /// Inserts documents unless they are there.
    fn insert_anew(&self, name: &str, documents: Vec<Document>) -> Result<()> {
        let collection = self.all(name);
        for chunk in documents.chunks(CHUNK) {
            self.act("store.migrate.rows", async {
                match collection.insert_many(chunk).ordered(false).await {
                    Err(error) if is_there_already(&error) => Ok(()),
                    other => other.map(drop),
                }
            })?;
        }
        Ok(())
    }

    /// Writes all rows that were put aside as rows of today. One that cannot be read is left: its
    /// hour was damaged, and remains so.
    pub(super) fn take_over(&self, table: Table, tell: &dyn Fn(&str)) -> Result<()> {
        let headers = self.former_headers(&aside(table), doc! {})?;
        for (place, header) in headers.iter().enumerate() {
            if place % 1000 == 0 {
                let all = headers.len();
                tell(&format!("{}: {}, {place} of {all} commits", self.address, table.name()));
            }
            self.take_over_one(table, header)?;
        }
        Ok(())
    }

    fn take_over_one(&self, table: Table, header: &Header) -> Result<()> {
        let number = self.number_for(header)?;
        // In order of their ids, so that each has the same place whoever does it.
        let mut found: BTreeMap<String, Document> = BTreeMap::new();
        self.each(&aside(table), doc! { "commit": &header.commit }, &mut |row| {
            found.insert(row.get_str("_id").unwrap_or_default().into(), row);
        })?;
        let rows = found.into_values().filter_map(|row| stored(table, row).row.ok());
        let rows: Vec<Kept> = rows.collect();
        for (name, documents) in self.documents(header, &rows, number, 0)? {
            self.insert_anew(name, documents)?;
        }
        Ok(())
    }

    /// The number that a commit has, or gets: the first who asks gives it.
    fn number_for(&self, header: &Header) -> Result<i64> {
        let known = |store: &MongoDb| -> Result<Option<i64>> {
            let found = store.numbers_of(std::slice::from_ref(&header.commit))?;
            Ok(found.into_values().next())
        };
        if let Some(number) = known(self)? {
            return Ok(number);
        }
        let (number, commits) = (self.number()?, self.all("commits"));
        let document = header_document(header, number, false);
        self.act("store.migrate.header", async {
            match commits.insert_one(document).await {
                Err(error) if code(&error) == Some(DUPLICATE_KEY) => Ok(()),
                other => other.map(drop),
            }
        })?;
        known(self)?.ok_or_else(|| self.malformed(format!("{} got no number", header.commit)))
    }

    /// What was taken over goes. One who dies here leaves it to the next.
    pub(super) fn drop_former(&self) -> Result<()> {
        let names: Vec<String> = Table::BOTH.map(aside).into();
        let list = doc! { "listCollections": 1, "filter": { "name": { "$in": &names } } };
        let found = self.act("?store.read", async { self.database.run_command(list).await })?;
        let left = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
        if left.is_ok_and(|left| !left.is_empty()) {
            names.iter().try_for_each(|name| self.drop_one("store.migrate.done", name))?;
        }
        Ok(())
    }
}

fn is_there_already(error: &mongodb::error::Error) -> bool {
    match &*error.kind {
        ErrorKind::InsertMany(many) => {
            let errors = many.write_errors.iter().flatten();
            many.write_concern_error.is_none()
                && errors.clone().count() > 0
                && errors.into_iter().all(|one| one.code == DUPLICATE_KEY)
        }
        _ => code(error) == Some(DUPLICATE_KEY),
    }
}
