//! One attempt on its way: through its redirects to a whole body.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::answer::{self, Verdict, Way};
use super::ask::Headers;
use super::body::{Body, Fault};
use super::coding::Encoding;
use super::fault;
use super::gate::Seat;
use super::means::Means;
use super::place::Place;
use super::places::Comes;
use super::redirect::Trip;
use super::room::Share;
use super::stopwatch::Stopwatch;
use super::toll::Toll;
use super::version;
use crate::domain::address;
use crate::domain::coding::Coding;
use crate::domain::limits::FAIR_SHARE;
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
    pub times: Times,
    pub watch: &'a Stopwatch,
    pub progress: Progress,
    pub toll: &'a dyn Toll,
}

/// The times of one attempt.
#[derive(Clone, Copy)]
pub struct Times {
    /// By the clock of the run.
    pub now: time::Instant,
    pub deadline: Instant,
    /// Whom the deadline cuts off has failed, if it had so long to answer.
    pub fair: Duration,
}

/// What one request came to.
enum Leg {
    Whole(Box<Response>),
    /// A redirect, by its status.
    On(u16, Way),
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
    /// Bounded by the redirects that `Trip` allows. The time-out of the request is for what others
    /// take: our own turns between do not count.
    pub async fn run(&self, mut trip: Trip, mut seat: Seat) -> Result<Response, Failure> {
        let mut posts = self.request.body.as_ref();
        loop {
            let at = address::bare(trip.url.as_str());
            let leg = self.leg(&trip, &seat, &at, posts);
            let within = self.watch.within(self.request.caps.timeout, self.times.deadline, leg);
            let (status, way) = match within.await.ok_or_else(|| self.cut(&trip))?? {
                Leg::Whole(response) => {
                    let elapsed = self.watch.spent().unwrap_or_default();
                    return Ok(Response { elapsed, ..*response });
                }
                Leg::On(status, way) => (status, way),
            };
            posts = after(posts, status, &trip).map_err(|detour| failed(&at, detour))?;
            let followed = trip.follow(status, way, self.request.caps.redirects);
            followed.map_err(|detour| failed(&at, detour))?;
            if posts.is_some() && !trip.trusted {
                return Err(failed(&at, Detour::Posted(trip.host().to_string())));
            }
            if trip.is_elsewhere() && self.request.redactor().finds(trip.url.as_str()) {
                return Err(failed(&at, Detour::Telling(trip.host().to_string())));
            }
            seat = self.change(seat, &trip, &at).await?;
            self.toll.led(&trip.url)?;
        }
    }

    /// One request, and what of its answer is wanted.
    async fn leg(
        &self,
        trip: &Trip,
        seat: &Seat,
        at: &str,
        posts: Option<&Sent>,
    ) -> Result<Leg, Failure> {
        let answer = self.send(trip, seat, at, posts).await?;
        let status = answer.status().as_u16();
        let whole = |response| Leg::Whole(Box::new(response));
        let asked_if_changed = self.request.is_conditional();
        match answer::judge(status, answer.headers(), at, asked_if_changed) {
            Verdict::Fail(failure) if self.request.refusals && matches!(status, 400 | 401) => {
                // A refusal whose reason cannot be read is one all the same.
                self.read(answer, trip).await.map(whole).map_err(|_| failure)
            }
            Verdict::Fail(failure) => Err(failure),
            Verdict::Unchanged => self.unchanged(&answer, trip).map(whole),
            Verdict::Read => self.read(answer, trip).await.map(whole),
            Verdict::Follow => Ok(Leg::On(status, answer::way(answer.headers()))),
        }
    }

    /// Why an exchange that was cut did not come to its end.
    fn cut(&self, trip: &Trip) -> Failure {
        let (at, caps) = (self.shown(trip), &self.request.caps);
        let after = self.watch.spent().unwrap_or_default().min(caps.timeout);
        if after < self.times.fair.min(caps.timeout) {
            Failure::Stopped { at, by: Stop::Deadline }
        } else if self.progress.waits.load(Ordering::Relaxed) > 0 {
            Failure::Exhausted { at, lack: Lack::Memory }
        } else {
            let received = self.progress.received.load(Ordering::Relaxed);
            Failure::Timeout { at, after, received }
        }
    }

    /// The address that is asked now.
    fn shown(&self, trip: &Trip) -> String {
        match trip.hops() {
            0 => self.request.shown(),
            _ => address::bare(trip.url.as_str()),
        }
    }

    async fn change(&self, seat: Seat, trip: &Trip, at: &str) -> Result<Seat, Failure> {
        let gate = &self.means.gate;
        let kept = gate.give_up(seat);
        self.toll.may(&trip.url, Comes::Led).await?;
        let seat = gate.enter(trip.host(), Comes::Led, self.times.deadline).await;
        drop(kept);
        seat.ok_or_else(|| {
            // What could not be asked in one run by its pace would be put off for ever.
            let takes = gate.gap(trip.host()).saturating_mul(trip.times_here());
            match takes > self.times.fair.saturating_mul(FAIR_SHARE) / 2 {
                true => failed(at, Detour::Paced(trip.host().to_string())),
                false => Failure::Stopped { at: self.request.shown(), by: Stop::Deadline },
            }
        })
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
            holds: answer::holds(headers, self.times.now),
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
