//! The figures that a source declares, from its facts.

use super::facts::{Content, Facts, SourceFacts};
use super::show::Show;
use super::{records, samples};
use crate::domain::report::{Block, Column};
use crate::domain::source::FigureKind;

/// All figures of a source, in the order of its declaration. A map stands beside what follows.
pub fn blocks(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<Block> {
    let mut blocks = Vec::new();
    for figure in &source.source.figures {
        let block = match (&source.content, figure.kind) {
            (Content::Samples { hours, before }, kind) => {
                samples::figure(source, figure, kind, (hours, before), facts, show)
            }
            (Content::Records { .. }, FigureKind::Map) => records::map(source, figure, facts, show),
            (Content::Records { .. }, FigureKind::Table) => {
                records::table(source, figure, facts, show)
            }
            (Content::Records { .. }, _) => None,
        };
        blocks.extend(block);
    }
    beside(blocks)
}

/// Two line charts in a row stand side by side.
fn beside(blocks: Vec<Block>) -> Vec<Block> {
    let mut arranged: Vec<Block> = Vec::new();
    for block in blocks {
        match (arranged.pop(), block) {
            (Some(Block::Line(a)), Block::Line(b)) => arranged.push(Block::Columns(vec![
                Column::new(6, [Block::Line(a)]),
                Column::new(6, [Block::Line(b)]),
            ])),
            (last, block) => {
                arranged.extend(last);
                arranged.push(block);
            }
        }
    }
    arranged
}

/// The finding at the head of a topic's section.
pub fn title(facts: &Facts, topic: &str, show: &Show) -> String {
    let own = facts.sources.iter().filter(|source| source.source.topic == topic);
    let findings = own.flat_map(|source| match &source.content {
        Content::Samples { hours, .. } => samples::finding(source, hours, show),
        Content::Records { .. } => records::finding(source, facts, show),
    });
    findings.take(1).collect::<Vec<_>>().join("; ")
}
