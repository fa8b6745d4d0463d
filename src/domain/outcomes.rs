//! What the fetcher's runs did with each due source, as their journals tell it.

use super::document::Doc;
use super::journal::{self, Verdict};
use super::name::SourceName;
use super::record::Record;
use super::time::{Instant, Window, parse_iso};
use std::collections::{BTreeMap, BTreeSet};

/// One outcome, from a line of a waiting journal or from its record in the store.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// The record's id: an outcome that is found twice is told once.
    pub id: String,
    pub source: SourceName,
    pub slot: Instant,
    /// When its first request was made, as the answer has it; older lines only know the slot.
    pub began: Instant,
    /// When it was known; older lines do not say it.
    pub ended: Option<Instant>,
    pub verdict: Verdict,
    /// 0 where nobody was asked.
    pub status: u64,
    pub bytes: u64,
    pub error: Option<String>,
}

impl Told {
    /// From a line; `None` where it tells of something else.
    pub fn by_line(line: &Doc) -> Option<Told> {
        let text = |key: &str| line.get(key).as_text().ok();
        Told::by(text("id")?, text, |key| line.get(key).as_count().ok())
    }

    /// From a record of the built-in source.
    pub fn by_record(record: &Record) -> Option<Told> {
        let number = |key: &str| record.number(key).map(|number| number as u64);
        Told::by(&record.id, |key| record.text(key), number)
    }

    /// The slot, where something was put off in it.
    pub fn waited(&self) -> Option<Waited> {
        let why = self.error.clone().unwrap_or_default();
        let waits = self.verdict == Verdict::Deferred;
        waits.then(|| (self.slot, self.ended.unwrap_or(self.slot), why))
    }

    /// The milliseconds from its first request to its answer, all pages and tries together; none
    /// where the clock stood.
    fn took(&self) -> Option<u32> {
        let took = (self.ended? - self.began).num_milliseconds();
        let answered = self.verdict.is_answer() && !self.is_unasked();
        u32::try_from(took).ok().filter(|took| answered && *took > 0)
    }

    fn is_unasked(&self) -> bool {
        matches!(self.verdict, Verdict::Deferred | Verdict::Nothing) && self.status == 0
    }

    fn by<'a>(
        id: &str,
        text: impl Fn(&str) -> Option<&'a str>,
        number: impl Fn(&str) -> Option<u64>,
    ) -> Option<Told> {
        let is_ours = text("event") == Some("outcome") && text("tier") == Some("fetcher");
        let slot = parse_iso(text("slot")?)?;
        Some(Told {
            id: id.to_string(),
            source: SourceName::parse(text("source").filter(|_| is_ours)?)?,
            slot,
            began: text("started").and_then(parse_iso).unwrap_or(slot),
            ended: text("ended").and_then(parse_iso),
            verdict: Verdict::by_name(text("outcome")?)?,
            status: number("status").unwrap_or(0),
            bytes: number("bytes").unwrap_or(0),
            error: text("error").map(str::to_string),
        })
    }
}

/// The outcomes of the fetcher that a journal tells.
pub fn told_in(journal: &[u8]) -> Vec<Told> {
    journal::lines(journal).flatten().filter_map(|line| Told::by_line(&line)).collect()
}

/// A slot in which something was put off: its start, when that was known, and why.
pub type Waited = (Instant, Instant, String);

/// The outcomes of one source over a period, counted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outcomes {
    pub landed: u64,
    pub unchanged: u64,
    pub nothing: u64,
    pub deferred: u64,
    pub failed: u64,
    /// Those in which nobody was asked: deferred, or the answer before still holds.
    pub unasked: u64,
    /// Of all answers together.
    pub bytes: u64,
    /// When the last one failed, and why.
    pub failure: Option<(Instant, String)>,
    /// When the first request was made.
    pub first: Option<Instant>,
    /// The first failure of each hour, with its slot.
    pub failing: BTreeMap<Window, (Instant, Instant)>,
    /// The slots that are served though nothing came: the source said so.
    pub idle_slots: BTreeSet<Instant>,
    /// The slots of which a request failed.
    pub failed_slots: BTreeSet<Instant>,
    /// The slots in which nobody was asked, or not for all of a loop.
    pub waited: Vec<Waited>,
    /// How long each answer took, in milliseconds.
    pub took: Vec<u32>,
    /// When each run began that asked, and whether it was told that all is gone for good.
    pub begun: BTreeMap<Instant, bool>,
}

