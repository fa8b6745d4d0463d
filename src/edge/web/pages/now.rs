//! The first page: the day as it is now.

use crate::domain::report::Report;
use crate::domain::screen::{Finding, Latest, Pulse, SourceView};
use crate::edge::web::blocks;
use crate::edge::web::desk::{Desk, spark};
use crate::edge::web::parts::{ago, days, pulse};
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let report = desk.scene.report.get(desk.lang());
    if desk.scene.sources.is_empty() {
        return empty(desk);
    }
    html! {
        div.lead #lead data-live="lead" {
            h1 { (report.headline) }
            p.standfirst { (report.standfirst) }
            (days(desk, ""))
        }
        (keys(desk))
        (front(desk, report))
        div.row {
            div.s7 { (unusual(desk)) }
            div.s5 { (links_on(desk, report)) }
        }
        (freshness(desk))
    }
}

/// A home in which nothing ever came says what comes next.
fn empty(desk: &Desk) -> Markup {
    html! {
        div.lead #lead data-live="lead" {
            h1 { (desk.pick("Nothing has been collected yet", "Rien n’a encore été collecté")) }
            p.standfirst { (desk.pick(
                "This page fills by itself. It shows each answer within two seconds of its file.",
                "Cette page se remplit d’elle-même. Chaque réponse s’y montre en deux secondes.",
            )) }
        }
        section.block {
            h2 { (desk.pick("What comes next", "La suite")) }
            ol.steps { @for step in steps(desk) { li { (step) } } }
        }
    }
}

fn steps<'t>(desk: &Desk) -> [&'t str; 3] {
    desk.lang().pick(
        [
            "Put declarations of sources into sources/: fetcher sources lists those there are.",
            "fetcher run asks those that are due, once.",
            "fetcher install puts the three programs into cron.",
        ],
        [
            "Mettez des déclarations de sources dans sources/\u{a0}: fetcher sources les liste.",
            "fetcher run interroge celles dont c’est l’heure, une fois.",
            "fetcher install inscrit les trois programmes dans cron.",
        ],
    )
}

fn keys(desk: &Desk) -> Markup {
    let latest = desk.scene.latest.get(desk.lang());
    html! {
        @if !latest.is_empty() {
            div.key aria-label=(desk.pick("Latest values", "Dernières valeurs")) role="group" {
                @for (place, one) in latest.iter().enumerate() { (key(desk, one, place)) }
            }
        }
    }
}

fn key(desk: &Desk, latest: &Latest, place: usize) -> Markup {
    let figure = &latest.figure;
    let source = figure.origin.as_ref().and_then(|origin| source(desk, &origin.source));
    let topic = source.map(|source| desk.to("topic", &source.topic));
    html! {
        article.kf id=(format!("key-{place}")) data-live=(format!("key-{place}")) {
            h2 { @match topic {
                Some(to) => a href=(to) { (figure.label) },
                None => (figure.label),
            } }
            (blocks::value(figure))
            (spark(&figure.spark))
            p.kf-fresh {
                (ago(desk, latest.at))
                @if let Some(source) = source { " · " (short(desk, source)) }
            }
        }
    }
}

fn short<'a>(desk: &Desk, source: &'a SourceView) -> &'a str {
    let title = desk.said(&source.title);
    title.split(" (").next().unwrap_or(title)
}

fn source<'a>(desk: &'a Desk, name: &str) -> Option<&'a SourceView> {
    desk.scene.sources.iter().find(|source| source.name == name)
}

/// What stands on the front page of paper, but for key figures of the whole period.
fn front(desk: &Desk, report: &Report) -> Markup {
    let figures = report.front.iter();
    let figures =
        figures.filter(|block| !matches!(block, crate::domain::report::Block::KeyFigures(_)));
    blocks::blocks(desk, &figures.cloned().collect::<Vec<_>>(), "front")
}

