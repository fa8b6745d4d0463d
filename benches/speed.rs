//! How fast answers are counted, by their shape: megabytes a second on one core, read (extracted)
//! and read and counted (folded, with the rows at the end). `cargo bench --bench speed [SHAPE]
//! [ROUNDS]`; of all rounds the fastest counts, since others may use the machine.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

use daybook::domain::extract::{Extraction, Plan};
use daybook::domain::fold::{Fold, Part};
use daybook::domain::hash::Digest;
use daybook::domain::name::SourceName;
use daybook::domain::positions::Missing;
use daybook::domain::time::{Window, from_millis};
use daybook::edge::config;
use std::fmt::Write;
use std::time::{Duration, Instant};

const HEAD: &str = r#"title = "Test"
topic = "test"
[about]
content     = "made by the benchmark"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = { name = "none", url = "https://example.org/licence", reuse = "free" }
attribution = "nobody"
homepage    = "https://example.org/"
"#;

const BIKES: &str = "[samples]\nat = \"data.stations[*]\"\nseries = \"station_id\"\n[fields]\n\
bikes = { path = \"num_bikes_available\", resolution = 1 }\n\
docks = { path = \"num_docks_available\", resolution = 1 }\n";

const WEATHER: &str = "[samples]\nat = \"list[*]\"\nseries = \"id\"\n[fields]\n\
temperature = { path = \"main.temp\", resolution = 0.1, trace = \"10m\" }\n\
wind = { path = \"wind.speed\" }\n\
gust = { path = \"wind.gust\", optional = true }\n";

const TEXTS: &str = "[samples]\nat = \"[*]\"\nseries = \"id\"\n[fields]\n\
state = { path = \"state\", kind = \"text\" }\nnote = { path = \"note\", kind = \"text\" }\n";

const QUAKES: &str = "[records]\nat = \"features[*]\"\nid = \"id\"\n\
time = { path = \"properties.time\", unit = \"ms\" }\n\
updated = { path = \"properties.updated\", unit = \"ms\" }\n[fields]\n\
magnitude = { path = \"properties.mag\", optional = true }\n\
place = { path = \"properties.place\", kind = \"text\" }\n\
depth = { path = \"geometry.coordinates[2]\" }\n";

const OPTIONAL: &str = "[samples]\nat = \"[*]\"\nseries = \"id\"\n[fields]\n\
a = { path = \"a\", resolution = 1, optional = true }\n\
b = { path = \"b\", resolution = 1, optional = true }\n\
c = { path = \"c\", resolution = 1 }\n";

const ROWS: &str = "[samples]\nat = \"@\"\nseries = \"id\"\n[fields]\n\
bikes = { path = \"bikes\", resolution = 1 }\ndocks = { path = \"docks\", resolution = 1 }\n";

const TAGS: &str = "[samples]\nat = \"stations.station[*]\"\nseries = \"id\"\n[fields]\n\
bikes = { path = \"bikes\", resolution = 1 }\ndocks = { path = \"docks\", resolution = 1 }\n";

/// A shape of answers: how it is declared, and how one is made.
struct Shape {
    name: &'static str,
    format: &'static str,
    items: &'static str,
    make: fn(&mut Random) -> String,
}

const SHAPES: [Shape; 14] = [
    Shape { name: "flat", format: "json", items: BIKES, make: |r| bikes(r, &station) },
    Shape { name: "pretty", format: "json", items: BIKES, make: |r| pretty(&bikes(r, &station)) },
    Shape { name: "shuffled", format: "json", items: BIKES, make: |r| bikes(r, &shuffled) },
    Shape { name: "lists", format: "json", items: BIKES, make: |r| bikes(r, &with_lists) },
    Shape { name: "floats", format: "json", items: WEATHER, make: weather },
    Shape { name: "optional", format: "json", items: OPTIONAL, make: optional },
    Shape { name: "texts", format: "json", items: TEXTS, make: texts },
    Shape { name: "escapes", format: "json", items: TEXTS, make: |r| escaped(&texts(r)) },
    Shape { name: "records", format: "json", items: QUAKES, make: quakes },
    Shape { name: "rates", format: "json", items: WEATHER, make: rates },
    Shape { name: "strange", format: "json", items: BIKES, make: |r| bikes(r, &strange) },
    Shape { name: "lines", format: "ndjson", items: ROWS, make: lines },
    Shape { name: "csv", format: "csv", items: ROWS, make: csv },
    Shape { name: "xml", format: "xml", items: TAGS, make: xml },
];

