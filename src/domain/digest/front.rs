//! The front page: a headline and a standfirst from the data, key figures, the main chart.

use super::facts::{Content, Facts, SourceFacts};
use super::show::Show;
use super::{quality, records, samples};
use crate::domain::hours::Hours;
use crate::domain::report::figure::{Change, KeyFigure, Sparkline};
use crate::domain::report::{Block, Caption, Column, Direction, Tone};
use crate::domain::source::FigureKind;
use chrono::Duration;

/// Records in the list beside the main chart.
const LISTED: usize = 7;

/// Key figures on the page.
const KEYS: usize = 6;

/// The greatest record of the day; else how far a measure went; else that there is nothing.
pub fn headline(facts: &Facts, show: &Show) -> String {
    let greatest = facts.sources.iter().find_map(|source| match source.content {
        Content::Records { .. } => records::finding(source, facts, show),
        Content::Samples { .. } => None,
    });
    let moved = || facts.sources.iter().find_map(|source| sample_finding(source, show));
    greatest
        .or_else(moved)
        .unwrap_or_else(|| show.pick("No data for this day", "Aucune donnée pour ce jour").into())
}

fn sample_finding(source: &SourceFacts, show: &Show) -> Option<String> {
    match &source.content {
        Content::Samples { hours, .. } => samples::finding(source, hours, show),
        Content::Records { .. } => None,
    }
}

/// What was counted, and how much of it came.
pub fn standfirst(facts: &Facts, show: &Show) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for source in &facts.sources {
        if let Some(sentence) = sample_finding(source, show) {
            sentences.push(format!("{sentence}."));
        }
        let (n, title) = (source.records(&facts.period).len() as u64, show.title(&source.source));
        if n > 0 {
            let n = show.lang.integer(n);
            sentences.push(show.lang.pick(
                format!("{title}: {n} {}.", show.inside()),
                format!("{title}\u{a0}: {n} {}.", show.inside()),
            ));
        }
    }
    sentences.push(quality::sentence(facts, show));
    sentences.join(" ")
}

/// Key figures, then the main chart beside the strongest records.
pub fn blocks(facts: &Facts, show: &Show) -> Vec<Block> {
    let mut keys: Vec<KeyFigure> =
        facts.sources.iter().flat_map(|source| keys_of(source, facts, show)).collect();
    keys.truncate(KEYS);
    let mut blocks = Vec::new();
    if !keys.is_empty() {
        blocks.push(Block::KeyFigures(keys));
    }
    let (chart, map) = (main_chart(facts, show), main_map(facts, show));
    match (chart, map) {
        (Some(chart), Some((map, list))) => {
            let beside: Vec<Block> = [map].into_iter().chain(list).collect();
            blocks.push(Block::Columns(vec![Column::new(7, [chart]), Column::new(5, beside)]));
        }
        (chart, map) => {
            blocks.extend(chart);
            blocks.extend(map.into_iter().flat_map(|(map, list)| [map].into_iter().chain(list)));
        }
    }
    blocks.extend(completeness(facts, show));
    blocks
}

fn keys_of(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    match &source.content {
        Content::Samples { hours, before } => {
            let lines = source.source.figures.iter().filter(|f| f.kind == FigureKind::Line);
            lines.filter_map(|f| sample_key(source, &f.field, hours, before, show)).collect()
        }
        Content::Records { .. } => record_keys(source, facts, show),
    }
}

