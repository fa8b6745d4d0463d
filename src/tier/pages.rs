//! A set of pages on its way: each page is kept on the disk as it comes, and says what is asked
//! next; the set lands when it is whole. One that is cut waits, and the next run goes on with it
//! or gives it up.

use super::known::{digest, held, known_of};
use super::paging;
use super::reading::Reading;
use super::set::{Page, Set, Turned};
use super::tally::Trouble;
use crate::domain::document::Doc;
use crate::domain::extract::Plan;
use crate::domain::hash::Digest;
use crate::domain::limits::{SET_LASTS_HOURS, SET_WAITS_LEAST, SET_WAITS_MOST};
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use crate::domain::source::{By, Pages, Source};
use crate::domain::time::Instant;
use crate::domain::walk::{Step, Walk};
use crate::edge::spool::{Asked, Content, Remembered, Spool};
use chrono::TimeDelta;
use std::path::PathBuf;

/// What a set is walked with.
pub struct Desk<'a> {
    pub spool: &'a Spool,
    pub source: &'a Source,
    pub item: Option<&'a str>,
    /// The request as it is declared.
    pub base: &'a Request,
    pub now: Instant,
}

impl<'a> Desk<'a> {
    fn asked(&self) -> Asked<'a> {
        Asked { source: &self.source.name, item: self.item }
    }

    fn pages(&self) -> Result<&'a Pages, String> {
        let none = || "it has no pages".to_string();
        self.source.fetch.pages.as_ref().ok_or_else(none)
    }

    /// A set that begins, and the request for its first page.
    pub fn begin(&self, slot: Instant) -> Result<(Set, Request), String> {
        let walk = Walk::begin(self.pages()?);
        let (base, url) = (digest(self.base), self.base.url.clone());
        let (began, touched, pages, known) = (None, None, Vec::new(), None);
        let body = None;
        let mut set = Set { walk, slot, began, touched, pages, base, url, body, known };
        let request = self.request(&mut set)?;
        Ok((set, request))
    }

    /// A set that a run before cut, and the request for its next page, if it may go on; else
    /// nothing is left of it, and this says why, where something was.
    pub fn resume(&self) -> Result<Option<(Set, Request)>, String> {
        let Some(doc) = self.spool.cut_set(self.asked()) else { return Ok(None) };
        let taken = self.taken_up(&doc);
        if taken.is_err() {
            let _ = self.spool.drop_set(self.asked());
        }
        taken.map(Some)
    }

    fn taken_up(&self, doc: &Doc) -> Result<(Set, Request), String> {
        let now = self.now;
        let gone = || "a set of pages that was cut cannot go on, and is begun anew".to_string();
        let mut set = Set::read(doc).ok_or_else(gone)?;
        let count = set.pages.len();
        let given_up =
            |why: &str| format!("warning: {count} pages of a set that was cut are given up: {why}");
        if set.base != digest(self.base)
            || doc.get("declaration").as_text().ok() != Some(&*self.source.declaration.digest.hex())
        {
            return Err(given_up("another request is declared now"));
        }
        let within = |at: Option<Instant>, most: TimeDelta| {
            at.is_some_and(|at| at <= now && now - at <= most)
        };
        if !within(set.touched, waits(self.source)) {
            return Err(given_up("the next one could not be had for too long"));
        }
        if !within(set.began, TimeDelta::hours(SET_LASTS_HOURS)) {
            return Err(given_up("it took too long to read them"));
        }
        let is_there = |(page, number): (&Page, usize)| {
            let file = self.spool.page_file(self.asked(), number);
            let digest = self.spool.digest(&file).ok().flatten();
            digest == Some(page.remembered.content)
        };
        if !set.pages.iter().zip(1..).all(is_there) {
            return Err(given_up("their files are gone"));
        }
        let request = self.request(&mut set)?;
        Ok((set, request))
    }

    /// The request for the page that is asked now.
    fn request(&self, set: &mut Set) -> Result<Request, String> {
        let mut request = self.base.clone();
        paging::put(&mut request, self.pages()?, set.walk.at(), self.base)?;
        set.body.clone_from(&request.body);
        set.url.clone_from(&request.url);
        let place = (Some(set.page()), self.now);
        set.known = known_of(self.spool, self.source, self.asked(), place, &mut request);
        let is_last = |(known, _): &(Remembered, PathBuf)| known.link.is_none();
        if set.known.as_ref().is_some_and(is_last) && self.is_by_head() {
            // A 304 need not say that there is a next page now.
            request.validators = None;
        }
        if set.page() > 1 {
            // A set that is begun is of one moment.
            request.holds_until = None;
        }
        Ok(request)
    }

    /// Takes in a page, whose body is redacted: keeps it, and says what follows.
    pub fn take(
        &self,
        set: &mut Set,
        plan: &Plan,
        started: Instant,
        response: &Response,
    ) -> Result<Turned, Trouble> {
        let (number, first) = (set.page(), set.began.is_none());
        set.touched = Some(self.now);
        if first {
            self.spool.drop_set(self.asked()).map_err(disk)?;
            set.began = Some(started);
        }
        let page = self.page(set, response)?;
        let bytes = match (&page.known, response.unchanged) {
            (Some(known), true) => &self.spool.read(known).map_err(disk)?,
            _ => &response.body,
        };
        let content = match &page.known {
            Some(known) => Content::File(known),
            None => Content::Bytes(bytes),
        };
        self.spool.keep_page(self.asked(), number, content).map_err(disk)?;
        let link = page.next.clone();
        let said = self.reading(set.page()).said(plan, (bytes, response, link));
        let said = said.map_err(Trouble::Broken)?;
        set.pages.push(page);
        match set.walk.step(self.pages().map_err(Trouble::Broken)?, said) {
            Step::Whole => Ok(Turned::Whole),
            Step::Broken(why) => Err(Trouble::Broken(why)),
            Step::Ask(_) => {
                let request = self.request(set).map_err(Trouble::Broken)?;
                self.keep(set).map_err(disk)?;
                Ok(Turned::Ask(Box::new(request)))
            }
        }
    }

    /// What is kept of a page beside its bytes.
    fn page(&self, set: &Set, response: &Response) -> Result<Page, Trouble> {
        let fresh = (!response.unchanged).then(|| Digest::of(&response.body));
        let same = set.known.as_ref().filter(|(k, _)| fresh.is_none_or(|d| d == k.content));
        let content = match (same, fresh) {
            (Some((known, _)), _) => known.content,
            (None, Some(digest)) => digest,
            (None, None) => {
                let at = response.final_url.clone();
                return Err(Trouble::Http(Failure::NothingStored { at }));
            }
        };
        let link = self.reading(set.page()).link(response).map_err(Trouble::Broken)?;
        // A 304 need not repeat the header; one that has it says all of it.
        let silent = response.unchanged && response.links.is_empty();
        let link = link.or_else(|| same.filter(|_| silent)?.0.link.clone());
        // An address with a secret in it is not kept; the page is asked whole next time then.
        let hidden = link.as_deref().is_some_and(|link| self.base.redactor().finds(link));
        let validators = response.validators.clone().filter(|_| !hidden).unwrap_or_default();
        let (url, body) = (set.url.clone(), set.body.clone());
        let request = Request { url, body, ..self.base.clone() };
        Ok(Page {
            remembered: Remembered {
                request: digest(&request),
                declaration: self.source.declaration.digest.hex(),
                content,
                etag: validators.etag,
                last_modified: validators.last_modified,
                moved: None,
                holds: held(response, self.now, set.known.as_ref().map(|(known, _)| known)),
                link: link.clone().filter(|_| !hidden),
            },
            next: link,
            known: same.map(|(_, path)| path.clone()),
            bytes: response.body.len() as u64,
            url: response.final_url.clone(),
            status: response.status,
            effort: response.effort(),
        })
    }

    fn reading(&self, page: usize) -> Reading<'_> {
        Reading { source: self.source, item: self.item, base: self.base, page }
    }

    /// Keeps what the next run must know; not where a secret would be kept with it.
    fn keep(&self, set: &Set) -> crate::edge::spool::Result<()> {
        let doc = set.doc(&self.source.declaration.digest.hex());
        match self.base.redactor().finds(&doc.json()) {
            true => Ok(()),
            false => self.spool.keep_set(self.asked(), &doc),
        }
    }

    /// Nothing is left of the set, and the next one is asked without what is known of this one: it
    /// may have led astray.
    pub fn drop(&self) {
        let _ = self.spool.forget_pages(self.asked());
        let _ = self.spool.drop_set(self.asked());
    }

    fn is_by_head(&self) -> bool {
        self.pages().is_ok_and(|pages| matches!(pages.by, By::HeaderLink { .. }))
    }

    /// The file of a page, by its number from 1.
    pub fn file(&self, page: usize) -> PathBuf {
        self.spool.page_file(self.asked(), page)
    }
}

/// How long a set that was cut may wait.
fn waits(source: &Source) -> chrono::Duration {
    let waits = source.fetch.every.clamp(SET_WAITS_LEAST, SET_WAITS_MOST);
    chrono::Duration::from_std(waits).unwrap_or_default()
}

fn disk(error: crate::edge::spool::Error) -> Trouble {
    Trouble::Disk(error.to_string())
}
