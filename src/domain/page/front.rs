//! What opens a page of its own: the headline of the report and the titles of sections.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::MEASURE;
use super::op::Area;
use super::palette::{INK, LATE, NOTICE, TEXT};
use super::slab::{Setting, Slab};
use crate::domain::report::{Report, Section};

const STANDFIRST: Style = Style::new(Face::Serif, 10.2, TEXT);
const NOTICE_NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const NOTICE_TEXT: Style = Style::new(Face::Sans, 8.4, TEXT);
/// Headlines that need more lines are set smaller, then cut.
const LINES_MAX: usize = 3;

/// The banner of a recording, the headline, the standfirst.
pub fn opening(set: &Setting, report: &Report) -> Vec<Slab> {
    let mut slabs = vec![];
    if let Some(text) = &report.recorded {
        slabs.push(banner(set, text));
    }
    slabs.push(headline(set, &report.headline, &[26.0, 22.0, 18.0]).after(16.0).kept());
    slabs.push(standfirst(set, &report.standfirst));
    slabs
}

/// The title and the standfirst of a section, and its name in the outline.
pub fn title(set: &Setting, section: &Section) -> Slab {
    let words = if section.title.is_empty() { &section.name } else { &section.title };
    let mut slab = headline(set, words, &[22.0, 18.0, 15.0]);
    let below = standfirst(set, &section.standfirst);
    slab.absorb(&below, 0.0, slab.height);
    slab.height += below.height;
    slab.before = 30.0;
    slab
}

/// A tinted strip that nobody overlooks.
fn banner(set: &Setting, text: &str) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let name = set.lang.pick("Recorded data", "Données enregistrées");
    let left = 12.0 + canvas.width(NOTICE_NAME, name) + 10.0;
    let lines = canvas.wrap(NOTICE_TEXT, MEASURE - left - 8.0, text);
    let height = lines.len().max(1) as f32 * 11.0 + 8.0;
    canvas.rect(Area::new(0.0, 0.0, MEASURE, height), NOTICE);
    canvas.rect(Area::new(0.0, 0.0, 3.0, height), LATE);
    canvas.text(12.0, 12.2, NOTICE_NAME, Anchor::Left, name);
    canvas.lines(left, 12.2, NOTICE_TEXT, 11.0, &lines);
    Slab::new(canvas, height)
}

/// Balanced lines in the first size that needs few enough.
fn headline(set: &Setting, text: &str, sizes: &[f32]) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let style = Style::new(Face::Display, sizes[0], INK);
    let fits = |size: &&f32| canvas.wrap(style.size(**size), MEASURE, text).len() <= LINES_MAX;
    let least = sizes[sizes.len() - 1];
    let style = style.size(*sizes.iter().find(fits).unwrap_or(&least));
    let mut lines = canvas.balance(style, MEASURE, text);
    if lines.len() > LINES_MAX {
        lines = canvas.wrap_to(style, MEASURE, text, LINES_MAX);
    }
    let leading = style.size * 1.135;
    let end = canvas.lines(0.0, style.size * 0.73, style, leading, &lines);
    Slab::new(canvas, end - leading + style.size * 0.3).after(9.0)
}

fn standfirst(set: &Setting, text: &str) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let mut lines = canvas.wrap(STANDFIRST, MEASURE * 0.83, text);
    let last = lines.last().map_or(0.0, |line| canvas.width(STANDFIRST, line));
    if last < MEASURE * 0.25 {
        lines = canvas.balance(STANDFIRST, MEASURE * 0.83, text);
    }
    let end = canvas.lines(0.0, 14.5, STANDFIRST, 14.2, &lines);
    let height = if lines.is_empty() { 0.0 } else { end - 14.2 + 5.0 };
    Slab::new(canvas, height)
}
