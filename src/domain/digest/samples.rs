//! Figures and sentences about samples: a state of the world that is looked at again and again.

use super::classes::Classes;
use super::course::{gaps, is_line, joined, means, points, subtitle};
use super::evidence::Seen;
use super::facts::{Content, Facts, SourceFacts};
use super::maps;
use super::measure::Measure;
use super::show::Show;
use super::{range, records, stations, texts};
use crate::domain::hours::{Hours, Mean, Peak, When};
use crate::domain::report::figure::{
    Annotation, LineChart, Multiples, Panel, Place, Point, Scale, Series,
};
use crate::domain::report::{Block, Caption, Tone};
use crate::domain::source::{ALL, Figure, FigureKind};
use crate::domain::time::Instant;

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
        FigureKind::Bars | FigureKind::Distribution | FigureKind::Fill => None,
        FigureKind::Table => stations::table(source, figure, days.0, show).map(Block::Table),
    }
}

/// The series that carries a field: the aggregates', or the only one there is.
pub fn carrier<'a>(source: &SourceFacts, hours: &'a Hours, field: &str) -> Option<&'a str> {
    if source.source.aggregates.iter().any(|a| a.name == field) {
        return hours.series.contains_key(ALL).then_some(ALL);
    }
    let mut own = hours.own_series();
    own.next().filter(|_| own.next().is_none())
}

/// What the values of the period say: of the first line that there is, else of the first field
/// that is shown, else of any.
pub fn finding(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    lead(source, facts, show).or_else(|| others(source, facts, show).next())
}

/// What the first line says.
pub fn lead(source: &SourceFacts, facts: &Facts, show: &Show) -> Option<String> {
    let Content::Samples { hours, .. } = &source.content else { return None };
    let field = lead_field(source)?;
    let series = carrier(source, hours, field)?;
    range::of_series(source, hours, (series, field), facts, show)
}

/// The field of the first line, where a series carries it.
fn lead_field(source: &SourceFacts) -> Option<&str> {
    let Content::Samples { hours, .. } = &source.content else { return None };
    let figure = source.source.figures.iter().find(|f| f.kind == FigureKind::Line)?;
    carrier(source, hours, &figure.field).map(|_| figure.field.as_str())
}

/// What the other fields say, those that are shown first.
pub fn others<'a>(
    source: &'a SourceFacts,
    facts: &'a Facts,
    show: &'a Show,
) -> impl Iterator<Item = String> + 'a {
    let figures = source.source.figures.iter();
    // What the first line says is told already.
    let told = lead_field(source);
    let figures = figures.map(|f| (f.field.as_str(), f.kind == FigureKind::Multiples));
    let fields = source.source.fields.iter().map(|field| (field.name.as_str(), false));
    let measured = figures
        .chain(fields)
        .filter(move |(field, _)| !records::is_place(field) && told != Some(*field));
    measured.filter_map(move |(field, compared)| {
        let Content::Samples { hours, .. } = &source.content else { return None };
        if compared && let Some(most) = range::of_most(source, hours, field, facts, show) {
            return Some(most);
        }
        let carried = source.source.aggregates.iter().any(|a| a.name == field);
        match carrier(source, hours, field).filter(|_| carried) {
            Some(series) => range::of_series(source, hours, (series, field), facts, show),
            None => range::of_all(source, hours, field, facts, show)
                .or_else(|| texts::of_samples(source, hours, field, show)),
        }
    })
}

