//! The walk through the pages of an answer: after each page it says what to ask next, that the
//! set is whole, or why it cannot become so. Pure; who walks asks, and keeps the pages.
//!
//! Invariants: no page is asked for twice, none beyond the declared bounds, and what a publisher
//! says of the end is believed only where it agrees with what came. A walk that is broken never
//! counts as one that has come to its end.

pub mod header;
mod kept;
pub mod link;
mod range;
#[cfg(test)]
mod tests;

pub use range::ContentRange;

use super::extract::{Count, Found};
use super::hash::Digest;
use super::source::{By, End, Pages};

/// Where a page is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum At {
    /// As the declared address says.
    Start,
    /// At an address that a page named.
    Link(String),
    /// Behind a mark.
    Cursor(String),
    /// At a number: of items passed, of the page, of the first item.
    Number(u64),
}

/// What one page says.
#[derive(Clone, PartialEq, Debug)]
pub struct Said {
    pub status: u16,
    pub bytes: u64,
    /// Its items, or why they cannot be read.
    pub count: Result<Count, String>,
    /// What stands at [`Pages::paths`], in their order; or why nothing does.
    pub found: Result<Vec<Found>, String>,
    /// The address of the next page by its head, as it is to be asked.
    pub link: Option<String>,
    pub range: Option<ContentRange>,
}

/// What is to be done after a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Ask(At),
    Whole,
    /// It cannot become whole.
    Broken(String),
}

/// A walk on its way.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Walk {
    /// Where the pages were that came, and the one that is asked now.
    asked: Vec<At>,
    keys: Vec<Option<Digest>>,
    items: u64,
    bytes: u64,
    /// What the first page that told it, and the last, said of how many there are.
    totals: Option<(u64, u64)>,
    /// What a person should know of it though it is whole.
    remark: Option<String>,
    is_cut: bool,
}

impl Walk {
    /// The first page, to be asked now.
    pub fn begin(pages: &Pages) -> Walk {
        let at = match &pages.by {
            By::HeaderLink { .. } | By::JsonLink { .. } | By::Cursor { .. } => At::Start,
            By::Offset { .. } | By::Range { .. } => At::Number(0),
            By::PageNumber { base, .. } => At::Number((*base).into()),
        };
        Walk { asked: vec![at], ..Walk::default() }
    }

    /// Where the page is that is asked now.
    pub fn at(&self) -> &At {
        self.asked.last().unwrap_or(&At::Start)
    }

    /// The number of the page that is asked now, from 1.
    pub fn page(&self) -> usize {
        self.asked.len()
    }

    /// Pages that came.
    pub fn pages(&self) -> usize {
        self.keys.len()
    }

    /// Whether it ended where its publisher gives no more, though there may be more.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }

    /// Takes in the page that was asked.
    pub fn step(&mut self, pages: &Pages, said: Said) -> Step {
        let step = self.take(pages, said);
        if let Ok(Some(at)) = &step {
            self.asked.push(at.clone());
        }
        match step {
            Ok(Some(at)) => Step::Ask(at),
            Ok(None) => {
                self.compare();
                Step::Whole
            }
            Err(why) => Step::Broken(why),
        }
    }

    /// There was no page where one was asked: the last one was the last, as far as no total says
    /// otherwise.
    pub fn nothing(&mut self, pages: &Pages) -> Step {
        let passed = match &pages.by {
            By::PageNumber { base, .. } => self.number().saturating_sub((*base).into()),
            _ => self.number(),
        };
        match self.totals {
            Some((_, total)) if passed < total => Step::Broken(self.lacking(passed, total)),
            _ => {
                self.compare();
                Step::Whole
            }
        }
    }

    fn take(&mut self, pages: &Pages, said: Said) -> Result<Option<At>, String> {
        let keys = said.count.as_ref().ok().and_then(|count| count.keys);
        self.repeated(keys)?;
        self.keys.push(keys);
        self.items += said.count.as_ref().map_or(0, |count| u64::from(count.items));
        self.bytes += said.bytes;
        let next = self.next(pages, &said)?;
        if let Some(next) = &next {
            self.may_ask(pages, next)?;
        }
        if self.bytes > pages.max_bytes {
            let most = pages.max_bytes;
            return Err(format!(
                "its pages come to more than {most} bytes (fetch.pages.max_bytes)"
            ));
        }
        Ok(next)
    }

