//! What a report says of its own data: whether it is closed, recorded, complete, balanced.

use super::asked;
use super::facts::{Content, Facts, SourceFacts};
use super::former;
use super::period::Span;
use super::show::Show;
use super::silence;
use crate::domain::balance::Account;
use crate::domain::report::quality::{Balance, BalanceRow, Legend, Presence, PresencePanel, Slot};
use crate::domain::report::{Block, Caption, Section};
use crate::domain::schedule::Schedule;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window, start_of_day};
use chrono::Duration;
use std::collections::BTreeSet;
use std::time::Duration as Length;

/// An answer that came this long after its slot began is late (or half a period, if less).
const LATE: Length = Length::from_secs(300);

/// A share below this stands out.
const LOW: f64 = 0.98;

/// The section about the data.
pub fn section(facts: &Facts, show: &Show) -> Section {
    let mut blocks = vec![Block::Presence(presence(facts, show))];
    blocks.extend(asked::table(facts, show));
    blocks.push(Block::Balance(balance(facts, show)));
    blocks.extend(notes(facts, show).into_iter().map(Block::Note));
    Section {
        name: show.pick("Data", "Données").into(),
        title: sentence(facts, show),
        standfirst: how_to_read(facts, show),
        blocks,
        ..Section::default()
    }
}

