//! Side rows in a MongoDB store: the collection `sides`, a document for each id.

use super::doc::date;
use super::put::{bytes, read_at, read_hash, read_values, values_document};
use super::{CHUNK, MongoDb};
use crate::domain::document::Malformed;
use crate::domain::name::SourceName;
use crate::domain::record::Version;
use crate::domain::side::Side;
use crate::domain::time::Instant;
use crate::edge::store::Result;
use mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeSet;

impl MongoDb {
    pub(super) fn sides_of(
        &self,
        source: &SourceName,
        ids: Option<&BTreeSet<String>>,
        each: &mut dyn FnMut(Side),
    ) -> Result<()> {
        let mut odd = None;
        let mut enter = |document: Document| match side(&document) {
            Ok(side) => each(side),
            Err(why) => drop(odd.get_or_insert(why)),
        };
        match ids {
            None => self.each("sides", doc! { "source": source.as_str() }, &mut enter)?,
            Some(ids) => {
                let names: Vec<String> = ids.iter().map(|id| name(source, id)).collect();
                for chunk in names.chunks(CHUNK) {
                    self.each("sides", doc! { "_id": { "$in": chunk } }, &mut enter)?;
                }
            }
        }
        odd.map_or(Ok(()), |why| Err(self.malformed(why.to_string())))
    }

    /// Those that are new are inserted together; few others change.
    pub(super) fn keep_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        let ids: BTreeSet<String> = sides.iter().map(|side| side.id.clone()).collect();
        let mut known = BTreeSet::new();
        self.sides_of(source, Some(&ids), &mut |side| {
            known.insert(side.id);
        })?;
        let collection = self.all("sides");
        let (old, new): (Vec<&Side>, Vec<&Side>) =
            sides.iter().partition(|side| known.contains(&side.id));
        let new: Vec<Document> = new.into_iter().map(|side| document(source, side)).collect();
        for chunk in new.chunks(CHUNK) {
            self.act("store.side", async {
                collection.insert_many(chunk).ordered(false).await.map(drop)
            })?;
        }
        for side in old {
            let filter = doc! { "_id": name(source, &side.id) };
            self.act("store.side", async {
                let document = document(source, side);
                collection.replace_one(filter, document).upsert(true).await.map(drop)
            })?;
        }
        Ok(())
    }
}

fn name(source: &SourceName, id: &str) -> String {
    format!("{source}/{id}")
}

fn document(source: &SourceName, side: &Side) -> Document {
    let Version { updated, instant, hash } = side.version;
    doc! {
        "_id": name(source, &side.id),
        "source": source.as_str(),
        "id": &*side.id,
        "updated": updated.map(date),
        "instant": date(instant),
        "hash": bytes(hash),
        "values": side.values.as_ref().map_or(Bson::Null, |v| Bson::Document(values_document(v))),
        "withdrawn": side.withdrawn.map(date),
    }
}

fn side(document: &Document) -> std::result::Result<Side, Malformed> {
    let needed = |at: Option<Instant>| at.ok_or_else(|| Malformed("an instant is missing".into()));
    let values = match document.get("values") {
        None | Some(Bson::Null) => None,
        Some(_) => Some(read_values(document)?),
    };
    Ok(Side {
        id: document.get_str("id").unwrap_or_default().into(),
        version: Version {
            updated: read_at(document, "updated")?,
            instant: needed(read_at(document, "instant")?)?,
            hash: read_hash(document)?,
        },
        values,
        withdrawn: read_at(document, "withdrawn")?,
    })
}
