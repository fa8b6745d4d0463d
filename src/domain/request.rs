//! What is asked of a server and what came back, as plain data; and how an address is shown.
//!
//! Invariant: a secret never leaves through `Debug` or `redact`. Credentials stand apart from
//! the other headers, so that the door can drop them when a redirect leads elsewhere.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::limits::SHOWN_ADDRESS;

/// What stands in place of a secret.
const STARS: &str = "***";

/// One GET. `secrets` are literals that may stand anywhere in `url`.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Headers that prove who asks: sent to the declared scheme, host and port only.
    pub credentials: Vec<(String, String)>,
    pub secrets: Vec<String>,
    pub validators: Option<Validators>,
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

/// The stated limits of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of the body as sent, before decoding.
    pub wire_bytes: u64,
    /// Bytes of the body after decoding.
    pub plain_bytes: u64,
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
    /// The body after content decoding; empty when `unchanged`.
    pub body: Vec<u8>,
    pub content_type: Option<String>,
    /// What to send next time; on a 304 the stored ones, refreshed by what it says.
    pub validators: Option<Validators>,
    pub retry_after: Option<crate::domain::retry::RetryAfter>,
    /// How long the publisher says that this answer stays fresh, unclamped.
    pub fresh_for: Option<Duration>,
    /// 304: the stored body is the answer.
    pub unchanged: bool,
    /// Every redirect on the way said "for good": the declared address is out of date.
    pub moved: bool,
    /// What a person should know though the body is good (203, Deprecation, Sunset).
    pub warnings: Vec<String>,
    pub elapsed: Duration,
    pub wire_bytes: u64,
    /// Where the answer came from, redacted.
    pub final_url: String,
    /// Its room among the answers in memory, given back when this is dropped.
    pub room: Room,
}

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
            headers: Vec::new(),
            credentials: Vec::new(),
            secrets: Vec::new(),
            validators: None,
            gzip_padding: false,
            caps: Caps::default(),
        }
    }

    /// Whether the server may answer that nothing has changed.
    pub fn is_conditional(&self) -> bool {
        let none = Validators::default();
        self.validators.as_ref().is_some_and(|stored| *stored != none)
    }

    /// The address as it may be shown.
    pub fn shown(&self) -> String {
        self.redact(&self.url)
    }

    /// Any address, without the secrets this request knows of.
    pub fn redact(&self, url: &str) -> String {
        redact(url, &self.literals())
    }

    /// All secrets that this request carries, to scrub a text of.
    pub fn literals(&self) -> Vec<String> {
        let values = self.credentials.iter().map(|(_, value)| value.as_str());
        // "Bearer abc": the part behind the scheme is a secret by itself.
        let parts = values.clone().filter_map(|value| value.split_once(' ').map(|pair| pair.1));
        let told = self.secrets.iter().map(String::as_str);
        told.chain(values).chain(parts).map(String::from).collect()
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

/// The address without user name, password, values of secret-looking keys, or given literals.
///
/// Works on the text, so that an address that does not parse is redacted too.
pub fn redact(url: &str, secrets: &[String]) -> String {
    let scrubbed = scrub(url, secrets);
    let (front, back) = match scrubbed.find(['?', '#']) {
        Some(at) => scrubbed.split_at(at),
        None => (scrubbed.as_str(), ""),
    };
    let shown = without_login(front) + &without_values(back);
    shown.chars().take(SHOWN_ADDRESS).collect()
}

/// Text without the given literals, however they are percent-encoded.
pub fn scrub(text: &str, secrets: &[String]) -> String {
    let mut forms: Vec<String> = secrets.iter().flat_map(|secret| forms_of(secret)).collect();
    forms.retain(|form| !form.is_empty());
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.iter().fold(text.to_string(), |text, form| text.replace(form, STARS))
}

fn forms_of(secret: &str) -> [String; 4] {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let path = form.replace('+', "%20");
    [secret.to_string(), path.to_ascii_lowercase(), form, path]
}

fn without_login(front: &str) -> String {
    let Some((scheme, rest)) = front.split_once("://") else {
        return front.to_string();
    };
    let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match place.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{STARS}@{host}{path}"),
        None => front.to_string(),
    }
}

fn without_values(back: &str) -> String {
    let pieces = back.split_inclusive(['?', '&', ';', '#']);
    pieces.map(without_value).collect()
}

fn without_value(piece: &str) -> String {
    let ends = ['?', '&', ';', '#'];
    let body = piece.trim_end_matches(ends);
    match body.split_once('=') {
        Some((key, _)) if is_secret_key(key) => format!("{key}={STARS}{}", &piece[body.len()..]),
        _ => piece.to_string(),
    }
}

/// Whether a key of a query, or a header, looks like one that holds a secret.
pub fn is_secret_key(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_lowercase();
    let parts = ["token", "secret", "passw", "pwd", "signature", "credential", "authori"];
    let whole = ["appid", "auth", "jwt", "pass", "session", "sessionid", "sid", "sig"];
    plain.ends_with("key") || parts.iter().any(|p| plain.contains(p)) || whole.contains(&&*plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, secrets: &[&str], expected: &str) {
        let secrets: Vec<String> = secrets.iter().map(|s| s.to_string()).collect();
        assert_eq!(redact(url, &secrets), expected);
    }

    #[test]
    fn plain_addresses_are_shown_as_they_are() {
        let url = "https://api.example.org/v1/all;x=1?from=2026-11-21&bbox=1,2;3#top";
        check(url, &[], url);
        check("not an address", &[], "not an address");
    }

    #[test]
    fn secret_looking_keys_lose_their_values() {
        check("http://e.org/?appid=s3&q=Lille", &[], "http://e.org/?appid=***&q=Lille");
        check("http://e.org/?q=1&API_Key=s3==", &[], "http://e.org/?q=1&API_Key=***");
        check("http://e.org/?access-token=a;b=2", &[], "http://e.org/?access-token=***;b=2");
        check("http://e.org/a#access_token=s3", &[], "http://e.org/a#access_token=***");
        check("/only?x-amz-signature=1", &[], "/only?x-amz-signature=***");
    }

    #[test]
    fn user_and_password_are_removed() {
        check("https://me:p@ss@e.org:8443/a@b?x=1", &[], "https://***@e.org:8443/a@b?x=1");
        check("https://me@e.org", &[], "https://***@e.org");
    }

    #[test]
    fn literals_are_removed_in_every_encoding() {
        check("https://e.org/k/s3cr3t/a", &["s3cr3t"], "https://e.org/k/***/a");
        check("https://e.org/?q=a%20b%2Fc", &["a b/c"], "https://e.org/?q=***");
        check("https://e.org/?q=a+b%2Fc", &["a b/c"], "https://e.org/?q=***");
        check("https://e.org/?q=a%20b%2fc", &["a b/c"], "https://e.org/?q=***");
        check("https://e.org/?q=longer", &["long", "longer", ""], "https://e.org/?q=***");
    }

    #[test]
    fn a_shown_address_is_bounded() {
        let shown = redact(&format!("http://e.org/{}", "é".repeat(9_000)), &[]);
        assert_eq!(shown.chars().count(), SHOWN_ADDRESS);
    }

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
