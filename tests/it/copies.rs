//! A store copied into another of any kind: whoever dies on the way, both say the same at the end,
//! and a home goes on with the copy, never with both.

use crate::crash::cases::{check_all, each};
use crate::crash::is_fine;
use crate::crash::scene::{Scene, at};
use crate::recount::Recount;
use crate::sandbox::{Kind, Ran, Sandbox, server_url};
use crate::served;

/// Two hours are counted in a store of its own.
fn counted(kind: Kind) -> (Scene, Sandbox) {
    let scene = Scene::before_summary();
    let home = scene.home.copy(kind);
    is_fine(&home.run("summarizer", &["--now", &at("12:10")]));
    (scene, home)
}

/// The address of another store of a kind.
fn other(home: &Sandbox, kind: Kind) -> String {
    match kind {
        Kind::Sqlite => format!("sqlite:{}", home.path("other.sqlite").display()),
        Kind::Server => server_url(),
    }
}

fn copy(home: &Sandbox, to: &str, more: &[&str]) -> Ran {
    let from = home.store().to_string();
    home.run("summarizer", &[&["-v", "store", "copy", &from, to], more].concat())
}

/// One more answer of each source lands, of the next hour.
fn fetch(home: &Sandbox, scene: &Scene) {
    let before = home.files("served").len();
    home.run("fetcher", &["--now", &at("12:05")]).exits(0);
    assert!(served::keep(home, &scene.given) > before);
}

/// Both stores are whole, and say what was served.
fn are_equal(home: &Sandbox, scene: &Scene, to: &str, recount: &mut Recount) {
    for store in [home.store(), to] {
        let audit = home.run("summarizer", &["--now", &at("13:00"), "--store", store, "audit"]);
        audit.exits(0).says("the difference is zero");
        let served = served::folder(home);
        assert_eq!(recount.differences(&served, store, &scene.unreadable), [""; 0], "{store}");
    }
}

fn goes_over(from: Kind, to: Kind) {
    let (scene, home) = counted(from);
    let to = other(&home, to);
    copy(&home, &to, &[]).exits(0).says("until then nothing is summarised");
    let mut recount = Recount::start();
    are_equal(&home, &scene, &to, &mut recount);
    // What comes now waits until the settings name the copy.
    fetch(&home, &scene);
    let old = home.run("summarizer", &["--now", &at("13:10")]);
    old.exits(2).says("went over to the store").says("--adopt");
    home.run("summarizer", &["--now", &at("13:10"), "--store", &to]).exits(0);
    let served = served::folder(&home);
    assert_eq!(recount.differences(&served, &to, &scene.unreadable), [""; 0]);
    copy(&home, &to, &[]).exits(2).says("has something that is not in the store");
}

#[test]
fn a_home_goes_over_from_the_embedded_store_to_a_server() {
    goes_over(Kind::Sqlite, Kind::Server);
}

#[test]
fn a_home_goes_over_from_a_server_to_the_embedded_store() {
    goes_over(Kind::Server, Kind::Sqlite);
}

#[test]
fn a_copy_may_die_anywhere_and_goes_on() {
    let (scene, home) = counted(Kind::Sqlite);
    let probe = other(&home, Kind::Server);
    let list = home.path("steps");
    let from = home.store().to_string();
    let hook = format!("list:{}", list.display());
    let all = ["store", "copy", &from, &probe, "--stay"];
    home.run_hooked("summarizer", &all, &hook).exits(0);
    let count = std::fs::read_to_string(list).unwrap().lines().count();
    let steps: Vec<usize> = each(5, (1..=count).collect());
    check_all("copies that die", &steps, |step, recount| {
        let (home, to) = (home.copy(Kind::Sqlite), server_url());
        let from = home.store().to_string();
        let all = ["store", "copy", &from, &to, "--stay"];
        home.run_hooked("summarizer", &all, &format!("kill:{step}")).was_killed();
        home.run("summarizer", &all).exits(0);
        let served = served::folder(&home);
        assert_eq!(recount.last_differences(&served, &to, &scene.unreadable), [""; 0]);
    });
    // The home goes on with what it had.
    is_fine(&home.run("summarizer", &["--now", &at("13:10")]));
}

