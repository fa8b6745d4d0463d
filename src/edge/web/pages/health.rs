//! How the programs, the sources and the spool are.

use crate::domain::format::Lang;
use crate::domain::screen::{Health, HealthRow};
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::parts::{ago, days, when};
use chrono::TimeDelta;
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
    let wrong = match rests(desk, health) {
        None => wrong,
        Some(rests) if health.incidents.is_empty() => rests,
        Some(rests) => format!("{rests} {wrong}"),
    };
    let waiting: u64 = health.rows.iter().map(|row| row.waiting).sum();
    let waits = lang.pick(
        format!("{} to be summarised.", lang.count(waiting, "answer waits", "answers wait")),
        format!("{} de résumé.", lang.count(waiting, "réponse en attente", "réponses en attente")),
    );
    format!("{wrong} {waits}")
}

fn noticed<'a>(desk: &Desk, health: &Health) -> &'a str {
    match health.is_told {
        true => desk.pick("noticed at once", "vus aussitôt"),
        false => desk.pick("looked for each second", "cherchés chaque seconde"),
    }
}

/// So long after its last run a fetcher that has something to do is not run any more.
const RESTS: TimeDelta = TimeDelta::minutes(30);

/// That nobody asks what is due.
fn rests(desk: &Desk, health: &Health) -> Option<String> {
    let now = desk.scene.looked;
    let due = health.rows.iter().filter(|row| row.next.is_some_and(|at| at <= now)).count();
    let (_, last) = health.programs.iter().find(|(name, _)| name == "fetcher")?;
    let rests = last.is_none_or(|last| now - last > RESTS);
    let lang = desk.lang();
    let sources = lang.pick(
        lang.count(due as u64, "source is", "sources are"),
        lang.count(due as u64, "source est", "sources sont"),
    );
    (due > 0 && rests).then(|| {
        lang.pick(
            format!("The fetcher does not run: {sources} due."),
            format!("Le fetcher ne tourne pas\u{a0}: {sources} à interroger."),
        )
    })
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
                div {
                    dt { (desk.pick("New files", "Nouveaux fichiers")) }
                    dd { (noticed(desk, health)) }
                }
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

/// What of the asking there is to tell.
struct Told {
    is_asked: bool,
    is_timed: bool,
    is_summarised: bool,
}

fn rows(desk: &Desk, health: &Health) -> Markup {
    let any = |has: &dyn Fn(&HealthRow) -> bool| health.rows.iter().any(has);
    let told = Told {
        is_asked: any(&|row| row.last.is_some() || row.error.is_some()),
        is_timed: any(&|row| row.latency.is_some()),
        is_summarised: any(&|row| row.closed_through.is_some()),
    };
    let (title, sub) = match told.is_asked {
        true => desk.lang().pick(
            ("Asking", "The last outcome of each source, and when it is asked next"),
            (
                "Interrogation",
                "Le dernier résultat de chaque source, et quand elle sera interrogée",
            ),
        ),
        false => desk.lang().pick(
            (
                "Nothing has been asked from here",
                "fetcher run asks what is due; fetcher install puts it into cron",
            ),
            (
                "Rien n’a été demandé d’ici",
                "fetcher run interroge ce qui est dû\u{a0}; fetcher install l’inscrit dans cron",
            ),
        ),
    };
    html! {
        section.block #asking data-live="asking" {
            h2 { (title) }
            p.sub { (sub) }
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.list.stack.bare role="table" {
                    thead role="rowgroup" { tr role="row" {
                        th scope="col" role="columnheader" { (desk.pick("Source", "Source")) }
                        @if told.is_asked {
                            th scope="col" role="columnheader" {
                                (desk.pick("Last outcome", "Dernier résultat"))
                            }
                        }
                        @if told.is_timed {
                            th.n scope="col" role="columnheader" {
                                (desk.pick("Median answer", "Réponse médiane"))
                            }
                            th.n scope="col" role="columnheader" {
                                (desk.pick("Slowest", "La plus lente"))
                            }
                        }
                        th.n scope="col" role="columnheader" { (desk.pick("Next", "Prochaine")) }
                        th.n scope="col" role="columnheader" {
                            (desk.pick("Waiting", "En attente"))
                        }
                        th.n scope="col" role="columnheader" {
                            (desk.pick("Quarantine", "Quarantaine"))
                        }
                        @if told.is_summarised {
                            th.n scope="col" role="columnheader" {
                                (desk.pick("Summarised to", "Résumée jusqu’à"))
                            }
                        }
                    } }
                    tbody role="rowgroup" {
                        @for row in &health.rows { (self::row(desk, row, &told)) }
                    }
                }
            }
        }
    }
}

fn row(desk: &Desk, row: &HealthRow, told: &Told) -> Markup {
    let lang = desk.lang();
    html! {
        tr role="row" {
            th scope="row" role="rowheader" {
                (row.source)
                @for note in &row.notes { br; span.soft { (note) } }
            }
            @if told.is_asked { td role="cell" {
                @match &row.last {
                    Some((at, words)) => { (words) " " (ago(desk, *at)) },
                    None => (desk.pick("never asked", "jamais interrogée")),
                }
                @if let Some(error) = row.error.as_ref().and_then(|error| error.lines().next()) {
                    br; span.alert { (error) }
                }
            } }
            @if told.is_timed {
                @let [median, slowest] = lang.pick(["median", "slowest"], ["médiane", "max."]);
                td.n role="cell" data-label=(median) {
                    (seconds(lang, row.latency.map(|(median, _)| median)))
                }
                td.n role="cell" data-label=(slowest) {
                    (seconds(lang, row.latency.map(|(_, most)| most)))
                }
            }
            td.n role="cell" data-label=(desk.pick("next", "prochaine")) {
                @match row.next {
                    Some(at) if at <= desk.scene.looked => (desk.pick("due now", "à faire")),
                    Some(at) => (when(desk, at)),
                    None => "—",
                }
            }
            td.n role="cell" data-label=(desk.pick("waiting", "en attente")) {
                (lang.integer(row.waiting))
            }
            td.n role="cell" data-label=(desk.pick("in quarantine", "en quarantaine")) {
                (lang.integer(row.quarantined))
            }
            @if told.is_summarised {
                td.n role="cell" data-label=(desk.pick("summarised to", "résumée jusqu’à")) {
                    @match row.closed_through { Some(at) => (when(desk, at)), None => "—" }
                }
            }
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
