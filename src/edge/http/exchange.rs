//! One attempt on its way: through its redirects to a whole body.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::Client;
use super::answer::{self, Verdict};
use super::ask::Headers;
use super::body::{Body, Coding, Fault};
use super::fault;
use super::gate::Seat;
use super::redirect::Trip;
use crate::domain::request::{Request, Response};
use crate::domain::retry::{Failure, Stop};

/// What one attempt needs on its way.
pub struct Exchange<'a> {
    pub client: &'a Client,
    pub request: &'a Request,
    pub headers: Headers,
    pub deadline: Instant,
    /// Bytes of the body so far, for the text of a time-out.
    pub received: &'a AtomicU64,
}

impl Exchange<'_> {
    /// Bounded by the redirects that `Trip` allows.
    pub async fn run(&self, mut trip: Trip, mut seat: Seat) -> Result<Response, Failure> {
        loop {
            let at = self.request.redact(trip.url.as_str());
            let answer = self.send(&trip, &at).await?;
            let status = answer.status().as_u16();
            let asked_if_changed = self.request.is_conditional();
            match answer::judge(status, answer.headers(), &at, asked_if_changed) {
                Verdict::Fail(failure) => return Err(failure),
                Verdict::Unchanged => return Ok(self.unchanged(&answer, &trip)),
                Verdict::Read => {
                    let read = self.read(answer, &trip).await;
                    drop(seat);
                    return read;
                }
                Verdict::Follow => {
                    let way = answer::way(answer.headers());
                    let followed = trip.follow(status, way, self.request);
                    followed.map_err(|detour| Failure::Redirect { at, detour })?;
                    drop((answer, seat));
                    seat = self.enter(&trip).await?;
                }
            }
        }
    }

    async fn enter(&self, trip: &Trip) -> Result<Seat, Failure> {
        let late = || Failure::Stopped { at: self.request.shown(), by: Stop::Deadline };
        self.client.gate.enter(trip.host(), self.deadline).await.ok_or_else(late)
    }

    async fn send(&self, trip: &Trip, at: &str) -> Result<reqwest::Response, Failure> {
        let client = self.client.client_for(trip)?;
        let mut call = client.get(trip.url.clone()).headers(self.headers.common.clone());
        if trip.trusted {
            call = call.headers(self.headers.credentials.clone());
        }
        call.send().await.map_err(|error| {
            let connect = self.client.pace.connect_timeout;
            fault::unanswered(&error, at.to_string(), trip.host(), connect, self.request)
        })
    }

    async fn read(&self, answer: reqwest::Response, trip: &Trip) -> Result<Response, Failure> {
        let at = self.request.redact(trip.url.as_str());
        let failed = |fault| match fault {
            Fault::Over { part, cap, announced } => {
                Failure::Oversize { at: at.clone(), part, cap, announced }
            }
            Fault::Flaw(flaw) => Failure::BadBody { at: at.clone(), flaw },
        };
        let mut response = self.head(&answer, trip);
        let coding = answer::codings(answer.headers());
        let coding = Coding::parse(coding.as_deref()).map_err(failed)?;
        response.warnings.extend(coding.remark());
        let (body, wire_bytes) = self.receive(answer, &coding).await.map_err(failed)?;
        Ok(Response { body, wire_bytes, ..response })
    }

    async fn receive(
        &self,
        mut answer: reqwest::Response,
        coding: &Coding,
    ) -> Result<(Vec<u8>, u64), Fault> {
        // Without this, a body whose transfer is "identity" would end with the connection only.
        let plain = answer::length_of_identity(answer.headers());
        let announced = plain.or(answer.content_length());
        let body = Body::new(coding.encoding, announced, &self.request.caps)?;
        let mut body = body.padded(self.request.gzip_padding);
        let left = |body: &Body| plain.map_or(u64::MAX, |plain| plain.saturating_sub(body.wire()));
        while left(&body) > 0 {
            let chunk = answer
                .chunk()
                .await
                .map_err(|error| Fault::Flaw(fault::broken(&error, body.cut())))?;
            let Some(chunk) = chunk else { break };
            let end =
                usize::try_from(left(&body)).map_or(chunk.len(), |left| chunk.len().min(left));
            body.push(&chunk[..end])?;
            self.received.store(body.wire(), Ordering::Relaxed);
        }
        let wire = body.wire();
        Ok((body.finish()?, wire))
    }

    fn unchanged(&self, answer: &reqwest::Response, trip: &Trip) -> Response {
        let head = self.head(answer, trip);
        let stored = self.request.validators.clone().unwrap_or_default();
        let validators = Some(answer::refreshed(&stored, head.validators.clone()));
        Response { unchanged: true, validators, ..head }
    }

    fn head(&self, answer: &reqwest::Response, trip: &Trip) -> Response {
        let status = answer.status().as_u16();
        let headers = answer.headers();
        Response {
            status,
            body: Vec::new(),
            content_type: answer::content_type(headers),
            validators: answer::validators(headers),
            retry_after: answer::retry_after(headers),
            fresh_for: answer::fresh_for(headers),
            unchanged: false,
            moved: trip.moved(),
            warnings: answer::warnings(status, headers),
            elapsed: Duration::ZERO,
            wire_bytes: 0,
            final_url: self.request.redact(trip.url.as_str()),
        }
    }
}
