//! What hosts allow programs to fetch: their robots.txt, asked for once and kept for a day.

use super::way::Way;
use crate::domain::limits::ROBOTS_BYTES;
use crate::domain::request::{Caps, Request};
use crate::domain::retry::Failure;
use crate::domain::robots::{Judgement, State};
use crate::edge::clock::Clock;
use crate::edge::spool::{RobotsAnswer, Spool};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::{Position, Url};

/// The name by which a robots.txt speaks of us.
const AGENT: &str = "daybook";

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

    /// Whether a request may be made.
    ///
    /// # Errors
    ///
    /// The host does not allow it, or could not say.
    pub async fn may(&self, request: &Request, way: &Way) -> Result<(), Failure> {
        let at = request.shown();
        let Ok(url) = Url::parse(&request.url) else { return Ok(()) };
        let place = url[..Position::BeforePath].to_string();
        let turn = self.turn(&place);
        let _turn = turn.lock().await;
        let state = match self.kept(&place) {
            Some(state) => state,
            None => self.ask(&place, request.caps.retries, way).await?,
        };
        let why = match state.judge(AGENT, &url[Position::BeforePath..Position::AfterQuery]) {
            Judgement::Allowed | Judgement::Unavailable => return Ok(()),
            Judgement::Disallowed(line) => {
                format!("robots.txt of its host does not allow it, in line {line}")
            }
            Judgement::Unreachable => {
                "robots.txt of its host cannot be read now, so nothing is allowed".into()
            }
        };
        Err(Failure::Barred { at, why })
    }

    fn turn(&self, place: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(place.to_string()).or_default().clone()
    }

    fn kept(&self, place: &str) -> Option<State> {
        let kept = self.spool.robots(place)?;
        let age = (self.clock.now() - kept.at).to_std().ok()?;
        State::of(kept.status, &kept.body, age)
    }

    async fn ask(&self, place: &str, retries: u32, way: &Way) -> Result<State, Failure> {
        let mut request = Request::new(format!("{place}/robots.txt"));
        let bytes = 2 * ROBOTS_BYTES as u64;
        request.caps = Caps {
            wire_bytes: bytes,
            plain_bytes: bytes,
            redirects: 5,
            retries,
            ..Caps::default()
        };
        let came = way.fetch(&request).await;
        let (status, body) = match came {
            Ok(mut answer) => {
                let whole = answer.take_up().is_ok();
                (Some(answer.status).filter(|_| whole), answer.body)
            }
            Err(failure @ (Failure::Waits { .. } | Failure::Stopped { .. })) => {
                return Err(failure);
            }
            Err(failure) => (failure.status(), Vec::new()),
        };
        let answer = RobotsAnswer { status, at: self.clock.now(), body };
        // Only a request more is lost where that fails.
        let _ = self.spool.keep_robots(place, &answer);
        Ok(State::of(answer.status, &answer.body, Default::default()).unwrap_or(State::Unreachable))
    }
}