#[test]
fn a_copy_that_is_old_takes_what_came_since() {
    let (scene, home) = counted(Kind::Sqlite);
    let to = other(&home, Kind::Server);
    copy(&home, &to, &["--stay"]).exits(0);
    fetch(&home, &scene);
    is_fine(&home.run("summarizer", &["--now", &at("13:10")]));
    copy(&home, &to, &["--stay"]).exits(0).says("before");
    are_equal(&home, &scene, &to, &mut Recount::start());
}

#[test]
fn a_copy_is_never_mixed_with_what_is_there() {
    let (_, home) = counted(Kind::Sqlite);
    let (_, stranger) = counted(Kind::Server);
    let found = copy(&home, stranger.store(), &[]).exits(2);
    found.says("has something that is not in the store").says("give an empty one");
    let own = home.store().to_string();
    copy(&home, &own, &[]).exits(2);
    let below_a_file = format!("sqlite:{}", home.path("daybook.toml/x.sqlite").display());
    copy(&home, &below_a_file, &[]).exits(2);
    let missing = format!("sqlite:{}", home.path("missing.sqlite").display());
    let nothing = ["store", "copy", &missing, &own];
    home.run("summarizer", &nothing).exits(2).says("there is no store at");
}

#[test]
fn a_home_goes_over_however_its_store_is_spelled() {
    let (_scene, home) = counted(Kind::Sqlite);
    let there = |arguments: &[&str]| {
        let mut command = home.command("summarizer", arguments);
        let output = command.current_dir(home.home()).output().unwrap();
        Ran::of(output, "summarizer", arguments, &home)
    };
    let old = "sqlite:daybook.sqlite";
    there(&["--store", old, "store", "copy", old, "sqlite:other.sqlite"]).exits(0);
    let ways = [old.to_string(), "sqlite:./daybook.sqlite".into(), home.store().to_string()];
    there(&["--store", old, "--now", &at("13:10")]).exits(2).says("went over to the store");
    for way in &ways {
        there(&["--store", way, "--now", &at("13:10")]).exits(2);
    }
    for way in ["sqlite:other.sqlite".to_string(), other(&home, Kind::Sqlite)] {
        there(&["--store", &way, "--now", &at("13:10")]).exits(0);
    }
    // From then on, too, and no copy of the old one is taken for the present; until somebody says
    // otherwise, and says it there.
    there(&["--store", "sqlite:other.sqlite", "--now", &at("13:15"), "run", "--adopt"]).exits(0);
    let again = ["store", "copy", old, "sqlite:third.sqlite"];
    there(&again).exits(2).says("is not in").says("--stay");
    there(&[&again[..], &["--stay"]].concat()).exits(0);
    there(&["--store", old, "--now", &at("13:20")]).exits(2);
    there(&["--store", old, "--now", &at("13:20"), "status"]).says("went over to the store");
    there(&["--store", old, "--now", &at("13:20"), "run", "--adopt"]).exits(0);
    there(&["--store", old, "--now", &at("14:10")]).exits(0);
}

#[test]
fn an_address_may_name_a_secret() {
    let (_scene, home) = counted(Kind::Sqlite);
    let there = |arguments: &[&str]| {
        let mut command = home.command("summarizer", arguments);
        command.current_dir(home.home()).env("DAYBOOK_SECRET_HIDDEN_PLACE", "two words");
        Ran::of(command.output().unwrap(), "summarizer", arguments, &home)
    };
    let to = "sqlite:{secret:hidden-place}.sqlite";
    there(&["store", "copy", home.store(), to]).exits(0);
    assert!(home.path("two%20words.sqlite").exists(), "written as addresses have it");
    there(&["--store", to, "--now", &at("13:10"), "audit"]).exits(0).says("difference is zero");
    let ran = there(&["--store", "sqlite:{secret:other}", "--now", &at("13:10"), "audit"]);
    ran.exits(2).says("a secret of its address is not given").says("DAYBOOK_SECRET_NAME");
}
