//! Figures in a page: the marks of paper as SVG, at some widths of which the browser shows one; a
//! table of the same; where it comes from, and how its data are had.

use super::chosen;
use super::desk::Desk;
use super::files::Form;
use super::links::escaped;
use super::parts::{credit, csv};
use super::{svg, table};
use crate::domain::digest::shown_unit;
use crate::domain::page::drawing;
use crate::domain::report::data;
use crate::domain::report::figure::{Extent, LineChart, Map};
use crate::domain::report::{Block, Origin};
use crate::domain::screen::SourceView;
use maud::{Markup, PreEscaped, html};

/// Where a figure stands: how many of the twelve columns it takes, and what it is called there.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub span: u8,
    pub id: &'a str,
}

/// Widths in points, and what the browser calls them: letters are about as large on each.
const WIDTHS: [(f32, &str); 5] =
    [(185.0, "w1"), (250.0, "w2"), (350.0, "w3"), (490.0, "w4"), (640.0, "w5")];

/// On a screen a chart has more room than on paper.
const TALLER: f32 = 26.0;

/// Places of a map that are listed in words.
const PLACES: usize = 200;

pub fn figure(desk: &Desk, block: &Block, frame: Frame) -> Markup {
    let line = match block {
        Block::Line(chart) => live(desk, chart),
        _ => None,
    };
    let name = block.caption().and_then(|caption| caption.origin.as_ref()).map(Origin::id);
    html! {
        @if let Some(line) = &line { (tools(desk, frame.id, line.is_lone)) }
        div.fig data-name=[name] data-chart=[line.as_ref().map(|line| line.address.as_str())]
            data-unit=[line.as_ref().map(|line| line.unit.as_str())]
            data-names=[line.as_ref().map(|line| line.names.as_str())] {
            (drawn(desk, block, frame))
            @if let Block::Map(map) = block { (weightiest(desk, map, frame)) }
        }
        (in_words(desk, block))
    }
}

/// What a line may be asked.
fn tools(desk: &Desk, id: &str, is_lone: bool) -> Markup {
    let radio = |key: &str, value: &str, word: &str| {
        html! { label {
            input type="radio" name=(format!("{id}-{key}")) value=(value) data-choice=(key);
            span { (word) }
        } }
    };
    let ranges = desk.lang().pick(
        [
            ("1h", "1 h"),
            ("6h", "6 h"),
            ("24h", "24 h"),
            ("7d", "7 days"),
            ("30d", "30 days"),
            ("1y", "1 year"),
        ],
        [
            ("1h", "1 h"),
            ("6h", "6 h"),
            ("24h", "24 h"),
            ("7d", "7 j"),
            ("30d", "30 j"),
            ("1y", "1 an"),
        ],
    );
    let compares = desk.lang().pick(
        [("day", "the day before"), ("week", "the week before"), ("none", "nothing")],
        [("day", "la veille"), ("week", "la semaine d’avant"), ("none", "rien")],
    );
    html! {
        form.tools-row.lone[is_lone] {
            fieldset {
                legend.sr { (desk.pick("Range", "Durée")) }
                @for (value, word) in ranges { (radio("range", value, word)) }
            }
            fieldset {
                legend.sr { (desk.pick("Compare with", "Comparer à")) }
                span.versus aria-hidden="true" { (desk.pick("with", "avec")) }
                @for (value, word) in compares { (radio("compare", value, word)) }
            }
        }
    }
}

/// What draws a line that answers.
struct Line {
    address: String,
    unit: String,
    names: String,
    /// There is nothing to compare it with.
    is_lone: bool,
}

fn live(desk: &Desk, chart: &LineChart) -> Option<Line> {
    let origin = chart.caption.origin.as_ref()?;
    let series = origin.series.as_deref()?;
    let source = source(desk, origin)?;
    let field = source.fields.iter().find(|field| field.name == origin.field);
    let [name, field_name, series] = [&*origin.source, &*origin.field, series].map(escaped);
    let query = format!("source={name}&field={field_name}&series={series}");
    let names = chart.series.iter().chain(&chart.comparison).map(|series| series.label.as_str());
    Some(Line {
        address: desk.links.file(&format!("chart.json?{query}")),
        unit: field.map(|field| shown_unit(&field.unit).to_string()).unwrap_or_default(),
        names: names.collect::<Vec<_>>().join("|"),
        is_lone: chart.comparison.is_none(),
    })
}

fn drawn(desk: &Desk, block: &Block, frame: Frame) -> Markup {
    let most = if frame.span >= 9 { 5 } else { 3 };
    let is_map = matches!(block, Block::Map(_));
    // A map is large as it is: fewer widths do.
    let widths = WIDTHS.iter().take(most).enumerate();
    let wanted = widths.filter(|(place, _)| !is_map || place % 2 == 0);
    let class = |place: usize, name: &str| match (is_map, place) {
        (true, _) => format!("m{} of{most}", place / 2 + 1),
        _ => format!("{name} of{most}"),
    };
    html! {
        @for (place, (width, name)) in wanted {
            (PreEscaped(variant(desk, block, *width, &class(place, name), frame.id)))
        }
    }
}

