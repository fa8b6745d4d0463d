//! The runs that were missed: when nothing usable came though it was planned, and why.

use super::part;
use crate::domain::digest::facts::{Facts, SourceFacts};
use crate::domain::digest::presence;
use crate::domain::digest::show::Show;
use crate::domain::report::quality::Slot;
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Section};
use crate::domain::time::Instant;
use chrono::Duration;

/// Spans of one source that are told one by one, the longest first.
const SPANS: usize = 3;

/// A span in which nothing came, and how many moments of it were planned.
struct Span {
    from: Instant,
    to: Instant,
    missed: u64,
}

/// A row for each source of which something is missing; where nothing is, that is the finding.
pub fn section(facts: &Facts, show: &Show) -> Option<Section> {
    let planned: Vec<&SourceFacts> = facts
        .sources
        .iter()
        .filter(|source| !source.is_recorded() && !presence::states(source, facts).is_empty())
        .collect();
    if planned.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Cell>> =
        planned.iter().filter_map(|source| row(source, facts, show)).collect();
    let sources = show.lang.count(rows.len() as u64, "source", "sources");
    let title = match rows.len() {
        0 => show.pick("No run was missed", "Aucun passage n’a manqué").to_string(),
        _ => show.lang.pick(
            format!("Runs were missed of {sources}"),
            format!("Des passages ont manqué pour {sources}"),
        ),
    };
    let columns = vec![
        TableColumn::left(show.pick("Source", "Source")),
        TableColumn::right(show.pick("Missed", "Manqués")),
        TableColumn::right(show.pick("Planned", "Prévus")),
        TableColumn::left(show.pick("Longest", "Les plus longs")),
    ];
    let table = Table { caption: Caption::default(), columns, rows: rows.clone() };
    let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(table)] };
    let name = show.pick("Missed runs", "Passages manqués");
    Some(part::section(name, title, String::new(), blocks))
}

fn row(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<Vec<Cell>> {
    let states = presence::states(source, facts);
    let mut spans = spans(&states, source);
    let missed: u64 = spans.iter().map(|span| span.missed).sum();
    spans.sort_by_key(|span| (std::cmp::Reverse(span.missed), span.from));
    let told: Vec<String> = spans.iter().take(SPANS).map(|span| words(span, show)).collect();
    let more = spans.len().saturating_sub(SPANS) as u64;
    let more = (more > 0).then(|| {
        let more = show.lang.integer(more);
        show.lang.pick(format!(" and {more} more"), format!(" et {more} de plus"))
    });
    (missed > 0).then(|| {
        vec![
            Cell::text(show.short_title(&source.source)),
            Cell::text(show.lang.integer(missed)),
            Cell::text(show.lang.integer(states.len() as u64)),
            Cell::text(told.join(", ") + &more.unwrap_or_default()),
        ]
    })
}

/// Missing moments that follow one another are one span.
fn spans(states: &[(Instant, Slot)], source: &SourceFacts) -> Vec<Span> {
    let every = Duration::from_std(source.source.fetch.every).unwrap_or_default();
    let mut spans: Vec<Span> = Vec::new();
    let mut goes_on = false;
    for (at, state) in states {
        let is_missing = *state == Slot::Missing;
        match spans.last_mut().filter(|_| goes_on && is_missing) {
            Some(span) => (span.to, span.missed) = (at.after(every), span.missed + 1),
            None if is_missing => {
                spans.push(Span { from: *at, to: at.after(every), missed: 1 });
            }
            None => {}
        }
        goes_on = is_missing;
    }
    spans
}

fn words(span: &Span, show: &Show) -> String {
    match span.missed {
        1 => show.clock(span.from),
        _ => show.during(span.from, span.to),
    }
}
