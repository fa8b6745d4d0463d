//! Reports for tests: a rich one in two languages, and a plain one. Made up, but always the same.

mod figures;
mod front;
mod walk;

pub use figures::*;
pub use walk::{points, walk};

use chrono::Duration;
use daybook::domain::format::Lang;
use daybook::domain::report::{Block, Caption, Column, Meta, Report, Section};
use front::{changes, keys, unusual};
use walk::{day, start};

fn meta(lang: Lang) -> Meta {
    Meta {
        title: format!("Daybook, {}", lang.date(day())),
        author: "Daybook".into(),
        subject: "A day of open data".into(),
        keywords: vec!["earthquakes".into(), "bike share".into()],
        created: start().after(Duration::hours(25)),
    }
}

fn section(name: &str, title: &str, standfirst: &str, blocks: Vec<Block>) -> Section {
    let (name, title, standfirst) = (name.into(), title.into(), standfirst.into());
    Section { name, title, standfirst, blocks, ..Section::default() }
}

pub fn rich(lang: Lang) -> Report {
    let front = vec![
        keys(lang),
        Block::Columns(vec![
            Column::new(7, vec![changes(lang)]),
            Column::new(5, vec![unusual(lang)]),
        ]),
        Block::Columns(vec![
            Column::new(7, vec![Block::Line(load(lang))]),
            Column::new(5, vec![world(lang, 1214), Block::Table(strongest(lang))]),
        ]),
        Block::Table(stations(lang, 4)),
    ];
    let quality = section(
        "Data quality",
        "98.2% of the expected measures, two outages",
        "Minutes that came on time are pale; late and missing ones stand out.",
        vec![
            Block::Presence(presence(lang, 4)),
            Block::Balance(balance()),
            Block::Sources(Caption::new("Sources and licences", ""), cards()),
        ],
    );
    Report {
        lang,
        publication: "Daybook".into(),
        edition: format!("{} · n° 326", lang.edition(day())),
        headline: lang.pick(
            "Wind doubles, nuclear falls back; an earthquake of magnitude\u{a0}6.4 off the Kurils",
            "L’éolien double, le nucléaire recule ; un\u{a0}séisme de magnitude\u{a0}6,4 au large \
                 des Kouriles",
        ).into(),
        standfirst: "Mild again (+2.1 °C on the day before), a steady wind over the Channel, and \
             2.4 GW less consumed. The 12 sources delivered 98.2% of what was expected; \
             two outages are described on page 4.".into(),
        recorded: None,
        front,
        spare: None,
        sections: vec![earth(lang), weather(lang), quality],
        footer: "Times are UTC. Normal: median and standard deviation of the 30 days \
             before.".into(),
        meta: meta(lang),
    }
}

fn earth(lang: Lang) -> Section {
    section(
        "Earth and bikes",
        "The Kurils shook for a day",
        "A main shock at 04:17 UTC and 41 aftershocks.",
        vec![
            world(lang, 300),
            Block::Columns(vec![
                Column::new(6, vec![Block::Map(town(480))]),
                Column::new(
                    6,
                    vec![
                        Block::Bars(ranking(lang)),
                        Block::Note(
                            "Stations without a \
                     bike at 18:40, by the minutes they stayed so."
                                .into(),
                        ),
                    ],
                ),
            ]),
            Block::Paragraph(
                "The strongest was felt in Petropavlovsk. Later versions of these \
                 events will change their magnitudes; this page shows what was \
             known at midnight, and the next edition says what was revised since."
                    .into(),
            ),
        ],
    )
}

fn weather(lang: Lang) -> Section {
    section(
        "Weather",
        "Twelve stations, one scale",
        "",
        vec![Block::Multiples(multiples(lang, 12)), Block::Table(stations(lang, 40))],
    )
}

/// What a first day gives: few sources, recorded.
pub fn plain() -> Report {
    let lang = Lang::En;
    let mut chart = load(lang);
    (chart.comparison, chart.annotation, chart.band) = (None, None, vec![]);
    let mut bikes =
        section("Bikes", "Bay Wheels never ran dry", "", vec![Block::Table(stations(lang, 5))]);
    bikes.run_on = true;
    let quality = section(
        "Data quality",
        "",
        "",
        vec![
            Block::Presence(presence(lang, 2)),
            Block::Balance(balance()),
            Block::Sources(Caption::new("Sources and licences", ""), cards()),
        ],
    );
    Report {
        recorded: Some(
            "This edition replays answers recorded on 18 July 2023, moved to 21 \
             November 2026. Nothing in it is news."
                .into(),
        ),
        headline: "214 earthquakes, none above magnitude\u{a0}5".into(),
        front: vec![Block::Line(chart)],
        sections: vec![bikes, quality],
        ..rich(lang)
    }
}
