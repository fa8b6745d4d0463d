//! Incidents: what is wrong, from its first sight to its end. Cron mails whatever a run says; so a
//! run says of an incident that it began, once, and that it lasts, once a day.
//!
//! One that comes back soon after its end is the same one; the oftener it comes back, the longer
//! that is so. Pure: what was told before is given, and what is told now is handed back.

mod kept;
mod words;

pub use words::{SOURCES, minute, of_source, shape};
use words::{bounded, unmoved};

use super::format::english;
use super::time::Instant;
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// How the cause begins of what came and cannot be used: who counts it is told nothing new.
pub const UNUSABLE: &str = "unusable ";

/// The cause of who finds no address: at the same time it is the network, later a name.
pub const NAMES: &str = "names";

/// Incidents that are remembered, the last ones.
const INCIDENTS: usize = 1_000;

/// Kinds of fault of one incident that are told apart, and lines of it that wait for a letter.
const KINDS: usize = 8;
const WAITING: usize = 16;

/// How long an end waits for a letter in which it is told.
const ENDS: TimeDelta = TimeDelta::days(30);

const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);

/// Something that is wrong now, as a run found it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Complaint {
    /// Which incident it belongs to: a path of words, with an end, such as `fetcher/source/velib/`.
    pub key: String,
    /// What is wrong; a second line is a hint.
    pub text: String,
    /// What the program does about it.
    pub done: String,
    /// Other words are another incident, and its end is its end: a file that people write.
    pub exact: bool,
    /// Which sort of fault it is: another one in the same incident is told in the next letter.
    pub kind: String,
    /// What others may suffer from as well, such as a host that does not answer.
    pub cause: Option<String>,
    /// The incident of which this one is a consequence, if that is open.
    pub under: Option<String>,
}

/// Keys that a run looked at: those under `prefix`. Of which it does not complain, they are over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Well {
    pub prefix: String,
    /// Beside those that begin so.
    pub but: BTreeSet<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incident {
    pub since: Instant,
    /// When it was seen last.
    pub last: Instant,
    /// In how many runs.
    pub times: u32,
    /// When somebody was told.
    pub told: Option<Instant>,
    /// Since when it is over.
    pub well: Option<Instant>,
    /// How often it came back within a day.
    pub again: u32,
    pub text: String,
    pub cause: Option<String>,
    /// It is told as part of this one.
    pub under: Option<String>,
    /// When it came back last, after an end that was too short to be one.
    pub back: Option<Instant>,
    /// What was told when it began, in its first line, and the cause that was told last.
    pub named: String,
    pub told_cause: Option<String>,
    /// Kinds of fault that were told, or are in a line that waits.
    pub kinds: Vec<String>,
    /// Lines that wait for the next letter: other faults, and ends of before.
    pub waiting: Vec<String>,
}

/// All incidents of a home, by their keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Incidents(pub BTreeMap<String, Incident>);

/// What is to be said now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notices {
    pub lines: Vec<String>,
    /// Some of them are about what has just begun.
    pub fresh: bool,
}

impl Complaint {
    /// What is wrong and the cure, since when, and what is done about it.
    fn line(&self, since: Instant) -> String {
        let done = if self.done.is_empty() { "" } else { "; " };
        format!("{}\nsince {}{done}{}", self.text, minute(since), self.done)
    }
}

