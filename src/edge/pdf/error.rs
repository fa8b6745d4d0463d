//! What can go wrong when a PDF is written.

use crate::domain::page::fonts::Font;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot cut the font {name} to the glyphs used: {reason}")]
    Subset { font: Font, name: String, reason: String },
    #[error("cannot write the PDF: {0}")]
    Write(String),
}
