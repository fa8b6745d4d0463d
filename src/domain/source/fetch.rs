//! What a declaration says of the request: address, period, loop, form of the answer.

use crate::domain::redact::{Redaction, redact};
use crate::domain::template::Template;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where and how often to ask.
#[derive(Clone, Debug)]
pub struct Fetch {
    pub url: Template,
    pub headers: Vec<(String, Template)>,
    /// One request for each of these; none: a single request.
    pub items: Option<List>,
    /// How far before the slot the range of the request begins.
    pub range: Option<Duration>,
    pub every: Duration,
    pub format: Format,
    pub csv: Csv,
    /// Values that are replaced by null before the answer lands.
    pub redact: Vec<Redaction>,
    /// Bounds the whole exchange.
    pub timeout: Duration,
    /// Zeros and ends of lines may follow a whole gzip.
    pub gzip_padding: bool,
    /// Cap on the body, in bytes, before and after decompression.
    pub max_bytes: u64,
}

impl Fetch {
    /// An answer as it may land: without what is to be redacted, or why it may not.
    pub fn redacted(&self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        match self.redact.as_slice() {
            [] => Ok(bytes),
            wanted => redact(&bytes, wanted, self.format == Format::Ndjson),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Json,
    Ndjson,
    Csv,
    Xml,
}

impl Format {
    pub const ALL: [(&'static str, Format); 4] = [
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
        ("xml", Format::Xml),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }
}

/// How a CSV answer is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Csv {
    pub delimiter: u8,
    pub decimal: char,
    pub encoding: Encoding,
    /// Whether the first row names the columns.
    pub header: bool,
}

impl Default for Csv {
    fn default() -> Csv {
        Csv { delimiter: b',', decimal: '.', encoding: Encoding::Utf8, header: true }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    /// As the web reads it: ISO-8859-1 is taken for its superset Windows-1252.
    Windows1252,
}

/// A list of things with a key each: the items of a loop, or names and places of series.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum List {
    /// They stand in the declaration.
    Here(Vec<Listed>),
    /// They stand in a CSV file beside the declarations, with `key` as the column of the key;
    /// `rows` is filled in by the door that reads the folder.
    File { file: String, key: String, rows: Vec<Listed> },
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
