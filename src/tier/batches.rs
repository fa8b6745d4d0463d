//! One batch on its way through a run: gathered, sealed, taken up, counted, committed, emptied.

use super::abreast::abreast;
use super::agenda::{Groups, torn};
use super::careful::tried_if_marked;
use super::commit::{Committed, Committer, Times};
use super::counting::Batch;
use super::done::Work;
use super::summarize::Summarizer;
use crate::domain::batch;
use crate::domain::format::{be, english};
use crate::domain::hash::Digest;
use crate::domain::ledger::{Entry, Ledger};
use crate::domain::limits::ROWS_WAITING;
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::snapshot::{SHORTS, SnapshotId, take_torn};
use crate::domain::source::{Declaration, Source};
use crate::domain::time::Window;
use crate::edge::clock::Clock;
use crate::edge::config;
use crate::edge::spool::{Open, Sealed, Spool};
use anyhow::{Result, anyhow, bail};

/// An hour's turn: its batch, and what of it this user may not read.
struct Due {
    hour: Window,
    batch: Result<Option<Batch>>,
    closed: Option<anyhow::Error>,
    /// Pages of sets that are not whole.
    torn: Vec<String>,
}

impl Due {
    fn count(mut self, spool: &Spool, clock: Clock) -> Due {
        self.batch.iter_mut().flatten().for_each(|batch| batch.count(spool, clock));
        self
    }

    /// Whether its rows may wait while the next hour is counted.
    fn may_wait(&self) -> bool {
        self.batch.iter().flatten().map(Batch::weight).sum::<usize>() <= ROWS_WAITING
    }
}

