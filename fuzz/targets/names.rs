//! Names: what parses is printed as it was, and nothing that stands in `data/` under any name stops
//! those who look there.
#![no_main]

use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::domain::snapshot::SnapshotId;
use daybook::domain::time::Window;
use daybook::edge::spool::Spool;
use libfuzzer_sys::fuzz_target;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static HOME: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.into() } else { std::env::temp_dir() };
    place.join(format!("daybook-names-{}", std::process::id()))
});

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        reads_back(text);
    }
    let is_name = !input.is_empty() && input.len() < 256 && input != b"." && input != b"..";
    if is_name && !input.contains(&b'/') && !input.contains(&0) {
        stands_in_data(OsStr::from_bytes(input));
    }
});

fn reads_back(text: &str) {
    if let Some(id) = SnapshotId::parse(text) {
        assert_eq!(id.to_string(), text);
        assert!(text.starts_with(&format!("{}_", id.source())), "{text}");
        assert_eq!(Window::of(id.instant()), id.window());
        let _ = id.shift();
    }
    if let Some(source) = SourceName::parse(text) {
        assert_eq!(source.to_string(), text);
    }
    if let Some(hour) = Window::parse(text) {
        assert_eq!(hour.to_string(), text);
    }
}

fn stands_in_data(name: &OsStr) {
    let source = SourceName::parse("model").expect("a name");
    let inside = |folder: &str| HOME.join("data").join(folder).join(name);
    let files = [inside("model"), inside("quarantine/model")];
    let folders = [inside(".batches/model"), inside(".tmp")];
    for file in &files {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, "x").expect("a file");
    }
    for folder in &folders {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(folder.join(name), "x").expect("a file");
    }
    let spool = Spool::new(&HOME, Gate::open());
    let waiting = spool.waiting(&source).expect("what waits");
    let known = name.to_str().and_then(SnapshotId::parse).filter(|id| *id.source() == source);
    assert_eq!(waiting.snapshots, Vec::from_iter(known.clone()));
    for open in spool.open_batches(&source).expect("open batches") {
        let again = spool.open_batch(&source, open.hour, &open.declaration).expect("it is there");
        assert_eq!(again, open);
    }
    for sealed in spool.sealed_batches(&source).expect("sealed batches") {
        let found = format!("{}_{}.sealed", sealed.hour, sealed.batch);
        assert_eq!(name.to_str(), Some(found.as_str()));
    }
    let held = spool.quarantined(&source).expect("the quarantine");
    assert_eq!(held.len(), usize::from(known.is_some()));
    let day = Window::parse("2026-11-22T02").expect("an hour").day();
    let _ = (spool.folders().expect("folders"), spool.held(&source).expect("what is held"));
    let _ = (spool.claims().expect("claims"), spool.copies(&source, day).expect("copies"));
    for gone in files.iter().chain(&folders) {
        let _ = fs::remove_file(gone);
        let _ = fs::remove_dir_all(gone);
    }
}
