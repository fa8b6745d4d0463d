//! A real store of which an operation may be lost, refused, applied without an answer, or applied
//! later, while somebody else is at work. What a store may do in parts is done in parts.

use super::schedule::{Ask, Flight};
use super::stage::{Say, Stage};
use daybook::domain::ledger::{Entry, Unread};
use daybook::domain::name::SourceName;
use daybook::domain::row::Kept;
use daybook::domain::side::Side;
use daybook::domain::time::{Day, Instant, Window};
use daybook::edge::store::{Error, Feed, Header, Reader, Result, Stored, Table, Which, Writer};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::Arc;

/// One operation that changes something.
#[derive(Clone, Debug)]
pub enum Op {
    Put(Header, Kept),
    Append(Entry),
    Remove(String, Instant),
    Declare(String, String),
    Raise(SourceName, String, Instant),
    Claim(SourceName, String),
}

impl Op {
    pub fn asks(&self) -> Option<Ask> {
        match self {
            Op::Put(..) => Some(Ask::Rows),
            Op::Append(_) => Some(Ask::Entry),
            Op::Remove(..) => Some(Ask::Removal),
            Op::Declare(..) | Op::Raise(..) | Op::Claim(..) => None,
        }
    }

    /// Whether it did what it says, where that depends.
    pub fn apply(&self, store: &dyn Writer) -> Result<bool> {
        match self {
            Op::Put(header, row) => store.put(header, std::slice::from_ref(row)),
            Op::Append(entry) => return store.append(entry),
            Op::Remove(commit, old) => store.remove(std::slice::from_ref(commit), *old),
            Op::Declare(hash, text) => store.declare(hash, text),
            Op::Raise(source, home, through) => store.raise(source, home, *through),
            Op::Claim(source, home) => store.claim(source, home),
        }
        .map(|()| true)
    }
}

/// The store as the programs of a stage see it.
pub struct Flaky(pub Arc<Stage>);

impl Flaky {
    fn act(&self, op: Op) -> Result<bool> {
        let store = || "the model's".to_string();
        match self.0.step(Some(&op)) {
            Say::Go => self.0.apply(&op),
            Say::Refused => Err(Error::Unreachable {
                store: store(),
                cause: "refused by the schedule".into(),
                hint: String::new(),
            }),
            Say::Unknown(flight) => {
                self.0.send_off(op, flight);
                Err(Error::Unknown { store: store(), cause: "late by the schedule".into() })
            }
        }
    }
}

impl Stage {
    /// Somebody asked for this and will not hear of it.
    pub fn send_off(&self, op: Op, flight: Flight) {
        match flight {
            Flight::Lost => {}
            Flight::Applied => drop(self.apply(&op)),
            Flight::Later(steps) => self.delay(op, steps),
        }
    }
}

impl Writer for Flaky {
    fn put(&self, header: &Header, rows: &[Kept]) -> Result<()> {
        let put = |row: &Kept| Op::Put(header.clone(), row.clone());
        rows.iter().try_for_each(|row| self.act(put(row)).map(drop))
    }

    fn declare(&self, hash: &str, text: &str) -> Result<()> {
        self.act(Op::Declare(hash.into(), text.into())).map(drop)
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        self.act(Op::Append(entry.clone()))
    }

    fn name_series(&self, source: &SourceName, names: &BTreeMap<String, String>) -> Result<()> {
        self.0.store().name_series(source, names)
    }

    fn set_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        self.0.store().set_sides(source, sides)
    }

    fn remove(&self, commits: &[String], old: Instant) -> Result<()> {
        commits.iter().try_for_each(|commit| self.act(Op::Remove(commit.clone(), old)).map(drop))
    }

    fn raise(&self, source: &SourceName, home: &str, through: Instant) -> Result<()> {
        self.0.may_raise(source, through);
        self.act(Op::Raise(source.clone(), home.into(), through)).map(drop)
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        self.0.store().forget(source, through)
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        self.act(Op::Claim(source.clone(), home.into())).map(drop)
    }

    /// A summarizer never does that.
    fn take_id(&self, _: &str) -> Result<()> {
        Ok(())
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl Reader for Flaky {
    fn address(&self) -> &str {
        "the model's store"
    }

    fn id(&self) -> Result<String> {
        self.0.store().id()
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        self.0.store().declaration(hash)
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        self.0.store().feeds()
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.0.store().entries(source, day)
    }

    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>> {
        self.0.store().seen_after(source, ids, hour)
    }

    fn sides(
        &self,
        source: &SourceName,
        ids: Option<&BTreeSet<String>>,
        each: &mut dyn FnMut(Side),
    ) -> Result<()> {
        self.0.store().sides(source, ids, each)
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        self.0.store().weight(source, hours)
    }

    fn size(&self) -> Result<u64> {
        self.0.store().size()
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        self.0.store().oldest(source)
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        self.0.store().days_within(source, days)
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        self.0.store().end_days(source, days)
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        self.0.store().growth(source, days)
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.0.store().timeless(commits, each)
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.0.store().rows(table, commits, each)
    }

    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        self.0.store().holders(source, which)
    }

    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        self.0.store().versions(source, which, each)
    }

    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        self.0.store().counts(source, commits)
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        self.0.store().commits(source, hours)
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.0.store().copy_to(folder)
    }
}
