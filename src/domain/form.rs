//! The forms of answers: one table, a row for each. Who must tell one form from another asks its
//! row. What a form is made of is read by a file below, into a document, lines or rows.

pub(super) mod csv;
pub(super) mod html;
pub(super) mod json;
pub(super) mod ndjson;
mod page;
mod quotes;
pub(super) mod raw;
mod suspect;
pub(super) mod tree;
mod wrapped;
mod written;
mod xml;

pub use page::{is_html, title};
pub use suspect::Suspect;
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
    /// It is a page: its elements are found by selectors of CSS.
    pub is_page: bool,
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
    is_page: false,
    numbering: |_, _| None,
};

static TABLE: [Format; 5] = [
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
    Format {
        name: "html",
        reading: Reading::Document(html::document),
        tags: true,
        is_page: true,
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

    fn is_json(&self) -> bool {
        matches!(self.name, "json" | "ndjson")
    }
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
    fn what_is_no_page_is_told() {
        let (_, html) = Format::all().into_iter().find(|(_, format)| format.is_page).unwrap();
        for (bytes, told) in [
            (&b" \n"[..], Some("an empty body")),
            (b" <!doctype html><title>Jobs</title>", None),
            (b"<div>part of a page</div>", None),
            (b"\xef\xbb\xbf<html>", None),
            (b"\xff\xfe<\0h\0t\0m\0l\0", None),
            (b"{\"a\": 1}", Some("JSON")),
            (b"Too many requests", Some("plain text")),
            (b"<?xml version='1.0'?><rss/>", Some("tags that are no HTML")),
            (b"%PDF-1.7 <<", Some("bytes that are no text")),
            (b"\x89PNG\r\n\x1a\n\0\0", Some("bytes that are no text")),
            (b"\x1f\x8b\x08", Some("compressed bytes or letters of another coding")),
            (b"<html><title>Just a moment...</title>", Some("a check for robots")),
            (b"<html><script>window._cf_chl_opt={}</script>", Some("a check for robots")),
        ] {
            let found = html.suspect(bytes, &Written::default(), false).map(|found| found.what);
            assert_eq!(found.as_deref(), told);
        }
    }

    #[test]
    fn only_what_is_declared_has_a_part_in_the_numbering() {
        let plain = Written::default();
        let told = |skip| Format::all().map(|(_, format)| format.numbering(&plain, skip));
        assert_eq!(told(0), [const { None }; 5]);
        let skipped = "1 Csv { delimiter: 44, header: true, comment: None }";
        assert_eq!(told(1), [None, None, Some(skipped.into()), None, None]);
    }
}
