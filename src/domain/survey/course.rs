//! The course through the pages of one slice.
//!
//! Invariant: where pages are counted by items, each has some in common with the one before it; a
//! page that has none is taken for one behind a gap (items before it have gone meanwhile), and the
//! course goes back. So what was there all the time is seen, whatever came and went.

use super::slice::{Slice, Terms};
use crate::domain::walk::At;
use std::collections::HashSet;

/// What one page says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Page {
    /// How many items the slice has, by its publisher.
    pub total: Option<u64>,
    pub items: u64,
    /// Of them, those that cannot be read.
    pub unread: u64,
    /// Of its items that count, in short; equal for equal ids.
    pub ids: Vec<u64>,
    /// Where pages lead to each other: where the next one is.
    pub next: Option<At>,
    /// It is the last one that can be had, and there may be more.
    pub full: bool,
}

/// So many pages without an item are no chance.
const EMPTY: u32 = 3;

/// On its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Course {
    pub slice: Slice,
    /// The page that is asked now.
    pub at: At,
    /// Pages that came.
    pub asked: Vec<At>,
    /// What was seen without a gap.
    joined: HashSet<u64>,
    /// All that was seen.
    all: HashSet<u64>,
    /// What the last page that told it said of how many there are.
    pub total: Option<u64>,
    /// Items that count for nothing: they could not be read, or are left out as declared.
    pub others: u64,
    /// Those of them that could not be read.
    pub unread: u64,
    /// How often it was begun.
    pub times: u32,
    /// Pages without an item where there should be some.
    empty: u32,
    /// Whether its last page reached to where no more can be had.
    pub is_full: bool,
}

/// What follows from a page.
#[derive(Clone, PartialEq, Debug)]
pub enum Next {
    Page,
    /// All was seen that can be had.
    End,
    /// More than can be had.
    Over(u64),
    /// It leads nowhere.
    Broken(String),
}

impl Course {
    pub fn new(slice: Slice, at: At) -> Course {
        Course {
            slice,
            at,
            asked: Vec::new(),
            joined: HashSet::new(),
            all: HashSet::new(),
            total: None,
            others: 0,
            unread: 0,
            times: 1,
            empty: 0,
            is_full: false,
        }
    }

    /// How many there were.
    pub fn seen(&self) -> u64 {
        self.all.len() as u64
    }

    /// From its beginning, once more; what was seen is kept.
    pub fn again(&mut self, at: At) {
        self.joined.clear();
        self.asked.clear();
        (self.at, self.others, self.unread) = (at, 0, 0);
        (self.empty, self.is_full) = (0, false);
        self.times += 1;
    }

    /// Takes in the page that was asked; `cuttable`: it may be cut where it has too many.
    pub fn take(&mut self, terms: &Terms, page: Page, cuttable: bool) -> Next {
        self.asked.push(self.at.clone());
        self.all.extend(&page.ids);
        self.others += page.items.saturating_sub(page.ids.len() as u64);
        self.unread += page.unread;
        // Less than what stands on the page itself is no total.
        let total = page.total.filter(|total| *total >= page.items);
        self.total = total.or(self.total);
        self.is_full = page.full
            || match self.at {
                At::Number(start) => terms.ceiling.is_some_and(|most| start + page.items >= most),
                _ => terms.ceiling.is_some_and(|most| self.seen() >= most),
            };
        if let Some(total) = total.filter(|total| cuttable && is_over(terms, *total)) {
            return Next::Over(total);
        }
        let next = match self.at {
            At::Number(start) if terms.limit > 0 => self.counted(terms, &page, start),
            _ => Ok(page.next.clone()),
        };
        match next {
            Err(why) => Next::Broken(why),
            // It says nothing of more, and gives no more.
            Ok(None) if cuttable && self.total.is_none() && self.is_full => {
                Next::Over(self.seen().max(terms.ceiling.unwrap_or_default()))
            }
            Ok(None) => Next::End,
            Ok(Some(at)) => self.go(terms, at),
        }
    }

    fn go(&mut self, terms: &Terms, at: At) -> Next {
        let pages = terms.ceiling.or(self.total).unwrap_or(1_000_000) / terms.limit.max(1);
        let most = 3 * pages + 20;
        if self.asked.len() as u64 >= most {
            return Next::Broken(format!(
                "after {most} pages it has not come to its end: does the publisher sort its items?"
            ));
        }
        self.at = at;
        Next::Page
    }

    /// Where the next page is by numbers.
    fn counted(&mut self, terms: &Terms, page: &Page, start: u64) -> Result<Option<At>, String> {
        let step = terms.limit.saturating_sub(terms.overlap).max(1);
        if page.items == 0 {
            self.empty += 1;
            return match self.total {
                None => Ok(None),
                Some(0) => Ok(None),
                Some(total) if start == 0 => {
                    Err(format!("it is said to have {total} items, and its first page has none"))
                }
                Some(total) if self.empty >= EMPTY => Err(format!(
                    "it is said to have {total} items, and from number {start} on it gives none"
                )),
                // What is left moved before it.
                Some(total) => Ok(Some(At::Number(start.min(total).saturating_sub(step)))),
            };
        }
        let unknown = page.ids.is_empty();
        let overlaps = start > 0 && terms.overlap > 0 && !unknown;
        if overlaps && !page.ids.iter().any(|id| self.joined.contains(id)) {
            return Ok(Some(At::Number(start.saturating_sub(step))));
        }
        self.joined.extend(&page.ids);
        let end = start + page.items;
        let is_last = self.total.is_some_and(|total| end >= total);
        if is_last || terms.ceiling.is_some_and(|most| end >= most) {
            return Ok(None);
        }
        let next = match end.saturating_sub(terms.overlap) {
            next if next > start => next,
            _ => end,
        };
        // The last page that may be asked.
        let last = terms.ceiling.map(|most| most.saturating_sub(terms.limit));
        if last.is_some_and(|last| start >= last) && self.total.is_none() {
            return Ok(None);
        }
        Ok(Some(At::Number(last.map_or(next, |last| next.min(last.max(start + 1))))))
    }
}

fn is_over(terms: &Terms, total: u64) -> bool {
    terms.ceiling.is_some_and(|most| total > most)
}
