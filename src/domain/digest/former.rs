//! Sources of before: which of those that a period shows are not collected any more, which are gone
//! by the word of their publisher, which had another name, and whose data nobody can read.

use super::facts::{Facts, SourceFacts};
use super::show::Show;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;

/// Since when a source is not collected any more, if it is not.
pub fn gone(source: &SourceFacts, show: &Show) -> Option<String> {
    let until = source.until?;
    let at = at(until, show);
    Some(show.lang.pick(
        format!("no longer collected since {at}"),
        format!("n’est plus collectée depuis {at}"),
    ))
}

/// A day and a clock.
fn at(at: Instant, show: &Show) -> String {
    let at = at.with_timezone(&show.zone()).naive_local();
    let (day, clock) = (show.lang.date_short(at.date()), show.lang.clock(at));
    show.lang.pick(format!("{day}, {clock}"), format!("le {day} à {clock}"))
}

/// A day, at the clocks of the report.
fn day(at: Instant, show: &Show) -> String {
    show.lang.date_short(at.with_timezone(&show.zone()).date_naive())
}

/// A sentence for each time of the period in which a source was gone for good, until it was asked
/// again.
fn back(source: &SourceFacts, facts: &Facts, show: &Show) -> Vec<String> {
    let within =
        |(from, to): &&(Instant, Instant)| *from < facts.period.to && *to > facts.period.from;
    let name = &source.source.name;
    let told = |(from, to): &(Instant, Instant)| {
        let (from, to) = (day(*from, show), day(*to, show));
        show.lang.pick(
            format!(
                "{name}: its publisher said that it was gone for good (410), on {from}; it was \
                 asked again on {to}."
            ),
            format!(
                "{name}\u{a0}: son éditeur l’avait retirée pour de bon (410), le {from}\u{a0}; \
                 elle a été redemandée le {to}."
            ),
        )
    };
    source.ended.iter().filter(within).map(told).collect()
}

/// A sentence for each source that is not collected any more, or had another name then, and one
/// for each whose data cannot be read.
pub fn notes(facts: &Facts, show: &Show) -> Vec<String> {
    let gone = facts.sources.iter().filter_map(|source| {
        let gone = gone(source, show)?;
        let name = &source.source.name;
        Some(show.lang.pick(format!("{name}: {gone}."), format!("{name}\u{a0}: {gone}.")))
    });
    let ended = facts.sources.iter().filter_map(|source| {
        let since = source.gone.filter(|gone| *gone < facts.period.to)?;
        let since = day(since, show);
        let name = &source.source.name;
        Some(show.lang.pick(
            format!("{name}: its publisher says that it is gone for good (410), since {since}."),
            format!("{name}\u{a0}: son éditeur l’a retirée pour de bon (410), depuis le {since}."),
        ))
    });
    let back = facts.sources.iter().flat_map(|source| back(source, facts, show));
    let named = facts.sources.iter().filter_map(|source| renamed(source, show));
    let lost = facts.lost.iter().map(|name| {
        show.lang.pick(
            format!("{name} has answers of this period, left out: its declaration is gone."),
            format!("{name} a des réponses de la période, omises\u{a0}: sa déclaration manque."),
        )
    });
    gone.chain(ended).chain(back).chain(named).chain(lost).collect()
}

/// Under which other names its answers of the period landed.
fn renamed(source: &SourceFacts, show: &Show) -> Option<String> {
    let name = &source.source.name;
    let landed = |old: &&SourceName| source.snapshots().iter().any(|id| id.source() == *old);
    let old: Vec<String> =
        source.source.formerly.iter().filter(landed).map(SourceName::to_string).collect();
    let list = show.lang.list(&old);
    (!old.is_empty()).then(|| {
        show.lang.pick(
            format!("{name}: answers of this period landed as {list}, its name then."),
            format!("{name}\u{a0}: des réponses de la période sont arrivées sous le nom {list}."),
        )
    })
}
