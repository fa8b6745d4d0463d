//! What the fetcher remembers between runs: per source the last slot and how long to leave it
//! alone; per request the last body with its validators, as one durable unit.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the next run must know of a source.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SourceState {
    /// Start of the last slot that was asked for.
    pub slot: Option<Instant>,
    /// No request before this instant.
    pub hold_until: Option<Instant>,
    /// Failures in a row.
    pub failures: u32,
}

/// The states of all sources.
pub type States = BTreeMap<SourceName, SourceState>;

/// The last body of a request, and what a conditional request says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// Digest of the request without its validators.
    pub request: String,
    /// Digest of the declaration.
    pub declaration: String,
    pub content: Digest,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

impl Spool {
    /// The states; a file that cannot be read is as none: at worst a source is asked early.
    pub fn states(&self) -> States {
        let path = self.state().join("fetch.json");
        let bytes = self.disk.read_if_there(&path).ok().flatten().unwrap_or_default();
        let doc = serde_json::from_slice(&bytes).map_or(Doc::Null, Doc::from_json);
        let state = |doc: &Doc| SourceState {
            slot: doc.get("slot").as_instant().ok(),
            hold_until: doc.get("hold_until").as_instant().ok(),
            failures: doc.get("failures").as_count().unwrap_or(0).try_into().unwrap_or(u32::MAX),
        };
        let pairs = doc.pairs().iter();
        pairs.filter_map(|(name, doc)| Some((SourceName::parse(name)?, state(doc)))).collect()
    }

    pub fn remember_states(&self, states: &States) -> Result<()> {
        let doc = |state: &SourceState| {
            Doc::map([
                ("slot", Doc::option(state.slot, Doc::Instant)),
                ("hold_until", Doc::option(state.hold_until, Doc::Instant)),
                ("failures", Doc::Int(state.failures.into())),
            ])
        };
        let pairs = states.iter().map(|(name, state)| (name.to_string().into(), doc(state)));
        let json = Doc::Map(pairs.collect()).json();
        self.disk.make_dir(&self.state())?;
        Ok(self.disk.replace(&self.state().join("fetch.json"), json.as_bytes())?)
    }

    fn last(&self) -> PathBuf {
        self.state().join("last")
    }

    fn body_path(&self, request: &str, content: Digest) -> PathBuf {
        self.last().join(format!("{request}_{}.body", content.short(16)))
    }

    /// The last body of a request, with its path; `None` when the request or the declaration is
    /// another, or the body is gone or damaged: then the request is unconditional.
    pub fn remembered(
        &self,
        source: &SourceName,
        item: Option<&str>,
        request: &str,
        declaration: &str,
    ) -> Option<(Remembered, PathBuf)> {
        let place = place(source, item);
        let bytes = self.disk.read_if_there(&self.last().join(format!("{place}.json"))).ok()??;
        let doc = Doc::from_json(serde_json::from_slice(&bytes).ok()?);
        let text = |key| doc.get(key).as_text().ok().map(str::to_string);
        let known = Remembered {
            request: text("request")?,
            declaration: text("declaration")?,
            content: Digest::parse(&text("content")?)?,
            etag: text("etag"),
            last_modified: text("last_modified"),
        };
        let path = self.body_path(&place, known.content);
        let body = self.disk.read_if_there(&path).ok()??;
        let fits = known.request == request && known.declaration == declaration;
        (fits && Digest::of(&body) == known.content).then_some((known, path))
    }

    /// Keeps the body of a landed file with its validators: first the body, then what names it.
    pub fn remember(
        &self,
        source: &SourceName,
        item: Option<&str>,
        known: &Remembered,
        file: &Path,
    ) -> Result<()> {
        self.disk.make_dir(&self.last())?;
        let place = place(source, item);
        let path = self.body_path(&place, known.content);
        self.disk.link(file, &path)?;
        self.disk.sync_dir(&self.last())?;
        let doc = Doc::map([
            ("request", Doc::text(&*known.request)),
            ("declaration", Doc::text(&*known.declaration)),
            ("content", Doc::text(known.content.hex())),
            ("etag", Doc::option(known.etag.as_deref(), Doc::text)),
            ("last_modified", Doc::option(known.last_modified.as_deref(), Doc::text)),
        ]);
        let names = self.last().join(format!("{place}.json"));
        self.disk.replace(&names, doc.json().as_bytes())?;
        self.forget_others(&place, &path)
    }

    /// Removes the last bodies with what names them, unless a fetcher is at work, which may need
    /// them.
    pub(super) fn forget_last(&self, source: &SourceName) -> Result<()> {
        let holder = format!("{} forgetting\n", std::process::id());
        let Some(_lock) = self.lock("fetcher", &holder)? else { return Ok(()) };
        let (one, looped) = (format!("{source}."), format!("{source}_"));
        for name in self.disk.list(&self.last())? {
            if name.starts_with(&one) || name.starts_with(&looped) {
                self.disk.unlink(&self.last().join(&name))?;
            }
        }
        Ok(())
    }

    fn forget_others(&self, place: &str, kept: &Path) -> Result<()> {
        let prefix = format!("{place}_");
        let hash = |name: &str| name.len() == prefix.len() + "0123456789abcdef.body".len();
        for name in self.disk.list(&self.last())? {
            let path = self.last().join(&name);
            if name.starts_with(&prefix) && hash(&name) && path != kept {
                self.disk.unlink(&path)?;
            }
        }
        Ok(())
    }
}

/// The name under which a request's last body is kept: one for each item of a loop.
fn place(source: &SourceName, item: Option<&str>) -> String {
    let item = item.map(|item| format!("_i-{item}")).unwrap_or_default();
    format!("{source}{item}")
}