fn variant(desk: &Desk, block: &Block, width: f32, class: &str, id: &str) -> String {
    let taller = match block {
        Block::Line(_) => TALLER,
        Block::Map(map) if map.extent != Extent::World => TALLER * 2.0,
        _ => 0.0,
    };
    let drawing = drawing(block, desk.lang(), width, taller, true);
    // A space in a name would not be found again by what refers to it.
    let id = format!("{id}-{}", class.replace(' ', "-"));
    match block {
        Block::Map(map) => {
            let link = |key: &str| place(desk, map, key);
            svg::inline(&drawing, class, &id, Some((map, &link)))
        }
        _ => svg::inline(&drawing, class, &id, None),
    }
}

/// Where a place of a map leads.
fn place(desk: &Desk, map: &Map, key: &str) -> String {
    let Some(origin) = &map.caption.origin else { return "#".into() };
    at(desk, origin, key)
}

/// So many places stand in words beside a map that leaves room there.
const BESIDE: usize = 12;

/// The first places of a map of a town or a land, where there is room beside it.
fn weightiest(desk: &Desk, map: &Map, frame: Frame) -> Markup {
    let has_room = map.extent != Extent::World && frame.span == 12;
    if !has_room {
        return html! {};
    }
    html! {
        ol.most aria-hidden="true" {
            li.soft { (desk.pick("The most", "Les plus hauts")) }
            @for point in map.points.iter().take(BESIDE) {
                li {
                    @if point.key.is_empty() { (point.told) }
                    @else { a tabindex="-1" href=(place(desk, map, &point.key)) { (point.told) } }
                }
            }
        }
    }
}

/// The page of a series, or of a record.
pub fn at(desk: &Desk, origin: &Origin, key: &str) -> String {
    let has_series = source(desk, origin).is_some_and(|source| source.has_series);
    let (name, key, field) = (escaped(&origin.source), escaped(key), escaped(&origin.field));
    match has_series {
        true => desk.links.page(&format!("series/{name}?field={field}&series={key}")),
        false => desk.links.page(&format!("records/{name}?id={key}")),
    }
}

/// The same for who cannot see it.
fn in_words(desk: &Desk, block: &Block) -> Markup {
    let words = match block {
        Block::Map(map) => return places(desk, map),
        block => data::words(block, desk.lang(), desk.scene.period.zone),
    };
    let Some(words) = words.filter(|words| !words.rows.is_empty()) else { return html! {} };
    html! {
        details.data {
            summary { (desk.pick("Figures", "Chiffres")) span.sr { ": " (words.caption.title) } }
            (table::table(&words))
        }
    }
}

fn places(desk: &Desk, map: &Map) -> Markup {
    let is_far = map.points.len() > PLACES;
    html! {
        details.data {
            summary { (desk.pick("Places", "Lieux")) span.sr { ": " (map.caption.title) } }
            ul.places {
                @for point in map.points.iter().take(PLACES) {
                    li {
                        @if point.key.is_empty() { (point.told) }
                        @else { a href=(place(desk, map, &point.key)) { (point.told) } }
                    }
                }
            }
            @if is_far { p.soft { "… " (desk.lang().integer(map.points.len() as u64)) } }
        }
    }
}

fn source<'a>(desk: &'a Desk, origin: &Origin) -> Option<&'a SourceView> {
    desk.scene.sources.iter().find(|source| source.name == origin.source)
}

/// Who the data are of, on which terms, and how they are had.
pub fn foot(desk: &Desk, block: &Block) -> Markup {
    let origin = block.caption().and_then(|caption| caption.origin.as_ref());
    let Some((origin, source)) = origin.and_then(|o| Some((o, source(desk, o)?))) else {
        return html! {};
    };
    let card = source.card.get(desk.lang());
    html! {
        div.foot {
            p.source {
                (credit(card))
                @if let Some(caveat) = &source.caveat {
                    br; span.caveat { (desk.said(caveat)) }
                }
            }
            @if origin.figure > 0 || origin.series.is_some() { (files(desk, origin, source)) }
            @else if source.may_leave { (rows(desk, source)) }
        }
    }
}

/// Of what is no figure of the report by itself, the rows of its source.
fn rows(desk: &Desk, source: &SourceView) -> Markup {
    let (day, table) = (desk.scene.period.day, if source.has_series { "hours" } else { "records" });
    html! {
        p.more { a href=(csv(desk, &source.name, table, day, day)) download {
            "CSV" span.sr { " " (desk.said(&source.title)) }
        } }
    }
}

fn files(desk: &Desk, origin: &Origin, source: &SourceView) -> Markup {
    let day = desk.scene.period.day;
    let of = |form: &str| {
        let (id, lang) = (escaped(&origin.id()), desk.lang().tag());
        let chosen = origin.series.as_ref().filter(|_| origin.figure == chosen::NUMBER);
        let chosen = chosen
            .map(|series| format!("&field={}&series={}", escaped(&origin.field), escaped(series)));
        let chosen = chosen.unwrap_or_default();
        desk.links.file(&format!("figure/{id}.{form}?day={day}&lang={lang}{chosen}"))
    };
    let title = source.title.clone();
    let name = desk.lang().pick(title.en, title.fr);
    html! {
        p.more {
            @for (form, _) in Form::ALL {
                a href=(of(form)) download { (form.to_uppercase()) span.sr { " " (name) } } " "
            }
        }
    }
}
