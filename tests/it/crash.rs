//! Deaths and failures at every step of landing, gathering, sealing, committing and emptying,
//! by a hook at the gate, never by sleeping; a new process goes on. Afterwards the store equals
//! the independent recount, the spool is empty and the audit is clean.

mod attempts;
pub mod cases;
pub mod scene;

use crate::recording::{BIKES, QUAKES, STATIONS};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::served;
use cases::{Dice, check_all, check_seeds, each};
use scene::{Scene, at};
use std::ops::Range;

/// What happens at each step, each in a case of its own.
#[derive(Clone, Copy)]
enum Act {
    /// SIGKILL before and after whatever changes something.
    Kill,
    /// That fails, or its answer is lost.
    Fail,
    /// What only looks fails.
    Blind,
}

/// Hooks for all steps of a run that nothing disturbs.
fn hooks(scene: &Scene, kind: Kind, program: &str, now: &str, act: Act) -> Vec<String> {
    let home = scene.home.copy(kind);
    let path = home.path("steps");
    let (name, list) = match act {
        Act::Kill => ("kill", "list"),
        Act::Fail => ("fail", "list"),
        Act::Blind => ("blind", "looks"),
    };
    let hook = format!("{list}:{}", path.display());
    is_fine(&home.run_hooked(program, &["--now", &at(now)], &hook));
    let steps = std::fs::read_to_string(path).unwrap();
    // A failing disk is the same beside either store.
    let apart = matches!((act, kind), (Act::Fail, Kind::Server));
    let steps = steps.lines().zip(1..).filter(|(step, _)| !apart || step.starts_with("store."));
    let hooks = steps.map(|(_, number)| format!("{name}:{number}")).collect();
    let many = match (kind, act) {
        (Kind::Server, _) => 5,
        (Kind::Sqlite, Act::Blind) => 2,
        (Kind::Sqlite, _) => 1,
    };
    each(many, hooks)
}

/// Hooks for a fetch. How many answers land as one group is a matter of when they come, and so is
/// the number of steps: the longest of some runs counts.
fn fetcher_hooks(scene: &Scene, kind: Kind, act: Act) -> Vec<String> {
    let some = (0..3).map(|_| hooks(scene, kind, "fetcher", "10:25", act));
    some.max_by_key(Vec::len).unwrap()
}

/// Nothing went wrong, but for items that are unreadable on purpose.
pub fn is_fine(ran: &Ran) {
    let known = ["hint: data/q", "since ", "This is told once"];
    let known = |line: &str| known.iter().any(|known| line.starts_with(known));
    let said = |line: &str| line.contains("could not be read") || known(line);
    assert!(matches!(ran.code, Some(0..=1)) && ran.stderr.lines().all(said), "{}", ran.about);
}

/// A hooked run ends as its hook says. A failure may be got over; a panic never is.
fn hooked(home: &Sandbox, program: &str, now: &str, hook: &str) {
    let ran: Ran = home.run_hooked(program, &["--now", &at(now)], hook);
    if hook.starts_with("kill") {
        ran.was_killed();
    } else {
        assert!(matches!(ran.code, Some(0..=2)), "{}", ran.about);
        assert_eq!(ran.code == Some(0), ran.stderr.is_empty(), "{}", ran.about);
    }
}

/// As the one before, when it is not known whether the run gets to that step.
fn perhaps_hooked(home: &Sandbox, program: &str, now: &str, hook: &str) {
    let ran = home.run_hooked(program, &["--now", &at(now)], hook);
    if ran.code.is_some() {
        is_fine(&ran);
    }
}

fn audit(home: &Sandbox, now: &str) {
    home.run("summarizer", &["--now", &at(now), "audit"]).exits(0);
}

/// As the one before, when it is not known whether a run came as far as making the store: a
/// server's store that is named and not there is told.
fn audit_if_made(home: &Sandbox, now: &str) {
    let ran = home.run("summarizer", &["--now", &at(now), "audit"]);
    let is_made = !ran.stderr.starts_with("there is no store at ");
    ran.exits(if is_made { 0 } else { 2 });
}

