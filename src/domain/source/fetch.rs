//! What a declaration says of the request: address, period, loop, form of the answer.

use super::auth::Auth;
use super::items::{Filter, Marker};
use super::list::List;
use super::pages::Pages;
use super::payload::Payload;
use super::range::Range;
use super::slices::Slices;
use super::tls::Tls;
use crate::domain::container::Bounds;
use crate::domain::decimal::Form;
use crate::domain::form::{Format, Written, is_html};
use crate::domain::quota::Quota;
use crate::domain::redact::Redaction;
use crate::domain::schedule::CatchUp;
use crate::domain::template::Template;
use std::borrow::Cow;
use std::time::Duration;

/// Where and how often to ask.
#[derive(Clone, Debug)]
pub struct Fetch {
    pub url: Template,
    pub headers: Vec<(String, Template)>,
    /// Pairs that go into the query, behind those of the address.
    pub params: Vec<(String, Template)>,
    /// The body of a POST; none: the request is a GET.
    pub payload: Option<Payload>,
    pub auth: Option<Auth>,
    /// Whom its connections trust, and as whom they come.
    pub tls: Option<Tls>,
    /// One request for each of these; none: a single request.
    pub items: Option<List>,
    /// How the pages of an answer are asked for; none: it is one page.
    pub pages: Option<Pages>,
    /// The range is walked in slices; none: it is asked for as one.
    pub slices: Option<Slices>,
    /// How the range of the request follows from the slot.
    pub range: Option<Range>,
    /// What is done about slots that were missed.
    pub catch_up: CatchUp,
    pub every: Duration,
    pub format: &'static Format,
    pub written: Written,
    pub numbers: Numbers,
    /// It is fetched only where the robots.txt of its host allows it.
    pub robots: bool,
    /// What its publisher grants; a key that is empty is the source's own.
    pub quotas: Vec<Quota>,
    /// How long an answer is believed to hold at most.
    pub max_fresh: Duration,
    /// Conditions of which one makes an answer a failure, by paths from its top.
    pub fail: Vec<Filter>,
    /// Values that are replaced by null before the answer lands.
    pub redact: Vec<Redaction>,
    /// Bounds the whole exchange.
    pub timeout: Duration,
    /// Zeros and ends of lines may follow a whole gzip.
    pub gzip_padding: bool,
    /// Cap in bytes, on the body before and after its transfer, and on what is unpacked of it.
    pub max_bytes: u64,
}

impl Fetch {
    /// All that is filled in for a request.
    pub fn templates(&self) -> Vec<&Template> {
        let named = self.headers.iter().chain(&self.params).map(|(_, template)| template);
        let payload = self.payload.iter().flat_map(Payload::templates);
        let auth = self.auth.iter().flat_map(Auth::templates);
        [&self.url].into_iter().chain(named).chain(payload).chain(auth).collect()
    }

    /// How the names of its snapshots end: they are what came, packed or not.
    pub fn ending(&self) -> &'static str {
        self.written.unpack.as_ref().map_or(self.format.name, |unpack| unpack.pack.ending())
    }

    /// What stands in an answer, taken out of what it is packed in, if in anything; or why that
    /// cannot be. Whoever reads an answer reads it by this.
    pub fn opened<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, [u8]>, String> {
        let bounds = Bounds { bytes: self.max_bytes, padded: self.gzip_padding };
        match &self.written.unpack {
            None => Ok(Cow::Borrowed(bytes)),
            Some(unpack) => unpack.open(bytes, bounds).map_err(|why| match is_html(bytes) {
                true => "it is a page in HTML, and nothing that could be opened".into(),
                false => why,
            }),
        }
    }

    /// Bytes that an answer of so many takes in memory while it is read, at the most.
    pub fn weight(&self, bytes: u64) -> u64 {
        bytes.saturating_add(self.written.unpack.as_ref().map_or(0, |_| self.max_bytes))
    }

    /// An answer as it may land: without what is to be redacted, or why it may not.
    pub fn redacted(&self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        match (self.redact.as_slice(), self.format.redact) {
            ([], _) => Ok(bytes),
            _ if self.written.unpack.is_some() => Err("what is packed cannot be redacted".into()),
            (wanted, Some(redact)) => redact(&bytes, wanted),
            (_, None) => Err(format!("{} cannot be redacted", self.format.name)),
        }
    }
}

/// How the numbers of an answer are written, and what stands where there is none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Numbers {
    pub form: Form,
    pub missing: Vec<Marker>,
}
