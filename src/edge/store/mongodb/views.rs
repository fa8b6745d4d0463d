//! What a database holds beside our documents: indexes, and views for people in mongosh.

use mongodb::bson::{Document, doc};

/// Collection and keys of each index; that of the names of commits is unique.
pub fn indexes() -> Vec<(&'static str, Document)> {
    vec![
        ("ledger", doc! { "source": 1, "day": 1 }),
        ("commits", doc! { "commit": 1 }),
        ("commits", doc! { "source": 1, "hour": 1 }),
        ("fields", doc! { "source": 1 }),
        ("labels", doc! { "series": 1, "source": 1 }),
        ("summary_rows", doc! { "commit": 1 }),
        ("record_rows", doc! { "source": 1, "time": 1 }),
        ("record_rows", doc! { "source": 1, "id": 1 }),
        ("record_rows", doc! { "commit": 1 }),
        ("runs", doc! { "commit": 1 }),
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
    [
        view("live_summaries", live_summaries()),
        view("latest_records", latest_records()),
        view("journals", journals()),
    ]
    .into_iter()
    .chain(formers())
    .collect()
}

/// Views under the names that rows of before had: programs of before fail as they write there.
pub fn formers() -> [View; 2] {
    let over = |name, on| View { name, on, pipeline: Vec::new() };
    [over("summaries", "summary_rows"), over("records", "record_rows")]
}

/// The fields of a series with their units and means, and its name where that is known.
fn live_summaries() -> Vec<Document> {
    let mut stages = live_entries("summary_rows", "fields");
    let unit = doc! { "$first": { "$filter": {
        "input": "$known", "as": "k", "cond": { "$eq": ["$$k._id", "$$f.v.field"] },
    } } };
    let mean = doc! { "$min": [
        { "$max": [{ "$divide": ["$$f.v.sum", "$$f.v.count"] }, "$$f.v.min"] }, "$$f.v.max",
    ] };
    let numbers = doc! {
        "unit": { "$ifNull": ["$$unit.unit", null] }, "count": "$$f.v.count", "sum": "$$f.v.sum",
        "min": "$$f.v.min", "max": "$$f.v.max", "mean": mean, "first": "$$f.v.first",
        "last": "$$f.v.last",
    };
    let texts = doc! {
        "unit": { "$ifNull": ["$$unit.unit", null] }, "count": "$$f.v.count",
        "texts": "$$f.v.texts.texts", "other": "$$f.v.texts.other",
    };
    let is_text = doc! { "$eq": [{ "$type": "$$f.v.texts" }, "object"] };
    let field = doc! {
        "k": "$$f.k",
        "v": { "$let": {
            "vars": { "unit": unit },
            "in": { "$cond": [is_text, texts, numbers] },
        } },
    };
    let fields = doc! { "$arrayToObject": { "$map": {
        "input": { "$objectToArray": "$row.fields" }, "as": "f", "in": field,
    } } };
    stages.push(doc! { "$lookup": {
        "from": "labels",
        "localField": "row.series",
        "foreignField": "series",
        "let": { "source": "$source" },
        "pipeline": [{ "$match": { "$expr": { "$eq": ["$source", "$$source"] } } }],
        "as": "named",
    } });
    stages.push(doc! { "$project": {
        "_id": 0, "source": 1, "hour": 1, "series": "$row.series",
        "label": { "$first": "$named.label" }, "fields": fields,
    } });
    stages
}

/// A part of a list of a run.
fn part(place: i32) -> Document {
    doc! { "$arrayElemAt": ["$line", place] }
}

/// A part that is elsewhere in lists of as many parts as this or more.
fn either(short: i32, long: i32, limit: i32) -> Document {
    doc! { "$arrayElemAt": ["$line", { "$cond": [{ "$lt": ["$parts", limit] }, short, long] }] }
}

/// So many milliseconds after a run began, as a text.
fn iso(ms: Document) -> Document {
    let date = doc! { "$add": ["$row.began", ms] };
    doc! { "$dateToString": { "date": date, "format": "%Y-%m-%dT%H:%M:%S.%LZ" } }
}

/// The same, as in the names of snapshots.
fn stamp(ms: Document) -> Document {
    let date = doc! { "$add": ["$row.began", ms] };
    doc! { "$dateToString": { "date": date, "format": "%Y-%m-%dT%H-%M-%SZ" } }
}

/// The names of the snapshots of a list, written out.
fn snapshots() -> Document {
    let seconds = doc! { "$multiply": [
        1000, { "$toInt": { "$arrayElemAt": [{ "$split": ["$$s", "_"] }, 0] } },
    ] };
    let rest = doc! { "$substrCP": [
        "$$s", { "$indexOfCP": ["$$s", "_"] }, { "$strLenCP": "$$s" },
    ] };
    let name = doc! { "$cond": [
        { "$eq": [{ "$substrCP": ["$$s", 0, 1] }, "="] },
        { "$substrCP": ["$$s", 1, { "$strLenCP": "$$s" }] },
        { "$concat": [part(0), "_", stamp(seconds), rest] },
    ] };
    let all = doc! { "$map": {
        "input": { "$split": [either(6, 12, 10), " "] }, "as": "s", "in": name,
    } };
    let between = doc! { "$cond": [{ "$eq": ["$$value", ""] }, "", " "] };
    doc! { "$reduce": {
        "input": all, "initialValue": "", "in": { "$concat": ["$$value", between, "$$this"] },
    } }
}

/// A number of what it took to get what landed: of a text behind all else that begins with a digit.
fn effort(place: i32) -> Document {
    let (last, is_more) = (part(-1), doc! { "$in": ["$parts", [8, 14]] });
    let is_text = doc! { "$eq": [{ "$type": last.clone() }, "string"] };
    let text = doc! { "$cond": [{ "$and": [is_more, is_text] }, last, ""] };
    let is_effort = doc! { "$regexMatch": { "input": text.clone(), "regex": "^[0-9]" } };
    let numbers = doc! { "$cond": [is_effort, { "$split": [text, ","] }, []] };
    doc! { "$convert": {
        "input": { "$arrayElemAt": [numbers, place] }, "to": "long",
        "onError": "$$REMOVE", "onNull": "$$REMOVE",
    } }
}

/// What a list of a run tells, line by line.
fn told() -> Document {
    let landed = doc! {
        "place": part(1), "after": either(2, 3, 10),
        "values": {
            "event": "landed", "source": part(0), "slot": iso(either(3, 5, 10)),
            "status": either(4, 10, 10), "bytes": either(5, 11, 10), "snapshots": snapshots(),
            "took": effort(0), "wire": effort(1), "tries": effort(2),
        },
    };
    let error = doc! { "$cond": [{ "$eq": ["$parts", 11] }, part(10), "$$REMOVE"] };
    let ended = doc! { "$cond": [{ "$lt": ["$parts", 13] }, 0, part(8)] };
    let outcome = doc! {
        "place": either(1, 2, 13), "after": { "$add": [either(2, 4, 13), ended] },
        "values": {
            "event": "outcome", "source": part(0), "slot": iso(either(3, 5, 13)),
            "every": either(4, 6, 13), "started": iso(either(5, 7, 13)),
            "ended": iso(either(6, 8, 13)), "outcome": either(7, 9, 13),
            "status": either(8, 10, 13), "bytes": either(9, 11, 13), "error": error,
        },
    };
    let plain = doc! { "place": part(0), "after": part(1), "values": part(2) };
    let between = |from: i32, to: i32| {
        doc! { "$and": [{ "$gte": ["$parts", from] }, { "$lte": ["$parts", to] }] }
    };
    doc! { "$switch": {
        "branches": [
            { "case": between(7, 8), "then": [landed.clone()] },
            { "case": between(10, 11), "then": [outcome.clone()] },
            { "case": between(13, 14), "then": [landed, outcome] },
        ],
        "default": [plain],
    } }
}

/// The lines of the runs: docs/store.md says how their lists are read. One that is no list of a
/// landing or an outcome stands as it is.
fn journals() -> Vec<Document> {
    let mut stages = vec![doc! { "$match": { "source": "daybook" } }];
    stages.extend(live_entries("runs", "fields"));
    let run = doc! { "$replaceOne": {
        "input": "$row.run", "find": "@", "replacement": stamp(doc! { "$literal": 0 }),
    } };
    let own = doc! { "run": "$run", "tier": { "$arrayElemAt": [{ "$split": ["$run", "-"] }, 0] } };
    stages.extend([
        doc! { "$project": { "hour": 1, "row.began": 1, "run": run, "line": "$row.lines" } },
        doc! { "$unwind": "$line" },
        doc! { "$set": { "parts": { "$size": "$line" } } },
        doc! { "$set": { "told": told() } },
        doc! { "$unwind": "$told" },
        doc! { "$project": {
            "_id": 0, "hour": 1,
            "id": { "$concat": ["$run", "/", { "$toString": "$told.place" }] },
            "time": { "$add": ["$row.began", "$told.after"] },
            "values": { "$mergeObjects": ["$told.values", own] },
        } },
    ]);
    stages
}

/// The rows of live entries, entry by entry: one lives unless a later one replaces its hour. What
/// is known of the source in another collection stands beside them.
fn live_entries(collection: &str, known: &str) -> Vec<Document> {
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
            "from": known, "localField": "source", "foreignField": "source", "as": "known",
        } },
        by_commit("commits", "commit", "commit"),
        doc! { "$unwind": "$of" },
        by_commit(collection, "of._id", "commit"),
        doc! { "$set": { "row": "$of" } },
        doc! { "$unwind": "$row" },
    ]
}

/// What belongs to a commit, as `of`.
fn by_commit(collection: &str, local: &str, foreign: &str) -> Document {
    doc! { "$lookup": {
        "from": collection, "localField": local, "foreignField": foreign, "as": "of",
    } }
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
    let mut winners = live_rows("record_rows");
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
        by_commit("commits", "entries.commit", "commit"),
        doc! { "$unwind": "$of" },
        by_commit(collection, "of._id", "commit"),
        doc! { "$set": { "row": "$of" } },
        doc! { "$unwind": "$row" },
    ]
}
