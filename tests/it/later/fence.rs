//! An entry comes first while a recount stands before its own: the number is taken, and the
//! recount starts again, with what the other one counted. A held lock is left alone.

use super::{ARCHIVE, held, settled, summarizer};
use crate::crash::scene::{Scene, at};
use crate::recording::{BIKES, QUAKES};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Sandbox, wait_until};
use std::fs;
use std::process::{Child, Stdio};

const RECOUNT: [&str; 5] = ["recount", BIKES, "--from", "2026-11-21T10", "--to"];

fn recount() -> Vec<&'static str> {
    [&RECOUNT[..], &["2026-11-21T11", "--now", "2026-11-21T12:20:00Z"]].concat()
}

/// Two homes over one store and one archive. The second has a snapshot of the first's, which is
/// not counted yet, and may feed the source.
fn pair(kind: Kind, scene: &Scene) -> (Sandbox, Sandbox) {
    let first = scene.home.copy(kind);
    let archive = first.path("archive");
    let settings = format!("[summarizer]\narchive = \"{}\"", archive.display());
    let second = first.neighbour();
    for home in [&first, &second] {
        home.settings(&settings);
    }
    for source in [BIKES, QUAKES] {
        let inside = format!("sources/{source}.toml");
        fs::copy(first.path(&inside), second.path(&inside)).unwrap();
    }
    let name = first.files(&format!("data/{BIKES}")).remove(0);
    fs::create_dir_all(second.path(&format!("data/{BIKES}"))).unwrap();
    fs::create_dir_all(second.path("data/.state/declarations")).unwrap();
    for text in first.files("data/.state/declarations") {
        let inside = format!("data/.state/declarations/{text}");
        fs::copy(first.path(&inside), second.path(&inside)).unwrap();
    }
    let inside = format!("data/{BIKES}/{name}");
    fs::rename(first.path(&inside), second.path(&inside)).unwrap();
    first.run("summarizer", &["run", "--now", &at("12:10")]).exits(1);
    (first, second)
}

fn hold(home: &Sandbox, step: usize) -> Child {
    let hook = format!("hold:{step}:{}", home.path("go").display());
    let mut command = home.command("summarizer", &recount());
    command.env("DAYBOOK_STEP", hook).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_until("a held step", || home.path("go.held").exists());
    child
}

fn fenced(kind: Kind) {
    let scene = Scene::before_summary();
    // Which step is the entry, in a pair like this one.
    let (first, _second) = pair(kind, &scene);
    let list = first.path("steps");
    first.run_hooked("summarizer", &recount(), &format!("list:{}", list.display()));
    let steps = fs::read_to_string(list).unwrap();
    let step = steps.lines().position(|step| step == "store.append").unwrap() + 1;

    let (first, second) = pair(kind, &scene);
    let child = hold(&first, step);
    first.run("summarizer", &["run", "--now", &at("12:21")]).exits(0);
    second.run("summarizer", &["run", "--adopt", "--now", &at("12:21")]).exits(0);
    fs::write(first.path("go"), "").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let ran = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(ran.contains("before        1          2"), "{ran}");
    first.run("summarizer", &["run", "--adopt", "--now", &at("12:22")]);
    summarizer(&first, "12:23", &["run"]);
    assert_eq!(held(&first).len(), 2);
    settled(&first, &scene, &mut Recount::start());
}

#[test]
fn an_entry_that_comes_first_is_counted_along_sqlite() {
    fenced(KINDS[0]);
}

#[test]
fn an_entry_that_comes_first_is_counted_along_server() {
    fenced(KINDS[1]);
}

/// Two at once in one home: the second leaves at once.
#[test]
fn a_held_lock_is_left_alone() {
    let scene = Scene::before_summary();
    let home = scene.home.copy(Kind::Sqlite);
    home.settings(ARCHIVE);
    summarizer(&home, "12:10", &["run"]).exits(1);
    let child = hold(&home, 20);
    for command in [&["replay", BIKES][..], &["forget", BIKES, "--yes"]] {
        let ran = home.run("summarizer", &[command, &["--now", &at("12:20")]].concat());
        assert!(!ran.stdout.contains("is removed"), "{}", ran.about);
        ran.exits(0);
    }
    fs::write(home.path("go"), "").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    settled(&home, &scene, &mut Recount::start());
}
