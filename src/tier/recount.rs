//! Recount: an hour is counted once more, whole, under today's declaration, from all of its
//! snapshots; its entry replaces all that the hour had before. An hour of which a snapshot is
//! nowhere stays as it is.

use super::audit::own_home;
use super::careful::tried;
use super::commit::{Committer, Subject, behind, untaken};
use super::count::{Counted, File, count, reason};
use super::done::{Change, Done, Figures, Summary};
use super::replace::Replaced;
use super::summarize::Summarizer;
use crate::domain::batch;
use crate::domain::extract::Plan;
use crate::domain::format::{be, english};
use crate::domain::ledger::{Entry, Kind, Ledger};
use crate::domain::name::SourceName;
use crate::domain::parcel::Parcel;
use crate::domain::positions::Missing;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::{Day, Window};
use crate::edge::spool::{Condemned, Copies, Terms};
use crate::edge::store;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

impl Summarizer<'_> {
    /// Recounts the closed hours of a range.
    pub fn recount(&self, sources: &[&Source], range: &Range<Window>) -> Result<Summary> {
        let home = self.settle()?;
        self.sweep()?;
        self.each(
            sources,
            |source| &source.name,
            |source| {
                // Nothing is claimed for nothing.
                if self.days(&source.name, range)?.is_empty() {
                    return Ok(Done::default());
                }
                self.locked(&source.name, &home, |committer, work| {
                    self.resume(&source.name, committer, work)?;
                    let job = Job { committer, plan: Plan::new(source) };
                    let recounted = |hour, copies: &Copies| job.recount(hour, copies);
                    let recounted = self.each_hour(&job, range, &mut work.done, recounted);
                    work.touched.extend(&work.done.counted);
                    recounted
                })
            },
        )
    }

    /// What a recount would change, without a change anywhere.
    pub fn look_recount(&self, sources: &[&Source], range: &Range<Window>) -> Result<Summary> {
        let feeds = self.store.feeds()?;
        let home = own_home(self.spool, &feeds)?.unwrap_or_default();
        let look = |source: &&Source| {
            let committer = self.looking(&source.name, &home, &feeds);
            let job = Job { committer: &committer, plan: Plan::new(source) };
            let mut done = Done::default();
            let looked = |hour, copies: &Copies| job.look(hour, copies);
            self.each_hour(&job, range, &mut done, looked)?;
            done.unread = 0;
            Ok((source.name.clone(), done))
        };
        sources.iter().map(look).collect()
    }

    /// Goes through the closed hours of a range that the ledger knows, or the archive or the
    /// quarantine. One that fails does not keep others from it.
    fn each_hour(
        &self,
        job: &Job,
        range: &Range<Window>,
        done: &mut Done,
        act: impl Fn(Window, &Copies) -> Result<Option<Change>>,
    ) -> Result<()> {
        let name = &job.plan.source().name;
        for day in self.days(name, range)? {
            let copies = self.spool.copies(name, day)?;
            let ledger = job.committer.ledger(name, day)?;
            let mut hours: BTreeSet<Window> = ledger.live(None).map(|entry| entry.hour).collect();
            hours.extend(copies.hours());
            hours.retain(|hour| range.contains(hour) && *hour <= self.agenda.last_closed());
            for hour in hours {
                done.counted.insert(hour);
                let forgotten =
                    copies.ids(hour).filter(|id| job.committer.is_forgotten(id)).count();
                if forgotten > 0 {
                    let why = "of before the source was forgotten";
                    done.left.push(format!(
                        "{} of {hour}: {why}",
                        english(forgotten as u64, "snapshot", "snapshots")
                    ));
                }
                self.progress.tell(&format!("{name} {hour}"));
                done.recounted(hour, act(hour, &copies));
            }
        }
        Ok(())
    }

    fn days(&self, name: &SourceName, range: &Range<Window>) -> Result<BTreeSet<Day>> {
        let mut days = self.spool.kept_days(name)?;
        let within = range.start.day()..=range.end.day();
        days.retain(|day| within.contains(day));
        days.extend(self.store.days_within(name, &within)?);
        Ok(days)
    }
}

/// The recount of one source.
struct Job<'a> {
    committer: &'a Committer<'a>,
    plan: Plan,
}

/// A recount of an hour that nothing names yet.
struct Draft {
    files: Vec<File>,
    counted: Counted,
    /// Of these nothing is counted: each ends the program, or the store does not take its row.
    condemned: Condemned,
}

/// Whether counting may end this program: only who may write can say so to the next run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Set,
    Read,
}

