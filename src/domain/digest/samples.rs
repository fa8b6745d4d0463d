//! Figures and sentences about samples: a state of the world that is looked at again and again.

use super::facts::{Facts, SourceFacts};
use super::maps::{self, Classes};
use super::records::own_title;
use super::show::{Measure, Show};
use crate::domain::format::capital;
use crate::domain::hours::{Hours, Mean, Peak, When};
use crate::domain::report::figure::{
    Annotation, LineChart, Multiples, Panel, Place, Point, Scale, Series, Sparkline, TimeAxis,
};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::source::{ALL, Figure, FigureKind};
use crate::domain::time::Window;
use chrono::Duration;

/// This period, and the one before.
type Periods<'a> = (&'a Hours, &'a Hours);

/// One declared figure; `None` when there is nothing to draw.
pub fn figure(
    source: &SourceFacts,
    figure: &Figure,
    kind: FigureKind,
    days: Periods,
    facts: &Facts,
    show: &Show,
) -> Option<Block> {
    match kind {
        FigureKind::Line => line(source, figure, days, facts, show).map(Block::Line),
        FigureKind::Multiples => multiples(source, figure, days.0, show).map(Block::Multiples),
        FigureKind::Map => map(source, figure, days.0, show),
        FigureKind::Table => table(source, figure, days.0, show).map(Block::Table),
    }
}

/// The series that carries a field: the aggregates', or the only one there is.
pub fn carrier<'a>(source: &SourceFacts, hours: &'a Hours, field: &str) -> Option<&'a str> {
    let aggregate = source.source.aggregates.iter().any(|a| a.name == field);
    let mut names = hours.series.keys().map(String::as_str);
    if aggregate {
        return names.find(|name| *name == ALL);
    }
    let mut own = names.filter(|name| *name != ALL);
    own.next().filter(|_| own.next().is_none())
}

/// The least and the greatest value of the period, in the order of time, as a sentence.
pub fn finding(source: &SourceFacts, hours: &Hours, show: &Show) -> Option<String> {
    let figure = source.source.figures.iter().find(|f| f.kind == FigureKind::Line)?;
    let series = carrier(source, hours, &figure.field)?;
    range_sentence(&show.measure(&source.source, &figure.field), hours, series, &figure.field, show)
}

fn range_sentence(
    measure: &Measure,
    hours: &Hours,
    series: &str,
    field: &str,
    show: &Show,
) -> Option<String> {
    let (low, high) = hours.ends(series, field)?;
    let (least, most) = (show.extreme(measure, low.value), show.extreme(measure, high.value));
    let title = measure.title;
    let said = if least == most {
        format!("{least} {}", stretch(hours, series, field, show)?)
    } else {
        course((low, &least), (high, &most), show)
    };
    Some(format!("{title}{} {said}", show.lang.colon()))
}

