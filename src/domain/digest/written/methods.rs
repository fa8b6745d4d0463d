//! How each figure of the report is made; only those that it has.

use super::part::{self, term};
use crate::domain::digest::days;
use crate::domain::digest::facts::{Content, Facts};
use crate::domain::digest::show::Show;
use crate::domain::report::{Block, Caption, Section, Term};
use crate::domain::source::{FigureKind, Items, Kind, Measure, Source};

pub fn section(facts: &Facts, show: &Show) -> Section {
    let mut terms = of_samples(facts, show);
    terms.extend(of_records(facts, show));
    terms.extend(of_all(facts, show));
    part::section(
        show.pick("Methods", "Méthodes"),
        show.pick("How each figure is made", "Comment chaque chiffre est établi").into(),
        String::new(),
        vec![Block::Terms(Caption::default(), terms)],
    )
}

fn measures(facts: &Facts) -> impl Iterator<Item = Measure> {
    let of = |source: &Source| -> Vec<Measure> {
        let fields = source.fields.iter().filter_map(|field| match field.kind {
            Kind::Number(measure) => Some(measure),
            Kind::Text => None,
        });
        fields.chain(source.aggregates.iter().map(|aggregate| aggregate.measure)).collect()
    };
    facts.sources.iter().flat_map(move |facts| of(&facts.source))
}

fn of_samples(facts: &Facts, show: &Show) -> Vec<Term> {
    let samples = |source: &crate::domain::digest::SourceFacts| {
        matches!(source.content, Content::Samples { .. })
    };
    if !facts.sources.iter().any(samples) {
        return Vec::new();
    }
    let mut terms = vec![
        term(
            show.pick("Mean", "Moyenne"),
            show.pick(
                "Sum of all values over their number, each value with the same weight. Sums are \
                 kept per hour without rounding that depends on their order, so that late answers \
                 change nothing else.",
                "Somme des valeurs sur leur nombre, chacune de même poids. Les sommes sont gardées \
                 par heure sans arrondi qui dépende de l’ordre\u{a0}: une réponse tardive ne \
                 change rien d’autre.",
            ),
        ),
        term(
            show.pick("Least, greatest", "Minimum, maximum"),
            show.pick(
                "Values as they were published, with the first instant that reached them; never \
                 means.",
                "Valeurs telles que publiées, au premier instant atteint\u{a0}; jamais des \
                 moyennes.",
            ),
        ),
    ];
    terms.extend(quantiles(facts, show));
    terms.push(lines(facts, show));
    if facts.sources.iter().any(|source| !source.source.aggregates.is_empty()) {
        let text = show.pick(
            "Computed in each answer over all of its items, then treated as a series of its own; \
             an answer with an item that cannot be read gives none.",
            "Calculés dans chaque réponse sur tous ses éléments, puis traités comme une série\
             \u{a0}; une réponse dont un élément est illisible n’en donne pas.",
        );
        terms.push(term(show.pick("Aggregates", "Agrégats"), text));
    }
    terms
}

fn quantiles(facts: &Facts, show: &Show) -> Option<Term> {
    let exact = measures(facts).any(|measure| measure.resolution.is_some());
    let sketched = measures(facts).any(|measure| measure.resolution.is_none());
    let error = match (exact, sketched) {
        (true, false) => show.pick(
            "Exact: all fields declare the grid of their values.",
            "Exacts\u{a0}: tous les champs déclarent le pas de leurs valeurs.",
        ),
        (true, true) => show.pick(
            "Exact for fields that declare the grid of their values, else from a sketch, within \
             1\u{a0}% of the value.",
            "Exacts pour les champs qui déclarent le pas de leurs valeurs, sinon tirés d’une \
             esquisse, à 1\u{a0}% près de la valeur.",
        ),
        _ => show.pick(
            "From a sketch, within 1\u{a0}% of the value.",
            "Tirés d’une esquisse, à 1\u{a0}% près de la valeur.",
        ),
    };
    let rank = show.pick(
        "Of samples by nearest rank: the least value that at least this share of all values does \
         not exceed. The median of records is the middle one, or the mean of the middle two.",
        "Des échantillons au rang le plus proche\u{a0}: la plus petite valeur que cette part des \
         valeurs au moins ne dépasse pas. La médiane de fiches est celle du milieu, ou la moyenne \
         des deux du milieu.",
    );
    (exact || sketched)
        .then(|| term(show.pick("Quantiles", "Quantiles"), format!("{rank} {error}")))
}

