//! The recorded payloads, unpacked once per run of the tests, and small ones made from them.

use crate::server::Server;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub const BIKES: &str = "bikes-baywheels";
pub const STATIONS: &str = "bikes-baywheels-stations";
pub const QUAKES: &str = "earthquakes-usgs";

fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(unpack).path()
}

fn unpack() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = crate::sandbox::temporary();
    let python = std::env::var("DAYBOOK_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut command = Command::new(python);
    command.arg(root.join("scripts/unpack_recording.py"));
    command.arg(root.join("demo/recording.tar.xz")).arg(folder.path().join("recording"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// The recorded answers of a source, in order of their instants.
pub fn answers(source: &str) -> Vec<Vec<u8>> {
    let listing = std::fs::read_dir(folder().join("recording").join(source)).unwrap();
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
