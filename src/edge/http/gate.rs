//! The pace: how many requests one host gets at once, and how far apart they start; and how many
//! there are at once over all hosts.
//!
//! Invariant: all hold across all sources of a run, redirects included. Who waits for its turn
//! at a host keeps nobody else from asking elsewhere, and who is led there by a redirect does not
//! wait for those who begin.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep_until, timeout_at};

use super::beside::{Beside, Held};
use super::links::Clients;
use super::places::{Comes, Place, Places};

/// Connections that stay open.
pub type Kept = (Arc<Clients>, OwnedSemaphorePermit);

/// A place at a host; it is free again when this is dropped.
pub struct Seat {
    /// The host's connections.
    pub clients: Arc<Clients>,
    #[allow(dead_code, reason = "held for its drop")]
    places: (Place, OwnedSemaphorePermit, Option<Held>),
}

pub struct Gate {
    gap: Duration,
    at_once: usize,
    /// Of hosts that have their own.
    own: BTreeMap<String, (Duration, usize)>,
    /// Those who ask, over all hosts.
    all: Arc<Semaphore>,
    /// Those who keep connections open while they wait for their turn.
    waiting: Arc<Semaphore>,
    /// Who asks the same hosts, in another process.
    beside: Option<Arc<dyn Beside>>,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    seats: Places,
    at_once: usize,
    gap: Duration,
    /// One waits for its turn, and holds this.
    turns: Places,
    /// When the next may start.
    next: Mutex<Option<Instant>>,
    clients: Mutex<Weak<Clients>>,
}

impl Gate {
    /// `at_once` is for each host, `all_at_once` over all.
    pub fn new(gap: Duration, at_once: usize, all_at_once: usize) -> Gate {
        let all = || Arc::new(Semaphore::new(all_at_once.clamp(1, Semaphore::MAX_PERMITS)));
        let (at_once, hosts) = (at_once.max(1), Mutex::default());
        let (own, beside) = Default::default();
        Gate { gap, at_once, own, all: all(), waiting: all(), beside, hosts }
    }

    /// With hosts that have a pace of their own, and beside others.
    pub fn with(
        self,
        own: BTreeMap<String, (Duration, usize)>,
        beside: Option<Arc<dyn Beside>>,
    ) -> Gate {
        Gate { own, beside, ..self }
    }

    /// A host was asked so long ago, before this run.
    pub fn asked_before(&self, host: &str, ago: Duration) {
        let host = self.host(host);
        let left = host.gap.saturating_sub(ago);
        if !left.is_zero() {
            let mut next = host.next();
            *next = next.max(Instant::now().checked_add(left));
        }
    }

    /// Waits for a seat and for the turn; none if that would not come before `deadline`.
    pub async fn enter(&self, name: &str, comes: Comes, deadline: Instant) -> Option<Seat> {
        let host = self.host(name);
        let turn = timeout_at(deadline.into(), self.turn((name, &host), comes, deadline));
        turn.await.ok().flatten()
    }

    /// The least time between two requests to a host.
    pub fn gap(&self, host: &str) -> Duration {
        self.host(host).gap
    }

    async fn turn(
        &self,
        (name, host): (&str, &Host),
        comes: Comes,
        deadline: Instant,
    ) -> Option<Seat> {
        let seat = host.seats.take(comes).await;
        let turn = host.turns.take(comes).await;
        let start = host.next().unwrap_or_else(Instant::now);
        if start >= deadline {
            return None;
        }
        let kept = self.keep(|| host.clients());
        sleep_until(start.into()).await;
        let place = self.all.clone().acquire_owned().await.ok()?;
        let beside = self.beside(name, host).await;
        *host.next() = Instant::now().checked_add(host.gap);
        drop(turn);
        let clients = host.clients();
        drop(kept);
        Some(Seat { clients, places: (seat, place, beside) })
    }

