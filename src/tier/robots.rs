//! What hosts allow programs to fetch: their robots.txt, asked for once and kept for a day.

use crate::domain::address;
use crate::domain::limits::ROBOTS_BYTES;
use crate::domain::request::{Caps, Request, Response};
use crate::domain::retry::{Failure, Lack};
use crate::domain::robots::{Judgement, State};
use crate::edge::clock::Clock;
use crate::edge::spool::{RobotsAnswer, Spool};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::{Position, Url};

/// The name by which a robots.txt speaks of us.
const AGENT: &str = "daybook";

/// How a robots.txt is asked for.
pub type Fetch<'f> = dyn Fn(Request) -> Came<'f> + Sync + 'f;

/// What comes of that.
pub type Came<'f> = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send + 'f>>;

/// What is known of a host, and why it could not say more.
type Known = (State, Option<String>);

/// Known in this run.
pub struct Rules {
    spool: Spool,
    clock: Clock,
    /// One at a time asks a place.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Rules {
    pub fn new(spool: &Spool, clock: Clock) -> Rules {
        Rules { spool: spool.clone(), clock, turns: Mutex::default() }
    }

    /// Whether an address may be asked by this request.
    ///
    /// # Errors
    ///
    /// The host does not allow it, or could not say.
    pub async fn may(
        &self,
        request: &Request,
        url: &Url,
        fetch: &Fetch<'_>,
    ) -> Result<(), Failure> {
        let place = place(url);
        let turn = self.turn(&place);
        let _turn = turn.lock().await;
        let (state, why) = match self.kept(&place) {
            Some(known) => known,
            None => self.ask(&place, request.caps.retries, fetch).await?,
        };
        let why = match state.judge(AGENT, &url[Position::BeforePath..Position::AfterQuery]) {
            Judgement::Allowed | Judgement::Unavailable => return Ok(()),
            Judgement::Disallowed(line) => {
                format!("robots.txt of its host does not allow it, in line {line}")
            }
            Judgement::Unreachable => {
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                format!("robots.txt of its host cannot be read now{why}, so nothing is allowed")
            }
        };
        let at = address::redact(url.as_str(), &request.redactor());
        Err(Failure::Barred { at, why, unsaid: state == State::Unreachable })
    }

    fn turn(&self, place: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(place.to_string()).or_default().clone()
    }

    fn kept(&self, place: &str) -> Option<Known> {
        let kept = self.spool.robots(place)?;
        let age = (self.clock.now() - kept.at).to_std().ok()?;
        Some((State::of(kept.status, &kept.body, age)?, kept.why))
    }

    async fn ask(&self, place: &str, retries: u32, fetch: &Fetch<'_>) -> Result<Known, Failure> {
        let mut request = Request::new(format!("{place}/robots.txt"));
        let bytes = 2 * ROBOTS_BYTES as u64;
        request.caps = Caps {
            wire_bytes: bytes,
            plain_bytes: bytes,
            front: true,
            redirects: 5,
            retries,
            ..Caps::default()
        };
        let came = fetch(request).await.and_then(|mut answer| {
            let at = answer.final_url.clone();
            let taken = answer.take_up();
            taken.map_err(|why| Failure::Exhausted { at, lack: Lack::Other(why) })?;
            Ok((answer.status, answer.body))
        });
        let (status, body, why) = match came {
            Ok((status, body)) => (Some(status), body, None),
            Err(failure @ (Failure::Waits { .. } | Failure::Stopped { .. })) => {
                return Err(failure);
            }
            Err(failure) => (failure.status(), Vec::new(), Some(failure.to_string())),
        };
        let answer = RobotsAnswer { status, at: self.clock.now(), body, why };
        // Only a request more is lost where that fails.
        let _ = self.spool.keep_robots(place, &answer);
        let state = State::of(answer.status, &answer.body, Duration::ZERO);
        Ok((state.unwrap_or(State::Unreachable), answer.why))
    }
}

/// Scheme, host and port; no login, of which no robots.txt speaks.
fn place(url: &Url) -> String {
    let mut url = url.clone();
    let _ = (url.set_username(""), url.set_password(None));
    url[..Position::BeforePath].to_string()
}
