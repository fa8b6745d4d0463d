//! The catalogue: each source with its licence, its access, its units, its files.

use crate::domain::screen::SourceView;
use crate::domain::source::Shown;
use crate::domain::time::Day;
use crate::edge::web::blocks::card;
use crate::edge::web::desk::Desk;
use crate::edge::web::parts::{ago, csv, pulse};
use chrono::{Datelike, Days};
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let lang = desk.lang();
    let n = desk.scene.sources.len() as u64;
    html! {
        div.lead #lead data-live="lead" {
            h1 { (lang.count(n, "source", "sources")) }
            p.standfirst { (desk.pick(
                "What each holds, on which terms, how it is asked, and its data as files.",
                "Ce que contient chacune, sous quelles conditions, comment elle est interrogée, \
                 et ses données en fichiers.",
            )) }
        }
        div.catalogue {
            @for source in &desk.scene.sources {
                section.block id=(source.name) { (one(desk, source)) }
            }
        }
    }
}

fn one(desk: &Desk, source: &SourceView) -> Markup {
    html! {
        (card(desk, source.card.get(desk.lang())))
        @if let Some(caveat) = &source.caveat { p.caveat { (desk.said(caveat)) } }
        p { (pulse(desk, source.pulse)) " " @if let Some(at) = source.last { (ago(desk, at)) } }
        (fields(desk, source))
        (files(desk, source))
    }
}

fn fields(desk: &Desk, source: &SourceView) -> Markup {
    html! {
        @if !source.fields.is_empty() {
            details.data {
                summary { (desk.pick(
                    "Fields and units",
                    "Champs et unités",
                )) span.sr { ": " (source.name) } }
                ul.fields { @for field in &source.fields {
                    li {
                        code { (field.name) } " "
                        (desk.said(&field.title))
                        @if !field.unit.is_empty() { span.soft { ", " (field.unit) } }
                    }
                } }
            }
        }
    }
}

/// Today, yesterday, this month: by the file, where its terms let that be.
fn files(desk: &Desk, source: &SourceView) -> Markup {
    let day = desk.scene.period.day;
    let before = day.checked_sub_days(Days::new(1)).unwrap_or(day);
    let first = day.with_day(1).unwrap_or(day);
    let spans: [(&str, Day, Day); 3] = [
        (desk.pick("this day", "ce jour"), day, day),
        (desk.pick("the day before", "la veille"), before, before),
        (desk.pick("this month", "ce mois"), first, day),
    ];
    let table = if source.has_series { "hours" } else { "records" };
    html! {
        @match (source.shown, source.may_leave) {
            (Shown::Nothing, _) => p.soft { (desk.pick(
                "No file: its terms let nothing be passed on.",
                "Pas de fichier\u{a0}: ses conditions n’en laissent rien transmettre.",
            )) },
            (_, false) => p.soft { (desk.pick(
                "No file of records: its terms keep them from being passed on.",
                "Pas de fichier de fiches\u{a0}: ses conditions l’interdisent.",
            )) },
            _ => p.files {
                "CSV: "
                @for (place, (name, from, to)) in spans.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href=(csv(desk, &source.name, table, *from, *to)) download { (name) }
                }
                @if source.has_series && source.has_records {
                    " · " a href=(csv(desk, &source.name, "records", day, day)) download {
                        (desk.pick("this day, value by value", "ce jour, valeur par valeur"))
                    }
                }
                @if source.has_series {
                    " · " a href=(desk.to("series", &source.name)) { (desk.pick(
                        "all series",
                        "toutes les séries",
                    )) }
                } @else {
                    " · " a href=(desk.to("records", &source.name)) { (desk.pick(
                        "all records",
                        "tous les relevés",
                    )) }
                }
            },
        }
    }
}
