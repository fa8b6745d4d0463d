//! A topic: the section of the report, with figures that answer.

use crate::domain::digest::{BRIEF, topic_name};
use crate::domain::report::Section;
use crate::domain::screen::{ROWS, SourceView};
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::links::escaped;
use crate::edge::web::parts::{days, time_of_day};
use maud::{Markup, html};

/// The section of a topic; none where there is no such one.
pub fn section<'a>(desk: &'a Desk, topic: &str) -> Option<&'a Section> {
    let report = desk.scene.report.get(desk.lang());
    report.sections.iter().find(|section| section.id == topic)
}

/// What a topic is called of which the day has nothing; none where no source has it.
pub fn name(desk: &Desk, topic: &str) -> Option<String> {
    let is_known = desk.scene.sources.iter().any(|source| source.topic == topic);
    (is_known || topic == BRIEF).then(|| topic_name(topic, desk.lang()))
}

/// The page of a topic of which the day has nothing.
pub fn none(desk: &Desk, topic: &str) -> Option<Markup> {
    let name = name(desk, topic)?;
    Some(html! {
        div.lead #lead data-live="lead" {
            h1 { (name) }
            p.standfirst { (desk.pick(
                "This day has nothing to draw of it.",
                "Ce jour n’a rien à en montrer.",
            )) }
            (days(desk, &format!("topic/{}", escaped(topic))))
        }
    })
}

pub fn body(desk: &Desk, section: &Section) -> Markup {
    let title = if section.title.is_empty() { &section.name } else { &section.title };
    html! {
        div.lead #lead data-live="lead" {
            h1 { (title) }
            @if !section.standfirst.is_empty() { p.standfirst { (section.standfirst) } }
            (days(desk, &format!("topic/{}", escaped(&section.id))))
        }
        (blocks::blocks(desk, &section.blocks, "t"))
        (more(desk, section))
    }
}

/// Ways to every series and every record of the topic.
fn more(desk: &Desk, section: &Section) -> Markup {
    let own = |source: &&SourceView| source.topic == section.id;
    let sources: Vec<&SourceView> = desk.scene.sources.iter().filter(own).collect();
    html! {
        @if !sources.is_empty() {
            section.block #all {
                h2 { (desk.pick("All of it", "Tout")) }
                ul.onward { @for source in &sources { li { (way(desk, source)) } } }
                @for source in sources.iter().filter(|source| source.series > ROWS) {
                    (find(desk, source))
                }
            }
        }
    }
}

/// One of many series, by its name.
fn find(desk: &Desk, source: &SourceView) -> Markup {
    let day = (!desk.scene.is_today).then_some(desk.scene.period.day);
    html! {
        form.find role="search" action=(desk.to("series", &source.name))
            aria-label=(desk.said(&source.title)) {
            @if let Some(day) = day { input type="hidden" name="day" value=(day); }
            label { (desk.pick("Find a series of ", "Chercher une série\u{a0}: "))
                (desk.said(&source.title)) " "
                input type="search" name="q" maxlength="80"; }
            (time_of_day(desk, None))
            button type="submit" { (desk.pick("Show", "Afficher")) }
        }
    }
}

fn way(desk: &Desk, source: &SourceView) -> Markup {
    let title = desk.said(&source.title);
    html! {
        @if source.has_series && source.series > 0 {
            a href=(desk.to("series", &source.name)) {
                (desk.lang().count(source.series as u64, desk.pick(
                    "series",
                    "série",
                ), desk.pick("series", "séries")))
            }
        } @else if !source.has_series {
            a href=(desk.to("records", &source.name)) { (desk.pick(
                "All records",
                "Tous les relevés",
            )) }
        } @else {
            a href=(desk.about(&source.name)) { (desk.pick(
                "About",
                "À propos",
            )) }
        }
        ": " (title)
    }
}
