//! Stacks slabs on pages. A slab that stays with the next moves with it; a table that goes on
//! begins the next page with its head. Pages are finished by `chrome`, once their number is known.

use super::grid::{BOTTOM, LEFT, TOP};
use super::op::Op;
use super::slab::Slab;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A page being filled.
#[derive(Debug, Default)]
pub struct Sheet {
    pub ops: Vec<Op>,
    /// The sections on it, in their order; none on the front.
    pub sections: Vec<usize>,
}

/// An entry of the outline, by page and height.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub title: String,
    pub page: usize,
    pub y: f32,
    /// The part of the report it stands in: zero is the front.
    pub part: usize,
}

pub struct Flow {
    pub sheets: Vec<Sheet>,
    pub entries: Vec<Entry>,
    /// What is left at the foot of each finished page.
    pub rooms: Vec<f32>,
    /// What was missing there for what follows to stand on it; infinite where that begins a page
    /// in any case.
    pub shorts: Vec<f32>,
    /// The part being placed: zero is the front, then the sections.
    part: usize,
    y: f32,
    /// Nothing was placed on this page below its head.
    fresh: bool,
    bottom: f32,
    /// Only measured, or drawn too.
    draws: bool,
}

impl Flow {
    /// Begins with the front page, which keeps `reserve` free above its foot.
    pub fn new(reserve: f32, draws: bool) -> Flow {
        Flow {
            sheets: vec![Sheet::default()],
            entries: vec![],
            rooms: vec![],
            shorts: vec![],
            part: 0,
            y: TOP,
            fresh: true,
            bottom: BOTTOM - reserve,
            draws,
        }
    }

    /// Begins a section, below what is there or, where so much is missing for that, on a new page.
    pub fn section(&mut self, place: usize, missing: Option<f32>) {
        self.part = place + 1;
        if let Some(short) = missing {
            self.new_page(short);
        }
        let front = self.sheets.len() == 1;
        if let Some(sheet) = self.sheets.last_mut().filter(|_| !front) {
            sheet.sections.retain(|own| *own != place);
            sheet.sections.push(place);
        }
    }

    /// What is left of the page.
    pub fn room(&self) -> f32 {
        self.bottom - self.y
    }

    /// Enters the section that begins here in the outline.
    pub fn open(&mut self, name: &str) {
        let (page, y) = (self.sheets.len() - 1, self.y);
        self.entries.push(Entry { title: name.to_string(), page, y, part: self.part });
    }

    /// Stacks slabs, with so much room below the last one; returns the pages on which they stand.
    pub fn place(&mut self, slabs: &[Slab], below: f32) -> RangeInclusive<usize> {
        let mut first = None;
        for (at, slab) in slabs.iter().enumerate() {
            let before = if self.fresh { 0.0 } else { slab.before };
            let short = self.y + before + together(&slabs[at..], below) - self.bottom;
            if !self.fresh && short > 0.0 {
                self.new_page(short);
                if let Some(head) = slab.head.clone() {
                    self.again(&head);
                }
            }
            self.put(slab);
            first.get_or_insert(self.sheets.len() - 1);
        }
        let last = self.sheets.len() - 1;
        first.unwrap_or(last)..=last
    }

    /// Ends the last page.
    pub fn close(&mut self) {
        self.rooms.push(self.room());
    }

    fn again(&mut self, head: &Arc<Slab>) {
        self.put(head);
        // The row right below its repeated head needs no gap of its own.
        self.fresh = true;
    }

    fn put(&mut self, slab: &Slab) {
        self.y += if self.fresh { 0.0 } else { slab.before };
        let page = self.sheets.len() - 1;
        for (y, title) in &slab.marks {
            let (title, y) = (title.clone(), self.y + y);
            self.entries.push(Entry { title, page, y, part: self.part });
        }
        if let Some(sheet) = self.sheets.last_mut().filter(|_| self.draws) {
            sheet.ops.extend(slab.ops.iter().cloned().map(|mut op| {
                op.shift(LEFT, self.y);
                op
            }));
        }
        self.y += slab.height;
        self.fresh = false;
    }

    fn new_page(&mut self, short: f32) {
        self.close();
        self.shorts.push(short);
        let sections = self.part.checked_sub(1).into_iter().collect();
        self.sheets.push(Sheet { ops: vec![], sections });
        (self.y, self.fresh, self.bottom) = (TOP, true, BOTTOM);
    }
}

/// The height of the first slab with those that must stay on its page; where that are all, with
/// what stands `below` them.
pub fn together(slabs: &[Slab], below: f32) -> f32 {
    let mut height = 0.0;
    for (place, slab) in slabs.iter().enumerate() {
        height += slab.height + if place == 0 { 0.0 } else { slab.before };
        if place + 1 == slabs.len() {
            height += below;
        }
        if !slab.keep {
            break;
        }
    }
    height.min(BOTTOM - TOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slab(height: f32) -> Slab {
        Slab { height, ..Slab::default() }
    }

    /// On which page each of the named slabs stands.
    fn check(slabs: Vec<Slab>, expected: &[usize]) {
        let mut flow = Flow::new(0.0, false);
        let named: Vec<Slab> =
            slabs.into_iter().map(|s| Slab { marks: vec![(0.0, "x".into())], ..s }).collect();
        flow.place(&named, 0.0);
        assert_eq!(flow.entries.iter().map(|e| e.page).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn slabs_fill_pages_and_titles_stay_with_what_they_name() {
        check(vec![slab(700.0), slab(20.0), slab(20.0)], &[0, 0, 1]);
        check(vec![slab(700.0), slab(20.0).kept(), slab(20.0)], &[0, 1, 1]);
        check(vec![slab(9000.0), slab(20.0)], &[0, 1]);
    }

    #[test]
    fn what_stands_below_the_last_finds_its_room_there() {
        let mut flow = Flow::new(0.0, false);
        assert_eq!(flow.place(&[slab(600.0), slab(20.0)], 60.0), 0..=0);
        let mut flow = Flow::new(0.0, false);
        assert_eq!(flow.place(&[slab(700.0), slab(20.0)], 60.0), 0..=1);
    }

    #[test]
    fn a_table_that_goes_on_repeats_its_head() {
        let head = Arc::new(slab(30.0));
        let mut flow = Flow::new(0.0, false);
        flow.place(&[slab(700.0), slab(60.0).under(&head)], 0.0);
        assert_eq!((flow.sheets.len(), flow.y), (2, TOP + 90.0));
    }
}