/// What a line is called: the section's head already tells what the first one of a source found.
fn line_title(
    source: &SourceFacts,
    hours: &Hours,
    (series, field): (&str, &str),
    facts: &Facts,
    show: &Show,
) -> String {
    let measure = show.measure(&source.source, field);
    let mut lines = source.source.figures.iter().filter(|f| f.kind == FigureKind::Line);
    let leads = lines
        .next()
        .is_some_and(|lead| show.measure(&source.source, &lead.field).title == measure.title);
    let finding = range::of_series(source, hours, (series, field), facts, show);
    finding.filter(|_| !leads).unwrap_or_else(|| show.titled(&source.source, &measure))
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
    let key = (series, figure.field.as_str());
    let (low, high) = hours.ends(series, &figure.field)?;
    let title =
        show.own_title(figure).unwrap_or_else(|| line_title(source, hours, key, facts, show));
    let points = points(source, hours, key, show);
    let comparison = earlier(source, before, key, facts, show, names.1);
    // One line needs no name: the head of the figure says what it is.
    let label = if comparison.is_some() { names.0 } else { String::new() };
    is_line(&points).then(|| LineChart {
        caption: Caption::new(title, subtitle(source, &figure.field, &measure, show)),
        axis: show.axis.clone(),
        scale: Scale::default(),
        annotation: extreme(&measure, (low, high), &points, &show.of_source(&source.source)),
        series: vec![Series { label, points }],
        comparison,
        band: Vec::new(),
        ends: Some((low.value, high.value)),
    })
}

/// The end that lies farther from the middle of the line, at its instant: the line of means may
/// not reach it. Without an instant it has no place.
fn extreme(
    measure: &Measure,
    (low, high): (Peak, Peak),
    points: &[Point],
    show: &Show,
) -> Option<Annotation> {
    let middle = median(points).unwrap_or(high.value);
    let lowest = middle - low.value > high.value - middle;
    let (peak, word) = match lowest {
        true => (low, show.pick("lowest,", "min.")),
        false => (high, show.pick("highest,", "max.")),
    };
    let When::At(at) = peak.when else { return None };
    let clock = show.clock(at);
    Some(Annotation {
        at,
        value: peak.value,
        title: show.extreme(measure, peak.value),
        // Of values that are all equal none is the highest.
        text: if low.value < high.value { format!("{word} {clock}") } else { clock },
    })
}

