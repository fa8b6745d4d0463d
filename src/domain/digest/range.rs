//! How far a measure went, as a sentence: its least and its greatest value where and when they
//! were, with how much of the period that rests on.

use super::evidence::Seen;
use super::facts::{Facts, SourceFacts};
use super::measure::Measure;
use super::show::Show;
use crate::domain::hours::{Hours, Peak, When};
use std::borrow::Cow;

/// A peak, and the name of its series where a sentence is about several.
#[derive(Clone)]
struct End<'a> {
    peak: Peak,
    name: Option<Cow<'a, str>>,
    /// How many other series have the same value.
    others: u64,
    /// Whether some of them had it later.
    later: bool,
}

/// Letters of a name in a sentence.
const NAME: usize = 48;

/// What the values of one series rest on.
pub fn seen(source: &SourceFacts, hours: &Hours, key: (&str, &str), facts: &Facts) -> Option<Seen> {
    let period = (facts.period.from, facts.period.to);
    Seen::of(hours, [key.0], key.1, source.rhythm(), period, facts.now)
}

/// The least and the greatest value of one series, in the order of time.
pub fn of_series(
    source: &SourceFacts,
    hours: &Hours,
    (series, field): (&str, &str),
    facts: &Facts,
    show: &Show,
) -> Option<String> {
    let said = ends_of(source, hours, (series, field), facts, show)?;
    let measure = show.measure(&source.source, field);
    Some(format!("{}{} {said}", show.titled(&source.source, &measure), show.lang.colon()))
}

/// The least and the greatest value of one series, without what it is.
fn ends_of(
    source: &SourceFacts,
    hours: &Hours,
    key: (&str, &str),
    facts: &Facts,
    show: &Show,
) -> Option<String> {
    let show = &show.of_source(&source.source);
    let measure = show.measure(&source.source, key.1);
    let (low, high) = hours.ends(key.0, key.1)?;
    let seen = seen(source, hours, key, facts)?;
    let end = |peak| End { peak, name: None, others: 0, later: false };
    Some(said((end(low), end(high)), &seen, &measure, show))
}

/// The least and the greatest over all series of a field, with their names.
pub fn of_all(
    source: &SourceFacts,
    hours: &Hours,
    field: &str,
    facts: &Facts,
    show: &Show,
) -> Option<String> {
    let show = &show.of_source(&source.source);
    let ends = all_ends(hours, field);
    let measure = show.measure(&source.source, field);
    if let [(only, _)] = ends[..] {
        return of_named(source, hours, (only, field), facts, show);
    }
    let [low, high] = named_ends(&ends)?;
    let head = format!("{}{}", show.titled(&source.source, &measure), show.lang.colon());
    let period = (facts.period.from, facts.period.to);
    let names = ends.iter().map(|(name, _)| *name);
    let seen = Seen::of(hours, names, field, source.rhythm(), period, facts.now)?;
    let rests = if seen.is_moment() { String::new() } else { rests(&seen, show) };
    if low.1.peak.value == high.1.peak.value {
        let n = ends.len() as u64;
        let series = show.lang.count(n, "series", "series");
        let suites = show.lang.count(n, "série", "séries");
        let value = show.extreme(&measure, low.1.peak.value);
        return Some(show.lang.pick(
            format!("{head} {value} in all {series}{rests}"),
            format!("{head} {value} dans les {suites}{rests}"),
        ));
    }
    let named = |(series, end): (_, End)| End { name: Some(source.name_of(series)), ..end };
    Some(format!("{head} {}{rests}", course((named(low), named(high)), &measure, show)))
}

/// All series of a field that have values, each with its least and its greatest.
fn all_ends<'h>(hours: &'h Hours, field: &str) -> Vec<(&'h str, (Peak, Peak))> {
    let ends = hours.own_series().filter_map(|name| Some((name, hours.ends(name, field)?)));
    ends.collect()
}

/// The least and the greatest of several series, each of the one that reached it first.
fn named_ends<'h, 'a>(ends: &[(&'h str, (Peak, Peak))]) -> Option<[(&'h str, End<'a>); 2]> {
    let low = End::first(ends.iter().map(|(name, ends)| (*name, ends.0)), |a, b| a < b)?;
    let high = End::first(ends.iter().map(|(name, ends)| (*name, ends.1)), |a, b| a > b)?;
    Some([low, high])
}

/// The series with the least and with the greatest value, as a sentence about all names them.
pub fn told<'h>(hours: &'h Hours, field: &str) -> Vec<&'h str> {
    named_ends(&all_ends(hours, field)).into_iter().flatten().map(|(name, _)| name).collect()
}

