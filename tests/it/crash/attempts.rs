//! Answers that end the program as they are counted, and programs that are ended from outside
//! while they count: the first are left out, alone, with a reason; the second say nothing.

use super::cases::{Dice, check_all};
use super::scene::{Scene, at};
use super::{audit, is_fine, quarantine, settled, settled_without};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox, wait_until};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// An answer of each source, by a part of its name.
const QUAKE: &str = "earthquakes-usgs_2026-11-21T10-25";
const BIKE: &str = "bikes-baywheels_2026-11-21T10-05";

/// The hook beside another, if any.
fn with(hook: &str, other: &str) -> String {
    [hook, other].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("+")
}

fn summarize(home: &Sandbox, now: &str, hook: &str) -> Ran {
    let now = at(now);
    match hook {
        "" => home.run("summarizer", &["--now", &now]),
        _ => home.run_hooked("summarizer", &["--now", &now], hook),
    }
}

fn aborted(ran: &Ran) {
    assert_eq!(ran.code, None, "{}", ran.about);
}

/// What is in quarantine of both sources, without reasons.
fn held(home: &Sandbox) -> Vec<String> {
    let mut held = home.files("data/quarantine");
    held.retain(|name| !name.ends_with(".reason"));
    held
}

fn reason(home: &Sandbox, part: &str) -> String {
    let files = home.files("data/quarantine");
    let found: Vec<&String> =
        files.iter().filter(|name| name.contains(part) && name.ends_with(".reason")).collect();
    assert_eq!(found.len(), 1, "{part}: {files:?}");
    std::fs::read_to_string(home.path(&format!("data/quarantine/{}", found[0]))).unwrap()
}

/// As `settled`, where these are not counted.
fn settled_but(home: &Sandbox, scene: &Scene, poison: &[&str], recount: &mut Recount) {
    let unreadable: Vec<&str> = scene.unreadable.iter().chain(poison).copied().collect();
    settled_without(home, &unreadable, recount);
}

#[test]
fn what_ends_the_program_twice_alone_is_left_out_and_all_else_counts() {
    let (scene, mut recount) = (Scene::before_summary(), Recount::start());
    for kind in [Kind::Sqlite, Kind::Server] {
        let home = scene.home.copy(kind);
        let hook = format!("abort:{QUAKE}+abort:{BIKE}");
        // One death in each source; meanwhile nothing is said of anything.
        for now in ["12:10", "12:11"] {
            aborted(&summarize(&home, now, &hook));
            audit(&home, now);
        }
        summarize(&home, "12:12", &hook).exits(1);
        for poison in [QUAKE, BIKE] {
            let why = reason(&home, poison);
            assert!(
                why.contains("counting it ended the program twice, alone: it aborted"),
                "{why}"
            );
        }
        assert_eq!(held(&home).len(), 4);
        if kind == Kind::Sqlite {
            settled_but(&home, &scene, &[QUAKES_10_25, BIKES_10_05], &mut recount);
        }
        // A replay tries it first, and lives.
        for now in ["12:20", "12:21"] {
            let ran = home.run_hooked("summarizer", &["replay", "--now", &at(now)], &hook);
            assert_eq!(ran.code, Some(1), "{}", ran.about);
            assert_eq!(held(&home).len(), 4);
        }
        // Once it can be counted, it counts.
        is_fine(&home.run("summarizer", &["replay", "--now", &at("12:30")]));
        settled(&home, &scene, &mut recount);
        quarantine(&home, &scene);
    }
}

const QUAKES_10_25: &str = "earthquakes-usgs_2026-11-21T10-25-*";
const BIKES_10_05: &str = "bikes-baywheels_2026-11-21T10-05-*";

#[test]
fn an_answer_whose_items_were_counted_in_part_keeps_them() {
    let (scene, mut recount) = (Scene::before_summary(), Recount::start());
    let home = scene.home.copy(Kind::Sqlite);
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    // One of the two in quarantine was counted but for an item; now it ends the program.
    let hook = "abort:bikes-baywheels_2026-11-21T10-25";
    for now in ["12:20", "12:21"] {
        let ran = home.run_hooked("summarizer", &["replay", "--now", &at(now)], hook);
        assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
        settled(&home, &scene, &mut recount);
    }
    quarantine(&home, &scene);
}

#[test]
fn who_is_killed_while_it_counts_says_nothing_of_an_answer() {
    let (scene, mut recount) = (Scene::before_summary(), Recount::start());
    for hook in [format!("slay:{BIKE}"), format!("slay:{QUAKE}"), "slay:10-25".into()] {
        let home = scene.home.copy(Kind::Sqlite);
        for now in ["12:10", "12:11", "12:12", "12:13"] {
            let ran = summarize(&home, now, &hook);
            assert!(ran.code.is_none_or(|code| code > 0), "{}", ran.about);
            if ran.code.is_some() {
                ran.says("it was ended from outside (signal: 9 (SIGKILL))");
            }
            audit(&home, now);
            let held = held(&home);
            assert!(held.iter().all(|name| name.contains("T10-25") || name.contains("T11-15")));
        }
        is_fine(&home.run("summarizer", &["--now", &at("12:20")]));
        settled(&home, &scene, &mut recount);
        quarantine(&home, &scene);
    }
}

