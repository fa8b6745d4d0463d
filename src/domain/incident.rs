//! Incidents: what is wrong, from its first sight to its end. Cron mails whatever a run says; so a
//! run says of an incident that it began, once, and that it lasts, once a day.
//!
//! One that comes back soon after its end is the same one; the oftener it comes back, the longer
//! that is so. Pure: what was told before is given, and what is told now is handed back.

use super::document::Doc;
use super::format::english;
use super::name::SourceName;
use super::shown;
use super::time::{Instant, iso_seconds};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// How the cause begins of what came and cannot be used: who counts it is told nothing new.
pub const UNUSABLE: &str = "unusable ";

/// The cause of who finds no address: at the same time it is the network, later a name.
pub const NAMES: &str = "names";

/// Incidents that are remembered, the last ones, and the bytes that the words of one may take.
const INCIDENTS: usize = 1_000;
const INCIDENT_BYTES: usize = 8 << 10;

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
    /// What others may suffer from as well, such as a host that does not answer.
    pub cause: Option<String>,
    /// The incident of which this one is a consequence, if that is open.
    pub under: Option<String>,
}

/// Keys that a run looked at: those under `prefix`. Of which it does not complain, they are over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Well {
    pub prefix: String,
    /// Keys beside those.
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
            _ if complaint.exact => self.well.is_some() || self.text != bounded(&complaint.text),
            None => false,
            Some(well) => well > now || now - well >= self.settles(),
        };
        if !is_over {
            return Incident { well: None, ..self };
        }
        let soon = self.well.is_some_and(|well| well <= now && now - well < DAY);
        let again = if soon && !complaint.exact { self.again.saturating_add(1) } else { 0 };
        Incident { again, ..Incident::new(complaint, now) }
    }

    /// What is wrong, in its first line.
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    fn still(&self) -> String {
        let (since, times) = (minute(self.since), self.times);
        let seen = english(times.into(), "run", "runs");
        format!("still, since {since}, in {seen}: {}", self.text)
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
            let line = self.enter(complaint, now);
            notices.fresh |= line.is_some();
            notices.lines.extend(line);
        }
        let own = |key: &str| {
            key.starts_with(&format!("{program}/")) || complaints.iter().any(|c| c.key == key)
        };
        let is_due = |incident: &Incident| {
            incident.well.is_none() && incident.under.is_none() && incident.told_before(now, DAY)
        };
        if notices.fresh || self.0.iter().any(|(key, incident)| own(key) && is_due(incident)) {
            notices.lines.extend(self.remind(now, own));
            notices.lines.extend(self.over_untold(now));
        }
        self.forget(now);
        notices
    }

    /// Notes which incidents are over now.
    fn end(&mut self, now: Instant, complaints: &[Complaint], wells: &[Well]) {
        let is_well = |key: &str| {
            let found = |well: &Well| key.starts_with(&well.prefix) && !well.but.contains(key);
            wells.iter().any(found) && !complaints.iter().any(|complaint| complaint.key == key)
        };
        for (key, incident) in &mut self.0 {
            if incident.well.is_none() && is_well(key) {
                incident.well = Some(now);
            }
        }
    }

    fn enter(&mut self, complaint: &Complaint, now: Instant) -> Option<String> {
        let known = self.0.remove(&complaint.key);
        let known = known.filter(|known| known.last - now < HOUR);
        let mut incident = match known {
            Some(known) => known.goes_on(complaint, now),
            None => Incident::new(complaint, now),
        };
        incident.last = now;
        incident.times = incident.times.saturating_add(1);
        incident.text = bounded(&complaint.text);
        incident.cause.clone_from(&complaint.cause);
        incident.under = self.above(complaint, now);
        // In one letter all are named that suffer from one cause.
        let above = incident.under.as_ref().and_then(|key| self.0.get(key));
        let is_free = above.is_none_or(|above| above.told == Some(now) && above.since == now);
        let is_told = incident.told_by(now).is_none() && is_free;
        let line = is_told.then(|| complaint.line(incident.since));
        if is_told {
            incident.told = Some(now);
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
            let cause = above.cause.as_deref().unwrap_or_default();
            cause.starts_with(UNUSABLE) && now - above.last < HOUR * 3 && above.last - now < HOUR
        };
        let named = complaint.under.as_ref();
        let named = named.filter(|key| self.0.get(*key).is_some_and(is_unusable));
        let cause = complaint.cause.as_ref();
        let same = || {
            let mut open = self.0.iter().filter(|(key, incident)| {
                **key != complaint.key && is_open(incident) && incident.cause.as_ref() == cause
            });
            open.next().map(|(key, _)| key.clone()).filter(|_| cause.is_some())
        };
        named.cloned().or_else(same)
    }

    /// Those that last: whoever writes a letter anyhow tells of those of half a day, too.
    fn remind(&mut self, now: Instant, own: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (_, incident) in self.0.iter_mut().filter(|(key, _)| own(key)) {
            let is_open = incident.well.is_none() && incident.under.is_none();
            if is_open && incident.told_before(now, DAY / 2) {
                incident.told = Some(now);
                lines.push(incident.still());
            }
        }
        lines
    }

    /// What was told and has ended since, once.
    fn over_untold(&mut self, now: Instant) -> Vec<String> {
        let mut lines = Vec::new();
        for incident in self.0.values_mut() {
            let Some(well) = incident.well.filter(|well| *well <= now) else { continue };
            if incident.told.take().is_some() && incident.under.is_none() {
                let (from, to) = (minute(incident.since), minute(well));
                lines.push(format!("over, {from} to {to}: {}", incident.first_line()));
            }
        }
        lines
    }

    /// Leaves out what ended a day ago, and the oldest beyond the limit.
    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, incident| incident.well.is_none_or(|well| now - well < DAY));
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

    pub fn doc(&self) -> Doc {
        Doc::Map(self.0.iter().map(|(key, one)| (key.clone().into(), one.doc())).collect())
    }

    /// What can be read of it; what cannot be costs one further mail.
    pub fn of(doc: &Doc) -> Incidents {
        let pairs = doc.pairs().iter();
        Incidents(
            pairs.filter_map(|(key, doc)| Some((key.to_string(), Incident::of(doc)?))).collect(),
        )
    }
}

