//! The JSON Schema of a declaration, for editors. The tests hold it against the reader: the same
//! keys, and every shipped declaration is valid.

use crate::domain::source::{Access, Format, Operation, Reuse, Token};
use serde_json::{Value, json};

/// The text of the schema (JSON Schema, draft 2020-12).
pub fn schema() -> String {
    let aggregates: Vec<Value> =
        Operation::ALL.iter().map(|(name, _)| json!({ "required": [name] })).collect();
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A source of Daybook",
        "type": "object",
        "additionalProperties": false,
        "required": ["title", "topic", "about", "fetch", "fields"],
        "oneOf": [{ "required": ["samples"] }, { "required": ["records"] }],
        "properties": {
            "title": reference("title", "what the source is called"),
            "topic": text("sources of one topic share a section of the report", "^[a-z0-9-]+$"),
            "keep": duration("how long rows are kept; it acts later"),
            "about": about(),
            "fetch": fetch(),
            "samples": items("values of the world at the fetch", json!({
                "series": reference("picks", "what a sample is about"),
            }), &["at", "series"]),
            "records": items("things with an identity of their own", json!({
                "id": reference("picks", "what tells a record from others"),
                "series": reference("picks", "of measurements: with `time` it is the id"),
                "time": reference("time", "when it happened"),
                "updated": reference("time", "when the publisher changed it"),
                "complete": flag("whether each answer lists all there are"),
            }), &["at"]),
            "fields": {
                "type": "object",
                "propertyNames": { "pattern": "^[a-z][a-z0-9_]*$" },
                "additionalProperties": { "$ref": "#/$defs/field" },
            },
            "aggregates": {
                "type": "object",
                "additionalProperties": { "$ref": "#/$defs/aggregate" },
            },
            "figures": { "type": "array", "items": { "$ref": "#/$defs/figure" } },
        },
        "$defs": definitions(&aggregates),
    });
    // Pretty printing of a value never fails.
    serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
}

fn text(description: &str, pattern: &str) -> Value {
    json!({ "type": "string", "description": description, "pattern": pattern })
}

fn plain(description: &str) -> Value {
    json!({ "type": "string", "description": description, "minLength": 1 })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn path(description: &str) -> Value {
    json!({ "type": "string", "description": format!("path: {description}"), "minLength": 1 })
}

fn duration(description: &str) -> Value {
    text(description, "^[0-9]+(ms|s|m|h|d)$")
}

fn reference(name: &str, description: &str) -> Value {
    json!({ "description": description, "$ref": format!("#/$defs/{name}") })
}

fn words<T>(description: &str, all: &[(&'static str, T)]) -> Value {
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    json!({ "description": description, "enum": names })
}

fn about() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["content", "zone", "period", "access", "token", "licence", "attribution",
                     "homepage"],
        "properties": {
            "content": plain("what the data says"),
            "zone": plain("which part of the world it is about"),
            "period": duration("how often the publisher refreshes it"),
            "access": words("how it is had", &Access::ALL),
            "token": words("whether the publisher wants a key", &Token::ALL),
            "licence": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "url", "reuse"],
                "properties": {
                    "name": plain("name of the licence"),
                    "url": text("its text", "^https?://"),
                    "reuse": words("whether the data may be used again", &Reuse::ALL),
                },
            },
            "attribution": plain("the words that the publisher wants to see"),
            "homepage": text("a page for people", "^https?://"),
        },
    })
}

fn fetch() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["url", "every", "format"],
        "properties": {
            "url": text("a template: {item}, {COLUMN}, {secret:NAME}, {from}, {to}", "^https?://"),
            "headers": { "type": "object", "additionalProperties": { "type": "string" } },
            "items": {
                "description": "one request for each",
                "oneOf": [
                    { "type": "array", "minItems": 1, "items": { "oneOf": [
                        { "type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$" },
                        { "type": "object", "required": ["key"],
                          "additionalProperties": { "type": ["string", "number"] } },
                    ] } },
                    { "$ref": "#/$defs/file" },
                ],
            },
            "range": duration("how far before the slot {from} lies"),
            "every": duration("how often it is asked"),
            "format": words("the form of the answer", &Format::ALL),
            "csv": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "delimiter": { "type": "string", "minLength": 1, "maxLength": 1 },
                    "decimal": { "enum": [".", ","] },
                    "encoding": plain("as in [fetch]"),
                    "header": flag("whether a row names the columns"),
                    "comment": { "type": "string", "minLength": 1, "maxLength": 1,
                                 "description": "a line that begins with it is no row" },
                },
            },
            "encoding": plain("how its letters are coded: utf-8, iso-8859-1, utf-16..."),
            "numbers": {
                "type": "object",
                "additionalProperties": false,
                "description": "how numbers in texts are written",
                "properties": form(json!({ "missing": missing() })),
            },
            "xml": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "namespaces": {
                    "type": "object", "additionalProperties": { "type": "string" },
                    "description": "prefixes that stand in paths, and what they mean",
                } },
            },
            "redact": { "type": "array", "items": redaction(),
                        "description": "values that become null before landing" },
            "timeout": duration("bounds the whole exchange"),
            "max_bytes": text("cap on the body", "^[0-9]+(B|KiB|MiB|GiB)$"),
            "gzip_padding": flag("whether zeros or ends of lines may follow a whole gzip"),
        },
    })
}

