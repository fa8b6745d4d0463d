//! How programs have the data: addresses, and how to ask in three languages.

use crate::edge::web::desk::Desk;
use crate::edge::web::openapi;
use maud::{Markup, html};

pub fn body(desk: &Desk) -> Markup {
    let source = desk.scene.sources.iter().find(|source| source.has_series && source.may_leave);
    let source = source.map_or("bikes-oslo", |source| source.name.as_str());
    let day = desk.scene.period.day;
    let path = format!("api/v1/hours.csv?source={source}&from={day}&to={day}");
    html! {
        div.lead #lead data-live="lead" {
            h1 { (desk.pick("Data and API", "Données et API")) }
            p.standfirst { (desk.pick(
                "The same figures for programs, as JSON or CSV. Licences travel with /sources.",
                "Les mêmes chiffres pour les programmes, en JSON ou en CSV. Les licences sont dans \
                 /sources.",
            )) }
        }
        section.block {
            h2 { (desk.pick("What can be asked", "Ce qui peut être demandé")) }
            dl.terms { @for (name, summary) in openapi::LISTS {
                dt { code { "/api/v1/" (name) } " · " code { ".csv" } }
                dd { (summary) }
            } }
            p {
                a href=(desk.links.file("api/v1/openapi.json")) { "OpenAPI 3.1" } " · "
                a href=(desk.links.file("metrics")) {
                    (desk.pick("metrics (Prometheus)", "mesures (Prometheus)"))
                }
            }
        }
        section.block {
            h2 { (desk.pick("In three languages", "Dans trois langages")) }
            p.sub #address { (desk.pick(
                "ADDRESS is where this dashboard is",
                "ADDRESS est là où se trouve ce tableau de bord",
            )) }
            @for (name, text) in examples(&path) {
                h3 { (name) }
                pre tabindex="0" role="region" aria-label=(name) { code { (text) } }
            }
        }
    }
}

fn examples(path: &str) -> [(&'static str, String); 3] {
    [
        ("curl", format!("curl -fsS \"ADDRESS/{path}\" -o hours.csv")),
        (
            "pandas",
            format!(
                "import pandas as pd\nhours = pd.read_csv(\"ADDRESS/{path}\", \
                 parse_dates=[\"hour\"], dtype={{\"series\": str}})\n\
                 print(hours.groupby(\"field\")[\"mean\"].describe())"
            ),
        ),
        (
            "R",
            format!(
                "hours <- read.csv(\"ADDRESS/{path}\", \
                 colClasses = c(series = \"character\"))\n\
                 print(aggregate(mean ~ field, data = hours, FUN = summary))"
            ),
        ),
    ]
}
