//! How a window that holds more than a publisher gives at once is walked: in slices.

use crate::domain::plain::says_no_more;
use std::collections::BTreeMap;
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
    /// Where their publisher says what they are called.
    pub names: Option<Names>,
    /// What they are called by who declared them.
    pub labels: BTreeMap<String, String>,
}

/// A list of what values are called: JSON, an object for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names {
    /// Asked with the credentials of the source.
    pub url: String,
    /// The members that say a value and its name.
    pub code: String,
    pub name: String,
}

impl Dimension {
    /// What is odd about its values and their labels, by the names that their publisher gives.
    pub fn oddities(&self, names: &BTreeMap<String, String>) -> Vec<String> {
        let unknown = self.values.iter().filter(|value| !names.contains_key(*value));
        let unknown = unknown.map(|value| {
            format!("{} {value} is in no list of the publisher: nothing is found by it", self.param)
        });
        let wrong = self.labels.iter().filter_map(|(value, label)| {
            let name = names.get(value).filter(|name| !says_no_more(label, name))?;
            Some(format!(
                "{} {value} is “{name}” by its publisher, and “{label}” where it is declared",
                self.param
            ))
        });
        unknown.chain(wrong).collect()
    }
}