/// The mean of the day, its change against the day before, and the day as a line.
fn sample_key(
    source: &SourceFacts,
    field: &str,
    hours: &Hours,
    before: &Hours,
    show: &Show,
) -> Option<KeyFigure> {
    let measure = show.measure(&source.source, field);
    let series = samples::carrier(source, hours, field)?;
    let mean = hours.whole(series, field)?.mean();
    let change = before.whole(series, field).map(|numbers| {
        let change = mean - numbers.mean();
        let least = 0.5 / 10f64.powi(measure.decimals as i32);
        Change {
            direction: Direction::of(change, least),
            text: show.lang.signed(change, measure.decimals),
            note: show.against().into(),
        }
    });
    let values = hours.means(series, field).iter().map(|mean| Some(mean.value)).collect();
    Some(KeyFigure {
        label: measure.title.into(),
        value: show.lang.number(mean, measure.decimals),
        unit: measure.unit.into(),
        change,
        spark: Sparkline { values, band: None },
    })
}

/// How many records the day has, by hour; and the greatest of them.
fn record_keys(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<KeyFigure> {
    let records = source.records(&facts.period);
    if records.is_empty() {
        return Vec::new();
    }
    let mut by_hour: Vec<Option<f64>> = Vec::new();
    let mut from = facts.period.from;
    while from < facts.period.to {
        let to = from + Duration::hours(1);
        let inside = records.iter().filter(|r| r.time.is_some_and(|t| from <= t && t < to));
        by_hour.push(Some(inside.count() as f64));
        from = to;
    }
    let mut keys = vec![KeyFigure {
        label: show.short_title(&source.source).into(),
        value: show.lang.integer(records.len() as u64),
        unit: show.inside().into(),
        change: None,
        spark: Sparkline { values: by_hour, band: None },
    }];
    if let Some(figure) = records::ranking(source)
        && let Some((_, value)) = records::ranked(source, &figure.field, facts).first()
    {
        let measure = show.measure(&source.source, &figure.field);
        let label = show
            .lang
            .pick(format!("{}, greatest", measure.title), format!("{}, maximum", measure.title));
        keys.push(KeyFigure {
            label,
            value: show.lang.number(*value, measure.decimals),
            unit: measure.unit.into(),
            ..KeyFigure::default()
        });
    }
    keys
}

fn main_chart(facts: &Facts, show: &Show) -> Option<Block> {
    facts.sources.iter().find_map(|source| {
        let Content::Samples { hours, before } = &source.content else { return None };
        let figure = source.source.figures.iter().find(|f| f.kind == FigureKind::Line)?;
        samples::line(source, figure, (hours, before), facts, show).map(Block::Line)
    })
}

/// A map of records, and the greatest of them in a list.
fn main_map(facts: &Facts, show: &Show) -> Option<(Block, Option<Block>)> {
    facts.sources.iter().find_map(|source| {
        let figure = source.source.figures.iter().find(|f| f.kind == FigureKind::Map)?;
        match source.content {
            Content::Records { .. } => {
                let map = records::map(source, figure, facts, show)?;
                Some((map, records::short_list(source, LISTED, facts, show)))
            }
            Content::Samples { .. } => None,
        }
    })
}

/// How much of what was expected came, a row for each source.
fn completeness(facts: &Facts, show: &Show) -> Option<Block> {
    use crate::domain::report::table::{Cell, Table, TableColumn};
    let rows: Vec<Vec<Cell>> = facts
        .sources
        .iter()
        .filter(|source| !source.snapshots.is_empty())
        .map(|source| {
            let share = quality::share(source, facts, show);
            let tone = if share.1 { Tone::Alert } else { Tone::Plain };
            let account = facts.balance.total(&source.source.name);
            vec![
                Cell::text(show.title(&source.source)),
                Cell::text(show.lang.integer(source.snapshots.len() as u64)),
                Cell::text(show.lang.integer(account.counted + account.partial)),
                Cell::toned(share.0, tone),
            ]
        })
        .collect();
    let columns = vec![
        TableColumn::left(show.pick("Source", "Source")),
        TableColumn::right(show.pick("Answers", "Réponses")),
        TableColumn::right(show.pick("Counted", "Comptées")),
        TableColumn::right(show.pick("Of those expected", "Des attendues")),
    ];
    let caption = Caption::new(show.pick("Completeness", "Complétude"), "");
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}
