//! Finds how a report fills its pages best: a figure gives some of its height where what follows
//! then stands on its page, and all do where that spares a last page with little on it.

use super::chrome;
use super::desk::{Desk, Manner, Part};
use super::flow::Flow;
use super::grid::{BOTTOM, TOP};
use super::growth::{At, Growth, Stacked};
use super::slab::Setting;
use crate::domain::report::Report;

/// Room at the foot of a page that is worth to be filled.
const WASTE: f32 = 60.0;
/// A last page of which less than this is used should not be.
const LONELY: f32 = 0.34;

/// A try: how the parts stand, and what was shrunk for it.
struct Try<'a> {
    manner: Manner,
    parts: Vec<Part<'a>>,
    growth: Growth,
    stacked: Stacked,
}

/// All parts on pages, drawn.
pub fn stacked(set: &Setting, report: &Report) -> Flow {
    let desk = Desk::new(set, report);
    let found = best(&desk);
    let last = chrome::last_section(report, &found.stacked.flow.entries);
    let block = |at: At| found.parts[at.0].blocks[at.1];
    let growth = found.stacked.growth(block, found.growth);
    let parts = desk.parts(Manner { last, ..found.manner });
    desk.stack(&parts, &growth, true).flow
}

/// With the spare block of the front where it stands there whole and costs no page.
fn best<'a>(desk: &Desk<'a>) -> Try<'a> {
    let plain = tried(desk, Manner::default());
    if desk.report.spare.is_none() {
        return tightened(desk, plain);
    }
    let with = tried(desk, Manner { spare: true, ..Manner::default() });
    let at = (0, desk.report.front.len());
    let stands = with.stacked.spots.iter().any(|s| s.at == at && s.pages == (0..=0));
    let plain = tightened(desk, plain);
    if !stands {
        return plain;
    }
    let with = tightened(desk, with);
    if with.pages() <= plain.pages() { with } else { plain }
}

/// The first way that spares a last page with little on it.
fn tightened<'a>(desk: &Desk<'a>, best: Try<'a>) -> Try<'a> {
    let ways = [0.0, 0.5, 1.0].iter().filter(|_| best.is_lonely());
    let mut ways =
        ways.map(|shrunk| tried(desk, Manner { small: true, shrunk: *shrunk, ..best.manner }));
    match ways.find(|tried| tried.pages() < best.pages()) {
        Some(found) => found,
        None => best,
    }
}

fn tried<'a>(desk: &Desk<'a>, manner: Manner) -> Try<'a> {
    let parts = desk.parts(manner);
    let mut growth = Growth::default();
    for (place, part) in parts.iter().enumerate().filter(|_| manner.shrunk > 0.0) {
        for (at, block) in part.blocks.iter().enumerate() {
            let gives = desk.gives((place, at), block);
            growth.by.insert((place, at), -gives * manner.shrunk);
        }
    }
    let stacked = desk.stack(&parts, &growth, false);
    let mut tried = Try { manner, parts, growth, stacked };
    let mut page = 0;
    while page + 1 < tried.pages() {
        tried.pull(desk, page);
        page += 1;
    }
    tried
}

impl Try<'_> {
    fn pages(&self) -> usize {
        self.stacked.flow.sheets.len()
    }

    fn is_lonely(&self) -> bool {
        let left = self.stacked.flow.rooms.last().copied().unwrap_or_default();
        self.pages() > 1 && left > (BOTTOM - TOP) * (1.0 - LONELY)
    }

    /// Shrinks the figures of a page with much room so far that what follows stands on it too,
    /// where fewer pages, or fuller ones, come of it.
    fn pull(&mut self, desk: &Desk, page: usize) {
        let flow = &self.stacked.flow;
        let (room, short) = (flow.rooms[page], flow.shorts[page]);
        if room < WASTE || !short.is_finite() {
            return;
        }
        let gives: Vec<(At, f32)> = self.near(page).map(|at| (at, self.gives(desk, at))).collect();
        let all: f32 = gives.iter().map(|(_, gives)| gives).sum();
        if all < short + 1.0 {
            return;
        }
        // Of a block on two pages only a part counts: then all give what they can.
        for part in [(short + 1.0) / all, 1.0] {
            let mut growth = self.growth.clone();
            for (at, gives) in &gives {
                *growth.by.entry(*at).or_default() -= gives * part;
            }
            let stacked = desk.stack(&self.parts, &growth, false);
            if cost(&stacked.flow) < cost(&self.stacked.flow) {
                (self.growth, self.stacked) = (growth, stacked);
                break;
            }
        }
    }

    /// The blocks of a page, and the first of the next.
    fn near(&self, page: usize) -> impl Iterator<Item = At> {
        let spots = &self.stacked.spots;
        let next = spots.iter().find(|spot| *spot.pages.start() == page + 1);
        let own = spots.iter().filter(move |spot| spot.pages.contains(&page));
        own.chain(next).map(|spot| spot.at)
    }

    /// What a block can still give.
    fn gives(&self, desk: &Desk, at: At) -> f32 {
        let given = self.growth.by.get(&at).copied().unwrap_or(0.0);
        (desk.gives(at, self.parts[at.0].blocks[at.1]) + given).max(0.0)
    }
}

/// Fewer pages are better; then those with less white below what stands on them.
fn cost(flow: &Flow) -> (usize, f32) {
    let inner = flow.rooms.iter().rev().skip(1);
    (flow.sheets.len(), inner.map(|room| room * room).sum())
}
