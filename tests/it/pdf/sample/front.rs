//! What stands on the first page of a made-up report.

use super::walk::spark;
use daybook::domain::format::Lang;
use daybook::domain::report::figure::*;
use daybook::domain::report::table::*;
use daybook::domain::report::{Block, Caption, Direction, Tone};

fn key(
    label: &str,
    value: &str,
    unit: &str,
    change: f64,
    decimals: usize,
    lang: Lang,
) -> KeyFigure {
    KeyFigure {
        label: label.into(),
        value: value.into(),
        unit: unit.into(),
        change: Some(Change {
            direction: Direction::of(change, 0.0),
            text: lang.signed(change, decimals),
            note: format!("{unit} {}", lang.pick("in 24\u{a0}h", "en 24\u{a0}h")).trim().into(),
        }),
        spark: spark(label.len() as u64 * 31),
        origin: None,
    }
}

pub fn keys(lang: Lang) -> Block {
    Block::KeyFigures(vec![
        key(lang.pick("Bikes in town", "Vélos en ville"), &lang.integer(12486), "", -640., 0, lang),
        key(lang.pick("Empty stations", "Stations vides"), "71", "", 12.0, 0, lang),
        key(lang.pick("Earthquakes", "Séismes"), "214", "", 31.0, 0, lang),
        key(lang.pick("Strongest", "Le plus fort"), &lang.number(6.4, 1), "Mw", 0.3, 1, lang),
        key(lang.pick("Temperature", "Température"), &lang.number(11.8, 1), "°C", 2.1, 1, lang),
        key("EUR/USD", &lang.number(1.1042, 4), "$", 0.0031, 4, lang),
    ])
}

pub fn changes(lang: Lang) -> Block {
    let row = |direction, name: &str, text: &str, value: &str| ChangeRow {
        direction,
        name: name.into(),
        text: text.into(),
        value: value.into(),
    };
    let rows = vec![
        row(
            Direction::Up,
            "Wind power",
            "9.8 GW on average against 4.7; the most this month",
            "+109%",
        ),
        row(
            Direction::Up,
            "Quake M 6.4",
            "south-east of the Kurils at 04:17 UTC, 35 km deep, followed by 41 aftershocks of M \
                 2.5 or more",
            "41",
        ),
        row(
            Direction::Down,
            "Nuclear",
            "41.3 GW (−3.9), three units in planned outage since midnight",
            "−9%",
        ),
        row(Direction::Level, "Spot price", "28.40 €/MWh, as on the day before", "0%"),
        row(
            Direction::Up,
            "Bikes at docks",
            "lowest at 18:40: 71 stations empty of 1,462, twice the median",
            "×2.0",
        ),
    ];
    let title = lang.pick("What changed since yesterday", "Ce qui a changé depuis hier");
    Block::Changes(Caption::new(title, ""), rows)
}

pub fn unusual(lang: Lang) -> Block {
    let item = |label: &str, value: f64, tone| Bar {
        label: label.into(),
        value,
        text: String::new(),
        tone,
    };
    Block::Bars(Bars {
        caption: Caption::new(
            lang.pick("How unusual is that?", "À quel point est-ce inhabituel ?"),
            lang.pick("Distance from the normal of 30 days, sigmas", "Écart à la normale, sigmas"),
        ),
        style: BarStyle::Lollipop,
        items: vec![
            item("Wind power", 2.9, Tone::Up),
            item("Quakes M ≥ 5", 2.2, Tone::Up),
            item("Temperature", 1.4, Tone::Muted),
            item("PM2.5", 0.6, Tone::Muted),
            item("Exchange rate", 0.3, Tone::Muted),
            item("Consumption", -0.9, Tone::Muted),
            item("Bikes at docks", -1.8, Tone::Muted),
            item("Spot price", -2.4, Tone::Down),
        ],
        usual: Some((-2.0, 2.0)),
        ticks: vec![(-2.0, "−2 σ".into()), (0.0, "0".into()), (2.0, "+2 σ".into())],
        reach: None,
        in_two: false,
    })
}
