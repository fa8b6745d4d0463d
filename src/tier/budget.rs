//! The budget of a run: what each host and each quota still bears. Shared by all requests, pages
//! and repetitions of all sources, and kept for the next run.

use crate::domain::host::{Breaker, Host, is_alive, is_of_host};
use crate::domain::limits::{ANSWERS_ASIDE, HOSTS_KEPT};
use crate::domain::quota::Spent;
use crate::domain::request::{Request, Response};
use crate::domain::retry::{Failure, hold_all, host};
use crate::domain::settings;
use crate::domain::time::Instant;
use crate::edge::clock::{Clock, fraction};
use crate::edge::http::{Beside, Held, Pace, Shelf};
use crate::edge::spool::{Hosts, Spool};
use chrono::TimeDelta;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use url::Url;

const DAMAGED: &str = "data/.state/hosts.json is damaged, so what is spent of its quota is not \
known\nhint: take that file away: quotas are counted anew from then on";

/// How long one request has to say whether a host is there again.
const PROBE_S: i64 = 60;

/// The lock that is held by who asks beside the fetcher.
pub const BACKFILL: &str = "backfill";

/// Known by all who ask.
pub struct Budget {
    spool: Spool,
    clock: Clock,
    known: Mutex<Known>,
    /// The file of what is known cannot be read.
    damaged: bool,
    /// Another process asks meanwhile: what is known is read before each change, and kept.
    shared: bool,
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
        Budget { spool: spool.clone(), clock, known, damaged, shared: false }
    }

    /// That of a run of the fetcher: shared where a backfill is at work.
    pub fn of_run(spool: &Spool, clock: Clock) -> Arc<Budget> {
        let budget = Budget::open(spool, clock);
        Arc::new(if spool.is_held(BACKFILL) { budget.beside() } else { budget })
    }

    /// The pace of a client that asks from here.
    pub fn pace(self: &Arc<Budget>, settings: &settings::Fetcher) -> Pace {
        Pace {
            gap: settings.pace,
            at_once: settings.per_host,
            own: settings.hosts.clone(),
            last: self.asked(),
            beside: self.shared.then(|| self.clone() as _),
            ..Pace::default()
        }
    }

    /// The same, of one whose answers wait on a shelf, as far as there is room for what lands.
    pub fn pace_with(self: &Arc<Budget>, settings: &settings::Fetcher, shelf: Shelf) -> Pace {
        let free = self.spool.free().unwrap_or(0).saturating_sub(settings.reserve);
        Pace { shelf: Some(shelf), aside: ANSWERS_ASIDE.min(free / 2), ..self.pace(settings) }
    }

    /// The same, where another process asks the same hosts meanwhile.
    pub fn beside(self) -> Budget {
        Budget { shared: true, ..self }
    }

    /// Changes what is known; beside another process what that one has kept is known, too.
    fn change<T>(&self, then: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known();
        let lock = self.shared.then(|| self.spool.hosts_lock());
        if lock.is_none() || self.damaged {
            return then(&mut known);
        }
        let (hosts, spent, damaged) = self.spool.hosts();
        if !damaged {
            *known = Known { hosts, spent };
        }
        let done = then(&mut known);
        // What cannot be kept is known here at least; a quota is kept or not spent.
        let _ = self.spool.keep_hosts(&known.hosts, &known.spent);
        done
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
        let at = || request.shown();
        // No secret stands in a host, and hiding all others costs more than all else here.
        let name = host(first(request)).unwrap_or_default();
        self.change(|Known { hosts, spent }| {
            let now = self.clock.now();
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
        self.change(|known| pass(known.hosts.entry(name.clone()).or_default(), &name, request, now))
    }

    /// Notes what came of a request, of the host that was asked last for it.
    pub fn heard(&self, request: &Request, came: &Result<Response, Failure>) {
        let now = self.clock.now();
        let last = match came {
            Ok(response) => host(&response.came),
            Err(failure) => host(failure.place()),
        };
        let own = host(first(request)).unwrap_or_default();
        self.change(|known| match last.filter(|last| *last != own) {
            Some(last) => {
                // It has led there.
                known.hosts.entry(own).or_default().answered();
                heard_of(known.hosts.entry(last).or_default(), now, came);
            }
            None => heard_of(known.hosts.entry(own).or_default(), now, came),
        });
    }

    /// Keeps what is known for the next run: of hosts that matter, the last that were asked.
    pub fn close(&self) -> crate::edge::spool::Result<()> {
        if self.damaged {
            return Ok(());
        }
        let day = self.clock.now().before(TimeDelta::days(1));
        self.change(|known| {
            known.hosts.retain(|_, host| host.asked.is_some_and(|at| at > day) || is_open(host));
            while known.hosts.len() > HOSTS_KEPT {
                known.hosts.pop_first();
            }
            self.spool.keep_hosts(&known.hosts, &known.spent)
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beside for Budget {
    fn enter(&self, host: &str, gap: Duration, at_once: usize) -> Result<Held, Duration> {
        // No place is given away for a request that would have to wait in it.
        let Ok(Some(place)) = self.spool.place_at(host, at_once) else { return Err(BESIDE) };
        self.change(|Known { hosts, .. }| {
            // Not before the others' last word: what they asked meanwhile is no future.
            let now = self.clock.now();
            // A pace is of a host, on whichever port.
            let is_it = |name: &str| {
                name == host || name.rsplit_once(':').is_some_and(|(name, _)| name == host)
            };
            let of_it = hosts.iter().filter(|(name, _)| is_it(name));
            // Clocks of two processes differ a little: what one has just asked may be ahead.
            let ahead = now.after(TimeDelta::from_std(gap).unwrap_or_default());
            let last = of_it.filter_map(|(_, host)| host.asked).filter(|at| *at <= ahead).max();
            let ago = last.map(|last| (now - last).to_std().unwrap_or_default());
            if let Some(ago) = ago.filter(|ago| *ago < gap) {
                return Err(gap - ago);
            }
            hosts.entry(host.to_string()).or_default().asked = Some(now);
            Ok(())
        })?;
        Ok(Box::new(place))
    }
}

/// How long one waits who finds no place at a host beside another process.
const BESIDE: Duration = Duration::from_millis(50);

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
