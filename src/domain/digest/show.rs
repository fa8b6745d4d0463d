//! How values of a report are shown: numbers with their units, instants on the zone's clock.

use super::apart;
use super::facts::{Facts, SourceFacts};
use super::measure::{self, Grid, Measure};
use super::period::{Period, Span};
use crate::domain::format::{Lang, capital, elides, headed};
use crate::domain::hours::When;
use crate::domain::report::LAST_SECTION;
use crate::domain::report::figure::TimeAxis;
use crate::domain::source::{Figure, Kind, Noun, Source};
use crate::domain::time::{Day, Instant};
use chrono::{LocalResult, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Decimals that are tried to tell two values apart.
const DIGITS: usize = 12;

/// The language and the clock of a report.
#[derive(Clone, Debug)]
pub struct Show {
    pub lang: Lang,
    zone: Tz,
    pub span: Span,
    /// The civil day of a report of one.
    day: Option<Day>,
    /// Times are dates of this zone: no hour of them is known.
    dates: Option<Tz>,
    pub axis: TimeAxis,
    /// The decimals of the fields of each source, where their values have a grid.
    grids: BTreeMap<String, BTreeMap<String, Grid>>,
    /// Titles of sources, and of what they show, that more than one source has.
    shared: BTreeSet<String>,
}

/// What a topic is called. One that is not known here is called as it is declared.
pub fn topic_name(topic: &str, lang: Lang) -> String {
    const KNOWN: [(&str, &str, &str); 15] = [
        ("air", "Air", "Air"),
        ("attention", "Attention", "Attention"),
        ("bikes", "Bikes", "Vélos"),
        ("earth", "Earth", "Terre"),
        ("electricity", "Electricity", "Électricité"),
        ("fuel", "Fuel", "Carburants"),
        ("jobs", "Jobs", "Emploi"),
        ("markets", "Markets", "Marchés"),
        ("money", "Money", "Monnaies"),
        ("parking", "Parking", "Stationnement"),
        ("rivers", "Rivers", "Rivières"),
        ("sea", "Sea", "Mer"),
        ("space", "Space", "Espace"),
        ("water", "Water", "Eau"),
        ("weather", "Weather", "Météo"),
    ];
    match KNOWN.iter().find(|(known, _, _)| *known == topic) {
        Some((_, en, fr)) => lang.pick(*en, *fr).to_string(),
        None => capital(&topic.replace('-', " ")),
    }
}

impl Show {
    pub fn of(facts: &Facts) -> Show {
        let Period { span, zone, day, .. } = facts.period;
        let grids = facts.sources.iter().map(|s| (s.source.name.to_string(), grids(s))).collect();
        let shared = apart::shared(facts);
        let axis = facts.period.axis(facts.lang);
        let day = Some(day).filter(|_| span == Span::Day);
        Show { lang: facts.lang, zone, span, day, dates: None, axis, grids, shared }
    }

    /// Words of a language alone.
    #[cfg(test)]
    pub fn plain(lang: Lang) -> Show {
        let axis = TimeAxis::default();
        Show {
            lang,
            zone: Tz::UTC,
            span: Span::Day,
            day: None,
            dates: None,
            axis,
            grids: BTreeMap::new(),
            shared: BTreeSet::new(),
        }
    }

    /// The same for the values of a source: where it tells dates, no clock is shown.
    pub fn of_source(&self, source: &Source) -> Cow<'_, Show> {
        match source.items.dates() {
            None => Cow::Borrowed(self),
            Some(zone) => Cow::Owned(Show { dates: Some(zone), ..self.clone() }),
        }
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// A word of each language.
    pub fn pick<'a>(&self, en: &'a str, fr: &'a str) -> &'a str {
        self.lang.pick(en, fr)
    }

    /// The clock of an instant, `04:17`; in a period of many days, with its day.
    pub fn clock(&self, at: Instant) -> String {
        let (day, clock) = (self.local(at).date(), self.time(at));
        let date = match (self.span_of(at), self.dates) {
            (Span::Day, None) => return clock,
            (Span::Week, _) => self.lang.weekday(day).to_string(),
            (Span::Month | Span::Range, _) | (Span::Day, Some(_)) => self.lang.day_month(day),
        };
        if self.dates.is_some() { date } else { format!("{date} {clock}") }
    }

    /// When something was, in a sentence: `at 04:17`, `on Monday at 04:17`.
    pub fn at(&self, at: Instant) -> String {
        let clock = self.time(at);
        self.on(at, &self.lang.pick(format!("at\u{a0}{clock}"), format!("à\u{a0}{clock}")))
    }

    /// The same of what may have been at any instant of an hour: `between 13:00 and 14:00`.
    pub fn when(&self, when: When) -> String {
        match when {
            When::At(at) => self.at(at),
            When::In(hour) => {
                let ends = [hour.start(), hour.end()];
                let [from, to] = ends.map(|at| self.time(at));
                let between = self
                    .lang
                    .pick(format!("between {from} and {to}"), format!("entre {from} et {to}"));
                self.on(hour.start(), &between)
            }
        }
    }

    /// The time of day; in an hour that comes twice with the zone's name for it: `02:30 CEST`.
    fn time(&self, at: Instant) -> String {
        let (local, clock) = (self.local(at), self.lang.clock(self.local(at)));
        match self.zone.from_local_datetime(&local) {
            LocalResult::Ambiguous(..) => {
                format!("{clock}\u{a0}{}", at.with_timezone(&self.zone).format("%Z"))
            }
            _ => clock,
        }
    }

    /// A report of one day names the day of what is not of it: the hours of a zone off the full
    /// hour reach into the next.
    fn span_of(&self, at: Instant) -> Span {
        match self.day {
            Some(day) if self.local(at).date() != day => Span::Week,
            _ => self.span,
        }
    }

    fn local(&self, at: Instant) -> NaiveDateTime {
        at.with_timezone(&self.dates.unwrap_or(self.zone)).naive_local()
    }

    /// A time of the day, in a period of many days behind its day; of a date the day alone.
    fn on(&self, at: Instant, time: &str) -> String {
        let day = self.local(at).date();
        let (weekday, date) = (self.lang.weekday(day), self.lang.day_month(day));
        let day = match self.span_of(at) {
            Span::Day => String::new(),
            Span::Week => self.lang.pick(format!("on {weekday}"), weekday.to_string()),
            Span::Month | Span::Range => self.lang.pick(format!("on {date}"), format!("le {date}")),
        };
        match (self.dates.is_some(), day.is_empty()) {
            (true, _) => day,
            (false, true) => time.to_string(),
            (false, false) => format!("{day} {time}"),
        }
    }

    /// From one instant to another, in a sentence; `at` where a clock shows no difference.
    pub fn during(&self, from: Instant, to: Instant) -> String {
        let clocks = (self.clock(from), self.clock(to));
        if clocks.0 == clocks.1 {
            return self.at(from);
        }
        let (a, b) = clocks;
        let french = match self.span {
            Span::Month | Span::Range => format!("du {a} au {b}"),
            _ => format!("de {a} à {b}"),
        };
        self.lang.pick(format!("from {a} to {b}"), french)
    }

    /// A source's title.
    pub fn title<'a>(&self, source: &'a Source) -> &'a str {
        self.lang.pick(&source.title.en, &source.title.fr)
    }

    /// A source's title without what stands in brackets behind it.
    pub fn short_title<'a>(&self, source: &'a Source) -> &'a str {
        let title = self.title(source);
        title.split(" (").next().unwrap_or(title)
    }

    pub fn topic(&self, topic: &str) -> String {
        topic_name(topic, self.lang)
    }

    /// What a measure is called at the head of a sentence or a figure: with its source where
    /// another source shows one of that name.
    pub fn titled(&self, source: &Source, measure: &Measure) -> String {
        let title = headed(measure.title);
        match self.shared.contains(measure.title) {
            true => format!("{title}, {}", self.named(source)),
            false => title,
        }
    }

    /// A source's short title; the whole one where another has the same.
    pub fn named(&self, source: &Source) -> String {
        let title = self.short_title(source);
        if self.shared.contains(title) { self.title(source) } else { title }.to_string()
    }

    /// What the records of a source are called, where those of no other source are.
    pub fn own_noun<'a>(&self, source: &'a Source) -> Option<&'a Noun> {
        let many = |noun: &Noun| self.lang.pick(&noun.many.en, &noun.many.fr).clone();
        source.noun().filter(|noun| !self.shared.contains(&many(noun)))
    }

    /// A field's title, unit and precision.
    pub fn measure<'a>(&self, source: &'a Source, field: &'a str) -> Measure<'a> {
        let (unit, title) = match source.described(field) {
            Some((unit, title)) => (unit.unwrap_or(""), self.lang.pick(&*title.en, &*title.fr)),
            None => ("", field),
        };
        let grids = self.grids.get(source.name.as_str());
        Measure::new(
            title,
            unit,
            grids.and_then(|grids| grids.get(field)).copied().unwrap_or_default(),
        )
    }

    /// A value of a measure with its unit.
    pub fn value(&self, measure: &Measure, value: f64) -> String {
        self.lang.with_unit(&self.number(measure, value), measure.unit)
    }

    /// The least or the greatest of a measure, as it was published, with its unit.
    pub fn extreme(&self, measure: &Measure, value: f64) -> String {
        self.lang.with_unit(&self.extreme_number(measure, value), measure.unit)
    }

    /// The same without its unit.
    pub fn extreme_number(&self, measure: &Measure, value: f64) -> String {
        self.lang.number(value, measure.own_decimals(value))
    }

    /// The least and the greatest, without their unit: what differs does not read the same.
    pub fn ends(&self, measure: &Measure, low: f64, high: f64) -> [String; 2] {
        let plain = [low, high].map(|end| self.extreme_number(measure, end));
        let least = measure.own_decimals(low).max(measure.own_decimals(high));
        let alike = self.lang.number(low, least) == self.lang.number(high, least);
        if low == high || !alike {
            return plain;
        }
        let finer = (least..=DIGITS).map(|d| [low, high].map(|end| self.lang.number(end, d)));
        finer.into_iter().find(|texts| texts[0] != texts[1]).unwrap_or(plain)
    }

    /// A value of a measure, without its unit.
    pub fn number(&self, measure: &Measure, value: f64) -> String {
        self.lang.number(value, measure.decimals(value))
    }

    /// The word between a thing and its measure: `of `; in French before a vowel `d’`.
    pub fn of_a(&self, measure: &str) -> &'static str {
        self.lang.pick("of ", if elides(measure) { "d’" } else { "de " })
    }

    /// The title that a figure declares.
    pub fn own_title(&self, figure: &Figure) -> Option<String> {
        let title = self.pick(&figure.title.en, &figure.title.fr);
        (!title.is_empty()).then(|| title.to_string())
    }

    /// A text of the data, as a sentence quotes it.
    pub fn quoted(&self, text: &str) -> String {
        self.lang.pick(format!("“{text}”"), format!("«\u{a0}{text}\u{a0}»"))
    }

    /// What stands at the foot of each page.
    pub fn footer(&self, facts: &Facts) -> String {
        let made = self.local(facts.now);
        let zone = self.zone.name();
        let (date, clock) = (self.lang.date_short(made.date()), self.lang.clock(made));
        self.lang.pick(
            format!(
                "Times in {zone}. Made on {date} at {clock}. Sources and licences: \
                 page\u{a0}{LAST_SECTION}."
            ),
            format!(
                "Heures\u{a0}: {zone}. Établi le {date} à {clock}. Sources et licences\u{a0}: \
                 page\u{a0}{LAST_SECTION}."
            ),
        )
    }
}

