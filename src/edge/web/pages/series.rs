//! All series of a source on a day: found by name, ordered, at any time of the day; one of them as
//! a line.

use crate::domain::page::sparkline;
use crate::domain::report::figure::{LineChart, Point, Scale, Series};
use crate::domain::report::{Block, Caption, Origin};
use crate::domain::screen::{LineTold, ListAsk, ListTold, Order, SeriesRow, SourceView};
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::links::escaped;
use crate::edge::web::parts::{ago, days, nothing, pager};
use crate::edge::web::svg;
use maud::{Markup, PreEscaped, html};

/// What the page shows.
pub struct Told<'a> {
    pub source: &'a SourceView,
    pub ask: &'a ListAsk,
    pub list: &'a ListTold<SeriesRow>,
    /// The series that was chosen, and its line.
    pub line: Option<(String, LineTold)>,
}

impl Told<'_> {
    /// The address of this list, with another order or page.
    fn address(&self, desk: &Desk, order: &Order, page: usize) -> String {
        let ListAsk { words, day, at, .. } = self.ask;
        let mut pairs = vec![("field", self.list.field.clone().unwrap_or_default())];
        pairs.extend(day.map(|day| ("day", day.to_string())));
        pairs.extend(at.map(|minutes| ("at", format!("{:02}:{:02}", minutes / 60, minutes % 60))));
        pairs.extend(Some(("q", words.clone())).filter(|(_, words)| !words.is_empty()));
        pairs.push(("sort", order.to_string()));
        pairs.extend(Some(("page", page.to_string())).filter(|_| page > 0));
        let query = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
        let query = query.collect::<Vec<_>>().join("&");
        desk.links.page(&format!("series/{}?{query}", escaped(&self.source.name)))
    }

    fn unit(&self) -> &str {
        let name = self.list.field.as_deref().unwrap_or_default();
        self.source.fields.iter().find(|field| field.name == name).map_or("", |field| &field.unit)
    }

    /// The field, with its unit.
    fn measured(&self, desk: &Desk) -> String {
        match self.unit() {
            "" => self.field(desk),
            unit => format!("{}, {unit}", self.field(desk)),
        }
    }

    fn field(&self, desk: &Desk) -> String {
        let name = self.list.field.as_deref().unwrap_or_default();
        let field = self.source.fields.iter().find(|field| field.name == name);
        field.map_or(name.into(), |field| desk.said(&field.title).to_string())
    }
}

pub fn body(desk: &Desk, told: &Told) -> Markup {
    let title = desk.said(&told.source.title);
    let name = escaped(&told.source.name);
    html! {
        div.lead #lead data-live="lead" {
            h1 { (title) }
            p.standfirst { (standfirst(desk, told)) }
            (days(desk, &format!("series/{name}")))
        }
        @if let Some((name, line)) = &told.line { (chosen(desk, told, name, line)) }
        section.block #series data-live="series" {
            h2 { (told.measured(desk)) }
            (find(desk, told))
            (table(desk, told))
            (pager(desk, told.list.found, told.ask.page, &|page| {
                told.address(desk, &told.list.order, page)
            }))
            p.foot.source { (told.source.card.get(desk.lang()).attribution) }
        }
    }
}

fn standfirst(desk: &Desk, told: &Told) -> String {
    let lang = desk.lang();
    let all = lang.count(
        told.list.all as u64,
        desk.pick("series", "série"),
        desk.pick("series", "séries"),
    );
    match told.ask.words.is_empty() {
        true => all,
        false => {
            let found = lang.integer(told.list.found as u64);
            lang.pick(format!("{found} of {all}"), format!("{found} sur {all}"))
        }
    }
}

/// The line of the series that was chosen.
fn chosen(desk: &Desk, told: &Told, key: &str, line: &LineTold) -> Markup {
    let points = |all: &[(crate::domain::time::Instant, f64)]| -> Vec<Point> {
        all.iter().map(|(at, value)| Point::new(*at, *value)).collect()
    };
    let origin = Origin {
        source: told.source.name.clone(),
        figure: 0,
        field: told.list.field.clone().unwrap_or_default(),
        series: Some(key.into()),
    };
    let label = desk.pick("the day before", "la veille").to_string();
    let before = line.before.as_deref().filter(|before| before.len() > 1);
    let chart = LineChart {
        caption: Caption {
            origin: Some(origin),
            ..Caption::new(line.name.clone(), told.measured(desk))
        },
        axis: desk.scene.period.axis(desk.lang()),
        scale: Scale::default(),
        series: vec![Series { label: String::new(), points: points(&line.values) }],
        comparison: before.map(|before| Series { label, points: points(before) }),
        ..LineChart::default()
    };
    blocks::blocks(desk, &[Block::Line(chart)], "chosen")
}

