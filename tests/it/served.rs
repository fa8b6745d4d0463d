//! What a server gave, kept beside the home under the instants at which it landed: the input of
//! the independent recount.

use crate::recording::{BIKES, QUAKES, STATIONS};
use crate::sandbox::Sandbox;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Per source, the bodies that a server gave.
pub type Given = BTreeMap<&'static str, Vec<Vec<u8>>>;

/// A snapshot in plain sight: its instant as the name spells it, and its bytes.
pub struct Visible {
    pub stamp: String,
    pub bytes: Vec<u8>,
}

/// The snapshots of a source that wait in `data/`, in order.
pub fn visible(home: &Sandbox, source: &str) -> Vec<Visible> {
    let folder = format!("data/{source}");
    let files = home.files(&folder).into_iter();
    files
        .map(|name| Visible {
            stamp: name.split('_').nth(1).unwrap().into(),
            bytes: std::fs::read(home.path(&format!("{folder}/{name}"))).unwrap(),
        })
        .collect()
}

/// Keeps the given bodies of all that is visible now, where other bytes are a failure, and of
/// all that a journal claims. Returns how many are kept by now.
pub fn keep(home: &Sandbox, given: &Given) -> usize {
    for source in [BIKES, STATIONS, QUAKES] {
        for file in visible(home, source) {
            let body = given[source].iter().find(|body| **body == file.bytes);
            let body = body.unwrap_or_else(|| panic!("{source} {}: not as served", file.stamp));
            keep_one(home, source, &file.stamp, body);
        }
    }
    for name in claimed(home) {
        let parts: Vec<&str> = name.split(['_', '.']).collect();
        let (source, body) = given.get_key_value(parts[0]).unwrap();
        let body = body.iter().find(|body| sha256(body).starts_with(parts[3])).unwrap();
        keep_one(home, source, parts[1], body);
    }
    home.files("served").len()
}

/// The names of snapshots in whole lines of journals of runs that have not ended.
fn claimed(home: &Sandbox) -> Vec<String> {
    let journals = home.files("data/.tmp").into_iter().filter(|name| name.contains("/journal"));
    let texts = journals.map(|name| home.path(&format!("data/.tmp/{name}")));
    let text: String = texts.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let names = lines.filter_map(|line| Some(line.get("snapshots")?.as_str()?.to_string()));
    names.collect::<Vec<_>>().iter().flat_map(|names| names.split(' ').map(String::from)).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn keep_one(home: &Sandbox, source: &str, stamp: &str, body: &[u8]) {
    let folder = folder(home).join(source);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{source}_{stamp}.json")), body).unwrap();
}

pub fn folder(home: &Sandbox) -> PathBuf {
    home.path("served")
}
