//! Blocks of a report as parts of a page: what paper says, in the same words.

use super::desk::{Desk, link, spark};
use super::figure::{self, Frame};
use super::table;
use crate::domain::report::figure::{Change, KeyFigure};
use crate::domain::report::quality::{Balance, BalanceRow};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, ChangeRow, Column, Direction, SourceCard, Term};
use maud::{Markup, html};

/// All blocks, those side by side in rows.
pub fn blocks(desk: &Desk, blocks: &[Block], part: &str) -> Markup {
    html! {
        @for (place, block) in blocks.iter().enumerate() {
            (one(desk, block, 12, &format!("{part}-{place}")))
        }
    }
}

/// One block in a row of its own.
fn one(desk: &Desk, block: &Block, span: u8, id: &str) -> Markup {
    match block {
        Block::Columns(columns) => row(desk, columns, id),
        Block::KeyFigures(figures) => key_figures(figures),
        Block::Paragraph(text) => html! { p.prose { (text) } },
        Block::Note(text) => html! { p.note { (text) } },
        block => html! { div.row { (framed(desk, block, span, id)) } },
    }
}

fn row(desk: &Desk, columns: &[Column], id: &str) -> Markup {
    html! {
        div.row {
            @for (place, column) in columns.iter().enumerate() {
                div.(format!("s{}", column.span)) {
                    @for (at, block) in column.blocks.iter().enumerate() {
                        (inner(desk, block, column.span, &format!("{id}-{place}-{at}")))
                    }
                }
            }
        }
    }
}

fn inner(desk: &Desk, block: &Block, span: u8, id: &str) -> Markup {
    match block {
        Block::Columns(_) | Block::KeyFigures(_) | Block::Paragraph(_) | Block::Note(_) => {
            one(desk, block, span, id)
        }
        block => framed(desk, block, span, id),
    }
}

/// A block with its words above and what it is of below.
fn framed(desk: &Desk, block: &Block, span: u8, id: &str) -> Markup {
    let caption = block.caption().cloned().unwrap_or_default();
    let class = format!("block s{span}");
    html! {
        section.(class) id=(id) data-live=(id) {
            (words(&caption))
            (body(desk, block, Frame { span, id }))
            (figure::foot(desk, block))
        }
    }
}

fn words(caption: &Caption) -> Markup {
    html! {
        @if caption.title.trim().is_empty() {
            // What stands beside one with a title stands level with it.
            @if !caption.title.is_empty() { p.level aria-hidden="true" { "\u{a0}" } }
        } @else {
            h2 { (caption.title) }
        }
        @if !caption.subtitle.is_empty() { p.sub { (caption.subtitle) } }
    }
}

fn body(desk: &Desk, block: &Block, frame: Frame) -> Markup {
    match block {
        Block::Table(table) => table::table(table),
        Block::Changes(_, rows) => changes(rows),
        Block::Balance(balance) => self::balance(desk, balance),
        Block::Sources(_, cards) => {
            html! { div.cards { @for card in cards { (self::card(desk, card)) } } }
        }
        Block::Terms(_, terms) => self::terms(terms),
        figure => figure::figure(desk, figure, frame),
    }
}

/// Numbers that stand large.
fn key_figures(figures: &[KeyFigure]) -> Markup {
    html! {
        div.key {
            @for figure in figures {
                article.kf {
                    h2 { (figure.label) }
                    (value(figure))
                    (spark(&figure.spark))
                }
            }
        }
    }
}

/// The number of a key figure, with its unit and how it moved.
pub fn value(figure: &KeyFigure) -> Markup {
    html! {
        p.kf-value {
            span.num { (figure.value) }
            @if !figure.unit.is_empty() { " " span.unit { (figure.unit) } }
        }
        p.kf-change { @match &figure.change { Some(change) => (moved(change)), None => "\u{a0}" } }
    }
}

fn moved(change: &Change) -> Markup {
    let (class, sign) = direction(change.direction);
    html! { span.(class) { (sign) " " (change.text) } " " (change.note) }
}

/// A class and a sign; which way it went is also told in words beside it.
pub fn direction(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Up => ("up", "▲"),
        Direction::Down => ("down", "▼"),
        Direction::Level => ("same", "●"),
    }
}

pub fn changes(rows: &[ChangeRow]) -> Markup {
    html! { ul.odd { @for row in rows { li { (change(row)) } } } }
}

pub fn change(row: &ChangeRow) -> Markup {
    let (class, sign) = direction(row.direction);
    html! {
        span.(class) aria-hidden="true" { (sign) }
        b { (row.name) }
        span { (row.text) }
        strong.(class) { (row.value) }
    }
}

fn balance(desk: &Desk, balance: &Balance) -> Markup {
    let lang = desk.lang();
    let heads = lang.pick(
        ["Source", "Landed", "Waiting", "Counted", "Partial", "Quarantine", "Difference"],
        ["Source", "Reçues", "En attente", "Comptées", "Partielles", "Quarantaine", "Différence"],
    );
    let row = |row: &BalanceRow| {
        let number = |n: u64| Cell::text(lang.integer(n));
        let counts = [row.landed, row.waiting, row.counted, row.partial, row.quarantined];
        let difference = Cell::strong(lang.integer(row.difference()));
        let name = [Cell::text(&*row.source)].into_iter();
        name.chain(counts.map(number)).chain([difference]).collect()
    };
    let total = BalanceRow::total(desk.pick("All", "Toutes"), &balance.rows);
    let columns = heads.iter().enumerate().map(|(place, head)| match place {
        0 => TableColumn::left(*head),
        _ => TableColumn::right(*head),
    });
    let rows = balance.rows.iter().chain([&total]).map(row).collect();
    let caption = Caption::new(&*balance.caption.title, "");
    table::table(&Table { caption, columns: columns.collect(), rows })
}

/// A source, its terms and its last answer.
pub fn card(desk: &Desk, card: &SourceCard) -> Markup {
    html! {
        article.card {
            h2 { (link(&card.name, Some(&card.homepage))) }
            p { (card.content) }
            p.soft {
                (desk.pick("published ", "publiée ")) (card.period) " · " (card.access)
            }
            p { (link(&card.licence, card.licence_url.as_deref())) }
            p.soft { (card.attribution) }
            @if !card.state.is_empty() { p.soft { (card.state) } }
        }
    }
}

fn terms(terms: &[Term]) -> Markup {
    html! {
        dl.terms {
            @for term in terms {
                dt { (term.name) }
                dd { (link(&term.text, term.link.as_deref())) }
            }
        }
    }
}
