//! Who may come in, and what every answer says to the browser.

use crate::domain::hash::Digest;
use axum::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use url::Url;

/// Where people find the dashboard when something stands in front of it.
#[derive(Clone, Debug)]
pub struct Origin(Url);

impl Origin {
    /// An address such as `https://example.org/daybook`.
    pub fn parse(text: &str) -> Option<Origin> {
        let url = Url::parse(text).ok()?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        // What is no part of an address of pages was written by mistake.
        let is_bare =
            url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        (is_web && is_bare).then_some(Origin(url))
    }

    fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_ascii_lowercase()
    }
}

/// Who may come in.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// The digest of what must be known, if anything.
    token: Option<Digest>,
    /// Everybody on purpose.
    is_public: bool,
    origin: Option<Origin>,
}

/// Why somebody may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A token is wanted.
    Unknown,
    /// Another name of this machine was asked for: a page of elsewhere may stand behind it.
    Misdirected,
}

impl Door {
    pub fn new(token: Option<&str>, is_public: bool, origin: Option<Origin>) -> Door {
        let token = token.map(|token| Digest::of(token.as_bytes()));
        Door { token, is_public, origin }
    }

    /// Whether who is not on this machine could come in without anybody having wanted that.
    pub fn is_open_to(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.is_public || self.token.is_some()
    }

    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if let Some(token) = &self.token {
            return if knows(headers, token) { Ok(()) } else { Err(Refusal::Unknown) };
        }
        // Without a token the name tells whether a page of elsewhere asks, by a name of its own.
        match self.is_public || self.is_own(headers) {
            true => Ok(()),
            false => Err(Refusal::Misdirected),
        }
    }

    fn is_own(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let host = host.to_str().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        if !host.chars().all(is_plain) {
            return false;
        }
        let name = name(host).to_ascii_lowercase();
        let is_here = name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        is_here || self.origin.as_ref().is_some_and(|origin| origin.host() == name)
    }
}

/// A host without its port, and without the brackets around an address.
fn name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Whether a request shows the token: as a bearer, or as the password of anybody. Digests are
/// compared, in a time that does not depend on how much of them is alike.
fn knows(headers: &HeaderMap, token: &Digest) -> bool {
    let Some(given) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let Some((scheme, value)) = given.split_once(' ') else { return false };
    let given = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => value.trim().as_bytes().to_vec(),
        "basic" => {
            let pair = BASE64_STANDARD.decode(value.trim()).unwrap_or_default();
            let start = pair.iter().position(|byte| *byte == b':').map_or(pair.len(), |at| at + 1);
            pair.get(start..).unwrap_or_default().to_vec()
        }
        _ => return false,
    };
    Digest::of(&given).hex().as_bytes().ct_eq(token.hex().as_bytes()).into()
}

/// What may be loaded: only what this program serves, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; \
frame-ancestors 'none'; require-trusted-types-for 'script'";

/// What every answer says.
pub fn headers() -> [(HeaderName, HeaderValue); 6] {
    let name = HeaderName::from_static;
    let value = HeaderValue::from_static;
    [
        (name("content-security-policy"), value(POLICY)),
        (name("x-content-type-options"), value("nosniff")),
        (name("referrer-policy"), value("no-referrer")),
        (name("cross-origin-opener-policy"), value("same-origin")),
        (name("cross-origin-resource-policy"), value("same-origin")),
        (name("permissions-policy"), value("geolocation=(), camera=(), microphone=()")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_token_is_a_bearer_or_a_password() {
        let door = Door::new(Some("s3cret"), false, None);
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        for good in ["Bearer s3cret", "bearer s3cret", &basic("anybody:s3cret"), &basic(":s3cret")]
        {
            assert_eq!(door.check(&asked(&[(AUTHORIZATION, good)])), Ok(()), "{good}");
        }
        for bad in ["Bearer s3cre", "Bearer s3cret2", "s3cret", "Digest s3cret", &basic("s3cret")] {
            let refused = door.check(&asked(&[(AUTHORIZATION, bad)]));
            assert_eq!(refused, Err(Refusal::Unknown), "{bad}");
        }
        assert_eq!(door.check(&HeaderMap::new()), Err(Refusal::Unknown));
    }

    #[test]
    fn without_a_token_only_names_of_this_machine_are_answered() {
        let door = Door::new(None, false, Origin::parse("https://Board.example.org/daybook"));
        for good in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "board.example.org"] {
            assert_eq!(door.check(&asked(&[(HOST, good)])), Ok(()), "{good}");
        }
        for bad in [
            "127.0.0.1:8080@evil.example",
            "127.0.0.1:8080 evil",
            "rebound.example.net",
            "localhost.example.net:8080",
            "10.0.0.7:8080",
            "",
        ] {
            assert_eq!(door.check(&asked(&[(HOST, bad)])), Err(Refusal::Misdirected), "{bad}");
        }
        assert!(!door.is_open_to([10, 0, 0, 7].into()) && door.is_open_to([127, 0, 0, 1].into()));
        assert!(Door::new(None, true, None).is_open_to([0, 0, 0, 0].into()));
        assert!(Origin::parse("file:///etc/passwd").is_none() && Origin::parse("x").is_none());
    }
}
