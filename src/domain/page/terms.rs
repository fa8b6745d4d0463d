//! Terms and what is said of them: names on the left, running text on the right, as long as it is.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::GUTTER;
use super::op::{Pen, Target};
use super::palette::{BLUE, HAIR, INK, TEXT};
use super::slab::{BLOCK_GAP, Setting, Slab, caption, goes_on, hold_together, stacked};
use crate::domain::report::{Caption, Term};
use std::sync::Arc;

const NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const BODY: Style = Style::new(Face::Serif, 9.2, TEXT);
const LEADING: f32 = 12.2;
/// Lines of one text that stand on one page.
const TOGETHER: usize = 12;
/// Terms that stand together where a page ends or begins.
const FEW: usize = 3;
/// Terms no taller than this stand on one page.
const WHOLE: f32 = 110.0;

pub fn slabs(set: &Setting, words: &Caption, terms: &[Term], width: f32) -> Vec<Slab> {
    let has_head = !words.title.is_empty();
    let last = terms.len().saturating_sub(1);
    let mut rows = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let first = place == 0 && !has_head;
        rows.extend(one(set, term, width, first, place == last));
    }
    // A short one is not cut.
    let few = if stacked(&rows) < WHOLE { rows.len() } else { FEW };
    hold_together(&mut rows, few);
    if !has_head {
        return rows;
    }
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, words);
    let head = Slab::block(canvas, top + 5.0, words).kept();
    let mut canvas = Canvas::new(set.fonts);
    let top = goes_on(set, &mut canvas, width, words);
    let again = Arc::new(Slab::new(canvas, top + 5.0));
    [head].into_iter().chain(rows.into_iter().map(|row| row.under(&again))).collect()
}

/// A slab for all lines of a term, or for each dozen of a long one.
fn one(set: &Setting, term: &Term, width: f32, first: bool, last: bool) -> Vec<Slab> {
    let left = width * 0.17;
    let (x, room) = (left + GUTTER, width - left - GUTTER);
    let mut lines = Vec::new();
    for paragraph in term.text.split("\n\n") {
        lines.extend(Canvas::new(set.fonts).wrap(BODY, room, &squeezed(paragraph)));
    }
    let chunks = lines.chunks(TOGETHER).count();
    let slab = |(place, lines): (usize, &[String])| {
        let mut canvas = Canvas::new(set.fonts);
        let mut y = 10.0;
        if place == 0 {
            for (k, line) in canvas.wrap(NAME, left, &term.name).iter().enumerate() {
                canvas.text(0.0, y + k as f32 * 10.4, NAME, Anchor::Left, line);
            }
        }
        for line in lines {
            said(&mut canvas, (x, y), line, term.link.as_ref());
            y += LEADING;
        }
        let names = canvas.wrap(NAME, left, &term.name).len() as f32;
        let low = if place == 0 { (10.0 + names * 10.4).max(y) } else { y } - 7.0;
        let ends = place + 1 == chunks;
        if ends && !last {
            canvas.rule(0.0, low, width, Pen::flat(HAIR, 0.5));
        }
        let before = if first && place == 0 { BLOCK_GAP } else { 0.0 };
        Slab::new(canvas, low + if ends { 2.0 } else { 0.0 }).after(before)
    };
    lines.chunks(TOGETHER).enumerate().map(slab).collect()
}

fn said(canvas: &mut Canvas, (x, y): (f32, f32), line: &str, link: Option<&String>) {
    match link.filter(|url| !url.is_empty()) {
        Some(url) => {
            canvas.linked(x, y, BODY.colour(BLUE), line, Target::Url(url.clone()));
        }
        None => {
            canvas.text(x, y, BODY, Anchor::Left, line);
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split([' ', '\n', '\t', '\r'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
