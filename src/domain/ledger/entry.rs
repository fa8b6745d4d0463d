//! One entry of the ledger, and how it is kept as a document.

use crate::domain::document::{Doc, Malformed};
use crate::domain::name::SourceName;
use crate::domain::noted::Noted;
use crate::domain::positions::{Missing, Positions};
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Day, Window};
use std::collections::BTreeMap;

/// What an entry does to its hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Adds to the hour.
    Adds,
    /// Replaces all earlier entries of the hour by a recount.
    Recount,
    /// Replaces them by nothing, keeping the ids, and the first sightings of records that live on;
    /// only a recount reopens the hour.
    Expiry,
    /// Replaces them by the same figures without quantiles and traces.
    Thinning,
}

impl Kind {
    const NAMES: [(Kind, &str); 4] = [
        (Kind::Adds, "adds"),
        (Kind::Recount, "recount"),
        (Kind::Expiry, "expiry"),
        (Kind::Thinning, "thinning"),
    ];

    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    fn parse(text: &str) -> Option<Kind> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind)
    }

    pub fn replaces(self) -> bool {
        self != Kind::Adds
    }
}

/// One entry. Its number is free when it is inserted, or it is not inserted.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    pub source: SourceName,
    pub number: u64,
    pub hour: Window,
    pub batch: String,
    pub commit: String,
    pub kind: Kind,
    /// How many rows the commit has.
    pub rows: u64,
    /// Over the rows, see [`crate::domain::row::checksum`].
    pub checksum: String,
    /// Digest of the declaration the batch was read under.
    pub declaration: String,
    /// See [`crate::domain::source::Source::numbering`].
    pub numbering: String,
    /// The home that wrote it.
    pub home: String,
    /// Of journals, the home whose ledger it belongs to; empty where a source has one ledger.
    pub keeper: String,
    /// Per snapshot id, what of it this entry leaves missing.
    pub snapshots: BTreeMap<String, Missing>,
    /// What should be known of its answers though they are counted, in order of its kind.
    pub remarks: Vec<Noted>,
    /// Ids of counted snapshots that hold elements, and no item among them.
    pub barren: Vec<String>,
}

/// An entry that cannot be read. What counts in its hour is not known, or in its whole day where
/// the hour is not known either.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("entry {number} cannot be read: {why}")]
pub struct Unread {
    pub number: u64,
    pub hour: Option<Window>,
    pub why: Malformed,
}

impl Unread {
    /// From as much of its document as there is.
    pub fn of(number: u64, doc: &Doc, why: Malformed) -> Unread {
        let hour = doc.get("hour").as_instant().ok().map(Window::of);
        Unread { number, hour, why }
    }
}

impl Entry {
    /// What grows with the answers that it counts: its outline is without.
    pub const LISTS: [&str; 3] = ["snapshots", "remarks", "barren"];

    pub fn day(&self) -> Day {
        self.hour.day()
    }

