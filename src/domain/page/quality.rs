//! How whole the data is: presence by minute, the balance, and where the data comes from.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::GUTTER;
use super::op::{Area, Colour, Pen, Target};
use super::palette::{BLUE, HAIR, INK, LATE, MISSING, MUTED, ON_TIME, RULE, TEXT, WHITE};
use super::slab::{AXIS, Setting, Slab, caption};
use super::table;
use crate::domain::format::Lang;
use crate::domain::report::quality::{
    Balance, BalanceRow, Legend, Presence, PresencePanel, Slot, SourceCard,
};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Caption, Tone};

const NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const KEY: Style = Style::new(Face::Sans, 8.0, MUTED);
const BODY: Style = Style::new(Face::Sans, 8.2, TEXT);
const SMALL: Style = Style::new(Face::Sans, 7.4, MUTED);
/// How tall a panel is, and by how much it may grow.
const TALL: f32 = 100.0;
const GROW_MAX: f32 = 40.0;

pub fn presence(set: &Setting, presence: &Presence, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(&mut canvas, width, &presence.caption);
    legend(&mut canvas, &presence.legend, top + 8.0);
    let mut slabs = vec![Slab::block(canvas, top + 18.0, &presence.caption).kept()];
    let across = if matches!(presence.panels.len(), 1 | 2 | 4) { 2 } else { 3 };
    let rows = presence.panels.chunks(across);
    let grow = (stretch.max(0.0) / rows.len().max(1) as f32).min(GROW_MAX);
    let row = |panels| panel_row(set, panels, across, (width, TALL + grow));
    slabs.extend(rows.map(row));
    slabs
}

fn legend(canvas: &mut Canvas, words: &Legend, y: f32) {
    let mut x = 0.0;
    let entries = [
        (ON_TIME, &words.on_time),
        (LATE, &words.late),
        (MISSING, &words.missing),
        (WHITE, &words.not_scheduled),
    ];
    for (colour, text) in entries.into_iter().filter(|e| !e.1.is_empty()) {
        let area = Area::new(x, y, 8.0, 8.0);
        canvas.rect(area, colour);
        if colour == WHITE {
            canvas.frame(area, Pen::flat(RULE, 0.5));
        }
        x += 12.0 + canvas.text(x + 12.0, y + 7.0, KEY, Anchor::Left, text) + 14.0;
    }
}

fn panel_row(set: &Setting, panels: &[PresencePanel], across: usize, size: (f32, f32)) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let (width, tall) = size;
    let wide = (width - GUTTER * (across - 1) as f32) / across as f32;
    for (place, panel) in panels.iter().enumerate() {
        let area = Area::new(place as f32 * (wide + GUTTER), 12.0, wide, tall);
        let colour = if panel.low { MISSING } else { MUTED };
        let share = canvas.fit(NAME, wide * 0.4, &panel.share);
        let room = wide - canvas.width(NAME, &share) - 5.0;
        let name = canvas.fit(NAME, room, &panel.name);
        canvas.text(area.x, 8.0, NAME, Anchor::Left, &name);
        canvas.text(area.right(), 8.0, NAME.colour(colour), Anchor::Right, &share);
        day(&mut canvas, panel, &area);
    }
    Slab::new(canvas, 12.0 + tall + 11.0).after(10.0)
}

/// The slots of a day as runs of like colour over the usual one, hours cut by white lines.
fn day(canvas: &mut Canvas, panel: &PresencePanel, area: &Area) {
    let step = area.w / panel.columns.len().max(1) as f32;
    for (place, slots) in panel.columns.iter().enumerate() {
        let x = area.x + place as f32 * step;
        hour(canvas, slots, Area::new(x, area.y, step, area.h));
    }
    for place in 1..panel.columns.len() {
        let x = area.x + place as f32 * step;
        let heavy = panel.ticks.iter().any(|t| t.0 == place);
        let pen = Pen::flat(WHITE, if heavy { 0.9 } else { 0.3 });
        canvas.line((x, area.y), (x, area.bottom()), pen);
    }
    let empty = |slots: &Vec<Slot>| slots.contains(&Slot::NotScheduled) || slots.is_empty();
    if panel.columns.is_empty() || panel.columns.iter().any(empty) {
        canvas.frame(*area, Pen::flat(RULE, 0.5));
    }
    ticks(canvas, panel, area, step);
}

fn hour(canvas: &mut Canvas, slots: &[Slot], area: Area) {
    let step = area.h / slots.len().max(1) as f32;
    let mut done = 0;
    for run in slots.chunk_by(|a, b| a == b) {
        if let Some(colour) = slot_colour(run[0]) {
            let y = area.y + done as f32 * step;
            canvas.rect(Area::new(area.x, y, area.w, run.len() as f32 * step), colour);
        }
        done += run.len();
    }
}

fn slot_colour(slot: Slot) -> Option<Colour> {
    match slot {
        Slot::OnTime => Some(ON_TIME),
        Slot::Late => Some(LATE),
        Slot::Missing => Some(MISSING),
        Slot::NotScheduled => None,
    }
}

