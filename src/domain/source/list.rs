//! Lists in declarations or beside them.

use crate::domain::hash::Digest;
use std::collections::BTreeMap;

/// A list of things with a key each: the items of a loop, or names and places of series.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum List {
    /// They stand in the declaration.
    Here(Vec<Listed>),
    /// They stand in a CSV file beside the declarations, with `key` as the column of the key;
    /// `rows` and the digest of its `content` are filled in by the door that reads the folder.
    File { file: String, key: String, rows: Vec<Listed>, content: Digest },
}

impl List {
    pub fn rows(&self) -> &[Listed] {
        match self {
            List::Here(rows) | List::File { rows, .. } => rows,
        }
    }
}

/// One of a list: its key, and its columns by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub key: String,
    pub columns: BTreeMap<String, String>,
}

impl Listed {
    pub fn new(key: &str, columns: BTreeMap<String, String>) -> Listed {
        Listed { key: key.into(), columns }
    }

    /// A column that is a number.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.columns.get(column)?.parse().ok().filter(|x: &f64| x.is_finite())
    }
}

/// Whether a text can be the key of a loop's item: it stands in the names of snapshots.
pub fn is_item_key(text: &str) -> bool {
    let good = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(good)
}
