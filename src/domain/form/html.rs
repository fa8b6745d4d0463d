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

use super::tree::Tree;
use super::written::Written;
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

#[cfg(test)]
mod tests;
