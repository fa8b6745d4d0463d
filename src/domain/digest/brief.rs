//! In brief: sources with little to say share one section, a row for each.

use super::facts::{Content, Facts, SourceFacts};
use super::show::Show;
use super::{aged, catalogue, records, samples};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Column, Section};
use crate::domain::source::LabelSource;

/// What one source says here, at most.
const SENTENCES: usize = 8;

/// Rows of a list that is set in parts side by side, and how many parts.
const LONG: usize = 13;
const PARTS: usize = 3;

/// What the section is called in addresses.
pub const BRIEF: &str = "brief";

/// The section; `None` where every source has figures, or nothing to say.
pub fn section(
    facts: &Facts,
    undrawn: &[&SourceFacts],
    tables: Vec<Block>,
    show: &Show,
) -> Option<Section> {
    let rows: Vec<Vec<Cell>> =
        undrawn.iter().filter_map(|source| row(source, facts, show)).collect();
    let columns = vec![
        TableColumn::left(show.pick("Source", "Source")),
        TableColumn::left(show.pick("What it says", "Ce qu’elle dit")),
        TableColumn::right(show.pick("Answers", "Réponses")),
    ];
    let mut blocks = in_pairs(tables);
    if !rows.is_empty() {
        blocks.insert(0, Block::Table(Table { caption: Caption::default(), columns, rows }));
    }
    (!blocks.is_empty()).then(|| Section {
        id: BRIEF.into(),
        name: name(show).into(),
        blocks,
        run_on: true,
        ..Section::default()
    })
}

/// What the section is called.
pub fn name<'a>(show: &Show) -> &'a str {
    show.lang.pick("In brief", "En bref")
}

fn row(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<Vec<Cell>> {
    let said = sentences(source, facts, show);
    let answers = show.lang.integer(source.snapshots().len() as u64);
    (!said.is_empty() && !names_others(source, facts)).then(|| {
        let said: Vec<String> = said.into_iter().map(|said| format!("{said}.")).collect();
        let title = show.title(&source.source);
        vec![Cell::strong(title), Cell::text(said.join(" ")), Cell::text(answers)]
    })
}

fn sentences(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<String> {
    if let Some(terms) = catalogue::withheld(source, show) {
        return if source.snapshots().is_empty() { Vec::new() } else { vec![terms.into()] };
    }
    let is_void = match &source.content {
        Content::Samples { hours, .. } => hours.series.is_empty(),
        Content::Records { sheet, .. } => sheet.is_empty(),
    };
    if is_void && !source.aged.expired.is_empty() {
        return vec![aged::gone(source, show).into()];
    }
    match &source.content {
        Content::Samples { .. } => {
            let lead = samples::lead(source, facts, show).into_iter();
            let mut said: Vec<String> = Vec::new();
            for sentence in lead.chain(samples::others(source, facts, show)) {
                if !said.contains(&sentence) && said.len() < SENTENCES {
                    said.push(sentence);
                }
            }
            if said.is_empty() && !source.snapshots().is_empty() {
                let account = facts.balance.total(&source.source.name);
                let unread = account.partial + account.quarantined > 0;
                said.push(match unread {
                    true => {
                        show.pick("No value that could be read", "Aucune valeur lisible").into()
                    }
                    false => show.pick("No value", "Aucune valeur").into(),
                });
            }
            said
        }
        Content::Records { .. } => {
            let greatest = records::greatest(source, facts, show);
            let many = records::count(source, facts, show)
                .or_else(|| records::list(source, show))
                .or_else(|| records::none(source, facts, show));
            greatest.into_iter().chain(many).collect()
        }
    }
}

/// Whether a source is there to name the series of another.
fn names_others(source: &SourceFacts, facts: &Facts) -> bool {
    let named = |other: &SourceFacts| match other.source.items.labels() {
        Some(LabelSource::Source(name)) => source.source.names().contains(name),
        _ => false,
    };
    facts.sources.iter().any(named)
}

/// Whether a block is a narrow table: names and numbers, no line of the day.
pub fn is_narrow(block: &Block) -> bool {
    let Block::Table(table) = block else { return false };
    let drawn = |cell: &Cell| matches!(cell, Cell::Spark(_));
    table.columns.len() <= 3 && !table.rows.iter().flatten().any(drawn)
}

/// Narrow tables stand side by side, two in a row; a long one beside itself.
pub fn in_pairs(blocks: Vec<Block>) -> Vec<Block> {
    let mut paired: Vec<Block> = Vec::new();
    let mut waiting: Option<Block> = None;
    for block in blocks {
        if let Some(columns) = beside_itself(&block) {
            paired.extend(waiting.take());
            paired.push(columns);
            continue;
        }
        match (waiting.take(), is_narrow(&block)) {
            (Some(first), true) => {
                let columns = vec![Column::new(6, [first]), Column::new(6, [block])];
                paired.push(Block::Columns(columns));
            }
            (None, true) => waiting = Some(block),
            (first, false) => {
                paired.extend(first);
                paired.push(block);
            }
        }
    }
    paired.extend(waiting);
    paired
}

/// A long list of two columns in three parts, read one after the other.
fn beside_itself(block: &Block) -> Option<Block> {
    let Block::Table(table) = block else { return None };
    if !is_narrow(block) || table.columns.len() > 2 || table.rows.len() < LONG {
        return None;
    }
    // Blank words keep the heads of all parts at one height.
    let blank = |text: &str| if text.is_empty() { "" } else { "\u{a0}" };
    let rest = Caption::new(blank(&table.caption.title), blank(&table.caption.subtitle));
    let parts = table.rows.chunks(table.rows.len().div_ceil(PARTS)).enumerate();
    let parts = parts.map(|(place, rows)| {
        let caption = if place == 0 { table.caption.clone() } else { rest.clone() };
        let rows = rows.to_vec();
        Column::new(4, [Block::Table(Table { caption, rows, columns: table.columns.clone() })])
    });
    Some(Block::Columns(parts.collect()))
}
