//! Made-up charts, maps and tables, each in one language and of a given size.

use super::walk::{Dice, axis, band, over_the_day, points, series, start, walk};
use chrono::Duration;
use daybook::domain::format::Lang;
use daybook::domain::report::figure::*;
use daybook::domain::report::quality::*;
use daybook::domain::report::table::*;
use daybook::domain::report::{Block, Caption, Tone};

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
            named: false,
            ..Place::default()
        }
    };
    (0..count).map(&mut place).collect()
}

pub fn world(lang: Lang, count: usize) -> Block {
    let mut points = vec![Place {
        lon: 153.0,
        lat: 46.0,
        size: 5,
        tone: Tone::Up,
        label: Some(format!("M {} Kurils", lang.number(6.4, 1))),
        named: true,
        ..Place::default()
    }];
    let named = |lon, lat, label: &str| Place {
        lon,
        lat,
        size: 4,
        tone: Tone::Up,
        label: Some(label.into()),
        named: false,
        ..Place::default()
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

pub fn strongest(lang: Lang) -> Table {
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
            named: false,
            ..Place::default()
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
            Cell::Spark(over_the_day(&values, (low + 1.5, high - 1.5))),
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
            key: String::new(),
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
