//! A slab is a drawn piece of a block that may not be cut: a row of a table, a chart, a line of
//! text. Blocks become slabs first; `flow` then stacks them on pages.

use super::canvas::{Anchor, Canvas, Planar, Style};
use super::fonts::{Face, Fonts};
use super::op::{Op, Pen};
use super::palette::{INK, MUTED};
use crate::domain::format::Lang;
use crate::domain::report::Caption;
use std::sync::Arc;

/// What all drawing on a document shares.
pub struct Setting<'f> {
    pub fonts: &'f Fonts<'f>,
    pub lang: Lang,
    /// For a screen: words stand in the page beside a figure, and its places can be pointed at.
    pub screen: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Slab {
    /// In coordinates of the slab: its top left corner is zero.
    pub ops: Vec<Op>,
    pub height: f32,
    /// Room above, unless the slab is the first on a page.
    pub before: f32,
    /// Stays on the page of the next one.
    pub keep: bool,
    /// Drawn again above this slab where it is the first on a page.
    pub head: Option<Arc<Slab>>,
    /// Entries of the outline, by their height in the slab.
    pub marks: Vec<(f32, String)>,
    /// Of a chart that is one plane.
    pub plane: Option<Planar>,
}

/// Room above a block.
pub const BLOCK_GAP: f32 = 17.0;

pub const TITLE: Style = Style::new(Face::Semibold, 9.5, INK);
pub const SUBTITLE: Style = Style::new(Face::Sans, 7.6, MUTED);
pub const AXIS: Style = Style::new(Face::Sans, 7.2, MUTED);

impl Slab {
    pub fn new(canvas: Canvas, height: f32) -> Slab {
        Slab { ops: canvas.ops, plane: canvas.plane, height, ..Slab::default() }
    }

    /// A whole block with room above, entered in the outline by its title.
    pub fn block(canvas: Canvas, height: f32, caption: &Caption) -> Slab {
        let mut slab = Slab { before: BLOCK_GAP, ..Slab::new(canvas, height) };
        if !caption.title.trim().is_empty() {
            slab.marks.push((0.0, caption.title.clone()));
        }
        slab
    }

    pub fn kept(self) -> Slab {
        Slab { keep: true, ..self }
    }

    pub fn after(self, before: f32) -> Slab {
        Slab { before, ..self }
    }

    pub fn under(self, head: &Arc<Slab>) -> Slab {
        Slab { head: Some(head.clone()), ..self }
    }

    /// Puts another slab's marks on this one.
    pub fn absorb(&mut self, other: &Slab, dx: f32, dy: f32) {
        self.ops.extend(other.ops.iter().cloned().map(|mut op| {
            op.shift(dx, dy);
            op
        }));
        self.marks.extend(other.marks.iter().map(|(y, title)| (y + dy, title.clone())));
    }
}

/// Few rows never stand alone, neither at the end of a page nor at the start of one.
pub fn hold_together(rows: &mut [Slab], few: usize) {
    let count = rows.len();
    for (place, slab) in rows.iter_mut().enumerate() {
        slab.keep = place + 1 < count && (place + 1 < few || place + few >= count);
    }
}

/// The head of a block that goes on: its name, and that it does; returns the height.
pub fn goes_on(set: &Setting, canvas: &mut Canvas, width: f32, words: &Caption) -> f32 {
    canvas.rule(0.0, 0.0, width, Pen::flat(INK, 0.6));
    if words.title.is_empty() {
        return 2.0;
    }
    let more = set.lang.pick("continued", "suite");
    let room = width - canvas.width(SUBTITLE, more) - 6.0;
    let title = canvas.fit(TITLE, room, &words.title);
    let end = canvas.text(0.0, 12.0, TITLE, Anchor::Left, &title) + 6.0;
    canvas.text(end, 12.0, SUBTITLE, Anchor::Left, more);
    14.0
}

/// The height of slabs stacked on one page.
pub fn stacked(slabs: &[Slab]) -> f32 {
    let gaps: f32 = slabs.iter().skip(1).map(|s| s.before).sum();
    gaps + slabs.iter().map(|s| s.height).sum::<f32>()
}

/// Draws the rule, the finding and the line of units; returns the last baseline.
pub fn caption(set: &Setting, canvas: &mut Canvas, width: f32, caption: &Caption) -> f32 {
    if set.screen {
        return 0.0;
    }
    canvas.rule(0.0, 0.0, width, Pen::flat(INK, 0.6));
    let mut y = 0.0;
    for line in canvas.wrap(TITLE, width, &caption.title) {
        y += if y == 0.0 { 12.0 } else { 11.4 };
        canvas.text(0.0, y, TITLE, Anchor::Left, &line);
    }
    for line in canvas.wrap(SUBTITLE, width, &caption.subtitle) {
        y += 10.6;
        canvas.text(0.0, y, SUBTITLE, Anchor::Left, &line);
    }
    y
}
