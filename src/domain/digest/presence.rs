//! What came when: each planned answer of the period, and what became of it.

use super::facts::{Facts, SourceFacts};
use super::period::Span;
use super::show::Show;
use crate::domain::report::Caption;
use crate::domain::report::quality::{Legend, Presence, PresencePanel, Slot};
use crate::domain::schedule::Schedule;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window, start_of_day};
use chrono::Duration;
use std::time::Duration as Length;

/// An answer that came this long after its slot began is late (or half a period, if less).
const LATE: Length = Length::from_secs(300);

/// The share from which on a period may be compared with another.
const WHOLE: f64 = 0.95;

/// A share below this stands out.
const LOW: f64 = 0.98;

/// A row for each source.
pub fn presence(facts: &Facts, show: &Show) -> Presence {
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
pub fn states(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Slot)> {
    // An answer with elements, and no usable item among them, is as good as none.
    let useful = source.snapshots.iter().filter(|id| !source.useless.contains(id));
    let came: Vec<Instant> = useful.map(SnapshotId::instant).collect();
    let every = source.source.fetch.every;
    let schedule = Schedule::new(source.source.first_name(), every, Length::ZERO);
    let Ok(schedule) = schedule else { return Vec::new() };
    if source.is_recorded() {
        let useless = source.useless.iter().map(|id| (id.instant(), Slot::Missing));
        return came.into_iter().map(|at| (at, Slot::OnTime)).chain(useless).collect();
    }
    let Some(since) = planned_from(source, facts) else { return Vec::new() };
    let from = facts.period.from.max(since.before(Duration::from_std(every).unwrap_or_default()));
    let late = Duration::from_std(LATE.min(every / 2)).unwrap_or_default();
    let over = |end: &Instant| *end <= facts.now;
    let mut came = came.into_iter().peekable();
    let mut states = Vec::new();
    // Nothing was expected of it once it was not collected any more.
    let gone = |at: Instant| source.until.is_some_and(|until| at > until);
    let slots = schedule.slots(from, facts.period.to).take_while(|slot| !gone(slot.start));
    // The slot in which it was first asked is the first that counts.
    for slot in slots.filter(|slot| slot.end > since) {
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

/// From when on answers of a source were planned in the period: since it was first asked, or
/// first answered.
fn planned_from(source: &SourceFacts, facts: &Facts) -> Option<Instant> {
    let asked = facts.outcomes.get(&source.source.name).and_then(|outcomes| outcomes.first);
    let since = source.since.into_iter().chain(asked).min()?;
    Some(facts.period.from.max(since))
}

/// Whether nearly all planned answers of the period came.
pub fn is_whole(source: &SourceFacts, facts: &Facts) -> bool {
    let states = states(source, facts);
    let came = states.iter().filter(|(_, slot)| *slot != Slot::Missing).count();
    came as f64 >= states.len() as f64 * WHOLE
}

/// What share of the planned answers came, and whether that is low. Nobody planned a recording.
pub fn share(sources: &[&SourceFacts], facts: &Facts, show: &Show) -> (String, bool) {
    let planned: Vec<&&SourceFacts> = sources.iter().filter(|s| !s.is_recorded()).collect();
    let states: Vec<_> = planned.iter().flat_map(|source| states(source, facts)).collect();
    if planned.is_empty() && !sources.is_empty() {
        return (show.pick("recorded", "enregistré").into(), false);
    }
    if states.is_empty() {
        return (crate::domain::format::ABSENT.into(), false);
    }
    let came = states.iter().filter(|(_, slot)| *slot != Slot::Missing).count();
    let share = came as f64 / states.len() as f64;
    let percent = show.lang.percent(share, usize::from(came != states.len()));
    let since = planned.iter().filter_map(|source| planned_from(source, facts)).min();
    let every = planned.iter().map(|source| source.source.fetch.every).max().unwrap_or_default();
    let begun = facts.period.from.after(Duration::from_std(every).unwrap_or_default());
    let late = since.filter(|since| *since > begun);
    let text = match late {
        Some(since) => {
            let since = show.clock(since);
            show.lang.pick(format!("{percent} since {since}"), format!("{percent} depuis {since}"))
        }
        None => percent,
    };
    (text, share < LOW)
}
