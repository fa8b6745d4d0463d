//! Forgetting: all of a source goes, from each place; what turns up of before does not count.

use super::{ARCHIVE, settled, summarizer};
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox};
use crate::splits::seen;
use std::collections::BTreeMap;
use std::fs;

/// A home with something of bikes in each place, and what remains served of the others.
pub fn everywhere(scene: &Scene, kind: Kind) -> Sandbox {
    let home = scene.home.copy(kind);
    home.settings(ARCHIVE);
    home.run("summarizer", &["--now", &at("11:10")]).exits(1);
    fs::write(home.path(&format!("data/.state/aged_{BIKES}")), "keep 40d\n").unwrap();
    home
}

/// The recount knows only what was not forgotten.
pub fn not_served(home: &Sandbox) {
    fs::remove_dir_all(home.path(&format!("served/{BIKES}"))).unwrap();
}

/// No file of bikes is left, but for the texts and what the fetcher knows of its slots.
pub fn nothing_left(home: &Sandbox) {
    let own = [format!("{BIKES}_"), format!("aged_{BIKES}")];
    let is_own = |path: &String| own.iter().any(|own| path.contains(own));
    let left = home.files("").into_iter().filter(is_own);
    let left: Vec<String> =
        left.filter(|p| !p.contains(".lock") && !p.starts_with("served")).collect();
    assert_eq!(left, [""; 0]);
    assert!(!home.path(&format!("archive/{BIKES}")).exists());
}

fn forgotten(kind: Kind) {
    let scene = Scene::before_summary();
    let home = everywhere(&scene, kind);
    let late = home.files(&format!("archive/{BIKES}/2026/11/21")).remove(0);
    let kept = fs::read(home.path(&format!("archive/{BIKES}/2026/11/21/{late}"))).unwrap();
    let quakes = seen(&home, QUAKES);
    let before = home.files("");
    let shown = summarizer(&home, "12:20", &["forget", BIKES]).exits(0);
    let shown = shown.says("nothing was removed").says("--yes").says("2 files in data/");
    shown.says("1 in quarantine").says("2 in the archive").says("by 1 entry of 1 day");
    let lock = |path: &String| path.contains(".lock") || path.starts_with("daybook.sqlite");
    let files = |all: Vec<String>| all.into_iter().filter(|p| !lock(p)).collect::<Vec<_>>();
    assert_eq!(files(home.files("")), files(before));
    let done = summarizer(&home, "12:20", &["forget", BIKES, "--yes"]).exits(0);
    done.says("all of it is removed").says("is still declared");
    nothing_left(&home);
    assert_eq!(seen(&home, QUAKES), quakes);
    assert!(seen(&home, BIKES).is_empty());
    // One turns up, from a backup.
    fs::create_dir_all(home.path(&format!("data/{BIKES}"))).unwrap();
    fs::write(home.path(&format!("data/{BIKES}/{late}")), kept).unwrap();
    summarizer(&home, "12:30", &["run"]).exits(1);
    let folder = format!("data/quarantine/{BIKES}");
    assert_eq!(home.files(&folder), [late.clone(), format!("{late}.reason")]);
    let reason = fs::read_to_string(home.path(&format!("{folder}/{late}.reason"))).unwrap();
    assert!(reason.contains("was forgotten through 2026-11-21 12:20:00 UTC"), "{reason}");
    let says = "was forgotten through";
    summarizer(&home, "12:40", &["replay"]).exits(0).says("left alone").says(says);
    let day = ["recount", BIKES, "--from", "2026-11-21", "--to", "2026-11-21"];
    summarizer(&home, "12:40", &day).exits(0).says("of before the source was forgotten");
    assert!(seen(&home, BIKES).is_empty());
    // What comes later counts.
    home.run("fetcher", &["--now", &at("12:41")]).exits(0);
    summarizer(&home, "13:10", &["run"]).exits(0);
    assert!(!seen(&home, BIKES).is_empty());
    summarizer(&home, "13:20", &["forget", BIKES, "--yes"]).exits(0);
    nothing_left(&home);
}

#[test]
fn all_of_a_source_goes_sqlite() {
    forgotten(KINDS[0]);
}

#[test]
fn all_of_a_source_goes_server() {
    forgotten(KINDS[1]);
}

#[test]
fn the_others_are_as_they_were() {
    let scene = Scene::before_summary();
    let home = everywhere(&scene, Kind::Sqlite);
    summarizer(&home, "12:20", &["forget", BIKES, "--yes"]).exits(0);
    not_served(&home);
    let mut scene = scene;
    scene.unreadable.clear();
    settled(&home, &scene, &mut Recount::start());
    summarizer(&home, "14:20", &["forget", "daybook", "--yes"]).exits(2).says("cannot be");
    summarizer(&home, "14:20", &["forget", "a b"]).exits(2).says("is no source's name");
    summarizer(&home, "14:20", &["forget", "nobody"]).exits(0).says("0 files in data/nobody/");
}

