//! An answer, live or recorded, on its way to the spool: one path for both.

use crate::domain::hash::Digest;
use crate::domain::journal::Landing;
use crate::domain::snapshot::{Origin, SnapshotId};
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant};
use crate::edge::spool::{Content, Result, Run};
use std::path::Path;

/// The bytes of an answer: received now, or a file that holds the same.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

/// An answer to one due source.
pub struct Answer<'a> {
    pub source: &'a Source,
    pub slot: Instant,
    /// Start of the request.
    pub instant: Instant,
    /// Key of the loop's item.
    pub item: Option<&'a str>,
    /// Of a recording: its date.
    pub recorded: Option<Day>,
    /// Without secrets.
    pub url: String,
    pub status: u16,
    pub content: Digest,
    pub body: Body<'a>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

impl Answer<'_> {
    /// The identity of its snapshot.
    pub fn id(&self) -> SnapshotId {
        let origin = Origin {
            source: &self.source.name,
            instant: self.instant,
            item: self.item,
            recorded: self.recorded,
            declaration: self.source.declaration.digest,
            ext: self.source.fetch.format.name(),
        };
        SnapshotId::new(&origin, self.content)
    }

    /// Writes its temporary file; what is still to be done is in the landing.
    pub fn stage(&self, run: &Run) -> Result<Landing> {
        let id = self.id();
        let (content, bytes) = match self.body {
            Body::Bytes(bytes) => (Content::Bytes(bytes), bytes.len() as u64),
            Body::File(path) => (Content::File(path), path.metadata().map_or(0, |m| m.len())),
        };
        run.stage(&id, content)?;
        Ok(Landing {
            source: self.source.name.clone(),
            slot: self.slot,
            snapshots: vec![id],
            url: self.url.clone(),
            status: self.status,
            bytes,
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
        })
    }
}
