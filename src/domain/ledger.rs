//! The ledger: numbered entries per source and UTC day. What a live entry names counts, nothing
//! else does. These rules are pure; stores only keep entries and refuse a number twice.

use super::document::{Doc, Malformed};
use super::name::SourceName;
use super::noted::Noted;
use super::positions::{Missing, Positions};
use super::time::{Day, Window};
use std::collections::BTreeMap;

/// What an entry does to its hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Adds to the hour.
    Adds,
    /// Replaces all earlier entries of the hour by a recount.
    Recount,
    /// Replaces them by nothing, keeping the ids; only a recount reopens the hour.
    Expiry,
}

impl Kind {
    const NAMES: [(Kind, &str); 3] =
        [(Kind::Adds, "adds"), (Kind::Recount, "recount"), (Kind::Expiry, "expiry")];

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
    /// Over the rows, see [`super::row::checksum`].
    pub checksum: String,
    /// Digest of the declaration the batch was read under.
    pub declaration: String,
    /// See [`super::source::Source::numbering`].
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

/// All entries of one source and day, in order of their numbers: of journals, those of one home,
/// or of several side by side, of which each has numbers of its own.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// What a commit may count of a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// Positions that no live entry has counted, under a numbering that fits.
    Wanted(Missing),
    /// Partly counted under another numbering of items: only a recount may touch it.
    Renumbered(Missing),
    /// The hour has expired: nothing is read.
    Expired,
}

impl Ledger {
    pub fn new(mut entries: Vec<Entry>) -> Ledger {
        entries.sort_by_key(|entry| entry.number);
        Ledger { entries }
    }

    /// Of journals, those of one home: whoever adds to a ledger adds to its own.
    pub fn kept_by(home: &str, mut entries: Vec<Entry>) -> Ledger {
        entries.retain(|entry| entry.keeper.is_empty() || entry.keeper == home);
        Ledger::new(entries)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The number that the next entry takes.
    pub fn next_number(&self) -> u64 {
        self.entries.last().map_or(1, |entry| entry.number + 1)
    }

    /// Number of the last entry of this hour, 0 when it has none.
    pub fn last_of(&self, hour: Window) -> u64 {
        self.entries.iter().filter(|e| e.hour == hour).map(|e| e.number).max().unwrap_or(0)
    }

    /// Number of the last entry that replaced this hour, 0 when none did.
    pub fn last_replacing(&self, hour: Window) -> u64 {
        let of_hour = self.entries.iter().filter(|e| e.hour == hour && e.kind.replaces());
        of_hour.map(|e| e.number).max().unwrap_or(0)
    }

    /// The entry of a batch, live or void: a batch never gets a second one.
    pub fn of_batch(&self, batch: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.batch == batch)
    }

    /// Whether an entry counts: no later entry replaced its hour.
    pub fn is_live(&self, entry: &Entry) -> bool {
        let beside = |other: &&Entry| other.hour == entry.hour && other.keeper == entry.keeper;
        let mut later = self.entries.iter().filter(beside).filter(|e| e.kind.replaces());
        later.all(|other| other.number <= entry.number)
    }

    /// The live entries, of one hour or of all.
    pub fn live(&self, hour: Option<Window>) -> impl Iterator<Item = &Entry> {
        let wanted = move |entry: &&Entry| hour.is_none_or(|hour| entry.hour == hour);
        self.entries.iter().filter(wanted).filter(|entry| self.is_live(entry))
    }

    /// What may still be counted of a snapshot, under a numbering of items.
    pub fn left(&self, hour: Window, id: &str, numbering: &str) -> Left {
        let mut left = Missing::All;
        let mut same = true;
        for entry in self.live(Some(hour)) {
            if entry.kind == Kind::Expiry {
                return Left::Expired;
            }
            if let Some(missing) = entry.snapshots.get(id) {
                left = left.and(missing);
                same &= entry.numbering == numbering || *missing == Missing::All;
            }
        }
        match left {
            Missing::Some(_) if !same => Left::Renumbered(left),
            _ => Left::Wanted(left),
        }
    }

