//! Figures and sentences about records: earthquakes, offers, things with a time of their own.

use super::facts::{Facts, SourceFacts, clip, clipped, place};
use super::maps::{self, Classes};
use super::show::{Measure, Show};
use crate::domain::record::Record;
use crate::domain::report::figure::Place;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::source::{Field, Figure, FigureKind, Kind};

/// The records of the period that have the field, greatest first; ties by id.
pub fn ranked<'a>(source: &'a SourceFacts, field: &str, facts: &Facts) -> Vec<(&'a Record, f64)> {
    let records = source.records(&facts.period).into_iter();
    let mut ranked: Vec<(&Record, f64)> =
        records.filter_map(|record| Some((record, record.number(field)?))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.id.cmp(&b.0.id)));
    ranked
}

/// The field that ranks a source's records: that of its first table.
pub fn ranking(source: &SourceFacts) -> Option<&Figure> {
    source.source.figures.iter().find(|figure| figure.kind == FigureKind::Table)
}

/// A record in a few words: its first text field.
pub fn words<'a>(source: &SourceFacts, record: &'a Record) -> Option<&'a str> {
    let text = source.source.fields.iter().find(|field| field.kind == Kind::Text)?;
    record.text(&text.name).map(clip)
}

/// The greatest record of the day, as a sentence.
pub fn finding(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let figure = ranking(source)?;
    let (record, value) = ranked(source, &figure.field, facts).into_iter().next()?;
    let measure = show.measure(&source.source, &figure.field);
    let value = show.value(&measure, value);
    Some(match words(source, record) {
        Some(words) => format!("{} {value}, {words}", measure.title),
        None => format!("{} {value}", measure.title),
    })
}

/// The strongest records, one in a row.
pub fn table(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    let ranked = ranked(source, &figure.field, facts);
    let (first, rest): (Vec<&Field>, Vec<&Field>) =
        shown_fields(source).into_iter().partition(|field| field.name == figure.field);
    let fields: Vec<&Field> = first.into_iter().chain(rest).collect();
    let mut columns = vec![TableColumn::left(show.pick("Time", "Heure"))];
    columns.extend(fields.iter().map(|field| head(field, show)));
    let row = |(record, _): &(&Record, f64)| {
        let time = record.time.map(|time| show.clock(time)).unwrap_or_default();
        let cells = fields.iter().map(|field| {
            let strong = field.name == figure.field;
            cell(record, field, strong, &show.measure(&source.source, &field.name), show)
        });
        [Cell::text(time)].into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<Cell>> = ranked.iter().take(figure.rows).map(row).collect();
    let title = own_title(figure, show).unwrap_or_else(|| {
        let n = rows.len().to_string();
        let measure = show.measure(&source.source, &figure.field).title.to_lowercase();
        show.lang.pick(
            format!("The {n} greatest by {measure}"),
            format!("Les {n} plus grands par {measure}"),
        )
    });
    let all = source.records(&facts.period).len() as u64;
    let subtitle = show.lang.pick(
        format!("of {} in the period", show.lang.count(all, "record", "records")),
        format!("parmi {} de la période", show.lang.count(all, "relevé", "relevés")),
    );
    let caption = Caption::new(title, subtitle);
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}

/// All fields but the coordinates, which a map shows.
fn shown_fields(source: &SourceFacts) -> Vec<&Field> {
    let fields = source.source.fields.iter();
    fields.filter(|field| !matches!(&*field.name, "lat" | "lon")).collect()
}

fn head(field: &Field, show: &Show) -> TableColumn {
    let title = show.pick(&field.title.en, &field.title.fr);
    match (field.kind, &field.unit) {
        (Kind::Text, _) => TableColumn::left(title),
        (_, Some(unit)) => TableColumn::right(format!("{title}, {unit}")),
        (_, None) => TableColumn::right(title),
    }
}

fn cell(record: &Record, field: &Field, strong: bool, measure: &Measure, show: &Show) -> Cell {
    let text = match field.kind {
        Kind::Text => record.text(&field.name).map(clipped),
        Kind::Number(_) => record.number(&field.name).map(|x| show.number(measure, x)),
    };
    let text = text.unwrap_or_else(|| crate::domain::format::ABSENT.into());
    if strong { Cell::strong(text) } else { Cell::text(text) }
}

/// The greatest in few columns: value, words, time.
pub fn short_list(source: &SourceFacts, rows: usize, facts: &Facts, show: &Show) -> Option<Block> {
    let figure = ranking(source)?;
    let measure = show.measure(&source.source, &figure.field);
    let ranked = ranked(source, &figure.field, facts);
    let row = |(record, value): &(&Record, f64)| {
        vec![
            Cell::toned(show.number(&measure, *value), Tone::Up),
            Cell::text(words(source, record).unwrap_or(&record.id)),
            Cell::toned(record.time.map(|t| show.clock(t)).unwrap_or_default(), Tone::Muted),
        ]
    };
    let rows: Vec<Vec<Cell>> = ranked.iter().take(rows).map(row).collect();
    let columns = vec![TableColumn::left(""), TableColumn::left(""), TableColumn::right("")];
    (!rows.is_empty()).then_some(Block::Table(Table { caption: Caption::default(), columns, rows }))
}

pub fn own_title(figure: &Figure, show: &Show) -> Option<String> {
    let title = show.pick(&figure.title.en, &figure.title.fr);
    (!title.is_empty()).then(|| title.to_string())
}

/// Where the records happened; the greatest carry their value.
pub fn map(source: &SourceFacts, figure: &Figure, facts: &Facts, show: &Show) -> Option<Block> {
    let ranked = ranked(source, &figure.field, facts);
    let measure = show.measure(&source.source, &figure.field);
    let scale = Classes::of(ranked.iter().map(|(_, value)| *value))?;
    let located = ranked.iter().filter_map(|(record, value)| Some((place(record)?, *value)));
    let points: Vec<Place> = located
        .map(|((lon, lat), value)| {
            let (size, tone) = scale.mark(value);
            Place { lon, lat, size, tone, label: Some(show.value(&measure, value)) }
        })
        .collect();
    let title = own_title(figure, show).unwrap_or_else(|| {
        let (title, n) = (show.short_title(&source.source), show.lang.integer(points.len() as u64));
        show.lang
            .pick(format!("{title}: {n} on the map"), format!("{title}\u{a0}: {n} sur la carte"))
    });
    let caption = Caption::new(title, measure.title.to_string());
    maps::block(caption, points, scale.key(&measure, show), show)
}
