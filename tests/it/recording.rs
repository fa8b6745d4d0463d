//! The recorded payloads, unpacked once per run of the tests, and small ones made from them.

use crate::sandbox::{Kind, Sandbox};
use crate::server::Server;
use daybook::domain::hash::Digest;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub const BIKES: &str = "bikes-baywheels";
pub const STATIONS: &str = "bikes-baywheels-stations";
pub const QUAKES: &str = "earthquakes-usgs";

/// The day that most tests feed on: tests/fixtures/README.md says of whom.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| unpacked("tests/fixtures/recording.tar.xz"))
}

/// The day of the demonstration.
fn demo() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| unpacked("demo/recording.tar.xz"))
}

/// Beside what cargo builds, under a name that changes with the archive.
fn unpacked(archive: &str) -> PathBuf {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(archive);
    let bytes = std::fs::read(&archive).unwrap();
    let name = format!("recording-{}", Digest::of(&bytes).short(16));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.exists() {
        unpack(&archive, &folder);
    }
    folder
}

fn unpack(archive: &Path, folder: &Path) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/unpack_recording.py");
    let own = folder.with_extension(std::process::id().to_string());
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python).arg(script).arg(archive).arg(&own).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if std::fs::rename(&own, folder).is_err() {
        // Another run of the tests was first.
        std::fs::remove_dir_all(&own).unwrap();
    }
}

/// The recorded answers of a source, in order of their instants.
pub fn answers(source: &str) -> Vec<Vec<u8>> {
    let listing = std::fs::read_dir(folder().join(source)).unwrap();
    let mut paths: Vec<PathBuf> = listing.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// An answer with only the first items of its list.
pub fn cut(source: &str, answer: &[u8], items: usize) -> Value {
    let mut answer: Value = serde_json::from_slice(answer).unwrap();
    list(source, &mut answer).truncate(items);
    answer
}

/// The list of items in an answer.
pub fn list<'a>(source: &str, answer: &'a mut Value) -> &'a mut Vec<Value> {
    let list = if source == QUAKES { "/features" } else { "/data/stations" };
    answer.pointer_mut(list).unwrap().as_array_mut().unwrap()
}

/// The declaration that the project ships, but asking `server` at the path `/<name>`.
pub fn declaration(name: &str, every: &str, server: &Server) -> String {
    let path = format!("{}/sources/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let url = server.url(&format!("/{name}"));
    let line = |line: &str| match line.split_once(' ') {
        Some(("url", _)) => format!("url = \"{url}\"\n"),
        Some(("every", _)) => format!("every = \"{every}\"\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// The day onto which the recorded one is moved, and an instant soon after it.
pub const DAY: &str = "2026-11-21";
pub const DAY_OVER: &str = "2026-11-22T00:15:00Z";

/// All sources of the demonstration.
pub fn recorded_sources() -> Vec<String> {
    let listing = std::fs::read_dir(demo()).unwrap().map(|entry| entry.unwrap().path());
    let folders = listing.filter(|path| path.is_dir());
    let mut names: Vec<String> =
        folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_string()).collect();
    names.sort();
    names
}

/// The recorded day of all sources, as the demonstration has it; and what was served, beside it.
pub fn whole_day(kind: Kind, report: &str) -> Sandbox {
    let home = Sandbox::new(kind);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources");
    let mut copy = Command::new("cp");
    copy.arg("-r").arg(sources.join("lists")).arg(home.path("sources"));
    assert!(copy.status().unwrap().success());
    for source in recorded_sources() {
        let text = std::fs::read_to_string(sources.join(format!("{source}.toml"))).unwrap();
        home.source(&source, &text);
        serve(&home, &source);
    }
    replayed(home, demo(), report)
}

/// Copies the answers of a source under the names that the recount reads.
fn serve(home: &Sandbox, source: &str) {
    let out = crate::served::folder(home).join(source);
    std::fs::create_dir_all(&out).unwrap();
    for entry in std::fs::read_dir(demo().join(source)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (stem, ext) = name.rsplit_once('.').unwrap();
        let rest = stem.strip_prefix(source).unwrap().strip_prefix('_').unwrap();
        let (date, clock) = rest.split_once('T').unwrap();
        let (clock, item) = match clock.split_once("_i-") {
            Some((clock, item)) => (clock, format!("_i-{item}")),
            None => (clock, String::new()),
        };
        let name = format!("{source}_{DAY}T{clock}{item}_r{date}.{ext}");
        std::fs::copy(&path, out.join(name)).unwrap();
    }
}

/// The recorded day, replayed and summarised, with settings for the report.
pub fn recorded_day(kind: Kind, report: &str) -> Sandbox {
    let home = Sandbox::new(kind);
    for source in [BIKES, STATIONS, QUAKES] {
        let from = format!("{}/sources/{source}.toml", env!("CARGO_MANIFEST_DIR"));
        home.source(source, &std::fs::read_to_string(from).unwrap());
    }
    replayed(home, folder(), report)
}

/// With settings for the report: a recording of its sources, replayed and summarised.
fn replayed(home: Sandbox, recording: &Path, report: &str) -> Sandbox {
    home.settings(&format!("[report]\n{report}\n"));
    let recording = recording.to_str().unwrap();
    let replay = ["--now", DAY_OVER, "run", "--replay", recording, "--onto", DAY];
    home.run("fetcher", &replay).exits(0);
    home.run("summarizer", &["--now", DAY_OVER, "run"]).exits(0);
    home
}
