//! The store: summaries, records and the ledger that says which of them count. A reader and a
//! writer; the analyzer holds only a reader. Stores need no transactions: single-row writes and
//! one conditional insert suffice, so all obey one contract, proven by one suite of tests.

mod error;
mod mongodb;
mod opening;
mod postgres;
mod sqlite;
mod which;

pub use error::Error;
use error::FULL;
pub use opening::{fill, nothing, open, place, reader, refuse_used, rehearsal, writer};
pub use which::Which;

use crate::domain::address;
use crate::domain::document::Malformed;
use crate::domain::ledger::{Entry, Unread};
use crate::domain::name::SourceName;
use crate::domain::row::Kept;
use crate::domain::shape::Shape;
use crate::domain::side::Side;
use crate::domain::time::{Day, Instant, Window};
use chrono::Datelike;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;

pub type Result<T> = std::result::Result<T, Error>;

/// What belongs to all rows of one commit.
#[derive(Clone, PartialEq, Debug)]
pub struct Header {
    pub source: SourceName,
    pub hour: Window,
    pub batch: String,
    pub commit: String,
    /// When it was written: rows that no entry names are removed when older than a day.
    pub written: Instant,
}

/// These ids, or all.
pub type Ids<'a> = Option<&'a BTreeSet<String>>;

/// Which of the two kinds of rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    Summaries,
    Records,
}

impl Table {
    pub const BOTH: [Table; 2] = [Table::Summaries, Table::Records];

    pub fn name(self) -> &'static str {
        match self {
            Table::Summaries => "summaries",
            Table::Records => "records",
        }
    }

    /// The key that tells the rows of one commit apart.
    fn key(self) -> &'static str {
        match self {
            Table::Summaries => "series",
            Table::Records => "id",
        }
    }
}

/// What the store knows of a source; of journals, of each home's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feed {
    pub source: SourceName,
    /// The home that feeds it.
    pub home: String,
    /// All hours that end at or before this instant are summarised.
    pub closed_through: Option<Instant>,
    /// Snapshots of before this instant are not accepted any more.
    pub forgotten_through: Option<Instant>,
}

/// A row as it is read: the commit it belongs to, what tells it apart there, and what is kept of
/// it, unless that cannot be read.
pub struct Stored {
    pub commit: String,
    pub key: String,
    pub row: std::result::Result<Kept, Malformed>,
}

impl Stored {
    /// Whether it is a record with a time of its own.
    fn is_timed(&self) -> bool {
        matches!(&self.row, Ok(Kept::Record(record)) if record.time.is_some())
    }
}

/// What stands behind an acknowledged write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// What it waits for, or what is not known of that.
    pub words: String,
    /// What lets it be lost all the same, each with its cure.
    pub weak: Vec<(String, &'static str)>,
}

/// What became of the views of a source that people see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Described {
    AsDeclared,
    /// They were made now, without so many of its columns, for want of room.
    Short(u64),
    /// Who may not make views leaves those that are there.
    AsBefore,
}

/// A look through all that a store is made of.
pub type Examination = Box<dyn FnOnce() -> Result<Vec<String>> + Send>;

