//! Tables: natural widths first, then room given or taken; each row a slab, the head repeated.

use super::canvas::{Anchor, Canvas, Style};
use super::chart::spark;
use super::fonts::Face;
use super::op::{Area, Pen, Target};
use super::palette::{BLUE, HAIR, MUTED, RULE, TEXT, word};
use super::slab::{Setting, Slab, caption, goes_on, hold_together};
use crate::domain::report::Tone;
use crate::domain::report::table::{Align, Cell, Table};
use std::sync::Arc;

const HEAD: Style = Style::new(Face::Sans, 7.6, MUTED);
const BODY: Style = Style::new(Face::Sans, 8.4, TEXT);
const ROW: f32 = 12.6;
const LEADING: f32 = 10.4;
/// Between columns.
const GAP: f32 = 12.0;
const SPARK_MIN: f32 = 60.0;
/// Columns of numbers closer than this are hard to tell apart.
const NUMBER_MIN: f32 = 27.0;
const SIZE_MIN: f32 = 6.0;
const SPARK_MAX: f32 = 190.0;
/// Rows of a table that is never cut, and rows that stand together at both ends of others.
const WHOLE: usize = 12;
const TOGETHER: usize = 3;
/// Lines of one cell; the rest is cut.
const LINES_MAX: usize = 3;

/// A column as it will stand.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    x: f32,
    width: f32,
    align: Align,
}

pub fn slabs(set: &Setting, table: &Table, width: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let places = places(&canvas, table, width);
    let top = caption(set, &mut canvas, width, &table.caption);
    let gap = if table.caption.subtitle.is_empty() { 2.0 } else { 5.0 };
    let words = Slab::block(canvas, top + gap, &table.caption).kept();
    let titles = head(set, table, &places, width);
    let head = Arc::new(again(set, table, &titles, width));
    let mut slabs = vec![words, titles.kept()];
    if table.rows.is_empty() {
        slabs.push(nothing(set));
    }
    let rows = table.rows.iter().map(|cells| row(set, cells, &places, width).under(&head));
    let mut rows: Vec<Slab> = rows.collect();
    // A short table is not cut.
    let few = if rows.len() <= WHOLE { rows.len() } else { TOGETHER };
    hold_together(&mut rows, few);
    slabs.extend(rows);
    slabs
}

/// The head of a table that goes on: its name, that it does, and the titles of its columns.
fn again(set: &Setting, table: &Table, titles: &Slab, width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let top = goes_on(set, &mut canvas, width, &table.caption);
    let mut slab = Slab::new(canvas, top + titles.height);
    slab.absorb(titles, 0.0, top);
    slab
}

fn nothing(set: &Setting) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let words = set.lang.pick("nothing to show", "rien à montrer");
    canvas.text(0.0, 9.2, BODY.colour(MUTED), Anchor::Left, words);
    Slab::new(canvas, ROW)
}

fn head(set: &Setting, table: &Table, places: &[Place], width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let mut height = 0.0;
    for (column, place) in table.columns.iter().zip(places) {
        let lines: Vec<String> = canvas.wrap(HEAD, place.width + 0.1, &column.title);
        for (k, line) in lines.iter().take(2).enumerate() {
            let y = 9.0 + k as f32 * 9.0;
            set_line(&mut canvas, HEAD, place, y, line);
            height = f32::max(height, y + 3.6);
        }
    }
    if height > 0.0 {
        canvas.rule(0.0, height, width, Pen::flat(RULE, 0.5));
    }
    Slab::new(canvas, height)
}

fn set_line(canvas: &mut Canvas, style: Style, place: &Place, y: f32, text: &str) -> f32 {
    let room = place.width + 0.1;
    match place.align {
        Align::Left => {
            let text = canvas.fit(style, room, text);
            canvas.text(place.x, y, style, Anchor::Left, &text)
        }
        Align::Right => {
            // A number is set smaller rather than cut.
            let wide = canvas.width(style, text).max(1.0);
            let style = style.size((style.size * room / wide).clamp(SIZE_MIN, style.size));
            let text = canvas.fit(style, room, text);
            canvas.text(place.x + place.width, y, style, Anchor::Right, &text)
        }
    }
}

fn row(set: &Setting, cells: &[Cell], places: &[Place], width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let lines = cells.iter().zip(places).map(|(cell, place)| lines(&canvas, cell, place));
    let lines: Vec<Vec<String>> = lines.collect();
    let most = lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let height = ROW + (most - 1) as f32 * LEADING;
    for ((cell, place), lines) in cells.iter().zip(places).zip(&lines) {
        draw(&mut canvas, cell, place, lines);
    }
    canvas.rule(0.0, height, width, Pen::flat(HAIR, 0.4));
    Slab::new(canvas, height)
}

/// Numbers stay on one line; words take up to three.
fn lines(canvas: &Canvas, cell: &Cell, place: &Place) -> Vec<String> {
    let Cell::Text { text, tone, .. } = cell else { return vec![] };
    let style = style(*tone, false);
    match place.align {
        Align::Right => vec![text.clone()],
        Align::Left => canvas.wrap_to(style, place.width + 0.1, text, LINES_MAX),
    }
}

