//! Terms and what is said of them: names on the left, running text on the right, as long as it is.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::{BOTTOM, GUTTER, TOP};
use super::op::{Pen, Target};
use super::palette::{BLUE, HAIR, INK, TEXT};
use super::slab::{BLOCK_GAP, Setting, Slab, caption, stacked};
use crate::domain::report::{Caption, Term};

const NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const BODY: Style = Style::new(Face::Serif, 9.2, TEXT);
const LEADING: f32 = 12.2;
/// Lines of one text that stand on one page.
const TOGETHER: usize = 12;

pub fn slabs(set: &Setting, words: &Caption, terms: &[Term], width: f32) -> Vec<Slab> {
    let mut slabs = Vec::new();
    let has_head = !words.title.is_empty();
    if has_head {
        let mut canvas = Canvas::new(set.fonts);
        let top = caption(&mut canvas, width, words);
        slabs.push(Slab::block(canvas, top + 5.0, words).kept());
    }
    let last = terms.len().saturating_sub(1);
    for (place, term) in terms.iter().enumerate() {
        let first = place == 0 && !has_head;
        slabs.extend(one(set, term, width, first, place == last));
    }
    // What has a name of its own stands on one page, where it can.
    if has_head && stacked(&slabs) < (BOTTOM - TOP) / 2.0 {
        let inner = slabs.len().saturating_sub(1);
        slabs.iter_mut().take(inner).for_each(|slab| slab.keep = true);
    }
    slabs
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
