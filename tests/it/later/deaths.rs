//! Deaths at each step of the archive, a replay, a recount and of forgetting. Then either the
//! same command or an ordinary run goes on; at the end nothing is lost, and nothing twice.

use super::forget::{everywhere, not_served, nothing_left};
use super::{ARCHIVE, Drifted, NO_NUMBER, archived, held, settled, settled_but, summarizer};
use crate::crash::cases::{check_all, each};
use crate::crash::scene::{Scene, at};
use crate::recording::BIKES;
use crate::sandbox::{Kind, Sandbox};

/// Steps of a command that nothing disturbs, in a home as it will be.
pub fn kills(home: &Sandbox, now: &str, arguments: &[&str], only: &str) -> Vec<usize> {
    each(3, listed(home, now, arguments, "list", only))
}

pub fn listed(home: &Sandbox, now: &str, arguments: &[&str], what: &str, only: &str) -> Vec<usize> {
    let path = home.path(what);
    let hook = format!("{what}:{}", path.display());
    let ran = home.run_hooked("summarizer", &[arguments, &["--now", now]].concat(), &hook);
    assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
    let steps = std::fs::read_to_string(path).unwrap();
    let numbered = steps.lines().zip(1..);
    numbered.filter(|(step, _)| step.starts_with(only)).map(|(_, number)| number).collect()
}

fn killed(home: &Sandbox, time: &str, arguments: &[&str], step: usize) {
    let (now, hook) = (at(time), format!("kill:{step}"));
    let ran = home.run_hooked("summarizer", &[arguments, &["--now", &now]].concat(), &hook);
    ran.was_killed();
    home.run("summarizer", &["audit", "--now", &now]).exits(0);
}

/// At the steps of SQLite; with MongoDB at those of the store, since those of the disk
/// are the same beside either.
pub fn only(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "",
        Kind::Server => "store.",
    }
}

// --- the archive ----------------------------------------------------------------------------

fn archive(scene: &Scene, elsewhere: bool) {
    let folder = tempfile::tempdir().unwrap();
    let prepare = |number: usize| {
        let home = scene.home.copy(Kind::Sqlite);
        let own = folder.path().join(number.to_string());
        let archive = if elsewhere { own } else { home.path("archive") };
        home.settings(&format!("[summarizer]\narchive = \"{}\"", archive.display()));
        (home, archive)
    };
    let steps = kills(&prepare(0).0, &at("12:10"), &["run"], "");
    check_all(&format!("archive, elsewhere: {elsewhere}"), &steps, |step, recount| {
        let (home, archive) = prepare(*step);
        killed(&home, "12:10", &["run"], *step);
        summarizer(&home, "12:20", &["run"]);
        settled(&home, scene, recount);
        archived(&home, &archive);
        assert_eq!(held(&home).len(), 2);
    });
}

#[test]
fn while_it_archives() {
    archive(&Scene::before_summary(), false);
}

#[test]
fn while_it_archives_elsewhere() {
    archive(&Scene::before_summary(), true);
}

// --- replay ---------------------------------------------------------------------------------

fn replay(kind: Kind) {
    let drifted = Drifted::torn(NO_NUMBER);
    let prepare = || drifted.mended(kind, ARCHIVE);
    let steps = kills(&prepare(), &at("12:20"), &["replay"], only(kind));
    check_all(&format!("replay, {kind:?}"), &steps, |step, recount| {
        let home = prepare();
        killed(&home, "12:20", &["replay"], *step);
        if step % 2 == 0 {
            summarizer(&home, "12:30", &["run"]);
        }
        summarizer(&home, "12:40", &["replay"]);
        assert_eq!(held(&home).len(), 2);
        settled(&home, &drifted.scene, recount);
        archived(&home, &home.path("archive"));
    });
}

#[test]
fn while_it_replays_sqlite() {
    replay(Kind::Sqlite);
}

#[test]
fn while_it_replays_server() {
    replay(Kind::Server);
}

// --- recount --------------------------------------------------------------------------------

const RECOUNT: [&str; 6] =
    ["recount", "bikes-baywheels", "--from", "2026-11-21", "--to", "2026-11-21"];

/// Part is in quarantine and can be read now, and part will never be.
fn recount(kind: Kind) {
    let drifted = Drifted::torn(NO_NUMBER);
    let prepare = || drifted.mended(kind, ARCHIVE);
    let steps = kills(&prepare(), &at("12:20"), &RECOUNT, only(kind));
    check_all(&format!("recount, {kind:?}"), &steps, |step, recount| {
        let home = prepare();
        killed(&home, "12:20", &RECOUNT, *step);
        if step % 2 == 0 {
            summarizer(&home, "12:30", &["run"]);
        }
        summarizer(&home, "12:40", &RECOUNT);
        assert_eq!(held(&home).len(), 2);
        settled(&home, &drifted.scene, recount);
    });
}

#[test]
fn while_it_recounts_sqlite() {
    recount(Kind::Sqlite);
}

#[test]
fn while_it_recounts_server() {
    recount(Kind::Server);
}

