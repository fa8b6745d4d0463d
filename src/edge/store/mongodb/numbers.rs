//! The numbers by which rows of a MongoDB store name their commit and their fields. None is given
//! twice: a row that arrives late never meets another's. A commit is told before its rows.

use super::put::{AllFields, IN_ORDER, SHIFT, field_document, header_document, read_field};
use super::{DUPLICATE_KEY, MongoDb, code};
use crate::domain::row::{Cells, Measure};
use crate::edge::store::{Header, Result};
use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;
use std::collections::HashMap;

/// So many numbers are taken at once; those that a run does not use are never given.
const AT_ONCE: i64 = 32;

impl MongoDb {
    /// A number that was never given.
    pub(super) fn number(&self) -> Result<i64> {
        if let Some(number) = self.numbers.borrow_mut().free.next() {
            return Ok(number);
        }
        let (store, filter) = (self.all("store"), doc! { "_id": "numbers" });
        let more = doc! { "$inc": { "value": AT_ONCE } };
        let found = self.act("store.number", async {
            store
                .find_one_and_update(filter, more)
                .upsert(true)
                .return_document(ReturnDocument::After)
                .await
        })?;
        let end = found.and_then(|found| found.get_i64("value").ok());
        let end = end.ok_or_else(|| self.malformed("it gives no numbers"))?;
        let mut free = end - AT_ONCE + 1..end + 1;
        let number = free.next().unwrap_or(end);
        self.numbers.borrow_mut().free = free;
        Ok(number)
    }

    /// Goes on behind all numbers that were given.
    pub(super) fn number_on(&self) -> Result<()> {
        let mut last = 0;
        for collection in ["commits", "fields"] {
            let greatest = vec![doc! { "$group": { "_id": null, "last": { "$max": "$_id" } } }];
            self.aggregate(collection, greatest, &mut |row| {
                last = last.max(row.get_i64("last").unwrap_or(0));
            })?;
        }
        self.set("store.fill", "numbers", doc! { "$max": { "value": last } })
    }

    /// The number of a commit, and the id of its next row, for rows that are in order or not.
    pub(super) fn place(&self, header: &Header, in_order: bool) -> Result<(i64, i64)> {
        let begun = self.numbers.borrow().commit.clone();
        if let Some((_, number, next)) = begun.filter(|(known, ..)| *known == header.commit) {
            self.disorder(number)?;
            return Ok((number, next));
        }
        let number = self.number()?;
        let commits = self.all("commits");
        let document = header_document(header, number, in_order);
        let fresh = self.act("store.header", async {
            match commits.insert_one(document).await {
                Err(error) if code(&error) == Some(DUPLICATE_KEY) => Ok(false),
                other => other.map(|_| true),
            }
        })?;
        match fresh {
            true => Ok((number, number << SHIFT)),
            false => self.known_place(&header.commit),
        }
    }

    /// Of a commit that has a number already: behind its last row.
    fn known_place(&self, commit: &str) -> Result<(i64, i64)> {
        let known = self.numbers_of(std::slice::from_ref(&commit.to_string()))?;
        let odd = || self.malformed(format!("the commit {commit} has no number"));
        let number = *known.values().next().ok_or_else(odd)?;
        self.disorder(number)?;
        let mut next = number << SHIFT;
        for collection in ROWS {
            let range = doc! { "_id": { "$gte": number << SHIFT, "$lt": (number + 1) << SHIFT } };
            let last = vec![
                doc! { "$match": range },
                doc! { "$group": { "_id": null, "last": { "$max": "$_id" } } },
            ];
            self.aggregate(collection, last, &mut |row| {
                next = next.max(row.get_i64("last").map_or(next, |last| last + 1));
            })?;
        }
        Ok((number, next))
    }

    /// More rows come behind those that a commit has.
    fn disorder(&self, number: i64) -> Result<()> {
        let (commits, filter) = (self.all("commits"), doc! { "_id": number });
        let unsaid = doc! { "$set": { IN_ORDER: false } };
        self.act("store.header", async { commits.update_one(filter, unsaid).await.map(drop) })
    }

    pub(super) fn placed(&self, header: &Header, number: i64, next: i64) {
        self.numbers.borrow_mut().commit = Some((header.commit.clone(), number, next));
    }

    pub(super) fn forget_place(&self) {
        self.numbers.borrow_mut().commit = None;
    }

    /// The numbers of some commits.
    pub(super) fn numbers_of(&self, commits: &[String]) -> Result<HashMap<String, i64>> {
        let mut found = HashMap::new();
        self.each("commits", doc! { "commit": { "$in": commits } }, &mut |row| {
            let name = row.get_str("commit").ok().map(str::to_string);
            found.extend(name.zip(row.get_i64("_id").ok()));
        })?;
        Ok(found)
    }

    /// Gives each field of some rows a number that it has not, and tells it.
    pub(super) fn know_fields<'a>(
        &self,
        source: &str,
        rows: impl Iterator<Item = &'a Cells>,
    ) -> Result<()> {
        for (name, measure, _) in rows.flat_map(|cells| &cells.fields) {
            if self.field(source, name, measure).is_some() {
                continue;
            }
            self.read_fields(source)?;
            if self.field(source, name, measure).is_none() {
                let number = self.number()?;
                let fields = self.all("fields");
                let document = field_document(number, source, name, measure);
                self.act("store.field", async { fields.insert_one(document).await.map(drop) })?;
                let known = &mut self.numbers.borrow_mut().fields;
                let known = known.entry(source.into()).or_default();
                known.push((name.clone(), measure.clone(), number));
            }
        }
        Ok(())
    }

    pub(super) fn field(&self, source: &str, name: &str, measure: &Measure) -> Option<i64> {
        let known = self.numbers.borrow();
        let mut of_source = known.fields.get(source)?.iter();
        of_source.find(|(known, kind, _)| known == name && kind == measure).map(|(.., n)| *n)
    }

    fn read_fields(&self, source: &str) -> Result<()> {
        let mut found = Vec::new();
        self.each("fields", doc! { "source": source }, &mut |row: Document| {
            if let (Ok(number), Ok((name, measure))) = (row.get_i64("_id"), read_field(&row)) {
                found.push((name, measure, number));
            }
        })?;
        self.numbers.borrow_mut().fields.insert(source.into(), found);
        Ok(())
    }

    /// All fields, by their numbers.
    pub(super) fn all_fields(&self) -> Result<AllFields> {
        let mut found = AllFields::new();
        self.each("fields", doc! {}, &mut |row: Document| {
            found.extend(row.get_i64("_id").ok().map(|number| (number, read_field(&row))));
        })?;
        Ok(found)
    }
}

/// The collections that hold rows.
pub(super) const ROWS: [&str; 3] = ["summary_rows", "record_rows", "runs"];
