//! Why an exchange failed: one variant for each branch a caller takes, with its text for people.
//!
//! Invariant: what leaves the door holds no secret and nothing that steers a terminal.

use std::time::Duration;

use thiserror::Error;

use super::after::RetryAfter;
use super::words::{Announced, Coded, Cookie, Span, Status};
use crate::domain::coding::{Coding, Spoilt};
use crate::domain::format::Size;
use crate::domain::time::Instant;

/// An exchange that brought no whole answer. `at` is the redacted address that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The server says "not now".
    #[error("get {at}: answered {}", Status(*status))]
    Transient { at: String, status: u16, retry_after: Option<RetryAfter> },
    /// The server says no, and would say it again. `challenge`: it wants a browser.
    #[error("get {at}: answered {}", Status(*status))]
    Permanent { at: String, status: u16, challenge: bool },
    /// An honest "nothing there now": no fault, and nothing to land.
    #[error("get {at}: answered {}", Status(*status))]
    NoContent { at: String, status: u16 },
    #[error("get {at}: {cause}")]
    Unreachable { at: String, cause: Unreachable },
    #[error("get {at}: not done within {}, {} received", Span(*after), Size(*received))]
    Timeout { at: String, after: Duration, received: u64 },
    #[error("get {at}: the {part} is over the cap of {}{}", Size(*cap), Announced(*announced))]
    Oversize { at: String, part: Part, cap: u64, announced: Option<u64> },
    #[error("get {at}: {flaw}")]
    BadBody { at: String, flaw: Flaw },
    #[error("get {at}: {detour}")]
    Redirect { at: String, detour: Detour },
    /// "Unchanged", though there is no stored body that this could mean.
    #[error("get {at}: answered 304 not modified, but no stored body is at hand")]
    NothingStored { at: String },
    /// "Unchanged", but of another version than the one we hold: the stored body is not the answer.
    #[error("get {at}: answered 304 not modified, but for another version than the stored one")]
    OtherVersion { at: String },
    /// It was not asked yet: its host, its quota or its own answer before say so.
    #[error("get {at}: not asked: {why}; until {}", until.format("%Y-%m-%d %H:%M:%S UTC"))]
    Waits { at: String, why: String, until: Instant },
    /// Its host does not allow programs to fetch it.
    #[error("get {at}: not asked: {why}")]
    Barred {
        at: String,
        why: String,
        /// It could not say, and may soon.
        unsaid: bool,
    },
    /// The server that gives tokens gave none.
    #[error("token from {at}: {why}")]
    Token {
        at: String,
        why: String,
        /// It says "not now".
        passes: bool,
    },
    /// This machine lacks what a request needs: not the source's fault.
    #[error("get {at}: {lack}")]
    Exhausted { at: String, lack: Lack },
    /// The run ended first: not the source's fault.
    #[error("get {at}: {by}")]
    Stopped { at: String, by: Stop },
    /// The request itself cannot be made.
    #[error("get {at}: {why}")]
    Invalid { at: String, why: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreachable {
    #[error("no address is known for {0}")]
    Name(String),
    #[error("the connection was refused")]
    Refused,
    #[error("no connection within {}", Span(*.0))]
    Silent(Duration),
    #[error("the server closed the connection without an answer")]
    HungUp,
    /// HTTP/2: it ended this exchange or the connection, by its own words.
    #[error("the server broke the exchange off before it answered ({0})")]
    BrokenOff(String),
    #[error("no safe connection, its certificate is signed by itself")]
    SelfSigned,
    #[error("no safe connection, its certificate {0}")]
    Certificate(String),
    #[error("no safe connection by TLS, {0}")]
    Tls(String),
    /// A connection was there, but what came over it cannot be read as an answer.
    #[error("what came is not HTTP: {0}")]
    NotHttp(String),
    #[error("no connection, {0}")]
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Part {
    #[error("body as sent")]
    Wire,
    #[error("decoded body")]
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    #[error("the body was cut after {}{}", Size(*received), Announced(*announced))]
    Cut { received: u64, announced: Option<u64> },
    #[error("the body does not keep to the framing that its head announced: {0}")]
    Framing(String),
    #[error("{}", Coded(*.0, .1))]
    Coded(Coding, Spoilt),
    #[error("the body is encoded as `{0}`, but only gzip, br and zstd were offered")]
    Encoding(String),
    #[error("the body is said to be encoded more than once, as `{0}`; one coding is undone")]
    Layers(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Detour {
    #[error("redirected more than {0} times")]
    TooMany(u32),
    /// `cookie`: it was set on the way.
    #[error("the address leads back to itself{}", Cookie(*cookie))]
    Back { cookie: bool },
    #[error("redirected without an address that can be read")]
    Nowhere,
    #[error("redirected to several addresses at once")]
    Several,
    #[error("redirected to `{0}`, which is not a web address")]
    NotWeb(String),
    /// A POST, by a status that does not say whether it is to be one again, or to another place.
    #[error("what was posted was redirected, at {0}")]
    Posted(String),
    /// Its publisher put a secret of the request into the address of another host.
    #[error("redirected to {0}, with a secret of this request in the address")]
    Telling(String),
    /// The pace at that host is so slow that one run cannot ask twice.
    #[error("redirected to {0}, whose pace allows no second request within a run")]
    Paced(String),
    #[error("redirected from https to http, to {0}")]
    Downgrade(String),
    #[error("redirected to {0}, which is inside a private network")]
    Private(String),
}

/// What this machine has no more of.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Lack {
    #[error("this machine has no file descriptor left for a connection")]
    Descriptors,
    #[error("the answers of others fill the memory set aside for answers")]
    Memory,
    #[error("this machine has no network port left for a connection")]
    Ports,
    /// Certificates or others, by the system's words.
    #[error("this machine cannot make a connection, {0}")]
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    #[error("the time of the run was over")]
    Deadline,
    #[error("the run was told to stop")]
    Signal,
}

impl Failure {
    /// Which failure a status is that brings no body to land.
    pub fn of_status(
        at: String,
        status: u16,
        retry_after: Option<RetryAfter>,
        challenge: bool,
    ) -> Failure {
        match status {
            204 | 205 => Failure::NoContent { at, status },
            // 202: "being prepared". 403 with a Retry-After is a rate limit by another name.
            202 | 408 | 425 | 429 | 500..=599 => Failure::Transient { at, status, retry_after },
            403 if retry_after.is_some() => Failure::Transient { at, status, retry_after },
            _ => Failure::Permanent { at, status, challenge },
        }
    }

    /// The same failure, each of its texts changed: they hold what came from outside.
    pub fn with_texts(mut self, change: impl Fn(&str) -> String) -> Failure {
        for text in self.texts() {
            *text = change(text);
        }
        self
    }

    /// The redacted address that was asked last.
    pub fn place(&self) -> &str {
        match self {
            Failure::Transient { at, .. }
            | Failure::Permanent { at, .. }
            | Failure::NoContent { at, .. }
            | Failure::Unreachable { at, .. }
            | Failure::Timeout { at, .. }
            | Failure::Oversize { at, .. }
            | Failure::BadBody { at, .. }
            | Failure::Redirect { at, .. }
            | Failure::NothingStored { at }
            | Failure::OtherVersion { at }
            | Failure::Waits { at, .. }
            | Failure::Barred { at, .. }
            | Failure::Token { at, .. }
            | Failure::Exhausted { at, .. }
            | Failure::Stopped { at, .. }
            | Failure::Invalid { at, .. } => at,
        }
    }

    fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Failure::Transient { at, .. }
            | Failure::Permanent { at, .. }
            | Failure::NoContent { at, .. }
            | Failure::Timeout { at, .. }
            | Failure::Oversize { at, .. }
            | Failure::NothingStored { at }
            | Failure::OtherVersion { at }
            | Failure::Stopped { at, .. } => vec![at],
            Failure::Unreachable { at, cause } => [at].into_iter().chain(cause.text()).collect(),
            Failure::BadBody { at, flaw } => [at].into_iter().chain(flaw.text()).collect(),
            Failure::Redirect { at, detour } => [at].into_iter().chain(detour.text()).collect(),
            Failure::Exhausted { at, lack: Lack::Other(text) }
            | Failure::Token { at, why: text, .. }
            | Failure::Barred { at, why: text, .. }
            | Failure::Waits { at, why: text, .. }
            | Failure::Invalid { at, why: text } => {
                vec![at, text]
            }
            Failure::Exhausted { at, .. } => vec![at],
        }
    }

    /// The HTTP status, where one came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Failure::Transient { status, .. }
            | Failure::Permanent { status, .. }
            | Failure::NoContent { status, .. } => Some(*status),
            Failure::NothingStored { .. } | Failure::OtherVersion { .. } => Some(304),
            _ => None,
        }
    }

    /// Whether the server surely did nothing with what was sent, so that a POST may be repeated.
    pub fn is_unheard(&self) -> bool {
        match self {
            Failure::Transient { status, .. } => matches!(status, 425 | 429 | 503),
            Failure::Unreachable { cause, .. } => {
                matches!(
                    cause,
                    Unreachable::Name(_) | Unreachable::Refused | Unreachable::Silent(_)
                )
            }
            _ => false,
        }
    }

    /// When the server wishes to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Failure::Transient { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl Unreachable {
    fn text(&mut self) -> Option<&mut String> {
        match self {
            Unreachable::Name(text)
            | Unreachable::Certificate(text)
            | Unreachable::Tls(text)
            | Unreachable::NotHttp(text)
            | Unreachable::BrokenOff(text)
            | Unreachable::Other(text) => Some(text),
            Unreachable::Refused
            | Unreachable::Silent(_)
            | Unreachable::HungUp
            | Unreachable::SelfSigned => None,
        }
    }
}

impl Flaw {
    fn text(&mut self) -> Option<&mut String> {
        match self {
            Flaw::Framing(text) | Flaw::Encoding(text) | Flaw::Layers(text) => Some(text),
            Flaw::Cut { .. } | Flaw::Coded(..) => None,
        }
    }
}

impl Detour {
    fn text(&mut self) -> Option<&mut String> {
        match self {
            Detour::NotWeb(text)
            | Detour::Downgrade(text)
            | Detour::Private(text)
            | Detour::Telling(text)
            | Detour::Paced(text)
            | Detour::Posted(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> String {
        "http://e.org".into()
    }

    #[test]
    fn each_status_takes_its_branch() {
        let of = |status, hold| Failure::of_status(at(), status, hold, false);
        let later = Some(RetryAfter::After(Duration::from_secs(3)));
        for status in [202, 408, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(of(status, None), Failure::Transient { .. }), "{status}");
        }
        for status in [201, 206, 300, 305, 400, 401, 403, 404, 410, 418] {
            assert!(matches!(of(status, None), Failure::Permanent { .. }), "{status}");
        }
        assert!(matches!(of(204, None), Failure::NoContent { .. }));
        assert_eq!(of(403, later).retry_after(), later);
    }
}
