//! The budget of a run: what each host and each quota still bears. Shared by all requests, pages
//! and repetitions of all sources, and kept for the next run.

use crate::domain::host::{Breaker, Host, is_alive, is_of_host};
use crate::domain::limits::HOSTS_KEPT;
use crate::domain::quota::Spent;
use crate::domain::request::{Request, Response};
use crate::domain::retry::{Failure, hold_all, host};
use crate::domain::time::Instant;
use crate::edge::clock::{Clock, fraction};
use crate::edge::spool::{Hosts, Spool};
use chrono::TimeDelta;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

const DAMAGED: &str = "data/.state/hosts.json is damaged, so what is spent of its quota is not \
known\nhint: take that file away: quotas are counted anew from then on";

/// How long one request has to say whether a host is there again.
const PROBE_S: i64 = 60;

/// Known by all who ask.
pub struct Budget {
    spool: Spool,
    clock: Clock,
    known: Mutex<Known>,
    /// The file of what is known cannot be read.
    damaged: bool,
}

struct Known {
    hosts: Hosts,
    spent: Spent,
}

impl Budget {
    /// What is known from before. Where its file is damaged it is not known what is spent: who has
    /// a quota is not asked until a person takes the file away.
    pub fn open(spool: &Spool, clock: Clock) -> Budget {
        let (hosts, spent, damaged) = spool.hosts();
        let known = Mutex::new(Known { hosts, spent });
        Budget { spool: spool.clone(), clock, known, damaged }
    }

    /// When a request to each host began last.
    pub fn asked(&self) -> Vec<(String, Instant)> {
        let known = self.known();
        known.hosts.iter().filter_map(|(name, host)| Some((name.clone(), host.asked?))).collect()
    }

    /// Takes one request: its host may be asked, and its quotas bear it.
    ///
    /// # Errors
    ///
    /// Until when it must wait, and why.
    pub fn take(&self, request: &Request) -> Result<(), Failure> {
        let (now, at) = (self.clock.now(), || request.shown());
        // No secret stands in a host, and hiding all others costs more than all else here.
        let name = host(first(request)).unwrap_or_default();
        let mut known = self.known();
        let Known { hosts, spent } = &mut *known;
        pass(hosts.entry(name.clone()).or_default(), &name, request, now)?;
        if request.quotas.is_empty() {
            return Ok(());
        }
        if self.damaged {
            return Err(Failure::Invalid { at: at(), why: DAMAGED.into() });
        }
        if let Err((quota, until)) = spent.take(&request.quotas, now) {
            let why = quota.spent();
            return Err(Failure::Waits { at: at(), why, until });
        }
        // On the disk before it is spent: a run that dies has asked.
        let kept = self.spool.keep_hosts(hosts, spent);
        kept.map_err(|error| Failure::Invalid {
            at: at(),
            why: format!("its quota cannot be kept: {error}"),
        })
    }

    /// A request goes on to where a redirect leads.
    ///
    /// # Errors
    ///
    /// That host is left alone: until when, and why.
    pub fn led(&self, request: &Request, url: &Url) -> Result<(), Failure> {
        let now = self.clock.now();
        let name = host(url.as_str()).unwrap_or_default();
        let mut known = self.known();
        pass(known.hosts.entry(name.clone()).or_default(), &name, request, now)
    }

    /// Notes what came of a request, of the host that was asked last for it.
    pub fn heard(&self, request: &Request, came: &Result<Response, Failure>) {
        let now = self.clock.now();
        let last = match came {
            Ok(response) => host(&response.came),
            Err(failure) => host(failure.place()),
        };
        let own = host(first(request)).unwrap_or_default();
        let mut known = self.known();
        if let Some(last) = last.filter(|last| *last != own) {
            // It has led there.
            known.hosts.entry(own).or_default().answered();
            return heard_of(known.hosts.entry(last).or_default(), now, came);
        }
        heard_of(known.hosts.entry(own).or_default(), now, came);
    }

    /// Keeps what is known for the next run: of hosts that matter, the last that were asked.
    pub fn close(&self) -> crate::edge::spool::Result<()> {
        if self.damaged {
            return Ok(());
        }
        let mut known = self.known();
        let day = self.clock.now().before(TimeDelta::days(1));
        known.hosts.retain(|_, host| host.asked.is_some_and(|at| at > day) || is_open(host));
        while known.hosts.len() > HOSTS_KEPT {
            known.hosts.pop_first();
        }
        self.spool.keep_hosts(&known.hosts, &known.spent)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a request is asked first.
fn first(request: &Request) -> &str {
    request.moved_to.as_ref().unwrap_or(&request.url)
}

/// Asks a host now, if it may be asked.
fn pass(host: &mut Host, name: &str, request: &Request, now: Instant) -> Result<(), Failure> {
    match host.breaker(now) {
        Breaker::Open(until) => {
            let why = format!("{name} is left alone after failures, the last: {}", host.why);
            return Err(Failure::Waits { at: request.shown(), why, until });
        }
        Breaker::HalfOpen => host.open_until = Some(now.after(TimeDelta::seconds(PROBE_S))),
        Breaker::Closed => {}
    }
    host.asked = Some(now);
    Ok(())
}

fn heard_of(own: &mut Host, now: Instant, came: &Result<Response, Failure>) {
    match came {
        Ok(_) => own.answered(),
        Err(failure) if is_of_host(failure) => {
            own.failed(now, &failure.to_string(), fraction());
            if failure.status() == Some(429)
                && let Some(until) = hold_all(now, failure, fraction())
            {
                own.halt(until, &failure.to_string());
            }
        }
        Err(failure) if is_alive(failure) => own.answered(),
        Err(_) => {}
    }
}

fn is_open(host: &Host) -> bool {
    host.open_until.is_some() || host.halted_until.is_some()
}
