//! The archive of printed reports.

use crate::domain::screen::Edition;
use crate::edge::web::desk::Desk;
use crate::edge::web::links::escaped;
use crate::edge::web::parts::when;
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let editions = &desk.scene.editions;
    let lang = desk.lang();
    html! {
        div.lead #lead data-live="lead" {
            h1 { (lang.pick(
                lang.count(editions.len() as u64, "printed report", "printed reports"),
                lang.count(editions.len() as u64, "rapport imprimé", "rapports imprimés"),
            )) }
            @if editions.is_empty() {
                p.standfirst { (desk.pick(
                    "analyzer report prints the first one.",
                    "analyzer report imprime le premier.",
                )) }
            }
        }
        ul.editions { @for edition in editions { li { (one(desk, edition)) } } }
    }
}

fn one(desk: &Desk, edition: &Edition) -> Markup {
    let name = edition.stem.trim_start_matches("daybook_");
    let day = name.parse().map(|day| desk.lang().edition(day));
    let name = day.as_deref().unwrap_or(name);
    let stem = escaped(&edition.stem);
    html! {
        a href=(desk.links.file(&format!("reports/{stem}.pdf"))) {
            @if edition.has_picture {
                @let picture = desk.links.file(&format!("reports/{stem}.png"));
                img src=(picture) alt="" width="240" height="339" loading="lazy";
            }
            @else { span.blank aria-hidden="true" {} }
            span { (name) }
        }
        p.soft { (desk.lang().bytes(edition.bytes)) ", " (when(desk, edition.written)) }
    }
}
