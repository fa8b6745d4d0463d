//! Something else in the place of a file in which the programs remember something: a pipe, a
//! folder, a device, a file that is said to be larger than any disk. No run waits for it or reads
//! it without end; what it held is as if it were not there, or an error names it.

use super::{Bench, CLOSED, FETCH};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

type Shape = (&'static str, fn(&Path));

const SHAPES: [Shape; 6] = [
    ("pipe", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
    ("folder", |path| fs::create_dir(path).unwrap()),
    ("device", |path| symlink("/dev/zero", path).unwrap()),
    ("huge", |path| File::create(path).unwrap().set_len(1 << 40).unwrap()),
    ("nested", |path| fs::write(path, "[".repeat(100_000)).unwrap()),
    ("dangling", |path| symlink("/nowhere/at/all", path).unwrap()),
];

/// Puts each shape in the place of a file of a home that has run, and runs all again; gives the
/// exit code and the words of the fetcher for each shape.
fn after(file: impl Fn(&Bench) -> String) -> Vec<(&'static str, i32, String)> {
    let one = |(name, make): Shape| {
        let bench = Bench::new();
        bench.fetch(FETCH).exits(0);
        let path = bench.home.path(&file(&bench));
        let _ = fs::remove_file(&path);
        make(&path);
        let ran = bench.fetch("2026-11-21T10:01:00Z");
        let (code, words) = (ran.code.unwrap_or(-1), ran.about.clone());
        bench.summarize(CLOSED);
        bench.home.run("summarizer", &["--now", CLOSED, "status"]);
        (name, code, words)
    };
    SHAPES.map(one).into()
}

#[test]
fn what_cannot_be_read_of_the_schedule_is_as_none() {
    for (shape, code, words) in after(|_| "data/.state/fetch.json".into()) {
        match shape {
            "folder" => assert!(words.contains("hint: something else stands"), "{words}"),
            _ => assert_eq!(code, 0, "{shape}: {words}"),
        }
    }
    for (shape, code, words) in after(|_| "data/.state/fetch.log".into()) {
        let is_told = words.contains("fetch.log");
        assert!(code == 0 || is_told, "{shape}: {words}");
    }
}

#[test]
fn what_is_no_copy_of_the_last_answer_is_as_none() {
    for last in ["data/.state/last/good.json", "data/.state/last/good.body"] {
        for (shape, code, words) in after(|_| last.into()) {
            assert!(code == 0 || words.contains("good"), "{last}, {shape}: {words}");
        }
    }
}

#[test]
fn what_stands_for_the_marks_a_lock_or_a_declaration_is_named() {
    let declaration = |bench: &Bench| {
        let name = bench.home.files("data/good").remove(0);
        format!("data/.state/declarations/{}.toml", name.split('_').nth(2).unwrap())
    };
    let all = [
        ("home.json", after(|_| "data/.state/home.json".into())),
        ("fetcher.lock", after(|_| "data/.state/locks/fetcher.lock".into())),
        (".toml", after(declaration)),
    ];
    for (name, shapes) in all {
        for (shape, code, words) in shapes {
            assert!(code == 0 || words.contains(name), "{name}, {shape}: {words}");
            let asked = code != 0 || name == "fetcher.lock";
            assert!(asked || shape == "dangling", "{name}, {shape}: {words}");
        }
    }
}

/// In the place of a temporary file: no run waits for a pipe, or fails, while a name is free.
#[test]
fn what_stands_for_a_temporary_file_is_passed_over() {
    for (shape, code, words) in after(|_| "data/.state/fetch.json.new~".into()) {
        assert_eq!(code, 0, "{shape}: {words}");
    }
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let (link, kept) = (bench.home.path("data/.state/fetch.json.new~"), bench.home.path("kept"));
    fs::write(&kept, "mine").unwrap();
    symlink(&kept, link).unwrap();
    bench.fetch("2026-11-21T10:01:00Z").exits(0).is_silent();
    assert_eq!(fs::read_to_string(kept).unwrap(), "mine");
}

/// A lock that is a link to a file is a lock: held by one at a time, and let go by death.
#[test]
fn a_lock_that_is_a_link_is_held_by_one() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let (lock, kept) = (bench.home.path("data/.state/locks/fetcher.lock"), bench.home.path("lock"));
    fs::rename(&lock, &kept).unwrap();
    symlink(&kept, &lock).unwrap();
    let held = File::open(&kept).unwrap();
    held.lock().unwrap();
    bench.fetch("2026-11-21T10:01:00Z").exits(0);
    assert_eq!(bench.home.files("data/good").len(), 1, "another has the lock");
    drop(held);
    bench.fetch("2026-11-21T10:02:00Z").exits(0).is_silent();
    assert_eq!(bench.home.files("data/good").len(), 2);
}
