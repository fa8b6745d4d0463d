//! The figures that a source declares, from its facts.

use super::facts::{Content, Facts, SourceFacts};
use super::show::Show;
use super::{bars, brief, distribution, fill, places, records, samples, texts};
use crate::domain::doubles::{Doubles, Offer, has_offers};
use crate::domain::report::figure::Extent;
use crate::domain::report::{Block, Column, Origin};
use crate::domain::source::{Figure, FigureKind, Kind};
use std::collections::BTreeSet;

/// Sentences at the head of a section; those of what was found are told all the same.
const SENTENCES: usize = 3;

/// All figures of a source, in the order of its declaration. A map stands beside what follows.
pub fn blocks(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (place, figure) in source.source.figures.iter().enumerate() {
        let block = match (&source.content, figure.kind) {
            (Content::Samples { .. }, FigureKind::Table) if is_text(source, &figure.field) => {
                texts::table(source, figure, show).map(Block::Table)
            }
            (Content::Samples { hours, before }, kind) => {
                samples::figure(source, figure, kind, (hours, before), facts, show)
            }
            (Content::Records { .. }, FigureKind::Map) => map(source, figure, facts, show),
            (Content::Records { .. }, FigureKind::Distribution) => {
                distribution::of_records(source, figure, facts, show)
            }
            (Content::Records { .. }, FigureKind::Fill) => {
                fill::of_records(source, figure, facts, show)
            }
            (Content::Records { .. }, FigureKind::Table) => {
                records::table(source, figure, facts, show)
            }
            (Content::Records { .. }, FigureKind::Bars) => {
                bars::of_records(source, figure, facts, show)
            }
            (Content::Records { .. }, _) => None,
        };
        let origin = origin(source, figure, place);
        blocks.extend(block.map(|block| block.of(&origin)));
    }
    blocks
}

/// What a figure of a source is made of; `place` is its own among them.
pub fn origin(source: &SourceFacts, figure: &Figure, place: usize) -> Origin {
    let series = match &source.content {
        Content::Samples { hours, .. } if figure.kind == FigureKind::Line => {
            samples::carrier(source, hours, &figure.field).map(str::to_string)
        }
        _ => None,
    };
    let (source, field) = (source.source.name.to_string(), figure.field.clone());
    Origin { source, figure: place + 1, field, series }
}

/// A map of records: by a number one by one, by a text how many each place has.
pub fn map(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    match is_text(source, &figure.field) {
        true => places::map(source, figure, facts, show),
        false => records::map(source, figure, facts, show),
    }
}

/// What can stand side by side does.
pub fn arranged(blocks: Vec<Block>) -> Vec<Block> {
    brief::in_pairs(beside(blocks))
}

fn is_text(source: &SourceFacts, field: &str) -> bool {
    source.source.fields.iter().any(|f| f.name == field && f.kind == Kind::Text)
}

/// Two line charts in a row stand side by side, and two maps of less than the world.
fn beside(blocks: Vec<Block>) -> Vec<Block> {
    let mut arranged: Vec<Block> = Vec::new();
    for block in blocks {
        match arranged.pop() {
            Some(last) if are_a_pair(&last, &block) => {
                let columns = vec![Column::new(6, [last]), Column::new(6, [block])];
                arranged.push(Block::Columns(columns));
            }
            last => {
                arranged.extend(last);
                arranged.push(block);
            }
        }
    }
    arranged
}

fn are_a_pair(a: &Block, b: &Block) -> bool {
    match (a, b) {
        (Block::Line(_), Block::Line(_)) => true,
        (Block::Bars(a), Block::Bars(b)) => !a.in_two && !b.in_two,
        (Block::Map(a), Block::Map(b)) => a.extent != Extent::World && b.extent != Extent::World,
        _ => false,
    }
}

/// The finding at the head of a topic's section: the greatest record, else that of its first
/// source that has one.
pub fn title(facts: &Facts, topic: &str, show: &Show) -> String {
    findings(facts, topic, show).next().unwrap_or_default()
}

