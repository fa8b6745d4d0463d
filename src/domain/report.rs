//! A report for one period, as plain values: what it says, not how it looks.
//! Nothing here reads a store, a clock or a locale; numbers in running text are text already
//! (see `format`), numbers that are drawn are `f64`, and what is not finite counts as absent.

mod caption;
pub mod data;
pub mod figure;
pub mod quality;
pub mod table;

pub use caption::{Caption, Direction, Origin, Tone};

use super::format::Lang;
use super::time::Instant;
use figure::{Bars, KeyFigure, LineChart, Map, Multiples};
pub use quality::SourceCard;
use quality::{Balance, Presence};
pub use table::ChangeRow;
use table::Table;

/// In the words at the foot and in the banner: the number of the page on which the last section
/// begins, which nobody knows before the pages are laid out.
pub const LAST_SECTION: char = '\u{f8ff}';

/// The document for one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub lang: Lang,
    /// The name of the publication, as printed at the head of each page.
    pub publication: String,
    /// The day it is about, and what else names this edition.
    pub edition: String,
    pub headline: String,
    pub standfirst: String,
    /// Set when the data is a recording: the banner of the front page. Every page says so too.
    pub recorded: Option<String>,
    /// What stands on the front page below the standfirst.
    pub front: Vec<Block>,
    /// Below that, where the page has room for it; a section tells the same.
    pub spare: Option<Spare>,
    pub sections: Vec<Section>,
    /// At the foot of every page, unless a section has its own.
    pub footer: String,
    pub meta: Meta,
}

/// What a catalogue or a viewer shows about the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    pub title: String,
    pub author: String,
    pub subject: String,
    pub keywords: Vec<String>,
    pub created: Instant,
}

/// A block that the front page may go without.
#[derive(Clone, Debug, PartialEq)]
pub struct Spare {
    pub block: Block,
    /// The name of the section that tells the same.
    pub told_in: String,
}

/// A part of the report with a name of its own in the outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// What tells it apart in addresses: the topic, or what it is about.
    pub id: String,
    /// Short: the running head, the contents and the outline use it.
    pub name: String,
    /// A finding, as a sentence; the name stands in when it is empty.
    pub title: String,
    pub standfirst: String,
    pub blocks: Vec<Block>,
    /// At the foot of this section's pages.
    pub footer: Option<String>,
    /// True lets the section begin below the one before, where there is room.
    pub run_on: bool,
}

/// One thing on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    KeyFigures(Vec<KeyFigure>),
    Line(LineChart),
    Bars(Bars),
    Multiples(Multiples),
    Map(Map),
    Table(Table),
    Changes(Caption, Vec<ChangeRow>),
    Presence(Presence),
    Balance(Balance),
    Sources(Caption, Vec<SourceCard>),
    Terms(Caption, Vec<Term>),
    Paragraph(String),
    /// Small and grey: how to read something, what is missing.
    Note(String),
    /// Side by side. Figures stretch to the height of the tallest column.
    Columns(Vec<Column>),
}

impl Block {
    /// The words above it.
    pub fn caption(&self) -> Option<&Caption> {
        match self {
            Block::Line(LineChart { caption, .. })
            | Block::Bars(Bars { caption, .. })
            | Block::Multiples(Multiples { caption, .. })
            | Block::Map(Map { caption, .. })
            | Block::Table(Table { caption, .. })
            | Block::Presence(Presence { caption, .. })
            | Block::Balance(Balance { caption, .. })
            | Block::Changes(caption, _)
            | Block::Sources(caption, _)
            | Block::Terms(caption, _) => Some(caption),
            Block::KeyFigures(_) | Block::Paragraph(_) | Block::Note(_) | Block::Columns(_) => None,
        }
    }

    /// The same, which shows this figure, with all that stands in it.
    pub fn of(mut self, origin: &Origin) -> Block {
        match &mut self {
            Block::Line(LineChart { caption, .. })
            | Block::Bars(Bars { caption, .. })
            | Block::Multiples(Multiples { caption, .. })
            | Block::Map(Map { caption, .. })
            | Block::Table(Table { caption, .. }) => caption.origin = Some(origin.clone()),
            Block::Columns(columns) => {
                for block in columns.iter_mut().flat_map(|column| &mut column.blocks) {
                    *block = std::mem::replace(block, Block::Note(String::new())).of(origin);
                }
            }
            _ => {}
        }
        self
    }

    /// All that stands in it, itself where it is no row of columns.
    pub fn all(&self) -> Vec<&Block> {
        match self {
            Block::Columns(columns) => {
                columns.iter().flat_map(|column| &column.blocks).flat_map(Block::all).collect()
            }
            block => vec![block],
        }
    }
}

/// A name, and what is said of it; a link of that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Term {
    pub name: String,
    pub text: String,
    pub link: Option<String>,
}

/// Blocks in one column of a row of columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Of the page's twelve columns, how many this one takes.
    pub span: u8,
    pub blocks: Vec<Block>,
}

impl Column {
    pub fn new(span: u8, blocks: impl Into<Vec<Block>>) -> Column {
        Column { span, blocks: blocks.into() }
    }
}
