//! The front page: a headline and a standfirst from the data, key figures, the main chart.

use super::facts::{Content, Facts, SourceFacts};
use super::period::Span;
use super::show::Show;
use super::{figures, keys, presence, quality, records, samples};
use crate::domain::format::capital;
use crate::domain::report::{Block, Caption, Column, Origin, Tone};
use crate::domain::source::FigureKind;

/// Records in the list beside the main chart, and sources in the table below: together they fill
/// the page.
const ROWS: usize = 17;
/// Longer periods name the day beside the clock, which takes lines of its own.
const ROWS_OF_DAYS: usize = 11;
const LISTED_LEAST: usize = 5;
/// Findings in the standfirst; the sections tell the others.
const SENTENCES: usize = 4;
/// Sources that have a row each; of more, their topics have one.
const SOURCES: usize = 8;

/// The greatest record of the period; else how far a measure went, one that is drawn first; else
/// how many records there are; else what became of the answers.
pub fn headline(facts: &Facts, show: &Show) -> String {
    let sources = &facts.sources;
    let greatest = records::leading(&facts.sources, facts)
        .and_then(|source| records::greatest(source, facts, show));
    let lead = || sources.iter().find_map(|source| samples::lead(source, facts, show));
    let seen = || sources.iter().find_map(|source| samples::finding(source, facts, show));
    let counted = || sources.iter().find_map(|source| records::count(source, facts, show));
    let none = || sources.iter().find_map(|source| records::none(source, facts, show));
    let listed = || sources.iter().find_map(|source| records::list(source, show));
    let said = greatest.or_else(lead).or_else(seen).or_else(counted).or_else(listed).or_else(none);
    bound(&said.unwrap_or_else(|| without(facts, show)))
}

/// Numbers and the short words behind them stay on one line: `81 km`.
pub fn bound(text: &str) -> String {
    let mut words = text.split(' ').peekable();
    let mut out = String::new();
    while let Some(word) = words.next() {
        out.push_str(word);
        let number = word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty();
        let unit = |next: &&str| {
            let letters = next.trim_end_matches([',', '.', ';']);
            (1..=3).contains(&letters.chars().count()) && letters.chars().all(char::is_lowercase)
        };
        match words.peek() {
            Some(next) if number && unit(next) => out.push('\u{a0}'),
            Some(_) => out.push(' '),
            None => {}
        }
    }
    out
}

/// What there is where no value and no record is.
fn without(facts: &Facts, show: &Show) -> String {
    let waiting: u64 = facts.balance.accounts.values().map(|account| account.waiting).sum();
    let landed: u64 = facts.sources.iter().map(|source| source.snapshots().len() as u64).sum();
    let (one, many) = (show.pick("answer", "réponse"), show.pick("answers", "réponses"));
    if landed == 0 {
        return show.nothing().into();
    }
    let n = capital(&show.lang.count(landed, one, many));
    let mut told = facts.sources.iter().filter(|source| !source.snapshots().is_empty());
    if told.all(SourceFacts::is_withheld) {
        return show.lang.pick(
            format!("{n} landed, of which the terms let no figure be shown"),
            format!("{n}, dont les conditions ne laissent montrer aucun chiffre"),
        );
    }
    if waiting > 0 {
        return show.lang.pick(
            format!("{n} landed, and nothing is summarised yet"),
            format!("{n}, et rien n’est encore résumé"),
        );
    }
    show.lang.pick(
        format!("{n} landed, with no value and no record of this period"),
        format!("{n}, sans valeur ni relevé de cette période"),
    )
}

/// What was counted, and how much of it came.
pub fn standfirst(facts: &Facts, headline: &str, show: &Show) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for source in &facts.sources {
        // The headline is not told again.
        if sentences.len() >= SENTENCES {
            break;
        }
        let said =
            samples::lead(source, facts, show).or_else(|| records::count(source, facts, show));
        if let Some(sentence) = said.filter(|sentence| bound(sentence) != headline) {
            sentences.push(format!("{sentence}."));
        }
    }
    sentences.push(quality::sentence(facts, show));
    sentences.extend(silent(facts, show));
    if facts.now < facts.period.to {
        sentences.push(show.unfinished().into());
    }
    sentences.join(" ")
}

/// Whether a source answered in the period, or was asked in it.
fn is_expected(source: &SourceFacts, facts: &Facts) -> bool {
    let asked = facts.outcomes.get(&source.source.name).is_some_and(|asked| asked.all() > 0);
    asked || !source.snapshots().is_empty()
}

/// How many sources were asked and gave nothing.
fn silent(facts: &Facts, show: &Show) -> Option<String> {
    let expected = || facts.sources.iter().filter(|source| is_expected(source, facts));
    let silent: Vec<&SourceFacts> = expected().filter(|s| s.snapshots().is_empty()).collect();
    let (n, all) = (silent.len() as u64, expected().count() as u64);
    match silent[..] {
        [] => None,
        [one] if all > 1 => {
            let title = show.named(&one.source);
            Some(
                show.lang
                    .pick(format!("{title} gave nothing."), format!("{title} n’a rien donné.")),
            )
        }
        [_] => None,
        _ => {
            let (n, all) = (show.lang.integer(n), show.lang.integer(all));
            Some(show.lang.pick(
                format!("{n} of {all} sources gave nothing."),
                format!("{n} sources sur {all} n’ont rien donné."),
            ))
        }
    }
}

