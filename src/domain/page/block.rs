//! From a block of the report to slabs, and columns of blocks side by side.

use super::chart::{bars, key, line, map, multiples};
use super::grid::{BOTTOM, GUTTER, TOP, span};
use super::slab::{BLOCK_GAP, Setting, Slab, stacked};
use super::{quality, table, terms, words};
use crate::domain::report::figure::Extent;
use crate::domain::report::{Block, Column};

/// The slabs of a block at a width; one that can grow grows by `stretch`, and one that can shrink
/// shrinks where that is negative, as far as it looks well.
pub fn slabs(set: &Setting, block: &Block, width: f32, stretch: f32) -> Vec<Slab> {
    match block {
        Block::KeyFigures(figures) => key::slabs(set, figures, width),
        Block::Line(chart) => line::slabs(set, chart, width, stretch),
        Block::Bars(chart) => bars::slabs(set, chart, width, stretch),
        Block::Multiples(figure) => multiples::slabs(set, figure, width, stretch),
        Block::Map(figure) => map::slabs(set, figure, width, stretch),
        Block::Table(figure) => table::slabs(set, figure, width),
        Block::Changes(caption, rows) => words::changes(set, caption, rows, width),
        Block::Presence(figure) => quality::presence(set, figure, width, stretch),
        Block::Balance(figure) => quality::balance(set, figure, width),
        Block::Sources(caption, cards) => quality::sources(set, caption, cards, width),
        Block::Terms(caption, all) => terms::slabs(set, caption, all, width),
        Block::Paragraph(text) => words::paragraph(set, text, width),
        Block::Note(text) => words::note(set, text, width),
        Block::Columns(columns) => side_by_side(set, columns, width, stretch),
    }
}

/// By how much a block may grow and still look well; zero where its height is given.
pub fn most(block: &Block) -> f32 {
    match block {
        Block::Line(_) => 110.0,
        Block::Multiples(_) => 240.0,
        Block::Presence(_) => 60.0,
        Block::Map(map) if map.extent != Extent::World => 110.0,
        // A column that cannot follow would leave a hole.
        Block::Columns(columns) => {
            let grow = |c: &Column| c.blocks.iter().map(most).fold(0.0, f32::max);
            columns.iter().map(grow).reduce(f32::min).unwrap_or(0.0)
        }
        _ => 0.0,
    }
}

pub fn can_fill(block: &Block) -> bool {
    most(block) > 0.0
}

/// Whether a block may be made a little taller to end where its neighbour ends.
fn can_grow(block: &Block) -> bool {
    matches!(block, Block::Bars(_)) || can_fill(block)
}

/// Whether a block keeps its sense a little lower, where a page is tight.
pub fn can_shrink(block: &Block) -> bool {
    match block {
        Block::Line(_) | Block::Multiples(_) => true,
        Block::Map(map) => map.extent != Extent::World,
        Block::Columns(columns) => columns.iter().all(|c| c.blocks.iter().any(can_shrink)),
        _ => false,
    }
}

/// All blocks of a column, the last one that can grow, or shrink, stretched.
fn column(set: &Setting, blocks: &[Block], width: f32, stretch: f32) -> Vec<Slab> {
    let chosen = blocks.iter().rposition(if stretch < 0.0 { can_shrink } else { can_grow });
    let blocks = blocks.iter().enumerate();
    let stretch = |place| if Some(place) == chosen { stretch } else { 0.0 };
    blocks.flat_map(|(place, block)| slabs(set, block, width, stretch(place))).collect()
}

/// One slab with the columns in it, or, when that is too tall for a page, one below another.
fn side_by_side(set: &Setting, columns: &[Column], width: f32, stretch: f32) -> Vec<Slab> {
    let widths = widths(columns, width);
    let draw = |place: usize, stretch| column(set, &columns[place].blocks, widths[place], stretch);
    let first: Vec<Vec<Slab>> = (0..columns.len()).map(|k| draw(k, 0.0)).collect();
    let tallest = first.iter().map(|s| stacked(s)).fold(0.0, f32::max);
    if tallest > BOTTOM - TOP {
        let blocks = columns.iter().flat_map(|c| &c.blocks);
        return blocks.flat_map(|block| slabs(set, block, width, 0.0)).collect();
    }
    let fitted = |(place, slabs): (usize, &Vec<Slab>), height: f32| {
        let short = height - stacked(slabs);
        if short.abs() > 1.0 { draw(place, short) } else { slabs.clone() }
    };
    let mut height = (tallest + stretch).min(BOTTOM - TOP);
    if stretch < 0.0 {
        // As low as the column that cannot follow further.
        let low = first.iter().enumerate().map(|column| stacked(&fitted(column, height)));
        height = low.fold(height, f32::max);
    }
    let mut whole = Slab { height, before: BLOCK_GAP, ..Slab::default() };
    let mut x = 0.0;
    for (place, slabs) in first.iter().enumerate() {
        stack(&mut whole, &fitted((place, slabs), height), x);
        x += widths[place] + GUTTER;
    }
    vec![whole]
}

fn stack(whole: &mut Slab, slabs: &[Slab], x: f32) {
    let mut y = 0.0;
    for (place, slab) in slabs.iter().enumerate() {
        y += if place == 0 { 0.0 } else { slab.before };
        whole.absorb(slab, x, y);
        y += slab.height;
    }
}

/// By the page's columns where they add up to twelve, in proportion otherwise.
fn widths(columns: &[Column], width: f32) -> Vec<f32> {
    let spans = columns.iter().map(|c| span(c.span));
    let gaps = GUTTER * columns.len().saturating_sub(1) as f32;
    let whole: f32 = spans.clone().sum();
    spans.map(|s| s * (width - gaps) / whole).collect()
}