fn ticks(canvas: &mut Canvas, panel: &PresencePanel, area: &Area, step: f32) {
    let mut free = f32::MIN;
    for (place, label) in &panel.ticks {
        let x = area.x + (*place).min(panel.columns.len()) as f32 * step;
        let width = canvas.width(AXIS, label);
        let start = (x - width / 2.0).min(area.right() - width).max(area.x);
        if start >= free {
            canvas.text(start, area.bottom() + 8.6, AXIS, Anchor::Left, label);
            free = start + width + 4.0;
        }
    }
}

pub fn balance(set: &Setting, balance: &Balance, width: f32) -> Vec<Slab> {
    let titles = set.lang.pick(
        ["Source", "Landed", "Counted", "Partial", "Waiting", "Quarantined", "Difference"],
        ["Source", "Reçus", "Comptés", "Partiels", "En attente", "En quarantaine", "Écart"],
    );
    let columns = titles.iter().enumerate().map(|(place, title)| match place {
        0 => TableColumn::left(*title),
        _ => TableColumn::right(*title),
    });
    let mut rows: Vec<Vec<Cell>> =
        balance.rows.iter().map(|row| balance_row(set.lang, row, Tone::Plain)).collect();
    if balance.rows.len() > 1 {
        let all = BalanceRow::total(set.lang.pick("All sources", "Ensemble"), &balance.rows);
        rows.push(balance_row(set.lang, &all, Tone::Strong));
    }
    let caption = balance.caption.clone();
    table::slabs(set, &Table { caption, columns: columns.collect(), rows }, width)
}

fn balance_row(lang: Lang, row: &BalanceRow, tone: Tone) -> Vec<Cell> {
    let count = |n: u64| Cell::toned(lang.integer(n), tone);
    // A column of zeros should not look like news.
    let odd = |n: u64| if n == 0 { Cell::toned("0", Tone::Muted) } else { count(n) };
    let difference = row.difference();
    let plus = if difference > 0 { "+" } else { "" };
    let text = format!("{plus}{}", lang.integer(difference));
    vec![
        Cell::toned(row.source.clone(), tone),
        count(row.landed),
        count(row.counted),
        odd(row.partial),
        odd(row.waiting),
        odd(row.quarantined),
        Cell::toned(text, if difference == 0 { Tone::Muted } else { Tone::Alert }),
    ]
}

pub fn sources(set: &Setting, words: &Caption, cards: &[SourceCard], width: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(&mut canvas, width, words);
    let mut slabs = vec![Slab::block(canvas, top + 4.0, words).kept()];
    slabs.extend(cards.iter().map(|card| source(set, card, width)));
    slabs
}

/// The name on the left; on the right what it holds, its terms, and the words it asks for.
fn source(set: &Setting, card: &SourceCard, width: f32) -> Slab {
    let mut canvas = Canvas::new(set.fonts);
    let left = width * 0.28;
    let (x, room) = (left + GUTTER, width - left - GUTTER);
    let mut low = 9.5;
    for line in canvas.wrap(NAME, left, &card.name) {
        let style = NAME.colour(if card.homepage.is_empty() { INK } else { BLUE });
        link(&mut canvas, 0.0, low, style, &line, Some(&card.homepage));
        low += 10.4;
    }
    let lines = canvas.wrap(BODY, room, &card.content);
    let mut y = canvas.lines(x, 9.5, BODY, 10.4, &lines);
    let licence = canvas.fit(SMALL, room * 0.7, &card.licence);
    let style = SMALL.colour(if card.licence_url.is_some() { BLUE } else { MUTED });
    let mut at = link(&mut canvas, x, y, style, &licence, card.licence_url.as_ref());
    let terms = [&card.period, &card.access, &card.state];
    for term in terms.into_iter().filter(|t| !t.is_empty()) {
        let dot = if at > 0.0 { "  ·  " } else { "" };
        let text = format!("{dot}{term}");
        if at + canvas.width(SMALL, &text) > room && at > 0.0 {
            (at, y) = (0.0, y + 9.6);
            at += canvas.text(x, y, SMALL, Anchor::Left, &canvas.fit(SMALL, room, term));
        } else {
            let text = canvas.fit(SMALL, room, &text);
            at += canvas.text(x + at, y, SMALL, Anchor::Left, &text);
        }
    }
    y += if at > 0.0 { 9.6 } else { 0.0 };
    let italic = SMALL.face(Face::Italic);
    let lines = canvas.wrap(italic, room, &card.attribution);
    let y = canvas.lines(x, y, italic, 9.6, &lines).max(low) - 4.6;
    canvas.rule(0.0, y, width, Pen::flat(HAIR, 0.5));
    Slab::new(canvas, y + 2.0)
}

fn link(c: &mut Canvas, x: f32, y: f32, style: Style, text: &str, to: Option<&String>) -> f32 {
    match to.filter(|url| !url.is_empty()) {
        Some(url) => c.linked(x, y, style, text, Target::Url(url.clone())),
        None => c.text(x, y, style, Anchor::Left, text),
    }
}
