//! How long the days of a period are: where clocks change, and in zones off the full hour.

use super::facts::Facts;
use super::show::Show;
use crate::domain::time::{Day, Instant, start_of_day};
use chrono::Offset;

/// A sentence for each day that has not 24 hours, and one where hours of the zone's clock are none
/// of UTC.
pub fn notes(facts: &Facts, show: &Show) -> Vec<String> {
    let period = &facts.period;
    let days = period.day.iter_days().take_while(|day| *day < period.until);
    let mut notes: Vec<String> = days.filter_map(|day| odd(day, facts, show)).collect();
    notes.extend(off_hours(facts, show));
    notes
}

fn odd(day: Day, facts: &Facts, show: &Show) -> Option<String> {
    let zone = facts.period.zone;
    let (from, to) = (start_of_day(day, zone)?, start_of_day(day.succ_opt()?, zone)?);
    let minutes = (to - from).num_minutes();
    let (date, name) = (show.lang.date_short(day), zone.name());
    let (hours, rest) = (minutes / 60, minutes % 60);
    let length = match rest {
        0 => show.lang.pick(format!("{hours} hours"), format!("{hours} heures")),
        _ => show.lang.pick(
            format!("{hours} hours and {rest} minutes"),
            format!("{hours} heures et {rest} minutes"),
        ),
    };
    (minutes != 24 * 60).then(|| {
        show.lang.pick(
            format!("{date} has {length} in {name}: its clocks change."),
            format!("Le {date} compte {length} à l’heure de {name}\u{a0}: l’horloge y change."),
        )
    })
}

/// Whether the zone is off the full hours of UTC at an instant.
fn is_off(at: Instant, facts: &Facts) -> bool {
    let offset = at.with_timezone(&facts.period.zone).offset().fix();
    offset.local_minus_utc() % 3_600 != 0
}

fn off_hours(facts: &Facts, show: &Show) -> Option<String> {
    let period = &facts.period;
    let zone = period.zone.name();
    let windows = period.windows();
    let ends = [windows.start.start(), windows.end.start()];
    let [from, to] = ends.map(|at| {
        let local = at.with_timezone(&period.zone).naive_local();
        show.lang.clock(local)
    });
    (is_off(period.from, facts) || is_off(period.to, facts)).then(|| {
        show.lang.pick(
            format!(
                "Hours are hours of UTC, and {zone} is off by a part of one: figures by the hour \
                 go from {from} of the first day to {to} of the day after the last; records are \
                 taken by their exact times."
            ),
            format!(
                "Les heures sont celles de l’UTC, et {zone} en est décalée d’une fraction\u{a0}: \
                 les chiffres horaires vont de {from} le premier jour à {to} le lendemain du \
                 dernier\u{a0}; les fiches sont prises à leur instant exact."
            ),
        )
    })
}
