//! The guide to sources: every example of a declaration in it is read, and where an answer and a
//! table follow, that is what comes out.

use crate::declared::ABOUT;
use daybook::domain::extract::{Extraction, Plan, show};
use daybook::domain::name::SourceName;
use daybook::edge::config;
use std::fs;

/// The fenced blocks of the page: language and text.
fn blocks() -> Vec<(String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sources.md");
    let text = fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    for block in text.split("\n```").skip(1).step_by(2) {
        let (language, body) = block.split_once('\n').unwrap();
        blocks.push((language.to_string(), format!("{body}\n")));
    }
    blocks
}

/// A piece of a declaration, with the tables that it leaves out.
fn whole(piece: &str) -> String {
    let mut text = String::from(piece);
    let mut front = String::new();
    if !piece.contains("\ntitle") && !piece.starts_with("title") {
        front = "title = \"Example\"\ntopic = \"example\"\n".into();
    }
    for (head, table) in [
        ("[about]", ABOUT),
        ("[fetch]", "[fetch]\nurl = \"https://example.org\"\nevery = \"1m\"\nformat = \"json\"\n"),
        ("[fields", "[fields]\nx = { path = \"x\" }\n"),
    ] {
        if !piece.contains(head) {
            text += table;
        }
    }
    if !piece.contains("[samples]") && !piece.contains("[records]") {
        text += "[samples]\nat = \"items[*]\"\nseries = \"id\"\n";
    }
    front + &text
}

#[test]
fn every_example_of_the_guide_does_what_it_says() {
    let blocks = blocks();
    let (mut read, mut shown) = (0, 0);
    for (place, (_, piece)) in blocks.iter().enumerate().filter(|(_, (kind, _))| kind == "toml") {
        let name = SourceName::parse("source").unwrap();
        let text = whole(piece);
        let source = config::source(&name, "example", &text);
        let source = source.unwrap_or_else(|faults| panic!("{faults}\nin\n{text}"));
        read += 1;
        let (Some((form, answer)), Some((kind, table))) =
            (blocks.get(place + 1), blocks.get(place + 2))
        else {
            continue;
        };
        if kind == "text" && ["json", "csv", "xml", "html"].contains(&form.as_str()) {
            let mut found = Extraction::default();
            Plan::new(&source).extract(answer.as_bytes(), None, &mut found);
            let told = show::table(&source, &found, 20, str::to_string);
            assert_eq!(told, *table, "of\n{piece}");
            shown += 1;
        }
    }
    assert!(read >= 9 && shown >= 6, "{read} examples, {shown} with an answer");
}

/// Every key of the schema is in the guide.
#[test]
fn the_guide_names_every_key() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sources.md");
    let text = fs::read_to_string(page).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).unwrap();
    let mut keys = Vec::new();
    names(&schema, &mut keys);
    assert!(keys.len() > 50);
    for key in keys {
        let named = text.contains(&format!("`{key}`")) || text.contains(&format!("{key} ="));
        let table = text.contains(&format!("[{key}")) || text.contains(&format!("`{{ {key}"));
        assert!(named || table, "the guide does not name {key}");
    }
}

fn names(schema: &serde_json::Value, keys: &mut Vec<String>) {
    let serde_json::Value::Object(pairs) = schema else { return };
    for (name, value) in pairs {
        if name == "properties" {
            keys.extend(value.as_object().unwrap().keys().cloned());
            value.as_object().unwrap().values().for_each(|inner| names(inner, keys));
        } else {
            names(value, keys);
        }
    }
}
