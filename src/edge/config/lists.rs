//! Lists beside the declarations: a CSV file with a column of keys, for loops and for labels.

use super::fault::{Fault, Faults};
use crate::domain::hash::Digest;
use crate::domain::limits::{LIST_BYTES, LIST_ROWS};
use crate::domain::source::{Items, LabelSource, List, Listed, Source, is_item_key};
use crate::edge::disk::given_text;
use std::collections::BTreeSet;
use std::path::Path;

/// Reads the lists that a source names; `declaration` is the path of its file.
pub(super) fn fill(source: &mut Source, declaration: &Path) -> Result<(), Faults> {
    let folder = declaration.parent().unwrap_or(Path::new("."));
    if let Some(list) = &mut source.fetch.items {
        read(list, folder, true)?;
    }
    let labels = match &mut source.items {
        Items::Samples(samples) => &mut samples.labels,
        Items::Records(records) => &mut records.labels,
    };
    match labels {
        Some(LabelSource::List(list)) => read(list, folder, false),
        _ => Ok(()),
    }
}

fn read(list: &mut List, folder: &Path, is_loop: bool) -> Result<(), Faults> {
    let List::File { file, key, rows, content } = list else { return Ok(()) };
    let path = folder.join(&*file);
    let told = |line: usize, found: String, allowed: &str| {
        let file = path.display().to_string();
        Faults::one(Fault { file, line, found, allowed: allowed.into() })
    };
    let text = given_text(&path, LIST_BYTES).map_err(|error| {
        Faults::one(Fault::unread(&path.display().to_string(), "cannot be read", &error))
    })?;
    *content = Digest::of(text.as_bytes());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned();
    let header = header.map_err(|e| told(1, e.to_string(), "a CSV file with a header"))?;
    let column = header.iter().position(|name| name == key).ok_or_else(|| {
        let names: Vec<&str> = header.iter().collect();
        told(1, format!("no column {key:?}"), &format!("found: {}", names.join(", ")))
    })?;
    let mut seen = BTreeSet::new();
    for (place, row) in reader.records().enumerate() {
        let line = place + 2;
        let row = row.map_err(|error| told(line, error.to_string(), "as many cells as columns"))?;
        let key = row.get(column).unwrap_or_default();
        if (is_loop && !is_item_key(key)) || key.is_empty() || !seen.insert(key.to_string()) {
            let allowed = "each key once; a loop's: letters, digits, dots, dashes, 1 to 64";
            return Err(told(line, format!("a key of {} letters", key.chars().count()), allowed));
        }
        if place >= LIST_ROWS {
            return Err(told(line, "more lines than that".into(), "at most 100,000"));
        }
        let columns = header.iter().zip(&row).map(|(name, cell)| (name.into(), cell.into()));
        rows.push(Listed::new(key, columns.collect()));
    }
    Ok(())
}