impl Job<'_> {
    fn source(&self) -> &Source {
        self.plan.source()
    }

    fn ledger(&self, hour: Window) -> Result<Ledger> {
        self.committer.ledger(&self.source().name, hour.day())
    }

    fn look(&self, hour: Window, copies: &Copies) -> Result<Option<Change>> {
        let ledger = self.ledger(hour)?;
        let draft = self.draft(&ledger, hour, copies, Mark::Read, &Condemned::new())?;
        Ok(draft.map(|draft| Change {
            before: Figures::of_hour(&ledger, hour),
            after: Figures::of_counted(&draft.counted),
        }))
    }

    /// Rows under a fresh commit id, then one replacing entry that names it; done again from the
    /// start when another entry came first or the answer was lost.
    fn recount(&self, hour: Window, copies: &Copies) -> Result<Option<Change>> {
        let name = &self.source().name;
        let (mut files, mut change, mut first) = (Vec::new(), Change::default(), Some(copies));
        let mut later = None;
        let replaced = self.committer.replace(name, hour, &mut |ledger| {
            let written = match first.take() {
                Some(copies) => self.write_taken(hour, ledger, copies)?,
                // Whoever came first may have archived what it counted.
                None => {
                    let copies = self.committer.spool.copies(name, hour.day())?;
                    let written = self.write_taken(hour, ledger, &copies)?;
                    later = Some(copies);
                    written
                }
            };
            let Some((entry, read, after)) = written else { return Ok(None) };
            change = Change { before: Figures::of_hour(ledger, hour), after };
            files = read;
            Ok(Some(entry))
        })?;
        let Some(Replaced { entry, ledger, tried }) = replaced else { return Ok(None) };
        self.settle(&entry, &ledger, &tried, (&files, later.as_ref().unwrap_or(copies)))?;
        Ok(Some(change))
    }

    /// Writes what the store takes of an hour: what is behind a row that it refuses for good is
    /// left out. The entry, the files of the hour, and what it makes of them.
    fn write_taken(
        &self,
        hour: Window,
        ledger: &Ledger,
        copies: &Copies,
    ) -> Result<Option<(Entry, Vec<File>, Figures)>> {
        let mut refused = Condemned::new();
        loop {
            let Some(draft) = self.draft(ledger, hour, copies, Mark::Set, &refused)? else {
                return Ok(None);
            };
            let Draft { files, counted, condemned } = draft;
            let after = Figures::of_counted(&counted);
            let error = match self.write(hour, ledger, counted, &files, &condemned) {
                Ok(entry) => return Ok(Some((entry, files, after))),
                Err(error) => error,
            };
            let Some(store::Error::Refused { key, cause, .. }) = error.downcast_ref() else {
                return Err(error);
            };
            let read = files.iter().filter(|file| !condemned.contains_key(&file.id));
            let found = behind(self.committer.spool, &self.plan, hour, read, key)?;
            if found.is_empty() {
                return Err(error);
            }
            let hint = "has the store a rule that it had not?";
            let found = found.into_iter().map(|id| (id, untaken(key, cause))).collect();
            refused.extend(uncounted(ledger, hour, found, hint)?);
        }
    }

    /// All snapshots of an hour, read, but for refused ones; `None` when it has none.
    fn draft(
        &self,
        ledger: &Ledger,
        hour: Window,
        copies: &Copies,
        mark: Mark,
        refused: &Condemned,
    ) -> Result<Option<Draft>> {
        let files = self.files(ledger, hour, copies)?;
        if files.is_empty() && ledger.doubled(hour).is_empty() {
            return Ok(None);
        }
        let (spool, name) = (self.committer.spool, &self.source().name);
        let careful = match spool.died_recounting(name, hour) {
            // Who only reads may not see the marks.
            Err(error) if mark == Mark::Read && error.is_refused() => false,
            died => died?,
        };
        let mut condemned = match careful {
            true => self.condemned(ledger, hour, &files)?,
            false => Condemned::new(),
        };
        let none_ends = condemned.is_empty();
        condemned.extend(refused.clone());
        let (out, files): (Vec<File>, _) =
            files.into_iter().partition(|file| condemned.contains_key(&file.id));
        if mark == Mark::Set {
            spool.begin_recount(name, hour)?;
        }
        let counted = count(spool, &self.plan, hour, &files, careful);
        if mark == Mark::Set && none_ends {
            spool.end_recount(name, hour)?;
        }
        let mut counted = counted?;
        counted.missing.extend(out.iter().map(|file| (file.id.to_string(), Missing::All)));
        let files = files.into_iter().chain(out).collect();
        Ok(Some(Draft { files, counted, condemned }))
    }

    /// Those that end the program, each tried as in a batch. What counts already does not go for
    /// that: its hour then stays as it is.
    fn condemned(&self, ledger: &Ledger, hour: Window, files: &[File]) -> Result<Condemned> {
        let pairs: Vec<_> = files.iter().map(|f| (f.id.clone(), f.path.clone())).collect();
        let condemned = tried(self.committer.trier, &self.source().declaration.text, &pairs)?;
        uncounted(ledger, hour, condemned, "the version that counted it may still be able to")
    }

    /// The files of an hour: those of its live entries, and whatever else there is of it.
    fn files(&self, ledger: &Ledger, hour: Window, copies: &Copies) -> Result<Vec<File>> {
        let found = ledger.found(Some(hour));
        let mut ids: BTreeSet<SnapshotId> =
            found.keys().filter_map(|id| SnapshotId::parse(id)).collect();
        ids.extend(copies.ids(hour).cloned());
        ids.retain(|id| {
            let name = id.to_string();
            let missing = found.get(&*name).unwrap_or(&Missing::All);
            !self.committer.is_forgotten(id) && !ledger.is_elsewhere(&name, missing)
        });
        let (mut files, mut absent) = (Vec::new(), Vec::new());
        for id in &ids {
            // One of which nothing is counted may have other bytes than its name says.
            let counted = found.get(id.to_string().as_str()).is_some_and(|m| *m != Missing::All);
            let odd = copies.places(id).first().filter(|_| !counted).cloned();
            match self.committer.spool.sound_copy(id, copies)?.or(odd) {
                Some(path) => files.push(File { id: id.clone(), path, want: Missing::All }),
                None => absent.push(id.to_string()),
            }
        }
        match absent.is_empty() {
            true => Ok(files),
            false => bail!(refusal(&absent, ids.len())),
        }
    }

    /// Writes the rows; and whatever will still miss items gets its place in quarantine before
    /// there is an entry that says so.
    fn write(
        &self,
        hour: Window,
        ledger: &Ledger,
        counted: Counted,
        files: &[File],
        condemned: &Condemned,
    ) -> Result<Entry> {
        let source = self.source();
        let ids: Vec<SnapshotId> = files.iter().map(|file| file.id.clone()).collect();
        let last = ledger.last_of(hour);
        let batch = batch::recount_id(&source.name, hour, source.declaration.digest, last, &ids);
        let subject = Subject { source, hour, batch: &batch, kind: Kind::Recount };
        let entry = self.committer.put(&subject, ledger, counted)?;
        for file in files {
            let Some(want) = entry.snapshots.get(&file.id.to_string()) else { continue };
            if *want != Missing::Nothing {
                let File { id, path, .. } = file;
                let of = File { id: id.clone(), path: path.clone(), want: want.clone() };
                let why = match condemned.get(id) {
                    Some(why) => format!("{id}\n{why}\n"),
                    None => reason(self.committer.spool, &self.plan, &of)?,
                };
                self.committer.spool.quarantine(id, path, &why)?;
            }
        }
        Ok(entry)
    }

    /// After its entry: rows of other tries are removed; what is counted whole is archived, if
    /// that is asked for, and leaves quarantine.
    fn settle(
        &self,
        entry: &Entry,
        ledger: &Ledger,
        tried: &[String],
        (files, copies): (&[File], &Copies),
    ) -> Result<()> {
        self.committer.remove_losers(entry, tried)?;
        let spool = self.committer.spool;
        let mut all: Vec<_> = files.iter().map(|f| (f.id.clone(), f.path.clone())).collect();
        let ids: Vec<SnapshotId> = files.iter().map(|file| file.id.clone()).collect();
        let archive = spool.archive();
        let is_new = |(id, path): &&(SnapshotId, PathBuf)| match archive {
            Some(archive) => !path.starts_with(archive),
            None => !copies.is_parcelled(id),
        };
        let new: Vec<_> = all.iter().filter(is_new).cloned().collect();
        spool.keep_texts(&self.source().declaration.text, &ids)?;
        spool.keep(&new)?;
        let parcel =
            Parcel { source: entry.source.clone(), hour: entry.hour, batch: entry.batch.clone() };
        let licence = self.source().about.licence.line();
        let terms = Terms { read_under: &self.source().declaration.text, licence: &licence };
        spool.keep_parcel(&parcel, terms, &new)?;
        let found = ledger.found(Some(entry.hour));
        all.retain(|(id, _)| found.get(id.to_string().as_str()) == Some(&Missing::Nothing));
        Ok(spool.release(&self.source().name, &all)?)
    }
}

/// What cannot be counted, unless some of it counts already.
fn uncounted(ledger: &Ledger, hour: Window, condemned: Condemned, hint: &str) -> Result<Condemned> {
    let found = ledger.found(Some(hour));
    let missing = |id: &SnapshotId| found.get(id.to_string().as_str());
    let counts = |id: &SnapshotId| missing(id).is_some_and(|some| *some != Missing::All);
    match condemned.iter().find(|(id, _)| counts(id)) {
        None => Ok(condemned),
        Some((id, why)) => bail!(
            "{id} counts, and cannot be counted again, so the hour stays as it is: {why}\n\
             hint: {hint}"
        ),
    }
}

/// Absent snapshots that are named one by one.
const LISTED: usize = 5;

fn refusal(absent: &[String], all: usize) -> String {
    let listed = absent.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    let more = match absent.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!(
        "{} of its {} {} nowhere whole, so it stays as it is: {listed}{more}\n\
         hint: only what an archive keeps can be counted again, see summarizer.archive",
        absent.len(),
        english(all as u64, "snapshot", "snapshots"),
        be(absent.len() as u64)
    )
}
