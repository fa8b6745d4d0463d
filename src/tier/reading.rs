//! What one page of an answer says of the others.

use crate::domain::extract::{Found, Plan};
use crate::domain::request::{Request, Response};
use crate::domain::source::{By, Pages, Source};
use crate::domain::walk::{Said, header, link};

/// A page that came.
pub struct Reading<'a> {
    pub source: &'a Source,
    pub item: Option<&'a str>,
    /// The request as it is declared.
    pub base: &'a Request,
    /// Its number, from 1.
    pub page: usize,
}

impl<'a> Reading<'a> {
    fn pages(&self) -> Result<&'a Pages, String> {
        self.source.fetch.pages.as_ref().ok_or_else(|| "it has no pages".to_string())
    }

    /// The address of the next page by the head of this one.
    pub fn link(&self, response: &Response) -> Result<Option<String>, String> {
        let By::HeaderLink { rel } = &self.pages()?.by else {
            return Ok(None);
        };
        let links = response.links.iter().map(String::as_str);
        let (declared, secrets) = (&self.base.url, &self.base.secrets);
        let is_own = |anchor: &str| link::is_own(declared, &response.came, anchor, secrets);
        let found = header::under(links, rel, is_own)?;
        let base = self.place(&response.came);
        found.map(|to| self.follow(base, &to)).transpose()
    }

    /// Where the links of an answer start that came from there.
    fn place<'b>(&'b self, came: &'b str) -> link::Base<'b> {
        let (declared, open) = (self.base.url.as_str(), self.base.is_open());
        link::Base { declared, came, named: None, letters: None, open }
    }

    /// The address that a page names; not that of the first page again.
    fn follow(&self, base: link::Base, to: &str) -> Result<String, String> {
        let next = link::resolve(base, to)?;
        let next = link::unkeyed(&self.base.url, &next, &self.base.secrets)?;
        let first = link::resolve(self.place(&self.base.url), "")?;
        match next == link::unkeyed(&self.base.url, &first, &self.base.secrets)? {
            true => Err(format!("page {} leads back to page 1", self.page)),
            false => Ok(next),
        }
    }

    /// What a page says, with the address of the next one by its head.
    pub fn said(
        &self,
        plan: &Plan,
        (bytes, response, link): (&[u8], &Response, Option<String>),
    ) -> Result<Said, String> {
        let pages = self.pages()?;
        let mut found = plan.peek(bytes, &pages.paths());
        if let (By::JsonLink { .. }, Ok(found)) = (&pages.by, &mut found) {
            let is_foreign = |found: &Found| matches!(found, Found::Text(to) if !to.is_ascii());
            let is_foreign = found.iter().any(is_foreign);
            let content_type = response.content_type.as_deref();
            let letters = is_foreign.then(|| plan.letters(bytes, content_type)).flatten();
            let named = plan.base(bytes);
            let place = self.place(&response.came);
            let base = link::Base { named: named.as_deref(), letters, ..place };
            let is_page = self.source.fetch.format.is_page;
            for found in found.iter_mut() {
                if is_page && matches!(found, Found::Text(to) if link::is_button(base, to)) {
                    *found = Found::Absent;
                }
                found.try_change(|to| self.follow(base, to))?;
            }
        }
        Ok(Said {
            status: response.status,
            bytes: bytes.len() as u64,
            count: plan.census(bytes, self.item),
            found,
            link,
            range: response.content_range,
        })
    }
}