impl Outcomes {
    /// How often the source was due and a run dealt with it.
    pub fn all(&self) -> u64 {
        self.landed + self.unchanged + self.nothing + self.deferred + self.failed
    }

    /// How often somebody was asked.
    pub fn asked(&self) -> u64 {
        self.all() - self.unasked
    }

    /// The median of how long an answer took, and the most, in milliseconds.
    pub fn latency(&self) -> Option<(u32, u32)> {
        let mut took = self.took.clone();
        took.sort_unstable();
        Some((*took.get(took.len() / 2)?, *took.last()?))
    }

    fn add(&mut self, told: Told) {
        match told.verdict {
            Verdict::Landed => self.landed += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Nothing => self.nothing += 1,
            Verdict::Deferred => self.deferred += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Committed | Verdict::Printed => {}
        }
        self.bytes += told.bytes;
        self.took.extend(told.took());
        self.first = Some(self.first.map_or(told.began, |first| first.min(told.began)));
        self.unasked += u64::from(told.is_unasked());
        self.waited.extend(told.waited());
        let is_gone = told.verdict == Verdict::Failed && told.status == 410;
        if is_gone || !told.is_unasked() {
            self.begun.insert(told.began, is_gone);
        }
        let (known, why) = (told.ended.unwrap_or(told.slot), told.error.unwrap_or_default());
        if told.verdict == Verdict::Nothing {
            self.idle_slots.insert(told.slot);
        }
        if told.verdict == Verdict::Failed {
            self.failed_slots.insert(told.slot);
            let own = (told.began, told.slot);
            let first = self.failing.entry(Window::of(told.began)).or_insert(own);
            *first = own.min(*first);
            self.failure = self.failure.take().max(Some((known, why)));
        }
    }
}

/// Counts outcomes by source, each id once.
pub fn count(told: impl IntoIterator<Item = Told>) -> BTreeMap<SourceName, Outcomes> {
    let mut known = BTreeSet::new();
    let mut counted: BTreeMap<SourceName, Outcomes> = BTreeMap::new();
    for told in told {
        if known.insert(told.id.clone()) {
            counted.entry(told.source.clone()).or_default().add(told);
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(id: &str, outcome: &str, slot: &str) -> Doc {
        Doc::from_json(json!({
            "id": id, "tier": "fetcher", "event": "outcome", "source": "velib",
            "slot": slot, "ended": slot.replace(":00Z", ":07Z"),
            "outcome": outcome, "bytes": 7, "error": format!("{id} broke"),
        }))
    }

    #[test]
    fn outcomes_are_counted_once_each_and_the_last_failure_is_kept() {
        let lines = [
            line("r/1", "landed", "2026-11-22T02:41:00Z"),
            line("r/2", "failed", "2026-11-22T05:41:00Z"),
            line("r/3", "failed", "2026-11-22T03:41:00Z"),
            line("r/2", "failed", "2026-11-22T05:41:00Z"),
            line("r/4", "what", "2026-11-22T03:41:00Z"),
            line("r/6", "deferred", "2026-11-22T06:41:00Z"),
            Doc::from_json(json!({"id": "r/5", "tier": "fetcher", "event": "ended"})),
        ];
        let counted = count(lines.iter().filter_map(Told::by_line));
        let velib = &counted[&SourceName::parse("velib").unwrap()];
        assert_eq!((velib.landed, velib.failed, velib.asked(), velib.bytes), (1, 2, 3, 28));
        let hours: Vec<Instant> = velib.failing.values().map(|(at, _)| *at).collect();
        let slot = |text: &str| parse_iso(text).unwrap();
        assert_eq!(hours, ["2026-11-22T03:41:00Z", "2026-11-22T05:41:00Z"].map(slot));
        assert_eq!(velib.waited[0].0, slot("2026-11-22T06:41:00Z"));
        // A failure is told with the time at which it was known, not with its slot's.
        let at = parse_iso("2026-11-22T05:41:07Z").unwrap();
        assert_eq!(velib.first, parse_iso("2026-11-22T02:41:00Z"));
        // Only answers have taken time.
        assert_eq!(velib.latency(), Some((7_000, 7_000)));
        assert_eq!(velib.failure, Some((at, "r/2 broke".into())));
    }
}
