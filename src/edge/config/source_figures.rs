//! The tables `[[figures]]`: what a report shows of a source.

use super::reader::Table;
use super::source_items::numbers;
use super::values::{line, title, word};
use crate::domain::source::{Aggregate, Field, Figure, FigureKind, Kind, Rank};

pub(super) const FIGURES: [(&str, FigureKind); 5] = [
    ("line", FigureKind::Line),
    ("table", FigureKind::Table),
    ("map", FigureKind::Map),
    ("multiples", FigureKind::Multiples),
    ("bars", FigureKind::Bars),
];
pub(super) fn figures(top: &Table, fields: &[Field], aggregates: &[Aggregate]) -> Vec<Figure> {
    let names = numbers(fields).into_iter().chain(aggregates.iter().map(|a| a.name.clone()));
    let names: Vec<String> = names.collect();
    let texts = fields.iter().filter(|f| f.kind == Kind::Text);
    let texts: Vec<String> = texts.map(|f| f.name.clone()).collect();
    let tables = top.tables("figures");
    tables.into_iter().filter_map(|table| figure(&table, &names, &texts)).collect()
}

/// Rows of a table, some eighty pages of them, and charts of a set, at most.
pub(super) const TABLE_ROWS: u32 = 5000;
const CHARTS: u32 = 100;

/// A table also of a field of texts; all others of numbers.
fn figure(table: &Table, numbers: &[String], texts: &[String]) -> Option<Figure> {
    let kind = word(table, "kind", &FIGURES);
    let known = match kind {
        Some(FigureKind::Table) => [numbers, texts].concat(),
        Some(FigureKind::Bars) => texts.to_vec(),
        _ => numbers.to_vec(),
    };
    let what = match kind {
        Some(FigureKind::Table) => "",
        Some(FigureKind::Bars) => " of texts",
        _ => " of numbers",
    };
    let allowed = match known.is_empty() {
        true => format!("a field or aggregate{what}, and none is declared"),
        false => format!("a field or aggregate{what}: {}", known.join(", ")),
    };
    let field = table.need("field", &allowed, |v| {
        v.text().map(str::to_string).filter(|name| known.contains(name))
    });
    let most = if kind == Some(FigureKind::Table) { TABLE_ROWS } else { CHARTS };
    let allowed = format!("a whole number from 1 to {most}");
    let rows = table.may("rows", &allowed, 10.0, |v| {
        v.number().filter(|n| n.fract() == 0.0 && (1.0..=f64::from(most)).contains(n))
    });
    let title = title(table, "title").unwrap_or_default();
    let is_bars = kind == Some(FigureKind::Bars);
    let rank = table.has("rank").then(|| word(table, "rank", &Rank::ALL)).flatten();
    let split = table.may("split", "a text", None, |v| line(v).map(Some));
    for key in ["rank", "split"] {
        if table.has(key) && !is_bars {
            table.clash(key, "it goes with kind = \"bars\" only");
        }
    }
    table.unknown();
    let rank = rank.unwrap_or_default();
    Some(Figure { kind: kind?, title, field: field?, rows: rows as usize, rank, split })
}