    /// Waits for the turn among those of other processes.
    async fn beside(&self, name: &str, host: &Host) -> Option<Held> {
        let beside = self.beside.as_ref()?;
        loop {
            match beside.enter(&name.to_ascii_lowercase(), host.gap, host.at_once) {
                Ok(held) => return Some(held),
                Err(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Gives a seat up for another one, where a redirect leads: its connections stay open until
    /// that one is had.
    pub fn give_up(&self, seat: Seat) -> Option<Kept> {
        self.keep(|| seat.clients.clone())
    }

    /// Connections that stay open for who waits, where not too many do.
    fn keep(&self, clients: impl FnOnce() -> Arc<Clients>) -> Option<Kept> {
        let place = self.waiting.clone().try_acquire_owned().ok()?;
        Some((clients(), place))
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = name.to_ascii_lowercase();
        let (gap, at_once) = self.own.get(&name).copied().unwrap_or((self.gap, self.at_once));
        hosts.entry(name).or_insert_with(|| Arc::new(Host::new(gap, at_once))).clone()
    }
}

impl Host {
    fn new(gap: Duration, at_once: usize) -> Host {
        let at_once = at_once.max(1);
        let seats = Places::new(at_once);
        let (turns, next, clients) = (Places::new(1), Mutex::default(), Mutex::default());
        Host { gap, seats, at_once, turns, next, clients }
    }

    fn next(&self) -> MutexGuard<'_, Option<Instant>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connections that are open for somebody, or none yet.
    fn clients(&self) -> Arc<Clients> {
        let mut kept = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        kept.upgrade().unwrap_or_else(|| {
            let clients = Arc::new(Clients::default());
            *kept = Arc::downgrade(&clients);
            clients
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(30);

    fn run<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn starts_are_a_gap_apart_and_never_past_the_deadline() {
        run(async {
            let gate = Gate::new(GAP, 3, 9);
            let started = Instant::now();
            let first = gate.enter("e.org", Comes::First, started + GAP * 9).await;
            let second = gate.enter("e.org", Comes::First, started + GAP * 9).await;
            assert!(first.is_some() && second.is_some() && started.elapsed() >= GAP);
            let late = gate.enter("e.org", Comes::First, started + GAP).await;
            assert!(late.is_none() && started.elapsed() < GAP * 9);
        });
    }

    #[test]
    fn a_full_house_makes_wait_and_a_waiting_host_does_not_fill_it() {
        run(async {
            let gate = Gate::new(GAP, 9, 2);
            let soon = || Instant::now() + GAP;
            let first = gate.enter("a", Comes::First, soon()).await;
            let second = gate.enter("b", Comes::First, soon()).await;
            assert!(second.is_some() && gate.enter("c", Comes::First, soon()).await.is_none());
            drop(first);
            assert!(gate.enter("d", Comes::First, soon()).await.is_some());
            let slow = Gate::new(Duration::from_secs(3_600), 9, 1);
            drop(slow.enter("a", Comes::First, soon()).await);
            let far = Instant::now() + Duration::from_secs(9_000);
            let waits = slow.enter("a", Comes::First, far);
            tokio::select! {
                biased;
                _ = waits => panic!("an hour has not passed"),
                other = slow.enter("b", Comes::First, soon()) => assert!(other.is_some()),
            }
        });
    }

    #[test]
    fn connections_live_while_somebody_asks() {
        run(async {
            let gate = Gate::new(Duration::ZERO, 2, 9);
            let soon = Instant::now() + Duration::from_secs(9);
            let (one, two) = (
                gate.enter("a", Comes::First, soon).await,
                gate.enter("a", Comes::First, soon).await,
            );
            let (one, two) = (one.expect("a seat"), two.expect("a seat"));
            assert!(Arc::ptr_eq(&one.clients, &two.clients));
            let kept = Arc::downgrade(&one.clients);
            drop((one, two));
            assert!(kept.upgrade().is_none());
        });
    }

    #[test]
    fn hosts_are_one_whatever_the_case() {
        let gate = Gate::new(GAP, 2, 9);
        assert!(Arc::ptr_eq(&gate.host("E.org"), &gate.host("e.ORG")));
        assert!(!Arc::ptr_eq(&gate.host("e.org"), &gate.host("f.org")));
    }
}