/// From one end to the other, in the order of time; without an order where an hour hides it.
fn course((low, least): (Peak, &str), (high, most): (Peak, &str), show: &Show) -> String {
    let (at_low, at_high) = (show.when(low.when), show.when(high.when));
    match high.when.precedes(low.when) {
        None => {
            let hour = show.when(When::In(low.when.hour()));
            show.lang
                .pick(format!("{least} to {most} {hour}"), format!("de {least} à {most} {hour}"))
        }
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

/// How long a value that did not change was seen: all day, or from its first to its last time.
fn stretch(hours: &Hours, series: &str, field: &str, show: &Show) -> Option<String> {
    let first = hours.numbers(series, field).next()?.1.first.at;
    let last = hours.numbers(series, field).last()?.1.last.at;
    let seen = hours.numbers(series, field).count();
    let all = Window::between(show.axis.from, show.axis.to).count();
    Some(if seen >= all { show.throughout().into() } else { show.during(first, last) })
}

/// What a line is called: the section's head already tells what the first one of a source found.
fn line_title(
    source: &SourceFacts,
    field: &str,
    hours: &Hours,
    series: &str,
    show: &Show,
) -> String {
    let measure = show.measure(&source.source, field);
    let mut lines = source.source.figures.iter().filter(|f| f.kind == FigureKind::Line);
    let leads = lines
        .next()
        .is_some_and(|lead| show.measure(&source.source, &lead.field).title == measure.title);
    let finding = range_sentence(&measure, hours, series, field, show).filter(|_| !leads);
    finding.unwrap_or_else(|| measure.title.into())
}

/// The field over the period, with the one before behind it where there is one.
pub fn line(
    source: &SourceFacts,
    figure: &Figure,
    (hours, before): Periods,
    facts: &Facts,
    show: &Show,
) -> Option<LineChart> {
    let names = show.line_names(&facts.period, facts.period.before().as_ref());
    let measure = show.measure(&source.source, &figure.field);
    let series = carrier(source, hours, &figure.field)?;
    let means = hours.means(series, &figure.field);
    let (low, high) = hours.ends(series, &figure.field)?;
    let title = own_title(figure, show)
        .unwrap_or_else(|| line_title(source, &figure.field, hours, series, show));
    let points = points(&means, &show.axis);
    Some(LineChart {
        caption: Caption::new(title, subtitle(source, &figure.field, &measure, show)),
        axis: show.axis.clone(),
        scale: Scale::default(),
        series: vec![Series { label: names.0, points }],
        comparison: earlier(before, series, &figure.field, facts, show, names.1),
        band: Vec::new(),
        ends: Some((low.value, high.value)),
        annotation: highest(&measure, (low, high), show),
    })
}

/// The greatest value, at its instant: above a line of means. Without an instant it has no place.
fn highest(measure: &Measure, (low, high): (Peak, Peak), show: &Show) -> Option<Annotation> {
    let When::At(at) = high.when else { return None };
    let clock = show.clock(at);
    let named = show.lang.pick(format!("highest, {clock}"), format!("max. {clock}"));
    Some(Annotation {
        at,
        value: high.value,
        title: show.extreme(measure, high.value),
        // Of values that are all equal none is the highest.
        text: if low.value < high.value { named } else { clock },
    })
}

/// The period before, moved onto this one's axis.
fn earlier(
    before: &Hours,
    series: &str,
    field: &str,
    facts: &Facts,
    show: &Show,
    label: String,
) -> Option<Series> {
    let period = facts.period.before()?;
    let shift = facts.period.from - period.from;
    let means = before.means(series, field);
    let moved: Vec<Mean> =
        means.iter().map(|mean| Mean { at: mean.at.after(shift), ..*mean }).collect();
    let points = points(&moved, &show.axis);
    (!points.is_empty()).then_some(Series { label, points })
}

/// Unit and step, in words.
fn subtitle(source: &SourceFacts, field: &str, measure: &Measure, show: &Show) -> String {
    let step = trace_of(source, field);
    let step = step.map_or_else(
        || show.pick("hourly means", "moyennes horaires").to_string(),
        |step| {
            let step = show.lang.duration(step.into());
            show.lang.pick(format!("means of {step}"), format!("moyennes de {step}"))
        },
    );
    match measure.unit {
        "" => step,
        unit => format!("{unit}, {step}"),
    }
}

fn trace_of(source: &SourceFacts, field: &str) -> Option<u32> {
    use crate::domain::source::Kind;
    let source = &source.source;
    let own = source.fields.iter().find(|f| f.name == field).and_then(|f| match f.kind {
        Kind::Number(measure) => measure.trace,
        Kind::Text => None,
    });
    own.or(source.aggregates.iter().find(|a| a.name == field).and_then(|a| a.measure.trace))
}

/// Points of a line; it breaks where more than an hour and a half is missing.
fn points(means: &[Mean], axis: &TimeAxis) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for mean in means.iter().filter(|m| axis.from <= m.at && m.at < axis.to) {
        if let Some(last) = points.last().filter(|last| mean.at - last.at > Duration::minutes(90)) {
            let at = last.at.after((mean.at - last.at) / 2);
            points.push(Point { at, value: None });
        }
        points.push(Point::new(mean.at, mean.value));
    }
    points
}

/// Series with values of a field, without the aggregates.
fn own_series<'a>(hours: &'a Hours, field: &str) -> Vec<(&'a str, Vec<Mean>)> {
    let names = hours.series.keys().map(String::as_str).filter(|name| *name != ALL);
    let with = names.map(|name| (name, hours.means(name, field)));
    with.filter(|(_, means)| !means.is_empty()).collect()
}

/// How far a field of a series moved: its least and its greatest value.
fn moved(hours: &Hours, series: &str, field: &str) -> (f64, f64) {
    hours.ends(series, field).map_or((0.0, 0.0), |(low, high)| (low.value, high.value))
}

/// The series that moved most, small and on one scale.
fn multiples(
    source: &SourceFacts,
    figure: &Figure,
    hours: &Hours,
    show: &Show,
) -> Option<Multiples> {
    let measure = show.measure(&source.source, &figure.field);
    let all = own_series(hours, &figure.field).into_iter();
    let mut all: Vec<_> =
        all.map(|(name, means)| (name, means, moved(hours, name, &figure.field))).collect();
    let total = all.len() as u64;
    let far = |(low, high): (f64, f64)| high - low;
    all.sort_by(|a, b| far(b.2).total_cmp(&far(a.2)).then_with(|| a.0.cmp(b.0)));
    all.truncate(figure.rows.max(1));
    let panel = |(name, means, (low, high)): &(&str, Vec<Mean>, (f64, f64))| {
        let [least, most] = [low, high].map(|value| show.extreme_number(&measure, *value));
        Panel {
            title: source.name_of(name).into(),
            note: if least == most { least } else { format!("{least}–{most}") },
            points: points(means, &show.axis),
            ends: Some((*low, *high)),
            tone: Tone::Main,
            ..Panel::default()
        }
    };
    let panels: Vec<Panel> = all.iter().map(panel).collect();
    let title = own_title(figure, show).unwrap_or_else(|| {
        let n = panels.len().to_string();
        let what = measure.title.to_lowercase();
        if panels.len() as u64 == total {
            return capital(&what);
        }
        show.lang.pick(
            format!("{}: the {n} that moved most", capital(&what)),
            format!("{}\u{a0}: les {n} qui ont le plus bougé", capital(&what)),
        )
    });
    let step = subtitle(source, &figure.field, &measure, show);
    let subtitle = show.lang.pick(
        format!("{step}; of {}, on one scale", show.lang.count(total, "series", "series")),
        format!("{step}\u{a0}; parmi {}, même échelle", show.lang.count(total, "série", "séries")),
    );
    let (axis, scale) = (show.axis.clone(), Scale { from_zero: true, bounds: None });
    let caption = Caption::new(title, subtitle);
    (!panels.is_empty()).then_some(Multiples { caption, axis, scale, across: 0, panels })
}

