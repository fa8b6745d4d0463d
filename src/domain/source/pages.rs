//! How an answer that comes in pages is walked through, as declared.

use crate::domain::path::Path;

/// The pages of an answer: they land together, as one set.
#[derive(Clone, PartialEq, Debug)]
pub struct Pages {
    pub by: By,
    /// More pages than these are a fault.
    pub max_pages: u16,
    /// More bytes than these, of all pages, are a fault.
    pub max_bytes: u64,
}

/// What leads from a page to the next one.
#[derive(Clone, PartialEq, Debug)]
pub enum By {
    /// The header `Link`, under this relation (RFC 8288).
    HeaderLink { rel: String },
    /// An address in the answer.
    JsonLink { path: Path },
    /// A mark in the answer that goes into the next request; there is none on the last page.
    Cursor { path: Path, to: Param, more: Option<Path> },
    /// How many items were passed. `total` leads to how many there are.
    Offset { to: Param, limit: Option<(Param, u32)>, end: End },
    /// The number of the page. `total` leads to how many pages there are.
    PageNumber { to: Param, base: u32, end: End },
    /// `range=0-149`, answered with `Content-Range`.
    Range { to: Param, limit: u32, most: Option<u64> },
}

/// How the last of counted pages is known; without both paths, an empty one ends them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct End {
    pub total: Option<Path>,
    /// A flag that there are more.
    pub more: Option<Path>,
    /// No page that begins at this number, or beyond, is asked for: the publisher gives none.
    pub most: Option<u64>,
}

/// Where in a request a number or a mark stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Param {
    Query(String),
    /// In a body of JSON.
    Body(Path),
}

impl Pages {
    /// The paths that are read in each page.
    pub fn paths(&self) -> Vec<&Path> {
        match &self.by {
            By::HeaderLink { .. } | By::Range { .. } => Vec::new(),
            By::JsonLink { path } => vec![path],
            By::Cursor { path, more, .. } => [path].into_iter().chain(more).collect(),
            By::Offset { end, .. } | By::PageNumber { end, .. } => {
                end.total.iter().chain(&end.more).collect()
            }
        }
    }

    /// The word by which it is declared.
    pub fn word(&self) -> &'static str {
        match self.by {
            By::HeaderLink { .. } => "header_link",
            By::JsonLink { .. } => "json_link",
            By::Cursor { .. } => "cursor",
            By::Offset { .. } => "offset",
            By::PageNumber { .. } => "page_number",
            By::Range { .. } => "range",
        }
    }
}
