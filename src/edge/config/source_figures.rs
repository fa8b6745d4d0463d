//! The tables `[[figures]]`: what a report shows of a source.

use super::reader::Table;
use super::source_items::numbers;
use super::values::{line, title, word};
use crate::domain::source::{
    Aggregate, Field, Figure, FigureKind, Items, Kind, Rank, Share, Shown, shown,
};

pub(super) const FIGURES: [(&str, FigureKind); 7] = [
    ("line", FigureKind::Line),
    ("table", FigureKind::Table),
    ("map", FigureKind::Map),
    ("multiples", FigureKind::Multiples),
    ("bars", FigureKind::Bars),
    ("distribution", FigureKind::Distribution),
    ("fill", FigureKind::Fill),
];

/// What a figure may be about.
struct Known {
    numbers: Vec<String>,
    texts: Vec<String>,
    aggregates: Vec<String>,
    are_records: bool,
    shown: Shown,
}

pub(super) fn figures(
    top: &Table,
    (fields, aggregates): (&[Field], &[Aggregate]),
    items: Option<&Items>,
    share: Share,
) -> Vec<Figure> {
    let names = numbers(fields).into_iter().chain(aggregates.iter().map(|a| a.name.clone()));
    let texts = fields.iter().filter(|f| f.kind == Kind::Text);
    let known = Known {
        numbers: names.collect(),
        texts: texts.map(|f| f.name.clone()).collect(),
        are_records: items.is_some_and(|i| matches!(i, Items::Records(_)) && i.series().is_none()),
        aggregates: aggregates.iter().map(|a| a.name.clone()).collect(),
        shown: items.map_or(Shown::Each, |items| shown(share, items)),
    };
    let tables = top.tables("figures");
    tables.into_iter().filter_map(|table| figure(&table, &known)).collect()
}

/// Rows of a table, some eighty pages of them, and charts of a set, at most.
pub(super) const TABLE_ROWS: u32 = 5000;
const CHARTS: u32 = 100;

impl Known {
    /// What a figure of a kind is about: what it is called, and the names that are so.
    fn of(&self, kind: Option<FigureKind>) -> (&'static str, Vec<String>) {
        let both = || [&*self.numbers, &*self.texts].concat();
        match kind {
            Some(FigureKind::Table) => ("", both()),
            Some(FigureKind::Map) if self.are_records => ("", both()),
            Some(FigureKind::Bars) => (" of texts", self.texts.clone()),
            _ => (" of numbers", self.numbers.clone()),
        }
    }

    /// Why a figure cannot be, of these items and under these terms.
    fn refuses(&self, kind: FigureKind, field: &str) -> Option<&'static str> {
        let of_records = matches!(kind, FigureKind::Distribution | FigureKind::Fill);
        let each = kind == FigureKind::Table
            || kind == FigureKind::Map && self.numbers.iter().any(|name| name == field);
        let is_single = match self.are_records {
            true => each,
            false => !self.aggregates.iter().any(|name| name == field),
        };
        match self.shown {
            _ if of_records && !self.are_records => Some("[records] with an id"),
            Shown::Nothing => Some("another about.share: nothing of this source may be shown"),
            Shown::Together if is_single => Some("about.share = \"all\": it shows single items"),
            _ => None,
        }
    }
}

fn figure(table: &Table, all: &Known) -> Option<Figure> {
    let kind = word(table, "kind", &FIGURES);
    let (what, known) = all.of(kind);
    let allowed = match known.is_empty() {
        true => format!("a field or aggregate{what}, and none is declared"),
        false => format!("a field or aggregate{what}: {}", known.join(", ")),
    };
    let is_fill = kind == Some(FigureKind::Fill);
    if is_fill && table.has("field") {
        table.clash("field", "another kind: fill is about all fields");
    }
    let field = match is_fill {
        true => Some(String::new()),
        false => table.need("field", &allowed, |v| {
            v.text().map(str::to_string).filter(|name| known.contains(name))
        }),
    };
    if let Some(needs) = kind.zip(field.as_ref()).and_then(|(kind, f)| all.refuses(kind, f)) {
        table.clash("kind", needs);
    }
    let most = if kind == Some(FigureKind::Table) { TABLE_ROWS } else { CHARTS };
    let allowed = format!("a whole number from 1 to {most}");
    let usual = if is_fill { f64::from(CHARTS) } else { 10.0 };
    let rows = table.may("rows", &allowed, usual, |v| {
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
