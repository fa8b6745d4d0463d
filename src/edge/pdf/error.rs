//! What can go wrong when a PDF is written.

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot cut the font {face} to the glyphs used: {reason}")]
    Subset { face: &'static str, reason: String },
    #[error("cannot write the PDF: {0}")]
    Write(String),
}
