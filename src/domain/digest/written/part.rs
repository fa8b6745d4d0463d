//! What the written report is made of: sections and terms.

use crate::domain::report::{Block, Section, Term};

/// A section of the written report.
pub fn section(name: &str, title: String, standfirst: String, blocks: Vec<Block>) -> Section {
    Section { name: name.into(), title, standfirst, blocks, run_on: true, ..Section::default() }
}

/// A name, and what is said of it.
pub fn term(name: &str, text: impl Into<String>) -> Term {
    Term { name: name.into(), text: text.into(), link: None }
}