    /// Per snapshot id of the live entries, of one hour or of all, what none of them has counted.
    pub fn found(&self, hour: Option<Window>) -> BTreeMap<&str, Missing> {
        let mut found: BTreeMap<&str, Missing> = BTreeMap::new();
        for (id, missing) in self.live(hour).flat_map(|entry| &entry.snapshots) {
            let known = found.entry(id).or_insert(Missing::All);
            *known = known.and(missing);
        }
        found
    }
}

impl Entry {
    pub fn day(&self) -> Day {
        self.hour.day()
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
    use super::*;
    use crate::domain::extract::Remark;

    fn entry(number: u64, hour: &str, kind: Kind, snapshots: &[(&str, Missing)]) -> Entry {
        Entry {
            source: SourceName::parse("velib").unwrap(),
            number,
            hour: Window::parse(hour).unwrap(),
            batch: format!("b{number}"),
            commit: format!("c{number}"),
            kind,
            rows: 1,
            checksum: String::new(),
            declaration: String::new(),
            numbering: "n".into(),
            home: "h".into(),
            keeper: String::new(),
            snapshots: snapshots.iter().map(|(id, m)| (id.to_string(), m.clone())).collect(),
            remarks: Vec::new(),
            barren: Vec::new(),
        }
    }

    fn some(range: (u32, u32)) -> Missing {
        Missing::of(Positions::from_ranges([range]))
    }

    const A: &str = "2026-11-22T02";
    const B: &str = "2026-11-22T03";

    #[test]
    fn a_replacing_entry_voids_its_hour_only() {
        let ledger = Ledger::new(vec![
            entry(3, A, Kind::Recount, &[]),
            entry(1, A, Kind::Adds, &[]),
            entry(2, B, Kind::Adds, &[]),
            entry(4, A, Kind::Adds, &[]),
        ]);
        let live: Vec<u64> = ledger.live(None).map(|e| e.number).collect();
        assert_eq!(live, [2, 3, 4]);
        assert_eq!(ledger.next_number(), 5);
        assert!(ledger.of_batch("b1").is_some());
    }

    #[test]
    fn an_entry_that_replaces_leaves_the_journals_of_other_homes() {
        let of = |keeper: &str, number, kind| Entry {
            keeper: keeper.into(),
            ..entry(number, A, kind, &[])
        };
        let all =
            vec![of("one", 1, Kind::Adds), of("one", 2, Kind::Recount), of("two", 1, Kind::Adds)];
        let live = |ledger: &Ledger| -> Vec<String> {
            ledger.live(None).map(|e| format!("{} {}", e.keeper, e.number)).collect()
        };
        assert_eq!(live(&Ledger::new(all.clone())), ["two 1", "one 2"]);
        let own = Ledger::kept_by("two", all);
        assert_eq!((live(&own), own.next_number()), (vec!["two 1".to_string()], 2));
    }

    #[test]
    fn what_is_left_is_what_no_live_entry_counted() {
        let hour = Window::parse(A).unwrap();
        let ledger = Ledger::new(vec![
            entry(1, A, Kind::Adds, &[("x", some((2, 9)))]),
            entry(2, A, Kind::Adds, &[("x", some((5, 20))), ("y", Missing::Nothing)]),
        ]);
        assert_eq!(ledger.left(hour, "x", "n"), Left::Wanted(some((5, 9))));
        assert_eq!(ledger.left(hour, "y", "n"), Left::Wanted(Missing::Nothing));
        assert_eq!(ledger.left(hour, "z", "n"), Left::Wanted(Missing::All));
        assert_eq!(ledger.left(hour, "x", "m"), Left::Renumbered(some((5, 9))));
    }

    #[test]
    fn an_expired_hour_reads_nothing_until_a_recount() {
        let hour = Window::parse(A).unwrap();
        let mut entries = vec![entry(1, A, Kind::Expiry, &[("x", Missing::Nothing)])];
        assert_eq!(Ledger::new(entries.clone()).left(hour, "new", "n"), Left::Expired);
        entries.push(entry(2, A, Kind::Recount, &[("x", Missing::Nothing)]));
        let wanted = Left::Wanted(Missing::All);
        assert_eq!(Ledger::new(entries).left(hour, "new", "n"), wanted);
    }

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
