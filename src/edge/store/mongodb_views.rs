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

/// Name and pipeline of each view; all are over the ledger, since it says what counts.
pub fn views() -> Vec<(&'static str, Vec<Document>)> {
    vec![("live_summaries", live_summaries()), ("latest_records", latest_records())]
}

/// The commits of live entries: an entry is live unless a later one replaced its hour.
fn live_commits() -> Vec<Document> {
    let replaces = doc! { "$ne": ["$kind", "adds"] };
    vec![
        doc! { "$group": {
            "_id": { "source": "$source", "hour": "$hour" },
            "replaced": { "$max": { "$cond": [replaces, "$number", 0] } },
            "entries": { "$push": { "number": "$number", "commit": "$commit" } },
        } },
        doc! { "$unwind": "$entries" },
        doc! { "$match": { "$expr": { "$gte": ["$entries.number", "$replaced"] } } },
    ]
}

fn live_rows(collection: &str) -> Vec<Document> {
    let mut stages = live_commits();
    stages.extend([
        doc! { "$lookup": {
            "from": collection,
            "localField": "entries.commit",
            "foreignField": "commit",
            "as": "row",
        } },
        doc! { "$unwind": "$row" },
        doc! { "$replaceRoot": { "newRoot": "$row" } },
    ]);
    stages
}

fn live_summaries() -> Vec<Document> {
    let mut stages = live_rows("summaries");
    stages.push(doc! { "$unset": ["_id", "commit", "batch", "written"] });
    stages
}

fn latest_records() -> Vec<Document> {
    let mut stages = live_rows("records");
    stages.extend([
        doc! { "$sort": { "source": 1, "id": 1, "updated": -1, "instant": -1, "hash": -1 } },
        doc! { "$group": {
            "_id": { "source": "$source", "id": "$id" },
            "row": { "$first": "$$ROOT" },
            "first_seen": { "$min": "$first_seen" },
            "last_seen": { "$max": "$last_seen" },
        } },
        doc! { "$replaceRoot": { "newRoot": { "$mergeObjects": [
            "$row", { "first_seen": "$first_seen", "last_seen": "$last_seen" },
        ] } } },
        doc! { "$unset": ["_id", "commit", "batch", "written", "hour"] },
    ]);
    stages
}
