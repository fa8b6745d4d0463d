//! Test data that others keep, run against our readers: `make foreign FOREIGN=FOLDER`. None of it
//! stands in this project, which has cases of its own.

#[path = "../../src/domain/json/strict.rs"]
mod strict;

use crate::declared::declared;
use daybook::domain::document::Doc;
use daybook::domain::extract::{Extraction, Plan, Value};
use daybook::domain::json::{Cursor, Flaw, Token, Word};
use daybook::domain::name::SourceName;
use daybook::edge::config;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(of: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FOREIGN").map(|folder| Path::new(&folder).join(of));
    if folder.is_none() {
        eprintln!("NOT RUN: {of}, since FOREIGN names no folder; make foreign runs it");
    }
    folder
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let listing = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = listing.collect();
    files.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    files.into_iter().map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

fn plan(format: &str, more: &str) -> Plan {
    let text = declared(format, "https://example.org/", "1m", more);
    let name = SourceName::parse("case").unwrap();
    Plan::new(&config::source(&name, "case", &text).unwrap_or_else(|faults| panic!("{faults}")))
}

/// nst/JSONTestSuite: `y_` must be read, `n_` refused, `i_` are free and listed.
#[test]
fn json_test_suite() {
    let Some(folder) = folder("JSONTestSuite/test_parsing") else { return };
    let items = "[samples]\nat = \"AT\"\nseries = \"$source\"\n[fields]\n\
                 x = { path = \"a\", kind = \"text\" }\n";
    let plans = ["[*]", "@"].map(|at| plan("json", &items.replace("AT", at)));
    let (mut counts, mut wrong) = ([0; 3], Vec::new());
    for (name, bytes) in files(&folder) {
        let read = strict::check(&bytes);
        let mut out = Extraction::default();
        plans.iter().for_each(|plan| plan.extract(&bytes, None, &mut out));
        let kind = name.as_bytes()[0];
        let theirs = serde_json::from_slice(&bytes).ok().map(Doc::from_json);
        if kind != b'i' && Doc::parse(&bytes).ok() != theirs {
            wrong.push(format!("{name}: as a document of ours it is another one"));
        }
        counts[usize::from(kind == b'n') + 2 * usize::from(kind == b'i')] += 1;
        match (kind, &read) {
            (b'y', Ok(())) | (b'n', Err(_)) => {}
            (b'i', _) => println!("{name}: {}", read.map_or_else(|why| why, |()| "read".into())),
            _ => wrong.push(format!("{name}: {read:?}")),
        }
    }
    println!("{} to read, {} to refuse, {} free", counts[0], counts[1], counts[2]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(counts, [95, 188, 35]);
}

/// max-mapper/csv-spectrum: what a CSV file says is what the JSON file beside it says.
#[test]
fn csv_spectrum() {
    let Some(folder) = folder("csv-spectrum") else { return };
    let pairs = files(&folder.join("csvs")).into_iter().zip(files(&folder.join("json")));
    let mut count = 0;
    for ((name, csv), (_, json)) in pairs {
        let coding = if std::str::from_utf8(&csv).is_ok() { "utf-8" } else { "iso-8859-1" };
        let text: String = json.iter().map(|byte| char::from(*byte)).collect();
        let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
        let list = if rows.is_array() { "[*]" } else { "@" };
        let first = rows.get(0).unwrap_or(&rows).as_object().unwrap();
        // In one pair a telephone number stands in one file only, and another in the other.
        let keys: Vec<&String> = first.keys().filter(|key| !key.contains("Phone")).collect();
        let fields = keys.iter().enumerate().map(|(n, key)| {
            format!("f{n} = {{ path = \"\\\"{key}\\\"\", kind = \"text\", optional = true }}\n")
        });
        let fields: String = fields.collect();
        let told = ["csv", "json"].map(|format| {
            let at = if format == "csv" { "@" } else { list };
            let more = format!(
                "encoding = \"{coding}\"\n[samples]\nat = \"{at}\"\nseries = \"$source\"\n\
                 [fields]\n{fields}"
            );
            let mut out = Extraction::default();
            let bytes = if format == "csv" { &csv } else { &json };
            plan(format, &more).extract(bytes, None, &mut out);
            assert!(out.faults().is_empty(), "{name}: {:?}", out.faults());
            texts(&out, keys.len())
        });
        assert_eq!(told[0], told[1], "{name}");
        let count_of = rows.as_array().map_or(1, Vec::len);
        assert_eq!(told[0].len(), count_of * keys.len(), "{name}");
        count += 1;
    }
    assert_eq!(count, 12);
}

/// All values; an empty cell says nothing, as an empty text does.
fn texts(out: &Extraction, fields: usize) -> Vec<String> {
    let values = out.items().iter().flat_map(|item| out.values(item, fields));
    let text = |value: &Value| match value {
        Value::Text(span) => out.text(*span).trim().to_string(),
        _ => String::new(),
    };
    values.map(text).collect()
}