/// Answers of bikes below a folder, by their names.
fn answers(home: &Sandbox, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &String| path.rsplit('/').next().unwrap().to_string();
    let files = home.files(folder).into_iter().filter(|path| !path.ends_with(".reason"));
    let read = |path: &String| fs::read(home.path(&format!("{folder}/{path}"))).unwrap();
    files.map(|path| (name(&path), read(&path))).collect()
}

const PLACES: [&str; 3] = ["data", "data/quarantine", "archive"];

fn places() -> [String; 3] {
    PLACES.map(|place| format!("{place}/{BIKES}"))
}

/// Alone, and in one batch with an answer of after the forgetting.
fn comes_back(kind: Kind) {
    let scene = Scene::before_summary();
    let home = everywhere(&scene, kind);
    home.run("fetcher", &["--now", &at("12:05")]).exits(0);
    let all: BTreeMap<_, _> = places().iter().flat_map(|place| answers(&home, place)).collect();
    assert!(all.keys().any(|name| name.contains("T12-05-00Z")) && all.len() >= 4);
    summarizer(&home, "12:20", &["forget", BIKES, "--yes"]).exits(0);
    home.run("fetcher", &["--now", &at("12:41")]).exits(0);
    let [waiting, quarantine, archive] = places();
    for (name, bytes) in &all {
        fs::write(home.path(&format!("{waiting}/{name}")), bytes).unwrap();
    }
    summarizer(&home, "13:10", &["run"]).exits(1);
    let archived: Vec<String> = answers(&home, &archive).into_keys().collect();
    assert!(archived.len() == 1 && archived[0].contains("T12-41-00Z"), "{archived:?}");
    assert!(answers(&home, &quarantine) == all);
    // Neither does a replay or a recount bring it there.
    summarizer(&home, "13:20", &["replay"]);
    let day = ["recount", BIKES, "--from", "2026-11-21", "--to", "2026-11-21"];
    summarizer(&home, "13:30", &day);
    assert_eq!(answers(&home, &archive).into_keys().collect::<Vec<_>>(), archived);
    summarizer(&home, "13:40", &["forget", BIKES, "--yes"]).exits(0);
    nothing_left(&home);
}

#[test]
fn what_comes_back_is_not_archived_again_sqlite() {
    comes_back(KINDS[0]);
}

#[test]
fn what_comes_back_is_not_archived_again_server() {
    comes_back(KINDS[1]);
}

/// Killed once the store has forgotten: what was sealed or waits in `data/` is not archived by
/// the runs until it is forgotten once more.
#[test]
fn what_a_killed_forgetting_left_is_not_archived() {
    let scene = Scene::before_summary();
    // One batch is sealed and not committed, others wait.
    let first = scene.home.copy(Kind::Sqlite);
    first.settings(ARCHIVE);
    first.run_hooked("summarizer", &["--now", &at("11:10")], "slay:bikes").was_killed();
    assert!(!answers(&first, &format!("data/.batches/{BIKES}")).is_empty());
    let forget = ["forget", BIKES, "--yes", "--now", "2026-11-21T12:20:00Z"];
    let list = first.path("list");
    let copy = first.copy(Kind::Sqlite);
    copy.run_hooked("summarizer", &forget, &format!("list:{}", list.display())).exits(0);
    let steps = fs::read_to_string(&list).unwrap();
    // What the store does of it comes first, but for its last look for rows.
    let after = steps.lines().skip_while(|step| !step.starts_with("store.forget")).count();
    let after = steps.lines().count() - after;
    let removals = steps.lines().zip(1..).skip(after);
    let removals = removals.filter(|(step, _)| step.starts_with("disk.unlink"));
    let removals: Vec<usize> = removals.map(|(_, number)| number).collect();
    assert!(removals.len() >= 4, "{steps}");
    for step in removals {
        let home = first.copy(Kind::Sqlite);
        home.run_hooked("summarizer", &forget, &format!("kill:{step}")).was_killed();
        home.run("summarizer", &["run", "--all", "--now", &at("12:30")]);
        assert!(answers(&home, &format!("archive/{BIKES}")).is_empty(), "step {step}");
        home.run("summarizer", &["forget", BIKES, "--yes", "--now", &at("12:40")]).exits(0);
        nothing_left(&home);
    }
}