/// The end: all is counted once, or in quarantine, and nothing is left anywhere.
pub fn settled(home: &Sandbox, scene: &Scene, recount: &mut Recount) {
    settled_without(home, &scene.unreadable, recount);
}

/// As the one before, where nothing of these is counted.
fn settled_without(home: &Sandbox, unreadable: &[&str], recount: &mut Recount) {
    audit(home, "13:00");
    let served = served::folder(home);
    let found = recount.last_differences(&served, home.store(), unreadable);
    assert_eq!(found, [""; 0], "{}", home.files("").join("\n"));
    for source in [BIKES, QUAKES, STATIONS] {
        assert_eq!(home.files(&format!("data/{source}")), [""; 0]);
    }
    assert_eq!(home.files("data/.batches"), [""; 0]);
    assert_eq!(home.files("data/.tmp"), [""; 0]);
}

/// Exactly the snapshots with something unread are in quarantine, whole, beside their reasons.
fn quarantine(home: &Sandbox, scene: &Scene) {
    let folder = format!("data/quarantine/{BIKES}");
    let files = home.files(&folder);
    assert_eq!(files.len(), 4, "{files:?}");
    for (pair, body) in files.chunks(2).zip(&scene.given[BIKES][1..3]) {
        assert_eq!(pair[1], format!("{}.reason", pair[0]));
        let read = |name: &str| std::fs::read(home.path(&format!("{folder}/{name}"))).unwrap();
        assert_eq!(read(&pair[0]), *body);
        assert!(read(&pair[1]).len() > 80);
    }
}

// --- the summarizer -------------------------------------------------------------------------

fn summary(kind: Kind, scene: &Scene, hooks: &[String], sure: usize, recount: &mut Recount) {
    let home = scene.home.copy(kind);
    for (place, hook) in hooks.iter().enumerate() {
        if place < sure {
            hooked(&home, "summarizer", "12:10", hook);
        } else {
            perhaps_hooked(&home, "summarizer", "12:10", hook);
        }
        audit_if_made(&home, "12:10");
    }
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    settled(&home, scene, recount);
    quarantine(&home, scene);
}

fn summaries(kind: Kind, act: Act) {
    let scene = Scene::before_summary();
    let hooks = hooks(&scene, kind, "summarizer", "12:10", act);
    check_all(&format!("summarizer, {kind:?}"), &hooks, |hook, recount| {
        summary(kind, &scene, std::slice::from_ref(hook), 1, recount);
    });
}

#[test]
fn a_summarizer_may_die_anywhere_sqlite() {
    summaries(Kind::Sqlite, Act::Kill);
}

#[test]
fn a_summarizer_may_die_anywhere_server() {
    summaries(Kind::Server, Act::Kill);
}

#[test]
fn any_step_of_a_summarizer_may_fail_sqlite() {
    summaries(Kind::Sqlite, Act::Fail);
}

#[test]
fn any_step_of_a_summarizer_may_fail_server() {
    summaries(Kind::Server, Act::Fail);
}

#[test]
fn a_summarizer_may_be_blind_anywhere() {
    summaries(Kind::Sqlite, Act::Blind);
}

// --- the fetcher ----------------------------------------------------------------------------

/// A hooked fetch, which may have had too few steps for its hook.
fn hooked_fetch(home: &Sandbox, hook: &str) {
    if hook.starts_with("kill") {
        perhaps_hooked(home, "fetcher", "10:25", hook);
    } else {
        hooked(home, "fetcher", "10:25", hook);
    }
}

/// A disturbed fetch, one as if nothing had been, and a summary.
fn fetch(kind: Kind, scene: &Scene, hook: &str, recount: &mut Recount) {
    let home = scene.home.copy(kind);
    hooked_fetch(&home, hook);
    let after_death = served::keep(&home, &scene.given);
    assert!((3..=6).contains(&after_death));
    match kind {
        Kind::Sqlite => audit(&home, "10:25"),
        // Nobody has made it yet, and whoever names it may have mistyped it.
        Kind::Server => {
            home.run("summarizer", &["--now", &at("10:25"), "audit"]).exits(2);
        }
    }
    fetch_again(&home, scene, recount);
}

