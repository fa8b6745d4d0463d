//! The ledger of a MongoDB store, read back.

use super::MongoDb;
use super::doc::doc as read_doc;
use crate::domain::document::Doc;
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::time::Day;
use crate::edge::store::{Reader, Result};
use mongodb::bson::{Bson, Document, doc};

impl MongoDb {
    /// The entries of a day; of some keys, these values.
    pub(super) fn entries_as(
        &self,
        source: &SourceName,
        day: Day,
        values: Document,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        let mut stages = vec![doc! {
            "$match": { "source": source.as_str(), "day": day.to_string() },
        }];
        if !values.is_empty() {
            stages.push(doc! { "$set": values });
        }
        let mut entries = Vec::new();
        self.aggregate("ledger", stages, &mut |row| entries.push(entry(row)))?;
        if source.is_journals() {
            self.keep(entries.iter_mut().flatten().filter(|entry| entry.keeper.is_empty()))?;
        }
        Ok(entries)
    }

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

fn entry(document: Document) -> std::result::Result<Entry, Unread> {
    let id = document.get_str("_id").unwrap_or_default();
    let number = id.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    // Its hour may be readable where something else is not.
    let hour = document.get("hour").cloned().and_then(|hour| read_doc(hour).ok());
    let known = Doc::map([("hour", hour.unwrap_or(Doc::Null))]);
    let doc = read_doc(Bson::Document(document));
    doc.and_then(|doc| Entry::read(&doc)).map_err(|why| Unread::of(number, &known, why))
}
