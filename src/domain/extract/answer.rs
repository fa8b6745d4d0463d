//! An answer as bytes: its letters decoded, what it is told apart from what it was to be, and
//! sent on the way on which it is read.

use super::item::Extraction;
use super::plan::{Plan, Route};
use super::shape;
use crate::domain::json::{Cursor, Flaw, Token, Word};
use crate::domain::limits::ANSWER_BYTES;
use crate::domain::source::Format;
use std::borrow::Cow;

pub(super) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

impl Plan {
    /// Extracts one snapshot into `out`, which is emptied first. `item` is the key of the loop's
    /// item that was asked for.
    pub fn extract(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        out.start(self);
        if bytes.is_empty() {
            return out.give_up("the answer is empty".into());
        }
        if bytes.len() > ANSWER_BYTES {
            return out.give_up("the answer is larger than 1 GiB".into());
        }
        if let Some(why) = self.other_form(bytes) {
            return out.give_up(why);
        }
        let (bytes, lossy) = self.decoded(bytes);
        out.lossy = lossy;
        match (self.route, self.source.fetch.format) {
            (Route::Tree, _) => self.walk(&bytes, item, out),
            (Route::Stream, Format::Ndjson) => self.lines(&bytes, item, out),
            (Route::Stream, _) => self.document(&bytes, item, out),
        }
        out.finish(self);
        if out.items().is_empty() && !out.faults().is_empty() {
            out.difference = shape::difference(self, &bytes);
        }
    }

    /// The bytes as UTF-8 where their coding is declared, and whether some of them mean nothing.
    /// What an XML answer says of its own is read where that is read.
    fn decoded<'b>(&self, bytes: &'b [u8]) -> (Cow<'b, [u8]>, bool) {
        match self.source.fetch.encoding.filter(|encoding| !encoding.is_utf8()) {
            // XML has its own way to tell them.
            None if self.source.fetch.format == Format::Xml => (Cow::Borrowed(bytes), false),
            None => (Cow::Borrowed(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)), false),
            Some(encoding) => match encoding.decode(bytes) {
                (Cow::Borrowed(text), lossy) => (Cow::Borrowed(text.as_bytes()), lossy),
                (Cow::Owned(text), lossy) => (Cow::Owned(text.into_bytes()), lossy),
            },
        }
    }

    /// What the first bytes say, where that is not what was declared.
    fn other_form(&self, bytes: &[u8]) -> Option<String> {
        let (format, encoding) = (self.source.fetch.format, self.source.fetch.encoding);
        let name = format.name();
        if bytes.starts_with(b"\x1f\x8b") {
            return Some(format!("it looks like gzip, not {name}"));
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Some(format!("it looks like a zip archive, not {name}"));
        }
        let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
        let told = "it looks like UTF-16: fetch.encoding = \"utf-16\" reads that";
        (wide && format != Format::Xml && encoding.is_none()).then(|| told.into())
    }
}

/// Why bytes are not JSON, and what they look like instead.
pub(super) fn not_json(bytes: &[u8], flaw: &Flaw) -> String {
    if bytes.trim_ascii_start().starts_with(b"<") {
        return "it is not JSON but looks like HTML or XML".into();
    }
    match Cursor::new(bytes).token() {
        Ok(Token::Word(Word::Odd(word))) => {
            let word: String = String::from_utf8_lossy(word).chars().take(40).collect();
            format!("it is not JSON: it begins with {word:?}")
        }
        _ => flaw.told(bytes),
    }
}
