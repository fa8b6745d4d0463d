//! What came from outside, made fit to be shown, journaled and stored.
//!
//! Invariant: every text of an answer or a failure passes here before it leaves the door. No secret
//! of the request is left in it, however it is spelt; nothing in it steers a terminal; it is short.

use crate::domain::limits::{SHOWN_ADDRESS, SHOWN_WORDS};
use crate::domain::request::{Request, Response, Validators};
use crate::domain::retry::Failure;
use crate::domain::secret::Redactor;
use crate::domain::shown;

pub struct Cleaner(Redactor);

impl Cleaner {
    pub fn new(request: &Request) -> Cleaner {
        Cleaner(request.redactor())
    }

    pub fn failure(&self, failure: Failure) -> Failure {
        failure.with_texts(|text| self.text(text, SHOWN_ADDRESS))
    }

    pub fn response(&self, response: Response) -> Response {
        let words = |text: String| self.text(&text, SHOWN_WORDS);
        Response {
            content_type: response.content_type.map(words),
            validators: response.validators.and_then(|found| self.validators(found)),
            warnings: response.warnings.into_iter().map(words).collect(),
            final_url: self.text(&response.final_url, SHOWN_ADDRESS),
            ..response
        }
    }

    /// First without secrets, then cut: half a secret is one too.
    fn text(&self, text: &str, letters: usize) -> String {
        shown::short(&self.0.redact(text), letters)
    }

    /// They go back as they came, so one that holds a secret, or is too long, is not kept at all.
    fn validators(&self, found: Validators) -> Option<Validators> {
        let found = found.short();
        let kept = |text: Option<String>| text.filter(|text| !self.0.finds(text));
        let kept = Validators { etag: kept(found.etag), last_modified: kept(found.last_modified) };
        (kept != Validators::default()).then_some(kept)
    }
}
