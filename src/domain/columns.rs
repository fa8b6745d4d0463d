//! Records as rows of a table for people: a header, and a row of texts for each.

use super::extract::{Extraction, Item, Value};
use super::jobs::{self, Column};
use super::source::{Items, Schema, Source};
use super::time::{Instant, from_millis, iso};

/// How the records of a source stand in a table. The first column is the id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Columns {
    pub header: Vec<String>,
    cells: Vec<Cell>,
    /// The name of the source, as tables have it.
    source: String,
    fields: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
    Id,
    Source,
    Time,
    Updated,
    Asked,
    /// By its place in the declaration; none where none is declared.
    Field(Option<usize>),
}

impl Columns {
    /// The columns of its schema; without one its id, its times, and all of its fields.
    pub fn of(source: &Source) -> Columns {
        let Items::Records(records) = &source.items else { return Columns::empty() };
        let place = |name: &str| source.fields.iter().position(|field| field.name == name);
        let columns: Vec<(String, Cell)> = match records.schema {
            Some(Schema::JobOffer) => {
                let of = |(name, column): (&str, Column)| {
                    let cell = match column {
                        Column::Id => Cell::Id,
                        Column::Source => Cell::Source,
                        Column::Time => Cell::Time,
                        Column::Updated => Cell::Updated,
                        Column::Asked => Cell::Asked,
                        Column::Field(name) => Cell::Field(place(name)),
                    };
                    (name.to_string(), cell)
                };
                jobs::COLUMNS.into_iter().map(of).collect()
            }
            None => {
                let times = [
                    Some(("id", Cell::Id)),
                    records.time.as_ref().map(|_| ("time", Cell::Time)),
                    records.updated.as_ref().map(|_| ("updated", Cell::Updated)),
                ];
                let times = times.into_iter().flatten().map(|(name, cell)| (name.into(), cell));
                let fields = source.fields.iter().enumerate();
                let fields = fields.map(|(at, field)| (field.name.clone(), Cell::Field(Some(at))));
                times.chain(fields).chain([("fetched".into(), Cell::Asked)]).collect()
            }
        };
        let (header, cells) = columns.into_iter().unzip();
        let name = source.first_name().replace('-', "_");
        Columns { header, cells, source: name, fields: source.fields.len() }
    }

    fn empty() -> Columns {
        Columns { header: Vec::new(), cells: Vec::new(), source: String::new(), fields: 0 }
    }

    /// The names of the columns of these fields.
    pub fn named(&self, source: &Source, fields: &[String]) -> Vec<&str> {
        let places = self.places(source, fields).into_iter();
        places.filter_map(|at| self.header.get(at)).map(String::as_str).collect()
    }

    /// Where the columns of these fields stand.
    pub fn places(&self, source: &Source, fields: &[String]) -> Vec<usize> {
        let is_one = |cell: &Cell| match cell {
            Cell::Field(Some(place)) => {
                source.fields.get(*place).is_some_and(|field| fields.contains(&field.name))
            }
            _ => false,
        };
        let cells = self.cells.iter().enumerate();
        cells.filter(|(_, cell)| is_one(cell)).map(|(at, _)| at).collect()
    }

    /// Where a row says which of two versions of a record is the later one.
    pub fn version(&self) -> Option<usize> {
        self.cells.iter().position(|cell| *cell == Cell::Updated)
    }

    /// The rows of an answer that was asked for at this instant.
    pub fn rows(&self, found: &Extraction, asked: Instant) -> impl Iterator<Item = Vec<String>> {
        found.items().iter().map(move |item| {
            self.cells.iter().map(|cell| self.cell(*cell, found, item, asked)).collect()
        })
    }

    fn cell(&self, cell: Cell, found: &Extraction, item: &Item, asked: Instant) -> String {
        let time = |ms: Option<i64>| ms.map(|ms| iso(from_millis(ms))).unwrap_or_default();
        match cell {
            Cell::Id => found.text(item.key).to_string(),
            Cell::Source => self.source.clone(),
            Cell::Time => time(item.time),
            Cell::Updated => time(item.updated),
            Cell::Asked => iso(asked),
            Cell::Field(place) => {
                let values = found.values(item, self.fields);
                match place.and_then(|place| values.get(place)) {
                    None | Some(Value::Absent) => String::new(),
                    Some(Value::Number(number)) => number.to_string(),
                    Some(Value::Text(span)) => found.text(*span).to_string(),
                }
            }
        }
    }
}
