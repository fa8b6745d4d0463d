//! A source gets another name. Its declaration moves, and says what it was called; what landed
//! stays where it is, under the name that it landed with. The file of the new name is made first:
//! until that of the old one is gone, this one is left out, and nothing is asked twice.

use crate::domain::name::SourceName;
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant};
use crate::domain::turn::State;
use crate::edge::config;
use crate::edge::disk::{Disk, Linked};
use crate::edge::spool::Spool;
use crate::edge::store::Reader;
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// What a renaming came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renamed {
    Now,
    /// It was done already.
    Before,
    /// A fetcher is at work.
    Busy,
}

pub struct Rename<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Reader,
    pub disk: &'a Disk,
    pub now: Instant,
    /// The sources that are declared, but for one whose renaming was stopped.
    pub declared: &'a [Source],
    pub old: &'a SourceName,
    pub new: &'a SourceName,
}

impl Rename<'_> {
    pub fn run(&self) -> Result<Renamed> {
        let holder = format!("{} {}\n", std::process::id(), self.now.timestamp());
        let Some(_lock) = self.spool.lock("fetcher", &holder)? else { return Ok(Renamed::Busy) };
        let (from, to) = (self.file(self.old), self.file(self.new));
        if self.is_done()? {
            return Ok(Renamed::Before);
        }
        self.refuse_unknown(&from)?;
        let source = config::read_source(&from)?;
        let text = config::renamed(&source, self.new)?;
        match self.disk.read_small(&to)? {
            Some(found) if found == text.as_bytes() => {}
            Some(_) => bail!("{} is there already\nhint: choose another name", to.display()),
            None => self.refuse_taken(&source)?,
        }
        let next = config::source(self.new, &to.display().to_string(), &text)?;
        self.hold(&source, &next)?;
        if self.disk.make(&to, text.as_bytes())? == Linked::Taken
            && self.disk.read_small(&to)?.as_deref() != Some(text.as_bytes())
        {
            bail!("{} is there already\nhint: choose another name", to.display());
        }
        self.disk.unlink(&from)?;
        self.disk.sync_dir(&self.folder())?;
        // Hints of the old declaration, which nobody asks for any more.
        self.spool.drop_last(self.old)?;
        Ok(Renamed::Now)
    }

    fn folder(&self) -> PathBuf {
        self.spool.home().join("sources")
    }

    fn file(&self, name: &SourceName) -> PathBuf {
        self.folder().join(format!("{name}.toml"))
    }

    fn is_done(&self) -> Result<bool> {
        let known = self.declared.iter().find(|source| source.name == *self.new);
        let is_former = known.is_some_and(|source| source.formerly.contains(self.old));
        Ok(is_former && !self.disk.is_there(&self.file(self.old))?)
    }

    /// Of a name without a file: which source has it now, if it was one's earlier name.
    fn refuse_unknown(&self, from: &Path) -> Result<()> {
        if self.disk.is_there(from)? {
            return Ok(());
        }
        let (old, new) = (self.old, self.new);
        match self.declared.iter().find(|source| source.formerly.contains(old)) {
            Some(Source { name, .. }) => {
                bail!("{old} is called {name} now\nhint: fetcher rename {name} {new}")
            }
            None => bail!(
                "no source is called {old}: there is no {}\n\
                 hint: fetcher sources shows the names",
                from.display()
            ),
        }
    }

    /// A name with a past of its own is not free: both would become one.
    fn refuse_taken(&self, source: &Source) -> Result<()> {
        let new = self.new;
        if let Some(other) = self.declared.iter().find(|other| other.formerly.contains(new)) {
            if other.name != source.name {
                bail!("{new} is an earlier name of {}\nhint: choose another name", other.name);
            }
            return Ok(());
        }
        let ends = self.store.end_days(new, &(Day::MIN..=Day::MAX));
        let ends = ends.context("cannot see whether that name is free")?;
        let waits = self.spool.held(new)?.len() + self.spool.quarantined(new)?.len();
        if let Some((first, last)) = ends {
            bail!(
                "{new} has a past of its own, from {first} to {last}\n\
                 hint: choose another name, or remove that past: summarizer forget {new}"
            );
        }
        if waits > 0 {
            bail!("{new} has {waits} answers in data/ already\nhint: choose another name");
        }
        Ok(())
    }

    /// A source that gets an earlier name back has the slots of that one: it is not asked in them
    /// before its period has passed.
    fn hold(&self, source: &Source, next: &Source) -> Result<()> {
        let states = self.spool.states();
        let known = super::due::state(&states, source).map(Cow::into_owned);
        let Some(known) = known.filter(|_| source.first_name() != next.first_name()) else {
            return Ok(());
        };
        let every = TimeDelta::from_std(source.fetch.every).unwrap_or(TimeDelta::MAX);
        let until = known.slot.map(|slot| slot.after(every));
        let mut trouble = known.trouble;
        trouble.hold_until = trouble.hold_until.max(until);
        let by = Some(next.declaration.digest);
        let mut memory = self.spool.remembering(states)?;
        memory.note([(self.new, State { trouble, by, ..known })])?;
        Ok(memory.close()?)
    }
}
