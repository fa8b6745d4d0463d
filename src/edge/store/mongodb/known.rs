//! What a connection to a MongoDB store remembers of the numbers that it gave or was given.

use crate::domain::row::Measure;
use std::collections::HashMap;
use std::ops::Range;

/// What this connection knows of numbers.
#[derive(Default)]
pub(super) struct Numbers {
    /// Taken, and not given yet.
    pub free: Range<i64>,
    /// The commit at work: its name, its number, the id of its next row.
    pub commit: Option<(String, i64, i64)>,
    /// Those of each source that was asked for.
    pub fields: HashMap<String, Vec<(String, Measure, i64)>>,
}
