//! Bars and lollipops: values by name, from a common zero.

use super::super::canvas::{Anchor, Canvas, Style};
use super::super::fonts::Face;
use super::super::grid::GUTTER;
use super::super::op::{Area, Pen};
use super::super::palette::{FAINT, INK, MUTED, PALE_BLUE, RULE, TEXT, USUAL, mark};
use super::super::scale::{drawable, range};
use super::super::slab::{AXIS, Setting, Slab, caption};
use crate::domain::report::figure::{Bar, BarStyle, Bars};
use crate::domain::report::{Caption, Tone};

const LABEL: Style = Style::new(Face::Sans, 7.8, MUTED);
const ROW: f32 = 13.0;
/// Of the width names take this share at most.
const NAMES: f32 = 0.6;
/// More rows than these make a further figure below the first.
const ROWS_MAX: usize = 44;

pub fn slabs(set: &Setting, bars: &Bars, width: f32, stretch: f32) -> Vec<Slab> {
    if bars.items.is_empty() {
        return vec![none(set, &bars.caption, width)];
    }
    if bars.in_two {
        return vec![in_two(set, bars, width)];
    }
    let groups = bars.items.chunks(ROWS_MAX).enumerate();
    let only = bars.items.len() <= ROWS_MAX;
    let stretch = if only { stretch.max(0.0) } else { 0.0 };
    groups.map(|(place, group)| figure(set, bars, group, place, width, stretch)).collect()
}

fn none(set: &Setting, words: &Caption, width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, words) + 8.0;
    let said = set.lang.pick("nothing to draw", "rien à dessiner");
    canvas.text(width / 2.0, top + 12.6, LABEL, Anchor::Middle, said);
    Slab::block(canvas, top + 20.0, words)
}

/// Where zero and the values stand.
struct Ruler {
    low: f64,
    high: f64,
    left: f32,
    width: f32,
    /// Where names end, and how much room they have.
    names: f32,
    room: f32,
}

impl Ruler {
    fn x(&self, value: f64) -> f32 {
        let share = (value - self.low) / (self.high - self.low);
        self.left + self.width * share.clamp(0.0, 1.0) as f32
    }
}

fn figure(
    set: &Setting,
    bars: &Bars,
    group: &[Bar],
    place: usize,
    width: f32,
    stretch: f32,
) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let words = if place == 0 { bars.caption.clone() } else { Caption::default() };
    let top = caption(set, &mut canvas, width, &words) + 12.0;
    let row = ROW + (stretch / group.len() as f32).min(14.0);
    let area = Area::new(0.0, top, width, row * group.len() as f32);
    let ruler = ruler(&canvas, bars, width);
    backdrop(&mut canvas, bars, &ruler, &area);
    for (k, bar) in group.iter().enumerate() {
        draw(&mut canvas, bars.style, bar, &ruler, top + (k as f32 + 0.5) * row);
    }
    let foot = if bars.ticks.is_empty() { 2.0 } else { 13.0 };
    Slab::block(canvas, area.bottom() + foot, &words)
}

/// Both parts on the ruler of their common room.
fn in_two(set: &Setting, bars: &Bars, width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, &bars.caption) + 12.0;
    let (room, rows) = ((width - GUTTER) / 2.0, bars.items.len().div_ceil(2));
    let height = ROW * rows as f32;
    for (part, items) in bars.items.chunks(rows).enumerate() {
        let x = part as f32 * (room + GUTTER);
        let own = ruler(&canvas, bars, room);
        let moved = Ruler { left: own.left + x, names: own.names + x, ..own };
        backdrop(&mut canvas, bars, &moved, &Area::new(x, top, room, height));
        for (k, bar) in items.iter().enumerate() {
            draw(&mut canvas, bars.style, bar, &moved, top + (k as f32 + 0.5) * ROW);
        }
    }
    Slab::block(canvas, top + height + 2.0, &bars.caption)
}

