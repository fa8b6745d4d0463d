//! Secrets: a text that shows itself to nobody but the one who asks for it by name.

mod redactor;
mod spelling;

use std::collections::BTreeMap;
use std::fmt;

pub use redactor::{Redactor, STARS};

/// A secret. `Debug` writes stars; there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Secrets by name.
pub type Secrets = BTreeMap<String, Secret>;

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself: for a request, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }
}
