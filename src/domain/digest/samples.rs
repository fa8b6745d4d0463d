//! Figures and sentences about samples: a state of the world that is looked at again and again.

use super::facts::{Facts, SourceFacts};
use super::maps::{self, Classes};
use super::records::own_title;
use super::show::{Measure, Show};
use crate::domain::format::capital;
use crate::domain::hours::{Hours, Mean};
use crate::domain::report::figure::{
    Annotation, LineChart, Multiples, Panel, Place, Point, Scale, Series, Sparkline, TimeAxis,
};
use crate::domain::report::table::{Cell, Table, TableColumn};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::source::{ALL, Figure, FigureKind};
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

/// The lowest and the highest of the period, in the order of time, as a sentence.
pub fn finding(source: &SourceFacts, hours: &Hours, show: &Show) -> Option<String> {
    let figure = source.source.figures.iter().find(|f| f.kind == FigureKind::Line)?;
    let series = carrier(source, hours, &figure.field)?;
    let means = hours.means(series, &figure.field);
    range_sentence(&show.measure(&source.source, &figure.field), &means, show)
}

fn range_sentence(measure: &Measure, means: &[Mean], show: &Show) -> Option<String> {
    let (low, high) = ends(means)?;
    let title = measure.title;
    let (least, most) = (show.value(measure, low.value), show.value(measure, high.value));
    if least == most {
        let value = least;
        return Some(show.lang.pick(
            format!("{title}: {value} {}", show.throughout()),
            format!("{title}\u{a0}: {value} {}", show.throughout()),
        ));
    }
    let falls = high.at < low.at;
    let (first, last) = if falls { (high, low) } else { (low, high) };
    let way = if falls { "down" } else { "up" };
    let (a, b) = if falls { (most, least) } else { (least, most) };
    let (at_a, at_b) = (show.at(first.at), show.at(last.at));
    Some(show.lang.pick(
        format!("{title}: {a} {at_a}, {way} to {b} {at_b}"),
        format!("{title}\u{a0}: {a} {at_a}, puis {b} {at_b}"),
    ))
}

/// What a line is called: the section's head already tells what the first one of a source found.
fn line_title(source: &SourceFacts, measure: &Measure, means: &[Mean], show: &Show) -> String {
    let mut lines = source.source.figures.iter().filter(|f| f.kind == FigureKind::Line);
    let leads = lines
        .next()
        .is_some_and(|lead| show.measure(&source.source, &lead.field).title == measure.title);
    let finding = range_sentence(measure, means, show).filter(|_| !leads);
    finding.unwrap_or_else(|| measure.title.into())
}

/// The least and the greatest, the earliest of equals.
pub fn ends(means: &[Mean]) -> Option<(Mean, Mean)> {
    let first = *means.first()?;
    Some(means.iter().fold((first, first), |(low, high), mean| {
        let low = if mean.value < low.value { *mean } else { low };
        let high = if mean.value > high.value { *mean } else { high };
        (low, high)
    }))
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
    let (_, high) = ends(&means)?;
    let title =
        own_title(figure, show).unwrap_or_else(|| line_title(source, &measure, &means, show));
    let points = points(&means, &show.axis);
    let annotation = Annotation {
        at: high.at,
        value: high.value,
        title: show.value(&measure, high.value),
        text: show.clock(high.at),
    };
    Some(LineChart {
        caption: Caption::new(title, subtitle(source, &figure.field, &measure, show)),
        axis: show.axis.clone(),
        scale: Scale::default(),
        series: vec![Series { label: names.0, points }],
        comparison: earlier(before, series, &figure.field, facts, show, names.1),
        band: Vec::new(),
        annotation: Some(annotation),
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

fn spread(means: &[Mean]) -> f64 {
    ends(means).map_or(0.0, |(low, high)| high.value - low.value)
}

/// The series that moved most, small and on one scale.
fn multiples(
    source: &SourceFacts,
    figure: &Figure,
    hours: &Hours,
    show: &Show,
) -> Option<Multiples> {
    let measure = show.measure(&source.source, &figure.field);
    let mut all = own_series(hours, &figure.field);
    let total = all.len() as u64;
    all.sort_by(|a, b| spread(&b.1).total_cmp(&spread(&a.1)).then_with(|| a.0.cmp(b.0)));
    all.truncate(figure.rows.max(1));
    let panel = |(name, means): &(&str, Vec<Mean>)| {
        let (low, high) = ends(means)?;
        let (least, most) = (show.number(&measure, low.value), show.number(&measure, high.value));
        Some(Panel {
            title: source.name_of(name).into(),
            note: if least == most { least } else { format!("{least}–{most}") },
            points: points(means, &show.axis),
            tone: Tone::Main,
            ..Panel::default()
        })
    };
    let panels: Vec<Panel> = all.iter().filter_map(panel).collect();
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
    let (still, mut rows): (Vec<_>, Vec<_>) = rows.partition(|(_, _, n)| n.min == n.max);
    let left_out = if rows.is_empty() { 0 } else { still.len() as u64 };
    if rows.is_empty() {
        rows = still;
    }
    rows.sort_by(|a, b| a.2.mean().total_cmp(&b.2.mean()).then_with(|| a.0.cmp(b.0)));
    rows.truncate(figure.rows.max(1));
    let number = |x: f64, more: usize| show.lang.number(x, measure.decimals(x) + more);
    let rows: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|(name, means, whole)| {
            let values = means.iter().map(|mean| Some(mean.value)).collect();
            vec![
                Cell::text(source.name_of(name)),
                Cell::Spark(Sparkline { values, band: None }),
                Cell::text(number(whole.min, 0)),
                Cell::strong(number(whole.mean(), 1)),
                Cell::text(number(whole.max, 0)),
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