impl Summarizer<'_> {
    /// Summarises what is due of a source: an hour is counted while the one before is written and
    /// emptied, and the next one gathered.
    pub(super) fn hours(
        &self,
        source: &SourceName,
        due: Groups,
        committer: &Committer,
        work: &mut Work,
    ) {
        let mut over = false;
        let begun = due.into_iter().map_while(|((hour, declaration), mut ids)| {
            if std::mem::replace(&mut over, self.is_late()) {
                return None;
            }
            if over {
                let torn = Vec::new();
                return Some(Due { hour, batch: Err(self.late()), closed: None, torn });
            }
            let closed = self.closed(&mut ids);
            let torn = self.torn(source, (hour, &declaration), &mut ids, committer);
            let (torn, batch) = match torn {
                Ok(torn) => (torn, self.begin(source, hour, &declaration, &ids, committer)),
                Err(error) => (Vec::new(), Err(error)),
            };
            Some(Due { hour, batch, closed, torn })
        });
        let (spool, clock) = (self.spool, self.clock);
        let count = |due: Due| due.count(spool, clock);
        abreast(begun, count, Due::may_wait, |Due { hour, batch, closed, torn }| {
            work.done.left.extend(torn);
            work.enter(hour, batch.and_then(|batch| self.end(batch, committer)));
            closed.into_iter().for_each(|error| work.enter(hour, Err(error)));
        });
    }

    /// Leaves out what this user may not read: it waits where it is, and keeps no other.
    fn closed(&self, ids: &mut Vec<SnapshotId>) -> Option<anyhow::Error> {
        let (closed, why) = self.spool.take_closed(ids);
        let left = closed.len();
        why.map(|why| anyhow!("{left} of its snapshots {} left alone: {why}", be(left as u64)))
    }

    /// Leaves out pages of sets that are not whole: they wait where they are, listed. A page of
    /// which another one was gathered before goes after it.
    fn torn(
        &self,
        source: &SourceName,
        (hour, declaration): (Window, &str),
        ids: &mut Vec<SnapshotId>,
        committer: &Committer,
    ) -> Result<Vec<String>> {
        if take_torn(&mut ids.clone(), &[]).is_empty() {
            return Ok(Vec::new());
        }
        let mut known = Vec::new();
        for open in self.spool.open_batches(source)? {
            if open.hour == hour && open.declaration == declaration {
                known.extend(self.spool.gathered(&open)?);
            }
        }
        let ledger = committer.ledger(source, hour.day())?;
        known.extend(ledger.entries().iter().flat_map(Entry::ids));
        Ok(take_torn(ids, &known).iter().map(torn).collect())
    }

    fn is_late(&self) -> bool {
        self.clock.now() - self.clock.started() > self.patience
    }

    fn late(&self) -> anyhow::Error {
        let minutes = self.patience.num_minutes();
        anyhow!("this run has worked for {minutes} min and begins nothing more: the next goes on")
    }

    /// Gathers, seals, commits and empties one batch.
    pub(super) fn batch(
        &self,
        source: &SourceName,
        hour: Window,
        declaration: &str,
        ids: &[SnapshotId],
        committer: &Committer,
    ) -> Result<Committed> {
        let batch = self.begin(source, hour, declaration, ids, committer)?;
        self.count_and_end(batch, committer)
    }

    /// Gathers and seals one batch; none where nothing is in it.
    fn begin(
        &self,
        source: &SourceName,
        hour: Window,
        declaration: &str,
        ids: &[SnapshotId],
        committer: &Committer,
    ) -> Result<Option<Batch>> {
        let Some(text) = self.spool.declaration(declaration)? else {
            bail!(
                "the text of declaration {declaration} is gone; {} of it {} left alone\n\
                 hint: put that text back as data/.state/declarations/{declaration}.toml",
                english(ids.len() as u64, "snapshot", "snapshots"),
                be(ids.len() as u64)
            );
        };
        let open = self.spool.open_batch(source, hour, declaration)?;
        self.spool.gather(&open, &text, ids)?;
        let sealed = self.seal(&open, &text, committer)?;
        sealed.map_or(Ok(None), |sealed| self.take_up(sealed, committer))
    }

    /// Seals, commits and empties an open batch.
    pub(super) fn close(
        &self,
        open: &Open,
        text: &str,
        committer: &Committer,
    ) -> Result<Committed> {
        let sealed = self.seal(open, text, committer)?;
        sealed.map_or(Ok(Committed::NONE), |sealed| self.finish(sealed, committer))
    }

    fn seal(&self, open: &Open, text: &str, committer: &Committer) -> Result<Option<Sealed>> {
        let ids = self.spool.gathered(open)?;
        if ids.is_empty() {
            self.spool.discard(open)?;
            return Ok(None);
        }
        let ledger = committer.ledger(&open.source, open.hour.day())?;
        let digest = Declaration::new(text).digest;
        let replaced = ledger.last_replacing(open.hour);
        let again = self.again_of(open, text, &ids, &ledger)?;
        let id = batch::id(&open.source, open.hour, digest, replaced, &ids, &again);
        Ok(Some(self.spool.seal(open, &id)?))
    }

    /// What tells a further try of snapshots that were not counted whole from the one before: the
    /// bytes that they have now, and which of them end the program.
    fn again_of(
        &self,
        open: &Open,
        text: &str,
        ids: &[SnapshotId],
        ledger: &Ledger,
    ) -> Result<Vec<String>> {
        let folder = open.folder();
        let ended = tried_if_marked(self.spool, &self.trier, folder, text, ids)?;
        let mut again: Vec<String> =
            ended.unwrap_or_default().keys().map(|id| format!("{id} ends")).collect();
        let found = ledger.found(Some(open.hour));
        for name in ids.iter().map(SnapshotId::to_string) {
            if found.get(name.as_str()).is_some_and(|missing| *missing != Missing::Nothing) {
                let bytes = self.spool.digest(&folder.join(&name))?;
                let bytes = bytes.map_or("too large".to_string(), Digest::hex);
                again.push(format!("{name} {bytes}"));
            }
        }
        Ok(again)
    }

    pub(super) fn finish(&self, sealed: Sealed, committer: &Committer) -> Result<Committed> {
        let batch = self.take_up(sealed, committer)?;
        self.count_and_end(batch, committer)
    }

    /// A sealed batch, ready to be counted; none where nothing is in it any more.
    fn take_up(&self, sealed: Sealed, committer: &Committer) -> Result<Option<Batch>> {
        if sealed.snapshots.is_empty() {
            // Files leave a sealed batch once it is committed: a run died as it emptied this one.
            self.spool.empty(&sealed, "", &[], committer.forgotten)?;
            return Ok(None);
        }
        let (sealed, source) = self.read_as(sealed, committer)?;
        committer.begin(sealed, &source).map(Some)
    }

    fn count_and_end(&self, mut batch: Option<Batch>, committer: &Committer) -> Result<Committed> {
        batch.iter_mut().for_each(|batch| batch.count(self.spool, self.clock));
        self.end(batch, committer)
    }

    /// Commits and empties a batch that is counted.
    fn end(&self, batch: Option<Batch>, committer: &Committer) -> Result<Committed> {
        let Some(batch) = batch else { return Ok(Committed::NONE) };
        let about = batch.about();
        let committed = committer.finish(batch)?;
        let Times { count, write, empty } = committed.times;
        self.progress.tell(&format!(
            "{about}: {}, {} (counted in {} ms, written in {} ms, emptied in {} ms)",
            english(committed.snapshots, "snapshot", "snapshots"),
            english(committed.rows, "row", "rows"),
            count.as_millis(),
            write.as_millis(),
            empty.as_millis()
        ));
        Ok(committed)
    }

    /// A sealed batch with its declaration. Where the folder has none that can be read, as after
    /// a power cut, its entry tells which it was, or the names of its snapshots.
    fn read_as(&self, sealed: Sealed, committer: &Committer) -> Result<(Sealed, Source)> {
        let place = format!("the declaration of batch {}", sealed.batch);
        let read = |text: &str| config::source(&sealed.source, &place, text);
        let broken = match read(&sealed.declaration) {
            Ok(source) => return Ok((sealed, source)),
            Err(broken) => broken,
        };
        let Some(text) = self.text_of(&sealed, committer)? else {
            return Err(anyhow::Error::from(broken).context(format!(
                "{} has no declaration.toml that can be read, and nothing else has its text",
                sealed.folder().display()
            )));
        };
        let source = read(&text)?;
        Ok((sealed.with_text(text), source))
    }

    fn text_of(&self, sealed: &Sealed, committer: &Committer) -> Result<Option<String>> {
        let ledger = committer.ledger(&sealed.source, sealed.hour.day())?;
        let Some(entry) = ledger.of_batch(&sealed.batch) else {
            let short = sealed.snapshots.first().map(SnapshotId::declaration);
            return Ok(short.map(|short| self.spool.declaration(short)).transpose()?.flatten());
        };
        let of_hash = |text: &String| Declaration::new(text).digest.hex() == entry.declaration;
        let mut found = self.store.declaration(&entry.declaration)?.filter(of_hash);
        for digits in SHORTS {
            let short = entry.declaration.get(..digits).unwrap_or_default();
            if found.is_none() {
                found = self.spool.declaration(short)?.filter(of_hash);
            }
        }
        Ok(found)
    }
}
