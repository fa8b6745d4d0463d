//! The parts of a report as they are laid on pages: what was drawn once is kept, since pages are
//! tried several times.

use super::block;
use super::chrome;
use super::flow::{self, Flow};
use super::front;
use super::grid::MEASURE;
use super::growth::{At, Growth, Spot, Stacked};
use super::slab::{BLOCK_GAP, Setting, Slab, stacked};
use crate::domain::report::{Block, Report, Section};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a section that runs on below another needs on the page besides its title.
const RUN_ON_ROOM: f32 = 130.0;
/// A figure shrunk by this much is as low as it looks well.
const LOWEST: f32 = -1000.0;

type Drawn = BTreeMap<(At, u32), Rc<Vec<Slab>>>;

pub struct Desk<'a> {
    pub set: &'a Setting<'a>,
    pub report: &'a Report,
    drawn: RefCell<Drawn>,
}

/// What may differ between two tries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// The front page has its spare block.
    pub spare: bool,
    /// The section that tells the same has its head in small print.
    pub small: bool,
    /// How far figures are shrunk, of what they can give: from zero to one.
    pub shrunk: f32,
    /// The page on which the last section begins, as far as it is known.
    pub last: usize,
}

/// The front or a section.
pub struct Part<'a> {
    section: Option<&'a Section>,
    opening: Vec<Slab>,
    pub blocks: Vec<&'a Block>,
    /// What it needs of a page that others have begun, besides its title.
    least: f32,
}

impl Part<'_> {
    fn opening_height(&self) -> f32 {
        self.opening.first().map_or(0.0, |s| s.before) + stacked(&self.opening)
    }
}

impl<'a> Desk<'a> {
    pub fn new(set: &'a Setting<'a>, report: &'a Report) -> Desk<'a> {
        Desk { set, report, drawn: RefCell::default() }
    }

    pub fn parts(&self, manner: Manner) -> Vec<Part<'a>> {
        let report = self.report;
        let spare = report.spare.iter().filter(|_| manner.spare).map(|spare| &spare.block);
        let front = Part {
            section: None,
            opening: front::opening(self.set, report, manner.last),
            blocks: report.front.iter().chain(spare).collect(),
            least: 0.0,
        };
        let told_in = report.spare.as_ref().map(|spare| spare.told_in.as_str());
        let section = |section: &'a Section| {
            let cards = matches!(section.blocks.first(), Some(Block::Sources(..)));
            let small = cards || manner.small && told_in == Some(&*section.name);
            Part {
                section: Some(section),
                opening: vec![front::title(self.set, section, small).kept()],
                blocks: section.blocks.iter().collect(),
                least: if small { 0.0 } else { RUN_ON_ROOM },
            }
        };
        [front].into_iter().chain(report.sections.iter().map(section)).collect()
    }

    pub fn slabs(&self, at: At, block: &Block, stretch: f32) -> Rc<Vec<Slab>> {
        let key = (at, stretch.to_bits());
        if let Some(known) = self.drawn.borrow().get(&key) {
            return known.clone();
        }
        let slabs = Rc::new(block::slabs(self.set, block, MEASURE, stretch));
        self.drawn.borrow_mut().insert(key, slabs.clone());
        slabs
    }

    /// How much height a block can give.
    pub fn gives(&self, at: At, block: &Block) -> f32 {
        if !block::can_shrink(block) {
            return 0.0;
        }
        stacked(&self.slabs(at, block, 0.0)) - stacked(&self.slabs(at, block, LOWEST))
    }

    /// A note stands on the page where the block above it ends: the room that it needs there. A
    /// line of notes may be as long as it likes.
    fn note_below(&self, part: &Part, place: usize, at: usize) -> f32 {
        match (part.blocks.get(at), part.blocks.get(at + 1)) {
            (Some(Block::Note(_)), _) => 0.0,
            (_, Some(note @ Block::Note(_))) => {
                let slabs = self.slabs((place, at + 1), note, 0.0);
                slabs.first().map_or(0.0, |first| first.before) + flow::together(&slabs, 0.0)
            }
            _ => 0.0,
        }
    }

    /// Stacks all parts on pages.
    pub fn stack(&self, parts: &[Part], growth: &Growth, draws: bool) -> Stacked {
        let mut flow = Flow::new(chrome::contents_height(self.set, self.report), draws);
        let (mut spots, mut missing) = (vec![], vec![]);
        for (place, part) in parts.iter().enumerate() {
            let grown = |at| growth.by.get(&(place, at)).copied().unwrap_or(0.0);
            if let Some(section) = part.section {
                let first = part.blocks.first().map(|b| self.slabs((place, 0), b, grown(0)));
                let needs = first.map_or(0.0, |slabs| flow::together(&slabs, 0.0) + BLOCK_GAP);
                let short = part.opening_height() + needs.max(part.least) - flow.room();
                let found = match section.run_on {
                    true => (short > 0.0).then_some(short),
                    false => Some(f32::INFINITY),
                };
                missing.push(growth.missing.get(place - 1).copied().unwrap_or(found));
                flow.section(place - 1, missing[place - 1]);
                flow.open(&section.name);
            }
            flow.place(&part.opening, 0.0);
            for (at, block) in part.blocks.iter().enumerate() {
                let slabs = self.slabs((place, at), block, grown(at));
                let below = self.note_below(part, place, at);
                let pages = flow.place(&slabs, below);
                spots.push(Spot { at: (place, at), pages });
            }
        }
        flow.close();
        Stacked { flow, spots, missing }
    }
}