/// All groups share one ruler, or their bars could not be compared.
fn ruler(canvas: &Canvas, bars: &Bars, width: f32) -> Ruler {
    let bold = LABEL.face(Face::Semibold);
    let names = bars.items.iter().map(|b| canvas.width(bold, &b.label));
    let left = names.fold(0.0, f32::max).min(width * NAMES) + 7.0;
    let texts = bars.items.iter().map(|b| canvas.width(bold, &b.text));
    let text = texts.fold(0.0, f32::max).min(width * 0.25) + 6.0;
    let marks = bars.items.iter().map(|b| b.value).chain(bars.ticks.iter().map(|t| t.0));
    let usual = bars.usual.into_iter().flat_map(|u| [u.0, u.1]);
    let (low, high) =
        range(marks.chain(usual).chain(bars.reach).chain([0.0])).unwrap_or((0.0, 1.0));
    let (low, high) = if high > low { (low, high) } else { (0.0, 1.0) };
    let room = (high - low) * 0.04;
    let low = if low < 0.0 { low - room } else { low };
    let before = if low < 0.0 { text } else { 0.0 };
    let (names, width) = (left - 7.0, width - left - before - text);
    Ruler { low, high: high + room, left: left + before, width, names, room: names }
}

fn backdrop(canvas: &mut Canvas, bars: &Bars, ruler: &Ruler, area: &Area) {
    if let Some((low, high)) = bars.usual {
        let (from, to) = (ruler.x(low), ruler.x(high));
        canvas.rect(Area::new(from, area.y, to - from, area.h), USUAL);
    }
    let mut free = f32::MIN;
    for (value, label) in &bars.ticks {
        let x = ruler.x(*value);
        canvas.line((x, area.y), (x, area.bottom()), Pen::flat(RULE, 0.5));
        let half = canvas.width(AXIS, label) / 2.0;
        if x - half > free {
            canvas.text(x, area.bottom() + 10.2, AXIS, Anchor::Middle, label);
            free = x + half + 3.0;
        }
    }
    let zero = ruler.x(0.0);
    canvas.line((zero, area.y), (zero, area.bottom()), Pen::flat(FAINT, 0.5));
}

fn draw(canvas: &mut Canvas, style: BarStyle, bar: &Bar, ruler: &Ruler, y: f32) {
    let stands_out = !matches!(bar.tone, Tone::Plain | Tone::Muted);
    let (face, ink) = if stands_out { (Face::Semibold, INK) } else { (Face::Sans, MUTED) };
    let label = LABEL.face(face).colour(ink);
    let value = drawable(bar.value);
    let end = ruler.x(value.unwrap_or(0.0));
    let below = value.is_some_and(|v| v < 0.0);
    let name = canvas.fit(label, ruler.room, &bar.label);
    canvas.text(ruler.names, y + 2.6, label, Anchor::Right, &name);
    if value.is_some() {
        shape(canvas, style, bar.tone, (ruler.x(0.0), end), y);
    }
    let (x, anchor) = if below { (end - 4.5, Anchor::Right) } else { (end + 4.5, Anchor::Left) };
    let text = label.colour(if stands_out { INK } else { TEXT });
    canvas.text(x, y + 2.6, text, anchor, &bar.text);
}

fn shape(canvas: &mut Canvas, style: BarStyle, tone: Tone, (zero, end): (f32, f32), y: f32) {
    let colour = match (tone, style) {
        (Tone::Plain, BarStyle::Bar) => PALE_BLUE,
        (Tone::Plain, BarStyle::Lollipop) => FAINT,
        _ => mark(tone),
    };
    match style {
        BarStyle::Bar => {
            let area = Area::new(zero.min(end), y - 3.8, (end - zero).abs(), 7.6);
            canvas.rect(area, colour);
        }
        BarStyle::Lollipop => {
            canvas.line((zero, y), (end, y), Pen::flat(colour, 1.1));
            canvas.dots(vec![(end, y)], 4.4, colour);
        }
    }
}