    /// Pages of the same items: the publisher does not know what tells them apart.
    fn repeated(&self, keys: Option<Digest>) -> Result<(), String> {
        let Some(keys) = keys else { return Ok(()) };
        let Some(before) = self.keys.iter().position(|known| *known == Some(keys)) else {
            return Ok(());
        };
        let (page, before) = (self.page(), before + 1);
        Err(format!(
            "page {page} has the items of page {before} once more\n\
             hint: does the publisher know what [fetch.pages] asks by?"
        ))
    }

    fn may_ask(&self, pages: &Pages, next: &At) -> Result<(), String> {
        if let Some(before) = self.asked.iter().position(|at| at == next) {
            let (page, before) = (self.page(), before + 1);
            return Err(format!("page {page} leads back to page {before}"));
        }
        if self.page() >= usize::from(pages.max_pages) {
            let most = pages.max_pages;
            return Err(format!(
                "there are more than {most} pages\n\
                 hint: if they are meant, raise fetch.pages.max_pages"
            ));
        }
        Ok(())
    }

    fn next(&mut self, pages: &Pages, said: &Said) -> Result<Option<At>, String> {
        let place = |number: usize| -> Result<Option<&Found>, String> {
            said.found.as_ref().map(|found| found.get(number)).map_err(String::clone)
        };
        match &pages.by {
            By::HeaderLink { .. } => Ok(said.link.clone().map(At::Link)),
            By::JsonLink { path } => self.mark(place(0)?, &path.to_string(), At::Link),
            By::Cursor { path, more, .. } => {
                if flag(more.is_some().then(|| place(1)).transpose()?.flatten())? == Some(false) {
                    return Ok(None);
                }
                let next = self.mark(place(0)?, &path.to_string(), At::Cursor)?;
                if next.is_none() && more.is_some() && place(1)?.is_some_and(is_yes) {
                    let page = self.page();
                    return Err(format!("page {page} says there is more, and has no mark of it"));
                }
                // Some publishers go on giving their last mark.
                let stays = next.as_ref() == Some(self.at());
                let empty = said.count.as_ref().is_ok_and(|count| count.items == 0);
                Ok(next.filter(|_| !(stays && empty)))
            }
            By::Offset { end, .. } => {
                let passed = self.number() + self.counted(said)?;
                self.counting(end, said, passed, passed)
            }
            By::PageNumber { base, end, .. } => {
                let next = self.number() + 1;
                self.counting(end, said, next, next.saturating_sub((*base).into()))
            }
            By::Range { most, .. } => self.ranging(said, *most),
        }
    }

    fn mark(
        &self,
        found: Option<&Found>,
        path: &str,
        at: fn(String) -> At,
    ) -> Result<Option<At>, String> {
        match found {
            None | Some(Found::Flag(false)) => Ok(None),
            Some(found) if found.is_none() => Ok(None),
            Some(Found::Text(text)) => Ok(Some(at(text.clone()))),
            Some(_) => {
                Err(format!("at {path} of page {} stands no text, or stand several", self.page()))
            }
        }
    }

    /// The items of a page by whose number the next one is asked.
    fn counted(&self, said: &Said) -> Result<u64, String> {
        let page = self.page();
        match &said.count {
            Ok(count) => Ok(count.items.into()),
            Err(why) => Err(format!("page {page} cannot be read, so the next is unknown: {why}")),
        }
    }

    fn number(&self) -> u64 {
        match self.at() {
            At::Number(number) => *number,
            _ => 0,
        }
    }