    /// The ids of its snapshots.
    pub fn ids(&self) -> impl Iterator<Item = SnapshotId> + '_ {
        let names = self.snapshots.keys();
        names.filter_map(|name| SnapshotId::parse_near(name, Some(&self.source)))
    }

    pub fn doc(&self) -> Doc {
        let snapshot = |(id, missing): (&String, &Missing)| {
            Doc::map([("id", Doc::text(&**id)), ("missing", missing_doc(missing))])
        };
        let mut pairs = vec![
            ("source", Doc::text(self.source.as_str())),
            ("day", Doc::text(self.day().to_string())),
            ("number", Doc::Int(self.number as i64)),
            ("hour", Doc::Instant(self.hour.start())),
            ("batch", Doc::text(&*self.batch)),
            ("commit", Doc::text(&*self.commit)),
            ("kind", Doc::text(self.kind.name())),
            ("rows", Doc::Int(self.rows as i64)),
            ("checksum", Doc::text(&*self.checksum)),
            ("declaration", Doc::text(&*self.declaration)),
            ("numbering", Doc::text(&*self.numbering)),
            ("home", Doc::text(&*self.home)),
            ("snapshots", Doc::List(self.snapshots.iter().map(snapshot).collect())),
        ];
        // Entries of before these were known have none: they stay as they were written.
        if !self.keeper.is_empty() {
            pairs.push(("keeper", Doc::text(&*self.keeper)));
        }
        if !self.remarks.is_empty() {
            pairs.push(("remarks", Doc::List(self.remarks.iter().map(Noted::doc).collect())));
        }
        if !self.barren.is_empty() {
            pairs.push(("barren", Doc::List(self.barren.iter().map(Doc::text).collect())));
        }
        Doc::map_of(pairs)
    }

    pub fn read(doc: &Doc) -> Result<Entry, Malformed> {
        let text = |key: &str| doc.get(key).as_text().map(str::to_string);
        let (source, kind) = (text("source")?, text("kind")?);
        let snapshots = doc.get("snapshots").as_list()?.iter().map(|snapshot| {
            let id = snapshot.get("id").as_text()?.to_string();
            Ok((id, read_missing(snapshot.get("missing"))?))
        });
        Ok(Entry {
            source: SourceName::parse(&source).ok_or_else(|| odd("source", &source))?,
            number: doc.get("number").as_count()?,
            hour: Window::of(doc.get("hour").as_instant()?),
            batch: text("batch")?,
            commit: text("commit")?,
            kind: Kind::parse(&kind).ok_or_else(|| odd("kind", &kind))?,
            rows: doc.get("rows").as_count()?,
            checksum: text("checksum")?,
            declaration: text("declaration")?,
            numbering: text("numbering")?,
            home: text("home")?,
            keeper: text("keeper").unwrap_or_default(),
            snapshots: snapshots.collect::<Result<_, Malformed>>()?,
            remarks: listed(doc.get("remarks"), Noted::read),
            barren: listed(doc.get("barren"), |id| id.as_text().map(str::to_string)),
        })
    }
}

/// What a list holds that can be read: it may be absent, and a later version may know more.
fn listed<T>(doc: &Doc, read: impl Fn(&Doc) -> Result<T, Malformed>) -> Vec<T> {
    let list = doc.as_list().unwrap_or_default();
    list.iter().filter_map(|doc| read(doc).ok()).collect()
}

fn odd(what: &str, found: &str) -> Malformed {
    Malformed(format!("an entry's {what} is {found:?}"))
}

fn missing_doc(missing: &Missing) -> Doc {
    match missing {
        Missing::Nothing => Doc::Null,
        Missing::All => Doc::text("all"),
        Missing::Some(positions) => {
            let ranges = positions.ranges().iter();
            Doc::List(ranges.map(|(from, to)| Doc::ints([*from, *to])).collect())
        }
    }
}

fn read_missing(doc: &Doc) -> Result<Missing, Malformed> {
    if doc.is_null() {
        return Ok(Missing::Nothing);
    }
    if let Doc::Text(text) = doc {
        return if text == "all" { Ok(Missing::All) } else { Err(odd("missing", text)) };
    }
    let place = |doc: Option<&Doc>| {
        let place = doc.unwrap_or(&Doc::Null).as_count()?;
        u32::try_from(place).map_err(|_| odd("missing", &place.to_string()))
    };
    let range = |pair: &Doc| {
        let pair = pair.as_list()?;
        Ok((place(pair.first())?, place(pair.get(1))?))
    };
    let ranges = doc.as_list()?.iter().map(range).collect::<Result<Vec<_>, Malformed>>()?;
    Ok(Missing::of(Positions::from_ranges(ranges)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{A, entry, some};
    use super::*;
    use crate::domain::extract::Remark;

    #[test]
    fn entries_read_back_the_same() {
        let missing = [("x", some((2, 9))), ("y", Missing::Nothing), ("z", Missing::All)];
        let mut entry = entry(7, A, Kind::Adds, &missing);
        let again = |entry: &Entry| {
            Entry::read(&Doc::from_json(serde_json::from_str(&entry.doc().json()).unwrap()))
        };
        assert!(!entry.doc().json().contains("remarks"));
        assert_eq!(again(&entry), Ok(entry.clone()));
        let remark = Remark::OffGrid { field: "x".into(), value: "0.4".into() };
        entry.remarks = vec![Noted { remark, answers: 3 }];
        entry.barren = vec!["x".into()];
        assert_eq!(again(&entry), Ok(entry.clone()));
        let json = serde_json::from_str(&entry.doc().json()).unwrap();
        assert_eq!(Entry::read(&Doc::from_json(json)), Ok(entry));
    }
}
