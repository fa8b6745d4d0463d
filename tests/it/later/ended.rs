//! Recounts of hours of which an answer ends the program: one death, then each answer is tried
//! alone. What counts stays, and what never counted waits on.

use super::{ARCHIVE, held, settled, summarizer};
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox};
use crate::splits::seen;

const QUAKE: &str = "earthquakes-usgs_2026-11-21T10-25";
const POISON: &str = "abort:earthquakes-usgs_2026-11-21T10-25";

fn recounted(home: &Sandbox, now: &str, hook: &str) -> Ran {
    let (now, day) = (at(now), ["recount", "--from", "2026-11-21", "--to", "2026-11-21"]);
    let arguments = [&day[..], &["--now", &now]].concat();
    match hook {
        "" => home.run("summarizer", &arguments),
        _ => home.run_hooked("summarizer", &arguments, hook),
    }
}

fn counted(home: &Sandbox) -> [String; 2] {
    [BIKES, QUAKES].map(|source| format!("{:?}", seen(home, source)))
}

fn marks(home: &Sandbox) -> Vec<String> {
    let mut files = home.files("data/.state");
    files.retain(|name| name.starts_with("recount_"));
    files
}

/// Two hours of two sources, counted and archived.
fn archived(kind: Kind, scene: &Scene) -> Sandbox {
    let home = scene.home.copy(kind);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    summarizer(&home, "13:10", &["run"]).exits(0);
    home
}

fn kept(kind: Kind) {
    let scene = Scene::before_summary();
    let home = archived(kind, &scene);
    let before = counted(&home);
    assert_eq!(recounted(&home, "13:20", POISON).code, None);
    assert_eq!(marks(&home), ["recount_earthquakes-usgs_2026-11-21T10"]);
    for now in ["13:21", "13:22"] {
        let ran = recounted(&home, now, POISON).exits(1);
        let ran =
            ran.says(QUAKE).says("counts, and cannot be counted again, so the hour stays as it is");
        ran.says("counting it ended the program twice, alone: it aborted");
        assert_eq!(counted(&home), before);
        assert_eq!(held(&home).len(), 2);
    }
    recounted(&home, "13:30", "").exits(1);
    assert_eq!((counted(&home), marks(&home)), (before, vec![]));
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn what_counts_and_ends_a_recount_stays_counted_sqlite() {
    kept(KINDS[0]);
}

#[test]
fn what_counts_and_ends_a_recount_stays_counted_server() {
    kept(KINDS[1]);
}

/// Killed from outside, it says nothing of any answer.
#[test]
fn a_recount_that_is_killed_leaves_no_answer_out() {
    let scene = Scene::before_summary();
    let home = archived(Kind::Sqlite, &scene);
    let before = counted(&home);
    for slain in [QUAKE, "bikes-baywheels_2026-11-21T10-05"] {
        recounted(&home, "13:20", &format!("slay:{slain}")).was_killed();
        assert_eq!(marks(&home).len(), 1);
        recounted(&home, "13:21", "").exits(1);
        assert_eq!((counted(&home), marks(&home)), (before.clone(), vec![]));
    }
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn a_source_that_is_forgotten_leaves_no_mark_of_a_dead_recount() {
    let home = archived(Kind::Sqlite, &Scene::before_summary());
    assert_eq!(recounted(&home, "13:20", POISON).code, None);
    assert_eq!(marks(&home).len(), 1);
    summarizer(&home, "13:30", &["forget", QUAKES, "--yes"]).exits(0);
    assert_eq!(marks(&home), [""; 0]);
}

/// What never counted is left out, with its reason, until it can be counted.
#[test]
fn what_never_counted_and_ends_a_recount_waits_on() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    for now in ["12:10", "12:11"] {
        drop(home.run_hooked("summarizer", &["--now", &at(now)], POISON));
    }
    summarizer(&home, "13:10", &["run"]).exits(0);
    let quakes = || home.files(&format!("data/quarantine/{QUAKES}"));
    assert_eq!((held(&home).len(), quakes().len()), (2, 2));
    assert_eq!(recounted(&home, "13:20", POISON).code, None);
    recounted(&home, "13:21", POISON).exits(1);
    assert_eq!(quakes().len(), 2);
    let why = home.path(&format!("data/quarantine/{QUAKES}/{}", quakes()[1]));
    let why = std::fs::read_to_string(why).unwrap();
    assert!(why.contains("counting it ended the program twice, alone"), "{why}");
    recounted(&home, "13:30", "").exits(1);
    assert_eq!((held(&home).len(), quakes(), marks(&home)), (2, vec![], vec![]));
    settled(&home, &scene, &mut Recount::start());
}
