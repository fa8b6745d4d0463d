//! What stands below `/api/v1`, for programs that read such descriptions (OpenAPI 3.1).

use super::api::{FINDINGS, HEALTH, SERIES, SOURCES};
use crate::domain::export::{Column, Kind, record_columns, summary_columns};
use crate::domain::screen::{DAYS_MOST, ROWS_MOST, ROWS_USUAL, Scene, SourceView};
use serde_json::{Map, Value, json};

fn parameter(name: &str, schema: &Value, means: &str) -> Value {
    json!({ "name": name, "in": "query", "description": means, "schema": schema })
}

fn string() -> Value {
    json!({ "type": "string" })
}

fn day() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn lang() -> Vec<Value> {
    let schema = json!({ "type": "string", "enum": ["en", "fr"] });
    vec![parameter("lang", &schema, "the language of titles and findings")]
}

fn source(names: &[&str]) -> Value {
    let schema = json!({ "type": "string", "enum": names });
    let mut source = parameter("source", &schema, "the name of a source, as /sources lists them");
    source["required"] = true.into();
    source
}

/// How the place of the next rows is written.
const CURSOR: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]{1,9}\.([0-9a-f]{2}){0,900}$";

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": ROWS_MOST, "default": ROWS_USUAL })
}

fn of_tables(has_series: bool, names: &[&str]) -> Vec<Value> {
    let cursor = json!({ "type": "string", "pattern": CURSOR });
    let mut all = vec![
        source(names),
        parameter("from", &day(), "the first day, of the report's time zone [that of `to`]"),
        parameter("to", &day(), "the last day, taken whole [the last one there is]"),
        parameter("limit", &limit(), "rows of one answer; CSV has all where none is given"),
        parameter("cursor", &cursor, "`next` of the answer before"),
    ];
    if has_series {
        all.push(parameter("series", &string(), "only this series"));
        all.push(parameter("field", &string(), "only this field"));
    }
    all
}

fn of_series(names: &[&str]) -> Vec<Value> {
    let cursor = json!({ "type": "string", "pattern": "^[0-9]{1,9}$" });
    let sort = "name, value, min, mean or max; -value from the top";
    let by = ["name", "value", "min", "mean", "max"];
    let orders: Vec<String> = by.iter().flat_map(|by| [by.to_string(), format!("-{by}")]).collect();
    let orders = json!({ "type": "string", "enum": orders });
    let at = json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" });
    let means = "the mean nearest to this time of the day, of the report's zone [the last value]";
    vec![
        source(names),
        parameter("field", &string(), "the field of which values are given"),
        parameter("q", &string(), "words that a name holds"),
        parameter("sort", &orders, sort),
        parameter("day", &day(), "the day, of the report's time zone [the last one]"),
        parameter("at", &at, means),
        parameter("limit", &limit(), "rows of one answer; CSV has all where none is given"),
        parameter("cursor", &cursor, "`next` of the answer before"),
    ]
}

/// An object of these columns, each of any plain value.
fn row(columns: &[&str]) -> Value {
    let any = json!({ "type": ["string", "number", "null"] });
    let pairs: Map<String, Value> =
        columns.iter().map(|name| (name.to_string(), any.clone())).collect();
    json!({ "type": "object", "properties": pairs, "required": columns })
}

/// An object of the columns of a table; records have the fields of their source besides.
fn row_of(columns: &[Column]) -> Value {
    let property = |column: &Column| {
        let kind = match column.kind {
            Kind::Text | Kind::Instant => "string",
            Kind::Number => "number",
            Kind::Integer => "integer",
        };
        let mut schema = json!({ "type": [kind, "null"], "description": column.description });
        if column.kind == Kind::Instant {
            schema["format"] = "date-time".into();
        }
        (column.name.clone(), schema)
    };
    let pairs: Map<String, Value> = columns.iter().map(property).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    json!({ "type": "object", "properties": pairs, "required": names })
}

fn operation(id: &str, summary: &str, parameters: &[Value], kind: &str, schema: &Value) -> Value {
    let error = json!({
        "type": "object", "required": ["error"], "properties": { "error": { "type": "string" } },
    });
    let refused = |why: &str| {
        let content = json!({ "application/json": { "schema": error } });
        json!({ "description": why, "content": content })
    };
    let mut content = Map::new();
    content.insert(kind.into(), json!({ "schema": schema }));
    let next = json!({ "description": "`next`, where there are more rows", "schema": string() });
    let headers = if kind == "text/csv" { json!({ "x-next-cursor": next }) } else { json!({}) };
    json!({ "get": {
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "rows, and where the next ones begin", "content": content,
                "headers": headers },
            "304": { "description": "as it is known already" },
            "400": refused("a parameter is not what it should be"),
            "404": refused("there is no such thing, or its terms keep it here"),
            "503": refused("the store cannot be read now, or too much is asked at once"),
        },
    } })
}

/// What there is, and what it tells.
pub const LISTS: [(&str, &str); 6] = [
    ("sources", "The catalogue: what there is, and on which terms"),
    ("findings", "What stands out today"),
    ("health", "How each source is asked, and what waits"),
    ("series", "The series of a source on a day"),
    ("hours", "Statistics by hour, series and field"),
    ("records", "Records, one by one"),
];

/// The parameters of each of them, and what a row is.
fn asked(name: &str, scene: &Scene) -> (Vec<Value>, Value) {
    let own = |is_own: &dyn Fn(&SourceView) -> bool| -> Vec<&str> {
        let own = scene.sources.iter().filter(|source| is_own(source) && source.may_leave);
        own.map(|source| source.name.as_str()).collect()
    };
    let has_series = |source: &SourceView| source.has_series;
    match name {
        "sources" => (lang(), row(&SOURCES)),
        "findings" => (lang(), row(&FINDINGS)),
        "series" => (of_series(&own(&has_series)), row(&SERIES)),
        "hours" => (of_tables(true, &own(&has_series)), row_of(&summary_columns())),
        "records" => {
            (of_tables(false, &own(&|source| source.has_records)), row_of(&record_columns()))
        }
        _ => (lang(), row(&HEALTH)),
    }
}

/// The description, with the sources that there are.
pub fn document(scene: &Scene) -> String {
    let mut paths = Map::new();
    for (name, summary) in LISTS {
        let (parameters, row) = asked(name, scene);
        let rows = json!({
            "type": "object",
            "required": ["data", "next"],
            "properties": {
                "data": { "type": "array", "items": row },
                "next": { "type": ["string", "null"] },
            },
        });
        let whole = operation(name, summary, &parameters, "application/json", &rows);
        paths.insert(format!("/{name}"), whole);
        let id = format!("{name}_csv");
        let csv = operation(&id, summary, &parameters, "text/csv", &string());
        paths.insert(format!("/{name}.csv"), csv);
    }
    let description = format!(
        "Hourly statistics and records of open data, as this home collects them. Each source has \
         its licence, and the words that it asks for. One answer looks at {DAYS_MOST} days at \
         most, and says where the next begins."
    );
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Daybook",
            "version": env!("CARGO_PKG_VERSION"),
            "description": description,
        },
        "servers": [{ "url": "../v1" }],
        "paths": paths,
    });
    document.to_string() + "\n"
}
