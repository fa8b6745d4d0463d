//! What a report says of its own data: whether it is closed, recorded, complete, balanced.

use super::facts::{Content, Facts, SourceFacts};
use super::former;
use super::period::Span;
use super::show::Show;
use super::silence;
use super::{aged, asked, days, presence};
use crate::domain::balance::Account;
use crate::domain::report::quality::{Balance, BalanceRow};
use crate::domain::report::{Block, Caption, LAST_SECTION, Section};
use crate::domain::snapshot::SnapshotId;
use std::collections::BTreeSet;

/// The section about the data.
pub fn section(facts: &Facts, show: &Show) -> Section {
    let mut blocks = vec![Block::Presence(presence::presence(facts, show))];
    blocks.extend(asked::table(facts, show));
    blocks.push(Block::Balance(balance(facts, show)));
    blocks.extend(notes(facts, show).into_iter().map(Block::Note));
    Section {
        id: "data".into(),
        name: name(show).into(),
        title: sentence(facts, show),
        standfirst: how_to_read(facts, show),
        blocks,
        run_on: true,
        ..Section::default()
    }
}

/// What the section is called.
pub fn name(show: &Show) -> &str {
    show.pick("Data", "Données")
}

fn how_to_read(facts: &Facts, show: &Show) -> String {
    let cell = match facts.period.span {
        Span::Day => show.pick("a cell per hour", "une case par heure"),
        _ => show.pick("a cell per day", "une case par jour"),
    };
    if facts.sources.iter().all(SourceFacts::is_recorded) {
        return show.lang.pick(
            format!("Below, a row for each source, {cell}: when there are recorded answers."),
            format!(
                "Ci-dessous, une ligne par source, {cell}\u{a0}: là où des réponses sont \
                     enregistrées."
            ),
        );
    }
    show.lang.pick(
        format!(
            "Below, a row for each source, {cell}: what came on time stays pale; what was late, \
             missing or without a usable value takes its share of the cell."
        ),
        format!(
            "Ci-dessous, une ligne par source, {cell}\u{a0}: ce qui est venu à temps reste \
             pâle\u{a0}; le retard, l’absence et l’inutilisable prennent leur part de la case."
        ),
    )
}

fn total(facts: &Facts) -> Account {
    let mut total = Account::default();
    facts.balance.accounts.values().for_each(|account| total.add(account));
    total
}

/// How many of the answers that landed are counted.
pub fn sentence(facts: &Facts, show: &Show) -> String {
    let all = total(facts);
    if facts.waiting > 0 && all.counted + facts.waiting == all.landed {
        return waiting(all.landed, facts.waiting, show);
    }
    let (landed, counted) = (show.lang.integer(all.landed), show.lang.integer(all.counted));
    let whole = all.landed == all.counted && facts.balance.is_balanced();
    match (all.landed, all.counted) {
        (0, _) if shows_data(facts) => show
            .pick(
                "No answer landed in the period: what it shows was in answers before or after it.",
                "Aucune réponse reçue dans la période\u{a0}: ce qui est montré était dans des \
                 réponses d’avant ou d’après.",
            )
            .into(),
        (0, _) => show.pick("No answer landed.", "Aucune réponse reçue.").into(),
        (1, _) if whole => show
            .pick("The one answer that landed is counted.", "La seule réponse reçue est comptée.")
            .into(),
        _ if whole => show.lang.pick(
            format!("All {landed} answers that landed are counted."),
            format!("Les {landed} réponses reçues sont toutes comptées."),
        ),
        (1, _) => show
            .pick(
                "The one answer that landed is not counted whole.",
                "La seule réponse reçue n’est pas comptée en entier.",
            )
            .into(),
        (_, 0) => show.lang.pick(
            format!("Of {landed} answers that landed, none is counted whole."),
            format!("Sur {landed} réponses reçues, aucune n’est comptée en entier."),
        ),
        (_, 1) => show.lang.pick(
            format!("Of {landed} answers that landed, 1 is counted whole."),
            format!("Sur {landed} réponses reçues, 1 est comptée en entier."),
        ),
        _ => show.lang.pick(
            format!("Of {landed} answers that landed, {counted} are counted whole."),
            format!("Sur {landed} réponses reçues, {counted} sont comptées en entier."),
        ),
    }
}

