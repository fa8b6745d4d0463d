//! An answer on its way out: its kind, its bytes as they are and packed, and a tag of them.

use super::guard;
use crate::domain::hash::Digest;
use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// How long a browser may keep an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// For good: its address would change with it.
    Always,
    /// As long as its tag is the same.
    WhileSame,
    Never,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub kind: &'static str,
    pub plain: Bytes,
    packed: Option<Bytes>,
    tag: String,
    pub keep: Keep,
    /// The name of the file as which it is kept.
    pub name: Option<String>,
    more: Vec<(HeaderName, String)>,
}

pub const HTML: &str = "text/html; charset=utf-8";
pub const JSON: &str = "application/json";
pub const CSV: &str = "text/csv; charset=utf-8";
pub const SVG: &str = "image/svg+xml";
pub const PNG: &str = "image/png";
pub const PDF: &str = "application/pdf";
pub const TEXT: &str = "text/plain; charset=utf-8";

/// Where the next rows of a table begin.
pub const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");

/// Less is not worth packing.
const PACKED_LEAST: usize = 1024;

impl Reply {
    pub fn new(kind: &'static str, bytes: impl Into<Bytes>) -> Reply {
        let plain = bytes.into();
        let tag = Digest::of(&plain).short(16);
        let (status, keep) = (StatusCode::OK, Keep::WhileSame);
        Reply { status, kind, plain, packed: None, tag, keep, name: None, more: Vec::new() }
    }

    pub fn status(self, status: StatusCode) -> Reply {
        Reply { status, keep: Keep::Never, ..self }
    }

    pub fn keep(self, keep: Keep) -> Reply {
        Reply { keep, ..self }
    }

    /// It is kept as a file of this name.
    pub fn named(self, name: String) -> Reply {
        Reply { name: Some(name), ..self }
    }

    pub fn with(mut self, name: HeaderName, value: impl Into<String>) -> Reply {
        self.more.push((name, value.into()));
        self
    }

    /// Packs it, where that is worth it; done once for all who ask.
    pub fn packed(self) -> Reply {
        let is_text = self.kind.starts_with("text/") || matches!(self.kind, JSON | SVG);
        if !is_text || self.plain.len() < PACKED_LEAST || self.packed.is_some() {
            return self;
        }
        let mut packer = GzEncoder::new(Vec::new(), Compression::new(6));
        let packed = packer.write_all(&self.plain).and_then(|()| packer.finish());
        Reply { packed: packed.ok().map(Bytes::from), ..self }
    }

    /// What it weighs in memory.
    pub fn weight(&self) -> usize {
        self.plain.len() + self.packed.as_ref().map_or(0, Bytes::len)
    }

    /// As somebody asked for it.
    pub fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let takes_packed = accepts_gzip(asked);
        let packed = self.packed.as_ref().filter(|_| takes_packed);
        let tag = format!("\"{}{}\"", self.tag, if packed.is_some() { "-gz" } else { "" });
        let is_known =
            self.status == StatusCode::OK && self.keep != Keep::Never && knows(asked, &self.tag);
        let (status, body) = match is_known {
            true => (StatusCode::NOT_MODIFIED, Body::empty()),
            false => (self.status, Body::from(packed.unwrap_or(&self.plain).clone())),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.extend(guard::headers().map(|(name, value)| (Some(name), value)));
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        put(header::CONTENT_TYPE, self.kind);
        put(header::VARY, "accept-encoding, cookie");
        put(
            header::CACHE_CONTROL,
            match self.keep {
                Keep::Always => "public, max-age=31536000, immutable",
                Keep::WhileSame => "private, no-cache",
                Keep::Never => "no-store",
            },
        );
        if self.keep != Keep::Never {
            put(header::ETAG, &tag);
        }
        if packed.is_some() && !is_known {
            put(header::CONTENT_ENCODING, "gzip");
        }
        if let Some(name) = &self.name {
            put(header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""));
        }
        for (name, value) in &self.more {
            put(name.clone(), value);
        }
        response
    }
}

/// Whether a browser takes gzip, by its word (RFC 9110, 12.5.3).
pub fn accepts_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let is_refused = parts.any(|weight| {
            weight.strip_prefix("q=").is_some_and(|q| q.parse().is_ok_and(|q: f32| q == 0.0))
        });
        is_gzip && !is_refused
    })
}

/// Whether what is asked for is there already, whichever way it was packed.
fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        let known = known.strip_prefix("W/").unwrap_or(known).trim_matches('"');
        known == "*" || known.strip_suffix("-gz").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (value, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
            ("xgzip", false),
        ] {
            assert_eq!(accepts_gzip(&asked(header::ACCEPT_ENCODING, value)), takes, "{value}");
        }
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let reply = Reply::new(TEXT, "word ".repeat(1000)).packed();
        let tag = reply.answer(&HeaderMap::new()).headers()[header::ETAG].clone();
        let plain = asked(header::IF_NONE_MATCH, tag.to_str().unwrap());
        assert_eq!(reply.answer(&plain).status(), StatusCode::NOT_MODIFIED);
        let odd = asked(header::IF_NONE_MATCH, "\"other\"");
        assert_eq!(reply.answer(&odd).status(), StatusCode::OK);
        let packed = reply.answer(&asked(header::ACCEPT_ENCODING, "gzip"));
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
        assert_ne!(packed.headers()[header::ETAG], tag);
    }
}
