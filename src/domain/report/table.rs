//! Tables: columns with an alignment, cells whose text the caller has already set.

use super::caption::{Caption, Direction, Tone};
use super::figure::Sparkline;

/// Rows under a head that is repeated where the table continues on the next page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub caption: Caption,
    pub columns: Vec<TableColumn>,
    /// Each as long as `columns`; shorter rows end in empty cells.
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableColumn {
    pub title: String,
    pub align: Align,
}

impl TableColumn {
    pub fn left(title: impl Into<String>) -> TableColumn {
        TableColumn { title: title.into(), align: Align::Left }
    }

    pub fn right(title: impl Into<String>) -> TableColumn {
        TableColumn { title: title.into(), align: Align::Right }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Right,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text { text: String, tone: Tone, link: Option<String> },
    Spark(Sparkline),
}

impl Default for Cell {
    fn default() -> Cell {
        Cell::text("")
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::toned(text, Tone::Plain)
    }

    pub fn strong(text: impl Into<String>) -> Cell {
        Cell::toned(text, Tone::Strong)
    }

    pub fn toned(text: impl Into<String>, tone: Tone) -> Cell {
        Cell::Text { text: text.into(), tone, link: None }
    }

    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Cell {
        Cell::Text { text: text.into(), tone: Tone::Plain, link: Some(url.into()) }
    }
}

/// One line of "what changed".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeRow {
    pub direction: Direction,
    pub name: String,
    pub text: String,
    /// At the right: `+109%`.
    pub value: String,
}
