//! Files in `data/` of another user, or that nobody may read; and a home over two file systems.

use super::{Bench, CLOSED, FETCH, LATER};
use crate::sandbox::{Kind, Ran, Sandbox};
use crate::server::{Answer, Server};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

const NOBODY: u32 = 65_534;

/// Who may become another user: without that nothing is shown.
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("NOT RUN: files of another user in data/ take root");
    }
    is_root
}

fn closed(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// All of a home for another user, but for what lies at these places.
fn given_away(bench: &Bench, but: &[PathBuf]) {
    for entry in walkdir::WalkDir::new(bench.home.home()) {
        let path = entry.unwrap().into_path();
        let owner = if but.contains(&path) { 0 } else { NOBODY };
        chown(&path, Some(owner), Some(owner)).unwrap();
    }
}

fn as_nobody(bench: &Bench, arguments: &[&str], step: Option<&str>) -> Ran {
    let mut command = bench.home.command("summarizer", arguments);
    command.uid(NOBODY).gid(NOBODY).envs(step.map(|step| ("DAYBOOK_STEP", step)));
    Ran::of(command.output().unwrap(), "summarizer", arguments, &bench.home)
}

/// Three answers of `bad` in one hour, of which the second is root's; all else is another's.
fn scene() -> (Bench, PathBuf) {
    let bench = Bench::new().bad(Answer::ok(super::GOOD));
    for minute in ["00", "01", "02"] {
        let other = super::GOOD.replace('3', minute.trim_start_matches('0'));
        bench
            .server
            .on("/bad", Answer::ok(if minute == "00" { super::GOOD.into() } else { other }));
        bench.fetch(&format!("2026-11-21T10:{minute}:00Z")).exits(0);
    }
    let name = bench.home.files("data/bad").remove(1);
    let path = bench.home.path(&format!("data/bad/{name}"));
    // Its bytes are its own: the last answer is kept as another name of them.
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    (bench, path)
}

fn counted(bench: &Bench) -> i64 {
    let sql = "SELECT coalesce(sum(json_array_length(entry, '$.snapshots')), 0) FROM ledger \
               WHERE source = 'bad'";
    bench.database().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_file_that_may_not_be_read_waits_and_keeps_no_other() {
    if !is_root() {
        return;
    }
    // Of root; and of one's own, closed to oneself.
    for own in [false, true] {
        let (bench, path) = scene();
        given_away(&bench, if own { &[] } else { std::slice::from_ref(&path) });
        let mode = if own { 0o000 } else { 0o600 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for _ in 0..2 {
            let ran = as_nobody(&bench, &["run", "-v", "--now", CLOSED], None).exits(1);
            let whose = if own { "user 65534" } else { "root" };
            ran.says("bad: hour 2026-11-21T10: 1 of its snapshots is left alone: cannot read")
                .says(&format!("{}: Permission denied", path.display()))
                .says("hint: this program runs as user 65534; ")
                .says(&format!("{} belongs to {whose}, with mode {mode:03o}", path.display()));
        }
        assert!(path.exists());
        assert_eq!((counted(&bench), bench.counted()), (2, 3));
        let audit = as_nobody(&bench, &["audit", "--now", LATER], None).exits(0);
        audit.says("the difference is zero");
        chown(&path, Some(NOBODY), None).unwrap();
        closed(&path);
        as_nobody(&bench, &["run", "--now", LATER], None).exits(0).is_silent();
        assert_eq!(counted(&bench), 3);
        bench.is_settled();
    }
}

/// Many systems give no second name to another user's file: it is copied, killed at any step.
#[test]
fn a_file_of_another_user_that_may_be_read_is_counted() {
    if !is_root() {
        return;
    }
    let (first, path) = scene();
    let inside = path.strip_prefix(first.home.home()).unwrap();
    let mut killed = 0;
    // After an operation is before the next.
    for step in (1..).step_by(2) {
        let bench = Bench { home: first.home.copy(Kind::Sqlite), server: Server::start() };
        given_away(&bench, &[bench.home.path(inside.to_str().unwrap())]);
        let ran = as_nobody(&bench, &["run", "--now", CLOSED], Some(&format!("kill:{step}")));
        let ended = ran.code.is_some();
        if !ended {
            killed += 1;
        }
        as_nobody(&bench, &["run", "--now", LATER], None).exits(0);
        assert_eq!(counted(&bench), 3);
        bench.is_settled();
        let left = bench.home.files("data/.batches");
        assert_eq!(left, [""; 0], "step {step}");
        if ended {
            break;
        }
    }
    assert!(killed > 20, "{killed}");
}

/// A copy that a dead run began does not keep the folder of its batch.
#[test]
fn what_a_dead_run_copied_in_part_goes_with_its_batch() {
    let bench = Bench::new();
    bench.fetch(FETCH).exits(0);
    let name = bench.home.files("data/good").remove(0);
    let short = name.split('_').nth(2).unwrap();
    let folder = bench.home.path(&format!("data/.batches/good/2026-11-21T10_{short}.open"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.new~")), "{\"da").unwrap();
    bench.summarize(CLOSED).exits(0);
    bench.is_settled();
    assert!(!folder.exists());
}

/// Another file system than that of `/tmp`, or none, said aloud.
fn elsewhere() -> Option<tempfile::TempDir> {
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).ok();
    let (own, other) = (device(&std::env::temp_dir()), device(Path::new("/dev/shm")));
    if other.is_none() || own == other {
        eprintln!("NOT RUN: a home over two file systems takes /dev/shm beside the usual one");
        return None;
    }
    Some(tempfile::tempdir_in("/dev/shm").unwrap())
}

#[test]
fn a_home_over_two_file_systems_is_told_and_loses_nothing() {
    let words = "Invalid cross-device link (os error 18)\nhint: all of data/ must be one file \
                 system; is something mounted below it?";
    for place in ["data/bad", "data/.batches/bad", "data/.tmp", "data/.batches", "data/quarantine"]
    {
        let Some(other) = elsewhere() else { return };
        let home = Sandbox::within(&std::env::temp_dir(), "");
        let unread = super::GOOD.replace('3', "\"many\"");
        let bench = Bench::over(home).bad(Answer::ok(unread));
        let path = bench.home.path(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(other.path(), &path).unwrap();
        let told = [bench.fetch(FETCH), bench.summarize(CLOSED), bench.summarize(CLOSED)];
        let told: String = told.iter().map(|ran| ran.about.as_str()).collect();
        // What is left out may lie anywhere: it is copied.
        assert_eq!(told.contains(words), place != "data/quarantine", "{place}: {told}");
        // Put right: what lies there goes where it should.
        fs::remove_file(&path).unwrap();
        let mut copy = std::process::Command::new("cp");
        assert!(copy.arg("-a").arg(other.path()).arg(&path).status().unwrap().success());
        bench.fetch("2026-11-21T11:30:00Z");
        bench.summarize("2026-11-21T12:35:00Z");
        bench.summarize("2026-11-21T13:35:00Z");
        bench.is_settled();
        // Both answers, each beside its reason.
        assert_eq!(bench.home.files("data/quarantine/bad").len(), 4);
    }
}
