//! All maps of the day on one page.

use crate::domain::report::Block;
use crate::edge::web::blocks;
use crate::edge::web::desk::Desk;
use crate::edge::web::parts::days;
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let report = desk.scene.report.get(desk.lang());
    let sections = report.sections.iter().map(|section| {
        let maps = section.blocks.iter().flat_map(Block::all);
        let maps = maps.filter(|block| matches!(block, Block::Map(_))).cloned();
        (section, maps.collect::<Vec<Block>>())
    });
    let sections: Vec<_> = sections.filter(|(_, maps)| !maps.is_empty()).collect();
    html! {
        div.lead #lead data-live="lead" {
            h1 { (desk.pick("Where it is", "Où cela se passe")) }
            p.standfirst { (desk.pick(
                "A dot says its value when pointed at, and leads to its series or its record.",
                "Un point dit sa valeur quand on le vise, et mène à sa série ou à son relevé.",
            )) }
            (days(desk, "map"))
        }
        @if sections.is_empty() { p { (desk.pick(
            "No map is drawn of this day.",
            "Aucune carte pour ce jour.",
        )) } }
        @for (section, maps) in &sections {
            h2.part { (section.name) }
            (blocks::blocks(desk, maps, &format!("map-{}", section.id)))
        }
    }
}
