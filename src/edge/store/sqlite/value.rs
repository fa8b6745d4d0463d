//! Values of a SQLite store, read back.

use crate::domain::document::{Doc, Malformed};
use crate::domain::ledger::Entry;
use crate::domain::time::{Window, from_millis};
use rusqlite::Row;

pub(super) fn hour(seconds: i64) -> Window {
    Window::of(from_millis(seconds.saturating_mul(1000)))
}

pub(super) fn text(row: &Row, place: usize) -> Result<String, Malformed> {
    row.get(place).map_err(malformed)
}

pub(super) fn json(text: &str) -> Result<Doc, Malformed> {
    Doc::parse(text.as_bytes())
}

/// Without the lists of an entry.
pub(super) fn outline(text: &str) -> Result<Doc, Malformed> {
    Doc::parse_without(text.as_bytes(), &Entry::LISTS)
}

pub(super) fn malformed(cause: impl ToString) -> Malformed {
    Malformed(cause.to_string())
}
