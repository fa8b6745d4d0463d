//! Each source in full: content, structure, period, access, right of re-use.

use super::part::{self, term};
use crate::domain::digest::catalogue::{access, last, licence};
use crate::domain::digest::facts::{Facts, SourceFacts};
use crate::domain::digest::presence;
use crate::domain::digest::show::Show;
use crate::domain::report::{Block, Caption, Section, Term};
use crate::domain::source::{Aggregate, Field, Items, Kind, LabelSource, Operation, Source};

pub fn section(facts: &Facts, show: &Show) -> Section {
    let blocks = facts.sources.iter().map(|source| block(source, facts, show)).collect();
    let n = facts.sources.len() as u64;
    let count = show.lang.count(n, "source", "sources");
    let as_declared = show.lang.pick(
        show.lang.plural(n, "as it is declared", "as each is declared"),
        show.lang.plural(n, "telle que déclarée", "telles que déclarées"),
    );
    let title = format!("{count}, {as_declared}");
    part::section(
        show.pick("Sources and licences", "Sources et licences"),
        title,
        String::new(),
        blocks,
    )
}

fn block(source: &SourceFacts, facts: &Facts, show: &Show) -> Block {
    let declared = &source.source;
    let caption = Caption::new(show.title(declared), declared.name.to_string());
    let about = &declared.about;
    let mut terms = vec![
        term(show.pick("Content", "Contenu"), &*about.content),
        term(show.pick("Place", "Lieu"), &*about.zone),
        term(show.pick("Structure", "Structure"), structure(declared, show)),
        term(show.pick("Fields", "Champs"), fields(declared, show)),
    ];
    if !declared.aggregates.is_empty() {
        let all: Vec<String> =
            declared.aggregates.iter().map(|a| aggregate(a, declared, show)).collect();
        terms.push(term(show.pick("Aggregates", "Agrégats"), all.join(semicolon(show)) + "."));
    }
    terms.push(term(show.pick("Period", "Période"), period(source, facts, show)));
    terms.push(Term {
        link: Some(about.homepage.clone()),
        ..term(show.pick("Access", "Accès"), access_of(source, show))
    });
    let licence = licence(about, show);
    terms.push(Term {
        link: Some(about.licence.url.clone()),
        ..term(show.pick("Re-use", "Réutilisation"), licence)
    });
    terms.push(term(show.pick("Credit", "Mention"), &*about.attribution));
    Block::Terms(caption, terms)
}

/// What its items are, what tells them apart, and which times they have.
fn structure(source: &Source, show: &Show) -> String {
    let format = source.fetch.format.name.to_uppercase();
    let what = match (&source.items, source.items.series().is_some()) {
        (Items::Samples(_), _) => show.pick(
            "samples of the world at each request, by series, at the time of the request",
            "échantillons du monde à chaque demande, par série, à l’instant de la demande",
        ),
        (Items::Records(_), true) => show.pick(
            "measurements, each of a series and of a time of its own; the last version counts",
            "mesures, chacune d’une série et d’un instant propre\u{a0}; la dernière version compte",
        ),
        (Items::Records(records), false) if records.time.is_some() => show.pick(
            "records with an id and a time of their own; the last version counts",
            "fiches avec identifiant et instant propres\u{a0}; la dernière version compte",
        ),
        (Items::Records(_), false) => show.pick(
            "records with an id, dated by when they were seen; the last version counts",
            "fiches avec identifiant, datées de leur observation\u{a0}; la dernière version compte",
        ),
    };
    let named = match source.items.labels() {
        None => String::new(),
        Some(LabelSource::Source(from)) => show.lang.pick(
            format!("; names and places from {from}"),
            format!("\u{202f}; noms et lieux tirés de {from}"),
        ),
        Some(LabelSource::List(_)) => show
            .pick("; names and places from a list", "\u{202f}; noms et lieux tirés d’une liste")
            .into(),
    };
    format!("{format}{} {what}{named}.", show.lang.colon())
}

fn fields(source: &Source, show: &Show) -> String {
    let all: Vec<String> = source.fields.iter().map(|field| one(field, show)).collect();
    all.join(semicolon(show)) + "."
}

fn one(field: &Field, show: &Show) -> String {
    let title = show.lang.pick(&*field.title.en, &*field.title.fr);
    let mut more: Vec<String> = field.unit.iter().cloned().collect();
    match field.kind {
        Kind::Text => more.push(show.pick("text", "texte").into()),
        Kind::Number(measure) => more.extend(measure.resolution.map(|step| {
            let decimals = crate::domain::format::decimals_for(step);
            let step = show.lang.number(step, decimals);
            show.lang.pick(format!("in steps of {step}"), format!("par pas de {step}"))
        })),
    }
    if more.is_empty() { title.into() } else { format!("{title} ({})", more.join(", ")) }
}

fn aggregate(aggregate: &Aggregate, source: &Source, show: &Show) -> String {
    let title = show.lang.pick(&*aggregate.title.en, &*aggregate.title.fr);
    let of = source.fields.get(aggregate.field);
    let of = of.map_or("", |field| show.lang.pick(&*field.title.en, &*field.title.fr));
    let operation = match aggregate.operation {
        Operation::Sum => show.pick("sum", "somme"),
        Operation::Mean => show.pick("mean", "moyenne"),
        Operation::Min => show.pick("least", "minimum"),
        Operation::Max => show.pick("greatest", "maximum"),
        Operation::Count => show.pick("count", "nombre"),
    };
    format!("{title} ({operation}{} {of})", show.lang.colon())
}

/// How often it is published and asked, how much of that came, and when the last.
fn period(source: &SourceFacts, facts: &Facts, show: &Show) -> String {
    let published = show.lang.every(source.source.about.period.as_secs());
    let asked = show.lang.every(source.source.fetch.every.as_secs());
    let share = presence::share(&[source], facts, show).0;
    let (one, many) = show.lang.pick(("answer", "answers"), ("réponse", "réponses"));
    let came = match source.snapshots().len() as u64 {
        0 => String::new(),
        n => format!("{} ({share}){}", show.lang.count(n, one, many), semicolon(show)),
    };
    let last = last(source, show);
    show.lang.pick(
        format!("Published {published}, asked {asked}; {came}{last}."),
        format!("Publiée {published}, demandée {asked}\u{202f}; {came}{last}."),
    )
}

/// How people have it, and where they read of it.
fn access_of(source: &SourceFacts, show: &Show) -> String {
    let semicolon = semicolon(show);
    format!("{}{semicolon}{}", access(source, show), source.source.about.homepage)
}

fn semicolon(show: &Show) -> &str {
    show.pick("; ", "\u{202f}; ")
}
