//! One attempt on its way: through its redirects to a whole body.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::answer::{self, Verdict};
use super::ask::Headers;
use super::body::{Body, Fault};
use super::coding::Encoding;
use super::fault;
use super::gate::Seat;
use super::means::Means;
use super::place::Place;
use super::redirect::Trip;
use super::room::Share;
use super::toll::Toll;
use super::version;
use crate::domain::address;
use crate::domain::coding::Coding;
use crate::domain::request::{Aside, Request, Response, Room};
use crate::domain::retry::{Detour, Failure, Lack, Stop};
use crate::domain::source::Body as Sent;
use crate::domain::time;
use reqwest::header::CONTENT_TYPE;

/// What is still sent behind a redirect of this status: `303` leads to the answer of a POST, and
/// `307` and `308` ask for it again; what the others mean for one is not agreed.
fn after<'b>(
    posts: Option<&'b Sent>,
    status: u16,
    trip: &Trip,
) -> Result<Option<&'b Sent>, Detour> {
    match (posts, status) {
        (None, _) | (Some(_), 303) => Ok(None),
        (Some(body), 307 | 308) => Ok(Some(body)),
        (Some(_), _) => Err(Detour::Posted(trip.host().to_string())),
    }
}

fn failed(at: &str, detour: Detour) -> Failure {
    Failure::Redirect { at: at.to_string(), detour }
}

/// What one attempt needs on its way.
pub struct Exchange<'a> {
    pub means: &'a Means,
    pub request: &'a Request,
    pub headers: Headers,
    pub deadline: Instant,
    /// By the clock of the run.
    pub now: time::Instant,
    pub progress: &'a Progress,
    pub toll: &'a dyn Toll,
}

/// How far an exchange is, for the text of a time-out.
#[derive(Default)]
pub struct Progress {
    /// Bytes of the body so far.
    pub received: AtomicU64,
    /// Not 0 while it waits for room among the answers in memory.
    pub waits: AtomicU64,
}

