//! The work whose instructions `scripts/guard.py` counts under valgrind: `kernels NAME` does one
//! of it over an input made of formulas, the part that counts inside of [`measured`].

use chrono::TimeDelta;
use daybook::domain::extract::{Extraction, Plan};
use daybook::domain::fold::{Fold, Part};
use daybook::domain::format::Lang;
use daybook::domain::hash::Digest;
use daybook::domain::hours::Hours;
use daybook::domain::name::SourceName;
use daybook::domain::page::layout;
use daybook::domain::positions::Missing;
use daybook::domain::report::figure::{
    Annotation, Extent, LineChart, Map, Multiples, Panel, Place, Point, Series, TimeAxis,
};
use daybook::domain::report::table::{Cell, Table, TableColumn};
use daybook::domain::report::{Block, Caption, Column, Report, Section};
use daybook::domain::row::{Kept, Row};
use daybook::domain::source::Source;
use daybook::domain::time::{Instant, Window, parse_iso};
use daybook::edge::{config, pdf};
use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;

type Done = Result<(), Box<dyn Error>>;
type Kernel = fn() -> Done;

/// What can be named. `scripts/guard.py` asks for the list.
const KERNELS: [(&str, Kernel); 8] = [
    ("extract-samples", || extract(SAMPLES, stations)),
    ("extract-records", || extract(RECORDS, quakes)),
    ("extract-csv", || extract(CSV, gauges)),
    ("fold", fold),
    ("encode", encode),
    ("merge", merge),
    ("lay-out", lay_out),
    ("print", print),
];

fn main() -> Done {
    // cargo bench adds its own.
    let name = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let known = KERNELS.iter().find(|(known, _)| Some(*known) == name.as_deref());
    match known {
        Some((_, kernel)) => kernel(),
        None => {
            let mut names = String::new();
            KERNELS.iter().try_for_each(|(name, _)| writeln!(names, "{name}"))?;
            std::io::Write::write_all(&mut std::io::stdout(), names.as_bytes())?;
            Ok(())
        }
    }
}

/// Valgrind counts from here to its end, and nothing else.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

const HEAD: &str = r#"title = "Synthetic"
topic = "bench"

[about]
content     = "Synthetic"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = { name = "CC0", url = "https://example.org/", reuse = "free" }
attribution = "nobody"
homepage    = "https://example.org/"

[fetch]
url    = "https://example.org/answer"
every  = "1m"
"#;

const SAMPLES: &str = r#"format = "json"

[samples]
at     = "data.stations[*]"
series = "station_id"

[fields]
bikes = { path = "num_bikes_available", unit = "bike", resolution = 1, trace = "10m" }
docks = { path = "num_docks_available", unit = "dock", resolution = 1 }
level = { path = "level", unit = "m" }
"#;

const RECORDS: &str = r#"format = "json"

[records]
at   = "features[*]"
id   = "id"
time = { path = "properties.time", unit = "ms" }

[fields]
magnitude = { path = "properties.mag" }
depth     = { path = "geometry.coordinates[2]", unit = "km" }
place     = { path = "properties.place", kind = "text" }
"#;

const CSV: &str = r#"format = "csv"

[samples]
at     = "@"
series = "gauge"

[fields]
level = { path = "level", unit = "m", resolution = 0.01 }
flow  = { path = "flow", unit = "m³/s" }
"#;