/// Key figures, then the main chart beside the strongest records; without these where the only
/// section that has figures follows.
pub fn blocks(facts: &Facts, alone: bool, show: &Show) -> Vec<Block> {
    let keys = keys::all(facts, show);
    let mut blocks = Vec::new();
    if !keys.is_empty() {
        blocks.push(Block::KeyFigures(keys));
    }
    let (chart, map) = match alone {
        true => (None, None),
        false => (main_chart(facts, show), main_map(facts, show)),
    };
    match (chart, map) {
        (Some(chart), Some((map, list))) => {
            let beside: Vec<Block> = [map].into_iter().chain(list).collect();
            blocks.push(Block::Columns(vec![Column::new(7, [chart]), Column::new(5, beside)]));
        }
        (None, Some((map @ Block::Map(_), Some(list)))) => {
            blocks.push(Block::Columns(vec![Column::new(6, [map]), Column::new(6, [list])]));
        }
        (chart, map) => {
            blocks.extend(chart);
            blocks.extend(map.into_iter().flat_map(|(map, list)| [map].into_iter().chain(list)));
        }
    }
    blocks
}

fn main_chart(facts: &Facts, show: &Show) -> Option<Block> {
    facts.sources.iter().find_map(|source| {
        let Content::Samples { hours, before } = &source.content else { return None };
        let mut figures = source.source.figures.iter().enumerate();
        let (place, figure) = figures.find(|(_, figure)| figure.kind == FigureKind::Line)?;
        let line = samples::line(source, figure, (hours, before), facts, show).map(Block::Line)?;
        Some(line.of(&figures::origin(source, figure, place)))
    })
}

/// A map of records, and the greatest of them in a list.
fn main_map(facts: &Facts, show: &Show) -> Option<(Block, Option<Block>)> {
    records::leading(&facts.sources, facts).into_iter().chain(&facts.sources).find_map(|source| {
        let mut figures = source.source.figures.iter().enumerate();
        let (place, figure) = figures.find(|(_, figure)| figure.kind == FigureKind::Map)?;
        match source.content {
            Content::Records { .. } => {
                let origin = figures::origin(source, figure, place);
                let map = figures::map(source, figure, facts, show)?.of(&origin);
                let list = records::short_list(source, listed(facts), facts, show);
                let origin = Origin { figure: 0, ..origin };
                Some((map, list.map(|list| list.of(&origin))))
            }
            Content::Samples { .. } => None,
        }
    })
}

/// How many records the list holds, beside the rows that the sources take.
fn listed(facts: &Facts) -> usize {
    let rows = if facts.period.span == Span::Day { ROWS } else { ROWS_OF_DAYS };
    // Many sources also give a longer standfirst.
    let told = if facts.sources.len() > SOURCES { SENTENCES } else { 0 };
    let below = groups(facts, &|source| source.source.topic.clone()).len();
    rows.saturating_sub(below + told).max(LISTED_LEAST)
}

/// The sources that answered, each by itself or, where they are many, by topic.
fn groups<'a>(
    facts: &'a Facts,
    topic: &dyn Fn(&SourceFacts) -> String,
) -> Vec<(String, Vec<&'a SourceFacts>)> {
    let answered: Vec<&SourceFacts> =
        facts.sources.iter().filter(|source| is_expected(source, facts)).collect();
    let mut groups: Vec<(String, Vec<&SourceFacts>)> = Vec::new();
    for source in &answered {
        let name =
            if answered.len() > SOURCES { topic(source) } else { source.source.name.to_string() };
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(source),
            None => groups.push((name, vec![source])),
        }
    }
    groups
}

/// How many answers are counted whole, and how many in part.
fn in_part(counted: u64, partial: u64, show: &Show) -> String {
    let (whole, part) = (show.lang.integer(counted), show.lang.integer(partial));
    match partial {
        0 => whole,
        _ => show
            .lang
            .pick(format!("{whole} + {part} in part"), format!("{whole} + {part} en partie")),
    }
}

/// How much of what was expected came, a row for each source. What holds of all is said once.
pub fn completeness(facts: &Facts, show: &Show) -> Option<Block> {
    use crate::domain::report::table::{Cell, Table, TableColumn};
    let groups = groups(facts, &|source| show.topic(&source.source.topic));
    let recorded = groups.iter().flat_map(|(_, group)| group).all(|source| source.is_recorded());
    let row = |(name, group): &(String, Vec<&SourceFacts>)| {
        let title = match group[..] {
            [one] => show.title(&one.source).to_string(),
            _ => {
                let count = show.lang.count(group.len() as u64, "source", "sources");
                format!("{name}, {count}")
            }
        };
        let (mut answers, mut counted, mut partial) = (0, 0, 0);
        for source in group {
            let account = facts.balance.total(&source.source.name);
            answers += source.snapshots().len() as u64;
            counted += account.counted;
            partial += account.partial;
        }
        let mut cells = vec![
            Cell::text(title),
            Cell::text(show.lang.integer(answers)),
            Cell::text(in_part(counted, partial, show)),
        ];
        if !recorded {
            let (share, is_low) = presence::share(group, facts, show);
            cells.push(Cell::toned(share, if is_low { Tone::Alert } else { Tone::Plain }));
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = groups.iter().map(row).collect();
    let answers = match recorded {
        true => show.pick("Recorded answers", "Réponses enregistrées"),
        false => show.pick("Answers", "Réponses"),
    };
    let mut columns = vec![
        TableColumn::left(show.pick("Source", "Source")),
        TableColumn::right(answers),
        TableColumn::right(show.pick("Counted", "Comptées")),
    ];
    if !recorded {
        columns.push(TableColumn::right(show.pick("Of those expected", "Part reçue")));
    }
    let caption = Caption::new(show.pick("Completeness", "Complétude"), "");
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}
