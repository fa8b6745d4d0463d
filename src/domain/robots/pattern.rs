//! Patterns of paths: `*` is any run of letters, `$` at the end is the end of the address.

use std::fmt::Write;

/// A pattern, ready to be held against addresses.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pattern {
    /// What stands around each `*`.
    pieces: Vec<String>,
    /// Whether nothing may follow.
    ends: bool,
    length: usize,
}

impl Pattern {
    pub fn new(text: &[u8]) -> Pattern {
        let (text, ends) = match text.strip_suffix(b"$") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let pieces: Vec<String> = text.split(|byte| *byte == b'*').map(encoded).collect();
        let stars = pieces.len().saturating_sub(1) + usize::from(ends);
        let length = pieces.iter().map(String::len).sum::<usize>() + stars;
        Pattern { pieces, ends, length }
    }

    /// In bytes, as it is compared: the longest pattern is the most specific.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether it fits the begin of a path that is [`encoded`].
    pub fn fits(&self, path: &str) -> bool {
        let Some((first, others)) = self.pieces.split_first() else { return true };
        let Some(mut rest) = path.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = others.split_last() else {
            return !self.ends || rest.is_empty();
        };
        for piece in between {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        if self.ends { rest.ends_with(last.as_str()) } else { rest.contains(last.as_str()) }
    }
}

/// A path in the one form in which it is compared (RFC 9309, 2.2.2): what is no plain ASCII, and
/// what means something in patterns, is percent-encoded, letters and digits are not.
pub(super) fn encoded(path: &[u8]) -> String {
    let (mut out, mut rest) = (String::with_capacity(path.len()), path);
    while let Some((byte, after)) = rest.split_first() {
        let given = if *byte == b'%' { escaped(after) } else { None };
        rest = if given.is_some() { after.get(2..).unwrap_or_default() } else { after };
        let (byte, was_escaped) = given.map_or((*byte, false), |given| (given, true));
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let plain = byte.is_ascii_graphic() && !was_escaped && !b"*$".contains(&byte);
        if unreserved || plain {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The byte that two hexadecimal digits stand for.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_form() {
        for (text, one) in [
            ("/a/b?c=d&e=http://f", "/a/b?c=d&e=http://f"),
            ("/ツ", "/%E3%83%84"),
            ("/%e3%83%84", "/%E3%83%84"),
            ("/%62%61%7A", "/baz"),
            ("/%2f%3F", "/%2F%3F"),
            ("/100%/%zz%4", "/100%/%zz%4"),
            ("/a b", "/a%20b"),
            ("/a*b$", "/a%2Ab%24"),
        ] {
            assert_eq!(encoded(text.as_bytes()), one);
        }
    }

    #[test]
    fn stars_are_any_run_of_letters() {
        let fits = |pattern: &str, path: &str| {
            Pattern::new(pattern.as_bytes()).fits(&encoded(path.as_bytes()))
        };
        for (pattern, yes, no) in [
            ("/", "/x", "x"),
            ("/a*c", "/abbc", "/ab"),
            ("/a*c$", "/abcc", "/acb"),
            ("/a$", "/a", "/ab"),
            ("/a*$", "/abc", "/b"),
            ("*/a", "/x/y/a", "/x"),
            ("/*a*a", "/aba", "/a"),
            ("/*a*a$", "/xaya", "/xa"),
            ("/a$b", "/a$b", "/a"),
            ("/a%2Ab", "/a*b", "/axb"),
            ("/**a", "/a", "/b"),
            ("$", "", "/"),
        ] {
            assert!(fits(pattern, yes), "{pattern} {yes}");
            assert!(!fits(pattern, no), "{pattern} {no}");
        }
        let (stars, path) = ("/*a".repeat(100_000), "/a".repeat(4_000));
        assert!(!fits(&stars, &path));
    }
}
