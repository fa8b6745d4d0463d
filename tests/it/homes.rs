//! Two homes over one store, which may feed it for good with different sources: a source has one
//! home unless told otherwise; and when two summarizers do meet, the ledger's numbers fence them: a
//! snapshot that both have counts once.

mod journals;

use crate::crash::scene::{Scene, at};
use crate::damage;
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::served;
use daybook::domain::gate::Gate;
use daybook::domain::name::SourceName;
use daybook::edge::store;
use std::collections::{BTreeMap, BTreeSet};
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
    // Its journals are its own in any case.
    pair.second.run("summarizer", &RUN).exits(1).says("is fed by another home").says("--adopt");
    let untouched = |name: &String| !name.contains("daybook") && !name.contains(".state");
    let mut after = pair.second.files("data");
    after.retain(untouched);
    assert_eq!(after, before.into_iter().filter(untouched).collect::<Vec<_>>());
    pair.second.run("summarizer", &ADOPT).exits(1).says("could not be read");
    pair.first.run("summarizer", &RUN).exits(1).says("is fed by another home");
    pair.first.run("summarizer", &ADOPT).exits(0);
    pair.settled();
}

#[test]
fn a_source_has_one_home_unless_told_sqlite() {
    refused(KINDS[0]);
}

#[test]
fn a_source_has_one_home_unless_told_server() {
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
fn two_summarizers_at_once_count_once_server() {
    fenced(KINDS[1]);
}

/// A home with one source, or a neighbour of one.
fn feeding(home: &Sandbox, source: &str) {
    home.settings("");
    let items = "[samples]\nat = \"[*]\"\nseries = \"id\"";
    home.source(source, &damage::declaration(source, items));
}

/// Lands an answer of a source at some hours of the day.
fn lands(home: &Sandbox, source: &str, hours: &[u32], now: &str) {
    let folder = home.path(&format!("answers-{}/{source}", hours[0]));
    std::fs::create_dir_all(&folder).unwrap();
    for hour in hours {
        let name = format!("{source}_2026-11-24T{hour:02}-05-00Z.json");
        std::fs::write(folder.join(name), format!("[{{\"id\":\"a\",\"v\":{hour}}}]")).unwrap();
    }
    let answers = folder.parent().unwrap().display().to_string();
    let replay = ["--now", now, "run", "--replay", &answers, "--onto", "2026-11-24"];
    home.run("fetcher", &replay).exits(0);
}

const DAYS: [&str; 4] = [
    "2026-11-25T00:10:00Z",
    "2026-11-25T02:10:00Z",
    "2026-11-25T04:10:00Z",
    "2026-11-25T06:10:00Z",
];

fn is_clean(home: &Sandbox, now: &str) {
    home.run("summarizer", &["--now", now, "run"]).exits(0);
    home.run("summarizer", &["--now", now, "audit"]).exits(0).says("the difference is zero");
}

/// The numbers of the journals' entries, by the home they belong to, and day.
fn journal_numbers(home: &Sandbox) -> BTreeMap<(String, String), Vec<u64>> {
    let store = store::reader(home.store(), Gate::open()).unwrap().unwrap();
    let (journals, mut numbers) = (SourceName::journals(), BTreeMap::new());
    for day in store.days(&journals).unwrap() {
        for entry in store.ledger(&journals, day).unwrap() {
            assert_eq!(entry.keeper, entry.home);
            let of: &mut Vec<u64> = numbers.entry((entry.home, day.to_string())).or_default();
            of.push(entry.number);
            of.sort();
        }
    }
    numbers
}

/// Two homes with sources of their own; then one hands a source over to the other.
fn share(kind: Kind) {
    let first = Sandbox::new(kind);
    let second = first.neighbour();
    feeding(&first, "bikes");
    first.source("events", &std::fs::read_to_string(first.path("sources/bikes.toml")).unwrap());
    feeding(&second, "quakes");
    lands(&first, "bikes", &[1, 2], DAYS[0]);
    lands(&first, "events", &[1], DAYS[0]);
    lands(&second, "quakes", &[1], DAYS[0]);
    for now in DAYS {
        for home in [&first, &second] {
            is_clean(home, now);
            home.run("summarizer", &["--now", now, "status"]).exits(0);
        }
    }
    std::fs::rename(first.path("sources/events.toml"), second.path("sources/events.toml")).unwrap();
    lands(&second, "events", &[5], DAYS[3]);
    lands(&first, "bikes", &[5], DAYS[3]);
    let run = ["--now", "2026-11-25T06:20:00Z", "run"];
    second.run("summarizer", &run).exits(1).says("events in").says("is fed by another home");
    second.run("summarizer", &[&run[..], &["--adopt"]].concat()).exits(0);
    for hour in 7..10 {
        let now = format!("2026-11-25T{hour:02}:10:00Z");
        lands(&first, "bikes", &[hour], &now);
        lands(&second, "events", &[hour], &now);
        for home in [&first, &second] {
            is_clean(home, &now);
        }
    }
    // Once more with all journals in: each home has numbers of its own.
    for home in [&first, &second] {
        is_clean(home, "2026-11-25T11:10:00Z");
    }
    let numbers = journal_numbers(&first);
    let homes: BTreeSet<&String> = numbers.keys().map(|(home, _)| home).collect();
    assert_eq!(homes.len(), 2, "{numbers:?}");
    for numbers in numbers.values() {
        assert_eq!(*numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
    let now = "2026-11-26T00:10:00Z";
    first.run("analyzer", &["--now", now, "report", "--date", "2026-11-24"]).exits(0);
}

#[test]
fn two_homes_with_different_sources_share_a_store_for_good_sqlite() {
    share(KINDS[0]);
}

#[test]
fn two_homes_with_different_sources_share_a_store_for_good_server() {
    share(KINDS[1]);
}

/// What landed in another home waits there, as long as that home has not summarised its hour; a
/// third home, which feeds nothing, sees it alike.
#[test]
fn what_waits_in_another_home_is_not_lost_until_its_hour_is_closed() {
    for kind in KINDS {
        let first = Sandbox::new(kind);
        let (second, third) = (first.neighbour(), first.neighbour());
        feeding(&first, "bikes");
        feeding(&second, "quakes");
        third.settings("");
        lands(&first, "bikes", &[1], DAYS[0]);
        lands(&second, "quakes", &[1, 2], DAYS[0]);
        is_clean(&first, DAYS[0]);
        // Only the journals of the second are summarised: its answers are put aside.
        let aside = second.path("aside");
        std::fs::rename(second.path("data/quakes"), &aside).unwrap();
        let source = std::fs::read(second.path("sources/quakes.toml")).unwrap();
        std::fs::remove_file(second.path("sources/quakes.toml")).unwrap();
        second.run("summarizer", &["--now", DAYS[1], "run"]);
        for home in [&first, &third] {
            let ran = home.run("summarizer", &["--now", DAYS[1], "audit"]).exits(0);
            ran.says("quakes: 2 of these wait in another home");
        }
        let ran = second.run("summarizer", &["--now", DAYS[1], "audit"]).exits(1);
        ran.says("lost: quakes_");
        // Counted, all agree; taken away before that, all say so once the hour is closed.
        std::fs::write(second.path("sources/quakes.toml"), source).unwrap();
        std::fs::create_dir(second.path("data/quakes")).unwrap();
        let name = second.files("aside").remove(0);
        std::fs::rename(aside.join(&name), second.path(&format!("data/quakes/{name}"))).unwrap();
        second.run("summarizer", &["--now", DAYS[2], "run"]).exits(0);
        for home in [&first, &second, &third] {
            let ran = home.run("summarizer", &["--now", DAYS[2], "audit"]).exits(1);
            assert_eq!(ran.stdout.matches("lost: quakes_").count(), 1, "{}", ran.about);
        }
    }
}

/// A home of which the answers of a source are not taken may keep them for good: nobody else can
/// look whether it does, so only its own audit says that they are gone.
#[test]
fn what_a_home_that_does_not_feed_a_source_lost_is_told_by_its_own_audit() {
    for kind in KINDS {
        let feeder = Sandbox::new(kind);
        let other = feeder.neighbour();
        feeding(&feeder, "bikes");
        feeding(&other, "bikes");
        lands(&feeder, "bikes", &[1], DAYS[0]);
        is_clean(&feeder, DAYS[0]);
        lands(&other, "bikes", &[2, 3], DAYS[0]);
        other.run("summarizer", &["--now", DAYS[1], "run"]).exits(1).says("is fed by another");
        is_clean(&feeder, DAYS[1]);
        let audit = |home: &Sandbox| home.run("summarizer", &["--now", DAYS[1], "audit"]);
        audit(&other).exits(0).says("the difference is zero");
        audit(&feeder).exits(0).says("bikes: 2 of these wait in another home");
        let name = other.files("data/bikes").remove(0);
        std::fs::remove_file(other.path(&format!("data/bikes/{name}"))).unwrap();
        audit(&other).exits(1).says(&format!("lost: {name}"));
        audit(&feeder).exits(0).says("bikes: 2 of these wait in another home");
    }
}

#[test]
fn a_recount_of_nothing_claims_nothing() {
    for kind in KINDS {
        let pair = Pair::new(kind);
        let empty = pair.first.neighbour();
        empty.settings("");
        let inside = format!("sources/{BIKES}.toml");
        std::fs::create_dir_all(empty.path("sources")).unwrap();
        std::fs::copy(pair.first.path(&inside), empty.path(&inside)).unwrap();
        let day = ["recount", "--now", "2026-11-21T12:10:00Z", "--from", "2026-11-21", "--to"];
        empty.run("summarizer", &[&day[..], &["2026-11-21"]].concat()).exits(0);
        pair.first.run("summarizer", &RUN).exits(1).says("could not be read");
    }
}
