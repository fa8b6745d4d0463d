//! The shape of a source for people who ask a warehouse: which columns its hours and its records
//! have, in which units, under which licence.

use super::hash::Digest;
use super::name::SourceName;
use super::source::{Items, Kind, Source};
use std::collections::BTreeMap;

/// What one source looks like in tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// All names that it has or had, today's first.
    pub names: Vec<SourceName>,
    /// What it is, and under which terms, in one line each.
    pub about: String,
    /// Of one series in one hour; none where it has no statistics.
    pub hours: Vec<Column>,
    /// Of one record; none where it has no records.
    pub records: Vec<Column>,
    /// By their hashes, the other declarations that entries were read under.
    pub read_under: BTreeMap<String, Units>,
}

/// The units of fields, by their names.
pub type Units = BTreeMap<String, Option<String>>;

/// A column, or several of one field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    pub field: String,
    pub title: String,
    pub unit: Option<String>,
    pub is_number: bool,
    /// Whether its publisher may withdraw it, so that it stands beside the records.
    pub may_go: bool,
}

impl Shape {
    /// What a declaration says; its entries were read under these others, too.
    pub fn of(source: &Source, read_under: BTreeMap<String, Units>) -> Shape {
        let fields = source.fields.iter().map(|field| Column {
            field: field.name.clone(),
            title: field.title.en.clone(),
            unit: field.unit.clone(),
            is_number: field.kind != Kind::Text,
            may_go: source.may_withdraw(&field.name),
        });
        let aggregates = source.aggregates.iter().map(|aggregate| Column {
            field: aggregate.name.clone(),
            title: aggregate.title.en.clone(),
            unit: aggregate.unit.clone(),
            is_number: true,
            may_go: false,
        });
        let (hours, records) = match &source.items {
            Items::Samples(_) => (fields.chain(aggregates).collect(), Vec::new()),
            Items::Records(_) => (aggregates.collect(), fields.collect()),
        };
        Shape { names: source.names(), about: about(source), hours, records, read_under }
    }

    /// The units of the fields of a declaration.
    pub fn units(source: &Source) -> Units {
        source.fields.iter().map(|field| (field.name.clone(), field.unit.clone())).collect()
    }

    /// Today's name.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", SourceName::as_str)
    }

    /// The same for two that look alike.
    pub fn digest(&self) -> String {
        let words = |column: &Column| {
            let Column { field, title, unit, is_number, may_go } = column;
            format!("{field}\n{title}\n{unit:?}\n{is_number} {may_go}")
        };
        let names = self.names.iter().map(SourceName::to_string);
        let columns = self.hours.iter().map(words).chain(["records".into()]);
        let columns = columns.chain(self.records.iter().map(words));
        let read = self.read_under.iter().map(|(hash, units)| format!("{hash}\n{units:?}"));
        let columns = columns.chain(read);
        let parts: Vec<String> = names.chain([self.about.clone()]).chain(columns).collect();
        Digest::of_parts(parts.iter().map(String::as_str)).short(16)
    }
}

fn about(source: &Source) -> String {
    let about = &source.about;
    let licence = about.licence.line();
    format!(
        "{}. {}\nSource: {}, {}\nLicence: {licence}",
        source.title.en, about.content, about.attribution, about.homepage
    )
}