/// Where the series are, by the mean of the day.
fn map(source: &SourceFacts, figure: &Figure, hours: &Hours, show: &Show) -> Option<Block> {
    let measure = show.measure(&source.source, &figure.field);
    let mut means: Vec<(&str, (f64, f64), f64)> = own_series(hours, &figure.field)
        .into_iter()
        .filter_map(|(name, _)| {
            let place = source.labels.get(name)?.place?;
            Some((name, place, hours.whole(name, &figure.field)?.mean()))
        })
        .collect();
    means.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(b.0)));
    let classes = Classes::of(means.iter().map(|(_, _, mean)| *mean))?;
    let point = |(name, (lon, lat), mean): &(&str, (f64, f64), f64)| {
        let (size, tone) = classes.mark(*mean);
        Place { lon: *lon, lat: *lat, size, tone, label: Some(source.name_of(name).into()) }
    };
    let points: Vec<Place> = means.iter().map(point).collect();
    let title = own_title(figure, show).unwrap_or_else(|| {
        let what = measure.title.to_lowercase();
        show.lang.pick(format!("Where the {what} are"), format!("Où sont les {what}"))
    });
    let caption = Caption::new(title, show.mean_of());
    maps::block(caption, points, classes.key(&measure, show), show)
}

/// The series with the least of a field: minimum, mean and maximum, with the day as a line.
/// Those that never changed say little, and are left out where others did.
fn table(source: &SourceFacts, figure: &Figure, hours: &Hours, show: &Show) -> Option<Table> {
    let measure = show.measure(&source.source, &figure.field);
    let all = own_series(hours, &figure.field);
    let rows = all
        .iter()
        .filter_map(|(name, means)| Some((*name, means, hours.whole(name, &figure.field)?)));
    let (still, mut rows): (Vec<_>, Vec<_>) =
        rows.partition(|(_, _, n)| n.min.value == n.max.value);
    let left_out = if rows.is_empty() { 0 } else { still.len() as u64 };
    if rows.is_empty() {
        rows = still;
    }
    rows.sort_by(|a, b| a.2.mean().total_cmp(&b.2.mean()).then_with(|| a.0.cmp(b.0)));
    rows.truncate(figure.rows.max(1));
    let mean = |x: f64| show.lang.number(x, measure.decimals(x) + 1);
    let rows: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|(name, means, whole)| {
            let values = means.iter().map(|mean| Some(mean.value)).collect();
            vec![
                Cell::text(source.name_of(name)),
                Cell::Spark(Sparkline { values, band: None }),
                Cell::text(show.extreme_number(&measure, whole.min.value)),
                Cell::strong(mean(whole.mean())),
                Cell::text(show.extreme_number(&measure, whole.max.value)),
            ]
        })
        .collect();
    let columns = vec![
        TableColumn::left(show.pick("Name", "Nom")),
        TableColumn::left(show.course()),
        TableColumn::right("Min."),
        TableColumn::right(show.pick("Mean", "Moy.")),
        TableColumn::right("Max."),
    ];
    let title = own_title(figure, show).unwrap_or_else(|| {
        let what = measure.title.to_lowercase();
        show.lang.pick(format!("Fewest {what}"), format!("Le moins de {what}"))
    });
    let mut subtitle = subtitle(source, &figure.field, &measure, show);
    if left_out > 0 {
        let n = show.lang.integer(left_out);
        subtitle += &show.lang.pick(
            format!("; without {n} that never changed"),
            format!("\u{a0}; sans {n} qui n’ont pas varié"),
        );
    }
    let caption = Caption::new(title, subtitle);
    (!rows.is_empty()).then_some(Table { caption, columns, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::format::Lang;
    use crate::domain::time::parse_iso;

    #[test]
    fn a_course_says_no_more_than_is_known() {
        let at = |text: &str| When::At(parse_iso(&format!("2026-11-21T{text}:00Z")).unwrap());
        let inside = |text: &str| When::In(Window::parse(&format!("2026-11-21T{text}")).unwrap());
        let said = |lang, low, high| {
            let (low, high) = (Peak { value: 1.0, when: low }, Peak { value: 9.0, when: high });
            course((low, "1"), (high, "9"), &Show::plain(lang)).replace('\u{a0}', " ")
        };
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
    }
}
