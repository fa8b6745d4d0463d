//! Reports for tests: a rich one in two languages, a plain one, and one of odd data. Made up,
//! but always the same.

use crate::domain::format::Lang;
use crate::domain::report::figure::*;
use crate::domain::report::quality::*;
use crate::domain::report::table::*;
use crate::domain::report::{Block, Caption, Column, Direction, Meta, Report, Section, Tone};
use crate::domain::time::{Instant, parse_iso};
use chrono::{Duration, NaiveDate};
use chrono_tz::Tz;

/// A walk that is the same each time.
pub struct Dice(u64);

impl Dice {
    /// From 0 to 1.
    pub fn roll(&mut self) -> f64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / 16_777_216.0
    }

    fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.roll()).sum::<f64>() - 3.0
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn start() -> Instant {
    parse_iso("2026-11-21T00:00:00Z").unwrap()
}

fn axis(lang: Lang) -> TimeAxis {
    TimeAxis::civil_day(day(), Tz::UTC, lang).unwrap()
}

/// A day by ten minutes: a low at night, a peak in the evening.
pub fn walk(seed: u64, base: f64, swing: f64) -> Vec<f64> {
    let (mut dice, mut drift) = (Dice(seed), 0.0);
    let at = |i: i32| f64::from(i) / 6.0;
    let value = |i| {
        drift = 0.9 * drift + 0.12 * dice.bell();
        let night = ((at(i) - 4.2) / 24.0 * std::f64::consts::TAU).cos();
        let evening = (-((at(i) - 19.1) / 1.6).powi(2)).exp();
        base + swing * (0.5 * evening - night + drift * 0.35)
    };
    (0..=144).map(value).collect()
}

pub fn points(values: &[f64]) -> Vec<Point> {
    let at = |i: usize| start().after(Duration::minutes(10 * i as i64));
    values.iter().enumerate().map(|(i, v)| Point::new(at(i), *v)).collect()
}

fn series(label: &str, values: &[f64]) -> Series {
    Series { label: label.into(), points: points(values) }
}

fn band(values: &[f64], room: f64) -> Vec<BandPoint> {
    let around = |p: &Point| {
        let value = p.value.unwrap_or(0.0);
        BandPoint { at: p.at, low: value - room, high: value + room }
    };
    points(values).iter().map(around).collect()
}

fn spark(seed: u64) -> Sparkline {
    let values = walk(seed, 10.0, 3.0);
    Sparkline { values: values.iter().copied().map(Some).collect(), band: Some((9.0, 12.0)) }
}

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
    }
}

fn keys(lang: Lang) -> Block {
    Block::KeyFigures(vec![
        key(lang.pick("Bikes in town", "Vélos en ville"), &lang.integer(12486), "", -640., 0, lang),
        key(lang.pick("Empty stations", "Stations vides"), "71", "", 12.0, 0, lang),
        key(lang.pick("Earthquakes", "Séismes"), "214", "", 31.0, 0, lang),
        key(lang.pick("Strongest", "Le plus fort"), &lang.number(6.4, 1), "Mw", 0.3, 1, lang),
        key(lang.pick("Temperature", "Température"), &lang.number(11.8, 1), "°C", 2.1, 1, lang),
        key("EUR/USD", &lang.number(1.1042, 4), "$", 0.0031, 4, lang),
    ])
}

fn changes(lang: Lang) -> Block {
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

fn unusual(lang: Lang) -> Block {
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
    })
}

pub fn load(lang: Lang) -> LineChart {
    let (today, before) = (walk(7, 53.2, 7.5), walk(11, 57.0, 7.5));
    let (place, peak) = (today.iter().enumerate())
        .fold((0, 0.0), |best, (i, v)| if *v > best.1 { (i, *v) } else { best });
    LineChart {
        caption: Caption::new(
            lang.pick("The evening peak fades", "La pointe du soir s’efface"),
            lang.pick(
                "Electricity consumption, GW, every 10 min; band: P10–P90 of 30 days",
                "Consommation d’électricité, GW, pas de 10 min ; bande : P10–P90 sur 30 jours",
            ),
        ),
        axis: axis(lang),
        scale: Scale::default(),
        band: band(&before, 3.4),
        ends: None,
        annotation: Some(Annotation {
            at: start().after(Duration::minutes(place as i64 * 10)),
            value: peak,
            title: lang.quantity(peak, 1, "GW"),
            text: lang.pick("against 66.9 the day before", "contre 66,9 la veille").into(),
        }),
        series: vec![series(lang.pick("Saturday", "Samedi"), &today)],
        comparison: Some(series(lang.pick("Friday", "Vendredi"), &before)),
    }
}

