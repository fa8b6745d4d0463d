//! Silence that lasts: what entries remark of their answers, hour after hour.

use super::extract::Remark;
use super::format::english;
use super::ledger::Entry;
use super::noted::{Noted, Notes, join};
use super::positions::Missing;
use super::time::Window;
use std::collections::{BTreeMap, BTreeSet};

/// Counted hours through which a silence must last, in all answers, to be a fault.
pub const LASTS: u64 = 3;

/// A remark on answers of one hour or of several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub remark: Remark,
    pub answers: u64,
    /// Of so many that were counted.
    pub of: u64,
    /// The first hour of those that have it.
    pub since: Window,
    /// Counted hours, one after the other, in which all answers have it.
    pub hours: u64,
}

/// The remarks of one hour's live entries, and of how many answers they are.
#[derive(Default)]
struct Hour<'e> {
    notes: Notes,
    answers: BTreeSet<&'e str>,
}

impl Hour<'_> {
    /// How many answers have a remark, if all of them have it.
    fn all(&self, key: &str) -> bool {
        self.notes.get(key).is_some_and(|noted| noted.answers >= self.answers.len() as u64)
    }
}

/// An answer is one, however many entries count of it.
fn by_hour<'e>(entries: impl Iterator<Item = &'e Entry>) -> BTreeMap<Window, Hour<'e>> {
    let mut hours: BTreeMap<Window, Hour> = BTreeMap::new();
    for entry in entries {
        let counted = entry.snapshots.iter().filter(|(_, missing)| **missing != Missing::All);
        let ids: Vec<&str> = counted.map(|(id, _)| id.as_str()).collect();
        if !ids.is_empty() {
            let hour = hours.entry(entry.hour).or_default();
            hour.answers.extend(ids);
            join(&mut hour.notes, entry.remarks.iter().cloned());
        }
    }
    hours
}

/// What is remarked of the last counted hour of some live entries, and for how long it has been.
pub fn told<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Told> {
    let hours = by_hour(entries);
    let Some((last, hour)) = hours.last_key_value() else { return Vec::new() };
    let tell = |(key, noted): (&String, &Noted)| {
        let row = hours.iter().rev().take_while(|(_, hour)| hour.all(key));
        let lasting: Vec<&Window> = row.map(|(window, _)| window).collect();
        Told {
            remark: noted.remark.clone(),
            answers: noted.answers,
            of: hour.answers.len() as u64,
            since: **lasting.last().unwrap_or(&last),
            hours: lasting.len() as u64,
        }
    };
    hour.notes.iter().map(tell).collect()
}

/// What is remarked of all hours of some live entries together, with the longest row of hours.
pub fn over<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Told> {
    let hours = by_hour(entries);
    let of = hours.values().map(|hour| hour.answers.len() as u64).sum();
    let mut notes = Notes::new();
    for hour in hours.values() {
        join(&mut notes, hour.notes.values().cloned());
    }
    let tell = |(key, noted): (String, Noted)| {
        let has = |hour: &&Hour| hour.notes.contains_key(&key);
        let since = hours.iter().find(|(_, hour)| has(hour)).map(|(window, _)| *window)?;
        let (mut hours_in_a_row, mut longest) = (0, 0);
        for hour in hours.values() {
            hours_in_a_row = if hour.all(&key) { hours_in_a_row + 1 } else { 0 };
            longest = longest.max(hours_in_a_row);
        }
        Some(Told { remark: noted.remark, answers: noted.answers, of, since, hours: longest })
    };
    notes.into_iter().filter_map(tell).collect()
}

impl Told {
    /// A silence that has lasted; anything else stays a remark.
    pub fn is_fault(&self) -> bool {
        self.remark.is_silence() && self.hours >= LASTS
    }

    /// In a line: what, in how many answers, and for how long.
    pub fn line(&self) -> String {
        let kind = if self.is_fault() { "fault" } else { "remark" };
        let long = match self.hours {
            0 | 1 => String::new(),
            hours => format!(", in {hours} counted hours, since {}", self.since),
        };
        let of = english(self.of, "answer", "answers");
        format!("{kind}: {} ({} of {of}{long})", self.remark, self.answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::Kind;
    use crate::domain::name::SourceName;

    fn entry(hour: &str, answers: u64, silent: u64) -> Entry {
        let remark = Remark::Absent { field: "free".into(), place: "free".into() };
        let noted = Noted { remark, answers: silent };
        Entry {
            source: SourceName::parse("parking").unwrap(),
            number: 1,
            hour: Window::parse(hour).unwrap(),
            batch: String::new(),
            commit: String::new(),
            kind: Kind::Adds,
            rows: 0,
            checksum: String::new(),
            declaration: String::new(),
            numbering: String::new(),
            home: String::new(),
            keeper: String::new(),
            snapshots: (0..answers).map(|n| (format!("{silent}/{n}"), Missing::Nothing)).collect(),
            remarks: if silent > 0 { vec![noted] } else { Vec::new() },
            barren: Vec::new(),
        }
    }

    #[test]
    fn a_silence_that_lasts_is_a_fault() {
        let mut entries = vec![entry("2026-11-22T02", 5, 0), entry("2026-11-22T03", 5, 4)];
        entries.push(entry("2026-11-22T04", 5, 5));
        entries.push(entry("2026-11-22T07", 3, 3));
        let now = told(entries.iter());
        assert_eq!((now[0].hours, now[0].is_fault()), (2, false));
        assert!(now[0].line().starts_with("remark: no item has free"), "{}", now[0].line());
        entries.push(entry("2026-11-22T08", 2, 1));
        entries.push(entry("2026-11-22T08", 2, 2));
        assert_eq!(told(entries.iter())[0].hours, 0);
        entries.truncate(4);
        entries.push(entry("2026-11-22T08", 2, 2));
        let now = told(entries.iter());
        assert!(now[0].is_fault());
        assert_eq!(now[0].since, Window::parse("2026-11-22T04").unwrap());
        entries.push(entry("2026-11-22T09", 2, 0));
        assert_eq!(told(entries.iter()), []);
        let all = over(entries.iter());
        assert_eq!((all[0].answers, all[0].of, all[0].hours), (14, 22, 3));
        // A later entry that only names an answer again counts none.
        let mut again = [entry("2026-11-22T02", 5, 5), entry("2026-11-22T02", 5, 5)];
        again[1].remarks.clear();
        assert_eq!(told(again.iter())[0].hours, 1);
    }
}
