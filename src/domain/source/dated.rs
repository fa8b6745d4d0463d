//! A source as it was: what its entries of some time were read by says what its fields are; how
//! they are called and drawn says the newest declaration.

use super::{Aggregate, Field, Figure, Items, LabelSource, Source};
use crate::domain::name::SourceName;
use std::collections::BTreeMap;

impl Source {
    /// The names under which its entries are: its own, then those that it had before.
    pub fn names(&self) -> Vec<SourceName> {
        [&self.name].into_iter().chain(&self.formerly).cloned().collect()
    }

    /// The name by which its slots are cut: its first one, so that they stay when it is renamed.
    pub fn first_name(&self) -> &str {
        self.formerly.first().unwrap_or(&self.name).as_str()
    }

    /// The source of a time whose entries were read by these declarations, the latest first: their
    /// fields with their units, under the titles of this one; its figures, and theirs of what this
    /// one does not have any more.
    pub fn as_of(&self, dated: &[Source]) -> Source {
        let Some(latest) = dated.first() else { return self.clone() };
        let fields = self.fields_of(dated);
        let aggregates = self.aggregates_of(dated, &fields);
        let mut items = latest.items.clone();
        // Names that nobody gives any more are those that were given then.
        let labels =
            self.items.labels().or_else(|| dated.iter().find_map(|was| was.items.labels()));
        items.label(labels.cloned());
        let mut fetch = self.fetch.clone();
        fetch.every = latest.fetch.every;
        let mut source = Source { fields, aggregates, items, fetch, ..self.clone() };
        source.figures = self.figures_of(dated, &source);
        source
    }

    /// Takes the units that values were read in, by name of the field or aggregate.
    pub fn take_units(&mut self, units: &BTreeMap<String, Option<String>>) {
        for field in &mut self.fields {
            units.get(&field.name).into_iter().for_each(|unit| field.unit.clone_from(unit));
        }
        for aggregate in &mut self.aggregates {
            units.get(&aggregate.name).into_iter().for_each(|u| aggregate.unit.clone_from(u));
        }
    }

    fn fields_of(&self, dated: &[Source]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for field in dated.iter().flat_map(|source| &source.fields) {
            if fields.iter().all(|known| known.name != field.name) {
                let own = self.fields.iter().find(|own| own.name == field.name);
                let title = own.map_or(&field.title, |own| &own.title).clone();
                fields.push(Field { title, ..field.clone() });
            }
        }
        fields
    }

    fn aggregates_of(&self, dated: &[Source], fields: &[Field]) -> Vec<Aggregate> {
        let mut aggregates: Vec<Aggregate> = Vec::new();
        for source in dated {
            for aggregate in &source.aggregates {
                if aggregates.iter().any(|known| known.name == aggregate.name) {
                    continue;
                }
                let of = source.fields.get(aggregate.field).map(|field| &field.name);
                let field = fields.iter().position(|field| Some(&field.name) == of);
                let own = self.aggregates.iter().find(|own| own.name == aggregate.name);
                let title = own.map_or(&aggregate.title, |own| &own.title).clone();
                let field = field.unwrap_or(aggregate.field);
                aggregates.push(Aggregate { title, field, ..aggregate.clone() });
            }
        }
        aggregates
    }

    fn figures_of(&self, dated: &[Source], source: &Source) -> Vec<Figure> {
        let mut figures = self.figures.clone();
        for figure in dated.iter().flat_map(|source| &source.figures) {
            let is_new = !figure.is_of_all() && self.described(&figure.field).is_none();
            if is_new && !figures.contains(figure) {
                figures.push(figure.clone());
            }
        }
        let is_there = |figure: &Figure| source.described(&figure.field).is_some();
        figures.retain(|figure| figure.is_of_all() || is_there(figure));
        figures
    }
}

impl Items {
    fn label(&mut self, with: Option<LabelSource>) {
        match self {
            Items::Samples(samples) => samples.labels = with,
            Items::Records(records) => records.labels = with,
        }
    }
}
