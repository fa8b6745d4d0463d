//! Silence that lasts: what entries remark of their answers, hour after hour.

use super::document::{Doc, Malformed};
use super::extract::Remark;
use super::ledger::Entry;
use super::positions::Missing;
use super::time::Window;
use std::collections::BTreeMap;

/// Counted hours through which a silence must last, in all answers, to be a fault.
pub const LASTS: u64 = 3;

/// A remark, and how many of an entry's answers it is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    pub remark: Remark,
    pub answers: u64,
}

/// What the last counted hour remarks, and since when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub remark: Remark,
    pub answers: u64,
    /// Of so many that were counted in the hours since.
    pub of: u64,
    pub since: Window,
    /// Counted hours, without a gap between them, in which all answers have it.
    pub hours: u64,
}

/// Remarks by their key, each with the first example, whatever the order of the answers.
pub type Notes = BTreeMap<String, Noted>;

/// Takes in remarks of more answers.
pub fn join(notes: &mut Notes, more: impl IntoIterator<Item = Noted>) {
    for noted in more {
        match notes.get_mut(&noted.remark.key()) {
            Some(known) => {
                known.answers += noted.answers;
                if noted.remark < known.remark {
                    known.remark = noted.remark;
                }
            }
            None => drop(notes.insert(noted.remark.key(), noted)),
        }
    }
}

impl Noted {
    pub fn doc(&self) -> Doc {
        let Doc::Map(mut pairs) = self.remark.doc() else { return Doc::Null };
        pairs.push(("answers".into(), Doc::Int(self.answers as i64)));
        Doc::Map(pairs)
    }

    pub fn read(doc: &Doc) -> Result<Noted, Malformed> {
        Ok(Noted { remark: Remark::read(doc)?, answers: doc.get("answers").as_count()? })
    }
}

/// The remarks of one hour's live entries, and of how many answers they are.
#[derive(Default)]
struct Hour {
    notes: Notes,
    answers: u64,
}

fn by_hour<'e>(entries: impl Iterator<Item = &'e Entry>) -> BTreeMap<Window, Hour> {
    let mut hours: BTreeMap<Window, Hour> = BTreeMap::new();
    for entry in entries {
        let counted = entry.snapshots.values().filter(|missing| **missing != Missing::All).count();
        if counted > 0 {
            let hour = hours.entry(entry.hour).or_default();
            hour.answers += counted as u64;
            join(&mut hour.notes, entry.remarks.iter().cloned());
        }
    }
    hours
}

/// What is remarked of the last counted hour of some live entries, with how long it has lasted.
pub fn told<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Told> {
    let hours = by_hour(entries);
    let Some((last, hour)) = hours.last_key_value() else { return Vec::new() };
    let tell = |(key, noted): (&String, &Noted)| {
        let all = |hour: &&Hour| hour.notes.get(key).is_some_and(|n| n.answers >= hour.answers);
        let row = hours.iter().rev().take_while(|(_, hour)| all(hour));
        let lasting: Vec<&Window> = row.map(|(window, _)| window).collect();
        Told {
            remark: noted.remark.clone(),
            answers: noted.answers,
            of: hour.answers,
            since: **lasting.last().unwrap_or(&last),
            hours: lasting.len() as u64,
        }
    };
    hour.notes.iter().map(tell).collect()
}

/// What is remarked of all hours of some live entries together.
pub fn over<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Told> {
    let hours = by_hour(entries);
    let of = hours.values().map(|hour| hour.answers).sum();
    let mut notes = Notes::new();
    let mut since: BTreeMap<String, Window> = BTreeMap::new();
    let mut in_hours: BTreeMap<String, u64> = BTreeMap::new();
    for (window, hour) in hours {
        for (key, noted) in &hour.notes {
            since.entry(key.clone()).or_insert(window);
            *in_hours.entry(key.clone()).or_default() += u64::from(noted.answers >= hour.answers);
        }
        join(&mut notes, hour.notes.into_values());
    }
    let tell = |(key, noted): (String, Noted)| {
        let hours = in_hours.get(&key).copied().unwrap_or(0);
        let since = *since.get(&key)?;
        Some(Told { remark: noted.remark, answers: noted.answers, of, since, hours })
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
            hours => format!(", for {hours} hours, since {}", self.since),
        };
        format!("{kind}: {} ({} of {} answers{long})", self.remark, self.answers, self.of)
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
            snapshots: (0..answers).map(|n| (n.to_string(), Missing::Nothing)).collect(),
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
    }
}
