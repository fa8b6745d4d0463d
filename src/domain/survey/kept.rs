//! What came of a page, as a ledger keeps it.

use super::{Page, Survey};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::walk::At;

/// A line of a ledger.
#[derive(Clone, PartialEq, Debug)]
pub enum Line {
    /// A page came.
    Came {
        total: Option<u64>,
        items: u64,
        /// Of them, those that cannot be read.
        unread: u64,
        /// Of those that count, as they are.
        ids: Vec<String>,
        next: Option<At>,
        /// It is the last one that can be had, and there may be more.
        full: bool,
        /// Where what it says of them ends in the file of rows, if one is kept.
        rows: Option<u64>,
    },
    /// The page that was asked cannot be had.
    Failed(String),
    /// Slices that failed are asked once more.
    Again,
}

impl Line {
    pub fn doc(&self) -> Doc {
        match self {
            Line::Came { total, items, unread, ids, next, full, rows } => Doc::map([
                ("total", Doc::option(*total, whole)),
                ("items", whole(*items)),
                ("unread", whole(*unread)),
                ("ids", Doc::List(ids.iter().map(Doc::text).collect())),
                ("next", Doc::option(next.as_ref(), At::doc)),
                ("full", Doc::option(full.then_some(1), whole)),
                ("rows", Doc::option(*rows, whole)),
            ]),
            Line::Failed(why) => Doc::map([("failed", Doc::text(why))]),
            Line::Again => Doc::map([("again", Doc::Int(1))]),
        }
    }

    /// Reads what [`Line::doc`] wrote.
    pub fn read(doc: &Doc) -> Option<Line> {
        if !doc.get("again").is_null() {
            return Some(Line::Again);
        }
        if let Ok(why) = doc.get("failed").as_text() {
            return Some(Line::Failed(why.to_string()));
        }
        let text = |id: &Doc| id.as_text().ok().map(str::to_string);
        let next = doc.get("next");
        Some(Line::Came {
            total: doc.get("total").as_count().ok(),
            items: doc.get("items").as_count().ok()?,
            unread: doc.get("unread").as_count().unwrap_or_default(),
            ids: doc.get("ids").as_list().ok()?.iter().map(text).collect::<Option<_>>()?,
            next: (!next.is_null()).then(|| At::read(next)),
            full: !doc.get("full").is_null(),
            rows: doc.get("rows").as_count().ok(),
        })
    }
}

impl Survey {
    /// Takes in what a line says; in their order it comes to where it was.
    pub fn hear(&mut self, line: &Line) {
        match line {
            Line::Came { total, items, unread, ids, next, full, .. } => {
                let (total, items, unread, full) = (*total, *items, *unread, *full);
                let next = next.clone();
                let ids = ids.iter().map(|id| Digest::of(id.as_bytes()).number()).collect();
                self.take(Page { total, items, unread, ids, next, full });
            }
            Line::Failed(why) => drop(self.fail(why.clone())),
            Line::Again => self.again(),
        }
    }
}

fn whole(number: u64) -> Doc {
    Doc::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_the_same() {
        let ids = vec!["201WLXK".into(), "é\n".into()];
        let next = Some(At::Link("https://e.org/2".into()));
        for line in [
            Line::Came {
                total: Some(3_150),
                items: 2,
                unread: 1,
                ids,
                next,
                full: true,
                rows: None,
            },
            Line::Came {
                total: None,
                items: 0,
                unread: 0,
                ids: vec![],
                next: Some(At::Start),
                full: false,
                rows: Some(7),
            },
            Line::Failed("answered 500".into()),
            Line::Again,
        ] {
            assert_eq!(Line::read(&line.doc()), Some(line));
        }
        assert_eq!(Line::read(&Doc::Null), None);
    }
}