fn fetch_again(home: &Sandbox, scene: &Scene, recount: &mut Recount) {
    let before = served::keep(home, &scene.given);
    home.run("fetcher", &["--now", &at("10:26")]).exits(0).is_silent();
    let after = served::keep(home, &scene.given);
    assert!((before + 3..=9).contains(&after), "{before} snapshots, then {after}");
    for source in [BIKES, QUAKES, STATIONS] {
        let files = served::visible(home, source);
        let newest = files.iter().find(|file| file.stamp.starts_with("2026-11-21T10-26"));
        assert_eq!(newest.map(|file| &file.bytes), scene.given[source].last(), "{source}");
    }
    home.run("summarizer", &["--now", &at("11:10")]).exits(0).is_silent();
    settled(home, scene, recount);
}

fn fetches(kind: Kind, act: Act) {
    let scene = Scene::before_fetch();
    let hooks = fetcher_hooks(&scene, kind, act);
    check_all(&format!("fetcher, {kind:?}"), &hooks, |hook, recount| {
        fetch(kind, &scene, hook, recount);
    });
}

#[test]
fn a_fetcher_may_die_anywhere_sqlite() {
    fetches(Kind::Sqlite, Act::Kill);
}

#[test]
fn a_fetcher_may_die_anywhere_server() {
    fetches(Kind::Server, Act::Kill);
}

#[test]
fn any_step_of_a_fetcher_may_fail() {
    fetches(Kind::Sqlite, Act::Fail);
}

#[test]
fn a_fetcher_may_be_blind_anywhere() {
    fetches(Kind::Sqlite, Act::Blind);
}

// --- two deaths -----------------------------------------------------------------------------

const PAIRS: Range<u64> = 0..60;

/// One of each list.
fn pair(seed: u64, kills: [&[String]; 2]) -> [&String; 2] {
    let mut dice = Dice(seed);
    kills.map(|kills| &kills[dice.below(kills.len())])
}

/// Two summarizers die, one after the other.
fn two_summaries(kind: Kind, test: &str) {
    let scene = Scene::before_summary();
    let kills = hooks(&scene, kind, "summarizer", "12:10", Act::Kill);
    check_seeds(&format!("crash::{test}"), PAIRS, |seed, recount| {
        let pair = pair(seed, [&kills, &kills]).map(String::clone);
        summary(kind, &scene, &pair, 1, recount);
    });
}

#[test]
fn two_summarizers_may_die_sqlite() {
    two_summaries(Kind::Sqlite, "two_summarizers_may_die_sqlite");
}

#[test]
fn two_summarizers_may_die_server() {
    two_summaries(Kind::Server, "two_summarizers_may_die_server");
}

/// A fetcher dies; then a summarizer, while it sweeps and counts what that one left.
#[test]
fn a_fetcher_and_then_a_summarizer_may_die() {
    let scene = Scene::before_fetch();
    let kind = Kind::Sqlite;
    let fetcher = fetcher_hooks(&scene, kind, Act::Kill);
    let summarizer = hooks(&scene, kind, "summarizer", "11:10", Act::Kill);
    check_seeds("crash::a_fetcher_and_then_a_summarizer_may_die", PAIRS, |seed, recount| {
        let [first, second] = pair(seed, [&fetcher, &summarizer]);
        let home = scene.home.copy(kind);
        hooked_fetch(&home, first);
        served::keep(&home, &scene.given);
        perhaps_hooked(&home, "summarizer", "11:10", second);
        audit(&home, "11:10");
        home.run("summarizer", &["--now", &at("11:10")]).exits(0).is_silent();
        settled(&home, &scene, recount);
    });
}
