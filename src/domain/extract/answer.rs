//! An answer as bytes: opened, if it is packed, its letters decoded, what it is told apart from
//! what it was to be, and sent on the way on which it is read.

use super::item::Extraction;
use super::plan::{Plan, Route};
use super::shape;
use crate::domain::form::UTF8_MARK;
use crate::domain::limits::ANSWER_BYTES;
use std::borrow::Cow;

/// Why an answer is not read that has more than [`ANSWER_BYTES`].
pub const TOO_LARGE: &str = "the answer is larger than 1 GiB";

impl Plan {
    /// Extracts one snapshot into `out`, which is emptied first. `item` is the key of the loop's
    /// item that was asked for.
    pub fn extract(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        out.start(self);
        if bytes.is_empty() {
            return out.give_up("the answer is empty".into());
        }
        if bytes.len() > ANSWER_BYTES {
            return out.give_up(TOO_LARGE.into());
        }
        let (format, written) = (self.source.fetch.format, &self.source.fetch.written);
        let opened = match self.source.fetch.opened(bytes) {
            Ok(opened) => opened,
            Err(why) => return out.give_up(why),
        };
        if opened.is_empty() {
            return out.give_up("the file in the answer is empty".into());
        }
        if let Some(why) = format.other(&opened, written) {
            return out.give_up(why);
        }
        let (bytes, lossy) = self.decoded(&opened);
        out.lossy = lossy;
        match self.route {
            Route::Tree => self.walk(&bytes, item, out),
            Route::Stream if format.is_lines() => self.lines(&bytes, item, out),
            Route::Stream => self.document(&bytes, item, out),
        }
        out.finish(self);
        if out.items().is_empty() && !out.faults().is_empty() {
            out.difference = shape::difference(self, &bytes);
        }
    }

    /// The bytes as UTF-8 where their coding is declared, and whether some of them mean nothing.
    /// What an XML answer says of its own is read where that is read.
    pub(super) fn decoded<'b>(&self, bytes: &'b [u8]) -> (Cow<'b, [u8]>, bool) {
        let fetch = &self.source.fetch;
        match fetch.written.decoded(bytes) {
            Some(decoded) => decoded,
            // It has its own way to tell them.
            None if fetch.format.tags => (Cow::Borrowed(bytes), false),
            None => (Cow::Borrowed(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes)), false),
        }
    }
}
