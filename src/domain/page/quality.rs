//! How whole the data is: presence by hour, the balance, and where the data comes from.

use super::canvas::{Anchor, Canvas, Style};
use super::fonts::Face;
use super::grid::GUTTER;
use super::op::{Area, Colour, Pen, Target};
use super::palette::{
    BLUE, HAIR, INK, LATE, MISSING, MUTED, NOT_ASKED, ON_TIME, RULE, TEXT, WHITE,
};
use super::slab::{AXIS, Setting, Slab, caption, goes_on, hold_together};
use super::table;
use crate::domain::format::Lang;
use crate::domain::report::quality::{
    Balance, BalanceRow, Legend, Presence, PresencePanel, Slot, SourceCard,
};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Caption, Tone};
use std::sync::Arc;

const NAME: Style = Style::new(Face::Semibold, 8.4, INK);
const KEY: Style = Style::new(Face::Sans, 8.0, MUTED);
const BODY: Style = Style::new(Face::Sans, 8.2, TEXT);
const SMALL: Style = Style::new(Face::Sans, 7.4, MUTED);
/// How tall a row of presence is, and by how much it may grow.
const TALL: f32 = 12.0;
const GROW_MAX: f32 = 6.0;
/// Rows that stand together at both ends.
const TOGETHER: usize = 3;

pub fn presence(set: &Setting, presence: &Presence, width: f32, stretch: f32) -> Vec<Slab> {
    let mut canvas = Canvas::new(set.fonts);
    let top = caption(set, &mut canvas, width, &presence.caption);
    legend(&mut canvas, &presence.legend, top + 8.0);
    let strip = Strip::of(set, presence, width);
    strip.hours_at(&mut canvas, presence, top + 22.0);
    let slabs = vec![Slab::block(canvas, top + 34.0, &presence.caption).kept()];
    let grow = (stretch.max(0.0) / presence.panels.len().max(1) as f32).min(GROW_MAX);
    let head = Arc::new(strip.again(set, presence));
    let row = |panel| strip.row(set, panel, TALL + grow).under(&head);
    let mut panels: Vec<Slab> = presence.panels.iter().map(row).collect();
    hold_together(&mut panels, TOGETHER);
    slabs.into_iter().chain(panels).collect()
}

