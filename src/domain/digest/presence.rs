//! What came when: each planned answer of the period, and what became of it.

use super::facts::{Facts, SourceFacts};
use super::period::{Period, Span};
use super::show::Show;
use crate::domain::outcomes::Waited;
use crate::domain::quota::Quota;
use crate::domain::report::Caption;
use crate::domain::report::quality::{Legend, Presence, PresencePanel, Slot};
use crate::domain::schedule::{Schedule, Slot as Slotted};
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
    let panels: Vec<PresencePanel> =
        facts.sources.iter().map(|source| panel(source, facts, show)).collect();
    let caption = Caption::new(show.pick("What came when", "Ce qui est venu, et quand"), "");
    Presence { caption, legend: legend(&panels, facts, show), panels }
}

/// The words for the colours that are there.
fn legend(panels: &[PresencePanel], facts: &Facts, show: &Show) -> Legend {
    let recorded = |source: &SourceFacts| source.is_recorded();
    let all = facts.sources.iter().all(recorded);
    let some = facts.sources.iter().any(recorded);
    let has =
        |slot| panels.iter().flat_map(|panel| panel.columns.iter().flatten()).any(|s| *s == slot);
    let words = |slot, en: &str, fr: &str| match has(slot) {
        true => show.pick(en, fr).to_string(),
        false => String::new(),
    };
    let (en, fr) = match (all, some) {
        (true, _) => ("not recorded", "non enregistré"),
        (false, true) => ("not scheduled, or not recorded", "non prévu, ou non enregistré"),
        (false, false) => ("not scheduled", "non prévu"),
    };
    let came = if all { ("recorded", "enregistré") } else { ("on time", "à temps") };
    Legend {
        on_time: words(Slot::OnTime, came.0, came.1),
        late: words(Slot::Late, "late", "en retard"),
        missing: words(Slot::Missing, "missing or unusable", "absent ou inutilisable"),
        not_asked: words(
            Slot::NotAsked,
            "not asked: quota spent, or gone for good",
            "non demandé\u{a0}: quota épuisé, ou source disparue",
        ),
        not_scheduled: words(Slot::NotScheduled, en, fr),
    }
}

fn panel(source: &SourceFacts, facts: &Facts, show: &Show) -> PresencePanel {
    let (share, low) = share(&[source], facts, show);
    // Where all of it is recorded the legend says so once.
    let told = !facts.sources.iter().all(SourceFacts::is_recorded);
    let share = if told { share } else { String::new() };
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
    for (at, slot) in all_states(source, facts) {
        let column = edges.partition_point(|edge| *edge <= at);
        let ends = column.checked_sub(1).zip(edges.get(column));
        let Some((column, from, to)) = ends.map(|(c, to)| (c, edges[c], *to)) else { continue };
        let share = (at - from).as_seconds_f64() / (to - from).as_seconds_f64();
        let row = ((share * rows as f64) as usize).min(rows as usize - 1);
        columns[column][row] = worse(columns[column][row], slot);
    }
    let outcomes = facts.outcomes.get(&source.source.name);
    // One whose slot began before the period, or is not over yet, was asked all the same.
    let served = |slot: Instant| {
        let end = slot.after(Duration::from_std(source.source.fetch.every).unwrap_or_default());
        source.useful().any(|id| (slot..end).contains(&id.instant()))
    };
    let failing = outcomes.iter().flat_map(|outcomes| outcomes.failing.values());
    for (at, _) in failing.filter(|(_, slot)| !served(*slot)) {
        let column = edges.partition_point(|edge| edge <= at).checked_sub(1);
        let empty = |column: &&mut Vec<Slot>| column.iter().all(|s| *s == Slot::NotScheduled);
        if let Some(column) = column.and_then(|place| columns.get_mut(place)).filter(empty) {
            column[0] = Slot::Missing;
        }
    }
    columns
}

