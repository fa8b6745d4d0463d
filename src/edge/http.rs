//! The HTTP door: a `Request` goes out, a whole `Response` or a `Failure` comes back.
//!
//! Invariants: every exchange is bounded in bytes, time, redirects and retries; a body is whole
//! or it is a failure; no secret leaves for another host, nor into an error. Proxies of the
//! environment are not honoured. What to do about a failure is decided in `domain::retry`.

mod answer;
mod ask;
mod beside;
mod body;
mod clean;
mod coding;
mod exchange;
mod fault;
mod gate;
mod guard;
mod links;
mod look;
mod means;
mod place;
mod places;
mod redirect;
mod room;
mod stopwatch;
mod toll;
mod version;

pub use beside::{Beside, Held};
pub use look::roots;
pub use means::Pace;
pub use place::Shelf;
pub use places::Comes;
pub use toll::{Leave, Toll};

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::domain::limits::FAIR_SHARE;
use crate::domain::request::{Request, Response};
use crate::domain::retry::{self, Decision, Failure, Policy, Stop};
use crate::domain::time;
use clean::Cleaner;
use exchange::{Exchange, Progress, Times};
use means::Means;
use redirect::Trip;
use stopwatch::Stopwatch;
use toll::Free;

/// What ends a run, and its clock: the wall is read once, later instants are that plus a
/// monotonic span.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub now: time::Instant,
    /// When `now` was read.
    pub since: Instant,
    pub deadline: Instant,
    /// Becomes true when the run is told to stop.
    pub stop: watch::Receiver<bool>,
}

impl Bounds {
    /// A run that is under way for `length` from now on; the wall shows `now`.
    pub fn starting(now: time::Instant, length: Duration, stop: watch::Receiver<bool>) -> Bounds {
        let since = Instant::now();
        let deadline = since.checked_add(length).unwrap_or(since);
        Bounds { now, since, deadline, stop }
    }

    /// The present instant, by the clock of the run.
    pub fn now(&self) -> time::Instant {
        let span = TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        self.now.after(span)
    }

    /// Sleeps; false when the pause would not end before the run does.
    pub async fn rest(&self, pause: Duration) -> bool {
        let end = Instant::now().checked_add(pause);
        let Some(end) = end.filter(|end| *end < self.deadline) else {
            return false;
        };
        tokio::select! {
            biased;
            () = self.stopped() => false,
            () = tokio::time::sleep_until(end.into()) => true,
        }
    }

    /// Whoever got so much of the run's time and did not answer will not do so in the next one.
    fn fair_share(&self) -> Duration {
        self.deadline.saturating_duration_since(self.since) / FAIR_SHARE
    }