/// Numbers without a pattern, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The keys and values of a station of the feed that the hour-summary job reads.
fn station_pairs(r: &mut Random, id: u64) -> Vec<String> {
    let (bikes, docks, electric) = (r.below(40), r.below(40), r.below(9));
    vec![
        format!("\"station_id\": {}", 213_688_169 + id),
        format!("\"stationCode\": \"{}\"", 10_000 + id),
        format!("\"num_bikes_available\": {bikes}"),
        format!("\"numBikesAvailable\": {bikes}"),
        format!(
            "\"num_bikes_available_types\": [{{\"mechanical\": {bikes}}}, {{\"ebike\": {electric}}}]"
        ),
        format!("\"num_docks_available\": {docks}"),
        format!("\"numDocksAvailable\": {docks}"),
        "\"is_installed\": 1".into(),
        "\"is_returning\": 1".into(),
        "\"is_renting\": 1".into(),
        format!("\"last_reported\": {}", 1_795_131_916 + r.below(900)),
    ]
}

fn object(pairs: &[String]) -> String {
    format!("{{{}}}", pairs.join(", "))
}

fn station(r: &mut Random, id: u64) -> String {
    object(&station_pairs(r, id))
}

fn shuffled(r: &mut Random, id: u64) -> String {
    let mut pairs = station_pairs(r, id);
    for at in (1..pairs.len()).rev() {
        pairs.swap(at, r.below(at as u64 + 1) as usize);
    }
    object(&pairs)
}

fn with_lists(r: &mut Random, id: u64) -> String {
    let mut pairs = station_pairs(r, id);
    let list: Vec<String> = (0..r.below(6))
        .map(|n| format!("{{\"type\": \"t{n}\", \"count\": {}}}", r.below(20)))
        .collect();
    pairs[4] = format!("\"vehicle_types_available\": [{}]", list.join(", "));
    object(&pairs)
}

/// Keys that never come back.
fn strange(r: &mut Random, id: u64) -> String {
    let mut pairs = station_pairs(r, id);
    for at in [3, 6, 8] {
        pairs.insert(at, format!("\"x{}\": {}", r.below(1 << 40), r.below(100)));
    }
    object(&pairs)
}

fn bikes(r: &mut Random, one: &dyn Fn(&mut Random, u64) -> String) -> String {
    let all: Vec<String> = (0..1_450).map(|id| one(r, id)).collect();
    let list = all.join(", ");
    format!(
        "{{\"lastUpdatedOther\": 1795132800, \"ttl\": 60, \"data\": {{\"stations\": [{list}]}}}}"
    )
}