fn how_to_read(facts: &Facts, show: &Show) -> String {
    let column = match facts.period.span {
        Span::Day => show.pick("a column per hour", "une colonne par heure"),
        _ => show.pick("a column per day", "une colonne par jour"),
    };
    show.lang.pick(
        format!(
            "Each square shows the period: {column}, a cell per planned answer. What came on time \
             stays pale; what was late or missing stands out."
        ),
        format!(
            "Chaque carré montre la période\u{a0}: {column}, une case par réponse prévue. Ce qui \
             est venu à temps reste pâle\u{a0}; le retard et l’absence ressortent."
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
    let (landed, counted) = (show.lang.integer(all.landed), show.lang.integer(all.counted));
    if all.landed == 0 {
        return show.pick("No answer landed.", "Aucune réponse reçue.").into();
    }
    if all.landed == all.counted && facts.balance.is_balanced() {
        return show.lang.pick(
            format!("All {landed} answers that landed are counted."),
            format!("Les {landed} réponses reçues sont toutes comptées."),
        );
    }
    show.lang.pick(
        format!("Of {landed} answers that landed, {counted} are counted whole."),
        format!("Sur {landed} réponses reçues, {counted} sont comptées en entier."),
    )
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

/// Many sources: from when to when; the last page tells the days of each.
fn recorded_many(facts: &Facts, sources: u64, show: &Show) -> String {
    let ids = facts.sources.iter().flat_map(|source| &source.snapshots);
    let days: BTreeSet<_> = ids.filter_map(SnapshotId::recorded).collect();
    let [first, last] =
        [days.first(), days.last()].map(|day| day.map(|d| show.lang.date_short(*d)));
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let seam = facts.sources.iter().find(|source| !seams(source, show).is_empty());
    let seam = seam.map(|source| {
        let (title, at) = (show.title(&source.source), seams(source, show));
        show.lang.pick(
            format!(" {title}: with a seam at {at}."),
            format!(" {title}\u{a0}: avec une couture à {at}."),
        )
    });
    show.lang.pick(
        format!(
            "This report shows recorded data, moved onto this day: {sources} sources, recorded \
             between {first} and {last}. The last page names the days of each.{}",
            seam.clone().unwrap_or_default()
        ),
        format!(
            "Ce rapport montre des données enregistrées, déplacées à ce jour\u{a0}: {sources} \
             sources, enregistrées entre le {first} et le {last}. La dernière page donne les jours \
             de chacune.{}",
            seam.unwrap_or_default()
        ),
    )
}

/// When the answers of one source were recorded.
pub fn recorded_days(source: &SourceFacts, show: &Show) -> Option<String> {
    let days: BTreeSet<_> = source.snapshots.iter().filter_map(SnapshotId::recorded).collect();
    let (first, last) = (*days.first()?, *days.last()?);
    let [first, last] = [first, last].map(|day| show.lang.date_short(day));
    let days = if first == last { first } else { format!("{first} – {last}") };
    Some(show.lang.pick(format!("recorded {days}"), format!("enregistré\u{a0}: {days}")))
}

fn recorded_source(source: &SourceFacts, show: &Show) -> Option<String> {
    let days: BTreeSet<_> = source.snapshots.iter().filter_map(SnapshotId::recorded).collect();
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
        format!("{title}: from {first} to {last}, with the seam at {seam}"),
        format!("{title}\u{a0}: du {first} au {last}, la couture à {seam}"),
    ))
}

/// Where the recorded date changes inside the day.
fn seams(source: &SourceFacts, show: &Show) -> String {
    let pairs = source.snapshots.windows(2);
    let seams = pairs.filter(|pair| pair[0].recorded() != pair[1].recorded());
    let clocks: Vec<String> = seams.map(|pair| show.clock(pair[1].instant())).collect();
    show.lang.list(&clocks)
}

fn presence(facts: &Facts, show: &Show) -> Presence {
    let panels = facts.sources.iter().map(|source| panel(source, facts, show)).collect();
    let caption = Caption::new(show.pick("What came when", "Ce qui est venu, et quand"), "");
    Presence { caption, legend: Legend::plain(show.lang), panels }
}

fn panel(source: &SourceFacts, facts: &Facts, show: &Show) -> PresencePanel {
    let (share, low) = share(&[source], facts, show);
    let edges = edges(facts);
    let place = |at: Instant| edges.partition_point(|edge| *edge < at).min(edges.len() - 1);
    let ticks = show.axis.ticks.iter().map(|tick| (place(tick.at), tick.label.clone()));
    PresencePanel {
        name: show.title(&source.source).into(),
        share,
        low,
        columns: columns(source, facts, &edges),
        ticks: ticks.collect(),
    }
}

/// Where the columns begin, and where the last one ends: hours of a day, days of a longer period.
fn edges(facts: &Facts) -> Vec<Instant> {
    let period = &facts.period;
    let hours = || Window::between(period.from, period.to).map(Window::start);
    let days = period.day.iter_days().take_while(|day| *day < period.until);
    let mut edges: Vec<Instant> = match period.span {
        Span::Day => hours().collect(),
        _ => days.filter_map(|day| start_of_day(day, period.zone)).collect(),
    };
    edges.push(period.to);
    edges
}

/// The slots of each column: planned by the schedule, or in a recording its own instants.
fn columns(source: &SourceFacts, facts: &Facts, edges: &[Instant]) -> Vec<Vec<Slot>> {
    let every = source.source.fetch.every.as_secs().max(60);
    let rows = match facts.period.span {
        Span::Day => (3600 / every).clamp(1, 60),
        _ => (86_400 / every).clamp(1, 24),
    };
    let mut columns = vec![vec![Slot::NotScheduled; rows as usize]; edges.len() - 1];
    for (at, slot) in states(source, facts) {
        let column = edges.partition_point(|edge| *edge <= at);
        let ends = column.checked_sub(1).zip(edges.get(column));
        let Some((column, from, to)) = ends.map(|(c, to)| (c, edges[c], *to)) else { continue };
        let share = (at - from).as_seconds_f64() / (to - from).as_seconds_f64();
        let row = ((share * rows as f64) as usize).min(rows as usize - 1);
        columns[column][row] = worse(columns[column][row], slot);
    }
    columns
}

/// Of two slots in one cell, the one that needs the eye.
fn worse(a: Slot, b: Slot) -> Slot {
    let rank = |slot: Slot| match slot {
        Slot::NotScheduled => 0,
        Slot::OnTime => 1,
        Slot::Late => 2,
        Slot::Missing => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// Each planned moment of the period, and what became of it.
fn states(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Slot)> {
    // An answer with elements, and no usable item among them, is as good as none.
    let useful = source.snapshots.iter().filter(|id| !source.useless.contains(id));
    let came: Vec<Instant> = useful.map(SnapshotId::instant).collect();
    let is_recorded = source.snapshots.iter().any(|id| id.recorded().is_some());
    let every = source.source.fetch.every;
    let schedule = Schedule::new(source.source.first_name(), every, Length::ZERO);
    let Ok(schedule) = schedule else { return Vec::new() };
    if is_recorded {
        let useless = source.useless.iter().map(|id| (id.instant(), Slot::Missing));
        return came.into_iter().map(|at| (at, Slot::OnTime)).chain(useless).collect();
    }
    let Some(since) = source.since else { return Vec::new() };
    let from = facts.period.from.max(since.before(Duration::from_std(every).unwrap_or_default()));
    let late = Duration::from_std(LATE.min(every / 2)).unwrap_or_default();
    let over = |end: &Instant| *end <= facts.now;
    let mut came = came.into_iter().peekable();
    let mut states = Vec::new();
    // Nothing was expected of it once it was not collected any more.
    let gone = |at: Instant| source.until.is_some_and(|until| at > until);
    for slot in schedule.slots(from, facts.period.to).take_while(|slot| !gone(slot.start)) {
        while came.next_if(|at| *at < slot.start).is_some() {}
        let state = match came.next_if(|at| *at < slot.end) {
            Some(at) if at - slot.start > late && every > Length::from_secs(60) => Slot::Late,
            Some(_) => Slot::OnTime,
            None if over(&slot.end) => Slot::Missing,
            None => continue,
        };
        states.push((slot.start, state));
    }
    states
}

/// What share of the planned answers came, and whether that is low.
pub fn share(sources: &[&SourceFacts], facts: &Facts, show: &Show) -> (String, bool) {
    let states: Vec<_> = sources.iter().flat_map(|source| states(source, facts)).collect();
    if states.is_empty() {
        return (crate::domain::format::ABSENT.into(), false);
    }
    let came = states.iter().filter(|(_, slot)| *slot != Slot::Missing).count();
    let share = came as f64 / states.len() as f64;
    let decimals = usize::from(came != states.len());
    (show.lang.percent(share, decimals), share < LOW)
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
        show.pick(
            "each answer that landed is waiting, counted, partial or in quarantine",
            "chaque réponse reçue est en attente, comptée, partielle ou en quarantaine",
        ),
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
    notes.extend(former::notes(facts, show));
    notes.extend(facts.sources.iter().flat_map(|source| trouble(source, show)));
    notes.extend(facts.sources.iter().flat_map(|source| silence::notes(source, show)));
    notes.extend(asked::failures(facts, show));
    for id in facts.balance.lost.iter().take(10) {
        notes.push(show.lang.pick(format!("Lost: {id}"), format!("Perdu\u{a0}: {id}")));
    }
    notes
}

fn trouble(source: &SourceFacts, show: &Show) -> Vec<String> {
    let (damaged, apart) = match &source.content {
        Content::Samples { hours, .. } => (&hours.damaged, hours.apart.len() as u64),
        Content::Records { winners, .. } => (&winners.damaged, source.apart.len() as u64),
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
        notes.push(show.lang.pick(
            format!("{name}: {n} fields changed unit or grid in the day and are shown in part."),
            format!("{name}\u{a0}: {n} champs ont changé d’unité ou de grille et sont partiels."),
        ));
    }
    notes
}
