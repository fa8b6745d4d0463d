//! Which records are asked for.

use crate::domain::time::Instant;
use std::ops::Range;

/// Some records of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which<'a> {
    /// Those of which some version has its own time in a range.
    Timed(&'a Range<Instant>),
    /// Those of these ids.
    Named(&'a [String]),
}
