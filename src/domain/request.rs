//! What is asked of a server and what came back, as plain data.
//!
//! Invariant: a secret never leaves through `Debug` or `shown`. Credentials stand apart from the
//! other headers, so that the door can drop them when a redirect leads elsewhere.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::address;
use super::fresh::Holds;
use super::grant::Grant;
use super::journal::Effort;
use super::limits::{DATE_BYTES, TAG_BYTES};
use super::quota::Quota;
use super::secret::Redactor;
use super::source::Body;
use super::time::Instant;
use super::tls::Identity;
use super::walk::ContentRange;

/// One GET, or a POST where it has a body. `secrets` are literals that may stand anywhere in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    pub body: Option<Body>,
    /// A token goes along, from there.
    pub grant: Option<Arc<Grant>>,
    /// Tells an answer that says that the token is spent, whatever its status.
    pub spent: Spent,
    pub headers: Vec<(String, String)>,
    /// Headers that prove who asks: sent to the declared scheme, host and port only.
    pub credentials: Vec<(String, String)>,
    pub secrets: Vec<String>,
    /// Whom its connections trust and as whom they come, at the declared scheme, host and port.
    pub identity: Identity,
    pub validators: Option<Validators>,
    /// Only where the robots.txt of its host allows it.
    pub robots: bool,
    /// It is asked for one that a redirect leads to its host: it goes before those that begin.
    pub led: bool,
    /// A refusal, 400 or 401, is an answer too: its body says why.
    pub refusals: bool,
    /// It is asked there at once, where all redirects have led for long.
    pub moved_to: Option<String>,
    /// The answer before holds so long, by its publisher's word.
    pub holds_until: Option<Instant>,
    /// What each request takes of what its publisher grants.
    pub quotas: Vec<Quota>,
    /// Zeros and ends of lines may follow a whole gzip.
    pub gzip_padding: bool,
    pub caps: Caps,
}

/// The stored `ETag` and `Last-Modified`, sent back byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// Headers that are ours to set: another value would break a promise of the door.
const RESERVED: [&str; 10] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "if-modified-since",
    "if-none-match",
    "range",
    "te",
    "transfer-encoding",
    "user-agent",
];

/// Whether a header is ours to set.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

impl Validators {
    /// Those of them that are short enough to be kept and sent.
    pub fn short(self) -> Validators {
        let within = |text: Option<String>, most| text.filter(|text| text.len() <= most);
        Validators {
            etag: within(self.etag, TAG_BYTES),
            last_modified: within(self.last_modified, DATE_BYTES),
        }
    }
}

/// The stated limits of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of the body as sent, before decoding.
    pub wire_bytes: u64,
    /// Bytes of the body after decoding.
    pub plain_bytes: u64,
    /// Of a larger body the front is taken, instead of none.
    pub front: bool,
    pub redirects: u32,
    /// For the whole exchange: connection, redirects and body.
    pub timeout: Duration,
    pub retries: u32,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            wire_bytes: 16 << 20,
            plain_bytes: 64 << 20,
            front: false,
            redirects: 4,
            timeout: Duration::from_secs(20),
            retries: 2,
        }
    }
}

/// A whole answer: a body within the caps, or the word that the last one still holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The body after content decoding; empty when `unchanged`, or as long as it is `aside`.
    pub body: Vec<u8>,
    /// A large body waits there until [`Response::take_up`].
    pub aside: Aside,
    pub content_type: Option<String>,
    /// The values of its headers `Link`, as they came: for who follows them, not to be shown.
    pub links: Vec<String>,
    /// 206: it is a range of bytes, from the first to the last.
    pub is_all_bytes: bool,
    /// Which of how many it has, as its head says.
    pub content_range: Option<ContentRange>,
    /// What to send next time; on a 304 the stored ones, refreshed by what it says.
    pub validators: Option<Validators>,
    pub retry_after: Option<crate::domain::retry::RetryAfter>,
    /// How long the publisher says that this answer holds, unclamped.
    pub holds: Holds,
    /// 304: the stored body is the answer.
    pub unchanged: bool,
    /// Every redirect on the way said "for good": the declared address is out of date.
    pub moved: bool,
    /// What a person should know though the body is good (203, Deprecation, Sunset).
    pub warnings: Vec<String>,
    /// From the start of the last request to the whole body.
    pub elapsed: Duration,
    /// Requests that were made for it, redirects aside: 1 where the first one had it.
    pub tries: u32,
    pub wire_bytes: u64,
    /// Where the answer came from, redacted.
    pub final_url: String,
    /// The same as it is: for who follows its links, not to be shown.
    pub came: String,
    /// Its room among the answers in memory, given back when this is dropped.
    pub room: Room,
}

/// The head of an answer, of which nothing else was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// The server's time, as far as it says so.
    pub date: Option<Instant>,
    /// When it came, by this machine's clock.
    pub at: Instant,
}

/// How the bytes of a body are read that waits outside of memory; it takes no part in what is
/// compared.
#[derive(Clone, Default)]
pub struct Aside(Option<Arc<TakeUp>>);

/// Reads the whole body, or says why that cannot be.
pub type TakeUp = dyn Fn() -> Result<Vec<u8>, String> + Send + Sync;