fn findings<'a>(
    facts: &'a Facts,
    topic: &'a str,
    show: &'a Show,
) -> impl Iterator<Item = String> + 'a {
    let lead = records::leading(facts.of_topic(topic), facts);
    let is_lead = move |source: &&SourceFacts| {
        lead.is_some_and(|lead| lead.source.name == source.source.name)
    };
    let others = facts.of_topic(topic).filter(move |source| !is_lead(source));
    lead.into_iter().chain(others).filter_map(move |source| match &source.content {
        Content::Samples { .. } => samples::finding(source, facts, show),
        Content::Records { .. } => {
            records::greatest(source, facts, show).or_else(|| records::count(source, facts, show))
        }
    })
}

/// What the other sources of a topic found, and how much the section rests on; what the front page
/// above it has told is not told again.
pub fn standfirst(facts: &Facts, topic: &str, told: &str, show: &Show) -> String {
    let others = findings(facts, topic, show).skip(1).map(|finding| format!("{finding}."));
    let others: Vec<String> = others.collect();
    let drawn = facts.of_topic(topic).filter(|source| !source.source.figures.is_empty());
    // How much there is says little beside what it says.
    let room = SENTENCES.saturating_sub(others.len());
    let extents = drawn.filter_map(|source| extent(source, facts, show)).take(room);
    let doubles = doubles(facts, topic, show);
    let said = others.iter().cloned().chain(extents).filter(|said| !told.contains(said));
    let lost = facts.of_topic(topic).filter_map(|source| lost(source, show));
    let caveats = facts.of_topic(topic).filter(|source| !source.source.figures.is_empty());
    let caveats = caveats.filter_map(|source| source.source.about.caveat.as_ref());
    let caveats = caveats.map(|caveat| show.pick(&caveat.en, &caveat.fr).to_string());
    let said = said.chain(doubles).chain(lost).chain(caveats);
    said.collect::<Vec<_>>().join(" ")
}

/// What a restored store does not know yet.
fn lost(source: &SourceFacts, show: &Show) -> Option<String> {
    let n = Some(source.sides.lost).filter(|n| *n > 0)?;
    let (of, title) = (records::counted(source, n, show), show.title(&source.source));
    Some(show.lang.pick(
        format!("{title}: what may be withdrawn of {of} is not known since a backup was restored."),
        format!("{title}\u{a0}: ce qui peut être retiré de {of} manque depuis une restauration."),
    ))
}

/// How many job offers of a topic stand in several of its sources.
fn doubles(facts: &Facts, topic: &str, show: &Show) -> Option<String> {
    let offering = || facts.of_topic(topic).filter(|source| has_offers(&source.source));
    let offers = |source: &SourceFacts| -> BTreeSet<Offer> {
        let records = source.records(&facts.period).into_iter();
        records.filter_map(|record| Offer::of(|name| record.text(name))).collect()
    };
    let mut doubles = Doubles::default();
    for source in offering() {
        let name = source.source.name.as_str();
        offers(source).into_iter().for_each(|offer| doubles.enter(name, offer));
    }
    let n = doubles.in_several() as u64;
    let (number, french) = (show.lang.integer(n), show.lang.plural(n, "figure", "figurent"));
    (n > 0).then(|| {
        show.lang.pick(
            format!("In several sources: {number} (same title, employer and place)."),
            format!("{number} {french} dans plusieurs sources (mêmes intitulé, employeur, lieu)."),
        )
    })
}

/// How many records, or series and looks at them, a source has in the period.
fn extent(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let lang = show.lang;
    let what = match &source.content {
        Content::Samples { hours, .. } => {
            let n = hours.own_series().count() as u64;
            let looks = source.snapshots().len() as u64;
            let series = lang.count(n, lang.pick("series", "série"), lang.pick("series", "séries"));
            let answers = lang.pick(("answer", "answers"), ("réponse", "réponses"));
            let looks = lang.count(looks, answers.0, answers.1);
            (n > 0 && !source.snapshots().is_empty()).then(|| format!("{series}, {looks}"))
        }
        Content::Records { .. } => {
            let n = source.records(&facts.period).len() as u64;
            let span = records::span(source, facts, show);
            (n > 0 && !source.is_timeless()).then(|| format!("{} {span}", lang.integer(n)))
        }
    };
    what.map(|what| format!("{}{} {what}.", show.title(&source.source), lang.colon()))
}