/// Reads. "It exists" is believed only from a durable, majority read.
pub trait Reader: Send {
    /// The store's URL, without secrets.
    fn address(&self) -> &str;
    /// Looks through all that it is made of, on whatever thread it is called; what is malformed,
    /// in words. A server does that by itself.
    fn examination(&self) -> Examination {
        Box::new(|| Ok(Vec::new()))
    }
    /// Another reader of the same store, for another thread; none where there is no way to have
    /// one, or where a test watches this one.
    fn another(&self) -> Option<Box<dyn Reader>> {
        None
    }
    /// What stands behind the writes of our programs; asks, and changes nothing.
    fn standing(&self) -> Result<Standing> {
        Ok(Standing { words: "what its writes wait for is not known".into(), weak: Vec::new() })
    }
    /// Whether what people see of a source in the store is of this shape; where they see the
    /// tables only, it always is.
    fn is_described(&self, _: &Shape) -> Result<bool> {
        Ok(true)
    }
    /// The hashes of the declarations under which entries of a source were read, where what people
    /// see of it depends on them.
    fn read_under(&self, _: &SourceName) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    /// The store's own id, made at its creation.
    fn id(&self) -> Result<String>;
    /// The text of a declaration by its hash, if it was declared here.
    fn declaration(&self, hash: &str) -> Result<Option<String>>;
    fn feeds(&self) -> Result<Vec<Feed>>;
    /// All entries of a source's day, of all homes, in any order; of one that cannot be read, what
    /// is known.
    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>>;
    /// The same without what they counted: which of them count is known from these.
    fn outlines(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.entries(source, day)
    }
    /// All entries of a source's day, for those who add to it: nothing may be added where it is
    /// not known what counts.
    fn ledger(&self, source: &SourceName, day: Day) -> Result<Vec<Entry>> {
        let entries = self.entries(source, day)?.into_iter();
        let told = |unread: Unread| Error::Malformed {
            store: self.address().into(),
            cause: format!("{source} {day}: {unread}"),
        };
        entries.map(|entry| entry.map_err(told)).collect()
    }
    /// The days of which a source has entries, in order.
    fn days(&self, source: &SourceName) -> Result<Vec<Day>> {
        self.days_within(source, &(Day::MIN..=Day::MAX))
    }
    /// Those of them that lie within some days: other days are not looked at.
    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>>;
    /// The first and the last of them; none is looked at in between.
    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>>;
    /// A figure for each of some days that has entries: it changes with each entry that comes, and
    /// none is read for it.
    fn growth(&self, source: &SourceName, days: &RangeInclusive<Day>)
    -> Result<BTreeMap<Day, u64>>;
    /// The rows of some commits of a source, in any order, one by one: whole backlogs need no
    /// memory. One that cannot be read does not end the reading.
    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()>;
    /// Those rows of statistics of some commits that are of one series.
    fn series(&self, commits: &[String], series: &str, each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.rows(Table::Summaries, commits, &mut only(series, each))
    }
    /// Those rows of records that have no time of their own, or none that can be read.
    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()>;
    /// Per commit, with its hour, that holds a version of some records; whenever it landed, and
    /// whether it counts or not.
    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>>;
    /// The least and the greatest time of their own of the records of a source, where the store can
    /// tell.
    fn end_times(&self, _: &SourceName) -> Result<Option<(Instant, Instant)>> {
        Ok(None)
    }
    /// All versions of those records, one by one.
    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()>;
    /// How many records there are of some commits of a source, given with their hours.
    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>>;
    /// Those of some records of a source of which there are rows in hours after one, whether those
    /// count or not.
    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>>;
    /// The side rows of a source, of these ids or of all; of which there is none, nothing.
    fn sides(&self, source: &SourceName, ids: Ids, each: &mut dyn FnMut(Side)) -> Result<()>;
    /// About how many bytes of its room the rows and entries of a source of some hours take.
    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64>;
    /// How many bytes it takes where it lies.
    fn size(&self) -> Result<u64>;
    /// The commits that have rows of a source in a range of hours, with their batch and when
    /// they were written: for the removal of rows that nothing names.
    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>>;
    /// The first hour of which there are rows of a source, whether anything names them or not.
    fn oldest(&self, source: &SourceName) -> Result<Option<Window>>;
    /// Writes a copy of the whole store, as of one moment, into an empty folder, durably: what
    /// counts at that moment has all its rows there. [`fill`] takes it.
    fn copy_to(&self, folder: &Path) -> Result<()>;
}

