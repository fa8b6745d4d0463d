//! What the sources have in common: topics, places, units, names, terms. Only what two of them
//! share is told.

use super::part::{self, term};
use crate::domain::digest::catalogue::licence;
use crate::domain::digest::facts::Facts;
use crate::domain::digest::show::Show;
use crate::domain::report::{Block, Caption, Section, Term};
use crate::domain::source::{LabelSource, Source};

pub fn section(facts: &Facts, show: &Show) -> Option<Section> {
    let sources: Vec<&Source> = facts.sources.iter().map(|facts| &facts.source).collect();
    let mut terms: Vec<Term> = Vec::new();
    let mut tell = |what: &str, key: &dyn Fn(&Source) -> Vec<String>| {
        let all: Vec<String> = shared(&sources, key)
            .into_iter()
            .map(|(key, names)| format!("{key}{} {}", show.lang.colon(), names.join(", ")))
            .collect();
        if !all.is_empty() {
            terms.push(term(what, all.join(show.pick("; ", "\u{202f}; ")) + "."));
        }
    };
    tell(show.pick("Topics", "Thèmes"), &|source| vec![show.topic(&source.topic)]);
    tell(show.pick("Places", "Lieux"), &|source| vec![source.about.zone.clone()]);
    tell(show.pick("Units", "Unités"), &units);
    tell(show.pick("Names from", "Noms tirés de"), &list);
    tell(show.pick("Publisher", "Éditeur"), &|source| vec![source.about.attribution.clone()]);
    tell(show.pick("Terms", "Conditions"), &|source| vec![licence(&source.about, show)]);
    let blocks = vec![Block::Terms(Caption::default(), terms.clone())];
    let title = show.pick("What the sources have in common", "Ce que les sources ont en commun");
    let time = show.pick(
        "All instants are kept in UTC and hours are hours of UTC, so that any two sources can be \
         laid side by side.",
        "Tous les instants sont gardés en UTC et les heures sont celles de l’UTC\u{a0}: deux \
         sources quelconques se superposent.",
    );
    (!terms.is_empty()).then(|| {
        part::section(show.pick("In common", "En commun"), title.into(), time.into(), blocks)
    })
}

/// The keys that several sources have, each with their names.
fn shared(sources: &[&Source], key: &dyn Fn(&Source) -> Vec<String>) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for source in sources {
        for key in key(source) {
            let name = source.name.to_string();
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => found.push((key, vec![name])),
            }
        }
    }
    found.retain(|(_, names)| names.len() > 1);
    found
}

fn units(source: &Source) -> Vec<String> {
    let fields = source.fields.iter().filter_map(|field| field.unit.clone());
    fields.chain(source.aggregates.iter().filter_map(|all| all.unit.clone())).collect()
}

fn list(source: &Source) -> Vec<String> {
    match source.items.labels() {
        Some(LabelSource::Source(name)) => vec![name.to_string()],
        _ => Vec::new(),
    }
}