impl Aside {
    pub fn of(read: impl Fn() -> Result<Vec<u8>, String> + Send + Sync + 'static) -> Aside {
        Aside(Some(Arc::new(read)))
    }

    /// Whether something waits.
    pub fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl PartialEq for Aside {
    fn eq(&self, _: &Aside) -> bool {
        true
    }
}

impl Eq for Aside {}

impl Response {
    /// Whether it is one of several pages, by its status: no range of bytes.
    pub fn is_part(&self) -> bool {
        self.status == 206 && !self.is_all_bytes
    }

    /// When it was asked for, if it has come at this instant.
    pub fn began(&self, now: Instant) -> Instant {
        now.before(chrono::TimeDelta::from_std(self.elapsed).unwrap_or_default())
    }

    /// What it took to get it.
    pub fn effort(&self) -> Effort {
        Effort { tries: self.tries, took: Some(self.elapsed), wire: Some(self.wire_bytes) }
    }

    /// Takes a body into memory that waits outside of it.
    ///
    /// # Errors
    ///
    /// Where it waits, it cannot be read any more.
    pub fn take_up(&mut self) -> Result<(), String> {
        if let Aside(Some(read)) = std::mem::take(&mut self.aside) {
            self.body = read()?;
        }
        Ok(())
    }
}

/// How an answer is told by its body that says that a token is spent; it takes no part in what is
/// compared.
#[derive(Clone, Default)]
pub struct Spent(Option<Arc<Tells>>);

/// Whether a body says so.
pub type Tells = dyn Fn(&[u8]) -> bool + Send + Sync;

impl Spent {
    pub fn of(tells: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Spent {
        Spent(Some(Arc::new(tells)))
    }

    /// Whether this answer says so.
    pub fn is_said(&self, answer: &Response) -> bool {
        self.0.as_ref().is_some_and(|tells| !answer.unchanged && tells(&answer.body))
    }
}

impl PartialEq for Spent {
    fn eq(&self, _: &Spent) -> bool {
        true
    }
}

impl Eq for Spent {}

/// What is held for as long as an answer is in memory; it takes no part in what is compared.
#[derive(Clone, Default)]
pub struct Room(Option<Arc<dyn Any + Send + Sync>>);

impl Room {
    pub fn of(held: impl Any + Send + Sync) -> Room {
        Room(Some(Arc::new(held)))
    }

    /// Whether something is held.
    pub fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl PartialEq for Room {
    fn eq(&self, _: &Room) -> bool {
        true
    }
}

impl Eq for Room {}

impl Request {
    /// A GET of `url` under the default caps, with nothing else said.
    pub fn new(url: impl Into<String>) -> Request {
        Request {
            url: url.into(),
            body: None,
            grant: None,
            spent: Spent::default(),
            headers: Vec::new(),
            credentials: Vec::new(),
            secrets: Vec::new(),
            identity: Identity::default(),
            validators: None,
            robots: false,
            led: false,
            refusals: false,
            moved_to: None,
            holds_until: None,
            quotas: Vec::new(),
            gzip_padding: false,
            caps: Caps::default(),
        }
    }

    /// Whether the server may answer that nothing has changed.
    pub fn is_conditional(&self) -> bool {
        let none = Validators::default();
        self.body.is_none() && self.validators.as_ref().is_some_and(|stored| *stored != none)
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> String {
        address::redact(&self.url, &self.redactor())
    }

    /// Whether nothing goes along that is for its own place only.
    pub fn is_open(&self) -> bool {
        self.secrets.is_empty()
            && self.credentials.is_empty()
            && self.grant.is_none()
            && self.identity == Identity::default()
            && self.body.is_none()
            && address::secrets(&self.url).is_empty()
    }

    /// Takes all secrets that this request carries out of a text.
    pub fn redactor(&self) -> Redactor {
        let values = self.credentials.iter().map(|(_, value)| value.as_str());
        // "Bearer abc": the part behind the scheme is a secret by itself.
        let parts = values.clone().filter_map(|value| value.split_once(' ').map(|pair| pair.1));
        let told = self.secrets.iter().map(String::as_str);
        let own = address::secrets(&self.url);
        Redactor::new(told.chain(values).chain(parts).chain(own.iter().map(String::as_str)))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |list: &[(String, String)]| -> Vec<String> {
            list.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Request")
            .field("url", &self.shown())
            .field("headers", &names(&self.headers))
            .field("credentials", &names(&self.credentials))
            .field("validators", &self.validators)
            .field("caps", &self.caps)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("content_type", &self.content_type)
            .field("validators", &self.validators)
            .field("unchanged", &self.unchanged)
            .field("final_url", &self.final_url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let mut request = Request::new("https://u:hunter2@e.org/hunter3/?key=hunter4&t=hunter5");
        request.secrets = vec!["hunter3".into()];
        request.headers = vec![("X-Odd".into(), "hunter6".into())];
        request.credentials = vec![("Authorization".into(), "Bearer hunter5".into())];
        let shown = format!("{request:?}");
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("Authorization") && shown.contains("X-Odd"), "{shown}");
    }
}
