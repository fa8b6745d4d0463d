//! How each source answered when it was asked: the outcomes of the fetcher's runs.

use super::facts::{Facts, SourceFacts};
use super::show::Show;
use crate::domain::outcomes::Outcomes;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};

/// Letters of a reason, at most, and of an address that stands in it whole.
const REASON: usize = 400;
const ADDRESS: usize = 60;

/// A way in which an answer may come, and what becomes of it.
struct Column {
    title: (&'static str, &'static str),
    of: fn(&Outcomes) -> u64,
    tone: Tone,
}

const fn column(
    title: (&'static str, &'static str),
    of: fn(&Outcomes) -> u64,
    tone: Tone,
) -> Column {
    Column { title, of, tone }
}

const COLUMNS: [Column; 6] = [
    column(("Asked", "Demandes"), Outcomes::asked, Tone::Plain),
    column(("New", "Nouvelles"), |outcomes| outcomes.landed, Tone::Plain),
    column(("Unchanged", "Inchangées"), |outcomes| outcomes.unchanged, Tone::Plain),
    column(("Nothing", "Sans objet"), |outcomes| outcomes.nothing, Tone::Plain),
    column(("Postponed", "Reportées"), |outcomes| outcomes.deferred, Tone::Plain),
    column(("Failed", "Échecs"), |outcomes| outcomes.failed, Tone::Alert),
];

/// The columns that are shown whatever they hold.
const ALWAYS: usize = 2;

/// A row for each source that was asked in the period; what never happened has no column. Nobody
/// was asked for a recording, so one in which all went well has none.
pub fn table(facts: &Facts, show: &Show) -> Option<Block> {
    let recorded = facts.sources.iter().all(SourceFacts::is_recorded);
    if recorded && asked(facts).all(|(_, outcomes)| outcomes.all() == outcomes.landed) {
        return None;
    }
    let happened = |column: &Column| asked(facts).any(|(_, outcomes)| (column.of)(outcomes) > 0);
    let (always, others) = COLUMNS.split_at(ALWAYS);
    let (some, without): (Vec<&Column>, Vec<&Column>) = others.iter().partition(|c| happened(c));
    let shown: Vec<&Column> = always.iter().chain(some).collect();
    let rows: Vec<Vec<Cell>> =
        asked(facts).map(|(source, outcomes)| row(source, outcomes, &shown, show)).collect();
    let mut columns = vec![TableColumn::left("Source")];
    columns.extend(shown.iter().map(|c| TableColumn::right(show.pick(c.title.0, c.title.1))));
    columns.push(TableColumn::right("Volume"));
    let without: Vec<String> = without.iter().map(|c| quoted(c.title, show)).collect();
    let mut subtitle = subtitle(asked(facts).any(|(s, _)| s.source.fetch.pages.is_some()), show);
    if !without.is_empty() {
        let list = without.join(", ");
        subtitle += &show.lang.pick(format!("; never {list}"), format!("\u{a0}; jamais {list}"));
    }
    let title = show.pick("How the sources answered", "Comment les sources ont répondu");
    let caption = Caption::new(title, subtitle);
    (!rows.is_empty()).then_some(Block::Table(Table { caption, columns, rows }))
}

/// What the numbers count.
fn subtitle(pages: bool, show: &Show) -> String {
    let sets = match pages {
        true => show.pick(" (a set of pages is one)", " (une suite de pages en fait une)"),
        false => "",
    };
    show.lang.pick(
        format!("times by outcome{sets}; bytes of the answers"),
        format!("fois par issue{sets}\u{a0}; octets des réponses"),
    )
}

fn quoted(title: (&str, &str), show: &Show) -> String {
    let word = show.pick(title.0, title.1).to_lowercase();
    show.lang.pick(format!("“{word}”"), format!("«\u{a0}{word}\u{a0}»"))
}

/// The sources that were asked in the period.
fn asked(facts: &Facts) -> impl Iterator<Item = (&SourceFacts, &Outcomes)> {
    let outcomes = |source: &SourceFacts| facts.outcomes.get(&source.source.name);
    let found = facts.sources.iter().filter_map(move |source| Some((source, outcomes(source)?)));
    found.filter(|(_, outcomes)| outcomes.all() > 0)
}

fn row(source: &SourceFacts, outcomes: &Outcomes, shown: &[&Column], show: &Show) -> Vec<Cell> {
    let cell = |column: &&Column| {
        let n = (column.of)(outcomes);
        let tone = if n == 0 { Tone::Muted } else { column.tone };
        Cell::toned(show.lang.integer(n), tone)
    };
    let mut cells = vec![Cell::text(show.title(&source.source))];
    cells.extend(shown.iter().map(cell));
    cells.push(Cell::text(show.lang.bytes(outcomes.bytes)));
    cells
}

/// Why a source failed last, a sentence for each that did.
pub fn failures(facts: &Facts, show: &Show) -> Vec<String> {
    let sentence = |(source, outcomes): (&SourceFacts, &Outcomes)| {
        let (at, reason) = outcomes.failure.as_ref()?;
        let (name, at) = (&source.source.name, show.at(*at));
        let reason = told(reason);
        Some(show.lang.pick(
            format!("{name}: the last failure was {at}: {reason}"),
            format!("{name}\u{a0}: le dernier échec a eu lieu {at}\u{a0}: {reason}"),
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
