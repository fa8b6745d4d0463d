//! All series of a source on a day: found by name, ordered, at any time of the day; one of them as
//! a line.

use crate::domain::digest::columns;
use crate::domain::page::sparkline;
use crate::domain::report::Block;
use crate::domain::screen::{ListAsk, ListTold, Order, SeriesRow, SourceView};
use crate::domain::time::Instant;
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::links::escaped;
use crate::edge::web::parts::{ago, days, head, nothing, pager, query, terms, time_of_day, titled};
use crate::edge::web::svg;
use chrono::TimeDelta;
use maud::{Markup, PreEscaped, html};

/// What the page shows.
pub struct Told<'a> {
    pub source: &'a SourceView,
    pub ask: &'a ListAsk,
    pub list: &'a ListTold<SeriesRow>,
    /// The series that was chosen, and its line.
    pub line: Option<(String, Block)>,
}

impl Told<'_> {
    /// The address of this list, with another order or page.
    fn address(&self, desk: &Desk, order: &Order, page: usize) -> String {
        let ListAsk { words, day, at, .. } = self.ask;
        let mut pairs = vec![("field", self.list.field.clone().unwrap_or_default())];
        pairs.extend(day.map(|day| ("day", day.to_string())));
        pairs.extend(at.map(|minutes| ("at", clock(minutes))));
        pairs.extend(Some(("q", words.clone())).filter(|(_, words)| !words.is_empty()));
        pairs.push(("sort", order.to_string()));
        pairs.extend(Some(("page", page.to_string())).filter(|_| page > 0));
        desk.links.page(&format!("series/{}{}", escaped(&self.source.name), query(&pairs)))
    }

    /// The whole list as a file, in its order.
    fn file(&self, desk: &Desk) -> String {
        let mut pairs = vec![("source", self.source.name.clone())];
        pairs.push(("field", self.list.field.clone().unwrap_or_default()));
        pairs.push(("day", desk.scene.period.day.to_string()));
        pairs.extend(self.ask.at.map(|minutes| ("at", clock(minutes))));
        let words = self.ask.words.trim();
        pairs.extend((!words.is_empty()).then(|| ("q", words.to_string())));
        pairs.push(("sort", self.list.order.to_string()));
        desk.links.file(&format!("api/v1/series.csv{}", query(&pairs)))
    }

    /// The field, with its unit.
    fn measured(&self, desk: &Desk) -> String {
        let name = self.list.field.as_deref().unwrap_or_default();
        let field = self.source.fields.iter().find(|field| field.name == name);
        field.map_or(name.into(), |field| titled(desk, field))
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
        @if let Some((_, block)) = &told.line {
            (blocks::blocks(desk, std::slice::from_ref(block), "chosen"))
        }
        section.block #series data-live="series" {
            h2 { (told.measured(desk)) }
            (find(desk, told))
            @if let Some(note) = note(desk, told) { p.sub { (note) } }
            (table(desk, told))
            (pager(desk, told.list.found, told.ask.page, &|page| {
                told.address(desk, &told.list.order, page)
            }))
            @if told.source.may_leave {
                p.more { a href=(told.file(desk)) download {
                    (desk.pick("This list as CSV", "Cette liste en CSV"))
                } }
            }
            (terms(told.source.card.get(desk.lang())))
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

fn find(desk: &Desk, told: &Told) -> Markup {
    let numbers = told.source.fields.iter().filter(|field| !field.is_text && !field.is_aggregate);
    html! {
        form.find role="search" action=(desk.to("series", &told.source.name)) {
            @if let Some(day) = told.ask.day { input type="hidden" name="day" value=(day); }
            input type="hidden" name="sort" value=(told.list.order);
            label { (desk.pick(
                "Name ",
                "Nom ",
            )) input type="search" name="q" value=(told.ask.words) maxlength="80"; }
            (time_of_day(desk, told.ask.at.map(clock)))
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

/// What must be known to read the values: the zone of a time, and who shares the first place.
fn note(desk: &Desk, told: &Told) -> Option<String> {
    let lang = desk.lang();
    let zone = desk.scene.period.zone.name();
    let at = told.ask.at.map(|minutes| {
        lang.pick(
            format!(
                "Means of the minutes around {}, {zone}; a time beside one is their middle.",
                clock(minutes)
            ),
            format!(
                "Moyennes des minutes autour de {}, {zone}\u{a0}; l’heure à côté est leur milieu.",
                clock(minutes)
            ),
        )
    });
    let ties = told.list.ties as u64;
    let ties = (ties > 1 && told.ask.page == 0).then(|| {
        let count = lang.integer(ties);
        lang.pick(
            format!("The first {count} have the same value."),
            format!("Les {count} premières ont la même valeur."),
        )
    });
    let all: Vec<String> = at.into_iter().chain(ties).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// The decimals of values, those of means, and those of the column of what was asked for.
struct Forms {
    values: Box<dyn Fn(f64) -> usize>,
    means: usize,
    asked: Box<dyn Fn(f64) -> usize>,
}

fn forms(rows: &[SeriesRow]) -> Forms {
    let values = rows.iter().flat_map(|row| [row.min, row.max]);
    let means: Vec<f64> = rows.iter().map(|row| row.mean).collect();
    let (values, means) = columns(&values.collect::<Vec<_>>(), &means);
    let asked: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
    Forms { values: Box::new(values), means, asked: Box::new(columns(&asked, &[]).0) }
}

fn table(desk: &Desk, told: &Told) -> Markup {
    let value = match told.ask.at {
        Some(minutes) => format!("{} {}", desk.pick("at", "à"), clock(minutes)),
        None => desk.pick("last", "dernière").to_string(),
    };
    let heads: [(&str, &str, bool); 5] = [
        ("name", desk.pick("Name", "Nom"), false),
        ("value", &value, true),
        ("min", desk.pick("least", "min."), true),
        ("mean", desk.pick("mean", "moyenne"), true),
        ("max", desk.pick("most", "max."), true),
    ];
    let to = |order: &Order| told.address(desk, order, 0);
    let forms = forms(&told.list.rows);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(told.measured(desk)) {
            table.list.stack role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for (by, word, is_number) in heads {
                        (head(&told.list.order, (by, word), (is_number, false), &to))
                    }
                    th.n.aside scope="col" role="columnheader" {
                        (desk.pick("The day", "La journée"))
                    }
                } }
                tbody role="rowgroup" {
                    @for row in &told.list.rows { (self::row(desk, told, row, &forms)) }
                }
            }
            @if told.list.rows.is_empty() { (nothing(desk)) }
        }
    }
}

fn row(desk: &Desk, told: &Told, row: &SeriesRow, forms: &Forms) -> Markup {
    let lang = desk.lang();
    let number = |value: f64| lang.number(value, (forms.values)(value));
    let is_chosen = told.line.as_ref().is_some_and(|(key, _)| *key == row.key);
    let to = told.address(desk, &told.list.order, told.ask.page) + "&series=" + &escaped(&row.key);
    let drawing = sparkline(&row.spark, 90.0, 16.0, 0.8);
    let value = row.value.map(|value| lang.number(value, (forms.asked)(value)));
    html! {
        tr role="row" class=[is_chosen.then_some("sel")] {
            th scope="row" role="rowheader" { a href=(to) { (row.name) } }
            td.n role="cell" {
                b { (value.as_deref().unwrap_or("—")) }
                @if let Some(at) = row.at { @match told.ask.at {
                    None => { " " span.soft { (ago(desk, at)) } }
                    Some(minutes) => { (seen(desk, at, minutes)) }
                } }
            }
            @let words = desk.lang().pick(["least", "mean", "most"], ["min.", "moyenne", "max."]);
            td.n role="cell" data-label=(words[0]) { (number(row.min)) }
            td.n role="cell" data-label=(words[1]) { (lang.number(row.mean, forms.means)) }
            td.n role="cell" data-label=(words[2]) { (number(row.max)) }
            td.n role="cell" { (PreEscaped(svg::inline(&drawing, "spark", "s", None))) }
        }
    }
}

/// The time of a value, where it is not that which was asked for.
fn seen(desk: &Desk, at: Instant, minutes: u32) -> Markup {
    let local = at.with_timezone(&desk.scene.period.zone).naive_local();
    let asked = local.date().and_hms_opt(minutes / 60, minutes % 60, 0);
    let is_near = asked.is_some_and(|asked| (local - asked).abs() < TimeDelta::minutes(6));
    html! { @if !is_near { " " span.soft { (desk.lang().clock(local)) } } }
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
