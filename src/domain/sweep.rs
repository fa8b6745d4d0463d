//! A sweep: all that a publisher has of a window of time, asked for slice by slice, and within a
//! slice page by page. What a publisher does not give at once (a ceiling) is cut: by time first,
//! then by declared dimensions. Pure: whoever walks it asks, lands, and keeps what each page said.
//!
//! Invariants: what a sweep does next follows from its terms, its slices and the pages that came, in
//! their order; so one that is told them again stands where it stood. A slice is never called whole
//! because of an error.

mod course;
mod slice;
#[cfg(test)]
mod tests;

pub use course::Page;
pub use slice::{Slice, Terms};

use super::walk::At;
use course::{Course, Next};
use std::collections::HashSet;

/// A page to be asked.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ask<'a> {
    pub slice: &'a Slice,
    pub at: &'a At,
    /// Pages of its slice that came.
    pub before: &'a [At],
}

/// How a slice ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// All that it has was seen, within the slack.
    Whole,
    /// It was cut into so many.
    Cut(usize),
    /// It has more than can be had, and cannot be cut further.
    Over,
    /// Fewer were seen than it is said to have, twice.
    Short,
    Failed(String),
}

/// What is known of a slice that has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub slice: Slice,
    /// How many its publisher said it has, at last.
    pub announced: Option<u64>,
    /// How many were seen, each once.
    pub unique: u64,
    /// Items that could not be read.
    pub unread: u64,
    pub pages: u64,
    pub end: End,
}

/// What a page led to.
#[derive(Clone, PartialEq, Debug)]
pub enum Turn {
    Goes,
    /// A slice has ended; where it stands in [`Sweep::ended`].
    Ended(usize),
}

/// On its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Sweep {
    terms: Terms,
    /// Where the first page of a slice is.
    first: At,
    /// The next one is the last.
    waiting: Vec<Slice>,
    now: Option<Course>,
    ended: Vec<Entry>,
    /// Of cuts by a dimension: the slice that was cut, what it was said to have, and its parts.
    cuts: Vec<(usize, u64)>,
    seen: HashSet<u64>,
    pages: u64,
}

impl Sweep {
    /// One over these slices, in their order.
    pub fn new(terms: Terms, first: At, slices: Vec<Slice>) -> Sweep {
        let mut waiting = slices;
        waiting.reverse();
        let mut sweep = Sweep {
            terms,
            first,
            waiting,
            now: None,
            ended: Vec::new(),
            cuts: Vec::new(),
            seen: HashSet::new(),
            pages: 0,
        };
        sweep.turn();
        sweep
    }

    /// What is asked next; none at the end.
    pub fn next(&self) -> Option<Ask<'_>> {
        let Course { slice, at, asked, .. } = self.now.as_ref()?;
        Some(Ask { slice, at, before: asked })
    }

    /// Takes in the page that was asked.
    pub fn take(&mut self, page: Page) -> Turn {
        let Some(course) = &mut self.now else { return Turn::Goes };
        self.pages += 1;
        self.seen.extend(&page.ids);
        if let (Some(total), Some(cut)) = (page.total, course.slice.cut)
            && course.asked.is_empty()
            && course.times == 1
            && let Some((_, sum)) = self.cuts.get_mut(cut)
        {
            *sum += total;
        }
        let is_cuttable = course.slice.is_cuttable(&self.terms);
        match course.take(&self.terms, page, is_cuttable) {
            Next::Page => Turn::Goes,
            Next::Over(total) => self.cut(total),
            Next::Broken(why) => self.end(End::Failed(why)),
            Next::End => self.close(),
        }
    }

    /// The page that is asked now cannot be had: its slice is given up.
    pub fn fail(&mut self, why: String) -> Turn {
        self.end(End::Failed(why))
    }

    /// A slice that has come to its end.
    fn close(&mut self) -> Turn {
        let Some(course) = &mut self.now else { return Turn::Goes };
        let (seen, total) = (course.seen() + course.unread, course.total.unwrap_or(0));
        let most = self.terms.ceiling.unwrap_or(u64::MAX);
        if total > most && seen + slack(most) >= most {
            return self.end(End::Over);
        }
        match seen + slack(total) >= total {
            true => self.end(End::Whole),
            false if course.times < 2 => {
                course.again(self.first.clone());
                Turn::Goes
            }
            false => self.end(End::Short),
        }
    }

    fn cut(&mut self, total: u64) -> Turn {
        let Some(course) = &self.now else { return Turn::Goes };
        let mut parts = course.slice.parts(&self.terms, total);
        let count = parts.len();
        if parts.iter().any(|part| !part.values.is_empty()) {
            let cut = self.cuts.len();
            self.cuts.push((self.ended.len(), 0));
            parts.iter_mut().for_each(|part| part.cut = Some(cut));
        }
        // The newest first; what has the same time in the order of its dimension.
        if parts.iter().all(|part| part.values.is_empty()) {
            self.waiting.extend(parts);
        } else {
            self.waiting.extend(parts.into_iter().rev());
        }
        self.end(End::Cut(count))
    }

    fn end(&mut self, end: End) -> Turn {
        let Some(course) = self.now.take() else { return Turn::Goes };
        self.ended.push(Entry {
            announced: course.total,
            unique: course.seen(),
            unread: course.unread,
            pages: course.asked.len() as u64,
            slice: course.slice,
            end,
        });
        self.turn();
        Turn::Ended(self.ended.len() - 1)
    }

    fn turn(&mut self) {
        self.now = self.waiting.pop().map(|slice| Course::new(slice, self.first.clone()));
    }

    /// Slices that have ended, in that order.
    pub fn ended(&self) -> &[Entry] {
        &self.ended
    }

    /// Slices that wait, with the one that is asked now.
    pub fn left(&self) -> usize {
        self.waiting.len() + usize::from(self.now.is_some())
    }

    /// How many items were seen, each once.
    pub fn unique(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Pages that came.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// How many pages may still be to come, by what is known of the slices.
    pub fn pages_left(&self) -> u64 {
        let step = self.terms.limit.saturating_sub(self.terms.overlap).max(1);
        let of = |items: Option<u64>| items.unwrap_or(0).div_ceil(step).max(1);
        let waiting: u64 = self.waiting.iter().map(|slice| of(slice.expected)).sum();
        let now = self.now.as_ref().map_or(0, |course| {
            let all = of(course.total.or(course.slice.expected));
            all.saturating_sub(course.asked.len() as u64).max(1)
        });
        waiting + now
    }

    /// Whether all of the window was seen, as far as its publisher says what there is.
    pub fn is_complete(&self) -> bool {
        let is_good = |entry: &Entry| matches!(entry.end, End::Whole | End::Cut(_));
        self.now.is_none() && self.ended.iter().all(is_good) && self.without().is_empty()
    }

    /// Of cuts by a dimension whose parts have fewer than the whole: where, how many are of no
    /// declared value.
    pub fn without(&self) -> Vec<(&Slice, u64)> {
        let cuts = self.cuts.iter().filter(|_| self.now.is_none());
        let lacking = cuts.filter_map(|(place, sum)| {
            let entry = self.ended.get(*place)?;
            let total = entry.announced?;
            (sum + slack(total) < total).then(|| (&entry.slice, total - sum))
        });
        lacking.collect()
    }
}

/// How many items may be missing where things come and go while they are counted.
pub fn slack(total: u64) -> u64 {
    (total / 50).max(5)
}