    /// Resolves when the run is told to stop; never, when nobody can tell it any more.
    async fn stopped(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A number in [0, 1) for jitter; good enough to spread, not to keep a secret.
pub fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// The one client of a run; it keeps the pace over all sources.
pub struct Client {
    means: Means,
    seeded: OnceLock<()>,
}

impl Client {
    /// A client that names itself `user_agent`.
    pub fn new(user_agent: &str, pace: Pace) -> Client {
        let all_at_once = pace.all_at_once.min(affordable());
        Client { means: Means::new(user_agent, pace, all_at_once), seeded: OnceLock::new() }
    }

    /// Asks, and asks again as `domain::retry` decides, while the bounds allow.
    pub async fn fetch(&self, request: &Request, bounds: &Bounds) -> Result<Response, Failure> {
        self.fetch_for(request, bounds, &Free).await
    }

    /// The same; `toll` is asked before each try that is made.
    pub async fn fetch_for(
        &self,
        request: &Request,
        bounds: &Bounds,
        toll: &dyn Toll,
    ) -> Result<Response, Failure> {
        self.remember_last(bounds);
        let policy = Policy { retries: request.caps.retries, ..self.means.pace.policy };
        let mut earlier = None;
        for attempt in 0..=policy.retries {
            // What failed has failed, also when there is no time left to ask again.
            let failure = match (self.attempt(request, bounds, toll).await, earlier) {
                (Err(Failure::Stopped { .. } | Failure::Waits { .. }), Some(earlier)) => {
                    return Err(earlier);
                }
                (Err(failure), _) => failure,
                (done, _) => return done.map(|done| Response { tries: attempt + 1, ..done }),
            };
            if request.body.is_some() && !failure.is_unheard() {
                return Err(failure);
            }
            match retry::wait(&failure, attempt, random(), bounds.now(), &policy) {
                Decision::After(pause) if bounds.rest(pause).await => earlier = Some(failure),
                _ => return Err(failure),
            }
        }
        Err(earlier.unwrap_or(Failure::Stopped { at: request.shown(), by: Stop::Deadline }))
    }

    /// Goes on from the pace of the run before; once.
    fn remember_last(&self, bounds: &Bounds) {
        self.seeded.get_or_init(|| {
            let now = bounds.now();
            for (name, at) in &self.means.pace.last {
                let host = name.rsplit_once(':').map_or(name.as_str(), |(host, _)| host);
                if let Ok(ago) = (now - *at).to_std() {
                    self.means.gate.asked_before(host, ago);
                }
            }
        });
    }

    async fn attempt(
        &self,
        request: &Request,
        bounds: &Bounds,
        toll: &dyn Toll,
    ) -> Result<Response, Failure> {
        let watch = Stopwatch::default();
        let times =
            Times { now: bounds.now(), deadline: bounds.deadline, fair: bounds.fair_share() };
        let within = self.attempt_within(request, times, &watch, toll);
        let stopped = tokio::select! {
            biased;
            () = bounds.stopped() => Failure::Stopped { at: request.shown(), by: Stop::Signal },
            done = within => return done,
        };
        // A run that is always ended from outside must not ask the silent for ever.
        let waited = watch.spent().filter(|_| watch.is_running());
        match waited.filter(|after| *after >= bounds.fair_share()) {
            Some(after) => Err(Failure::Timeout { at: request.shown(), after, received: 0 }),
            None => Err(stopped),
        }
    }

    /// One attempt. The time-out of the request runs while others are to answer. All that comes
    /// from outside is fit to be shown and kept, but for the body, which is raw.
    pub async fn get(&self, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let times = Times { now: time::Instant::EPOCH, deadline, fair: Duration::MAX };
        self.attempt_within(request, times, &Stopwatch::default(), &Free).await
    }

    async fn attempt_within(
        &self,
        request: &Request,
        times: Times,
        watch: &Stopwatch,
        toll: &dyn Toll,
    ) -> Result<Response, Failure> {
        let cleaner = Cleaner::new(request);
        let done = self.ask(request, times, watch, toll).await;
        done.map(|done| cleaner.response(done)).map_err(|failure| cleaner.failure(failure))
    }

    async fn ask(
        &self,
        request: &Request,
        times: Times,
        watch: &Stopwatch,
        toll: &dyn Toll,
    ) -> Result<Response, Failure> {
        let late = || Failure::Stopped { at: request.shown(), by: Stop::Deadline };
        let trip = Trip::from(ask::address(request)?, ask::moved(request));
        let headers = ask::headers(request)?;
        let comes = if request.led { Comes::Led } else { Comes::First };
        toll.may(&trip.url, comes).await?;
        let seat = self.means.gate.enter(trip.host(), comes, times.deadline).await;
        let seat = seat.ok_or_else(late)?;
        toll.pay()?;
        let (means, progress) = (&self.means, Progress::default());
        let exchange = Exchange { means, request, headers, times, watch, progress, toll };
        exchange.run(trip, seat).await
    }
}

/// How many requests the descriptors of this process suffice for: each may need some for its
/// connections and for looking up its name, and the run needs its own.
fn affordable() -> usize {
    const EACH: u64 = 4;
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let most = files.map_or(u64::MAX, |files| (files / EACH).saturating_sub(8).max(1));
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn run<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(future)
    }

    fn bounds() -> (Bounds, watch::Sender<bool>) {
        let (stopper, stop) = watch::channel(false);
        let since = Instant::now();
        (Bounds { now: time::Instant::EPOCH, since, deadline: since + LONG, stop }, stopper)
    }

    #[test]
    fn a_pause_ends_with_the_signal_and_never_starts_past_the_deadline() {
        let (bounds, stopper) = bounds();
        let started = Instant::now();
        assert!(run(bounds.rest(Duration::ZERO)));
        assert!(!run(bounds.rest(LONG)));
        assert!(!run(bounds.rest(Duration::MAX)));
        let told = async { stopper.send_replace(true) };
        let (rested, _) = run(async { tokio::join!(bounds.rest(LONG / 2), told) });
        assert!(!rested);
        assert!(started.elapsed() < LONG / 4);
    }

    #[test]
    fn jitter_lies_in_the_unit_interval() {
        let drawn: Vec<f64> = (0..1_000).map(|_| random()).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = drawn.iter().sum::<f64>() / 1_000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }

    #[test]
    fn the_clock_of_the_run_goes_on_from_its_start() {
        let (bounds, _stopper) = bounds();
        let earlier = Bounds { since: bounds.since - LONG, ..bounds };
        assert!(earlier.now() >= time::Instant::EPOCH.after(TimeDelta::seconds(60)));
    }
}
