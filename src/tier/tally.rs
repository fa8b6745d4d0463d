//! The tally of one due source: what became of its requests, and, after the last, its outcome.

use crate::domain::journal::{Outcome, Verdict};
use crate::domain::request::Response;
use crate::domain::retry::Failure;
use crate::domain::schedule::Slot;
use crate::domain::source::Source;
use crate::domain::time::Instant;

/// Why nothing landed.
pub enum Trouble {
    Http(Failure),
    /// The request cannot be made, or its answer not be redacted.
    Refused(String),
    Disk(String),
}

/// What a request gave.
pub type Landed = Result<Verdict, Trouble>;

/// One source's requests in one run.
pub struct Tally<'a> {
    pub source: &'a Source,
    pub outcome: Outcome,
    /// Requests without an answer yet.
    pub left: usize,
    all: usize,
    good: Vec<Verdict>,
    bad: Vec<String>,
    remarks: Vec<String>,
    pub failure: Option<Failure>,
    pub stopped: bool,
    pub disk: bool,
}

impl<'a> Tally<'a> {
    pub fn new(source: &'a Source, slot: Slot, requests: usize, now: Instant) -> Tally<'a> {
        let outcome = Outcome {
            source: source.name.clone(),
            slot: slot.start,
            every: source.fetch.every,
            started: now,
            ended: now,
            result: Verdict::Failed,
            status: 0,
            bytes: 0,
            error: None,
        };
        Tally {
            source,
            outcome,
            left: requests,
            all: requests,
            good: Vec::new(),
            bad: Vec::new(),
            remarks: Vec::new(),
            failure: None,
            stopped: false,
            disk: false,
        }
    }

    /// Notes an answer before it lands.
    pub fn heard(&mut self, response: &Response, remark: Option<String>) {
        if self.bad.is_empty() {
            self.outcome.status = response.status;
        }
        self.outcome.bytes += response.body.len() as u64;
        self.remarks.extend(remark);
    }

    /// Notes what became of a request that began at `started`; whether it was the last.
    pub fn enter(
        &mut self,
        item: Option<&str>,
        started: Instant,
        now: Instant,
        landed: Landed,
    ) -> bool {
        let first = self.left == self.all;
        self.outcome.started = if first { started } else { self.outcome.started.min(started) };
        self.outcome.ended = now;
        self.left = self.left.saturating_sub(1);
        match landed {
            Ok(verdict) => self.good.push(verdict),
            Err(trouble) => self.worsen(item, trouble),
        }
        self.left == 0
    }

    fn worsen(&mut self, item: Option<&str>, trouble: Trouble) {
        let why = match &trouble {
            Trouble::Http(failure) => failure.explain(),
            Trouble::Refused(why) | Trouble::Disk(why) => why.clone(),
        };
        self.bad.push(match item {
            Some(item) => format!("{item}: {why}"),
            None => why,
        });
        match trouble {
            Trouble::Http(failure) => {
                self.stopped |= matches!(failure, Failure::Stopped { .. });
                if !self.stopped {
                    self.outcome.status = failure.status().unwrap_or(0);
                }
                self.failure.get_or_insert(failure);
            }
            Trouble::Refused(_) => {}
            Trouble::Disk(_) => self.disk = true,
        }
    }

    /// Settles the verdict: one failed request of a loop is a failure, though others landed.
    pub fn settle(&mut self) {
        let has = |verdict: Verdict| self.good.contains(&verdict);
        self.outcome.result = if self.stopped {
            Verdict::Deferred
        } else if !self.bad.is_empty() {
            Verdict::Failed
        } else if has(Verdict::Landed) {
            Verdict::Landed
        } else if has(Verdict::Unchanged) {
            Verdict::Unchanged
        } else {
            Verdict::Nothing
        };
        let first = self.bad.first().or(self.remarks.first()).cloned();
        self.outcome.error = first.map(|first| match self.bad.len() {
            bad if self.all > 1 && bad > 0 => {
                format!("{bad} of {} requests failed, the first: {first}", self.all)
            }
            _ => first,
        });
    }
}
