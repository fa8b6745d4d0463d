//! Sets of pages that are not whole yet: one folder each, `.state/sets/<source>[_i-<item>]/`, with
//! what is known of the walk and a file a page. A page is on the disk before the next is asked for;
//! what is known is a hint, proven by the digests of the pages when it is read.

use super::{Content, Result, Spool};
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use std::path::PathBuf;

/// Whose answers: of a source, or of one item of its loop.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub source: &'a SourceName,
    pub item: Option<&'a str>,
}

impl Asked<'_> {
    /// The name under which something is kept of it.
    pub(super) fn place(&self) -> String {
        let item = self.item.map(|item| format!("_i-{item}")).unwrap_or_default();
        format!("{}{item}", self.source)
    }
}

impl Spool {
    fn sets(&self) -> PathBuf {
        self.state().join("sets")
    }

    fn set(&self, asked: Asked) -> PathBuf {
        self.sets().join(asked.place())
    }

    /// The file of a page of a set, by its number from 1.
    pub fn page_file(&self, asked: Asked, page: usize) -> PathBuf {
        self.set(asked).join(format!("p{page}"))
    }

    /// What is known of a set that was cut.
    pub fn cut_set(&self, asked: Asked) -> Option<Doc> {
        let bytes = self.disk.read_small(&self.set(asked).join("set.json")).ok()??;
        Doc::parse(&bytes).ok()
    }

    /// Whose sets wait, with what is known of each.
    pub fn cut_sets(&self) -> Vec<(String, Doc)> {
        let names = self.disk.folders(&self.sets()).unwrap_or_default();
        let read = |name: String| {
            let bytes = self.disk.read_small(&self.sets().join(&name).join("set.json"));
            Some((name, Doc::parse(&bytes.ok()??).ok()?))
        };
        names.into_iter().filter_map(read).collect()
    }

    /// Makes a page durable.
    pub fn keep_page(&self, asked: Asked, page: usize, content: Content) -> Result<()> {
        let path = self.page_file(asked, page);
        self.disk.make_dir(&self.set(asked))?;
        match content {
            Content::Bytes(bytes) => self.disk.replace(&path, bytes)?,
            Content::File(file) => self.disk.link_over(file, &path)?,
        }
        Ok(())
    }

    /// Keeps what is known of a set.
    pub fn keep_set(&self, asked: Asked, known: &Doc) -> Result<()> {
        let path = self.set(asked).join("set.json");
        Ok(self.disk.replace_loosely(&path, known.json().as_bytes())?)
    }

    /// Removes a set with its pages.
    pub fn drop_set(&self, asked: Asked) -> Result<()> {
        Ok(self.disk.remove_tree(&self.set(asked))?)
    }

    /// Removes those sets of which `is_left` says so, by the name of their place.
    pub fn drop_sets(&self, is_left: impl Fn(&str) -> bool) -> Result<()> {
        for name in self.disk.folders(&self.sets())? {
            if is_left(&name) {
                self.disk.remove_tree(&self.sets().join(&name))?;
            }
        }
        Ok(())
    }
}
