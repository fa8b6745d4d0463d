//! Tables of a report in a page.

use super::desk::{link, spark};
use crate::domain::report::Tone;
use crate::domain::report::table::{Align, Cell, Table};
use maud::{Markup, html};

/// A table; a wide one scrolls by itself, and can be reached by keys.
pub fn table(table: &Table) -> Markup {
    // On paper a blank title holds a column of it level with the one beside it.
    let title = Some(table.caption.title.as_str()).filter(|title| !title.trim().is_empty());
    let has_heads = table.columns.iter().any(|column| !column.title.is_empty());
    html! {
        div.scroll tabindex="0" role=[title.map(|_| "region")] aria-label=[title] {
            table.list {
                @if has_heads {
                    thead { tr { @for column in &table.columns {
                        th scope="col" class=[number(column.align)] { (column.title) }
                    } } }
                }
                tbody { @for row in &table.rows { tr {
                    @for (place, cell) in row.iter().enumerate() {
                        @let align = table.columns.get(place).map_or(Align::Left, |c| c.align);
                        @if place == 0 && has_heads {
                            th scope="row" class=[number(align)] { (self::cell(cell)) }
                        } @else {
                            td class=[number(align)] { (self::cell(cell)) }
                        }
                    }
                } } }
            }
        }
    }
}

fn number(align: Align) -> Option<&'static str> {
    (align == Align::Right).then_some("n")
}

fn cell(cell: &Cell) -> Markup {
    match cell {
        Cell::Spark(line) => spark(line),
        Cell::Text { text, tone, link: url } => {
            let text = link(text, url.as_deref());
            match class(*tone) {
                "" => text,
                class => html! { span.(class) { (text) } },
            }
        }
    }
}

/// What a tone looks like.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Strong => "strong",
        Tone::Muted => "soft",
        Tone::Main | Tone::Down => "down",
        Tone::Up => "up",
        Tone::Alert => "alert",
    }
}
