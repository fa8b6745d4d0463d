//! Reports of odd data: nothing, one point, equal values, huge, negative and broken numbers, long
//! and foreign names, and far too many of everything.

use super::sample;
use chrono::Duration;
use daybook::domain::format::Lang;
use daybook::domain::report::figure::*;
use daybook::domain::report::quality::*;
use daybook::domain::report::table::*;
use daybook::domain::report::{Block, Caption, Column, Report, Section, Tone};
use daybook::domain::time::Instant;

const LONG: &str = "A name of sixty characters, as some publishers do like them!";
const UNBROKEN: &str =
    "https://example.org/averylongaddresswithoutanyplacetobreakitanywhereatallinit";

fn line(title: &str, values: &[f64]) -> LineChart {
    let load = sample::load(Lang::En);
    LineChart {
        caption: Caption::new(title, "unit"),
        series: vec![Series { label: title.into(), points: sample::points(values) }],
        axis: load.axis,
        ..LineChart::default()
    }
}

fn pairs(charts: Vec<LineChart>) -> Vec<Block> {
    let column = |c: &LineChart| Column::new(6, vec![Block::Line(c.clone())]);
    charts.chunks(2).map(|pair| Block::Columns(pair.iter().map(column).collect())).collect()
}

fn lines() -> Vec<Block> {
    let mut remark = line("Remark at the very end", &[5.0, 6.0, 9.0]);
    remark.annotation = Some(Annotation {
        at: remark.axis.from.after(Duration::minutes(20)),
        value: 9.0,
        title: LONG.into(),
        text: LONG.into(),
    });
    let mut alike = line("Five lines that end together", &[5.0, 6.0]);
    let again = alike.series[0].clone();
    alike.series.extend([again.clone(), again.clone(), again.clone(), again]);
    let mut ends = line("A share with fixed ends", &[-20.0, 130.0, 50.0, -1e99, 1e99, 60.0]);
    ends.scale.bounds = Some((0.0, 100.0));
    pairs(vec![
        line("No data", &[]),
        line("One point", &[7.0]),
        line("All equal", &[3.0; 145]),
        line("All zero", &[0.0; 145]),
        line("Negative", &[-3.5, -9.0, -1.0, -30.0]),
        line("A million millions", &[1e12, 3e12, 2e12]),
        line("Hardly different", &[1e9, 1e9 + 1.0, 1e9 + 3.0]),
        line("Not numbers", &[f64::NAN, f64::INFINITY, 1e300, 4.0, f64::NAN, 5.0, 6.0]),
        line(LONG, &[1e-9, 3e-9]),
        remark,
        alike,
        ends,
    ])
}

fn spark(values: &[Option<f64>]) -> Sparkline {
    let at = |hour| Instant::default().after(Duration::hours(hour));
    let points = values.iter().zip(1..).map(|(value, hour)| Point { at: at(hour), value: *value });
    Sparkline { from: at(0), to: at(24), points: points.collect(), band: None }
}

fn keys() -> Block {
    let figure = |label: &str, value: &str, unit: &str| KeyFigure {
        label: label.into(),
        value: value.into(),
        unit: unit.into(),
        change: Some(Change { text: value.into(), note: LONG.into(), ..Change::default() }),
        spark: spark(&[Some(1.0), None, Some(1.0)]),
        origin: None,
    };
    let mut figures = vec![figure(LONG, "1,000,000,000,000", "kilowatt hours"), figure("", "", "")];
    figures.extend((0..7).map(|k| figure("Number", &k.to_string(), "")));
    figures[3].change = None;
    Block::KeyFigures(figures)
}

fn bars(values: &[f64]) -> Block {
    let bar =
        |v: &f64| Bar { label: LONG.into(), value: *v, text: v.to_string(), ..Bar::default() };
    Block::Bars(Bars {
        caption: Caption::new("Bars", LONG),
        items: values.iter().map(bar).collect(),
        ..Bars::default()
    })
}

fn table() -> Block {
    let names =
        ["東京タワー", "Ærøskøbing \u{1f600}", LONG, UNBROKEN, "", "line\nbreak\ttab", "الرباط"];
    let row = |name: &&str| {
        let mut row = vec![Cell::link(*name, "https://example.org/東京 <a>")];
        row.extend((0..9).map(|_| Cell::text("1,000,000,000,000")));
        row
    };
    let mut columns = vec![TableColumn::left("Name")];
    columns.extend((0..9).map(|_| TableColumn::right(LONG)));
    let mut rows: Vec<Vec<Cell>> = names.iter().map(row).collect();
    rows.push(vec![]);
    Block::Table(Table { caption: Caption::new(LONG, LONG), columns, rows })
}

