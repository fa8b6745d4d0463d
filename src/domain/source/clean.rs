//! What is done with a text before it is read: cleaning, as declared steps.

use crate::domain::salary::Part;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// A step.
#[derive(Clone, Debug)]
pub enum Clean {
    /// Blanks around it are taken away, and several in a row become one.
    Trim,
    /// What a person sees of a piece of HTML.
    Html,
    Lower,
    Upper,
    /// Its first group; nothing where it does not match.
    Capture(Regex),
    /// What matches becomes this text, in which `$1` is a group.
    Replace(Regex, String),
    /// Texts that become others, an empty one nothing; what is not listed stays, or with `only`
    /// becomes nothing.
    Map {
        pairs: BTreeMap<String, String>,
        only: bool,
    },
    /// A date of this form of strftime becomes one of ISO 8601.
    Date(String),
    /// A part of what is said of a salary.
    Salary(Part),
}