fn lines(facts: &Facts, show: &Show) -> Term {
    let traced = measures(facts).any(|measure| measure.trace.is_some());
    let step = match traced {
        true => show.pick(
            "means of the step that the field declares, else of hours",
            "moyennes au pas que déclare le champ, sinon horaires",
        ),
        false => show.pick("means of hours", "moyennes horaires"),
    };
    let text = show.lang.pick(
        format!(
            "Points are {step}; a line breaks where answers are missing, nothing is filled in."
        ),
        format!(
            "Les points sont des {step}\u{a0}; la ligne s’interrompt là où des réponses manquent, \
             rien n’est comblé."
        ),
    );
    term(show.pick("Lines", "Courbes"), text)
}

fn of_records(facts: &Facts, show: &Show) -> Vec<Term> {
    let mut terms = Vec::new();
    let records = |source: &&Source| {
        matches!(source.items, Items::Records(_)) && source.items.series().is_none()
    };
    if facts.sources.iter().any(|facts| records(&&facts.source)) {
        let text = show.pick(
            "A record counts once, by its id, in its last version (the latest update, else the \
             latest answer), in the period of its own time, whenever it was received.",
            "Une fiche compte une fois, par son identifiant, dans sa dernière version (mise à \
             jour, sinon réponse la plus récente), dans la période de son propre instant, quel que \
             soit le moment de sa réception.",
        );
        terms.push(term(show.pick("Records", "Fiches"), text));
    }
    if facts.sources.iter().any(|facts| facts.source.items.series().is_some()) {
        let text = show.pick(
            "A value of a series and a time counts once, in its last version; hourly figures are \
             made of those whose own time lies in the hour.",
            "Une valeur d’une série et d’un instant compte une fois, dans sa dernière version\
             \u{a0}; les chiffres horaires viennent de celles dont l’instant est dans l’heure.",
        );
        terms.push(term(show.pick("Measurements", "Mesures"), text));
    }
    terms
}

fn of_all(facts: &Facts, show: &Show) -> Vec<Term> {
    let mut terms = Vec::new();
    let before = show.lang.pick(
        "The value of the period less that of the period before, of equal length; only where both \
         are over and have values in each of their hours, in the same unit. Of records only where \
         nearly all answers that were planned in both came.",
        "La valeur de la période moins celle de la période précédente, de même longueur\u{a0}; \
         seulement où les deux sont finies et ont des valeurs à chaque heure, dans la même unité. \
         Pour des fiches, seulement où presque toutes les réponses prévues des deux sont venues.",
    );
    terms.push(term(show.pick("Change", "Évolution"), before));
    let complete = show.pick(
        "The share of planned moments at which an answer with something usable came. Moments are \
         planned from the first answer on, one per declared period, until a source is taken away.",
        "La part des moments prévus où une réponse utilisable est venue. Les moments sont prévus \
         dès la première réponse, un par période déclarée, jusqu’au retrait de la source.",
    );
    terms.push(term(show.pick("Completeness", "Complétude"), complete));
    let balance = show.pick(
        "Each answer that landed, by the journals of the runs, is found once as waiting, counted, \
         partial or in quarantine; the difference is what is lost or unclaimed.",
        "Chaque réponse reçue, d’après les journaux, se retrouve une fois en attente, comptée, \
         partielle ou en quarantaine\u{a0}; l’écart est ce qui est perdu ou sans journal.",
    );
    terms.push(term(show.pick("Balance", "Bilan"), balance));
    let mapped = |facts: &crate::domain::digest::SourceFacts| {
        facts.source.figures.iter().any(|figure| figure.kind == FigureKind::Map)
    };
    if facts.sources.iter().any(mapped) {
        let text = show.pick(
            "Equal Earth projection, so that areas compare; five sizes from least to greatest.",
            "Projection Equal Earth, qui respecte les surfaces\u{a0}; cinq tailles, du minimum au \
             maximum.",
        );
        terms.push(term(show.pick("Maps", "Cartes"), text));
    }
    terms.push(day(facts, show));
    terms
}

/// What a day is, and how long those of the period are.
fn day(facts: &Facts, show: &Show) -> Term {
    let zone = facts.period.zone.name();
    let day = show.lang.pick(
        format!("A day is the civil day of {zone}, made of the hours that begin in it."),
        format!("Un jour est le jour civil de {zone}, fait des heures qui y commencent."),
    );
    let all = [vec![day], days::notes(facts, show)].concat();
    term(show.pick("Days", "Jours"), all.join(" "))
}
