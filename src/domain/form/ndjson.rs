//! NDJSON: a JSON value a line.

/// The lines of an NDJSON answer that are not blank.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}