/// The course of the series that moved most; `None` where fewer than two series have values.
pub fn of_most(
    source: &SourceFacts,
    hours: &Hours,
    field: &str,
    facts: &Facts,
    show: &Show,
) -> Option<String> {
    let own = hours.own_series();
    let moved = own.filter_map(|name| {
        let (low, high) = hours.ends(name, field)?;
        Some((name, high.value - low.value))
    });
    let moved: Vec<(&str, f64)> = moved.collect();
    let first = moved.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
    // Of several that moved as far, none is the one to name.
    let alike = moved.iter().filter(|(_, far)| *far >= first.1 * (1.0 - 1e-9)).count();
    (moved.len() > 1 && first.1 > 0.0 && alike == 1)
        .then(|| of_named(source, hours, (first.0, field), facts, show))?
}

/// The course of one series of several, by its name.
fn of_named(
    source: &SourceFacts,
    hours: &Hours,
    (series, field): (&str, &str),
    facts: &Facts,
    show: &Show,
) -> Option<String> {
    let said = ends_of(source, hours, (series, field), facts, show)?;
    let measure = show.measure(&source.source, field);
    let (title, name) = (show.titled(&source.source, &measure), short(&source.name_of(series)));
    Some(format!("{title} ({name}){} {said}", show.lang.colon()))
}

fn said((low, high): (End, End), seen: &Seen, measure: &Measure, show: &Show) -> String {
    if low.peak.value == high.peak.value {
        let value = show.extreme_number(measure, low.peak.value);
        let said = format!("{} {}", low.said(&value, measure, show), stretch(seen, show));
        return said.trim_end().into();
    }
    let rests = if seen.is_moment() { String::new() } else { rests(seen, show) };
    course((low, high), measure, show) + &rests
}

impl<'a> End<'a> {
    /// The end of several series, without its name: of those that reach it the one that did so
    /// first.
    fn first<'h>(
        peaks: impl Iterator<Item = (&'h str, Peak)>,
        is_beyond: fn(f64, f64) -> bool,
    ) -> Option<(&'h str, End<'a>)> {
        let mut found: Option<(&str, End)> = None;
        for (series, peak) in peaks {
            let end = End { peak, name: None, others: 0, later: false };
            found = Some(match found.take() {
                Some((first, mut known)) if known.peak.value == peak.value => {
                    let sooner = peak.when.precedes(known.peak.when) == Some(true);
                    known.others += 1;
                    known.later |= peak.when != known.peak.when;
                    if sooner { (series, End { peak, ..known }) } else { (first, known) }
                }
                Some(known) if !is_beyond(peak.value, known.1.peak.value) => known,
                _ => (series, end),
            });
        }
        found
    }

    /// The value, and whose it is.
    fn said(&self, value: &str, measure: &Measure, show: &Show) -> String {
        let value = show.lang.with_unit(value, measure.unit);
        match (&self.name, self.others) {
            (Some(name), 0) => format!("{value} ({})", short(name)),
            (Some(name), n) if self.later => {
                let (name, all) = (short(name), show.lang.integer(n + 1));
                show.lang.pick(
                    format!("{value} ({name}, first of {all})"),
                    format!("{value} ({name}, d’abord, sur {all})"),
                )
            }
            (Some(name), n) => {
                let (one, many) = show.lang.pick(("other", "others"), ("autre", "autres"));
                let (and, others) = (show.pick("and", "et"), show.lang.count(n, one, many));
                format!("{value} ({} {and} {others})", short(name))
            }
            (None, _) => value,
        }
    }
}

/// A name as long as a sentence may have it.
pub fn short(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        // What was set apart stays so.
        Some((end, _)) => {
            let close = if name.ends_with('\u{2069}') { "\u{2069}" } else { "" };
            format!("{}…{close}", name[..end].trim_end())
        }
        None => name.to_string(),
    }
}