/// An answer of bikes, some minutes into the hour.
fn stations(minute: u64) -> Result<String, Box<dyn Error>> {
    let mut text = String::from(r#"{"last_updated": 1795000000, "data": {"stations": ["#);
    for k in 0..1450u64 {
        let (comma, id) = (if k == 0 { "" } else { ", " }, 213_688_169 + k);
        let (bikes, level) = ((k * 7 + minute) % 41, (k * minute % 997) as f64 / 100.0);
        write!(
            text,
            r#"{comma}{{"station_id": {id}, "stationCode": "{}", "num_bikes_available": {bikes}, "#,
            10_000 + k
        )?;
        write!(
            text,
            r#""num_docks_available": {}, "level": {level}, "is_renting": 1}}"#,
            41 - bikes
        )?;
    }
    Ok(text + "]}}")
}

fn quakes(minute: u64) -> Result<String, Box<dyn Error>> {
    let mut text = String::from(r#"{"type": "FeatureCollection", "features": ["#);
    for k in minute..minute + 400 {
        let (comma, magnitude) = (if k == minute { "" } else { ", " }, (k % 70) as f64 / 10.0);
        write!(text, r#"{comma}{{"type": "Feature", "id": "us{k}", "properties": {{"#)?;
        write!(text, r#""mag": {magnitude}, "place": "{k} km NW of Région", "tz": null, "#)?;
        write!(text, r#""time": {}, "url": "https://example.org/{k}"}}, "#, 1_795_000_000_000 + k)?;
        write!(text, r#""geometry": {{"coordinates": [{k}.5, -3.25, {}]}}}}"#, k % 300)?;
    }
    Ok(text + "]}")
}

fn gauges(minute: u64) -> Result<String, Box<dyn Error>> {
    let mut text = String::from("gauge,name,level,flow\n");
    for k in 0..1000u64 {
        let level = ((k * 3 + minute) % 500) as f64 / 100.0;
        writeln!(text, "g{k},\"Gauge, {k}\",{level},{}", level * 12.5)?;
    }
    Ok(text)
}

fn source(rest: &str) -> Result<Source, Box<dyn Error>> {
    let name = SourceName::parse("bench").ok_or("no name")?;
    config::source(&name, "bench.toml", &format!("{HEAD}{rest}"))
        .map_err(|faults| format!("{faults:?}").into())
}

fn at(text: &str) -> Result<Instant, Box<dyn Error>> {
    parse_iso(text).ok_or_else(|| text.into())
}

const ANSWERS: u64 = 6;

fn extract(declared: &str, answer: fn(u64) -> Result<String, Box<dyn Error>>) -> Done {
    let plan = Plan::new(&source(declared)?);
    let answers: Vec<String> = (0..ANSWERS).map(answer).collect::<Result<_, _>>()?;
    let mut found = Extraction::default();
    measured(|| {
        for answer in &answers {
            plan.extract(answer.as_bytes(), None, &mut found);
        }
    });
    expect(found.items().len() > 100, "items")
}

/// Whether a kernel did what it should: an empty one is quick.
fn expect(holds: bool, what: &str) -> Done {
    if holds { Ok(()) } else { Err(format!("the kernel made no {what}").into()) }
}

/// What was found in six answers, each a minute after the one before.
fn found(plan: &Plan) -> Result<Vec<(Instant, Extraction)>, Box<dyn Error>> {
    let start = at("2026-11-20T10:00:00Z")?;
    let one = |minute| {
        let mut found = Extraction::default();
        plan.extract(stations(minute)?.as_bytes(), None, &mut found);
        Ok((start.after(TimeDelta::minutes(minute as i64)), found))
    };
    (0..ANSWERS).map(one).collect()
}

fn folded(plan: &Plan, all: &[(Instant, Extraction)]) -> Vec<Row> {
    let mut fold = Fold::new(plan, Window::of(all[0].0));
    for (instant, found) in all {
        let (shift, hash) = (TimeDelta::zero(), Digest::of(b"bench"));
        fold.add(found, Part { instant: *instant, shift, hash, want: &Missing::All });
    }
    fold.finish()
}

fn fold() -> Done {
    let plan = Plan::new(&source(SAMPLES)?);
    let all = found(&plan)?;
    expect(measured(|| folded(&plan, &all)).len() == 1450, "rows")
}

fn rows() -> Result<Vec<Row>, Box<dyn Error>> {
    let plan = Plan::new(&source(SAMPLES)?);
    let all = found(&plan)?;
    Ok(folded(&plan, &all))
}

fn start() -> Result<Window, Box<dyn Error>> {
    Ok(Window::of(at("2026-11-20T10:00:00Z")?))
}

fn encode() -> Done {
    let (rows, hour) = (rows()?, start()?);
    let kept: Vec<Kept> = measured(|| rows.into_iter().map(|row| Kept::of(row, hour)).collect());
    expect(kept.len() == 1450, "rows")
}

/// Six hours that are alike, read back and merged.
fn merge() -> Done {
    let start = start()?;
    let hours: Vec<Window> =
        std::iter::successors(Some(start), |window| Some(window.next())).take(6).collect();
    let rows = rows()?;
    let kept = |hour: &Window| {
        rows.iter().map(|row| Kept::of(row.clone(), start)).map(|kept| (*hour, kept)).collect()
    };
    let kept: Vec<Vec<(Window, Kept)>> = hours.iter().map(kept).collect();
    let merged = measured(|| {
        let mut all = Hours::default();
        for (hour, kept) in kept.iter().flatten() {
            all.enter(*hour, kept.summary(*hour)?);
        }
        let counts = all.own_series().filter_map(|name| Some(all.whole(name, "bikes")?.count));
        Ok::<u64, Box<dyn Error>>(counts.sum())
    });
    expect(merged? == 1450 * 6 * ANSWERS, "whole")
}

fn caption(title: String) -> Caption {
    Caption::new(title, "bikes, mean of 10 minutes")
}

fn points(from: Instant, seed: usize) -> Vec<Point> {
    let value = |k: usize| 300.0 + ((k * (seed + 3)) % 29) as f64 + (k as f64 / 20.0).sin() * 80.0;
    (0..144).map(|k| Point::new(from.after(TimeDelta::minutes(k as i64 * 10)), value(k))).collect()
}

fn line(axis: &TimeAxis, seed: usize) -> Block {
    let points = points(axis.from, seed);
    let top = points
        .iter()
        .max_by(|a, b| a.value.partial_cmp(&b.value).unwrap_or(std::cmp::Ordering::Equal));
    let remark = top.and_then(|top| {
        let (title, text) = ("412 bikes".into(), "highest, 06:10".into());
        Some(Annotation { at: top.at, value: top.value?, title, text })
    });
    Block::Line(LineChart {
        caption: caption(format!("Line {seed} of the day")),
        axis: axis.clone(),
        series: vec![Series { label: String::new(), points }],
        annotation: remark,
        ..LineChart::default()
    })
}

fn multiples(axis: &TimeAxis) -> Block {
    let panel = |k| Panel {
        title: format!("Station {k}"),
        note: "3–41".into(),
        points: points(axis.from, k),
        ..Panel::default()
    };
    let panels = (0..24).map(panel).collect();
    let caption = caption("Those that moved most".into());
    Block::Multiples(Multiples { caption, axis: axis.clone(), panels, ..Multiples::default() })
}

fn map(extent: Extent, wide: f64) -> Block {
    let place = |k: usize| Place {
        lon: 2.3 + wide * ((k * 7919 % 997) as f64 / 997.0 - 0.5),
        lat: 48.8 + wide / 3.0 * ((k * 104_729 % 991) as f64 / 991.0 - 0.5),
        size: (k % 5) as u8,
        label: Some(format!("Place {k}")),
        ..Place::default()
    };
    let points = (0..1450).map(place).collect();
    Block::Map(Map { caption: caption("Where".into()), extent, points, key: vec![] })
}

fn table() -> Block {
    let titles = ["Name", "Least", "Mean"];
    let row = |k: usize| {
        let name = Cell::text(format!("Rue de la République {k}"));
        vec![name, Cell::text(format!("{}", k % 17)), Cell::strong(format!("{}.5", k % 31))]
    };
    Block::Table(Table {
        caption: caption("The lowest".into()),
        columns: titles.iter().map(|title| TableColumn::left(*title)).collect(),
        rows: (0..400).map(row).collect(),
    })
}

fn report() -> Result<Report, Box<dyn Error>> {
    let day = at("2026-11-20T00:00:00Z")?;
    let axis = TimeAxis { from: day, to: day.after(TimeDelta::days(1)), ticks: vec![] };
    let pair = |k: usize| {
        let column = |k| Column::new(6, [line(&axis, k)]);
        Block::Columns(vec![column(2 * k), column(2 * k + 1)])
    };
    let section = |name: &str, blocks| Section {
        name: name.into(),
        title: format!("What {name} did, from midnight to midnight"),
        standfirst: "1,450 series, 144 answers.".into(),
        blocks,
        run_on: true,
        ..Section::default()
    };
    let sections = vec![
        section("lines", (0..8).map(pair).collect()),
        section(
            "places",
            vec![multiples(&axis), map(Extent::Local, 0.3), map(Extent::World, 300.0)],
        ),
        section("rows", vec![table(), line(&axis, 99)]),
    ];
    let headline = "The least of bikes was 3, at 06:10".into();
    let standfirst = "A day with 1,450 stations in town. ".repeat(4);
    Ok(Report { lang: Lang::En, headline, standfirst, sections, ..Report::default() })
}

fn lay_out() -> Done {
    let report = report()?;
    expect(measured(|| layout(&report)).pages.len() > 8, "pages")
}

fn print() -> Done {
    let document = layout(&report()?);
    let bytes = measured(|| pdf::bytes(&document))?;
    expect(bytes.len() > 10_000, "bytes")
}
