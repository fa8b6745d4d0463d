//! A figure by itself: the marks of a page, for a screen.

use super::block;
use super::canvas::{Canvas, Planar};
use super::chart::spark;
use super::fonts::{Fonts, Stock};
use super::op::{Area, Op};
use super::slab::{Setting, Slab};
use crate::domain::format::Lang;
use crate::domain::report::Block;
use crate::domain::report::figure::Sparkline;

/// Marks in an area from 0, 0, in points.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    pub ops: Vec<Op>,
    pub width: f32,
    pub height: f32,
    /// Of a chart that is one plane and stands alone.
    pub plane: Option<Planar>,
}

/// A figure at a width. On a screen its words stand in the page beside it; else they are drawn
/// above it, as on paper.
pub fn drawing(block: &Block, lang: Lang, width: f32, stretch: f32, screen: bool) -> Drawing {
    let stock = Stock::default();
    let fonts = Fonts::new(&stock);
    let set = Setting { fonts: &fonts, lang, screen };
    let slabs = block::slabs(&set, block, width, stretch);
    let (mut whole, mut height) = (Slab::default(), 0.0);
    for (place, slab) in slabs.iter().enumerate() {
        height += if place == 0 { 0.0 } else { slab.before };
        whole.absorb(slab, 0.0, height);
        height += slab.height;
    }
    let plane = slabs.first().filter(|_| slabs.len() == 1).and_then(|slab| slab.plane);
    Drawing { ops: whole.ops, width, height, plane }
}

/// A line the size of a word.
pub fn sparkline(line: &Sparkline, width: f32, height: f32, pen: f32) -> Drawing {
    let stock = Stock::default();
    let fonts = Fonts::new(&stock);
    let mut canvas = Canvas::new(&fonts);
    let room = pen * 1.5;
    let area = Area::new(0.0, room, width - room, height - 2.0 * room);
    spark::draw(&mut canvas, area, line, pen);
    Drawing { ops: canvas.ops, width, height, plane: None }
}
