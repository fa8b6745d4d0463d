//! A survey: all that a publisher has of a window of time, asked for slice by slice, and within a
//! slice page by page. What a publisher does not give at once (a ceiling) is cut: by time first,
//! then by declared dimensions. Pure: whoever walks it asks, lands, and keeps what each page said.
//!
//! Invariants: what a survey does next follows from its terms, its slices and the pages that came,
//! in their order; so one that is told them again stands where it stood. A slice is never called
//! whole because of an error.

mod course;
mod kept;
mod slice;
#[cfg(test)]
mod tests;
mod verdict;

pub use course::Page;
pub use kept::Line;
pub use slice::{Slice, Terms};
pub use verdict::report;

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
    /// A slice has ended; where it stands in [`Survey::ended`].
    Ended(usize),
}

/// A cut by a dimension.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Cut {
    slice: Slice,
    /// What it was said to have, and all of its parts.
    total: u64,
    sum: u64,
}

/// On its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Survey {
    terms: Terms,
    /// Where the first page of a slice is.
    first: At,
    /// The next one is the last.
    waiting: Vec<Slice>,
    now: Option<Course>,
    ended: Vec<Entry>,
    cuts: Vec<Cut>,
    seen: HashSet<u64>,
    pages: u64,
}

impl Survey {
    /// One over these slices, in their order.
    pub fn new(terms: Terms, first: At, slices: Vec<Slice>) -> Survey {
        let mut waiting = slices;
        waiting.reverse();
        let mut survey = Survey {
            terms,
            first,
            waiting,
            now: None,
            ended: Vec::new(),
            cuts: Vec::new(),
            seen: HashSet::new(),
            pages: 0,
        };
        survey.turn();
        survey
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
            && let Some(cut) = self.cuts.get_mut(cut)
        {
            cut.sum += total;
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

    /// What failed is asked once more, after all else.
    pub fn again(&mut self) {
        let is_bad = |entry: &Entry| matches!(entry.end, End::Failed(_) | End::Short);
        let (bad, good) = std::mem::take(&mut self.ended).into_iter().partition(is_bad);
        self.ended = good;
        let bad: Vec<Entry> = bad;
        // What the parts of a cut have is counted once.
        let fresh = |Entry { slice, announced, .. }: Entry| Slice {
            cut: slice.cut.filter(|_| announced.is_none()),
            ..slice
        };
        let bad = bad.into_iter().rev().map(fresh);
        self.waiting.splice(0..0, bad);
        if self.now.is_none() {
            self.turn();
        }
    }

    /// A slice that has come to its end.
    fn close(&mut self) -> Turn {
        let Some(course) = &mut self.now else { return Turn::Goes };
        let (seen, total) = (course.seen() + course.others, course.total.unwrap_or(0));
        let most = self.terms.ceiling.unwrap_or(u64::MAX);
        if course.total.is_none() && course.is_full {
            return self.end(End::Over);
        }
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
            self.cuts.push(Cut { slice: course.slice.clone(), total, sum: 0 });
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

    /// Which items were seen, in short.
    pub fn seen(&self) -> &HashSet<u64> {
        &self.seen
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

    /// Whether some of it could not be had, and may be another time.
    pub fn has_failed(&self) -> bool {
        self.ended.iter().any(|entry| matches!(entry.end, End::Failed(_) | End::Short))
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
        let lacking = cuts.filter(|cut| cut.sum + slack(cut.total) < cut.total);
        lacking.map(|cut| (&cut.slice, cut.total - cut.sum)).collect()
    }
}

/// How many items may be missing where things come and go while they are counted.
pub fn slack(total: u64) -> u64 {
    (total / SLACK_PART).max(SLACK_LEAST)
}

/// It is the greater of so many, and one of so many.
const SLACK_LEAST: u64 = 5;
const SLACK_PART: u64 = 50;