/// The same where those that wait are counted, too, but not kept yet.
fn waiting(all: u64, count: u64, show: &Show) -> String {
    let (landed, waiting) = (show.lang.integer(all), show.lang.integer(count));
    match (all, count) {
        (1, _) => show
            .pick(
                "The one answer that landed is counted; it waits for the summarizer.",
                "La seule réponse reçue est comptée\u{a0}; elle attend le résumé horaire.",
            )
            .into(),
        (_, 1) => show.lang.pick(
            format!("All {landed} answers that landed are counted; 1 waits for the summarizer."),
            format!(
                "Les {landed} réponses reçues sont toutes comptées\u{a0}; 1 attend le résumé \
                 horaire."
            ),
        ),
        _ => show.lang.pick(
            format!(
                "All {landed} answers that landed are counted; {waiting} wait for the summarizer."
            ),
            format!(
                "Les {landed} réponses reçues sont toutes comptées\u{a0}; {waiting} attendent le \
                 résumé horaire."
            ),
        ),
    }
}

/// Whether any source has a value or a record of the period.
fn shows_data(facts: &Facts) -> bool {
    facts.sources.iter().any(|source| match &source.content {
        Content::Samples { hours, .. } => !hours.series.is_empty(),
        Content::Records { .. } => !source.records(&facts.period).is_empty(),
    })
}

/// Recorded sources whose days the banner tells one by one.
const TOLD: usize = 4;

/// The banner of a report on recorded data: what was recorded when, and where the seam is.
pub fn recorded(facts: &Facts, show: &Show) -> Option<String> {
    let parts: Vec<String> =
        facts.sources.iter().filter_map(|s| recorded_source(s, show)).collect();
    if parts.is_empty() {
        return None;
    }
    if parts.len() > TOLD {
        return Some(recorded_many(facts, parts.len() as u64, show));
    }
    let list = parts.join(show.pick("; ", "\u{202f}; "));
    Some(show.lang.pick(
        format!("This report shows recorded data, moved onto this day. {list}."),
        format!("Ce rapport montre des données enregistrées, déplacées à ce jour. {list}."),
    ))
}

/// Many sources: from when to when; the last section tells the days of each.
fn recorded_many(facts: &Facts, sources: u64, show: &Show) -> String {
    let ids = facts.sources.iter().flat_map(|source| source.snapshots());
    let days: BTreeSet<_> = ids.filter_map(SnapshotId::recorded).collect();
    let [first, last] =
        [days.first(), days.last()].map(|day| day.map(|d| show.lang.date_short(*d)));
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let seams = facts.sources.iter().filter_map(|source| {
        let at = seams(source, show);
        (!at.is_empty()).then(|| format!("{} ({at})", show.short_title(&source.source)))
    });
    let seams: Vec<String> = seams.collect();
    let seam = (!seams.is_empty()).then(|| {
        let list = show.lang.list(&seams);
        let joined =
            show.pick("Days of a recording are joined in", "Des jours sont raccordés dans");
        format!(" {joined}{} {list}.", show.lang.colon())
    });
    show.lang.pick(
        format!(
            "This report shows recorded data, moved onto this day: {sources} sources, recorded \
             between {first} and {last} (the days of each: page\u{a0}{LAST_SECTION}).{}",
            seam.clone().unwrap_or_default()
        ),
        format!(
            "Ce rapport montre des données enregistrées, déplacées à ce jour\u{a0}: {sources} \
             sources, enregistrées entre le {first} et le {last} (jours de chacune\u{a0}: \
             page\u{a0}{LAST_SECTION}).{}",
            seam.unwrap_or_default()
        ),
    )
}

/// When the answers of one source were recorded.
pub fn recorded_days(source: &SourceFacts, show: &Show) -> Option<String> {
    let days: BTreeSet<_> = source.snapshots().iter().filter_map(SnapshotId::recorded).collect();
    let (first, last) = (*days.first()?, *days.last()?);
    let [first, last] = [first, last].map(|day| show.lang.date_short(day));
    let days = if first == last { first } else { format!("{first} – {last}") };
    Some(show.lang.pick(format!("recorded {days}"), format!("enregistré\u{a0}: {days}")))
}

fn recorded_source(source: &SourceFacts, show: &Show) -> Option<String> {
    let days: BTreeSet<_> = source.snapshots().iter().filter_map(SnapshotId::recorded).collect();
    let (first, last) = (*days.first()?, *days.last()?);
    let title = show.title(&source.source);
    if first == last {
        let day = show.lang.date_short(first);
        return Some(
            show.lang.pick(format!("{title}: from {day}"), format!("{title}\u{a0}: du {day}")),
        );
    }
    let (first, last, seam) =
        (show.lang.date_short(first), show.lang.date_short(last), seams(source, show));
    Some(show.lang.pick(
        format!("{title}: from {first} to {last}, joined {seam}"),
        format!("{title}\u{a0}: du {first} au {last}, raccord {seam}"),
    ))
}

