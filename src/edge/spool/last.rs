//! The last body of each request, with what a conditional request says of it. It is a hint that
//! is proven when it is read, by its digest: so nothing here waits for the disk.

use super::{Asked, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
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
    /// Of a page: the address of the next one, by the head of that answer.
    pub link: Option<String>,
}

impl Remembered {
    fn doc(&self) -> Doc {
        let mut pairs = vec![
            ("request", Doc::text(&*self.request)),
            ("declaration", Doc::text(&*self.declaration)),
            ("content", Doc::text(self.content.hex())),
            ("etag", Doc::option(self.etag.as_deref(), Doc::text)),
            ("last_modified", Doc::option(self.last_modified.as_deref(), Doc::text)),
        ];
        pairs.extend(self.link.as_deref().map(|link| ("link", Doc::text(link))));
        Doc::map_of(pairs)
    }
}

impl Spool {
    fn last(&self) -> PathBuf {
        self.state().join("last")
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
