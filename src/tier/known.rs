//! What is known of a request from before: its last body, with its validators.

use crate::domain::hash::Digest;
use crate::domain::request::{Request, Validators};
use crate::domain::source::Source;
use crate::edge::spool::{Asked, Remembered, Spool};
use std::path::PathBuf;

/// The last body of a request, whose validators it is given.
pub fn known_of(
    spool: &Spool,
    source: &Source,
    asked: Asked,
    page: Option<usize>,
    request: &mut Request,
) -> Option<(Remembered, PathBuf)> {
    let (digest, declaration) = (digest(request), source.declaration.digest.hex());
    let known = spool.remembered(asked, page, &digest, &declaration);
    request.validators = known.as_ref().map(|(known, _)| {
        let (etag, last_modified) = (known.etag.clone(), known.last_modified.clone());
        Validators { etag, last_modified }.short()
    });
    known
}

/// What makes a request the same as an earlier one.
pub fn digest(request: &Request) -> String {
    let headers = request.headers.iter().flat_map(|(name, value)| [name.as_str(), value]);
    let body = request.body.iter().flat_map(|body| [body.content_type, body.text.as_str()]);
    Digest::of_parts([request.url.as_str()].into_iter().chain(headers).chain(body)).hex()
}
