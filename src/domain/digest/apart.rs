//! What has one name and is not the same: each gets its key behind it, so that no reader takes one
//! for the other.

use super::facts::{Facts, Labels, SourceFacts};
use crate::domain::shown::apart;
use crate::domain::source::{Source, Title};
use std::collections::{BTreeMap, BTreeSet};

/// Puts the key behind each name that several of the series have that are shown.
pub fn tell_apart(labels: &mut Labels, is_shown: impl Fn(&str) -> bool) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let shown = labels.iter().filter(|(key, _)| is_shown(key));
    for name in shown.filter_map(|(_, label)| label.name.clone()) {
        *known.entry(name).or_default() += 1;
    }
    for (key, label) in labels {
        let shared = |name: &&mut String| known.get(*name).is_some_and(|n| *n > 1);
        if let Some(name) = label.name.as_mut().filter(shared) {
            *name = format!("{name} ({})", apart(key));
        }
    }
}

/// Tells sources of one title apart, and fields of one title within a source.
pub fn tell_titles_apart(sources: &mut [SourceFacts]) {
    let all: Vec<Title> = sources.iter().map(|facts| facts.source.title.clone()).collect();
    for Source { name, title, fields, aggregates, .. } in
        sources.iter_mut().map(|facts| &mut facts.source)
    {
        mark(title, &all, name.as_str());
        let known: Vec<Title> = fields.iter().map(|field| field.title.clone()).collect();
        fields.iter_mut().for_each(|field| mark(&mut field.title, &known, &field.name));
        let known: Vec<Title> = aggregates.iter().map(|all| all.title.clone()).collect();
        aggregates.iter_mut().for_each(|all| mark(&mut all.title, &known, &all.name));
    }
}

/// The space keeps the key where a title is shown without what stands in brackets behind it.
fn mark(title: &mut Title, known: &[Title], key: &str) {
    let is_shared =
        |of: fn(&Title) -> &String| known.iter().filter(|other| of(other) == of(title)).count() > 1;
    let (en, fr) = (is_shared(|title| &title.en), is_shared(|title| &title.fr));
    let marked = |text: &str| format!("{text}\u{a0}({key})");
    if en {
        title.en = marked(&title.en);
    }
    if fr {
        title.fr = marked(&title.fr);
    }
}

/// The titles that several sources have: their own, those of what they show, and what their
/// records are called.
pub fn shared(facts: &Facts) -> BTreeSet<String> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for source in facts.sources.iter().map(|source| &source.source) {
        let shown = source.figures.iter().map(|figure| figure.field.as_str());
        let shown = shown.chain(source.aggregates.iter().map(|a| a.name.as_str()));
        let titles = shown.filter_map(|field| Some(source.described(field)?.1));
        let titles = titles.map(|title| facts.lang.pick(&title.en, &title.fr).clone());
        let own = facts.lang.pick(&source.title.en, &source.title.fr);
        let own = own.split(" (").next().unwrap_or_default().to_string();
        let many = source.noun().map(|noun| facts.lang.pick(&noun.many.en, &noun.many.fr).clone());
        let titles: BTreeSet<String> = titles.chain([own]).chain(many).collect();
        titles.into_iter().for_each(|title| *known.entry(title).or_default() += 1);
    }
    known.into_iter().filter(|(_, sources)| *sources > 1).map(|(title, _)| title).collect()
}
