//! What all exchanges of a run share: its pace, its connections, its turns and its memory.

use super::beside::Beside;
use super::gate::Gate;
use super::links::Links;
use super::place::Shelf;
use super::room::Rooms;
use crate::domain::limits::{ANSWERS_ASIDE, ANSWERS_IN_MEMORY, REQUESTS_AT_ONCE};
use crate::domain::retry::Policy;
use crate::domain::time;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How a run treats the hosts it asks.
#[derive(Clone)]
pub struct Pace {
    /// Least time between the starts of two requests to one host.
    pub gap: Duration,
    /// Requests that one host serves for us at the same time.
    pub at_once: usize,
    /// Hosts with a pace of their own: least time, and requests at the same time.
    pub own: BTreeMap<String, (Duration, usize)>,
    /// When a request to a host began last, before this run, by the wall's clock.
    pub last: Vec<(String, time::Instant)>,
    /// Requests at the same time over all hosts; fewer where descriptors are few.
    pub all_at_once: usize,
    /// Bytes of all answers in memory, those included that were given back and are still held.
    pub memory: u64,
    pub connect_timeout: Duration,
    /// `retries` is replaced by the caps of each request.
    pub policy: Policy,
    /// Certificates (PEM) to trust beside those of the machine.
    pub authorities: Vec<u8>,
    /// Where large answers wait; without, they wait in memory.
    pub shelf: Option<Shelf>,
    /// Bytes of all answers that wait there.
    pub aside: u64,
    /// Who asks the same hosts meanwhile.
    pub beside: Option<Arc<dyn Beside>>,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            gap: Duration::from_millis(500),
            at_once: 2,
            own: BTreeMap::new(),
            last: Vec::new(),
            all_at_once: REQUESTS_AT_ONCE,
            memory: ANSWERS_IN_MEMORY,
            connect_timeout: Duration::from_secs(10),
            policy: Policy::default(),
            authorities: Vec::new(),
            shelf: None,
            aside: ANSWERS_ASIDE,
            beside: None,
        }
    }
}

pub struct Means {
    pub links: Links,
    pub pace: Pace,
    pub gate: Gate,
    pub rooms: Rooms,
    /// Room on the shelf.
    pub shelves: Rooms,
}

impl Means {
    /// For a program that names itself `user_agent` and asks so much at once over all hosts.
    pub fn new(user_agent: &str, pace: Pace, all_at_once: usize) -> Means {
        Means {
            links: Links::new(user_agent, pace.connect_timeout, pace.authorities.clone()),
            gate: Gate::new(pace.gap, pace.at_once, all_at_once)
                .with(pace.own.clone(), pace.beside.clone()),
            rooms: Rooms::new(pace.memory),
            shelves: Rooms::new(pace.aside),
            pace,
        }
    }
}
