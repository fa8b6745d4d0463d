//! How a window that holds more than a publisher gives at once is walked: in slices.

use std::time::Duration;

/// A window is walked slice by slice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slices {
    /// The longest window that one request may ask for; none: any.
    pub length: Option<Duration>,
    /// Items that a page has in common with the one before it.
    pub overlap: u32,
    /// By what a slice is cut that time cannot cut any more, in this order.
    pub dimensions: Vec<Dimension>,
    /// The name in the query that takes words to be searched for.
    pub search: Option<String>,
}

/// A parameter whose values part all items, more or less.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dimension {
    /// The name in the query.
    pub param: String,
    pub values: Vec<String>,
}
