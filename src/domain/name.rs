//! Names: of sources and of fields. Both are checked once, here.

use std::fmt;
use std::sync::Arc;

/// The name of a source: lower case, digits, dashes, at most 64; the stem of its file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName(Arc<str>);

/// The built-in source whose snapshots are the journals of the three programs.
pub const JOURNALS: &str = "daybook";

impl SourceName {
    /// Checks a name.
    pub fn parse(text: &str) -> Option<SourceName> {
        let inner = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let edge = |c: Option<u8>| matches!(c, Some(b'a'..=b'z' | b'0'..=b'9'));
        let good = text.len() <= 64
            && text.bytes().all(inner)
            && edge(text.bytes().next())
            && edge(text.bytes().last());
        good.then(|| SourceName(text.into()))
    }

    /// The built-in source of the journals.
    pub fn journals() -> SourceName {
        SourceName(JOURNALS.into())
    }

    pub fn is_journals(&self) -> bool {
        &*self.0 == JOURNALS
    }

    /// Whether it has a meaning of its own in the spool, so that no source may have it.
    pub fn is_reserved(&self) -> bool {
        [JOURNALS, "quarantine"].contains(&self.as_str())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether a text can name a field or an aggregate: lower case, digits, `_`, at most 40,
/// a letter first. Such a name is safe as a key in every store.
pub fn is_field_name(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["velib", "bikes-baywheels", "a", "co2-2026"] {
            assert!(SourceName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "a-", "Velib", "a_b", "a.b", "é", &"x".repeat(65)] {
            assert!(SourceName::parse(bad).is_none(), "{bad}");
        }
        assert!(is_field_name("pm2_5") && !is_field_name("2pm") && !is_field_name("a.b"));
    }
}