fn redaction() -> Value {
    json!({ "oneOf": [
        path("from the top of the answer"),
        {
            "type": "object", "additionalProperties": false, "required": ["path"],
            "properties": { "path": path("from the top of the answer"),
                            "optional": flag("whether an answer may have none of it") },
        },
    ] })
}

fn missing() -> Value {
    json!({ "type": "array", "items": { "type": ["string", "number", "boolean"] },
            "description": "values that mean absent" })
}

/// How numbers in texts are written, and more.
fn form(own: Value) -> Value {
    let mut properties = json!({
        "decimal": { "enum": [".", ","] },
        "thousands": { "type": "string", "minLength": 1, "maxLength": 1,
                       "description": "the sign between groups of three digits" },
        "suffix": plain("what stands behind the number, such as its unit"),
    });
    if let (Some(all), Value::Object(own)) = (properties.as_object_mut(), own) {
        all.extend(own);
    }
    properties
}

/// `[samples]` or `[records]`: what both have, and what one has.
fn items(description: &str, own: Value, required: &[&str]) -> Value {
    let mut properties = json!({
        "at": path("where the items are"),
        "skip": { "type": "integer", "minimum": 0, "maximum": 1000,
                  "description": "leading elements that are no data" },
        "where": { "type": "array", "items": { "$ref": "#/$defs/filter" } },
        "may_repeat": flag("whether several samples of one series in an answer are meant"),
        "may_be_empty": flag("whether an answer of which nothing is left is as it should be"),
        "labels": { "description": "where names and places of the series are",
                    "oneOf": [{ "type": "string" }, { "$ref": "#/$defs/file" }] },
    });
    if let (Some(all), Value::Object(own)) = (properties.as_object_mut(), own) {
        all.extend(own);
    }
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn measure(own: Value) -> Value {
    let mut properties = json!({
        "unit": plain("shown as it stands"),
        "title": reference("title", "what it is called"),
        "resolution": { "type": "number", "exclusiveMinimum": 0,
                        "description": "the grid on which all values lie" },
        "trace": duration("bins inside the hour; divides the hour"),
    });
    if let (Some(all), Value::Object(own)) = (properties.as_object_mut(), own) {
        all.extend(own);
    }
    properties
}

fn time() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["path"],
        "oneOf": [{ "required": ["unit"] }, { "required": ["format"] }],
        "properties": {
            "path": { "oneOf": [
                path("in the item"),
                { "type": "array", "minItems": 1, "items": { "type": "string" },
                  "description": "several, whose texts are joined by blanks" },
            ] },
            "unit": { "enum": ["s", "ms", "us", "ns", "iso", "date"] },
            "missing": missing(),
            "format": plain("a form of strftime"),
            "zone": plain("of a civil time without an offset, such as Europe/Paris"),
        },
    })
}

fn definitions(operations: &[Value]) -> Value {
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    let field = plain("the name of a field of numbers");
    let mut aggregate = json!({
        "equals": { "type": "number" }, "below": { "type": "number" },
        "above": { "type": "number" },
    });
    if let Some(all) = aggregate.as_object_mut() {
        all.extend(Operation::ALL.iter().map(|(name, _)| (name.to_string(), field.clone())));
    }
    json!({
        "title": { "oneOf": [
            { "type": "string", "minLength": 1 },
            { "type": "object", "additionalProperties": false, "required": ["en", "fr"],
              "properties": { "en": plain("English"), "fr": plain("French") } },
        ] },
        "file": { "type": "object", "additionalProperties": false, "required": ["file"],
                  "properties": { "file": text("beside the declarations", "\\.csv$"),
                                  "key": plain("the column of keys") } },
        "picks": { "description": "a path, or alternatives in order", "oneOf": [
            { "$ref": "#/$defs/pick" },
            { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/pick" } },
        ] },
        "pick": { "oneOf": [
            { "type": "string" },
            { "type": "object", "additionalProperties": false, "required": ["path"],
              "properties": { "path": path("in the item"),
                              "capture": plain("a regular expression with one group") } },
        ] },
        "time": time(),
        "filter": {
            "type": "object", "additionalProperties": false, "required": ["path"],
            "oneOf": [{ "required": ["present"] }, { "required": ["equals"] },
                      { "required": ["not"] }],
            "properties": { "path": path("in the item"), "present": flag("is it there"),
                            "equals": scalar, "not": scalar },
        },
        "field": { "type": "object", "additionalProperties": false, "required": ["path"],
                   "properties": measure(form(json!({
            "path": reference("picks", "in the item, to one value"),
            "capture": plain("a regular expression whose first group is the value"),
            "kind": { "enum": ["number", "text"] },
            "missing": missing(),
            "scale": { "type": "number", "description": "what a number is multiplied by" },
            "required": flag("whether an item without it cannot be read"),
            "optional": flag("whether an answer without it in any item is as it should be"),
        }))) },
        "aggregate": { "type": "object", "additionalProperties": false, "oneOf": operations,
                       "properties": measure(aggregate) },
        "figure": {
            "type": "object", "additionalProperties": false, "required": ["kind", "field"],
            "properties": {
                "kind": { "enum": ["line", "table", "map", "multiples"] },
                "field": plain("a field of numbers or an aggregate"),
                "rows": { "type": "integer", "minimum": 1, "maximum": 100 },
                "title": reference("title", "what it is called"),
            },
        },
    })
}