/// The grids of all numbers of a source.
fn grids(facts: &SourceFacts) -> BTreeMap<String, Grid> {
    let source = &facts.source;
    let fields = source.fields.iter().filter(|field| field.kind != Kind::Text);
    let names = fields.map(|f| &f.name).chain(source.aggregates.iter().map(|a| &a.name));
    names.map(|name| (name.clone(), measure::grid_of(facts, name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::decimals_for;

    #[test]
    fn an_extreme_keeps_the_digits_that_were_published() {
        let said = |value, grid| Show::plain(Lang::En).extreme(&Measure::new("", "", grid), value);
        // Of values that show a grid each has its own digits.
        let shown = [4587.05, 95.0, 0.99986, -9.75].map(|value| said(value, Grid::Shown(2)));
        assert_eq!(shown, ["4,587.05", "95.0", "0.99986", "\u{2212}9.75"]);
        assert_eq!(said(195_916.0, Grid::Shown(0)), "195,916");
        // What has none is rounded by its size.
        let free = [8.592_712, 4.6, 1.0 / 3.0, 1.4e-7, 1.5e12].map(|value| said(value, Grid::None));
        assert_eq!(free, ["8.6", "4.6", "0.3", "0.00000014", "1,500,000,000,000"]);
        // Sums on a grid carry its rounding; a value off the grid is not moved onto it.
        let grid = [(0.1 + 0.2, 0.1), (12.0, 1.0), (0.89028, 0.0001), (0.4, 1.0)];
        let grid = grid.map(|(value, step)| said(value, Grid::Declared(decimals_for(step))));
        assert_eq!(grid, ["0.3", "12", "0.89028", "0.4"]);
    }

    #[test]
    fn an_hour_that_comes_twice_is_told_apart() {
        use crate::domain::time::parse_iso;
        let show = Show { zone: Tz::Europe__Paris, ..Show::plain(Lang::En) };
        let said = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]
            .map(|time| show.at(parse_iso(time).unwrap()).replace('\u{a0}', " "));
        assert_eq!(said, ["at 02:30 CEST", "at 02:30 CET", "at 03:30"]);
    }

    #[test]
    fn a_time_beyond_the_day_of_a_report_has_its_day() {
        use crate::domain::time::parse_iso;
        let [day, late, next] =
            ["2026-11-24T10:00:00Z", "2026-11-24T18:15:00Z", "2026-11-24T18:45:00Z"]
                .map(|time| parse_iso(time).unwrap());
        let show = |lang| Show {
            zone: Tz::Asia__Kolkata,
            day: Some(day.date_naive()),
            ..Show::plain(lang)
        };
        let said = [late, next].map(|at| show(Lang::En).at(at).replace('\u{a0}', " "));
        assert_eq!(said, ["at 23:45", "on Wednesday at 00:15"]);
        assert_eq!(
            show(Lang::Fr).during(late, next).replace('\u{a0}', " "),
            "de 23 h 45 à mercredi 0 h 15"
        );
    }

    #[test]
    fn a_time_of_many_days_has_its_day() {
        use crate::domain::time::{Window, parse_iso};
        let [from, to] =
            ["2026-11-21T04:05:00Z", "2026-11-23T13:30:00Z"].map(|t| parse_iso(t).unwrap());
        let said = |lang, span| {
            let show = Show { span, ..Show::plain(lang) };
            let hour = show.when(When::In(Window::of(from)));
            let words = [show.when(When::At(to)), hour, show.during(from, to)];
            words.map(|words| words.replace('\u{a0}', " "))
        };
        assert_eq!(
            said(Lang::En, Span::Week),
            [
                "on Monday at 13:30",
                "on Saturday between 04:00 and 05:00",
                "from Saturday 04:05 to Monday 13:30"
            ]
        );
        assert_eq!(
            said(Lang::Fr, Span::Month),
            [
                "le 23 novembre à 13 h 30",
                "le 21 novembre entre 4 h 00 et 5 h 00",
                "du 21 novembre 4 h 05 au 23 novembre 13 h 30"
            ]
        );
        assert_eq!(said(Lang::Fr, Span::Week)[2], "de samedi 4 h 05 à lundi 13 h 30");
        let show = Show::plain(Lang::En);
        assert_eq!(show.during(from, from).replace('\u{a0}', " "), "at 04:05");
    }
}