fn quakes(count: usize) -> Vec<Place> {
    let arcs =
        [[-72.0, -45.0, -79.0, -4.0], [-92.0, 14.0, -122.0, 38.0], [-140.0, 59.0, -180.0, 51.0]];
    let more = [[165.0, 54.0, 138.0, 34.0], [141.0, 30.0, 143.0, 12.0], [95.0, 5.0, 130.0, -7.0]];
    let mut dice = Dice(3);
    let mut place = |k: usize| {
        let arc = [arcs, more].concat()[k % 6];
        let t = dice.roll();
        let strong = (-(1.0 - dice.roll() * 0.999).ln() * 0.9) as u8;
        Place {
            lon: arc[0] + (arc[2] - arc[0]) * t + dice.bell() * 1.3,
            lat: arc[1] + (arc[3] - arc[1]) * t + dice.bell(),
            size: strong.min(5),
            tone: if strong > 2 { Tone::Up } else { Tone::Main },
            label: None,
        }
    };
    (0..count).map(&mut place).collect()
}

fn world(lang: Lang, count: usize) -> Block {
    let mut points = vec![Place {
        lon: 153.0,
        lat: 46.0,
        size: 5,
        tone: Tone::Up,
        label: Some(format!("M {} Kurils", lang.number(6.4, 1))),
    }];
    let named = |lon, lat, label: &str| Place {
        lon,
        lat,
        size: 4,
        tone: Tone::Up,
        label: Some(label.into()),
    };
    points.push(named(25.0, 35.2, "M 5.6 Crete"));
    points.push(named(-71.6, -33.0, "M 5.2 Valparaíso"));
    points.extend(quakes(count));
    let key = |size, tone, label: &str| MapKey { size, tone, label: label.into() };
    Block::Map(Map {
        caption: Caption::new(
            lang.count(count as u64, "earthquake", "earthquakes"),
            "Magnitude 2.5 or more in seven days",
        ),
        extent: Extent::World,
        points,
        key: vec![
            key(0, Tone::Main, "2.5"),
            key(1, Tone::Main, "3.5"),
            key(3, Tone::Up, "4.5"),
            key(4, Tone::Up, "5.5"),
            key(5, Tone::Up, "6.5"),
        ],
    })
}

fn strongest(lang: Lang) -> Table {
    let row = |size: f64, place: &str, at: &str| {
        vec![
            Cell::toned(lang.number(size, 1), Tone::Up),
            Cell::text(place),
            Cell::toned(at, Tone::Muted),
        ]
    };
    Table {
        columns: vec![TableColumn::left(""), TableColumn::left(""), TableColumn::right("")],
        rows: vec![
            row(6.4, "Kuril Islands, 35 km", "04:17"),
            row(5.9, "Tonga, 118 km", "11:02"),
            row(5.6, "Crete, Greece, 12 km", "22:51"),
            row(5.4, "Maluku, Indonesia, 60 km", "02:36"),
        ],
        ..Table::default()
    }
}

pub fn town(count: usize) -> Map {
    let mut dice = Dice(17);
    let mut place = |k: usize| {
        let empty = dice.roll() < 0.1;
        Place {
            lon: -122.42 + dice.bell() * 0.03,
            lat: 37.77 + dice.bell() * 0.02,
            size: if empty { 3 } else { 2 },
            tone: if empty { Tone::Up } else { Tone::Main },
            label: (empty && k < 90).then(|| format!("Station {k} at Market Street")),
        }
    };
    Map {
        caption: Caption::new("71 stations stood empty at 18:40", "Stations by bikes available"),
        extent: Extent::Local,
        points: (0..count).map(&mut place).collect(),
        key: vec![
            MapKey { size: 2, tone: Tone::Main, label: "bikes to take".into() },
            MapKey { size: 3, tone: Tone::Up, label: "empty".into() },
        ],
    }
}

pub fn stations(lang: Lang, rows: usize) -> Table {
    let names = [
        "Brest-Guipavas",
        "Paris-Montsouris",
        "Lille-Lesquin",
        "Strasbourg",
        "Lyon-Bron",
        "Bordeaux-Mérignac",
        "Marseille-Marignane",
    ];
    let row = |k: usize| {
        let values = walk(100 + k as u64, 9.0, 3.0);
        let low = values.iter().copied().fold(f64::MAX, f64::min);
        let high = values.iter().copied().fold(f64::MIN, f64::max);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let change = mean - 8.9;
        let tone = if change > 0.0 { Tone::Up } else { Tone::Down };
        vec![
            Cell::text(names[k % names.len()]),
            Cell::Spark(Sparkline {
                values: values.into_iter().map(Some).collect(),
                band: Some((low + 1.5, high - 1.5)),
            }),
            Cell::text(lang.number(low, 1)),
            Cell::strong(lang.number(mean, 1)),
            Cell::text(lang.number(high, 1)),
            Cell::toned(lang.signed(change, 1), tone),
            Cell::text(lang.percent(0.998, 1)),
        ]
    };
    let titles = lang.pick(
        ["Station", "24 h, °C; a scale for each row", "Min.", "Mean", "Max.", "Change", "Received"],
        ["Station", "24 h, °C ; échelle par ligne", "Min.", "Moy.", "Max.", "Veille", "Reçu"],
    );
    let columns = titles.iter().enumerate().map(|(k, title)| match k {
        0 | 1 => TableColumn::left(*title),
        _ => TableColumn::right(*title),
    });
    Table {
        caption: Caption::new(lang.pick("Weather stations", "Stations météo"), ""),
        columns: columns.collect(),
        rows: (0..rows).map(row).collect(),
    }
}

