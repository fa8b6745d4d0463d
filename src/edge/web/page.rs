//! The frame of every page: head, foot, and what stands in between.

use super::assets::{FACES, digits};
use super::desk::Desk;
use crate::domain::format::Lang;
use crate::domain::screen::Scene;
use crate::domain::time::iso;
use maud::{DOCTYPE, Markup, html};

/// Where a page stands in the navigation, and what it is called.
pub struct Head<'a> {
    /// The path of its entry there.
    pub here: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    /// It is drawn again when something new is there.
    pub is_live: bool,
    /// What the reader chose; else the system tells.
    pub theme: Option<&'a str>,
}

pub fn page(desk: &Desk, head: &Head, body: &Markup) -> Markup {
    let (links, scene) = (desk.links, desk.scene);
    let recorded = scene.report.get(links.lang).recorded.is_some();
    let asset = |name: &str| links.file(&format!("assets/{}/{name}", digits()));
    html! {
        (DOCTYPE)
        html lang=(links.lang.tag()) data-theme=[head.theme] data-now=(iso(scene.looked))
            data-zone=(scene.period.zone.name()) data-version=(scene.version)
            data-recorded=[recorded.then_some("yes")]
            data-live=[head.is_live.then_some("yes")] data-events=(links.file("events")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (head.title) " · Daybook" }
                meta name="description" content=(head.description);
                @for face in FACES {
                    link rel="preload" href=(asset(&format!("fonts/{face}.woff2"))) as="font"
                        type="font/woff2" crossorigin;
                }
                link rel="stylesheet" href=(asset("daybook.css"));
                link rel="icon" href=(asset("icon.svg")) type="image/svg+xml";
                script src=(asset("theme.js")) {}
                script src=(asset("uplot-1.6.32.min.js")) defer {}
                script type="module" src=(asset("daybook.js")) {}
            }
            body {
                a.skip href="#main" { (desk.pick("Skip to content", "Aller au contenu")) }
                (top(desk, head.here))
                p.sr #status role="status" {}
                main #main tabindex="-1" { (notices(desk)) (body) }
                (foot(desk))
            }
        }
    }
}

/// The entries of the navigation: path and name.
fn entries(desk: &Desk) -> Vec<(String, String)> {
    let report = desk.scene.report.get(desk.lang());
    let own = |id: &str| id != "data" && id != "sources";
    let topics = report.sections.iter().filter(|section| own(&section.id));
    let topics = topics.map(|section| (format!("topic/{}", section.id), section.name.clone()));
    let rest = [
        ("map", desk.pick("Map", "Carte")),
        ("records", desk.pick("Records", "Relevés")),
        ("sources", desk.pick("Sources", "Sources")),
        ("health", desk.pick("Health", "Santé")),
        ("reports", desk.pick("Reports", "Rapports")),
    ];
    let rest = rest.map(|(path, name)| (path.to_string(), name.to_string()));
    let now = (String::new(), desk.pick("Now", "Maintenant").to_string());
    [now].into_iter().chain(topics).chain(rest).collect()
}

fn top(desk: &Desk, here: &str) -> Markup {
    let links = desk.links;
    let other = links.lang.pick(Lang::Fr, Lang::En);
    html! {
        header.top {
            p.brand { a href=(links.page("")) { "Daybook" } }
            nav aria-label=(desk.pick("Pages", "Pages")) { ul {
                @for (path, name) in entries(desk) {
                    @let current = (path == here).then_some("page");
                    li { a href=(links.page(&path)) aria-current=[current] { (name) } }
                }
            } }
            (state(desk))
            p.tools {
                a href=(links.translated(other)) hreflang=(other.tag()) lang=(other.tag()) {
                    (other.pick("English", "Français"))
                }
                button type="button" #theme { (desk.pick("Dark", "Sombre")) }
            }
        }
    }
}

/// As of when the page is.
fn state(desk: &Desk) -> Markup {
    let scene = desk.scene;
    let local = scene.looked.with_timezone(&scene.period.zone);
    let day = desk.lang().date_short(local.date_naive());
    let clock = desk.lang().clock(local.naive_local());
    html! {
        p.state {
            span.pulse aria-hidden="true" {}
            span #state { (desk.pick("As of", "À")) } " "
            time #clock datetime=(iso(scene.looked)) { (day) ", " span #face { (clock) } }
            " " span.zone { (scene.period.zone.name()) }
        }
    }
}

/// What a reader must know before any figure.
fn notices(desk: &Desk) -> Markup {
    let scene = desk.scene;
    let report = scene.report.get(desk.lang());
    html! {
        @if let Some(why) = &scene.away {
            p.recorded.away role="alert" {
                strong { (desk.pick("The store cannot be read.", "La base ne répond pas.")) } " "
                span { (desk.pick(
                    "What you see is of before; the page goes on by itself.",
                    "Ce qui est affiché date d’avant\u{a0}; la page reprendra d’elle-même.",
                )) " " (why) }
            }
        }
        @if report.recorded.is_some() {
            details.recorded {
                summary { strong { (desk.pick("Recorded data", "Données enregistrées")) }
                    ", " (desk.pick(
                        "replayed as if they came on this day",
                        "rejouées comme si elles venaient de ce jour",
                    )) }
                p { (recorded(desk, scene)) }
            }
        }
    }
}

/// The banner of paper names a page of it; here the sources' page tells the days of each.
fn recorded(desk: &Desk, scene: &Scene) -> Markup {
    let report = scene.report.get(desk.lang());
    let text = report.recorded.clone().unwrap_or_default();
    let mark = format!("page\u{a0}{}", crate::domain::report::LAST_SECTION);
    match text.split_once(&mark) {
        None => html! { (text) },
        Some((before, after)) => html! {
            (before)
            a href=(desk.links.page("sources")) { (desk.pick("Sources", "Sources")) }
            (after)
        },
    }
}

fn foot(desk: &Desk) -> Markup {
    let links = desk.links;
    html! {
        footer.end {
            p {
                (desk.pick(
                    "Times in ",
                    "Heures\u{a0}: ",
                )) span #zone { (desk.scene.period.zone.name()) } ". "
                a href=(links.page("sources")) { (desk.pick(
                    "Sources and licences",
                    "Sources et licences",
                )) }
                " · "
                a href=(links.page("data")) { (desk.pick("Data and API", "Données et API")) }
            }
            p { (desk.pick(
                "Land: Natural Earth, public domain.",
                "Terres\u{a0}: Natural Earth, domaine public.",
            )) }
        }
    }
}