impl Incident {
    fn new(complaint: &Complaint, now: Instant) -> Incident {
        Incident {
            since: now,
            last: now,
            times: 0,
            told: None,
            well: None,
            again: 0,
            text: String::new(),
            cause: complaint.cause.clone(),
            under: None,
            back: None,
            named: String::new(),
            told_cause: None,
            kinds: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// A clock that was wrong told nobody; one that was put right by a little did.
    fn told_by(&self, now: Instant) -> Option<Instant> {
        self.told.filter(|told| *told - now < HOUR)
    }

    fn told_before(&self, now: Instant, span: TimeDelta) -> bool {
        self.told_by(now).is_some_and(|told| now - told >= span)
    }

    /// How long it must be over to be so.
    fn settles(&self) -> TimeDelta {
        HOUR.checked_mul(1 << self.again.min(5)).map_or(DAY, |span| span.min(DAY))
    }

    /// The same incident, or the one that a complaint begins.
    fn goes_on(self, complaint: &Complaint, now: Instant) -> Incident {
        let is_over = match self.well {
            _ if complaint.exact => {
                self.well.is_some() || unmoved(&self.text) != unmoved(&bounded(&complaint.text))
            }
            None => false,
            Some(well) => well > now || now - well >= self.settles(),
        };
        if !is_over {
            let back = if self.well.is_some() { Some(now) } else { self.back };
            return Incident { well: None, back, ..self };
        }
        let soon = self.well.is_some_and(|well| well <= now && now - well < DAY);
        let again = if soon && !complaint.exact { self.again.saturating_add(1) } else { 0 };
        let waiting = self.last_lines(now);
        Incident { again, waiting, ..Incident::new(complaint, now) }
    }

    /// What is still to be told of it where another one takes its place.
    fn last_lines(mut self, now: Instant) -> Vec<String> {
        self.well = self.well.or(Some(now));
        self.over(now);
        self.waiting
    }

    /// Puts its end, where its beginning was told, among what waits.
    fn over(&mut self, now: Instant) {
        let Some(well) = self.well.filter(|well| *well <= now) else { return };
        if self.told.take().is_some() {
            let (from, to) = (minute(self.since), minute(well));
            self.wait(format!("over, {from} to {to}: {}", self.named_line()));
        }
    }

    fn wait(&mut self, line: String) {
        if self.waiting.len() < WAITING {
            self.waiting.push(line);
        }
    }

    /// Takes in what a run complains of; a fault of another kind waits for a letter.
    fn see(&mut self, complaint: &Complaint, now: Instant) {
        self.last = now;
        self.times = self.times.saturating_add(1);
        self.text = bounded(&complaint.text);
        self.cause.clone_from(&complaint.cause);
        let is_new = self.told_by(now).is_some() && !self.kinds.contains(&complaint.kind);
        if is_new && self.kinds.len() < KINDS {
            self.kinds.push(complaint.kind.clone());
            let since = minute(self.since);
            self.wait(format!("since {since}, from {} on otherwise: {}", minute(now), self.text));
        }
    }

    fn tell(&mut self, complaint: &Complaint, now: Instant) {
        self.told = Some(now);
        self.named = self.first_line().to_string();
        self.told_cause.clone_from(&self.cause);
        self.kinds = vec![complaint.kind.clone()];
    }

    /// What it was called when it was told.
    fn named_line(&self) -> &str {
        if self.named.is_empty() { self.first_line() } else { &self.named }
    }

    /// It came back, lasts for an hour, and nobody was told since.
    fn is_back(&self, now: Instant) -> bool {
        let told = self.told_by(now);
        let lasts = |back: &Instant| self.last - *back >= HOUR && told.is_some_and(|at| at < *back);
        self.back.as_ref().is_some_and(lasts)
    }

    fn is_due(&self, now: Instant, span: TimeDelta) -> bool {
        let is_open = self.well.is_none() && self.under.is_none();
        is_open && (self.told_before(now, span) || self.is_back(now))
    }

    /// What is wrong, in its first line.
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    fn still(&self) -> String {
        let (since, times) = (minute(self.since), self.times);
        let seen = english(times.into(), "run", "runs");
        match self.back.map(minute) {
            Some(back) => format!("again, since {back}, as from {since} on: {}", self.text),
            None => format!("still, since {since}, in {seen}: {}", self.text),
        }
    }
}

impl Incidents {
    /// Takes in what a run of `program` complains of and what it found well; what it says.
    pub fn judge(
        &mut self,
        program: &str,
        now: Instant,
        complaints: &[Complaint],
        wells: &[Well],
    ) -> Notices {
        let mut notices = Notices::default();
        self.end(now, complaints, wells);
        for complaint in complaints {
            let line = self.enter(complaint, now, true);
            notices.fresh |= line.is_some();
            notices.lines.extend(line);
        }
        let own = |key: &str| {
            key.starts_with(&format!("{program}/")) || complaints.iter().any(|c| c.key == key)
        };
        let is_due = |(key, one): (&String, &Incident)| own(key) && one.is_due(now, DAY);
        if notices.fresh || self.0.iter().any(is_due) {
            notices.lines.extend(self.remind(now, own));
            notices.lines.extend(self.untold(now));
        }
        self.forget(now);
        notices
    }

    /// The same of a run whose words a person reads at once: nobody else is told.
    pub fn note(&mut self, now: Instant, complaints: &[Complaint], wells: &[Well]) {
        self.end(now, complaints, wells);
        for complaint in complaints {
            self.enter(complaint, now, false);
        }
        self.forget(now);
    }

    /// Notes which incidents are over now.
    fn end(&mut self, now: Instant, complaints: &[Complaint], wells: &[Well]) {
        let is_well = |key: &str| {
            let found = |well: &Well| {
                let is_left = || well.but.iter().any(|left| key.starts_with(left));
                key.starts_with(&well.prefix) && !is_left()
            };
            wells.iter().any(found) && !complaints.iter().any(|complaint| complaint.key == key)
        };
        for (key, incident) in &mut self.0 {
            if incident.well.is_none() && is_well(key) {
                incident.well = Some(now);
            }
        }
    }

    fn enter(&mut self, complaint: &Complaint, now: Instant, tells: bool) -> Option<String> {
        let known = self.0.remove(&complaint.key);
        let known = known.filter(|known| known.last - now < HOUR);
        let mut incident = match known {
            Some(known) => known.goes_on(complaint, now),
            None => Incident::new(complaint, now),
        };
        incident.see(complaint, now);
        incident.under = self.above(complaint, now);
        // In one letter all are named that suffer from one cause.
        let above = incident.under.as_ref().and_then(|key| self.0.get(key));
        let is_free = above.is_none_or(|above| above.told == Some(now) && above.since == now);
        if !is_free {
            incident.told_cause.clone_from(&incident.cause);
        }
        let is_told = tells && incident.told_by(now).is_none() && is_free;
        let line = is_told.then(|| complaint.line(incident.since));
        if is_told {
            incident.tell(complaint, now);
        }
        self.0.insert(complaint.key.clone(), incident);
        line
    }

    /// The incident, told and open, that explains this one.
    fn above(&self, complaint: &Complaint, now: Instant) -> Option<String> {
        let is_open = |incident: &Incident| {
            let names = incident.cause.as_deref() == Some(NAMES) && now - incident.since > HOUR * 2;
            let is_told = incident.told_by(now).is_some() && !names;
            incident.well.is_none() && incident.under.is_none() && is_told
        };
        let is_unusable = |above: &Incident| {
            let cause = above.told_cause.as_deref().unwrap_or_default();
            cause.starts_with(UNUSABLE) && now - above.last < HOUR * 3 && above.last - now < HOUR
        };
        let named = complaint.under.as_ref();
        let named = named.filter(|key| self.0.get(*key).is_some_and(is_unusable));
        let cause = complaint.cause.as_ref();
        let same = || {
            let mut open = self.0.iter().filter(|(key, incident)| {
                let causes = [&incident.cause, &incident.told_cause];
                let is_same = causes.iter().all(|known| known.as_ref() == cause);
                **key != complaint.key && is_open(incident) && is_same
            });
            open.next().map(|(key, _)| key.clone()).filter(|_| cause.is_some())
        };
        named.cloned().or_else(same)
    }

    /// Those that last: whoever writes a letter anyhow tells of those of half a day, too.
    fn remind(&mut self, now: Instant, own: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (_, incident) in self.0.iter_mut().filter(|(key, _)| own(key)) {
            if incident.is_due(now, DAY / 2) {
                lines.push(incident.still());
                (incident.told, incident.back) = (Some(now), None);
            }
        }
        lines
    }

    /// Other faults of what was told, and what has ended since, once.
    fn untold(&mut self, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        for incident in self.0.values_mut() {
            if !incident.waiting.is_empty() && incident.told.is_some() {
                incident.told_cause.clone_from(&incident.cause);
            }
            incident.over(now);
            lines.append(&mut incident.waiting);
        }
        lines
    }

    /// Leaves out what ended a day ago, or is not told a month later, and the oldest beyond the
    /// limit.
    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, incident| {
            let is_told = incident.told.is_none() && incident.waiting.is_empty();
            let most = if is_told { DAY } else { ENDS };
            incident.well.is_none_or(|well| now - well < most)
        });
        while self.0.len() > INCIDENTS {
            let oldest = self.0.iter().min_by_key(|(_, incident)| incident.last);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { return };
            self.0.remove(&oldest);
        }
    }

    /// What is wrong now, as far as is known: those that are not over.
    pub fn open(&self) -> impl Iterator<Item = (&String, &Incident)> {
        self.0.iter().filter(|(_, incident)| incident.well.is_none())
    }
}

#[cfg(test)]
mod tests;