fn legend(canvas: &mut Canvas, words: &Legend, y: f32) {
    let mut x = 0.0;
    let entries = [
        (ON_TIME, &words.on_time),
        (LATE, &words.late),
        (MISSING, &words.missing),
        (NOT_ASKED, &words.not_asked),
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

/// Where the parts of a row stand: the name, the hours, what share came.
struct Strip {
    name: f32,
    hours: Area,
    width: f32,
}

impl Strip {
    fn of(set: &Setting, presence: &Presence, width: f32) -> Strip {
        let canvas = Canvas::new(set.fonts);
        let widest = |of: fn(&PresencePanel) -> &str, style| {
            let widths = presence.panels.iter().map(|panel| canvas.width(style, of(panel)));
            widths.fold(0.0, f32::max)
        };
        let name = widest(|panel| &panel.name, BODY).min(width * 0.38);
        let share = widest(|panel| &panel.share, NAME).min(width * 0.3);
        let x = name + GUTTER;
        Strip { name, hours: Area::new(x, 0.0, width - x - share - GUTTER, TALL), width }
    }

    /// The labels of time above the hours, below a height.
    fn hours_at(&self, canvas: &mut Canvas, presence: &Presence, y: f32) {
        let Some(panel) = presence.panels.first() else { return };
        let area = Area { y, h: 0.0, ..self.hours };
        ticks(canvas, panel, &area, area.w / panel.columns.len().max(1) as f32);
    }

    /// What stands above the rows that go on on another page.
    fn again(&self, set: &Setting, presence: &Presence) -> Slab {
        let mut canvas = Canvas::new(set.fonts);
        let top = goes_on(set, &mut canvas, self.width, &presence.caption);
        legend(&mut canvas, &presence.legend, top + 6.0);
        self.hours_at(&mut canvas, presence, top + 20.0);
        Slab::new(canvas, top + 32.0)
    }

    /// One source.
    fn row(&self, set: &Setting, panel: &PresencePanel, tall: f32) -> Slab {
        let mut canvas = Canvas::new(set.fonts);
        let area = Area { h: tall, ..self.hours };
        let base = tall / 2.0 + 2.9;
        let name = canvas.fit(BODY, self.name, &panel.name);
        canvas.text(0.0, base, BODY, Anchor::Left, &name);
        let colour = if panel.low { MISSING } else { MUTED };
        let share = canvas.fit(NAME, self.width - self.hours.right() - 4.0, &panel.share);
        canvas.text(self.width, base, NAME.colour(colour), Anchor::Right, &share);
        let step = area.w / panel.columns.len().max(1) as f32;
        for (place, slots) in panel.columns.iter().enumerate() {
            let x = area.x + place as f32 * step;
            hour(&mut canvas, slots, Area::new(x + 0.5, area.y, (step - 1.0).max(0.5), area.h));
        }
        Slab::new(canvas, tall + 3.0)
    }
}

/// The slots of an hour as shares of its cell: what is missing stands at its foot.
fn hour(canvas: &mut Canvas, slots: &[Slot], area: Area) {
    let planned = slots.iter().filter(|slot| **slot != Slot::NotScheduled).count();
    if planned == 0 {
        return canvas.frame(area, Pen::flat(HAIR, 0.5));
    }
    let mut y = area.y;
    for slot in [Slot::OnTime, Slot::Late, Slot::NotAsked, Slot::Missing] {
        let share = slots.iter().filter(|s| **s == slot).count() as f32 / planned as f32;
        let tall = area.h * share;
        if let Some(colour) = slot_colour(slot).filter(|_| tall > 0.0) {
            canvas.rect(Area::new(area.x, y, area.w, tall), colour);
        }
        y += tall;
    }
}

fn slot_colour(slot: Slot) -> Option<Colour> {
    match slot {
        Slot::OnTime => Some(ON_TIME),
        Slot::Late => Some(LATE),
        Slot::Missing => Some(MISSING),
        Slot::NotAsked => Some(NOT_ASKED),
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

/// The columns of a balance that are shown whatever they hold: source, landed, counted, difference.
const ALWAYS: [usize; 4] = [0, 1, 2, 6];

/// A row for each source; what no answer is has no column.
pub fn balance(set: &Setting, balance: &Balance, width: f32) -> Vec<Slab> {
    let titles = set.lang.pick(
        ["Source", "Landed", "Counted", "Partial", "Waiting", "Quarantined", "Difference"],
        ["Source", "Reçus", "Comptés", "Partiels", "En attente", "En quarantaine", "Écart"],
    );
    let all = BalanceRow::total(set.lang.pick("All sources", "Ensemble"), &balance.rows);
    let some = [all.partial, all.waiting, all.quarantined];
    let shown =
        |place: &usize| ALWAYS.contains(place) || some.get(place - 3).is_some_and(|n| *n > 0);
    let shown: Vec<usize> = (0..titles.len()).filter(shown).collect();
    let column = |place: &usize| match place {
        0 => TableColumn::left(titles[0]),
        place => TableColumn::right(titles[*place]),
    };
    let picked = |row: &BalanceRow, tone| -> Vec<Cell> {
        let cells = balance_row(set.lang, row, tone).into_iter().enumerate();
        cells.filter(|(place, _)| shown.contains(place)).map(|(_, cell)| cell).collect()
    };
    let mut rows: Vec<Vec<Cell>> =
        balance.rows.iter().map(|row| picked(row, Tone::Plain)).collect();
    if balance.rows.len() > 1 {
        rows.push(picked(&all, Tone::Strong));
    }
    let columns = shown.iter().map(column).collect();
    table::slabs(set, &Table { caption: balance.caption.clone(), columns, rows }, width)
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

/// In two columns, read in rows.
pub fn sources(set: &Setting, words: &Caption, cards: &[SourceCard], width: f32) -> Vec<Slab> {
    let mut slabs = vec![];
    if *words != Caption::default() {
        let mut canvas = Canvas::new(set.fonts);
        let top = caption(set, &mut canvas, width, words);
        slabs.push(Slab::block(canvas, top + 4.0, words).kept());
    }
    let across = cards.len().clamp(1, 2);
    let room = (width - GUTTER * (across - 1) as f32) / across as f32;
    let row = |cards: &[SourceCard]| {
        let mut canvas = Canvas::new(set.fonts);
        let place = |place: usize| place as f32 * (room + GUTTER);
        let ends = cards.iter().enumerate().map(|(k, c)| source(&mut canvas, c, place(k), room));
        let low = ends.fold(0.0, f32::max);
        canvas.rule(0.0, low, width, Pen::flat(HAIR, 0.5));
        Slab::new(canvas, low + 1.0)
    };
    let mut rows: Vec<Slab> = cards.chunks(across).map(row).collect();
    hold_together(&mut rows, 2);
    slabs.extend(rows);
    slabs
}

/// The name, what it holds, its terms, and the words it asks for; returns where it ends.
fn source(canvas: &mut Canvas, card: &SourceCard, x: f32, room: f32) -> f32 {
    let mut y = 11.0;
    let name = NAME.colour(if card.homepage.is_empty() { INK } else { BLUE });
    for line in canvas.wrap(NAME, room, &card.name) {
        link(canvas, x, y, name, &line, Some(&card.homepage));
        y += 10.4;
    }
    let lines = canvas.wrap(BODY, room, &card.content);
    y = canvas.lines(x, y, BODY, 10.2, &lines);
    let style = SMALL.colour(if card.licence_url.is_some() { BLUE } else { MUTED });
    for line in canvas.wrap(SMALL, room, &card.licence) {
        link(canvas, x, y, style, &line, card.licence_url.as_ref());
        y += 9.6;
    }
    let terms = [&card.period, &card.access, &card.state].map(String::as_str);
    let terms: Vec<&str> = terms.into_iter().filter(|term| !term.is_empty()).collect();
    let lines = canvas.wrap(SMALL, room, &terms.join(" · "));
    y = canvas.lines(x, y, SMALL, 9.6, &lines);
    let italic = SMALL.face(Face::Italic);
    let lines = canvas.wrap(italic, room, &card.attribution);
    canvas.lines(x, y, italic, 9.6, &lines) - 4.0
}

fn link(c: &mut Canvas, x: f32, y: f32, style: Style, text: &str, to: Option<&String>) -> f32 {
    match to.filter(|url| !url.is_empty()) {
        Some(url) => c.linked(x, y, style, text, Target::Url(url.clone())),
        None => c.text(x, y, style, Anchor::Left, text),
    }
}
