//! The digest: what the store says of a period becomes a report. It is driven by what sources
//! declare, and never says a sentence that the data does not support.

mod aged;
mod apart;
mod asked;
mod bars;
mod brief;
mod catalogue;
mod classes;
mod course;
mod days;
mod distribution;
mod evidence;
mod facts;
mod figures;
mod fill;
mod former;
mod front;
mod keys;
mod maps;
mod measure;
mod now;
mod period;
mod phrases;
mod places;
mod presence;
mod quality;
mod range;
mod records;
mod samples;
mod show;
mod silence;
mod stations;
mod texts;
mod written;

pub use apart::{tell_apart, tell_titles_apart};
pub use brief::BRIEF;
pub use catalogue::card_of;
pub use course::trace_of;
pub use evidence::{Rhythm, breaks, gaps};
pub use facts::{Content, Facts, Label, Labels, Sides, SourceFacts, is_timeless};
pub use measure::{columns, shown_unit};
pub use now::{findings, latest};
pub use period::{Period, Span};
pub use quality::LOST_TOLD;

use super::report::{Block, Meta, Report, Section, Spare};
use super::time::iso;
use show::Show;
pub use show::topic_name;
use std::collections::BTreeMap;

/// Builds the report of a period.
pub fn report(facts: &Facts) -> Report {
    let show = Show::of(facts);
    let lang = facts.lang;
    let day = facts.period.edition(lang);
    let headline = front::headline(facts, &show);
    let standfirst = front::standfirst(facts, &headline, &show);
    let mut topics = topics(facts, &standfirst, &show);
    // The figures of the only topic stand on the front page once, in its section.
    let alone = topics.iter().filter(|topic| topic.name != brief::name(&show)).count() == 1;
    if alone {
        let same = |topic: &&mut Section| front::bound(&topic.title) == headline;
        topics.iter_mut().filter(same).for_each(|topic| topic.title.clear());
    }
    let front = front::blocks(facts, alone, &show);
    let told_in = quality::name(&show).to_string();
    let spare = front::completeness(facts, &show).map(|block| Spare { block, told_in });
    let mut sections: Vec<Section> = written::opening(facts, &show).into_iter().collect();
    sections.extend(topics);
    // A front with a figure stands alone.
    let figure = |block: &Block| !matches!(block, Block::KeyFigures(_) | Block::Table(_));
    if front.iter().any(figure) {
        sections.iter_mut().take(1).for_each(|first| first.run_on = false);
    }
    sections.push(quality::section(facts, &show));
    let closing = written::closing(facts, &show);
    sections.extend(closing.unwrap_or_else(|| vec![catalogue::section(facts, &show)]));
    Report {
        lang,
        publication: facts.publication.clone(),
        edition: day.clone(),
        headline: headline.clone(),
        standfirst,
        recorded: quality::recorded(facts, &show),
        front,
        spare,
        sections,
        footer: show.footer(facts),
        meta: Meta {
            title: format!("{}, {day}", facts.publication),
            author: "Daybook".into(),
            subject: headline,
            keywords: keywords(facts),
            created: facts.now,
        },
    }
}

/// A section for each topic, in the order in which sources name them first; then those with
/// little to say. Below the head of the only one stands what the front page has not told.
fn topics(facts: &Facts, front: &str, show: &Show) -> Vec<Section> {
    let mut sections: Vec<(&str, Vec<Block>)> = Vec::new();
    let mut undrawn: Vec<&SourceFacts> = Vec::new();
    for source in &facts.sources {
        let blocks = figures::blocks(source, facts, show);
        if blocks.is_empty() {
            undrawn.push(source);
            continue;
        }
        let topic = source.source.topic.as_str();
        match sections.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, all)) => all.extend(blocks),
            None => sections.push((topic, blocks)),
        }
    }
    let (small, large): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|(_, blocks)| blocks.iter().all(brief::is_narrow));
    let tables = small.into_iter().flat_map(|(_, blocks)| blocks).collect();
    let told = if large.len() == 1 { front } else { "" };
    let section = |(topic, blocks): (&str, Vec<Block>)| Section {
        id: topic.into(),
        name: show.topic(topic),
        title: figures::title(facts, topic, show),
        standfirst: figures::standfirst(facts, topic, told, show),
        blocks: figures::arranged(blocks),
        run_on: true,
        ..Section::default()
    };
    let brief = brief::section(facts, &undrawn, tables, show);
    large.into_iter().map(section).chain(brief).collect()
}

fn keywords(facts: &Facts) -> Vec<String> {
    let names = facts.sources.iter().map(|s| (s.source.name.to_string(), ()));
    let names: BTreeMap<String, ()> = names.collect();
    let period = [iso(facts.period.from), iso(facts.period.to)];
    names.into_keys().chain(period).collect()
}
