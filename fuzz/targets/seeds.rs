//! No target: it writes the seeds of each of them from the project's cases, as
//! `corpus/<target>/<case>`, and ends. It is linked like them, since all code counts for a fuzzer here.
#![no_main]

use daybook_fuzz::{PACKED, cases, source, tree};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::Path;

/// Of snapshots, sources, hours, batches, runs, and what others leave.
const NAMES: [&str; 16] = [
    "model_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json",
    "model_2026-11-22T02-41-00Z_i-48.85-2.35_p2of3_r2023-07-18_a3f9c1_5f0c11ab.csv",
    "model_2026-11-22T02-41-00Z_a3f9c1b2d4e6_5f0c11ab.json",
    "velib_9999-12-31T23-59-59Z_r0001-01-01_a3f9c1_5f0c11ab.xml",
    "model",
    "co2-2026",
    "2026-11-22T02",
    "2026-11-22T02_a3f9c1.open",
    "2026-11-22T02_a3f9c1b2d4e6.open",
    "2026-11-22T02_0123456789abcdef.sealed",
    "fetcher-2026-11-22T02-41-00Z-0011aabb",
    "journal.closed",
    "model_2026-11-22T02-41-00Z_a3f9c1_5f0c11ab.json.reason",
    "declaration.toml.new~",
    ".DS_Store",
    "été\n.json",
];

fn keep(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder of seeds");
    fs::write(folder.join(name), bytes).expect("a seed");
}

fuzz_target!(init: { write(); std::process::exit(0) }, |_bytes| {});

fn write() {
    for (form, target) in [
        ("json", "json_stream"),
        ("json", "json_tree"),
        ("json", "json_both"),
        ("ndjson", "ndjson"),
        ("csv", "csv"),
        ("xml", "xml"),
        ("html", "html"),
        ("json", "redaction"),
    ] {
        let mut number = 0;
        for case in cases(form) {
            let is_read = match target {
                "json_tree" | "json_both" => tree(&case.text).is_some(),
                _ => source(&case.text).is_some(),
            };
            if is_read {
                keep(target, &case.name, &[&[number], case.answer.as_slice()].concat());
                number = number.wrapping_add(1);
            }
            keep("declarations", &case.name, case.text.as_bytes());
            let paths = case.text.lines().filter_map(|line| line.split('"').nth(1));
            paths.enumerate().for_each(|(place, path)| {
                keep("paths", &format!("{}-{place}", case.name), path.as_bytes());
            });
        }
    }
    let packed = PACKED.iter().flat_map(|form| cases(form));
    for (number, case) in (0..=u8::MAX).zip(packed.filter(|case| source(&case.text).is_some())) {
        keep("containers", &case.name, &[&[number], case.answer.as_slice()].concat());
    }
    let coded = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/codings"));
    for path in coded.expect("what others coded").map(|entry| entry.expect("a file").path()) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let coding = if name.ends_with(".br") { 1 } else { 2 };
        keep("codings", name, &[&[coding, 99], fs::read(&path).expect("a file").as_slice()].concat());
    }
    let settings = "contact = \"S@e.org\"\nstore = \"mongodb://me:S@h/d\"\n[fetcher]\npace = \"S\"\n";
    keep("settings", "all", settings.as_bytes());
    keep("reasons", "redirect", b"Zm9v/YmF+cg==http://e.org/v2?k=Zm9v/YmF%2Bcg%3D%3D");
    for (place, name) in NAMES.iter().enumerate() {
        keep("names", &place.to_string(), name.as_bytes());
    }
    let line = |event: &str| format!("{{\"id\":\"fetcher-x/0\",\"event\":{event}}}\n");
    let landed = line(&format!("\"landed\",\"snapshots\":\"{} {}\"", NAMES[0], NAMES[1]));
    for (name, seed) in [
        ("whole", format!("{}{landed}{}", line("\"started\""), line("\"ended\""))),
        ("torn", format!("{landed}{}", &landed[..40])),
        ("garbage", format!("{landed}\0\0\0\n{landed}")),
        ("odd", format!("{}{}", line("7"), line("\"landed\",\"snapshots\":[1]"))),
    ] {
        keep("journals", name, seed.as_bytes());
    }
    for (name, seed) in [
        ("iso", "2026-11-22T02:41:00.123Z"),
        ("offset", "2026-11-22T02:41:00+01:00"),
        ("civil", "22/11/2026 02:41"),
        ("rss", "Sun, 22 Nov 2026 02:41:00 GMT"),
        ("seconds", "1795305600"),
        ("millis", "1795305600123"),
        ("date", "20261122"),
        ("midnight", "2026-11-22T24:00:00"),
        ("duration", "366d"),
        ("stamp", "2026-11-22T02-41-00Z"),
    ] {
        for form in 0..9u8 {
            keep("times", &format!("{name}-{form}"), &[&[form], seed.as_bytes()].concat());
        }
    }
}
