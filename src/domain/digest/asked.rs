//! How each source answered when it was asked: the outcomes of the fetcher's runs.

use super::facts::{Facts, SourceFacts};
use super::show::Show;
use crate::domain::outcomes::Outcomes;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};

/// Letters of a reason, at most, and of an address that stands in it whole.
const REASON: usize = 400;
const ADDRESS: usize = 60;

/// A row for each source that was asked in the period.
pub fn table(facts: &Facts, show: &Show) -> Option<Block> {
    let rows: Vec<Vec<Cell>> =
        asked(facts).map(|(source, outcomes)| row(source, outcomes, show)).collect();
    let titles = show.lang.pick(
        ["Source", "Asked", "New", "Unchanged", "Nothing", "Postponed", "Failed", "Volume"],
        [
            "Source",
            "Demandes",
            "Nouvelles",
            "Inchangées",
            "Sans objet",
            "Reportées",
            "Échecs",
            "Volume",
        ],
    );
    let column = |(place, title): (usize, &str)| match place {
        0 => TableColumn::left(title),
        _ => TableColumn::right(title),
    };
    let columns = titles.into_iter().enumerate().map(column).collect();
    let caption = Caption::new(
        show.pick("How the sources answered", "Comment les sources ont répondu"),
        show.pick(
            "requests by outcome; bytes of their answers",
            "demandes par issue\u{a0}; octets des réponses",
        ),
    );
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}

/// The sources that were asked in the period.
fn asked(facts: &Facts) -> impl Iterator<Item = (&SourceFacts, &Outcomes)> {
    let outcomes = |source: &SourceFacts| facts.outcomes.get(&source.source.name);
    let found = facts.sources.iter().filter_map(move |source| Some((source, outcomes(source)?)));
    found.filter(|(_, outcomes)| outcomes.all() > 0)
}

fn row(source: &SourceFacts, outcomes: &Outcomes, show: &Show) -> Vec<Cell> {
    let count = |n: u64| Cell::text(show.lang.integer(n));
    let odd =
        |n: u64, tone| Cell::toned(show.lang.integer(n), if n == 0 { Tone::Muted } else { tone });
    vec![
        Cell::text(show.title(&source.source)),
        count(outcomes.all()),
        count(outcomes.landed),
        odd(outcomes.unchanged, Tone::Plain),
        odd(outcomes.nothing, Tone::Plain),
        odd(outcomes.deferred, Tone::Plain),
        odd(outcomes.failed, Tone::Alert),
        Cell::text(show.lang.bytes(outcomes.bytes)),
    ]
}

/// Why a source failed last, a sentence for each that did.
pub fn failures(facts: &Facts, show: &Show) -> Vec<String> {
    let sentence = |(source, outcomes): (&SourceFacts, &Outcomes)| {
        let (at, reason) = outcomes.failure.as_ref()?;
        let (name, at) = (&source.source.name, show.at(*at));
        let reason = told(reason);
        Some(show.lang.pick(
            format!("{name}: the last failure was {at}: {reason}"),
            format!("{name}\u{a0}: le dernier échec date de {at}\u{a0}: {reason}"),
        ))
    };
    asked(facts).filter_map(sentence).collect()
}

/// The first line of a reason. Its addresses give way to what it says: of a long one the host
/// is kept.
fn told(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    let words = line.split(' ').map(|word| match word.find("://") {
        Some(scheme) if word.chars().count() > ADDRESS => {
            let rest = scheme + 3;
            let host = word[rest..].find('/').map_or(word.len(), |end| rest + end + 1);
            let end = if word.ends_with(':') { ":" } else { "" };
            format!("{}…{end}", &word[..host])
        }
        _ => word.to_string(),
    });
    let whole = words.collect::<Vec<_>>().join(" ");
    match whole.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", whole[..end].trim_end()),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_not_cut_off_by_its_address() {
        let address = format!("https://api.example.org/{}", "very/long/".repeat(30));
        let reason = format!("cannot fetch {address}: HTTP 503 Service Unavailable\nhint: wait");
        let said = "cannot fetch https://api.example.org/…: HTTP 503 Service Unavailable";
        assert_eq!(told(&reason), said);
        assert_eq!(told("HTTP 404 of http://a.example/b"), "HTTP 404 of http://a.example/b");
        assert!(told(&"é".repeat(2000)).ends_with("é…"));
    }
}