fn find(desk: &Desk, told: &Told) -> Markup {
    let at = told.ask.at.map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
    let numbers = told.source.fields.iter().filter(|field| !field.is_text && !field.is_aggregate);
    html! {
        form.find role="search" action=(desk.to("series", &told.source.name)) {
            @if let Some(day) = told.ask.day { input type="hidden" name="day" value=(day); }
            input type="hidden" name="sort" value=(told.list.order);
            label { (desk.pick(
                "Name ",
                "Nom ",
            )) input type="search" name="q" value=(told.ask.words) maxlength="80"; }
            label { (desk.pick("at ", "à ")) input type="time" name="at" value=[at]; }
            label { span.sr { (desk.pick("Field", "Champ")) } select name="field" {
                @for field in numbers {
                    @let is_chosen = told.list.field.as_deref() == Some(&field.name);
                    option value=(field.name) selected[is_chosen] {
                        (desk.said(&field.title))
                    }
                }
            } }
            button type="submit" { (desk.pick("Show", "Afficher")) }
        }
    }
}

fn table(desk: &Desk, told: &Told) -> Markup {
    let value = match told.ask.at {
        Some(minutes) => {
            format!("{} {:02}:{:02}", desk.pick("at", "à"), minutes / 60, minutes % 60)
        }
        None => desk.pick("last", "dernière").to_string(),
    };
    let heads: [(&str, String, bool); 5] = [
        ("name", desk.pick("Name", "Nom").into(), false),
        ("value", value, true),
        ("min", desk.pick("least", "min.").into(), true),
        ("mean", desk.pick("mean", "moyenne").into(), true),
        ("max", desk.pick("most", "max.").into(), true),
    ];
    html! {
        div.scroll tabindex="0" role="region" aria-label=(told.field(desk)) {
            table.list {
                thead { tr {
                    @for (by, word, is_number) in &heads {
                        (head(desk, told, by, word, *is_number))
                    }
                    th.n scope="col" { (desk.pick("The day", "La journée")) }
                } }
                tbody { @for row in &told.list.rows { (self::row(desk, told, row)) } }
            }
            @if told.list.rows.is_empty() { (nothing(desk)) }
        }
    }
}

fn head(desk: &Desk, told: &Told, by: &str, word: &str, is_number: bool) -> Markup {
    let order = &told.list.order;
    let is_own = order.by == by;
    let next = Order { by: by.into(), is_down: if is_own { !order.is_down } else { false } };
    let (sorted, sign) = match (is_own, order.is_down) {
        (false, _) => (None, ""),
        (true, false) => (Some("ascending"), " ▲"),
        (true, true) => (Some("descending"), " ▼"),
    };
    html! {
        th scope="col" class=[is_number.then_some("n")] aria-sort=[sorted] {
            a href=(told.address(desk, &next, 0)) { (word) span aria-hidden="true" { (sign) } }
        }
    }
}

fn row(desk: &Desk, told: &Told, row: &SeriesRow) -> Markup {
    let lang = desk.lang();
    let number = |value: f64| lang.number(value, decimals(value));
    let is_chosen = told.line.as_ref().is_some_and(|(key, _)| *key == row.key);
    let to = told.address(desk, &told.list.order, told.ask.page) + "&series=" + &escaped(&row.key);
    let drawing = sparkline(&row.spark, 90.0, 16.0, 0.8);
    html! {
        tr class=[is_chosen.then_some("sel")] {
            th scope="row" { a href=(to) { (row.name) } }
            td.n {
                b { (row.value.map_or("—".into(), number)) }
                @if let (Some(at), None) = (row.at, told.ask.at) {
                    " " span.soft { (ago(desk, at)) }
                }
            }
            td.n { (number(row.min)) } td.n { (number(row.mean)) } td.n { (number(row.max)) }
            td.n { (PreEscaped(svg::inline(&drawing, "spark", "s", None))) }
        }
    }
}

/// About four digits.
fn decimals(value: f64) -> usize {
    match value.abs() {
        v if v == v.trunc() || v >= 1000.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    }
}
