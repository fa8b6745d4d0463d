//! Fills a store with months of two made sources, through the doors that the summarizer uses: samples
//! of so many series with a field each minute, and records. What one hour holds is made once, and
//! written anew for each hour. `cargo bench --bench year -- URL HOME FIRST-DAY DAYS SERIES FIELDS
//! RECORDS` prints what it took; the declarations of both sources go into HOME/sources.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use daybook::domain::batch::commit_id;
use daybook::domain::gate::Gate;
use daybook::domain::hash::Digest;
use daybook::domain::ledger::{Entry, Kind};
use daybook::domain::name::SourceName;
use daybook::domain::positions::Missing;
use daybook::domain::quantile::Quantiles;
use daybook::domain::record::{Record, Scalar, Version};
use daybook::domain::row::{Checksum, Kept, Row, Summary};
use daybook::domain::source::Source;
use daybook::domain::stats::{FieldStats, Gathering, Values};
use daybook::domain::time::{Instant, Window, stamp};
use daybook::domain::trace::Trace;
use daybook::edge::config;
use daybook::edge::store::{self, Header, Writer};
use std::path::Path;

const ABOUT: &str = r#"topic = "made"
[about]
content     = "made by the benchmark"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = { name = "none", url = "https://example.org/licence", reuse = "free" }
attribution = "nobody"
homepage    = "https://example.org/"
[fetch]
url    = "https://example.org/"
every  = "1m"
format = "json"
"#;

fn declaration(name: &str, fields: usize) -> String {
    let samples = |field: usize| {
        format!(
            "[fields.f{field}]\npath = \"f{field}\"\nunit = \"bike\"\nresolution = 1\ntrace = \"10m\"\n"
        )
    };
    match name {
        "made-samples" => {
            let fields: String = (0..fields).map(samples).collect();
            let figure = "[[figures]]\nkind = \"line\"\nfield = \"f0\"\n";
            format!(
                "title = \"Samples\"\n{ABOUT}[samples]\nat = \"[*]\"\nseries = \"id\"\n{fields}{figure}"
            )
        }
        _ => format!(
            "title = \"Records\"\n{ABOUT}[records]\nat = \"[*]\"\nid = \"id\"\n\
             time = {{ path = \"t\", unit = \"s\" }}\n[fields.size]\npath = \"size\"\nunit = \"m\"\n\
             [fields.what]\npath = \"what\"\nkind = \"text\"\n\
             [[figures]]\nkind = \"table\"\nfield = \"size\"\n"
        ),
    }
}

/// Sixty values a field, like bikes that come and go; the same numbers at each call.
fn samples(hour: Window, series: usize, fields: usize) -> Vec<Row> {
    let start = hour.start().millis();
    let mut chance = hour.start().timestamp() as u64;
    let mut next = move |below: u64| {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    let field = |place: usize, next: &mut dyn FnMut(u64) -> u64| {
        let mut gathering = Gathering::new(Quantiles::grid(1.0), Some(Trace::new(600)));
        let mut bikes = next(25) as i64;
        for minute in 0..60 {
            bikes = (bikes + [0, 0, 0, 1, -1][next(5) as usize]).clamp(0, 40);
            let ms = minute * 60_000 + 7_000;
            gathering.add(bikes as f64, start + ms, ms);
        }
        let values = Values::Numbers(Box::new(gathering.finish().unwrap()));
        (format!("f{place}"), FieldStats { unit: Some("bike".into()), values })
    };
    let row = |series: usize| {
        let fields = (0..fields).map(|place| field(place, &mut next)).collect();
        Row::Summary(Summary { series: format!("station-{series:05}"), fields })
    };
    (0..series).map(row).collect()
}

fn records(hour: Window, count: usize) -> Vec<Row> {
    let start = hour.start();
    let row = |place: usize| {
        let seen = start.after(chrono::Duration::seconds((place * 11 % 3600) as i64));
        let hash = Digest::of(&(seen.millis() / 600_000).to_be_bytes());
        Row::Record(Record {
            id: format!("{hour}-{place:04}"),
            time: Some(seen),
            version: Version { updated: None, instant: seen, hash },
            first_seen: seen,
            last_seen: seen,
            values: vec![
                ("size".into(), Scalar::Number((place % 97) as f64 / 10.0)),
                ("what".into(), Scalar::Text(["calm", "strong", "weak"][place % 3].into())),
            ],
        })
    };
    (0..count).map(row).collect()
}

/// Commits the rows of one hour, as the summarizer would those of sixty answers.
fn commit(store: &dyn Writer, source: &Source, hour: Window, number: u64, rows: Vec<Row>) {
    let rows: Vec<Kept> = rows.into_iter().map(|row| Kept::of(row, hour)).collect();
    let written = hour.end();
    let batch = Digest::of(format!("{} {hour}", source.name).as_bytes()).short(16);
    let commit = commit_id(&batch, written.millis() as u64);
    let header = Header { source: source.name.clone(), hour, batch, commit, written };
    store.put(&header, &rows).unwrap();
    let digests = rows.iter().map(|row| Checksum::Cells.of(row, hour).unwrap()).collect();
    let short = source.declaration.digest.short(12);
    let id = |minute: i64| {
        let at = stamp(hour.start().after(chrono::Duration::seconds(minute * 60 + 7)));
        format!("{}_{at}_{short}_{:08x}.json", source.name, minute)
    };
    let entry = Entry {
        source: header.source,
        number,
        hour,
        batch: header.batch,
        commit: header.commit,
        kind: Kind::Adds,
        rows: rows.len() as u64,
        checksum: Checksum::Cells.all(digests),
        declaration: source.declaration.digest.hex(),
        numbering: source.numbering(),
        home: String::new(),
        keeper: String::new(),
        snapshots: (0..60).map(|minute| (id(minute), Missing::Nothing)).collect(),
        remarks: Vec::new(),
        barren: Vec::new(),
    };
    assert!(store.append(&entry).unwrap());
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|text| text != "--bench").collect();
    let [url, home, first, numbers @ ..] = &given[..] else { panic!("which store?") };
    let numbers: Vec<usize> = numbers.iter().map(|text| text.parse().unwrap()).collect();
    let [days, series, fields, count] = numbers[..] else { panic!("how much?") };
    let store = store::open(url, Gate::open()).unwrap();
    let first = Window::parse(&format!("{first}T00")).unwrap();
    let end = Window::of(first.start().after(chrono::Duration::days(days as i64)));
    let began = std::time::Instant::now();
    for name in ["made-samples", "made-records"] {
        let name = SourceName::parse(name).unwrap();
        let text = declaration(name.as_str(), fields);
        std::fs::write(Path::new(home).join(format!("sources/{name}.toml")), &text).unwrap();
        let source = config::source(&name, "made", &text).unwrap();
        store.declare(&source.declaration.digest.hex(), &text).unwrap();
        for (place, hour) in Window::between(first.start(), end.start()).enumerate() {
            let rows = match name.as_str() {
                "made-samples" => samples(hour, series, fields),
                _ => records(hour, count),
            };
            if !rows.is_empty() {
                commit(&*store, &source, hour, place as u64 % 24 + 1, rows);
            }
        }
        store.raise(&name, "", Instant::min(end.start(), Instant::MAX)).unwrap();
    }
    println!(
        "{days} days of {series} series with {fields} fields and {count} records an hour: {:.0} s",
        began.elapsed().as_secs_f64()
    );
}
