//! A slow reader: a real reading of the hours, over a connection of its own, of which each look
//! into the store waits for its turn, while others write.

use super::items;
use daybook::domain::gate::Gate;
use daybook::domain::ledger::{Entry, Unread};
use daybook::domain::name::SourceName;
use daybook::domain::side::Side;
use daybook::domain::time::{Day, Window};
use daybook::edge::store::{self, Error, Feed, Header, Reader, Result, Stored, Table, Which};
use daybook::tier::view;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A reader that reads the hours again and again.
pub struct SlowReader {
    go: Sender<()>,
    done: Receiver<()>,
    found: Arc<Mutex<Option<String>>>,
}

impl SlowReader {
    pub fn start(url: &str) -> SlowReader {
        let ((go, turn), (over, done)) = (channel(), channel());
        let found = Arc::new(Mutex::new(None));
        let inner = store::reader(url, Gate::open()).unwrap().unwrap();
        let slow = Slow { inner, turn, over };
        let told = found.clone();
        std::thread::spawn(move || {
            while slow.over.send(()).is_ok() {
                // Whoever finds the ledger changed at each try says so, and that is right.
                if let Ok(hours) = view::hours(&slow, &items::name(), &items::hours())
                    && let Err(wrong) = items::counts(&hours)
                {
                    told.lock().unwrap().get_or_insert(format!("a slow reader: {wrong}"));
                }
                if slow.turn.recv().is_err() {
                    return;
                }
            }
        });
        done.recv().unwrap();
        SlowReader { go, done, found }
    }

    /// One look into the store; what is wrong with what was read before.
    pub fn look(&self) -> Option<String> {
        self.go.send(()).unwrap();
        self.done.recv().unwrap();
        self.found.lock().unwrap().take()
    }
}

struct Slow {
    inner: Box<dyn Reader>,
    turn: Receiver<()>,
    over: Sender<()>,
}

impl Slow {
    fn look<T>(&self, look: impl FnOnce(&dyn Reader) -> Result<T>) -> Result<T> {
        let gone = |cause: &str| Error::Unreachable {
            store: String::new(),
            cause: cause.into(),
            hint: String::new(),
        };
        self.turn.recv().map_err(|_| gone("nobody waits"))?;
        let found = look(&*self.inner);
        self.over.send(()).map_err(|_| gone("nobody waits"))?;
        found
    }
}

impl Reader for Slow {
    fn address(&self) -> &str {
        self.inner.address()
    }

    fn id(&self) -> Result<String> {
        self.inner.id()
    }

    fn declaration(&self, hash: &str) -> Result<Option<String>> {
        self.inner.declaration(hash)
    }

    fn feeds(&self) -> Result<Vec<Feed>> {
        self.inner.feeds()
    }

    fn entries(
        &self,
        source: &SourceName,
        day: Day,
    ) -> Result<Vec<std::result::Result<Entry, Unread>>> {
        self.look(|reader| reader.entries(source, day))
    }

    fn seen_after(
        &self,
        source: &SourceName,
        ids: &[String],
        hour: Window,
    ) -> Result<BTreeSet<String>> {
        self.inner.seen_after(source, ids, hour)
    }

    fn sides(
        &self,
        source: &SourceName,
        ids: Option<&BTreeSet<String>>,
        each: &mut dyn FnMut(Side),
    ) -> Result<()> {
        self.inner.sides(source, ids, each)
    }

    fn weight(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        self.inner.weight(source, hours)
    }

    fn size(&self) -> Result<u64> {
        self.inner.size()
    }

    fn oldest(&self, source: &SourceName) -> Result<Option<Window>> {
        self.inner.oldest(source)
    }

    fn days_within(&self, source: &SourceName, days: &RangeInclusive<Day>) -> Result<Vec<Day>> {
        self.look(|reader| reader.days_within(source, days))
    }

    fn end_days(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<Option<(Day, Day)>> {
        self.look(|reader| reader.end_days(source, days))
    }

    fn growth(
        &self,
        source: &SourceName,
        days: &RangeInclusive<Day>,
    ) -> Result<BTreeMap<Day, u64>> {
        self.look(|reader| reader.growth(source, days))
    }

    fn timeless(&self, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.look(|reader| reader.timeless(commits, each))
    }

    fn rows(&self, table: Table, commits: &[String], each: &mut dyn FnMut(Stored)) -> Result<()> {
        self.look(|reader| reader.rows(table, commits, each))
    }

    fn holders(&self, source: &SourceName, which: Which) -> Result<BTreeMap<String, Window>> {
        self.inner.holders(source, which)
    }

    fn versions(
        &self,
        source: &SourceName,
        which: Which,
        each: &mut dyn FnMut(Stored),
    ) -> Result<()> {
        self.inner.versions(source, which, each)
    }

    fn counts(
        &self,
        source: &SourceName,
        commits: &BTreeMap<String, Window>,
    ) -> Result<BTreeMap<String, u64>> {
        self.inner.counts(source, commits)
    }

    fn commits(&self, source: &SourceName, hours: Range<Window>) -> Result<Vec<Header>> {
        self.inner.commits(source, hours)
    }

    fn copy_to(&self, folder: &Path) -> Result<()> {
        self.inner.copy_to(folder)
    }
}