/// Where the recorded date changes inside the day.
fn seams(source: &SourceFacts, show: &Show) -> String {
    let pairs = source.snapshots().windows(2);
    let seams = pairs.filter(|pair| pair[0].recorded() != pair[1].recorded());
    let mut clocks: Vec<String> = seams.map(|pair| show.clock(pair[1].instant())).collect();
    clocks.dedup();
    match clocks.len() {
        0 => String::new(),
        1..=TOLD => {
            let list = show.lang.list(&clocks);
            show.lang.pick(format!("at {list}"), format!("à {list}"))
        }
        n => show.lang.pick(format!("{n} times"), format!("{n} fois")),
    }
}

fn balance(facts: &Facts, show: &Show) -> Balance {
    let row = |source: &SourceFacts| {
        let account = facts.balance.total(&source.source.name);
        BalanceRow {
            source: show.title(&source.source).into(),
            landed: account.landed,
            waiting: account.waiting,
            counted: account.counted,
            partial: account.partial,
            quarantined: account.quarantined,
        }
    };
    let caption = Caption::new(
        show.pick("The balance", "Le bilan"),
        match facts.sources.iter().any(|source| source.source.fetch.pages.is_some()) {
            true => show.pick(
                "each answer that landed, each page of a set by itself, is waiting, counted, \
                 partial or in quarantine",
                "chaque réponse reçue, chaque page d’une suite pour elle-même, est en attente, \
                 comptée, partielle ou en quarantaine",
            ),
            false => show.pick(
                "each answer that landed is waiting, counted, partial or in quarantine",
                "chaque réponse reçue est en attente, comptée, partielle ou en quarantaine",
            ),
        },
    );
    Balance { caption, rows: facts.sources.iter().map(row).collect() }
}

/// What a reader must know before trusting the figures.
fn notes(facts: &Facts, show: &Show) -> Vec<String> {
    let mut notes = Vec::new();
    let open: Vec<String> = facts
        .sources
        .iter()
        .filter(|source| !source.is_closed(&facts.period))
        .map(|source| source.source.name.to_string())
        .collect();
    notes.push(if open.is_empty() {
        show.pick(
            "The period is closed: all of its hours are summarised.",
            "La période est close\u{a0}: toutes ses heures sont résumées.",
        )
        .into()
    } else {
        let names = show.lang.list(&open);
        show.lang.pick(
            format!("The period is not closed: hours of {names} are still to be summarised."),
            format!("La période n’est pas close\u{a0}: des heures de {names} restent à résumer."),
        )
    });
    notes.extend(days::notes(facts, show));
    notes.extend(former::notes(facts, show));
    notes.extend(facts.sources.iter().flat_map(|source| trouble(source, show)));
    notes.extend(facts.sources.iter().flat_map(|source| aged::notes(source, show)));
    notes.extend(facts.sources.iter().flat_map(|source| silence::notes(source, show)));
    notes.extend(asked::failures(facts, show));
    for id in facts.balance.lost.iter().take(LOST_TOLD) {
        notes.push(show.lang.pick(format!("Lost: {id}"), format!("Perdu\u{a0}: {id}")));
    }
    notes
}

/// How many lost answers are named.
pub const LOST_TOLD: usize = 10;

fn trouble(source: &SourceFacts, show: &Show) -> Vec<String> {
    let (damaged, apart) = match &source.content {
        Content::Samples { hours, .. } => (&hours.damaged, hours.apart.len() as u64),
        Content::Records { damaged, .. } => (damaged, source.apart.len() as u64),
    };
    let name = &source.source.name;
    let mut notes = Vec::new();
    if !damaged.is_empty() {
        let hours: Vec<String> = damaged.iter().map(|hour| show.clock(hour.start())).collect();
        let hours = show.lang.list(&hours);
        notes.push(show.lang.pick(
            format!("{name}: the rows of {hours} are not those that were committed; left out."),
            format!(
                "{name}\u{a0}: les lignes de {hours} ne sont pas celles écrites\u{a0}; omises."
            ),
        ));
    }
    if apart > 0 {
        let n = show.lang.integer(apart);
        notes.push(match apart {
            1 => show.lang.pick(
                format!("{name}: 1 field changed unit or grid and is shown in part."),
                format!("{name}\u{a0}: 1 champ a changé d’unité ou de grille et est partiel."),
            ),
            _ => show.lang.pick(
                format!("{name}: {n} fields changed unit or grid and are shown in part."),
                format!(
                    "{name}\u{a0}: {n} champs ont changé d’unité ou de grille et sont partiels."
                ),
            ),
        });
    }
    notes
}
