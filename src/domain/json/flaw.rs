//! What is wrong with a JSON text, and where.

use crate::domain::limits::JSON_DEPTH;

/// Why bytes are not JSON, and at which of them that was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flaw {
    pub at: usize,
    pub kind: FlawKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FlawKind {
    /// The bytes end before the value does.
    End,
    /// Something else was due there.
    Wanted(&'static str),
    /// More lists and objects inside each other than [`JSON_DEPTH`].
    Deep,
    /// It is JSON, but not taken; by who walks over it.
    Refused(&'static str),
}

impl Flaw {
    pub fn refused(why: &'static str) -> Flaw {
        Flaw { at: 0, kind: FlawKind::Refused(why) }
    }

    /// The flaw in words, with its line and column in these bytes.
    pub fn told(&self, bytes: &[u8]) -> String {
        let before = bytes.get(..self.at).unwrap_or(bytes);
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
        match self.kind {
            FlawKind::End => {
                format!("it is not complete JSON: it ends too early, after {} bytes", bytes.len())
            }
            FlawKind::Wanted(what) => {
                format!("it is not JSON: {what} was due at line {line} column {column}")
            }
            FlawKind::Deep => {
                format!("its lists and objects stand more than {JSON_DEPTH} deep")
            }
            FlawKind::Refused(why) => why.to_string(),
        }
    }
}

pub type Result<T> = std::result::Result<T, Flaw>;
