//! The pace: how many requests one host gets at once, and how far apart they start.
//!
//! Invariant: both hold per host name across all sources of a run, redirects included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep_until, timeout_at};

/// A place at a host; it is free again when this is dropped.
pub struct Seat(#[allow(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

pub struct Gate {
    gap: Duration,
    at_once: usize,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    seats: Arc<Semaphore>,
    next_start: Mutex<Option<Instant>>,
}

impl Gate {
    pub fn new(gap: Duration, at_once: usize) -> Gate {
        Gate { gap, at_once: at_once.max(1), hosts: Mutex::default() }
    }

    /// Waits for a seat and for the turn; none if that would not come before `deadline`.
    pub async fn enter(&self, host: &str, deadline: Instant) -> Option<Seat> {
        let host = self.host(host);
        let seat = host.seats.clone().acquire_owned();
        let seat = timeout_at(deadline.into(), seat).await.ok()?.ok()?;
        let start = host.reserve(Instant::now(), self.gap, deadline)?;
        sleep_until(start.into()).await;
        Some(Seat(seat))
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            let seats = Arc::new(Semaphore::new(self.at_once));
            Arc::new(Host { seats, next_start: Mutex::default() })
        };
        hosts.entry(name.to_ascii_lowercase()).or_insert_with(fresh).clone()
    }
}

impl Host {
    /// Takes the next free start; one that is not taken in the end only slows us down.
    fn reserve(&self, now: Instant, gap: Duration, deadline: Instant) -> Option<Instant> {
        let mut next = self.next_start.lock().unwrap_or_else(PoisonError::into_inner);
        let start = next.map_or(now, |next| next.max(now));
        if start >= deadline {
            return None;
        }
        *next = start.checked_add(gap);
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_millis(500);

    #[test]
    fn starts_are_a_gap_apart_and_never_past_the_deadline() {
        let host = Host { seats: Arc::new(Semaphore::new(2)), next_start: Mutex::default() };
        let now = Instant::now();
        let deadline = now + GAP * 2;
        assert_eq!(host.reserve(now, GAP, deadline), Some(now));
        assert_eq!(host.reserve(now, GAP, deadline), Some(now + GAP));
        assert_eq!(host.reserve(now, GAP, deadline), None);
        let later = now + GAP * 9;
        assert_eq!(host.reserve(later, GAP, later + GAP), Some(later));
    }

    #[test]
    fn hosts_are_one_whatever_the_case() {
        let gate = Gate::new(GAP, 2);
        assert!(Arc::ptr_eq(&gate.host("E.org"), &gate.host("e.ORG")));
        assert!(!Arc::ptr_eq(&gate.host("e.org"), &gate.host("f.org")));
    }
}
