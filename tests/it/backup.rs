//! Backups of a home at work, and homes made of them: what had landed when a backup began is
//! counted exactly once in the home that is restored, whoever died at whichever step.

use crate::crash::cases::{check_all, each};
use crate::crash::scene::{Scene, at};
use crate::crash::{is_fine, settled};
use crate::recount::Recount;
use crate::sandbox::{KINDS, Kind, Ran, Sandbox, is_mongodb, temporary, wait_until};
use crate::served;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder for a backup, which is not there yet.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(temporary())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("backup")
    }

    fn text(&self) -> String {
        self.path().display().to_string()
    }
}

fn backup(home: &Sandbox, place: &Place) -> Ran {
    home.run("summarizer", &["--now", &at("12:10"), "backup", &place.text()])
}

/// An empty folder, over a store of its own.
pub fn empty(kind: Kind) -> Sandbox {
    let home = Sandbox::new(kind);
    std::fs::remove_dir(home.path("sources")).unwrap();
    home
}

/// A home made of a backup.
fn restored(place: &Place, kind: Kind) -> Sandbox {
    let home = empty(kind);
    home.run("summarizer", &["restore", &place.text()]).exits(0);
    home
}

/// What was served to one home is the truth for another, too.
fn same_served(from: &Sandbox, to: &Sandbox) {
    let (from, to) = (served::folder(from), served::folder(to));
    let mut copy = Command::new("cp");
    assert!(copy.arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// A backup holds all: the home made of it counts everything once.
fn holds_all(scene: &Scene, home: &Sandbox, place: &Place, kind: Kind, recount: &mut Recount) {
    let again = restored(place, kind);
    same_served(home, &again);
    is_fine(&again.run("summarizer", &["--now", &at("12:10")]));
    settled(&again, scene, recount);
}

/// The numbers of all steps of a run that nothing disturbs.
fn steps(home: &Sandbox, arguments: &[&str]) -> Vec<usize> {
    let list = temporary();
    let list = list.path().join("steps");
    is_fine(&home.run_hooked("summarizer", arguments, &format!("list:{}", list.display())));
    (1..=std::fs::read_to_string(list).unwrap().lines().count()).collect()
}

/// The steps of a summary, some of them.
fn summary_steps(scene: &Scene, kind: Kind) -> Vec<usize> {
    let all = steps(&scene.home.copy(kind), &["--now", &at("12:10")]);
    each(if kind == Kind::Sqlite { 2 } else { 8 }, all)
}

fn summarizer_died(kind: Kind) {
    let scene = Scene::before_summary();
    let steps = summary_steps(&scene, kind);
    check_all(&format!("backup after a death, {kind:?}"), &steps, |step, recount| {
        let (home, place) = (scene.home.copy(kind), Place::new());
        let kill = format!("kill:{step}");
        home.run_hooked("summarizer", &["--now", &at("12:10")], &kill).was_killed();
        backup(&home, &place).exits(0);
        holds_all(&scene, &home, &place, kind, recount);
    });
}

#[test]
fn a_backup_after_a_summarizer_died_anywhere_is_whole_sqlite() {
    summarizer_died(Kind::Sqlite);
}

#[test]
fn a_backup_after_a_summarizer_died_anywhere_is_whole_server() {
    summarizer_died(Kind::Server);
}

#[test]
fn a_backup_after_a_fetcher_died_anywhere_is_whole() {
    let scene = Scene::before_fetch();
    let steps: Vec<usize> = (1..120).collect();
    check_all("backup after a fetcher's death", &steps, |step, recount| {
        let (home, place) = (scene.home.copy(Kind::Sqlite), Place::new());
        home.run_hooked("fetcher", &["--now", &at("10:25")], &format!("kill:{step}"));
        assert!((3..=6).contains(&served::keep(&home, &scene.given)));
        backup(&home, &place).exits(0);
        holds_all(&scene, &home, &place, Kind::Sqlite, recount);
    });
}

/// Holds a backup at one of its steps while a summarizer runs and the fetcher is called.
fn held(scene: &Scene, kind: Kind, step: usize, recount: &mut Recount) {
    let (home, place) = (scene.home.copy(kind), Place::new());
    let go = place.0.path().join("go");
    let mut backup = home.command("summarizer", &["--now", &at("12:10"), "backup", &place.text()]);
    backup.env("DAYBOOK_STEP", format!("hold:{step}:{}", go.display()));
    let mut backup = backup.stdout(std::process::Stdio::null()).spawn().unwrap();
    wait_until("a held backup", || go.with_extension("held").exists());
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    std::fs::write(&go, "").unwrap();
    assert!(backup.wait().unwrap().success());
    holds_all(scene, &home, &place, kind, recount);
    is_fine(&home.run("summarizer", &["--now", &at("12:20")]));
    settled(&home, scene, recount);
}

#[test]
fn a_backup_is_whole_whenever_a_summarizer_comes_between() {
    let scene = Scene::before_summary();
    for kind in KINDS {
        let (home, place) = (scene.home.copy(kind), Place::new());
        let all = steps(&home, &["--now", &at("12:10"), "backup", &place.text()]);
        let some = each(if kind == Kind::Sqlite { 4 } else { 12 }, all);
        check_all(&format!("a summary within a backup, {kind:?}"), &some, |step, recount| {
            held(&scene, kind, *step, recount);
        });
    }
}

#[test]
fn a_backup_that_died_anywhere_is_no_backup_and_is_made_again() {
    let scene = Scene::before_summary();
    let half = scene.home.copy(Kind::Sqlite);
    half.run_hooked("summarizer", &["--now", &at("12:10")], "kill:120").was_killed();
    let place = Place::new();
    let steps = steps(&half, &["--now", &at("12:10"), "backup", &place.text()]);
    check_all("backup, killed", &steps, |step, recount| {
        let (home, place) = (half.copy(Kind::Sqlite), Place::new());
        let arguments = ["--now", &at("12:10"), "backup", &place.text()];
        home.run_hooked("summarizer", &arguments, &format!("kill:{step}")).was_killed();
        let again = empty(Kind::Sqlite);
        let taken = again.run("summarizer", &["restore", &place.text()]);
        if place.path().join("manifest.json").exists()
            && !place.path().join("backup.unfinished").exists()
        {
            taken.exits(0);
        } else {
            taken.exits(2);
            assert_eq!(again.files(""), [""; 0]);
            backup(&home, &place).exits(0);
        }
        holds_all(&scene, &home, &place, Kind::Sqlite, recount);
        is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
        settled(&home, &scene, recount);
    });
}

fn restore_died(kind: Kind) {
    let scene = Scene::before_summary();
    let half = scene.home.copy(kind);
    half.run_hooked("summarizer", &["--now", &at("12:10")], "kill:120").was_killed();
    let place = Place::new();
    backup(&half, &place).exits(0);
    let steps = steps(&empty(kind), &["restore", &place.text()]);
    let steps = each(if kind == Kind::Sqlite { 1 } else { 3 }, steps);
    check_all(&format!("restore, killed, {kind:?}"), &steps, |step, recount| {
        let home = empty(kind);
        let arguments = ["restore", &place.text()];
        home.run_hooked("summarizer", &arguments, &format!("kill:{step}")).was_killed();
        if home.path("daybook.toml.restoring").exists() {
            for program in ["fetcher", "summarizer", "analyzer"] {
                home.run(program, &["--now", &at("12:10")]).exits(2).says("is not whole");
            }
        }
        let is_whole =
            !home.path("daybook.toml.restoring").exists() && home.path("daybook.toml").exists();
        if !is_whole {
            home.run("summarizer", &arguments).exits(0);
        }
        same_served(&half, &home);
        is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
        settled(&home, &scene, recount);
        assert!(!home.files("").iter().any(|file| file.contains("restoring")));
    });
}

#[test]
fn a_restore_that_died_anywhere_is_no_home_and_goes_on_sqlite() {
    restore_died(Kind::Sqlite);
}

#[test]
fn a_restore_that_died_anywhere_is_no_home_and_goes_on_server() {
    restore_died(Kind::Server);
}

#[test]
fn a_damaged_backup_is_refused_by_the_file_that_is_damaged() {
    let (scene, place) = (Scene::before_summary(), Place::new());
    is_fine(&scene.home.run("summarizer", &["--now", &at("12:10")]));
    backup(&scene.home, &place).exits(0);
    let files = walk(&place.path());
    assert!(files.len() > 10);
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        for damaged in [Some([&whole[..], b"x"].concat()), Some(flipped(&whole)), None] {
            match damaged {
                Some(bytes) => std::fs::write(&file, bytes).unwrap(),
                None => std::fs::remove_file(&file).unwrap(),
            }
            let home = empty(Kind::Sqlite);
            let name = file.file_name().unwrap().to_str().unwrap();
            home.run("summarizer", &["restore", &place.text()]).exits(2).says(name);
            assert_eq!(home.files(""), [""; 0]);
            std::fs::write(&file, &whole).unwrap();
        }
    }
    restored(&place, Kind::Sqlite);
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(byte) = bytes.first_mut() {
        *byte ^= 1;
    }
    if bytes.is_empty() { b"y".to_vec() } else { bytes }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    walk.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

#[test]
fn nothing_is_written_over_what_is_there() {
    for kind in KINDS {
        let (scene, place) = (Scene::before_summary(), Place::new());
        let home = scene.home.copy(kind);
        is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
        backup(&home, &place).exits(0);
        backup(&home, &place).exits(2).says("is not empty");
        home.run("summarizer", &["restore", &place.text()]).exits(2).says("something already");
        let other = empty(kind);
        let used = ["restore", &place.text(), "--store", home.store()];
        other.run("summarizer", &used).exits(2).says("it is not touched");
        assert_eq!(other.files(""), [""; 0]);
        let inside = home.path("copy").display().to_string();
        home.run("summarizer", &["backup", &inside]).exits(2).says("is in the home");
        assert!(!home.path("copy").exists());
    }
}

#[test]
fn a_store_of_the_other_kind_is_refused() {
    for (kind, other) in [(Kind::Sqlite, Kind::Server), (Kind::Server, Kind::Sqlite)] {
        let (scene, place) = (Scene::before_summary(), Place::new());
        let home = scene.home.copy(kind);
        is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
        backup(&home, &place).exits(0);
        // A login without a password is kept out of messages, and with it the start of that name.
        let server = if is_mongodb() { "no MongoDB store" } else { "the backup holds no " };
        let words = if kind == Kind::Sqlite { server } else { "no SQLite store" };
        empty(other).run("summarizer", &["restore", &place.text()]).exits(2).says(words);
    }
}

#[test]
fn secrets_stay_where_they_are_and_all_else_of_a_home_comes_along() {
    let (scene, place) = (Scene::before_summary(), Place::new());
    let home = scene.home.copy(Kind::Sqlite);
    std::fs::write(home.path("secrets.toml"), "key = \"swordfish\"\n").unwrap();
    home.settings("");
    let text = std::fs::read_to_string(home.path("daybook.toml")).unwrap();
    let text = format!("{text}[summarizer]\narchive = \"archive\"\n");
    std::fs::write(home.path("daybook.toml"), text).unwrap();
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    let arguments = ["--now", &at("12:20"), "-v", "backup", &place.text()];
    home.run("summarizer", &arguments).exits(0).says("secrets.toml");
    assert!(!walk(&place.path()).iter().any(|file| {
        String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains("swordfish")
    }));
    let again = restored(&place, Kind::Sqlite);
    for folder in ["archive", "sources", "data/quarantine", "data/.state/declarations"] {
        assert_eq!(again.files(folder), home.files(folder), "{folder}");
        assert!(!again.files(folder).is_empty(), "{folder}");
    }
    again.run("summarizer", &["--now", &at("13:00"), "audit"]).exits(0);
}
