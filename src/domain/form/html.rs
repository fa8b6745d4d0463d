//! HTML as a document, read as a browser reads it (the HTML standard's parser): whatever comes
//! is a page. Its elements are found by selectors of CSS, not by names from the root on.

mod charset;
mod dom;
mod matching;
mod outline;
mod sink;
mod stands;
mod style;
mod text;

use super::raw::Raw;
use super::tree::Tree;
use super::written::{Encoding, Written};
use crate::domain::budget::Budget;

pub use charset::{letters, named_otherwise};
pub use dom::Node;

/// Reads the page.
pub fn document(
    bytes: &[u8],
    written: &Written,
    budget: &Budget,
    read: &mut dyn FnMut(&Tree),
) -> Result<(), String> {
    let page = charset::page(bytes, written.encoding, budget)?;
    let nodes: Vec<Tree> = page.nodes().map(Tree::Node).collect();
    read(&Tree::Page(page.top(), &nodes));
    Ok(())
}

/// What a person sees of a piece of HTML.
///
/// # Errors
///
/// It is too large or too deep to be read.
pub fn plain(text: &str) -> Result<String, String> {
    if !text.contains(['<', '&']) {
        return Ok(text.to_string());
    }
    let (budget, mut plain) = (Budget::default(), String::new());
    let written = Written { encoding: Encoding::of("utf-8"), ..Written::default() };
    document(text.as_bytes(), &written, &budget, &mut |tree| {
        if let Tree::Page(node, _) = tree
            && let Some(text) = node.find(&[], &budget, Raw::and).on_one_line().text()
        {
            plain = text.to_string();
        }
    })?;
    Ok(plain)
}

#[cfg(test)]
mod tests;
