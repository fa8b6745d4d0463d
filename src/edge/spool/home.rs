//! A home's marks: its id, whether it is live or recorded (never both), and its store.

use super::{Error, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::time::Instant;
use crate::edge::disk::Linked;
use std::path::PathBuf;

/// What a home remembers of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub id: String,
    /// Whether its snapshots are replayed from a recording.
    pub recorded: bool,
    /// The id of the store that it feeds, once it has.
    pub store: Option<String>,
    /// The place of the only store of this id that it feeds, once one was copied there: no other
    /// one of the same id, as that which was copied.
    pub moved_to: Option<String>,
}

impl Spool {
    /// The home's marks, if it has any yet.
    pub fn identity(&self) -> Result<Option<Identity>> {
        let path = self.home_path();
        let Some(bytes) = self.disk.read_small(&path)? else { return Ok(None) };
        let odd = |why: String| Error::Odd(format!("cannot read {}: {why}", path.display()));
        let doc = Doc::parse(&bytes).map_err(|error| odd(error.to_string()))?;
        let text = |key| doc.get(key).as_text().map(str::to_string).map_err(|e| odd(e.to_string()));
        Ok(Some(Identity {
            id: text("id")?,
            recorded: text("kind")? == "recorded",
            store: doc.get("store").as_text().ok().map(str::to_string),
            moved_to: doc.get("moved_to").as_text().ok().map(str::to_string),
        }))
    }

    /// When the marks were written last: soon after the first run.
    pub fn began(&self) -> Option<Instant> {
        self.disk.written(&self.home_path())
    }

    /// The home's marks, for who only reads: `None` too where this user may not see them.
    pub fn seen_identity(&self) -> Result<Option<Identity>> {
        match self.identity() {
            Err(error) if error.is_refused() => Ok(None),
            seen => seen,
        }
    }

    /// Whether this user may not see what the programs keep for themselves.
    pub fn is_hidden(&self) -> bool {
        let listed = self.disk.list(&self.state());
        listed.is_err_and(|error| error.is_refused())
            || self.identity().is_err_and(|error| error.is_refused())
    }

    /// Whether its snapshots are replayed from a recording, or this user may not see that.
    pub fn may_be_recorded(&self) -> Result<bool> {
        let seen = self.seen_identity()?;
        Ok(seen.map_or_else(|| self.is_hidden(), |identity| identity.recorded))
    }

    /// Writes the marks.
    pub fn remember_identity(&self, identity: &Identity) -> Result<()> {
        self.disk.make_dir(&self.state())?;
        Ok(self.disk.replace(&self.home_path(), written(identity).as_bytes())?)
    }

    fn home_path(&self) -> PathBuf {
        self.state().join("home.json")
    }

    /// The marks, made now when there are none: `chance` gives the home its id. Of two runs that
    /// make them at once, the second takes those of the first.
    pub fn settle(&self, recorded: bool, chance: u64) -> Result<Identity> {
        if let Some(identity) = self.identity()?
            && self.disk.is_made(&self.home_path())?
        {
            return Ok(identity);
        }
        let id = format!("{chance:016x}");
        let identity = Identity { id, recorded, store: None, moved_to: None };
        self.disk.make_dir(&self.state())?;
        match self.disk.make(&self.home_path(), written(&identity).as_bytes())? {
            Linked::Made => Ok(identity),
            Linked::Taken => Ok(self.identity()?.unwrap_or(identity)),
        }
    }
}

fn written(identity: &Identity) -> String {
    let kind = if identity.recorded { "recorded" } else { "live" };
    let store = Doc::option(identity.store.as_deref(), Doc::text);
    let pairs = [("id", Doc::text(&*identity.id)), ("kind", Doc::text(kind)), ("store", store)];
    match identity.moved_to.as_deref() {
        None => Doc::map(pairs).json(),
        Some(to) => {
            let [id, kind, store] = pairs;
            Doc::map([id, kind, store, ("moved_to", Doc::text(to))]).json()
        }
    }
}
