//! Pings: the service that watches over a run is told that it begins, while it does its work, and
//! with which exit code it ended, once that is done.
//!
//! Invariant: whatever becomes of a ping, it is bounded in time, and the run stays as it is.

use crate::domain::limits::{PING, PING_TRIES, PING_TRY};
use crate::domain::ping::{of_run, shown, words};
use crate::domain::request::Request;
use crate::domain::source::Body;
use crate::domain::time::Instant;
use crate::edge::clock::Clock;
use crate::edge::http::{Client, Pace};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use url::Url;

/// The pings of one run.
pub struct Pinger {
    /// The address of its check.
    check: Url,
    /// The name of the run.
    run: String,
    start: Option<JoinHandle<Result<Line, String>>>,
}

/// The way to the service, and how long it has been used.
struct Line {
    client: Client,
    runtime: Runtime,
    used: Duration,
    /// Why the last ping did not arrive.
    why: Option<String>,
}

impl Pinger {
    /// Tells that a run begins, beside it, if it `starts`.
    pub fn new(check: Url, run: String, starts: bool) -> Pinger {
        let start = starts.then(|| {
            let (check, run) = (check.clone(), run.clone());
            std::thread::spawn(move || {
                let mut line = Line::new()?;
                line.why = line.tell((&check, &run), None, None).err().map(|(why, _)| why);
                Ok(line)
            })
        });
        Pinger { check, run, start }
    }

    /// Tells with which exit code the run ended, and what it said; why that, or its beginning, did
    /// not arrive, and whether the end did.
    pub fn end(self, code: u8, said: String) -> (Vec<String>, bool) {
        let started = self.start.map(|start| start.join());
        let broke = |_| "the ping of its beginning broke off".to_string();
        let line = match started {
            Some(line) => line.map_err(broke).flatten(),
            None => Line::new(),
        };
        let mut line = match line {
            Ok(line) => line,
            Err(why) => return (vec![why], false),
        };
        let body = Body { content_type: "text/plain; charset=utf-8", text: said };
        let mut whys: Vec<String> = line.why.take().into_iter().collect();
        let mut arrived = false;
        for _ in 0..PING_TRIES {
            match line.tell((&self.check, &self.run), Some(code), Some(&body)) {
                Ok(()) => {
                    arrived = true;
                    break;
                }
                Err((why, passes)) => {
                    whys.push(why);
                    if !passes || line.left().is_zero() {
                        break;
                    }
                }
            }
        }
        line.runtime.shutdown_background();
        whys.dedup();
        (whys, arrived)
    }
}

impl Line {
    fn new() -> Result<Line, String> {
        let agent = concat!("daybook/", env!("CARGO_PKG_VERSION"));
        let pace = Pace { gap: Duration::ZERO, connect_timeout: PING_TRY, ..Pace::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("cannot start the network runtime: {error}"));
        Ok(Line {
            client: Client::new(agent, pace),
            runtime: runtime?,
            used: Duration::ZERO,
            why: None,
        })
    }

    fn left(&self) -> Duration {
        PING.saturating_sub(self.used)
    }

    /// One try; why it failed, and whether that may pass.
    fn tell(
        &mut self,
        (check, run): (&Url, &str),
        code: Option<u8>,
        body: Option<&Body>,
    ) -> Result<(), (String, bool)> {
        let mut request = Request::new(of_run(check, run, code));
        request.secrets = words(check);
        request.body = body.cloned();
        let clock = Clock::starting(Instant::EPOCH);
        let told = self.client.tell(&request, PING_TRY.min(self.left()));
        let told = self.runtime.block_on(told);
        self.used += clock.since(clock.started());
        match told {
            Ok(200..=299) => Ok(()),
            Ok(status) => {
                let goes =
                    if (300..400).contains(&status) { ", and no redirect is followed" } else { "" };
                Err((format!("{} answered {status}{goes}", shown(check)), status >= 500))
            }
            Err(failure) => {
                // Where it was asked is not shown, but for the host.
                let plain = |text: &str| match text.contains("://") {
                    true => shown(check),
                    false => text.to_string(),
                };
                Err((failure.with_texts(plain).to_string(), true))
            }
        }
    }
}
