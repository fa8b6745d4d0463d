//! How the programs, the sources and the spool are.

use crate::domain::format::Lang;
use crate::domain::screen::{Health, HealthRow};
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::parts::{ago, days, when};
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let health = &desk.scene.health;
    let report = desk.scene.report.get(desk.lang());
    let data = report.sections.iter().find(|section| section.id == "data");
    html! {
        div.lead #lead data-live="lead" {
            @if let Some(data) = data {
                h1 { (data.title.trim_end_matches('.')) }
            } @else {
                h1 { (desk.pick("Health", "Santé")) }
            }
            p.standfirst { (standfirst(desk, health)) }
            (days(desk, "health"))
        }
        (programs(desk, health))
        (incidents(desk, health))
        (rows(desk, health))
        @if let Some(data) = data {
            p.prose { (data.standfirst) }
            (blocks::blocks(desk, &data.blocks, "data"))
        }
        (quarantine(desk, health))
    }
}

fn standfirst(desk: &Desk, health: &Health) -> String {
    let lang = desk.lang();
    let wrong = health.incidents.len() as u64;
    let wrong = match wrong {
        0 => desk
            .pick(
                "Nothing is wrong, as far as the last runs know.",
                "Rien ne va mal, d’après les derniers passages.",
            )
            .to_string(),
        n => lang.pick(
            format!("{} wrong now.", lang.count(n, "thing is", "things are")),
            format!("{} en cours.", lang.count(n, "incident", "incidents")),
        ),
    };
    let waiting: u64 = health.rows.iter().map(|row| row.waiting).sum();
    let waits = lang.pick(
        format!("{} to be summarised.", lang.count(waiting, "answer waits", "answers wait")),
        format!("{} de résumé.", lang.count(waiting, "réponse en attente", "réponses en attente")),
    );
    format!("{wrong} {waits}")
}

fn programs(desk: &Desk, health: &Health) -> Markup {
    let size = health.store_bytes.map(|bytes| desk.lang().bytes(bytes));
    html! {
        section.block #programs data-live="programs" {
            h2 { (desk.pick("Programs", "Programmes")) }
            dl.facts.wide-facts {
                @for (name, at) in &health.programs {
                    div { dt { (name) ", " (desk.pick("last run", "dernier passage")) }
                        dd { @match at { Some(at) => (ago(desk, *at)), None => (desk.pick(
                            "never",
                            "jamais",
                        )) } } }
                }
                @if let Some(size) = size { div { dt { (desk.pick(
                    "Store",
                    "Base",
                )) } dd { (size) } } }
                div { dt { (desk.pick("New files", "Nouveaux fichiers")) } dd { (health.watch) } }
            }
        }
    }
}

fn incidents(desk: &Desk, health: &Health) -> Markup {
    html! {
        @if !health.incidents.is_empty() {
            section.block #incidents data-live="incidents" {
                h2 { (desk.pick("Wrong now", "En cours")) }
                ul.odd { @for (text, since, times) in &health.incidents { li {
                    span.alert aria-hidden="true" { "▲" }
                    span { (desk.pick("since", "depuis")) " " (when(desk, *since)) }
                    span { (text) }
                    strong { (desk.lang().count(*times, desk.pick(
                        "run",
                        "passage",
                    ), desk.pick("runs", "passages"))) }
                } } }
            }
        }
    }
}

fn rows(desk: &Desk, health: &Health) -> Markup {
    html! {
        section.block #asking data-live="asking" {
            h2 { (desk.pick("Asking", "Interrogation")) }
            p.sub { (desk.pick(
                "The last outcome of each source, and when it is asked next",
                "Le dernier résultat de chaque source, et quand elle sera interrogée",
            )) }
            div.scroll tabindex="0" role="region" aria-label=(desk.pick(
                "Asking",
                "Interrogation",
            )) {
                table.list {
                    thead { tr {
                        th scope="col" { (desk.pick("Source", "Source")) }
                        th scope="col" { (desk.pick("Last outcome", "Dernier résultat")) }
                        th.n scope="col" { (desk.pick("Median answer", "Réponse médiane")) }
                        th.n scope="col" { (desk.pick("Slowest", "La plus lente")) }
                        th.n scope="col" { (desk.pick("Next", "Prochaine")) }
                        th.n scope="col" { (desk.pick("Waiting", "En attente")) }
                        th.n scope="col" { (desk.pick("Quarantine", "Quarantaine")) }
                        th.n scope="col" { (desk.pick("Summarised to", "Résumée jusqu’à")) }
                    } }
                    tbody { @for row in &health.rows { (self::row(desk, row)) } }
                }
            }
        }
    }
}

fn row(desk: &Desk, row: &HealthRow) -> Markup {
    let lang = desk.lang();
    html! {
        tr {
            th scope="row" { (row.source) }
            td {
                @match &row.last {
                    Some((at, words)) => { (words) " " (ago(desk, *at)) },
                    None => (desk.pick("never asked", "jamais interrogée")),
                }
                @if let Some(error) = row.error.as_ref().and_then(|error| error.lines().next()) {
                    br; span.alert { (error) }
                }
                @for note in &row.notes { br; span.soft { (note) } }
            }
            td.n { (seconds(lang, row.latency.map(|(median, _)| median))) }
            td.n { (seconds(lang, row.latency.map(|(_, most)| most))) }
            td.n { @match row.next { Some(at) => (when(desk, at)), None => "—" } }
            td.n { (lang.integer(row.waiting)) }
            td.n { (lang.integer(row.quarantined)) }
            td.n { @match row.closed_through { Some(at) => (when(desk, at)), None => "—" } }
        }
    }
}

/// How long an answer took, of milliseconds.
fn seconds(lang: Lang, took: Option<u32>) -> String {
    let told = |ms: u32| lang.quantity(f64::from(ms) / 1_000.0, 2, "s");
    took.map_or("—".into(), told)
}

fn quarantine(desk: &Desk, health: &Health) -> Markup {
    let lang = desk.lang();
    html! {
        section.block #quarantine data-live="quarantine" {
            h2 { (lang.pick(
                format!("{} in quarantine", lang.count(health.quarantined, "answer", "answers")),
                format!("{} en quarantaine", lang.count(health.quarantined, "réponse", "réponses")),
            )) }
            @if !health.quarantine.is_empty() {
                dl.terms { @for (id, why) in &health.quarantine {
                    dt { code { (id) } }
                    dd { (why) }
                } }
            }
        }
    }
}
