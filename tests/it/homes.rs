//! Two homes over one store: a source has one home unless told otherwise; and when two
//! summarizers do meet, the ledger's numbers fence them: a snapshot that both have counts once.

use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::served;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

/// A home with eight snapshots, and another one over its store: it fetched one of its own, and
/// has copies of all that the first one landed in its first hour.
struct Pair {
    scene: Scene,
    first: Sandbox,
    second: Sandbox,
}

impl Pair {
    fn new(kind: Kind) -> Pair {
        let scene = Scene::before_summary();
        let first = scene.home.copy(kind);
        let second = first.neighbour();
        second.settings("");
        for source in [BIKES, QUAKES] {
            let inside = format!("sources/{source}.toml");
            std::fs::copy(first.path(&inside), second.path(&inside)).unwrap();
        }
        // The server repeats its last answers.
        second.run("fetcher", &["--now", &at("10:35")]).exits(0);
        served::keep(&second, &scene.given);
        for source in [BIKES, QUAKES] {
            copy_files(&second.path("served"), &first.path("served"), source, "");
            copy_files(&first.path("data"), &second.path("data"), source, "T10-");
        }
        Pair { scene, first, second }
    }

    fn settled(&self) {
        let served = served::folder(&self.first);
        let unreadable = &self.scene.unreadable;
        let found = Recount::start().differences(&served, self.first.store(), unreadable);
        assert_eq!(found, [""; 0]);
        for home in [&self.first, &self.second] {
            home.run("summarizer", &["--now", &at("13:00"), "audit"]).exits(0);
            assert_eq!(home.files("data/.batches"), [""; 0]);
            assert_eq!(served::visible(home, BIKES).len(), 0);
        }
    }
}

fn copy_files(from: &Path, to: &Path, source: &str, which: &str) {
    for entry in std::fs::read_dir(from.join(source)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains(which) {
            std::fs::copy(&path, to.join(source).join(name)).unwrap();
        }
    }
}

const RUN: [&str; 3] = ["run", "--now", "2026-11-21T12:10:00Z"];
const ADOPT: [&str; 4] = ["run", "--now", "2026-11-21T12:10:00Z", "--adopt"];

fn refused(kind: Kind) {
    let pair = Pair::new(kind);
    let before = pair.second.files("data");
    pair.first.run("summarizer", &RUN).exits(1);
    pair.second.run("summarizer", &RUN).exits(2).says("is fed by another home").says("--adopt");
    let untouched = |name: &String| !name.contains("daybook") && !name.contains(".state");
    let mut after = pair.second.files("data");
    after.retain(untouched);
    assert_eq!(after, before.into_iter().filter(untouched).collect::<Vec<_>>());
    pair.second.run("summarizer", &ADOPT).exits(1).says("could not be read");
    pair.first.run("summarizer", &RUN).exits(2).says("is fed by another home");
    pair.first.run("summarizer", &ADOPT).exits(0);
    pair.settled();
}

#[test]
fn a_source_has_one_home_unless_told_sqlite() {
    refused(KINDS[0]);
}

#[test]
fn a_source_has_one_home_unless_told_mongodb() {
    refused(KINDS[1]);
}

/// Starts a run that stops before its first entry, with its rows written, until let go.
fn held(home: &Sandbox, step: usize) -> Child {
    let hook = format!("hold:{step}:{}", home.path("go").display());
    let mut command = home.command("summarizer", &RUN);
    command.env("DAYBOOK_STEP", hook).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let started = Instant::now();
    while !home.path("go.held").exists() {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came to step {step}");
        std::thread::yield_now();
    }
    child
}

fn let_go(home: &Sandbox, child: Child) -> Output {
    std::fs::write(home.path("go"), "").unwrap();
    child.wait_with_output().unwrap()
}

/// The number of the first step of this name in a run of a copy of the home.
fn step(home: &Sandbox, kind: Kind, name: &str) -> usize {
    let copy = home.copy(kind);
    let list = copy.path("steps");
    copy.run_hooked("summarizer", &RUN, &format!("list:{}", list.display()));
    let steps = std::fs::read_to_string(list).unwrap();
    steps.lines().position(|step| step == name).unwrap() + 1
}

/// The second home commits while the first stands before its entry: the number is taken, and
/// the first counts again what is left.
fn fenced(kind: Kind) {
    let pair = Pair::new(kind);
    let child = held(&pair.first, step(&pair.first, kind, "store.append"));
    pair.second.run("summarizer", &ADOPT).exits(1).says("could not be read");
    let output = let_go(&pair.first, child);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=2)), "{said}");
    pair.first.run("summarizer", &ADOPT);
    pair.second.run("summarizer", &ADOPT);
    pair.settled();
}

#[test]
fn two_summarizers_at_once_count_once_sqlite() {
    fenced(KINDS[0]);
}

#[test]
fn two_summarizers_at_once_count_once_mongodb() {
    fenced(KINDS[1]);
}
