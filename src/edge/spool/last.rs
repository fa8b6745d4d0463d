//! The last body of each request, with what a conditional request says of it. It is a hint that
//! is proven when it is read, by its digest: so nothing here waits for the disk.

use super::{Asked, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use std::path::{Path, PathBuf};

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
    /// Where it is moved for good, by redirects.
    pub moved: Option<Moved>,
    /// Since when, and for how many seconds, the answer holds by its publisher's word.
    pub holds: Option<(Instant, u64)>,
    /// Of a page: the address of the next one, by the head of that answer.
    pub link: Option<String>,
}

/// A way of redirects that all said "for good".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    pub to: String,
    /// When it was seen first, and how often since.
    pub since: Instant,
    pub times: u64,
}

impl Moved {
    fn doc(&self) -> Doc {
        let times = i64::try_from(self.times).unwrap_or(i64::MAX);
        let (to, since) = (Doc::text(&self.to), Doc::Instant(self.since));
        Doc::map([("to", to), ("since", since), ("times", Doc::Int(times))])
    }

    fn read(doc: &Doc) -> Option<Moved> {
        Some(Moved {
            to: doc.get("to").as_text().ok()?.to_string(),
            since: doc.get("since").as_instant().ok()?,
            times: doc.get("times").as_count().ok()?,
        })
    }
}

impl Remembered {
    /// Until when the answer holds, as its publisher says.
    pub fn holds_until(&self, now: Instant) -> Option<Instant> {
        let (since, seconds) = self.holds.filter(|(since, _)| *since <= now)?;
        since.checked_add(chrono::TimeDelta::try_seconds(i64::try_from(seconds).ok()?)?)
    }

    fn doc(&self) -> Doc {
        let mut pairs = vec![
            ("request", Doc::text(&*self.request)),
            ("declaration", Doc::text(&*self.declaration)),
            ("content", Doc::text(self.content.hex())),
            ("etag", Doc::option(self.etag.as_deref(), Doc::text)),
            ("last_modified", Doc::option(self.last_modified.as_deref(), Doc::text)),
        ];
        pairs.extend(self.moved.as_ref().map(|moved| ("moved", moved.doc())));
        if let Some((since, seconds)) = self.holds {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            pairs.extend([("since", Doc::Instant(since)), ("holds", Doc::Int(seconds))]);
        }
        pairs.extend(self.link.as_deref().map(|link| ("link", Doc::text(link))));
        Doc::map_of(pairs)
    }
}

impl Spool {
    fn last(&self) -> PathBuf {
        self.state().join("last")
    }

    /// What is remembered of the last answers of a source.
    pub(super) fn last_files(&self, source: &SourceName) -> Result<Vec<PathBuf>> {
        let names = self.disk.files(&self.last()).unwrap_or_default().into_iter();
        let is_its = |name: &String| {
            name.strip_prefix(source.as_str()).is_some_and(|rest| rest.starts_with(['.', '_']))
        };
        Ok(names.filter(is_its).map(|name| self.last().join(name)).collect())
    }

    /// Where programs of before kept the body.
    fn old_body(&self, place: &str, content: Digest) -> PathBuf {
        self.last().join(format!("{place}_{}.body", content.short(16)))
    }

    fn body(&self, place: &str) -> PathBuf {
        self.last().join(format!("{place}.body"))
    }

    fn named(&self, place: &str) -> Option<Remembered> {
        let path = self.last().join(format!("{place}.json"));
        let bytes = self.disk.read_small(&path).ok()??;
        let doc = Doc::parse(&bytes).ok()?;
        let text = |key| doc.get(key).as_text().ok().map(str::to_string);
        Some(Remembered {
            request: text("request")?,
            declaration: text("declaration")?,
            content: Digest::parse(&text("content")?)?,
            etag: text("etag"),
            last_modified: text("last_modified"),
            holds: doc.get("since").as_instant().ok().zip(doc.get("holds").as_count().ok()),
            moved: Moved::read(doc.get("moved")),
            link: text("link"),
        })
    }

    /// The last body of a request, with its path; `None` when the request or the declaration is
    /// another, or the body is gone or damaged: then the request is unconditional.
    pub fn remembered(
        &self,
        asked: Asked,
        page: Option<usize>,
        request: &str,
        declaration: &str,
    ) -> Option<(Remembered, PathBuf)> {
        let place = place(asked, page);
        let known = self.named(&place)?;
        if known.request != request || known.declaration != declaration {
            return None;
        }
        let is_it = |path: &PathBuf| {
            let digest = self.digest(path).ok().flatten();
            digest.is_some_and(|digest| digest == known.content)
        };
        let paths = [self.body(&place), self.old_body(&place, known.content)];
        let path = paths.into_iter().find(is_it)?;
        Some((known, path))
    }

    /// Keeps the body of a landed file with its validators.
    pub fn remember(
        &self,
        asked: Asked,
        page: Option<usize>,
        known: &Remembered,
        file: &Path,
    ) -> Result<()> {
        let place = place(asked, page);
        let before = self.named(&place);
        self.disk.make_dir(&self.last())?;
        let body = self.body(&place);
        if file != body {
            self.disk.link_over(file, &body)?;
        }
        if before.as_ref() != Some(known) {
            let doc = known.doc();
            let names = self.last().join(format!("{place}.json"));
            self.disk.replace_loosely(&names, doc.json().as_bytes())?;
        }
        match before {
            Some(before) => Ok(self.disk.unlink(&self.old_body(&place, before.content))?),
            None => Ok(()),
        }
    }

    /// Forgets what conditional requests say of pages.
    pub fn forget_pages(&self, asked: Asked) -> Result<()> {
        let begin = format!("{}_p", asked.place());
        for name in self.disk.list(&self.last())? {
            if name.starts_with(&begin) && name.ends_with(".json") {
                self.disk.unlink(&self.last().join(&name))?;
            }
        }
        Ok(())
    }

    /// What is known of the last answer of a request, whatever it was.
    pub fn last_known(&self, asked: Asked) -> Option<Remembered> {
        self.named(&place(asked, None))
    }

    /// Forgets where a request has been moved to.
    pub fn forget_moved(&self, asked: Asked) -> Result<()> {
        let place = place(asked, None);
        let Some(known) = self.named(&place) else { return Ok(()) };
        let doc = Remembered { moved: None, ..known }.doc();
        let names = self.last().join(format!("{place}.json"));
        Ok(self.disk.replace_loosely(&names, doc.json().as_bytes())?)
    }

    /// Removes the last bodies with what names them, unless a fetcher is at work, which may need
    /// them.
    pub(super) fn forget_last(&self, source: &SourceName) -> Result<()> {
        let holder = format!("{} forgetting\n", std::process::id());
        let Some(_lock) = self.lock("fetcher", &holder)? else { return Ok(()) };
        self.drop_last(source)
    }

    /// The same, for who has the lock of the fetcher.
    pub fn drop_last(&self, source: &SourceName) -> Result<()> {
        let (one, looped) = (format!("{source}."), format!("{source}_"));
        for name in self.disk.list(&self.last())? {
            if name.starts_with(&one) || name.starts_with(&looped) {
                self.disk.unlink(&self.last().join(&name))?;
            }
        }
        self.drop_sets(|name| name == source.as_str() || name.starts_with(&looped))
    }
}

/// The name under which a request's last body is kept: one for each item of a loop, and for each
/// page.
fn place(asked: Asked, page: Option<usize>) -> String {
    let page = page.map(|page| format!("_p{page}")).unwrap_or_default();
    format!("{}{page}", asked.place())
}
