//! What incidents are called: their keys, their moments, and what makes messages the same.

use crate::domain::name::SourceName;
use crate::domain::shown;
use crate::domain::time::{Instant, iso_seconds};

/// Bytes that the words of one may take.
const INCIDENT_BYTES: usize = 8 << 10;

/// The words of faults without the lines of the file: an edit may only move them.
pub(super) fn unmoved(text: &str) -> String {
    let is_line = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(':').filter(|part| !is_line(part)).collect::<Vec<_>>().join(":")
}

/// What a message is about, whatever numbers and names of files it gives: its words without digits.
pub fn shape(text: &str) -> String {
    let words = text.lines().next().unwrap_or_default().split_whitespace();
    let plain = words.filter(|word| !word.contains(|letter: char| letter.is_ascii_digit()));
    let words: Vec<String> = plain.map(|word| word.replace('/', "|")).collect();
    shown::begun(&words.join(" "), SHAPE_LETTERS)
}

const SHAPE_LETTERS: usize = 100;

pub(super) fn bounded(text: &str) -> String {
    shown::begun(text, INCIDENT_BYTES / 4)
}

/// Where the incidents of sources begin that fail.
pub const SOURCES: &str = "fetcher/source/";

/// The incident of a source that fails.
pub fn of_source(source: &SourceName) -> String {
    format!("{SOURCES}{source}/")
}

/// `2026-11-24 01:00 UTC`
pub fn minute(at: Instant) -> String {
    let text = iso_seconds(at);
    format!("{} {} UTC", &text[..10], &text[11..16])
}