/// Under a declaration that reads less: what was counted goes back to quarantine.
#[test]
fn while_it_recounts_back() {
    let drifted = Drifted::torn(NO_NUMBER);
    let prepare = || {
        let home = drifted.mended(Kind::Sqlite, ARCHIVE);
        summarizer(&home, "12:20", &["replay"]);
        let [from, to] = NO_NUMBER;
        home.source(BIKES, &drifted.right.replace(from, to));
        home
    };
    let steps = kills(&prepare(), &at("12:30"), &RECOUNT, "");
    check_all("recount back", &steps, |step, recount| {
        let home = prepare();
        killed(&home, "12:30", &RECOUNT, *step);
        if step % 2 == 0 {
            summarizer(&home, "12:40", &RECOUNT);
            assert_eq!(held(&home).len(), 4);
        }
        home.source(BIKES, &drifted.right);
        summarizer(&home, "12:50", &["replay"]);
        // What a dead recount had written and no entry names.
        summarizer(&home, "12:55", &RECOUNT);
        assert_eq!(held(&home).len(), 2);
        settled(&home, &drifted.scene, recount);
    });
}

/// Into an empty store, from nothing but the archive.
#[test]
fn while_it_rebuilds() {
    let scene = Scene::before_summary();
    let whole = scene.home.copy(Kind::Sqlite);
    whole.settings(ARCHIVE);
    summarizer(&whole, "12:10", &["run"]);
    summarizer(&whole, "13:10", &["run"]);
    for name in whole.files("").iter().filter(|name| name.starts_with("daybook.sqlite")) {
        std::fs::remove_file(whole.path(name)).unwrap();
    }
    let all = ["recount", "--from", "2026-11-21", "--to", "2026-11-21", "--adopt"];
    let steps = kills(&whole.copy(Kind::Sqlite), &at("13:20"), &all, "");
    check_all("rebuild", &steps, |step, recount| {
        let home = whole.copy(Kind::Sqlite);
        let (now, hook) = (at("13:20"), format!("kill:{step}"));
        let ran = home.run_hooked("summarizer", &[&all[..], &["--now", &now]].concat(), &hook);
        // Journals that are not recounted yet claim nothing: no audit before the end.
        ran.was_killed();
        summarizer(&home, "13:40", &all);
        settled(&home, &scene, recount);
        assert_eq!(held(&home).len(), 2);
    });
}

// --- forgetting -----------------------------------------------------------------------------

/// Part is counted, part in quarantine, and part waits. Either forgetting goes on, or an
/// ordinary run comes first: it may count nothing of what was left.
fn forget(kind: Kind) {
    let mut scene = Scene::before_summary();
    scene.unreadable.clear();
    let prepare = || everywhere(&scene, kind);
    let command = ["forget", BIKES, "--yes"];
    let steps = kills(&prepare(), &at("12:20"), &command, only(kind));
    check_all(&format!("forget, {kind:?}"), &steps, |step, recount| {
        let home = prepare();
        killed(&home, "12:20", &command, *step);
        if step % 2 == 0 {
            summarizer(&home, "12:30", &["run"]);
        }
        summarizer(&home, "12:40", &command).exits(0);
        nothing_left(&home);
        not_served(&home);
        settled(&home, &scene, recount);
    });
}

#[test]
fn while_it_forgets_sqlite() {
    forget(Kind::Sqlite);
}

#[test]
fn while_it_forgets_server() {
    forget(Kind::Server);
}

// --- failures -------------------------------------------------------------------------------

/// A step that fails, or whose answer is lost; or a look that fails.
fn failures(kind: Kind, hook: &str, list: &str, command: &[&str], only: &str, nth: usize) {
    let drifted = Drifted::torn(NO_NUMBER);
    let prepare = || drifted.mended(kind, ARCHIVE);
    let steps = each(nth, listed(&prepare(), &at("12:20"), command, list, only));
    let forgets = command[0] == "forget";
    check_all(&format!("{hook} {}, {kind:?}", command[0]), &steps, |step, recount| {
        let home = prepare();
        let (now, hook) = (at("12:20"), format!("{hook}:{step}"));
        let ran = home.run_hooked("summarizer", &[command, &["--now", &now]].concat(), &hook);
        assert!(matches!(ran.code, Some(0..=2)), "{}", ran.about);
        home.run("summarizer", &["audit", "--now", &now]).exits(0);
        summarizer(&home, "12:40", command);
        if forgets {
            nothing_left(&home);
            not_served(&home);
        } else {
            assert_eq!(held(&home).len(), 2);
        }
        let unreadable = if forgets { &[][..] } else { &drifted.scene.unreadable };
        settled_but(&home, unreadable, recount);
    });
}

const REPLAY: [&str; 1] = ["replay"];
const FORGET: [&str; 3] = ["forget", "bikes-baywheels", "--yes"];

#[test]
fn any_step_of_them_may_fail_sqlite() {
    for command in [&REPLAY[..], &RECOUNT, &FORGET] {
        failures(Kind::Sqlite, "fail", "list", command, "", 5);
    }
}

#[test]
fn any_step_of_them_may_fail_server() {
    for command in [&REPLAY[..], &RECOUNT, &FORGET] {
        failures(Kind::Server, "fail", "list", command, "store.", 3);
    }
}

#[test]
fn they_may_be_blind_anywhere() {
    for command in [&REPLAY[..], &RECOUNT, &FORGET] {
        failures(Kind::Sqlite, "blind", "looks", command, "", 7);
    }
}