/// From one end to the other, in the order of time; without an order where there is none.
fn course((low, high): (End, End), measure: &Measure, show: &Show) -> String {
    let [least, most] = show.ends(measure, low.peak.value, high.peak.value);
    // What one does, and another, is no course.
    let apart = low.name != high.name;
    let (least, most) = (low.said(&least, measure, show), high.said(&most, measure, show));
    let (low, high) = (low.peak.when, high.peak.when);
    let (at_low, at_high) = (show.when(low), show.when(high));
    match high.precedes(low) {
        _ if low == high => both((&least, &most), &at_low, show),
        None => both((&least, &most), &show.when(When::In(low.hour())), show),
        Some(_) if apart => show.lang.pick(
            format!("from {least} {at_low} to {most} {at_high}"),
            format!("au plus bas {least} {at_low}, au plus haut {most} {at_high}"),
        ),
        Some(true) => show.lang.pick(
            format!("{most} {at_high}, down to {least} {at_low}"),
            format!("{most} {at_high}, puis {least} {at_low}"),
        ),
        Some(false) => show.lang.pick(
            format!("{least} {at_low}, up to {most} {at_high}"),
            format!("{least} {at_low}, puis {most} {at_high}"),
        ),
    }
}

fn both((least, most): (&str, &str), when: &str, show: &Show) -> String {
    let said =
        show.lang.pick(format!("{least} to {most} {when}"), format!("de {least} à {most} {when}"));
    said.trim_end().into()
}

/// How long a value that did not change was seen: all day, or from its first to its last time.
fn stretch(seen: &Seen, show: &Show) -> String {
    if seen.is_throughout() && !seen.is_moment() {
        return show.throughout().into();
    }
    let during = show.during(seen.first.at, seen.last.at);
    let broken = !seen.is_moment() && !seen.is_unbroken();
    during + &if broken { in_hours(seen, show) } else { String::new() }
}

/// What a sentence rests on, where that is not most of the period.
fn rests(seen: &Seen, show: &Show) -> String {
    if seen.is_whole() {
        String::new()
    } else if seen.is_unbroken() {
        let during = show.during(seen.first.at, seen.last.at);
        show.lang.pick(format!(" (seen {during})"), format!(" (vu {during})"))
    } else {
        in_hours(seen, show)
    }
}

fn in_hours(seen: &Seen, show: &Show) -> String {
    if let Some((n, of)) = seen.days() {
        let of = show.lang.count(of, show.pick("day", "jour"), show.pick("days", "jours"));
        let n = show.lang.integer(n);
        return show.lang.pick(format!(" (seen on {n} of {of})"), format!(" (vu {n} sur {of})"));
    }
    let (n, of) = (show.lang.integer(seen.hours), show.lang.integer(seen.begun));
    let hours =
        show.lang.plural(seen.begun, show.pick("hour", "heure"), show.pick("hours", "heures"));
    show.lang.pick(format!(" (seen in {n} of {of} {hours})"), format!(" (vu {n} h sur {of})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::Lang;
    use crate::domain::time::{Window, parse_iso};

    fn said(lang: Lang, low: (f64, When), high: (f64, When)) -> String {
        let end =
            |(value, when)| End { peak: Peak { value, when }, name: None, others: 0, later: false };
        let measure = Measure::new("", "", crate::domain::digest::measure::Grid::Shown(0));
        course((end(low), end(high)), &measure, &Show::plain(lang)).replace('\u{a0}', " ")
    }

    #[test]
    fn a_course_says_no_more_than_is_known() {
        let at = |text: &str| When::At(parse_iso(&format!("2026-11-21T{text}:00Z")).unwrap());
        let inside = |text: &str| When::In(Window::parse(&format!("2026-11-21T{text}")).unwrap());
        let said = |lang, low, high| said(lang, (1.0, low), (9.0, high));
        let (en, fr) = (Lang::En, Lang::Fr);
        assert_eq!(said(en, at("04:00"), at("13:30")), "1 at 04:00, up to 9 at 13:30");
        assert_eq!(said(en, at("13:30"), at("04:00")), "9 at 04:00, down to 1 at 13:30");
        assert_eq!(said(fr, at("13:30"), at("04:00")), "9 à 4 h 00, puis 1 à 13 h 30");
        assert_eq!(
            said(en, inside("04"), at("13:30")),
            "1 between 04:00 and 05:00, up to 9 at 13:30"
        );
        assert_eq!(said(en, inside("13"), at("13:30")), "1 to 9 between 13:00 and 14:00");
        assert_eq!(said(fr, at("13:30"), inside("13")), "de 1 à 9 entre 13 h 00 et 14 h 00");
        // Many values at one instant have no order.
        assert_eq!(said(en, at("13:30"), at("13:30")), "1 to 9 at 13:30");
        assert_eq!(said(en, inside("13"), inside("13")), "1 to 9 between 13:00 and 14:00");
    }
}
