//! The JSON Schema of a declaration, for editors, made of its keys. The tests hold it against
//! the reader: every shipped declaration is valid, and what one refuses, the other does.

use super::key::{Group, Key, Kind, NEEDED};
use super::keys::{SHARED, SOURCE};
use serde_json::{Map, Value, json};

/// The text of the schema (JSON Schema, draft 2020-12).
pub fn schema() -> String {
    let mut whole = table(&SOURCE);
    let defined = SHARED.iter().map(|shared| (shared.name.to_string(), value(&shared.kind)));
    let defined: Map<String, Value> = defined.collect();
    if let Some(whole) = whole.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        whole.insert("$schema".into(), dialect.into());
        whole.insert("title".into(), "A source of Daybook".into());
        whole.insert("$defs".into(), Value::Object(defined));
    }
    // Pretty printing of a value never fails.
    serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
}

fn table(group: &Group) -> Value {
    let properties: Map<String, Value> =
        group.all().map(|key| (key.name.to_string(), described(key))).collect();
    let needed: Vec<&str> =
        group.all().filter(|key| key.absent == NEEDED).map(|key| key.name).collect();
    let mut table = json!({ "type": "object", "properties": properties });
    if let Some(table) = table.as_object_mut() {
        let others = match group.is_open {
            true => json!({ "type": ["string", "number"] }),
            false => json!(false),
        };
        table.insert("additionalProperties".into(), others);
        if !needed.is_empty() {
            table.insert("required".into(), json!(needed));
        }
        if !group.one_of.is_empty() {
            let one = group.one_of.iter().map(|name| json!({ "required": [name] }));
            table.insert("oneOf".into(), one.collect());
        }
    }
    table
}

fn described(key: &Key) -> Value {
    let mut value = value(&key.kind);
    if let Some(value) = value.as_object_mut() {
        value.insert("description".into(), plain(key.says).into());
    }
    value
}

/// Words without the marks of the page: an editor shows them as they stand.
fn plain(says: &str) -> String {
    let mut text = says.replace('`', "");
    while let Some((before, rest)) = text.split_once("](#") {
        let Some((_, after)) = rest.split_once(')') else { break };
        text = format!("{}{after}", before.replacen('[', "", 1));
    }
    text
}

fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Line => json!({ "type": "string", "minLength": 1 }),
        Kind::Sign => json!({ "type": "string", "minLength": 1, "maxLength": 1 }),
        Kind::Form(pattern) => json!({ "type": "string", "pattern": pattern }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Above0 => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Kind::Whole(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Words(words) => json!({ "enum": words() }),
        Kind::Table(group) => table(group),
        Kind::Shared(shared) => json!({ "$ref": format!("#/$defs/{}", shared.name) }),
        Kind::List(kind) => json!({ "type": "array", "minItems": 1, "items": value(kind) }),
        Kind::Many(kind) => json!({ "type": "array", "items": value(kind) }),
        Kind::Named(kind) => json!({ "type": "object", "additionalProperties": value(kind) }),
        Kind::Fields(kind) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z][a-z0-9_]*$" },
            "additionalProperties": value(kind),
        }),
        Kind::Either(kinds) => json!({ "oneOf": kinds.iter().map(value).collect::<Vec<_>>() }),
    }
}
