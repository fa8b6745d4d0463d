//! The tally of one due source: what became of its requests, and, after the last, its outcome.

use crate::domain::incident::UNUSABLE;
use crate::domain::journal::{Outcome, Verdict};
use crate::domain::request::Response;
use crate::domain::retry::Failure;
use crate::domain::source::Source;
use crate::domain::time::Instant;

/// Why nothing landed.
pub enum Trouble {
    Http(Failure),
    /// The request cannot be made, or its answer not be redacted.
    Refused(String),
    /// It landed, and is not what was declared.
    Unusable(Page),
    /// Its answer says, by a declared condition, that it is a failure.
    Said(String),
    /// A set of pages that cannot become whole.
    Broken(String),
    Disk(String),
    /// It was not asked, and is not before this instant.
    Waits(String, Instant),
    /// The same, since the answer before holds: no fault.
    Held(String, Instant),
    /// It was not asked.
    Later(String),
}

/// An answer that cannot be read as declared.
pub struct Page {
    /// What it seems to be instead.
    pub what: String,
    /// What a person would know it by.
    pub title: Option<String>,
    /// Who gave it.
    pub host: String,
}

impl Trouble {
    /// Whether the request was not made.
    fn is_put_off(&self) -> bool {
        matches!(self, Trouble::Later(_) | Trouble::Waits(..) | Trouble::Held(..))
    }

    /// What is told of it, and until when it is left alone.
    pub fn words(&self, until: Option<Instant>) -> String {
        match self {
            Trouble::Http(failure) => failure.explain_until(until),
            Trouble::Unusable(page) => page.what.clone(),
            Trouble::Refused(why)
            | Trouble::Broken(why)
            | Trouble::Said(why)
            | Trouble::Disk(why)
            | Trouble::Waits(why, _)
            | Trouble::Held(why, _)
            | Trouble::Later(why) => why.clone(),
        }
    }

    /// Whether what was asked may be asked again later, and what came before it stands.
    pub fn passes(&self) -> bool {
        self.is_put_off() || matches!(self, Trouble::Http(_))
    }

    /// Whether it may have passed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Trouble::Http(failure) => failure.may_pass(),
            other => other.is_put_off(),
        }
    }

    fn cause(&self) -> Option<String> {
        match self {
            Trouble::Http(failure) => failure.cause(),
            // Many a host has a page of this title.
            Trouble::Unusable(Page { what, title, host }) => {
                Some(format!("{UNUSABLE}{host} {}", title.as_deref().unwrap_or(what)))
            }
            _ => None,
        }
    }

    fn kind(&self) -> String {
        match self {
            Trouble::Http(failure) => failure.kind(),
            Trouble::Unusable(_) => "page".into(),
            Trouble::Refused(_) => "refused".into(),
            Trouble::Broken(_) => "pages".into(),
            Trouble::Said(_) => "said".into(),
            Trouble::Disk(_) => "disk".into(),
            Trouble::Later(_) | Trouble::Waits(..) | Trouble::Held(..) => "later".into(),
        }
    }
}

/// What a request gave.
pub type Landed = Result<Verdict, Trouble>;

/// One source's requests in one run.
pub struct Tally<'a> {
    pub source: &'a Source,
    pub outcome: Outcome,
    /// Requests without an end yet.
    pub left: usize,
    good: Vec<Verdict>,
    bad: Vec<String>,
    remarks: Vec<String>,
    /// What may be the cause of other failures, too.
    pub cause: Option<String>,
    /// Which sort of failure the first was.
    pub kind: String,
    /// Requests that were not made, and why the first was not.
    later: usize,
    /// Of these, those that wait for their time.
    waits: usize,
    why: Option<String>,
}

