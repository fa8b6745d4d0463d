//! What is known of a request from before: its last body, with its validators.

use crate::domain::fresh::Holds;
use crate::domain::hash::Digest;
use crate::domain::limits::{MOVED_DAYS, MOVED_TIMES};
use crate::domain::request::{Request, Response, Validators};
use crate::domain::secret::STARS;
use crate::domain::source::Source;
use crate::domain::time::Instant;
use crate::edge::spool::{Asked, Moved, Remembered, Spool};
use chrono::TimeDelta;
use std::path::PathBuf;
use std::time::Duration;

/// The last body of a request, whose validators it is given.
pub fn known_of(
    spool: &Spool,
    source: &Source,
    asked: Asked,
    (page, now): (Option<usize>, Instant),
    request: &mut Request,
) -> Option<(Remembered, PathBuf)> {
    let (digest, declaration) = (digest(request), source.declaration.digest.hex());
    let known = spool.remembered(asked, page, &digest, &declaration);
    request.validators = known.as_ref().map(|(known, _)| {
        let (etag, last_modified) = (known.etag.clone(), known.last_modified.clone());
        Validators { etag, last_modified }.short()
    });
    let until =
        known.as_ref().and_then(|(known, _)| holds_until(known, source.fetch.max_fresh, now));
    request.holds_until = until.filter(|_| request.body.is_none());
    request.moved_to = known.as_ref().and_then(|(known, _)| adopted(known, now));
    known
}

/// Until when an answer holds; no longer than it is believed to.
fn holds_until(known: &Remembered, most: Duration, now: Instant) -> Option<Instant> {
    // One that came in the future is of a clock that was wrong.
    let (since, seconds) = known.holds.filter(|(since, _)| *since <= now)?;
    let span = seconds.min(most.as_secs());
    since.checked_add(TimeDelta::try_seconds(i64::try_from(span).ok()?)?)
}

/// What is kept of how long an answer holds that came at `now`, beside what was known of the same
/// body.
pub fn held(
    response: &Response,
    now: Instant,
    known: Option<&Remembered>,
) -> Option<(Instant, u64)> {
    match response.holds {
        Holds::For(span) => Some((now, span.as_secs())),
        Holds::Never => None,
        Holds::Unsaid if response.unchanged => known?.holds.map(|(_, seconds)| (now, seconds)),
        Holds::Unsaid => None,
    }
}

/// What makes a request the same as an earlier one.
pub fn digest(request: &Request) -> String {
    let headers = request.headers.iter().flat_map(|(name, value)| [name.as_str(), value]);
    let body = request.body.iter().flat_map(|body| [body.content_type, body.text.as_str()]);
    Digest::of_parts([request.url.as_str()].into_iter().chain(headers).chain(body)).hex()
}

/// Where an answer has moved for good: where it was seen now, or before and was asked directly.
pub fn moved(response: &Response, now: Instant, known: Option<&Remembered>) -> Option<Moved> {
    let before = known.and_then(|known| known.moved.clone());
    let to = &response.final_url;
    if !response.moved {
        // Asked directly; or it is back.
        return before.filter(|moved| moved.to == *to);
    }
    match before {
        Some(moved) if moved.to == *to => Some(Moved { times: moved.times + 1, ..moved }),
        // What holds a secret is not kept, nor asked without.
        _ if to.contains(STARS) => None,
        _ => Some(Moved { to: to.clone(), since: now, times: 1 }),
    }
}

/// Where it is asked at once: after so many sightings, over so long.
fn adopted(known: &Remembered, now: Instant) -> Option<String> {
    let moved = known.moved.as_ref()?;
    let days = TimeDelta::days(MOVED_DAYS);
    (moved.times >= MOVED_TIMES && now - moved.since >= days).then(|| moved.to.clone())
}