fn style(tone: Tone, linked: bool) -> Style {
    let face = if tone == Tone::Strong { Face::Semibold } else { Face::Sans };
    BODY.face(face).colour(if linked { BLUE } else { word(tone) })
}

fn draw(canvas: &mut Canvas, cell: &Cell, place: &Place, lines: &[String]) {
    match cell {
        Cell::Spark(line) => {
            spark::draw(canvas, Area::new(place.x, 1.6, place.width, 9.2), line, 0.7);
        }
        Cell::Text { tone, link, .. } => {
            let style = style(*tone, link.is_some());
            let mut y = 9.0;
            for line in lines {
                let wide = set_line(canvas, style, place, y, line);
                if let Some(url) = link {
                    let area = Area::new(place.x, y - 8.0, wide, 10.5);
                    canvas.link(area, Target::Url(url.clone()));
                }
                y += LEADING;
            }
        }
    }
}

/// The least and the wished-for width of a column.
struct Wish {
    least: f32,
    most: f32,
    spark: bool,
}

fn places(canvas: &Canvas, table: &Table, width: f32) -> Vec<Place> {
    let wishes: Vec<Wish> = (0..table.columns.len()).map(|k| wish(canvas, table, k)).collect();
    let room = width - GAP * wishes.len().saturating_sub(1) as f32;
    let widths = share(&wishes, room.max(1.0));
    let aligned = table.columns.iter().map(|c| c.align);
    let mut x = 0.0;
    let mut place = |(width, align): (f32, Align)| {
        let place = Place { x, width, align };
        x += width + GAP;
        place
    };
    widths.into_iter().zip(aligned).map(&mut place).collect()
}

fn wish(canvas: &Canvas, table: &Table, column: usize) -> Wish {
    let cells = || table.rows.iter().filter_map(|r| r.get(column));
    let title = &table.columns[column].title;
    if cells().any(|c| matches!(c, Cell::Spark(_))) {
        let least = canvas.width(HEAD, title).max(SPARK_MIN);
        return Wish { least, most: SPARK_MAX.max(least), spark: true };
    }
    let wide = cells().map(|cell| match cell {
        Cell::Text { text, tone, .. } => canvas.width(style(*tone, false), text),
        Cell::Spark(_) => 0.0,
    });
    let natural = wide.fold(canvas.width(HEAD, title).min(90.0), f32::max).max(6.0);
    match table.columns[column].align {
        Align::Left => Wish { least: natural.min(70.0), most: natural, spark: false },
        Align::Right => Wish { least: natural, most: natural.max(NUMBER_MIN), spark: false },
    }
}

/// Widths between least and most; what is over goes to sparklines, then to all in
/// proportion.
fn share(wishes: &[Wish], room: f32) -> Vec<f32> {
    let least: f32 = wishes.iter().map(|w| w.least).sum();
    if least >= room {
        return wishes.iter().map(|w| w.least * room / least).collect();
    }
    let wanted: f32 = wishes.iter().filter(|w| !w.spark).map(|w| w.most - w.least).sum();
    let part = ((room - least) / wanted.max(0.01)).min(1.0);
    let grow = |w: &Wish| if w.spark { w.least } else { w.least + (w.most - w.least) * part };
    let mut widths: Vec<f32> = wishes.iter().map(grow).collect();
    let sparks = wishes.iter().filter(|w| w.spark).count();
    let over = (room - widths.iter().sum::<f32>()).max(0.0);
    if sparks > 0 {
        for (width, wish) in widths.iter_mut().zip(wishes).filter(|(_, wish)| wish.spark) {
            *width += (over / sparks as f32).min(wish.most - wish.least);
        }
    }
    let over = (room - widths.iter().sum::<f32>()).max(0.0);
    let takes = |wish: &Wish| !wish.spark || sparks == wishes.len();
    let wide = |(width, wish): (&f32, &Wish)| if takes(wish) { *width } else { 0.0 };
    let taken: f32 = widths.iter().zip(wishes).map(wide).sum();
    for (width, _) in widths.iter_mut().zip(wishes).filter(|(_, wish)| takes(wish)) {
        *width += over * *width / taken.max(1.0);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wishes: &[(f32, f32, bool)], room: f32, expected: &[f32]) {
        let wish = |&(least, most, spark)| Wish { least, most, spark };
        let wishes: Vec<Wish> = wishes.iter().map(wish).collect();
        assert_eq!(share(&wishes, room), expected);
    }

    #[test]
    fn widths_fill_the_room() {
        check(&[(50.0, 50.0, false), (30.0, 30.0, false)], 100.0, &[62.5, 37.5]);
        check(&[(50.0, 50.0, false), (60.0, 190.0, true)], 200.0, &[50.0, 150.0]);
        check(&[(70.0, 200.0, false), (30.0, 30.0, false)], 150.0, &[120.0, 30.0]);
        check(&[(80.0, 80.0, false), (120.0, 120.0, false)], 100.0, &[40.0, 60.0]);
    }
}