    /// The next of counted pages; `passed` is what its `total` counts.
    fn counting(
        &mut self,
        end: &End,
        said: &Said,
        next: u64,
        passed: u64,
    ) -> Result<Option<At>, String> {
        let mut found = said.found.clone()?.into_iter();
        let total = end.total.is_some().then(|| found.next()).flatten();
        let more = flag(end.more.is_some().then(|| found.next()).flatten().as_ref())?;
        let total = total.map(|total| self.total(&total)).transpose()?.flatten();
        let empty = self.counted(said)? == 0;
        let (page, beyond) = (self.page(), end.most.is_some_and(|most| next >= most));
        // A total that is less than what came counts something else, or is of before.
        let total = match total {
            Some(total) if passed > total && !empty => {
                self.tell(format!("{passed} came, though it is said that there are {total}"));
                None
            }
            total => total,
        };
        match (more, total) {
            (Some(true), _) if empty => {
                Err(format!("page {page} is empty, and says there is more"))
            }
            (Some(false), _) => Ok(None),
            (_, Some(total)) if passed >= total => Ok(None),
            (_, Some(total)) if empty => Err(self.lacking(passed, total)),
            _ if empty => Ok(None),
            (_, total) if beyond => {
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                self.cut(format!("the publisher gives no more than the first {passed}{of}"))
            }
            _ => Ok(Some(At::Number(next))),
        }
    }

    /// The end came before all did that the publisher says to have.
    fn lacking(&self, passed: u64, total: u64) -> String {
        let page = self.page();
        format!(
            "page {page} is empty, after {passed} of {total}\n\
             hint: if the publisher never gives more, leave fetch.pages.total_path out"
        )
    }

    fn total(&mut self, found: &Found) -> Result<Option<u64>, String> {
        let page = self.page();
        let Found::Text(text) = found else {
            return match found.is_none() {
                true => Ok(None),
                false => Err(format!("the total of page {page} is no number")),
            };
        };
        let whole = text.strip_suffix(".0").unwrap_or(text);
        let total = whole.parse().map_err(|_| format!("the total of page {page} is no number"))?;
        self.told(total);
        Ok(Some(total))
    }

    fn told(&mut self, total: u64) {
        let first = self.totals.map_or(total, |(first, _)| first);
        self.totals = Some((first, total));
    }

    fn ranging(&mut self, said: &Said, most: Option<u64>) -> Result<Option<At>, String> {
        let (page, asked) = (self.page(), self.number());
        let range = match (said.status, said.range) {
            (206, None) => return Err(format!("page {page} is a part, and does not say of what")),
            (_, None) => return Ok(None),
            (_, Some(range)) => range,
        };
        range.total.into_iter().for_each(|total| self.told(total));
        let Some((first, last)) = range.span else { return Ok(None) };
        if first != asked {
            return Err(format!("page {page} begins at {first}, though {asked} was asked"));
        }
        let next = last.saturating_add(1);
        let came = said.count.as_ref().map_or(next - first, |count| count.items.into());
        if came != next - first {
            self.tell(format!("page {page} says to have {} items, and has {came}", next - first));
        }
        match range.total {
            Some(total) if next >= total => Ok(None),
            _ if most.is_some_and(|most| next >= most) => {
                let of = range.total.map(|total| format!(" of {total}")).unwrap_or_default();
                self.cut(format!("the publisher gives no more than the first {next}{of}"))
            }
            Some(total) if came == 0 => Err(self.lacking(first, total)),
            _ if came == 0 => Ok(None),
            _ => Ok(Some(At::Number(next))),
        }
    }

    /// The end of what can be had, and maybe not of what there is.
    fn cut(&mut self, remark: String) -> Result<Option<At>, String> {
        self.is_cut = true;
        self.tell(remark);
        Ok(None)
    }

    fn tell(&mut self, remark: String) {
        self.remark.get_or_insert(remark);
    }

    /// A set that changed while it was read may lack what slipped from one page to another.
    fn compare(&mut self) {
        if let Some((first, last)) = self.totals.filter(|(first, last)| first != last) {
            self.tell(format!(
                "the publisher had {first} when its pages began to be read, and {last} at the \
                 end: some may be missing or twice"
            ));
        }
    }
}

fn is_yes(found: &Found) -> bool {
    flag(Some(found)) == Ok(Some(true))
}

fn flag(found: Option<&Found>) -> Result<Option<bool>, String> {
    match found {
        None => Ok(None),
        Some(Found::Flag(flag)) => Ok(Some(*flag)),
        Some(Found::Text(text)) if text == "true" || text == "1" => Ok(Some(true)),
        Some(Found::Text(text)) if text == "false" || text == "0" => Ok(Some(false)),
        Some(found) if found.is_none() => Ok(None),
        Some(_) => Err("what stands at fetch.pages.has_more_path is no flag".into()),
    }
}
