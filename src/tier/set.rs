//! What is known of a set of pages on its way, and how it is kept between two runs.

use super::tally::Trouble;
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::journal::Effort;
use crate::domain::request::Request;
use crate::domain::source::{Body, Source};
use crate::domain::time::Instant;
use crate::domain::walk::{Step, Walk};
use crate::edge::spool::Remembered;
use std::path::PathBuf;

/// What is known of a set on its way.
#[derive(Clone)]
pub struct Set {
    pub walk: Walk,
    /// Start of the slot that it was asked for.
    pub slot: Instant,
    /// When its first page was asked.
    pub began: Option<Instant>,
    /// When its last page came.
    pub(super) touched: Option<Instant>,
    pub pages: Vec<Page>,
    /// Of the request as it is declared.
    pub(super) base: String,
    /// Where the page is asked that comes next, and with what.
    pub(super) url: String,
    pub(super) body: Option<Body>,
    /// What of that page is known from before.
    pub known: Option<(Remembered, PathBuf)>,
}

/// A page that came.
#[derive(Clone)]
pub struct Page {
    pub remembered: Remembered,
    /// The address of the next page, by its head.
    pub next: Option<String>,
    /// The file that held the same bytes already.
    pub known: Option<PathBuf>,
    pub bytes: u64,
    /// Redacted.
    pub url: String,
    pub status: u16,
    pub effort: Effort,
}

/// What follows from a page.
pub enum Turned {
    Ask(Box<Request>),
    Whole,
    /// By this status there is nothing at all.
    Nothing(u16),
}

impl Set {
    /// There was no page where one was asked.
    pub fn nothing(&mut self, source: &Source) -> Result<Turned, Trouble> {
        let pages = source.fetch.pages.as_ref();
        match pages.map(|pages| self.walk.nothing(pages)) {
            Some(Step::Broken(why)) => Err(Trouble::Broken(why)),
            _ => Ok(Turned::Whole),
        }
    }

    /// Since when, and for how many seconds, all of it holds: as long as the page that does so
    /// shortest; none where one does not.
    pub fn holds(&self) -> Option<(Instant, u64)> {
        let all: Option<Vec<_>> = self.pages.iter().map(|page| page.remembered.holds).collect();
        let end = |(since, seconds): &(Instant, u64)| {
            (since.millis() / 1_000).saturating_add_unsigned(*seconds)
        };
        all?.into_iter().min_by_key(end)
    }

    /// The number of the page that is asked now.
    pub fn page(&self) -> usize {
        self.walk.page()
    }

    pub(super) fn doc(&self, declaration: &str) -> Doc {
        let page = |page: &Page| {
            let text = |text: &Option<String>| Doc::option(text.as_deref(), Doc::text);
            let Remembered { request, content, etag, last_modified, link, holds, .. } =
                &page.remembered;
            let seconds = holds.and_then(|(_, seconds)| i64::try_from(seconds).ok());
            Doc::map([
                ("request", Doc::text(request)),
                ("content", Doc::text(content.hex())),
                ("etag", text(etag)),
                ("last_modified", text(last_modified)),
                ("link", text(link)),
                ("since", Doc::option(holds.map(|(since, _)| since), Doc::Instant)),
                ("holds", Doc::option(seconds, Doc::Int)),
                ("bytes", Doc::Int(page.bytes as i64)),
                ("url", Doc::text(&page.url)),
                ("status", Doc::Int(page.status.into())),
                ("effort", page.effort.doc()),
            ])
        };
        Doc::map([
            ("declaration", Doc::text(declaration)),
            ("base", Doc::text(&self.base)),
            ("slot", Doc::Instant(self.slot)),
            ("began", Doc::option(self.began, Doc::Instant)),
            ("touched", Doc::option(self.touched, Doc::Instant)),
            ("walk", self.walk.doc()),
            ("pages", Doc::List(self.pages.iter().map(page).collect())),
        ])
    }

    pub(super) fn read(doc: &Doc) -> Option<Set> {
        let text = |doc: &Doc, key: &str| doc.get(key).as_text().ok().map(str::to_string);
        let declaration = text(doc, "declaration")?;
        let page = |of: &Doc| {
            Some(Page {
                remembered: Remembered {
                    request: text(of, "request")?,
                    declaration: declaration.clone(),
                    content: Digest::parse(&text(of, "content")?)?,
                    etag: text(of, "etag"),
                    last_modified: text(of, "last_modified"),
                    moved: None,
                    holds: of.get("since").as_instant().ok().zip(of.get("holds").as_count().ok()),
                    link: text(of, "link"),
                },
                next: None,
                known: None,
                bytes: of.get("bytes").as_count().ok()?,
                url: text(of, "url")?,
                status: of.get("status").as_count().ok()?.try_into().ok()?,
                effort: Effort::read(of.get("effort")),
            })
        };
        let walk = Walk::read(doc.get("walk"))?;
        let pages: Vec<Page> =
            doc.get("pages").as_list().ok()?.iter().map(page).collect::<Option<_>>()?;
        (walk.pages() == pages.len()).then_some(Set {
            walk,
            slot: doc.get("slot").as_instant().ok()?,
            began: Some(doc.get("began").as_instant().ok()?),
            touched: Some(doc.get("touched").as_instant().ok()?),
            pages,
            base: text(doc, "base")?,
            url: String::new(),
            body: None,
            known: None,
        })
    }
}
