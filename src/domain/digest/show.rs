//! How values of a report are shown: numbers with their units, instants on the zone's clock.

use super::Facts;
use super::facts::Period;
use crate::domain::format::{Lang, capital, decimals_for};
use crate::domain::report::figure::{Tick, TimeAxis};
use crate::domain::source::{Kind, Source};
use crate::domain::time::{Day, Instant};
use chrono_tz::Tz;

/// The language and the clock of a report.
#[derive(Clone, Debug)]
pub struct Show {
    pub lang: Lang,
    zone: Tz,
    pub axis: TimeAxis,
}

/// A field or an aggregate, as a reader meets it.
#[derive(Clone, Debug)]
pub struct Measure<'a> {
    pub title: &'a str,
    /// A symbol to print beside a number; empty for things that are counted.
    pub unit: &'a str,
    pub decimals: usize,
}

impl Show {
    pub fn of(facts: &Facts) -> Show {
        let Period { day, zone, from, to } = facts.period.clone();
        let bare = || TimeAxis { from, to, ticks: vec![Tick { at: from, label: String::new() }] };
        let axis = TimeAxis::civil_day(day, zone, facts.lang).unwrap_or_else(bare);
        Show { lang: facts.lang, zone, axis }
    }

    /// A word of each language.
    pub fn pick<'a>(&self, en: &'a str, fr: &'a str) -> &'a str {
        self.lang.pick(en, fr)
    }

    /// The clock of an instant: `04:17`.
    pub fn clock(&self, at: Instant) -> String {
        self.lang.clock(at.with_timezone(&self.zone).naive_local())
    }

    /// What a topic is called. One that is not known here is called as it is declared.
    pub fn topic(&self, topic: &str) -> String {
        const KNOWN: [(&str, &str, &str); 8] = [
            ("air", "Air", "Air"),
            ("bikes", "Bikes", "Vélos"),
            ("earth", "Earth", "Terre"),
            ("electricity", "Electricity", "Électricité"),
            ("jobs", "Jobs", "Emploi"),
            ("markets", "Markets", "Marchés"),
            ("water", "Water", "Eau"),
            ("weather", "Weather", "Météo"),
        ];
        match KNOWN.iter().find(|(known, _, _)| *known == topic) {
            Some((_, en, fr)) => self.pick(en, fr).to_string(),
            None => capital(&topic.replace('-', " ")),
        }
    }

    /// The civil day of an instant.
    pub fn day_of(&self, at: Instant) -> Day {
        at.with_timezone(&self.zone).date_naive()
    }

    /// A field's title, unit and precision.
    pub fn measure<'a>(&self, source: &'a Source, field: &'a str) -> Measure<'a> {
        let (unit, title) = match source.described(field) {
            Some((unit, title)) => (unit.unwrap_or(""), self.lang.pick(&*title.en, &*title.fr)),
            None => ("", field),
        };
        let decimals = resolution(source, field).map_or(1, decimals_for);
        Measure { title, unit: if is_thing(unit) { "" } else { unit }, decimals }
    }

    /// A value of a measure with its unit.
    pub fn value(&self, measure: &Measure, value: f64) -> String {
        self.lang.quantity(value, measure.decimals, measure.unit)
    }

    /// What stands at the foot of each page.
    pub fn footer(&self, facts: &Facts) -> String {
        let made = facts.now.with_timezone(&self.zone).naive_local();
        let zone = self.zone.name();
        let (date, clock) = (self.lang.date_short(made.date()), self.lang.clock(made));
        self.lang.pick(
            format!("Times in {zone}. Made on {date} at {clock}. Sources and licences: last page."),
            format!(
                "Heures : {zone}. Établi le {date} à {clock}. Sources et licences : dernière page."
            ),
        )
    }
}

fn resolution(source: &Source, field: &str) -> Option<f64> {
    let own = source.fields.iter().find(|f| f.name == field).and_then(|f| match f.kind {
        Kind::Number(measure) => measure.resolution,
        Kind::Text => None,
    });
    let aggregate = source.aggregates.iter().find(|a| a.name == field);
    own.or(aggregate.and_then(|a| a.measure.resolution))
}

/// Whether a unit is a word for things that are counted, such as `bike`: the title says it.
fn is_thing(unit: &str) -> bool {
    unit.len() >= 4 && unit.bytes().all(|c| c.is_ascii_lowercase())
}
