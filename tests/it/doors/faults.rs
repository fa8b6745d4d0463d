//! A PostgreSQL server that dies, refuses or is another one than meant: it is told, and nothing
//! is lost or doubled.

use crate::bad_input::disk::Disk;
use crate::crash::scene::{Scene, at};
use crate::crash::{is_fine, settled};
use crate::postgres::{Postgres, rows};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox, wait_until};
use std::process::Stdio;

/// The steps at which a run may be held that begin with one of these words.
fn steps(home: &Sandbox, words: &[&str]) -> Vec<usize> {
    let list = home.path("steps");
    let hook = format!("list:{}", list.display());
    is_fine(&home.run_hooked("summarizer", &["--now", &at("12:10")], &hook));
    let text = std::fs::read_to_string(list).unwrap();
    let lines = text.lines().enumerate();
    let wanted = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
    wanted.map(|(place, _)| place + 1).collect()
}

/// A home like another one, over a store of its own.
pub fn over(scene: &Scene, url: &str) -> Sandbox {
    let copy = scene.home.copy(Kind::Sqlite);
    let home = Sandbox::over(url);
    let from = copy.home().join(".").display().to_string();
    let copied = std::process::Command::new("cp").args(["-a", &from]).arg(home.home()).status();
    assert!(copied.unwrap().success());
    home
}

#[test]
fn a_server_that_dies_in_mid_commit_loses_and_doubles_nothing() {
    let mut server = Postgres::start("trust");
    let scene = Scene::before_summary();
    let steps = steps(&over(&scene, &server.url()), &["store.put", "store.append", "store.side"]);
    assert!(steps.len() > 8, "{steps:?}");
    let mut recount = Recount::start();
    for step in steps.into_iter().step_by(2) {
        let home = over(&scene, &server.url());
        let go = home.path("go");
        let mut run = home.command("summarizer", &["--now", &at("12:10")]);
        run.env("DAYBOOK_STEP", format!("hold:{step}:{}", go.display()));
        let child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until("a held summarizer", || go.with_extension("held").exists());
        server.kill();
        std::fs::write(&go, "").unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap(), "summarizer", &["12:10"], &home);
        assert!(matches!(ran.code, Some(1 | 2)), "step {step}: {}", ran.about);
        for leftover in ["go", "go.held", "steps"] {
            let _ = std::fs::remove_file(home.path(leftover));
        }
        server.begin();
        is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
        settled(&home, &scene, &mut recount);
    }
}

#[test]
fn what_cannot_be_a_store_is_told() {
    let server = Postgres::start("scram-sha-256");
    let scene = Scene::before_summary();
    let url = server.url().replace("postgres@", "postgres:right@");
    let home = over(&scene, &url);
    let told = |url: &str, words: &str| {
        let ran = home.run("summarizer", &["--store", url, "--now", &at("12:10")]);
        assert!(!ran.about.contains("right@") || url.contains("right@"), "{}", ran.about);
        ran.exits(2).says(words);
        assert_eq!(home.files("data/bikes-baywheels").len(), 4);
    };
    let wrong = url.replace(":right@", ":swordfish@");
    let ran = home.run("summarizer", &["--store", &wrong, "--now", &at("12:10")]);
    assert!(!ran.stderr.contains("swordfish"), "{}", ran.about);
    ran.exits(2).says("are name and password right?");
    told(&url.replace("/postgres?", "/nowhere?"), "createdb makes it");
    told(&url.replace("127.0.0.1", "127.0.0.2"), "does PostgreSQL run there?");
    told(&format!("{url}&sslmode=prefer"), "which may go on without TLS");
    told(&format!("{url}&sslmode=verify-full"), "TLS");
    told(&format!("{url}&application=x"), "unknown option");
    // A store of a newer version, and a place with other things, are left alone.
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    rows(&url, "UPDATE store SET value = '99' WHERE key = 'schema'");
    let newer = home.run("summarizer", &["--now", &at("13:10")]);
    newer.exits(2).says("it is of version 99").says("a newer Daybook");
    rows(&url, "UPDATE store SET value = '5' WHERE key = 'schema'");
    settled(&home, &scene, &mut Recount::start());
}

#[test]
fn a_full_disk_of_the_server_loses_nothing() {
    let Some(disk) = Disk::of("size=96m") else { return };
    let mut server = Postgres::within(tempfile::tempdir_in(disk.path()).unwrap());
    let scene = Scene::before_summary();
    let home = over(&scene, &server.url());
    is_fine(&home.run("summarizer", &["--now", &at("12:10"), "store", "init"]));
    for free in [0, 40, 400] {
        disk.fill(free);
        let ran = home.run("summarizer", &["--now", &at("12:10")]);
        if free == 0 {
            assert!(matches!(ran.code, Some(1 | 2)), "{}", ran.about);
            assert_eq!(home.files("data/bikes-baywheels").len(), 4);
        }
        disk.relieve();
        // It may have ended itself: what it cannot log it does not do.
        server.kill();
        server.begin();
    }
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    settled(&home, &scene, &mut Recount::start());
}