#[test]
fn without_a_child_all_are_counted_one_by_one() {
    let (scene, mut recount) = (Scene::before_summary(), Recount::start());
    let home = scene.home.copy(Kind::Sqlite);
    aborted(&summarize(&home, "12:10", &format!("abort:{BIKE}")));
    // Its file is gone once it runs, as when a new version is put in its place.
    let (own, copy) = (home.command("summarizer", &[]), home.path("moved"));
    std::fs::copy(own.get_program(), &copy).unwrap();
    let script = "exec 3<\"$0\"; rm \"$0\"; exec /proc/self/fd/3 \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(&copy).args(own.get_args());
    let output = command.args(["--now", &at("12:11")]).output().unwrap();
    assert!(matches!(output.status.code(), Some(0..=1)), "{output:?}");
    settled(&home, &scene, &mut recount);
    quarantine(&home, &scene);
}

// --- killed at each step of careful counting ------------------------------------------------

/// A home in which a run died in counting, of an answer or from outside.
fn died(scene: &Scene, kind: Kind, deed: &str) -> Sandbox {
    let home = scene.home.copy(kind);
    aborted(&summarize(&home, "12:10", deed));
    home
}

fn kills(home: &Sandbox, poison: &str) -> Vec<String> {
    let path = home.path("steps");
    let list = format!("list:{}", path.display());
    let ran = summarize(home, "12:11", &with(&list, poison));
    assert!(matches!(ran.code, Some(0..=1)), "{}", ran.about);
    let steps = std::fs::read_to_string(path).unwrap();
    // Those of one kind come in pairs, and often.
    (1..=steps.lines().count()).step_by(5).map(|number| format!("kill:{number}")).collect()
}

/// Careful runs die twice, anywhere; nothing good is in quarantine, and all counts once.
fn careful(kind: Kind, deed: &'static str, poison: &'static str) {
    let scene = Scene::before_summary();
    let kills = kills(&died(&scene, kind, deed), poison);
    check_all(&format!("careful counting, {kind:?}, {deed}"), &kills, |kill, recount| {
        let home = died(&scene, kind, deed);
        // How far the first run came with the next hour is a matter of time, and so are the last
        // steps of this one.
        let ran = summarize(&home, "12:11", &with(kill, poison));
        let is_late = kills.iter().rev().take(kills.len() / 4).any(|last| last == kill);
        if !(is_late && matches!(ran.code, Some(0..=1))) {
            ran.was_killed();
        }
        audit(&home, "12:11");
        let second = Dice(kill.len() as u64).below(kills.len());
        drop(summarize(&home, "12:12", &with(&kills[second], poison)));
        audit(&home, "12:12");
        let last = summarize(&home, "12:13", poison);
        assert!(matches!(last.code, Some(0..=1)), "{}", last.about);
        if poison.is_empty() {
            settled(&home, &scene, recount);
            quarantine(&home, &scene);
        } else {
            assert_eq!(held(&home).len(), 3);
            settled_but(&home, &scene, &[BIKES_10_05], recount);
        }
    });
}

const SLAIN: &str = "slay:bikes-baywheels_2026-11-21T10-05";
const POISON: &str = "abort:bikes-baywheels_2026-11-21T10-05";

#[test]
fn careful_counting_may_die_anywhere() {
    careful(Kind::Sqlite, SLAIN, "");
}

#[test]
fn careful_counting_of_a_poison_may_die_anywhere() {
    careful(Kind::Sqlite, POISON, POISON);
}

// --- killed while the child counts ----------------------------------------------------------

/// The child of a process that stands still, as the hook asked it to.
fn frozen(parent: u32) -> Option<i32> {
    let children =
        std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let child: i32 = children.split_whitespace().next()?.parse().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
    (stat.rsplit_once(')')?.1.split_whitespace().next() == Some("T")).then_some(child)
}

/// Starts a careful run whose child stands still while it counts.
fn started(home: &Sandbox) -> (Child, Pid) {
    let mut command = home.command("summarizer", &["--now", &at("12:11")]);
    command.env("DAYBOOK_STEP", format!("freeze:{BIKE}")).process_group(0);
    let parent = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    wait_until("a child that counts", || frozen(parent.id()).is_some());
    let child = Pid::from_raw(frozen(parent.id()).unwrap()).unwrap();
    (parent, child)
}

#[test]
fn killed_with_its_child_or_without_it_says_nothing() {
    let (scene, mut recount) = (Scene::before_summary(), Recount::start());
    let home = died(&scene, Kind::Sqlite, SLAIN);
    for way in ["parent", "group", "child", "parent", "group", "child"] {
        let (mut parent, child) = started(&home);
        let own = Pid::from_child(&parent);
        match way {
            "parent" => kill_process(own, Signal::KILL).unwrap(),
            "group" => kill_process_group(own, Signal::KILL).unwrap(),
            _ => kill_process(child, Signal::KILL).unwrap(),
        }
        let status = parent.wait().unwrap();
        assert!(!status.success(), "{way}: {status}");
        wait_until("the child's end", || kill_process(child, Signal::CONT).is_err());
        audit(&home, "12:11");
        assert!(held(&home).iter().all(|name| !name.contains("T10-05")), "{way}");
    }
    is_fine(&home.run("summarizer", &["--now", &at("12:20")]));
    settled(&home, &scene, &mut recount);
    quarantine(&home, &scene);
}