impl Incident {
    fn doc(&self) -> Doc {
        Doc::map([
            ("since", Doc::Instant(self.since)),
            ("last", Doc::Instant(self.last)),
            ("times", Doc::Int(self.times.into())),
            ("told", Doc::option(self.told, Doc::Instant)),
            ("well", Doc::option(self.well, Doc::Instant)),
            ("again", Doc::Int(self.again.into())),
            ("text", Doc::text(&*self.text)),
            ("cause", Doc::option(self.cause.as_deref(), Doc::text)),
            ("under", Doc::option(self.under.as_deref(), Doc::text)),
        ])
    }

    fn of(doc: &Doc) -> Option<Incident> {
        let text = |key: &str| doc.get(key).as_text().ok().map(str::to_string);
        let small = |key: &str| doc.get(key).as_count().unwrap_or(0).try_into().unwrap_or(u32::MAX);
        Some(Incident {
            since: doc.get("since").as_instant().ok()?,
            last: doc.get("last").as_instant().ok()?,
            times: small("times"),
            told: doc.get("told").as_instant().ok(),
            well: doc.get("well").as_instant().ok(),
            again: small("again"),
            text: text("text")?,
            cause: text("cause"),
            under: text("under"),
        })
    }
}

/// What a message is about, whatever numbers and names of files it gives: its words without digits.
pub fn shape(text: &str) -> String {
    let words = text.lines().next().unwrap_or_default().split_whitespace();
    let plain = words.filter(|word| !word.contains(|letter: char| letter.is_ascii_digit()));
    let words: Vec<String> = plain.map(|word| word.replace('/', "|")).collect();
    shown::begun(&words.join(" "), SHAPE_LETTERS)
}

const SHAPE_LETTERS: usize = 100;

fn bounded(text: &str) -> String {
    shown::begun(text, INCIDENT_BYTES / 4)
}

/// Where the incidents of sources begin that fail.
pub const SOURCES: &str = "fetcher/source/";

/// The incident of a source that fails.
pub fn of_source(source: &SourceName) -> String {
    format!("{SOURCES}{source}/")
}

/// `2026-11-24 01:00 UTC`
pub fn minute(at: Instant) -> String {
    let text = iso_seconds(at);
    format!("{} {} UTC", &text[..10], &text[11..16])
}

#[cfg(test)]
mod tests;