impl<'a> Tally<'a> {
    pub fn new(source: &'a Source, slot: Instant, requests: usize, now: Instant) -> Tally<'a> {
        let outcome = Outcome {
            source: source.name.clone(),
            slot,
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
            good: Vec::new(),
            bad: Vec::new(),
            remarks: Vec::new(),
            cause: None,
            kind: String::new(),
            later: 0,
            waits: 0,
            why: None,
        }
    }

    fn asked(&self) -> usize {
        self.good.len() + self.bad.len()
    }

    /// Whether some requests failed, and others did not.
    pub fn failed_in_part(&self) -> bool {
        !self.bad.is_empty() && !self.good.is_empty()
    }

    /// Notes an answer before it lands.
    pub fn heard(&mut self, response: &Response, remark: Option<String>) {
        if self.bad.is_empty() {
            self.outcome.status = response.status;
        }
        self.outcome.bytes += response.body.len() as u64;
        self.remarks.extend(remark);
    }

    /// Notes what a person should know.
    pub fn remark(&mut self, remark: Option<String>) {
        self.remarks.extend(remark);
    }

    /// Notes what became of a request that began at `started`, and until when it is left alone;
    /// whether it was the last.
    pub fn enter(
        &mut self,
        item: Option<&str>,
        started: Instant,
        now: Instant,
        landed: &Landed,
        until: Option<Instant>,
    ) -> bool {
        let waits = Trouble::is_put_off;
        if !landed.as_ref().is_err_and(waits) {
            let first = self.asked() == 0;
            self.outcome.started = if first { started } else { self.outcome.started.min(started) };
        }
        self.outcome.ended = now;
        self.left = self.left.saturating_sub(1);
        match landed {
            Ok(verdict) => self.good.push(*verdict),
            Err(
                trouble @ (Trouble::Later(why) | Trouble::Waits(why, _) | Trouble::Held(why, _)),
            ) => {
                self.later += 1;
                self.waits += usize::from(!matches!(trouble, Trouble::Later(_)));
                self.why.get_or_insert_with(|| why.clone());
            }
            Err(trouble) => self.worsen(item, trouble, until),
        }
        self.left == 0
    }

    /// Whether all that was put off waits for its time: the answer before holds, its host is left
    /// alone, its quota is spent. Of the failures that came before a person was told.
    pub fn waits(&self) -> bool {
        self.waits > 0 && self.waits == self.later
    }

    /// Whether requests were made, and none was answered.
    pub fn is_silent(&self) -> bool {
        self.good.is_empty() && !self.bad.is_empty()
    }

    fn worsen(&mut self, item: Option<&str>, trouble: &Trouble, until: Option<Instant>) {
        let why = trouble.words(until);
        if self.bad.is_empty() {
            (self.cause, self.kind) = (trouble.cause(), trouble.kind());
        }
        self.bad.push(match item {
            Some(item) => format!("{item}: {why}"),
            None => why,
        });
        if let Trouble::Http(failure) = trouble {
            self.outcome.status = failure.status().unwrap_or(0);
        }
    }

    /// Settles the verdict: one failed request of a loop is a failure, though others landed; a
    /// loop that goes on in the next run is none. `held` are items that were left alone.
    pub fn settle(&mut self, held: usize) {
        let has = |verdict: Verdict| self.good.contains(&verdict);
        self.outcome.result = if !self.bad.is_empty() {
            Verdict::Failed
        } else if self.later > 0 {
            Verdict::Deferred
        } else if has(Verdict::Landed) {
            Verdict::Landed
        } else if has(Verdict::Unchanged) {
            Verdict::Unchanged
        } else {
            Verdict::Nothing
        };
        self.outcome.error = self.error(held);
    }

    fn error(&self, held: usize) -> Option<String> {
        let (bad, later, all) = (self.bad.len(), self.later, self.asked() + self.later);
        let follow = match later {
            0 => String::new(),
            1 => ", 1 follows in the next run".into(),
            _ => format!(", {later} follow in the next runs"),
        };
        match (self.bad.first(), all) {
            (Some(first), 1) => return Some(first.clone()),
            (Some(first), _) => {
                return Some(format!("{bad} of {all} requests failed{follow}, the first: {first}"));
            }
            _ if later == all => return self.why.clone(),
            _ if later > 0 => {
                let why = self.why.as_ref().filter(|_| self.waits());
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                let good = self.good.len();
                return Some(format!("{good} of {all} requests are answered{follow}{why}"));
            }
            _ => {}
        }
        let held = (held > 0).then(|| format!("left alone after failures: {held} of its items"));
        self.remarks.first().cloned().or(held)
    }
}

/// An outcome in one line.
pub fn describe(outcome: &Outcome) -> String {
    let took = (outcome.ended - outcome.started).to_std().unwrap_or_default();
    let took = format!("{:.1} s", took.as_secs_f64());
    let error = outcome.error.as_ref().map(|e| format!(": {e}")).unwrap_or_default();
    format!("{}: {} ({took}){error}", outcome.source, outcome.result.name())
}