fn median(points: &[Point]) -> Option<f64> {
    let mut values: Vec<f64> = points.iter().filter_map(|point| point.value).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get(values.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The period before, moved onto this one's axis; only where most of it was seen.
fn earlier(
    source: &SourceFacts,
    before: &Hours,
    key: (&str, &str),
    facts: &Facts,
    show: &Show,
    label: String,
) -> Option<Series> {
    let period = facts.period.before()?;
    let seen =
        Seen::of(before, [key.0], key.1, source.rhythm(), (period.from, period.to), period.to)?;
    let gaps = gaps(source, before, key, show).into_iter();
    // An end that the clock leaves out is where that begins.
    let shift = facts.period.from - period.from;
    let end = |at: Instant| facts.period.same(at, &period).unwrap_or(at.after(shift));
    let gaps = gaps.map(|(from, to)| (end(from), end(to))).collect::<Vec<_>>();
    let means = means(source, before, key, show).into_iter();
    let same = |mean: Mean| Some(Mean { at: facts.period.same(mean.at, &period)?, ..mean });
    let mut means: Vec<Mean> = means.filter_map(same).collect();
    // An hour that the clock had twice has one place.
    let mut last = None;
    means.retain(|mean| {
        let is_new = last.is_none_or(|last| last < mean.at);
        if is_new {
            last = Some(mean.at);
        }
        is_new
    });
    let points = joined(&means, &gaps, show);
    (seen.is_whole() && is_line(&points)).then_some(Series { label, points })
}

/// The series that moved most, small and on one scale; none where none moved.
fn multiples(
    source: &SourceFacts,
    figure: &Figure,
    hours: &Hours,
    show: &Show,
) -> Option<Multiples> {
    let measure = show.measure(&source.source, &figure.field);
    let names = hours.own_series();
    let all = names.filter_map(|name| {
        let (low, high) = hours.ends(name, &figure.field)?;
        Some((name, (low.value, high.value)))
    });
    let all: Vec<(&str, (f64, f64))> = all.collect();
    let total = all.len() as u64;
    let moved = all.into_iter().filter(|(_, (low, high))| low < high);
    let mut moved: Vec<(&str, (f64, f64))> = moved.collect();
    let far = |(low, high): (f64, f64)| high - low;
    moved.sort_by(|a, b| far(b.1).total_cmp(&far(a.1)).then_with(|| a.0.cmp(b.0)));
    let drawn = moved
        .into_iter()
        .map(|(name, ends)| (name, ends, points(source, hours, (name, &figure.field), show)));
    // One more than there is room for tells that some are left out.
    let drawn = drawn.filter(|(_, _, points)| is_line(points)).take(figure.rows.max(1) + 1);
    let mut drawn: Vec<_> = drawn.collect();
    let left_out = drawn.len() > figure.rows.max(1);
    drawn.truncate(figure.rows.max(1));
    let panel = |(name, (low, high), points): (&str, (f64, f64), Vec<Point>)| {
        let [least, most] = show.ends(&measure, low, high);
        Panel {
            title: source.name_of(name).into(),
            note: match low < 0.0 {
                _ if least == most => least,
                // A dash between minus signs is hard to tell from them.
                true => show.lang.pick(format!("{least} to {most}"), format!("{least} à {most}")),
                false => format!("{least}–{most}"),
            },
            points,
            ends: Some((low, high)),
            tone: Tone::Main,
            key: name.into(),
            ..Panel::default()
        }
    };
    let panels: Vec<Panel> = drawn.into_iter().map(panel).collect();
    let (title, n) = (show.titled(&source.source, &measure), panels.len());
    let title = show.own_title(figure).unwrap_or_else(|| match left_out {
        false => title,
        true => show.lang.pick(
            format!("{title}: the {n} that moved most"),
            format!("{title}\u{a0}: les {n} qui ont le plus bougé"),
        ),
    });
    let step = subtitle(source, &figure.field, &measure, show);
    let subtitle = show.lang.pick(
        format!("{step}; of {}, on one scale", show.lang.count(total, "series", "series")),
        format!("{step}\u{a0}; parmi {}, même échelle", show.lang.count(total, "série", "séries")),
    );
    // Things that are counted start at none; levels and temperatures have no such floor.
    let from_zero = measure.is_counted();
    let (axis, scale) = (show.axis.clone(), Scale { from_zero, bounds: None });
    let caption = Caption::new(title, subtitle);
    (!panels.is_empty()).then_some(Multiples { caption, axis, scale, across: 0, panels })
}

/// Where the series are, by the mean of the day.
fn map(source: &SourceFacts, figure: &Figure, hours: &Hours, show: &Show) -> Option<Block> {
    let measure = show.measure(&source.source, &figure.field);
    let names = || hours.own_series();
    let all = names().filter(|name| hours.numbers(name, &figure.field).next().is_some()).count();
    let means = names().filter_map(|name| {
        let place = source.labels.get(name)?.place?;
        Some((name, place, hours.plain(name, &figure.field)?.mean()))
    });
    let mut means: Vec<(&str, (f64, f64), f64)> = means.collect();
    means.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(b.0)));
    let classes = Classes::of(means.iter().map(|(_, _, mean)| *mean))?;
    let told = range::told(hours, &figure.field);
    let point = |(name, (lon, lat), mean): &(&str, (f64, f64), f64)| {
        let (size, tone) = classes.mark(*mean);
        let (label, named) = (Some(source.name_of(name).into()), told.contains(name));
        let told = format!("{}: {}", source.name_of(name), show.value(&measure, *mean));
        Place { lon: *lon, lat: *lat, size, tone, label, named, key: name.to_string(), told }
    };
    let points: Vec<Place> = means.iter().map(point).collect();
    let title = show.own_title(figure).unwrap_or_else(|| {
        let what = show.titled(&source.source, &measure);
        show.lang.pick(format!("{what}, place by place"), format!("{what}, lieu par lieu"))
    });
    let unit = if measure.unit.is_empty() { String::new() } else { format!("{}, ", measure.unit) };
    let caption = Caption::new(title, format!("{unit}{}", show.mean_of()));
    maps::stations(caption, points, all, classes.key(&measure, show), show)
}