fn pretty(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn weather(r: &mut Random) -> String {
    let one = |r: &mut Random, n: u64| {
        let gust = match r.below(3) {
            0 => "null".into(),
            _ => format!("{}.{}", r.below(30), r.below(100)),
        };
        format!(
            "{{\"coord\":{{\"lon\":{}.{:04},\"lat\":48.8}},\"weather\":[{{\"id\":800,\"main\":\
             \"Clear\",\"description\":\"ciel dégagé\"}}],\"main\":{{\"temp\":{}.{},\"feels_like\":7.0,\
             \"pressure\":{},\"humidity\":{}}},\"visibility\":null,\"wind\":{{\"speed\":{}.{:02},\
             \"gust\":{gust}}},\"dt\":1795132800,\"id\":{}}}",
            n % 180,
            r.below(10_000),
            r.below(30),
            r.below(10),
            990 + r.below(40),
            r.below(100),
            r.below(20),
            r.below(100),
            2_988_507 + n,
        )
    };
    let all: Vec<String> = (0..1_500).map(|n| one(r, n)).collect();
    format!("{{\"cnt\":1500,\"list\":[{}]}}", all.join(","))
}

/// A long list of keys that are data, in each item.
fn rates(r: &mut Random) -> String {
    let one = |r: &mut Random, n: u64| {
        let pairs: Vec<String> =
            (0..60).map(|k| format!("\"C{k}\":{}.{:04}", r.below(9), r.below(10_000))).collect();
        format!(
            "{{\"id\":{n},\"rates\":{{{}}},\"main\":{{\"temp\":{}.5}},\"wind\":{{\"speed\":2.25}}}}",
            pairs.join(","),
            r.below(30)
        )
    };
    let all: Vec<String> = (0..400).map(|n| one(r, n)).collect();
    format!("{{\"list\":[{}]}}", all.join(","))
}

fn optional(r: &mut Random) -> String {
    let one = |r: &mut Random, n: u64| {
        let mut pairs = vec![format!("\"id\": \"s-{n}\"")];
        for key in ["a", "remark", "b", "since"] {
            if r.below(2) == 0 {
                pairs.push(format!("\"{key}\": {}", r.below(50)));
            }
        }
        pairs.push(format!(
            "\"c\": {}, \"open\": true, \"at\": \"2026-11-20T10:00:00Z\"",
            r.below(50)
        ));
        object(&pairs)
    };
    let all: Vec<String> = (0..3_000).map(|n| one(r, n)).collect();
    format!("[{}]", all.join(", "))
}

fn texts(r: &mut Random) -> String {
    let one = |r: &mut Random, n: u64| {
        let state = ["open", "closed", "fermé pour travaux", "in repair"][r.below(4) as usize];
        format!(
            "{{\"id\":\"é{n}\",\"state\":\"{state}\",\"note\":\"n° {}, près de la gare\",\
             \"address\":\"{} rue de l'Église, Besançon\",\"more\":\"plain words without an end\"}}",
            r.below(20),
            r.below(200)
        )
    };
    let all: Vec<String> = (0..2_000).map(|n| one(r, n)).collect();
    format!("[{}]", all.join(","))
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => write!(out, "\\u{:04x}", u32::from(c)).unwrap(),
        }
    }
    out
}

fn quakes(r: &mut Random) -> String {
    let one = |r: &mut Random, n: u64| {
        let mag = if r.below(9) == 0 {
            "null".into()
        } else {
            format!("{}.{}", r.below(7), r.below(100))
        };
        let at = 1_795_132_800_000 - 60_000 * n;
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"mag\":{mag},\"place\":\"{} km NW of Somewhere, \
             Région\",\"time\":{at},\"updated\":{at},\"tz\":null,\"url\":\"https://example.invalid/{n}\",\
             \"felt\":null,\"alert\":null,\"status\":\"automatic\",\"tsunami\":0,\"sig\":{},\"net\":\"us\",\
             \"ids\":\",us{n},\",\"types\":\",origin,phase-data,\",\"nst\":{},\"dmin\":0.1,\"rms\":0.4,\
             \"gap\":80,\"magType\":\"ml\",\"title\":\"M\"}},\"geometry\":{{\"type\":\"Point\",\
             \"coordinates\":[{}.{:04},-{}.5,{}.25]}},\"id\":\"us{n}\"}}",
            r.below(200),
            r.below(900),
            r.below(80),
            r.below(180),
            r.below(10_000),
            r.below(80),
            r.below(300),
        )
    };
    let all: Vec<String> = (0..900).map(|n| one(r, n)).collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", all.join(","))
}