fn maps() -> Block {
    let place = |lon, lat, label: &str| Place {
        lon,
        lat,
        size: 9,
        tone: Tone::Alert,
        label: Some(label.into()),
        named: false,
        ..Place::default()
    };
    let corners = vec![
        place(180.0, 90.0, "north-east"),
        place(-180.0, -90.0, LONG),
        place(f64::NAN, 0.0, "nowhere"),
        place(720.0, 0.0, "far"),
    ];
    let map = |extent, points| {
        let key = vec![MapKey { size: 9, tone: Tone::Up, label: LONG.into() }; 3];
        Block::Map(Map { caption: Caption::new("Map", ""), extent, points, key })
    };
    let one = vec![place(2.35, 48.86, "Paris")];
    let columns = vec![
        Column::new(4, vec![map(Extent::World, corners)]),
        Column::new(4, vec![map(Extent::Local, one)]),
        Column::new(4, vec![map(Extent::Local, vec![])]),
    ];
    Block::Columns(columns)
}

fn quality() -> Vec<Block> {
    let hours = |count, slots| vec![vec![Slot::OnTime; slots]; count];
    let panel = |columns: Vec<Vec<Slot>>| PresencePanel {
        name: LONG.into(),
        share: "100%".into(),
        ticks: (0..=columns.len()).map(|k| (k, format!("{k} h"))).collect(),
        columns,
        ..PresencePanel::default()
    };
    let panels = vec![panel(hours(25, 60)), panel(hours(23, 1)), panel(vec![])];
    let card = SourceCard {
        name: UNBROKEN.into(),
        homepage: UNBROKEN.into(),
        licence: LONG.repeat(3),
        attribution: LONG.repeat(9),
        period: LONG.into(),
        access: LONG.into(),
        ..SourceCard::default()
    };
    let row = BalanceRow { source: LONG.into(), landed: u64::MAX, ..BalanceRow::default() };
    vec![
        Block::Presence(Presence {
            panels,
            legend: Legend::plain(Lang::En),
            ..Presence::default()
        }),
        Block::Balance(Balance { rows: vec![row], ..Balance::default() }),
        Block::Sources(Caption::default(), vec![card, SourceCard::default()]),
    ]
}

fn section(name: &str, blocks: Vec<Block>) -> Section {
    Section { name: name.into(), blocks, ..Section::default() }
}

pub fn report() -> Report {
    Report {
        publication: LONG.into(),
        edition: LONG.repeat(2),
        headline: LONG.repeat(7),
        standfirst: UNBROKEN.repeat(3),
        recorded: Some(LONG.repeat(4)),
        footer: LONG.repeat(8),
        front: vec![keys(), Block::Columns(vec![]), Block::KeyFigures(vec![])],
        sections: vec![
            section("Lines", lines()),
            section(
                "Bars",
                vec![
                    Block::Columns(vec![
                        Column::new(6, vec![bars(&[])]),
                        Column::new(6, vec![bars(&[f64::NAN, 0.0])]),
                    ]),
                    bars(&[-5.0, 1e12, -1e12, 3.0]),
                    maps(),
                ],
            ),
            section(
                LONG,
                vec![table(), Block::Paragraph(UNBROKEN.repeat(4)), Block::Note("".into())],
            ),
            section("Quality", quality()),
            section("", vec![]),
        ],
        ..Report::default()
    }
}

/// Far too many of everything.
pub fn many() -> Report {
    let lang = Lang::Fr;
    let mut load = sample::load(lang);
    let walk = |k| sample::points(&sample::walk(k, 50.0, 9.0));
    load.series.extend((0..500).map(|k| Series { label: LONG.into(), points: walk(k) }));
    let rows = sample::balance().rows;
    let balance =
        Balance { rows: rows.iter().cycle().take(130).cloned().collect(), ..sample::balance() };
    let cards = sample::cards();
    let blocks = vec![
        Block::Line(load),
        bars(&(0..100).map(f64::from).collect::<Vec<_>>()),
        Block::Multiples(sample::multiples(lang, 50)),
        Block::Table(sample::stations(lang, 200)),
        Block::Presence(sample::presence(lang, 31)),
        Block::Balance(balance),
        Block::Map(sample::town(5000)),
        Block::Sources(
            Caption::new("Sources", ""),
            cards.iter().cycle().take(60).cloned().collect(),
        ),
    ];
    Report {
        lang,
        sections: (0..40).map(|k| section(&format!("Rubrique {k}"), vec![])).collect(),
        front: blocks,
        ..Report::default()
    }
}
