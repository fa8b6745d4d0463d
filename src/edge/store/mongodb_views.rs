//! What a database holds beside our documents: indexes, and views for people in mongosh.

use mongodb::bson::{Document, doc};

/// Collection, name and keys of each index.
pub fn indexes() -> Vec<(&'static str, Document)> {
    vec![
        ("ledger", doc! { "source": 1, "day": 1 }),
        ("summaries", doc! { "source": 1, "hour": 1 }),
        ("summaries", doc! { "commit": 1 }),
        ("records", doc! { "source": 1, "hour": 1 }),
        ("records", doc! { "source": 1, "time": 1 }),
        ("records", doc! { "source": 1, "id": 1 }),
        ("records", doc! { "commit": 1 }),
    ]
}

/// A view, and what it looks at.
pub struct View {
    pub name: &'static str,
    pub on: &'static str,
    pub pipeline: Vec<Document>,
}

/// All are over the ledger, since it says what counts. A condition on the source, first in a
/// pipeline, is carried out before any row is read: nothing that is grouped stands before it.
pub fn views() -> Vec<View> {
    let view = |name, pipeline| View { name, on: "ledger", pipeline };
    vec![
        view("live_summaries", live_summaries()),
        view("latest_records", latest_records()),
        view("journals", journals()),
    ]
}

fn live_summaries() -> Vec<Document> {
    let mut stages = live_entries("summaries");
    stages.push(doc! { "$project": {
        "_id": 0, "source": 1, "hour": 1, "series": "$row.series", "fields": "$row.fields",
    } });
    stages
}

/// A line of a journal has one version only.
fn journals() -> Vec<Document> {
    let mut stages = vec![doc! { "$match": { "source": "daybook" } }];
    stages.extend(live_entries("records"));
    stages.push(doc! { "$project": {
        "_id": 0, "hour": 1, "id": "$row.id", "time": "$row.time", "values": "$row.values",
    } });
    stages
}

/// The rows of live entries, entry by entry: one lives unless a later one replaces its hour.
fn live_entries(collection: &str) -> Vec<Document> {
    let same = |key: &str| doc! { "$eq": [format!("${key}"), format!("$$entry.{key}")] };
    let later = doc! { "$gt": ["$number", "$$entry.number"] };
    let one = |key: &str| (key.to_string(), format!("${key}").into());
    let mut entry: Document = ["source", "day", "hour", "number"].map(one).into_iter().collect();
    // Journals have a ledger of each home.
    let keeper = doc! { "$ifNull": ["$keeper", ""] };
    entry.insert("keeper", keeper.clone());
    let kept = doc! { "$eq": [keeper, "$$entry.keeper"] };
    vec![
        doc! { "$lookup": {
            "from": "ledger",
            "let": { "entry": entry },
            "pipeline": [
                { "$match": { "$expr": { "$and": [same("source"), same("day")] } } },
                { "$match": { "kind": { "$ne": "adds" } } },
                { "$match": { "$expr": { "$and": [same("hour"), kept, later] } } },
                { "$project": { "_id": 1 } },
            ],
            "as": "voided",
        } },
        doc! { "$match": { "voided": [] } },
        doc! { "$project": { "source": 1, "hour": 1, "commit": 1 } },
        doc! { "$lookup": {
            "from": collection,
            "localField": "commit",
            "foreignField": "commit",
            "as": "row",
        } },
        doc! { "$unwind": "$row" },
    ]
}

/// Source by source: of each id the greatest version by (updated, instant, hash).
fn latest_records() -> Vec<Document> {
    let version = doc! {
        "updated": { "$ifNull": ["$row.updated", null] },
        "instant": "$row.instant",
        "hash": "$row.hash",
        "time": "$row.time",
        "values": "$row.values",
    };
    let mut winners = live_rows("records");
    winners.push(doc! { "$group": {
        "_id": "$row.id",
        "best": { "$max": version },
        "first_seen": { "$min": "$row.first_seen" },
        "last_seen": { "$max": "$row.last_seen" },
    } });
    vec![
        doc! { "$group": { "_id": "$source" } },
        doc! { "$project": { "source": "$_id" } },
        doc! { "$lookup": {
            "from": "ledger",
            "localField": "_id",
            "foreignField": "source",
            "pipeline": winners,
            "as": "record",
        } },
        doc! { "$unwind": "$record" },
        doc! { "$project": {
            "_id": 0,
            "source": 1,
            "id": "$record._id",
            "time": "$record.best.time",
            "updated": "$record.best.updated",
            "instant": "$record.best.instant",
            "hash": "$record.best.hash",
            "first_seen": "$record.first_seen",
            "last_seen": "$record.last_seen",
            "values": "$record.best.values",
        } },
    ]
}

/// The rows of a source's live entries: each is live unless a later one replaced its hour.
fn live_rows(collection: &str) -> Vec<Document> {
    let replaces = doc! { "$ne": ["$kind", "adds"] };
    vec![
        doc! { "$project": { "hour": 1, "keeper": 1, "number": 1, "commit": 1, "kind": 1 } },
        doc! { "$group": {
            "_id": { "hour": "$hour", "keeper": "$keeper" },
            "replaced": { "$max": { "$cond": [replaces, "$number", 0] } },
            "entries": { "$push": { "number": "$number", "commit": "$commit" } },
        } },
        doc! { "$unwind": "$entries" },
        doc! { "$match": { "$expr": { "$gte": ["$entries.number", "$replaced"] } } },
        doc! { "$lookup": {
            "from": collection,
            "localField": "entries.commit",
            "foreignField": "commit",
            "as": "row",
        } },
        doc! { "$unwind": "$row" },
    ]
}