fn unusual(desk: &Desk) -> Markup {
    let findings = desk.scene.findings.get(desk.lang());
    html! {
        section.block #findings data-live="findings" {
            h2 { (desk.pick("What stands out", "Ce qui ressort")) }
            p.sub { (desk.pick(
                "Means of the day against the same hours of the day before",
                "Moyennes du jour face aux mêmes heures de la veille",
            )) }
            @if findings.is_empty() {
                p.soft { @if desk.scene.latest.get(desk.lang()).is_empty() {
                    (desk.pick("There are no figures of this day.", "Aucun chiffre pour ce jour."))
                } @else {
                    (desk.pick("Nothing moved by much.", "Rien n’a beaucoup bougé."))
                } }
            }
            ul.odd { @for finding in findings { li { (self::finding(desk, finding)) } } }
        }
    }
}

fn finding(desk: &Desk, finding: &Finding) -> Markup {
    let (class, sign) = blocks::direction(finding.row.direction);
    let topic = source(desk, &finding.origin.source).map(|source| source.topic.clone());
    html! {
        span.(class) aria-hidden="true" { (sign) }
        @match topic {
            Some(topic) => a href=(desk.to("topic", &topic)) { (finding.row.name) },
            None => b { (finding.row.name) },
        }
        span { (finding.row.text) }
        strong.(class) { (finding.row.value) }
    }
}

/// The findings of the sections, as ways on.
fn links_on(desk: &Desk, report: &Report) -> Markup {
    let told =
        report.sections.iter().filter(|section| !section.title.is_empty() && section.id != "data");
    html! {
        section.block #topics data-live="topics" {
            h2 { (desk.pick("By topic", "Par thème")) }
            ul.onward {
                @for section in told {
                    li {
                        a href=(desk.to("topic", &section.id)) { b { (section.name) } }
                        " " (section.title)
                    }
                }
            }
        }
    }
}

/// How fresh each source is, in a few words.
fn state(desk: &Desk) -> String {
    let (lang, sources) = (desk.lang(), &desk.scene.sources);
    let count = |wanted: &[Pulse]| {
        sources.iter().filter(|source| wanted.contains(&source.pulse)).count() as u64
    };
    let late = count(&[Pulse::Late, Pulse::Silent]);
    match (late, count(&[Pulse::Recorded])) {
        (0, 0) => desk.pick("Nothing is stale", "Rien n’est périmé").into(),
        (0, n) if n == sources.len() as u64 => desk
            .pick("All of it is replayed from a recording", "Tout est rejoué d’un enregistrement")
            .into(),
        (0, n) => lang.pick(
            format!("Nothing is stale; {} replayed", lang.count(n, "source is", "sources are")),
            format!(
                "Rien n’est périmé\u{a0}; {} d’un enregistrement",
                lang.count(n, "source", "sources")
            ),
        ),
        (n, _) => lang.pick(
            format!("{} stale", lang.count(n, "source is", "sources are")),
            format!("{} en retard", lang.count(n, "source", "sources")),
        ),
    }
}

fn freshness(desk: &Desk) -> Markup {
    let (lang, sources) = (desk.lang(), &desk.scene.sources);
    // A column that always says the same says nothing.
    let differ = sources.windows(2).any(|pair| pair[0].pulse != pair[1].pulse);
    html! {
        section.block #fresh data-live="fresh" {
            h2 { (state(desk)) }
            p.sub { (desk.pick(
                "When each source answered last, and how often it is asked",
                "Dernière réponse de chaque source, et à quel rythme elle est interrogée",
            )) }
            div.scroll tabindex="0" role="region" aria-label=(desk.pick("Freshness", "Fraîcheur")) {
                table.list.close {
                    thead { tr {
                        th scope="col" { (desk.pick("Source", "Source")) }
                        @if differ { th scope="col" { (desk.pick("State", "État")) } }
                        th.n scope="col" { (desk.pick("Asked", "Rythme")) }
                        th.n scope="col" { (desk.pick("Last answer", "Dernière réponse")) }
                    } }
                    tbody { @for source in sources { tr {
                        th scope="row" { a href=(desk.about(&source.name)) {
                            (desk.said(&source.title))
                        } }
                        @if differ { td { (pulse(desk, source.pulse)) } }
                        td.n { (lang.every(source.every.as_secs())) }
                        td.n { @match source.last { Some(at) => (ago(desk, at)), None => "—" } }
                    } } }
                }
            }
        }
    }
}