/// Of two slots in one cell, the one that needs the eye.
fn worse(a: Slot, b: Slot) -> Slot {
    let rank = |slot: Slot| match slot {
        Slot::NotScheduled => 0,
        Slot::OnTime => 1,
        Slot::NotAsked => 2,
        Slot::Late => 3,
        Slot::Missing => 4,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// Each answer of the period that was asked for as planned, and what became of it.
pub fn states(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Slot)> {
    let mut states = all_states(source, facts);
    states.retain(|(_, slot)| *slot != Slot::NotAsked);
    states
}

/// Each planned answer of the period, and what became of it.
fn all_states(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Slot)> {
    if source.is_recorded() {
        let state = |id| if source.useless.contains(id) { Slot::Missing } else { Slot::OnTime };
        return source.snapshots().iter().map(|id| (id.instant(), state(id))).collect();
    }
    planned(source, &facts.period, facts)
}

/// The same of any period, of a source that is asked by plan. An answer belongs to the slot that
/// it serves, whenever it came, and a slot to the period in which it begins.
fn planned(source: &SourceFacts, period: &Period, facts: &Facts) -> Vec<(Instant, Slot)> {
    let every = source.source.fetch.every;
    let schedule = Schedule::new(source.source.first_name(), every, Length::ZERO);
    let Ok(schedule) = schedule else { return Vec::new() };
    let Some(since) = planned_from(source, period, facts) else { return Vec::new() };
    // An answer with elements, and no usable item among them, is as good as none.
    let mut came: Vec<(Instant, Instant)> = Vec::new();
    for id in source.useful() {
        let at = id.instant();
        match source.belated.get(id) {
            Some(slots) => came.extend(slots.iter().map(|slot| (*slot, at))),
            None => came.push((at, at)),
        }
    }
    came.sort();
    let mut came = came.into_iter().peekable();
    let from = period.from.max(since.before(Duration::from_std(every).unwrap_or_default()));
    // Nothing was expected of it once it was not collected any more.
    let gone = |at: Instant| source.until.is_some_and(|until| at > until);
    let slots = schedule.slots(from, period.to).take_while(|slot| !gone(slot.start));
    // The slot in which it was first asked is the first that counts.
    let slots = slots.filter(|slot| slot.end > since);
    let (spent, ended) = (spent(source, facts), ended(source, facts));
    let outcomes = facts.outcomes.get(&source.source.name);
    let failed = |at: &Instant| outcomes.is_some_and(|own| own.failed_slots.contains(at));
    let idle = |at: &Instant| outcomes.is_some_and(|own| own.idle_slots.contains(at));
    let rests = |slot: &Slotted| {
        // Whoever was asked and failed was asked.
        if failed(&slot.start) {
            return false;
        }
        source.gone.is_some_and(|gone| slot.start > gone)
            || spent.iter().any(|(from, to)| (*from..*to).contains(&slot.start))
            || ended.iter().any(|(from, to)| slot.start > *from && slot.end <= *to)
    };
    let mut states = Vec::new();
    for slot in slots {
        while came.next_if(|(served, _)| *served < slot.start).is_some() {}
        let within = std::iter::from_fn(|| came.next_if(|(served, _)| *served < slot.end));
        let within: Vec<Instant> = within.map(|(_, at)| at).collect();
        let none = match slot.end <= facts.now {
            _ if idle(&slot.start) => Some(Slot::OnTime),
            _ if rests(&slot) => Some(Slot::NotAsked),
            true => Some(Slot::Missing),
            false => None,
        };
        // Nobody could be on time for what began before it was first asked.
        let begun = slot.start.max(since);
        states.extend(of_slot(source, (slot.start, begun, every), &within, none));
    }
    states
}

/// The times in which a source was not asked since its publisher had said that it is gone, until
/// its declaration was edited: between two runs that asked.
fn ended(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Instant)> {
    let outcomes = facts.outcomes.get(&source.source.name);
    let begun: Vec<(&Instant, &bool)> = outcomes.iter().flat_map(|own| &own.begun).collect();
    let pairs = begun.windows(2).filter(|pair| *pair[0].1);
    let pairs = pairs.map(|pair| (*pair[0].0, *pair[1].0));
    pairs.chain(source.ended.iter().copied()).collect()
}

/// The times in which a quota of a source was spent: from the slot in which that was seen.
fn spent(source: &SourceFacts, facts: &Facts) -> Vec<(Instant, Instant)> {
    let waited = facts.outcomes.get(&source.source.name).map(|outcomes| &outcomes.waited);
    let span = |(slot, known, why): &Waited| Some((*slot, Quota::spent_in(why)?.around(*known).1));
    waited.into_iter().flatten().filter_map(span).collect()
}

/// What became of the requests of one slot: one, or those of a loop, each in its part of the slot
/// or of the hour in which that begins.
fn of_slot(
    source: &SourceFacts,
    (start, begun, every): (Instant, Instant, Length),
    came: &[Instant],
    none: Option<Slot>,
) -> Vec<(Instant, Slot)> {
    let requests = source.source.fetch.items.as_ref().map_or(1, |items| items.rows().len().max(1));
    let late = Duration::from_std(LATE.min(every / 2)).unwrap_or_default();
    let rest = Window::of(start).end() - start;
    let room = rest.min(Duration::from_std(every).unwrap_or(rest));
    let part = room / i32::try_from(requests).unwrap_or(i32::MAX);
    let state = |at: Option<&Instant>| match at {
        Some(at) if *at - begun > late && every > Length::from_secs(60) => Some(Slot::Late),
        Some(_) => Some(Slot::OnTime),
        None => none,
    };
    let places =
        (0..requests).map(|place| (start.after(part * place as i32), state(came.get(place))));
    places.filter_map(|(at, state)| Some((at, state?))).collect()
}

/// From when on answers of a source were planned in a period: since it was first asked, or
/// first answered.
fn planned_from(source: &SourceFacts, period: &Period, facts: &Facts) -> Option<Instant> {
    let asked = facts.outcomes.get(&source.source.name).and_then(|outcomes| outcomes.first);
    let since = source.since.into_iter().chain(asked).min()?;
    Some(period.from.max(since))
}

/// Whether nearly all planned answers came, of the period and of the one before: only then is one
/// compared with the other.
pub fn is_comparable(source: &SourceFacts, facts: &Facts) -> bool {
    let is_whole = |states: Vec<(Instant, Slot)>| {
        let came = |slot: &Slot| matches!(slot, Slot::OnTime | Slot::Late);
        let came = states.iter().filter(|(_, slot)| came(slot)).count();
        came as f64 >= states.len() as f64 * WHOLE
    };
    let earlier = facts.period.before().filter(|_| !source.is_recorded());
    heard_until(source, facts).is_none()
        && is_whole(all_states(source, facts))
        && earlier.is_none_or(|earlier| is_whole(planned(source, &earlier, facts)))
}

/// The last answer, where nothing came for an hour before the end of the period, or before now:
/// what it holds is not told up to there. An answer after the end tells the rest.
pub fn heard_until(source: &SourceFacts, facts: &Facts) -> Option<Instant> {
    let last = source.useful().map(SnapshotId::instant).max()?;
    let end = facts.period.to.min(facts.now);
    (end - last > Duration::hours(1)).then_some(last)
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
    let since =
        planned.iter().filter_map(|source| planned_from(source, &facts.period, facts)).min();
    let every = planned.iter().map(|source| source.source.fetch.every).max().unwrap_or_default();
    let begun = facts.period.from.after(Duration::from_std(every).unwrap_or_default());
    let late = since.filter(|since| *since > begun);
    let text = match late {
        Some(since) => {
            let since = show.clock(since);
            let le = if facts.period.span == Span::Day { "" } else { "le " };
            show.lang
                .pick(format!("{percent} since {since}"), format!("{percent} depuis {le}{since}"))
        }
        None => percent,
    };
    (text, share < LOW)
}