fn lines(r: &mut Random) -> String {
    let one = |r: &mut Random, id: u64| {
        let (bikes, docks) = (r.below(40), r.below(40));
        format!("{{\"id\":{id},\"bikes\":{bikes},\"docks\":{docks},\"name\":\"Rue {id}\"}}\n")
    };
    (0..4_000).map(|id| one(r, id)).collect()
}

fn csv(r: &mut Random) -> String {
    let one = |r: &mut Random, id: u64| format!("{id},Rue {id},{},{}\n", r.below(40), r.below(40));
    "id,name,bikes,docks\n".to_string() + &(0..8_000).map(|id| one(r, id)).collect::<String>()
}

fn xml(r: &mut Random) -> String {
    let one = |r: &mut Random, id: u64| {
        let (bikes, docks) = (r.below(40), r.below(40));
        format!(
            "<station><id>{id}</id><name>Rue {id}</name><bikes>{bikes}</bikes><docks>{docks}</docks>\
             </station>\n"
        )
    };
    let all: String = (0..3_000).map(|id| one(r, id)).collect();
    format!("<?xml version=\"1.0\"?><stations>{all}</stations>")
}

/// Answers of one shape in memory, and what reads them.
struct Job {
    plan: Plan,
    answers: Vec<String>,
    hash: Digest,
    window: Window,
}

impl Job {
    fn new(shape: &Shape) -> Job {
        let declared = format!(
            "{HEAD}[fetch]\nurl = \"https://example.org/\"\nevery = \"1m\"\nformat = \"{}\"\n{}",
            shape.format, shape.items
        );
        let name = SourceName::parse(shape.name).unwrap();
        let source = config::source(&name, "declaration", &declared);
        let source = source.unwrap_or_else(|faults| panic!("{}: {faults}", shape.name));
        let mut random = Random(20_261_122);
        let answers = (0..30).map(|_| (shape.make)(&mut random)).collect();
        let window = Window::parse("2026-11-20T10").unwrap();
        Job { plan: Plan::new(&source), answers, hash: Digest::of(b""), window }
    }

    fn bytes(&self) -> usize {
        self.answers.iter().map(String::len).sum()
    }

    fn read(&self, out: &mut Extraction) {
        for answer in &self.answers {
            self.plan.extract(answer.as_bytes(), None, out);
            assert!(out.faults().is_empty(), "{:?}", out.faults().first());
        }
    }

    fn count(&self, out: &mut Extraction) -> usize {
        let mut fold = Fold::new(&self.plan, self.window);
        let start = self.window.start().millis();
        for (place, answer) in self.answers.iter().enumerate() {
            self.plan.extract(answer.as_bytes(), None, out);
            fold.add(
                out,
                Part {
                    instant: from_millis(start + 120_000 * place as i64),
                    shift: chrono::Duration::zero(),
                    hash: self.hash,
                    want: &Missing::All,
                },
            );
        }
        fold.finish().len()
    }
}

/// The least time of several rounds.
fn fastest(rounds: usize, mut work: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..rounds).map(once).min().unwrap_or_default()
}

fn main() {
    let mut wanted = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let (name, rounds) = (wanted.next(), wanted.next().and_then(|n| n.parse().ok()).unwrap_or(9));
    println!("{:<10}{:>8}{:>14}{:>14}", "shape", "MB", "read MB/s", "counted MB/s");
    for shape in SHAPES.iter().filter(|s| name.as_deref().is_none_or(|n| n == "all" || n == s.name))
    {
        let (job, mut out) = (Job::new(shape), Extraction::default());
        let size = job.bytes() as f64 / 1e6;
        let read = size / fastest(rounds, || job.read(&mut out)).as_secs_f64();
        let counted = fastest(rounds, || {
            job.count(&mut out);
        });
        let counted = size / counted.as_secs_f64();
        println!("{:<10}{size:>8.1}{read:>14.0}{counted:>14.0}", shape.name);
    }
}
