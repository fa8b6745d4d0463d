//! The store of a home, opened to write, to read, or to try: never another one than it has fed.

use super::Setup;
use crate::domain::source::Declaration;
use crate::edge::spool::Identity;
use crate::edge::store::{self, Reader, Writer};
use crate::tier::Progress;
use crate::tier::doctor::Opening;
use crate::tier::live::desk::Open;
use crate::tier::summarize::{ADOPT, is_fed};
use anyhow::{Result, bail};
use std::cell::Cell;

/// How to go on where who only reads finds another store than that which a home has fed.
const LOOK: &str = "is the name right, and its disk there? another store is read from a home that \
feeds it, or none: --home";

impl Setup {
    /// The URL of the store: the named one, or the embedded one.
    pub fn store_url(&self) -> String {
        self.settings.store.clone().unwrap_or_else(|| store::default_url(&self.home))
    }

    /// The store, to write to it. Where this home has fed one, nothing is made and nothing is
    /// changed in the place of another, unless this home shall `adopt` that. One of an older
    /// version gets the declarations that are here.
    pub fn store(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        self.console.mail.tries_store();
        let store = self.writer(adopt)?;
        self.console.mail.has_store();
        Ok(store)
    }

    fn writer(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        let identity = self.spool.identity()?;
        if let Some(known) = identity.as_ref().and_then(|identity| identity.store.clone())
            && !adopt
        {
            if let Some(why) = self.moved(identity.as_ref()) {
                bail!("{why}; to go on with this one, run once with --adopt");
            }
            let found = store::reader(&self.store_url(), self.gate.clone())?;
            self.is_fed(found.as_deref(), &known, ADOPT)?;
        }
        let store = self.made()?;
        let left = identity.filter(|identity| adopt && self.moved(Some(identity)).is_some());
        if let Some(identity) = left {
            self.spool.remember_identity(&Identity { moved_to: None, ..identity })?;
        }
        Ok(store)
    }

    /// The store at the URL, made where it is missing, whatever this home has fed: nothing of this
    /// home goes there.
    pub fn made(&self) -> Result<Box<dyn Writer>> {
        let moved = Cell::new(false);
        let tell = |words: &str| {
            moved.set(true);
            self.console.tell(words);
        };
        let store = store::writer(&self.store_url(), self.gate.clone(), &tell)?;
        if moved.get() {
            for text in self.spool.declarations()? {
                store.declare(&Declaration::new(&text).digest.hex(), &text)?;
            }
        }
        Ok(store)
    }

    /// Why the store is not the one that this home feeds since it was copied: what another one
    /// counted from now on would not be there.
    fn moved(&self, identity: Option<&Identity>) -> Option<String> {
        let to = identity?.moved_to.as_deref()?;
        let place = store::place(&self.store_url());
        (place != to).then(|| {
            format!(
                "this home went over to the store {to}, and feeds no other one, as {place}\n\
                 hint: name that one in daybook.toml, spelled so"
            )
        })
    }

    /// The store that this home has fed, to copy it; `None` where it has fed none yet.
    pub fn fed_store(&self) -> Result<Option<Box<dyn Reader>>> {
        match self.spool.identity()?.and_then(|identity| identity.store) {
            Some(_) => self.reader().map(Some),
            None => Ok(None),
        }
    }

    /// The store, to read it. A home that has fed none yet has an empty one; but one that is named
    /// in a call, and is not there, may be mistyped.
    pub fn reader(&self) -> Result<Box<dyn Reader>> {
        self.console.mail.tries_store();
        let store = self.rehearsal(false)?;
        self.console.mail.has_store();
        Ok(store)
    }

    /// How the store of this home is looked at, from any thread; nothing is told or made.
    pub fn opening(&self) -> Result<Opening> {
        let known = self.spool.seen_identity()?.and_then(|identity| identity.store);
        let (url, gate) = (self.store_url(), self.gate.clone());
        Ok(Box::new(move || {
            let found = store::reader(&url, gate)?;
            if let Some(known) = known {
                let id = found.as_deref().map(Reader::id).transpose()?;
                is_fed(&known, id.as_deref(), &store::shown(&url), LOOK)?;
            }
            Ok(found)
        }))
    }

    /// The same again and again, for who stays; where there is no store yet, an empty one stands
    /// for it.
    pub fn openings(&self) -> Result<Open> {
        let (spool, url, gate) = (self.spool.clone(), self.store_url(), self.gate.clone());
        Ok(Box::new(move || {
            let known = spool.seen_identity()?.and_then(|identity| identity.store);
            let found = store::reader(&url, gate.clone())?;
            if let Some(known) = known {
                let id = found.as_deref().map(Reader::id).transpose()?;
                is_fed(&known, id.as_deref(), &store::shown(&url), LOOK)?;
            }
            match found {
                Some(store) => Ok(store),
                None => Ok(store::nothing(&store::shown(&url), gate.clone())?),
            }
        }))
    }

    /// An error unless what was found is the store of this id, which this home has fed.
    fn is_fed(&self, found: Option<&dyn Reader>, known: &str, hint: &str) -> Result<()> {
        let found = found.map(Reader::id).transpose()?;
        is_fed(known, found.as_deref(), &store::shown(&self.store_url()), hint)
    }

    /// The same, for a dry run of what would write.
    pub fn rehearsal(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        if self.spool.is_hidden() {
            self.console.warn(
                "data/.state is not visible to this user: what is remembered there (holds of \
                 sources, validators, which home this is) is left out",
            );
        }
        let url = self.store_url();
        let found = store::rehearsal(&url, self.gate.clone())?;
        if let Some(known) = self.spool.seen_identity()?.and_then(|identity| identity.store)
            && !adopt
        {
            self.is_fed(found.as_deref().map(Writer::as_reader), &known, LOOK)?;
            if let Some(why) = self.moved(self.spool.seen_identity()?.as_ref()) {
                self.console.warn(&why);
            }
        }
        if let Some(store) = found {
            return Ok(store);
        }
        let shown = store::shown(&url);
        if url != store::default_url(&self.home) {
            let words = format!("there is no store at {shown}");
            let hint = "is the name right? summarizer run makes a store, nobody else does";
            if self.names_store || self.spool.is_hidden() {
                bail!("{words}\nhint: {hint}");
            }
            self.console.warn(&format!("{words} yet\nhint: {hint}"));
        }
        Ok(store::nothing(&shown, self.gate.clone())?)
    }
}
