//! What opens a page of its own: the headline of the report and the titles of sections.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::MEASURE;
use super::op::Area;
use super::palette::{INK, LATE, NOTICE, TEXT};
use super::slab::{BLOCK_GAP, Setting, Slab, caption};
use crate::domain::report::{Caption, LAST_SECTION, Report, Section};

const STANDFIRST: Style = Style::new(Face::Serif, 10.2, TEXT);
const NOTICE_NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const NOTICE_TEXT: Style = Style::new(Face::Sans, 8.4, TEXT);
/// Headlines that need more lines are set smaller, then cut.
const LINES_MAX: usize = 3;

/// The banner of a recording, the headline, the standfirst.
/// The last section begins on `page`.
pub fn opening(set: &Setting, report: &Report, page: usize) -> Vec<Slab> {
    let mut slabs = vec![];
    if let Some(text) = &report.recorded {
        slabs.push(banner(set, text, page));
    }
    slabs.push(headline(set, &report.headline, &[26.0, 22.0, 18.0]).after(16.0).kept());
    slabs.push(standfirst(set, &report.standfirst));
    slabs
}

/// The title and the standfirst of a section; in small print as a block has them.
pub fn title(set: &Setting, section: &Section, small: bool) -> Slab {
    let words = if section.title.is_empty() { &section.name } else { &section.title };
    if small {
        let mut canvas = Canvas::new(set.fonts);
        let words = Caption::new(words, &section.standfirst);
        let end = caption(set, &mut canvas, MEASURE, &words);
        return Slab::new(canvas, end + 3.0).after(BLOCK_GAP);
    }
    let mut slab = headline(set, words, &[22.0, 18.0, 15.0]);
    let below = standfirst(set, &section.standfirst);
    slab.absorb(&below, 0.0, slab.height);
    slab.height += below.height;
    slab.before = 30.0;
    slab
}

/// No word is left alone on the last line.
fn ended(mut lines: Vec<String>) -> Vec<String> {
    if let [.., before, last] = &mut lines[..]
        && !last.contains(' ')
        && let Some((kept, moved)) = before.rsplit_once(' ')
    {
        *last = format!("{moved} {last}");
        *before = kept.to_string();
    }
    lines
}

/// A tinted strip that nobody overlooks; its height is the same for any number of a page.
fn banner(set: &Setting, text: &str, page: usize) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let name = set.lang.pick("Recorded data", "Données enregistrées");
    let left = 12.0 + canvas.width(NOTICE_NAME, name) + 10.0;
    let lines = |text: &str| canvas.wrap(NOTICE_TEXT, MEASURE - left - 8.0, text);
    let most = lines(&text.replace(LAST_SECTION, "888")).len();
    let lines = lines(&text.replace(LAST_SECTION, &page.to_string()));
    let height = most.max(1) as f32 * 11.0 + 8.0;
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
    let lines = ended(canvas.wrap(STANDFIRST, MEASURE * 0.83, text));
    let end = canvas.lines(0.0, 14.5, STANDFIRST, 14.2, &lines);
    let height = if lines.is_empty() { 0.0 } else { end - 14.2 + 5.0 };
    Slab::new(canvas, height)
}