impl Exchange<'_> {
    /// Bounded by the redirects that `Trip` allows.
    pub async fn run(&self, mut trip: Trip, mut seat: Seat) -> Result<Response, Failure> {
        let mut posts = self.request.body.as_ref();
        loop {
            let at = address::bare(trip.url.as_str());
            let answer = self.send(&trip, &seat, &at, posts).await?;
            let status = answer.status().as_u16();
            let asked_if_changed = self.request.is_conditional();
            match answer::judge(status, answer.headers(), &at, asked_if_changed) {
                Verdict::Fail(failure) if self.request.refusals && matches!(status, 400 | 401) => {
                    // A refusal whose reason cannot be read is one all the same.
                    return self.read(answer, &trip).await.map_err(|_| failure);
                }
                Verdict::Fail(failure) => return Err(failure),
                Verdict::Unchanged => return self.unchanged(&answer, &trip),
                Verdict::Read => {
                    let read = self.read(answer, &trip).await;
                    drop(seat);
                    return read;
                }
                Verdict::Follow => {
                    let way = answer::way(answer.headers());
                    posts = after(posts, status, &trip).map_err(|detour| failed(&at, detour))?;
                    let followed = trip.follow(status, way, self.request.caps.redirects);
                    followed.map_err(|detour| failed(&at, detour))?;
                    if posts.is_some() && !trip.trusted {
                        return Err(failed(&at, Detour::Posted(trip.host().to_string())));
                    }
                    if trip.is_elsewhere() && self.request.redactor().finds(trip.url.as_str()) {
                        return Err(failed(&at, Detour::Telling(trip.host().to_string())));
                    }
                    drop(answer);
                    seat = self.change(seat, &trip).await?;
                }
            }
        }
    }

    async fn change(&self, seat: Seat, trip: &Trip) -> Result<Seat, Failure> {
        let late = || Failure::Stopped { at: self.request.shown(), by: Stop::Deadline };
        let kept = self.means.gate.give_up(seat);
        self.toll.may(&trip.url).await?;
        let seat = self.means.gate.enter(trip.host(), self.deadline).await;
        drop(kept);
        seat.ok_or_else(late)
    }

    async fn send(
        &self,
        trip: &Trip,
        seat: &Seat,
        at: &str,
        posts: Option<&Sent>,
    ) -> Result<reqwest::Response, Failure> {
        let safe = trip.url.scheme() == "https";
        let links = &self.means.links;
        let client = match self.request.identity.pem().filter(|_| safe && trip.trusted) {
            Some(pem) => seat.clients.get_own(links, pem),
            None => seat.clients.get(links, safe, trip.is_led_astray()),
        };
        let client = client.map_err(|lack| Failure::Exhausted { at: at.to_string(), lack })?;
        let mut call = match posts {
            None => client.get(trip.url.clone()),
            Some(body) => {
                let call = client.post(trip.url.clone()).body(body.text.clone());
                call.header(CONTENT_TYPE, body.content_type)
            }
        };
        call = call.headers(self.headers.common.clone());
        if trip.trusted {
            call = call.headers(self.headers.credentials.clone());
        }
        call.send().await.map_err(|error| {
            let connect = self.means.pace.connect_timeout;
            fault::unanswered(&error, at.to_string(), trip.host(), connect)
        })
    }

    async fn read(&self, answer: reqwest::Response, trip: &Trip) -> Result<Response, Failure> {
        let at = address::bare(trip.url.as_str());
        let failed = |fault| match fault {
            Fault::Over { part, cap, announced } => {
                Failure::Oversize { at: at.clone(), part, cap, announced }
            }
            Fault::Flaw(flaw) => Failure::BadBody { at: at.clone(), flaw },
            Fault::Lack(why) => Failure::Exhausted { at: at.clone(), lack: Lack::Other(why) },
        };
        let mut response = self.head(&answer, trip);
        let encoding = answer::codings(answer.headers());
        let encoding = Encoding::parse(encoding.as_deref());
        let encoding = encoding.map_err(|flaw| failed(Fault::Flaw(flaw)))?;
        response.warnings.extend(encoding.remark());
        let mut share = self.means.rooms.share();
        let received = self.receive(answer, encoding.coding, &mut share).await;
        let (body, aside, wire_bytes) = received.map_err(failed)?;
        Ok(Response { body, aside, wire_bytes, room: share.keep(), ..response })
    }

    async fn receive(
        &self,
        mut answer: reqwest::Response,
        coding: Option<Coding>,
        share: &mut Share<'_>,
    ) -> Result<(Vec<u8>, Aside, u64), Fault> {
        // Without this, a body whose transfer is "identity" would end with the connection only.
        let plain = answer::length_of_identity(answer.headers());
        let announced = plain.or(answer.content_length());
        let body = Body::new(coding, announced, &self.request.caps)?;
        let mut body = body.padded(self.request.gzip_padding);
        let left = |body: &Body| plain.map_or(u64::MAX, |plain| plain.saturating_sub(body.wire()));
        let mut place = Place::new(self.means.pace.shelf.as_ref(), &self.means.shelves);
        while left(&body) > 0 && !body.is_full() {
            let chunk = answer
                .chunk()
                .await
                .map_err(|error| Fault::Flaw(fault::broken(&error, body.cut())))?;
            let Some(chunk) = chunk else { break };
            let end =
                usize::try_from(left(&body)).map_or(chunk.len(), |left| chunk.len().min(left));
            let mut piece = &chunk[..end];
            while body.step(&mut piece)? {
                place.relieve(&mut body, &self.progress.waits).await.map_err(Fault::Lack)?;
                share.grow(body.held(), &self.progress.waits).await;
            }
            self.progress.received.store(body.wire(), Ordering::Relaxed);
        }
        let wire = body.wire();
        let (body, aside) = place.whole(body.finish()?).await.map_err(Fault::Lack)?;
        Ok((body, aside, wire))
    }

    fn unchanged(&self, answer: &reqwest::Response, trip: &Trip) -> Result<Response, Failure> {
        let head = self.head(answer, trip);
        let stored = self.request.validators.clone().unwrap_or_default();
        let fresh = head.validators.clone().unwrap_or_default();
        if !version::is_same(&stored, &fresh) {
            return Err(Failure::OtherVersion { at: head.final_url });
        }
        let validators = Some(version::refreshed(&stored, fresh));
        Ok(Response { unchanged: true, validators, ..head })
    }

    fn head(&self, answer: &reqwest::Response, trip: &Trip) -> Response {
        let status = answer.status().as_u16();
        let headers = answer.headers();
        Response {
            status,
            body: Vec::new(),
            aside: Aside::default(),
            content_type: answer::content_type(headers),
            links: answer::links(headers),
            is_all_bytes: answer::is_all_bytes(headers),
            content_range: answer::content_range(headers),
            validators: answer::validators(headers),
            retry_after: answer::retry_after(headers),
            holds: answer::holds(headers, self.now),
            unchanged: false,
            moved: trip.moved(),
            warnings: answer::warnings(status, headers),
            elapsed: Duration::ZERO,
            tries: 1,
            wire_bytes: 0,
            room: Room::default(),
            final_url: address::bare(trip.url.as_str()),
            came: trip.url.to_string(),
        }
    }
}
