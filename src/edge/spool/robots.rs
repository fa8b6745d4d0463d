//! What hosts answered when they were asked for their robots.txt: `.state/robots/`, a file a host.
//! A hint: what is not there, or cannot be read, is asked for again.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::time::Instant;
use std::path::PathBuf;

/// An answer for a robots.txt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RobotsAnswer {
    /// None where no answer came.
    pub status: Option<u16>,
    pub at: Instant,
    pub body: Vec<u8>,
    /// Why it cannot be read, where that is so.
    pub why: Option<String>,
}

impl Spool {
    fn robots_file(&self, place: &str) -> PathBuf {
        let name = Digest::of(place.as_bytes()).short(16);
        self.state().join("robots").join(name)
    }

    /// The last answer of a place: scheme, host and port.
    pub fn robots(&self, place: &str) -> Option<RobotsAnswer> {
        let bytes = self.disk.read_small(&self.robots_file(place)).ok()??;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let doc = Doc::parse(bytes.get(..end)?).ok()?;
        let status = doc.get("status").as_count().ok().and_then(|s| u16::try_from(s).ok());
        let at = doc.get("at").as_instant().ok()?;
        let why = doc.get("why").as_text().ok().map(str::to_string);
        Some(RobotsAnswer { status, at, body: bytes.get(end + 1..)?.to_vec(), why })
    }

    /// Keeps an answer.
    pub fn keep_robots(&self, place: &str, answer: &RobotsAnswer) -> Result<()> {
        let status = Doc::option(answer.status, |status| Doc::Int(status.into()));
        let why = Doc::option(answer.why.as_deref(), Doc::text);
        let head = [("status", status), ("at", Doc::Instant(answer.at)), ("why", why)];
        let head = Doc::map(head).json();
        let bytes = [head.as_bytes(), b"\n", &answer.body].concat();
        self.disk.make_dir(&self.state().join("robots"))?;
        Ok(self.disk.replace_loosely(&self.robots_file(place), &bytes)?)
    }
}
