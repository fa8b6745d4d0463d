//! The forms of answers: one table, a row for each. Who must tell one form from another asks its
//! row. What a form is made of is read by a file below, into a document, lines or rows.

pub(super) mod csv;
pub(super) mod json;
pub(super) mod ndjson;
mod page;
mod quotes;
pub(super) mod raw;
pub(super) mod tree;
mod written;
mod xml;

pub use page::title;
pub use written::{Csv, Encoding, UTF8_MARK, Written};

use super::budget::Budget;
use super::redact::{Redaction, redact};
use std::fmt;
use tree::Tree;

/// A row of the table.
pub struct Format {
    /// In declarations; the names of its snapshots end with it, too.
    pub name: &'static str,
    pub(super) reading: Reading,
    /// Whether one list of its items can be followed token by token, as JSON.
    pub(super) streams: bool,
    /// How values in it become null; none where they cannot.
    pub redact: Option<Redact>,
    /// The table in `[fetch]` that is about it alone.
    pub table: Option<&'static str>,
    /// It is made of tags: its first sign is `<`, it says itself how its letters are coded, and
    /// an empty list in it is one that is left out.
    pub(super) tags: bool,
    numbering: fn(&Written, u32) -> Option<String>,
}

/// How bytes come apart into items, under a budget.
pub(super) enum Reading {
    /// A document, in which `items.at` leads to them.
    Document(Document),
    /// Each line is one: a value of JSON.
    Lines,
    /// Each row is one.
    Rows,
}

/// Hands over the document that the bytes are, once, or tells why they are none.
pub(super) type Document =
    fn(&[u8], &Written, &Budget, &mut dyn FnMut(&Tree)) -> Result<(), String>;

/// The bytes without some values, or why they may not land.
type Redact = fn(&[u8], &[Redaction]) -> Result<Vec<u8>, String>;

const PLAIN: Format = Format {
    name: "",
    reading: Reading::Lines,
    streams: false,
    redact: None,
    table: None,
    tags: false,
    numbering: |_, _| None,
};

static TABLE: [Format; 4] = [
    Format {
        name: "json",
        reading: Reading::Document(json::document),
        streams: true,
        redact: Some(|bytes, wanted| redact(bytes, wanted, false)),
        ..PLAIN
    },
    Format {
        name: "ndjson",
        reading: Reading::Lines,
        streams: true,
        redact: Some(|bytes, wanted| redact(bytes, wanted, true)),
        ..PLAIN
    },
    Format {
        name: "csv",
        reading: Reading::Rows,
        table: Some("csv"),
        numbering: csv::numbering,
        ..PLAIN
    },
    Format {
        name: "xml",
        reading: Reading::Document(xml::document),
        table: Some("xml"),
        tags: true,
        numbering: xml::numbering,
        ..PLAIN
    },
];

impl Format {
    /// All of them, by their names.
    pub fn all() -> [(&'static str, &'static Format); TABLE.len()] {
        TABLE.each_ref().map(|format| (format.name, format))
    }

    /// What each of its items is, where nothing leads to them: a line, a row.
    pub fn each(&self) -> Option<&'static str> {
        match self.reading {
            Reading::Document(_) => None,
            Reading::Lines => Some("line"),
            Reading::Rows => Some("row"),
        }
    }

    /// Whether each line of it stands for itself.
    pub fn is_lines(&self) -> bool {
        matches!(self.reading, Reading::Lines)
    }

    /// What else than the place of the items fixes their positions, where it is declared.
    pub fn numbering(&self, written: &Written, skip: u32) -> Option<String> {
        (self.numbering)(written, skip)
    }

    /// What an answer that has just come is instead, as far as its first signs tell.
    pub fn suspect(&self, bytes: &[u8], written: &Written) -> Option<&'static str> {
        if self.other(bytes, written).is_some() {
            return Some("compressed bytes or letters of another coding");
        }
        let begin = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes).trim_ascii_start();
        let is_page = page::is_html(begin);
        match begin.first() {
            None => Some("an empty body"),
            Some(_) if self.tags && is_page => Some("a page in HTML"),
            Some(_) if self.tags => None,
            Some(b'<') if is_page => Some("a page in HTML"),
            Some(b'<') if self.is_json() || begin.starts_with(b"<?xml") => Some("tags"),
            Some(_) if self.is_json() && !is_json(begin) => Some("plain text"),
            Some(_) => None,
        }
    }

    fn is_json(&self) -> bool {
        matches!(self.name, "json" | "ndjson")
    }

    /// What the first bytes say, where that cannot be of this form.
    pub(super) fn other(&self, bytes: &[u8], written: &Written) -> Option<String> {
        if bytes.starts_with(b"\x1f\x8b") {
            return Some(format!("it looks like gzip, not {}", self.name));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Some(format!("it looks like a zip archive, not {}", self.name));
        }
        let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let told = "it looks like UTF-16: fetch.encoding = \"utf-16\" reads that";
        (wide && !self.tags && written.encoding.is_none()).then(|| told.into())
    }
}

/// Whether a value of JSON may begin so.
fn is_json(begin: &[u8]) -> bool {
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    matches!(begin.first(), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9'))
        || words.iter().any(|word| begin.starts_with(word))
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_name_of_its_own() {
        let names = Format::all().map(|(name, _)| name);
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), TABLE.len(), "{names:?}");
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase())));
        assert!(!names.contains(&""));
    }

    #[test]
    fn what_is_of_another_form_is_told() {
        let page: &[u8] = b" \n<!doctype html>";
        for (name, format) in Format::all() {
            let plain = Written::default();
            let suspect = |bytes: &[u8]| format.suspect(bytes, &plain);
            assert_eq!(suspect(page), Some("a page in HTML"), "{name}");
            assert_eq!(suspect(b" \n"), Some("an empty body"));
            assert_eq!(suspect(b"[1]"), None);
            let json = name.ends_with("json");
            for text in ["Too many requests", "<DATE>,<TIME>", "<feed/>", "temporarily out"] {
                assert_eq!(suspect(text.as_bytes()).is_some(), json, "{name} {text}");
            }
            for text in ["{}", "\u{feff} [", "true", "-1", "\"a\""] {
                assert_eq!(suspect(text.as_bytes()), None, "{name} {text}");
            }
            let wide = format.other(b"\xff\xfe[\0", &plain);
            assert_eq!(wide.is_none(), name == "xml", "{name}");
            assert_eq!(suspect(b"\xff\xfe[\0").is_none(), name == "xml", "{name}");
            let zipped = format.other(b"\x1f\x8b\x08", &plain);
            assert_eq!(zipped, Some(format!("it looks like gzip, not {name}")));
        }
    }

    #[test]
    fn only_what_is_declared_has_a_part_in_the_numbering() {
        let plain = Written::default();
        let told = |skip| Format::all().map(|(_, format)| format.numbering(&plain, skip));
        assert_eq!(told(0), [const { None }; 4]);
        let skipped = "1 Csv { delimiter: 44, header: true, comment: None }";
        assert_eq!(told(1), [None, None, Some(skipped.into()), None]);
    }
}