pub fn multiples(lang: Lang, count: usize) -> Multiples {
    let panel = |k: usize| {
        let values = walk(40 + k as u64, 9.0 + (k % 5) as f64, 3.0);
        let before = walk(80 + k as u64, 9.0, 3.0);
        Panel {
            title: format!("Station {}", k + 1),
            note: lang.quantity(values[144], 1, "°C"),
            band: if k.is_multiple_of(2) { band(&before, 1.5) } else { vec![] },
            comparison: points(&before),
            points: points(&values),
            ends: None,
            tone: if k % 5 == 4 { Tone::Up } else { Tone::Main },
        }
    };
    Multiples {
        caption: Caption::new(
            "Warm in the east, cold in the west",
            "°C, every 10 min; pale: Friday",
        ),
        axis: axis(lang),
        scale: Scale::default(),
        across: 3,
        panels: (0..count).map(panel).collect(),
    }
}

pub fn presence(lang: Lang, count: usize) -> Presence {
    let mut dice = Dice(99);
    let mut panel = |k: usize| {
        let per_hour = if k % 4 == 3 { 12 } else { 60 };
        let mut slot = |hour: usize| match dice.roll() {
            _ if k == 2 && !(7..18).contains(&hour) => Slot::NotScheduled,
            r if r < 0.004 => Slot::Missing,
            r if r < 0.01 => Slot::Late,
            _ if k == 1 && hour == 5 => Slot::Missing,
            _ => Slot::OnTime,
        };
        PresencePanel {
            name: ["bikes-baywheels", "earthquakes-usgs", "ecb", "weather"][k % 4].into(),
            share: lang.percent(0.986, 1),
            low: k == 1,
            columns: (0..24).map(|h| (0..per_hour).map(|_| slot(h)).collect()).collect(),
            ticks: [0, 6, 12, 18, 24].map(|h| (h as usize, lang.hour(h))).into(),
        }
    };
    Presence {
        caption: Caption::new(
            lang.pick("Each square is a day", "Chaque carré montre une journée"),
            lang.pick(
                "A column for each hour, from top to bottom its minutes",
                "Une colonne par heure",
            ),
        ),
        legend: Legend::plain(lang),
        panels: (0..count).map(&mut panel).collect(),
    }
}

pub fn balance() -> Balance {
    let row = |source: &str, landed, counted, quarantined| BalanceRow {
        source: source.into(),
        landed,
        counted,
        quarantined,
        ..Default::default()
    };
    Balance {
        caption: Caption::new(
            "One snapshot is unaccounted for",
            "Snapshots of the day by what became of them",
        ),
        rows: vec![
            row("bikes-baywheels", 1440, 1438, 2),
            row("earthquakes-usgs", 1440, 1440, 0),
            row("daybook", 4321, 4320, 0),
        ],
    }
}

pub fn cards() -> Vec<SourceCard> {
    let card = |name: &str, content: &str| SourceCard {
        name: name.into(),
        homepage: "https://earthquake.usgs.gov/é".into(),
        content: content.into(),
        licence: "Public domain (U.S. Government)".into(),
        licence_url: Some("https://www.usgs.gov/copyrights".into()),
        period: "every minute".into(),
        access: "API, no key".into(),
        attribution: "Data courtesy of the U.S. Geological Survey.".into(),
        state: "last success 23:59, 99.8% of 30 days".into(),
    };
    vec![
        card(
            "Earthquakes, last day (USGS)",
            "Every earthquake that the network located, with magnitude, depth and place, and \
                 revised for weeks after.",
        ),
        card("Bay Wheels stations", "Bikes and free docks at each station."),
    ]
}

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
    Section { name, title, standfirst, blocks, footer: None, run_on: false }
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

pub fn ranking(lang: Lang) -> Bars {
    let items = (0..12).map(|k| Bar {
        label: format!("Station {k} at Market Street"),
        value: 90.0 - f64::from(k) * 6.0,
        text: lang.quantity(90.0 - f64::from(k) * 6.0, 0, "min"),
        tone: if k == 0 { Tone::Up } else { Tone::Plain },
    });
    Bars {
        caption: Caption::new("Market Street stays empty longest", "Minutes without a bike"),
        items: items.collect(),
        ..Bars::default()
    }
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
