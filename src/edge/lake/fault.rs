//! What a bucket's server, or the way to it, says.

use super::Fault;
use object_store::client::{HttpError, HttpErrorKind};
use std::error::Error;

/// Words of the codes of S3 that have a cure.
const CURES: [(&str, &str, &str); 7] = [
    ("NoSuchBucket", "there is no such bucket", "make it, or is its name another one?"),
    ("SignatureDoesNotMatch", "the key is not right", "is the secret archive_key the right one?"),
    ("InvalidAccessKeyId", "it does not know the key", "is the secret archive_key_id right?"),
    ("ExpiredToken", "the token has expired", "give a new archive_token"),
    ("RequestTimeTooSkewed", "the clocks differ too much", "set the clock of this machine"),
    ("PermanentRedirect", "the bucket is in another region", "archive.region names it"),
    ("AccessDenied", "this key may not do that", "docs/lake.md has the rights that are needed"),
];

/// What the last cause says: around it stands the request, with its bucket, times and tries.
fn last(error: &(dyn Error + 'static)) -> String {
    let mut at = error;
    while let Some(cause) = at.source() {
        at = cause;
    }
    at.to_string()
}

/// The words of an error and of its causes.
fn words(error: &(dyn Error + 'static)) -> String {
    let (mut words, mut at) = (error.to_string(), error.source());
    while let Some(cause) = at {
        let more = cause.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        at = cause.source();
    }
    words
}

/// How the way there failed; none where the server has answered.
fn way(error: &(dyn Error + 'static)) -> Option<HttpErrorKind> {
    let mut at = Some(error);
    while let Some(cause) = at {
        if let Some(http) = cause.downcast_ref::<HttpError>() {
            return Some(http.kind());
        }
        at = cause.source();
    }
    None
}

pub fn fault(error: object_store::Error) -> Fault {
    use object_store::Error as E;
    if matches!(error, E::AlreadyExists { .. } | E::Precondition { .. }) {
        return Fault::Taken;
    }
    let said = words(&error);
    if let Some((_, why, hint)) = CURES.iter().find(|(code, ..)| said.contains(code)) {
        return Fault::Refused((*why).into(), hint);
    }
    match error {
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
            Fault::Refused("this key may not do that".into(), "docs/lake.md has the rights")
        }
        E::NotFound { .. } => {
            Fault::Refused("there is no such bucket".into(), "is its name right?")
        }
        ref other if way(other).is_some() => Fault::Away(short(&last(other))),
        _ if is_busy(&said) => Fault::Away(short(&said)),
        _ => Fault::Refused(short(&said), ""),
    }
}

/// Whether the server has said that it can do nothing now.
fn is_busy(said: &str) -> bool {
    ["500", "502", "503", "504", "InternalError", "SlowDown"].iter().any(|code| said.contains(code))
}

/// Answers of servers may be pages.
fn short(words: &str) -> String {
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
