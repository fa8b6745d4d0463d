//! What a report says of hours that are too old to be whole: expired, or thinned.

use super::facts::SourceFacts;
use super::show::Show;

/// What is said of a source of which nothing is shown.
pub(super) fn gone(source: &SourceFacts, show: &Show) -> &'static str {
    match source.aged.in_part {
        true => show.lang.pick(
            "Part of its values are not kept any more, so none is counted",
            "Une partie de ses valeurs n’est plus conservée, et aucune n’est comptée",
        ),
        false => show
            .lang
            .pick("Its values are not kept any more", "Ses valeurs ne sont plus conservées"),
    }
}

/// What is said of hours that are not whole.
pub(super) fn notes(source: &SourceFacts, show: &Show) -> Vec<String> {
    let name = &source.source.name;
    let (expired, thinned) = (source.aged.expired.len() as u64, source.aged.thinned.len() as u64);
    let hours = |hours: u64| {
        let n = show.lang.integer(hours);
        match hours {
            1 => show.lang.pick("1 hour".to_string(), "1 heure".to_string()),
            _ => show.lang.pick(format!("{n} hours"), format!("{n} heures")),
        }
    };
    let mut notes = Vec::new();
    if expired > 0 {
        let hours = hours(expired);
        notes.push(show.lang.pick(
            format!("{name}: the values of {hours} have expired and are not kept any more."),
            format!("{name}\u{a0}: les valeurs de {hours} ont expiré et ne sont plus conservées."),
        ));
    }
    if thinned > 0 {
        let hours = hours(thinned);
        notes.push(show.lang.pick(
            format!(
                "{name}: of {hours} only the plain figures are kept: no quantiles, and no course \
                 within the hour."
            ),
            format!(
                "{name}\u{a0}: de {hours}, seuls les chiffres simples sont conservés\u{a0}: ni \
                 quantiles, ni évolution à l’intérieur de l’heure."
            ),
        ));
    }
    notes
}
