//! The problem statement, in the owner's words as far as there are any.

use super::part::{self, term};
use crate::domain::digest::facts::Facts;
use crate::domain::digest::show::Show;
use crate::domain::format::inside;
use crate::domain::report::{Block, Caption, Section, Term};
use crate::domain::settings::Study;
use crate::domain::source::{Shown, Title};

fn terms(told: &Study, facts: &Facts, show: &Show) -> Vec<Term> {
    let words = |title: &Title| show.lang.pick(title.en.clone(), title.fr.clone());
    let subject = told.subject.as_ref().map_or_else(|| followed(facts, show), words);
    let approach = told.approach.as_ref().map_or_else(|| taken(facts, show), words);
    let mut terms = vec![
        term(show.pick("Subject", "Sujet"), subject),
        term(show.pick("Approach", "Démarche"), approach),
    ];
    let many = told.analyses.len() > 1;
    for (place, analysis) in told.analyses.iter().enumerate() {
        let number = if many { format!(" {}", place + 1) } else { String::new() };
        let name = show.pick("Planned analysis", "Analyse prévue");
        terms.push(term(&format!("{name}{number}"), words(analysis)));
    }
    terms.push(term(show.pick("Period", "Période"), period(facts, show)));
    terms
}

pub fn section(told: &Study, facts: &Facts, show: &Show) -> Section {
    let terms = terms(told, facts, show);
    part::section(
        show.pick("The study", "L’étude"),
        show.pick("What this report is about", "De quoi traite ce rapport").into(),
        String::new(),
        vec![Block::Terms(Caption::default(), terms)],
    )
}

/// What is followed, from the sources themselves.
fn followed(facts: &Facts, show: &Show) -> String {
    let mut topics: Vec<String> = Vec::new();
    for source in &facts.sources {
        let topic = inside(&show.topic(&source.source.topic));
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    let n = facts.sources.len() as u64;
    let (count, topics) = (show.lang.count(n, "source", "sources"), show.lang.list(&topics));
    let (say, disent) = (show.lang.plural(n, "says", "say"), show.lang.plural(n, "dit", "disent"));
    let is_open = facts.sources.iter().all(|source| source.source.shown() == Shown::Each);
    let (open, ouvertes) =
        if is_open { (" of open data", " de données ouvertes") } else { ("", "") };
    show.lang.pick(
        format!("What {count}{open} {say} of {topics}, day by day."),
        format!("Ce que {disent}, jour après jour, {count}{ouvertes}\u{a0}: {topics}."),
    )
}

/// What is done with them.
fn taken(facts: &Facts, show: &Show) -> String {
    let least = facts.sources.iter().map(|source| source.source.fetch.every.as_secs()).min();
    let every = show.lang.every(least.unwrap_or(60));
    let is_redacted = facts.sources.iter().any(|source| !source.source.fetch.redact.is_empty());
    let (but, sauf) = match is_redacted {
        true => (", but for what is redacted,", ", hors ce qui en est caviardé,"),
        false => ("", ""),
    };
    show.lang.pick(
        format!(
            "Each source is asked at its own pace ({every} at most), each answer is kept as it \
             was sent{but} until its figures are stored, and what is said here rests on these \
             figures alone."
        ),
        format!(
            "Chaque source est interrogée à son rythme (au plus {every}), chaque réponse est \
             gardée telle quelle{sauf} jusqu’à ce que ses chiffres soient enregistrés, et ce qui \
             est dit ici ne repose que sur eux."
        ),
    )
}

fn period(facts: &Facts, show: &Show) -> String {
    let period = &facts.period;
    let last = period.until.pred_opt().unwrap_or(period.day);
    let (first, all) = (show.lang.date_short(period.day), show.lang.days(period.day, last));
    let days = show.lang.count(period.days(), show.pick("day", "jour"), show.pick("days", "jours"));
    let zone = period.zone.name();
    if period.days() == 1 {
        return show.lang.pick(
            format!("{first}, on the clocks of {zone}."),
            format!("Le {first}, fuseau horaire {zone}."),
        );
    }
    show.lang.pick(
        format!("{all}, {days} on the clocks of {zone}."),
        format!("Du {all}, {days}, fuseau horaire {zone}."),
    )
}
