//! The HTTP door: a `Request` goes out, a whole `Response` or a `Failure` comes back.
//!
//! Invariants: every exchange is bounded in bytes, time, redirects and retries; a body is whole
//! or it is a failure; no secret leaves for another host, nor into an error. Proxies of the
//! environment are not honoured. What to do about a failure is decided in `domain::retry`.

mod answer;
mod ask;
mod body;
mod exchange;
mod fault;
mod gate;
mod guard;
mod redirect;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::domain::request::{Request, Response};
use crate::domain::retry::{self, Decision, Failure, Policy, Stop};
use ask::invalid;
use exchange::Exchange;
use gate::Gate;
use redirect::Trip;

/// Lists of headers longer than this are refused on HTTP/2; HTTP/1.1 has a bound of its own.
const HEADER_BYTES_MAX: u32 = 64 << 10;

/// Headers of one answer on HTTP/1.1; browsers take as many as fit into their bytes.
const HEADERS_MAX: usize = 1_000;

/// How a run treats the hosts it asks.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Least time between the starts of two requests to one host.
    pub gap: Duration,
    /// Requests that one host serves for us at the same time.
    pub at_once: usize,
    pub connect_timeout: Duration,
    /// `retries` is replaced by the caps of each request.
    pub policy: Policy,
    /// Certificates (PEM) to trust beside those of the machine.
    pub authorities: Vec<u8>,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            gap: Duration::from_millis(500),
            at_once: 2,
            connect_timeout: Duration::from_secs(10),
            policy: Policy::default(),
            authorities: Vec::new(),
        }
    }
}

/// What ends a run, and its clock: the wall is read once, later instants are that plus a
/// monotonic span.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub now: DateTime<Utc>,
    /// When `now` was read.
    pub since: Instant,
    pub deadline: Instant,
    /// Becomes true when the run is told to stop.
    pub stop: watch::Receiver<bool>,
}

impl Bounds {
    /// A run that is under way for `length` from now on; the wall shows `now`.
    pub fn starting(now: DateTime<Utc>, length: Duration, stop: watch::Receiver<bool>) -> Bounds {
        let since = Instant::now();
        let deadline = since.checked_add(length).unwrap_or(since);
        Bounds { now, since, deadline, stop }
    }

    /// The present instant, by the clock of the run.
    pub fn now(&self) -> DateTime<Utc> {
        let span = TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
        self.now.checked_add_signed(span).unwrap_or(self.now)
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
    open: reqwest::Client,
    /// For redirects that leave the declared host: sees no private network. Seldom needed.
    guarded: OnceLock<reqwest::Client>,
    user_agent: String,
    pace: Pace,
    gate: Gate,
}

impl Client {
    /// A client that names itself `user_agent`.
    pub fn new(user_agent: &str, pace: Pace) -> Result<Client, Failure> {
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Client {
            open: build(user_agent, &pace, false)?,
            guarded: OnceLock::new(),
            user_agent: user_agent.to_string(),
            gate: Gate::new(pace.gap, pace.at_once),
            pace,
        })
    }

    /// Asks, and asks again as `domain::retry` decides, while the bounds allow.
    pub async fn fetch(&self, request: &Request, bounds: &Bounds) -> Result<Response, Failure> {
        let policy = Policy { retries: request.caps.retries, ..self.pace.policy };
        for attempt in 0..policy.retries {
            let failure = match self.attempt(request, bounds).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            match retry::wait(&failure, attempt, random(), bounds.now(), &policy) {
                Decision::After(pause) if rest(pause, bounds).await => {}
                _ => return Err(failure),
            }
        }
        self.attempt(request, bounds).await
    }

    async fn attempt(&self, request: &Request, bounds: &Bounds) -> Result<Response, Failure> {
        tokio::select! {
            biased;
            () = bounds.stopped() => {
                Err(Failure::Stopped { at: request.shown(), by: Stop::Signal })
            }
            done = self.get(request, bounds.deadline) => done,
        }
    }

    /// One attempt. The time-out of the request starts when its turn at the host has come.
    pub async fn get(&self, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let late = || Failure::Stopped { at: request.shown(), by: Stop::Deadline };
        let trip = Trip::new(ask::address(request)?);
        let headers = ask::headers(request)?;
        let seat = self.gate.enter(trip.host(), deadline).await.ok_or_else(late)?;

        let started = Instant::now();
        let left = deadline.saturating_duration_since(started);
        let allowed = request.caps.timeout.min(left);
        let received = AtomicU64::new(0);
        let exchange = Exchange { client: self, request, headers, deadline, received: &received };
        match tokio::time::timeout(allowed, exchange.run(trip, seat)).await {
            Ok(done) => done.map(|done| Response { elapsed: started.elapsed(), ..done }),
            Err(_) if left < request.caps.timeout => Err(late()),
            Err(_) => Err(Failure::Timeout {
                at: request.shown(),
                after: allowed,
                received: received.load(Ordering::Relaxed),
            }),
        }
    }

    fn client_for(&self, trip: &Trip) -> Result<&reqwest::Client, Failure> {
        if !trip.is_led_astray() {
            return Ok(&self.open);
        }
        if let Some(guarded) = self.guarded.get() {
            return Ok(guarded);
        }
        let built = build(&self.user_agent, &self.pace, true)?;
        Ok(self.guarded.get_or_init(|| built))
    }
}

fn build(user_agent: &str, pace: &Pace, guarded: bool) -> Result<reqwest::Client, Failure> {
    let failed = |error: reqwest::Error| invalid("", format!("no HTTP client, {}", words(&error)));
    let authorities = reqwest::Certificate::from_pem_bundle(&pace.authorities).map_err(failed)?;
    reqwest::Client::builder()
        .user_agent(user_agent)
        .tls_certs_merge(authorities)
        .dns_resolver(guard::Resolver { guarded })
        .connect_timeout(pace.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        // Untidy heads are read as browsers and curl read them: a bad line says nothing.
        .http1_max_headers(HEADERS_MAX)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .build()
        .map_err(failed)
}

fn words(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), |cause| cause.to_string())
}

/// Sleeps; false when the pause would not end before the run does.
async fn rest(pause: Duration, bounds: &Bounds) -> bool {
    let end = Instant::now().checked_add(pause);
    let Some(end) = end.filter(|end| *end < bounds.deadline) else {
        return false;
    };
    tokio::select! {
        biased;
        () = bounds.stopped() => false,
        () = tokio::time::sleep_until(end.into()) => true,
    }
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
        (Bounds { now: DateTime::UNIX_EPOCH, since, deadline: since + LONG, stop }, stopper)
    }

    #[test]
    fn a_pause_ends_with_the_signal_and_never_starts_past_the_deadline() {
        let (bounds, stopper) = bounds();
        let started = Instant::now();
        assert!(run(rest(Duration::ZERO, &bounds)));
        assert!(!run(rest(LONG, &bounds)));
        assert!(!run(rest(Duration::MAX, &bounds)));
        let told = async { stopper.send_replace(true) };
        let (rested, _) = run(async { tokio::join!(rest(LONG / 2, &bounds), told) });
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
        assert!(earlier.now() >= DateTime::UNIX_EPOCH + TimeDelta::seconds(60));
    }
}
