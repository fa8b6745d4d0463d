//! In place of a page that is not there: the ways to those that are.

use crate::edge::web::desk::Desk;
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    html! {
        div.lead #lead {
            h1 { (desk.pick("There is nothing here", "Il n’y a rien ici")) }
            p.standfirst { (desk.pick(
                "The address may be of a source that has ended or was renamed, of a series that \
                 the day does not have, or of what its terms keep from being shown.",
                "L’adresse est peut-être celle d’une source arrêtée ou renommée, d’une série que \
                 le jour n’a pas, ou de ce que ses conditions ne laissent pas montrer.",
            )) }
        }
        ul.onward {
            li { a href=(desk.links.page("")) { (desk.pick("Now", "Maintenant")) } }
            li { a href=(desk.links.page("sources")) { (desk.pick(
                "All sources",
                "Toutes les sources",
            )) } }
            li { a href=(desk.links.page("reports")) { (desk.pick(
                "The printed reports",
                "Les rapports imprimés",
            )) } }
        }
    }
}