/// Writes. Each call returns once what it did is durable.
pub trait Writer: Reader {
    /// Writes rows under their commit id, which is fresh.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] names a row that is refused for good; others may be written then.
    fn put(&self, header: &Header, rows: &[Kept]) -> Result<()>;
    /// Keeps the text of a declaration by its hash, before an entry names it.
    fn declare(&self, hash: &str, text: &str) -> Result<()>;
    /// Inserts an entry if its number is free; whether it was.
    fn append(&self, entry: &Entry) -> Result<bool>;
    /// Forgets what it holds of its file in memory: the next reading comes from there. Whether
    /// that says more than the acknowledgement of a write: a server proves its own files.
    fn afresh(&self) -> Result<bool> {
        Ok(false)
    }
    /// Keeps the names of series for people, beside those that are known.
    fn name_series(&self, source: &SourceName, names: &BTreeMap<String, String>) -> Result<()>;
    /// Gives people a view of a source of this shape, where it gives views of sources.
    fn describe(&self, _: &Shape) -> Result<Described> {
        Ok(Described::AsDeclared)
    }
    /// Keeps side rows, in place of those of the same ids.
    fn set_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()>;
    /// Removes all rows of some commits. Of those that were written before `old`, nothing is on its
    /// way any more: what is told of them goes, too.
    fn remove(&self, commits: &[String], old: Instant) -> Result<()>;
    /// Raises `closed_through`, of journals that of a home; it never falls.
    fn raise(&self, source: &SourceName, home: &str, through: Instant) -> Result<()>;
    /// Raises `forgotten_through`, which never falls; then removes all entries of a source, in
    /// order of their numbers, so that none counts again that another had replaced; then its rows.
    fn forget(&self, source: &SourceName, through: Instant) -> Result<()>;
    /// Names the home that feeds a source; each home feeds its own journals.
    fn claim(&self, source: &SourceName, home: &str) -> Result<()>;
    /// Takes the id of the store of which it is a whole copy.
    fn take_id(&self, id: &str) -> Result<()>;
    fn as_reader(&self) -> &dyn Reader;
}

/// The embedded store of a home.
pub fn default_url(home: &Path) -> String {
    format!("sqlite:{}", home.join("daybook.sqlite").display())
}

/// The file of an embedded store.
pub fn file(url: &str) -> Option<&Path> {
    url.strip_prefix("sqlite:").map(Path::new)
}

/// A URL without secrets.
pub fn shown(url: &str) -> String {
    address::store(url)
}

/// The version of the form in which a store keeps what it keeps. Those of before had none: 1.
pub const SCHEMA: u32 = 5;

/// The version since which rows are kept as cells.
const CELLS: u32 = 4;

/// The first and the last day of a ledger, as they are spelled there. Where one is no day, they are
/// the ends of those that are.
fn first_and_last(
    first: &str,
    last: &str,
    days: impl FnOnce() -> Result<Vec<Day>>,
) -> Result<Option<(Day, Day)>> {
    if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
        return Ok(Some((first, last)));
    }
    let days = days()?;
    Ok(days.first().copied().zip(days.last().copied()))
}

/// Of rows, those of one series.
fn only(series: &str, each: &mut dyn FnMut(Stored)) -> impl FnMut(Stored) {
    move |stored| {
        if stored.key == series {
            each(stored);
        }
    }
}

/// Of journals, the home to which a ledger and a feed belong: each has its own. Other sources have
/// one of each.
fn keeper<'a>(source: &SourceName, home: &'a str) -> &'a str {
    if source.is_journals() { home } else { "" }
}

/// Days as the texts between which a store has theirs: beyond the years of four digits there are
/// none.
fn spelled(days: &RangeInclusive<Day>) -> (String, String) {
    let spelled = |day: &Day| match day.year() {
        ..0 => String::new(),
        0..10_000 => day.to_string(),
        _ => ":".into(),
    };
    (spelled(days.start()), spelled(days.end()))
}

/// The version of a store that a restore has not filled yet: no program uses it.
const FILLING: u32 = i32::MAX as u32;

fn newer(store: String, found: u32) -> Error {
    if found == FILLING {
        let cause = "a restore into it was begun, and did not end".into();
        return Error::Unreachable { store, cause, hint: "run that restore again".into() };
    }
    Error::Unreachable {
        store,
        cause: format!("it is of version {found}, and this program knows {SCHEMA}"),
        hint: "a newer Daybook has written to it: use that one".into(),
    }
}
